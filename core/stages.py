"""The registry of stages: all that a host knows of the engine."""

from __future__ import annotations

import contextlib
import importlib
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from .contracts.accuracy import AccuracyOptions, AccuracyResult
from .contracts.change import ChangeOptions, ChangeResult
from .contracts.checkinventory import CheckInventoryOptions, CheckInventoryResult
from .contracts.classify import ClassifyOptions, ClassifyResult
from .contracts.coherence import CoherenceOptions, CoherenceResult
from .contracts.coherencestatistics import CoherenceStatisticsOptions, CoherenceStatisticsResult
from .contracts.corrections import CorrectionsOptions, CorrectionsResult
from .contracts.densify import DensifyOptions, DensifyResult
from .contracts.describe import DescribeOptions, DescribeResult
from .contracts.describerules import DescribeRulesOptions, DescribeRulesResult
from .contracts.featurestack import FeatureStackOptions, FeatureStackResult
from .contracts.heatmap import HeatmapOptions, HeatmapResult
from .contracts.inventory import InventoryOptions, InventoryResult
from .contracts.maprockglaciers import MapRockGlaciersOptions, MapRockGlaciersResult
from .contracts.objectfeatures import ObjectFeaturesOptions, ObjectFeaturesResult
from .contracts.opticalcomposite import OpticalCompositeOptions, OpticalCompositeResult
from .contracts.outlines import OutlinesOptions, OutlinesResult
from .contracts.previewsegmentation import PreviewSegmentationOptions, PreviewSegmentationResult
from .contracts.quantise import QuantiseOptions, QuantiseResult
from .contracts.reshape import ReshapeOptions, ReshapeResult
from .contracts.ruletrial import (
    ExplainObjectOptions,
    ExplainObjectResult,
    ObjectColumnsOptions,
    ObjectColumnsResult,
    TryRulesOptions,
    TryRulesResult,
)
from .contracts.samplepoints import SamplePointsOptions, SamplePointsResult
from .contracts.samples import SamplesOptions, SamplesResult
from .contracts.scaleparameter import ScaleParameterOptions, ScaleParameterResult
from .contracts.segment import SegmentOptions, SegmentResult
from .contracts.smoothheatmap import SmoothHeatmapOptions, SmoothHeatmapResult
from .contracts.terrain import TerrainOptions, TerrainResult
from .contracts.traincnn import TrainCnnOptions, TrainCnnResult
from .contracts.tunerules import TuneRulesOptions, TuneRulesResult
from .errors import InvalidOptionError, MissingPackageError
from .options import Options
from .progress import Progress


@dataclass(frozen=True)
class Stage:
    """One stage: its contract, the module of `core` that runs it, and the packages that it needs.

    `packages` are import names; numpy and GDAL are taken for granted.
    """

    name: str
    options: type[Options]
    result: type
    module: str
    packages: tuple[str, ...] = ()

    def run(self, options: Options, progress: Progress) -> Any:
        """Run the stage in this process, importing its module now.

        Raises
        ------
        MapperError
            Whatever the stage raises; `MissingPackageError` if a package is not installed.
        """
        with self._naming_missing_packages():
            return self.function()(options, progress)

    def function(self) -> Callable[[Any, Progress], Any]:
        """Return the stage's `run`, importing its module."""
        with self._naming_missing_packages():
            module = importlib.import_module(f".{self.module}", __package__)
        run: Callable[[Any, Progress], Any] = module.run
        return run

    @contextlib.contextmanager
    def _naming_missing_packages(self) -> Iterator[None]:
        try:
            yield
        except ModuleNotFoundError as error:
            if (error.name or "").startswith(__package__):
                raise
            raise MissingPackageError(
                f"Stage `{self.name}` needs the Python package {error.name!r}, which is not installed. "
                f"Install it for {sys.executable}, for example with `make setup` (`make train-packages` for training)."
            ) from error
        except ImportError as error:
            if "numpy" not in str(error):
                raise
            raise MissingPackageError(
                f"Stage `{self.name}` finds a numpy that its other packages were not built for ({error}). GDAL's "
                "bindings come with QGIS or the system: install the packages again with the numpy of that, which "
                f"{sys.executable} finds where no other is installed."
            ) from error


