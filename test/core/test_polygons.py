"""Labels become polygons that share their borders exactly, before and after simplification."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from rock_glacier_mapper.core import coverage as module
from rock_glacier_mapper.core.coverage import simplify_coverage
from rock_glacier_mapper.core.polygons import polygonize

ROTATED = (500000.0, 8.0, 3.0, 7000000.0, 2.0, -9.0)
SOUTH_UP = (500000.0, 10.0, 0.0, 7000000.0, 0.0, 10.0)


def labels_of(*rows):
    """Labels drawn with digits."""
    return np.array([[int(sign) for sign in row] for row in rows], np.uint32)


def polygons_of(labels, make_grid, geotransform=None):
    grid = make_grid(labels.shape[1], labels.shape[0])
    if geotransform:
        grid = type(grid)(grid.width, grid.height, geotransform, grid.crs)
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
    simple, unchanged = simplify_coverage(geometries, 10)
    assert len(simple) == 0 and len(unchanged) == 0


def two_slanted_landforms():
    """Two landforms of 40 x 40 pixels with a common border in steps, and one apart."""
    rows, columns = np.mgrid[:40, :60]
    labels = np.where(columns < 15 + rows // 3, 1, 2)
    labels[:, 45:48] = 0
    labels[:, 48:] = 3
    return labels.astype(np.uint32)


def test_simplified_landforms_leave_neither_gap_nor_overlap(make_grid):
    """The common border is simplified once for both; the union has no sliver and the areas still add up."""
    geometries, _, _ = polygons_of(two_slanted_landforms(), make_grid)
    simple, unchanged = simplify_coverage(geometries, 20.0)
    assert shapely.get_num_coordinates(simple).sum() < shapely.get_num_coordinates(geometries).sum() / 2
    assert shapely.coverage_is_valid(simple) and not unchanged.any()
    one, other = simple[:2]
    assert one.intersection(other).area == 0
    union = one.union(other)
    assert union.geom_type == "Polygon" and len(union.interiors) == 0
    assert union.area == pytest.approx(45 * 40 * 100, rel=0.01)


def test_tolerance_zero_keeps_the_steps(make_grid):
    """0 means no simplification."""
    geometries, _, _ = polygons_of(two_slanted_landforms(), make_grid)
    simple, unchanged = simplify_coverage(geometries, 0.0)
    assert (simple == geometries).all() and not unchanged.any()


def test_failed_simplification_spares_only_the_landforms_concerned(make_grid, monkeypatch):
    """A landform that the library spoils stays as it is with its neighbour; the one apart is simplified."""
    geometries, _, _ = polygons_of(two_slanted_landforms(), make_grid)
    real = shapely.coverage_simplify

    def spoiling(polygons, tolerance):
        simple = real(polygons, tolerance)
        simple[0] = shapely.MultiPolygon()
        simple[2] = shapely.box(*simple[2].bounds)
        return simple

    monkeypatch.setattr(module.shapely, "coverage_simplify", spoiling)
    simple, unchanged = simplify_coverage(geometries, 10.0)
    assert unchanged.tolist() == [True, True, False]
    assert simple[0] == geometries[0] and simple[1] == geometries[1] and simple[2].geom_type == "Polygon"
    assert shapely.coverage_is_valid(simple)


def test_overlap_made_by_a_simplification_is_undone(make_grid, monkeypatch):
    """Polygons that are valid one by one may still overlap each other; that is found too."""
    geometries, _, _ = polygons_of(two_slanted_landforms(), make_grid)
    monkeypatch.setattr(module.shapely, "coverage_simplify", lambda polygons, _: shapely.envelope(polygons))
    simple, unchanged = simplify_coverage(geometries, 10.0)
    assert unchanged.tolist() == [True, True, False]
    assert shapely.coverage_is_valid(simple)
