"""Terrain attributes of a pixel and its eight neighbours, on the ground in metres.

Every function takes what `neighbours` cuts out of a block of elevations that is one pixel wider on every side than the
pixels wanted. A neighbour that is missing, in a void or beyond the edge, is continued linearly: a missing one beside,
above or below the centre from the one opposite to it, a missing diagonal one on the plane of the two between. A plane
therefore keeps its slope up to its edges, and curvature across an edge counts as zero. Where two opposite neighbours
are both missing nothing can be said, and the attribute is NaN.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from .demgrid import Steps

Values = NDArray[Any]

# Below this squared gradient (a slope of 0.06 degrees) a surface counts as level: it has no slope line to curve along.
_LEVEL = 1e-6


class Neighbours(NamedTuple):
    """A pixel's elevation and those around it, nine arrays of one shape; above means the previous row."""

    above_left: Values
    above: Values
    above_right: Values
    left: Values
    centre: Values
    right: Values
    below_left: Values
    below: Values
    below_right: Values

    @property
    def around(self) -> tuple[Values, ...]:
        """The eight without the centre."""
        return (*self[:4], *self[5:])


class Gradient(NamedTuple):
    """First derivatives of the elevation towards east and north, metres a metre."""

    east: Values
    north: Values


class Derivatives(NamedTuple):
    """First (p, q) and second (r, s, t) derivatives: p, r towards east; q, t towards north; s mixed; in metres."""

    p: Values
    q: Values
    r: Values
    s: Values
    t: Values


def neighbours(block: Values) -> Neighbours:
    """Return the neighbourhoods of a block's inner pixels.

    Parameters
    ----------
    block : array, shape (height + 2, width + 2)
        Elevations in metres, NaN where there is none.

    Returns
    -------
    Neighbours
        Arrays of shape (height, width), missing ones continued as the module says.
    """
    height, width = block.shape[0] - 2, block.shape[1] - 2
    found = Neighbours(*(block[row : row + height, column : column + width] for row in range(3) for column in range(3)))
    return _continued(found) if np.isnan(block).any() else found


def _continued(found: Neighbours) -> Neighbours:
    centre = found.centre
    left, right = _pair(found.left, centre, found.right)
    above, below = _pair(found.above, centre, found.below)
    return Neighbours(
        _else(found.above_left, above, left, centre),
        above,
        _else(found.above_right, above, right, centre),
        left,
        centre,
        right,
        _else(found.below_left, below, left, centre),
        below,
        _else(found.below_right, below, right, centre),
    )


def _pair(first: Values, centre: Values, second: Values) -> tuple[Values, Values]:
    return (
        np.where(np.isnan(first), 2 * centre - second, first),
        np.where(np.isnan(second), 2 * centre - first, second),
    )


def _else(corner: Values, vertical: Values, horizontal: Values, centre: Values) -> Values:
    """Return a diagonal neighbour, or where it is missing the plane's value; NaN where the plane is not known."""
    plane = vertical + (horizontal - centre)
    return np.where(np.isnan(corner) | np.isnan(plane), plane, corner)


def gradient(near: Neighbours, steps: Steps) -> Gradient:
    """Return the gradient after Horn (1981), Proceedings of the IEEE 69(1), 14-47: weights 1, 2, 1.

    Parameters
    ----------
    near : Neighbours
    steps : Steps
        From pixel to pixel on the ground.
    """
    along_row = _single(near.right - near.left)
    along_row *= 2
    along_row += near.above_right - near.above_left
    along_row += near.below_right - near.below_left
    along_column = _single(near.below - near.above)
    along_column *= 2
    along_column += near.below_left - near.above_left
    along_column += near.below_right - near.above_right
    columns_east, columns_north, rows_east, rows_north = steps.inverse
    return Gradient(
        _weighted(along_row, columns_east / 8, along_column, rows_east / 8),
        _weighted(along_row, columns_north / 8, along_column, rows_north / 8),
    )


def derivatives(near: Neighbours, steps: Steps) -> Derivatives:
    """Return the partial derivatives of the surface through a pixel and its neighbours.

    Central differences, which are those of the polynomial of Zevenbergen and Thorne (1987), Earth Surface Processes and
    Landforms 12, 47-56, at its centre.

    Parameters
    ----------
    near : Neighbours
    steps : Steps
        From pixel to pixel on the ground.
    """
    columns_east, columns_north, rows_east, rows_north = steps.inverse
    right, left = _single(near.right - near.centre), _single(near.left - near.centre)
    below, above = _single(near.below - near.centre), _single(near.above - near.centre)
    along_row, along_column = (right - left) / 2, (below - above) / 2
    over_row, over_column = right + left, below + above
    mixed = _single((near.below_right - near.above_right) - (near.below_left - near.above_left)) / 4
    return Derivatives(
        _weighted(along_row, columns_east, along_column, rows_east),
        _weighted(along_row, columns_north, along_column, rows_north),
        _weighted(over_row, columns_east**2, mixed, 2 * columns_east * rows_east, over_column, rows_east**2),
        _weighted(
            over_row,
            columns_east * columns_north,
            mixed,
            columns_east * rows_north + columns_north * rows_east,
            over_column,
            rows_east * rows_north,
        ),
        _weighted(over_row, columns_north**2, mixed, 2 * columns_north * rows_north, over_column, rows_north**2),
    )


