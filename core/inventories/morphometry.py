"""Morphometry of landforms: what outlines and a DEM say about size, elevation, slope, flow and front.

Everything is measured in metres on the ground around each landform (`vectors.localmetres`), whatever the reference
systems of outlines and DEM; north is true north. Elevation, slope and aspect are those of the DEM's own pixels whose
centres lie in the outline, without resampling.

The direction of flow is that in which the plane falls that fits the elevations within the outline best (least squares):
ridges, furrows and levees cancel out. Length is the extent of the outline in that direction, width its extent across,
as lengths and widths of rock glaciers are commonly given (Wahrhaftig and Cox, 1959, Geological Society of America
Bulletin 70, 383-436, divide lobate from tongue-shaped ones by their ratio). Of a tongue that bends, the length is that
of the straight line, which is shorter than its axis.

The height of the front is the rise of its steep lower end: of the profile along the flow, a mean over the middle third
of the width in steps of a pixel, the highest stretch that is steeper than the plane by `FRONT_STEEPER_DEG` without
interruption and begins in the lower third. 0 where there is no such front; a DEM that is coarser than the front is wide
shows it lower than it is.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from ..progress import Progress
from ..rasters.grid import Window
from ..terrain.dem import Dem
from ..terrain.demgrid import Steps
from ..terrain.terrain_attributes import gradient, neighbours, slope
from ..vectors.localmetres import LocalMetres
from ..vectors.vector import burn
from .standard import MORPHOMETRY
from .tables import Geometries

Numbers = NDArray[np.float64]

FRONT_STEEPER_DEG = 5.0
"""By how much a front is steeper than its landform."""
LOWER_PART = 1 / 3
"""Share of the length, from the lower end, in which a front begins."""
COVERED = 0.9
"""Share of an outline's pixels that must have an elevation; what is measured on fewer says nothing of the landform."""

DIRECTIONS = ("aspect_mean_deg", "orientation_deg")
"""What is measured on a circle."""

# A plane that falls less has no direction.
_LEVEL_DEG = 0.5
# Mean directions need more than the rounding errors of directions that cancel out.
_NO_DIRECTION = 1e-6
_STRIP_PIXELS = 2**20
# A plane needs three points.
_FEWEST_PIXELS = 3


class Flow(NamedTuple):
    """How a landform flows: its direction as a unit vector (east, north) and the slope of the fitted plane."""

    direction: Numbers
    slope_deg: float

    @property
    def azimuth_deg(self) -> float:
        """The direction, clockwise from north, 0 to below 360."""
        return _azimuth(*self.direction)


class _Pixels(NamedTuple):
    """The pixels of one landform: places (east, north) in metres, elevation, slope, and aspect as unit vectors."""

    places: Numbers
    elevation: Numbers
    slope: Numbers
    aspect: Numbers
    spacing: float


def measure(outlines: Geometries, in_dem: Geometries, dem: Dem | None, progress: Progress) -> list[dict[str, float]]:
    """Measure landforms.

    Parameters
    ----------
    outlines : array of shapely geometries, shape (n,)
        In degrees, WGS 84.
    in_dem : array of shapely geometries, shape (n,)
        The same in the DEM's reference system; not used without a DEM.
    dem : Dem, optional
        Without one, only the area is known.
    progress : Progress

    Returns
    -------
    list of dict of float
        One a landform, keys as in `standard.MORPHOMETRY`; NaN where it cannot be measured.
    """
    rows = []
    for number, outline in enumerate(progress.each(outlines, len(outlines), "Measuring the landforms")):
        metres = LocalMetres.around(outline)
        ground = metres.geometry(outline)
        row = dict.fromkeys((field.name for field in MORPHOMETRY), math.nan) | {"area_m2": float(ground.area)}
        pixels = _pixels(in_dem[number], dem, metres) if dem is not None else None
        if pixels is not None:
            row |= _on_pixels(pixels) | _along_flow(ground, pixels)
        rows.append(row)
    return rows


