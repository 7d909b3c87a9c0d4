"""Common borders of polygons that share their borders.

In a coverage, as *Object features* writes it, neighbours have the same vertices on their common border, so that equal
edges are found by sorting. Where a vertex of one neighbour lies on an edge of the other (a T-junction, as most programs
leave them), the edges that remain are compared in pairs. Polygons that overlap or leave narrow gaps have no common
border there; the user is warned of them.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from ..progress import Progress
from ..vectors.vector import Geometries
from .neighbour_features import Borders
from .objectpixels import Indices

Numbers = NDArray[np.float64]
Points = NDArray[np.complex128]
Mask = NDArray[np.bool_]

# Rounded coordinates may lie beside the edge that they are meant to lie on.
_ROUNDING = 1e-9
# Share of an object's size within which a border is near another object without being its border.
_NARROW = 0.01
_MIXERS = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F))
_SHIFT = np.uint64(32)


def shared_borders(geometries: Geometries, progress: Progress) -> Borders:
    """Measure the common borders of polygons.

    Parameters
    ----------
    geometries : array of shapely Polygon and MultiPolygon, shape (n,)
        Objects 1..n.
    progress : Progress
        Warned where objects overlap or leave narrow gaps, because their common borders are too short then.

    Returns
    -------
    Borders
        Lengths in map units, ordered by `first`, then `second`. What borders on no object, borders on 0.
    """
    edges = _edges(geometries)
    progress.check()
    one, other = _equal_edges(edges)
    progress.check()
    unmatched = np.ones(len(edges.owner), bool)
    unmatched[one] = unmatched[other] = False
    left = edges.chosen(unmatched)
    touching = _collinear_edges(left)
    progress.check()
    outside = left.length - touching.covered(len(left.owner))
    twice = left.owner[outside < -touching.tolerance]
    outside = np.where(outside > touching.tolerance, outside, 0.0)
    suspects = np.union1d(twice, _near_others(geometries, left.chosen(outside > left.length / 2)))
    if len(suspects):
        progress.warn(
            f"{len(suspects)} of {len(geometries)} objects overlap others or leave narrow gaps, so that they "
            "share less border than they seem to. Give the layer that Object features wrote, or repair its topology."
        )
    return _summed(
        np.concatenate([edges.owner[one], left.owner[touching.one], np.zeros(len(outside), np.intp)]),
        np.concatenate([edges.owner[other], left.owner[touching.other], left.owner]),
        np.concatenate([edges.length[one], touching.overlap, outside]),
    )


@dataclass(frozen=True)
class _Edges:
    """Straight pieces of borders: their ends as x + y i, and the object on their left, from 1."""

    start: Points
    end: Points
    owner: Indices

    @property
    def length(self) -> Numbers:
        return np.asarray(np.abs(self.end - self.start), np.float64)

    def chosen(self, mask: Mask) -> _Edges:
        return _Edges(self.start[mask], self.end[mask], self.owner[mask])


@dataclass(frozen=True)
class _Overlaps:
    """Pairs of edges on one line, with the length that they have in common."""

    one: Indices
    other: Indices
    overlap: Numbers
    tolerance: float

    def covered(self, count: int) -> Numbers:
        """Return the length of each edge that it shares with others."""
        sums = np.bincount(self.one, self.overlap, count) + np.bincount(self.other, self.overlap, count)
        return np.asarray(sums, np.float64)


def _edges(geometries: Geometries) -> _Edges:
    # Outer rings run counter-clockwise and holes clockwise, so that two neighbours walk their border in opposite ways.
    parts, of_part = shapely.get_parts(shapely.orient_polygons(geometries), return_index=True)
    rings, of_ring = shapely.get_rings(parts, return_index=True)
    coordinates, of_point = shapely.get_coordinates(rings, return_index=True)
    points = coordinates.view(np.complex128)[:, 0]
    start = np.flatnonzero(of_point[1:] == of_point[:-1])
    return _Edges(points[start], points[start + 1], of_part[of_ring[of_point[start]]] + 1)


def _equal_edges(edges: _Edges) -> tuple[Indices, Indices]:
    """Pair edges that run between the same ends, in opposite directions.

    Edges are sorted by a number made from both ends. Where more than two edges have the same number, some may stay
    without their partner; they are left to the comparison of edges on one line.
    """
    count = np.uint64(len(edges.owner))
    index_bits = np.uint64(int(count).bit_length())
    keys = (_point_keys(edges.start) + _point_keys(edges.end)) >> index_bits
    # One number for key and index sorts several times faster than an order of keys.
    packed = np.sort((keys << index_bits) | np.arange(count, dtype=np.uint64))
    order = (packed & ((np.uint64(1) << index_bits) - np.uint64(1))).astype(np.intp)
    ordered = packed >> index_bits
    same = np.append(False, ordered[1:] == ordered[:-1])
    # Of a run of equal keys the first and second, third and fourth ... are pairs.
    position = np.arange(len(same))
    run_start = np.maximum.accumulate(np.where(same, 0, position))
    second = np.flatnonzero(same & ((position - run_start) % 2 == 1))
    one, other = order[second - 1], order[second]
    equal = (edges.start[one] == edges.end[other]) & (edges.end[one] == edges.start[other])
    return one[equal], other[equal]


def _point_keys(points: Points) -> NDArray[np.uint64]:
    """Return a number for each point, the same for the same coordinates."""
    keys = np.zeros(len(points), np.uint64)
    for axis, mixer in zip((points.real, points.imag), _MIXERS, strict=True):
        # Adding 0 makes -0 the same as 0.
        bits = (axis + 0.0).view(np.uint64)
        keys = (keys ^ (bits >> _SHIFT) ^ bits) * mixer
    return (keys ^ (keys >> _SHIFT)) * _MIXERS[0]


def _collinear_edges(edges: _Edges) -> _Overlaps:
    """Find edges of different objects that lie on one line, overlap, and run in opposite directions."""
    tolerance = float(np.abs(edges.start).max(initial=0.0)) * _ROUNDING
    x, y = (np.sort([axis(edges.start), axis(edges.end)], axis=0) for axis in (np.real, np.imag))
    boxes = shapely.box(x[0] - tolerance, y[0] - tolerance, x[1] + tolerance, y[1] + tolerance)
    one, other = shapely.STRtree(boxes).query(boxes)
    apart = (one < other) & (edges.owner[one] != edges.owner[other])
    one, other = one[apart], other[apart]
    length = edges.length
    along = (edges.end - edges.start) / np.where(length > 0, length, 1.0)
    # The real part is the way along the first edge, the imaginary part the distance from its line.
    ends = np.stack([(point[other] - edges.start[one]) * along[one].conj() for point in (edges.start, edges.end)])
    overlap = np.minimum(ends.real.max(axis=0), length[one]) - np.maximum(ends.real.min(axis=0), 0.0)
    opposite = ends.real[1] < ends.real[0]
    found = opposite & (np.abs(ends.imag).max(axis=0) <= tolerance) & (overlap > tolerance)
    return _Overlaps(one[found], other[found], overlap[found], tolerance)


def _near_others(geometries: Geometries, edges: _Edges) -> Indices:
    """Return the objects, from 1, whose outer edges lie in or very near another object."""
    if not len(edges.owner):
        return np.zeros(0, np.intp)
    middles = (edges.start + edges.end) / 2
    narrow = _NARROW * float(np.sqrt(np.median(shapely.area(geometries))))
    edge, near = shapely.STRtree(geometries).query(
        shapely.points(middles.real, middles.imag), predicate="dwithin", distance=narrow
    )
    suspects: Indices = np.unique(edges.owner[edge[near + 1 != edges.owner[edge]]])
    return suspects


def _summed(one: Indices, other: Indices, length: Numbers) -> Borders:
    """Return the length of each pair of objects, each pair once; an object has no border with itself."""
    low, high = np.minimum(one, other), np.maximum(one, other)
    counted = (low != high) & (length > 0)
    size = int(high.max(initial=0)) + 1
    pairs, position = np.unique(low[counted] * size + high[counted], return_inverse=True)
    sums = np.bincount(position, length[counted], len(pairs)).astype(np.float64)
    return Borders(pairs // size, pairs % size, sums)
