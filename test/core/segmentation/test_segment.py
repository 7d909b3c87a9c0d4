"""The stage `segment` from files to files."""

from __future__ import annotations

import os

import numpy as np
import pytest
from rock_glacier_mapper.core.contracts.segment import SegmentOptions
from rock_glacier_mapper.core.errors import (
    Cancelled,
    InvalidGridError,
    InvalidOptionError,
    InvalidRasterError,
    OutputError,
)
from rock_glacier_mapper.core.progress import Progress
from rock_glacier_mapper.core.provenance import fact
from rock_glacier_mapper.core.rasters.raster import Band, Raster, RasterWriter
from rock_glacier_mapper.core.segmentation.segment import run
from scipy import ndimage


def halves(height=8, width=10, level=100.0):
    """Return a band whose right half is brighter."""
    values = np.zeros((height, width))
    values[:, width // 2 :] = level
    return values


@pytest.fixture
def segment(tmp_path):
    """Return a function that runs the stage and gives its result and the labels."""

    def do(input_path, progress=None, **options):
        output = str(tmp_path / "labels.tif")
        result = run(SegmentOptions(input=input_path, output=output, **options), progress or Progress())
        with Raster(output) as labels:
            return result, labels.read_raw()

    return do


def test_two_halves_are_two_objects(write_raster, segment, make_grid, tmp_path):
    """The labels lie on the input's grid, know their nodata, and how they were made."""
    path = write_raster("stack.tif", halves()[np.newaxis], ["B04"])
    result, labels = segment(path, scale=30.0)
    np.testing.assert_array_equal(labels, halves(level=1.0) + 1)
    assert result.objects == 2
    with Raster(result.output) as raster:
        assert raster.grid == make_grid(10, 8)
        assert raster.bands == (Band("labels", "uint32", 0.0),)
        assert fact(raster.provenance, "objects") == 2
        assert [item["stage"] for item in raster.provenance] == ["segment"]


def test_nodata_of_any_band_is_no_object(write_raster, segment):
    """A pixel needs a value in all bands used, but not in a band of weight 0."""
    values = np.stack((halves(), halves(), halves()))
    values[1, 0, 0] = values[2, 7, 9] = np.nan
    path = write_raster("stack.tif", values, ["B04", "B03", "slope"])
    _, labels = segment(path, weights=("slope=0",))
    assert np.argwhere(labels == 0).tolist() == [[0, 0]]
    _, labels = segment(path)
    assert np.argwhere(labels == 0).tolist() == [[0, 0], [7, 9]]


def test_band_of_weight_0_has_no_say(write_raster, segment):
    """The objects are those of the raster without the band."""
    rng = np.random.default_rng(4)
    values = ndimage.gaussian_filter(rng.normal(size=(3, 30, 40)), (0, 2, 2))
    _, expected = segment(write_raster("two.tif", values[:2], ["B04", "B03"]), scale=20.0)
    _, labels = segment(write_raster("three.tif", values, ["B04", "B03", "B02"]), scale=20.0, weights=("B02=0",))
    np.testing.assert_array_equal(labels, expected)
    assert labels.max() > 3


def test_weights_count_by_their_ratio(write_raster, segment):
    """Weights are divided by their sum; a band that occurs twice weighs as one of double weight."""
    values = ndimage.gaussian_filter(np.random.default_rng(4).normal(size=(2, 30, 40)), (0, 2, 2))
    path = write_raster("two.tif", values, ["B04", "B03"])
    _, expected = segment(path, scale=20.0, weights=("B04=2",))
    _, scaled = segment(path, scale=20.0, weights=("B04 = 8", "B03=4"))
    _, equal = segment(path, scale=20.0)
    np.testing.assert_array_equal(scaled, expected)
    assert not np.array_equal(equal, expected)


def test_shape_alone_segments_where_the_data_are(write_raster, segment):
    """Without any band, objects are compact pieces of the valid area, be it all of the raster."""
    values = halves()[np.newaxis]
    for gaps in ([], [[3, 3]]):
        for row, column in gaps:
            values[0, row, column] = np.nan
        path = write_raster(f"{len(gaps)}.tif", values, ["B04"])
        result, labels = segment(path, weights=("B04=0",), shape=0.9, scale=2.0)
        assert np.argwhere(labels == 0).tolist() == gaps
        assert 1 <= result.objects < 80
    assert result.objects > 1


def test_heatmap_is_a_layer_of_fixed_range(write_raster, segment):
    """A heatmap of 0 and 1 parts an even image; one of 0 and 0.01 does not, however even the rest is."""
    even = write_raster("even.tif", np.ones((1, 8, 10)), ["B04"])
    strong = write_raster("strong.tif", halves(level=1.0)[np.newaxis], ["heatmap"])
    weak = write_raster("weak.tif", halves(level=0.01)[np.newaxis], ["heatmap"])
    assert segment(even, heatmap=strong, scale=30.0)[0].objects == 2
    assert segment(even, heatmap=weak, scale=30.0)[0].objects == 1
    assert segment(even, heatmap=strong, weights=("heatmap=0",), scale=30.0)[0].objects == 1


@pytest.mark.parametrize("level", [100.0, -0.5])
def test_heatmap_that_is_none(write_raster, segment, level):
    """Per cent would be cut off at 1, and every likely pixel would look alike."""
    even = write_raster("even.tif", np.ones((1, 8, 10)), ["B04"])
    other = write_raster("other.tif", halves(level=level)[np.newaxis], ["heatmap"])
    with pytest.raises(InvalidRasterError, match=r"other\.tif has values from .* of 0 to 1 is expected"):
        segment(even, heatmap=other)


def test_what_is_rare_is_not_cut_off(write_raster, segment):
    """A band that is 0 but for three pixels in a thousand parts them from the others."""
    values = np.zeros((1, 40, 50))
    values[0, 10:12, 10:13] = 1.0
    result, labels = segment(write_raster("rare.tif", values, ["mask"]), scale=30.0)
    assert result.objects == 2
    np.testing.assert_array_equal(labels == labels[10, 10], values[0] == 1)


def test_even_band_is_told(write_raster, segment):
    """A band with one value lets the others count less; the objects are larger than its user expects."""
    warnings = []

    class Listener(Progress):
        def warn(self, message):
            warnings.append(message)

    path = write_raster("stack.tif", np.stack((halves(), np.ones((8, 10)))), ["B04", "shadow"])
    segment(path, Listener())
    assert len(warnings) == 1 and "shadow" in warnings[0] and "B04" not in warnings[0]
    segment(path, Listener(), weights=("shadow=0",))
    assert len(warnings) == 1


def test_band_of_weight_0_is_not_read(make_grid, segment, tmp_path):
    """Complex numbers, which are no measurements, may stay in the stack."""
    path = str(tmp_path / "stack.tif")
    grid = make_grid(10, 8)
    with RasterWriter(path, grid, [Band("B04", "float32", None), Band("slc", "complex64", None)]) as out:
        out.write_raw(grid.whole, halves().astype(np.float32), 1)
    assert segment(path, weights=("slc=0",))[0].objects == 2


def test_only_the_first_class_of_a_heatmap_counts(write_raster, segment):
    """Further classes of the heatmap are no layers."""
    even = write_raster("even.tif", np.ones((1, 8, 10)), ["B04"])
    classes = np.stack((np.zeros((8, 10)), halves(level=1.0)))
    path = write_raster("classes.tif", classes, ["heatmap", "heatmap_snow"])
    assert segment(even, heatmap=path)[0].objects == 1


def test_no_object_crosses_parents_and_none_lies_outside(write_raster, segment):
    """The even image falls into the parents; where these have nodata, there is no object."""
    parents = np.repeat([[1, 1, 2, 2, 2, 7, np.nan, 1]], 4, axis=0)[np.newaxis]
    path = write_raster("even.tif", np.ones((1, 4, 8)), ["B04"])
    parent = write_raster("parents.tif", parents, ["labels"], dtype="uint32", nodata=0.0)
    _, labels = segment(path, parent=parent)
    np.testing.assert_array_equal(labels, np.repeat([[1, 1, 2, 2, 2, 3, 0, 4]], 4, axis=0))


def test_parents_do_not_change_the_scale(write_raster, segment):
    """Bands are stretched as without parents, however little contrast there is inside them."""
    rng = np.random.default_rng(5)
    values = ndimage.gaussian_filter(rng.normal(size=(60, 80)), 2)
    values[:, 40:] *= 20
    path = write_raster("stack.tif", values[np.newaxis], ["B04"])
    whole, left = np.ones((60, 80)), np.ones((60, 80))
    left[:, 40:] = 0
    found = [
        segment(path, parent=write_raster(f"{n}.tif", parents[np.newaxis], ["labels"], dtype="uint32", nodata=0))[1]
        for n, parents in enumerate((whole, left))
    ]
    assert len(np.unique(found[0][:, :30])) == len(np.unique(found[1][:, :30]))


def test_parents_without_an_object(write_raster, segment):
    """The message names them, not the input, whose pixels all have values."""
    warnings = []

    class Listener(Progress):
        def warn(self, message):
            warnings.append(message)

    path = write_raster("stack.tif", halves()[np.newaxis], ["B04"])
    none = write_raster("none.tif", np.zeros((1, 8, 10)), ["labels"], dtype="uint32", nodata=0)
    assert segment(path, Listener(), parent=none)[0].objects == 0
    assert any("none.tif" in warning for warning in warnings)


def test_bands_of_any_unit_count_alike(write_raster, segment):
    """The stretch makes a band's unit and offset irrelevant."""
    values = ndimage.gaussian_filter(np.random.default_rng(4).normal(size=(2, 30, 40)), (0, 2, 2))
    _, expected = segment(write_raster("a.tif", values, ["B04", "elevation"]), scale=20.0)
    values[1] = values[1] * 1024 + 4096
    values = values.astype(np.float32)
    _, labels = segment(write_raster("b.tif", values, ["B04", "elevation"]), scale=20.0)
    assert (labels != expected).mean() < 0.05


def test_tiles_and_threads_do_not_matter(write_raster, segment, monkeypatch):
    """Tiles that are read from the file by window, one process or two, give the labels of one tile."""
    monkeypatch.setattr("rock_glacier_mapper.core.segmentation.multiresolution.HALO", 8)
    values = ndimage.gaussian_filter(np.random.default_rng(4).normal(size=(2, 70, 60)), (0, 2, 2))
    values[0, 30:33] = np.nan
    path = write_raster("two.tif", values, ["B04", "B03"])
    _, expected = segment(path, scale=20.0, tile_size=0)
    for tile_size, threads in ((25, 1), (40, 2)):
        _, labels = segment(path, scale=20.0, tile_size=tile_size, threads=threads)
        np.testing.assert_array_equal(labels, expected)
    assert expected.max() > 3


def test_a_level_upon_another(write_raster, segment, tmp_path):
    """Objects made of smaller objects, which the provenance names; nothing but the output is left in the folder."""
    values = ndimage.gaussian_filter(np.random.default_rng(4).normal(size=(2, 30, 40)), (0, 2, 2))
    path = write_raster("two.tif", values, ["B04", "B03"])
    _, small = segment(path, scale=10.0)
    os.rename(tmp_path / "labels.tif", tmp_path / "small.tif")
    result, large = segment(path, scale=25.0, children=str(tmp_path / "small.tif"))
    assert 1 < result.objects < small.max()
    assert len(np.unique(np.stack((small.ravel(), large.ravel())), axis=1).T) == small.max()
    assert sorted(item.name for item in tmp_path.iterdir()) == ["labels.tif", "small.tif", "two.tif"]


def test_other_methods_start_from_pixels(write_raster, segment):
    """Smaller objects are for multiresolution only; the message names it."""
    path = write_raster("stack.tif", halves()[np.newaxis], ["B04"])
    with pytest.raises(InvalidOptionError, match="`slic` starts from pixels"):
        segment(path, children=path, method="slic")


def test_windows_do_not_matter(write_raster, segment, monkeypatch):
    """Reading the raster in small windows for the stretch gives the same labels."""
    values = ndimage.gaussian_filter(np.random.default_rng(4).normal(size=(2, 30, 40)), (0, 2, 2))
    path = write_raster("two.tif", values, ["B04", "B03"])
    _, expected = segment(path, scale=20.0)
    monkeypatch.setattr("rock_glacier_mapper.core.segmentation.segmentlayers._WINDOW", 7)
    _, labels = segment(path, scale=20.0)
    np.testing.assert_array_equal(labels, expected)


@pytest.mark.parametrize("shape", [(1, 1), (1, 7), (7, 1)])
def test_smallest_rasters(write_raster, segment, shape):
    """A single pixel or line is one object."""
    result, labels = segment(write_raster("tiny.tif", np.full((2, *shape), 5.0), ["B04", "B03"]))
    assert result.objects == 1
    assert (labels == 1).all()


def test_all_nodata_is_an_empty_result(write_raster, segment):
    """Labels without objects are written, and the user is told."""
    warnings = []
    progress = Progress()
    progress.warn = warnings.append
    result, labels = segment(write_raster("none.tif", np.full((2, 5, 6), np.nan), ["B04", "B03"]), progress)
    assert result.objects == 0
    assert not labels.any()
    assert len(warnings) == 1


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        (("coherense=2",), "Did you mean `coherence`.*B04, coherence"),
        (("heatmap=3",), "Its roles are: B04, coherence"),
        (("coherence",), "role=number"),
        (("coherence=much",), "role=number"),
        (("coherence=-1",), "0 or more"),
        (("coherence=inf",), "role=number"),
        (("coherence=nan",), "role=number"),
        (("=2",), "role=number"),
        (("coherence=1", "coherence=2"), "twice"),
    ],
)
def test_weights_that_cannot_be_understood(write_raster, segment, weights, message, tmp_path):
    """Each mistake has its sentence, and no output is left."""
    path = write_raster("stack.tif", np.zeros((2, 3, 3)), ["B04", "coherence"])
    with pytest.raises(InvalidOptionError, match=message):
        segment(path, weights=weights)
    assert [item.name for item in tmp_path.iterdir()] == ["stack.tif"]


