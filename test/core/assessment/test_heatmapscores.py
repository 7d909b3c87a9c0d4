"""Scores of a heatmap, on rasters of a few pixels."""

from __future__ import annotations

import doctest
import math

import numpy as np
import pytest
import shapely
from osgeo import osr
from rock_glacier_mapper.core.assessment import heatmapscores as module
from rock_glacier_mapper.core.assessment.heatmapscores import (
    LevelCounts,
    average_precision,
    best_threshold,
    brier_score,
    calibration_error,
    counted_heatmap,
    precision_recall,
    reliability,
)
from rock_glacier_mapper.core.errors import InvalidCRSError, InvalidRasterError
from rock_glacier_mapper.core.progress import Progress
from rock_glacier_mapper.core.rasters.raster import Band, Grid, RasterWriter
from rock_glacier_mapper.core.vectors.vector import VectorLayer, write_layers


def wkt(code: int) -> str:
    reference = osr.SpatialReference()
    reference.ImportFromEPSG(code)
    return reference.ExportToWkt()


UTM = wkt(32719)


def heatmap_average_precision(*given) -> float:
    return average_precision(*counted_heatmap(*given))


@pytest.fixture
def scene(tmp_path):
    """Return a function that writes a heatmap of 10 m pixels from (0, 0) down, and outlines."""

    def write(values, outlines, band=Band("heatmap", "uint8", 255, 0.004), crs=UTM):  # noqa: B008
        values = np.asarray(values, dtype=np.float32)
        grid = Grid(values.shape[1], values.shape[0], (0.0, 10.0, 0.0, 0.0, 0.0, -10.0), crs)
        with RasterWriter(str(tmp_path / "heatmap.tif"), grid, [band]) as raster:
            raster.write(grid.whole, values[None])
        write_layers(str(tmp_path / "reference.gpkg"), {"a": VectorLayer(np.array(outlines, dtype=object), {}, UTM)})
        return str(tmp_path / "heatmap.tif"), str(tmp_path / "reference.gpkg")

    return write


def test_example_in_the_documentation():
    """The number in the docstring is true."""
    results = doctest.testmod(module)
    assert results.attempted > 0
    assert results.failed == 0


def test_ranks_by_hand():
    """Pixels in order of value: reference, other, reference. (1/1 + 2/3) / 2 = 5/6."""
    assert average_precision(np.array([1, 0, 1]), np.array([0, 1, 0])) == pytest.approx(5 / 6)


def test_ties_share_a_threshold():
    """When all pixels have one value, the precision is the share of the reference."""
    assert average_precision(np.array([0, 3]), np.array([0, 9])) == pytest.approx(0.25)


def test_no_pixel_of_the_reference():
    """Without positives there is no recall."""
    assert math.isnan(average_precision(np.array([0, 0]), np.array([3, 1])))


@pytest.mark.parametrize("band", [Band("heatmap", "uint8", 255, 0.004), Band("heatmap", "float32", -9999.0)])
def test_heatmap_in_both_types(scene, band):
    """Order 0.9 reference, 0.8 other, 0.5 reference, 0.1 other, and a nodata pixel of the reference that counts not."""
    heatmap, reference = scene(
        [[0.9, 0.8, 0.5, 0.1, np.nan]],
        [shapely.box(0, -10, 10, 0), shapely.box(20, -10, 30, 0), shapely.box(40, -10, 50, 0)],
        band,
    )
    assert heatmap_average_precision(heatmap, reference, "", Progress()) == pytest.approx(5 / 6)


def test_area_limits_the_pixels(scene, tmp_path):
    """With the best false pixel outside the area, the ranking is perfect."""
    heatmap, reference = scene([[0.9, 0.8, 0.5, 0.1]], [shapely.box(10, -10, 20, 0)])
    area = str(tmp_path / "area.gpkg")
    write_layers(area, {"a": VectorLayer(np.array([shapely.box(10, -10, 40, 0)], dtype=object), {}, UTM)})
    assert heatmap_average_precision(heatmap, reference, "", Progress()) == pytest.approx(0.5)
    assert heatmap_average_precision(heatmap, reference, area, Progress()) == pytest.approx(1.0)


def test_strips_do_not_change_the_answer(scene, monkeypatch):
    """A raster read a row at a time gives the same figure."""
    values = np.random.default_rng(5).random((40, 7))
    heatmap, reference = scene(values, [shapely.box(12, -333, 47, -41)])
    whole = heatmap_average_precision(heatmap, reference, "", Progress())
    monkeypatch.setattr(module, "_BYTES_PER_PIXEL", 2**40)
    assert heatmap_average_precision(heatmap, reference, "", Progress()) == whole


