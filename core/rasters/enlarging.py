"""Pixels divided into whole numbers of smaller ones, with the values that GDAL's warper gives them, many times faster.

GDAL interpolates bilinearly between pixel centres, leaves out what is not valid, and calls valid what lies in a valid
pixel. Whole numbers are rounded to the nearest, upwards from the middle. Here the sums are of whole numbers, so that
they are exact; those of the warper are floats, which may round to the other side in the middle between two numbers
unless a pixel is divided into a power of two.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

# Weighted sums of 16 bits stay within 32.
LARGEST_FACTOR = 32
# Pixels beyond those wanted, on every side, that each resampling looks at.
MARGINS = {"nearest": 0, "bilinear": 1}
# What is computed at once stays in the processor's cache.
_PIXELS_AT_ONCE = 2**16
_SUMMED = (np.uint8, np.int16, np.uint16)

Pixels = tuple[NDArray[Any], NDArray[np.bool_]]


def can_enlarge(dtype: np.dtype[Any], resampling: str) -> bool:
    """Whether numbers of a type can be enlarged here."""
    return resampling == "nearest" or (resampling == "bilinear" and dtype in _SUMMED)


def enlarged(values: NDArray[Any], valid: NDArray[np.bool_], factor: int, resampling: str) -> Pixels:
    """Divide each pixel into `factor` x `factor` ones.

    Parameters
    ----------
    values : array, shape (height + 2 margin, width + 2 margin)
        With the margin that the resampling has in `MARGINS`.
    valid : array of bool of the same shape
        Which of the values count.
    factor : int
        From 2 to `LARGEST_FACTOR`.
    resampling : str
        One that `can_enlarge` the type.

    Returns
    -------
    tuple of two arrays of shape (factor x height, factor x width)
        The values, of the same type, and which of them are valid.
    """
    if resampling == "nearest":
        return _repeated(values, factor), _repeated(valid, factor)
    result = np.empty([(side - 2) * factor for side in values.shape], values.dtype)
    rows = max(_PIXELS_AT_ONCE // (result.shape[1] * factor), 1)
    for start in range(0, len(values) - 2, rows):
        part = slice(start, start + rows + 2)
        result[start * factor : (start + rows) * factor] = _interpolated(values[part], valid[part], factor)
    return result, _repeated(valid[1:-1, 1:-1], factor)


def _interpolated(values: NDArray[Any], valid: NDArray[np.bool_], factor: int) -> NDArray[np.int32]:
    weights: NDArray[np.int32] | int = (2 * factor) ** 2
    if valid.all():
        sums = _weighted_sums(values, factor)
    else:
        sums = _weighted_sums(np.where(valid, values, 0), factor)
        weights = np.maximum(_weighted_sums(valid, factor), 1)
    sums *= 2
    sums += weights
    sums //= 2 * weights
    return sums


def _repeated(values: NDArray[Any], factor: int) -> NDArray[Any]:
    return values.repeat(factor, axis=1).repeat(factor, axis=0)


def _weighted_sums(values: NDArray[Any], factor: int) -> NDArray[np.int32]:
    """Return the sums of four neighbours, weighted by (2 factor)² times their bilinear weights."""
    return _divided(_divided(values.astype(np.int32), factor, 1), factor, 0)


def _divided(values: NDArray[np.int32], factor: int, axis: int) -> NDArray[np.int32]:
    """Interpolate between rows (axis 0) or columns (1), times 2 factor; the first and the last are the margin."""
    shape = [*values.shape]
    shape[axis] = (shape[axis] - 2) * factor
    result = np.empty(shape, np.int32)
    lines, source = (result, values) if axis == 0 else (result.T, values.T)
    before, here, after = source[:-2], source[1:-1], source[2:]
    for part in range(factor):
        # From the centre of the pixel to that of its part, in half parts.
        offset = 2 * part + 1 - factor
        neighbour = after if offset > 0 else before
        lines[part::factor] = (2 * factor - abs(offset)) * here + abs(offset) * neighbour
    return result
