"""Coverages: polygons that share their borders exactly, made simpler or smoother so that they still do."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from ..rasters.grid import Grid

Geometries = NDArray[np.object_]
Points = NDArray[np.float64]
Indices = NDArray[np.intp]
Mask = NDArray[np.bool_]

# Of map coordinates, in pixels; vertices lie on corners of pixels.
_ROUNDING = 1e-3


def simplify_coverage(polygons: Geometries, tolerance: float) -> tuple[Geometries, Mask]:
    """Simplify polygons with Visvalingam and Whyatt's algorithm, keeping common borders common.

    Where the result would not be valid, the polygons concerned and all that are linked to them by common borders
    stay as they are.

    Parameters
    ----------
    polygons : array of shapely geometries, shape (n,)
        A valid coverage, as `polygonize` gives it.
    tolerance : float
        Square root of the area of the smallest triangle of three vertices that is kept, in map units; 0 changes
        nothing.

    Returns
    -------
    geometries : array of shapely geometries, shape (n,)
        A valid coverage of valid polygons.
    unchanged : array of bool, shape (n,)
        Which polygons could not be simplified.

    References
    ----------
    Visvalingam, M. and Whyatt, J. D. (1993): Line generalisation by repeated elimination of points.
    The Cartographic Journal 30(1), 46-51.
    """
    unchanged = np.zeros(len(polygons), bool)
    if tolerance == 0 or not len(polygons):
        return polygons, unchanged
    simple = shapely.coverage_simplify(polygons, tolerance)
    failed = _failures(simple)
    while (failed & ~unchanged).any():
        unchanged = _with_linked(polygons, failed | unchanged)
        simple = np.where(unchanged, polygons, simple)
        failed = _failures(simple)
    return simple, unchanged


def smooth_coverage(polygons: Geometries, rounds: int, grid: Grid) -> tuple[Geometries, Mask]:
    """Round the corners of polygons with Chaikin's algorithm, keeping common borders common.

    Each round cuts every corner at a quarter of its two edges. Points where three or more borders meet stay, and so do
    those on the raster's edge: no outline reaches beyond it, and a landform that it cuts still meets its other half.

    The cuts would take away more than they add where an outline is convex. So corners are first moved outwards by as
    much as a single corner needs to keep its area, which nearly keeps that of an outline of many corners.

    Polygons whose result would not be valid stay as they are, and so do the borders that others share with them.

    Parameters
    ----------
    polygons : array of shapely geometries, shape (n,)
        A valid coverage of MultiPolygons or Polygons.
    rounds : int
        Number of rounds; each doubles the number of vertices at most. 0 changes nothing.
    grid : Grid
        The pixels that the polygons were drawn from.

    Returns
    -------
    geometries : array of shapely geometries, shape (n,)
        A valid coverage of valid polygons.
    unchanged : array of bool, shape (n,)
        Which polygons could not be smoothed.

    References
    ----------
    Chaikin, G. M. (1974): An algorithm for high-speed curve generation. Computer Graphics and Image Processing 3(4),
    346-349.
    """
    unchanged = np.zeros(len(polygons), bool)
    if rounds == 0 or not len(polygons):
        return polygons, unchanged
    borders = _Borders(polygons, grid)
    while True:
        smooth = borders.smoothed(unchanged, rounds)
        failed = _failures(smooth) & ~unchanged
        if not failed.any():
            return smooth, unchanged
        unchanged |= failed


class _Borders:
    """The rings of a coverage, and which of their vertices are the same points.

    Parameters
    ----------
    polygons : array of shapely MultiPolygon or Polygon, shape (n,)
    grid : Grid
        The raster on whose edge points stay.
    """

    def __init__(self, polygons: Geometries, grid: Grid) -> None:
        parts, self._of_part = shapely.get_parts(polygons, return_index=True)
        rings, self._of_ring = shapely.get_rings(parts, return_index=True)
        points, ring = shapely.get_coordinates(rings, return_index=True)
        # The last vertex of a ring repeats the first.
        is_vertex = np.diff(ring, append=-1) == 0
        self._points, self._ring = points[is_vertex], ring[is_vertex]
        _, self._place = np.unique(self._points @ (1, 1j), return_inverse=True)
        is_node = _degrees(self._place, _following(self._ring)) != 2
        self._stays = is_node[self._place] | _on_edge(self._points, grid)

    def smoothed(self, kept: Mask, rounds: int) -> Geometries:
        """Return the polygons with their corners cut, except those on the border of a polygon that is kept."""
        is_kept = np.zeros(int(self._place.max()) + 1, bool)
        is_kept[self._place[kept[self._of_part[self._of_ring[self._ring]]]]] = True
        fixed = self._stays | is_kept[self._place]
        points, ring = self._points, self._ring
        points = np.where(fixed[:, np.newaxis], points, _moved_outwards(points, ring, rounds))
        for _ in range(rounds):
            points, ring, fixed = _corners_cut(points, ring, fixed)
        rings = shapely.linearrings(points, indices=ring)
        parts = shapely.polygons(rings, indices=self._of_ring)
        polygons: Geometries = shapely.multipolygons(parts, indices=self._of_part)
        return polygons


def _following(ring: Indices) -> Indices:
    """Return the place of the vertex that follows each on its ring; `ring` tells the ring of each, ascending."""
    following = np.arange(1, len(ring) + 1)
    is_last = np.diff(ring, append=-1) != 0
    is_first = np.diff(ring, prepend=-1) != 0
    following[is_last] = np.flatnonzero(is_first)
    return following


def _degrees(place: Indices, following: Indices) -> Indices:
    """Return how many edges meet at each point; an edge that two polygons share is one."""
    count = int(place.max()) + 1
    one, other = place, place[following]
    edges = np.unique(np.minimum(one, other) * count + np.maximum(one, other))
    return np.bincount(edges // count, minlength=count) + np.bincount(edges % count, minlength=count)


def _on_edge(points: Points, grid: Grid) -> Mask:
    """Return which points lie on the edge of a raster."""
    columns, rows = grid.pixels(*points.T)
    inside = np.minimum(np.minimum(columns, grid.width - columns), np.minimum(rows, grid.height - rows))
    on_edge: Mask = inside < _ROUNDING
    return on_edge


def _neighbours(points: Points, ring: Indices) -> tuple[Points, Points]:
    """Return the points before and after each vertex on its ring."""
    following = _following(ring)
    before = np.empty_like(points)
    before[following] = points
    return before, points[following]


def _moved_outwards(points: Points, ring: Indices, rounds: int) -> Points:
    """Return the vertices moved away from the middle of their neighbours by what the cuts will take of a corner.

    A round takes 1/16 of the triangle of a vertex and its neighbours, each further one a quarter of the one before.
    A move by a share of the triangle's height adds that share of its area, which is then cut as well.
    """
    lost = (1 - 0.25**rounds) / 12
    before, after = _neighbours(points, ring)
    return points + lost / (1 - lost) * (points - (before + after) / 2)


def _corners_cut(points: Points, ring: Indices, fixed: Mask) -> tuple[Points, Indices, Mask]:
    """Return the vertices, their rings and whether they are fixed after a round of Chaikin's algorithm."""
    before, after = _neighbours(points, ring)
    # Sums of two terms do not depend on their order, so neighbours that walk the other way get the same points.
    cut = np.stack([points * 0.75 + before * 0.25, points * 0.75 + after * 0.25], axis=1)
    cut[fixed, 0] = points[fixed]
    taken = np.ones((len(points), 2), bool)
    taken[fixed, 1] = False
    return cut[taken], np.repeat(ring, 2)[taken.ravel()], np.repeat(fixed, 2)[taken.ravel()]