_STAGES = (
    Stage("opticalcomposite", OpticalCompositeOptions, OpticalCompositeResult, "optical.opticalcomposite"),
    Stage("coherence", CoherenceOptions, CoherenceResult, "radar.coherence"),
    Stage("coherencestatistics", CoherenceStatisticsOptions, CoherenceStatisticsResult, "radar.coherencestatistics"),
    Stage("terrain", TerrainOptions, TerrainResult, "terrain.terrain", ("scipy",)),
    Stage("featurestack", FeatureStackOptions, FeatureStackResult, "stacking.featurestack", ("skimage",)),
    Stage("samples", SamplesOptions, SamplesResult, "samples.samples", ("shapely", "scipy")),
    Stage("corrections", CorrectionsOptions, CorrectionsResult, "samples.corrections", ("shapely", "scipy")),
    Stage("heatmap", HeatmapOptions, HeatmapResult, "heatmaps.heatmap", ("onnxruntime", "shapely")),
    Stage("smoothheatmap", SmoothHeatmapOptions, SmoothHeatmapResult, "heatmaps.smoothheatmap", ("scipy",)),
    Stage("segment", SegmentOptions, SegmentResult, "segmentation.segment", ("numba", "scipy", "skimage")),
    Stage(
        "previewsegmentation",
        PreviewSegmentationOptions,
        PreviewSegmentationResult,
        "segmentation.previewsegmentation",
        ("numba", "scipy", "skimage"),
    ),
    Stage(
        "scaleparameter",
        ScaleParameterOptions,
        ScaleParameterResult,
        "segmentation.scaleparameter",
        ("numba", "shapely"),
    ),
    Stage("objectfeatures", ObjectFeaturesOptions, ObjectFeaturesResult, "objects.objectfeatures", ("shapely",)),
    Stage("classify", ClassifyOptions, ClassifyResult, "rules.classify", ("shapely", "scipy")),
    Stage("reshape", ReshapeOptions, ReshapeResult, "landforms.reshape", ("shapely", "scipy")),
    Stage("outlines", OutlinesOptions, OutlinesResult, "landforms.outlines", ("shapely",)),
    Stage(
        "maprockglaciers",
        MapRockGlaciersOptions,
        MapRockGlaciersResult,
        "workflow",
        ("numba", "onnxruntime", "shapely", "scipy", "skimage"),
    ),
    Stage("accuracy", AccuracyOptions, AccuracyResult, "assessment.accuracy", ("shapely", "scipy")),
    Stage("samplepoints", SamplePointsOptions, SamplePointsResult, "assessment.samplepoints", ("shapely", "scipy")),
    Stage("tunerules", TuneRulesOptions, TuneRulesResult, "tuning.tunerules", ("shapely", "scipy")),
    Stage("change", ChangeOptions, ChangeResult, "changes.change", ("shapely", "scipy")),
    Stage("inventory", InventoryOptions, InventoryResult, "inventories.inventory", ("shapely",)),
    Stage("checkinventory", CheckInventoryOptions, CheckInventoryResult, "inventories.checkinventory", ("shapely",)),
    Stage("describe", DescribeOptions, DescribeResult, "networks.describe"),
    Stage("describerules", DescribeRulesOptions, DescribeRulesResult, "rules.describerules"),
    Stage("objectcolumns", ObjectColumnsOptions, ObjectColumnsResult, "rules.objectcolumns", ("shapely", "scipy")),
    Stage("tryrules", TryRulesOptions, TryRulesResult, "rules.tryrules", ("shapely", "scipy")),
    Stage("explainobject", ExplainObjectOptions, ExplainObjectResult, "rules.explainobject", ("shapely", "scipy")),
    Stage("quantise", QuantiseOptions, QuantiseResult, "networks.quantise", ("onnx", "onnxruntime")),
    Stage(
        "traincnn",
        TrainCnnOptions,
        TrainCnnResult,
        "training.traincnn",
        ("torch", "onnx", "onnxruntime", "shapely"),
    ),
    Stage("densify", DensifyOptions, DensifyResult, "networks.dense", ("onnx", "onnxruntime")),
)
STAGES = {stage.name: stage for stage in _STAGES}


def stage_named(name: str) -> Stage:
    """Return the stage called `name`.

    Raises
    ------
    InvalidOptionError
        If there is none.
    """
    if name not in STAGES:
        raise InvalidOptionError(f"There is no stage `{name}`. Stages are: {', '.join(STAGES)}.")
    return STAGES[name]