def flow_of(outline_in_dem: shapely.Geometry, dem: Dem, metres: LocalMetres) -> Flow | None:
    """Return how a landform flows, None where the DEM does not tell."""
    pixels = _pixels(outline_in_dem, dem, metres)
    return None if pixels is None else _flow(pixels)


def extent_along(geometry: shapely.Geometry, direction: Numbers) -> tuple[float, float]:
    """Return how far a geometry reaches against and along a direction (a unit vector), in its unit."""
    along = shapely.get_coordinates(geometry) @ direction
    return float(along.min()), float(along.max())


def across(direction: Numbers) -> Numbers:
    """Return the unit vector to the right of a direction."""
    return np.array([direction[1], -direction[0]])


def _on_pixels(pixels: _Pixels) -> dict[str, float]:
    east, north = pixels.aspect.mean(axis=0)
    return {
        "elevation_min_m": float(pixels.elevation.min()),
        "elevation_max_m": float(pixels.elevation.max()),
        "elevation_mean_m": float(pixels.elevation.mean()),
        "slope_mean_deg": float(np.nanmean(pixels.slope)) if np.isfinite(pixels.slope).any() else math.nan,
        "aspect_mean_deg": _azimuth(east, north) if math.hypot(east, north) > _NO_DIRECTION else math.nan,
    }


def _along_flow(ground: shapely.Geometry, pixels: _Pixels) -> dict[str, float]:
    flow = _flow(pixels)
    if flow is None:
        return {}
    start, end = extent_along(ground, flow.direction)
    left, right = extent_along(ground, across(flow.direction))
    return {
        "orientation_deg": flow.azimuth_deg,
        "length_m": end - start,
        "width_m": right - left,
        "front_height_m": _front_height(pixels, flow),
    }


def _flow(pixels: _Pixels) -> Flow | None:
    """Fit a plane to the elevations by least squares, and return how it falls."""
    if len(pixels.elevation) < _FEWEST_PIXELS:
        return None
    places = pixels.places - pixels.places.mean(axis=0)
    rise, _, rank, _ = np.linalg.lstsq(places, pixels.elevation - pixels.elevation.mean(), rcond=None)
    steepness = math.hypot(*rise)
    if rank < 2 or math.degrees(math.atan(steepness)) < _LEVEL_DEG:
        return None
    return Flow(-rise / steepness, math.degrees(math.atan(steepness)))


def _front_height(pixels: _Pixels, flow: Flow) -> float:
    """Return the rise of the steep lower end of the profile along the flow, in metres."""
    # From the lower end upwards.
    upwards = -(pixels.places @ flow.direction)
    aside = pixels.places @ across(flow.direction)
    width = aside.max() - aside.min()
    middle = np.abs(aside - (aside.max() + aside.min()) / 2) <= max(width / 6, pixels.spacing)
    if not middle.any():
        return math.nan
    upwards, elevation = upwards[middle], pixels.elevation[middle]
    step = np.floor((upwards - upwards.min()) / pixels.spacing).astype(int)
    count = np.bincount(step)
    known = np.flatnonzero(count)
    profile = np.bincount(step, elevation)[known] / count[known]
    place = np.bincount(step, upwards)[known] / count[known]
    steep = np.diff(profile) > math.tan(math.radians(min(flow.slope_deg + FRONT_STEEPER_DEG, 89))) * np.diff(place)
    # Where steep stretches begin and end.
    turns = np.flatnonzero(np.diff(np.concatenate([[False], steep, [False]])))
    starts, ends = turns[::2], turns[1::2]
    is_low = place[starts] - place[0] <= LOWER_PART * (place[-1] - place[0])
    return float(np.max(profile[ends] - profile[starts], where=is_low, initial=0.0))


