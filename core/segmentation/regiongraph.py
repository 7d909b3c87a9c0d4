"""The region adjacency graph, and rounds of merging in which regions that fit each other best become one.

Regions are numbered in the order of their first pixels in the raster, row by row; a merged region takes the smaller
number of its parts, which keeps that order.

A graph may be part of a larger one, cut off somewhere. What happens near the cut cannot be known, and so nothing is
guessed there. A region *touches* what is unknown when it has a neighbour that is not in the graph. In a round, a region
merges or stays as it would in the larger graph, unless

1. it touches what is unknown: its best neighbour may be there; or
2. it and a region of 1 are each other's best neighbours, as far as known: that region may have a better one; or
3. it and a region of 2 are each other's best neighbours: of edges that tie, which one wins depends on the others.

Those regions leave the graph; who had them as neighbours touches what is unknown from then on. All regions that stay in
the graph are exactly those of the larger graph, whatever lies beyond the cut.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from ..progress import Progress
from .heterogeneity import Criterion
from .regions import Borders, Keys, Regions, Unions, best_keys, disjoint, limit_key, summed_borders

# Edges worked on at once: few enough for their numbers to stay in the processor's cache.
_CHUNK = 1 << 15
# Chunks between two questions whether to stop.
_CHECK_EVERY = 64
# Regions are renumbered when no more than this share of them is left, so that those left lie close in memory.
_LEFT_SHARE = 0.7
# Edges that cost too much to be merged are left out of the search when no more than this share costs less.
_CHEAP_SHARE = 0.7


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
    touching : int array, optional
        Numbers of the regions that touch what is unknown; none by default.

    Attributes
    ----------
    regions : Regions
        The regions now.
    region_now : int32 array, shape (n + 1,)
        What became of each region that the graph began with, and of none, which comes last; the number of regions for
        those that left. Valid after `compact`.
    """

    def __init__(
        self,
        regions: Regions,
        borders: Borders,
        criterion: Criterion,
        scale: float,
        progress: Progress,
        touching: NDArray[np.intp] | None = None,
    ) -> None:
        self.regions = regions
        self.region_now = np.arange(len(regions) + 1, dtype=np.int32)
        self._criterion = criterion
        self._limit = limit_key(scale)
        self._progress = progress
        self._touching = np.zeros(len(regions) + 1, bool)
        if touching is not None:
            self._touching[touching] = True
        self._into = np.arange(len(regions) + 1, dtype=np.int32)
        self._borders = borders
        self._keys = self._evaluated(borders)

    def merge_best(self) -> int:
        """Merge all pairs of regions that are each other's best neighbour; return how many pairs there were."""
        mutual, keys = self._mutual_best()
        self._progress.check()
        chosen = mutual.take(disjoint(mutual.first, mutual.second, keys, len(self.regions)))
        chosen, leaving = self._parted(mutual, chosen)
        if len(chosen) or len(leaving):
            self._merge(chosen)
            self._into[leaving] = len(self.regions)
            self._update_borders(chosen, leaving)
            self._progress.check()
            if len(self._alive()) <= _LEFT_SHARE * len(self.regions):
                self.compact()
        return len(chosen)

    def go_on_in_float64(self) -> None:
        """Compute all that follows in float64."""
        self.compact()
        regions = Regions(len(self.regions), self.regions.bands, np.float64)
        regions.put(np.arange(len(regions)), self.regions)
        self.regions = regions
        self._keys = self._evaluated(self._borders)

    def compact(self) -> None:
        """Renumber the regions that are left, in their order, and forget the others."""
        alive = self._alive()
        number = np.full(len(self.regions) + 1, len(alive), np.int32)
        number[alive] = np.arange(len(alive), dtype=np.int32)
        into = self._into
        # A region that took others in may have been taken in later.
        while not np.array_equal(into, further := into.take(into)):
            into = further
        self.region_now = number.take(into.take(self.region_now))
        self.regions = self.regions.take(alive)
        self._touching = np.append(self._touching.take(alive), False)
        self._renumber_borders(number)
        self._into = np.arange(len(alive) + 1, dtype=np.int32)

    def _renumber_borders(self, number: NDArray[np.int32]) -> None:
        """Renumber the ends of all borders, and bring borders in the order of regions, whose numbers are read next."""
        old = self._borders
        first = number.take(old.first)
        # numpy sorts whole numbers of 16 bits by radix, several times as fast as longer ones.
        coarse = max(int(number[-1]).bit_length() - 16, 0)
        order = np.argsort((first >> coarse).astype(np.uint16), kind="stable")
        self._borders = Borders(first.take(order), number.take(old.second.take(order)), old.length.take(order))
        self._keys = self._keys.take(order)

    def _alive(self) -> NDArray[np.intp]:
        count = len(self.regions)
        return np.flatnonzero(self._into[:count] == np.arange(count, dtype=np.int32))

    def _mutual_best(self) -> tuple[Borders, Keys]:
        """Return the edges that are the best of both their ends, and their keys."""
        edges, keys = self._borders, self._keys
        cheap = np.flatnonzero(keys < self._limit)
        if len(cheap) <= _CHEAP_SHARE * len(keys):
            edges, keys = edges.take(cheap), keys.take(cheap)
        self._progress.check()
        best = best_keys(edges.first, edges.second, keys, len(self.regions))
        self._progress.check()
        mutual = np.flatnonzero(keys == best.take(edges.first))
        edges, keys = edges.take(mutual), keys.take(mutual)
        mutual = np.flatnonzero((keys == best.take(edges.second)) & (keys < self._limit))
        return edges.take(mutual), keys.take(mutual)

    def _parted(self, mutual: Borders, chosen: Borders) -> tuple[Borders, NDArray[np.intp]]:
        """Return the pairs that surely merge, and the regions whose fate in this round depends on what is unknown."""
        leaves = self._touching[:-1]
        if not leaves.any():
            return chosen, np.zeros(0, np.intp)
        for edges in (mutual, mutual, chosen):
            known, leaves = leaves, leaves.copy()
            leaves[edges.first.take(np.flatnonzero(known.take(edges.second)))] = True
            leaves[edges.second.take(np.flatnonzero(known.take(edges.first)))] = True
        return chosen.take(np.flatnonzero(~leaves.take(chosen.first))), np.flatnonzero(leaves)

    def _merge(self, chosen: Borders) -> None:
        for part in self._chunks(len(chosen), _CHUNK // 4):
            kept, gone = chosen.first[part].astype(np.intp), chosen.second[part].astype(np.intp)
            self.regions.put(kept, Unions(self.regions, kept, gone, chosen.length[part], self._criterion).merged())
        self._into[chosen.second] = chosen.first

    def _update_borders(self, chosen: Borders, leaving: NDArray[np.intp]) -> None:
        """Give merged regions the borders of their parts, and evaluate these anew; drop those of regions that left."""
        nobody = len(self.regions)
        changed = np.zeros(nobody, bool)
        for numbers in (chosen.first, chosen.second, leaving):
            changed[numbers] = True
        touched = changed.take(self._borders.first)
        touched |= changed.take(self._borders.second)
        moved = np.flatnonzero(touched)
        one = self._into.take(self._borders.first.take(moved))
        other = self._into.take(self._borders.second.take(moved))
        self._progress.check()
        between = one != other
        if len(leaving):
            self._touching[leaving] = False
            self._touching[one.take(np.flatnonzero(other == nobody))] = True
            self._touching[other.take(np.flatnonzero(one == nobody))] = True
            self._touching[nobody] = False
            between &= (one != nobody) & (other != nobody)
        kept = np.flatnonzero(between)
        renewed = summed_borders(one.take(kept), other.take(kept), self._borders.length.take(moved.take(kept)))
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
