"""What people have decided in a GeoPackage, which no stage may replace by a file without it.

Read by SQLite itself, so that a file that GDAL would repair, lock or refuse is looked at as it is.
"""

from __future__ import annotations

import contextlib
import sqlite3
from pathlib import Path

from ..errors import OutputError

REVIEW, UNREVIEWED = "review_status", "unreviewed"
"""Column of the outlines that a review fills, and what it holds before."""


def require_not_reviewed(path: str) -> None:
    """Refuse to replace outlines that a person has reviewed: decided on, reshaped, or written a note to.

    Raises
    ------
    OutputError
        If there are any.
    """
    require_no_decisions(path, REVIEW, UNREVIEWED)
    require_no_decisions(path, "notes")
    # Of the review's journal, which knows of outlines that were reshaped only.
    require_no_decisions(path, "made_at")


def require_no_decisions(path: str, column: str, undecided: str = "") -> None:
    """Refuse to replace a GeoPackage in which a person has filled a column.

    Parameters
    ----------
    path : str
        The output; it need not exist.
    column : str
        Name of the column in any of its layers.
    undecided : str, optional
        Value, beside NULL and an empty text, that stands for no decision.

    Raises
    ------
    OutputError
        If there are decisions; the message says how many.
    """
    if not Path(path).is_file():
        return
    with contextlib.suppress(sqlite3.DatabaseError):  # no GeoPackage, so that it holds no layer
        found = _decisions(path, column, undecided)
        if found:
            raise OutputError(
                f"{path} has {found} rows in which a person has filled `{column}`; they would be lost. Give another "
                "name, or move the file away."
            )


def _decisions(path: str, column: str, undecided: str) -> int:
    address = f"{Path(path).resolve().as_uri()}?mode=ro"
    with contextlib.closing(sqlite3.connect(address, uri=True)) as database:
        tables = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        found = 0
        for table in tables:
            name = '"{}"'.format(table.replace('"', '""'))
            if column in [row[1] for row in database.execute(f"PRAGMA table_info({name})")]:
                question = f'SELECT COUNT(*) FROM {name} WHERE "{column}" NOT IN (?, ?)'  # noqa: S608 # nosec B608
                found += database.execute(question, ("", undecided)).fetchone()[0]
        return found
