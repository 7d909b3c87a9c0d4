"""Where the pixels of a DEM lie on the ground: steps from pixel to pixel in metres, also for grids in degrees."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..errors import InvalidCRSError
from ..rasters.geodata import spatial_reference
from ..rasters.grid import Grid, Window

# Nearer to a pole, a row of a grid in degrees is too short to be a row of neighbours.
_LARGEST_LATITUDE = 89.0
# Rows of a grid in degrees that share the size of their neighbourhoods, counted from the first row.
_BAND_ROWS = 128


class Steps(NamedTuple):
    """How far one step leads on the ground, in metres; numbers, or arrays with one row a pixel row, shape (rows, 1).

    Attributes
    ----------
    column_east, column_north
        From a pixel to the next one in its row.
    row_east, row_north
        From a pixel to the one below.
    """

    column_east: NDArray[np.float64] | float
    column_north: NDArray[np.float64] | float
    row_east: NDArray[np.float64] | float
    row_north: NDArray[np.float64] | float

    @property
    def inverse(self) -> Steps:
        """Columns a metre east, columns a metre north, rows a metre east and rows a metre north, in this order."""
        determinant = self.column_east * self.row_north - self.row_east * self.column_north
        return Steps(
            self.row_north / determinant,
            -self.row_east / determinant,
            -self.column_north / determinant,
            self.column_east / determinant,
        )


class DemGrid:
    """The ground below a grid of pixels.

    Lengths are those of the map for projected systems and those of the ellipsoid for geographic ones. Neighbourhoods
    of many pixels (discs, Gaussian filters) have one size in pixels for the whole of a projected grid; in a grid in
    degrees they have the size that is right in the middle of every 128 rows.

    Parameters
    ----------
    grid : Grid
        The pixels.

    Raises
    ------
    InvalidCRSError
        If the reference system is missing or has no metres on the ground (geocentric, a map of the whole world), or if
        the grid is in degrees and is rotated or reaches a pole.
    """

    def __init__(self, grid: Grid) -> None:
        self._grid = grid
        reference = spatial_reference(grid.crs) if grid.crs else None
        self.in_degrees = bool(reference is not None and reference.IsGeographic())
        if reference is None or not self.in_degrees:
            unit = grid.metres_per_unit
            _, across_x, down_x, _, across_y, down_y = grid.geotransform
            self._steps = Steps(across_x * unit, across_y * unit, down_x * unit, down_y * unit)
            return
        self._radians = reference.GetAngularUnits()
        self._semi_major = reference.GetSemiMajor()
        flattening = 1 / reference.GetInvFlattening() if reference.GetInvFlattening() else 0.0
        self._eccentricity2 = flattening * (2 - flattening)
        self._check_degrees()

    def steps(self, window: Window) -> Steps:
        """Return the steps of each row of a window."""
        if not self.in_degrees:
            return self._steps
        return self._at(np.arange(window.y, window.y + window.height)[:, np.newaxis])

    def neighbourhood_steps(self, window: Window) -> Steps:
        """Return the steps that give the neighbourhoods of a window their size; the window is one of `pieces`."""
        if not self.in_degrees:
            return self._steps
        middle = (window.y // _BAND_ROWS + 0.5) * _BAND_ROWS - 0.5
        return Steps(*map(float, self._at(min(middle, self._grid.height - 1.0))))

    def pieces(self, size: int) -> list[Window]:
        """Cut the grid into windows of at most `size` pixels a side, each with one size of neighbourhoods."""
        tiles = self._grid.tiles(size)
        if not self.in_degrees:
            return tiles
        return [piece for tile in tiles for piece in _cut_at_bands(tile)]

    def _at(self, row: NDArray[np.float64] | NDArray[np.int64] | float) -> Steps:
        """Return the steps at rows, from the radii of curvature of the ellipsoid along parallel and meridian."""
        _, degrees_across, _, latitude, _, degrees_down = self._grid.geotransform
        angle = (latitude + degrees_down * (row + 0.5)) * self._radians
        curved = 1 - self._eccentricity2 * np.sin(angle) ** 2
        parallel = self._semi_major * np.cos(angle) / np.sqrt(curved)
        meridian = self._semi_major * (1 - self._eccentricity2) / curved**1.5
        east, north = degrees_across * self._radians * parallel, degrees_down * self._radians * meridian
        return Steps(east, 0.0, 0.0, north)

    def _check_degrees(self) -> None:
        _, _, down_x, latitude, across_y, down_y = self._grid.geotransform
        if down_x or across_y:
            raise InvalidCRSError(
                "The DEM is in degrees and rotated; warp it to a projected system, such as the UTM zone of the place."
            )
        farthest = max(abs(latitude), abs(latitude + down_y * self._grid.height)) * math.degrees(self._radians)
        if farthest > _LARGEST_LATITUDE:
            raise InvalidCRSError(
                f"The DEM is in degrees and reaches latitude {farthest:.6g}; at most {_LARGEST_LATITUDE:g} can be "
                "measured. Warp it to a projected system, such as a polar stereographic one."
            )


def _cut_at_bands(tile: Window) -> list[Window]:
    """Cut a window at the first row of every 128 rows of its grid."""
    bottom = tile.y + tile.height
    starts = [tile.y, *range((tile.y // _BAND_ROWS + 1) * _BAND_ROWS, bottom, _BAND_ROWS)]
    ends = [*starts[1:], bottom]
    return [Window(tile.x, start, tile.width, end - start) for start, end in zip(starts, ends, strict=True)]
