"""Average precision of a heatmap: how well its values rank pixels, without choosing a threshold."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..errors import InvalidCRSError, InvalidRasterError
from ..progress import Progress
from ..rasters.raster import Raster
from ..rasters.roles import HEATMAP
from ..vectors.vector import burn, read_layer
from .matching import share

FLOAT_LEVELS = 65_535
"""Steps between 0 and 1 that values of a floating-point heatmap are counted in."""

_BYTES_PER_PIXEL = 24


def heatmap_band(raster: Raster) -> int:
    """Return the number (from 1) of the band that holds the target class.

    Raises
    ------
    InvalidRasterError
        If there are several bands and none is described as ``heatmap``.
    """
    if len(raster.bands) == 1:
        return 1
    return raster.band_indices([HEATMAP])[0] + 1


def heatmap_average_precision(path: str, reference: str, area: str, progress: Progress) -> float:
    """Return the average precision of a heatmap against reference outlines, pixel by pixel.

    A pixel belongs to the reference when its centre does. Pixels that are nodata or outside the area do not count.
    Values are counted in the levels that a Byte heatmap stores, and in 65 535 steps for other types, so the memory
    needed does not grow with the raster.

    Parameters
    ----------
    path : str
        The heatmap.
    reference, area : str
        Polygon layers in any reference system; an empty `area` means no limit.
    progress : Progress

    Returns
    -------
    float
        0..1; NaN without pixels of the reference.

    Raises
    ------
    InvalidRasterError
        If the raster is no heatmap.
    InvalidCRSError
        If it has no reference system.
    """
    with Raster(path) as raster:
        role = raster.roles[heatmap_band(raster) - 1]
        grid, levels = raster.grid, _levels(raster)
        if not grid.crs:
            raise InvalidCRSError(
                f"The heatmap {path} has no coordinate reference system; assign the one it was made in."
            )
        outlines = read_layer(reference, crs=grid.crs, columns=()).geometries
        limits = read_layer(area, crs=grid.crs, columns=()).geometries if area else None
        counts = np.zeros((2, levels + 1), dtype=np.int64)
        strips = grid.strips(_BYTES_PER_PIXEL)
        for strip in progress.each(strips, len(strips), "Scoring the heatmap"):
            values = raster.read(strip, [role])[0]
            counted = np.isfinite(values)
            if limits is not None:
                counted &= burn(limits, 1, grid, np.uint8, strip) > 0
            _require_shares(path, values[counted])
            inside = burn(outlines, 1, grid, np.uint8, strip)[counted] > 0
            level = np.rint(values[counted] * levels).astype(np.int64)
            for row, chosen in enumerate((inside, ~inside)):
                counts[row] += np.bincount(level[chosen], minlength=levels + 1)
    return average_precision(counts[0], counts[1])


def average_precision(positives: NDArray[np.int64], negatives: NDArray[np.int64]) -> float:
    """Return the average precision of scores that are counted by level.

    Each level, from the highest down, adds the growth of recall times the precision of all pixels at or above it;
    pixels of one level share one threshold. (The step-wise area under the precision-recall curve, not interpolated.)

    Parameters
    ----------
    positives, negatives : ndarray of int, shape (levels,)
        Pixels inside and outside the reference at each level, from the lowest level up.

    Returns
    -------
    float
        0..1; NaN without positives.

    Examples
    --------
    >>> import numpy as np
    >>> round(average_precision(np.array([0, 1, 1]), np.array([1, 1, 0])), 4)
    0.8333
    """
    found = np.cumsum(positives[::-1])
    chosen = np.maximum(found + np.cumsum(negatives[::-1]), 1)
    return share(float(np.sum(positives[::-1] * (found / chosen))), float(found[-1]))


def _levels(raster: Raster) -> int:
    """Return how many steps the heatmap has between 0 and 1."""
    band = raster.bands[heatmap_band(raster) - 1]
    if band.dtype == "uint8" and 0 < band.scale < 1:
        return round(1 / band.scale)
    return FLOAT_LEVELS


def _require_shares(path: str, values: NDArray[np.float32]) -> None:
    # A Byte heatmap may state a scale of 1/250 whose largest level exceeds 1 by rounding.
    if len(values) and not (values.min() >= 0 and values.max() <= 1 + 1e-6):
        raise InvalidRasterError(
            f"The heatmap {path} holds values from {values.min():g} to {values.max():g}; a heatmap holds 0 to 1. "
            "Give the raster that the heatmap stage wrote."
        )