def test_nothing_to_segment_by(write_raster, segment):
    """All weights 0 and no shape leave no criterion."""
    path = write_raster("stack.tif", np.zeros((1, 3, 3)), ["B04"])
    with pytest.raises(InvalidOptionError, match="leaves out every band"):
        segment(path, weights=("B04=0",), shape=0.0)


def test_two_heatmaps(write_raster, segment):
    """A stack that holds a heatmap and another one beside it are ambiguous."""
    path = write_raster("stack.tif", np.zeros((1, 3, 3)), ["heatmap"])
    with pytest.raises(InvalidOptionError, match="already"):
        segment(path, heatmap=path)


@pytest.mark.parametrize("role", ["heatmap", "parent", "children"])
def test_other_grid(write_raster, segment, role):
    """Heatmap and parents must lie on the input's grid; the message names the file."""
    path = write_raster("stack.tif", np.zeros((1, 3, 3)), ["B04"])
    other = write_raster("other.tif", np.ones((1, 3, 4)), ["labels"], dtype="uint32", nodata=0.0)
    with pytest.raises(InvalidGridError, match=r"other\.tif"):
        segment(path, **{role: other})


def test_parents_that_are_no_labels(write_raster, segment):
    """A raster of decimal numbers cannot be parents."""
    path = write_raster("stack.tif", np.zeros((1, 3, 3)), ["B04"])
    with pytest.raises(InvalidRasterError, match="float32"):
        segment(path, parent=path)


