"""Statistics of layers by object, without a loop over objects.

Objects of similar size are put into the rows of one array, padded with NaN. Sorting the rows gives quantiles, smallest
and largest value; sums along them give the moments. Values that are NaN end up beside the padding, so that pixels
without a value need no handling of their own.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ..progress import Progress
from .featurecatalogue import PERCENTILES, names_of
from .objectpixels import BLOCK, CompleteObjects, Indices, Numbers, Values

CONTRAST = "contrast"
"""Statistic of a layer that compares an object with its neighbours."""

STATISTICS = {group: names_of(group) for group in ("statistics", "quantiles")}
"""Statistics of a layer, by group of features."""


_ROUNDING = 1e-6


class OrderedValues:
    """Values of objects, one object a row, brought into ascending order.

    Parameters
    ----------
    values : array of float32, shape (k, m)
        NaN where there is no value; sorted in place.

    Attributes
    ----------
    counts : array of int, shape (k,)
        Number of values of each row.
    """

    def __init__(self, values: Values) -> None:
        values.sort(axis=1)
        self._values = values
        # Few columns hold a NaN, as these come last.
        width = values.shape[1]
        invalid = np.isnan(values)
        full = width - int(np.count_nonzero(np.logical_or.reduce(invalid, axis=0)))
        self._rest = (slice(None), slice(full, None))
        self._invalid = invalid[self._rest]
        self.counts: NDArray[np.int64] = width - np.count_nonzero(self._invalid, axis=1)
        self._divisor = np.where(self.counts > 0, self.counts, np.nan)

    @cached_property
    def moments(self) -> dict[str, Numbers]:
        """Mean, standard deviation (of the whole population) and skewness (g1) of each row.

        The latter two are computed from the deviations from the mean; without deviation there is no skewness.
        """
        deviations = self._values.astype(np.float64)
        mean = self._mean(deviations)
        deviations -= mean[:, np.newaxis]
        powers = deviations * deviations
        variance = self._mean(powers)
        powers *= deviations
        std = np.sqrt(variance)
        skewness = self._mean(powers) / np.where(variance > 0, variance * std, np.nan)
        return {"mean": mean, "std": std, "skewness": skewness}

    @property
    def smallest(self) -> Numbers:
        """Smallest value of each row."""
        smallest: Numbers = self._values[:, 0].astype(np.float64)
        return smallest

    @property
    def largest(self) -> Numbers:
        """Largest value of each row."""
        return self._at(np.maximum(self.counts - 1, 0))

    def percentile(self, percentile: float) -> Numbers:
        """Return a percentile of each row, linear between the two nearest values.

        This is type 7 of Hyndman and Fan (1996), numpy's default.
        """
        last = np.maximum(self.counts - 1, 0)
        position = last * (percentile / 100)
        below = position.astype(np.intp)
        low, high = self._at(below), self._at(np.minimum(below + 1, last))
        between: Numbers = low + (high - low) * (position - below)
        return between

    def _at(self, place: Indices) -> Numbers:
        rows, width = self._values.shape
        values: Numbers = self._values.ravel().take(np.arange(0, rows * width, width) + place).astype(np.float64)
        return values

    def _mean(self, numbers: Numbers) -> Numbers:
        """Return the mean of each row over the places that hold a value; sets the others to 0."""
        numbers[self._rest][self._invalid] = 0
        mean: Numbers = np.add.reduce(numbers, axis=1) / self._divisor
        return mean


def layer_statistics(
    objects: CompleteObjects, layers: Sequence[int], groups: Sequence[str], progress: Progress
) -> dict[str, Numbers]:
    """Return statistics of layers in objects.

    Parameters
    ----------
    objects : CompleteObjects
    layers : sequence of int
        Indices of the layers.
    groups : sequence of str
        Which of `STATISTICS` to compute.
    progress : Progress
        Asked whether to stop.

    Returns
    -------
    dict of array of float64, shape (layers, k)
        By name of the statistic; NaN for an object without any value.
    """
    wanted = [name for group, names in STATISTICS.items() if group in groups for name in names]
    in_order = {name: np.empty((len(layers), len(objects.numbers))) for name in wanted}
    order = np.zeros(0, np.intp)
    for chosen, positions in objects.blocks(len(layers)):
        block = slice(len(order), len(order) + len(chosen))
        order = np.append(order, chosen)
        # Of an object larger than a block, one layer after the other.
        together = min(max(BLOCK // positions.size, 1), len(layers))
        for first in range(0, len(layers), together):
            progress.check()
            some = slice(first, min(first + together, len(layers)))
            found = _measured(OrderedValues(objects.values(layers[some], positions)), groups)
            for name, values in found.items():
                in_order[name][some, block] = values.reshape(-1, len(chosen))
    places = np.argsort(order)
    return {name: values.take(places, axis=1) for name, values in in_order.items()}


def _measured(values: OrderedValues, groups: Sequence[str]) -> dict[str, Numbers]:
    found: dict[str, Numbers] = {}
    if "statistics" in groups:
        found |= {"min": values.smallest, "max": values.largest, **values.moments}
    if "quantiles" in groups:
        found |= {f"p{percentile}": values.percentile(percentile) for percentile in PERCENTILES}
    return found


def share_above(objects: CompleteObjects, layer: int, threshold: float) -> Numbers:
    """Return the share of each object's pixels with a value whose value is at least the threshold, shape (k,)."""
    values = objects.layers[layer].take(objects.positions)
    # Heatmaps are stored in steps such as 0.004, whose multiples are not exact.
    above = np.add.reduceat(values >= threshold - _ROUNDING, objects.first_pixel, dtype=np.int64)
    known = np.add.reduceat(~np.isnan(values), objects.first_pixel, dtype=np.int64)
    share: Numbers = above / np.where(known > 0, known, np.nan)
    return share
