"""Reading the wire format of protocol buffers, of which ONNX files are made, without their schemas."""

from __future__ import annotations

from collections.abc import Iterator

_VARINT, _FIXED64, _LENGTH_DELIMITED, _FIXED32 = 0, 1, 2, 5
# The bit of a byte that says that the integer goes on.
_MORE = 0x80


def fields(message: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    """Yield the number and value of each field: an integer, or the bytes of a length-delimited or fixed one.

    Raises
    ------
    ValueError
        If the bytes are no protocol buffer, or end too early.
    """
    place = 0
    while place < len(message):
        tag, place = _varint(message, place)
        kind = tag & 7
        if kind == _VARINT:
            number, place = _varint(message, place)
            yield tag >> 3, number
            continue
        if kind == _LENGTH_DELIMITED:
            length, place = _varint(message, place)
        elif kind in (_FIXED32, _FIXED64):
            length = 4 if kind == _FIXED32 else 8
        else:
            raise ValueError("unknown wire type")
        if place + length > len(message):
            raise ValueError("message ends too early")
        yield tag >> 3, message[place : place + length]
        place += length


def varints(packed: memoryview) -> list[int]:
    """Return the integers of a packed repeated field.

    Raises
    ------
    ValueError
        If the bytes end too early.
    """
    numbers, place = [], 0
    while place < len(packed):
        number, place = _varint(packed, place)
        numbers.append(number)
    return numbers


def _varint(message: memoryview, place: int) -> tuple[int, int]:
    """Decode an integer of seven bits a byte, the lowest first; return it and the place after it."""
    number = 0
    for shift in range(0, 70, 7):
        if place >= len(message):
            raise ValueError("message ends too early")
        byte = message[place]
        place += 1
        number |= (byte & ~_MORE) << shift
        if not byte & _MORE:
            return number, place
    raise ValueError("integer too long")
