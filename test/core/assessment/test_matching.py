"""Agreement of polygon layers, on squares whose areas can be counted by hand."""

from __future__ import annotations

import doctest
import math

import numpy as np
import pytest
import shapely
from rock_glacier_mapper.core.assessment import matching
from rock_glacier_mapper.core.errors import Cancelled
from rock_glacier_mapper.core.progress import Progress

FAR = 6_852_706.4121
"""A northing such as Chilean ones: large enough for rounding errors to show."""


def squares(*corners: tuple[float, float, float], north: float = 0.0) -> np.ndarray:
    """Return squares given by west, south and side (m)."""
    boxes = [shapely.box(x, y + north, x + side, y + side + north) for x, y, side in corners]
    return np.array(boxes, dtype=object)


def agreement(mapped: np.ndarray, reference: np.ndarray) -> matching.AreaAgreement:
    return matching.area_agreement(matching.dissolve(mapped), matching.dissolve(reference), Progress())


def match(mapped: np.ndarray, reference: np.ndarray, min_overlap: float = 0.3) -> matching.LandformMatch:
    return matching.match_landforms(mapped, reference, min_overlap, Progress())


def test_examples_in_the_documentation():
    """The numbers in docstrings are true."""
    results = doctest.testmod(matching)
    assert results.attempted > 0
    assert results.failed == 0


def test_square_shifted_by_half():
    """Half of each square is common: 5000 of 10 000 m2, and a third of the ground that either covers."""
    found = agreement(squares((50, 0, 100)), squares((0, 0, 100)))
    assert (found.true_positive, found.false_positive, found.false_negative) == (5000, 5000, 5000)
    assert (found.producers_accuracy, found.users_accuracy, found.f1) == (0.5, 0.5, 0.5)
    assert found.iou == pytest.approx(1 / 3)
    assert found.area_bias == 0


def test_too_much_mapped():
    """A square of four times the area around the reference: recall 1, precision a quarter, bias +300 %."""
    found = agreement(squares((0, 0, 200)), squares((50, 50, 100)))
    assert (found.producers_accuracy, found.users_accuracy, found.area_bias) == (1.0, 0.25, 3.0)
    assert found.f1 == pytest.approx(2 * 0.25 / 1.25)
    assert found.iou == pytest.approx(0.25)


def test_overlapping_outlines_count_once():
    """Ground that two mapped outlines cover is one area, otherwise the user's accuracy would be counted twice."""
    found = agreement(squares((0, 0, 100), (0, 0, 100), (50, 0, 100)), squares((0, 0, 100), (0, 0, 100)))
    assert (found.true_positive, found.false_positive, found.false_negative) == (10_000, 5000, 0)


def test_perfect_map_has_no_false_area_by_rounding():
    """A map equal to its reference is perfect to the last digit, far from the origin too."""
    ring = shapely.Point(431_234.567, FAR).buffer(123.4)
    found = agreement(np.array([ring]), np.array([ring]))
    assert found.false_positive == pytest.approx(0, abs=1e-6)
    assert 0 <= found.false_negative < 1e-6
    assert found.f1 == pytest.approx(1, abs=1e-12)


def test_nothing_mapped_and_nothing_to_find():
    """Shares without a denominator are NaN; those with one are 0."""
    nothing = squares()
    missed = agreement(nothing, squares((0, 0, 100)))
    assert (missed.producers_accuracy, missed.f1, missed.iou, missed.area_bias) == (0, 0, 0, -1)
    assert math.isnan(missed.users_accuracy)
    false = agreement(squares((0, 0, 100)), nothing)
    assert (false.users_accuracy, false.f1) == (0, 0)
    assert math.isnan(false.producers_accuracy)
    assert math.isnan(false.area_bias)
    assert math.isnan(agreement(nothing, nothing).f1)


def test_landform_exactly_at_the_threshold_is_matched():
    """Half a square is half a square although coordinates of seven digits are rounded."""
    reference, mapped = squares((0.1, 0, 100.7), north=FAR), squares((0.1 + 50.35, 0, 100.7), north=FAR)
    assert match(mapped, reference, 0.5).reference_matched.tolist() == [True]
    assert match(mapped, reference, 0.51).reference_matched.tolist() == [False]


def test_several_outlines_find_one_landform_together():
    """Two outlines of a fifth of the landform each: 40 % together is enough, and both are matched by their own area."""
    strips = np.array([shapely.box(0, 0, 20, 100), shapely.box(80, 0, 100, 100)], dtype=object)
    found = match(strips, squares((0, 0, 100)))
    assert found.reference_overlap.tolist() == pytest.approx([0.4])
    assert found.reference_matched.tolist() == [True]
    assert found.mapped_matched.tolist() == [True, True]


