"""scikit-image's methods as alternatives of the stage `segment`: what they promise, and what tiles do to them."""

from __future__ import annotations

import numpy as np
import pytest
from rock_glacier_mapper.core.contracts.segment import METHODS, MULTIRESOLUTION, SegmentOptions
from rock_glacier_mapper.core.errors import Cancelled, InvalidOptionError
from rock_glacier_mapper.core.landforms.landforms import renumber
from rock_glacier_mapper.core.progress import Progress
from rock_glacier_mapper.core.provenance import fact
from rock_glacier_mapper.core.rasters.raster import Raster
from rock_glacier_mapper.core.segmentation import superpixeltiles
from rock_glacier_mapper.core.segmentation.heterogeneity import Criterion
from rock_glacier_mapper.core.segmentation.image import Image
from rock_glacier_mapper.core.segmentation.segment import run
from rock_glacier_mapper.core.segmentation.superpixels import superpixels
from scipy import ndimage

OTHERS = [method for method in METHODS if method != MULTIRESOLUTION]


def fields(height=40, width=60):
    """Return a band of six even squares of 20 pixels, 100 grey levels apart, and the squares' numbers."""
    squares = np.arange(height)[:, np.newaxis] // 20 * (width // 20) + np.arange(width) // 20 + 1
    return (squares % 2 * 100 + 50).astype(np.float32), squares


def image_of(*bands, valid=None, parent=None):
    bands = np.stack(bands).astype(np.float32)
    return Image(bands, np.ones(bands.shape[1:], bool) if valid is None else valid, parent)


def cut(image, method, scale=20.0, weights=None, shape=0.1):
    weights = weights or (1 / max(len(image.bands), 1),) * len(image.bands)
    return superpixels(image, method, Criterion(weights, shape, 0.5), scale)


def assert_are_objects(labels, valid):
    """Labels are 4-connected, consecutive in the order of their first pixels, and lie where the data are."""
    np.testing.assert_array_equal(labels > 0, valid)
    renumbered = labels.copy()
    renumber(renumbered)
    np.testing.assert_array_equal(renumbered, labels)
    assert set(np.unique(labels)) - {0} == set(range(1, labels.max() + 1))
    for number in range(1, labels.max() + 1):
        assert ndimage.label(labels == number)[1] == 1


@pytest.fixture
def noise():
    """Return a smooth random image of three bands with a hole, an island and ragged edges of the data."""
    rng = np.random.default_rng(6)
    bands = ndimage.gaussian_filter(rng.normal(size=(3, 70, 90)), (0, 3, 3))
    bands = 255 * (bands - bands.min()) / np.ptp(bands)
    valid = ndimage.gaussian_filter(rng.normal(size=(70, 90)), 6) > -0.03
    valid[60:, 80:] = False
    valid[65:67, 85:87] = True
    return image_of(*np.where(valid, bands, 0), valid=valid)


@pytest.mark.parametrize("method", OTHERS)
def test_even_squares_are_found(method):
    """Six squares that differ by 100 grey levels are six objects at a scale of their side."""
    values, squares = fields()
    labels = cut(image_of(values), method)
    agree = sum(np.bincount(squares[labels == number]).max() for number in range(1, labels.max() + 1))
    assert labels.max() == 6
    assert agree / squares.size > 0.95


@pytest.mark.parametrize("method", OTHERS)
def test_objects_are_connected_and_in_order(method, noise):
    """Felzenszwalb's pieces touch at corners, and clusters cut by nodata fall apart; neither may show."""
    assert_are_objects(cut(noise, method, scale=8.0), noise.valid)


@pytest.mark.parametrize("method", OTHERS)
def test_no_crumbs_but_islands(method, noise):
    """Pieces under an eighth of the square of the scale join a neighbour; the island of four pixels has none."""
    labels = cut(noise, method, scale=8.0)
    small = np.flatnonzero(np.bincount(labels.ravel()) < 8)
    assert small.tolist() == [labels[65, 85]]


@pytest.mark.parametrize("method", OTHERS)
def test_parents_are_respected(method, noise):
    """No object crosses a parent's border, and each is still connected."""
    parent = np.where(np.arange(90) < 33, 1, 2) * np.ones((70, 1), int)
    parent[30:40] = 4_000_000_000
    image = Image(noise.bands, noise.valid, parent.astype(np.uint32))
    labels = cut(image, method, scale=8.0)
    assert_are_objects(labels, noise.valid)
    for number in range(1, labels.max() + 1):
        assert len(np.unique(image.parent[labels == number])) == 1


@pytest.mark.parametrize("method", OTHERS)
def test_what_nodata_holds_does_not_matter(method, noise):
    """Pixels without a value are filled from the nearest that has one, not taken for black ground."""
    other = np.where(noise.valid, noise.bands, 255).astype(np.float32)
    np.testing.assert_array_equal(cut(noise, method, 8.0), cut(Image(other, noise.valid), method, 8.0))


@pytest.mark.parametrize("method", OTHERS)
def test_a_band_twice_counts_as_one_of_double_weight(method, noise):
    """Differences are Euclidean, so that bands are scaled by the roots of their weights."""
    one, two, _ = noise.bands
    twice = cut(image_of(one, one, two, valid=noise.valid), method, 8.0)
    double = cut(image_of(one, two, valid=noise.valid), method, 8.0, weights=(2 / 3, 1 / 3))
    assert (twice != double).mean() < 0.02


@pytest.mark.parametrize("method", OTHERS)
def test_larger_scale_gives_larger_objects(method, noise):
    """Whatever the method makes of the scale, it goes one way."""
    counts = [cut(noise, method, scale).max() for scale in (4.0, 8.0, 16.0)]
    assert counts == sorted(counts, reverse=True)
    assert len(set(counts)) == 3


