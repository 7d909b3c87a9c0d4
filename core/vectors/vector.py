"""Reading and writing polygon layers, and burning polygons into a grid."""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import shapely
from numpy.typing import ArrayLike, DTypeLike, NDArray
from osgeo import gdal_array

from ..errors import InvalidVectorError, OutputError
from ..files import check_writable, replacing
from ..progress import Progress
from ..provenance import METADATA_KEY, Step, from_text
from ..rasters.geodata import gdal, ogr, osr, same_crs, spatial_reference
from ..rasters.grid import Grid, Window
from .geopackage import Table, write_dataset

Geometries = NDArray[np.object_]

# Rows between two looks at whether the user wants to stop.
_BATCH = 4096

# How much of the time the rows take when layers are written; the rest is the indices'.
_ROWS_SHARE = 0.6

_NUMERIC = (ogr.OFTInteger, ogr.OFTInteger64, ogr.OFTReal)

# These drivers' own streams crash or fail with many columns in several versions of GDAL; OGR's common one does not.
for _driver in ("GPKG", "FLATGEOBUF"):
    gdal.SetConfigOption(f"OGR_{_driver}_STREAM_BASE_IMPL", "YES")

_SILENT = Progress()

# GeoPackages name two systems that stand for none.
NO_SYSTEM = ("Undefined", "undefined")
# SQLite gives none when the first page does not fit.
_NO_REASON = "the disk may be full"
# What QGIS writes behind a path; a path or a filter may hold a bar of its own.
_SETTINGS = re.compile(r"\|(layername|layerid|geometrytype|subset)=")


@dataclass(frozen=True)
class VectorLayer:
    """A layer of polygons in memory.

    Attributes
    ----------
    geometries : array of shapely Polygon and MultiPolygon, shape (n,)
    columns : dict of array, shape (n,)
        Attributes: float64 with NaN for NULL, int64, or text objects with None for NULL.
    crs : str
        Reference system as WKT; empty where there is none.
    provenance : list of dict
        Steps that made the layer, as far as it knows.
    repaired : int
        How many invalid polygons were made valid when the layer was read.
    """

    geometries: Geometries
    columns: Mapping[str, NDArray[Any]] = field(default_factory=dict)
    crs: str = ""
    provenance: Sequence[Step] = ()
    repaired: int = 0

    def __len__(self) -> int:
        return len(self.geometries)

    def chosen(self, rows: NDArray[np.bool_]) -> VectorLayer:
        """Return some of the polygons."""
        columns = {name: values[rows] for name, values in self.columns.items()}
        return replace(self, geometries=self.geometries[rows], columns=columns)


def read_layer(
    source: str,
    *,
    crs: str = "",
    columns: Iterable[str] | None = None,
    if_present: Iterable[str] = (),
    progress: Progress = _SILENT,
) -> VectorLayer:
    """Read a layer of polygons.

    Parameters
    ----------
    source : str
        A path, or QGIS's form ``path|layername=name``; without a name the first layer is read.
    crs : str, optional
        Reference system (WKT) to which the polygons are transformed.
    columns : iterable of str, optional
        Attributes to read; all by default.
    if_present : iterable of str, optional
        Further attributes to read, if the layer has them.
    progress : Progress, optional
        Told how much is read, and asked whether to stop.

    Returns
    -------
    VectorLayer
        Rows without a polygon are left out; invalid polygons are made valid and counted.

    Raises
    ------
    InvalidVectorError
        If the file or the layer cannot be read, holds other geometries than polygons, or lacks a column.
    InvalidCRSError
        If the polygons must be transformed but have no reference system.
    """
    try:
        dataset, layer, filtered = opened_layer(source)
        own = layer.GetSpatialRef()
        features = _Features(source, layer, columns, if_present)
        found = own.ExportToWkt() if own is not None and not own.GetName().startswith(NO_SYSTEM) else ""
        # A filter sees only what is read.
        features.read(transformation_to(source, found, crs), not filtered, progress)
        steps = from_text(layer.GetMetadataItem(METADATA_KEY))
    except RuntimeError as error:
        raise InvalidVectorError(f"{source} cannot be read as a vector layer: {error}") from error
    del dataset
    try:
        geometries, repaired = _valid_polygons(features.geometries())
    except shapely.errors.GEOSException as error:
        raise InvalidVectorError(f"{source} has a polygon that cannot be repaired: {error}. Take it out.") from error
    kept = ~shapely.is_empty(geometries) & ~shapely.is_missing(geometries)
    values = {name: column[kept] for name, column in features.columns().items()}
    return VectorLayer(geometries[kept], values, crs or found, steps, repaired)


