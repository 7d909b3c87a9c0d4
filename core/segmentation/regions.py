"""What is known of regions and of their borders, and what merging two regions makes of them.

What is known of a region is carried along and never recomputed from pixels. Swapping the two regions of a pair changes
no bit of any result.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from ..rasters.floatorder import ordered_bits
from .heterogeneity import Criterion, Floats, Integers

Keys = NDArray[np.uint64]

# Key of an edge that must not be merged; no cost reaches it.
NEVER = np.uint64(2**64 - 1)
# Bytes of a row; copies of this length are the fastest a byte.
_ROW = 16
_BOX, _SIZE, _PERIMETER, _HETEROGENEITY, _SIGNATURE, _BANDS = slice(0, 4), 4, 5, 6, 7, 8
# Multipliers that spread pairs over the slots of a table, after Knuth's multiplicative hashing.
_SPREAD = 0x9E3779B1


class Regions:
    """What is known of each region; its number is its place.

    The numbers lie in rows of 16 bytes, four of float32 or two of float64, because most of the time goes into fetching
    those of neighbours, which costs per row and not per number.

    Parameters
    ----------
    count, bands : int
        Regions and bands.
    dtype : float32 or float64
        In float32, a region may have up to 2^24 pixels.

    Attributes
    ----------
    rows : complex128 array, shape (rows of a region, count)
        The numbers; complex only because that is the type of 16 bytes.
    """

    def __init__(self, count: int, bands: int, dtype: DTypeLike) -> None:
        self.bands = bands
        self.dtype = np.dtype(dtype)
        self._lanes = _ROW // self.dtype.itemsize
        self.rows = np.empty((-(-(_BANDS + 2 * bands) // self._lanes), count), np.complex128)

    def __len__(self) -> int:
        return self.rows.shape[1]

    def column(self, place: int) -> NDArray[Any]:
        """Return a view of one of the numbers of each region."""
        row, lane = divmod(place, self._lanes)
        numbers: NDArray[Any] = self.rows[row].view(self.dtype)
        return numbers[lane :: self._lanes]

    @property
    def size(self) -> NDArray[Any]:
        """Pixels."""
        return self.column(_SIZE)

    @property
    def perimeter(self) -> NDArray[Any]:
        """Pixel sides between the region and anything else, the raster's edge and nodata included."""
        return self.column(_PERIMETER)

    @property
    def box(self) -> tuple[NDArray[Any], ...]:
        """Bounding box as -top, -left, bottom, right in pixels (bottom and right exclusive).

        The box around two boxes is their maximum.
        """
        return tuple(self.column(place) for place in range(4))

    @property
    def heterogeneity(self) -> NDArray[Any]:
        """`Criterion.heterogeneity` of the region."""
        return self.column(_HETEROGENEITY)

    @property
    def signature(self) -> NDArray[Any]:
        """Sum of the signatures of the region's pixels, in the low 32 bits; it breaks ties."""
        return self.column(_SIGNATURE).view(f"u{self.dtype.itemsize}")

    def mean(self, band: int) -> NDArray[Any]:
        """Mean of a band."""
        return self.column(_BANDS + 2 * band)

    def squares(self, band: int) -> NDArray[Any]:
        """Sum of squared deviations from the mean of a band."""
        return self.column(_BANDS + 2 * band + 1)

    def measure(self, criterion: Criterion) -> None:
        """Set the heterogeneity from the other numbers."""
        top, left, bottom, right = self.box
        box_perimeter = 2 * (top + left + bottom + right)
        squares = (self.squares(band) for band in range(self.bands))
        self.heterogeneity[:] = criterion.heterogeneity(self.size, self.perimeter, box_perimeter, squares)

    def take(self, index: Integers) -> Regions:
        """Return a copy of some of the regions."""
        some = Regions(0, self.bands, self.dtype)
        some.rows = self.rows.take(index, axis=1)
        return some

    def put(self, index: Integers, others: Regions) -> None:
        """Replace some of the regions by others, which may be of the other type."""
        if others.dtype == self.dtype:
            for row, other in zip(self.rows, others.rows, strict=True):
                row[index] = other
            return
        for place in range(_BANDS + 2 * self.bands):
            if place != _SIGNATURE:
                self.column(place)[index] = others.column(place)
        self.signature[index] = others.signature


