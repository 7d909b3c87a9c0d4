"""The journal of a review, kept by the database itself: whoever changes the layer, the change is written down with it.

Triggers on the layer's table write what was there before and after, in the transaction of the change. So no action can
be in the layer and not in the journal, or the other way round, whatever ends the program. Who acted, when, and what
for, is told to the triggers by a row that is set and emptied within the same transaction; a change without it was made
elsewhere.

Tables, for a layer ``rock_glaciers``:

`review_rock_glaciers`
    One row an action: who, when, what, and for an undo or redo which action it reverses.
`review_rock_glaciers_entries`
    One row a changed feature: its action, and its geometry before and after as the bytes in the file.
`review_rock_glaciers_values`
    One row a changed attribute: its entry, and the value before and after.
`review_rock_glaciers_context`
    The action that is being done; empty between transactions.
"""

from __future__ import annotations

import contextlib
import datetime
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from . import journaltables
from .errors import ReviewError
from .geopackage import Table, Value, connected, envelope_of, quoted, table_of

# A feature's geometry and attributes.
Row = tuple[bytes | None, dict[str, Value]]
UNDO, REDO = "undo", "redo"
ELSEWHERE = "edited elsewhere"
# Beginnings of SQL types that hold text.
_TEXTS = ("TEXT", "VARCHAR", "CHAR", "NCHAR", "NVARCHAR", "CLOB")


@dataclass(frozen=True)
class Action:
    """One row of the journal: what somebody did, and to which features."""

    number: int
    who: str
    made_at: str
    what: str
    note: str
    reverses: int | None
    features: tuple[int, ...] = ()


@dataclass(frozen=True)
class Entry:
    """One change of one feature: an `update`, `insert` or `delete`, with the values of the attributes that changed."""

    number: int
    action: int | None
    fid: int
    kind: str
    geometry_before: bytes | None
    geometry_after: bytes | None
    before: Mapping[str, Value]
    after: Mapping[str, Value]


class Writer:
    """Changes the layer within one transaction; the triggers keep the journal."""

    def __init__(self, connection: sqlite3.Connection, table: Table) -> None:
        self.connection = connection
        self.table = table

    def set(self, fid: int, values: Mapping[str, Value]) -> None:
        """Give attributes of a feature new values."""
        if not values:
            return
        places = ", ".join(f"{quoted(name)} = ?" for name in values)
        statement = f"UPDATE {quoted(self.table.name)} SET {places} WHERE {quoted(self.table.key)} = ?"  # noqa: S608 # nosec B608
        self._one(statement, *values.values(), fid)

    def reshape(self, fid: int, geometry: bytes | None) -> None:
        """Give a feature another geometry."""
        name, column = quoted(self.table.name), quoted(self.table.geometry)
        statement = f"UPDATE {name} SET {column} = ? WHERE {quoted(self.table.key)} = ?"  # noqa: S608 # nosec B608
        self._one(statement, geometry, fid)
        self._widen(geometry)

    def insert(self, geometry: bytes | None, values: Mapping[str, Value], fid: int | None = None) -> int:
        """Add a feature; return its number."""
        columns = [self.table.key, self.table.geometry, *values]
        places = ", ".join("?" * len(columns))
        statement = f"INSERT INTO {quoted(self.table.name)} ({', '.join(map(quoted, columns))}) VALUES ({places})"  # noqa: S608 # nosec B608
        cursor = self.connection.execute(statement, (fid, geometry, *values.values()))
        self._widen(geometry)
        return int(cursor.lastrowid or 0)

    def delete(self, fid: int) -> None:
        """Take a feature out of the layer; the journal keeps it."""
        self._one(f"DELETE FROM {quoted(self.table.name)} WHERE {quoted(self.table.key)} = ?", fid)  # noqa: S608 # nosec B608

    def row(self, fid: int) -> Row | None:
        """Return a feature's geometry and attributes, None where it is not there."""
        columns = ", ".join(map(quoted, (self.table.geometry, *self.table.columns)))
        statement = f"SELECT {columns} FROM {quoted(self.table.name)} WHERE {quoted(self.table.key)} = ?"  # noqa: S608 # nosec B608
        row = self.connection.execute(statement, (fid,)).fetchone()
        return row and (row[0], dict(zip(self.table.columns, row[1:], strict=True)))

    def _one(self, statement: str, *values: Value) -> None:
        if self.connection.execute(statement, values).rowcount != 1:
            raise ReviewError(
                f"Candidate {values[-1]} is no longer in the layer: somebody removed it. Go on with the next one."
            )

    def _widen(self, geometry: bytes | None) -> None:
        """Let the layer's extent hold a geometry, and note when the layer was changed."""
        west, south, east, north = envelope_of(geometry) or (None, None, None, None)
        self.connection.execute(
            "UPDATE gpkg_contents SET last_change = strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), "
            "min_x = min(min_x, coalesce(?, min_x)), min_y = min(min_y, coalesce(?, min_y)), "
            "max_x = max(max_x, coalesce(?, max_x)), max_y = max(max_y, coalesce(?, max_y)) WHERE table_name = ?",
            (west, south, east, north, self.table.name),
        )