def test_raster_that_is_no_heatmap(scene):
    """Elevations are refused with the range that was found."""
    heatmap, reference = scene([[4000, 4100]], [shapely.box(0, -10, 10, 0)], Band("elevation", "float32", -9999.0))
    with pytest.raises(InvalidRasterError, match="4000 to 4100"):
        heatmap_average_precision(heatmap, reference, "", Progress())


def test_heatmap_without_reference_system(scene):
    """Outlines cannot be laid over a raster that lies nowhere."""
    heatmap, reference = scene([[0.5]], [shapely.box(0, -10, 10, 0)], crs="")
    with pytest.raises(InvalidCRSError, match="no coordinate reference system"):
        heatmap_average_precision(heatmap, reference, "", Progress())


def counts(positives, negatives) -> LevelCounts:
    return LevelCounts(np.array(positives), np.array(negatives))


def test_precision_and_recall_by_hand():
    """Values 1 (one right), 0.5 (one right, one wrong) and 0 (two wrong): three thresholds; the last maps all."""
    found = precision_recall(counts([0, 1, 1], [2, 1, 0]))
    assert [tuple(point) for point in found] == [
        (1.0, 1.0, 0.5),
        (0.5, pytest.approx(2 / 3), 1.0),
        (0.0, pytest.approx(2 / 5), 1.0),
    ]
    best = best_threshold(counts([0, 1, 1], [2, 1, 0]))
    assert (best.threshold, best.f1) == (0.5, pytest.approx(0.8))


def test_scores_of_random_values_by_their_definitions():
    """Average precision, Brier score and reliability of 3000 pixels equal the sums over pixels, one by one."""
    generator = np.random.default_rng(11)
    level = generator.integers(0, 251, 3000)
    truth = generator.random(3000) < level / 400
    value = level / 250
    found = counts(*(np.bincount(level[chosen], minlength=251) for chosen in (truth, ~truth)))
    assert brier_score(found) == pytest.approx(np.mean((value - truth) ** 2))
    thresholds = np.unique(value)[::-1]
    mapped = value >= thresholds[:, np.newaxis]
    recall, precision = (mapped & truth).sum(1) / truth.sum(), (mapped & truth).sum(1) / mapped.sum(1)
    assert average_precision(*found) == pytest.approx(np.sum(np.diff(recall, prepend=0) * precision))
    f1 = 2 * recall * precision / (recall + precision)
    assert best_threshold(found).f1 == pytest.approx(np.nanmax(f1))
    number = np.minimum((value * 10).astype(int), 9)
    for item in reliability(found):
        chosen = number == round(item.low * 10)
        assert (item.pixels, item.mean) == (chosen.sum(), pytest.approx(value[chosen].mean()))
        assert item.observed == pytest.approx(truth[chosen].mean())
    assert calibration_error(found) == pytest.approx(
        sum(np.mean(number == n) * abs(value[number == n].mean() - truth[number == n].mean()) for n in range(10))
    )


def test_scores_as_scikit_learn_has_them():
    """The same figures by a library that many know."""
    metrics = pytest.importorskip("sklearn.metrics")
    generator = np.random.default_rng(12)
    level = generator.integers(0, 251, 2000)
    truth = generator.random(2000) < level / 300
    found = counts(*(np.bincount(level[chosen], minlength=251) for chosen in (truth, ~truth)))
    assert average_precision(*found) == pytest.approx(metrics.average_precision_score(truth, level / 250))
    assert brier_score(found) == pytest.approx(metrics.brier_score_loss(truth, level / 250))
    precision, recall, _ = metrics.precision_recall_curve(truth, level / 250)
    known = set(zip(precision.round(9), recall.round(9), strict=True))
    assert {(round(point.precision, 9), round(point.recall, 9)) for point in precision_recall(found)} <= known


def test_curve_of_a_heatmap_without_truth():
    """Without pixels of the reference there is no curve and no best threshold; without pixels there is no score."""
    assert precision_recall(counts([0, 0], [3, 1])) == []
    assert best_threshold(counts([0, 0], [3, 1])) is None
    assert math.isnan(brier_score(counts([0, 0], [0, 0])))
    assert math.isnan(calibration_error(counts([0, 0], [0, 0])))
