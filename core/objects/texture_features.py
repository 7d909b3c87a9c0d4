"""Texture of objects: measures of the grey-level co-occurrence matrix (GLCM).

Haralick, R. M., Shanmugam, K. and Dinstein, I. (1973): Textural features for image classification. IEEE Transactions on
Systems, Man, and Cybernetics SMC-3, 610-621.

A matrix counts how often two grey levels lie side by side, in either order, so it is symmetric. Only pairs inside one
object count, so that an object's texture does not depend on what lies around it. Pairs are counted in a sparse form: a
cell that does not occur takes no memory.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..rasters.labels import Labels
from ..rasters.stretch import WHITE, stretch
from .featurecatalogue import DIRECTIONS, TEXTURE
from .objectpixels import Indices, Numbers, Values

GREY_LEVELS = 16
"""Number of grey levels, of equal width between the two ends of the layer's stretch."""

_NO_LEVEL = 255
_CELLS = GREY_LEVELS * GREY_LEVELS


def grey_levels(values: Values, low: float, high: float) -> NDArray[np.uint8]:
    """Return the grey level of each pixel, 0..`GREY_LEVELS` - 1; 255 where it has no value.

    Parameters
    ----------
    values : array of float32, shape (rows, w)
        NaN where there is no value.
    low, high : float
        Ends of the stretch; values beyond them get the first and the last level.
    """
    stretched = values.copy()
    stretch(stretched, low, high)
    stretched *= np.float32(GREY_LEVELS / WHITE)
    np.minimum(stretched, GREY_LEVELS - 1, out=stretched)
    stretched[np.isnan(values)] = _NO_LEVEL
    return stretched.astype(np.uint8)


@dataclass(frozen=True)
class _Cells:
    """Cells of the matrices of objects, in the order of objects.

    `cell` is (smaller level) * GREY_LEVELS + (larger level); `count` is its number of pairs.
    """

    number: Indices
    cell: Indices
    count: NDArray[np.int64]

    def summed(self, others: _Cells) -> _Cells:
        """Return these and other cells, equal ones added up."""
        keys = np.append(self.number, others.number) * _CELLS + np.append(self.cell, others.cell)
        order = np.argsort(keys, kind="stable")
        keys = keys[order]
        starts = np.flatnonzero(np.diff(keys, prepend=-1))
        count = np.add.reduceat(np.append(self.count, others.count)[order], starts, dtype=np.int64)
        number, cell = np.divmod(keys[starts], _CELLS)
        return _Cells(number, cell, count)

    def parted(self, chosen: NDArray[np.bool_]) -> tuple[_Cells, _Cells]:
        """Return the chosen cells and the others."""
        first, second = (_Cells(self.number[index], self.cell[index], self.count[index]) for index in (chosen, ~chosen))
        return first, second


class Texture:
    """Texture of a layer by object, from strips of rows that arrive from top to bottom.

    Parameters
    ----------
    last_rows : array of int, shape (n,)
        The last row of each object.
    limits : (float, float)
        Values of the layer at the two ends of its stretch.
    mirrored : bool
        Whether the raster lies mirrored on the map, as one whose rows run northwards does: it exchanges the diagonals.

    Attributes
    ----------
    directional : dict of array of float64, shape (n,)
        Each measure in each direction, ``glcm_contrast_45`` and so on; NaN where the object has no pair of pixels in
        that direction, or is not complete yet.
    """

    def __init__(self, last_rows: Indices, limits: tuple[float, float], mirrored: bool) -> None:
        self._last_rows = last_rows
        self._limits = limits
        self._directions = tuple((180 - direction) % 180 if mirrored else direction for direction in DIRECTIONS)
        self._rows_done = 0
        self._labels_above: Labels | None = None
        self._levels_above: NDArray[np.uint8] | None = None
        nothing = np.zeros(0, np.int64)
        self._open = {direction: _Cells(nothing, nothing, nothing) for direction in DIRECTIONS}
        self.directional = {
            f"{name}_{direction}": np.full(len(last_rows), np.nan) for name in TEXTURE for direction in DIRECTIONS
        }

    def add(self, labels: Labels, values: Values) -> None:
        """Take the next rows: objects numbered from 1, and the layer's values, both of shape (rows, w)."""
        levels = grey_levels(values, *self._limits)
        label_rows, level_rows = labels, levels
        if self._labels_above is not None and self._levels_above is not None:
            label_rows = np.concatenate([self._labels_above, labels])
            level_rows = np.concatenate([self._levels_above, levels])
        first_new = len(label_rows) - len(labels)
        self._labels_above, self._levels_above = labels[-1:], levels[-1:]
        self._rows_done += len(labels)
        for direction, pair in zip(self._directions, _pairs(first_new), strict=True):
            cells = self._open[direction].summed(_counted(label_rows, level_rows, pair))
            complete, self._open[direction] = cells.parted(self._last_rows[cells.number] < self._rows_done)
            self._measure(direction, complete)

    def averaged(self) -> dict[str, Numbers]:
        """Return each measure's mean over the directions in which it is known, Haralick's first angular measure."""
        means = {}
        for name in TEXTURE:
            values = np.stack([self.directional[f"{name}_{direction}"] for direction in DIRECTIONS])
            known = np.count_nonzero(~np.isnan(values), axis=0)
            means[name] = np.nansum(values, axis=0) / np.where(known > 0, known, np.nan)
        return means

    def _measure(self, direction: int, cells: _Cells) -> None:
        starts = np.flatnonzero(np.diff(cells.number, prepend=-1))
        for name, values in zip(TEXTURE, _measures(cells, starts), strict=True):
            self.directional[f"{name}_{direction}"][cells.number[starts]] = values


