"""Parts of a raster that are small enough to be tried out: an extent that a person gives, or the raster's centre."""

from __future__ import annotations

import math
import re

import numpy as np
from numpy.typing import NDArray

from ..errors import InvalidCRSError, InvalidOptionError
from ..progress import Progress
from .geodata import osr, spatial_reference
from .grid import Grid, Window

LARGEST_SIDE = 1024
"""Pixels along the sides of the largest part."""

DEFAULT_SIDE = 512
"""Pixels along the sides of the part that is taken where none is asked for."""

_Places = NDArray[np.float64]

_FORM = re.compile(r"\s*([^,\[]+),([^,\[]+),([^,\[]+),([^,\[]+?)\s*(?:\[(.+)\])?\s*", re.DOTALL)
# Points along a side of an extent that is transformed: its sides become curves.
_POINTS = 21


def window_of(extent: str, grid: Grid, progress: Progress) -> Window:
    """Return the pixels that an extent means.

    Parameters
    ----------
    extent : str
        ``xmin,xmax,ymin,ymax [system]`` as QGIS writes it; without the system, which may be any text that GDAL knows
        (``EPSG:4326``, WKT), the grid's own. Empty: `DEFAULT_SIDE` pixels a side in the middle of the grid.
    grid : Grid
        The raster's pixels.
    progress : Progress
        Warned if only the middle of a larger extent is taken, `LARGEST_SIDE` pixels a side.

    Returns
    -------
    Window
        All pixels that the extent touches, inside the grid.

    Raises
    ------
    InvalidOptionError
        If the extent cannot be understood or lies beside the grid.
    InvalidCRSError
        If it is in another system while the grid has none, or cannot be transformed.
    """
    if not extent.strip():
        return _middle(grid.whole, DEFAULT_SIDE)
    asked = whole_window_of(extent, grid)
    taken = _middle(asked, LARGEST_SIDE)
    if taken != asked:
        progress.warn(
            f"The extent has {asked.width} x {asked.height} pixels; its middle of {taken.width} x {taken.height} is "
            f"taken, since more than {LARGEST_SIDE} a side would take too long to try out."
        )
    return taken


def whole_window_of(extent: str, grid: Grid) -> Window:
    """Return all pixels of a grid that an extent touches, as `window_of` does, however many they are.

    Raises
    ------
    InvalidOptionError
        If the extent cannot be understood or lies beside the grid.
    InvalidCRSError
        If it is in another system while the grid has none, or cannot be transformed.
    """
    columns, rows = grid.pixels(*border(extent, grid.crs))
    left, right = _inside(columns, grid.width)
    top, bottom = _inside(rows, grid.height)
    if left >= right or top >= bottom:
        raise InvalidOptionError(
            f"The extent {extent!r} lies beside the raster ({grid.summary}); give one that the raster covers."
        )
    return Window(left, top, right - left, bottom - top)


def centred(column: float, row: float, side: int, grid: Grid) -> Window:
    """Return the window of a side around a place in pixels, moved into the grid and cut to it."""
    width, height = min(side, grid.width), min(side, grid.height)
    left = min(max(math.floor(column - width / 2), 0), grid.width - width)
    top = min(max(math.floor(row - height / 2), 0), grid.height - height)
    return Window(left, top, width, height)


def _middle(window: Window, side: int) -> Window:
    width, height = min(side, window.width), min(side, window.height)
    return Window(window.x + (window.width - width) // 2, window.y + (window.height - height) // 2, width, height)


def _inside(places: _Places, size: int) -> tuple[int, int]:
    # What lies within a millionth of a pixel's edge is meant to lie on it.
    first, last = math.floor(places.min() + 1e-6), math.ceil(places.max() - 1e-6)
    return max(first, 0), min(last, size)


def stated_extent(extent: str) -> tuple[tuple[float, float, float, float], str | None]:
    """Return left, bottom, right and top of an extent that a person gives, and the system that it names.

    Raises
    ------
    InvalidOptionError
        If it cannot be understood.
    """
    found = _FORM.fullmatch(extent)
    try:
        left, right, bottom, top = (float(text) for text in found.groups()[:4]) if found else (math.nan,) * 4
    except ValueError:
        left = right = bottom = top = math.nan
    if found is None or not (left < right and bottom < top and math.isfinite(right - left + top - bottom)):
        raise InvalidOptionError(
            f"Option `extent` is {extent!r}, which is not xmin,xmax,ymin,ymax with each minimum below its maximum, "
            "such as 500000,505000,7000000,7005000 [EPSG:32719]."
        )
    return (left, bottom, right, top), found.group(5)


def border(extent: str, crs: str) -> tuple[_Places, _Places]:
    """Return points along the border of an extent.

    Parameters
    ----------
    extent : str
        As for `window_of`.
    crs : str
        Reference system of the points, as WKT; empty where there is none.

    Returns
    -------
    tuple of two arrays
        Their coordinates x and y.

    Raises
    ------
    InvalidOptionError
        If the extent cannot be understood.
    InvalidCRSError
        If it is in another system while there is none, or cannot be transformed.
    """
    (left, bottom, right, top), system = stated_extent(extent)
    across, up = np.linspace(left, right, _POINTS), np.linspace(bottom, top, _POINTS)
    x = np.concatenate([across, across, np.full(_POINTS, left), np.full(_POINTS, right)])
    y = np.concatenate([np.full(_POINTS, bottom), np.full(_POINTS, top), up, up])
    return (x, y) if system is None else _transformed(x, y, system, crs)


def _transformed(x: _Places, y: _Places, system: str, crs: str) -> tuple[_Places, _Places]:
    if not crs:
        raise InvalidCRSError(
            f"The extent is in {system}, but the raster has no coordinate reference system; give an extent without one."
        )
    own = osr.SpatialReference()
    try:
        own.SetFromUserInput(system)
        own.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
        change = osr.CoordinateTransformation(own, spatial_reference(crs))
        points = np.array(change.TransformPoints(np.column_stack([x, y]).tolist()))
    except RuntimeError as error:
        raise InvalidCRSError(f"The extent cannot be brought from {system} to the raster's system: {error}") from error
    return points[:, 0], points[:, 1]
