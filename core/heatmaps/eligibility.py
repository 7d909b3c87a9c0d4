"""Which pixels are to be mapped: those inside the area's polygons, and at the elevations and slopes asked for."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from ..contracts.heatmap import HIGHEST_ELEVATION, LOWEST_ELEVATION, STEEPEST_SLOPE, HeatmapOptions
from ..errors import InvalidOptionError
from ..rasters.grid import Window
from ..rasters.raster import Raster
from ..vectors.vector import burn, read_layer

_LIMITS = (("elevation", LOWEST_ELEVATION, HIGHEST_ELEVATION), ("slope", 0.0, STEEPEST_SLOPE))


class Eligibility:
    """What a user wants to be mapped of a stack.

    Parameters
    ----------
    options : HeatmapOptions
        The area, and the ranges of elevation and slope.
    stack : Raster
        The open stack.

    Raises
    ------
    InvalidOptionError
        If a range is empty.
    InvalidRasterError
        If the stack lacks the band of a range.
    InvalidVectorError
        If the area cannot be read.
    """

    def __init__(self, options: HeatmapOptions, stack: Raster) -> None:
        self._stack = stack
        self._ranges = _ranges(options)
        stack.band_indices(self._ranges)
        self._geometries = None
        if options.area:
            self._geometries = read_layer(options.area, crs=stack.grid.crs, columns=()).geometries
            self._tree = shapely.STRtree(self._geometries)

    def mask(self, window: Window) -> NDArray[np.bool_]:
        """Return the pixels of a window to be mapped, shape (height, width)."""
        mask = self._inside(window)
        for role, (low, high) in self._ranges.items():
            if not mask.any():
                break
            values = self._stack.read(window, [role])[0]
            # NaN lies in no range.
            mask &= (values >= low) & (values <= high)
        return mask

    def _inside(self, window: Window) -> NDArray[np.bool_]:
        """Return the pixels of a window whose centre lies in the area."""
        shape = (window.height, window.width)
        if self._geometries is None:
            return np.ones(shape, np.bool_)
        columns = [window.x, window.x + window.width]
        x, y = self._stack.grid.coordinates(np.repeat(columns, 2), np.tile([window.y, window.y + window.height], 2))
        near = np.sort(self._tree.query(shapely.box(x.min(), y.min(), x.max(), y.max())))
        if not near.size:
            return np.zeros(shape, np.bool_)
        return np.asarray(burn(self._geometries[near], 1, self._stack.grid, np.uint8, window) > 0)


def _ranges(options: HeatmapOptions) -> dict[str, tuple[float, float]]:
    """Return the ranges that leave anything out, by role."""
    ranges = {}
    for role, lowest, highest in _LIMITS:
        low, high = getattr(options, f"min_{role}"), getattr(options, f"max_{role}")
        if low > high:
            raise InvalidOptionError(
                f"The smallest {role}, {low:g}, is larger than the largest, {high:g}; no pixel can be mapped."
            )
        if (low, high) != (lowest, highest):
            ranges[role] = (low, high)
    return ranges
