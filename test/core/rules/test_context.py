"""Context features on a field of 3 x 3 squares of 10 m, numbered from the south-west, row by row."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from rock_glacier_mapper.core.errors import Cancelled
from rock_glacier_mapper.core.objects.coverage import shared_borders
from rock_glacier_mapper.core.progress import Progress
from rock_glacier_mapper.core.rules.context import Neighbourhood


def neighbourhood(side: int = 3, unit: float = 1.0, progress: Progress | None = None) -> Neighbourhood:
    squares = [shapely.box(x, y, x + 10, y + 10) for y in range(0, 10 * side, 10) for x in range(0, 10 * side, 10)]
    geometries = np.array(squares, object)
    return Neighbourhood(shared_borders(geometries, Progress()), geometries, unit, progress or Progress())


def members(*numbers: int, count: int = 9) -> np.ndarray:
    return np.isin(np.arange(count), numbers)


EVERY = np.arange(9)
CROSS = members(1, 3, 5, 7)


def test_relative_border() -> None:
    """A corner square shares two of its four sides with the cross, the layer's edge counts as border."""
    assert neighbourhood().relative_border(CROSS, EVERY).tolist() == [0.5, 0, 0.5, 0, 1, 0, 0.5, 0, 0.5]
    assert neighbourhood().relative_border(members(0, 1), EVERY)[:3].tolist() == [0.25, 0.25, 0.25]


def test_number_of_neighbours() -> None:
    """A common corner makes no neighbour."""
    assert neighbourhood().number_of_neighbours(CROSS, EVERY).tolist() == [2, 0, 2, 0, 4, 0, 2, 0, 2]


def test_enclosed() -> None:
    """The middle of the cross lies in a hole; the corners reach the layer's edge, the cross itself is no hole."""
    assert neighbourhood().enclosed(CROSS, EVERY).tolist() == [0, 0, 0, 0, 1, 0, 0, 0, 0]


def test_a_hole_of_several_objects() -> None:
    """Both objects in the ring around 4 x 4 are enclosed, though neither borders on the ring alone."""
    inner = [5, 6, 9, 10]
    ring = ~members(*inner, count=16)
    assert np.flatnonzero(neighbourhood(4).enclosed(ring, np.arange(16))).tolist() == inner
    ring[5] = True
    ring[1] = False
    assert np.flatnonzero(neighbourhood(4).enclosed(ring, np.arange(16))).tolist() == [6, 9, 10]
    ring[2] = False
    assert not neighbourhood(4).enclosed(ring, np.arange(16)).any(), "a gap in the ring leads out"


def test_nodata_is_no_enclosure() -> None:
    """An object that borders on nodata might go on there."""
    frame = shapely.box(0, 0, 30, 30).difference(shapely.box(10, 10, 20, 20))
    half = shapely.box(10, 10, 20, 15)
    geometries = np.array([frame, half], object)
    around = Neighbourhood(shared_borders(geometries, Progress()), geometries)
    assert around.enclosed(members(0, count=2), np.arange(2)).tolist() == [0, 0]
    assert around.relative_border(members(0, count=2), np.array([1])) == pytest.approx([20 / 30])


def test_distance() -> None:
    """From polygon to polygon in metres; touching at a corner is 0; a member's distance is that to another member."""
    feet = neighbourhood(unit=0.3)
    assert feet.distance(members(0), EVERY) == pytest.approx([np.nan, 0, 3, 0, 0, 3, 3, 3, 3 * np.sqrt(2)], nan_ok=True)
    assert feet.distance(members(0, 2), EVERY[:3]) == pytest.approx([3, 0, 3])
    assert np.isnan(feet.distance(members(), EVERY)).all()


def test_only_the_objects_asked_for() -> None:
    """Features come in the order of the objects that a pass looks at."""
    some = np.array([4, 0])
    for name in ("relative_border", "number_of_neighbours", "enclosed", "distance"):
        measure = getattr(neighbourhood(), name)
        assert measure(CROSS, some).tolist() == measure(CROSS, EVERY)[some].tolist()


def test_distances_can_be_stopped() -> None:
    """They are the one feature that takes seconds."""

    class Stopped(Progress):
        def cancelled(self) -> bool:
            return True

    with pytest.raises(Cancelled):
        neighbourhood(progress=Stopped()).distance(members(0), EVERY)