def write_layers(path: str, layers: Mapping[str, VectorLayer], progress: Progress = _SILENT) -> None:
    """Write layers of MultiPolygons to a GeoPackage, whole or not at all.

    Parameters
    ----------
    path : str
        Name of the file, ending in ``.gpkg``; an existing file is replaced.
    layers : dict of VectorLayer
        The layers by name. Columns of numbers become Real or Integer64, others Text; NaN and None become NULL.
    progress : Progress, optional
        Told how much is written, and asked whether to stop.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    share = _ROWS_SHARE / max(len(layers), 1)
    parts = [progress.part(number * share, (number + 1) * share) for number in range(len(layers))]
    _write(
        path,
        {
            name: Table(layer, part.each(_sliced(layer), -(-len(layer) // _BATCH)))
            for (name, layer), part in zip(layers.items(), parts, strict=True)
        },
        progress,
    )


def write_batches(
    path: str, name: str, schema: VectorLayer, batches: Iterable[VectorLayer], id_column: str, progress: Progress
) -> None:
    """Write one layer of MultiPolygons to a GeoPackage while its rows are made, whole or not at all.

    Parameters
    ----------
    path : str
        Name of the file, ending in ``.gpkg``; an existing file is replaced.
    name : str
        Name of the layer.
    schema : VectorLayer
        Its columns' names and types, reference system and provenance; no row is taken from it.
    batches : iterable of VectorLayer
        The rows in any order, with the columns of the schema.
    id_column : str
        Column of unique whole numbers, which also become the features' ids; whoever reads the layer finds the rows in
        their order.
    progress : Progress
        Asked whether to stop. How much is written, only the maker of the batches can tell.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    _write(path, {name: Table(schema, _checked(batches, progress), id_column)}, progress)


def _write(path: str, tables: Mapping[str, Table], progress: Progress) -> None:
    check_writable(path, ".gpkg")
    with replacing(path) as temporary:
        try:
            write_dataset(temporary, tables, progress)
        except (RuntimeError, sqlite3.Error) as error:
            raise OutputError(f"The output {path} cannot be written: {error or _NO_REASON}") from error
    progress.report(1.0)


def _checked(batches: Iterable[VectorLayer], progress: Progress) -> Iterator[VectorLayer]:
    """Yield rows in batches that are small enough to stop between them."""
    for batch in batches:
        for rows in _sliced(batch):
            progress.check()
            yield rows


def _sliced(layer: VectorLayer) -> Iterator[VectorLayer]:
    """Yield a layer's rows in batches."""
    for start in range(0, len(layer), _BATCH):
        rows = slice(start, start + _BATCH)
        yield VectorLayer(layer.geometries[rows], {name: values[rows] for name, values in layer.columns.items()})


def burn(
    geometries: Geometries,
    values: ArrayLike,
    grid: Grid,
    dtype: DTypeLike,
    window: Window | None = None,
    all_touched: bool = False,
) -> NDArray[Any]:
    """Rasterise polygons.

    Parameters
    ----------
    geometries : array of shapely geometries, shape (n,)
        In the grid's reference system.
    values : array_like, shape (n,) or a number
        What each polygon writes; where polygons overlap, the last wins.
    grid : Grid
        The pixels.
    dtype : numpy type
        Type of the result.
    window : Window, optional
        Part of the grid to burn; all of it by default.
    all_touched : bool
        Whether every pixel that a polygon touches is burnt, rather than those whose centre it covers.

    Returns
    -------
    array of dtype, shape (height, width)
        0 where no polygon is.
    """
    area = window or grid.whole
    right, bottom = area.x + area.width, area.y + area.height
    corners = grid.coordinates([area.x, right, right, area.x], [area.y, area.y, bottom, bottom])
    near = shapely.intersects(geometries, shapely.Polygon(np.column_stack(corners)))
    in_pixels = shapely.transform(
        geometries[near], lambda points: np.column_stack(grid.pixels(*points.T)) - (area.x, area.y)
    )
    numbers = np.broadcast_to(np.asarray(values, float), geometries.shape)[near]
    kind = gdal_array.NumericTypeCodeToGDALTypeCode(np.dtype(dtype).type)
    target = gdal.GetDriverByName("MEM").Create("", area.width, area.height, 1, kind)
    source = ogr.GetDriverByName("Memory").CreateDataSource("")
    layer = source.CreateLayer("burn", None, ogr.wkbMultiPolygon)
    layer.CreateField(ogr.FieldDefn("value", ogr.OFTReal))
    for wkb, number in zip(shapely.to_wkb(in_pixels), numbers, strict=True):
        feature = ogr.Feature(layer.GetLayerDefn())
        feature.SetField(0, float(number))
        feature.SetGeometry(ogr.CreateGeometryFromWkb(wkb))
        layer.CreateFeature(feature)
    options = ["ATTRIBUTE=value"] + ["ALL_TOUCHED=TRUE"] * all_touched
    gdal.RasterizeLayer(target, [1], layer, options=options)
    burnt: NDArray[Any] = target.ReadAsArray()
    return burnt