def test_missing_input_and_folder(write_raster, tmp_path):
    """Bad paths are named before any work."""
    with pytest.raises(InvalidRasterError, match=r"absent\.tif"):
        run(SegmentOptions(input=str(tmp_path / "absent.tif"), output=str(tmp_path / "o.tif")), Progress())
    path = write_raster("stack.tif", np.zeros((1, 3, 3)), ["B04"])
    with pytest.raises(OutputError, match="nowhere"):
        run(SegmentOptions(input=path, output=str(tmp_path / "nowhere" / "o.tif")), Progress())


def test_raster_that_does_not_fit_into_memory(write_raster, segment, monkeypatch):
    """Too little memory is a sentence with the raster's size."""

    def too_much(*_):
        raise MemoryError

    path = write_raster("stack.tif", np.zeros((1, 3, 4)), ["B04"])
    monkeypatch.setattr("rock_glacier_mapper.core.segmentation.multiresolution.merged", too_much)
    with pytest.raises(InvalidRasterError, match="4 x 3 pixels"):
        segment(path)


@pytest.mark.parametrize("questions", [0, 1, 5, 20])
def test_cancelled_stage_leaves_no_output(write_raster, tmp_path, questions):
    """Wherever the stage is stopped, the folder is as before."""

    class StopAfter(Progress):
        left = questions

        def cancelled(self):
            self.left -= 1
            return self.left < 0

    path = write_raster("stack.tif", np.random.default_rng(1).random((2, 50, 50)), ["B04", "B03"])
    with pytest.raises(Cancelled):
        run(SegmentOptions(input=path, output=str(tmp_path / "labels.tif")), StopAfter())
    assert [item.name for item in tmp_path.iterdir()] == ["stack.tif"]


