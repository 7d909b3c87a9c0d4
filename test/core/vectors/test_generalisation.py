"""Polygons that share their borders share them still when they are simpler or smoother."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from rock_glacier_mapper.core.rasters.grid import Grid
from rock_glacier_mapper.core.vectors import generalisation as module
from rock_glacier_mapper.core.vectors.generalisation import simplify_coverage, smooth_coverage
from rock_glacier_mapper.core.vectors.polygons import polygonize
from scipy import ndimage


def polygons_of(labels, make_grid):
    """Return the polygons of labels on pixels of 10 m."""
    return polygonize(labels, make_grid(labels.shape[1], labels.shape[0]))


@pytest.fixture
def smoothed(make_grid):
    """Return a function that smooths polygons far from the edge of their raster, which it may be given."""

    def smooth(polygons, rounds, grid=None):
        frame = make_grid(1, 1)
        return smooth_coverage(polygons, rounds, grid or Grid(10**8, 10**8, (-1e3, 1, 0, -1e3, 0, 1), frame.crs))

    return smooth


def multipolygons(*polygons):
    """Return polygons as the multipolygons of one part that outlines are."""
    return shapely.multipolygons(np.array(polygons, object)[:, np.newaxis])


def two_slanted_landforms():
    """Two landforms of 40 x 40 pixels with a common border in steps, and one apart."""
    rows, columns = np.mgrid[:40, :60]
    labels = np.where(columns < 15 + rows // 3, 1, 2)
    labels[:, 45:48] = 0
    labels[:, 48:] = 3
    return labels.astype(np.uint32)


def test_simplified_landforms_leave_neither_gap_nor_overlap(make_grid):
    """The common border is simplified once for both; the union has no sliver and the areas still add up."""
    geometries, _ = polygons_of(two_slanted_landforms(), make_grid)
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
    geometries, _ = polygons_of(two_slanted_landforms(), make_grid)
    simple, unchanged = simplify_coverage(geometries, 0.0)
    assert (simple == geometries).all() and not unchanged.any()


def test_failed_simplification_spares_only_the_landforms_concerned(make_grid, monkeypatch):
    """A landform that the library spoils stays as it is with its neighbour; the one apart is simplified."""
    geometries, _ = polygons_of(two_slanted_landforms(), make_grid)
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
    geometries, _ = polygons_of(two_slanted_landforms(), make_grid)
    monkeypatch.setattr(module.shapely, "coverage_simplify", lambda polygons, _: shapely.envelope(polygons))
    simple, unchanged = simplify_coverage(geometries, 10.0)
    assert unchanged.tolist() == [True, True, False]
    assert shapely.coverage_is_valid(simple)


def test_no_polygons_give_none(smoothed):
    """An empty map is a valid result."""
    for change in (simplify_coverage, smoothed):
        changed, unchanged = change(np.empty(0, object), 2)
        assert len(changed) == 0 and len(unchanged) == 0


def test_an_octagon_of_a_square(smoothed):
    """One round: corners go out by 1/15 of their distance to the diagonal, then a quarter is cut at either side."""
    smooth, unchanged = smoothed(multipolygons(shapely.box(0, 0, 30, 30)), 1)
    octagon = shapely.Polygon([(7, -1), (23, -1), (31, 7), (31, 23), (23, 31), (7, 31), (-1, 23), (-1, 7)])
    assert not unchanged.any() and shapely.get_num_coordinates(smooth[0]) == 9
    assert smooth[0].symmetric_difference(octagon).area < 1e-9
    assert smooth[0].area == pytest.approx(900, rel=0.005)


def test_zero_rounds_keep_the_corners(smoothed):
    """0 means no smoothing."""
    square = multipolygons(shapely.box(0, 0, 30, 30))
    smooth, unchanged = smoothed(square, 0)
    assert (smooth == square).all() and not unchanged.any()


@pytest.mark.parametrize("rounds", [1, 2, 4])
def test_round_landforms_keep_their_area(make_grid, smoothed, rounds):
    """Corner cutting alone would take 8 % of a hexagon; what is left of the change is far below a pixel's ring."""
    angles = np.radians(np.arange(0, 360, 60))
    hexagon = multipolygons(shapely.Polygon(np.column_stack([np.cos(angles), np.sin(angles)])))
    smooth, _ = smoothed(hexagon, rounds)
    assert shapely.area(smooth) == pytest.approx(shapely.area(hexagon), rel=0.01)
    assert shapely.get_num_coordinates(smooth) - 1 == 6 * 2**rounds


def test_points_where_three_labels_meet_stay(make_grid, smoothed):
    """The ends of the common border of two landforms stay on both; their common corners are cut once for both."""
    labels = np.ones((12, 12), np.uint32)
    labels[4:8, 6:] = labels[:, 9:] = 2
    geometries, _ = polygons_of(labels, make_grid)
    smooth, unchanged = smoothed(geometries, 2)
    shared = [{tuple(point) for point in shapely.get_coordinates(geometry)} for geometry in smooth]
    assert {(500090.0, 7000000.0), (500090.0, 6999880.0)} <= shared[0] & shared[1]
    # The four corners of the tongue make four points each in two rounds, beside the two ends.
    assert len(shared[0] & shared[1]) == 2 + 4 * 4
    assert not unchanged.any() and shapely.coverage_is_valid(smooth)
    assert smooth[0].union(smooth[1]).area == pytest.approx(shapely.area(smooth).sum())
    assert smooth[0].intersection(smooth[1]).area == 0


