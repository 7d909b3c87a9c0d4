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

import numpy as np
from numpy.typing import NDArray

from ..progress import Progress
from . import bordering, kernels, pairing
from .heterogeneity import Criterion
from .regions import Borders, Regions

# Borders between two questions whether to stop.
_CHUNK = 1 << 20
# Regions are renumbered when no more than this share of them is left, so that those left lie close in memory.
_LEFT_SHARE = 0.7


class Graph:
    """A region adjacency graph whose regions merge round by round.

    Parameters
    ----------
    regions : Regions
        The regions to begin with, in the order of their first pixels. They are changed.
    borders : Borders
        The pairs of neighbours that are allowed to merge. They are changed.
    criterion : Criterion
        Measure of heterogeneity, the same that `regions` were measured with.
    scale : float
        Scale parameter: a merge must cost less than its square.
    progress : Progress
        Asked whether to stop.
    touching : bool array, shape (n + 1,), optional
        Which of the n regions touch what is unknown; none by default.

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
        touching: NDArray[np.bool_] | None = None,
    ) -> None:
        self.regions = regions
        self.region_now = np.arange(regions.total + 1, dtype=np.int32)
        self._factors = criterion.factors
        self._limit = kernels.limit_key(scale)
        self._progress = progress
        self._touching = np.zeros(regions.total + 1, bool) if touching is None else touching
        self._into = np.arange(regions.total + 1, dtype=np.int32)
        self._left = regions.total
        self._borders = borders
        self._keys = np.empty(borders.total, np.uint64)
        self._evaluate(np.arange(borders.total, dtype=np.int32))

    def merge_best(self) -> int:
        """Merge all pairs of regions that are each other's best neighbour; return how many pairs there were."""
        borders, count = self._borders, self.regions.total
        mutual = pairing.mutual_best(borders, self._keys, count, self._limit)
        self._progress.check()
        chosen = pairing.disjoint(borders, mutual, count)
        chosen, leaving = self._parted(mutual, chosen)
        if len(chosen) or len(leaving):
            self._merge(chosen, leaving)
            self._left -= len(chosen) + len(leaving)
            if self._left <= _LEFT_SHARE * count:
                self.compact()
        return len(chosen)

    def compact(self) -> None:
        """Renumber the regions that are left, in their order, and forget the others."""
        count, number = kernels.compact(self.regions, self._touching, self._borders, self._into)
        self.region_now = number.take(self.region_now)
        self.regions = self.regions.first_ones(count)
        self._touching = self._touching[: count + 1]
        self._into = np.arange(count + 1, dtype=np.int32)
        self._left = count

    def _evaluate(self, places: NDArray[np.int32]) -> None:
        for start in range(0, len(places), _CHUNK):
            self._progress.check()
            part = places[start : start + _CHUNK]
            kernels.evaluate(self.regions, self._borders, self._keys, part, self._factors)

    def _parted(
        self, mutual: NDArray[np.int32], chosen: NDArray[np.int32]
    ) -> tuple[NDArray[np.int32], NDArray[np.intp]]:
        """Return the pairs that surely merge, and the regions whose fate in this round depends on what is unknown."""
        leaves = self._touching
        if not leaves.any():
            return chosen, np.zeros(0, np.intp)
        for edges in (mutual, mutual, chosen):
            leaves = pairing.spread_doubt(leaves, self._borders, edges)
        return chosen[~leaves.take(self._borders.first.take(chosen))], np.flatnonzero(leaves)

    def _merge(self, chosen: NDArray[np.int32], leaving: NDArray[np.intp]) -> None:
        """Merge along borders, and let regions leave; give merged regions the borders of their parts."""
        borders, nobody = self._borders, self.regions.total
        kernels.merge(self.regions, borders, chosen, self._factors)
        self._progress.check()
        kept, gone = borders.first.take(chosen), borders.second.take(chosen)
        self._into[gone] = kept
        self._into[leaving] = nobody
        changed = np.zeros(nobody + 1, bool)
        for some in (kept, gone, leaving):
            changed[some] = True
        self._touching[leaving] = False
        left, renewed = bordering.follow(borders, self._keys, self._into, changed, self._touching)
        self._borders, self._keys = borders.first_ones(left), self._keys[:left]
        self._evaluate(renewed)
