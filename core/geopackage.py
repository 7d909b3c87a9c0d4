"""GeoPackages of MultiPolygons: GDAL makes the tables and their indices, SQLite itself takes the rows.

OGR's bindings need one call a value, which is minutes for a hundred thousand objects with their features.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from numpy.typing import NDArray

from .geodata import gdal, ogr, reported_failures, spatial_reference
from .progress import Progress
from .provenance import METADATA_KEY, to_text

if TYPE_CHECKING:
    from .vector import Geometries, VectorLayer

# Rows between two looks at whether the user wants to stop.
_BATCH = 4096

# How much of the time the rows take; the rest is the indices', which cannot be stopped.
_ROWS_SHARE = 0.6

# The header before a geometry's WKB: OGC 12-128r19, clause 2.1.3. An empty geometry has no envelope.
_HEADER = np.dtype([("magic", "S2"), ("version", "u1"), ("flags", "u1"), ("srs_id", "<i4"), ("envelope", "<f8", 4)])
_LITTLE_ENDIAN, _ENVELOPE, _EMPTY = 0b00000001, 0b00000010, 0b00010000
_ENVELOPE_START = 8


def write_dataset(path: str, layers: Mapping[str, VectorLayer], progress: Progress) -> None:
    """Write layers with their spatial indices to a new GeoPackage.

    Parameters
    ----------
    path : str
        Name of a file that does not exist.
    layers : dict of VectorLayer
        The layers by name.
    progress : Progress
        Asked every few thousand rows whether to stop, but not while GDAL makes the indices.

    Raises
    ------
    RuntimeError, sqlite3.Error
        If the file cannot be written; what there is of it must be deleted.
    """
    _create(path, layers)
    with contextlib.closing(sqlite3.connect(path)) as connection:
        # A file that is deleted on failure needs no journal on disk; GDAL flushes all of it when it adds the index.
        connection.execute("PRAGMA journal_mode = MEMORY")
        connection.execute("PRAGMA synchronous = OFF")
        for number, (name, layer) in enumerate(layers.items()):
            with connection:
                share = _ROWS_SHARE / len(layers)
                _insert(connection, name, layer, progress.part(number * share, (number + 1) * share))
    progress.check()
    _index(path, layers)
    progress.report(1.0)


def _create(path: str, layers: Mapping[str, VectorLayer]) -> None:
    dataset = gdal.GetDriverByName("GPKG").Create(path, 0, 0, 0, gdal.GDT_Unknown)
    for name, layer in layers.items():
        reference = spatial_reference(layer.crs) if layer.crs else None
        table = dataset.CreateLayer(name, reference, ogr.wkbMultiPolygon, ["SPATIAL_INDEX=NO"])
        for column, values in layer.columns.items():
            table.CreateField(ogr.FieldDefn(column, _field_type(values)))
        if layer.provenance:
            table.SetMetadataItem(METADATA_KEY, to_text(layer.provenance))
        del table
    with reported_failures():
        dataset.FlushCache()
        del dataset


def _insert(connection: sqlite3.Connection, name: str, layer: VectorLayer, progress: Progress) -> None:
    """Add a layer's rows, their extent and their number."""
    query = "SELECT column_name, srs_id FROM gpkg_geometry_columns WHERE table_name = ?"
    geometry_column, srs_id = connection.execute(query, (name,)).fetchone()
    columns = [geometry_column, *layer.columns]
    places = ", ".join("?" * len(columns))
    # Names cannot be bound as values are, so they are quoted.
    statement = f"INSERT INTO {_quoted(name)} ({', '.join(map(_quoted, columns))}) VALUES ({places})"  # noqa: S608 # nosec B608
    for rows in progress.each(_batches(len(layer)), -(-len(layer) // _BATCH)):
        blobs = _blobs(layer.geometries[rows], srs_id)
        # SQLite takes NaN as NULL.
        values = (values[rows].tolist() for values in layer.columns.values())
        connection.executemany(statement, zip(blobs, *values, strict=True))
    extent = "UPDATE gpkg_contents SET min_x = ?, min_y = ?, max_x = ?, max_y = ? WHERE table_name = ?"
    connection.execute(extent, (*_extent(layer.geometries), name))
    connection.execute("UPDATE gpkg_ogr_contents SET feature_count = ? WHERE table_name = ?", (len(layer), name))


def _index(path: str, layers: Mapping[str, VectorLayer]) -> None:
    dataset = gdal.OpenEx(path, gdal.OF_VECTOR | gdal.OF_UPDATE)
    with reported_failures():
        for name in layers:
            table, column = _text(name), _text(dataset.GetLayerByName(name).GetGeometryColumn())
            result = dataset.ExecuteSQL(f"SELECT CreateSpatialIndex({table}, {column})")
            if result is not None:
                dataset.ReleaseResultSet(result)
        dataset.FlushCache()
        del dataset


def _batches(count: int) -> Iterator[slice]:
    return (slice(start, start + _BATCH) for start in range(0, count, _BATCH))


def _blobs(geometries: Geometries, srs_id: int) -> list[bytes]:
    """Return geometries as MultiPolygons in the binary form of GeoPackages."""
    empty = shapely.is_empty(geometries)
    headers = np.zeros(len(geometries), _HEADER)
    headers["magic"] = b"GP"
    headers["flags"] = _LITTLE_ENDIAN | np.where(empty, _EMPTY, _ENVELOPE)
    headers["srs_id"] = srs_id
    headers["envelope"] = shapely.bounds(geometries)[:, [0, 2, 1, 3]]
    content = headers.tobytes()
    starts = range(0, len(content), _HEADER.itemsize)
    sizes = np.where(empty, _ENVELOPE_START, _HEADER.itemsize).tolist()
    bodies = shapely.to_wkb(_multipolygons(geometries), output_dimension=2, byte_order=1).tolist()
    return [content[start : start + size] + body for start, size, body in zip(starts, sizes, bodies, strict=True)]


def _extent(geometries: Geometries) -> list[float]:
    """Return west, south, east, north of all geometries; NaN where there are none."""
    bounds = shapely.bounds(geometries).reshape(-1, 4)
    low = np.fmin.reduce(bounds[:, :2], initial=np.nan)
    high = np.fmax.reduce(bounds[:, 2:], initial=np.nan)
    return [*low.tolist(), *high.tolist()]


def _multipolygons(geometries: Geometries) -> Geometries:
    """Return geometries with each Polygon as a MultiPolygon of one part."""
    single = shapely.get_type_id(geometries) == shapely.GeometryType.POLYGON
    promoted = geometries.copy()
    promoted[single] = shapely.multipolygons(geometries[single][:, np.newaxis])
    return promoted


def _field_type(values: NDArray[Any]) -> int:
    kinds: dict[str, int] = {"f": ogr.OFTReal, "i": ogr.OFTInteger64, "u": ogr.OFTInteger64, "b": ogr.OFTInteger}
    return kinds.get(values.dtype.kind, int(ogr.OFTString))


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"
