"""The region adjacency graph, and rounds of merging in which regions that fit each other best become one.

Regions and edges are structs of arrays. What is known of a region is carried along and never recomputed from pixels.
Regions are numbered in the order of their first pixels in the raster, row by row; a merged region takes the smaller
number of its parts, which keeps that order. Swapping the two regions of a pair changes no bit of any result.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .floatorder import ordered_bits
from .heterogeneity import Criterion, Floats, Integers
from .progress import Progress

Keys = NDArray[np.uint64]

# Key of an edge that must not be merged; no cost reaches it.
NEVER = np.uint64(2**64 - 1)
# Edges worked on at once: few enough for their numbers to stay in the processor's cache.
_CHUNK = 1 << 14
# Chunks between two questions whether to stop.
_CHECK_EVERY = 64
# Regions are renumbered when no more than this share of them is left, so that those left lie close in memory.
_LEFT_SHARE = 0.7


@dataclass(frozen=True)
class Regions:
    """What is known of each region; its number is its place in the arrays.

    Attributes
    ----------
    size : int64 array, shape (n,)
        Pixels.
    perimeter : int64 array, shape (n,)
        Pixel sides between the region and anything else, the raster's edge and nodata included.
    box : int32 array, shape (n, 4)
        Bounding box as -top, -left, bottom, right in pixels (bottom and right exclusive), so that the box around two
        boxes is their maximum.
    mean, squares : float64 arrays, shape (bands, n)
        Mean of each band, and sum of squared deviations from it.
    heterogeneity : float64 array, shape (n,)
        `Criterion.heterogeneity` of the region.
    signature : uint32 array, shape (n,)
        Sum of the signatures of the region's pixels; it breaks ties.
    """

    size: NDArray[np.int64]
    perimeter: NDArray[np.int64]
    box: NDArray[np.int32]
    mean: NDArray[np.float64]
    squares: NDArray[np.float64]
    heterogeneity: Floats
    signature: NDArray[np.uint32]

    def __len__(self) -> int:
        return len(self.size)

    def take(self, index: Integers) -> Regions:
        """Return a copy of some of the regions."""
        return Regions(
            self.size.take(index),
            self.perimeter.take(index),
            self.box.take(index, axis=0),
            self.mean.take(index, axis=1),
            self.squares.take(index, axis=1),
            self.heterogeneity.take(index),
            self.signature.take(index),
        )

    def put(self, index: Integers, others: Regions) -> None:
        """Replace some of the regions by others."""
        self.size[index] = others.size
        self.perimeter[index] = others.perimeter
        self.box[index] = others.box
        for band in range(len(self.mean)):
            self.mean[band][index] = others.mean[band]
            self.squares[band][index] = others.squares[band]
        self.heterogeneity[index] = others.heterogeneity
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

    def joined(self, others: Borders) -> Borders:
        """Return these pairs and others."""
        return Borders(
            np.concatenate((self.first, others.first)),
            np.concatenate((self.second, others.second)),
            np.concatenate((self.length, others.length)),
        )


def summed_borders(one: Integers, other: Integers, length: Integers) -> Borders:
    """Return each pair of regions once, with the sum of its border lengths.

    Parameters
    ----------
    one, other : int arrays, shape (n,)
        Regions on the two sides of a piece of border, in either order and as often as it occurs.
    length : int array, shape (n,)
        Pixel sides of the piece.
    """
    pairs = np.minimum(one, other).astype(np.uint64)
    pairs <<= np.uint64(32)
    pairs |= np.maximum(one, other).astype(np.uint64)
    # Pieces come nearly in order, which the stable sort makes use of.
    order = np.argsort(pairs, kind="stable")
    pairs = pairs.take(order)
    new = np.ones(len(pairs), bool)
    new[1:] = pairs[1:] != pairs[:-1]
    starts = np.flatnonzero(new)
    pairs = pairs.take(starts)
    total = np.add.reduceat(length.take(order), starts, dtype=np.int32) if len(starts) else np.zeros(0, np.int32)
    return Borders((pairs >> np.uint64(32)).astype(np.int32), pairs.astype(np.uint32).astype(np.int32), total)


@dataclass(frozen=True)
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

    regions: Regions
    first: NDArray[np.intp]
    second: NDArray[np.intp]
    shared: Integers
    criterion: Criterion

    def merged(self) -> Regions:
        """Return the merged regions, one for each pair."""
        size, other_size = self._sizes
        both = size + other_size
        share, other_share = size / both, other_size / both
        mean = np.empty((len(self.regions.mean), len(both)))
        for new, old in zip(mean, self.regions.mean, strict=True):
            np.add(share * old.take(self.first), other_share * old.take(self.second), out=new)
        perimeter, box, squares = self._perimeter, self._box, np.array(list(self._squares)).reshape(mean.shape)
        heterogeneity = self.criterion.heterogeneity(both, perimeter, box_perimeter(box), squares)
        return Regions(both, perimeter, box, mean, squares, heterogeneity, self._signature)

    def keys(self) -> Keys:
        """Return the key of each merge, see `merge_keys`."""
        size, other_size = self._sizes
        cost = self.criterion.heterogeneity(size + other_size, self._perimeter, box_perimeter(self._box), self._squares)
        own = self.regions.heterogeneity
        cost -= own.take(self.first) + own.take(self.second)
        return merge_keys(cost, self._signature)

    @property
    def _sizes(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        return self.regions.size.take(self.first), self.regions.size.take(self.second)

    @property
    def _perimeter(self) -> NDArray[np.int64]:
        perimeter = self.regions.perimeter
        union: NDArray[np.int64] = perimeter.take(self.first) + perimeter.take(self.second)
        union -= 2 * self.shared.astype(np.int64)
        return union

    @property
    def _box(self) -> NDArray[np.int32]:
        box = self.regions.box
        union: NDArray[np.int32] = np.maximum(box.take(self.first, axis=0), box.take(self.second, axis=0))
        return union

    @property
    def _signature(self) -> NDArray[np.uint32]:
        return self.regions.signature.take(self.first) + self.regions.signature.take(self.second)

    @property
    def _squares(self) -> Iterator[Floats]:
        """For each band, the sum of squared deviations (Chan, Golub and LeVeque 1983)."""
        size, other_size = (sizes.astype(np.float64) for sizes in self._sizes)
        spread = size * other_size / (size + other_size)
        for mean, squares in zip(self.regions.mean, self.regions.squares, strict=True):
            union = mean.take(self.first)
            union -= mean.take(self.second)
            union *= union
            union *= spread
            union += squares.take(self.first) + squares.take(self.second)
            yield union


def box_perimeter(box: NDArray[np.int32]) -> NDArray[np.int32]:
    """Return the length around each of `Regions.box`, in pixel sides."""
    length: NDArray[np.int32] = 2 * (box[:, 0] + box[:, 1] + box[:, 2] + box[:, 3])
    return length


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


def best_keys(ends: Integers, keys: Keys, count: int) -> Keys:
    """Return the smallest key of each of `count` regions, `NEVER` where it has none.

    The same as `np.minimum.at`, which takes three times as long before numpy 1.25: every pass stores one of the keys
    that beat what is stored, and goes on with those that beat it still.
    """
    best = np.full(count, NEVER)
    ends = ends.astype(np.intp)
    while len(ends):
        best[ends] = keys
        beating = np.flatnonzero(keys < best.take(ends))
        ends, keys = ends.take(beating), keys.take(beating)
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
    uses = np.bincount(first, minlength=count) + np.bincount(second, minlength=count)
    meeting = (uses.take(first) > 1) | (uses.take(second) > 1)
    alone, tied = np.flatnonzero(~meeting), np.flatnonzero(meeting)
    if not len(tied):
        return alone
    tied = tied[np.lexsort((second[tied], first[tied], keys[tied]))]
    turn = np.arange(len(tied), dtype=np.uint64)
    best = np.minimum(best_keys(first[tied], turn, count), best_keys(second[tied], turn, count))
    wins = (best[first[tied]] == turn) & (best[second[tied]] == turn)
    return np.concatenate((alone, tied[wins]))


class Graph:
    """A region adjacency graph whose regions merge round by round.

    Parameters
    ----------
    regions : Regions
        The regions to begin with, in the order of their first pixels.
    borders : Borders
        The pairs of neighbours that are allowed to merge.
    criterion : Criterion
        Measure of heterogeneity, the same that `regions` were measured with.
    scale : float
        Scale parameter: a merge must cost less than its square.
    progress : Progress
        Asked whether to stop.

    Attributes
    ----------
    region_now : int32 array, shape (n,)
        What became of each region that the graph began with; valid after `compact`.
    """

    def __init__(
        self, regions: Regions, borders: Borders, criterion: Criterion, scale: float, progress: Progress
    ) -> None:
        self.regions = regions
        self.region_now = np.arange(len(regions), dtype=np.int32)
        self._criterion = criterion
        self._limit = limit_key(scale)
        self._progress = progress
        self._into = np.arange(len(regions), dtype=np.int32)
        self._borders = borders
        self._keys = self._evaluated(borders)

    def merge_best(self) -> int:
        """Merge all pairs of regions that are each other's best neighbour; return how many pairs there were."""
        chosen = self._mutual_best()
        self._progress.check()
        if len(chosen):
            self._merge(chosen)
            self._update_borders(chosen)
            self._progress.check()
            if len(self._alive()) <= _LEFT_SHARE * len(self.regions):
                self.compact()
        return len(chosen)

    def compact(self) -> None:
        """Renumber the regions that are left, in their order, and forget the others."""
        alive = self._alive()
        number = np.zeros(len(self.regions), np.int32)
        number[alive] = np.arange(len(alive), dtype=np.int32)
        into = self._into
        # A region that took others in may have been taken in later.
        while not np.array_equal(into, further := into.take(into)):
            into = further
        self.region_now = number.take(into.take(self.region_now))
        self.regions = self.regions.take(alive)
        old = self._borders
        self._borders = Borders(number.take(old.first), number.take(old.second), old.length)
        self._into = np.arange(len(alive), dtype=np.int32)

    def _alive(self) -> NDArray[np.intp]:
        return np.flatnonzero(self._into == np.arange(len(self._into)))

    def _mutual_best(self) -> Borders:
        cheap = np.flatnonzero(self._keys < self._limit)
        keys, first, second = self._keys.take(cheap), self._borders.first.take(cheap), self._borders.second.take(cheap)
        count = len(self.regions)
        self._progress.check()
        best = best_keys(first, keys, count)
        self._progress.check()
        np.minimum(best, best_keys(second, keys, count), out=best)
        self._progress.check()
        mutual = np.flatnonzero((keys == best.take(first)) & (keys == best.take(second)))
        apart = disjoint(first.take(mutual), second.take(mutual), keys.take(mutual), count)
        return self._borders.take(cheap.take(mutual.take(apart)))

    def _merge(self, chosen: Borders) -> None:
        for part in self._chunks(len(chosen), _CHUNK // 8):
            kept, gone = chosen.first[part].astype(np.intp), chosen.second[part].astype(np.intp)
            self.regions.put(kept, Unions(self.regions, kept, gone, chosen.length[part], self._criterion).merged())
        self._into[chosen.second] = chosen.first

    def _update_borders(self, chosen: Borders) -> None:
        """Give merged regions the borders of their parts, and evaluate these anew."""
        changed = np.zeros(len(self.regions), bool)
        changed[chosen.first] = True
        changed[chosen.second] = True
        touched = changed.take(self._borders.first)
        touched |= changed.take(self._borders.second)
        moved = self._borders.take(np.flatnonzero(touched))
        one, other = self._into.take(moved.first), self._into.take(moved.second)
        self._progress.check()
        between = np.flatnonzero(one != other)
        renewed = summed_borders(one.take(between), other.take(between), moved.length.take(between))
        self._progress.check()
        same = np.flatnonzero(~touched)
        self._borders = self._borders.take(same).joined(renewed)
        self._keys = np.concatenate((self._keys.take(same), self._evaluated(renewed)))

    def _evaluated(self, borders: Borders) -> Keys:
        keys = np.empty(len(borders), np.uint64)
        for part in self._chunks(len(borders), _CHUNK):
            first, second = borders.first[part].astype(np.intp), borders.second[part].astype(np.intp)
            keys[part] = Unions(self.regions, first, second, borders.length[part], self._criterion).keys()
        return keys

    def _chunks(self, count: int, length: int) -> Iterator[slice]:
        for number, start in enumerate(range(0, count, length)):
            if number % _CHECK_EVERY == 0:
                self._progress.check()
            yield slice(start, start + length)
