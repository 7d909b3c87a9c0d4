"""The tables and triggers that keep the journal of a layer, as SQL; `journal` says what they hold."""

from __future__ import annotations

import itertools
import sqlite3
from collections.abc import Iterator

from .geopackage import Table, quoted, table_of

# SQLite takes 500 terms; fewer keep the statements readable.
_TERMS = 100


def prefixes(connection: sqlite3.Connection, layer: str) -> Iterator[str]:
    """Yield the names that the journal's tables of a layer may have, the likeliest first.

    A layer that has triggers has the journal that they write to, whatever it is called by now. Those after are of
    journals without triggers, and the last one is free.
    """
    triggers_of = dict(
        connection.execute(
            "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger' "
            "AND name LIKE 'review\\_%\\_update' ESCAPE '\\'"
        )
    )
    yield from (name.removesuffix("_update") for name, owner in triggers_of.items() if owner == layer)
    taken = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    for number in itertools.count(1):
        prefix = f"review_{layer}" + (f"_{number}" if number > 1 else "")
        if f"{prefix}_update" not in triggers_of:
            yield prefix
        if prefix not in taken:
            return


def types_of(connection: sqlite3.Connection, layer: str) -> dict[str, str]:
    """Return the SQL types of a layer's columns, by their names in lower case."""
    name = table_of(connection, layer).name
    return {row[1].lower(): row[2].upper() for row in connection.execute(f"PRAGMA table_info({quoted(name)})")}


def tables(prefix: str) -> list[str]:
    """Return the statements that make the journal's tables where they are not there."""
    actions, entries = quoted(prefix), quoted(f"{prefix}_entries")
    values, context = quoted(f"{prefix}_values"), quoted(f"{prefix}_context")
    return [
        f"CREATE TABLE IF NOT EXISTS {actions} (action INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, who TEXT, "
        "made_at TEXT, what TEXT, note TEXT, reverses INTEGER, features TEXT)",
        f"CREATE TABLE IF NOT EXISTS {entries} (entry INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, action INTEGER, "
        "made_at TEXT, fid INTEGER, kind TEXT, geometry_before BLOB, geometry_after BLOB)",
        f"CREATE INDEX IF NOT EXISTS {quoted(prefix + '_entries_action')} ON {entries} (action)",
        f"CREATE INDEX IF NOT EXISTS {quoted(prefix + '_entries_fid')} ON {entries} (fid)",
        f'CREATE TABLE IF NOT EXISTS {values} (entry INTEGER, name TEXT, "before", "after", '
        "PRIMARY KEY (entry, name)) WITHOUT ROWID",
        f"CREATE TABLE IF NOT EXISTS {context} (action INTEGER)",
        f"INSERT INTO {context} SELECT NULL WHERE NOT EXISTS (SELECT 1 FROM {context})",  # noqa: S608 # nosec B608
    ]


def triggers(prefix: str, table: Table) -> dict[str, str]:
    """Return the statements that make the triggers, by the triggers' names."""
    key = quoted(table.key)
    names = (table.geometry, *table.columns)
    changed = " OR ".join(f"OLD.{quoted(name)} IS NOT NEW.{quoted(name)}" for name in names)
    update = _record(prefix, table, "update", "OLD", "NEW")
    delete = _record(prefix, table, "delete", "OLD", "")
    insert = _record(prefix, table, "insert", "", "NEW")
    bodies = {
        "update": f"UPDATE ON {quoted(table.name)} WHEN OLD.{key} = NEW.{key} AND ({changed}) BEGIN {update} END",
        "renumber": f"UPDATE ON {quoted(table.name)} WHEN OLD.{key} <> NEW.{key} BEGIN {delete} {insert} END",
        "insert": f"INSERT ON {quoted(table.name)} BEGIN {insert} END",
        "delete": f"DELETE ON {quoted(table.name)} BEGIN {delete} END",
    }
    return {
        f"{prefix}_{name}": f"CREATE TRIGGER {quoted(f'{prefix}_{name}')} AFTER {body}" for name, body in bodies.items()
    }


def _record(prefix: str, table: Table, kind: str, before: str, after: str) -> str:
    """Return the statements by which a trigger writes an entry; an empty name stands for no row."""
    shape = quoted(table.geometry)
    old, new = (f"{row}.{shape}" if row else "NULL" for row in (before, after))
    if kind == "update":
        old, new = (f"CASE WHEN OLD.{shape} IS NOT NEW.{shape} THEN {value} END" for value in (old, new))
    entries, values, context = (quoted(f"{prefix}_{name}") for name in ("entries", "values", "context"))
    fid = f"{before or after}.{quoted(table.key)}"
    statements = [
        f"INSERT INTO {entries} (action, made_at, fid, kind, geometry_before, geometry_after) VALUES "  # noqa: S608 # nosec B608
        f"((SELECT action FROM {context}), strftime('%Y-%m-%dT%H:%M:%fZ', 'now'), {fid}, '{kind}', {old}, {new});"
    ]
    for start in range(0, len(table.columns), _TERMS):
        terms = " UNION ALL ".join(
            f"SELECT {_text(name)} AS n, {_value(before, name)} AS b, {_value(after, name)} AS a"
            for name in table.columns[start : start + _TERMS]
        )
        statements.append(
            f"INSERT INTO {values} SELECT (SELECT max(entry) FROM {entries}), n, b, a FROM ({terms}) WHERE b IS NOT a;"  # noqa: S608 # nosec B608
        )
    return " ".join(statements)


def _value(row: str, column: str) -> str:
    return f"{row}.{quoted(column)}" if row else "NULL"


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def register(connection: sqlite3.Connection, prefix: str, table: Table) -> None:
    """Show the actions as a table of the GeoPackage; the other tables are for the program."""
    connection.execute(
        "INSERT OR IGNORE INTO gpkg_contents (table_name, data_type, identifier, description) "
        "VALUES (?, 'attributes', ?, ?)",
        (prefix, prefix, f"Who did what in the review of {table.name}"),
    )
