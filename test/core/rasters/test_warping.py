"""Rasters seen on another grid: means, interpolation and gaps that can be checked by hand."""

from __future__ import annotations

import numpy as np
import pytest
from rock_glacier_mapper.core.errors import Cancelled, InvalidCRSError, InvalidGridError, InvalidRasterError
from rock_glacier_mapper.core.progress import Progress
from rock_glacier_mapper.core.rasters.geodata import gdal, osr, spatial_reference
from rock_glacier_mapper.core.rasters.grid import Grid, Window
from rock_glacier_mapper.core.rasters.raster import Band, Raster, RasterWriter
from rock_glacier_mapper.core.rasters.warping import CopiedBands, WarpedBands, placement

NAN = np.nan


def seen_on(path, target, resampling, window=None, progress=None):
    """Return the first band of a raster on a target grid."""
    with Raster(path) as raster:
        bands = WarpedBands(raster, [0], target, placement(raster, target), resampling)
        return bands.read(window or target.whole, progress or Progress())[0]


@pytest.fixture
def counting(write_raster):
    """0 to 15 in 4 x 4 pixels of 10 m."""
    return write_raster("counting.tif", np.arange(16.0).reshape(1, 4, 4), ["B04"])


def test_twice_the_pixel_is_the_mean_of_four(counting, make_grid):
    """(0 + 1 + 4 + 5) / 4 = 2.5."""
    assert seen_on(counting, make_grid(2, 2, 20.0), "average").tolist() == [[2.5, 4.5], [10.5, 12.5]]


def test_parts_of_pixels_count_by_their_area(counting, make_grid):
    """A pixel of 15 m takes all of one, halves of two and a quarter of one: (0 + 1/2 + 4/2 + 5/4) / 2.25."""
    assert seen_on(counting, make_grid(1, 1, 15.0), "average")[0, 0] == pytest.approx(3.75 / 2.25)


def test_gaps_are_left_out_of_means(write_raster, make_grid):
    """The mean of the three that are valid; nothing where none is."""
    values = np.array([[[NAN, 1, NAN, NAN], [4, 5, NAN, NAN]]])
    path = write_raster("gaps.tif", values, ["B04"])
    np.testing.assert_allclose(seen_on(path, make_grid(2, 1, 20.0), "average"), [[10 / 3, NAN]])


def test_shift_by_half_a_pixel(counting, utm):
    """Between four centres lies their mean."""
    half = Grid(3, 3, (500005.0, 10.0, 0.0, 6999995.0, 0.0, -10.0), utm)
    expected = [[2.5, 3.5, 4.5], [6.5, 7.5, 8.5], [10.5, 11.5, 12.5]]
    assert seen_on(counting, half, "bilinear").tolist() == expected


def test_refining_a_plane_gives_the_plane(write_raster, make_grid):
    """Bilinear and cubic keep what is linear; the outermost centres lie beyond those of the source."""
    path = write_raster("plane.tif", np.add.outer(np.arange(0.0, 8), 10 * np.arange(0.0, 8))[None], ["x"])
    finer = (np.arange(16) + 0.5) / 2 - 0.5
    expected = np.add.outer(finer, 10 * finer)
    for method in ("bilinear", "cubic"):
        found = seen_on(path, make_grid(16, 16, 5.0), method)
        np.testing.assert_allclose(found[4:-4, 4:-4], expected[4:-4, 4:-4], atol=1e-4)


def test_moved_by_whole_pixels(counting, utm):
    """Copied, not interpolated; what lies beyond the source has no value."""
    moved = Grid(2, 3, (500020.0, 10.0, 0.0, 7000010.0, 0.0, -10.0), utm)
    with Raster(counting) as raster:
        place = placement(raster, moved)
        assert place.shift == (2, -1)
        copied = CopiedBands(raster, [0], place.shift)
        assert np.isnan(copied.read(Window(0, 0, 2, 1), Progress())).all()
        np.testing.assert_array_equal(copied.read(moved.whole, Progress())[0], [[NAN, NAN], [2, 3], [6, 7]])


def test_south_up(counting, utm):
    """Rows count upwards there."""
    upwards = Grid(2, 2, (500000.0, 10.0, 0.0, 6999960.0, 0.0, 10.0), utm)
    assert seen_on(counting, upwards, "nearest").tolist() == [[12, 13], [8, 9]]


def test_scale_offset_and_each_bands_own_gaps(tmp_path, make_grid):
    """Numbers become physical values before they are averaged; a gap in one band is none in the other."""
    grid = make_grid(2, 2)
    bands = [Band("B04", "int16", -32768, 0.5, 1.0), Band("B03", "int16", -32768, 2.0)]
    with RasterWriter(str(tmp_path / "two.tif"), grid, bands) as writer:
        writer.write(grid.whole, np.array([[[1, 2], [3, NAN]], [[4.0, 4], [8, 8]]]))
    with Raster(str(tmp_path / "two.tif")) as raster:
        coarse = make_grid(1, 1, 20.0)
        found = WarpedBands(raster, [1, 0], coarse, placement(raster, coarse), "average").read(coarse.whole, Progress())
    assert found.ravel().tolist() == [6.0, 2.0]


