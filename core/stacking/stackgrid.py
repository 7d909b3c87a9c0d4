"""The grid of a feature stack: that of a reference raster, or one made of extent, reference system and pixel size."""

from __future__ import annotations

import math

from ..contracts.featurestack import FeatureStackOptions
from ..errors import InvalidCRSError, InvalidOptionError
from ..rasters.extent import border, whole_window_of
from ..rasters.geodata import osr
from ..rasters.grid import Grid
from ..rasters.raster import Raster

# An edge that lies this near to a multiple of the resolution, in pixels, is meant to lie on it.
_ROUNDING = 1e-6
# GDAL counts pixels along a side in 32 bits.
_LARGEST_SIDE = 2**31 - 1


def stack_grid(options: FeatureStackOptions) -> Grid:
    """Return the grid that the options ask for.

    Raises
    ------
    InvalidOptionError
        If both a reference and another grid are given, if neither is complete, or the extent cannot be understood.
    InvalidRasterError
        If the reference cannot be read.
    InvalidCRSError
        If the reference system cannot be understood, or gives no lengths on the ground.
    """
    grid = _of_reference(options) if options.reference else _of_numbers(options)
    _ = grid.metres_per_unit  # refuses systems without true lengths
    return grid


def _of_reference(options: FeatureStackOptions) -> Grid:
    given = [name for name, value in (("crs", options.crs), ("resolution", options.resolution)) if value]
    if given:
        raise InvalidOptionError(
            f"Option `{given[0]}` is given beside a reference raster, whose grid the stack gets; give one of the two."
        )
    with Raster(options.reference) as raster:
        grid = raster.grid
    if not options.extent.strip():
        return grid
    window = whole_window_of(options.extent, grid)
    x, y = grid.coordinates(window.x, window.y)
    _, across_x, down_x, _, across_y, down_y = grid.geotransform
    return Grid(window.width, window.height, (float(x), across_x, down_x, float(y), across_y, down_y), grid.crs)


def _of_numbers(options: FeatureStackOptions) -> Grid:
    given = {"extent": options.extent.strip(), "crs": options.crs.strip(), "resolution": options.resolution}
    missing = [f"`{name}`" for name, value in given.items() if not value]
    if missing:
        raise InvalidOptionError(
            "The stack's grid is not known: give `reference`, a raster whose grid the stack gets, or all of `extent`, "
            f"`crs` and `resolution` (missing: {', '.join(missing)})."
        )
    crs = _wkt(options.crs)
    x, y = border(options.extent, crs)
    size = options.resolution
    left, right = math.floor(x.min() / size + _ROUNDING), math.ceil(x.max() / size - _ROUNDING)
    bottom, top = math.floor(y.min() / size + _ROUNDING), math.ceil(y.max() / size - _ROUNDING)
    if max(right - left, top - bottom) > _LARGEST_SIDE:
        raise InvalidOptionError(
            f"The extent has {right - left} x {top - bottom} pixels of {size:g}; give a larger resolution. It counts "
            "in units of the reference system."
        )
    return Grid(right - left, top - bottom, (left * size, size, 0.0, top * size, 0.0, -size), crs)


def _wkt(text: str) -> str:
    reference = osr.SpatialReference()
    try:
        reference.SetFromUserInput(text)
    except RuntimeError as error:
        raise InvalidCRSError(
            f"Option `crs` is {text!r}, which is no reference system that is known; give one such as EPSG:32719."
        ) from error
    return str(reference.ExportToWkt())
