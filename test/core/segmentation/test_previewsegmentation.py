"""The stage `previewsegmentation`: a part of what `segment` makes, and a picture of it."""

from __future__ import annotations

import numpy as np
import pytest
from osgeo import gdal
from rock_glacier_mapper.core.contracts.previewsegmentation import PreviewSegmentationOptions
from rock_glacier_mapper.core.contracts.segment import METHODS, SegmentOptions
from rock_glacier_mapper.core.errors import Cancelled, InvalidOptionError, MapperError, OutputError
from rock_glacier_mapper.core.progress import Progress
from rock_glacier_mapper.core.provenance import fact
from rock_glacier_mapper.core.rasters.picture import BORDER_COLOUR
from rock_glacier_mapper.core.rasters.raster import Raster
from rock_glacier_mapper.core.segmentation.previewsegmentation import run
from rock_glacier_mapper.core.segmentation.segment import run as segment

LEFT = "500000,500040,6999960,7000000"


@pytest.fixture
def preview(tmp_path):
    """Return a function that runs the stage and gives its result, the labels, and the picture's channels."""

    def do(input_path, progress=None, **options):
        output, picture = str(tmp_path / "labels.tif"), str(tmp_path / "picture.png")
        options = {"input": input_path, "output": output, "picture": picture, **options}
        result = run(PreviewSegmentationOptions(**options), progress or Progress())
        with Raster(output) as labels:
            return result, labels.read_raw(), gdal.Open(picture).ReadAsArray()

    return do


@pytest.fixture
def stack(write_raster):
    """Two dark squares of 4 x 4 pixels, 1 grey level apart, beside ground that is 200 levels brighter."""
    values = np.full((1, 8, 8), 200.0)
    values[0, :4, :4] = 0.0
    values[0, :4, 2:4] = 1.0
    return write_raster("stack.tif", values, ["B04"])


def test_whole_raster_is_what_segment_makes(write_raster, preview, tmp_path):
    """Where the part is all of a raster that is one tile, every method gives the labels of the run."""
    values = np.random.default_rng(2).normal(size=(2, 20, 30)).cumsum(axis=2)
    values[0, :3, :3] = np.nan
    path = write_raster("stack.tif", values, ["B04", "coherence"])
    for method in METHODS:
        _, labels, _ = preview(path, method=method, scale=5.0, weights=("coherence=2",))
        output = str(tmp_path / "run.tif")
        options = SegmentOptions(input=path, output=output, method=method, scale=5.0, weights=("coherence=2",))
        segment(options, Progress())
        with Raster(output) as run_labels:
            np.testing.assert_array_equal(labels, run_labels.read_raw())


def test_a_part_is_stretched_as_the_whole(stack, preview):
    """By themselves the two squares would differ by the whole range; in the raster they are one dark object."""
    result, labels, _ = preview(stack, extent=LEFT, scale=10.0)
    assert labels.shape == (4, 4)
    assert (labels == 1).all()
    assert (result.objects, result.mean_pixels) == (1, 16.0)


def test_what_stands_beside_the_raster_is_looked_at_again(write_raster, preview, tmp_path):
    """A source of a virtual raster that has changed since the last preview, and a nodata value stated since."""
    values = np.zeros((1, 8, 8))
    values[0, :4, :4], values[0, 4:] = 1.0, 500.0
    source = write_raster("source.tif", values, ["B04"], nodata=None)
    virtual = str(tmp_path / "virtual.vrt")
    gdal.BuildVRT(virtual, source).FlushCache()
    assert preview(virtual, extent=LEFT, scale=10.0)[0].objects == 1
    values[0, 4:] = 2.0
    write_raster("source.tif", values, ["B04"], nodata=None)
    assert preview(virtual, extent="500000,500080,6999960,7000000", scale=10.0)[0].objects == 2
    write_raster("source.tif", np.where(values == 2, 500.0, values), ["B04"], nodata=None)
    assert preview(source, extent="500000,500080,6999960,7000000", scale=10.0)[0].objects == 1
    dataset = gdal.Open(source)
    dataset.GetRasterBand(1).SetNoDataValue(500.0)
    del dataset
    assert preview(source, extent="500000,500080,6999960,7000000", scale=10.0)[0].objects == 2


def test_the_part_lies_where_it_was_cut_out(stack, preview):
    """The labels' grid starts at the window, and their provenance has it."""
    preview(stack, extent="500020,500080,6999940,6999980")
    with Raster(stack) as source, Raster(stack.replace("stack", "labels")) as labels:
        assert labels.grid.geotransform == (500020.0, 10.0, 0.0, 6999980.0, 0.0, -10.0)
        assert (labels.grid.width, labels.grid.height, labels.grid.crs) == (6, 4, source.grid.crs)
        assert fact(labels.provenance, "window") == [2, 2, 6, 4]
        assert "picture" not in fact(labels.provenance, "options")