def test_transposed_file_of_bytes_gives_transposed_objects(segment, make_grid, tmp_path):
    """Ties are frequent in 8-bit rasters, and percentiles do not depend on the order of pixels."""
    noise = ndimage.gaussian_filter(np.random.default_rng(8).normal(size=(2, 40, 40)), (0, 3, 3))
    levels = np.clip(np.rint((noise - noise.min()) / np.ptp(noise) * 20), 1, 20).astype(np.uint8)

    def labels_of(name, values):
        grid = make_grid(values.shape[2], values.shape[1])
        path = str(tmp_path / name)
        with RasterWriter(path, grid, [Band("B04", "uint8", 0.0), Band("B03", "uint8", 0.0)]) as raster:
            raster.write(grid.whole, values.astype(float))
        return segment(path, scale=15.0)[1]

    there, back = labels_of("there.tif", levels), labels_of("back.tif", levels.transpose(0, 2, 1)).T
    pairs = {tuple(pair) for pair in np.stack((there.ravel(), back.ravel()), axis=1)}
    assert len(pairs) == there.max() == back.max() > 3


def test_mean_object_of_a_real_mosaic(shared_data, tmp_path):
    """At the default scale, objects of a 10 m mosaic are small enough for rock glaciers of 2 to 20 ha."""
    path = str(shared_data / "los_helados" / "sentinel2_rgb_10m.tif")
    output = str(tmp_path / "labels.tif")
    result = run(SegmentOptions(input=path, output=output, scale=15.0), Progress())
    with Raster(output) as labels:
        size = (labels.read_raw() > 0).sum() / result.objects
    assert 60 < size < 150
