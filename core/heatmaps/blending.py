"""Overlapping tiles blended into one image, for networks whose answer depends on the whole tile.

No halo makes such a network exact. Each pixel gets the mean of the tiles that see it, weighted by a raised cosine (Hann
window) that falls towards the tiles' edges, so that no seam shows. The window's ramps lie half outside of a tile's
core, thus outside of the raster at its edges, where no other tile would take over.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from ..rasters.grid import Window
from ..rasters.tiling import Tiling
from .tilereader import Tile

Image = NDArray[np.float32]


class Blend:
    """Tiles being blended, in the order of their cores: row by row.

    Parameters
    ----------
    tiling : Tiling
        How the raster is cut; its tiles count for `reach` pixels beyond their cores.
    bands : int
        Bands of the image.
    """

    def __init__(self, tiling: Tiling, bands: int) -> None:
        self._tiling = tiling
        self._top = 0
        rows = min(tiling.core + 2 * tiling.reach, tiling.grid.height)
        shape = (rows, tiling.grid.width)
        self._sum = np.zeros((bands, *shape), np.float32)
        self._weight = np.zeros(shape, np.float32)
        self._wanted = np.zeros(shape, np.bool_)
        self._ramp = _hann(tiling.core, tiling.reach)

    def add(self, tile: Tile, values: Image) -> Iterator[tuple[Window, Image]]:
        """Add a tile's answer for its target, shape (bands, height, width); yield the rows that are now complete."""
        yield from self._rows_above(max(tile.core.y - self._tiling.reach, 0))
        x, y, width, height = tile.target
        left, top = x - tile.core.x + self._tiling.reach, y - tile.core.y + self._tiling.reach
        weight = self._ramp[top : top + height, None] * self._ramp[None, left : left + width]
        rows, columns = slice(y - self._top, y - self._top + height), slice(x, x + width)
        self._sum[:, rows, columns] += values * weight
        self._weight[rows, columns] += weight
        self._wanted[rows, columns] |= tile.wanted

    def rest(self) -> Iterator[tuple[Window, Image]]:
        """Yield the rows that are not yet given out."""
        yield from self._rows_above(self._tiling.grid.height)

    def _rows_above(self, bottom: int) -> Iterator[tuple[Window, Image]]:
        """Yield the rows above one, NaN where nothing is wanted, and move on to those below."""
        rows = min(bottom - self._top, len(self._wanted))
        if rows <= 0:
            return
        if self._wanted[:rows].any():
            mean = self._sum[:, :rows] / np.where(self._wanted[:rows], self._weight[:rows], np.float32(np.nan))
            yield Window(0, self._top, self._tiling.grid.width, rows), mean
        for part in (*self._sum, self._weight, self._wanted):
            part[: -rows or None] = part[rows:]
            part[-rows:] = 0
        self._top = bottom


def _hann(core: int, reach: int) -> Image:
    """Return the weights of a line of core + 2 reach pixels: a rise over 2 reach pixels, ones, and a fall."""
    rise = np.sin(np.pi / 2 * (np.arange(2 * reach) + 0.5) / max(2 * reach, 1)) ** 2
    weights = np.ones(core + 2 * reach)
    weights[: len(rise)] *= rise
    weights[len(weights) - len(rise) :] *= rise[::-1]
    return weights.astype(np.float32)
