"""Reductions of many observations of the same pixels to one: plain arrays in, plain arrays out.

Observations are arrays of int16 or float32 in which `missing` stands for no value: the largest number of the type, so
that sorting puts it last.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

# Pixels that are sorted at once stay in the processor's cache.
_CHUNK = 2**14
# Quotients of lengths are not exact.
_ROUNDING = 1e-6


def missing(dtype: DTypeLike) -> Any:
    """Return the number that stands for no value in arrays of a type: infinity, or the largest whole number."""
    kind: np.dtype[Any] = np.dtype(dtype)
    largest: Any = np.inf if kind.kind == "f" else np.iinfo(kind).max
    return kind.type(largest)


def percentile_of(observations: NDArray[Any], percentile: float) -> NDArray[Any]:
    """Return a percentile over the first axis, of the observations that are not missing.

    Between two observations it is interpolated linearly, and rounded for whole numbers; 50 is the median.

    Parameters
    ----------
    observations : array of int16 or float32, shape (observations, pixels)
        Changed: it is sorted.
    percentile : float
        From 0 to 100.

    Returns
    -------
    array of the same type, shape (pixels,)
        `missing` where all observations are.
    """
    result = np.empty(observations.shape[1], observations.dtype)
    for start in range(0, observations.shape[1], _CHUNK):
        part = observations[:, start : start + _CHUNK]
        sort_first_axis(part)
        result[start : start + _CHUNK] = _percentile_of_sorted(part, percentile)
    return result


def known_count(observations: NDArray[Any]) -> NDArray[np.int16]:
    """Return how many observations of each pixel are not missing.

    Parameters
    ----------
    observations : array of int16 or float32, shape (observations, pixels)

    Returns
    -------
    array of int16, shape (pixels,)
    """
    count = np.zeros(observations.shape[1], np.int16)
    for row in observations:
        count += (row != missing(observations.dtype)).astype(np.int16)
    return count


def _percentile_of_sorted(ascending: NDArray[Any], percentile: float) -> NDArray[Any]:
    count = known_count(ascending)
    # Positions are looked up, for each count that there can be.
    position = percentile / 100 * np.maximum(np.arange(len(ascending) + 1) - 1, 0)
    below = np.floor(position).astype(np.intp)
    share = (position - below).astype(np.float32)
    lower = _taken(ascending, below[count])
    shares = share[count]
    if not shares.any():
        return lower
    upper = _taken(ascending, np.ceil(position).astype(np.intp)[count])
    with np.errstate(invalid="ignore"):  # infinity less infinity, where there is no observation
        between = lower + (upper.astype(np.float32) - lower) * shares
    result: NDArray[Any] = between if ascending.dtype.kind == "f" else np.rint(between).astype(ascending.dtype)
    result[count == 0] = missing(ascending.dtype)
    return result


def _taken(values: NDArray[Any], rows: NDArray[np.intp]) -> NDArray[Any]:
    """Return the value of one row for each column."""
    taken: NDArray[Any] = np.take_along_axis(values, rows[None], axis=0)[0]
    return taken


def sort_first_axis(values: NDArray[Any]) -> None:
    """Sort along the first axis in place, by a sorting network of minima and maxima of whole rows.

    It is several times faster than `numpy.sort`, which sorts one column after the other.

    Parameters
    ----------
    values : array of numbers, shape (rows, columns)
    """
    smaller = np.empty_like(values[0])
    for first, second in comparators(len(values)):
        np.minimum(values[first], values[second], out=smaller)
        np.maximum(values[first], values[second], out=values[second])
        values[first] = smaller


def comparators(count: int) -> Iterator[tuple[int, int]]:
    """Yield the pairs of places that a sorting network of `count` numbers compares, in order.

    Batcher's odd-even merge sort (Knuth, The Art of Computer Programming 3, 5.2.2, algorithm M).
    """
    sorted_length = 1
    while sorted_length < count:
        distance = sorted_length
        while distance >= 1:
            for start in range(distance % sorted_length, count - distance, 2 * distance):
                for first in range(start, min(start + distance, count - distance)):
                    if first // (2 * sorted_length) == (first + distance) // (2 * sorted_length):
                        yield first, first + distance
            distance //= 2
        sorted_length *= 2


def dilated(mask: NDArray[np.bool_], radius: float) -> NDArray[np.bool_]:
    """Return a mask with all pixels whose centres lie within a distance of a masked one.

    Parameters
    ----------
    mask : array of bool, shape (height, width)
    radius : float
        The distance, in pixels.

    Returns
    -------
    array of bool, shape (height, width)
        A pixel depends on those up to the radius away.
    """
    radius += _ROUNDING
    reach = min(int(radius), len(mask) - 1)
    result = mask.copy()
    # From the disc's top to its middle lines get longer, so that one is made from the other.
    line, length = mask.copy(), 0
    for distance in range(reach, -1, -1):
        half = int(np.sqrt(radius**2 - distance**2))
        for _ in range(half - length):
            line = _widened(line)
        length = half
        result[distance:] |= line[: len(line) - distance]
        result[: len(line) - distance] |= line[distance:]
    return result


def _widened(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return a mask that reaches one column further to both sides."""
    wider = mask.copy()
    wider[:, 1:] |= mask[:, :-1]
    wider[:, :-1] |= mask[:, 1:]
    return wider


def box_counts(mask: NDArray[np.bool_], reach: int) -> NDArray[np.int32]:
    """Return how many pixels are set in the square that reaches so far to every side of a pixel.

    Parameters
    ----------
    mask : array of bool, shape (height, width)
    reach : int
        In pixels.

    Returns
    -------
    array of int32, shape (height - 2 reach, width - 2 reach)
        For the pixels whose squares lie within the mask.
    """
    side = 2 * reach + 1
    sums = np.cumsum(np.pad(mask, ((1, 0), (1, 0))), axis=0, dtype=np.int32).cumsum(axis=1, dtype=np.int32)
    counts: NDArray[np.int32] = sums[side:, side:] - sums[:-side, side:] - sums[side:, :-side] + sums[:-side, :-side]
    return counts
