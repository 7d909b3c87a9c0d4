"""Percentiles of bands that are seen block by block, and the stretch that brings bands on one scale."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
from numpy.typing import NDArray

from .floatorder import from_ordered_bits, ordered_bits

# Shares of the pixels below the two ends of a stretch.
PERCENTILES = (0.5, 99.5)
# Bands are stretched to 0..WHITE.
WHITE = 255.0

# A smaller one is none: numbers of 32 bits end where it would be stretched.
_LEAST_RANGE = 1e-30

Blocks = Callable[[], Iterable[NDArray[np.float32]]]
_HALF = np.uint32(16)


def stretch_limits(blocks: Blocks, bands: int) -> NDArray[np.float32]:
    """Return the values between which each band is stretched: the percentiles of `PERCENTILES`.

    Of a band where both are the same, because it holds little else, they are its smallest and its largest value: what
    is rare in it would be lost otherwise, as a few rock glaciers in the heatmap of a large area.

    Parameters
    ----------
    blocks : callable
        Gives the valid pixels anew for each of two passes: blocks of shape (bands, pixels).
    bands : int
        Number of bands.

    Returns
    -------
    float32 array, shape (bands, 2)
        NaN where there are no pixels.
    """
    limits, extremes = _limits_and_extremes(blocks, bands, PERCENTILES)
    flat = limits[:, :1] == limits[:, 1:]
    return np.where(flat, extremes, limits)


def exact_percentiles(blocks: Blocks, bands: int, percentiles: tuple[float, float]) -> NDArray[np.float32]:
    """Return the values at two percentiles of each band, exactly, with memory that does not grow with the raster.

    Numbers are counted by the upper half of their bits, and in a second pass, where a percentile lies, by the lower.
    Between two pixels, the smaller is the lower and the larger the upper percentile.

    Parameters
    ----------
    blocks : callable
        As for `stretch_limits`.
    bands : int
        Number of bands.
    percentiles : pair of float
        The lower and the upper one.

    Returns
    -------
    float32 array, shape (bands, 2)
        NaN where there are no pixels.
    """
    return _limits_and_extremes(blocks, bands, percentiles)[0]


def _limits_and_extremes(
    blocks: Blocks, bands: int, percentiles: tuple[float, float]
) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return two percentiles of each band, and the extremes of those where the two may be the same."""
    unknown = np.full((bands, 2), np.nan, np.float32)
    upper = np.zeros((bands, 1, 2**16), np.int64)
    for block in blocks():
        for counts, values in zip(upper, block, strict=True):
            counts[0] += _counted(ordered_bits(values) >> _HALF)
    total = int(upper[0].sum()) if bands else 0
    if not total:
        return unknown, unknown
    low, high = (share / 100 * (total - 1) for share in percentiles)
    ranks = np.tile([int(np.floor(low)), int(np.ceil(high))], (bands, 1))
    bins, ranks = _located(upper, ranks)
    lower, extremes = np.zeros((bands, 2, 2**16), np.int64), unknown
    for block in blocks():
        for counts, values, chosen, extreme in zip(lower, block, bins, extremes, strict=True):
            bits = ordered_bits(values)
            for end in range(2):
                counts[end] += _counted(bits[bits >> _HALF == chosen[end]] & np.uint32(0xFFFF))
            if chosen[0] == chosen[1] and len(values):
                extreme[:] = np.fmin(extreme[0], values.min()), np.fmax(extreme[1], values.max())
    rest, _ = _located(lower, ranks)
    return from_ordered_bits((bins.astype(np.uint32) << _HALF) | rest.astype(np.uint32)), extremes


def stretch(values: NDArray[np.float32], low: float, high: float) -> None:
    """Bring values in place from low..high to 0..`WHITE`, cut off at both ends; a constant band becomes 0."""
    if not float(high) - float(low) > _LEAST_RANGE:
        values[...] = 0
        return
    values -= np.float32(low)
    values *= np.float32(WHITE / (float(high) - float(low)))
    np.clip(values, 0, WHITE, out=values)


def _counted(halves: NDArray[np.uint32]) -> NDArray[np.int64]:
    return np.bincount(halves, minlength=2**16)


def _located(counts: NDArray[np.int64], ranks: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the bin in which each rank lies, and the rank among the numbers of that bin.

    Parameters
    ----------
    counts : int array, shape (bands, 2, bins), or (bands, 1, bins) where both ranks lie among the same numbers
    ranks : int array, shape (bands, 2)
    """
    up_to = np.cumsum(counts, axis=-1)
    bins = (up_to <= ranks[..., np.newaxis]).sum(axis=-1)
    before = np.take_along_axis(up_to - counts, bins[..., np.newaxis], axis=-1)[..., 0]
    return bins, ranks - before
