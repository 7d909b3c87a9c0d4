"""Labels as polygons that share their borders exactly, traced strip by strip."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from ..rasters.grid import Grid
from ..rasters.labels import LabelIndex, Labels

Geometries = NDArray[np.object_]
Indices = NDArray[np.intp]
Mask = NDArray[np.bool_]

BYTES_PER_PIXEL = 128
"""What `polygonize_strips` holds for each pixel of a strip of small objects, about."""

# A border runs along the sides of pixels with its label on the left (in a north-up map): along the bottom side
# eastwards, the right side northwards, the top side westwards, the left side southwards. Offsets are columns, rows.
_ALONG = np.array([(1, 0), (0, -1), (-1, 0), (0, 1)])
_OUTWARD = np.array([(0, 1), (1, 0), (0, -1), (-1, 0)])
_START = np.array([(0, 1), (1, 1), (1, 0), (0, 0)])
_RIGHT, _LEFT = 1, 3


def polygonize(labels: Labels, grid: Grid) -> tuple[Geometries, Labels]:
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
    return _polygons(_Sides.of(np.pad(labels, 1), 0), grid)


def polygonize_strips(strips: Iterable[Labels], grid: Grid, index: LabelIndex) -> Iterator[tuple[Geometries, Labels]]:
    """Turn labels that arrive in strips into the polygons of `polygonize`, whatever the strips' heights.

    A label's polygon is made as soon as its last row is there; until then the sides of its pixels wait in memory.

    Parameters
    ----------
    strips : iterable of array of uint32, shape (rows, width)
        The rows of the grid from top to bottom.
    grid : Grid
        Where the pixels lie.
    index : LabelIndex
        The labels and their last rows.

    Yields
    ------
    geometries : array of shapely MultiPolygon, shape (k,)
        Those that are complete, by ascending label; never none.
    values : array of uint32, shape (k,)
        Their labels. Each label comes once; those that end in later strips come later.
    """
    sides = _Sides.none()
    end = 0
    for block in _overlapping(strips, grid.width):
        sides = sides.followed_by(_Sides.of(block, end))
        end += len(block) - 2
        complete = index.last_rows[index.places(sides.label)] < end
        if complete.any():
            yield _polygons(sides[complete], grid)
            sides = sides[~complete]


def _overlapping(strips: Iterable[Labels], width: int) -> Iterator[Labels]:
    """Yield blocks of rows, padded with nodata, whose inner rows are each row of the strips once."""
    edge = np.zeros((1, width + 2), np.uint32)
    block = edge
    for rows in itertools.chain(strips, [edge[:, 2:]]):
        block = np.concatenate([block[-2:], np.pad(rows, ((0, 0), (1, 1)))])
        yield block


@dataclass(frozen=True)
class _Sides:
    """Sides of pixels between a label and something else, in the order of pixels row by row.

    Attributes
    ----------
    key : array of int
        Four times the pixel's number in the padded raster, plus the side.
    label : array of uint32
    turn : array of int8
        Which way the border goes on if it stays with its pixel: 1 left, 0 straight on, -1 right.
    at_corner : array of bool
        Whether the border turns left where another pixel of the label touches diagonally.
    to_vertex : array of bool
        Whether the side ends at a vertex.
    """

    key: NDArray[np.int64]
    label: Labels
    turn: NDArray[np.int8]
    at_corner: Mask
    to_vertex: Mask

    @classmethod
    def none(cls) -> _Sides:
        """Return no sides."""
        kinds: tuple[Any, ...] = (np.int64, np.uint32, np.int8, bool, bool)
        return cls(*(np.empty(0, kind) for kind in kinds))

    @classmethod
    def of(cls, block: Labels, first_row: int) -> _Sides:
        """Return the sides of a block's inner rows; `first_row` is the block's place in the padded raster."""
        width = block.shape[1]
        labels = block.ravel()
        along, outward = _steps(_ALONG, width), _steps(_OUTWARD, width)
        inner = slice(width, labels.size - width)
        is_side = np.empty((max(inner.stop - inner.start, 0), 4), bool)
        for number, step in enumerate(outward):
            # The wrap at the ends of rows is harmless: the padding has no label.
            beside = labels[inner.start + step : inner.stop + step]
            np.not_equal(labels[inner], beside, out=is_side[:, number])
        is_side &= (labels[inner] != 0)[:, np.newaxis]
        local = np.flatnonzero(is_side) + 4 * width
        pixel, side = local >> 2, local & 3
        label, outside = labels[pixel], labels[pixel + outward[side]]
        ahead = pixel + along[side]
        beyond = labels[ahead + outward[side]]
        left, diagonal = labels[ahead] != label, beyond == label
        turn = left.astype(np.int8) - (diagonal & ~left)
        return cls(local + 4 * first_row * width, label, turn, left & diagonal, left | (beyond != outside))

    def __len__(self) -> int:
        return len(self.key)

    def __getitem__(self, chosen: Mask | Indices) -> _Sides:
        return _Sides(*(values[chosen] for values in self._arrays()))

    def followed_by(self, others: _Sides) -> _Sides:
        """Return these sides, then others."""
        return _Sides(*map(np.concatenate, zip(self._arrays(), others._arrays(), strict=True)))

    def _arrays(self) -> tuple[NDArray[Any], ...]:
        return self.key, self.label, self.turn, self.at_corner, self.to_vertex


def _steps(offsets: Indices, width: int) -> Indices:
    """Return offsets of columns and rows as distances in a raster of that width, flattened."""
    return offsets[:, 0] + offsets[:, 1] * width


def _polygons(sides: _Sides, grid: Grid) -> tuple[Geometries, Labels]:
    """Return the polygons of labels all of whose sides are given."""
    if not len(sides):
        return np.empty(0, object), np.empty(0, np.uint32)
    border = _Border(sides, grid)
    successor = border.successors()
    first, order = _walked(successor)
    rings = _Rings(border, first)
    vertices, counts = _vertices(border, successor, order, rings)
    return rings.assembled(border.coordinates(vertices), counts)


class _Border:
    """The whole border of some labels, by pixel and side."""

    def __init__(self, sides: _Sides, grid: Grid) -> None:
        self._sides = sides
        self._grid = grid
        self._width = grid.width + 2
        self.label, self.to_vertex = sides.label, sides.to_vertex
        self.side = sides.key & 3
        self._pixel = sides.key >> 2
        self.column = self._pixel % self._width

    def successors(self) -> Indices:
        """Return the side that follows each side when the border is walked.

        At a corner where two pixels of a label touch diagonally, a walk that stays with its pixel keeps the parts of
        a label apart. But where both pixels are on one ring, this ring would touch itself, which no valid polygon
        may; there the walk changes to the other pixel, which cuts the ring into two that touch.
        """
        turn = self._sides.turn
        ahead = self._pixel + _steps(_ALONG, self._width)[self.side]
        beyond = ahead + _steps(_OUTWARD, self._width)[self.side]
        pixel = np.where(turn > 0, self._pixel, np.where(turn < 0, beyond, ahead))
        successor = self._found(pixel, self.side + turn)
        corner = np.flatnonzero(self._sides.at_corner)
        first = _first_of_ring(successor)
        opposite = self._found(beyond[corner], self.side[corner] + 2)
        pinched = corner[first[corner] == first[opposite]]
        successor[pinched] = self._found(beyond[pinched], self.side[pinched] - 1)
        return successor

    def coordinates(self, sides: Indices) -> NDArray[np.float64]:
        """Return the map coordinates, shape (n, 2), of the corners where sides start."""
        offset = _START[self.side[sides]] - 1  # the padding's width
        columns = self.column[sides] + offset[:, 0]
        rows = self._pixel[sides] // self._width + offset[:, 1]
        return np.column_stack(self._grid.coordinates(columns, rows))

    def _found(self, pixel: Indices, side: Indices) -> Indices:
        return np.searchsorted(self._sides.key, pixel * 4 + side % 4)


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
    at_vertex = np.empty(len(successor), bool)
    at_vertex[successor] = border.to_vertex
    vertices = order[at_vertex[order]]
    return vertices, np.bincount(rings.of_side[vertices])


def _offsets(lengths: Indices) -> Indices:
    return np.concatenate([[0], np.cumsum(lengths)])