@dataclass(frozen=True)
class Borders:
    """Pairs of adjacent regions, each pair once.

    Attributes
    ----------
    first, second : int32 arrays, shape (n,)
        Numbers of the two regions, the smaller one first.
    length : int32 array, shape (n,)
        Pixel sides that they share.
    """

    first: NDArray[np.int32]
    second: NDArray[np.int32]
    length: NDArray[np.int32]

    def __len__(self) -> int:
        return len(self.length)

    def take(self, index: Integers) -> Borders:
        """Return some of the pairs."""
        return Borders(self.first.take(index), self.second.take(index), self.length.take(index))

    def shifted(self, first: int) -> Borders:
        """Return the pairs of the same regions, numbered from `first`."""
        return Borders(self.first + np.int32(first), self.second + np.int32(first), self.length)

    def joined(self, others: Borders) -> Borders:
        """Return these pairs and others."""
        return Borders(
            np.concatenate((self.first, others.first)),
            np.concatenate((self.second, others.second)),
            np.concatenate((self.length, others.length)),
        )


def summed_borders(one: NDArray[np.int32], other: NDArray[np.int32], length: NDArray[np.int32]) -> Borders:
    """Return each pair of regions once, with the sum of its border lengths.

    Pairs are found alike by the slot of a table that they fall into, which is a third of the work of sorting them.

    Parameters
    ----------
    one, other : int32 arrays, shape (n,)
        Regions on the two sides of a piece of border, in either order and as often as it occurs.
    length : int32 array, shape (n,)
        Pixel sides of the piece.
    """
    first, second = np.minimum(one, other), np.maximum(one, other)
    pairs = first.astype(np.uint64)
    pairs <<= np.uint64(32)
    pairs |= second.view(np.uint32)
    group = _first_alike(pairs, first.view(np.uint32), second.view(np.uint32))
    kept = np.flatnonzero(group == np.arange(len(group), dtype=np.int32))
    total = np.bincount(group, length, len(group)).take(kept).astype(np.int32)
    return Borders(first.take(kept), second.take(kept), total)


def _first_alike(pairs: Keys, first: NDArray[np.uint32], second: NDArray[np.uint32]) -> NDArray[np.int32]:
    """Return for each pair the position of one that is equal, the same for all that are."""
    bits = max(int(2 * len(pairs)).bit_length(), 3)
    table = np.empty(1 << bits, np.int32)
    # Edges of one region fall into slots close together, which are close in memory.
    slot = first << np.uint32(3)
    slot += (second * np.uint32(_SPREAD)) >> np.uint32(29)
    slot &= np.uint32((1 << bits) - 1)
    # Of several values stored in one place, one stays.
    table[slot] = np.arange(len(pairs), dtype=np.int32)
    alike = table.take(slot)
    todo = np.flatnonzero(pairs.take(alike) != pairs)
    spread = _SPREAD
    while len(todo):
        spread = (spread * _SPREAD | 1) % 2**32
        slot = first.take(todo) * np.uint32(spread) + second.take(todo)
        slot *= np.uint32(_SPREAD)
        slot >>= np.uint32(max(32 - bits, 0))
        table[slot] = todo
        winner = table.take(slot)
        alike[todo] = winner
        todo = todo.take(np.flatnonzero(pairs.take(winner) != pairs.take(todo)))
    return alike