def _failures(polygons: Geometries) -> Mask:
    """Return which polygons are invalid, empty, or do not fit their neighbours."""
    failed: Mask = ~shapely.is_valid(polygons) | shapely.is_empty(polygons)
    if not shapely.coverage_is_valid(polygons):
        failed |= ~shapely.is_empty(shapely.coverage_invalid_edges(polygons))
        failed |= _overlapping(polygons, np.flatnonzero(failed))
    return failed


def _overlapping(polygons: Geometries, chosen: Indices) -> Mask:
    """Return which polygons have ground in common with another one that is chosen.

    A polygon within another has invalid edges, while the other one, whose edges cross nothing, has none.
    """
    one, other = shapely.STRtree(polygons[chosen]).query(polygons, predicate="intersects")
    two = one != chosen[other]
    one, other = one[two], chosen[other[two]]
    found = np.zeros(len(polygons), bool)
    found[one[shapely.relate_pattern(polygons[one], polygons[other], "T********")]] = True
    return found


def _with_linked(polygons: Geometries, chosen: Mask) -> Mask:
    """Return the chosen polygons and all that are linked to them by touching polygons."""
    one, other = shapely.STRtree(polygons).query(polygons, predicate="intersects")
    while True:
        more = chosen.copy()
        more[other[chosen[one]]] = True
        if np.array_equal(more, chosen):
            return chosen
        chosen = more
