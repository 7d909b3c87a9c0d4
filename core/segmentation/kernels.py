"""The inner loops of merging: over pixels, over regions, and over what it costs to merge them.

What is known of regions is a table with a row a region: -top, -left, bottom, right of its bounding box in pixels,
bottom and right exclusive, so that the box around two boxes is their maximum; size, perimeter, heterogeneity; and for
each band the mean and then the sum of squared deviations from it. It may be in float32, to be read faster; what is
computed is computed in float64. Swapping the two regions of a pair changes no bit of any result. Positions are unsigned
wherever it counts, since numba looks whether signed ones count from the end.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ..compiled import compiled, inlined
from ..rasters.floatorder import ordered_bits

if TYPE_CHECKING:
    from .regions import Borders, Regions

Numbers = NDArray[np.floating[Any]]
Signatures = NDArray[np.uint32]
Keys = NDArray[np.uint64]
Indices = NDArray[np.int32]
Flags = NDArray[np.bool_]
Position = int | np.uint32
Real = float | np.floating[Any]
Key = np.uint64

TOP, LEFT, BOTTOM, RIGHT, SIZE, PERIMETER, HETEROGENEITY, BANDS = range(8)
# Places of the factors; those of the bands follow.
COMPACTNESS, SMOOTHNESS, COLOUR = range(3)
# Key of a merge that is not allowed; no cost reaches it.
_NEVER = np.uint64(2**64 - 1)
_NO_PAIR = np.uint32(2**32 - 1)

_LOW = np.uint64(0xFFFFFFFF)
_SIGN = -(2**31)
# A mixing of 32 bits that is one to one: equal results only from equal signatures.
_MIXER = np.uint64(0x7FEB352D)
_BITS_15, _BITS_16, _BITS_32 = (np.uint64(bits) for bits in (15, 16, 32))


@inlined
def heterogeneity(size: Real, perimeter: Real, box_perimeter: Real, colour: Real, factors: Numbers) -> Any:
    """Return the heterogeneity of an object, weighted by its size; see `Criterion`.

    Parameters
    ----------
    size, perimeter, box_perimeter : float
        Pixels, and the lengths of the object's border and of its bounding box's, in pixel sides.
    colour : float
        Sum over the bands of the factor times the root of the sum of squared deviations from the mean.
    factors : float64 array
        `Criterion.factors`.
    """
    # n s = n sqrt(squares / n) = sqrt(n) sqrt(squares), and n l / sqrt(n) = sqrt(n) l.
    total = np.sqrt(size) * (colour + factors[COMPACTNESS] * perimeter)
    return total + factors[SMOOTHNESS] * size * perimeter / box_perimeter


@compiled
def measure(regions: Regions, factors: Numbers) -> None:
    """Set the heterogeneity of all regions from their other numbers."""
    numbers = regions.numbers
    for one in range(len(numbers)):
        colour = box = 0.0
        for band in range(len(factors) - COLOUR):
            colour += factors[COLOUR + band] * np.sqrt(np.float64(numbers[one, BANDS + 2 * band + 1]))
        for side in range(TOP, RIGHT + 1):
            box += numbers[one, side]
        size, perimeter = np.float64(numbers[one, SIZE]), np.float64(numbers[one, PERIMETER])
        numbers[one, HETEROGENEITY] = heterogeneity(size, perimeter, 2 * box, colour, factors)


@inlined
def merge_key(cost: float, signature: np.uint64) -> Key:
    """Return a key that sorts merges by cost, and those of equal cost by what looks like chance but is not.

    The high half is the cost in float32, -0 as 0. The low half is a bijection of the sum of the two regions'
    signatures: two borders of a region have equal keys only if the regions beyond them cost the same and have one
    signature. Were ties broken by position instead, an even area would merge in stripes.
    """
    bits = np.int64(np.float32(cost + 0.0).view(np.int32))
    # A negative number sorts by its complement, a positive one by its bits above all negative ones.
    ordered = np.uint64((bits ^ ((bits >> 31) | _SIGN)) & 0xFFFFFFFF)
    mixed = np.uint64(signature) & _LOW
    mixed ^= mixed >> _BITS_16
    mixed = (mixed * _MIXER) & _LOW
    mixed ^= mixed >> _BITS_15
    return (ordered << _BITS_32) | mixed


def limit_key(scale: float) -> Key:
    """Return the key that merges costing the square of the scale parameter or more are not below."""
    return np.uint64(ordered_bits(np.array([scale * scale]))[0]) << _BITS_32


@compiled
def best_pixel_pairs(
    bands: NDArray[np.float32], right: Flags, below: Flags, signature: Signatures, factors: Numbers, limit: Key
) -> Indices:
    """Return for each pixel the flat index of the one that it merges with, -1 where it stays alone.

    Parameters
    ----------
    bands : float32 array, shape (bands, height, width)
        Values.
    right, below : bool arrays, shape (height, width)
        Whether a pixel may merge with the next one in its row, and in its column.
    signature : uint32 array, shape (height, width)
        Signatures of the pixels.
    factors : float64 array
        `Criterion.factors`.
    limit : uint64
        Only merges whose keys are below are made.
    """
    values = bands.reshape(len(bands), right.size)
    signatures, allowed = signature.ravel(), (right.ravel(), below.ravel())
    steps = (np.uint32(1), np.uint32(right.shape[1]))
    keys = np.full((2, right.size), _NEVER)
    best = np.full(right.size, limit)
    for side in range(2):
        for number in range(right.size):
            if allowed[side][number]:
                one = np.uint32(number)
                other = one + steps[side]
                key = _pixel_key(values, one, other, signatures, factors)
                keys[side, one] = key
                best[one] = min(best[one], key)
                best[other] = min(best[other], key)
    # Pairs of mutual best neighbours, as twice the first pixel, and 1 more for one below the other.
    mutual = np.empty(2 * right.size, np.uint32)
    count = 0
    for number in range(right.size):
        for side in range(2):
            one, key = np.uint32(number), keys[side, number]
            if allowed[side][number]:
                mutual[count] = 2 * one + side
                count += (key < limit) & (key == best[one]) & (key == best[one + steps[side]])
    # Of pairs that tie at a pixel, the one whose pixels come first in the raster is the first to claim both.
    claimed = np.full(right.size, _NO_PAIR, np.uint32)
    for pair in mutual[:count]:
        one, other = pair >> 1, (pair >> 1) + steps[pair & 1]
        claimed[one] = min(claimed[one], pair)
        claimed[other] = min(claimed[other], pair)
    partner = np.full(right.size, -1, np.int32)
    for pair in mutual[:count]:
        one, other = pair >> 1, (pair >> 1) + steps[pair & 1]
        if claimed[one] == pair and claimed[other] == pair:
            partner[one], partner[other] = other, one
    return partner


@inlined
def _pixel_key(
    values: NDArray[np.float32], one: Position, other: Position, signatures: Signatures, factors: Numbers
) -> Key:
    # Two pixels d apart have n s = 2 (d / 2), n l / sqrt(n) = sqrt(2) 6, and n l / b as much as both have alone.
    cost = factors[COMPACTNESS] * (6 * np.sqrt(2.0) - 8)
    for band in range(len(values)):
        difference = np.float64(values[band, one]) - np.float64(values[band, other])
        cost += factors[COLOUR + band] * abs(difference)
    return merge_key(cost, np.uint64(signatures[one]) + np.uint64(signatures[other]))


@compiled
def pixel_regions(
    bands: NDArray[np.float32], partner: Indices, known: Flags, signature: Signatures, top: int, left: int
) -> tuple[Indices, Indices, Numbers, Signatures]:
    """Make regions of pixels and of pairs of pixels.

    Parameters
    ----------
    bands : float32 array, shape (bands, height, width)
        Values.
    partner : int32 array, shape (height * width,)
        What `best_pixel_pairs` returns.
    known : bool array, shape (height, width)
        Pixels that are sure; one whose partner is not is left out.
    signature : uint32 array, shape (height, width)
        Signatures of the pixels.
    top, left : int
        Place of the first pixel in the raster; both less than 2^24.

    Returns
    -------
    region : int32 array, shape (height, width)
        Region of each pixel, in the order of their first pixels; the number of regions where there is none.
    begins : int32 array, shape (n,)
        First pixel of each region, by its flat index.
    numbers : float32 array, shape (n, 7 + 2 * bands)
        The table, without the heterogeneity.
    signatures : uint32 array, shape (n,)
        Signatures of the regions.
    """
    height, width = known.shape
    is_known, signatures_then = known.ravel(), signature.ravel()
    count = 0
    for one in range(known.size):
        then = partner[one]
        count += is_known[one] and (then < 0 or (one < then and is_known[np.uint32(then)]))
    region = np.full(known.size, count, np.int32)
    begins = np.empty(count, np.int32)
    numbers = np.empty((count, BANDS + 2 * len(bands)), np.float32)
    signatures = np.empty(count, np.uint32)
    values = bands.reshape(len(bands), known.size)
    number = np.uint32(0)
    for row in range(height):
        for column in range(width):
            place = np.uint32(row * width + column)
            pair = partner[place] >= 0
            other = np.uint32(partner[place]) if pair else place
            if not is_known[place] or other < place or not is_known[other]:
                continue
            region[place] = region[other] = number
            begins[number] = place
            lower = pair and other - place == width
            numbers[number, TOP], numbers[number, LEFT] = -(row + top), -(column + left)
            numbers[number, BOTTOM] = row + lower + top + 1
            numbers[number, RIGHT] = column + (pair and not lower) + left + 1
            numbers[number, SIZE], numbers[number, PERIMETER] = 1 + pair, 4 + 2 * pair
            signatures[number] = signatures_then[place] + (signatures_then[other] if pair else 0)
            for band in range(len(bands)):
                value, other_value = np.float64(values[band, place]), np.float64(values[band, other])
                numbers[number, BANDS + 2 * band] = (value + other_value) / 2
                numbers[number, BANDS + 2 * band + 1] = (value - other_value) ** 2 / 2
            number += np.uint32(1)
    return region.reshape(known.shape), begins, numbers, signatures


@compiled
def evaluate(regions: Regions, borders: Borders, keys: Keys, places: Indices, factors: Numbers) -> None:
    """Set the keys of the borders at some places."""
    numbers, signature = regions
    for place in places:
        edge = np.uint32(place)
        one, other = np.uint32(borders.first[edge]), np.uint32(borders.second[edge])
        cost = _united_heterogeneity(numbers, one, other, borders.length[edge], factors)
        cost -= np.float64(numbers[one, HETEROGENEITY]) + np.float64(numbers[other, HETEROGENEITY])
        keys[edge] = merge_key(cost, np.uint64(signature[one]) + np.uint64(signature[other]))


@inlined
def _united_heterogeneity(numbers: Numbers, one: Position, other: Position, shared: int, factors: Numbers) -> Any:
    size, spread = _united_size(numbers, one, other)
    colour = box = 0.0
    for band in range(len(factors) - COLOUR):
        colour += factors[COLOUR + band] * np.sqrt(_united_squares(numbers, one, other, spread, BANDS + 2 * band))
    for side in range(TOP, RIGHT + 1):
        box += _larger(numbers[one, side], numbers[other, side])
    perimeter = np.float64(numbers[one, PERIMETER]) + np.float64(numbers[other, PERIMETER]) - 2 * shared
    return heterogeneity(size, perimeter, 2 * box, colour, factors)


@inlined
def _united_size(numbers: Numbers, one: Position, other: Position) -> tuple[Any, Any]:
    """Return the size of two regions as one, and what their means' squared difference adds to the deviations."""
    size, other_size = np.float64(numbers[one, SIZE]), np.float64(numbers[other, SIZE])
    return size + other_size, size * other_size / (size + other_size)


