"""The pixels of objects, brought together object by object while a raster is read strip by strip.

An object is complete when its last row has arrived; it is then measured from all its pixels at once, so that quantiles
are exact and no number depends on how the raster was cut. The pixels of objects that are still open wait in memory: few
for the compact objects of a segmentation, the whole raster in the worst case of one object that reaches from the first
row to the last.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ..rasters.labels import Labels

Values = NDArray[np.float32]
Numbers = NDArray[np.float64]
Indices = NDArray[np.intp]

# Objects of similar size are measured together, each padded to the largest of them: this much at most.
_PADDING = 1.25
BLOCK = 2**16
"""Values that are measured at once; as many as stay in a processor's cache."""


@dataclass(frozen=True)
class Runs:
    """Pixels of one object side by side in a row.

    Attributes
    ----------
    number : array of int, shape (runs,)
        The object, from 0.
    row, column : array of int, shape (runs,)
        The first pixel in the raster.
    length : array of int, shape (runs,)
        Number of pixels.
    position : array of int, shape (runs,)
        Where the first pixel lies in the arrays of values.
    """

    number: Indices
    row: Indices
    column: Indices
    length: Indices
    position: Indices

    def take(self, index: Indices) -> Runs:
        """Return some of the runs."""
        return Runs(*(getattr(self, field.name).take(index) for field in fields(self)))

    def positions(self) -> Indices:
        """Return where each pixel lies in the arrays of values."""
        return self._counted_up(self.position)

    def coordinates(self) -> tuple[Indices, Indices]:
        """Return row and column of each pixel."""
        return np.repeat(self.row, self.length), self._counted_up(self.column)

    def _counted_up(self, first: Indices) -> Indices:
        """Return for each pixel a number that is `first` at the start of its run and grows by 1 along it."""
        before = np.cumsum(self.length) - self.length
        numbers: Indices = np.repeat(first - before, self.length)
        numbers += np.arange(len(numbers))
        return numbers


def runs_of(labels: Labels, first_row: int) -> Runs:
    """Return the runs of some rows, in the order of their pixels.

    Parameters
    ----------
    labels : array of uint32, shape (rows, w)
        Objects numbered from 1; 0 where no object is.
    first_row : int
        The first row's number in the raster.
    """
    width = labels.shape[1]
    line = labels.ravel()
    begins = np.empty(labels.shape, bool)
    begins[:, 1:] = labels[:, 1:] != labels[:, :-1]
    begins[:, :1] = True
    start = np.flatnonzero(begins)
    length = np.diff(start, append=len(line))
    number = line[start].astype(np.intp)
    inside = np.flatnonzero(number)
    start = start.take(inside)
    row = start // max(width, 1)
    return Runs(number.take(inside) - 1, row + first_row, start - row * width, length.take(inside), start)


def ordered_by_object(numbers: Indices) -> tuple[Indices, Indices, Indices]:
    """Put pixels, or runs of them, in order by object.

    Parameters
    ----------
    numbers : array of int, shape (n,)
        The object of each.

    Returns
    -------
    order : array of int, shape (n,)
        Positions that bring what belongs to an object together; within an object the order is kept.
    starts : array of int, shape (k,)
        Where each object begins in that order.
    objects : array of int, shape (k,)
        The objects, ascending.
    """
    order = np.argsort(numbers, kind="stable")
    ordered = numbers[order]
    starts = np.flatnonzero(np.diff(ordered, prepend=-1))
    return order, starts, ordered[starts]