def test_a_mask_is_a_gap(tmp_path, counting, make_grid):
    """Alpha bands and masks count as nodata does, as everywhere in the engine."""
    path = str(tmp_path / "masked.tif")
    gdal.Translate(path, counting, outputType=gdal.GDT_Byte, noData="none")
    dataset = gdal.Open(path, gdal.GA_Update)
    dataset.CreateMaskBand(gdal.GMF_PER_DATASET)
    mask = np.full((4, 4), 255, np.uint8)
    mask[0, 0] = 0
    dataset.GetRasterBand(1).GetMaskBand().WriteArray(mask)
    dataset = None
    assert seen_on(path, make_grid(2, 2, 20.0), "average")[0, 0] == pytest.approx(10 / 3)


@pytest.mark.parametrize("method", ["nearest", "bilinear", "cubic", "average"])
@pytest.mark.parametrize("size", [23.0, 7.0])
def test_tiles_of_any_size_agree(write_raster, make_grid, method, size):
    """GDAL would guess another reach of the interpolation for each tile, and approximate positions within it."""
    path = write_raster("noise.tif", np.random.default_rng(3).normal(size=(1, 90, 90)), ["x"])
    reference = osr.SpatialReference()
    reference.ImportFromEPSG(32720)
    neighbouring_zone = reference.ExportToWkt()
    change = osr.CoordinateTransformation(spatial_reference(make_grid(1, 1).crs), spatial_reference(neighbouring_zone))
    x, y, _ = change.TransformPoint(500200.0, 6999800.0)
    target = Grid(30, 30, (float(round(x)), size, 0.0, float(round(y)), 0.0, -size), neighbouring_zone)
    whole = seen_on(path, target, method)
    assert np.isfinite(whole).mean() > 0.5
    for tile in target.tiles(7):
        rows, columns = slice(tile.y, tile.y + tile.height), slice(tile.x, tile.x + tile.width)
        np.testing.assert_array_equal(seen_on(path, target, method, tile), whole[rows, columns])


def test_degrees_onto_metres(write_raster, make_grid, degrees):
    """A surface that rises eastwards by 1 a metre in degrees rises by that in metres; no ellipsoid is lost."""
    grid = Grid(60, 60, (-69.0, 1e-4, 0.0, -27.12, 0.0, -1e-4), degrees)
    target = make_grid(20, 20)
    change = osr.CoordinateTransformation(spatial_reference(degrees), spatial_reference(target.crs))
    x, y = grid.coordinates(*np.meshgrid(np.arange(60) + 0.5, np.arange(60) + 0.5))
    eastings = np.array(change.TransformPoints(np.column_stack([x.ravel(), y.ravel()]).tolist()))[:, 0]
    path = write_raster("degrees.tif", (eastings - 500000).reshape(1, 60, 60), ["x"], grid)
    found = seen_on(path, target, "bilinear")
    inside = np.isfinite(found)
    assert inside.sum() > 100
    expected = np.broadcast_to(5 + 10 * np.arange(20), found.shape)
    np.testing.assert_allclose(found[inside][30:], expected[inside][30:], atol=0.02)


def test_refusals(write_raster, make_grid):
    """No reference system, another place: each is named."""
    values = np.zeros((1, 4, 4))
    target = make_grid(4, 4)
    unplaced = write_raster("unplaced.tif", values, ["x"], make_grid(4, 4, crs=""))
    with pytest.raises(InvalidCRSError, match=r"unplaced\.tif has no coordinate reference system"):
        seen_on(unplaced, target, "nearest")
    here = write_raster("here.tif", values, ["x"])
    away = Grid(4, 4, (510000.0, 10.0, 0.0, 7000000.0, 0.0, -10.0), target.crs)
    with pytest.raises(InvalidGridError, match=r"here\.tif .* does not overlap the stack's grid"):
        seen_on(here, away, "nearest")


def test_cut_short(make_grid, write_raster):
    """A file that ends too early is one sentence."""
    path = write_raster("short.tif", np.random.default_rng(0).normal(size=(1, 300, 300)), ["x"])
    with open(path, "r+b") as file:
        file.truncate(120000)
    with pytest.raises(InvalidRasterError, match="may be damaged"):
        seen_on(path, make_grid(150, 150, 20.0), "average")


def test_cancelled(counting, make_grid):
    """GDAL is stopped, and the stop is no damage of the file."""

    class Stopped(Progress):
        def cancelled(self):
            return True

    with pytest.raises(Cancelled):
        seen_on(counting, make_grid(2, 2, 20.0), "average", progress=Stopped())
