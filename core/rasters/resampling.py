"""Rasters seen at another pixel size, computed while they are read.

Where pixels become larger, a value is the mean of the pixels below it, weighted by area; where they become smaller, it
is interpolated bilinearly between pixel centres. Pixels without a value are left out of both, so that a pixel has a
value where any pixel that counts for it has one. Weights depend on the pixel's place alone, not on the window that is
read, so that tiles of any size agree.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from .grid import MEMORY_BUDGET, Grid, Window
from .raster import Raster

# Less of a pixel than this is rounding.
_NOTHING = 1e-6
_BYTES_A_PIXEL = 16


def rescaled(grid: Grid, factor: float) -> Grid:
    """Return a grid whose pixels have `factor` times the side, from the same corner, covering at least the same."""
    x, across_x, down_x, y, across_y, down_y = grid.geotransform
    vectors = [number * factor for number in (across_x, down_x, across_y, down_y)]
    return Grid(
        max(math.ceil(grid.width / factor - _NOTHING), 1),
        max(math.ceil(grid.height / factor - _NOTHING), 1),
        (x, vectors[0], vectors[1], y, vectors[2], vectors[3]),
        grid.crs,
    )


class ResampledRaster(Raster):
    """A raster opened for reading on another grid.

    Parameters
    ----------
    path : str
        Anything that GDAL opens as a raster.
    factor : float
        Side of a pixel of the grid in pixels of the raster.
    grid : Grid, optional
        The grid, from the raster's first corner on; by default as many pixels as cover the raster.

    Raises
    ------
    InvalidRasterError
        As `Raster` does.
    """

    def __init__(self, path: str, factor: float, grid: Grid | None = None) -> None:
        super().__init__(path)
        self._factor = factor
        self._stored = self.grid
        self.grid = grid or rescaled(self._stored, factor)

    def is_empty(self, window: Window, index: int) -> bool:
        """Whether a band (from 0) surely has no value in a window, known without reading it."""
        return super().is_empty(self._below(window), index)

    def _read_band(self, index: int, window: Window, target: NDArray[np.float32]) -> None:
        columns = _weights(window.x, window.width, self._factor, self._stored.width)
        rows_at_once = max(int(MEMORY_BUDGET / (_BYTES_A_PIXEL * columns.length * max(self._factor, 1))), 1)
        for start in range(0, window.height, rows_at_once):
            count = min(rows_at_once, window.height - start)
            rows = _weights(window.y + start, count, self._factor, self._stored.height)
            below = np.empty((rows.length, columns.length), np.float32)
            super()._read_band(index, Window(columns.first, rows.first, columns.length, rows.length), below)
            target[start : start + count] = _resampled(below, rows, columns)

    def _below(self, window: Window) -> Window:
        columns = _weights(window.x, window.width, self._factor, self._stored.width)
        rows = _weights(window.y, window.height, self._factor, self._stored.height)
        return Window(columns.first, rows.first, columns.length, rows.length)


class _Weights(NamedTuple):
    """Which pixels of a line count for each new pixel, and how much.

    The line begins at the pixel `first` and has `length` pixels; `indices` count from there. Both arrays have the shape
    (new pixels, pixels that may count for one).
    """

    first: int
    length: int
    indices: NDArray[np.intp]
    weights: NDArray[np.float32]


def _weights(start: int, count: int, factor: float, size: int) -> _Weights:
    """Return the weights of the new pixels `start` to `start + count - 1` of a line of `size` pixels."""
    position = np.arange(start, start + count)[:, None]
    if factor > 1:
        begin = position * factor
        indices = np.floor(begin + _NOTHING).astype(np.intp) + np.arange(math.ceil(factor) + 1)
        weights = np.minimum(indices + 1, begin + factor) - np.maximum(indices, begin)
    else:
        centre = (position + 0.5) * factor - 0.5
        indices = np.floor(centre).astype(np.intp) + np.arange(2)
        weights = 1 - np.abs(indices - centre)
    weights[(weights < _NOTHING) | (indices < 0) | (indices >= size)] = 0
    indices = np.clip(indices, 0, size - 1)
    first = int(indices.min())
    return _Weights(first, int(indices.max()) - first + 1, indices - first, weights.astype(np.float32))


def _resampled(values: NDArray[np.float32], rows: _Weights, columns: _Weights) -> NDArray[np.float32]:
    """Return the weighted mean of the values that are not NaN, NaN where there is none."""
    valid = np.isfinite(values)
    total = _summed(_summed(np.where(valid, values, np.float32(0)), columns).T, rows).T
    weight = _summed(_summed(valid.astype(np.float32), columns).T, rows).T
    found = weight > 0
    mean = np.full(total.shape, np.nan, np.float32)
    np.divide(total, weight, out=mean, where=found)
    return mean


def _summed(values: NDArray[np.float32], line: _Weights) -> NDArray[np.float32]:
    """Return the weighted sums along the rows, shape (rows, new pixels)."""
    result = np.zeros((values.shape[0], len(line.indices)), np.float32)
    for indices, weights in zip(line.indices.T, line.weights.T, strict=True):
        result += values[:, indices] * weights
    return result
