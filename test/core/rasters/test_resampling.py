"""Rasters at another pixel size: weights by hand, gaps left out, and the same whatever window is read."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import shapely
from rock_glacier_mapper.core.contracts.heatmap import HeatmapOptions
from rock_glacier_mapper.core.errors import ModelMismatchError
from rock_glacier_mapper.core.heatmaps import heatmap
from rock_glacier_mapper.core.networks.card import ModelCard, ModelClass, Normalisation
from rock_glacier_mapper.core.networks.cardmetadata import card_metadata
from rock_glacier_mapper.core.progress import Progress
from rock_glacier_mapper.core.rasters.grid import Window
from rock_glacier_mapper.core.rasters.raster import Raster
from rock_glacier_mapper.core.rasters.resampling import ResampledRaster, rescaled

CARD = ModelCard(
    name="toy",
    roles=("a",),
    normalisation=(Normalisation(0.0, 1.0, 0.0, 1.0),),
    classes=(ModelClass("rock_glacier", target=True),),
    ground_sample_distance=10.0,
    halo=0,
    stride=1,
)
NAN = np.nan


class Listener(Progress):
    def __init__(self) -> None:
        self.warnings: list[str] = []

    def warn(self, message: str) -> None:
        self.warnings.append(message)


def noise(height: int, width: int) -> np.ndarray:
    return np.random.default_rng(0).uniform(0.1, 0.9, (1, height, width)).astype(np.float32)


@pytest.fixture
def resampled(write_raster):
    """Return a function that writes one line or image and reads it with pixels `factor` times as large."""

    def read(values: list, factor: float) -> list:
        path = write_raster("s.tif", np.atleast_3d(np.array(values, np.float32)).reshape(1, -1, len(values[0])), ["a"])
        with ResampledRaster(path, factor) as raster:
            return raster.read()[0].tolist()

    return read


def test_larger_pixels_are_means(resampled):
    """Two by two; a gap does not count, four gaps are one; a last pixel that hangs over has what is left."""
    values = [[1, 2, NAN, NAN, 5], [3, 6, NAN, NAN, 7]]
    assert resampled(values, 2)[0] == pytest.approx([3, NAN, 6], nan_ok=True)
    assert resampled([[1, NAN], [3, 5]], 2) == [[3]]


def test_parts_of_pixels_count_by_their_area(resampled):
    """One and a half pixels: 1 + 2 / 2 = 2 of 1.5, and 2 / 2 + 4 = 5 of 1.5; rows alike."""
    line = [[1, 2, 4]] * 3
    assert resampled(line, 1.5) == [pytest.approx([2 / 1.5, 5 / 1.5])] * 2


def test_smaller_pixels_are_interpolated_between_centres(resampled):
    """Halves: centres a quarter of a pixel beside the old ones, no value beyond the outer ones."""
    assert resampled([[0, 4]], 0.5)[0] == pytest.approx([0, 1, 3, 4])
    assert resampled([[0, NAN]], 0.5)[0] == pytest.approx([0, 0, 0, NAN], nan_ok=True)


def test_the_new_grid_covers_the_old_one(make_grid):
    """From the same corner; a rounding error makes no further pixel."""
    grid = rescaled(make_grid(30, 31), 1.5)
    assert (grid.width, grid.height, grid.geotransform) == (20, 21, (500000.0, 15.0, 0.0, 7000000.0, 0.0, -15.0))
    assert rescaled(make_grid(30, 30), 0.1 * 3).width == 100


@pytest.mark.parametrize("factor", [0.3, 0.5, 1.7, 2, 3.37])
def test_windows_agree_with_the_whole(write_raster, factor):
    """Exactly: tiles must not leave seams."""
    values = noise(70, 83)
    values[0, 20:30, 10:40] = NAN
    with ResampledRaster(write_raster("s.tif", values, ["a"]), factor) as raster:
        whole = raster.read()[0]
        for x, y, width, height in [
            (0, 0, 5, 7),
            (3, 2, 17, 15),
            (raster.grid.width - 4, raster.grid.height - 6, 4, 6),
        ]:
            part = raster.read(Window(x, y, width, height))[0]
            np.testing.assert_array_equal(part, whole[y : y + height, x : x + width])


@pytest.fixture
def apply(onnx_models, tmp_path, read_all):
    """Return a function that resamples for a 3 x 3 mean filter of 10 m, and returns the last step, grid and values."""

    def run(stack: str, progress: Progress | None = None, **options: object):
        model = onnx_models.box_blur(tmp_path / "m.onnx", card_metadata(replace(CARD, halo=1)))
        settings = {"output_type": "float32", "tile_size": 32, "resample": True, **options}
        output = str(tmp_path / "h.tif")
        heatmap.run(HeatmapOptions(stack=stack, model=model, output=output, **settings), progress or Progress())
        with Raster(output) as raster:
            return raster.provenance[-1], raster.grid, raster.read()[0]

    return run


@pytest.mark.parametrize("size", [4.0, 5.0, 17.0, 20.0])
def test_the_heatmap_lies_on_the_stacks_grid(apply, write_raster, make_grid, size):
    """Finer and coarser stacks: same grid, gaps where the stack has them and nowhere else, seen at 10 m."""
    values = noise(90, 101)
    values[0, 30:50, 20:60] = NAN
    values[0, 0, 0] = values[0, 70, 80] = NAN
    grid = make_grid(101, 90, size=size)
    listener = Listener()
    step, found, output = apply(write_raster("s.tif", values, ["a"], grid=grid), listener)
    assert found == grid
    np.testing.assert_array_equal(np.isnan(output), np.isnan(values[0]))
    assert step["resampled_to_m"] == 10.0
    assert f"from {size:g} m to 10 m" in listener.warnings[0]


def test_the_network_sees_its_own_pixels(apply, write_raster, make_grid):
    """Stripes of 0 and 1, 5 m wide, are 0.5 at 10 m; seen at 5 m, the filter would give 1/3 and 2/3."""
    values = np.tile([0.0, 1.0], (1, 40, 20))
    _, _, output = apply(write_raster("s.tif", values, ["a"], grid=make_grid(40, 40, size=5.0)))
    assert output == pytest.approx(np.full((40, 40), 0.5), abs=1e-6)


@pytest.mark.parametrize("size", [3.7, 20.0])
def test_all_tile_sizes_agree(apply, write_raster, make_grid, size):
    """To rounding on floats, exactly on bytes."""
    values = noise(131, 117)
    values[0, 30:50, 20:60] = NAN
    stack = write_raster("s.tif", values, ["a"], grid=make_grid(117, 131, size=size))
    for kind, tolerance in (("float32", 1e-5), ("byte", 0)):
        maps = [apply(stack, tile_size=tile, output_type=kind)[2] for tile in (32, 50, 512)]
        for other in maps[1:]:
            np.testing.assert_allclose(other, maps[0], rtol=0, atol=tolerance)


@pytest.mark.parametrize("size", [3.7, 20.0])
def test_an_area_changes_no_value(apply, write_raster, write_polygons, make_grid, size):
    """What lies inside is the same as without it, up to its border."""
    stack = write_raster("s.tif", noise(90, 90), ["a"], grid=make_grid(90, 90, size=size))
    area = write_polygons("a.gpkg", [shapely.Point(500000 + 45 * size, 7000000 - 45 * size).buffer(20 * size)])
    _, _, whole = apply(stack)
    _, _, inside = apply(stack, area=area)
    mapped = np.isfinite(inside)
    assert 1000 < mapped.sum() < 1500
    np.testing.assert_array_equal(inside[mapped], whole[mapped])


def test_a_stack_within_the_tolerance_is_taken_as_it_is(apply, write_raster, make_grid):
    """Resampling blurs, so that it is done only where it is needed."""
    listener = Listener()
    step, _, _ = apply(write_raster("s.tif", noise(20, 20), ["a"], grid=make_grid(20, 20, size=11.0)), listener)
    assert "resampled_to_m" not in step
    assert listener.warnings == []


def test_a_stack_that_is_far_too_coarse_is_refused(apply, write_raster, make_grid):
    """Interpolation makes no detail; and without the option, any other pixel size is refused."""
    with pytest.raises(ModelMismatchError, match="made up"):
        apply(write_raster("s.tif", noise(9, 9), ["a"], grid=make_grid(9, 9, size=41.0)))
    with pytest.raises(ModelMismatchError, match="option resample"):
        apply(write_raster("s.tif", noise(9, 9), ["a"], grid=make_grid(9, 9, size=20.0)), resample=False)