class _Features:
    """The rows of an OGR layer, collected by column: numbers in batches, all else feature by feature."""

    def __init__(
        self, source: str, layer: ogr.Layer, columns: Iterable[str] | None, if_present: Iterable[str] = ()
    ) -> None:
        definition = layer.GetLayerDefn()
        fields = {definition.GetFieldDefn(i).GetName(): i for i in range(definition.GetFieldCount())}
        present = [name for name in if_present if name in fields]
        names = list(fields) if columns is None else [*columns, *present]
        missing = [name for name in names if name not in fields]
        if missing:
            raise InvalidVectorError(
                f"{source} has no column {', '.join(missing)}; it has {', '.join(fields) or 'none'}."
            )
        self._layer = layer
        self._source = source
        self._all = list(fields)
        self._fields = {name: (fields[name], definition.GetFieldDefn(fields[name]).GetType()) for name in names}
        # Flags and numbers of fewer bits would come as other values than OGR's own.
        plain = {name for name in names if definition.GetFieldDefn(fields[name]).GetSubType() == ogr.OFSTNone}
        self._numbers = [name for name in self._fields if name in plain and self._fields[name][1] in _NUMERIC]
        self._wkb: list[bytes | None] = []
        self._values: dict[str, list[Any]] = {name: [] for name in self._fields if name not in self._numbers}
        self._batches: dict[str, list[NDArray[Any]]] = {name: [] for name in self._numbers}

    def read(self, transformation: osr.CoordinateTransformation | None, ignoring: bool, progress: Progress) -> None:
        """Read every row, transforming its geometry; `ignoring` tells whether unread fields may be passed over."""
        if ignoring:
            self._layer.SetIgnoredFields([name for name in self._all if name not in self._values])
        self._read_features(transformation, progress.part(0.0, 0.6))
        if self._numbers:
            if ignoring:
                self._layer.SetIgnoredFields(["OGR_GEOMETRY", *(set(self._all) - set(self._numbers))])
            self._read_numbers(progress.part(0.6, 1.0))

    def geometries(self) -> Geometries:
        """Return the geometries, None where a row has none."""
        geometries: Geometries = np.array(shapely.from_wkb(self._wkb), dtype=object).reshape(len(self._wkb))
        return shapely.force_2d(geometries) if len(geometries) else geometries

    def columns(self) -> dict[str, NDArray[Any]]:
        """Return the attributes as arrays."""
        return {name: self._collected(name, kind) for name, (_, kind) in self._fields.items()}

    def _collected(self, name: str, kind: int) -> NDArray[Any]:
        if name in self._values:
            return _column(self._values[name], kind)
        # Whole numbers stay what they are unless one batch has NULL and therefore NaN.
        first = np.empty(0, np.float64 if kind == ogr.OFTReal else np.int64)
        return np.concatenate([first, *self._batches[name]])

    def _read_features(self, transformation: osr.CoordinateTransformation | None, progress: Progress) -> None:
        fields = [(self._values[name].append, *self._fields[name]) for name in self._values]
        count = self._layer.GetFeatureCount()
        for number, feature in enumerate(self._layer):
            if number % _BATCH == 0:
                progress.check()
                progress.report(number / max(count, number, 1))
            self._wkb.append(self._polygon(feature.GetGeometryRef(), transformation))
            for append, index, kind in fields:
                append(_value(feature, index, kind))

    def _read_numbers(self, progress: Progress) -> None:
        self._layer.ResetReading()
        stream = self._layer.GetArrowStreamAsNumPy(["INCLUDE_FID=NO", f"MAX_FEATURES_IN_BATCH={_BATCH}"])
        for batch in progress.each(stream, -(-len(self._wkb) // _BATCH)):
            for name in self._numbers:
                self._batches[name].append(_without_mask(batch[name]))
        read = sum(map(len, self._batches[self._numbers[0]]))
        if read != len(self._wkb):
            raise InvalidVectorError(
                f"{self._source} gave {len(self._wkb)} rows, then {read}; it is damaged or being written by another "
                "program. Save it under another name and use that."
            )

    def _polygon(
        self, geometry: ogr.Geometry | None, transformation: osr.CoordinateTransformation | None
    ) -> bytes | None:
        if geometry is None or geometry.IsEmpty():
            return None
        flat = geometry.GetLinearGeometry()
        kind = ogr.GT_Flatten(flat.GetGeometryType())
        if kind not in (ogr.wkbPolygon, ogr.wkbMultiPolygon, ogr.wkbGeometryCollection):
            raise InvalidVectorError(
                f"{self._source} holds {flat.GetGeometryName()} geometries; polygons are expected."
            )
        if transformation is not None:
            flat.Transform(transformation)
        return bytes(flat.ExportToWkb())


def opened_layer(source: str, expected: str = "polygons") -> tuple[gdal.Dataset, ogr.Layer, bool]:
    """Open a layer; return the dataset, which must outlive it, the layer, and whether rows are filtered.

    Parameters
    ----------
    source : str
        A path, or QGIS's form ``path|layername=name``.
    expected : str
        The geometries that the caller expects, for the message.

    Raises
    ------
    InvalidVectorError
        If there is no such layer, or it has no geometries.
    """
    path, *settings = _SETTINGS.split(source)
    chosen = dict(zip(settings[::2], settings[1::2], strict=True))
    dataset = gdal.OpenEx(path, gdal.OF_VECTOR)
    names = [dataset.GetLayer(i).GetName() for i in range(dataset.GetLayerCount())]
    numbered = dict(enumerate(names)).get(int(chosen["layerid"]) if chosen.get("layerid", "").isdigit() else 0)
    name = chosen.get("layername", numbered)
    layer = dataset.GetLayerByName(name) if name else None
    if layer is None:
        raise InvalidVectorError(
            f"{path} has no layer {name or 'at all'}; its layers are: {', '.join(names) or 'none'}."
        )
    if layer.GetGeomType() == ogr.wkbNone:
        raise InvalidVectorError(f"The layer {name} of {path} has no geometries; {expected} are expected.")
    if "subset" in chosen:
        layer.SetAttributeFilter(chosen["subset"])
    return dataset, layer, "subset" in chosen


def other_layers(source: str) -> list[str]:
    """Return the names of the layers with geometries that were passed over because a source names no layer."""
    path, *settings = _SETTINGS.split(source)
    if {"layername", "layerid"} & set(settings[::2]):
        return []
    dataset = gdal.OpenEx(path, gdal.OF_VECTOR)
    layers = [dataset.GetLayer(number) for number in range(1, dataset.GetLayerCount())]
    return [layer.GetName() for layer in layers if layer.GetGeomType() != ogr.wkbNone]


def transformation_to(source: str, own: str, wanted: str) -> osr.CoordinateTransformation | None:
    """Return the transformation of a layer's coordinates from its own system to the wanted one, None for none."""
    if not wanted or same_crs(own, wanted):
        return None
    if not own:
        raise InvalidVectorError(f"{source} has no coordinate reference system; assign the one that it was made in.")
    return osr.CoordinateTransformation(spatial_reference(own), spatial_reference(wanted))


def _value(feature: ogr.Feature, index: int, kind: int) -> Any:
    if not feature.IsFieldSetAndNotNull(index):
        return None
    if kind in (ogr.OFTInteger, ogr.OFTInteger64):
        return feature.GetFieldAsInteger64(index)
    if kind == ogr.OFTReal:
        return feature.GetFieldAsDouble(index)
    return feature.GetFieldAsString(index)


def _column(values: list[Any], kind: int) -> NDArray[Any]:
    if kind not in _NUMERIC:
        return np.array(values, dtype=object)
    if kind != ogr.OFTReal and None not in values:
        return np.array(values, dtype=np.int64)
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)


def _without_mask(numbers: NDArray[Any]) -> NDArray[Any]:
    """Return a copy of a batch of numbers with NaN for the masked ones."""
    if isinstance(numbers, np.ma.MaskedArray) and np.any(numbers.mask):
        return np.where(numbers.mask, np.nan, numbers.data)
    return np.array(numbers)


def _valid_polygons(geometries: Geometries) -> tuple[Geometries, int]:
    """Make invalid polygons valid and keep polygons only; return them and how many were invalid."""
    invalid = ~shapely.is_valid(geometries) & ~shapely.is_missing(geometries)
    geometries[invalid] = shapely.make_valid(geometries[invalid])
    collections = shapely.get_type_id(geometries) == shapely.GeometryType.GEOMETRYCOLLECTION
    for index in np.flatnonzero(collections):
        parts = shapely.get_parts(geometries[index])
        geometries[index] = shapely.union_all(parts[shapely.get_dimensions(parts) == 2])
    return geometries, int(invalid.sum())
