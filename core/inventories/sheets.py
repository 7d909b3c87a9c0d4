"""The layers of an inventory as they are in files: which layer of the standard each is, and how it is spelled."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import shapely

from ..vectors.degrees import transformed, wgs84
from .standard import AOI, GO, LAYERS, MA, PM, PRIMARY_ID, PUBLISHED, TEMPLATE, WORKING_ID, Field, Layer
from .tables import Geometries, Table, find_column, layer_names, read_table

# What names of layers may hold, without blanks and signs.
_NAMES = {
    "primarymarker": PM,
    "movingarea": MA,
    "extendedoutline": GO,
    "restrictedoutline": GO,
    "geomorphologicaloutline": GO,
    "extendedfootprint": GO,
    "areaofinterest": AOI,
    "areasofinterest": AOI,
}
_POINTS = ("Point", "MultiPoint")
# Degrees; layers across the antimeridian go on beyond 180.
_TURN, _POLE = 360.0, 90.0


@dataclass(frozen=True)
class Sheet:
    """A layer of a file that is one of the standard's.

    Attributes
    ----------
    layer : Layer
    table : Table
    spelling : str
        published or template: that of which it has more names.
    """

    layer: Layer
    table: Table
    spelling: str

    def __len__(self) -> int:
        return len(self.table)

    def column_of(self, field: Field) -> str:
        """Return the column that holds a field under either spelling, whatever its case; "" for none."""
        names = list(self.table.columns)
        return find_column(names, field.spelled(self.spelling), field.name, field.template or field.name)

    def values(self, name: str) -> list[Any]:
        """Return the values of a field (by its published name), None for NULL and where there is no such field."""
        column = self.column_of(self.layer.field(name))
        return self.table.columns[column] if column else [None] * len(self)

    @cached_property
    def labels(self) -> list[str]:
        """What identifies each feature for a person: its identifier, its local name, else its place in the layer."""
        has = [name for name in (PRIMARY_ID, WORKING_ID) if any(field.name == name for field in self.layer.fields)]
        columns = [self.values(name) for name in has]
        return [
            next((str(values[row]) for values in columns if values[row]), f"row {row + 1}") for row in range(len(self))
        ]

    @cached_property
    def geometries(self) -> Geometries:
        """The geometries in WGS 84; as they are where there is no reference system."""
        if not self.table.crs:
            return self.table.geometries
        return transformed(self.table.geometries, self.table.crs, wgs84(), self.title)

    @cached_property
    def is_in_degrees(self) -> bool:
        """Whether the geometries lie on Earth, as they do not without a reference system, or with a wrong one."""
        there = [item for item in self.geometries if item is not None and not item.is_empty]
        if not self.table.crs or not there:
            return bool(self.table.crs)
        west, south, east, north = shapely.total_bounds(there)
        return bool(west >= -_TURN and east <= _TURN and south >= -_POLE and north <= _POLE)

    @property
    def title(self) -> str:
        """The layer's name in its file."""
        return f"The layer {self.table.name}"


def read_sheets(paths: Sequence[str]) -> tuple[list[Sheet], list[Table]]:
    """Read the layers of files.

    Parameters
    ----------
    paths : sequence of str
        Files, or single layers in QGIS's form ``path|layername=name``.

    Returns
    -------
    sheets : list of Sheet
        Those that are layers of the standard.
    others : list of Table
        Those that are not.

    Raises
    ------
    InvalidVectorError
        If a file cannot be read.
    """
    sheets, others = [], []
    for path in paths:
        for source in [path] if "|" in path else [f"{path}|layername={name}" for name in layer_names(path)]:
            table = read_table(source)
            name = recognised(table)
            if name:
                sheets.append(Sheet(LAYERS[name], table, _spelling(table, LAYERS[name])))
            else:
                others.append(table)
    return sheets, others


def recognised(table: Table) -> str:
    """Return which layer of the standard a layer is by its name, else by its fields; "" for none."""
    is_point = table.geometry in _POINTS or _holds_points(table)
    for name in _named(table.name):
        if (name == PM) == is_point:
            return name
    columns = {column.lower() for column in table.columns}
    if is_point:
        known = {name.lower() for field in LAYERS[PM].fields for name in (field.name, field.template) if name}
        return PM if PRIMARY_ID.lower() in columns or len(columns & (known - {"comment", "country"})) > 1 else ""
    if columns & {"outtype", "out.type", "polyuid", "relfr", "relleftlm"}:
        return GO
    if "velclass" in columns:
        return MA
    return GO if PRIMARY_ID.lower() in columns else ""


def _named(name: str) -> list[str]:
    """Return the layers of the standard that a name holds: `ESACCI_ROGI_GO_2025` is GO, as `Extended_Footprint` is."""
    words = re.split(r"[^A-Za-z]+", name)
    found = [word.upper() for word in words if word.upper() in LAYERS]
    return found + [layer for known, layer in _NAMES.items() if known in "".join(words).lower()]


def _holds_points(table: Table) -> bool:
    """Whether a layer that states no type of geometry holds points."""
    first = next((geometry for geometry in table.geometries if geometry is not None), None)
    return first is not None and shapely.get_dimensions(first) == 0


def _spelling(table: Table, layer: Layer) -> str:
    published = sum(field.name in table.columns for field in layer.fields)
    template = sum(bool(field.template) and field.template in table.columns for field in layer.fields)
    return TEMPLATE if template > published else PUBLISHED
