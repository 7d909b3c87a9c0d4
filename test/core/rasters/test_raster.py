"""Rasters by window: physical units, NaN for every kind of invalid pixel, the grid kept to the last digit."""

from __future__ import annotations

import os

import numpy as np
import pytest
from rock_glacier_mapper.core.errors import InvalidRasterError, OutputError
from rock_glacier_mapper.core.rasters.geodata import gdal
from rock_glacier_mapper.core.rasters.raster import Band, Grid, Raster, RasterWriter, Window
from rock_glacier_mapper.core.rasters.roles import role_of


def test_scaled_bytes_round_to_the_nearest_step_and_keep_nodata(write_raster, read_all):
    """The heatmap's storage: steps of 0.004, 255 for nodata, 0 and 1 exact."""
    values = np.array([[[0.0, 0.0021, 0.5, 1.0, np.nan]]])
    path = write_raster("h.tif", values, ["heatmap"], dtype="uint8", nodata=255.0, scale=0.004)
    with Raster(path) as raster:
        assert raster.read_raw().tolist() == [[0, 1, 125, 250, 255]]
        assert raster.bands == (Band("heatmap", "uint8", 255.0, 0.004, 0.0),)
    assert read_all(path)[0, 0, :4] == pytest.approx([0, 0.004, 0.5, 1.0])
    assert np.isnan(read_all(path)[0, 0, 4])


@pytest.mark.parametrize("dtype", ["uint8", "uint16", "int16", "uint32", "int32", "float32", "float64"])
def test_types_and_offset_round_trip(write_raster, dtype):
    """Values out of the type's range are clipped rather than wrapped around."""
    values = np.array([[[102.0, 110.0], [100.0, 1e12]]])
    path = write_raster("t.tif", values, ["x"], dtype=dtype, nodata=None, scale=2.0, offset=100.0)
    with Raster(path) as raster:
        assert raster.read()[0].ravel()[:3].tolist() == [102, 110, 100]
        if np.dtype(dtype).kind != "f":
            assert raster.read_raw()[1, 1] == np.iinfo(dtype).max


@pytest.mark.parametrize("geotransform", [(5e5, 10.1, 2.3, 7e6, 1.7, -9.9), (5e5, 10.0, 0.0, 7e6, 0.0, 10.0)])
def test_rotated_and_south_up_grids_are_kept(tmp_path, utm, geotransform):
    """All six numbers of the geotransform survive."""
    grid = Grid(3, 2, geotransform, utm)
    path = str(tmp_path / "r.tif")
    with RasterWriter(path, grid, [Band("x", "float32")]) as raster:
        raster.write(grid.whole, np.ones((1, 2, 3)))
    with Raster(path) as raster:
        assert raster.grid.geotransform == geotransform
        grid.require_same(raster.grid, "The copy")


def test_every_kind_of_invalid_pixel_is_nan(write_raster):
    """Nodata, NaN, infinity and a mask band; a nodata of one band does not spoil the others."""
    values = np.array([[[-9999.0, np.nan, np.inf, 4.0]], [[1.0, 2.0, 3.0, 4.0]]])
    path = write_raster("n.tif", values, ["a", "b"])
    with Raster(path) as raster:
        assert np.isnan(raster.read()[0, 0]).tolist() == [True, True, True, False]
        assert raster.read(roles=["b"]).tolist() == [[[1, 2, 3, 4]]]


def test_alpha_and_mask_bands_say_what_is_valid(tmp_path):
    """A true-colour export often says so with an alpha band, a COG with a mask."""
    driver = gdal.GetDriverByName("GTiff")
    dataset = driver.Create(str(tmp_path / "a.tif"), 2, 1, 4, gdal.GDT_Byte, ["PHOTOMETRIC=RGB", "ALPHA=YES"])
    dataset.GetRasterBand(1).WriteArray(np.array([[7, 8]], np.uint8))
    dataset.GetRasterBand(4).WriteArray(np.array([[255, 0]], np.uint8))
    dataset = driver.Create(str(tmp_path / "m.tif"), 2, 1, 1, gdal.GDT_Byte)
    dataset.CreateMaskBand(gdal.GMF_PER_DATASET)
    dataset.GetRasterBand(1).GetMaskBand().WriteArray(np.array([[255, 0]], np.uint8))
    del dataset
    with Raster(str(tmp_path / "a.tif")) as raster:
        assert len(raster.bands) == 3
        assert raster.read()[0, 0, 0] == 7 and np.isnan(raster.read()[:, 0, 1]).all()
    with Raster(str(tmp_path / "m.tif")) as raster:
        assert np.isnan(raster.read()[0, 0]).tolist() == [False, True]


def test_three_byte_bands_are_no_colour_image(write_raster):
    """GeoTIFF guesses red, green, blue and alpha from the number of byte bands, and would lose the fourth."""
    path = write_raster("four.tif", np.ones((4, 1, 1)), list("abcd"), dtype="uint8", nodata=None)
    with Raster(path) as raster:
        assert raster.roles == ("a", "b", "c", "d")


def test_bands_are_found_by_role(write_raster):
    """A message about a missing role says which there are."""
    path = write_raster("r.tif", np.arange(3.0).reshape(3, 1, 1), ["B02", "B03", "slope"])
    with Raster(path) as raster:
        assert raster.read(roles=["slope", "B02"]).ravel().tolist() == [2, 0]
        with pytest.raises(
            InvalidRasterError, match="no band described as B04, coherence; its bands are B02, B03, slope"
        ):
            raster.read(roles=["B04", "coherence"])


