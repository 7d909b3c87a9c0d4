"""Whether optical bands and terrain lie on top of each other: phase correlation of brightness and shaded relief.

Sunlit slopes are bright, so that an optical picture of mountains resembles the terrain's shaded relief under the same
sun. Windows of both are compared by phase correlation (Guizar-Sicairos et al. 2008, Opt. Lett. 33, 156-158, after
Kuglin and Hines 1975). One window may be wrong; a shift is only claimed if half of the windows agree on it.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from skimage.registration import phase_cross_correlation

from ..progress import Progress
from ..rasters.geodata import osr, spatial_reference
from ..rasters.grid import Grid, Window

OPTICAL = ("B02", "B03", "B04", "B08", "B11", "B12")
"""Roles whose mean is the brightness."""

TERRAIN = (("slope", "aspect_sin", "aspect_cos"), ("elevation",), ("hillshade",))
"""Roles of which the relief is shaded, the best first."""

_SIDES = (256, 128, 64)
_WINDOWS_A_SIDE = 5
_FEWEST_WINDOWS = 9
# Windows agree that are not further from the median than this, in pixels.
_AGREEMENT = 1.0
_AGREEING_SHARE = 0.5
# Steps of a pixel in which the shift is measured.
_UPSAMPLING = 20
# Where the sun stands when Sentinel-2 passes in late summer, about: azimuth and altitude in degrees.
_NORTHERN_SUN, _SOUTHERN_SUN = (150.0, 50.0), (55.0, 50.0)

Array = NDArray[np.float64]
Reader = Callable[[Window, Sequence[str]], NDArray[np.float32]]


@dataclass(frozen=True)
class Sun:
    """Where the sun stood, in degrees; `known` is False where it is only guessed."""

    azimuth: float
    altitude: float
    known: bool


@dataclass(frozen=True)
class Shift:
    """How the terrain lies against the optical bands.

    Attributes
    ----------
    windows, agreeing : int
        Number of windows compared, and of those that agree.
    claimed : bool
        Whether so many agree that the rest means something.
    pixels : float
        Length of the shift.
    error : float
        Standard error of that, from the spread of the windows that agree.
    metres : float
        Length of the shift on the ground.
    direction : float
        Where the terrain lies too far to, in degrees clockwise from north.
    sun : Sun
        The sun that the relief was shaded with.
    """

    windows: int
    agreeing: int
    claimed: bool
    pixels: float
    error: float
    metres: float
    direction: float
    sun: Sun


def terrain_roles(roles: Sequence[str]) -> tuple[str, ...]:
    """Return the roles of which the relief can be shaded, none if they are not all there."""
    return next((wanted for wanted in TERRAIN if set(wanted) <= set(roles)), ())


def usual_sun(grid: Grid) -> Sun:
    """Return where the sun stands in late summer when Sentinel-2 passes, for the grid's hemisphere."""
    reference = spatial_reference(grid.crs)
    degrees = reference.CloneGeogCS()
    degrees.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
    x, y = grid.coordinates(grid.width / 2, grid.height / 2)
    latitude = osr.CoordinateTransformation(reference, degrees).TransformPoint(float(x), float(y))[1]
    return Sun(*(_NORTHERN_SUN if latitude >= 0 else _SOUTHERN_SUN), known=False)


def measure_shift(grid: Grid, read: Reader, roles: Sequence[str], sun: Sun, progress: Progress) -> Shift:
    """Compare brightness and shaded relief in windows spread over a stack.

    Parameters
    ----------
    grid : Grid
        The stack's grid.
    read : function
        Reads a window of some roles, shape (roles, height, width), NaN where there is no value.
    roles : sequence of str
        The stack's roles, optical ones and terrain among them.
    sun : Sun
    progress : Progress

    Returns
    -------
    Shift
        Of windows without gaps only.
    """
    optical = [role for role in OPTICAL if role in roles]
    terrain = terrain_roles(roles)
    windows = _windows(grid)
    shifts = []
    for window in progress.each(windows, len(windows), "Comparing optical bands and terrain"):
        values = read(window, [*optical, *terrain]).astype(float)
        if np.isfinite(values).all():
            relief = _shaded(values[len(optical) :], terrain, grid, sun)
            shifts.append(_shift(values[: len(optical)].mean(axis=0), relief))
    return _agreed(np.array(shifts).reshape(-1, 2), grid, sun)


