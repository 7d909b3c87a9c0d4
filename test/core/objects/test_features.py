"""Statistics, shape and neighbours of objects on toy rasters whose answers can be worked out by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from rock_glacier_mapper.core.errors import InvalidCRSError
from rock_glacier_mapper.core.objects.features import OrderedValues
from rock_glacier_mapper.core.objects.neighbour_features import BorderLengths, Borders
from rock_glacier_mapper.core.rasters.grid import Grid
from rock_glacier_mapper.core.vectors.polygons import polygonize
from scipy import stats
from toy_objects import grid_of, measured, objects, random_objects


def statistics(labels: np.ndarray, values: np.ndarray, rows: int = 100) -> dict[str, np.ndarray]:
    """Measure one layer `v`."""
    return measured(labels, ("statistics", "quantiles"), {"v": values}, rows=rows)


def shape(labels: np.ndarray, grid: Grid | None = None, rows: int = 100) -> dict[str, np.ndarray]:
    return measured(labels, ("geometry",), grid=grid, rows=rows)


def borders_of(labels: np.ndarray, grid: Grid | None = None, rows: int = 100) -> Borders:
    borders = BorderLengths(grid or grid_of(labels))
    for start in range(0, len(labels), rows):
        borders.add(labels[start : start + rows])
    return borders.finished()


class TestLayerStatistics:
    def test_by_hand(self) -> None:
        """Two objects in a 3 x 3 raster, worked out by hand."""
        labels = objects("112", "122", "002")
        values = np.array([[1, 2, 10], [6, 20, 30], [99, 99, 40]], float)
        columns = statistics(labels, values)
        assert columns["v_mean"].tolist() == [3, 25]
        assert columns["v_min"].tolist() == [1, 10]
        assert columns["v_max"].tolist() == [6, 40]
        assert columns["v_std"] == pytest.approx([math.sqrt(14 / 3), math.sqrt(125)])
        assert columns["v_p50"].tolist() == [2, 25]
        assert columns["v_p10"] == pytest.approx([1.2, 13])
        assert columns["v_p90"] == pytest.approx([5.2, 37])

    def test_single_pixel(self) -> None:
        """An object of one pixel has no spread, and all its quantiles are its value."""
        columns = statistics(objects("12"), np.array([[-0.1, 5]]))
        value = float(np.float32(-0.1))
        assert columns["v_std"].tolist() == [0, 0]
        assert np.isnan(columns["v_skewness"]).all()
        assert [columns[f"v_{name}"][0] for name in ("mean", "min", "max", "p10", "p50", "p90")] == [value] * 6

    def test_nodata_inside(self) -> None:
        """Pixels without value are left out; an object without any has no statistics at all."""
        columns = statistics(objects("1112"), np.array([[1, np.nan, 3, np.nan]]))
        assert columns["v_mean"][0] == 2
        assert columns["v_p90"][0] == pytest.approx(2.8)
        assert all(np.isnan(column[1]) for column in columns.values())

    def test_nan_with_minus_sign(self) -> None:
        """Processors make NaN with the sign bit set, which must not sort below every number."""
        values = np.array([3.0, -np.nan, 1.0], np.float32)
        values[1:2].view(np.uint32)[0] = 0xFFC00000
        assert OrderedValues(values[np.newaxis]).percentile(50).tolist() == [2]

    def test_large_mean_small_spread(self) -> None:
        """Elevations of 5000 m that differ by millimetres: sums of squares would lose all digits."""
        values = np.array([[5000.0, 5000.0 + 2**-9, 5000.0, 5000.0 + 2**-9]])
        assert statistics(objects("1111"), values)["v_std"] == pytest.approx([2**-10], rel=1e-12)

    @pytest.mark.parametrize("seed", range(4))
    def test_against_loops(self, seed: int) -> None:
        """Every statistic is that of a plain loop over objects, with negative numbers and nodata."""
        labels = random_objects(seed)
        values = np.random.default_rng(seed).normal(0, 100, labels.shape).astype(np.float32)
        values[np.random.default_rng(seed + 9).random(labels.shape) < 0.3] = np.nan
        columns = statistics(labels, values, rows=7)
        for number in range(1, labels.max() + 1):
            found = {name: column[number - 1] for name, column in columns.items()}
            mine = values[labels == number].astype(float)
            mine = mine[~np.isnan(mine)]
            if len(mine) == 0:
                assert np.isnan(list(found.values())).all()
                continue
            expected = {"v_mean": mine.mean(), "v_std": mine.std(), "v_min": mine.min(), "v_max": mine.max()}
            expected["v_skewness"] = stats.skew(mine) if mine.std() > 0 else math.nan
            expected |= {f"v_p{p}": np.percentile(mine, p) for p in (10, 50, 90)}
            assert found == pytest.approx(expected, rel=1e-12, abs=1e-9, nan_ok=True)

    @pytest.mark.parametrize("rows", [1, 3, 19])
    def test_strips_change_nothing(self, rows: int) -> None:
        """Objects that reach over several strips get the same numbers to the last bit."""
        labels = random_objects(5)
        values = np.random.default_rng(5).random(labels.shape)
        whole, cut = statistics(labels, values), statistics(labels, values, rows)
        assert all(np.array_equal(whole[name], cut[name], equal_nan=True) for name in whole)


class TestHeatmap:
    def test_share_above(self) -> None:
        """Values from the threshold on count, whatever the rounding of a heatmap in steps of 0.004; gaps do not."""
        heatmap = np.array([[0.5, 125 * np.float32(0.004), 0.496, np.nan, np.nan]])
        found = measured(objects("11112"), ("heatmap",), {"heatmap": heatmap})
        assert found["heatmap_share_above"][0] == pytest.approx(2 / 3)
        assert np.isnan(found["heatmap_share_above"][1])
        assert measured(objects("11112"), ("heatmap",), {"heatmap": heatmap}, threshold=0.2)[
            "heatmap_share_above"
        ].tolist()[0] == pytest.approx(1)

    def test_contrast_at_the_border(self) -> None:
        """A bright object on a dark ground of no object, with a gap beside it that does not count."""
        labels = objects("000", "010", "000")
        heatmap = np.array([[0, 0.2, 0], [0.4, 0.9, np.nan], [0, 0.3, 0]])
        found = measured(labels, ("heatmap",), {"heatmap": heatmap})
        assert found["heatmap_border_contrast"] == pytest.approx([(0.7 + 0.5 + 0.6) / 3])

    def test_edges_of_pixels_that_are_not_square(self) -> None:
        """Pixels 10 m wide and 30 m high: the step to the side counts three times the step down."""
        labels = objects("10", "00")
        grid = grid_of(labels, (0.0, 10.0, 0.0, 0.0, 0.0, -30.0))
        found = measured(labels, ("heatmap",), {"heatmap": np.array([[1, 0.5], [0, 0]])}, grid)
        assert found["heatmap_border_contrast"] == pytest.approx([(30 * 0.5 + 10 * 1) / 40])


class TestShape:
    def test_rectangle(self) -> None:
        """A 4 x 2 rectangle of 10 m pixels: area, border and axes as drawn on paper."""
        found = {name: column[0] for name, column in shape(objects("000000", "011110", "011110", "000000")).items()}
        assert found == pytest.approx(
            {
                "area_m2": 800,
                "perimeter_m": 120,
                "length_m": 40,
                "width_m": 20,
                "elongation": 2,
                "asymmetry": 0.6,
                "main_direction_deg": 90,
                "compactness": 8 / (2 * math.pi * (16 + 4) / 12),
                "shape_index": 120 / (4 * math.sqrt(800)),
                "border_index": 1,
                "rectangularity": 1,
                "density": math.sqrt(8) / (1 + math.sqrt(1.25 + 0.25)),
            }
        )

    def test_single_pixel(self) -> None:
        """One pixel is a square: no direction, and no division by zero."""
        found = {name: column[0] for name, column in shape(objects("1")).items()}
        assert np.isnan(found.pop("main_direction_deg"))
        assert found == pytest.approx(
            {
                "area_m2": 100,
                "perimeter_m": 40,
                "length_m": 10,
                "width_m": 10,
                "elongation": 1,
                "asymmetry": 0,
                "compactness": 3 / math.pi,
                "shape_index": 1,
                "border_index": 1,
                "rectangularity": 1,
                "density": 1,
            }
        )

    def test_hole_counts_as_border(self) -> None:
        """A ring of 8 pixels has an outer border of 12 edges and an inner one of 4."""
        found = shape(objects("111", "101", "111"))
        assert found["perimeter_m"].tolist() == [160]
        assert found["rectangularity"] == pytest.approx([8 / 9])

    def test_l_shape(self) -> None:
        """An L of three pixels: its axis falls to the right, its rectangle is 1.5 by 1 diagonals of a pixel."""
        found = {name: column[0] for name, column in shape(objects("10", "11")).items()}
        diagonal = 10 * math.sqrt(2)
        assert found["main_direction_deg"] == pytest.approx(135)
        assert (found["length_m"], found["width_m"]) == pytest.approx((2 * diagonal, 1.5 * diagonal))
        assert found["rectangularity"] == pytest.approx(300 / (3 * diagonal**2))
        assert found["border_index"] == pytest.approx(80 / (2 * 3.5 * diagonal))
        assert found["density"] == pytest.approx(math.sqrt(3) / (1 + math.sqrt(4 / 9)))

    def test_line_at_45_degrees(self) -> None:
        """Four pixels corner to corner: four diagonals long, one wide, each pixel with its own border."""
        found = {name: column[0] for name, column in shape(np.eye(4, dtype=np.uint32)).items()}
        diagonal = 10 * math.sqrt(2)
        assert (found["length_m"], found["width_m"]) == pytest.approx((4 * diagonal, diagonal))
        assert found["border_index"] == pytest.approx(160 / (2 * 5 * diagonal))
        assert found["density"] == pytest.approx(2 / (1 + math.sqrt(2.5)))

    @pytest.mark.parametrize("rows", [1, 3, 19])
    def test_strips_change_nothing(self, rows: int) -> None:
        """Shapes of objects that reach over several strips are the same to the last bit."""
        labels = random_objects(6)
        whole, cut = shape(labels), shape(labels, rows=rows)
        assert all(np.array_equal(whole[name], cut[name], equal_nan=True) for name in whole)

    def test_far_from_the_origin(self) -> None:
        """A square whose columns are in the ten thousands has exactly equal variances, hence no direction."""
        labels = np.zeros((3, 60003), np.uint32)
        labels[:, 60000:] = 1
        found = shape(labels)
        assert found["asymmetry"].tolist() == [0]
        assert np.isnan(found["main_direction_deg"]).all()

    def test_disc_is_compact(self) -> None:
        """The compactness of a disc is 1 however its border is stepped, and its bounding square is 4 / pi as large."""
        column, row = np.meshgrid(np.arange(101) - 50, np.arange(101) - 50)
        found = shape((column**2 + row**2 <= 45.5**2).astype(np.uint32))
        assert found["compactness"] == pytest.approx([1], abs=1e-3)
        assert found["rectangularity"] == pytest.approx([math.pi / 4], abs=0.02)
        assert found["elongation"] == pytest.approx([1])

    @pytest.mark.parametrize(
        ("rows", "direction"),
        [
            (("111",), 90),
            (("1", "1", "1"), 0),
            (("001", "010", "100"), 45),
            (("100", "010", "001"), 135),
        ],
    )
    def test_main_direction(self, rows: tuple[str, ...], direction: float) -> None:
        """Clockwise from north: west-east is 90, south-north 0, rising to the right 45, falling to the right 135."""
        assert shape(objects(*rows))["main_direction_deg"] == pytest.approx([direction])

    def test_south_up(self) -> None:
        """Where the first row is the southernmost, what falls to the right in the array rises on the ground."""
        labels = objects("100", "010", "001")
        south_up = grid_of(labels, (500000.0, 10.0, 0.0, 6900000.0, 0.0, 10.0))
        assert shape(labels, south_up)["main_direction_deg"] == pytest.approx([45])

    def test_rotated_grid(self) -> None:
        """Rows that run 30 degrees north of east turn a horizontal bar to azimuth 60; its shape stays."""
        labels = objects("11111")
        angle = math.radians(30)
        across, down = (10 * math.cos(angle), 10 * math.sin(angle)), (10 * math.sin(angle), -10 * math.cos(angle))
        rotated = grid_of(labels, (500000.0, across[0], down[0], 6900000.0, across[1], down[1]))
        found = shape(labels, rotated)
        assert found.pop("main_direction_deg") == pytest.approx([60])
        straight = shape(labels)
        straight.pop("main_direction_deg")
        assert {name: column[0] for name, column in found.items()} == pytest.approx(
            {name: column[0] for name, column in straight.items()}
        )

    def test_pixels_that_are_not_square(self) -> None:
        """Pixels of 10 m x 30 m: three side by side are a square."""
        labels = objects("111")
        found = shape(labels, grid_of(labels, (500000.0, 10.0, 0.0, 6900000.0, 0.0, -30.0)))
        assert found["area_m2"].tolist() == [900]
        assert found["perimeter_m"].tolist() == [120]
        assert found["elongation"] == pytest.approx([1])
        assert np.isnan(found["main_direction_deg"][0])

    def test_feet(self) -> None:
        """A system in feet gives metres all the same."""
        labels = objects("11")
        found = shape(labels, grid_of(labels, (0.0, 10.0, 0.0, 0.0, 0.0, -10.0), epsg=2225))
        foot = 1200 / 3937
        assert found["area_m2"] == pytest.approx([200 * foot**2])
        assert found["perimeter_m"] == pytest.approx([60 * foot])
        assert found["rectangularity"] == pytest.approx([1])

    def test_degrees_are_refused(self) -> None:
        """Degrees are never taken for metres."""
        labels = objects("11")
        with pytest.raises(InvalidCRSError, match="degrees"):
            shape(labels, grid_of(labels, (-70.0, 1e-4, 0.0, -28.0, 0.0, -1e-4), epsg=4326))

    @pytest.mark.parametrize("seed", range(3))
    def test_against_loops(self, seed: int) -> None:
        """Moments, extents and borders are those of a plain loop over pixels and of the polygons."""
        labels = random_objects(seed)
        grid = grid_of(labels)
        found = shape(labels, grid)
        polygons, _ = polygonize(labels, grid)
        assert found["area_m2"] == pytest.approx(shapely.area(polygons))
        assert found["perimeter_m"] == pytest.approx(shapely.length(polygons))
        for number in range(1, labels.max() + 1):
            row, column = np.nonzero(labels == number)
            x, y = 10.0 * column, -10.0 * row
            covariance = np.cov([x, y], bias=True) + np.eye(2) * 100 / 12
            (minor, major), vectors = np.linalg.eigh(covariance)
            mine = {name: values[number - 1] for name, values in found.items()}
            assert mine["elongation"] == pytest.approx(math.sqrt(major / minor))
            assert mine["asymmetry"] == pytest.approx((major - minor) / (major + minor), abs=1e-9)
            if major - minor > 1e-6:
                azimuth = math.degrees(math.atan2(vectors[0, 1], vectors[1, 1])) % 180
                apart = abs(mine["main_direction_deg"] - azimuth)
                assert min(apart, 180 - apart) == pytest.approx(0, abs=1e-6)
                corners = shapely.get_coordinates(polygons[number - 1]) @ vectors
                enclosing = np.prod(np.ptp(corners, axis=0))
                assert mine["rectangularity"] == pytest.approx(mine["area_m2"] / enclosing)


class TestNeighbours:
    def test_borders_by_hand(self) -> None:
        """Border lengths of three objects and the outside, counted edge by edge."""
        labels = objects("112", "130")
        borders = borders_of(labels)
        pairs = zip(borders.first.tolist(), borders.second.tolist(), strict=True)
        found = dict(zip(pairs, borders.length.tolist(), strict=True))
        assert found == {(0, 1): 50, (0, 2): 30, (0, 3): 20, (1, 2): 10, (1, 3): 20}
        assert borders.perimeters(3).tolist() == [80, 40, 40]
        assert borders.neighbour_counts(3).tolist() == [2, 1, 1]

    def test_corners_do_not_touch(self) -> None:
        """Objects that meet at a corner only are no neighbours, and neither is nodata."""
        labels = objects("10", "02")
        borders = borders_of(labels)
        assert borders.neighbour_counts(2).tolist() == [0, 0]
        assert np.isnan(borders.contrasts(np.array([1.0, 2.0]))).all()

    def test_edges_of_pixels_that_are_not_square(self) -> None:
        """Pixels 10 m wide and 30 m high: neighbours in a row share 30 m, those in a column 10 m."""
        labels = objects("12", "33")
        borders = borders_of(labels, grid_of(labels, (0.0, 10.0, 0.0, 0.0, 0.0, -30.0)))
        inner = borders.first > 0
        assert borders.length[inner].tolist() == [30, 10, 10]

    def test_contrast_by_hand(self) -> None:
        """Object 1 touches 2 along one edge and 3 along two: (1 x (4 - 1) + 2 x (4 - 10)) / 3 = -3."""
        labels = objects("112", "130")
        borders = borders_of(labels)
        assert borders.contrasts(np.array([4.0, 1.0, 10.0])).tolist() == [-3, -3, 6]

    def test_contrast_without_values(self) -> None:
        """A neighbour without a value does not count; an object without one, or alone with such, has no contrast."""
        labels = objects("112", "130")
        borders = borders_of(labels)
        contrasts = borders.contrasts(np.array([4.0, np.nan, 10.0]))
        assert contrasts[[0, 2]].tolist() == [-6, 6]
        assert np.isnan(contrasts[1])

    @pytest.mark.parametrize("seed", range(3))
    def test_against_loops(self, seed: int) -> None:
        """Neighbours and contrasts are those of a plain loop over pixel edges."""
        labels = random_objects(seed)
        count = int(labels.max())
        shared = np.zeros((count + 1, count + 1))
        for one, other in (
            *zip(labels[:, 1:].flat, labels[:, :-1].flat, strict=True),
            *zip(labels[1:].flat, labels[:-1].flat, strict=True),
        ):
            if one != other:
                shared[one, other] += 10
                shared[other, one] += 10
        shared = shared[1:, 1:]
        means = np.random.default_rng(seed).normal(size=count)
        borders = borders_of(labels)
        assert borders.neighbour_counts(count).tolist() == (shared > 0).sum(axis=1).tolist()
        expected = (shared * (means[:, None] - means)).sum(axis=1) / shared.sum(axis=1)
        assert borders.contrasts(means) == pytest.approx(expected)

    def test_strips(self) -> None:
        """Borders across the cuts are counted once."""
        labels = np.repeat(np.arange(1, 601, dtype=np.uint32), 2).reshape(-1, 1)
        borders = borders_of(labels, rows=7)
        inner = borders.first > 0
        assert borders.length[inner].tolist() == [10] * 599
        assert borders.perimeters(600).tolist() == [60] * 600
