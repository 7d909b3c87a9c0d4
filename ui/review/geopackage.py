"""Reading and writing a layer of a GeoPackage through SQLite, the way its own triggers expect it.

Geometries are handled as the bytes that are in the file, so that what is read and written again is the same to the
byte. Layout of these bytes: OGC GeoPackage Encoding Standard 1.3, section 2.1.3.
"""

from __future__ import annotations

import contextlib
import math
import sqlite3
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePath

from .errors import ReviewError

Value = str | int | float | bytes | None
Envelope = tuple[float, float, float, float]

# Seconds to wait for another program that is writing.
_PATIENCE = 3.0
_HEADER = struct.Struct("<2sBBi")
_EMPTY = 0b0001_0000
_LITTLE_ENDIAN = 0b0000_0001
_ENVELOPE_XY = 0b0000_0010
# Numbers in the envelope, by the three bits that say which it is.
_ENVELOPE_NUMBERS = (0, 4, 6, 6, 8)
# Bytes that hold the header and the envelope's first four numbers.
HEAD = _HEADER.size + 32


@dataclass(frozen=True)
class Table:
    """A layer's table: its name, its column of ids, its column of geometries, its reference system, and the rest."""

    name: str
    key: str
    geometry: str
    srs_id: int
    columns: tuple[str, ...]


def quoted(name: str) -> str:
    """Return a name as SQL writes it."""
    return '"' + name.replace('"', '""') + '"'


@contextlib.contextmanager
def connected(path: str, *, write: bool = False) -> Iterator[sqlite3.Connection]:
    """Open a GeoPackage; when writing, all that is done is one transaction.

    Parameters
    ----------
    path : str
    write : bool
        Whether to begin a transaction, committed at the end and rolled back by any exception.

    Raises
    ------
    ReviewError
        If the file is not there, cannot be read or written, or is locked.
    """
    if not Path(path).is_file():
        raise ReviewError(
            f"The file {path} is no longer there. Everything up to the last action was saved in it: put it back under "
            "this name, or stop the review and open it where it is now."
        )
    try:
        connection = sqlite3.connect(
            f"{_address(Path(path))}?mode=rw", uri=True, timeout=_PATIENCE, isolation_level=None
        )
    except sqlite3.Error as error:
        raise readable(error, path) from error
    with contextlib.closing(connection):
        try:
            _add_functions(connection)
            if not write:
                yield connection
                return
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                connection.execute("COMMIT")
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
        except sqlite3.Error as error:
            raise readable(error, path) from error


def _address(path: PurePath) -> str:
    """Return a file's address as SQLite takes it: the server of one on a network belongs to the path."""
    address = (path.resolve() if isinstance(path, Path) else path).as_uri()
    return address if address.startswith("file:///") else address.replace("file://", "file:////", 1)


def readable(error: sqlite3.Error, path: str) -> ReviewError:
    """Return a sentence for an error of SQLite."""
    reason = str(error)
    sentences = {
        "readonly": "The file is read-only. Give yourself the right to write it and its folder, or save a copy "
        "elsewhere (Export > Save Features As) and review that.",
        "full": "The disk is full. Free some space and do it again.",
        "locked": "Another program is writing to it. Wait until it has finished, or close it, and do it again.",
        "disk I/O": "The disk cannot be read or written. It may be full or gone; free space or connect it again.",
        "unable to open": "The file cannot be opened. Give yourself the right to read and write it and its folder.",
        "no such table": "The layer is no longer in the file: it was removed or renamed. Stop the review and open it "
        "again.",
        "no such column": "A column that the review needs is no longer in the layer. Stop the review and start it "
        "again.",
    }
    advice = next((text for part, text in sentences.items() if part in reason), f"SQLite says: {reason}.")
    return ReviewError(f"{Path(path).name} could not be written, and nothing in it was changed. {advice}")