@pytest.mark.parametrize("method", ["slic", "watershed"])
def test_scale_is_the_side_of_an_object(method):
    """An even raster of 60 x 80 pixels falls into objects of about 10 x 10."""
    labels = cut(image_of(np.zeros((60, 80))), method, scale=10.0)
    assert 40 <= labels.max() <= 56


def test_shape_makes_slic_regular():
    """The more shape counts, the shorter the borders are."""
    noise = image_of(127 + 60 * ndimage.gaussian_filter(np.random.default_rng(3).normal(size=(60, 60)), 1))

    def border(shape):
        labels = cut(noise, "slic", 10.0, shape=shape)
        return (np.diff(labels, axis=0) != 0).sum() + (np.diff(labels, axis=1) != 0).sum()

    assert 0 < border(0.9) < 0.9 * border(0.1)


def test_three_bands_are_no_colours():
    """scikit-image would turn three bands into Lab; the order of bands must not matter."""
    values, _ = fields()
    ramp = np.tile(np.linspace(0, 255, 60), (40, 1))
    there = cut(image_of(values, ramp, 255 - values), "slic", 10.0)
    np.testing.assert_array_equal(there, cut(image_of(255 - values, values, ramp), "slic", 10.0))


def test_slic_does_not_stretch_each_tile_anew():
    """The same ground gives the same objects whether or not a brighter pixel is in the tile."""
    values, _ = fields()
    values = values / 5
    bright = values.copy()
    bright[0, 59] = 255
    one, other = (cut(image_of(band), "slic", 10.0)[:, :30] for band in (values, bright))
    for axis in (0, 1):
        np.testing.assert_array_equal(np.diff(one, axis=axis) != 0, np.diff(other, axis=axis) != 0)


@pytest.mark.parametrize("method", OTHERS)
@pytest.mark.parametrize("shape", [(1, 1), (1, 7), (7, 1)])
def test_smallest_images(method, shape):
    """A single pixel or line is one object."""
    assert (cut(image_of(np.full(shape, 5.0)), method) == 1).all()


@pytest.mark.parametrize("method", OTHERS)
def test_nothing_valid_and_no_band(method):
    """No object without a valid pixel; where no band is used, what is valid is cut as if it were even."""
    nothing = Image(np.zeros((1, 3, 4), np.float32), np.zeros((3, 4), bool))
    assert not cut(nothing, method).any()
    bare = Image(np.zeros((0, 3, 4), np.float32), np.ones((3, 4), bool))
    assert (superpixels(bare, method, Criterion((), 0.5, 0.5), 20.0) == 1).all()


@pytest.fixture
def segment(tmp_path):
    """Return a function that runs the stage and gives its result, the labels and the provenance."""

    def do(input_path, progress=None, **options):
        output = str(tmp_path / "labels.tif")
        result = run(SegmentOptions(input=input_path, output=output, **options), progress or Progress())
        with Raster(output) as labels:
            return result, labels.read_raw(), labels.provenance

    return do


@pytest.mark.parametrize("method", OTHERS)
def test_tiles_are_numbered_as_one_raster(write_raster, segment, monkeypatch, noise, method):
    """Tiles cut objects, but the numbers follow the first pixels of the whole raster, and nodata stays."""
    path = write_raster("stack.tif", np.where(noise.valid, noise.bands, np.nan), ["B04", "B03", "B02"])
    _, whole, made = segment(path, method=method, scale=8.0)
    assert_are_objects(whole, noise.valid)
    assert fact(made, "exact_across_tiles") is True
    monkeypatch.setattr(superpixeltiles, "TILE_SIZE", 32)
    result, labels, made = segment(path, method=method, scale=8.0)
    assert_are_objects(labels, noise.valid)
    assert result.objects == labels.max() == fact(made, "objects")
    assert fact(made, "tiles") == 9
    assert fact(made, "exact_across_tiles") is False


def test_tiles_are_stretched_alike(write_raster, segment, monkeypatch):
    """Limits are those of the whole raster: the left tile is all but even, and stays one object."""
    values = np.zeros((1, 32, 64))
    values[0, :, 16:32] = 0.01
    values[0, :, 32:] = 200.0
    path = write_raster("stack.tif", values, ["B04"])
    monkeypatch.setattr(superpixeltiles, "TILE_SIZE", 32)
    result, _, _ = segment(path, method="felzenszwalb", scale=8.0)
    assert result.objects == 2


@pytest.mark.parametrize("method", OTHERS)
def test_scale_below_a_pixel(write_raster, segment, method, tmp_path):
    """It would ask for several objects a pixel; nothing is written."""
    path = write_raster("stack.tif", np.zeros((1, 3, 3)), ["B04"])
    with pytest.raises(InvalidOptionError, match=f"`{method}`.*at least 1"):
        segment(path, method=method, scale=0.5)
    assert [item.name for item in tmp_path.iterdir()] == ["stack.tif"]


@pytest.mark.parametrize("questions", [0, 1, 3, 5])
def test_cancelled_stage_leaves_nothing(write_raster, segment, tmp_path, questions, monkeypatch):
    """Neither an output nor the folder of the tiles."""

    class StopAfter(Progress):
        left = questions

        def cancelled(self):
            self.left -= 1
            return self.left < 0

    monkeypatch.setattr(superpixeltiles, "TILE_SIZE", 16)
    path = write_raster("stack.tif", np.random.default_rng(1).random((2, 50, 50)), ["B04", "B03"])
    with pytest.raises(Cancelled):
        segment(path, StopAfter(), method="watershed")
    assert [item.name for item in tmp_path.iterdir()] == ["stack.tif"]