@dataclass(frozen=True)
class CompleteObjects:
    """Objects of which every pixel has arrived.

    Attributes
    ----------
    numbers : array of int, shape (k,)
        The objects, ascending, from 0.
    runs : Runs
        Their pixels, object by object, in the order of the raster within each.
    first_run : array of int, shape (k,)
        Where each object's runs begin.
    layers : array of float32, shape (layers, pixels + 1)
        Values of each layer by position; the last one is NaN and belongs to no pixel.
    """

    numbers: Indices
    runs: Runs
    first_run: Indices
    layers: Values

    @cached_property
    def positions(self) -> Indices:
        """Where each pixel lies in the arrays of values, object by object."""
        return self.runs.positions()

    @cached_property
    def first_pixel(self) -> Indices:
        """Where each object's pixels begin in `positions`."""
        before: Indices = np.cumsum(self.runs.length) - self.runs.length
        return before.take(self.first_run)

    @cached_property
    def sizes(self) -> Indices:
        """Number of pixels of each object."""
        return np.diff(self.first_pixel, append=len(self.positions))

    def of_run(self) -> Indices:
        """Return for each run the index of its object in `numbers`."""
        return np.repeat(np.arange(len(self.numbers)), np.diff(self.first_run, append=len(self.runs.number)))

    def values(self, layers: Sequence[int], positions: Indices) -> Values:
        """Return values of some layers as rows, shape (layers x k, m), layer by layer.

        Parameters
        ----------
        layers : sequence of int
            Indices of the layers.
        positions : array of int, shape (k, m)
            Positions of the values.
        """
        values = np.empty((len(layers), *positions.shape), np.float32)
        for target, layer in zip(values, layers, strict=True):
            self.layers[layer].take(positions, out=target, mode="clip")
        return values.reshape(-1, positions.shape[1])

    def blocks(self, layers: int) -> Iterator[tuple[Indices, Indices]]:
        """Yield objects of similar size: their indices, and the positions of their pixels, one object a row.

        The rows of smaller objects are filled up with the position of the NaN that belongs to no pixel.

        Parameters
        ----------
        layers : int
            Number of layers that will be measured at once.
        """
        if not len(self.numbers):
            return
        nowhere = self.layers.shape[1] - 1
        bounds = _size_classes(int(self.sizes.max()))
        size_class = np.searchsorted(bounds, self.sizes)
        by_class = np.argsort(size_class, kind="stable")
        ends = np.searchsorted(size_class[by_class], np.arange(len(bounds)), side="right")
        for bound, start, end in zip(bounds, np.append(0, ends), ends, strict=False):
            rows = BLOCK // (bound * layers)
            if rows < 2:
                yield from self._one_by_one(by_class[start:end])
                continue
            columns = np.arange(bound)
            for first in range(int(start), int(end), rows):
                chosen = by_class[first : min(first + rows, end)]
                inside = columns < self.sizes[chosen, np.newaxis]
                places = np.minimum(self.first_pixel[chosen, np.newaxis] + columns, len(self.positions) - 1)
                yield chosen, np.where(inside, self.positions.take(places), nowhere)

    def _one_by_one(self, large: Indices) -> Iterator[tuple[Indices, Indices]]:
        for index in large:
            first = self.first_pixel[index]
            yield np.array([index]), self.positions[np.newaxis, first : first + self.sizes[index]]


def _size_classes(largest: int) -> list[int]:
    """Return the largest size of each class of sizes, ascending until `largest` fits.

    The classes are the same for all strips, because the order in which a row is summed depends on its length.
    """
    bounds = [1]
    while bounds[-1] < largest:
        bounds.append(max(int(bounds[-1] * _PADDING), bounds[-1] + 1))
    return bounds


class OpenObjects:
    """Objects whose pixels arrive strip by strip, from top to bottom.

    Parameters
    ----------
    last_rows : array of int, shape (n,)
        The last row of each object.
    layers : int
        Number of layers.
    """

    def __init__(self, last_rows: Indices, layers: int) -> None:
        self._last_rows = last_rows
        self._rows_done = 0
        nothing = np.zeros(0, np.intp)
        self._runs = Runs(nothing, nothing, nothing, nothing, nothing)
        # What is waiting, what is no longer, room for more; after the last value in use one that belongs to no pixel.
        self._values = np.full((layers, 1), np.nan, np.float32)
        self._used = 0

    def add(self, labels: Labels, values: Values) -> CompleteObjects:
        """Take the next rows; return the objects that are complete now, which can be measured until more rows arrive.

        Parameters
        ----------
        labels : array of uint32, shape (rows, w)
            Objects numbered from 1; 0 where no object is.
        values : array of float32, shape (layers, rows, w)
            NaN where a layer has no value.
        """
        new = runs_of(labels, self._rows_done)
        self._rows_done += len(labels)
        self._append(values.reshape(len(self._values), labels.size))
        runs = self._with_open(new, self._used - labels.size)
        complete = self._last_rows.take(runs.number) < self._rows_done
        self._runs = runs.take(np.flatnonzero(~complete))
        ready = np.flatnonzero(complete)
        order, first_run, numbers = ordered_by_object(runs.number.take(ready))
        return CompleteObjects(numbers, runs.take(ready.take(order)), first_run, self._values[:, : self._used + 1])

    def _with_open(self, new: Runs, position: int) -> Runs:
        """Return the open runs and new ones, whose pixels begin at a position."""
        new = Runs(new.number, new.row, new.column, new.length, new.position + position)
        return Runs(*(np.append(getattr(self._runs, field.name), getattr(new, field.name)) for field in fields(Runs)))

    def _append(self, values: Values) -> None:
        if self._used + values.shape[1] >= self._values.shape[1]:
            self._make_room(values.shape[1])
        end = self._used + values.shape[1]
        self._values[:, self._used : end] = values
        self._values[:, end] = np.nan
        self._used = end

    def _make_room(self, count: int) -> None:
        """Forget the values of no open object; keep room, so that this need not be done for every strip."""
        runs = self._runs
        waiting = int(runs.length.sum())
        values = np.empty((len(self._values), 2 * (waiting + count) + 1), np.float32)
        positions = runs.positions()
        for target, layer in zip(values, self._values, strict=True):
            layer.take(positions, out=target[:waiting], mode="clip")
        self._values, self._used = values, waiting
        place = np.cumsum(runs.length) - runs.length
        self._runs = Runs(runs.number, runs.row, runs.column, runs.length, place)