def _pixels(outline: shapely.Geometry, dem: Dem, metres: LocalMetres) -> _Pixels | None:
    """Return the DEM's pixels in an outline, None where too few of them have an elevation."""
    window = _window(outline, dem)
    if window is None:
        return None
    origin, steps = _ground(window, dem, metres)
    found = list(_inside(outline, dem, window, steps))
    inside = sum(count for count, _ in found)
    columns, rows, elevation, tilt, east, north = np.concatenate([values for _, values in found], axis=1)
    # Pixels of the outline beyond the DEM have no elevation either.
    box = shapely.box(*_corners(window, dem))
    covered = outline.intersection(box).area / outline.area if outline.area else 0.0
    if not inside or covered * len(elevation) / inside < COVERED:
        return None
    places = origin + np.column_stack(
        [
            columns * steps.column_east + rows * steps.row_east,
            columns * steps.column_north + rows * steps.row_north,
        ]
    )
    spacing = math.sqrt(abs(float(steps.column_east * steps.row_north - steps.column_north * steps.row_east)))
    return _Pixels(places, elevation, tilt, np.column_stack([east, north]), spacing)


def _window(outline: shapely.Geometry, dem: Dem) -> Window | None:
    """Return the DEM's pixels around an outline, None where it lies outside."""
    left, bottom, right, top = outline.bounds
    columns, rows = dem.grid.pixels([left, right, right, left], [top, top, bottom, bottom])
    first = max(math.floor(columns.min()), 0), max(math.floor(rows.min()), 0)
    last = min(math.ceil(columns.max()), dem.grid.width), min(math.ceil(rows.max()), dem.grid.height)
    if first[0] >= last[0] or first[1] >= last[1]:
        return None
    return Window(*first, last[0] - first[0], last[1] - first[1])


def _corners(window: Window, dem: Dem) -> tuple[float, float, float, float]:
    x, y = dem.grid.coordinates(
        [window.x, window.x + window.width, window.x + window.width, window.x],
        [window.y, window.y, window.y + window.height, window.y + window.height],
    )
    return float(x.min()), float(y.min()), float(x.max()), float(y.max())


def _ground(window: Window, dem: Dem, metres: LocalMetres) -> tuple[Numbers, Steps]:
    """Return where pixel (0, 0) lies in metres, and the steps to the next ones as they are in the window's middle."""
    column, row = window.x + window.width / 2, window.y + window.height / 2
    x, y = dem.grid.coordinates([column, column + 1, column], [row, row, row + 1])
    middle, right, below = metres.points(np.column_stack([x, y]), dem.grid.crs)
    along, down = right - middle, below - middle
    return middle - column * along - row * down, Steps(*map(float, along), *map(float, down))


def _inside(outline: shapely.Geometry, dem: Dem, window: Window, steps: Steps) -> Iterator[tuple[int, Numbers]]:
    """Yield by strips how many pixels lie in an outline, and of those with an elevation column, row, and values."""
    one = np.empty(1, object)
    one[0] = outline
    rows = max(_STRIP_PIXELS // window.width, 1)
    for top in range(window.y, window.y + window.height, rows):
        strip = Window(window.x, top, window.width, min(rows, window.y + window.height - top))
        mask = burn(one, 1, dem.grid, np.uint8, strip) > 0
        near = neighbours(dem.around(strip, 1, 1))
        known = mask & ~np.isnan(near.centre)
        surface = gradient(near, steps)
        length = np.hypot(surface.east, surface.north)[known]
        divisor = np.where(length > 0, length, np.inf)
        row, column = np.nonzero(known)
        values = [
            column + strip.x + 0.5,
            row + strip.y + 0.5,
            near.centre[known],
            slope(surface)[known],
            np.nan_to_num(-surface.east[known] / divisor),
            np.nan_to_num(-surface.north[known] / divisor),
        ]
        yield int(mask.sum()), np.array(values, float).reshape(6, -1)


def _azimuth(east: float, north: float) -> float:
    """Return a direction in degrees clockwise from north, 0 to below 360."""
    degrees = math.degrees(math.atan2(east, north)) % 360
    return 0.0 if degrees >= 360 else degrees