@inlined
def _united_squares(numbers: Numbers, one: Position, other: Position, spread: float, mean: int) -> Any:
    """Return the sum of squared deviations in a band of two regions as one (Chan, Golub and LeVeque 1983)."""
    difference = np.float64(numbers[one, mean]) - np.float64(numbers[other, mean])
    squares = np.float64(numbers[one, mean + 1]) + np.float64(numbers[other, mean + 1])
    return squares + difference * difference * spread


@inlined
def _larger(one: float, other: float) -> float:
    # `max` looks for NaN, of which there are none.
    return one if one > other else other


@compiled
def merge(regions: Regions, borders: Borders, chosen: Indices, factors: Numbers) -> None:
    """Make the first region of each chosen border what its two regions are as one."""
    numbers, signature = regions
    for place in chosen:
        edge = np.uint32(place)
        one, other = np.uint32(borders.first[edge]), np.uint32(borders.second[edge])
        united = _united_heterogeneity(numbers, one, other, borders.length[edge], factors)
        own, others = np.float64(numbers[one, SIZE]), np.float64(numbers[other, SIZE])
        size, spread = _united_size(numbers, one, other)
        for mean in range(BANDS, numbers.shape[1], 2):
            numbers[one, mean + 1] = _united_squares(numbers, one, other, spread, mean)
            # The mean of equal numbers is exactly that number.
            numbers[one, mean] = (own * numbers[one, mean] + others * numbers[other, mean]) / size
        for side in range(TOP, RIGHT + 1):
            numbers[one, side] = _larger(numbers[one, side], numbers[other, side])
        numbers[one, SIZE] = size
        numbers[one, PERIMETER] += numbers[other, PERIMETER] - 2 * borders.length[edge]
        numbers[one, HETEROGENEITY] = united
        signature[one] += signature[other]