def test_overlapping_outlines_do_not_add_up():
    """The same fifth mapped twice is still a fifth."""
    strips = np.array([shapely.box(0, 0, 20, 100)] * 2, dtype=object)
    assert match(strips, squares((0, 0, 100))).reference_matched.tolist() == [False]


def test_much_too_large_outline_is_part_of_a_match():
    """An outline 25 times the landform that it contains is no false alarm, though only 4 % of it is right."""
    found = match(squares((0, 0, 500)), squares((200, 200, 100)))
    assert found.mapped_overlap.tolist() == pytest.approx([0.04])
    assert found.mapped_matched.tolist() == [True]
    assert found.mean_area_bias == pytest.approx(24)


def test_outline_that_grazes_a_matched_landform_is_false():
    """An outline with a tenth of itself on a landform that another one found is a false alarm."""
    found = match(squares((0, 0, 100), (90, 0, 100)), squares((0, 0, 100)))
    assert found.mapped_overlap.tolist() == pytest.approx([1.0, 0.1])
    assert found.mapped_matched.tolist() == [True, False]


def test_touching_is_no_overlap():
    """Squares with a common edge share no area, and a threshold of 0 does not match them."""
    found = match(squares((100, 0, 100)), squares((0, 0, 100)), 0.0)
    assert found.reference_matched.tolist() == [False]
    assert found.mapped_matched.tolist() == [False]
    assert math.isnan(found.mean_area_bias)


def test_mean_landform_bias():
    """One landform mapped half as large, one twice as large in two pieces: the mean of -50 % and +100 % is +25 %."""
    reference = squares((0, 0, 100), (1000, 0, 100))
    mapped = np.array(
        [shapely.box(0, 0, 50, 100), shapely.box(1000, 0, 1100, 100), shapely.box(1050, -50, 1150, 50)], dtype=object
    )
    assert match(mapped, reference).mean_area_bias == pytest.approx(0.25)


def test_outline_over_two_landforms_belongs_to_the_larger_part():
    """One outline over two landforms counts for the area of one of them only."""
    reference = np.array([shapely.box(0, 0, 100, 100), shapely.box(100, 0, 300, 100)], dtype=object)
    found = match(np.array([shapely.box(0, 0, 300, 100)], dtype=object), reference)
    assert found.reference_matched.tolist() == [True, True]
    assert found.mean_area_bias == pytest.approx(30_000 / 20_000 - 1)


def test_cut_keeps_a_landform_in_one_piece_and_drops_slivers():
    """A bar over two areas stays one landform; what a shared border leaves of a neighbour is none."""
    bar, neighbour = shapely.box(0, 0, 300, 10), shapely.box(-100, 0, 0.05, 10)
    area = np.array([shapely.box(0, -50, 100, 50), shapely.box(200, -50, 300, 50)], dtype=object)
    pieces, kept = matching.cut(np.array([neighbour, bar], dtype=object), area, Progress())
    assert kept.tolist() == [1]
    assert shapely.area(pieces).tolist() == [2000]
    assert shapely.get_num_geometries(pieces).tolist() == [2]


def test_cut_leaves_what_lies_inside_as_it_is():
    """Coordinates of landforms within the area are not touched."""
    inside = shapely.Polygon([(1, 1), (5, 1.3), (9, 1), (9, 9), (1, 9)])
    pieces, _ = matching.cut(np.array([inside], dtype=object), squares((0, 0, 10)), Progress())
    assert pieces[0].geoms[0].equals_exact(inside)


def test_parts_of_collections_that_have_no_area_are_left_out():
    """A repaired polygon may come with loose lines; they are no landform."""
    mixed = shapely.GeometryCollection(
        [shapely.LineString([(0, 0), (9, 9)]), shapely.MultiPolygon([shapely.box(0, 0, 2, 2), shapely.box(5, 5, 7, 7)])]
    )
    landforms, kept = matching.landforms(np.array([shapely.Point(0, 0), mixed], dtype=object))
    assert kept.tolist() == [1]
    assert shapely.area(landforms).tolist() == [8]


def test_cancel():
    """Comparing stops when the user wants it."""

    class Stopped(Progress):
        def cancelled(self) -> bool:
            return True

    with pytest.raises(Cancelled):
        matching.match_landforms(squares((0, 0, 100)), squares((0, 0, 100)), 0.3, Stopped())
