"""The graph of objects that another segmentation has made, to be merged further.

Objects are measured block by block. The blocks are always the same, because sums of decimal numbers depend in their
last digits on what is added first.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import InvalidRasterError
from ..progress import Progress
from ..rasters.grid import Window
from .assembly import ReferenceNumbers
from .heterogeneity import Criterion
from .image import Frame, Image
from .pixelgraph import pixel_signatures, region_borders
from .regions import Borders, Regions

# Side of a block, in pixels.
BLOCK = 512


@dataclass(frozen=True)
class _Parts:
    """The parts of objects that lie in one block, or objects put together from them.

    Attributes
    ----------
    label : uint32 array, shape (n,)
        The objects, ascending.
    size, perimeter : int64 arrays, shape (n,)
        Pixels, and pixel sides between the object and anything else.
    box : int64 array, shape (4, n)
        As in `Regions`.
    place : int64 array, shape (n,)
        First pixel in the raster, counted row by row.
    signature : uint32 array, shape (n,)
        Sum of the pixels' signatures.
    parents : int64 array, shape (2, n)
        The smallest and the largest label of the larger objects that it lies in.
    mean, squares : float64 arrays, shape (bands, n)
        Mean of each band and sum of squared deviations from it.
    """

    label: NDArray[np.uint32]
    size: NDArray[np.int64]
    perimeter: NDArray[np.int64]
    box: NDArray[np.int64]
    place: NDArray[np.int64]
    signature: NDArray[np.uint32]
    parents: NDArray[np.int64]
    mean: NDArray[np.float64]
    squares: NDArray[np.float64]


@dataclass
class ObjectAssembly:
    """Gathers the blocks of a raster of objects.

    Attributes
    ----------
    criterion : Criterion
        Measure of heterogeneity.
    """

    criterion: Criterion
    _references: ReferenceNumbers = field(default_factory=ReferenceNumbers)
    _parts: list[_Parts] = field(default_factory=list)
    _labels: list[NDArray[np.uint32]] = field(default_factory=list)
    _borders: list[Borders] = field(default_factory=list)

    def add(self, image: Image, frame: Frame, core: Window, progress: Progress) -> NDArray[np.uint32]:
        """Add a block; return the reference of each of its pixels, 0 where there is no object.

        Parameters
        ----------
        image : Image
            The block with the pixels right of and below it.
        frame : Frame
            Where the image lies in the raster.
        core : Window
            The block.
        progress : Progress
            Asked whether to stop.
        """
        labels = np.where(image.valid, image.children, 0) if image.children is not None else image.valid
        label, region = np.unique(labels, return_inverse=True)
        nothing = int(label[0] == 0)
        label = label[nothing:].astype(np.uint32)
        region = region.reshape(labels.shape).astype(np.int32) - np.int32(nothing)
        region[labels == 0] = len(label)
        progress.check()
        borders, _ = region_borders(image, region, (core.height, core.width), len(label))
        first = self._references.taken(len(label))
        self._borders.append(borders.shifted(first))
        self._labels.append(label)
        self._parts.append(_measured(image, frame, core, region, label))
        own = region[: core.height, : core.width]
        return np.where(own == len(label), 0, own + first).astype(np.uint32)

    def graph(self) -> tuple[Regions, Borders, NDArray[np.int32]]:
        """Return all objects in the order of their first pixels, their borders, and the object of each reference."""
        referred = np.concatenate(self._labels)
        whole = _whole(self._parts)
        _require_nested(whole)
        order = np.argsort(whole.place)
        rank = np.empty(len(order), np.int32)
        rank[order] = np.arange(len(order), dtype=np.int32)
        number = np.append(np.int32(len(order)), rank.take(np.searchsorted(whole.label, referred)))
        regions = _regions(whole, order, self.criterion)
        borders = Borders.summed(self._borders, number)
        return regions, borders, number


def _measured(image: Image, frame: Frame, core: Window, region: NDArray[np.int32], label: NDArray[np.uint32]) -> _Parts:
    """Return the parts of objects in a block. An object that only begins beyond it has no pixels here."""
    own = region[: core.height, : core.width]
    inside = np.flatnonzero(own < len(label))
    number = own.ravel().take(inside)
    order = np.argsort(number, kind="stable")
    inside, number = inside.take(order), number.take(order)
    starts = np.flatnonzero(np.diff(number, prepend=-1))
    kept = number.take(starts)
    row, column = np.divmod(inside, core.width)
    row, column = row + core.y, column + core.x
    size = np.diff(starts, append=len(inside))
    signature = pixel_signatures(core).ravel().take(inside)
    parent = np.zeros(len(inside), np.int64)
    if image.parent is not None:
        parent = image.parent[: core.height, : core.width].ravel().take(inside).astype(np.int64)
    mean, squares = np.empty((2, len(image.bands), len(kept)))
    for position, band in enumerate(image.bands):
        values = band[: core.height, : core.width].ravel().take(inside).astype(np.float64)
        mean[position] = np.add.reduceat(values, starts) / size
        squares[position] = np.add.reduceat((values - np.repeat(mean[position], size)) ** 2, starts)
    return _Parts(
        label.take(kept),
        size,
        4 * size - 2 * _inner_sides(region, core, len(label)).take(kept),
        np.stack([np.maximum.reduceat(values, starts) for values in (-row, -column, row + 1, column + 1)]),
        np.minimum.reduceat(row * np.int64(frame.width) + column, starts),
        np.add.reduceat(signature, starts, dtype=np.uint32),
        np.stack((np.minimum.reduceat(parent, starts), np.maximum.reduceat(parent, starts))),
        mean,
        squares,
    )


def _inner_sides(region: NDArray[np.int32], core: Window, count: int) -> NDArray[np.int64]:
    """Return for each object the sides between two of its pixels, the left or upper of which is in the block."""
    own = region[: core.height, : core.width]
    sides = np.zeros(count, np.int64)
    for neighbour in (region[: core.height, 1 : core.width + 1], region[1 : core.height + 1, : core.width]):
        side = own[: neighbour.shape[0], : neighbour.shape[1]]
        sides += np.bincount(side[(side == neighbour) & (side < count)], minlength=count)
    return sides


def _whole(parts: list[_Parts]) -> _Parts:
    """Put objects together from their parts (Chan, Golub and LeVeque 1983)."""
    label = np.concatenate([part.label for part in parts])
    order = np.argsort(label, kind="stable")
    starts = np.flatnonzero(np.diff(label.take(order).astype(np.int64), prepend=-1))

    def joined(name: str) -> NDArray[Any]:
        values: NDArray[Any] = np.concatenate([getattr(part, name) for part in parts], axis=-1)
        return values.take(order, axis=-1)

    size, part_mean = joined("size"), joined("mean")
    total = np.add.reduceat(size, starts)
    mean = np.add.reduceat(size * part_mean, starts, axis=-1) / total
    spread = size * (part_mean - np.repeat(mean, np.diff(starts, append=len(label)), axis=-1)) ** 2
    smallest, largest = joined("parents")
    return _Parts(
        label.take(order.take(starts)),
        total,
        np.add.reduceat(joined("perimeter"), starts),
        np.maximum.reduceat(joined("box"), starts, axis=-1),
        np.minimum.reduceat(joined("place"), starts),
        np.add.reduceat(joined("signature"), starts, dtype=np.uint32),
        np.stack((np.minimum.reduceat(smallest, starts), np.maximum.reduceat(largest, starts))),
        mean,
        np.add.reduceat(joined("squares") + spread, starts, axis=-1),
    )


def _require_nested(objects: _Parts) -> None:
    astride = np.flatnonzero(objects.parents[0] != objects.parents[1])
    if len(astride):
        one = astride[0]
        raise InvalidRasterError(
            f"{len(astride)} of the smaller objects lie in more than one of the larger ones, such as object "
            f"{objects.label[one]} in {objects.parents[0][one]} and {objects.parents[1][one]}; give smaller objects "
            "that were made within the larger ones, or leave one of the two options empty."
        )


def _regions(objects: _Parts, order: NDArray[np.intp], criterion: Criterion) -> Regions:
    regions = Regions.empty(len(order), len(objects.mean))
    regions.size[:] = objects.size.take(order)
    regions.perimeter[:] = objects.perimeter.take(order)
    regions.signature[:] = objects.signature.take(order)
    regions.box[:] = objects.box.T.take(order, axis=0)
    regions.mean[:] = objects.mean.T.take(order, axis=0)
    regions.squares[:] = objects.squares.T.take(order, axis=0)
    regions.measure(criterion)
    return regions
