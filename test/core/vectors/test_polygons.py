"""Labels become polygons that share their borders exactly, at once or strip by strip."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from rock_glacier_mapper.core.rasters.grid import Grid
from rock_glacier_mapper.core.rasters.labels import index_labels
from rock_glacier_mapper.core.vectors.polygons import polygonize, polygonize_strips

ROTATED = (500000.0, 8.0, 3.0, 7000000.0, 2.0, -9.0)
SOUTH_UP = (500000.0, 10.0, 0.0, 7000000.0, 0.0, 10.0)


def labels_of(*rows):
    """Labels drawn with digits."""
    return np.array([[int(sign) for sign in row] for row in rows], np.uint32)


def polygons_of(labels, make_grid, geotransform=None):
    grid = make_grid(labels.shape[1], labels.shape[0])
    if geotransform:
        grid = Grid(grid.width, grid.height, geotransform, grid.crs)
    return (*polygonize(labels, grid), grid)


def test_two_squares_have_the_corners_of_their_pixels(make_grid):
    """Corners are those of pixels, not their centres; the common side has the same two vertices in both."""
    geometries, values, _ = polygons_of(labels_of("12"), make_grid)
    assert values.tolist() == [1, 2] and values.dtype == np.uint32
    assert geometries[0].equals(shapely.box(500000, 6999990, 500010, 7000000))
    assert geometries[1].equals(shapely.box(500010, 6999990, 500020, 7000000))
    assert shapely.get_num_coordinates(geometries).tolist() == [5, 5]


def test_vertices_stand_where_three_labels_meet(make_grid):
    """The trap: label 1 runs straight past the meeting of 2 and 3 and needs a vertex there, but no others."""
    geometries, _, _ = polygons_of(labels_of("1111", "2223"), make_grid)
    assert [500030.0, 6999990.0] in shapely.get_coordinates(geometries[0]).tolist()
    assert shapely.get_num_coordinates(geometries[0]) == 6
    assert shapely.coverage_is_valid(geometries)


def test_nodata_counts_as_a_label_where_three_meet(make_grid):
    """Label 1 needs a vertex where its neighbour 2 ends at nodata."""
    geometries, values, _ = polygons_of(labels_of("111", "200"), make_grid)
    assert values.tolist() == [1, 2]
    assert [500010.0, 6999990.0] in shapely.get_coordinates(geometries[0]).tolist()
    assert shapely.coverage_is_valid(geometries)


def test_pixels_that_touch_at_a_corner_are_two_parts(make_grid):
    """Connection is through sides; one ring through the corner would be invalid."""
    geometries, values, _ = polygons_of(labels_of("12", "21"), make_grid)
    assert values.tolist() == [1, 2]
    assert [len(geometry.geoms) for geometry in geometries] == [2, 2]
    assert shapely.is_valid(geometries).all() and shapely.coverage_is_valid(geometries)


def test_one_label_in_two_parts_is_one_multipolygon(make_grid):
    """A row of the layer is a label, however many parts it has."""
    geometries, values, _ = polygons_of(labels_of("101"), make_grid)
    assert values.tolist() == [1] and len(geometries[0].geoms) == 2


def test_holes_and_what_lies_in_them(make_grid):
    """A ring in a ring in a ring: each hole belongs to the polygon around it, not to the outermost one."""
    labels = labels_of("1111111", "1000001", "1011101", "1010101", "1011101", "1000001", "1111111")
    geometries, _, _ = polygons_of(labels, make_grid)
    parts = sorted(geometries[0].geoms, key=shapely.area)
    assert [len(part.interiors) for part in parts] == [1, 1]
    assert [part.area for part in parts] == [800, 2400]


def test_hole_that_touches_the_outside_at_a_corner(make_grid):
    """The ring would touch itself there, which is invalid; it must be an outer ring and a hole that touch."""
    geometries, _, _ = polygons_of(labels_of("1110", "1011", "1111"), make_grid)
    open_corner, _, _ = polygons_of(labels_of("0111", "1011", "1111"), make_grid)
    for geometry, area in ((geometries[0], 1000), (open_corner[0], 1000)):
        assert geometry.is_valid and geometry.area == area
        assert [len(part.interiors) for part in geometry.geoms] == [1]


def test_two_holes_that_touch_at_a_corner(make_grid):
    """Two holes that touch are two rings, never one that touches itself."""
    geometries, _, _ = polygons_of(labels_of("1111", "1011", "1101", "1111"), make_grid)
    assert geometries[0].is_valid and len(geometries[0].geoms[0].interiors) == 2


@pytest.mark.parametrize("geotransform", [None, ROTATED, SOUTH_UP])
@pytest.mark.parametrize("classes", [1, 2, 3, 6])
def test_any_labels_give_a_valid_coverage_of_the_right_areas(make_grid, geotransform, classes):
    """Random labels contain every local arrangement of pixels; each pixel's centre lies in its label's polygon."""
    random = np.random.default_rng(classes)
    for _ in range(20):
        labels = random.integers(0, classes + 1, (9, 8)).astype(np.uint32)
        geometries, values, grid = polygons_of(labels, make_grid, geotransform)
        counts = np.bincount(labels.ravel())[values]
        assert values.tolist() == sorted(set(labels[labels > 0].tolist()))
        assert shapely.area(geometries) == pytest.approx(counts * grid.pixel_area_m2)
        assert shapely.is_valid(geometries).all() and shapely.coverage_is_valid(geometries)
        assert shapely.union_all(geometries).area == pytest.approx(np.count_nonzero(labels) * grid.pixel_area_m2)
        rows, columns = np.nonzero(labels)
        centres = shapely.points(*grid.coordinates(columns + 0.5, rows + 0.5))
        owner = geometries[np.searchsorted(values, labels[rows, columns])]
        assert shapely.contains(owner, centres).all()


def test_labels_beyond_31_bits(make_grid):
    """Labels are unsigned; the largest is 4294967295."""
    labels = np.array([[2**32 - 1, 2**31, 0]], np.uint32)
    _, values, _ = polygons_of(labels, make_grid)
    assert values.tolist() == [2**31, 2**32 - 1]


def test_no_labels_give_no_polygons(make_grid):
    """An empty map is a valid result."""
    geometries, values, _ = polygons_of(np.zeros((3, 2), np.uint32), make_grid)
    assert len(geometries) == 0 and len(values) == 0


def in_strips(labels, height):
    return [labels[row : row + height] for row in range(0, len(labels), height)]


def joined_strips(labels, height, grid):
    """Return the polygons that strips of a height give, by ascending label, and the labels in the order they came."""
    strips = in_strips(labels, height)
    batches = list(polygonize_strips(strips, grid, index_labels(strips)))
    values = np.concatenate([batch for _, batch in batches] or [np.empty(0, np.uint32)])
    geometries = np.concatenate([batch for batch, _ in batches] or [np.empty(0, object)])
    return geometries[np.argsort(values)], values


@pytest.mark.parametrize("height", [1, 2, 5, 9])
@pytest.mark.parametrize("classes", [1, 3, 40])
def test_strips_give_the_same_polygons_whatever_their_height(make_grid, height, classes):
    """Rings that cross strips, parts of a label in several strips, corner touches between strips: equal in each bit."""
    random = np.random.default_rng(classes)
    for _ in range(10):
        labels = random.integers(0, classes + 1, (9, 8)).astype(np.uint32)
        whole, values, grid = polygons_of(labels, make_grid, ROTATED)
        geometries, found = joined_strips(labels, height, grid)
        assert sorted(found.tolist()) == values.tolist()
        assert (shapely.to_wkb(geometries) == shapely.to_wkb(whole)).all()


@pytest.mark.parametrize("height", [1, 3])
def test_strips_of_rings_within_rings(make_grid, height):
    """Holes that are open at the end of a strip, an island in them, and a hole that touches the outside."""
    rows = ("1111111", "1000001", "1022201", "1020201", "1022201", "1000001", "1111110", "0000000", "1113310")
    labels = labels_of(*rows)
    whole, _, grid = polygons_of(labels, make_grid)
    geometries, found = joined_strips(labels, height, grid)
    assert found.tolist() == [2, 1, 3]
    assert (shapely.to_wkb(geometries) == shapely.to_wkb(whole)).all()
    assert [len(part.interiors) for part in geometries[0].geoms] == [1, 0, 0]


def test_a_polygon_comes_when_its_last_row_is_there(make_grid):
    """What ends early is handed on before the rest is read, so that neither pixels nor polygons pile up."""
    labels = np.repeat(np.arange(1, 7, dtype=np.uint32), 4).reshape(6, 4)
    read = []
    strips = (read.append(number) or strip for number, strip in enumerate(in_strips(labels, 1)))
    index = index_labels([labels])
    when = [(values.tolist(), len(read)) for _, values in polygonize_strips(strips, make_grid(4, 6), index)]
    # A row is traced when the one below is known.
    assert when == [([1], 2), ([2], 3), ([3], 4), ([4], 5), ([5], 6), ([6], 6)]


def test_no_labels_give_no_batches(make_grid):
    """An empty raster has no batch, rather than an empty one."""
    assert list(polygonize_strips([np.zeros((3, 2), np.uint32)], make_grid(2, 3), index_labels([]))) == []
