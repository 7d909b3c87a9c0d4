"""Smoothing: a Gaussian on the ground over valid pixels only, the same whatever the tiles."""

from __future__ import annotations

import numpy as np
import pytest
from rock_glacier_mapper.core.contracts.smoothheatmap import SmoothHeatmapOptions
from rock_glacier_mapper.core.errors import Cancelled, InvalidCRSError, InvalidRasterError, OutputError
from rock_glacier_mapper.core.heatmaps import smoothheatmap
from rock_glacier_mapper.core.progress import Progress
from rock_glacier_mapper.core.rasters.geodata import gdal
from rock_glacier_mapper.core.rasters.raster import Grid, Raster


@pytest.fixture
def smooth(tmp_path, read_all):
    """Return a function that runs the stage and returns the smoothed values."""

    def run(source: str, sigma: float, progress: Progress | None = None) -> np.ndarray:
        options = SmoothHeatmapOptions(input=source, output=str(tmp_path / "smooth.tif"), sigma=sigma)
        return read_all(smoothheatmap.run(options, progress or Progress()).output)

    return run


def by_definition(values: np.ndarray, sigma_x: float, sigma_y: float) -> np.ndarray:
    """Return the weighted mean of the valid pixels within four sigmas, pixel by pixel; sigmas in pixels."""
    height, width = values.shape
    rows, columns = np.mgrid[:height, :width]
    result = np.full(values.shape, np.nan)
    for row, column in np.argwhere(np.isfinite(values)):
        dx, dy = columns - column, rows - row
        weights = np.exp(-0.5 * ((dx / sigma_x) ** 2 + (dy / sigma_y) ** 2))
        near = (abs(dx) <= int(4 * sigma_x + 0.5)) & (abs(dy) <= int(4 * sigma_y + 0.5)) & np.isfinite(values)
        result[row, column] = (weights * np.nan_to_num(values))[near].sum() / weights[near].sum()
    return result


def holed(height: int, width: int, seed: int = 0) -> np.ndarray:
    random = np.random.default_rng(seed)
    values = random.random((height, width)).astype(np.float32)
    values[random.random((height, width)) < 0.2] = np.nan
    return values


def test_smoothing_equals_its_definition(smooth, write_raster):
    """Holes and edges included: neither nodata nor the outside has weight."""
    values = holed(14, 19)
    output = smooth(write_raster("h.tif", values[None], ["heatmap"]), 15.0)
    np.testing.assert_allclose(output[0], by_definition(values, 1.5, 1.5), atol=1e-6)


def test_sigma_is_in_metres_along_both_sides_of_a_pixel(smooth, write_raster, utm):
    """Pixels of 10 m x 20 m, rotated: 20 m are 2 columns but 1 row."""
    values = holed(15, 15)
    grid = Grid(15, 15, (5e5, 8.0, 12.0, 7e6, 6.0, -16.0), utm)
    output = smooth(write_raster("h.tif", values[None], ["heatmap"], grid=grid), 20.0)
    np.testing.assert_allclose(output[0], by_definition(values, 2.0, 1.0), atol=1e-6)


@pytest.mark.parametrize("band", [{}, {"dtype": "uint8", "nodata": 255.0, "scale": 0.004}], ids=["float", "byte"])
def test_tiles_leave_no_trace(smooth, write_raster, monkeypatch, band):
    """In one piece and in tiles of 16 pixels, to the last bit."""
    source = write_raster("h.tif", holed(70, 83)[None], ["heatmap"], **band)
    whole = smooth(source, 35.0)
    monkeypatch.setattr(smoothheatmap, "_TILE_SIZE", 16)
    np.testing.assert_array_equal(smooth(source, 35.0), whole)
    monkeypatch.setattr(smoothheatmap, "_PRODUCTS_AT_ONCE", 1)
    np.testing.assert_array_equal(smooth(source, 35.0), whole)


def test_a_constant_stays_constant_beside_holes_and_edges(smooth, write_raster):
    """A plain Gaussian would darken the borders of the scene."""
    values = np.full((1, 20, 20), 0.8, np.float32)
    values[0, 5:9, 5:9] = np.nan
    output = smooth(write_raster("h.tif", values, ["heatmap"], dtype="uint8", nodata=255.0, scale=0.004), 30.0)
    assert np.array_equal(np.isnan(output), np.isnan(values))
    assert np.nanmin(output) == np.nanmax(output) == np.float32(200 * np.float32(0.004))


def test_bands_keep_their_descriptions_types_and_history(smooth, write_raster, tmp_path):
    """A smoothed heatmap is a heatmap like any other."""
    source = write_raster(
        "h.tif", np.zeros((2, 3, 3)), ["heatmap", "heatmap_ice"], dtype="uint8", nodata=255.0, scale=0.004
    )
    smooth(source, 15.0)
    with Raster(source) as before, Raster(str(tmp_path / "smooth.tif")) as after:
        assert after.bands == before.bands
        assert after.grid == before.grid
        assert after.provenance[-1]["stage"] == "smoothheatmap"


