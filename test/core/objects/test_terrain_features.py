"""How toy objects lie on planes and steps whose slope and direction are known."""

from __future__ import annotations

import math

import numpy as np
import pytest
from rock_glacier_mapper.core.rasters.grid import Grid
from toy_objects import grid_of, measured, objects, random_objects

RISE = 5.0
SLOPE = math.degrees(math.atan(0.5))
ROTATED = (500000.0, 8.66025404, 5.0, 6900000.0, 5.0, -8.66025404)


def terrain(
    labels: np.ndarray, elevation: np.ndarray, grid: Grid | None = None, rows: int = 100
) -> dict[str, np.ndarray]:
    return measured(labels, ("terrain",), {"elevation": elevation}, grid, rows)


def plane(grid: Grid, east: float, north: float) -> np.ndarray:
    """Return elevations at the pixels' centres of a plane with a gradient in metres per map unit."""
    column, row = np.meshgrid(np.arange(grid.width) + 0.5, np.arange(grid.height) + 0.5)
    x, y = grid.coordinates(column, row)
    return 1000 + east * (x - x[0, 0]) + north * (y - y[0, 0])


def southward(labels: np.ndarray) -> np.ndarray:
    """Return elevations that fall by 5 m from each row of 10 m to the next."""
    return 1000 - RISE * np.arange(len(labels))[:, np.newaxis] * np.ones(labels.shape)


def test_a_tongue_down_the_slope() -> None:
    """Four rows by two columns, falling southward by 5 m a row: worked out by hand."""
    labels = objects("11", "11", "11", "11")
    found = {name: column[0] for name, column in terrain(labels, southward(labels)).items()}
    assert np.isnan(found.pop("above_lower_neighbours_m"))
    assert np.isnan(found.pop("above_lowest_neighbour_m"))
    assert np.isnan(found.pop("elevation_border_contrast"))
    assert found == pytest.approx(
        {
            "relief_m": 15,
            "hypsometric_integral": 0.5,
            "head_to_toe_drop_m": 15,
            "plane_slope_deg": SLOPE,
            "downslope_direction_deg": 180,
            "main_axis_slope_deg": SLOPE,
            "axis_to_downslope_deg": 0,
            "flow_length_m": 40,
            "flow_width_m": 20,
            "flow_elongation": 2,
            # Its mean lies half way between the lowest and the highest ground.
            "relative_elevation": 0.5,
        }
    )


def test_a_band_along_the_contours() -> None:
    """The same slope under two rows by four columns: wider than long, and level along its axis."""
    labels = objects("1111", "1111")
    found = terrain(labels, southward(labels))
    assert found["axis_to_downslope_deg"] == pytest.approx([90])
    assert found["main_axis_slope_deg"] == pytest.approx([0], abs=1e-9)
    assert found["flow_elongation"] == pytest.approx([0.5])


@pytest.mark.parametrize(
    "geotransform",
    [
        (500000.0, 10.0, 0.0, 6900000.0, 0.0, -10.0),
        (500000.0, 10.0, 0.0, 6900000.0, 0.0, 10.0),
        (500000.0, 10.0, 0.0, 6900000.0, 0.0, -30.0),
        ROTATED,
    ],
    ids=["north up", "south up", "tall pixels", "rotated"],
)
@pytest.mark.parametrize(("east", "north", "direction"), [(-0.5, 0, 90), (0, 0.5, 180), (0.3, 0.4, 216.8698976)])
def test_the_plane_is_that_of_the_ground(
    geotransform: tuple[float, ...], east: float, north: float, direction: float
) -> None:
    """However the grid lies, the gradient is in map directions: falling east is 90, south 180, south-west 217."""
    labels = objects("110", "111", "011")
    grid = grid_of(labels, geotransform)
    found = terrain(labels, plane(grid, east, north), grid)
    assert found["plane_slope_deg"] == pytest.approx([SLOPE], abs=1e-3)
    assert found["downslope_direction_deg"] == pytest.approx([direction], abs=1e-2)


def test_rotated_tongue() -> None:
    """A bar along rows that run 30 degrees north of east, on ground that falls along it: long down the slope."""
    labels = objects("11111")
    labels = np.vstack([labels, labels])
    grid = grid_of(labels, ROTATED)
    found = terrain(labels, plane(grid, -0.4330127, -0.25), grid)
    assert found["axis_to_downslope_deg"] == pytest.approx([0], abs=0.02)
    assert found["flow_length_m"] == pytest.approx([50], rel=1e-3)
    assert found["flow_width_m"] == pytest.approx([20], rel=1e-3)


def test_feet_and_metres() -> None:
    """Elevations are in metres where the map counts in feet."""
    labels = objects("11", "11")
    grid = grid_of(labels, (0.0, 10.0, 0.0, 0.0, 0.0, -10.0), epsg=2225)
    found = terrain(labels, southward(labels), grid)
    foot = 1200 / 3937
    assert found["plane_slope_deg"] == pytest.approx([math.degrees(math.atan(0.5 / foot))])
    assert found["flow_length_m"] == pytest.approx([20 * foot])


def test_nodata_inside() -> None:
    """A gap does not tilt the plane, nor shorten the object; an object of gaps has no terrain."""
    labels = objects("11", "11", "11", "22")
    elevation = southward(labels)
    elevation[1, 0] = np.nan
    elevation[3] = np.nan
    found = terrain(labels, elevation)
    assert found["plane_slope_deg"][0] == pytest.approx(SLOPE)
    assert found["flow_length_m"][0] == pytest.approx(30)
    assert np.isnan([column[1] for column in found.values()]).all()


