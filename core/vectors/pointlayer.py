"""Reading and writing layers of points with their attributes: few enough to go through OGR one by one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import InvalidVectorError, OutputError
from ..files import check_writable, replacing
from ..provenance import METADATA_KEY, Step, from_text, to_text
from ..rasters.geodata import gdal, ogr, reported_failures, spatial_reference
from .vector import NO_SYSTEM, opened_layer, transformation_to


@dataclass(frozen=True)
class PointLayer:
    """A layer of points in memory.

    Attributes
    ----------
    coordinates : ndarray of float, shape (n, 2)
    columns : dict of ndarray, shape (n,)
        Attributes: float64 with NaN for NULL, int64, or text objects with None for NULL.
    crs : str
        Reference system as WKT; empty where there is none.
    provenance : list of dict
        Steps that made the layer, as far as it knows.
    """

    coordinates: NDArray[np.float64]
    columns: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    crs: str = ""
    provenance: Sequence[Step] = ()

    def __len__(self) -> int:
        return len(self.coordinates)


def read_points(source: str, crs: str, columns: Iterable[str]) -> PointLayer:
    """Read a layer of points.

    Parameters
    ----------
    source : str
        A path, or QGIS's form ``path|layername=name``; without a name the first layer is read.
    crs : str
        Reference system (WKT) to which the points are transformed.
    columns : iterable of str
        Attributes to read, numbers as floats with NaN for NULL, all else as texts with None for NULL.

    Returns
    -------
    PointLayer
        Rows without a point are left out.

    Raises
    ------
    InvalidVectorError
        If the file or the layer cannot be read, holds other geometries than points, or lacks a column or a system.
    """
    try:
        dataset, layer, _ = opened_layer(source, "points")
        own = layer.GetSpatialRef()
        known = own is not None and not own.GetName().startswith(NO_SYSTEM)
        transformation = transformation_to(source, own.ExportToWkt() if known else "", crs)
        definition = layer.GetLayerDefn()
        names = [definition.GetFieldDefn(number).GetName() for number in range(definition.GetFieldCount())]
        missing = [name for name in columns if name not in names]
        if missing:
            raise InvalidVectorError(
                f"{source} has no column {', '.join(missing)}; it has {', '.join(names) or 'none'}."
            )
        places: list[tuple[float, float]] = []
        values: dict[str, list[Any]] = {name: [] for name in columns}
        for feature in layer:
            geometry = feature.GetGeometryRef()
            if geometry is None or geometry.IsEmpty():
                continue
            places.append(_place(source, geometry, transformation))
            for name, column in values.items():
                column.append(_value(feature, names.index(name)))
        steps = from_text(layer.GetMetadataItem(METADATA_KEY))
    except RuntimeError as error:
        raise InvalidVectorError(f"{source} cannot be read as a layer of points: {error}") from error
    del dataset
    return PointLayer(
        np.array(places, dtype=np.float64).reshape(-1, 2),
        {name: _column(column) for name, column in values.items()},
        crs,
        steps,
    )


def write_points(path: str, name: str, layer: PointLayer, empty: Sequence[str] = ()) -> None:
    """Write points to a GeoPackage, whole or not at all.

    Parameters
    ----------
    path : str
        Name of the file, ending in ``.gpkg``; an existing file is replaced.
    name : str
        Name of the layer.
    layer : PointLayer
        Columns of numbers become Real or Integer, others String; NaN and None become NULL.
    empty : sequence of str
        Columns that are NULL in every row, whatever they hold here: for whoever fills them later.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    check_writable(path, ".gpkg")
    with replacing(path) as temporary:
        try:
            _write(temporary, name, layer, empty)
        except RuntimeError as error:
            raise OutputError(f"The output {path} cannot be written: {error}") from error


def _write(path: str, name: str, layer: PointLayer, empty: Sequence[str]) -> None:
    dataset = gdal.GetDriverByName("GPKG").Create(path, 0, 0, 0, gdal.GDT_Unknown)
    table = dataset.CreateLayer(name, spatial_reference(layer.crs), ogr.wkbPoint)
    kinds = {"f": ogr.OFTReal, "i": ogr.OFTInteger64}
    for column, values in layer.columns.items():
        table.CreateField(ogr.FieldDefn(column, kinds.get(values.dtype.kind, ogr.OFTString)))
    if layer.provenance:
        table.SetMetadataItem(METADATA_KEY, to_text(layer.provenance))
    with reported_failures():
        dataset.StartTransaction()
        for number, (x, y) in enumerate(layer.coordinates.tolist()):
            feature = ogr.Feature(table.GetLayerDefn())
            geometry = ogr.Geometry(ogr.wkbPoint)
            geometry.AddPoint_2D(x, y)
            feature.SetGeometry(geometry)
            for column, values in layer.columns.items():
                value = values[number : number + 1].tolist()[0]
                if column not in empty and value is not None and value == value:
                    feature.SetField(column, value)
            table.CreateFeature(feature)
        dataset.CommitTransaction()
        del table, dataset


def _place(source: str, geometry: ogr.Geometry, transformation: Any) -> tuple[float, float]:
    kind = ogr.GT_Flatten(geometry.GetGeometryType())
    if kind == ogr.wkbMultiPoint and geometry.GetGeometryCount() == 1:
        geometry, kind = geometry.GetGeometryRef(0), ogr.wkbPoint
    if kind != ogr.wkbPoint:
        raise InvalidVectorError(f"{source} holds {geometry.GetGeometryName()} geometries; points are expected.")
    if transformation is None:
        return geometry.GetX(), geometry.GetY()
    x, y, _ = transformation.TransformPoint(geometry.GetX(), geometry.GetY())
    return x, y


def _value(feature: ogr.Feature, index: int) -> Any:
    if not feature.IsFieldSetAndNotNull(index):
        return None
    kind = feature.GetFieldDefnRef(index).GetType()
    if kind in (ogr.OFTInteger, ogr.OFTInteger64, ogr.OFTReal):
        return feature.GetFieldAsDouble(index)
    return feature.GetFieldAsString(index)


def _column(values: list[Any]) -> NDArray[Any]:
    if all(value is None or isinstance(value, float) for value in values):
        return np.array([np.nan if value is None else value for value in values], dtype=np.float64)
    return np.array(values, dtype=object)
