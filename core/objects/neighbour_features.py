"""Borders between objects, and what they say of an object among its neighbours.

Objects are neighbours where pixels share an edge; a common corner is none.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..rasters.grid import Grid
from ..rasters.labels import Labels
from .objectpixels import Indices, Numbers, Values

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

    def above_lower(self, means: Numbers) -> Numbers:
        """Return how much each object lies above its lower neighbours.

        Parameters
        ----------
        means : array of float64, shape (n,)
            Mean elevation of objects 1..n; NaN where it has no value.

        Returns
        -------
        array of float64, shape (n,)
            sum(length * (mean - neighbour's mean)) / sum(length) over the neighbours of a lower mean; NaN without one.
        """
        of_object = np.append(np.nan, means)
        drop = of_object[self.first] - of_object[self.second]
        weighted, total = np.zeros(len(of_object)), np.zeros(len(of_object))
        for end, height in ((self.first, drop), (self.second, -drop)):
            lower = np.flatnonzero(height > 0)
            length = self.length[lower]
            weighted += np.bincount(end[lower], length * height[lower], minlength=len(of_object))
            total += np.bincount(end[lower], length, minlength=len(of_object))
        above: Numbers = (weighted / np.where(total > 0, total, np.nan))[1:]
        return above

    def lowest_neighbours(self, means: Numbers) -> Numbers:
        """Return the lowest of the neighbours' means, shape (n,); NaN where no neighbour has a value."""
        of_object = np.append(np.nan, means)
        ends, others = np.append(self.first, self.second), np.append(self.second, self.first)
        order = np.argsort(ends, kind="stable")
        starts = np.flatnonzero(np.diff(ends[order], prepend=-1))
        lowest = np.full(len(of_object), np.nan)
        lowest[ends[order[starts]]] = np.fmin.reduceat(of_object[others[order]], starts)
        return lowest[1:]

    def _sums(self, weights: Numbers, count: int) -> Numbers:
        """Return the sum of a quantity of pairs over the pairs that each object has part in."""
        both = sum(np.bincount(end, weights, minlength=count + 1) for end in (self.first, self.second))
        return np.asarray(both, np.float64)[1:]


class BorderLengths:
    """The borders between objects, from strips of rows that arrive from top to bottom.

    Parameters
    ----------
    grid : Grid
        The pixels' grid; only its width and geotransform are used.
    """

    def __init__(self, grid: Grid) -> None:
        self._sides = pixel_sides(grid)
        self._above = np.zeros((1, grid.width), np.uint32)
        self._keys = [np.zeros(0, np.uint64)]
        self._lengths = [np.zeros(0)]

    def add(self, labels: Labels) -> None:
        """Take the next rows: objects numbered from 1, 0 where no object is, shape (rows, w)."""
        line = _padded(self._above, labels, 0)
        self._above = labels[-1:]
        for pixels, others, side in _borders(line, labels.shape[1] + 2, self._sides):
            keys, times = np.unique(_pair_keys(line.take(pixels), line.take(others)), return_counts=True)
            self._keys.append(keys)
            self._lengths.append(times * side)

    def finished(self) -> Borders:
        """Return all borders, ordered by `first`, then `second`; beyond the last row no object is."""
        self.add(np.zeros_like(self._above))
        pairs, position = np.unique(np.concatenate(self._keys), return_inverse=True)
        length = np.bincount(position, np.concatenate(self._lengths), minlength=len(pairs)).astype(np.float64)
        return Borders((pairs >> _HALF).astype(np.intp), (pairs & _LOW_HALF).astype(np.intp), length)


class BorderContrast:
    """How much a layer is higher inside an object than outside, along its border.

    For each object: sum(e * (inside - outside)) / sum(e) over the pixels' edges of length e between it and others,
    where both pixels have a value; pixels of no object count.

    Parameters
    ----------
    count : int
        Number of objects.
    grid : Grid
        The pixels' grid; only its width and geotransform are used.
    """

    def __init__(self, count: int, grid: Grid) -> None:
        self._sides = pixel_sides(grid)
        self._labels_above = np.zeros((1, grid.width), np.uint32)
        self._values_above = np.full((1, grid.width), np.nan, np.float32)
        self._weighted, self._total = np.zeros(count + 1), np.zeros(count + 1)

    def add(self, labels: Labels, values: Values) -> None:
        """Take the next rows: objects numbered from 1, and the layer's values, both of shape (rows, w)."""
        label_line = _padded(self._labels_above, labels, 0)
        value_line = _padded(self._values_above, values, np.nan)
        self._labels_above, self._values_above = labels[-1:], values[-1:]
        for pixels, others, side in _borders(label_line, labels.shape[1] + 2, self._sides):
            step = value_line.take(pixels).astype(np.float64) - value_line.take(others)
            known = np.flatnonzero(~np.isnan(step))
            step = side * step.take(known)
            self._count(label_line.take(pixels.take(known)), step, side)
            self._count(label_line.take(others.take(known)), -step, side)

    def _count(self, numbers: Labels, weighted: Numbers, side: float) -> None:
        if not len(numbers):
            return
        # The objects of a strip have numbers near each other.
        first = int(numbers.min())
        local = (numbers - np.uint32(first)).astype(np.intp)
        sums = np.bincount(local, weighted)
        here = slice(first, first + len(sums))
        self._weighted[here] += sums
        self._total[here] += side * np.bincount(local)

    def finished(self) -> Numbers:
        """Return the contrast of objects 1..count; NaN where no edge has a value on both sides."""
        contrast: Numbers = self._weighted[1:] / np.where(self._total > 0, self._total, np.nan)[1:]
        return contrast


def pixel_sides(grid: Grid) -> tuple[float, float]:
    """Return the length of a pixel's side along a row and along a column, in map units."""
    _, across_x, down_x, _, across_y, down_y = grid.geotransform
    return math.hypot(across_x, across_y), math.hypot(down_x, down_y)


def _padded(above: NDArray[Any], rows: NDArray[Any], outside: float) -> NDArray[Any]:
    """Return rows with the one above them and a pixel of what is outside at both ends, one after the other."""
    return np.pad(np.concatenate([above, rows]), ((0, 0), (1, 1)), constant_values=outside).ravel()


def _borders(line: Labels, width: int, sides: tuple[float, float]) -> Iterator[tuple[Indices, Indices, float]]:
    """Yield the positions of pixels of different objects on both sides of an edge, and its length.

    Parameters
    ----------
    line : array of uint32
        Padded rows of this width, the one above first.
    width : int
    sides : (float, float)
        Length of a pixel's side along a row and along a column.
    """
    along_row, along_column = sides
    # Pixels side by side share an edge that runs down the column, and the other way round.
    beside = np.flatnonzero(line[width:-1] != line[width + 1 :]) + width
    yield beside, beside + 1, along_column
    above = np.flatnonzero(line[:-width] != line[width:])
    yield above, above + width, along_row


def _pair_keys(one: Labels, other: Labels) -> NDArray[np.uint64]:
    """Return one number for each pair of labels: the smaller above the larger."""
    keys = np.minimum(one, other).astype(np.uint64)
    keys <<= _HALF
    keys |= np.maximum(one, other)
    return keys
