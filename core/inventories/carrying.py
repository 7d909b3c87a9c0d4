"""Values of the standard's fields that a layer holds already, under either spelling or in columns that a user names."""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from numpy.typing import NDArray

from ..errors import InvalidOptionError
from .standard import LAYERS, RELIABILITY, Field
from .tables import find_column

Columns = Mapping[str, Sequence[Any] | NDArray[Any]]

# What may stand for the WorkingID, in order of preference.
_IDENTIFIERS = ("landform_id", "object_id", "id", "src_id", "name")
_REMARKS = ("notes",)
_COMPUTED = ("PolyUID", "RelIndex")
_LARGEST_INDEX = 2 * 4


def parse_mapping(items: Sequence[str]) -> dict[str, str]:
    """Return the column of each field (by its published name) that the user names as ``field=column``.

    Raises
    ------
    InvalidOptionError
        If an item has another form, or names no field of the standard.
    """
    names: dict[str, str] = {}
    for layer in LAYERS.values():
        for field in layer.fields:
            names |= {field.name.lower(): field.name, (field.template or field.name).lower(): field.name}
    mapping = {}
    for item in items:
        name, equals, column = (part.strip() for part in item.partition("="))
        if not equals or not column:
            raise InvalidOptionError(f"The item {item!r} of `mapping` must be field=column, such as ActiCl=activity.")
        if name.lower() not in names:
            near = difflib.get_close_matches(name, names.values(), n=1)
            hint = f" Did you mean {near[0]}?" if near else ""
            raise InvalidOptionError(f"The standard has no field {name!r}.{hint} Known are: {', '.join(_known())}.")
        if names[name.lower()] in _COMPUTED:
            raise InvalidOptionError(f"The item {item!r} of `mapping` fills a field that is computed; leave it out.")
        mapping[names[name.lower()]] = column
    return mapping


def _known() -> list[str]:
    return list(dict.fromkeys(field.name for layer in LAYERS.values() for field in layer.fields))


class Carried:
    """The values of one layer for fields of the standard.

    Parameters
    ----------
    columns : dict of sequence
        The layer's columns, None or NaN for NULL.
    mapping : dict of str
        Column of each field that the user names; a column that the layer does not have is passed over.
    what : str
        The layer, for messages.
    """

    def __init__(self, columns: Columns, mapping: Mapping[str, str], what: str) -> None:
        self._columns = columns
        self._mapping = mapping
        self._what = what
        self._refused: Counter[tuple[str, str]] = Counter()

    def text(self, column: str, row: int) -> str:
        """Return as text the value of a column, or of that which the user names for it; "" for NULL and without one."""
        name = find_column(list(self._columns), self._mapping.get(column, column))
        value = _plain(self._columns[name][row]) if name else None
        return "" if value is None else str(value)

    def value(self, field: Field, row: int) -> Any:
        """Return the value of a field as the standard writes it, None where the layer does not say."""
        column = self._column(field)
        value = _plain(self._columns[column][row]) if column else None
        if value is None:
            return None
        converted = _converted(field, value)
        if converted is None:
            self._refused[field.name, str(value)] += 1
        return converted

    def warnings(self) -> list[str]:
        """Return sentences on values that the standard does not have."""
        return [
            f"{self._what}: {name} has the value {value!r} ({count} times), which the standard does not have; it stays "
            "empty."
            for (name, value), count in self._refused.items()
        ]

    def _column(self, field: Field) -> str:
        names = list(self._columns)
        if field.name in self._mapping:
            return find_column(names, self._mapping[field.name])
        others = {"WorkingID": _IDENTIFIERS, "Comment": _REMARKS}.get(field.name, ())
        return find_column(names, field.name, field.template or field.name, *others)


def _plain(value: Any) -> Any:
    """Return a value without numpy's types, None for NULL and empty text."""
    value = value.item() if hasattr(value, "item") else value
    if isinstance(value, float):
        if value != value:
            return None
        return int(value) if value.is_integer() else value
    return None if isinstance(value, str) and not value.strip() else value


def _converted(field: Field, value: Any) -> Any:
    if field.domain is not None:
        code = field.domain.code_of(value)
        # Values that are not verified may lack what others write, so theirs are kept.
        if code is not None or field.domain.verified or field.kind != "text":
            return code
    if field.kind == "text":
        return str(value)
    if field.name == "RelIndex":
        return value if isinstance(value, int) and 0 <= value <= _LARGEST_INDEX else None
    return value if isinstance(value, (int, float)) else None


def reliability_index(values: Sequence[Any]) -> int | None:
    """Return the sum of an outline's four reliabilities, None where one is not known."""
    codes = RELIABILITY.codes
    return sum(values) if all(value in codes for value in values) else None
