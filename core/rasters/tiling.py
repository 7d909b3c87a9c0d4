"""The canonical tiling: cores on a fixed lattice from the first pixel, each seen with a halo of context around it.

Where a pixel lies in its tile must not change what the network makes of it. Cores therefore start at multiples of the
network's stride whatever the tile size, the halo is a multiple of the stride too, and every tile has the same size: the
last ones hang over the raster, which is continued by reflection.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import InvalidModelError, InvalidOptionError
from .grid import Grid, Window


@dataclass(frozen=True)
class Tiling:
    """How a grid is cut for a network.

    Attributes
    ----------
    grid : Grid
        The pixels to cover.
    size : int
        Side of every tile, in pixels.
    halo : int
        Pixels of context on every side of a core, a multiple of the stride.
    core : int
        Side of a core, a multiple of the stride.
    reach : int
        Pixels beyond its core for which a tile counts too: none, unless tiles are blended.
    """

    grid: Grid
    size: int
    halo: int
    core: int
    reach: int = 0

    def cores(self) -> list[Window]:
        """Return the cores row by row, cut at the raster's edges; together they cover each pixel once."""
        return self.grid.tiles(self.core)

    def around(self, core: Window) -> Window:
        """Return the tile of a core; it may hang over the raster on every side."""
        return Window(core.x - self.halo, core.y - self.halo, self.size, self.size)

    def target(self, core: Window) -> Window:
        """Return the pixels of the raster for which a core's tile counts."""
        left, top = max(core.x - self.reach, 0), max(core.y - self.reach, 0)
        right = min(core.x + core.width + self.reach, self.grid.width)
        bottom = min(core.y + core.height + self.reach, self.grid.height)
        return Window(left, top, right - left, bottom - top)


def tile_side(tile_size: int, stride: int, fixed_size: int | None) -> int:
    """Return the side of the tiles that a network is given.

    Parameters
    ----------
    tile_size : int
        What the user asked for.
    stride : int
        What the side must be a multiple of.
    fixed_size : int or None
        The only size that the network takes, where there is one.
    """
    return fixed_size or max(tile_size // stride, 1) * stride


def largest_useful_side(grid: Grid, halo: int, stride: int) -> int:
    """Return the side of a tile that shows all of a grid with its halo; a larger one would show nothing more."""
    return round_up(max(grid.width, grid.height), stride) + 2 * round_up(halo, stride)


def plan_tiles(grid: Grid, side: int, halo: int, stride: int, fixed: bool) -> Tiling:
    """Plan the tiles of a grid.

    Parameters
    ----------
    grid : Grid
        The pixels to cover.
    side : int
        Side of a tile in pixels, from `tile_side`.
    halo : int
        Pixels of context that the network needs; rounded up to a multiple of the stride.
    stride : int
        Stride of the network, in pixels.
    fixed : bool
        Whether the network takes no other size.

    Raises
    ------
    InvalidOptionError
        If the halos leave no core in a tile; the message says the smallest tile size.
    InvalidModelError
        The same, where the network allows no other size.
    """
    rounded = round_up(halo, stride)
    core = (side - 2 * rounded) // stride * stride
    if core > 0:
        return Tiling(grid, side, rounded, core)
    if fixed:
        raise InvalidModelError(
            f"The model takes tiles of {side} pixels only, but needs a halo of {rounded} pixels on every side, "
            "which leaves nothing. Export the model for larger tiles, or with a free size."
        )
    raise InvalidOptionError(
        f"Tiles of {side} pixels are too small for this model, which needs a halo of {rounded} pixels on every side. "
        f"The smallest tile size is {2 * rounded + stride}."
    )


def round_up(number: int, step: int) -> int:
    """Return the smallest multiple of `step` that is at least `number`."""
    return -(-number // step) * step
