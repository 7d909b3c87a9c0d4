"""What is checked before a node runs; each problem is one sentence that says what was given and what is expected."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path, PurePath
from typing import Any

from qgis.core import (
    QgsMapLayer,
    QgsProcessing,
    QgsProcessingAlgorithm,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeatureSourceDefinition,
    QgsProcessingParameterDefinition,
)

from .shipped import SHIPPED
from .values import (
    destination_text,
    file_names,
    holds_files,
    holds_polygons,
    layer_of_value,
    listed,
    listed_layers,
    polygon_source,
    raster_source,
)

Parameters = Mapping[str, Any]

_LAYER_SUFFIXES = {"rasterDestination": (".tif", ".tiff"), "vectorDestination": (".gpkg",)}


def first_problem(algorithm: QgsProcessingAlgorithm, parameters: Parameters, context: QgsProcessingContext) -> str:
    """Return the first problem of the values given to a node, "" where there is none."""
    return next(_Checker(algorithm, parameters, context).problems(), "")


class _Checker:
    """Checks the values of one run, in the order of the parameters."""

    def __init__(
        self, algorithm: QgsProcessingAlgorithm, parameters: Parameters, context: QgsProcessingContext
    ) -> None:
        self._algorithm = algorithm
        self._parameters = parameters
        self._context = context
        self._checks = {
            "raster": self._raster,
            "multilayer": self._rasters,
            "source": self._features,
            "number": self._number,
            "file": self._file,
            "string": self._text,
        }

    def problems(self) -> Iterator[str]:
        """Yield every problem."""
        for definition in self._algorithm.parameterDefinitions():
            if definition.isDestination():
                yield from self._destination(definition)
            elif self._is_given(definition):
                yield from self._checks.get(definition.type(), self._nothing)(definition)
            elif _is_required(definition):
                yield f"The parameter {definition.description()} is missing."

    def _is_given(self, definition: QgsProcessingParameterDefinition) -> bool:
        value = self._parameters.get(definition.name())
        return value is not None and value not in ("", [])

    def _raster(self, definition: QgsProcessingParameterDefinition) -> Iterator[str]:
        layer = self._algorithm.parameterAsRasterLayer(self._parameters, definition.name(), self._context)
        text = self._algorithm.parameterAsString(self._parameters, definition.name(), self._context)
        yield from _layer_problems(definition, text, layer, raster_source, "raster")

    def _rasters(self, definition: QgsProcessingParameterDefinition) -> Iterator[str]:
        if holds_files(definition):
            yield from self._files(definition)
            return
        polygons = holds_polygons(definition)
        source, kind = (polygon_source, "polygon layer") if polygons else (raster_source, "raster")
        for text, layer in listed_layers(self._parameters.get(definition.name()), self._context):
            yield from _layer_problems(definition, text, layer, source, kind)

    def _files(self, definition: QgsProcessingParameterDefinition) -> Iterator[str]:
        for name in file_names(self._parameters.get(definition.name())):
            path = name.partition("|layername=")[0]
            # What GDAL opens need not be a file: a dataset within one has a colon in its name, as an address has.
            if name != "none" and ":" not in name and not name.startswith("/vsi") and not Path(path).exists():
                yield f"{definition.description()}: there is no file or folder {name}."

    def _features(self, definition: QgsProcessingParameterDefinition) -> Iterator[str]:
        text, layer = self._vector_layer(definition.name())
        if layer is None:
            yield _not_loaded(definition, text, "polygon layer" if _holds_polygons(definition) else "point layer")
        elif layer.isModified():
            # The engine reads files, so that edits which QGIS alone knows would be left out without a word.
            yield f"The layer {layer.name()} has edits that are not saved; save them first."
        else:
            yield from _system_problems(layer)

    def _vector_layer(self, key: str) -> tuple[str, QgsMapLayer | None]:
        """Return how a vector layer was given, all of it or what is selected, and the layer."""
        value = self._parameters.get(key)
        if isinstance(value, QgsProcessingFeatureSourceDefinition):
            return layer_of_value(value.source, self._context)
        text = self._algorithm.parameterAsString(self._parameters, key, self._context)
        return text, self._algorithm.parameterAsVectorLayer(self._parameters, key, self._context)

    def _number(self, definition: QgsProcessingParameterDefinition) -> Iterator[str]:
        label = definition.description()
        value = self._algorithm.parameterAsDouble(self._parameters, definition.name(), self._context)
        if value < definition.minimum():
            yield f"{label} must be at least {definition.minimum():g}, but {value:g} was given."
        if value > definition.maximum():
            yield f"{label} must be at most {definition.maximum():g}, but {value:g} was given."

    def _file(self, definition: QgsProcessingParameterDefinition) -> Iterator[str]:
        text = self._algorithm.parameterAsString(self._parameters, definition.name(), self._context)
        if definition.name() not in SHIPPED:
            if text and not Path(text).is_dir():
                yield f"{definition.description()}: there is no folder {text}."
            return
        problem = SHIPPED[definition.name()].problem(text)
        if problem:
            yield problem

    def _text(self, definition: QgsProcessingParameterDefinition) -> Iterator[str]:
        if definition.name() == "WEIGHTS":
            text = self._algorithm.parameterAsString(self._parameters, definition.name(), self._context)
            yield from _weight_problems(text)

    def _destination(self, definition: QgsProcessingParameterDefinition) -> Iterator[str]:
        if definition.type() == "folderDestination":
            return
        path = destination_text(definition, self._parameters)
        suffixes = _LAYER_SUFFIXES.get(definition.type()) or re.findall(r"\*(\.\w+)", definition.fileFilter())
        if path and PurePath(path).suffix.lower() not in suffixes:
            yield f"{definition.description()} must be a {suffixes[0]} file, but {path} was given."

    def _nothing(self, _definition: QgsProcessingParameterDefinition) -> Iterator[str]:
        return iter(())


def _holds_polygons(definition: QgsProcessingParameterDefinition) -> bool:
    return bool(QgsProcessing.SourceType.TypeVectorPolygon in definition.dataTypes())


def _is_required(definition: QgsProcessingParameterDefinition) -> bool:
    is_optional = definition.flags() & QgsProcessingParameterDefinition.Flag.FlagOptional
    return not is_optional and definition.defaultValue() is None


def _layer_problems(
    definition: QgsProcessingParameterDefinition,
    text: str,
    layer: QgsMapLayer | None,
    source: Callable[[QgsMapLayer], str],
    kind: str,
) -> Iterator[str]:
    if layer is None:
        yield _not_loaded(definition, text, kind)
        return
    try:
        source(layer)
    except QgsProcessingException as error:
        yield str(error)
        return
    yield from _system_problems(layer)


def _system_problems(layer: QgsMapLayer) -> Iterator[str]:
    """Say that a layer lies elsewhere in QGIS than its file says, which is what the engine reads."""
    stated = layer.dataProvider().crs()
    if stated.isValid() and layer.crs().isValid() and stated != layer.crs():
        yield (
            f"The layer {layer.name()} has the system {layer.crs().authid() or layer.crs().description()} in QGIS, but "
            f"its file says {stated.authid() or stated.description()}, which counts. Save it under another name with "
            "the right system (Export > Save As)."
        )


def _not_loaded(definition: QgsProcessingParameterDefinition, text: str, kind: str) -> str:
    if Path(text.partition("|")[0]).exists():
        return f"{definition.description()}: {text} cannot be read as a {kind}."
    return f"{definition.description()}: there is no layer or file {text}."


def _weight_problems(text: str) -> Iterator[str]:
    for item in listed(text):
        role, _, number = item.rpartition("=")
        if not role.strip() or not _is_weight(number):
            yield f"The weight {item!r} must be given as role=number with a number from 0 up, such as coherence=2."


def _is_weight(text: str) -> bool:
    try:
        return 0 <= float(text) < math.inf
    except ValueError:
        return False
