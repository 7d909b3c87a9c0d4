"""Drawing sample points, and estimating from them once they are checked."""

from __future__ import annotations

import doctest
from pathlib import Path

import numpy as np
import pytest
import shapely
from osgeo import ogr, osr
from rock_glacier_mapper.core.assessment import areaadjusted, samplepoints
from rock_glacier_mapper.core.assessment.areaadjusted import Sample, adjusted_estimates
from rock_glacier_mapper.core.assessment.checkedpoints import assess_points
from rock_glacier_mapper.core.contracts.samplepoints import SamplePointsOptions
from rock_glacier_mapper.core.errors import InvalidOptionError, InvalidVectorError, MapperError, OutputError
from rock_glacier_mapper.core.progress import Progress
from rock_glacier_mapper.core.vectors.pointlayer import read_points
from rock_glacier_mapper.core.vectors.vector import VectorLayer, write_layers

COLUMNS = ("point_id", "is_rock_glacier", "stratum", "stratum_area_m2", "seed")


def utm() -> str:
    reference = osr.SpatialReference()
    reference.ImportFromEPSG(32719)
    return reference.ExportToWkt()


class Case:
    """A map of one square of 100 x 100 m in an area of 1 x 1 km."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.mapped = self.layer("mapped.gpkg", [shapely.box(400, 400, 500, 500)])
        self.area = self.layer("area.gpkg", [shapely.box(0, 0, 1000, 1000)])
        self.points = str(folder / "points.gpkg")

    def layer(self, name: str, geometries) -> str:
        write_layers(str(self.folder / name), {"a": VectorLayer(np.array(geometries, dtype=object), {}, utm())})
        return str(self.folder / name)

    def draw(self, **options):
        given = {"mapped": self.mapped, "area": self.area, "output": self.points, "buffer": 50.0} | options
        return samplepoints.run(SamplePointsOptions(**given), Progress())

    def answer(self, answers) -> None:
        """Fill the field as a person would, by a function of the place."""
        dataset = ogr.Open(self.points, 1)
        for feature in (layer := dataset.GetLayer(0)):
            answer = answers(feature.GetGeometryRef().GetX(), feature.GetGeometryRef().GetY())
            if answer is not None:
                feature.SetField("is_rock_glacier", int(answer))
                layer.SetFeature(feature)

    def assess(self, mapped=None, area=()):
        geometries = [shapely.box(400, 400, 500, 500)] if mapped is None else mapped
        return assess_points(self.points, np.array(geometries, dtype=object), np.array(area, dtype=object), utm())


@pytest.fixture
def case(tmp_path) -> Case:
    return Case(tmp_path)


def test_answers_are_not_drawn_over(case):
    """Points that someone has checked are hours of work."""
    case.draw(count=60)
    case.draw(count=60)
    case.answer(lambda x, y: 1 if x > 500 else None)
    content = Path(case.points).read_bytes()
    with pytest.raises(OutputError, match="a person has filled `is_rock_glacier`; they would be lost"):
        case.draw(count=60)
    assert Path(case.points).read_bytes() == content


def test_the_seed_is_kept_whole(case):
    """Whoever repeats the draw takes it from the layer."""
    case.draw(count=60, seed=2**31 - 1)
    assert set(read_points(case.points, utm(), COLUMNS).columns["seed"]) == {2**31 - 1}


def test_an_area_without_points_has_no_estimate(case):
    """Nothing is known there; 0 would be an answer."""
    case.draw(count=60)
    case.answer(lambda x, y: 0)
    found = case.assess(area=[shapely.box(5000, 5000, 5100, 5100)])
    assert np.isnan(found.estimates.area.value)


def test_points_lie_in_their_strata(case):
    """Each stratum's points lie in it, its area is exact, and the answers are empty."""
    result = case.draw(count=120, min_points=30)
    layer = read_points(case.points, utm(), COLUMNS)
    counts = {name: int(np.sum(layer.columns["stratum"] == name)) for name in ("mapped", "buffer", "elsewhere")}
    assert (result.mapped_count, result.buffer_count, result.elsewhere_count) == tuple(counts.values())
    assert min(counts.values()) >= 30 and sum(counts.values()) == 120
    distance = shapely.distance(shapely.points(layer.coordinates), shapely.box(400, 400, 500, 500))
    zones = np.where(distance == 0, "mapped", np.where(distance <= 50, "buffer", "elsewhere"))
    assert zones.tolist() == layer.columns["stratum"].tolist()
    areas = dict(zip(layer.columns["stratum"], layer.columns["stratum_area_m2"], strict=True))
    # 10 000 m2; a belt of 50 m around it with round corners of many sides; the rest of 1 km2.
    assert areas["mapped"] == 10_000
    assert areas["buffer"] == pytest.approx(20_000 + np.pi * 2500, rel=0.01)
    assert sum(areas.values()) == pytest.approx(1e6)
    assert np.isnan(layer.columns["is_rock_glacier"]).all()
    # A person must not tell the stratum by the order.
    assert len(set(layer.columns["stratum"][:20])) > 1


