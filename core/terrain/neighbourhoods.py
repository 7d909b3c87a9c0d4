"""What depends on many pixels around each: means in discs, relief, and the smoothed surface.

Every function takes a block of elevations, NaN in voids and beyond the edges, that is wider than the pixels wanted, and
uses the pixels that have a value. What it returns for a pixel does not depend on the block that the pixel lies in, to
the last bit: sums are of whole numbers, or in an order that the pixel's place in the block does not change.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import fft, ndimage

from .demgrid import Steps

Values = NDArray[Any]
# Columns and rows from a pixel to the farthest one that counts for it.
Reach = tuple[int, int]

# Elevations are summed in steps of this length, about a millimetre.
_UNIT = 2.0**-10
# Standard deviations at which a Gaussian filter ends.
GAUSSIAN_EXTENT = 4.0
# A pixel at this share more than the radius lies on the circle all the same.
_ROUNDING = 1e-9
# Less spread than this, in squared standard deviations of the filter: the pixels lie on a line.
_NO_SPREAD = 1e-4
# Pixels a side of the squares in which missing pixels are looked for.
_SMALLEST_CELL = 64
# Products of weights and pixels between two looks at the cancel button: a fraction of a second.
_PRODUCTS_AT_ONCE = 100_000_000


def disc_reach(radius: float, steps: Steps) -> Reach:
    """Return how many columns and rows a disc of a radius in metres extends to either side."""
    columns_east, columns_north, rows_east, rows_north = steps.inverse
    longest = radius * (1 + _ROUNDING)
    return (
        int(longest * np.hypot(columns_east, columns_north)),
        int(longest * np.hypot(rows_east, rows_north)),
    )


def square_reach(radius: float, steps: Steps) -> Reach:
    """Return how many columns and rows a length in metres is along a row and along a column."""
    longest = radius * (1 + _ROUNDING)
    return (
        int(longest / np.hypot(steps.column_east, steps.column_north)),
        int(longest / np.hypot(steps.row_east, steps.row_north)),
    )


class DiscMeans:
    """Means of a block's values in discs around each pixel, by fast Fourier transform.

    The sums are of whole millimetres, so that rounding makes them exact whatever the block.

    Parameters
    ----------
    block : array, shape (height + 2 * rows, width + 2 * columns)
        Elevations in metres, NaN where there is none.
    reach : tuple of int
        Columns and rows of the block on every side of the pixels wanted.
    """

    def __init__(self, block: Values, reach: Reach) -> None:
        height, width = block.shape
        self._inner = np.s_[reach[1] : height - reach[1], reach[0] : width - reach[0]]
        self._shape = fft.next_fast_len(height, real=True), fft.next_fast_len(width, real=True)
        valid = np.isfinite(block)
        steps = np.rint(np.where(valid, block, 0).astype(np.float64) / _UNIT)
        self._level = float(np.rint(steps.sum() / max(np.count_nonzero(valid), 1)))
        self._sums = fft.rfft2(np.where(valid, steps - self._level, 0), self._shape)
        self._counts = None if valid.all() else fft.rfft2(valid.astype(np.float64), self._shape)

    def mean(self, radius: float, steps: Steps) -> Values:
        """Return the mean of the pixels with a value whose centres lie within the radius; NaN where there is none.

        Parameters
        ----------
        radius : float
            In metres; its reach must not exceed that of the block.
        steps : Steps
            From pixel to pixel on the ground, one for the whole block.
        """
        disc = _disc_spectrum(radius, steps, self._shape)
        counts: Values | float = float(np.rint(disc[0, 0]))
        if self._counts is not None:
            counts = self._sum(self._counts, disc)
            counts[counts == 0] = np.nan
        means: Values = (self._sum(self._sums, disc) / counts + self._level) * _UNIT
        return means

    def _sum(self, spectrum: Values, disc: Values) -> Values:
        total: Values = np.rint(fft.irfft2(spectrum * disc, self._shape)[self._inner])
        return total


@functools.lru_cache(maxsize=4)
def _disc_spectrum(radius: float, steps: Steps, shape: tuple[int, int]) -> Values:
    """Return the transform of a disc around the first pixel; it is real, since the disc is symmetric."""
    columns, rows = disc_reach(radius, steps)
    column, row = np.arange(-columns, columns + 1), np.arange(-rows, rows + 1)[:, np.newaxis]
    east = column * steps.column_east + row * steps.row_east
    north = column * steps.column_north + row * steps.row_north
    disc = np.zeros(shape)
    disc[row, column] = np.hypot(east, north) <= radius * (1 + _ROUNDING)
    return np.ascontiguousarray(fft.rfft2(disc).real)


def relief(block: Values, reach: Reach) -> Values:
    """Return the highest minus the lowest elevation in the rectangle of `reach` columns and rows to every side.

    Parameters
    ----------
    block : array, shape (height + 2 * rows, width + 2 * columns)
        Elevations in metres, NaN where there is none.
    reach : tuple of int
        Columns and rows.

    Returns
    -------
    array, shape (height, width)
        NaN where the rectangle has no value.
    """
    void = np.isnan(block)
    highest = _extreme(ndimage.maximum_filter1d, np.where(void, -np.inf, block), reach)
    lowest = _extreme(ndimage.minimum_filter1d, np.where(void, np.inf, block), reach)
    difference: Values = np.where(np.isfinite(highest), highest, np.nan) - lowest
    return difference


def _extreme(filtered: Callable[..., Values], values: Values, reach: Reach) -> Values:
    columns, rows = reach
    along = filtered(values, 2 * columns + 1, axis=1)[:, columns : values.shape[1] - columns]
    return filtered(along, 2 * rows + 1, axis=0)[rows : values.shape[0] - rows]


def gaussian_reach(sigmas: tuple[float, float]) -> Reach:
    """Return how many columns and rows a Gaussian filter extends to either side: four standard deviations."""
    columns, rows = (int(GAUSSIAN_EXTENT * sigma + 0.5) for sigma in sigmas)
    return columns, rows


def smoothed(block: Values, sigmas: tuple[float, float], check: Callable[[], None]) -> Values:
    """Return the elevations smoothed with a Gaussian that ends at four standard deviations.

    Where pixels below the filter have no value, the plane is taken that fits the others best with the filter's weights
    (normalised convolution of the first order; Knutsson and Westin, 1993), so that a slope keeps its gradient beside
    voids and at the edges. Voids stay.

    Parameters
    ----------
    block : array, shape (height + 2 * rows, width + 2 * columns)
        Elevations in metres, NaN where there is none; columns and rows are those of `gaussian_reach`.
    sigmas : tuple of float
        Standard deviation along a row and along a column, in pixels.
    check : callable
        Called several times a second; raises if the work is to stop.

    Returns
    -------
    array of float64, shape (height, width)
    """
    columns, rows = gaussian_reach(sigmas)
    inner = np.s_[rows : block.shape[0] - rows, columns : block.shape[1] - columns]
    if columns == rows == 0:
        return block.astype(np.float64)
    valid = np.isfinite(block)
    surface = _filtered(np.where(valid, block, 0), _gaussian(sigmas[0], columns), _gaussian(sigmas[1], rows), check)
    if valid.all():
        return surface
    complete = ndimage.minimum_filter(valid, (2 * rows + 1, 2 * columns + 1), mode="constant", cval=1)[inner]
    for cell in _cells(~complete, max(_SMALLEST_CELL, 2 * columns, 2 * rows)):
        around = np.s_[cell[0].start : cell[0].stop + 2 * rows, cell[1].start : cell[1].stop + 2 * columns]
        fitted = _fitted(block[around], valid[around], sigmas, check)
        surface[cell] = np.where(complete[cell], surface[cell], fitted)
    surface[~valid[inner]] = np.nan
    return surface


def _cells(wanted: NDArray[np.bool_], size: int) -> Iterator[tuple[slice, slice]]:
    """Yield the squares of `size` pixels a side that hold a wanted pixel; those at the ends are cut short."""
    height, width = wanted.shape
    for y in range(0, height, size):
        for x in range(0, width, size):
            cell = np.s_[y : min(y + size, height), x : min(x + size, width)]
            if wanted[cell].any():
                yield cell


def _fitted(block: Values, valid: Values, sigmas: tuple[float, float], check: Callable[[], None]) -> Values:
    """Return the value at each pixel of the plane that fits the valid pixels around it best."""
    columns, rows = gaussian_reach(sigmas)
    across, down = _moments(sigmas[0], columns), _moments(sigmas[1], rows)
    weights, values = valid.astype(np.float64), np.where(valid, block, np.float64(0))

    def total(numbers: Values, x: int, y: int) -> Values:
        return _filtered(numbers, across[x], down[y], check)

    with np.errstate(divide="ignore", invalid="ignore"):
        whole = total(weights, 0, 0)
        x, y, z = total(weights, 1, 0) / whole, total(weights, 0, 1) / whole, total(values, 0, 0) / whole
        xx, yy = total(weights, 2, 0) / whole - x * x, total(weights, 0, 2) / whole - y * y
        xy = total(weights, 1, 1) / whole - x * y
        xz, yz = total(values, 1, 0) / whole - x * z, total(values, 0, 1) / whole - y * z
        determinant: Values = xx * yy - xy * xy
        plane = z - (x * (yy * xz - xy * yz) + y * (xx * yz - xy * xz)) / determinant
    on_a_line = ~(determinant > _NO_SPREAD * max(sigmas[0], sigmas[1]) ** 4)
    return np.where(on_a_line, z, plane)


def _gaussian(sigma: float, reach: int) -> Values:
    return _moments(sigma, reach)[0]


def _moments(sigma: float, reach: int) -> tuple[Values, Values, Values]:
    """Return the weights of a Gaussian, and their products with the distance and with its square."""
    distance = np.arange(-reach, reach + 1, dtype=np.float64)
    weights = np.exp(-0.5 * (distance / sigma) ** 2) if reach else np.ones(1)
    weights /= weights.sum()
    return weights, weights * distance, weights * distance**2


def _filtered(values: Values, across: Values, down: Values, check: Callable[[], None]) -> Values:
    """Correlate along the rows and along the columns; return the part that the block's borders do not touch."""
    rows = _correlated(values, across, 1, check)
    return _correlated(rows, down, 0, check)


def _correlated(values: Values, weights: Values, axis: int, check: Callable[[], None]) -> Values:
    reach = len(weights) // 2
    result = np.empty(values.shape, np.float64)
    lines = values if axis == 1 else values.T
    target = result if axis == 1 else result.T
    at_once = max(_PRODUCTS_AT_ONCE // (lines.shape[1] * len(weights)), 1)
    for start in range(0, len(lines), at_once):
        check()
        part = np.s_[start : start + at_once]
        ndimage.correlate1d(lines[part], weights, axis=1, output=target[part], mode="constant")
    return target[:, reach : lines.shape[1] - reach] if axis == 1 else target[:, reach : lines.shape[1] - reach].T
