"""Borders between objects, and what they say of an object among its neighbours.

Objects are neighbours where pixels share an edge; a common corner is none.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .features import Indices, Labels, Numbers, row_blocks
from .grid import Grid
from .progress import Progress

_LOW_HALF = np.uint64(2**32 - 1)
_HALF = np.uint64(32)


@dataclass(frozen=True)
class Borders:
    """Each pair of neighbours once, with the length of their common border.

    Attributes
    ----------
    first, second : array of int, shape (pairs,)
        Numbers of the objects, ``first < second``; 0 is whatever is no object, beyond the raster's edge too.
    length : array of float64, shape (pairs,)
        Length of the pixel edges between them, in map units.
    """

    first: Indices
    second: Indices
    length: Numbers

    def perimeters(self, count: int) -> Numbers:
        """Return the length of the whole border of objects 1..count, in map units."""
        return self._sums(self.length, count)

    def neighbour_counts(self, count: int) -> NDArray[np.int64]:
        """Return how many other objects each of the objects 1..count touches."""
        return self._sums((self.first > 0).astype(np.float64), count).astype(np.int64)

    def contrasts(self, means: Numbers) -> Numbers:
        """Return how much each object lies above its neighbours.

        The difference between the object's mean and each neighbour's is weighted by the length of the common border:
        sum(length * (mean - neighbour's mean)) / sum(length).

        Parameters
        ----------
        means : array of float64, shape (n,)
            Mean of a layer in objects 1..n; NaN where it has no value.

        Returns
        -------
        array of float64, shape (n,)
            Neighbours without a value do not count; NaN where the object or all its neighbours are without.
        """
        of_object = np.append(np.nan, means)
        difference = of_object[self.first] - of_object[self.second]
        known = ~np.isnan(difference)
        weight = np.where(known, self.length, 0.0)
        weighted = weight * np.where(known, difference, 0.0)
        above = np.bincount(self.first, weighted, minlength=len(of_object))
        below = np.bincount(self.second, weighted, minlength=len(of_object))
        total = self._sums(weight, len(means))
        mean: Numbers = (above - below)[1:] / np.where(total > 0, total, np.nan)
        return mean

    def _sums(self, weights: Numbers, count: int) -> Numbers:
        """Return the sum of a quantity of pairs over the pairs that each object has part in."""
        both = sum(np.bincount(end, weights, minlength=count + 1) for end in (self.first, self.second))
        return np.asarray(both, np.float64)[1:]


def object_borders(labels: Labels, grid: Grid, progress: Progress) -> Borders:
    """Find all borders between objects.

    Parameters
    ----------
    labels : array of uint32, shape (h, w)
        Objects numbered from 1; 0 where no object is.
    grid : Grid
        The pixels' grid; only its geotransform is used.
    progress : Progress

    Returns
    -------
    Borders
        Ordered by `first`, then `second`.
    """
    _, across_x, down_x, _, across_y, down_y = grid.geotransform
    across, down = np.hypot(across_x, across_y), np.hypot(down_x, down_y)
    keys, counts, lengths = [np.zeros(0, np.uint64)], [np.zeros(0, np.int64)], [np.zeros(0)]
    for block in _padded_blocks(labels, progress):
        # Pixels side by side share an edge that runs down the column, and the other way round.
        for one, other, edge in ((block[1:, :-1], block[1:, 1:], down), (block[:-1], block[1:], across)):
            found, times = np.unique(_pair_keys(one, other), return_counts=True)
            keys.append(found)
            counts.append(times)
            lengths.append(np.full(len(found), edge))
    pairs, position = np.unique(np.concatenate(keys), return_inverse=True)
    edges = np.concatenate(counts) * np.concatenate(lengths)
    length = np.bincount(position, edges, minlength=len(pairs)).astype(np.float64)
    return Borders((pairs >> _HALF).astype(np.intp), (pairs & _LOW_HALF).astype(np.intp), length)


def _padded_blocks(labels: Labels, progress: Progress) -> Iterator[Labels]:
    """Yield blocks of rows, each with the row above it, and with zeros where the raster ends."""
    height, width = labels.shape
    for rows in row_blocks(labels, progress):
        last = rows.stop == height
        block = np.zeros((rows.stop - rows.start + 1 + last, width + 2), np.uint32)
        above = max(rows.start - 1, 0)
        block[1 - (rows.start - above) : len(block) - last, 1:-1] = labels[above : rows.stop]
        yield block


def _pair_keys(one: Labels, other: Labels) -> NDArray[np.uint64]:
    """Return one number for each two adjacent pixels of different objects: the smaller label above the larger."""
    different = one != other
    first, second = one[different], other[different]
    smaller, larger = np.minimum(first, second).astype(np.uint64), np.maximum(first, second).astype(np.uint64)
    keys: NDArray[np.uint64] = (smaller << _HALF) | larger
    return keys
