"""Classified objects become labels of landforms: every option on toy rasters of 10 m pixels."""

from __future__ import annotations

import os

import numpy as np
import pytest
import shapely
from rock_glacier_mapper.core import reshape
from rock_glacier_mapper.core.contracts.reshape import ReshapeOptions
from rock_glacier_mapper.core.errors import (
    Cancelled,
    InvalidCRSError,
    InvalidGridError,
    InvalidOptionError,
    InvalidRasterError,
    InvalidVectorError,
    MapperError,
    OutputError,
)
from rock_glacier_mapper.core.grid import Grid
from rock_glacier_mapper.core.polygons import polygonize
from rock_glacier_mapper.core.progress import Progress
from rock_glacier_mapper.core.raster import Band, Raster, RasterWriter
from rock_glacier_mapper.core.vector import VectorLayer, write_layers

PLAIN = {"fill": 0.0, "smooth": 0.0, "min_area": 0.0}


class Listener(Progress):
    """Remembers warnings; cancels when told to."""

    def __init__(self, cancel=False):
        self.warnings = []
        self._cancel = cancel

    def warn(self, message):
        self.warnings.append(message)

    def cancelled(self):
        return self._cancel


@pytest.fixture
def scene(tmp_path, make_grid):
    """Return a function that writes labels, their classified objects and a heatmap, and gives the stage's options."""

    def write(labels, targets, heatmap=None, grid=None, **options):
        labels = np.array(labels, np.uint32)
        grid = grid or make_grid(labels.shape[1], labels.shape[0])
        paths = {name: str(tmp_path / name) for name in ("labels.tif", "objects.gpkg", "heatmap.tif", "out.tif")}
        with RasterWriter(paths["labels.tif"], grid, [Band("labels", "uint32", 0)], [{"stage": "segment"}]) as raster:
            raster.write_raw(grid.whole, labels)
        geometries, ids = polygonize(labels, grid)
        classes = np.array(["rock_glacier" if number in targets else "" for number in ids], object)
        columns = {"object_id": ids.astype(np.int64), "class": classes, "membership": np.full(len(ids), 0.5)}
        steps = [{"stage": "segment"}, {"stage": "classify"}]
        write_layers(paths["objects.gpkg"], {"objects": VectorLayer(geometries, columns, grid.crs, steps)})
        given = {"objects": paths["objects.gpkg"], "labels": paths["labels.tif"], "output": paths["out.tif"]}
        if heatmap is not None:
            band = Band("heatmap", "uint8", 255, 0.004)
            with RasterWriter(paths["heatmap.tif"], grid, [band], [{"stage": "heatmap"}]) as raster:
                raster.write(grid.whole, np.array([heatmap], float))
            given["heatmap"] = paths["heatmap.tif"]
        return ReshapeOptions(**{**PLAIN, **given, **options})

    return write


def landforms_of(options, progress=None):
    result = reshape.run(options, progress or Listener())
    with Raster(result.output) as raster:
        labels = raster.read_raw()
    assert result.landforms == labels.max(initial=0)
    return labels.tolist()


def test_touching_objects_are_merged(scene):
    """Objects 1 and 2 share a side, 4 touches them at a corner only; numbers follow the first pixels."""
    options = scene([[3, 3, 1, 2], [4, 4, 3, 3], [3, 3, 4, 4]], {1, 2, 4})
    assert landforms_of(options) == [[0, 0, 1, 1], [2, 2, 0, 0], [0, 0, 3, 3]]


def test_growing_stops_at_low_heatmap_and_at_nodata(scene):
    """Growing goes through touching pixels of 0.6 and more; labels of 0 and a heatmap without value stop it."""
    labels = [[1, 2, 2, 2, 2, 2], [2, 2, 0, 2, 2, 2]]
    heatmap = [[0.1, 0.6, 0.9, np.nan, 0.9, 0.9], [0.596, 0.9, 0.9, 0.9, 0.9, 0.9]]
    assert landforms_of(scene(labels, {1}, heatmap, grow=0.6)) == [[1, 1, 1, 0, 0, 0], [0, 1, 0, 0, 0, 0]]


def test_shrinking_drops_low_pixels_and_those_without_value(scene):
    """The threshold itself stays, although 0.6 is stored as 150 steps of 0.004."""
    options = scene([[1, 1, 1, 1]], {1}, [[0.596, 0.6, 0.9, np.nan]], shrink=0.6)
    assert landforms_of(options) == [[0, 1, 1, 0]]


def test_thresholds_allow_for_the_rounding_of_stored_steps(scene, write_raster):
    """36 hundredths are read as a little less than 0.36, and still reach a threshold of 0.36."""
    path = write_raster("percent.tif", np.array([[[0.36, 0.35]]]), ["p"], dtype="uint8", nodata=255, scale=0.01)
    options = scene([[1, 1]], {1})
    assert landforms_of(ReshapeOptions(**{**options.__dict__, "heatmap": path, "shrink": 0.36})) == [[1, 0]]


