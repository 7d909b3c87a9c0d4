"""Where chips may lie: in one split's ground, and on no landform of another."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from .blocks import NO_SPLIT, Blocks, Corners
from .outlines import Mask, Polygons

# Places that are tried along each side of a block when a window must be moved.
_TRIED = 9


@dataclass(frozen=True)
class Room:
    """Where windows of one size may lie.

    Attributes
    ----------
    blocks : Blocks
        With their splits.
    landforms : Polygons
    landform_split : int array, shape (n,)
        Split of each landform; `NO_SPLIT` for one without any pixel that could count.
    size : int
        Side of the windows, in pixels.
    """

    blocks: Blocks
    landforms: Polygons
    landform_split: NDArray[np.int64]
    size: int

    def around(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> Corners:
        """Return the windows centred on points (in pixels), moved to lie in the stack."""
        # Rounded first, so that what is half a pixel but for the noise of a projection goes one way.
        corners = np.floor(np.round(np.column_stack([x, y]) - self.size / 2, 3) + 0.5).astype(np.int64)
        last = np.array([self.blocks.x[-1], self.blocks.y[-1]]) - self.size
        return np.asarray(np.clip(corners, 0, last))

    def touched(self, corners: Corners) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """Return pairs of a window and a landform that shares ground with it."""
        boxes = shapely.box(*corners.T, *(corners + self.size).T)
        pairs: NDArray[np.intp] = self.landforms.tree.query(boxes, predicate="intersects")
        return pairs[0], pairs[1]

    def is_free(self, corners: Corners, split: NDArray[np.int64]) -> Mask:
        """Return which windows lie in the ground of their split, with no landform of another split in them."""
        free: Mask = (self.blocks.split_of_windows(corners, self.size) == split) & (split != NO_SPLIT)
        window, landform = self.touched(corners)
        other = self.landform_split[landform]
        free[window[(other != split[window]) & (other != NO_SPLIT)]] = False
        return free

    def moved(self, corner: Corners, point: NDArray[np.float64], split: int) -> Corners | None:
        """Return the free window nearest to one that is not, in the block of a point that it must hold.

        Parameters
        ----------
        corner : int array, shape (2,)
            First pixel of the window wanted.
        point : float array, shape (2,)
            What must stay in it, in pixels.
        split : int

        Returns
        -------
        int array, shape (2,), or None
        """
        first, end = self.blocks.bounds(self.blocks.number_at(point[:1], point[1:]))
        lowest = np.maximum(first[0], np.floor(point).astype(np.int64) - self.size + 1)
        highest = np.minimum(end[0] - self.size, np.floor(point).astype(np.int64))
        wanted = np.clip(corner, lowest, highest)
        along = (
            np.unique(np.append(np.linspace(low, high, _TRIED).astype(np.int64), middle))
            for low, high, middle in zip(lowest, highest, wanted, strict=True)
        )
        tried = np.stack(np.meshgrid(*along), axis=-1).reshape(-1, 2)
        tried = tried[np.argsort(np.abs(tried - corner).sum(axis=1), kind="stable")]
        free = np.flatnonzero(self.is_free(tried, np.full(len(tried), split)))
        return tried[free[0]] if len(free) else None
