"""GeoPackages of MultiPolygons: GDAL makes the tables and their indices, SQLite itself takes the rows.

OGR's bindings need one call a value, which is minutes for a hundred thousand objects with their features.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import shapely
from numpy.typing import NDArray

from ..progress import Progress
from ..provenance import METADATA_KEY, to_text
from ..rasters.geodata import gdal, ogr, reported_failures, spatial_reference

if TYPE_CHECKING:
    from .vector import Geometries, VectorLayer

# The header before a geometry's WKB: OGC 12-128r19, clause 2.1.3. An empty geometry has no envelope.
_HEADER = np.dtype([("magic", "S2"), ("version", "u1"), ("flags", "u1"), ("srs_id", "<i4"), ("envelope", "<f8", 4)])
_LITTLE_ENDIAN, _ENVELOPE, _EMPTY = 0b00000001, 0b00000010, 0b00010000
_ENVELOPE_START = 8


@dataclass(frozen=True)
class Table:
    """A layer to write.

    Attributes
    ----------
    schema : VectorLayer
        Its columns' names and types, reference system and provenance; no row is taken from it.
    batches : iterable of VectorLayer
        The rows, with the columns of the schema.
    id_column : str
        Column of unique whole numbers that identify the rows to other programs, too; rows are found in their order.
        Without one, the rows are counted.
    """

    schema: VectorLayer
    batches: Iterable[VectorLayer]
    id_column: str = ""


def write_dataset(path: str, tables: Mapping[str, Table], progress: Progress) -> None:
    """Write layers with their spatial indices to a new GeoPackage.

    Parameters
    ----------
    path : str
        Name of a file that does not exist.
    tables : dict of Table
        The layers by name.
    progress : Progress
        Asked whether to stop before the indices are made, which cannot be stopped.

    Raises
    ------
    RuntimeError, sqlite3.Error
        If the file cannot be written; what there is of it must be deleted.
    """
    _create(path, tables)
    with contextlib.closing(sqlite3.connect(path)) as connection:
        # A file that is deleted on failure needs no journal on disk; GDAL flushes all of it when it adds the index.
        connection.execute("PRAGMA journal_mode = MEMORY")
        connection.execute("PRAGMA synchronous = OFF")
        for name, table in tables.items():
            with connection:
                _insert(connection, name, table)
    progress.check()
    _index(path, tables)


def _create(path: str, tables: Mapping[str, Table]) -> None:
    dataset = gdal.GetDriverByName("GPKG").Create(path, 0, 0, 0, gdal.GDT_Unknown)
    for name, layer in ((name, table.schema) for name, table in tables.items()):
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


def _insert(connection: sqlite3.Connection, name: str, table: Table) -> None:
    """Add a layer's rows, their extent and their number."""
    query = "SELECT column_name, srs_id FROM gpkg_geometry_columns WHERE table_name = ?"
    geometry_column, srs_id = connection.execute(query, (name,)).fetchone()
    (row_id,) = connection.execute("SELECT name FROM pragma_table_info(?) WHERE pk", (name,)).fetchone()
    columns = {geometry_column: "", **{column: column for column in table.schema.columns}}
    if table.id_column:
        columns[row_id] = table.id_column
    places = ", ".join("?" * len(columns))
    # Names cannot be bound as values are, so they are quoted.
    statement = f"INSERT INTO {_quoted(name)} ({', '.join(map(_quoted, columns))}) VALUES ({places})"  # noqa: S608 # nosec B608
    extent, count = np.full(4, np.nan), 0
    for batch in table.batches:
        # SQLite takes NaN as NULL.
        values = [batch.columns[column].tolist() for column in columns.values() if column]
        connection.executemany(statement, zip(_blobs(batch.geometries, srs_id), *values, strict=True))
        extent, count = _joined(extent, batch.geometries), count + len(batch)
    update = "UPDATE gpkg_contents SET min_x = ?, min_y = ?, max_x = ?, max_y = ? WHERE table_name = ?"
    connection.execute(update, (*extent.tolist(), name))
    connection.execute("UPDATE gpkg_ogr_contents SET feature_count = ? WHERE table_name = ?", (count, name))


def _index(path: str, names: Iterable[str]) -> None:
    dataset = gdal.OpenEx(path, gdal.OF_VECTOR | gdal.OF_UPDATE)
    with reported_failures():
        for name in names:
            table, column = _text(name), _text(dataset.GetLayerByName(name).GetGeometryColumn())
            result = dataset.ExecuteSQL(f"SELECT CreateSpatialIndex({table}, {column})")
            if result is not None:
                dataset.ReleaseResultSet(result)
        dataset.FlushCache()
        del dataset


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


def _joined(extent: NDArray[np.float64], geometries: Geometries) -> NDArray[np.float64]:
    """Return an extent (west, south, east, north; NaN for none) that holds geometries, too."""
    bounds = np.vstack([extent, shapely.bounds(geometries).reshape(-1, 4)])
    return np.concatenate([np.fmin.reduce(bounds[:, :2]), np.fmax.reduce(bounds[:, 2:])])


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
