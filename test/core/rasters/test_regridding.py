"""Bands read onto other grids: pixels that coincide, other sizes, other reference systems, and what is not valid."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from rock_glacier_mapper.core.errors import InvalidCRSError, InvalidRasterError
from rock_glacier_mapper.core.rasters import regridding
from rock_glacier_mapper.core.rasters.blockcache import BlockCache
from rock_glacier_mapper.core.rasters.geodata import crs_from_text, gdal
from rock_glacier_mapper.core.rasters.grid import Grid, Window
from rock_glacier_mapper.core.rasters.regridding import SourceBand, bounds_on, read_onto, transformed_bounds

RAMP = np.arange(48, dtype=np.float32).reshape(1, 6, 8)


@pytest.fixture
def band(write_raster, make_grid):
    """A band of 8 x 6 pixels of 20 m whose value grows by 1 a column and by 8 a row."""
    grid = make_grid(8, 6, 20)
    return SourceBand(write_raster("ramp.tif", RAMP, ["B02"], grid), 1, grid, -9999)


def shifted(grid, columns, rows):
    """A grid of as many pixels that begins elsewhere."""
    x, side, _, y, _, down = grid.geotransform
    return dataclasses.replace(grid, geotransform=(x + columns * side, side, 0.0, y + rows * down, 0.0, down))


def test_pixels_that_coincide_are_read_as_they_are(band):
    """Beyond the raster nothing is valid; the file's own nodata counts only as it is stated."""
    values, valid = read_onto(shifted(band.grid, -2, 1), band, band.grid.whole, "cubic")
    np.testing.assert_array_equal(values[:5, 2:], RAMP[0, 1:, :6])
    assert not valid[:, :2].any()
    assert not valid[5:].any()
    assert valid[:5, 2:].all()


def test_where_nothing_overlaps_there_is_nothing(band):
    """In both ways of reading."""
    assert read_onto(shifted(band.grid, 8, 0), band, band.grid.whole, "nearest") is None
    assert read_onto(shifted(band.grid, 20.3, 0), band, band.grid.whole, "nearest") is None


def test_smaller_pixels_are_interpolated_between_centres(band, make_grid):
    """At 10 m the centres lie a quarter of a pixel beside those at 20 m; the edge is continued."""
    values, valid = read_onto(make_grid(16, 12), band, Window(0, 0, 16, 12), "bilinear")
    assert valid.all()
    np.testing.assert_allclose(values[6, :4], [22, 22.25, 22.75, 23.25])
    np.testing.assert_allclose(np.diff(values[6, 1:15]), 0.5, atol=1e-5)


@pytest.mark.parametrize("resampling", ["nearest", "bilinear"])
@pytest.mark.parametrize("corner", [(0, 0), (-3, 5), (1, -7)])
def test_pixels_that_divide_the_bands_are_as_the_warper_makes_them(
    write_raster, make_grid, monkeypatch, resampling, corner
):
    """Wherever the target begins, beside gaps and edges, in windows that share blocks of the file."""
    stored = np.random.default_rng(1).integers(0, 5000, (1, 60, 70))
    stored[0, 20:25, 30:41] = 0
    grid = make_grid(70, 60, 20)
    source = SourceBand(write_raster("b11.tif", stored, ["B11"], grid, dtype="uint16", nodata=0), 1, grid, 0)
    target = shifted(make_grid(140, 130), *corner)
    cache = BlockCache(2**20)
    windows = [Window(x, y, 35, 65) for x in range(0, 140, 35) for y in range(0, 130, 65)]
    found = [read_onto(target, source, window, resampling, cache) for window in windows]
    monkeypatch.setattr(regridding, "can_enlarge", lambda *_: False)
    for (values, valid), window in zip(found, windows, strict=True):
        expected, known = read_onto(target, source, window, resampling)
        np.testing.assert_array_equal(valid, known)
        np.testing.assert_array_equal(values[known], expected[known])


def test_classes_are_taken_from_the_nearest_pixel(band, make_grid):
    """Four pixels of 10 m lie in one of 20 m."""
    values, _ = read_onto(make_grid(16, 12), band, Window(0, 0, 16, 12), "nearest")
    np.testing.assert_array_equal(values, RAMP[0].repeat(2, axis=0).repeat(2, axis=1))


def test_larger_pixels_are_means(band, make_grid):
    """Of 2 x 2 pixels: the mean of 0, 1, 8 and 9 is 4.5."""
    values, _ = read_onto(make_grid(4, 3, 40), band, Window(0, 0, 4, 3), "bilinear")
    np.testing.assert_allclose(values, RAMP[0].reshape(3, 2, 4, 2).mean(axis=(1, 3)))