_Slices = tuple[slice, slice]


def _pairs(first_new: int) -> Iterator[tuple[_Slices, _Slices]]:
    """Yield, for each direction, where the first and the second pixels of the pairs lie in a block of rows.

    Rows before `first_new` have been counted in themselves.
    """
    new, above, below = slice(first_new, None), slice(None, -1), slice(1, None)
    left, right, whole = slice(None, -1), slice(1, None), slice(None)
    yield (new, left), (new, right)
    yield (below, left), (above, right)
    yield (below, whole), (above, whole)
    yield (below, right), (above, left)


def _counted(labels: Labels, levels: NDArray[np.uint8], pair: tuple[_Slices, _Slices]) -> _Cells:
    """Return the cells of the pairs of pixels that lie in one object and both have a level."""
    one, other = pair
    number, first, second = labels[one], levels[one], levels[other]
    inside = (number == labels[other]) & (number > 0) & (np.maximum(first, second) < GREY_LEVELS)
    number, first, second = number[inside], first[inside], second[inside]
    cell = np.minimum(first, second) * np.uint8(GREY_LEVELS) + np.maximum(first, second)
    smallest = int(number.min(initial=2**32 - 1))
    keys = (number - np.uint32(min(smallest, 2**32 - 1))).astype(np.uint64) * np.uint64(_CELLS) + cell
    if int(keys.max(initial=0)) < 2**32:
        keys = keys.astype(np.uint32)
    keys, count = np.unique(keys, return_counts=True)
    local, cell = np.divmod(keys.astype(np.int64), _CELLS)
    return _Cells(local + smallest - 1, cell, count)


def _measures(cells: _Cells, starts: Indices) -> Iterator[Numbers]:
    """Yield the measures of `TEXTURE`, each for every object.

    A cell off the diagonal stands for two cells of the symmetric matrix, each with half of its pairs.
    """
    lengths = np.diff(starts, append=len(cells.number))
    count = cells.count.astype(np.float64)

    def total(values: Numbers) -> Numbers:
        sums: Numbers = np.add.reduceat(values, starts)
        return sums

    share = count / np.repeat(total(count), lengths)
    smaller, larger = (level.astype(np.float64) for level in np.divmod(cells.cell, GREY_LEVELS))
    difference = larger - smaller
    single = share / np.where(difference > 0, 2, 1)
    mean = total(share * (smaller + larger)) / 2
    # About the mean, so that an even texture gives exactly 0.
    smaller, larger = (level - np.repeat(mean, lengths) for level in (smaller, larger))
    variance = total(share * (smaller**2 + larger**2)) / 2
    yield total(share * difference**2)
    yield total(share * difference)
    yield total(share / (1 + difference**2))
    yield total(share * single)
    yield total(share * np.log(1 / single))
    yield total(share * smaller * larger) / np.where(variance > 0, variance, np.nan)
