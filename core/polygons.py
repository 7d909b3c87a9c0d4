"""Labels as polygons that share their borders exactly, and simpler polygons that still do."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from .grid import Grid

Geometries = NDArray[np.object_]
Indices = NDArray[np.intp]

# A border runs along the sides of pixels with its label on the left (in a north-up map): along the bottom side
# eastwards, the right side northwards, the top side westwards, the left side southwards. Offsets are columns, rows.
_ALONG = np.array([(1, 0), (0, -1), (-1, 0), (0, 1)])
_OUTWARD = np.array([(0, 1), (1, 0), (0, -1), (-1, 0)])
_START = np.array([(0, 1), (1, 1), (1, 0), (0, 0)])
_RIGHT, _LEFT = 1, 3


def polygonize(labels: NDArray[np.uint32], grid: Grid) -> tuple[Geometries, NDArray[np.uint32]]:
    """Turn labels into polygons along the pixels' sides.

    Pixels of one label that touch at a corner only are separate parts. A vertex stands wherever a border turns and
    wherever three or more labels meet (nodata counts as one), so that the polygons are a valid coverage: neighbours
    have the same vertices on their common border. Polygons that are traced one by one lack the latter vertices.

    Parameters
    ----------
    labels : array of uint32, shape (height, width)
        Labels of the grid's pixels; 0 is nodata.
    grid : Grid
        Where the pixels lie.

    Returns
    -------
    geometries : array of shapely MultiPolygon, shape (n,)
        One valid geometry a label, in map coordinates, by ascending label.
    values : array of uint32, shape (n,)
        Their labels.
    """
    padded = np.pad(labels, 1)
    border = _Border(padded)
    if not len(border.pixel):
        return np.empty(0, object), np.empty(0, np.uint32)
    successor = border.successors()
    first, order = _walked(successor)
    rings = _Rings(border, first)
    vertices, counts = _vertices(border, successor, order, rings)
    return rings.assembled(border.coordinates(vertices, grid), counts)


def simplify_coverage(polygons: Geometries, tolerance: float) -> tuple[Geometries, NDArray[np.bool_]]:
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


class _Border:
    """All sides of pixels between a label and something else, by pixel and side."""

    def __init__(self, padded: NDArray[np.uint32]) -> None:
        self._labels = padded.ravel()
        self._width = padded.shape[1]
        is_side = np.empty((self._labels.size, 4), bool)
        for side, step in enumerate(self._steps(_OUTWARD)):
            # The wrap at the ends is harmless: the padding has no label.
            is_side[:, side] = (self._labels != 0) & (self._labels != np.roll(self._labels, -step))
        self._keys = np.flatnonzero(is_side)
        self.pixel, self.side = self._keys >> 2, self._keys & 3
        self.column = self.pixel % self._width
        self.label = self._labels[self.pixel]
        self.outside = self._labels[self.pixel + self._steps(_OUTWARD)[self.side]]

    def successors(self) -> Indices:
        """Return the side that follows each side when the border is walked.

        At a corner where two pixels of a label touch diagonally, a walk that stays with its pixel keeps the parts of
        a label apart. But where both pixels are on one ring, this ring would touch itself, which no valid polygon
        may; there the walk changes to the other pixel, which cuts the ring into two that touch.
        """
        ahead = self.pixel + self._steps(_ALONG)[self.side]
        beyond = ahead + self._steps(_OUTWARD)[self.side]
        turns_left = self._labels[ahead] != self.label
        diagonal = self._labels[beyond] == self.label
        turns_right = diagonal & ~turns_left
        pixel = np.where(turns_left, self.pixel, np.where(turns_right, beyond, ahead))
        successor = self._found(pixel, self.side + turns_left - turns_right)
        corner = np.flatnonzero(diagonal & turns_left)
        first = _first_of_ring(successor)
        opposite = self._found(beyond[corner], self.side[corner] + 2)
        pinched = corner[first[corner] == first[opposite]]
        successor[pinched] = self._found(beyond[pinched], self.side[pinched] - 1)
        return successor

    def coordinates(self, sides: Indices, grid: Grid) -> NDArray[np.float64]:
        """Return the map coordinates, shape (n, 2), of the corners where sides start."""
        offset = _START[self.side[sides]] - 1  # the padding's width
        columns = self.column[sides] + offset[:, 0]
        rows = self.pixel[sides] // self._width + offset[:, 1]
        return np.column_stack(grid.coordinates(columns, rows))

    def _steps(self, offsets: Indices) -> Indices:
        return offsets[:, 0] + offsets[:, 1] * self._width

    def _found(self, pixel: Indices, side: Indices) -> Indices:
        return np.searchsorted(self._keys, pixel * 4 + side % 4)


class _Rings:
    """The rings of all polygons: whose they are, and which are holes.

    Parameters
    ----------
    border : _Border
        The sides.
    first : array of int
        The first side of each side's ring.
    """

    def __init__(self, border: _Border, first: Indices) -> None:
        is_first = first == np.arange(len(first))
        self.of_side = (np.cumsum(is_first) - 1)[first]
        label = border.label[is_first]
        # Green's theorem: rings that are walked with their inside on the left have a positive area.
        height = (border.side == _RIGHT).astype(float) - (border.side == _LEFT)
        # On the right side of a pixel the column is one further; on the left side of the next it is the same.
        x = border.column + (border.side == _RIGHT)
        self._hole = np.bincount(self.of_side, x * height) < 0
        outer = self._outer_rings(border)
        self._order = np.lexsort((self._hole, outer, label))
        self._label = label[self._order]

    def assembled(self, coordinates: NDArray[np.float64], counts: Indices) -> tuple[Geometries, NDArray[np.uint32]]:
        """Build the polygons from the vertices of the rings, which are given ring by ring with their counts."""
        lengths = counts[self._order] + 1
        ring_offsets = _offsets(lengths)
        position = np.arange(ring_offsets[-1]) - np.repeat(ring_offsets[:-1], lengths)
        closed = position % np.repeat(lengths - 1, lengths)
        vertex = np.repeat(_offsets(counts)[:-1][self._order], lengths) + closed
        outer = np.flatnonzero(~self._hole[self._order])
        labels = self._label[outer]
        parts = np.flatnonzero(np.diff(labels, prepend=0))
        geometries: Geometries = shapely.from_ragged_array(
            shapely.GeometryType.MULTIPOLYGON,
            coordinates[vertex],
            (ring_offsets, np.append(outer, len(lengths)), np.append(parts, len(outer))),
        )
        return geometries, labels[parts]

    def _outer_rings(self, border: _Border) -> Indices:
        """Return the outer ring of the polygon that each ring belongs to.

        The pixels of a label in a row between a left and a right side link the rings of both. Left of a hole's
        leftmost side lies such a row of pixels, whose left side is on the outer ring or on a hole further left.
        """
        right, left = np.flatnonzero(border.side == _RIGHT), np.flatnonzero(border.side == _LEFT)
        of_hole = self._hole[self.of_side[right]]
        right, left = right[of_hole], left[of_hole]
        by_column = np.lexsort((border.column[right], self.of_side[right]))
        holes, leftmost = np.unique(self.of_side[right][by_column], return_index=True)
        outer = np.arange(len(self._hole))
        outer[holes] = self.of_side[left[by_column[leftmost]]]
        while self._hole[outer].any():
            outer = outer[outer]
        return outer


def _first_of_ring(successor: Indices) -> Indices:
    """Return the smallest index on the ring of each index, by pointer doubling."""
    first = np.arange(len(successor))
    jump = successor
    while True:
        smaller = np.minimum(first, first[jump])
        if np.array_equal(smaller, first):
            return first
        first, jump = smaller, jump[jump]


def _walked(successor: Indices) -> tuple[Indices, Indices]:
    """Return the first side of each side's ring, and all sides ring by ring as they are walked from there."""
    first = _first_of_ring(successor)
    is_last = successor == first
    jump = np.where(is_last, np.arange(len(successor)), successor)
    remaining = (~is_last).astype(np.intp)
    while (gain := remaining[jump]).any():
        remaining, jump = remaining + gain, jump[jump]
    return first, np.lexsort((-remaining, first))


