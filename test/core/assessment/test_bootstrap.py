"""Intervals by drawing landforms anew."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from rock_glacier_mapper.core.assessment.bootstrap import figures_of_sums, intervals, units_of, wilson
from rock_glacier_mapper.core.assessment.comparison import Landforms
from rock_glacier_mapper.core.assessment.matching import area_agreement, match_landforms
from rock_glacier_mapper.core.assessment.pairing import one_to_one
from rock_glacier_mapper.core.progress import Progress


def units(mapped, reference):
    layers = [
        Landforms("", np.array(boxes, dtype=object), np.ones(len(boxes)), {}, [], 0, ())
        for boxes in (mapped, reference)
    ]
    match = match_landforms(*(layer.geometries for layer in layers), 0.3, Progress())
    pairing = one_to_one(match.pairs, match.pairs.iou >= 0.5, len(mapped), len(reference))
    return layers, units_of(*layers, match, pairing, Progress())


def boxes(generator, count):
    west, south = generator.uniform(0, 2000, (2, count))
    width, height = generator.uniform(50, 200, (2, count))
    return shapely.box(west, south, west + width, south + height)


def test_what_overlaps_is_drawn_as_one():
    """Two landforms under one outline, one landform missed, one outline false: three groups."""
    reference = [shapely.box(0, 0, 100, 100), shapely.box(200, 0, 300, 100), shapely.box(5000, 0, 5100, 100)]
    _, found = units([shapely.box(50, 0, 250, 100), shapely.box(9000, 0, 9100, 100)], reference)
    assert found.count == 3
    assert found.sums["reference_count"].tolist() == [2, 1, 0]
    assert found.sums["shared"].tolist() == [10_000, 0, 0]
    assert found.sums["mapped"].tolist() == [20_000, 0, 10_000]


def test_groups_add_up_to_the_figures():
    """On random overlapping layers the sums over groups give the same areas and counts as the layers."""
    generator = np.random.default_rng(3)
    layers, found = units(boxes(generator, 80), boxes(generator, 60))
    agreement = area_agreement(layers[0].ground, layers[1].ground, Progress())
    figures = figures_of_sums({name: np.array([values.sum()]) for name, values in found.sums.items()})
    assert figures["f1"][0] == pytest.approx(agreement.f1)
    assert figures["iou"][0] == pytest.approx(agreement.iou)
    assert figures["area_bias"][0] == pytest.approx(agreement.area_bias)
    assert found.sums["reference_count"].sum() == 60


def test_seed_makes_the_intervals():
    """The same seed gives the same intervals, another one others."""
    _, found = units(*(boxes(np.random.default_rng(seed), 30) for seed in (1, 2)))
    first, again, other = (intervals(found, 200, seed, Progress()) for seed in (5, 5, 6))
    assert first == again != other


def test_interval_of_a_share_is_that_of_the_binomial():
    """100 landforms apart, 80 of them matched: the share's interval is near the normal one, 0.8 +- 1.96 * 0.04."""
    reference = [shapely.box(1000 * i, 0, 1000 * i + 100, 100) for i in range(100)]
    _, found = units(reference[:80], reference)
    assert intervals(found, 4000, 0, Progress())["detected"] == pytest.approx((0.72, 0.88), abs=0.015)


def test_nothing_to_draw():
    """One group cannot be drawn otherwise, no repetitions give no intervals, and neither does an empty layer."""
    square = [shapely.box(0, 0, 100, 100)]
    _, one = units(square, square)
    assert intervals(one, 100, 0, Progress()) == {}
    _, nothing = units([], [])
    assert intervals(nothing, 100, 0, Progress()) == {}
    _, two = units(square, [shapely.box(900, 0, 950, 50)])
    assert intervals(two, 0, 0, Progress()) == {}
    # User's accuracy is undefined where only the missed landform is drawn: in a quarter of the draws.
    assert "users_accuracy" not in intervals(two, 400, 0, Progress())


def test_wilson():
    """All of five is no certainty; none of none is nothing."""
    low, high = wilson(5, 5)
    assert (low, high) == pytest.approx((0.566, 1.0), abs=1e-3)
    assert wilson(0, 0) is None
    assert not math.isnan(low)