class Journal:
    """The journal of one layer.

    Parameters
    ----------
    path : str
        The GeoPackage.
    layer : str
        The layer's name in it.
    who : str
        The person who acts.

    Raises
    ------
    ReviewError
        If the file or the layer cannot be used.
    """

    def __init__(self, path: str, layer: str, who: str) -> None:
        self.path, self.who = path, who
        with connected(path) as connection:
            self._layer = table_of(connection, layer).name
            self._prefix = _prefix(connection, table_of(connection, layer))

    def prepare(self, columns: Mapping[str, str]) -> None:
        """Give the layer the columns that it lacks and begin to keep the journal; once done, this changes nothing.

        Parameters
        ----------
        columns : dict of str
            SQL types by name.
        """
        with connected(self.path, write=True) as connection:
            have = journaltables.types_of(connection, self._layer)
            for name, kind in columns.items():
                if kind == "TEXT" and not have.get(name.lower(), "TEXT").startswith(_TEXTS):
                    raise ReviewError(
                        f"The layer has a column {name} of the type {have[name.lower()]}, but the review writes text. "
                        "Rename the column (layer properties, Fields), then start the review."
                    )
                if name.lower() not in have:
                    connection.execute(f"ALTER TABLE {quoted(self._layer)} ADD COLUMN {quoted(name)} {kind}")
            table = table_of(connection, self._layer)
            for statement in journaltables.tables(self._prefix):
                connection.execute(statement)
            self._keep_all(connection, table)
            connection.execute(f"UPDATE {quoted(self._prefix + '_context')} SET action = NULL")  # noqa: S608 # nosec B608
            journaltables.register(connection, self._prefix, table)

    def _keep_all(self, connection: sqlite3.Connection, table: Table) -> None:
        """Let the triggers write down all columns that the layer has."""
        question = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = ?"
        kept = dict(connection.execute(question, (table.name,)))
        for name, statement in journaltables.triggers(self._prefix, table).items():
            if kept.get(name) != statement:
                connection.execute(f"DROP TRIGGER IF EXISTS {quoted(name)}")
                connection.execute(statement)

    def release(self) -> None:
        """Let go of the layer's columns, so that one can be dropped; until it is prepared again, no journal is kept."""
        with connected(self.path, write=True) as connection:
            for name in journaltables.triggers(self._prefix, table_of(connection, self._layer)):
                connection.execute(f"DROP TRIGGER IF EXISTS {quoted(name)}")

    @contextlib.contextmanager
    def action(self, what: str, note: str = "", reverses: int | None = None) -> Iterator[Writer]:
        """Do one action: all of it and its journal are written, or nothing is.

        Parameters
        ----------
        what : str
            Such as `accept` or `reshape`.
        note : str
        reverses : int, optional
            The action that an undo or redo takes back.

        Yields
        ------
        Writer
        """
        context = quoted(self._prefix + "_context")
        with connected(self.path, write=True) as connection:
            table = table_of(connection, self._layer)
            # A column that another program has added meanwhile.
            self._keep_all(connection, table)
            number = connection.execute(
                f"INSERT INTO {quoted(self._prefix)} (who, made_at, what, note, reverses) VALUES (?, ?, ?, ?, ?)",  # noqa: S608 # nosec B608
                (self.who, _now(), what, note, reverses),
            ).lastrowid
            connection.execute(f"UPDATE {context} SET action = ?", (number,))  # noqa: S608 # nosec B608
            yield Writer(connection, table)
            connection.execute(f"UPDATE {context} SET action = NULL")  # noqa: S608 # nosec B608
            self._describe(connection, number)

    def _describe(self, connection: sqlite3.Connection, number: int | None) -> None:
        """Write beside an action which features it changed; an action that changed nothing leaves no row.

        One that takes another back does: its column may have been dropped since, and the next undo goes on before it.
        """
        rows = connection.execute(
            f"SELECT fid FROM {quoted(self._prefix + '_entries')} WHERE action = ? GROUP BY fid ORDER BY min(entry)",  # noqa: S608 # nosec B608
            (number,),
        ).fetchall()
        name = quoted(self._prefix)
        if not rows:
            connection.execute(f"DELETE FROM {name} WHERE action = ? AND reverses IS NULL", (number,))  # noqa: S608 # nosec B608
            connection.execute(
                f"UPDATE {name} SET features = (SELECT features FROM {name} AS other WHERE other.action = "  # noqa: S608 # nosec B608
                f"{name}.reverses) WHERE action = ?",
                (number,),
            )
            return
        features = ",".join(str(row[0]) for row in rows)
        connection.execute(f"UPDATE {name} SET features = ? WHERE action = ?", (features, number))  # noqa: S608 # nosec B608

    def last_entry(self) -> int:
        """Return the number of the newest entry, 0 if there is none; it grows whoever changes the layer."""
        with connected(self.path) as connection:
            row = connection.execute(f"SELECT max(entry) FROM {quoted(self._prefix + '_entries')}").fetchone()  # noqa: S608 # nosec B608
        return int(row[0] or 0)

    def changed_since(self, entry: int) -> list[tuple[int, str]]:
        """Return which features were changed after an entry, and by whom."""
        statement = (
            f"SELECT DISTINCT fid, coalesce(who, '') FROM {quoted(self._prefix + '_entries')} "  # noqa: S608 # nosec B608
            f"LEFT JOIN {quoted(self._prefix)} USING (action) WHERE entry > ?"
        )
        with connected(self.path) as connection:
            return list(connection.execute(statement, (entry,)))

    def row(self, fid: int) -> Row | None:
        """Return a feature's geometry and attributes, None where it is not there."""
        with connected(self.path) as connection:
            return Writer(connection, table_of(connection, self._layer)).row(fid)

    def is_kept(self) -> bool:
        """Return whether the layer has a journal."""
        with connected(self.path) as connection:
            statement = "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = ?"
            return bool(connection.execute(statement, (f"{self._prefix}_entries",)).fetchone()[0])

    def entries(self, action: int | None = None) -> list[Entry]:
        """Return the entries of one action, or all, in the order in which they were made."""
        with connected(self.path) as connection:
            return _entries(connection, self._prefix, action)

    def actions(self, fid: int | None = None) -> list[Action]:
        """Return all actions in their order, or those that changed one feature."""
        entries = quoted(self._prefix + "_entries")
        where = "" if fid is None else f"WHERE action IN (SELECT action FROM {entries} WHERE fid = ?)"  # noqa: S608 # nosec B608
        columns = "action, who, made_at, what, note, reverses, features"
        statement = f"SELECT {columns} FROM {quoted(self._prefix)} {where} ORDER BY action"  # noqa: S608 # nosec B608
        with connected(self.path) as connection:
            rows = connection.execute(statement, () if fid is None else (fid,)).fetchall()
        return [Action(*row[:6], tuple(map(int, row[6].split(",")))) for row in rows if row[6]]

    def reversible(self) -> tuple[Action | None, Action | None]:
        """Return which of her own actions the person may undo and redo next; None where there is none."""
        done: list[Action] = []
        undone: list[Action] = []
        for action in self.actions():
            if action.who != self.who:
                continue
            if action.what == UNDO:
                undone.append(done.pop())
            elif action.what == REDO:
                done.append(undone.pop())
            else:
                done.append(action)
                undone.clear()
        return (done[-1] if done else None, undone[-1] if undone else None)

    def undo(self) -> Action:
        """Take back the person's last action.

        Returns
        -------
        Action
            What was taken back.

        Raises
        ------
        ReviewError
            If there is none, or somebody has changed the same since.
        """
        action = self.reversible()[0]
        if action is None:
            raise ReviewError("There is nothing to undo: you have not changed this layer.")
        self._take_back(action.number, UNDO, action)
        return action

    def redo(self) -> Action:
        """Do again what was undone last; raises and returns as `undo`."""
        action = self.reversible()[1]
        if action is None:
            raise ReviewError("There is nothing to redo.")
        undo = next(item for item in reversed(self.actions()) if item.what == UNDO and item.reverses == action.number)
        self._take_back(undo.number, REDO, action)
        return action

    def _take_back(self, number: int, what: str, action: Action) -> None:
        entries = self.entries(number)
        with self.action(what, action.what, action.number) as writer:
            for entry in reversed(entries):
                take_back(writer, entry)