@pytest.mark.parametrize("sigma", [0.0, 0.5])
def test_a_sigma_far_below_a_pixel_copies(smooth, write_raster, read_all, sigma):
    """Nothing is lost to rounding."""
    source = write_raster("h.tif", holed(9, 9)[None], ["heatmap"])
    np.testing.assert_array_equal(smooth(source, sigma), read_all(source))


def test_degrees_are_refused_unless_copied(smooth, write_raster, make_grid, degrees):
    """15 degrees would smooth a continent."""
    source = write_raster("h.tif", np.ones((1, 3, 3)), ["heatmap"], grid=make_grid(3, 3, size=1e-4, crs=degrees))
    with pytest.raises(InvalidCRSError):
        smooth(source, 15.0)
    assert smooth(source, 0.0).tolist() == np.ones((1, 3, 3)).tolist()


@pytest.mark.parametrize("shape", [(1, 1, 1), (1, 1, 30)])
def test_tiny_rasters_work(smooth, write_raster, shape):
    """The filter is longer than the raster."""
    assert smooth(write_raster("h.tif", np.full(shape, 0.25), ["heatmap"]), 100.0) == pytest.approx(
        np.full(shape, 0.25)
    )


def test_a_raster_without_values_stays_empty(smooth, write_raster):
    """No division by zero weights."""
    assert np.isnan(smooth(write_raster("h.tif", np.full((1, 5, 5), np.nan), ["heatmap"]), 15.0)).all()


def test_a_mask_without_a_nodata_value_is_refused(smooth, tmp_path, utm):
    """Whole numbers have no NaN to keep the hole in."""
    path = str(tmp_path / "masked.tif")
    dataset = gdal.GetDriverByName("GTiff").Create(path, 2, 2, 2, gdal.GDT_Byte, ["ALPHA=YES"])
    dataset.SetGeoTransform((5e5, 10, 0, 7e6, 0, -10))
    dataset.SetProjection(utm)
    dataset.GetRasterBand(2).WriteArray(np.array([[255, 0], [255, 255]], np.uint8))
    del dataset
    with pytest.raises(InvalidRasterError, match="no nodata value"):
        smooth(path, 15.0)


def test_cancelling_and_bad_files_leave_nothing(write_raster, tmp_path):
    """No output under the final name, no temporary file."""

    class Cancelling(Progress):
        def cancelled(self) -> bool:
            return True

    source = write_raster("h.tif", np.ones((1, 3, 3)), ["heatmap"])
    before = sorted(tmp_path.iterdir())
    for given, output, progress, error in [
        (source, "out.tif", Cancelling(), Cancelled),
        (source, "out.png", Progress(), OutputError),
        (str(tmp_path / "missing.tif"), "out.tif", Progress(), InvalidRasterError),
    ]:
        with pytest.raises(error):
            smoothheatmap.run(SmoothHeatmapOptions(input=given, output=str(tmp_path / output)), progress)
        assert sorted(tmp_path.iterdir()) == before


@pytest.mark.parametrize("sigma", [1e9, 1e200])
def test_a_filter_beyond_all_bounds_gives_the_mean(smooth, write_raster, sigma):
    """What no pixel lies under is not computed; otherwise a typing error would last for ever."""
    values = holed(4, 6)
    output = smooth(write_raster("h.tif", values[None], ["heatmap"]), sigma)[0]
    assert output[np.isfinite(values)] == pytest.approx(np.nanmean(values))


def test_the_input_is_not_overwritten(smooth, write_raster, tmp_path, read_all):
    """The unsmoothed heatmap took hours."""
    source = write_raster("smooth.tif", np.full((1, 3, 3), 0.5), ["heatmap"])
    with pytest.raises(OutputError, match="is also an input"):
        smooth(source, 15.0)
    assert (read_all(source) == 0.5).all()


def test_bands_of_several_types_keep_their_values(smooth, write_raster, tmp_path):
    """A virtual raster of bytes and floats has a nodata value a band; a GeoTIFF has one."""
    likely = np.array([[[0.4, np.nan], [0.8, 0.4]]])
    first = write_raster("a.tif", likely, ["heatmap"], dtype="uint8", nodata=255, scale=0.004)
    second = write_raster("b.tif", np.array([[[0.25, 0.5], [np.nan, 0.125]]]), ["heatmap_std"])
    virtual = str(tmp_path / "both.vrt")
    gdal.BuildVRT(virtual, [first, second], separate=True).FlushCache()
    found = smooth(virtual, 0.0)
    np.testing.assert_allclose(found[0], likely[0], atol=1e-6)
    np.testing.assert_array_equal(found[1], [[0.25, 0.5], [np.nan, 0.125]])


def test_a_source_of_a_virtual_raster_is_no_output(write_raster, tmp_path):
    """It would be gone when the run is over."""
    source = write_raster("a.tif", np.full((1, 4, 4), 0.5), ["heatmap"])
    virtual = str(tmp_path / "virtual & more.vrt")
    gdal.BuildVRT(virtual, [source]).FlushCache()
    with pytest.raises(OutputError, match="is also an input"):
        smoothheatmap.run(SmoothHeatmapOptions(input=virtual, output=source), Progress())