def test_same_seed_same_points(case):
    """The seed makes the sample, and is in it."""
    drawn = []
    for seed in (4, 4, 5):
        case.draw(count=30, seed=seed)
        layer = read_points(case.points, utm(), COLUMNS)
        drawn.append(layer.coordinates.tolist())
        assert set(layer.columns["seed"]) == {seed}
    assert drawn[0] == drawn[1] != drawn[2]


@pytest.mark.parametrize(
    ("allocation", "expected"), [("equal", [20, 20, 20]), ("balanced", [11, 14, 35]), ("proportional", [2, 8, 50])]
)
def test_allocations(allocation, expected):
    """60 points in areas of 4, 16 and 100: equal; by area; 10 each and 30 by area."""
    options = SamplePointsOptions(mapped="m", output="o", count=60, allocation=allocation, min_points=10)
    counts = samplepoints.allocated([4.0, 16.0, 100.0], options)
    assert sum(counts) == 60
    assert counts == pytest.approx(expected, abs=1)


def test_too_few_points_for_a_stratum(case):
    """A stratum of one point has no variance."""
    with pytest.raises(InvalidOptionError, match="leaves a stratum with 0"):
        case.draw(count=20, allocation="proportional")


def test_points_are_even(case):
    """In a concave outline with a hole, thirds of the area get thirds of the points."""
    outline = shapely.box(0, 0, 300, 100).difference(shapely.box(40, 40, 60, 60))
    found = samplepoints.random_points(np.array([outline]), 9000, np.random.default_rng(0))
    assert shapely.covers(outline, shapely.points(found)).all()
    share = np.bincount((found[:, 0] // 100).astype(int), minlength=3) / 9000
    assert share == pytest.approx([9600 / 29_600, 10_000 / 29_600, 10_000 / 29_600], abs=0.015)


def test_without_area_and_without_overlap(case):
    """Without an area the rectangle around the outlines is taken; an area elsewhere is a mistake."""
    assert case.draw(area="", count=30, min_points=5).points_count == 30
    with pytest.raises(InvalidVectorError, match="overlap"):
        case.draw(area=case.layer("far.gpkg", [shapely.box(9000, 0, 9100, 100)]))
    with pytest.raises(InvalidVectorError, match="no polygons"):
        case.draw(mapped=case.layer("none.gpkg", []), area="")


def test_published_example():
    """The docstring holds the figures of Olofsson et al. (2014)."""
    results = doctest.testmod(areaadjusted)
    assert results.attempted > 0
    assert results.failed == 0


def test_two_strata_by_hand():
    """Ten points each in 1 and 9 km2, 8 and 1 rock glaciers: user's 0.8, area 0.8 + 0.9 = 1.7, producer's 0.8 / 1.7."""
    strata = np.repeat([0, 1], 10)
    reference = np.concatenate([np.arange(10) < 8, np.arange(10) < 1])
    found = adjusted_estimates(Sample(strata, np.array([1.0, 9.0]), strata == 0, reference, np.ones(20, bool)))
    assert found.users_accuracy == pytest.approx((0.8, np.sqrt(0.8 * 0.2 / 9)))
    assert found.area == pytest.approx((1.7, np.sqrt(0.16 / 9 + 81 * 0.09 / 9)))
    assert found.producers_accuracy.value == pytest.approx(0.8 / 1.7)
    assert found.overall_accuracy.value == pytest.approx(0.08 + 0.81 + 0.0)
    assert found.matrix == pytest.approx((0.08, 0.02, 0.09, 0.81))
    assert found.mapped_area == pytest.approx((1.0, 0.0))


def test_a_part_of_the_sampled_area_is_a_domain():
    """Half of the mapped points inside the area: its mapped area is half, with an error; the rest is of those."""
    strata = np.repeat([0, 1], 10)
    reference, inside = strata == 0, np.tile([True, False], 10)
    found = adjusted_estimates(Sample(strata, np.array([1.0, 9.0]), strata == 0, reference, inside))
    assert found.mapped_area == pytest.approx((0.5, np.sqrt(0.25 * 10 / 9 / 10)))
    assert found.users_accuracy.value == found.producers_accuracy.value == 1


def test_checked_points_estimate_the_true_area(case):
    """The truth is 100 m wide and 150 high, of which 100 are mapped: 15 000 m2 lie in the interval."""
    case.draw(count=600, min_points=200, seed=1)
    case.answer(lambda x, y: 400 <= x <= 500 and 400 <= y <= 550)
    found = case.assess()
    low, high = found.estimates.area.interval
    assert low < 15_000 < high and high - low < 8000
    assert found.estimates.users_accuracy.value == 1
    assert found.estimates.producers_accuracy.value == pytest.approx(2 / 3, abs=0.15)
    assert (found.checked, found.unchecked) == (600, 0)


def test_one_sample_serves_another_map(case):
    """Whether a point is mapped is asked of the map at hand: a map of nothing has a producer's accuracy of 0."""
    case.draw(count=60, min_points=20)
    case.answer(lambda x, y: 400 <= x <= 500 and 400 <= y <= 500)
    found = case.assess(mapped=[shapely.box(0, 0, 1, 1)])
    assert found.estimates.producers_accuracy.value == 0
    assert np.isnan(found.estimates.users_accuracy.value)


def test_points_without_answer_are_left_out(case):
    """A checked half gives an estimate; nothing checked gives a sentence."""
    case.draw(count=60, min_points=20)
    with pytest.raises(InvalidVectorError, match="are not checked"):
        case.assess()
    case.answer(lambda x, y: None if x > 450 else x >= 400)
    found = case.assess(area=[shapely.box(0, 0, 450, 1000)])
    assert found.unchecked > 0 and found.checked == found.inside
    assert found.checked + found.unchecked == 60


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [("is_rock_glacier", 7, "holds 7"), ("stratum_area_m2", 5, "one area above zero"), ("stratum", None, "")],
)
def test_what_a_person_may_have_done_to_the_points(case, column, value, message):
    """A wrong answer and a changed area are told; a layer of polygons or without the columns is none."""
    case.draw(count=60, min_points=20)
    case.answer(lambda *_: 0)
    dataset = ogr.Open(case.points, 1)
    layer = dataset.GetLayer(0)
    if value is None:
        layer.DeleteField(layer.GetLayerDefn().GetFieldIndex(column))
        message = "no column stratum"
    else:
        feature = layer.GetFeature(1)
        feature.SetField(column, value)
        layer.SetFeature(feature)
        del feature
    del layer, dataset
    with pytest.raises(InvalidVectorError, match=message):
        case.assess()
    case.points = case.mapped
    with pytest.raises(MapperError):
        case.assess()