def test_growing_comes_before_shrinking(scene):
    """A pixel that growing passes is dropped by a shrinking that is stricter."""
    options = scene([[1, 2, 2]], {1}, [[0.9, 0.5, 0.9]], grow=0.4, shrink=0.8)
    assert landforms_of(options) == [[1, 0, 2]]


def test_heatmap_without_thresholds_is_not_looked_at(scene):
    """Without growing or shrinking the heatmap's nodata says nothing."""
    assert landforms_of(scene([[1, 1]], {1}, [[np.nan, 0.1]])) == [[1, 1]]


def test_holes_are_filled_by_area_even_over_nodata(scene):
    """A hole of 200 m2, half of it nodata, is filled by a limit of 200 m2; one of 300 m2 is not."""
    labels = [[1] * 8, [1, 0, 2, 1, 2, 2, 2, 1], [1] * 8]
    filled = [[1] * 8, [1, 1, 1, 1, 0, 0, 0, 1], [1] * 8]
    assert landforms_of(scene(labels, {1}, fill=200.0)) == filled


def test_smoothing_keeps_filled_nodata_and_enters_no_other(scene):
    """A hole over nodata that was filled stays filled; the raster's end and nodata outside erode nothing."""
    labels = np.ones((9, 12), int)
    labels[4, 4] = labels[0:2, 9] = 0
    smoothed = landforms_of(scene(labels, {1}, fill=100.0, smooth=20.0))
    expected = np.ones((9, 12), int)
    expected[0:2, 9] = 0
    assert smoothed == expected.tolist()


def test_smoothing_by_tiles_equals_smoothing_at_once(scene, monkeypatch):
    """Tiles see enough around them: the result does not depend on them."""
    random = np.random.default_rng(7)
    labels = np.kron(random.random((9, 8)) < 0.55, np.ones((5, 5), int)) + 1
    labels[random.random(labels.shape) < 0.02] = 0
    options = scene(labels, {2}, smooth=20.0)
    whole = landforms_of(options)
    monkeypatch.setattr(reshape, "_TILE", 1)
    assert landforms_of(options) == whole
    assert whole != (labels == 2).astype(int).tolist()


def test_split_and_smallest_area_are_in_metres(scene):
    """A neck of 10 m is cut by a limit of 30 m; then the part of 900 m2 is dropped by a limit of 1000 m2."""
    labels = np.full((7, 15), 2)
    labels[1:6, 1:6] = labels[3, 6:9] = labels[2:5, 9:12] = 1
    two = np.array(landforms_of(scene(labels, {1}, split=30.0)))
    assert two.max() == 2 and ((two > 0) == (labels == 1)).all()
    assert two[3, 1] == 1 and two[3, 11] == 2
    largest = np.array(landforms_of(scene(labels, {1}, split=30.0, min_area=1300.0)))
    assert largest.max() == 1 and largest[3, 11] == 0 and largest[3, 1] == 1


@pytest.mark.parametrize(("area", "count"), [(400.0, 1), (400.1, 0)])
def test_landform_of_the_smallest_area_is_kept(scene, area, count):
    """The limit is inclusive."""
    options = scene([[1, 1, 2], [1, 1, 2]], {1}, min_area=area)
    assert reshape.run(options, Listener()).landforms == count


def test_no_target_object_is_a_valid_empty_result(scene):
    """The user hears which classes there are."""
    listener = Listener()
    assert landforms_of(scene([[1, 2]], set()), listener) == [[0, 0]]
    assert "rock_glacier" in listener.warnings[0] and "none" in listener.warnings[0]


def test_all_nodata_is_a_valid_empty_result(scene):
    """No objects at all, with every step switched on."""
    options = scene(
        np.zeros((3, 3)), set(), np.full((3, 3), np.nan), grow=0.5, shrink=0.3, fill=1e4, smooth=20.0, split=20.0
    )
    assert landforms_of(options) == [[0] * 3] * 3


def test_one_pixel_raster(scene):
    """The smallest raster goes through all steps."""
    options = scene([[1]], {1}, [[0.9]], grow=0.5, shrink=0.3, fill=1e4, smooth=20.0, split=20.0)
    assert landforms_of(options) == [[1]]


@pytest.mark.parametrize("geotransform", [(5e5, 8.0, 6.0, 7e6, 6.0, -8.0), (5e5, 10.0, 0.0, 7e6, 0.0, 10.0)])
def test_rotated_and_south_up_grids_are_kept(scene, utm, geotransform):
    """The grid goes through to the last digit, and areas are those of its pixels of 100 m2."""
    grid = Grid(4, 2, geotransform, utm)
    options = scene([[1, 1, 1, 1], [2, 2, 2, 1]], {1}, grid=grid, min_area=500.0, smooth=5.0)
    assert landforms_of(options) == [[1, 1, 1, 1], [0, 0, 0, 1]]
    with Raster(options.output) as raster:
        assert raster.grid == grid
        assert raster.bands == (Band("labels", "uint32", 0),)