def replay(journal: Journal, path: str, layer: str) -> None:
    """Do everything that a journal holds once more, on a copy of the layer as it was before the review.

    Parameters
    ----------
    journal : Journal
    path : str
        A GeoPackage with the starting layer; it is changed.
    layer : str
        The layer's name in it.

    Raises
    ------
    ReviewError
        If the layer is not the one that the journal began with.
    """
    with connected(path, write=True) as connection:
        writer = Writer(connection, table_of(connection, layer))
        for entry in journal.entries():
            do_again(writer, entry)


def rewind(journal: Journal, path: str, layer: str) -> None:
    """Take back everything that a journal holds, on a copy of the reviewed layer: this gives the starting layer."""
    with connected(path, write=True) as connection:
        writer = Writer(connection, table_of(connection, layer))
        for entry in reversed(journal.entries()):
            take_back(writer, entry)


def do_again(writer: Writer, entry: Entry) -> None:
    """Make the change of an entry, if the feature is as it was before that change."""
    _change(writer, entry.fid, entry.kind, (entry.geometry_before, entry.before), (entry.geometry_after, entry.after))


def take_back(writer: Writer, entry: Entry) -> None:
    """Reverse the change of an entry, if the feature is as it was after that change."""
    kind = {"insert": "delete", "delete": "insert", "update": "update"}[entry.kind]
    _change(writer, entry.fid, kind, (entry.geometry_after, entry.after), (entry.geometry_before, entry.before))


