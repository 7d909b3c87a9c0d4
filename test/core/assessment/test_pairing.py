"""One-to-one pairs: on squares by hand, and on random layers against the dense assignment of all pairs."""

from __future__ import annotations

import doctest

import numpy as np
import pytest
import shapely
from rock_glacier_mapper.core.assessment import bootstrap, boundarydistance
from rock_glacier_mapper.core.assessment.boundarydistance import boundary_distances
from rock_glacier_mapper.core.assessment.matching import match_landforms
from rock_glacier_mapper.core.assessment.pairing import Pairing, one_to_one
from rock_glacier_mapper.core.progress import Progress
from scipy.optimize import linear_sum_assignment

NO_AREA = np.empty(0, dtype=object)


def paired(mapped, reference, min_iou=0.0) -> Pairing:
    pairs = match_landforms(np.array(mapped, dtype=object), np.array(reference, dtype=object), 0.3, Progress()).pairs
    return one_to_one(pairs, pairs.iou >= min_iou, len(mapped), len(reference))


def of(pairing: Pairing) -> set[tuple[int, int]]:
    return set(zip(pairing.pairs.mapped.tolist(), pairing.pairs.reference.tolist(), strict=True))


def test_the_best_sum_wins_over_the_best_pair():
    """Mapped 0 fits reference 0 best (IoU 2/3), but with reference 1 it leaves that to mapped 1: 3/7 + 2/5 > 2/3."""
    reference = [shapely.box(0, 0, 100, 10), shapely.box(100, 0, 200, 10)]
    mapped = [shapely.box(40, 0, 160, 10), shapely.box(0, 0, 40, 10)]
    found = paired(mapped, reference)
    assert found.pairs.iou.tolist() == pytest.approx([60 / 160, 40 / 100])
    assert of(found) == {(0, 1), (1, 0)}
    assert (found.recall, found.precision, found.f1) == (1, 1, 1)
    assert found.mean_iou == pytest.approx((0.375 + 0.4) / 2)


def test_pieces_of_a_landform_stay_alone():
    """Of two halves one is the partner (they tie); recall 1, precision a half, F1 two thirds."""
    found = paired([shapely.box(0, 0, 50, 10), shapely.box(50, 0, 100, 10)], [shapely.box(0, 0, 100, 10)], 0.5)
    assert (len(found.pairs), found.recall, found.precision) == (1, 1, 0.5)
    assert found.f1 == pytest.approx(2 / 3)


def test_below_the_smallest_iou_there_is_no_pair():
    """Squares shifted by half have an IoU of 1/3; nothing can be paired with nothing."""
    found = paired([shapely.box(50, 0, 150, 100)], [shapely.box(0, 0, 100, 100)], 0.34)
    assert (len(found.pairs), found.recall) == (0, 0)
    assert np.isnan(found.mean_iou)
    assert np.isnan(paired([], []).f1)


@pytest.mark.parametrize("seed", range(4))
def test_random_layers_as_the_dense_assignment(seed):
    """The sum of intersections over union is that of scipy's dense solver on all pairs measured one by one."""
    generator = np.random.default_rng(seed)
    mapped, reference = (
        shapely.box(*np.column_stack([corner := generator.uniform(0, 300, (60, 2)), corner + 60]).T) for _ in range(2)
    )
    inner = shapely.area(shapely.intersection(mapped[:, np.newaxis], reference))
    iou = inner / shapely.area(shapely.union(mapped[:, np.newaxis], reference))
    wanted = np.where(iou >= 0.2, iou, 0)
    best = wanted[linear_sum_assignment(wanted, maximize=True)].sum()
    found = paired(mapped, reference, 0.2)
    assert found.pairs.iou.sum() == pytest.approx(best)
    assert found.pairs.iou == pytest.approx(iou[found.pairs.mapped, found.pairs.reference])
    assert len({*found.pairs.mapped}) == len({*found.pairs.reference}) == len(found.pairs)


def test_splits_and_merges():
    """Two halves make a split; one outline over two landforms a merge; a sliver of a neighbour is neither."""
    reference = np.array([shapely.box(x, 0, x + 100, 100) for x in (0, 1000, 1100, 2000)], dtype=object)
    mapped = np.array(
        [
            shapely.box(0, 0, 50, 100),
            shapely.box(50, 0, 100, 100),
            shapely.box(1000, 0, 1200, 100),
            shapely.box(2000, 0, 2100, 100),
            shapely.box(2095, 0, 2300, 100),
        ],
        dtype=object,
    )
    found = match_landforms(mapped, reference, 0.3, Progress())
    assert found.reference_split.tolist() == [True, False, False, False]
    assert found.mapped_merged.tolist() == [False, False, True, False, False]


def test_two_crumbs_in_a_missed_landform_are_no_split():
    """What is not found is not found in pieces."""
    crumbs = np.array([shapely.box(0, 0, 5, 5), shapely.box(50, 50, 55, 55)], dtype=object)
    found = match_landforms(crumbs, np.array([shapely.box(0, 0, 100, 100)], dtype=object), 0.3, Progress())
    assert (found.reference_matched.tolist(), found.reference_split.tolist()) == ([False], [False])


@pytest.mark.parametrize("module", [boundarydistance, bootstrap])
def test_examples_in_the_documentation(module):
    """The numbers in docstrings are true."""
    results = doctest.testmod(module)
    assert results.attempted > 0
    assert results.failed == 0


def test_distance_of_a_shifted_square():
    """Shifted by 10 m: one side is 10 m off; the one inside, too, but for its ends; two run along but for 10 m."""
    squares = [np.array([shapely.box(x, 0, x + 100, 100)], dtype=object) for x in (0, 10)]
    found = boundary_distances(*squares, NO_AREA, Progress())
    # Within 10 m of its corners, the side inside is nearer to the other square's other sides: 5 m in the mean.
    assert found.mean[0] == pytest.approx((100 * 10 + 80 * 10 + 20 * 5 + 2 * 10 * 5) / 400, rel=0.01)
    assert found.hausdorff_95[0] == pytest.approx(10)


def test_distance_to_a_far_part():
    """An island 500 m off that makes up 1/5 of the outline raises the 95 % distance, and the mean by its share."""
    both = shapely.MultiPolygon([shapely.box(0, 0, 100, 100), shapely.box(600, 0, 625, 25)])
    one = shapely.box(0, 0, 100, 100)
    found = boundary_distances(np.array([both]), np.array([one]), NO_AREA, Progress())
    assert found.mean[0] == pytest.approx(0.2 * 512.5 / 2, rel=0.02)
    assert 500 < found.hausdorff_95[0] < 526


def test_the_edge_of_the_area_is_no_outline():
    """Both squares end at the edge of the area at x = 50: only the other three sides count. Whole, nothing is left."""
    area = np.array([shapely.box(-500, -500, 50, 600)], dtype=object)
    cut = [np.array([shapely.box(0, low, 50, 100)], dtype=object) for low in (0, -20)]
    with_edge, without = (boundary_distances(*cut, limits, Progress()).mean[0] for limits in (NO_AREA, area))
    assert without > with_edge
    inside = np.array([shapely.box(0, 0, 50, 100)], dtype=object)
    assert np.isnan(boundary_distances(inside, inside, inside, Progress()).mean[0])
