"""Growing and wearing landforms pixel by pixel, all of them at once, so that no order of pixels or landforms matters.

Labels are arrays of uint32, shape (height, width), which are changed; 0 is no landform.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..progress import Progress
from .landforms import ROUNDING, Labels, Mask, sizes, strips

# Places in an array of rows after rows.
Pixels = NDArray[np.intp]


@dataclass(frozen=True)
class SurfaceTension:
    """What keeps outlines compact: the share of landforms among the pixels around a pixel.

    The pixels around are those whose centres are within `radius`, the pixel itself among them; nodata and what is
    beyond the raster do not count. Of the pixels beside a straight border about half are landform: a little less on
    its outer side, a little more on its inner side.

    Attributes
    ----------
    known : array of bool, shape (height, width)
        Pixels that are not nodata.
    pixel_size : tuple of 2 float
        Side of a pixel along a row and along a column.
    radius : float
        In the unit of `pixel_size`.
    share : float
        The least share, 0..1.
    """

    known: Mask
    pixel_size: tuple[float, float]
    radius: float
    share: float

    def holds(self, labels: Labels, pixels: Pixels, progress: Progress) -> Mask:
        """Return for each pixel whether the share of landforms around it is at least the least one."""
        height, width = labels.shape
        rows, columns = np.divmod(pixels, width)
        landform, seen = np.zeros(len(pixels), np.int64), np.zeros(len(pixels), np.int64)
        for down, right in self._offsets(height, width):
            progress.check()
            row, column = rows + down, columns + right
            inside = (row >= 0) & (row < height) & (column >= 0) & (column < width)
            place = np.where(inside, row * width + column, 0)
            labelled = inside & (labels.reshape(-1)[place] > 0)
            landform += labelled
            seen += labelled | (inside & self.known.reshape(-1)[place])
        enough: Mask = landform >= self.share * seen * (1 - ROUNDING)
        return enough

    def _offsets(self, height: int, width: int) -> list[tuple[int, int]]:
        """Return rows and columns from a pixel to those around it, as far as an array of a size reaches."""
        along_row, along_column = self.pixel_size
        right = int(min(self.radius / along_row + ROUNDING, width - 1))
        down = int(min(self.radius / along_column + ROUNDING, height - 1))
        y, x = np.mgrid[-down : down + 1, -right : right + 1]
        near = np.hypot(x * along_row, y * along_column) <= self.radius * (1 + ROUNDING)
        return [(int(row), int(column)) for row, column in zip(y[near], x[near], strict=True)]


def grow(labels: Labels, candidates: Mask, progress: Progress, tension: SurfaceTension | None = None) -> None:
    """Extend all landforms together into candidate pixels, one pixel further in every round, until nothing changes.

    A candidate is taken when it shares a side with a landform and, where a tension is given, that holds. A pixel that
    several landforms reach in the same round goes to the one that was the largest at the beginning; of two of one size
    to the one nearer to the upper left (smaller mean of row + column); else to the lower label. Landforms that were
    apart stay two, also where they meet.

    Parameters
    ----------
    labels : array of uint32, shape (height, width)
        Changed.
    candidates : array of bool, shape (height, width)
        Pixels that may be taken.
    progress : Progress
        May cancel.
    tension : SurfaceTension, optional
    """
    flat, allowed = labels.reshape(-1), candidates.reshape(-1)
    strength = _strength(labels)
    waiting = _beside(labels.shape, lambda rows: (labels[rows] > 0, candidates[rows] & (labels[rows] == 0)))
    while len(waiting):
        progress.check()
        taken = waiting if tension is None else waiting[tension.holds(labels, waiting, progress)]
        if not len(taken):
            return
        around = _neighbours(taken, labels.shape)
        rivals = flat[around]
        flat[taken] = np.take_along_axis(rivals, strength[rivals].argmin(axis=0)[np.newaxis], axis=0)[0]
        waiting = np.union1d(waiting, around[allowed[around]])
        waiting = waiting[flat[waiting] == 0]


def wear(labels: Labels, removable: Mask, progress: Progress, tension: SurfaceTension) -> None:
    """Take pixels off the borders of landforms where the tension does not hold, round by round, until it does.

    Parameters
    ----------
    labels : array of uint32, shape (height, width)
        Changed. Only a border with known pixels is worn, not one with nodata or the raster's end, nor one between two
        landforms.
    removable : array of bool, shape (height, width)
        Pixels that may be taken off.
    progress : Progress
        May cancel.
    tension : SurfaceTension
    """
    flat, allowed, known = labels.reshape(-1), removable.reshape(-1), tension.known
    border = _beside(
        labels.shape, lambda rows: (known[rows] & (labels[rows] == 0), removable[rows] & (labels[rows] > 0))
    )
    while len(border):
        progress.check()
        dropped = border[~tension.holds(labels, border, progress)]
        if not len(dropped):
            return
        flat[dropped] = 0
        around = _neighbours(dropped, labels.shape)
        border = np.union1d(border, around[allowed[around]])
        border = border[flat[border] > 0]


def _strength(labels: Labels) -> NDArray[np.intp]:
    """Return the place of each label in the order in which landforms win a pixel; 0, no landform, comes last."""
    pixels = sizes(labels)
    distance = np.zeros(len(pixels))
    for rows in strips(labels):
        row, column = np.nonzero(labels[rows])
        distance += np.bincount(labels[rows][row, column], row + rows.start + column, minlength=len(pixels))
    order = np.lexsort((np.arange(len(pixels)), distance, -pixels))
    strength = np.empty(len(pixels), np.intp)
    strength[order] = np.arange(len(pixels))
    strength[0] = len(pixels)
    return strength


def _beside(shape: tuple[int, ...], masks: Callable[[slice], tuple[Mask, Mask]]) -> Pixels:
    """Return the pixels of a second mask that share a side with the first; `masks` gives both for some rows."""
    found = [np.empty(0, np.intp)]
    for rows in strips(np.broadcast_to(False, shape)):
        above = min(rows.start, 1)
        inner, outer = masks(slice(rows.start - above, rows.stop + 1))
        touched = np.zeros_like(inner)
        touched[1:] |= inner[:-1]
        touched[:-1] |= inner[1:]
        touched[:, 1:] |= inner[:, :-1]
        touched[:, :-1] |= inner[:, 1:]
        here = (touched & outer)[above:][: rows.stop - rows.start]
        found.append(np.flatnonzero(here) + rows.start * shape[1])
    return np.concatenate(found)


def _neighbours(pixels: Pixels, shape: tuple[int, ...]) -> Pixels:
    """Return the four neighbours of each pixel, shape (4, pixels); beyond the raster's end the pixel itself."""
    height, width = shape
    row, column = np.divmod(pixels, width)
    steps = ((row > 0, -width), (row < height - 1, width), (column > 0, -1), (column < width - 1, 1))
    return np.stack([pixels + np.where(inside, step, 0) for inside, step in steps])
