"""The Processing provider: registers the nodes and the graphical models."""

from __future__ import annotations

from qgis.core import QgsProcessingProvider
from qgis.PyQt.QtCore import QCoreApplication
from qgis.PyQt.QtGui import QIcon

from ..core.version import PACKAGE_FOLDER, version
from .accuracy import AccuracyAlgorithm
from .base import HELP_PAGE, ICON
from .change import ChangeAlgorithm
from .checkinventory import CheckInventoryAlgorithm
from .classify import ClassifyAlgorithm
from .coherence import CoherenceAlgorithm
from .coherencestatistics import CoherenceStatisticsAlgorithm
from .corrections import CorrectionsAlgorithm
from .densify import DensifyAlgorithm
from .describe import DescribeAlgorithm
from .describerules import DescribeRulesAlgorithm
from .featurestack import FeatureStackAlgorithm
from .fillholes import FillHolesAlgorithm
from .graphicalmodel import ShippedModel
from .growlandforms import GrowLandformsAlgorithm
from .heatmap import HeatmapAlgorithm
from .inventory import InventoryAlgorithm
from .maprockglaciers import MapRockGlaciersAlgorithm
from .mergebyclass import MergeByClassAlgorithm
from .objectfeatures import ObjectFeaturesAlgorithm
from .opticalcomposite import OpticalCompositeAlgorithm
from .outlines import OutlinesAlgorithm
from .previewsegmentation import PreviewSegmentationAlgorithm
from .quantise import QuantiseAlgorithm
from .removesmall import RemoveSmallAlgorithm
from .reshape import ReshapeAlgorithm
from .samplepoints import SamplePointsAlgorithm
from .samples import SamplesAlgorithm
from .scaleparameter import ScaleParameterAlgorithm
from .segment import SegmentAlgorithm
from .shrinklandforms import ShrinkLandformsAlgorithm
from .smoothheatmap import SmoothHeatmapAlgorithm
from .smoothlandforms import SmoothLandformsAlgorithm
from .splitlandforms import SplitLandformsAlgorithm
from .terrain import TerrainAlgorithm
from .traincnn import TrainCnnAlgorithm
from .tunerules import TuneRulesAlgorithm

ALGORITHMS = (
    OpticalCompositeAlgorithm,
    CoherenceAlgorithm,
    CoherenceStatisticsAlgorithm,
    TerrainAlgorithm,
    FeatureStackAlgorithm,
    SamplesAlgorithm,
    TrainCnnAlgorithm,
    DensifyAlgorithm,
    QuantiseAlgorithm,
    DescribeAlgorithm,
    DescribeRulesAlgorithm,
    HeatmapAlgorithm,
    SmoothHeatmapAlgorithm,
    PreviewSegmentationAlgorithm,
    ScaleParameterAlgorithm,
    SegmentAlgorithm,
    ObjectFeaturesAlgorithm,
    ClassifyAlgorithm,
    ReshapeAlgorithm,
    MergeByClassAlgorithm,
    GrowLandformsAlgorithm,
    ShrinkLandformsAlgorithm,
    FillHolesAlgorithm,
    SmoothLandformsAlgorithm,
    SplitLandformsAlgorithm,
    RemoveSmallAlgorithm,
    OutlinesAlgorithm,
    MapRockGlaciersAlgorithm,
    CorrectionsAlgorithm,
    SamplePointsAlgorithm,
    AccuracyAlgorithm,
    TuneRulesAlgorithm,
    ChangeAlgorithm,
    InventoryAlgorithm,
    CheckInventoryAlgorithm,
)


class RockGlacierProvider(QgsProcessingProvider):
    """All nodes of the plugin; it loads whatever packages are missing."""

    def id(self) -> str:
        """Return the provider's id, which saved models depend on."""
        return "rockglacier"

    def name(self) -> str:
        """Return the provider's title."""
        return QCoreApplication.translate("RockGlacierProvider", "Rock Glacier Mapper")

    def longName(self) -> str:
        """Return the provider's title with its version."""
        return f"{self.name()} {version()}"

    def versionInfo(self) -> str:
        """Return the plugin's version."""
        return version()

    def icon(self) -> QIcon:
        """Return the plugin's icon."""
        return QIcon(ICON)

    def svgIconPath(self) -> str:
        """Return the path of the plugin's icon."""
        return ICON

    def helpId(self) -> str:
        """Return the address of the toolbox reference."""
        return HELP_PAGE

    def loadAlgorithms(self) -> None:
        """Add the nodes, then the graphical models that are made of them."""
        for algorithm in ALGORITHMS:
            self.addAlgorithm(algorithm())
        for path in sorted((PACKAGE_FOLDER / "models").glob("*.model3")):
            model = ShippedModel()
            if model.fromFile(str(path)):
                model.setSourceFilePath(str(path))
                self.addAlgorithm(model)

    def supportedOutputRasterLayerExtensions(self) -> list[str]:
        """Return the suffixes of rasters that nodes write."""
        return ["tif"]

    def supportedOutputVectorLayerExtensions(self) -> list[str]:
        """Return the suffixes of vector files that nodes write."""
        return ["gpkg"]

    def defaultRasterFileExtension(self) -> str:
        """Return the suffix of a raster whose name is not given."""
        return "tif"

    def defaultVectorFileExtension(self, hasGeometry: bool = True) -> str:  # noqa: N803  (QGIS's keyword)
        """Return the suffix of a vector file whose name is not given."""
        return "gpkg"

    def supportsNonFileBasedOutput(self) -> bool:
        """Return False: the worker process writes files only."""
        return False
