"""How well the values of a heatmap rank pixels, and whether they are the probabilities that they claim to be.

All figures come from the numbers of pixels, inside and outside of the reference, at each level of the heatmap.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

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

RELIABILITY_CLASSES = 10
"""Classes of equal width that values are put into to compare them with what is observed."""

CURVE_POINTS = 200
"""Points of the curve of precision and recall, at most."""

_BYTES_PER_PIXEL = 24

Counts = NDArray[np.int64]


class LevelCounts(NamedTuple):
    """Pixels inside and outside of the reference at each level of a heatmap, from 0 to 1; shape (levels,) each."""

    positives: Counts
    negatives: Counts


class CurvePoint(NamedTuple):
    """Precision and recall of the pixels whose value is at least a threshold."""

    threshold: float
    precision: float
    recall: float

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        return share(2 * self.precision * self.recall, self.precision + self.recall)


class ReliabilityClass(NamedTuple):
    """Pixels of similar value: their number, their mean value, and the share of them that is in the reference."""

    low: float
    high: float
    pixels: int
    mean: float
    observed: float


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


def counted_heatmap(path: str, reference: str, area: str, progress: Progress) -> LevelCounts:
    """Count the pixels of a heatmap inside and outside of reference outlines by their value.

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
    LevelCounts

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
    return LevelCounts(counts[0], counts[1])


def average_precision(positives: NDArray[Any], negatives: NDArray[Any]) -> float:
    """Return the average precision of scores that are counted by level.

    Each level, from the highest down, adds the growth of recall times the precision of all pixels at or above it;
    pixels of one level share one threshold. (The step-wise area under the precision-recall curve, not interpolated.)

    Parameters
    ----------
    positives, negatives : ndarray, shape (levels,)
        Pixels inside and outside the reference at each level, from the lowest level up; they may be weighted.

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


def precision_recall(counts: LevelCounts) -> list[CurvePoint]:
    """Return precision and recall by threshold, from the highest threshold down.

    Only thresholds at which there are pixels, thinned to steps of recall of at least 1 / `CURVE_POINTS`. The last one
    maps every pixel. Empty without pixels of the reference.
    """
    return list(_curve(counts)) if counts.positives.any() else []


def _curve(counts: LevelCounts) -> Iterator[CurvePoint]:
    found = np.cumsum(counts.positives[::-1])
    chosen = found + np.cumsum(counts.negatives[::-1])
    levels = len(found) - 1
    last = -1.0
    present = np.flatnonzero(np.diff(chosen, prepend=0))
    for place in present.tolist():
        recall = float(found[place] / found[-1])
        if recall - last >= 1 / CURVE_POINTS or place == present[-1]:
            last = recall
            yield CurvePoint((levels - place) / levels, float(found[place] / chosen[place]), recall)


def best_threshold(counts: LevelCounts) -> CurvePoint | None:
    """Return the point of the largest F1 over all thresholds; None without pixels of the reference."""
    if not counts.positives.any():
        return None
    found = np.cumsum(counts.positives[::-1])
    chosen = found + np.cumsum(counts.negatives[::-1])
    place = int(np.argmax(2 * found / (chosen + found[-1])))
    levels = len(found) - 1
    return CurvePoint(
        (levels - place) / levels, float(found[place] / max(chosen[place], 1)), float(found[place] / found[-1])
    )


def reliability(counts: LevelCounts) -> list[ReliabilityClass]:
    """Compare the values of a heatmap with what is observed, in classes of equal width.

    Parameters
    ----------
    counts : LevelCounts

    Returns
    -------
    list of ReliabilityClass
        Those that have pixels. In a reliable heatmap a third of the pixels of value 1/3 are in the reference.
    """
    everything = counts.positives + counts.negatives
    values = np.arange(len(everything)) / (len(everything) - 1)
    number = np.minimum((values * RELIABILITY_CLASSES).astype(int), RELIABILITY_CLASSES - 1)
    pixels, positives, sums = (
        np.bincount(number, weights=weights, minlength=RELIABILITY_CLASSES)
        for weights in (everything, counts.positives, everything * values)
    )
    return [
        ReliabilityClass(
            index / RELIABILITY_CLASSES,
            (index + 1) / RELIABILITY_CLASSES,
            int(pixels[index]),
            float(sums[index] / pixels[index]),
            float(positives[index] / pixels[index]),
        )
        for index in range(RELIABILITY_CLASSES)
        if pixels[index]
    ]


def calibration_error(counts: LevelCounts) -> float:
    """Return the mean difference, over all pixels, between value and observed share of their class.

    The expected calibration error of Naeini et al. (2015); 0 for a reliable heatmap, NaN without pixels.
    """
    classes = reliability(counts)
    off = sum(item.pixels * abs(item.mean - item.observed) for item in classes)
    return share(off, sum(item.pixels for item in classes))


def brier_score(counts: LevelCounts) -> float:
    """Return the mean squared difference between value and truth (Brier 1950); 0 is perfect, NaN without pixels."""
    values = np.arange(len(counts.positives)) / (len(counts.positives) - 1)
    squares = counts.positives * (1 - values) ** 2 + counts.negatives * values**2
    return share(float(squares.sum()), float(counts.positives.sum() + counts.negatives.sum()))


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
