"""Common borders of polygons, however their vertices lie."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from rock_glacier_mapper.core.objects import coverage
from rock_glacier_mapper.core.objects.coverage import shared_borders
from rock_glacier_mapper.core.objects.neighbour_features import BorderLengths, Borders
from rock_glacier_mapper.core.progress import Progress
from rock_glacier_mapper.core.rasters.grid import Grid
from rock_glacier_mapper.core.vectors.polygons import polygonize


class Warned(Progress):
    """Progress that keeps the warnings."""

    def __init__(self) -> None:
        self.warnings: list[str] = []

    def warn(self, message: str) -> None:
        self.warnings.append(message)


def pairs(geometries: list[shapely.Geometry], progress: Progress | None = None) -> dict[tuple[int, int], float]:
    """Return the border of each pair of objects, with its length."""
    borders = shared_borders(np.array(geometries, object), progress or Refusing())
    return listed(borders)


def listed(borders: Borders) -> dict[tuple[int, int], float]:
    ends = zip(borders.first.tolist(), borders.second.tolist(), strict=True)
    return dict(zip(ends, borders.length.round(6).tolist(), strict=True))


class Refusing(Progress):
    """Progress that expects no warning."""

    def warn(self, message: str) -> None:
        raise AssertionError(message)


def turned(geometry: shapely.Geometry) -> shapely.Geometry:
    """Turn by an angle whose sine is not exact, far from the origin."""
    cosine, sine = np.cos(0.3), np.sin(0.3)
    return shapely.transform(geometry, lambda xy: xy @ [[cosine, sine], [-sine, cosine]] + [4e5, 5e6])


def test_checkerboard() -> None:
    """Squares share sides; those that touch at a corner share nothing; what is around them is 0."""
    assert pairs([shapely.box(x, y, x + 1, y + 1) for y in (0, 1) for x in (0, 1)]) == {
        (0, 1): 2, (0, 2): 2, (0, 3): 2, (0, 4): 2, (1, 2): 1, (1, 3): 1, (2, 4): 1, (3, 4): 1,
    }  # fmt: skip


def test_hole_and_parts() -> None:
    """An object in another's hole borders on it alone; both parts of an object count; nodata in a hole is 0."""
    frame = shapely.box(0, 0, 5, 5).difference(shapely.box(1, 1, 2, 2)).difference(shapely.box(3, 3, 4, 4))
    parts = shapely.MultiPolygon([shapely.box(1, 1, 2, 2), shapely.box(5, 0, 6, 1)])
    assert pairs([frame, parts]) == {(0, 1): 23, (0, 2): 3, (1, 2): 5}


@pytest.mark.parametrize("moved", [lambda geometry: geometry, turned], ids=["upright", "turned"])
def test_missing_vertices(moved) -> None:
    """Where two neighbours meet on the long side of a third, most programs give that side no vertex."""
    wide = moved(shapely.box(0, 0, 4, 1))
    left, right = moved(shapely.box(0, 1, 1, 2)), moved(shapely.box(1, 1, 4, 2))
    assert pairs([wide, left, right]) == {(0, 1): 6, (0, 2): 2, (0, 3): 4, (1, 2): 1, (1, 3): 3, (2, 3): 1}


def test_raster_and_polygons_agree() -> None:
    """Borders from the polygons that Object features writes are those from the labels, to the last pixel."""
    labels = np.random.default_rng(0).integers(0, 9, (30, 40)).astype(np.uint32)
    grid = Grid(40, 30, (4e5, 10.0, 0.0, 5e6, 0.0, -20.0), "")
    geometries, values = polygonize(labels, grid)
    assert values.tolist() == list(range(1, 9))
    of_labels = BorderLengths(grid)
    of_labels.add(labels)
    assert listed(shared_borders(geometries, Refusing())) == listed(of_labels.finished())


def test_equal_keys_by_chance(monkeypatch: pytest.MonkeyPatch) -> None:
    """The numbers that edges are sorted by only save time: were they all equal, the result would be the same."""
    squares = [shapely.box(x, y, x + 1, y + 1) for y in range(3) for x in range(3)]
    expected = pairs(squares)
    monkeypatch.setattr(coverage, "_point_keys", lambda points: np.zeros(len(points), np.uint64))
    assert pairs(squares) == expected


BOX, NEXT = shapely.box(0, 0, 10, 10), shapely.box(10, 0, 20, 10)


@pytest.mark.parametrize(
    ("geometries", "expected"),
    [
        ([BOX, shapely.box(9, 0, 20, 10)], {(0, 1): 40, (0, 2): 42}),
        ([BOX, shapely.box(10.05, 0, 20, 10)], {(0, 1): 40, (0, 2): 39.9}),
        ([BOX, BOX], {(0, 1): 40, (0, 2): 40}),
        ([BOX, BOX, NEXT], None),
        ([BOX, NEXT, NEXT], None),
        ([NEXT, BOX, NEXT], None),
    ],
    ids=["overlap", "gap", "copy", "copy first", "copy last", "copies around"],
)
def test_no_coverage_is_told(geometries, expected) -> None:
    """Polygons that were simplified one by one overlap and leave gaps: their common borders cannot be measured."""
    progress = Warned()
    found = pairs(geometries, progress)
    assert len(progress.warnings) == 1 and "overlap others or leave narrow gaps" in progress.warnings[0]
    assert expected is None or found == expected


def test_clockwise_rings() -> None:
    """Other programs write rings in either direction, whichever way neighbours do it."""
    assert pairs([BOX.reverse(), NEXT]) == pairs([BOX, NEXT]) == {(0, 1): 30, (0, 2): 30, (1, 2): 10}


def test_distant_neighbours_are_no_gap() -> None:
    """Nodata of a pixel's width between objects is none of their faults."""
    assert pairs([shapely.box(0, 0, 9, 10), shapely.box(10, 0, 20, 10)]) == {(0, 1): 38, (0, 2): 40}


def test_no_objects() -> None:
    """An empty layer has no borders."""
    assert pairs([]) == {}