def test_reflection_mirrors_about_the_edge_pixels(write_raster):
    """The order 2 1 | 0 1 2 3 | 2 1: the edge pixel itself is not repeated."""
    path = write_raster("e.tif", np.arange(4.0).reshape(1, 1, 4), ["x"])
    with Raster(path) as raster:
        assert raster.read_band(Window(-2, 0, 8, 1), 0)[0].tolist() == [2, 1, 0, 1, 2, 3, 2, 1]
        assert raster.read_band(Window(-9, -3, 3, 5), 0).tolist() == [[3, 2, 1]] * 5
        assert raster.read_band(Window(1, 0, 2, 1), 0)[0].tolist() == [1, 2]


def test_single_pixel_reflects_into_itself(write_raster):
    """A 1 x 1 raster has nothing else to mirror."""
    path = write_raster("one.tif", np.full((1, 1, 1), 5.0), ["x"])
    with Raster(path) as raster:
        assert (raster.read_band(Window(-3, -3, 7, 7), 0) == 5).all()


def test_unwritten_pixels_are_nodata(tmp_path, make_grid, read_all):
    """Skipped tiles need no writing."""
    path, grid = str(tmp_path / "s.tif"), make_grid(600, 300)
    with RasterWriter(path, grid, [Band("heatmap", "uint8", 255.0, 0.004)]) as raster:
        raster.write(Window(0, 0, 1, 1), np.zeros((1, 1, 1)))
    assert np.isfinite(read_all(path)).sum() == 1


def test_failure_leaves_nothing(tmp_path, make_grid):
    """Neither a half-written file nor a temporary one."""
    with pytest.raises(KeyError), RasterWriter(str(tmp_path / "f.tif"), make_grid(3, 3), [Band("x", "float32")]):
        raise KeyError
    assert os.listdir(tmp_path) == []


def test_files_that_are_no_rasters(tmp_path):
    """One clear sentence each."""
    text = tmp_path / "text.tif"
    text.write_text("no raster")
    with pytest.raises(InvalidRasterError, match=r"text\.tif cannot be read as a raster"):
        Raster(str(text))
    with pytest.raises(InvalidRasterError, match="No such file"):
        Raster(str(tmp_path / "missing.tif"))


def test_truncated_file_is_named_when_it_is_read(write_raster):
    """A download that broke off opens, but its blocks are gone."""
    path = write_raster("big.tif", np.random.default_rng(0).random((1, 600, 600)), ["x"])
    os.truncate(path, os.path.getsize(path) // 2)
    with pytest.raises(InvalidRasterError, match=r"big\.tif cannot be read"), Raster(path) as raster:
        raster.read()


def test_full_disk(small_disk, make_grid):
    """The last blocks are written when the file is closed, where GDAL tells of a full disk only in its log."""
    values = np.random.default_rng(0).random((1, 500, 500))
    grid = make_grid(500, 500)
    with (
        pytest.raises(OutputError, match=r"x\.tif cannot be written"),
        RasterWriter(str(small_disk / "x.tif"), grid, [Band("x", "float32")]) as raster,
    ):
        raster.write(grid.whole, values)
    assert os.listdir(small_disk) == []


@pytest.mark.parametrize(
    ("description", "colour", "role"),
    [
        ("coherence", "Gray", "coherence"),
        ("red", "Gray", "B04"),
        ("b08", "Undefined", "B08"),
        ("B4", "Undefined", "B04"),
        ("", "Red", "B04"),
        ("", "Gray", "band_2"),
        ("Slope of the ground", "Red", "Slope of the ground"),
    ],
)
def test_colours_have_one_name(description, colour, role):
    """True-colour images name their bands by colour, by number, or only say how to show them."""
    assert role_of(description, colour, 2) == role


def test_complex_numbers_are_refused(tmp_path):
    """GDAL would read the real parts, which look like measurements and are none."""
    path = str(tmp_path / "interferogram.tif")
    gdal.GetDriverByName("GTiff").Create(path, 2, 2, 1, gdal.GDT_CInt16).FlushCache()
    with Raster(path) as raster, pytest.raises(InvalidRasterError, match=r"band_1 of .* holds complex numbers"):
        raster.read()


def test_a_described_fourth_band_is_no_alpha(tmp_path):
    """GDAL takes the last of four byte bands for transparency; near infrared would vanish, and its zeros be holes."""
    dataset = gdal.GetDriverByName("GTiff").Create(str(tmp_path / "f.tif"), 2, 1, 4, gdal.GDT_Byte, ["PHOTOMETRIC=RGB"])
    for number, role in enumerate(("B04", "B03", "B02", "B08"), start=1):
        dataset.GetRasterBand(number).SetDescription(role)
        dataset.GetRasterBand(number).WriteArray(np.array([[number, 0]], np.uint8))
    dataset.GetRasterBand(4).SetColorInterpretation(gdal.GCI_AlphaBand)
    del dataset
    with Raster(str(tmp_path / "f.tif")) as raster:
        assert raster.roles == ("B04", "B03", "B02", "B08")
        assert raster.read()[:, 0].tolist() == [[1, 0], [2, 0], [3, 0], [4, 0]]
