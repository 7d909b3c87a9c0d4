"""What people have decided in a GeoPackage, which no output may replace.

Read by SQLite itself, so that a file that GDAL would repair or lock is looked at as it is.
"""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

from .errors import OutputError

REVIEW, UNREVIEWED = "review_status", "unreviewed"
"""Column of the outlines that a review fills, and what it holds before."""

ANSWER = "is_rock_glacier"
"""Column of sample points that a person fills."""

# The last one is in the journal of a review, which knows of outlines that were reshaped only.
_FILLED_BY_HAND = (REVIEW, "notes", ANSWER, "made_at")

# Seconds to wait for another program that is writing.
_PATIENCE = 1.0


def require_no_decisions(path: str) -> None:
    """Refuse to replace a GeoPackage in which a person has decided on outlines or points, or written a note.

    Parameters
    ----------
    path : str
        The output; it need not exist.

    Raises
    ------
    OutputError
        If there are decisions, or if it cannot be seen whether there are; the message says so.
    """
    if Path(path).suffix.lower() != ".gpkg" or not Path(path).is_file():
        return
    try:
        found = _decisions(path)
    except sqlite3.DatabaseError as error:
        if "not a database" in str(error):
            return
        raise OutputError(
            f"{path} exists, and it cannot be seen whether a person has decided something in it ({error}). Close the "
            "program that writes to it, open it once in QGIS, or give another name."
        ) from error
    if found:
        column, count = next(iter(found.items()))
        raise OutputError(
            f"{path} has {count} rows in which a person has filled `{column}`; they would be lost. Give another "
            "name, or move the file away."
        )


def _decisions(path: str) -> dict[str, int]:
    """Return how many rows are filled, by column; without columns in which none is."""
    address = Path(path).resolve().as_uri()
    if not address.startswith("file:///"):
        # SQLite takes the server of a file on a network as a part of its path.
        address = address.replace("file://", "file:////", 1)
    found: dict[str, int] = {}
    with contextlib.closing(sqlite3.connect(f"{address}?mode=ro", uri=True, timeout=_PATIENCE)) as database:
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        for table in tables:
            name = '"{}"'.format(table.replace('"', '""'))
            columns = {row[1] for row in database.execute(f"PRAGMA table_info({name})")}
            for column in (column for column in _FILLED_BY_HAND if column in columns):
                question = f"SELECT COUNT(*) FROM {name} WHERE {column} NOT IN ('', ?)"  # noqa: S608 # nosec B608
                count = database.execute(question, (UNREVIEWED,)).fetchone()[0]
                if count:
                    found[column] = found.get(column, 0) + count
    return found