def slope(surface: Gradient) -> Values:
    """Return the slope in degrees, 0 (level) to 90."""
    angle: Values = np.degrees(np.arctan(_steepness(surface)))
    return angle


def aspect(surface: Gradient) -> tuple[Values, Values]:
    """Return sine and cosine of the aspect: the direction of steepest descent, clockwise from grid north.

    The sine is 1 on slopes that face east, the cosine 1 on slopes that face north. Both are 0 where the surface is
    level.
    """
    length = _steepness(surface)
    length[length == 0] = 1
    return -surface.east / length, -surface.north / length


def profile_curvature(surface: Derivatives) -> Values:
    """Return the curvature of the surface along the slope line, in 1/100 m, positive where convex.

    Normal slope-line curvature, -(p2 r + 2 p q s + q2 t) / ((p2 + q2) (1 + p2 + q2)^1.5), after Minar, Evans and Jenco
    (2020), Earth-Science Reviews 211, 103414. It is zero where the surface is level.
    """
    p, q, r, s, t = surface
    steepness = p * p + q * q
    along = p * p * r + 2 * p * q * s + q * q * t
    curvature: Values = -100 * along / (np.maximum(steepness, _LEVEL) * (1 + steepness) * np.sqrt(1 + steepness))
    return curvature


def plan_curvature(surface: Derivatives) -> Values:
    """Return the curvature of the surface across the slope line, in 1/100 m, positive on ridges.

    Normal contour curvature, -(q2 r - 2 p q s + p2 t) / ((p2 + q2) (1 + p2 + q2)^0.5), after Minar, Evans and Jenco
    (2020), Earth-Science Reviews 211, 103414. It is zero where the surface is level.
    """
    p, q, r, s, t = surface
    steepness = p * p + q * q
    across = q * q * r - 2 * p * q * s + p * p * t
    curvature: Values = -100 * across / (np.maximum(steepness, _LEVEL) * np.sqrt(1 + steepness))
    return curvature


def cosine_towards(surface: Gradient, azimuth: float, altitude: float) -> Values:
    """Return the cosine of the angle between the surface's normal and a direction.

    Parameters
    ----------
    surface : Gradient
    azimuth, altitude : float
        The direction from the ground to the sun or the sensor: clockwise from grid north, and above the horizon, in
        degrees.
    """
    turn, up = np.radians([azimuth, altitude])
    east, north = float(np.cos(up) * np.sin(turn)), float(np.cos(up) * np.cos(turn))
    length = np.sqrt(1 + surface.east * surface.east + surface.north * surface.north)
    cosine: Values = (float(np.sin(up)) - east * surface.east - north * surface.north) / length
    return cosine


def hillshade(surface: Gradient, azimuth: float, altitude: float) -> Values:
    """Return the light of a sun at `azimuth` and `altitude`: 1 where it falls vertically, 0 where the slope is dark.

    The Lambertian shade of Horn (1981); what GDAL stores is 1 + 254 times this.
    """
    return np.maximum(cosine_towards(surface, azimuth, altitude), 0)


def local_incidence(surface: Gradient, heading: float, incidence: float) -> Values:
    """Return the angle between the surface's normal and the line of sight of a right-looking radar, in degrees.

    Parameters
    ----------
    surface : Gradient
    heading : float
        Flight direction in degrees clockwise from grid north.
    incidence : float
        Angle between the line of sight and the vertical, in degrees.

    Returns
    -------
    array
        0 where the slope faces the sensor; above 90 where it is turned away and lies in shadow.
    """
    cosine = cosine_towards(surface, heading - 90, 90 - incidence)
    angle: Values = np.degrees(np.arccos(np.clip(cosine, -1, 1)))
    return angle


def ruggedness(near: Neighbours) -> Values:
    """Return the terrain ruggedness index of Riley, DeGloria and Elliot (1999), in metres.

    The root of the sum of the squared differences from the eight neighbours (Intermountain Journal of Sciences 5,
    23-27).
    """
    total = np.zeros(near.centre.shape, near.centre.dtype)
    for neighbour in near.around:
        difference = neighbour - near.centre
        total += difference * difference
    index: Values = np.sqrt(total)
    return index


def roughness(near: Neighbours) -> Values:
    """Return the highest minus the lowest of the nine elevations, in metres.

    After Wilson et al. (2007), Marine Geodesy 30, 3-35.
    """
    highest, lowest = near.centre, near.centre
    for neighbour in near.around:
        highest, lowest = np.maximum(highest, neighbour), np.minimum(lowest, neighbour)
    return highest - lowest


def _steepness(surface: Gradient) -> Values:
    length: Values = np.sqrt(surface.east * surface.east + surface.north * surface.north)
    return length


def _single(values: Values) -> NDArray[np.float32]:
    """Return differences of elevations in single precision; they are small, whatever the elevation."""
    return values.astype(np.float32, copy=False)


def _weighted(*terms: Any) -> Values:
    """Return the sum of arrays, each followed by its weight; weights of zero cost nothing."""
    total: Values | None = None
    for values, weight in zip(terms[::2], terms[1::2], strict=True):
        if np.any(weight):
            term = values * np.asarray(weight, np.float32)
            total = term if total is None else np.add(total, term, out=total)
    return np.zeros_like(terms[0]) if total is None else total
