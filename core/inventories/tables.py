"""Vector layers of any geometry, with their fields as they are: inventories of others hold points and polygons."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from ..errors import InvalidVectorError
from ..rasters.geodata import gdal, ogr
from ..vectors.vector import NO_SYSTEM, opened_layer

Geometries = NDArray[np.object_]

_KINDS = {ogr.OFTInteger: "integer", ogr.OFTInteger64: "integer", ogr.OFTReal: "real"}
# Tables that programs keep in a GeoPackage for themselves.
_PRIVATE = ("layer_styles", "qgis_projects")


@dataclass(frozen=True)
class Table:
    """A layer in memory.

    Attributes
    ----------
    path, name : str
        The file and the layer.
    geometry : str
        Type of the geometries as the layer states it, such as ``MultiPolygon``.
    crs : str
        Reference system as WKT; empty where there is none.
    geometries : array of shapely geometries, shape (n,)
        As stored, without heights and curves; None where a row has none.
    kinds : dict of str
        Type of each field: text, integer or real.
    columns : dict of list
        Values of each field, None for NULL.
    has_heights : bool
        Whether the stored geometries have a third coordinate.
    """

    path: str
    name: str
    geometry: str
    crs: str
    geometries: Geometries
    kinds: dict[str, str]
    columns: dict[str, list[Any]]
    has_heights: bool

    def __len__(self) -> int:
        return len(self.geometries)


def layer_names(path: str) -> list[str]:
    """Return the names of a file's layers with geometries.

    Raises
    ------
    InvalidVectorError
        If the file cannot be read.
    """
    with _opened(path) as dataset:
        layers = [dataset.GetLayer(number) for number in range(dataset.GetLayerCount())]
        return [
            layer.GetName()
            for layer in layers
            if layer.GetGeomType() != ogr.wkbNone and layer.GetName() not in _PRIVATE
        ]


def read_table(source: str) -> Table:
    """Read a layer.

    Parameters
    ----------
    source : str
        A path, or QGIS's form ``path|layername=name``, with a filter too; without a name the first layer is read.

    Raises
    ------
    InvalidVectorError
        If the file or the layer cannot be read.
    """
    path = source.partition("|")[0]
    try:
        dataset, layer, _ = opened_layer(source, "points or polygons")
        table = _table(path, layer)
    except RuntimeError as error:
        raise InvalidVectorError(f"{path} cannot be read as a vector layer: {error}") from error
    del dataset
    return table


@contextlib.contextmanager
def _opened(path: str) -> Iterator[gdal.Dataset]:
    try:
        yield gdal.OpenEx(path, gdal.OF_VECTOR)
    except RuntimeError as error:
        raise InvalidVectorError(f"{path} cannot be read as a vector layer: {error}") from error


def _table(path: str, layer: ogr.Layer) -> Table:
    definition = layer.GetLayerDefn()
    fields = [definition.GetFieldDefn(number) for number in range(definition.GetFieldCount())]
    kinds = {field.GetName(): _KINDS.get(field.GetType(), "text") for field in fields}
    columns: dict[str, list[Any]] = {name: [] for name in kinds}
    wkb: list[bytes | None] = []
    for feature in layer:
        wkb.append(_wkb(feature.GetGeometryRef()))
        for number, name in enumerate(kinds):
            columns[name].append(_value(feature, number, kinds[name]))
    reference = layer.GetSpatialRef()
    known = reference is not None and not reference.GetName().startswith(NO_SYSTEM)
    kind = layer.GetGeomType()
    geometries: Geometries = np.array(shapely.from_wkb(wkb), dtype=object).reshape(len(wkb))
    return Table(
        path,
        layer.GetName(),
        ogr.GeometryTypeToName(ogr.GT_Flatten(kind)).replace(" ", ""),
        str(reference.ExportToWkt()) if known else "",
        geometries,
        kinds,
        columns,
        bool(ogr.GT_HasZ(kind)),
    )


def _wkb(geometry: ogr.Geometry | None) -> bytes | None:
    if geometry is None:
        return None
    flat = geometry.GetLinearGeometry()
    flat.FlattenTo2D()
    return bytes(flat.ExportToWkb())


def _value(feature: ogr.Feature, number: int, kind: str) -> Any:
    if not feature.IsFieldSetAndNotNull(number):
        return None
    if kind == "integer":
        return feature.GetFieldAsInteger64(number)
    return feature.GetFieldAsDouble(number) if kind == "real" else feature.GetFieldAsString(number)


def find_column(names: Sequence[str], *wanted: str) -> str:
    """Return the first of the wanted names that is among names, whatever its case; "" for none."""
    known = {name.lower(): name for name in reversed(names)}
    return next((known[name.lower()] for name in wanted if name.lower() in known), "")