@pytest.mark.parametrize("resampling", ["nearest", "bilinear", "cubic"])
@pytest.mark.parametrize("code", ["EPSG:32719", "EPSG:32718"])
def test_windows_of_any_size_agree(tmp_path, write_raster, make_grid, resampling, code):
    """A composite must not show its blocks; the second system is the neighbouring zone."""
    values = np.random.default_rng(0).random((1, 80, 90)).astype(np.float32)
    values[0, 30:33, 40:44] = np.nan
    source_grid = make_grid(90, 80, 20)
    source = SourceBand(write_raster("noise.tif", values, ["B02"], source_grid), 1, source_grid, -9999)
    left, _, _, top = bounds_on(crs_from_text(code), source_grid)
    target = Grid(600, 300, (left - 103, 7.0, 0, top + 55, 0, -7.0), crs_from_text(code))
    whole, valid = read_onto(target, source, target.whole, resampling)
    assert valid.any()
    for window in (Window(0, 0, 150, 100), Window(150, 100, 150, 200), Window(77, 101, 123, 57)):
        part, known = read_onto(target, source, window, resampling)
        place = np.s_[window.y : window.y + window.height, window.x : window.x + window.width]
        np.testing.assert_array_equal(known, valid[place])
        np.testing.assert_array_equal(part[known], whole[place][known])


def test_another_zone_shows_the_same_place(write_raster, make_grid):
    """A ramp of northing, read in the neighbouring zone: each pixel has the northing of its centre."""
    grid = make_grid(100, 100)
    northings = np.broadcast_to(7000000 - 10 * (np.arange(100) + 0.5), (1, 100, 100))
    ramp = np.ascontiguousarray(northings.transpose(0, 2, 1) - 6999000).astype(np.float32)
    source = SourceBand(write_raster("northing.tif", ramp, ["B02"], grid), 1, grid, -9999)
    other = crs_from_text("EPSG:32718")
    left, bottom, right, top = bounds_on(other, grid)
    x, y = (left + right) / 2, (bottom + top) / 2
    target = Grid(1, 1, (x - 5, 10.0, 0, y + 5, 0, -10.0), other)
    values, _ = read_onto(target, source, target.whole, "bilinear")
    _, _, _, back = transformed_bounds((x - 1e-3, y - 1e-3, x + 1e-3, y + 1e-3), other, grid.crs)
    assert values[0, 0] == pytest.approx(back - 6999000, abs=0.3)


def test_what_is_not_valid_is_left_out_of_the_interpolation(tmp_path, make_grid):
    """Stored as nodata, in an alpha band, or in a mask: the neighbours keep their 100, whatever the number there."""
    stored = np.full((4, 4), 100, np.uint8)
    stored[0, 0] = 7
    grid = make_grid(4, 4, 20)
    seen = []
    for kind in ("nodata", "alpha", "mask"):
        path = str(tmp_path / f"{kind}.tif")
        dataset = gdal.GetDriverByName("GTiff").Create(path, 4, 4, 1 + (kind == "alpha"))
        dataset.SetGeoTransform(grid.geotransform)
        dataset.SetProjection(grid.crs)
        dataset.GetRasterBand(1).WriteArray(stored)
        if kind == "alpha":
            dataset.GetRasterBand(2).SetColorInterpretation(gdal.GCI_AlphaBand)
            dataset.GetRasterBand(2).WriteArray(np.where(stored == 7, 0, 255).astype(np.uint8))
        if kind == "mask":
            dataset.CreateMaskBand(gdal.GMF_PER_DATASET)
            dataset.GetRasterBand(1).GetMaskBand().WriteArray(np.where(stored == 7, 0, 255).astype(np.uint8))
        dataset = None
        source = SourceBand(path, 1, grid, 7 if kind == "nodata" else None)
        for target in (grid, make_grid(8, 8)):
            values, valid = read_onto(target, source, target.whole, "bilinear")
            assert set(values[valid]) == {100}
            seen.append((~valid).sum())
    assert seen == [1, 4] * 3


def test_a_file_of_another_size_than_its_metadata_say(band):
    """A product whose image was replaced would lie at a wrong place."""
    wrong = dataclasses.replace(band, grid=dataclasses.replace(band.grid, width=9))
    with pytest.raises(InvalidRasterError, match="has 8 x 6 pixels, but 9 x 6 are expected"):
        read_onto(band.grid, wrong, band.grid.whole, "nearest")


def test_a_damaged_file(band, tmp_path):
    """Its header is whole, its pixels are not."""
    data = (tmp_path / "ramp.tif").read_bytes()
    (tmp_path / "ramp.tif").write_bytes(data[: len(data) // 2])
    with pytest.raises(InvalidRasterError, match="damaged or cut short"):
        read_onto(band.grid, band, band.grid.whole, "nearest")


def test_an_extent_that_is_nowhere(degrees, utm):
    """There is no latitude of 100 degrees."""
    with pytest.raises(InvalidCRSError, match="cannot be transformed"):
        transformed_bounds((0, 100, 10, 110), degrees, utm)
