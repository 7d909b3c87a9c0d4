"""Compiled functions where machine code can be kept, and where it cannot."""

from __future__ import annotations

from types import FunctionType

from rock_glacier_mapper.core.compiled import compiled


def twice(number):
    """Return double the number."""
    return 2 * number


def test_without_a_place_for_machine_code():
    """A function that is in no file cannot be kept; it is compiled all the same."""
    placeless = FunctionType(twice.__code__.replace(co_filename="<nowhere>"), {}, "twice")
    assert compiled(placeless)(3.5) == 7