def test_islands_fill_their_holes(make_grid, smoothed):
    """A closed common border has no end; it is smoothed wherever the ring starts in either polygon."""
    labels = np.ones((9, 9), np.uint32)
    labels[3:6, 2:7] = 2
    geometries, _ = polygons_of(labels, make_grid)
    smooth, _ = smoothed(geometries, 3)
    assert shapely.coverage_is_valid(smooth)
    assert len(smooth[0].geoms[0].interiors) == 1
    assert len(smooth[0].union(smooth[1]).interiors) == 0
    assert shapely.get_num_coordinates(smooth[1]) == 4 * 8 + 1


def test_landforms_that_touch_at_a_corner_stay_apart(make_grid, smoothed):
    """The point of touch stays, so that neither they nor the gaps beside it overlap."""
    labels = np.kron(np.array([[1, 0], [0, 2]], np.uint32), np.ones((4, 4), np.uint32))
    geometries, _ = polygons_of(labels, make_grid)
    smooth, unchanged = smoothed(geometries, 2)
    assert smooth[0].intersection(smooth[1]).equals(shapely.Point(500040, 6999960)) and not unchanged.any()


def test_points_on_the_rasters_edge_stay(make_grid, smoothed):
    """A landform that the raster cuts meets its other half in the next raster, and nothing reaches beyond."""
    labels = np.zeros((12, 12), np.uint32)
    labels[3:9, 5:] = 1
    grid = make_grid(12, 12)
    smooth, _ = smoothed(polygonize(labels, grid)[0], 2, grid)
    assert smooth[0].bounds[2] == 500120
    edge = shapely.LineString([(500120, 0), (500120, 1e7)])
    assert smooth[0].intersection(edge).equals(shapely.LineString([(500120, 6999970), (500120, 6999910)]))
    # Two corners that stay, and two that are cut into four points each.
    assert shapely.get_num_coordinates(smooth[0]) == 2 + 2 * 4 + 1


def test_landforms_that_would_overlap_keep_their_corners(smoothed):
    """Edges bulge between two corners: two landforms one metre apart would overlap, one far away would not."""
    close = multipolygons(shapely.box(0, 0, 500, 500), shapely.box(501, 0, 900, 500), shapely.box(2000, 0, 2500, 500))
    smooth, unchanged = smoothed(close, 2)
    assert unchanged.tolist() == [True, True, False]
    assert (smooth[:2] == close[:2]).all() and shapely.get_num_coordinates(smooth[2]) == 17
    assert shapely.coverage_is_valid(smooth)


@pytest.mark.parametrize("tolerance", [0.0, 15.0])
def test_a_landform_in_the_corner_of_another_is_not_swallowed(make_grid, tolerance):
    """A long reflex corner is rounded over what lies in it; the borders of the one around cross nothing then."""
    labels = np.zeros((116, 116), np.uint32)
    labels[2:12, 2:112] = labels[2:112, 2:12] = 1
    labels[14:18, 14:18] = 2
    polygons = simplify_coverage(polygons_of(labels, make_grid)[0], tolerance)[0]
    smooth, unchanged = smooth_coverage(polygons, 2, make_grid(116, 116))
    assert shapely.intersection(*smooth).area == 0
    assert unchanged.all()


def test_neighbours_of_what_stays_keep_the_common_border_only(smoothed):
    """The neighbour of a landform that cannot be smoothed is smooth at its other sides, and fits."""
    left, middle, right = shapely.box(0, 0, 500, 500), shapely.box(501, 0, 900, 500), shapely.box(900, 0, 1400, 500)
    geometries = multipolygons(left, middle, right)
    smooth, unchanged = smoothed(geometries, 2)
    assert unchanged.tolist() == [True, True, False]
    assert shapely.coverage_is_valid(smooth)
    assert smooth[1].intersection(smooth[2]).length == 500
    assert shapely.get_num_coordinates(smooth[2]) == 2 + 2 * 4 + 1


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize("tolerance", [0.0, 15.0])
def test_random_landforms_stay_a_coverage(make_grid, smoothed, seed, tolerance):
    """Patches with common borders, holes and islands: valid, no overlap, no new gap, the area nearly kept."""
    random = np.random.default_rng(seed)
    noise = ndimage.gaussian_filter(random.random((60, 60)), 2)
    labels = np.digitize(noise, np.quantile(noise, [0.4, 0.6, 0.8])).astype(np.uint32)
    geometries, _ = polygons_of(labels, make_grid)
    assert shapely.coverage_is_valid(geometries)
    simple, _ = simplify_coverage(geometries, tolerance)
    smooth, unchanged = smoothed(simple, 2)
    assert shapely.is_valid(smooth).all() and shapely.coverage_is_valid(smooth)
    union = shapely.union_all(smooth)
    assert union.area == pytest.approx(shapely.area(smooth).sum(), rel=1e-9)
    # Every gap is one of nodata, which was there before.
    gaps = [len(shapely.get_rings(shapely.union_all(polygons))) for polygons in (simple, smooth)]
    assert unchanged.any() or gaps[0] == gaps[1]
    assert union.area == pytest.approx(shapely.area(simple).sum(), rel=0.01)
    assert shapely.get_num_coordinates(smooth).sum() <= 4 * shapely.get_num_coordinates(simple).sum()
