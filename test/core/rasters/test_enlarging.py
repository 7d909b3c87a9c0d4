"""Pixels divided into smaller ones, against values worked out by hand and against GDAL's warper."""

from __future__ import annotations

import numpy as np
import pytest
from rock_glacier_mapper.core.rasters.enlarging import can_enlarge, enlarged
from rock_glacier_mapper.core.rasters.geodata import gdal

NODATA = 0
RASTER_TYPES = {np.uint8: gdal.GDT_Byte, np.uint16: gdal.GDT_UInt16, np.int16: gdal.GDT_Int16}


def with_margin(values):
    """The values, and which are valid, with a margin where nothing is."""
    padded = np.pad(values, 1)
    return padded, padded != NODATA


def warped(values, factor):
    """What GDAL makes of the values: interpolated numbers, and which are valid."""
    height, width = values.shape
    source = gdal.GetDriverByName("MEM").Create("", width, height, 1, RASTER_TYPES[values.dtype.type])
    source.SetGeoTransform((0, factor, 0, 0, 0, -factor))
    source.GetRasterBand(1).WriteArray(values)
    bounds = (0, -height * factor, width * factor, 0)
    settings = {"xRes": 1, "yRes": 1, "outputBounds": bounds, "srcNodata": NODATA, "dstAlpha": True}
    target = gdal.Warp("", source, format="MEM", resampleAlg="bilinear", **settings)
    return target.GetRasterBand(1).ReadAsArray(), target.GetRasterBand(2).ReadAsArray() > 0


def test_a_pixel_of_20_m_is_a_quarter_of_its_neighbours_and_three_of_itself():
    """Between 100 and 200 lie 125 and 175; in both directions the weights are 9, 3, 3 and 1 sixteenth."""
    values, valid = enlarged(*with_margin(np.array([[100, 200], [100, 1000]], np.uint16)), 2, "bilinear")
    assert valid.all()
    np.testing.assert_array_equal(values[0], [100, 125, 175, 200])
    assert values[1, 1] == round((9 * 100 + 3 * 200 + 3 * 100 + 1000) / 16)


def test_what_is_not_valid_lends_nothing():
    """Beside a gap a pixel keeps its value; the gap has none, and there are as many pixels of it as of any other."""
    values, valid = enlarged(*with_margin(np.array([[100, NODATA, 200]], np.uint16)), 2, "bilinear")
    np.testing.assert_array_equal(valid[0], [True, True, False, False, True, True])
    np.testing.assert_array_equal(values[0, valid[0]], [100, 100, 200, 200])


@pytest.mark.parametrize("factor", [2, 3, 4, 6])
@pytest.mark.parametrize("dtype", list(RASTER_TYPES))
@pytest.mark.parametrize("gaps", [0, 0.3])
def test_the_warper_gives_the_same(factor, dtype, gaps):
    """Also beside gaps and edges, over the whole range; thirds are rounded to either side in the middle."""
    generator = np.random.default_rng(factor)
    limits = np.iinfo(dtype)
    values = generator.integers(limits.min, limits.max, (83, 91), dtype, endpoint=True)
    values[generator.random(values.shape) < gaps] = NODATA
    expected, known = warped(values, factor)
    found, valid = enlarged(*with_margin(values), factor, "bilinear")
    assert found.dtype == dtype
    np.testing.assert_array_equal(valid, known)
    apart = np.abs(found.astype(int) - expected)[known]
    assert apart.max() <= (0 if factor in (2, 4) else 1)
    assert (apart > 0).mean() < 0.02


def test_a_large_raster_is_computed_in_parts():
    """Each part sees the rows beside it."""
    values = np.random.default_rng(0).integers(1, 9000, (700, 300), np.uint16)
    expected, _ = warped(values, 2)
    np.testing.assert_array_equal(enlarged(*with_margin(values), 2, "bilinear")[0], expected)


def test_the_nearest_pixel_is_repeated():
    """Numbers of any type, such as NaN; no margin is needed."""
    values = np.array([[1.5, np.nan]])
    found, valid = enlarged(values, np.isfinite(values), 2, "nearest")
    np.testing.assert_array_equal(found, [[1.5, 1.5, np.nan, np.nan]] * 2)
    np.testing.assert_array_equal(valid, [[True, True, False, False]] * 2)


@pytest.mark.parametrize(
    ("dtype", "resampling", "expected"),
    [("uint16", "bilinear", True), ("uint16", "cubic", False), ("float32", "bilinear", False), ("f4", "nearest", True)],
)
def test_what_sums_of_whole_numbers_cannot_do_is_left_to_the_warper(dtype, resampling, expected):
    """Floats would be rounded otherwise than the warper does."""
    assert can_enlarge(np.dtype(dtype), resampling) == expected
