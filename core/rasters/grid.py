"""The pixel grid that all rasters of one run share, and windows on it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from ..errors import InvalidGridError
from .geodata import metres_per_unit, same_crs, spatial_reference

# What one strip of pixels may take in memory while a stage works on it.
MEMORY_BUDGET = 64 * 2**20
# Outputs are stored in blocks of this many pixels a side; strips of whole blocks are decompressed once.
BLOCK_SIZE = 256
# Rasters on one grid may state their origin with this rounding error, in pixels.
_TOLERANCE = 1e-4


class Window(NamedTuple):
    """A rectangle of pixels: the column and row of its first pixel, its width and height."""

    x: int
    y: int
    width: int
    height: int


@dataclass(frozen=True)
class Grid:
    """Size, position and reference system of a raster's pixels.

    Attributes
    ----------
    width, height : int
        Size in pixels.
    geotransform : tuple of 6 float
        GDAL's affine transform from column and row to map coordinates; rotation and a south-up order are kept.
    crs : str
        Reference system as WKT; empty where there is none.
    """

    width: int
    height: int
    geotransform: tuple[float, float, float, float, float, float]
    crs: str

    @property
    def whole(self) -> Window:
        """The window of all pixels."""
        return Window(0, 0, self.width, self.height)

    @cached_property
    def metres_per_unit(self) -> float:
        """Length of one map unit, in metres.

        Raises
        ------
        InvalidCRSError
            If the reference system is missing, counts in degrees, or has no metres on the ground: geocentric ones and
            maps of the whole world, such as web maps' Mercator.
        """
        return metres_per_unit(self.crs, "The raster")

    @property
    def pixel_size_m(self) -> tuple[float, float]:
        """Side of a pixel along a row and along a column, in metres."""
        _, across_x, down_x, _, across_y, down_y = self.geotransform
        unit = self.metres_per_unit
        return math.hypot(across_x, across_y) * unit, math.hypot(down_x, down_y) * unit

    @property
    def pixel_area_m2(self) -> float:
        """Area of a pixel, in square metres."""
        _, across_x, down_x, _, across_y, down_y = self.geotransform
        return abs(across_x * down_y - down_x * across_y) * self.metres_per_unit**2

    @property
    def is_mirrored(self) -> bool:
        """Whether the picture on the map is the mirror image of the pixels' array: of rows that run northwards, say."""
        _, across_x, down_x, _, across_y, down_y = self.geotransform
        return across_x * down_y - down_x * across_y > 0

    @property
    def ground_sample_distance(self) -> float:
        """Side of the square as large as a pixel, in metres."""
        return math.sqrt(self.pixel_area_m2)

    def coordinates(self, columns: ArrayLike, rows: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return map coordinates of points given in pixels; (0, 0) is the outer corner of the first pixel."""
        column, row = np.asarray(columns, float), np.asarray(rows, float)
        x, across_x, down_x, y, across_y, down_y = self.geotransform
        return x + across_x * column + down_x * row, y + across_y * column + down_y * row

    def pixels(self, x: ArrayLike, y: ArrayLike) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return fractional columns and rows of map coordinates; the inverse of `coordinates`."""
        origin_x, across_x, down_x, origin_y, across_y, down_y = self.geotransform
        dx, dy = np.asarray(x, float) - origin_x, np.asarray(y, float) - origin_y
        determinant = across_x * down_y - down_x * across_y
        return (down_y * dx - down_x * dy) / determinant, (across_x * dy - across_y * dx) / determinant

    def require_same(self, other: Grid, what: str) -> None:
        """Refuse a raster on another grid.

        Parameters
        ----------
        other : Grid
            The other raster's grid.
        what : str
            How to call the other raster in the message.

        Raises
        ------
        InvalidGridError
            If size, position, pixel size or reference system differ.
        """
        corners = ([0, self.width, 0], [0, 0, self.height])
        apart = np.abs(np.subtract(self.pixels(*other.coordinates(*corners)), corners)).max()
        same_size = (self.width, self.height) == (other.width, other.height)
        if not (same_size and apart < _TOLERANCE and same_crs(self.crs, other.crs)):
            raise InvalidGridError(
                f"{what} lies on another grid ({other.summary}) than expected ({self.summary}); bring it there first, "
                "as a feature stack does."
            )

    @property
    def summary(self) -> str:
        """Size, pixel size, origin and reference system in a few words."""
        name = spatial_reference(self.crs).GetName() if self.crs else "no reference system"
        x, across_x, down_x, y, across_y, down_y = self.geotransform
        steps = f"{across_x:.10g}, {down_y:.10g}"
        if down_x or across_y:
            steps = f"{across_x:.10g}, {across_y:.10g} along and {down_x:.10g}, {down_y:.10g} down"
        return f"{self.width} x {self.height} pixels of {steps} from {x:.10g}, {y:.10g}, {name}"

    def strips(self, bytes_per_pixel: int, budget: int = MEMORY_BUDGET) -> list[Window]:
        """Cut the grid into strips of whole rows whose pixels fit the budget.

        Parameters
        ----------
        bytes_per_pixel : int
            What the caller holds for each pixel of a strip.
        budget : int
            Bytes allowed a strip; a strip has at least one row.

        Returns
        -------
        list of Window
            From top to bottom, covering each pixel once.
        """
        rows = max(budget // (self.width * bytes_per_pixel), 1)
        if rows > BLOCK_SIZE:
            rows -= rows % BLOCK_SIZE
        return [Window(0, y, self.width, min(rows, self.height - y)) for y in range(0, self.height, rows)]

    def tiles(self, size: int) -> list[Window]:
        """Cut the grid into squares of `size` pixels a side, row by row; the last ones are cut short."""
        return [
            Window(x, y, min(size, self.width - x), min(size, self.height - y))
            for y in range(0, self.height, size)
            for x in range(0, self.width, size)
        ]
