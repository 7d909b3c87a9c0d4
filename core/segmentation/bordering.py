"""The inner loops of bordering: which regions border on each other, and on how many pixel sides.

Borders of regions that may be large are found in a table of pairs, those of pixels and of pairs of pixels without one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..compiled import compiled, inlined

if TYPE_CHECKING:
    from .kernels import Flags, Indices, Keys, Position
    from .regions import Borders

    _Arrays = tuple[Indices, Indices, Indices]

_LOW = np.uint64(0xFFFFFFFF)
_BITS_3, _BITS_29, _BITS_32 = (np.uint64(bits) for bits in (3, 29, 32))
# Multipliers that spread pairs over the slots of a table, after Knuth's multiplicative hashing.
_SPREAD, _LONG_SPREAD = np.uint64(0x9E3779B1), np.uint64(0x9E3779B97F4A7C15)


@compiled
def region_borders(region: Indices, right: Flags, below: Flags, nobody: int) -> tuple[Indices, Indices, Indices, Flags]:
    """Return the borders between regions, and which regions border on what is in none.

    Parameters
    ----------
    region : int32 array, shape (height, width)
        Region of each pixel.
    right, below : bool arrays, shape (height, width)
        Whether the side between a pixel and the next one in its row, and in its column, counts.
    nobody : int
        The number of regions, which pixels of no region have instead of one.

    Returns
    -------
    first, second, length : int32 arrays, shape (n,)
        The borders.
    touching : bool array, shape (nobody + 1,)
        Whether a side between a pixel of this region and one of no region counts.
    """
    steps = (np.uint32(1), np.uint32(region.shape[1]))
    regions, counted = region.ravel(), (right.ravel(), below.ravel())
    sides = 0
    for side in range(2):
        for pixel in range(len(regions)):
            if counted[side][pixel]:
                sides += regions[pixel] != regions[np.uint32(pixel) + steps[side]]
    first, second, length = np.empty(sides, np.int32), np.empty(sides, np.int32), np.empty(sides, np.int32)
    touching = np.zeros(nobody + 1, np.bool_)
    slots = _slots(sides)
    count = 0
    for pixel in range(len(regions)):
        for side in range(2):
            if not counted[side][pixel]:
                continue
            one, other = np.uint32(regions[pixel]), np.uint32(regions[np.uint32(pixel) + steps[side]])
            if one == nobody or other == nobody:
                touching[one] = touching[other] = True
            elif one != other:
                count = _add(one, other, 1, slots, (first, second, length), count)
    touching[nobody] = False
    return first[:count].copy(), second[:count].copy(), length[:count].copy(), touching


@compiled
def small_region_borders(
    region: Indices, right: Flags, below: Flags, partner: Indices, nobody: int
) -> tuple[Indices, Indices, Indices, Flags]:
    """Return what `region_borders` does, of regions of one or two pixels.

    Two of them share two sides at most, and two only where both are pairs that lie side by side.

    Parameters
    ----------
    region, right, below, nobody
        As for `region_borders`; regions are numbered in the order of their first pixels.
    partner : int32 array, shape (height * width,)
        Flat index of the other pixel of a pixel's region; -1 where it is alone.
    """
    steps = (np.uint32(1), np.uint32(region.shape[1]))
    regions, counted = region.ravel(), (right.ravel(), below.ravel())
    # Two pixels have six sides towards others, and each side belongs to two regions.
    first, second, length = (
        np.empty(3 * nobody, np.int32),
        np.empty(3 * nobody, np.int32),
        np.empty(3 * nobody, np.int32),
    )
    touching = np.zeros(nobody + 1, np.bool_)
    count = np.uint32(0)
    for pixel in range(len(regions)):
        for side in range(2):
            if not counted[side][pixel]:
                continue
            place = np.uint32(pixel)
            beyond = place + steps[side]
            one, other = np.uint32(regions[place]), np.uint32(regions[beyond])
            if one == nobody or other == nobody:
                touching[one] = touching[other] = True
            elif one != other:
                shift = partner[place] - pixel
                both = partner[place] >= 0 and partner[beyond] - np.int64(beyond) == shift
                first[count], second[count], length[count] = min(one, other), max(one, other), 1 + both
                # The second of two sides is counted at the first.
                count += np.uint32(not (both and shift < 0))
    touching[nobody] = False
    return first[:count].copy(), second[:count].copy(), length[:count].copy(), touching


@compiled
def add_borders(pieces: Borders, number: Indices, slots: Indices, borders: Borders, count: int) -> int:
    """Add pieces of border to the borders gathered so far; return how many these are then.

    Parameters
    ----------
    pieces : Borders
        Pieces, of which either region may come first.
    number : int32 array
        The region of each number that the pieces name.
    slots : int32 array
        The table in which pairs are found; made by `slots_for`, and not to be changed.
    borders : Borders
        The borders, with room for more.
    count : int
        How many there are.
    """
    for piece in range(len(pieces.length)):
        one, other = number[np.uint32(pieces.first[piece])], number[np.uint32(pieces.second[piece])]
        count = _add(np.uint32(one), np.uint32(other), pieces.length[piece], slots, borders, count)
    return count


@compiled
def slots_for(count: int) -> Indices:
    """Return an empty table for `add_borders` of as many pieces."""
    return _slots(count)


@inlined
def _slots(count: int) -> Indices:
    """Return an empty table for `_add`, of a power of two slots, of which at most half are used."""
    size = 8
    while size < 2 * count:
        size *= 2
    return np.full(size, -1, np.int32)


@inlined
def _add(one: Position, other: Position, sides: int, slots: Indices, borders: _Arrays, count: int) -> int:
    """Add a piece of border to its pair among the first `count`, or as a new one; return how many there are then."""
    first, second, length = borders
    smaller, larger = min(one, other), max(one, other)
    mask = np.uint64(len(slots) - 1)
    # Borders of one region fall into slots close together, which are close in memory, as long as there is room.
    slot = ((np.uint64(smaller) << _BITS_3) + (((np.uint64(larger) * _SPREAD) & _LOW) >> _BITS_29)) & mask
    step = np.uint64(0)
    while slots[slot] >= 0:
        place = np.uint32(slots[slot])
        if first[place] == smaller and second[place] == larger:
            length[place] += sides
            return count
        if step == 0:
            pair = (np.uint64(smaller) << _BITS_32) | np.uint64(larger)
            step = ((pair * _LONG_SPREAD) >> _BITS_32) | np.uint64(1)
        slot = (slot + step) & mask
    slots[slot] = count
    first[count], second[count], length[count] = smaller, larger, sides
    return count + 1


@compiled
def follow(borders: Borders, keys: Keys, into: Indices, changed: Flags, touching: Flags) -> tuple[int, Indices]:
    """Give merged regions the borders of their parts, in place.

    Parameters
    ----------
    borders : Borders
    keys : uint64 array, shape (n,)
        Their keys. Those that are left come first afterwards, in their order.
    into : int32 array, shape (regions + 1,)
        What each region has become part of; the number of regions for those that left the graph.
    changed : bool array, shape (regions + 1,)
        Regions that became another or left.
    touching : bool array, shape (regions + 1,)
        Is set for those that had a border with one that left.

    Returns
    -------
    count : int
        How many borders are left.
    renewed : int32 array
        Places of those that are not what they were; their keys are wrong.
    """
    first, second, length = borders
    nobody = len(into) - 1
    pieces = 0
    for edge in range(len(first)):
        pieces += changed[np.uint32(first[edge])] | changed[np.uint32(second[edge])]
    slots, renewed = _slots(pieces), np.empty(pieces, np.int32)
    count = new = 0
    for edge in range(len(first)):
        one, other, sides = np.uint32(first[edge]), np.uint32(second[edge]), length[edge]
        if not (changed[one] | changed[other]):
            first[count], second[count], length[count], keys[count] = one, other, sides, keys[edge]
            count += 1
            continue
        one, other = np.uint32(into[one]), np.uint32(into[other])
        if one == nobody or other == nobody:
            touching[one] = touching[other] = True
        elif one != other:
            before, count = count, _add(one, other, sides, slots, (first, second, length), count)
            if count > before:
                renewed[new] = before
                new += 1
    touching[nobody] = False
    return count, renewed[:new]
