"""Blocks of a file that stay decoded for the next window."""

from __future__ import annotations

import numpy as np
import pytest
from rock_glacier_mapper.core.rasters.blockcache import BlockCache
from rock_glacier_mapper.core.rasters.geodata import gdal
from rock_glacier_mapper.core.rasters.grid import Window

# Stored in blocks of 256 pixels: three columns and two rows, the last ones cut short.
SHAPE = (400, 600)
BLOCK_BYTES = 256 * 256 * 2


class CountingBand:
    """A band that notes what is decoded of it."""

    def __init__(self, band: gdal.Band) -> None:
        self._band = band
        self.decoded: list[tuple[int, ...]] = []

    def __getattr__(self, name):
        return getattr(self._band, name)

    def ReadAsArray(self, *window):
        self.decoded.append(window)
        return self._band.ReadAsArray(*window)


class CountingFile:
    """A dataset whose bands count."""

    def __init__(self, path: str) -> None:
        self._dataset = gdal.OpenEx(path, gdal.OF_RASTER)
        self.band = CountingBand(self._dataset.GetRasterBand(1))

    def GetRasterBand(self, _number):
        return self.band


@pytest.fixture
def values():
    """Numbers that are all different."""
    return np.arange(SHAPE[0] * SHAPE[1]).reshape(SHAPE) % 65521


@pytest.fixture
def file(write_raster, values):
    """Those numbers as a file."""
    return CountingFile(write_raster("stored.tif", values[None], ["B11"], dtype="uint16", nodata=0))


@pytest.mark.parametrize("window", [Window(0, 0, 600, 400), Window(250, 255, 20, 3), Window(599, 399, 1, 1)])
def test_windows_show_what_is_stored(file, values, window):
    """Whole, across the blocks' borders, and in the last one."""
    found = BlockCache(2**20).read(file, "stored.tif", 1, window)
    assert found.dtype == np.uint16
    rows, columns = slice(window.y, window.y + window.height), slice(window.x, window.x + window.width)
    np.testing.assert_array_equal(found, values[rows, columns])


def test_a_block_of_two_windows_is_decoded_once(file):
    """Neighbours overlap by a few pixels; bands and files of other names are other blocks."""
    cache = BlockCache(2**20)
    for top in (0, 100, 200):
        cache.read(file, "stored.tif", 1, Window(10, top, 100, 110))
    assert file.band.decoded == [(0, 0, 256, 256), (0, 256, 256, 144)]
    cache.read(file, "stored.tif", 2, Window(0, 0, 1, 1))
    cache.read(file, "other.tif", 1, Window(0, 0, 1, 1))
    assert len(file.band.decoded) == 4


def test_what_was_used_longest_ago_goes_first(file):
    """Two blocks fit; the first is used again, so that the second makes place for the third."""
    cache = BlockCache(2 * BLOCK_BYTES)
    first, second, third = (Window(x, 0, 1, 1) for x in (0, 256, 512))
    for window in (first, second, first, third, first, second):
        cache.read(file, "stored.tif", 1, window)
    assert [x for x, *_ in file.band.decoded] == [0, 256, 512, 256]


def test_memory_stays_within_the_limit(file):
    """Where nothing fits nothing is kept, and the windows are right all the same."""
    cache = BlockCache(BLOCK_BYTES - 1)
    for _ in range(2):
        cache.read(file, "stored.tif", 1, Window(0, 0, 1, 1))
    assert len(file.band.decoded) == 2


def test_strips_are_kept_together(tmp_path):
    """A plain TIFF is stored row by row; a window of many rows is not read row by row."""
    path = str(tmp_path / "strips.tif")
    gdal.GetDriverByName("GTiff").Create(path, 30, 300, 1, gdal.GDT_Byte, ["BLOCKYSIZE=1"]).FlushCache()
    strips = CountingFile(path)
    BlockCache(2**20).read(strips, path, 1, Window(0, 0, 30, 300))
    assert strips.band.decoded == [(0, 0, 30, 256), (0, 256, 30, 44)]
