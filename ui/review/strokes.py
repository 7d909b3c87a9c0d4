"""What QGIS's own tools have done to the layer and not yet written: one stroke, taken out of the edit buffer."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from qgis.core import QgsFeature, QgsFields, QgsGeometry, QgsVectorLayer
from qgis.PyQt.QtCore import QVariant

from .geopackage import Value

SPLIT, DRAWN, REMOVED, RESHAPED, ATTRIBUTES = "split", "draw", "remove", "reshape", "attributes"


@dataclass
class Stroke:
    """Changes of the edit buffer by feature; features that were added have no number yet."""

    text: str
    geometries: dict[int, QgsGeometry] = field(default_factory=dict)
    attributes: dict[int, dict[str, Value]] = field(default_factory=dict)
    added: list[tuple[QgsGeometry, dict[str, Value]]] = field(default_factory=list)
    deleted: list[int] = field(default_factory=list)

    @property
    def what(self) -> str:
        """Return what the stroke did, in the journal's words."""
        if self.added:
            return SPLIT if self.geometries or self.deleted else DRAWN
        if self.geometries:
            return RESHAPED
        return REMOVED if self.deleted else ATTRIBUTES

    def features(self) -> set[int]:
        """Return the features that it changed."""
        return {*self.geometries, *self.attributes, *self.deleted}


def pending(layer: QgsVectorLayer) -> Stroke | None:
    """Return what the edit buffer holds; None where it is empty, or columns were added or removed."""
    buffer = layer.editBuffer()
    if buffer is None or not layer.isModified() or changes_columns(layer):
        return None
    fields, keys = layer.fields(), set(layer.primaryKeyAttributes())
    stroke = Stroke(layer.undoStack().undoText())
    stroke.geometries = {fid: QgsGeometry(shape) for fid, shape in buffer.changedGeometries().items()}
    for fid, values in buffer.changedAttributeValues().items():
        stroke.attributes[fid] = _named(fields, keys, values)
    for feature in buffer.addedFeatures().values():
        stroke.added.append((QgsGeometry(feature.geometry()), attributes_of(feature, fields, keys)))
    stroke.deleted = list(buffer.deletedFeatureIds())
    return stroke


def changes_columns(layer: QgsVectorLayer) -> bool:
    """Return whether the edit buffer adds, removes or renames columns."""
    if layer.editBuffer() is None:
        return False
    columns = [field.name() for place, field in enumerate(layer.fields()) if _is_stored(layer.fields(), place)]
    return bool(layer.editBuffer().addedAttributes()) or columns != layer.dataProvider().fields().names()


def attributes_of(feature: QgsFeature, fields: QgsFields, keys: set[int]) -> dict[str, Value]:
    """Return the attributes of a feature that are stored in the file, without the row's number."""
    return _named(fields, keys, dict(enumerate(feature.attributes())))


def plain(value: Any) -> Value:
    """Return a value of QGIS as SQLite stores it."""
    if value is None or (isinstance(value, QVariant) and value.isNull()):
        return None
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, (int, float, str, bytes)):
        return value
    if hasattr(value, "toString"):
        return str(value.toString("yyyy-MM-ddThh:mm:ss.zzzZ" if hasattr(value, "time") else "yyyy-MM-dd"))
    return bytes(value) if hasattr(value, "data") else str(value)


def _named(fields: QgsFields, keys: set[int], values: dict[int, Any]) -> dict[str, Value]:
    return {
        fields.at(place).name(): plain(value)
        for place, value in values.items()
        if place not in keys and place < fields.count() and _is_stored(fields, place)
    }


def _is_stored(fields: QgsFields, place: int) -> bool:
    return bool(fields.fieldOrigin(place) == QgsFields.FieldOrigin.OriginProvider)