def test_provenance_holds_each_step_once(scene):
    """The objects' and the labels' steps overlap; the heatmap's are added where it was used."""
    options = scene([[1, 1]], {1}, [[0.9, 0.9]], grow=0.5)
    reshape.run(options, Listener())
    with Raster(options.output) as raster:
        stages = [step["stage"] for step in raster.provenance]
        assert raster.provenance[-1]["options"]["grow"] == 0.5
    assert stages == ["segment", "classify", "heatmap", "reshape"]


def test_thresholds_need_a_heatmap(scene):
    """Growing or shrinking without a heatmap is refused."""
    for name in ("grow", "shrink"):
        with pytest.raises(InvalidOptionError, match="need a heatmap"):
            reshape.run(scene([[1]], {1}, **{name: 0.5}), Listener())


def test_heatmap_must_hold_shares(scene, write_raster):
    """A stack that is given as the heatmap is recognised by its values."""
    options = scene([[1, 1]], {1})
    stack = write_raster("stack.tif", np.full((1, 1, 2), 1200.0), ["heatmap"])
    with pytest.raises(InvalidRasterError, match="1200"):
        reshape.run(ReshapeOptions(**{**options.__dict__, "heatmap": stack, "grow": 0.5}), Listener())


def test_objects_must_be_classified(scene, write_polygons):
    """The message names the missing column and what to do."""
    options = scene([[1]], {1})
    raw = write_polygons("raw.gpkg", [shapely.box(0, 0, 1, 1)], object_id=[1])
    with pytest.raises(InvalidVectorError, match=r"class.*Classify the objects first"):
        reshape.run(ReshapeOptions(objects=raw, labels=options.labels, output=options.output), Listener())


def test_objects_and_labels_must_belong_together(scene, write_polygons):
    """An object that the labels do not have shows that they were mixed up."""
    options = scene([[1, 2]], {1})
    other = write_polygons("o.gpkg", [shapely.box(0, 0, 1, 1)], object_id=[9], **{"class": ["rock_glacier"]})
    with pytest.raises(InvalidVectorError, match="object 9"):
        reshape.run(ReshapeOptions(objects=other, labels=options.labels, output=options.output), Listener())


def test_bad_inputs_leave_no_output(scene, write_raster, write_polygons, make_grid, degrees, tmp_path):
    """Each gives its own error, and no file under the output's name."""
    good = scene([[1, 2]], {1}, [[0.5, 0.5]])
    floats = write_raster("floats.tif", np.ones((1, 1, 2)), ["labels"])
    two = write_raster("two.tif", np.ones((2, 1, 2)), ["a", "b"], dtype="uint8", nodata=0)
    world = write_raster(
        "world.tif", np.ones((1, 1, 2)), ["labels"], make_grid(2, 1, 0.1, degrees), dtype="uint32", nodata=0
    )
    shifted = write_raster("shifted.tif", np.ones((1, 1, 3)), ["heatmap"])
    square = [shapely.box(0, 0, 1, 1)]
    numbers = write_polygons("n.gpkg", square, object_id=[1], **{"class": [1]})
    zero = write_polygons("z.gpkg", square, object_id=[0], **{"class": ["rock_glacier"]})
    cases = [
        ({"objects": numbers}, InvalidVectorError),
        ({"objects": zero}, InvalidVectorError),
        ({"labels": floats}, InvalidRasterError),
        ({"labels": two}, InvalidRasterError),
        ({"labels": world}, InvalidCRSError),
        ({"labels": str(tmp_path / "missing.tif")}, InvalidRasterError),
        ({"objects": str(tmp_path / "missing.gpkg")}, InvalidVectorError),
        ({"heatmap": shifted, "grow": 0.5}, InvalidGridError),
        ({"output": str(tmp_path / "no" / "out.tif")}, OutputError),
        ({"output": str(tmp_path / "out.png")}, OutputError),
    ]
    for change, error in cases:
        with pytest.raises(error) as raised:
            reshape.run(ReshapeOptions(**{**good.__dict__, **change}), Listener())
        assert isinstance(raised.value, MapperError) and str(raised.value)
    assert not [name for name in os.listdir(tmp_path) if name.startswith(("out", ".out"))]


def test_cancelled_stage_writes_nothing(scene):
    """A stage that is cancelled leaves no output."""
    options = scene([[1]], {1})
    with pytest.raises(Cancelled):
        reshape.run(options, Listener(cancel=True))
    assert not os.path.exists(options.output)


def test_objects_without_class_are_no_target(scene):
    """An empty name would match exactly the objects that no class claims."""
    with pytest.raises(InvalidOptionError, match="`target_class` is empty"):
        reshape.run(scene([[1, 2]], {1}, target_class=""), Listener())


def test_labels_whose_nodata_is_not_zero_are_refused(scene, write_raster):
    """Their background would be a label among others, and become a landform."""
    options = scene([[1, 2]], {1})
    foreign = write_raster("foreign.tif", np.array([[[1, 255]]]), ["labels"], dtype="uint8", nodata=255)
    with pytest.raises(InvalidRasterError, match="nodata value 255; in labels 0 means"):
        reshape.run(ReshapeOptions(objects=options.objects, labels=foreign, output=options.output), Listener())
