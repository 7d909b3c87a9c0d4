"""Changes of rectangles, computed by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
import shapely.affinity
from rock_glacier_mapper.core.changes.measures import area_error, front_advance, measure_change
from rock_glacier_mapper.core.inventories.morphometry import Flow

EMPTY = shapely.MultiPolygon()
SOUTH = Flow(np.array([0.0, -1.0]), 15.0)


def test_a_tongue_that_advances():
    """200 m wide, 500 m long, 30 m longer later: 0.6 ha with errors of 5 m times 1400 m and 1460 m."""
    before, after = shapely.box(0, 0, 200, 500), shapely.box(0, -30, 200, 500)
    change = measure_change(before, after, 5.0, SOUTH)
    assert (change.area_before, change.area_after, change.area_change) == (100_000, 106_000, 6000)
    assert change.area_error == pytest.approx(5 * math.hypot(1400, 1460))
    assert not change.is_significant
    assert measure_change(before, after, 2.0, SOUTH).is_significant
    assert change.advance == pytest.approx(30)
    assert change.advance_error == pytest.approx(5 * math.sqrt(2))
    assert (change.gained.area, change.lost.area) == (6000, 0)


def test_the_direction_of_flow_counts():
    """The same tongue: the front in the north retreats by nothing, and one that flows aside does not move."""
    before, after = shapely.box(0, 0, 200, 500), shapely.box(0, -30, 200, 500)
    assert front_advance(before, after, np.array([0.0, 1.0])) == pytest.approx(0)
    assert front_advance(after, before, np.array([0.0, -1.0])) == pytest.approx(-30)
    diagonal = np.array([1.0, -1.0]) / math.sqrt(2)
    moved = shapely.affinity.translate(before, 30, -30)
    assert front_advance(before, moved, diagonal) == pytest.approx(30 * math.sqrt(2))


def test_a_front_that_turns_is_a_mean():
    """The front moves by 0 m in the west and 40 m in the east: 20 m over its middle half."""
    before = shapely.box(0, 0, 100, 500)
    after = shapely.Polygon([(0, 0), (100, -40), (100, 500), (0, 500)])
    assert front_advance(before, after, np.array([0.0, -1.0])) == pytest.approx(20)


def test_new_and_gone():
    """The area is the change; there is no front to compare, and no error is larger than the area."""
    new = measure_change(EMPTY, shapely.box(0, 0, 100, 100), 5.0, SOUTH)
    assert (new.area_before, new.area_change, new.area_error) == (0, 10_000, 2000)
    assert math.isnan(new.advance)
    gone = measure_change(shapely.box(0, 0, 10, 10), EMPTY, 5.0, SOUTH)
    assert (gone.area_change, gone.area_error) == (-100, 100)
    assert not gone.is_significant
    assert area_error(EMPTY, 5.0) == 0


def test_outlines_without_a_common_front():
    """Of an outline that moved aside by its width, no profile meets both."""
    assert math.isnan(front_advance(shapely.box(0, 0, 100, 300), shapely.box(90, 0, 190, 300), np.array([0.0, -1.0])))