def _change(
    writer: Writer,
    fid: int,
    kind: str,
    now: tuple[bytes | None, Mapping[str, Value]],
    wanted: tuple[bytes | None, Mapping[str, Value]],
) -> None:
    """Bring a feature from one state to another; columns that were dropped since have no values any more."""
    current = writer.row(fid)
    there = set(writer.table.columns)
    values = {name: value for name, value in wanted[1].items() if name in there}
    if kind == "insert":
        if current is not None:
            raise _changed(fid)
        writer.insert(wanted[0], values, fid)
        return
    if current is None:
        raise _changed(fid)
    same_shape = now[0] is None or current[0] == now[0]
    # A row that goes takes all of its values along, those too that were empty when it came.
    compared = there if kind == "delete" else there & set(now[1])
    if not same_shape or any(current[1][name] != now[1].get(name) for name in compared):
        raise _changed(fid)
    if kind == "delete":
        writer.delete(fid)
        return
    if now[0] is not wanted[0]:
        writer.reshape(fid, wanted[0])
    writer.set(fid, values)


def _changed(fid: int) -> ReviewError:
    return ReviewError(
        f"Candidate {fid} has been changed since, by somebody else or in another program, so this was not done and "
        "nothing was lost. Look at it and decide anew."
    )


def _prefix(connection: sqlite3.Connection, table: Table) -> str:
    """Return the name of the tables of a layer's journal.

    A layer may have taken the name of one with a journal, which it replaced or which was renamed: it gets a new one.
    One whose triggers were dropped goes on with its own.
    """
    return next(name for name in journaltables.prefixes(connection, table.name) if _is_of(connection, name, table))


def _is_of(connection: sqlite3.Connection, prefix: str, table: Table) -> bool:
    """Return whether a journal has triggers on a layer, or none at all and has left the layer as it is; or is new."""
    question = "SELECT type, tbl_name FROM sqlite_master WHERE name IN (?, ?)"
    found = dict(connection.execute(question, (f"{prefix}_entries", f"{prefix}_update")))
    if "trigger" in found or "table" not in found:
        return True
    left: dict[int, Row | None] = {}
    for entry in _entries(connection, prefix, None):
        shape, values = left.get(entry.fid) or (None, {})
        now = (entry.geometry_after or shape, {**values, **entry.after})
        left[entry.fid] = None if entry.kind == "delete" else now
    writer = Writer(connection, table)
    return all(_agree(writer.row(fid), row) for fid, row in left.items())


def _agree(row: Row | None, left: Row | None) -> bool:
    """Return whether a row is as a journal left it, but for columns that were dropped since."""
    if row is None or left is None:
        return row is left
    same_shape = left[0] is None or left[0] == row[0]
    return same_shape and all(row[1][name] == value for name, value in left[1].items() if name in row[1])


def _entries(connection: sqlite3.Connection, prefix: str, action: int | None) -> list[Entry]:
    where, values = ("", ()) if action is None else ("WHERE action = ?", (action,))
    entries, changes = quoted(f"{prefix}_entries"), quoted(f"{prefix}_values")
    rows = connection.execute(
        f"SELECT entry, action, fid, kind, geometry_before, geometry_after FROM {entries} {where} ORDER BY entry",  # noqa: S608 # nosec B608
        values,
    ).fetchall()
    before: dict[int, dict[str, Value]] = {row[0]: {} for row in rows}
    after: dict[int, dict[str, Value]] = {row[0]: {} for row in rows}
    for number, name, old, new in connection.execute(
        f'SELECT entry, name, "before", "after" FROM {changes} JOIN {entries} USING (entry) {where}',  # noqa: S608 # nosec B608
        values,
    ):
        before[number][name], after[number][name] = old, new
    return [Entry(*row, before[row[0]], after[row[0]]) for row in rows]


def _now() -> str:
    return datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="milliseconds").replace("+00:00", "Z")