class Unions:
    """What pairs of adjacent regions would be as one.

    Parameters
    ----------
    regions : Regions
        All regions.
    first, second : int arrays, shape (n,)
        Numbers of the regions of each pair.
    shared : int array, shape (n,)
        Pixel sides that they share.
    criterion : Criterion
        Measure of heterogeneity.
    """

    def __init__(
        self,
        regions: Regions,
        first: NDArray[np.intp],
        second: NDArray[np.intp],
        shared: Integers,
        criterion: Criterion,
    ) -> None:
        self._regions = regions
        self._first = first
        self._second = second
        self._shared = shared
        self._criterion = criterion
        self._lanes = _ROW // regions.dtype.itemsize

    def keys(self) -> Keys:
        """Return the key of each merge, see `merge_keys`."""
        dtype = self._regions.dtype
        (size, other_size), (perimeter, other_perimeter), (own, other_own), signatures = self._numbers(4)
        both = size + other_size
        spread = size * other_size
        spread /= both
        border = perimeter + other_perimeter
        border -= 2 * self._shared.astype(dtype)
        cost = self._criterion.heterogeneity(both, border, self._box_perimeter(), self._squares(spread))
        cost -= own + other_own
        return merge_keys(cost, _signature_sum(*signatures, dtype))

    def merged(self) -> Regions:
        """Return the merged regions, one for each pair."""
        dtype = self._regions.dtype
        union = Regions(len(self._first), self._regions.bands, dtype)
        (size, other_size), (perimeter, other_perimeter), _, signatures = self._numbers(4)
        union.size[:] = size + other_size
        union.perimeter[:] = perimeter + other_perimeter - 2 * self._shared
        union.signature[:] = _signature_sum(*signatures, dtype)
        for row in range(4 // self._lanes):
            one, other = self._rows(row)
            np.maximum(one, other, out=union.rows[row].view(dtype).reshape(one.shape))
        # In float64, the mean of equal numbers is exactly that number.
        size, other_size = size.astype(np.float64), other_size.astype(np.float64)
        both = size + other_size
        for band, (mean, other_mean, squares, other_squares) in enumerate(self._band_numbers()):
            mean, other_mean = mean.astype(np.float64), other_mean.astype(np.float64)
            union.mean(band)[:] = (size * mean + other_size * other_mean) / both
            mean -= other_mean
            mean *= mean
            mean *= size * other_size / both
            union.squares(band)[:] = mean + (squares.astype(np.float64) + other_squares)
        union.measure(self._criterion)
        return union

    def _rows(self, row: int) -> tuple[NDArray[Any], NDArray[Any]]:
        """Return one row of each of the two regions, as (pairs, numbers)."""
        regions, numbers = self._regions, (-1, self._lanes)
        one, other = regions.rows[row].take(self._first), regions.rows[row].take(self._second)
        return one.view(regions.dtype).reshape(numbers), other.view(regions.dtype).reshape(numbers)

    def _numbers(self, place: int) -> Iterator[tuple[NDArray[Any], NDArray[Any]]]:
        """Yield four numbers of both regions, from a place that begins a row."""
        for row in range(place // self._lanes, (place + 4) // self._lanes):
            one, other = self._rows(row)
            for lane in range(self._lanes):
                yield one[:, lane], other[:, lane]

    def _box_perimeter(self) -> NDArray[Any]:
        total: NDArray[Any] = np.zeros(len(self._first), self._regions.dtype)
        for row in range(4 // self._lanes):
            one, other = self._rows(row)
            np.maximum(one, other, out=one)
            for lane in range(self._lanes):
                total += one[:, lane]
        total *= 2
        return total

    def _squares(self, spread: NDArray[Any]) -> Iterator[NDArray[Any]]:
        """For each band, the sum of squared deviations (Chan, Golub and LeVeque 1983)."""
        for mean, other_mean, squares, other_squares in self._band_numbers():
            union = mean - other_mean
            union *= union
            union *= spread
            union += squares + other_squares
            yield union

    def _band_numbers(self) -> Iterator[tuple[NDArray[Any], ...]]:
        """For each band, the means and the sums of squared deviations of the two regions."""
        one = other = np.empty((0, self._lanes))
        for band in range(self._regions.bands):
            row, lane = divmod(_BANDS + 2 * band, self._lanes)
            if lane == 0:
                one, other = self._rows(row)
            yield one[:, lane], other[:, lane], one[:, lane + 1], other[:, lane + 1]


def _signature_sum(one: NDArray[Any], other: NDArray[Any], dtype: np.dtype[Any]) -> NDArray[np.uint32]:
    kind = f"u{dtype.itemsize}"
    total: NDArray[np.uint32] = (one.view(kind) + other.view(kind)).astype(np.uint32, copy=False)
    return total


def merge_keys(cost: Floats, signature: NDArray[np.uint32]) -> Keys:
    """Return keys that sort edges by cost, and edges of equal cost by what looks like chance but is not.

    The high half is the cost in float32. The low half is a bijection of the sum of the two regions' signatures: two
    edges of a region have equal keys only if the regions at their other ends cost the same and have one signature.
    Were ties broken by position instead, an even area would merge in stripes.

    Parameters
    ----------
    cost : float array, shape (n,)
        Cost of each merge.
    signature : uint32 array, shape (n,)
        Signature of the merged region.
    """
    mixed = signature ^ (signature >> np.uint32(16))
    mixed *= np.uint32(0x7FEB352D)
    mixed ^= mixed >> np.uint32(15)
    keys = ordered_bits(cost).astype(np.uint64)
    keys <<= np.uint64(32)
    keys |= mixed
    return keys


def limit_key(scale: float) -> np.uint64:
    """Return the key that merges costing the square of the scale parameter or more are not below."""
    return np.uint64(ordered_bits(np.array([scale * scale]))[0]) << np.uint64(32)


def best_keys(first: Integers, second: Integers, keys: Keys, count: int) -> Keys:
    """Return the smallest key at each of `count` regions, `NEVER` where it has none.

    The same as `np.minimum.at`, which takes several times as long before numpy 1.25: every pass stores one of the keys
    that beat what is stored, and goes on with those that beat it still.

    Parameters
    ----------
    first, second : int arrays, shape (n,)
        The two regions of each edge.
    keys : uint64 array, shape (n,)
        The edges' keys.
    count : int
        Number of regions.
    """
    best = np.full(count, NEVER)
    best[first] = keys
    for ends in (first, second):
        beating, rest = ends, keys
        while len(beating):
            chosen = np.flatnonzero(rest < best.take(beating))
            beating, rest = beating.take(chosen), rest.take(chosen)
            best[beating] = rest
    return best


def disjoint(first: Integers, second: Integers, keys: Keys, count: int) -> NDArray[np.intp]:
    """Return which edges may be merged at once, no two of them having a region in common.

    Parameters
    ----------
    first, second : int arrays, shape (n,)
        Ends of edges that are the best of both ends, so that only equal keys can meet at a region.
    keys : uint64 array, shape (n,)
        Their keys.
    count : int
        Number of regions.

    Returns
    -------
    int array
        Positions of edges; of those that meet, the one whose regions come first in the raster.
    """
    uses = np.zeros(count, np.int8)
    # What occurs more than once, on either side or on both, is not seen by the edge that is stored last.
    position = np.zeros(count, np.int32)
    order = np.arange(len(first), dtype=np.int32)
    position[first] = order
    position[second] = order
    seen = (position.take(first) == order) & (position.take(second) == order)
    uses[first[~seen]] = 1
    uses[second[~seen]] = 1
    meeting = (uses.take(first) > 0) | (uses.take(second) > 0)
    alone, tied = np.flatnonzero(~meeting), np.flatnonzero(meeting)
    if not len(tied):
        return alone
    tied = tied[np.lexsort((second[tied], first[tied], keys[tied]))]
    turn = np.arange(len(tied), dtype=np.uint64)
    best = best_keys(first[tied], second[tied], turn, count)
    wins = (best[first[tied]] == turn) & (best[second[tied]] == turn)
    return np.concatenate((alone, tied[wins]))
