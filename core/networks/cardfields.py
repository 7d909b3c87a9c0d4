"""Reading a model's card from JSON that somebody else may have written: every field is checked when it is taken."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from typing import Any

from ..errors import InvalidModelError

_REQUIRED = object()
_LARGEST = 10**300
_KIND_NAMES = {str: "a text", int: "a whole number", float: "a number", bool: "true or false", list: "a list"}


def parse_json(metadata: Mapping[str, str], key: str) -> Any:
    """Return the JSON value of a metadata entry, or raise `InvalidModelError`."""
    try:
        return json.loads(metadata[key])
    except (ValueError, RecursionError) as error:
        raise InvalidModelError(
            f"The model's metadata `{key}` is not valid JSON ({error}). Get an undamaged file from the model's author."
        ) from error


def mapping(value: Any, key: str) -> Mapping[str, Any]:
    """Return `value`, found under `key`, if it is a JSON object, or raise `InvalidModelError`."""
    if not isinstance(value, Mapping):
        raise InvalidModelError(f"The model card's `{key}` must hold an object with named fields, but holds {value!r}.")
    return value


def field(fields: Mapping[str, Any], key: str, kind: type, default: Any = _REQUIRED) -> Any:
    """Return a field of the given kind; null counts as left out, and a whole number is a number too.

    Raises
    ------
    InvalidModelError
        If it is of another kind or not finite, or if it is left out and has no default.
    """
    value = fields.get(key)
    if value is None and default is not _REQUIRED:
        return default
    if kind is float and type(value) is int:
        # An integer of JSON may have any number of digits.
        value = float(value) if abs(value) < _LARGEST else math.inf
    if type(value) is not kind or (isinstance(value, float) and not math.isfinite(value)):
        raise InvalidModelError(f"The model card's `{key}` must be {_KIND_NAMES[kind]}, but is {value!r}.")
    return value
