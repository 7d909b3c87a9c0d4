"""From the values of Processing parameters to the plain values of a stage's options: every layer becomes text."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from qgis.core import (
    QgsMapLayer,
    QgsProcessing,
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProcessingOutputLayerDefinition,
    QgsProcessingParameterDefinition,
    QgsProcessingUtils,
    QgsProperty,
    QgsRasterLayer,
    QgsVectorFileWriter,
    QgsVectorLayer,
)

from ..host.systems import crs_text

Parameters = Mapping[str, Any]

# An extent as QGIS writes it: xmin,xmax,ymin,ymax, and possibly its system.
_NUMBERS = re.compile(r"\s*[-+.\d]")


class OptionReader:
    """Reads the values given to a node as the values of its stage's options.

    Parameters
    ----------
    algorithm : QgsProcessingAlgorithm
        The node, which knows the defaults.
    parameters : mapping
        What the node was given.
    context, feedback
        Those of the run.
    """

    def __init__(
        self,
        algorithm: QgsProcessingAlgorithm,
        parameters: Parameters,
        context: QgsProcessingContext,
        feedback: QgsProcessingFeedback,
    ) -> None:
        self._algorithm = algorithm
        self._parameters = parameters
        self._context = context
        self._feedback = feedback
        self._readers = {
            "raster": self._raster,
            "multilayer": self._rasters,
            "source": self._features,
            "field": self._columns,
            "crs": self._crs,
            "number": self._number,
            "enum": self._choice,
            "boolean": self._truth,
            "extent": self._extent,
            "rasterDestination": self._output_layer,
            "vectorDestination": self._output_layer,
            "fileDestination": self._output_file,
            "folderDestination": self._output_file,
        }

    def read(self, key: str, option_type: Any) -> Any:
        """Return the value of one parameter as the option's type.

        Raises
        ------
        QgsProcessingException
            If a layer is of a kind that the engine cannot read.
        """
        definition = self._algorithm.parameterDefinition(key)
        reader = self._readers.get(definition.type(), self._text)
        return reader(key, option_type)

    def _raster(self, key: str, _type: Any) -> str:
        layer = self._algorithm.parameterAsRasterLayer(self._parameters, key, self._context)
        return raster_source(layer) if layer is not None else self._text(key, str)

    def _rasters(self, key: str, _type: Any) -> list[str]:
        if holds_files(self._algorithm.parameterDefinition(key)):
            return file_names(self._parameters.get(key))
        layers = listed_layers(self._parameters.get(key), self._context)
        source = polygon_source if holds_polygons(self._algorithm.parameterDefinition(key)) else raster_source
        return [text if layer is None else source(layer) for text, layer in layers]

    def _features(self, key: str, _type: Any) -> str:
        path, name = self._algorithm.parameterAsCompatibleSourceLayerPathAndLayerName(
            self._parameters,
            key,
            self._context,
            QgsVectorFileWriter.supportedFormatExtensions(),
            "gpkg",
            self._feedback,
        )
        # A file that QGIS cannot load goes to the engine as it is: its message says what is wrong with it.
        return f"{path}|layername={name}" if path and name else path or self._text(key, str)

    def _crs(self, key: str, _type: Any) -> str:
        return crs_text(self._algorithm.parameterAsCrs(self._parameters, key, self._context))

    def _columns(self, key: str, _type: Any) -> list[str]:
        value = self._parameters.get(key)
        # A model or the command line may give the list as one text.
        names = value if isinstance(value, (list, tuple)) else re.split(r"[;,]", str(value or ""))
        return [str(name).strip() for name in names if str(name).strip()]

    def _number(self, key: str, option_type: Any) -> float | int:
        if option_type is int:
            return self._algorithm.parameterAsInt(self._parameters, key, self._context)
        return self._algorithm.parameterAsDouble(self._parameters, key, self._context)

    def _choice(self, key: str, option_type: Any) -> str | list[str]:
        if option_type is str:
            return self._algorithm.parameterAsEnumString(self._parameters, key, self._context)
        return self._algorithm.parameterAsEnumStrings(self._parameters, key, self._context)

    def _truth(self, key: str, _type: Any) -> bool:
        return self._algorithm.parameterAsBool(self._parameters, key, self._context)

    def _extent(self, key: str, _type: Any) -> str:
        value = self._parameters.get(key)
        if value in (None, ""):
            return ""
        if isinstance(value, str) and _NUMBERS.match(value):
            # QGIS would take an extent without a system for one in the project's.
            return value
        extent = self._algorithm.parameterAsExtent(self._parameters, key, self._context)
        system = self._algorithm.parameterAsExtentCrs(self._parameters, key, self._context)
        sides = (extent.xMinimum(), extent.xMaximum(), extent.yMinimum(), extent.yMaximum())
        return ",".join(map(repr, sides)) + (f" [{system.toWkt()}]" if system.isValid() else "")

    def _text(self, key: str, option_type: Any) -> str | list[str]:
        text = self._algorithm.parameterAsString(self._parameters, key, self._context).strip()
        return text if option_type is str else listed(text)

    def _output_layer(self, key: str, _type: Any) -> str:
        return self._algorithm.parameterAsOutputLayer(self._parameters, key, self._context)

    def _output_file(self, key: str, _type: Any) -> str:
        return self._algorithm.parameterAsFileOutput(self._parameters, key, self._context)


def raster_source(layer: QgsMapLayer) -> str:
    """Return the file behind a raster layer.

    Raises
    ------
    QgsProcessingException
        If the layer is no raster, or comes from a server.
    """
    if not isinstance(layer, QgsRasterLayer):
        raise QgsProcessingException(f"The layer {layer.name()} is no raster; a raster is expected.")
    if layer.providerType() != "gdal":
        raise QgsProcessingException(
            f"The raster {layer.name()} comes from a {layer.providerType()} source, but a file is expected. "
            "Save it as a GeoTIFF first (Layer > Save As)."
        )
    return layer.source().partition("|")[0]


def listed_layers(value: Any, context: QgsProcessingContext) -> list[tuple[str, QgsMapLayer | None]]:
    """Return what a list of layers was given as, with the layer of each, None where QGIS cannot load it.

    QGIS's own function drops what it cannot load without a word.
    """
    items = value if isinstance(value, (list, tuple)) else [value]
    return [layer_of_value(item, context) for item in items if item not in (None, "")]


def layer_of_value(item: Any, context: QgsProcessingContext) -> tuple[str, QgsMapLayer | None]:
    """Return how a layer was given, and the layer, None where QGIS cannot load it."""
    if isinstance(item, QgsMapLayer):
        return item.source(), item
    if isinstance(item, QgsProperty):
        item = item.valueAsString(context.expressionContext(), "")[0]
    return str(item), QgsProcessingUtils.mapLayerFromString(str(item), context)


def holds_files(definition: QgsProcessingParameterDefinition) -> bool:
    """Whether a list of layers is one of files or folders of any kind."""
    return bool(definition.layerType() == QgsProcessing.SourceType.TypeFile)


def holds_polygons(definition: QgsProcessingParameterDefinition) -> bool:
    """Whether a list of layers is one of polygons."""
    return bool(definition.layerType() == QgsProcessing.SourceType.TypeVectorPolygon)


def polygon_source(layer: QgsMapLayer) -> str:
    """Return the file, layer and filter behind a polygon layer.

    Raises
    ------
    QgsProcessingException
        If the layer is no vector layer, comes from no file, or has unsaved edits.
    """
    if not isinstance(layer, QgsVectorLayer):
        raise QgsProcessingException(f"The layer {layer.name()} is no polygon layer; a polygon layer is expected.")
    if layer.providerType() != "ogr":
        raise QgsProcessingException(
            f"The layer {layer.name()} comes from a {layer.providerType()} source, but a file is expected. "
            "Save it as a GeoPackage first (Layer > Save As)."
        )
    if layer.isModified():
        raise QgsProcessingException(f"The layer {layer.name()} has edits that are not saved; save them first.")
    return layer.source()


def file_names(value: Any) -> list[str]:
    """Return the files or folders in a list."""
    items = value if isinstance(value, (list, tuple)) else [value]
    return [item.source() if isinstance(item, QgsMapLayer) else str(item) for item in items if item not in (None, "")]


def destination_text(definition: QgsProcessingParameterDefinition, parameters: Parameters) -> str:
    """Return the file named as a destination, "" where none or a temporary one is meant."""
    value = parameters.get(definition.name())
    if isinstance(value, QgsProcessingOutputLayerDefinition):
        value = value.sink
    if isinstance(value, QgsProperty):
        value = value.staticValue()
    return "" if value in (None, "TEMPORARY_OUTPUT") else str(value)


def listed(text: str) -> list[str]:
    """Return the items of a text with commas between them."""
    return [item.strip() for item in text.split(",") if item.strip()]