def _agreed(shifts: Array, grid: Grid, sun: Sun) -> Shift:
    """Return what windows agree on; `shifts` are rows and columns by which the terrain lies too far."""
    agree = np.abs(shifts - np.median(shifts, axis=0)).max(axis=1) <= _AGREEMENT if len(shifts) else np.zeros(0, bool)
    count = int(agree.sum())
    claimed = len(shifts) >= _FEWEST_WINDOWS and count >= _AGREEING_SHARE * len(shifts)
    if not claimed:
        return Shift(len(shifts), count, False, math.nan, math.nan, math.nan, math.nan, sun)
    rows, columns = shifts[agree].mean(axis=0)
    error = float(np.hypot(*shifts[agree].std(axis=0, ddof=1)) / math.sqrt(count))
    _, across_x, down_x, _, across_y, down_y = grid.geotransform
    east, north = across_x * columns + down_x * rows, across_y * columns + down_y * rows
    metres = math.hypot(east, north) * grid.metres_per_unit
    direction = math.degrees(math.atan2(east, north)) % 360
    return Shift(len(shifts), count, True, math.hypot(rows, columns), error, metres, direction, sun)


def _windows(grid: Grid) -> list[Window]:
    """Return windows of one size spread evenly, the largest size of which there are enough."""
    for side in _SIDES:
        columns, rows = _starts(grid.width, side), _starts(grid.height, side)
        if len(columns) * len(rows) >= _FEWEST_WINDOWS:
            break
    return [Window(x, y, side, side) for y in rows for x in columns]


def _starts(length: int, side: int) -> list[int]:
    """Return where windows begin along a side that overlap by half or less."""
    if length < side:
        return []
    count = min((length - side) // (side // 2) + 1, _WINDOWS_A_SIDE)
    return [int(start) for start in np.linspace(0, length - side, count)]


def _shift(brightness: Array, relief: Array) -> Array:
    """Return rows and columns by which the relief lies too far; the windows fade out towards their borders."""
    fade = np.outer(np.hanning(len(brightness)), np.hanning(len(brightness)))
    pictures = [(picture - picture.mean()) * fade for picture in (brightness, relief)]
    found = phase_cross_correlation(  # type: ignore[no-untyped-call]
        *pictures, upsample_factor=_UPSAMPLING, normalization="phase"
    )[0]
    return -np.asarray(found, float)


def _shaded(terrain: Array, roles: Sequence[str], grid: Grid, sun: Sun) -> Array:
    """Return the cosine of the angle between sun and ground, 0 where the slope turns away from the sun."""
    if len(terrain) == 1 and roles[0] == "hillshade":
        given: Array = terrain[0]
        return given
    azimuth, altitude = math.radians(sun.azimuth), math.radians(sun.altitude)
    to_sun = math.cos(altitude) * math.sin(azimuth), math.cos(altitude) * math.cos(azimuth), math.sin(altitude)
    if len(terrain) == 1:
        down, across = np.gradient(terrain[0])
        _, across_x, down_x, _, across_y, down_y = grid.geotransform
        scale = (across_x * down_y - down_x * across_y) * grid.metres_per_unit
        east, north = (down_y * across - across_y * down) / scale, (across_x * down - down_x * across) / scale
    else:
        slope, sine, cosine = terrain
        rise = np.tan(np.radians(slope))
        east, north = -rise * sine, -rise * cosine
    length = np.sqrt(1 + east**2 + north**2)
    shade: Array = np.maximum((to_sun[2] - to_sun[0] * east - to_sun[1] * north) / length, 0)
    return shade