def test_borders_are_drawn_between_objects(stack, preview):
    """Magnified 16 times: the border of the dark square is magenta on both sides, and nothing else is."""
    _, labels, picture = preview(stack, scale=10.0)
    assert labels.max() == 2
    assert picture.shape == (4, 128, 128)
    magenta = (picture[:3] == np.array(BORDER_COLOUR)[:, np.newaxis, np.newaxis]).all(axis=0)
    expected = np.zeros((128, 128), bool)
    expected[:64, 63:65] = expected[63:65, :64] = True
    np.testing.assert_array_equal(magenta, expected)
    assert picture[0, 10, 10] < 20 and picture[0, 100, 100] == 255


def test_nodata_is_transparent(write_raster, preview):
    """What has no value is not black ground."""
    values = np.ones((1, 4, 4))
    values[0, :, 2:] = np.nan
    _, labels, picture = preview(write_raster("half.tif", values, ["B04"]))
    assert not labels[:, 2:].any()
    assert (picture[3][:, 40:] == 0).all() and (picture[3][:, :30] == 255).all()


def test_bands_of_the_picture(write_raster, preview):
    """True colour where there is one, else the heatmap, else the first bands; or those that are named."""
    ramp = np.tile(np.arange(8.0), (8, 1))
    values = np.stack([ramp, ramp.T, 7 - ramp, ramp[:, ::-1] * ramp])
    colour = write_raster("colour.tif", values, ["B02", "B03", "B04", "slope"])
    bare = write_raster("bare.tif", values, ["a", "b", "c", "d"])
    single = write_raster("single.tif", values[:1], ["a"])
    heatmap = write_raster("heatmap.tif", values[:1] / 7, ["heatmap"])

    def corners(*arguments, **options):
        channels = preview(*arguments, scale=500.0, **options)[2][:3]
        return [(channel[8, 8] > 128, channel[8, -8] > 128, channel[-8, 8] > 128) for channel in channels]

    right, down, left = (False, True, False), (False, False, True), (True, False, True)
    assert corners(colour) == [left, down, right]
    assert corners(colour, heatmap=heatmap, picture_bands=("heatmap",)) == [right] * 3
    assert corners(bare, heatmap=heatmap) == [right] * 3
    assert corners(bare) == [right, down, left]
    assert corners(single) == [right] * 3
    assert corners(colour, weights=("B04=0", "B02=0"), picture_bands=("B04", "B04", "B02")) == [left, left, right]


@pytest.mark.parametrize("bands", [("B04", "B03"), ("B05",), ("B04",) * 4])
def test_bands_that_cannot_be_shown(stack, preview, bands):
    """The message lists those there are."""
    with pytest.raises(InvalidOptionError, match="one or three of the raster's bands are expected: B04"):
        preview(stack, picture_bands=bands)


def test_a_part_without_data(write_raster, preview):
    """The user hears of it; labels and picture are empty."""
    listener = Progress()
    warnings = []
    listener.warn = warnings.append
    values = np.full((1, 8, 8), np.nan)
    values[0, 4:] = 1.0
    result, labels, picture = preview(write_raster("s.tif", values, ["B04"]), listener, extent=LEFT)
    assert result.objects == 0 and np.isnan(result.mean_pixels)
    assert not labels.any() and not picture[3].any()
    assert len(warnings) == 1


def test_the_log_says_number_and_size(stack, preview):
    """The last report is what a user who tries parameters wants to know."""
    messages = []
    progress = Progress()
    progress.report = lambda _, message="": messages.append(message)
    preview(stack, progress, scale=10.0)
    assert messages[-1] == "2 objects of 32 pixels in the mean"


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"picture": "picture.jpg"}, OutputError),
        ({"output": "labels.png"}, OutputError),
        ({"extent": "1,2,3"}, InvalidOptionError),
        ({"method": "slic", "scale": 0.1}, InvalidOptionError),
        ({"weights": ("x=1",)}, InvalidOptionError),
    ],
)
def test_bad_input_leaves_no_output(stack, preview, tmp_path, options, error):
    """Whatever is wrong, there is one message and no file."""
    named = {key: str(tmp_path / value) if key in ("picture", "output") else value for key, value in options.items()}
    with pytest.raises(error) as raised:
        preview(stack, **named)
    assert isinstance(raised.value, MapperError)
    assert [item.name for item in tmp_path.iterdir()] == ["stack.tif"]


@pytest.mark.parametrize("questions", [0, 2, 5])
def test_cancelled_preview_leaves_nothing(stack, preview, tmp_path, questions):
    """Neither labels nor picture."""

    class StopAfter(Progress):
        left = questions

        def cancelled(self):
            self.left -= 1
            return self.left < 0

    with pytest.raises(Cancelled):
        preview(stack, StopAfter())
    assert [item.name for item in tmp_path.iterdir()] == ["stack.tif"]