def _vertices(border: _Border, successor: Indices, order: Indices, rings: _Rings) -> tuple[Indices, Indices]:
    """Return the sides that start at a vertex, ring by ring, and their count on each ring."""
    turns = border.side != border.side[successor]
    other_neighbour = border.outside != border.outside[successor]
    at_vertex = np.empty(len(successor), bool)
    at_vertex[successor] = turns | other_neighbour
    vertices = order[at_vertex[order]]
    return vertices, np.bincount(rings.of_side[vertices])


def _offsets(lengths: Indices) -> Indices:
    return np.concatenate([[0], np.cumsum(lengths)])


def _failures(polygons: Geometries) -> NDArray[np.bool_]:
    """Return which polygons are invalid, empty, or do not fit their neighbours."""
    failed: NDArray[np.bool_] = ~shapely.is_valid(polygons) | shapely.is_empty(polygons)
    if not shapely.coverage_is_valid(polygons):
        failed |= ~shapely.is_empty(shapely.coverage_invalid_edges(polygons))
    return failed


def _with_linked(polygons: Geometries, chosen: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return the chosen polygons and all that are linked to them by touching polygons."""
    one, other = shapely.STRtree(polygons).query(polygons, predicate="intersects")
    while True:
        more = chosen.copy()
        more[other[chosen[one]]] = True
        if np.array_equal(more, chosen):
            return chosen
        chosen = more
