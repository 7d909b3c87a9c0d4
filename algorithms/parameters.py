"""Parameters of a node, made from the options of its stage, so that help, default and bounds are said once."""

from __future__ import annotations

from typing import Any

from qgis.core import (
    QgsProcessing,
    QgsProcessingAlgorithm,
    QgsProcessingOutputNumber,
    QgsProcessingOutputString,
    QgsProcessingParameterBoolean,
    QgsProcessingParameterCrs,
    QgsProcessingParameterDefinition,
    QgsProcessingParameterEnum,
    QgsProcessingParameterExtent,
    QgsProcessingParameterFeatureSource,
    QgsProcessingParameterField,
    QgsProcessingParameterFile,
    QgsProcessingParameterFileDestination,
    QgsProcessingParameterFolderDestination,
    QgsProcessingParameterMultipleLayers,
    QgsProcessingParameterNumber,
    QgsProcessingParameterRasterDestination,
    QgsProcessingParameterRasterLayer,
    QgsProcessingParameterString,
    QgsProcessingParameterVectorDestination,
)
from qgis.PyQt.QtCore import QCoreApplication

from ..core.options import OptionInfo, field_default, field_info, field_types
from ..core.stages import STAGES, Stage


class DeclaringAlgorithm(QgsProcessingAlgorithm):
    """A node that declares a parameter by its key and label; the key is the option's name in upper case."""

    STAGE = ""

    def stage(self) -> Stage:
        """Return the stage that the node runs."""
        return STAGES[self.STAGE]

    def tr(self, text: str) -> str:
        """Translate a text of the node."""
        return QCoreApplication.translate(type(self).__name__, text)

    def add_raster(self, key: str, label: str) -> None:
        """Declare a raster layer."""
        optional = not self._info(key).required
        self._add(key, QgsProcessingParameterRasterLayer(key, label, optional=optional))

    def add_rasters(self, key: str, label: str) -> None:
        """Declare a list of raster layers."""
        kind = QgsProcessing.SourceType.TypeRaster
        optional = not self._info(key).required
        self._add(key, QgsProcessingParameterMultipleLayers(key, label, kind, optional=optional))

    def add_files(self, key: str, label: str, *, advanced: bool = False) -> None:
        """Declare a list of files or folders, which need not be layers."""
        kind = QgsProcessing.SourceType.TypeFile
        optional = not self._info(key).required
        self._add(key, QgsProcessingParameterMultipleLayers(key, label, kind, optional=optional), advanced)

    def add_crs(self, key: str, label: str) -> None:
        """Declare a reference system."""
        self._add(key, QgsProcessingParameterCrs(key, label, optional=not self._info(key).required))

    def add_polygons(self, key: str, label: str) -> None:
        """Declare a polygon layer, with the choice of its selected features only."""
        kinds = [QgsProcessing.SourceType.TypeVectorPolygon]
        optional = not self._info(key).required
        self._add(key, QgsProcessingParameterFeatureSource(key, label, kinds, optional=optional))

    def add_polygon_layers(self, key: str, label: str) -> None:
        """Declare a list of polygon layers."""
        kind = QgsProcessing.SourceType.TypeVectorPolygon
        optional = not self._info(key).required
        self._add(key, QgsProcessingParameterMultipleLayers(key, label, kind, optional=optional))

    def add_points(self, key: str, label: str) -> None:
        """Declare a point layer, with the choice of its selected features only."""
        kinds = [QgsProcessing.SourceType.TypeVectorPoint]
        optional = not self._info(key).required
        self._add(key, QgsProcessingParameterFeatureSource(key, label, kinds, optional=optional))

    def add_columns(self, key: str, label: str, layer: str, *, advanced: bool = False) -> None:
        """Declare a list of columns of the layer that another parameter names."""
        definition = QgsProcessingParameterField(key, label, None, layer, allowMultiple=True, optional=True)
        self._add(key, definition, advanced)

    def add_file(self, key: str, label: str, file_filter: str) -> None:
        """Declare a file, or the name of one that is shipped."""
        file = QgsProcessingParameterFile.Behavior.File
        # A filter of one suffix alone would refuse the bare name of a shipped file.
        everything = f"{file_filter};;{self.tr('All files')} (*)"
        self._add(key, QgsProcessingParameterFile(key, label, file, fileFilter=everything))

    def add_folder(self, key: str, label: str) -> None:
        """Add a folder, by path."""
        folder = QgsProcessingParameterFile.Behavior.Folder
        self._add(key, QgsProcessingParameterFile(key, label, folder, optional=not self._info(key).required))

    def add_number(self, key: str, label: str, *, advanced: bool = False) -> None:
        """Declare a number within the option's bounds."""
        types = QgsProcessingParameterNumber.Type
        kind = types.Integer if self._option_type(key) is int else types.Double
        definition = QgsProcessingParameterNumber(key, label, kind, self._default(key))
        info = self._info(key)
        if info.minimum is not None:
            definition.setMinimum(info.minimum)
        if info.maximum is not None:
            definition.setMaximum(info.maximum)
        self._add(key, definition, advanced)

    def add_choice(self, key: str, label: str, *, advanced: bool = False) -> None:
        """Declare a choice among the option's texts, of several where the option is a list."""
        default = self._default(key)
        several = isinstance(default, tuple)
        value = list(default) if several else default
        choices = list(self._info(key).choices)
        definition = QgsProcessingParameterEnum(key, label, choices, several, value, usesStaticStrings=True)
        self._add(key, definition, advanced)

    def add_extent(self, key: str, label: str) -> None:
        """Declare a part of the map."""
        self._add(key, QgsProcessingParameterExtent(key, label, optional=True))

    def add_text(self, key: str, label: str, *, advanced: bool = False) -> None:
        """Declare a text; a list of texts is given with commas between."""
        default = self._default(key)
        value = ", ".join(default) if isinstance(default, tuple) else default
        optional = default in ("", ())
        self._add(key, QgsProcessingParameterString(key, label, value, optional=optional), advanced)

    def add_truth(self, key: str, label: str, *, advanced: bool = False) -> None:
        """Declare something that is true or false."""
        self._add(key, QgsProcessingParameterBoolean(key, label, self._default(key)), advanced)

    def add_raster_output(self, key: str, label: str) -> None:
        """Declare a raster that the stage writes."""
        optional = not self._info(key).required
        self._add(key, QgsProcessingParameterRasterDestination(key, label, None, optional, not optional))

    def add_vector_output(self, key: str, label: str, *, points: bool = False) -> None:
        """Declare a layer of polygons, or of points, that the stage writes."""
        optional = not self._info(key).required
        kinds = QgsProcessing.SourceType
        kind = kinds.TypeVectorPoint if points else kinds.TypeVectorPolygon
        self._add(key, QgsProcessingParameterVectorDestination(key, label, kind, None, optional, not optional))

    def add_file_output(self, key: str, label: str, file_filter: str) -> None:
        """Declare a file that the stage writes."""
        optional = not self._info(key).required
        self._add(key, QgsProcessingParameterFileDestination(key, label, file_filter, None, optional, not optional))

    def add_folder_output(self, key: str, label: str) -> None:
        """Declare a folder that the stage writes."""
        self._add(key, QgsProcessingParameterFolderDestination(key, label))

    def add_number_result(self, key: str, label: str) -> None:
        """Declare a figure of the stage's result as an output that a model can use."""
        self.addOutput(QgsProcessingOutputNumber(key, label))

    def add_text_result(self, key: str, label: str) -> None:
        """Declare a text of the stage's result as an output."""
        self.addOutput(QgsProcessingOutputString(key, label))

    def _add(self, key: str, definition: QgsProcessingParameterDefinition, advanced: bool = False) -> None:
        definition.setHelp(QCoreApplication.translate("Options", self._info(key).help))
        if advanced:
            definition.setFlags(definition.flags() | QgsProcessingParameterDefinition.Flag.FlagAdvanced)
        self.addParameter(definition)

    def _info(self, key: str) -> OptionInfo:
        return field_info(self.stage().options, key.lower())

    def _default(self, key: str) -> Any:
        return field_default(self.stage().options, key.lower())

    def _option_type(self, key: str) -> Any:
        return field_types(self.stage().options)[key.lower()]