@compiled
def compact(regions: Regions, touching: Flags, borders: Borders, into: Indices) -> tuple[int, Indices]:
    """Renumber the regions that are left, in their order, in place.

    Parameters
    ----------
    regions : Regions
        Those that are left come first afterwards.
    touching : bool array, shape (regions + 1,)
        Is renumbered with them.
    borders : Borders
        Are renumbered.
    into : int32 array, shape (regions + 1,)
        What each region has become part of, which may have become part of another since; the number of regions for
        those that left the graph.

    Returns
    -------
    count : int
        How many regions are left.
    number : int32 array, shape (regions + 1,)
        What has become of each, by the new numbers; `count` for those that left.
    """
    numbers, signature = regions
    first, second, _ = borders
    count = 0
    number = np.empty_like(into)
    for region in range(len(signature)):
        if into[region] == region:
            number[region] = count
            for column in range(numbers.shape[1]):
                numbers[count, column] = numbers[region, column]
            signature[count], touching[count] = signature[region], touching[region]
            count += 1
    touching[count] = False
    number[-1] = count
    for region in range(len(signature)):
        last = into[region]
        while into[last] != last:
            last = into[last]
        number[region] = number[last]
    for edge in range(len(first)):
        first[edge], second[edge] = number[first[edge]], number[second[edge]]
    return count, number
