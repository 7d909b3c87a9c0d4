"""Statistics of layers by object, without a loop over objects.

Pixels are put in order by object, once for all layers; every statistic is then a reduction over runs of equal objects.
Rows arrive strip by strip. An object is measured when its last row has arrived, from all its pixels at once, so that
quantiles are exact and no number depends on how the raster was cut. The pixels of objects that are still open wait in
memory (4 bytes a layer and 8 for the label): little for the compact objects of a segmentation, the whole raster in the
worst case of one object that reaches from the first row to the last.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .errors import InvalidRasterError
from .floatorder import from_ordered_bits, ordered_bits
from .progress import Progress

Labels = NDArray[np.uint32]
Values = NDArray[np.float32]
Numbers = NDArray[np.float64]
Indices = NDArray[np.intp]

PERCENTILES = (10, 50, 90)
"""Percentiles of the group `quantiles`."""

CONTRAST = "contrast"
"""Statistic of a layer that compares an object with its neighbours."""

STATISTICS = {"statistics": ("mean", "std", "min", "max"), "quantiles": tuple(f"p{p}" for p in PERCENTILES)}
"""Statistics of a layer, by group of features."""

LARGEST_LABEL = _LOW_HALF = 2**32 - 1
_ROWS_AT_ONCE = 256


def layer_of(feature: str) -> str:
    """Return the layer on which a feature is measured, an empty text for one of shape or neighbours."""
    layer, _, statistic = feature.rpartition("_")
    return layer if statistic in {*itertools.chain(*STATISTICS.values()), CONTRAST} else ""


def consecutive_labels(labels: NDArray[Any], progress: Progress) -> tuple[NDArray[np.int64], Labels]:
    """Give objects the numbers 1, 2, 3 ... in the order of their labels.

    Parameters
    ----------
    labels : array of int, shape (h, w)
        0 where no object is.
    progress : Progress

    Returns
    -------
    object_ids : array of int, shape (n,)
        The label of each object, ascending.
    numbered : array of uint32, shape (h, w)
        Object `i` of `object_ids` has the number `i + 1`; 0 where no object is.

    Raises
    ------
    InvalidRasterError
        If a label is negative or does not fit 32 bits.
    """
    smallest, largest = int(labels.min(initial=0)), int(labels.max(initial=0))
    if smallest < 0 or largest > LARGEST_LABEL:
        raise InvalidRasterError(
            f"Labels must be whole numbers from 0 (no object) to {LARGEST_LABEL}, "
            f"but {smallest if smallest < 0 else largest} was found."
        )
    if largest <= labels.size and _all_present(labels, largest, progress):
        return np.arange(1, largest + 1), labels.astype(np.uint32, copy=False)
    found, numbers = np.unique(np.append(labels.ravel(), labels.dtype.type(0)), return_inverse=True)
    return found[1:].astype(np.int64), numbers[:-1].reshape(labels.shape).astype(np.uint32)


def _all_present(labels: NDArray[Any], largest: int, progress: Progress) -> bool:
    """Whether every number from 1 to `largest` occurs."""
    present = np.zeros(largest + 1, bool)
    present[0] = True
    for rows in row_blocks(labels, progress):
        present[labels[rows]] = True
    return bool(present.all())


def row_blocks(labels: NDArray[Any], progress: Progress) -> Iterator[slice]:
    """Yield slices of rows that cover an array, so that temporary arrays stay small and the user can stop."""
    for start in range(0, labels.shape[0], _ROWS_AT_ONCE):
        progress.check()
        yield slice(start, min(start + _ROWS_AT_ONCE, labels.shape[0]))


def ordered_by_object(numbers: Indices) -> tuple[Indices, Indices, Indices]:
    """Put pixels in order by object.

    Parameters
    ----------
    numbers : array of int, shape (pixels,)
        The object of each pixel.

    Returns
    -------
    order : array of int, shape (pixels,)
        Positions that bring the pixels of an object together; within an object the order is kept.
    starts : array of int, shape (k,)
        Where each object's run begins in the ordered pixels.
    objects : array of int, shape (k,)
        The object of each run, ascending.
    """
    order = np.argsort(numbers, kind="stable")
    ordered = numbers[order]
    starts = np.flatnonzero(np.diff(ordered, prepend=-1))
    return order, starts, ordered[starts]


def run_statistics(values: Values, starts: Indices) -> dict[str, Numbers]:
    """Return mean, std, min and max of each run of values.

    `std` is that of the whole population (divided by n), computed in two passes from the deviations.

    Parameters
    ----------
    values : array of float32, shape (pixels,)
        NaN where there is no value.
    starts : array of int, shape (k,)
        Where each run begins.

    Returns
    -------
    dict of array of float64, shape (k,)
        NaN for a run without any value.
    """
    valid = ~np.isnan(values)
    counts = np.add.reduceat(valid, starts, dtype=np.int64)
    divisor = np.where(counts > 0, counts, np.nan)
    mean = np.add.reduceat(np.where(valid, values, 0), starts, dtype=np.float64) / divisor
    deviations = np.where(valid, values - np.repeat(mean, _lengths(values, starts)), 0.0)
    return {
        "mean": mean,
        "std": np.sqrt(np.add.reduceat(deviations * deviations, starts) / divisor),
        "min": np.fmin.reduceat(values, starts).astype(np.float64),
        "max": np.fmax.reduceat(values, starts).astype(np.float64),
    }


def run_quantiles(values: Values, starts: Indices) -> dict[str, Numbers]:
    """Return the `PERCENTILES` of each run of values, linear between the two nearest values.

    This is type 7 of Hyndman and Fan (1996), numpy's default.

    Parameters
    ----------
    values : array of float32, shape (pixels,)
        NaN where there is no value.
    starts : array of int, shape (k,)
        Where each run begins.

    Returns
    -------
    dict of array of float64, shape (k,)
        NaN for a run without any value.
    """
    runs = np.repeat(np.arange(len(starts), dtype=np.uint64), _lengths(values, starts))
    # One sort of 64-bit keys, run above value, is several times faster than ordering by two arrays.
    keys = (runs << np.uint64(32)) | _sortable(values)
    keys.sort()
    valid = np.add.reduceat(~np.isnan(values), starts, dtype=np.int64)
    last = np.maximum(valid - 1, 0)
    quantiles = {}
    for percentile in PERCENTILES:
        position = last * (percentile / 100)
        below = position.astype(np.int64)
        low, high = (_values(keys[starts + step]) for step in (below, np.minimum(below + 1, last)))
        interpolated = low + (high - low) * (position - below)
        quantiles[f"p{percentile}"] = np.where(valid > 0, interpolated, np.nan)
    return quantiles


def _lengths(values: Values, starts: Indices) -> Indices:
    return np.diff(starts, append=len(values))


def _sortable(values: Values) -> NDArray[np.uint64]:
    """Return whole numbers that sort as floats do, NaN last."""
    ordered = ordered_bits(values)
    # A NaN may carry a minus sign, which would put it first.
    ordered[np.isnan(values)] = _LOW_HALF
    return ordered.astype(np.uint64)


def _values(keys: NDArray[np.uint64]) -> Numbers:
    return from_ordered_bits((keys & np.uint64(_LOW_HALF)).astype(np.uint32)).astype(np.float64)


class LayerStatistics:
    """Statistics of layers by object, from strips of rows that arrive from top to bottom.

    Parameters
    ----------
    labels : array of uint32, shape (h, w)
        Objects numbered 1..count; 0 where no object is.
    count : int
        Number of objects.
    layers : sequence of str
        Names of the layers.
    groups : sequence of str
        Which of `STATISTICS` to compute.

    Attributes
    ----------
    columns : dict of array of float64, shape (count,)
        ``<layer>_<statistic>``; NaN where an object has no valid pixel in the layer, or is not complete yet.
    """

    def __init__(self, labels: Labels, count: int, layers: Sequence[str], groups: Sequence[str]) -> None:
        self._groups = [group for group in STATISTICS if group in groups]
        self._layers = tuple(layers)
        self._labels = labels
        self._last_row = _last_rows(labels, count)
        self._rows_done = 0
        self._open_numbers = np.zeros(0, np.intp)
        self._open_values = np.zeros((len(self._layers), 0), np.float32)
        statistics = [name for group in self._groups for name in STATISTICS[group]]
        self.columns = {f"{layer}_{name}": np.full(count, np.nan) for layer in self._layers for name in statistics}

    def add(self, values: Values) -> None:
        """Take the next rows.

        Parameters
        ----------
        values : array of float32, shape (layers, rows, w)
            NaN where a layer has no value.
        """
        rows = slice(self._rows_done, self._rows_done + values.shape[1])
        self._rows_done = rows.stop
        labels = self._labels[rows].ravel()
        inside = np.flatnonzero(labels)
        waiting = len(self._open_numbers)
        numbers = np.append(self._open_numbers, labels[inside].astype(np.intp) - 1)
        positions = np.append(np.arange(waiting), inside + waiting)
        complete = self._last_row[numbers] < rows.stop
        order, starts, objects = ordered_by_object(numbers[complete])
        ordered, still_open = positions[complete][order], positions[~complete]
        open_values = np.empty((len(self._layers), len(still_open)), np.float32)
        for number, layer in enumerate(self._layers):
            pixels = np.append(self._open_values[number], values[number].ravel())
            self._measure(layer, pixels[ordered], starts, objects)
            open_values[number] = pixels[still_open]
        self._open_numbers, self._open_values = numbers[~complete], open_values

    def _measure(self, layer: str, pixels: Values, starts: Indices, objects: Indices) -> None:
        if len(pixels) == 0:
            return
        measures = {"statistics": run_statistics, "quantiles": run_quantiles}
        for group in self._groups:
            for name, result in measures[group](pixels, starts).items():
                self.columns[f"{layer}_{name}"][objects] = result


def _last_rows(labels: Labels, count: int) -> NDArray[np.int64]:
    """Return the last row of each object."""
    last = np.zeros(count + 1, np.int64)
    for number, row in enumerate(labels):
        last[row] = number
    return last[1:]
