"""Change of one landform, with its uncertainty.

The area of an outline is uncertain by its boundary error times its perimeter: the buffer method of Granshaw and
Fountain (2006, Journal of Glaciology 52, 251-256), in which the whole boundary errs to one side. That is cautious, as
errors along a boundary partly cancel out. The errors of two dates are independent, so that of a difference is the root
of the sum of their squares; likewise that of a sum over landforms (Taylor, 1997, An Introduction to Error Analysis,
chapter 3). They are one standard deviation if the boundary error is one.

A front advances by the difference of how far the outlines reach along the flow, a mean over parallel profiles across
the middle half of the front: the rectilinear box method of Moon and Joughin (2008, Journal of Geophysical Research 113,
F02022), with profiles in place of the box's area. The front is the lower third of the earlier outline. Both ends of a
profile lie on boundaries, which err by the boundary error each.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from ..inventories.morphometry import Flow, across, extent_along

Numbers = NDArray[np.float64]

PROFILES = 21
"""Number of profiles across a front."""

_FRONT = 1 / 3
_MIDDLE = 1 / 2
# The same outline, begun at another point, has another area in its last digits.
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Change:
    """Change of a landform; metres and square metres, NaN where there is none.

    Attributes
    ----------
    area_before, area_after : float
    area_error : float
        Of their difference.
    advance : float
        Of the front along the flow; below zero where it retreated.
    advance_error : float
    gained, lost : shapely geometries
        What the later outline adds and leaves.
    """

    area_before: float
    area_after: float
    area_error: float
    advance: float
    advance_error: float
    gained: shapely.Geometry
    lost: shapely.Geometry

    @property
    def area_change(self) -> float:
        """Later area minus earlier one."""
        return self.area_after - self.area_before

    @property
    def is_significant(self) -> bool:
        """Whether the area changed by more than its error."""
        rounding = _ROUNDING * max(self.area_before, self.area_after)
        return abs(self.area_change) > self.area_error + rounding


def measure_change(
    before: shapely.Geometry, after: shapely.Geometry, boundary_error: float, flow: Flow | None
) -> Change:
    """Measure what changed between two outlines.

    Parameters
    ----------
    before, after : shapely polygons
        In metres; empty where the landform is new or gone.
    boundary_error : float
        Of either outline, in metres.
    flow : Flow, optional
        How the landform flows; without it there is no advance.
    """
    advance = math.nan
    if flow is not None and not before.is_empty and not after.is_empty:
        advance = front_advance(before, after, flow.direction)
    return Change(
        before.area,
        after.area,
        math.hypot(area_error(before, boundary_error), area_error(after, boundary_error)),
        advance,
        math.nan if math.isnan(advance) else math.sqrt(2) * boundary_error,
        after.difference(before),
        before.difference(after),
    )


def area_error(outline: shapely.Geometry, boundary_error: float) -> float:
    """Return the error of an outline's area: boundary error times perimeter, and no more than the area itself."""
    return float(min(outline.length * boundary_error, outline.area))


def front_advance(before: shapely.Geometry, after: shapely.Geometry, direction: Numbers) -> float:
    """Return how far the front moved along a direction (a unit vector); NaN where the outlines have no common front."""
    aside = across(direction)
    start, end = extent_along(before, direction)
    front = before.intersection(_strip(before, direction, end - _FRONT * (end - start), math.inf))
    left, right = extent_along(front, aside)
    middle, half = (left + right) / 2, (right - left) / 2 * _MIDDLE
    moved = []
    for offset in middle + half * np.linspace(-1, 1, PROFILES):
        reaches = [_reach(outline, direction, aside, offset) for outline in (before, after)]
        if None not in reaches:
            moved.append(reaches[1] - reaches[0])  # type: ignore[operator]
    return float(np.mean(moved)) if len(moved) > PROFILES / 2 else math.nan


def _reach(outline: shapely.Geometry, direction: Numbers, aside: Numbers, offset: float) -> float | None:
    """Return how far an outline reaches along a profile, None where the profile misses it."""
    start, end = extent_along(outline, direction)
    profile = shapely.LineString([offset * aside + start * direction, offset * aside + end * direction])
    inside = outline.intersection(profile)
    return None if inside.is_empty else extent_along(inside, direction)[1]


def _strip(outline: shapely.Geometry, direction: Numbers, low: float, high: float) -> shapely.Geometry:
    """Return the rectangle around an outline between two places along a direction."""
    aside = across(direction)
    left, right = extent_along(outline, aside)
    high = min(high, extent_along(outline, direction)[1])
    corners = [(low, left), (high, left), (high, right), (low, right)]
    return shapely.Polygon([along * direction + across_ * aside for along, across_ in corners])