@pytest.mark.parametrize("rows", [("1",), ("111",), ("100", "010", "001")], ids=["pixel", "row", "diagonal"])
def test_pixels_on_one_line_fit_no_plane(rows: tuple[str, ...]) -> None:
    """Across the line the ground may fall anyhow, so there is no direction; the relief is known all the same."""
    labels = objects(*rows)
    found = terrain(labels, np.arange(labels.size, dtype=float).reshape(labels.shape))
    assert np.isnan([found[name][0] for name in ("plane_slope_deg", "downslope_direction_deg", "flow_length_m")]).all()
    assert found["relief_m"][0] == np.flatnonzero(labels.ravel())[-1]


def test_flat_ground() -> None:
    """A lake has the slope 0, no direction, and no hypsometric integral."""
    found = terrain(objects("11", "11"), np.full((2, 2), 700.1))
    assert found["plane_slope_deg"].tolist() == found["relief_m"].tolist() == [0]
    assert np.isnan([found["downslope_direction_deg"][0], found["hypsometric_integral"][0]]).all()


def test_far_from_the_origin() -> None:
    """Rows and columns in the tens of thousands must not cost digits: the same object, far down, is the same."""
    near = objects("1100", "0110")
    far = np.zeros((1, 40004), np.uint32).repeat(2, axis=0)
    far[:, 40000:] = near
    found = {"near": near, "far": far}
    elevations = {name: plane(grid_of(labels), 0.25, -0.5) for name, labels in found.items()}
    columns = {name: terrain(labels, elevations[name]) for name, labels in found.items()}
    assert columns["far"]["plane_slope_deg"] == pytest.approx(columns["near"]["plane_slope_deg"], abs=1e-3)


@pytest.mark.parametrize("seed", range(3))
def test_against_least_squares(seed: int) -> None:
    """Gradients are those of a plain least-squares solver, object by object, whatever the strips."""
    labels = random_objects(seed)
    elevation = np.random.default_rng(seed).normal(3000, 20, labels.shape).astype(np.float32)
    elevation[np.random.default_rng(seed + 7).random(labels.shape) < 0.2] = np.nan
    found = terrain(labels, elevation)
    for number in range(1, labels.max() + 1):
        row, column = np.nonzero((labels == number) & ~np.isnan(elevation))
        design = np.column_stack([10.0 * column, -10.0 * row, np.ones(len(row))])
        if np.linalg.matrix_rank(design - design.mean(axis=0)) < 2:
            assert np.isnan(found["plane_slope_deg"][number - 1])
            continue
        east, north, _ = np.linalg.lstsq(design, elevation[row, column].astype(float), rcond=None)[0]
        assert found["plane_slope_deg"][number - 1] == pytest.approx(math.degrees(math.atan(math.hypot(east, north))))
        direction = math.degrees(math.atan2(-east, -north)) % 360
        assert found["downslope_direction_deg"][number - 1] == pytest.approx(direction, abs=1e-6)
    cut = terrain(labels, elevation, rows=3)
    assert all(np.allclose(found[name], cut[name], rtol=1e-12, atol=0, equal_nan=True) for name in found)


def test_height_among_neighbours() -> None:
    """Object 1 at 100 m touches 2 (70 m) along one edge, 3 (40 m) along two: (1 x 30 + 2 x 60) / 3 = 50 m above."""
    labels = objects("112", "130")
    elevation = np.array([[100, 100, 70], [100, 40, 0]], float)
    found = terrain(labels, elevation)
    assert found["above_lower_neighbours_m"][0] == pytest.approx(50)
    assert np.isnan(found["above_lower_neighbours_m"][1:]).all()
    assert found["above_lowest_neighbour_m"].tolist() == [60, -30, -60]


def test_step_at_the_border() -> None:
    """Each edge counts the step between its two pixels; pixels of no object count, the raster's end does not."""
    labels = objects("112", "130")
    elevation = np.array([[100, 90, 70], [80, 40, 10]], float)
    found = terrain(labels, elevation)["elevation_border_contrast"]
    assert found == pytest.approx([((90 - 70) + (90 - 40) + (80 - 40)) / 3, (-20 + 60) / 2, (-50 - 40 + 30) / 3])


def test_aspect_across_north() -> None:
    """350 and 10 degrees make 0, not 180, and 0 and 180 make none."""
    labels = objects("1122")
    aspect = np.radians([[350.0, 10, 0, 180]])
    layers = {"elevation": np.zeros((1, 4)), "aspect_sin": np.sin(aspect), "aspect_cos": np.cos(aspect)}
    found = measured(labels, ("terrain",), layers)
    first = found["aspect_mean_deg"][0]
    assert min(first, 360 - first) == pytest.approx(0, abs=1e-4)
    assert np.isnan(found["aspect_mean_deg"][1])
    assert found["aspect_concentration"] == pytest.approx([math.cos(math.radians(10)), 0], abs=1e-6)


def test_height_in_the_scene() -> None:
    """Between the lowest and the highest pixel of all objects; an object without elevation is left out."""
    labels = objects("1223")
    elevation = np.array([[1000.0, 1100.0, 1300.0, np.nan]])
    assert terrain(labels, elevation)["relative_elevation"] == pytest.approx([0, 2 / 3, np.nan], nan_ok=True)


def test_flat_ground_has_no_height_in_the_scene() -> None:
    assert np.isnan(terrain(objects("12"), np.full((1, 2), 1000.0))["relative_elevation"]).all()
