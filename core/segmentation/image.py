"""What is segmented, and where it lies in the raster."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..rasters.grid import Window

# A pixel's fate in the first round depends on its own neighbours, on theirs, and, with ties, on theirs again: pixels
# in as many lines along a cut may become something else than it seems.
_UNKNOWN_LINES = 3


@dataclass(frozen=True)
class Image:
    """What is segmented.

    Attributes
    ----------
    bands : float32 array, shape (bands, height, width)
        Bands on one scale, finite everywhere.
    valid : bool array, shape (height, width)
        Pixels that belong to objects.
    parent : int array, shape (height, width), or None
        Labels whose borders no object crosses.
    children : uint32 array, shape (height, width), or None
        Labels of the objects that are merged; pixels where None.
    """

    bands: NDArray[np.float32]
    valid: NDArray[np.bool_]
    parent: NDArray[np.integer[Any]] | None = None
    children: NDArray[np.integer[Any]] | None = None

    @property
    def transposed(self) -> Image:
        """The image with rows and columns exchanged."""
        return Image(
            np.ascontiguousarray(self.bands.transpose(0, 2, 1)),
            np.ascontiguousarray(self.valid.T),
            None if self.parent is None else np.ascontiguousarray(self.parent.T),
            None if self.children is None else np.ascontiguousarray(self.children.T),
        )

    @property
    def layers(self) -> list[NDArray[Any]]:
        """All that the image consists of, one array of its size after the other."""
        labels = [layer for layer in (self.parent, self.children) if layer is not None]
        return [self.valid, *self.bands, *labels]

    def window(self, window: Window) -> Image:
        """Return the part of the image in a window."""
        part = np.s_[window.y : window.y + window.height, window.x : window.x + window.width]
        return Image(
            self.bands[:, part[0], part[1]],
            self.valid[part],
            None if self.parent is None else self.parent[part],
            None if self.children is None else self.children[part],
        )

    @property
    def joined(self) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Whether each pixel may be in one object with the next one in its row, and with the next one in its column."""
        right, below = np.zeros_like(self.valid), np.zeros_like(self.valid)
        right[:, :-1] = self.valid[:, :-1] & self.valid[:, 1:]
        below[:-1] = self.valid[:-1] & self.valid[1:]
        if self.parent is not None:
            right[:, :-1] &= self.parent[:, :-1] == self.parent[:, 1:]
            below[:-1] &= self.parent[:-1] == self.parent[1:]
        return right, below


@dataclass(frozen=True)
class Frame:
    """Where an image lies in the raster.

    Attributes
    ----------
    window : Window
        Its pixels.
    width, height : int
        Size of the raster.
    """

    window: Window
    width: int
    height: int

    @property
    def inside(self) -> tuple[slice, slice]:
        """The rows and columns away from the cuts: the sides of the image beyond which the raster goes on."""
        x, y, width, height = self.window
        return (
            slice(_UNKNOWN_LINES if y else 0, height - (_UNKNOWN_LINES if y + height < self.height else 0)),
            slice(_UNKNOWN_LINES if x else 0, width - (_UNKNOWN_LINES if x + width < self.width else 0)),
        )

    def place(self, index: NDArray[np.int32]) -> NDArray[np.int64]:
        """Return the position in the raster, row by row, of pixels given by their flat index in the image."""
        row, column = np.divmod(index.astype(np.int64), self.window.width)
        return (row + self.window.y) * self.width + (column + self.window.x)