def table_of(connection: sqlite3.Connection, layer: str) -> Table:
    """Find a layer's table and its columns.

    Raises
    ------
    ReviewError
        If there is no such layer of geometries, or its rows have no number of their own.
    """
    try:
        row = connection.execute(
            "SELECT table_name, column_name, srs_id FROM gpkg_geometry_columns WHERE lower(table_name) = lower(?)",
            (layer,),
        ).fetchone()
    except sqlite3.DatabaseError as error:
        raise ReviewError(
            f"This is no GeoPackage that can be read: {error}. Save the layer as a GeoPackage."
        ) from error
    if row is None:
        raise ReviewError(f"The file has no layer {layer} with geometries. It may have been renamed: open it again.")
    name, geometry, srs_id = row
    columns = connection.execute(f"PRAGMA table_info({quoted(name)})").fetchall()
    keys = [column[1] for column in columns if column[5]]
    if len(keys) != 1:
        raise ReviewError(f"The rows of layer {layer} have no number of their own: save it as a new GeoPackage.")
    rest = tuple(column[1] for column in columns if column[1] not in (keys[0], geometry))
    return Table(name, keys[0], geometry, srs_id, rest)


def blob_of(wkb: bytes, envelope: Envelope | None, srs_id: int) -> bytes:
    """Return a geometry as GeoPackages hold it.

    Parameters
    ----------
    wkb : bytes
        ISO well-known binary.
    envelope : tuple of 4 float or None
        West, south, east, north; None for an empty geometry.
    srs_id : int
        The reference system's number in the file.

    Returns
    -------
    bytes
    """
    if envelope is None:
        return _HEADER.pack(b"GP", 0, _EMPTY | _LITTLE_ENDIAN, srs_id) + wkb
    west, south, east, north = envelope
    header = _HEADER.pack(b"GP", 0, _ENVELOPE_XY | _LITTLE_ENDIAN, srs_id)
    return header + struct.pack("<4d", west, east, south, north) + wkb


def wkb_of(blob: bytes) -> bytes:
    """Return the well-known binary in a GeoPackage's geometry."""
    return bytes(blob[_start(blob) :])


def envelope_of(blob: bytes | None) -> Envelope | None:
    """Return west, south, east and north of a GeoPackage's geometry, None where it has no envelope."""
    if blob is None or len(blob) < HEAD or blob[:2] != b"GP" or blob[3] & _EMPTY or not (blob[3] >> 1) & 0b111:
        return None
    order = "<" if blob[3] & _LITTLE_ENDIAN else ">"
    west, east, south, north = struct.unpack_from(f"{order}4d", blob, _HEADER.size)
    return None if math.isnan(west) else (west, south, east, north)


def _start(blob: bytes) -> int:
    return _HEADER.size + 8 * _ENVELOPE_NUMBERS[(blob[3] >> 1) & 0b111]


def _add_functions(connection: sqlite3.Connection) -> None:
    """Add the functions that the triggers of a GeoPackage's spatial index call."""
    places = {"ST_MinX": 0, "ST_MinY": 1, "ST_MaxX": 2, "ST_MaxY": 3}
    for name, place in places.items():
        connection.create_function(name, 1, lambda blob, place=place: _bound(blob, place), deterministic=True)
    connection.create_function("ST_IsEmpty", 1, _is_empty, deterministic=True)


def _bound(blob: bytes | None, place: int) -> float | None:
    envelope = envelope_of(blob) or bounds_of(blob)
    return None if envelope is None else envelope[place]


def _is_empty(blob: bytes | None) -> int | None:
    if blob is None:
        return None
    return int(bool(blob[3] & _EMPTY) or (envelope_of(blob) or bounds_of(blob)) is None)


def bounds_of(blob: bytes | None) -> Envelope | None:
    """Return the envelope of a polygon or multipolygon that was stored without one; None for an empty one."""
    if blob is None or len(blob) < _HEADER.size or blob[3] & _EMPTY:
        return None
    points = list(_points(memoryview(blob)[_start(blob) :]))
    if not points:
        return None
    xs, ys = zip(*points, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def _points(wkb: memoryview) -> Iterator[tuple[float, float]]:
    """Yield the points of a polygon or a collection of polygons in well-known binary."""
    position = 0

    def number() -> int:
        nonlocal position
        value: int = struct.unpack_from(f"{order}I", wkb, position)[0]
        position += 4
        return value

    shapes = 1
    while shapes:
        order = "<" if wkb[position] else ">"
        position += 1
        kind = number()
        size = 2 + (kind // 1000 in (1, 3)) + (kind // 1000 in (2, 3))
        shapes -= 1
        if kind % 1000 != 3:
            shapes += number()
            continue
        for _ in range(number()):
            for _ in range(number()):
                yield struct.unpack_from(f"{order}2d", wkb, position)
                position += 8 * size
