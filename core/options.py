"""Options and results of stages: frozen dataclasses of plain values that survive JSON.

One declaration serves every host: the toolbox dialog, the command line, the worker and the documentation all take a
field's help, default and bounds from here. This module and `contracts` need the standard library only, because QGIS
imports them into its own process.
"""

from __future__ import annotations

import dataclasses
import difflib
import math
import typing
from collections.abc import Mapping
from typing import Any, TypeVar

from .errors import InvalidOptionError

Contract = TypeVar("Contract", bound="Options")

# Whole numbers from here on may be beyond what a float holds.
_TOO_LARGE = 10**300


@dataclasses.dataclass(frozen=True)
class OptionInfo:
    """What hosts need to know of an option beside its type and default.

    Attributes
    ----------
    help : str
        One or two sentences for the user, with the unit.
    minimum, maximum : float or None
        Inclusive bounds of a number.
    choices : tuple of str
        The only values allowed, for text; for a tuple of text, its only elements.
    required : bool
        Whether an empty text is refused.
    """

    help: str
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()
    required: bool = False


def option(
    default: Any = dataclasses.MISSING,
    *,
    help: str,
    minimum: float | None = None,
    maximum: float | None = None,
    choices: tuple[str, ...] = (),
) -> Any:
    """Declare a field of an `Options` class; without a default it is required."""
    info = OptionInfo(help, minimum, maximum, choices, required=default is dataclasses.MISSING)
    return dataclasses.field(default=default, metadata={"info": info})


class Options:
    """Base of every stage's options: checks types and bounds when it is made.

    Fields are text, numbers, truth values, or tuples of text. Text that is left out is empty, never None.

    Raises
    ------
    InvalidOptionError
        If a value has the wrong type, is out of bounds, is none of the choices, or is empty though required.
    """

    def __post_init__(self) -> None:
        for name, kind in field_types(type(self)).items():
            value = _converted(name, getattr(self, name), kind)
            _check_bounds(name, value, field_info(type(self), name))
            object.__setattr__(self, name, value)


def field_types(contract: type) -> dict[str, Any]:
    """Return the type of each field of a contract, in order."""
    hints = typing.get_type_hints(contract)
    return {field.name: hints[field.name] for field in dataclasses.fields(contract)}


def field_info(contract: type, name: str) -> OptionInfo:
    """Return what was declared with `option` for a field."""
    info: OptionInfo = contract.__dataclass_fields__[name].metadata["info"]  # type: ignore[attr-defined]
    return info


def field_default(contract: type, name: str) -> Any:
    """Return a field's default, or None where the field is required."""
    default = contract.__dataclass_fields__[name].default  # type: ignore[attr-defined]
    return None if default is dataclasses.MISSING else default


def to_json(values: Any) -> dict[str, Any]:
    """Return an options or result dataclass as a dictionary that `json.dumps` takes."""
    return dataclasses.asdict(values)


def from_json(contract: type[Contract], values: Mapping[str, Any]) -> Contract:
    """Make options from a dictionary, refusing unknown names with the nearest known one.

    Raises
    ------
    InvalidOptionError
        If a name is unknown, a required one is missing, or a value is refused by `Options`.
    """
    known = field_types(contract)
    for name in values:
        if name not in known:
            near = difflib.get_close_matches(name, known, n=1)
            hint = f" Did you mean `{near[0]}`?" if near else f" Known are: {', '.join(known)}."
            raise InvalidOptionError(f"There is no option `{name}`.{hint}")
    for name in known:
        if field_info(contract, name).required and name not in values:
            raise InvalidOptionError(f"Option `{name}` is missing: {field_info(contract, name).help}")
    return contract(**values)


def _converted(name: str, value: Any, kind: Any) -> Any:
    """Return `value` as the declared type; JSON has no tuples, and hosts may send 3 for 3.0."""
    if typing.get_origin(kind) is tuple:
        if isinstance(value, (list, tuple)) and all(isinstance(item, str) for item in value):
            return tuple(value)
        raise InvalidOptionError(f"Option `{name}` must be a list of texts, but {value!r} was given.")
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value) if abs(value) < _TOO_LARGE else math.inf
    if kind is int and isinstance(value, float) and value.is_integer():
        return int(value)
    if type(value) is not kind:
        raise InvalidOptionError(f"Option `{name}` must be {_type_name(kind)}, but {value!r} was given.")
    return value


def _type_name(kind: Any) -> str:
    return {str: "a text", int: "a whole number", float: "a number", bool: "true or false"}[kind]


def _check_bounds(name: str, value: Any, info: OptionInfo) -> None:
    if info.required and value in ("", ()):
        raise InvalidOptionError(f"Option `{name}` is empty: {info.help}")
    if info.minimum is not None and not value >= info.minimum:
        raise InvalidOptionError(f"Option `{name}` must be at least {info.minimum:g}, but {value:g} was given.")
    if info.maximum is not None and not value <= info.maximum:
        raise InvalidOptionError(f"Option `{name}` must be at most {info.maximum:g}, but {value:g} was given.")
    if isinstance(value, float) and not math.isfinite(value):
        raise InvalidOptionError(f"Option `{name}` must be a finite number, but {value:g} was given.")
    chosen = value if isinstance(value, tuple) else (value,)
    if any(isinstance(item, str) and "\0" in item for item in chosen):
        raise InvalidOptionError(f"Option `{name}` has a null character in {value!r}; no name or path can have one.")
    for item in chosen if info.choices else ():
        if item not in info.choices:
            raise InvalidOptionError(
                f"Option `{name}` must be one of {', '.join(info.choices)}, but {item!r} was given."
            )


def same_option(contract: type, name: str) -> Any:
    """Declare a field exactly as another contract declares it."""
    field = contract.__dataclass_fields__[name]  # type: ignore[attr-defined]
    return dataclasses.field(default=field.default, metadata=field.metadata)
