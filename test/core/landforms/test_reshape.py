"""Classified objects become labels of landforms: every option on toy rasters of 10 m pixels."""

from __future__ import annotations

import os
from dataclasses import replace

import numpy as np
import pytest
import shapely
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
from rock_glacier_mapper.core.landforms import landforms, reshape
from rock_glacier_mapper.core.progress import Progress
from rock_glacier_mapper.core.rasters.grid import Grid, Window
from rock_glacier_mapper.core.rasters.raster import Band, Raster, RasterWriter
from rock_glacier_mapper.core.vectors.polygons import polygonize
from rock_glacier_mapper.core.vectors.vector import VectorLayer, read_layer, write_layers
from scipy import ndimage

PLAIN = {"fill": 0.0, "smooth": 0.0, "split": 0.0, "split_area": 0.0, "min_area": 0.0}


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

    def write(labels, targets, heatmap=None, grid=None, facts=None, **options):
        labels = np.array(labels, np.uint32)
        grid = grid or make_grid(labels.shape[1], labels.shape[0])
        paths = {name: str(tmp_path / name) for name in ("labels.tif", "objects.gpkg", "heatmap.tif", "out.tif")}
        with RasterWriter(paths["labels.tif"], grid, [Band("labels", "uint32", 0)], [{"stage": "segment"}]) as raster:
            raster.write_raw(grid.whole, labels)
        geometries, ids = polygonize(labels, grid)
        classes = np.array(["rock_glacier" if number in targets else "" for number in ids], object)
        columns = {"object_id": ids.astype(np.int64), "class": classes, "membership": np.full(len(ids), 0.5)}
        steps = [{"stage": "segment"}, {"stage": "classify", **(facts or {})}]
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


ROW, HEAT = [[1, 2, 3, 4, 5, 6]], [[0.9, 0.45, 0.3, 0.6, 0.2, 0.6]]


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, [[1, 1, 0, 0, 0, 0]]),  # the rule set's 0.4 and 0.35
        ({"grow": 0.25}, [[1, 1, 0, 2, 0, 0]]),  # the user's; what is below the rule set's 0.35 is dropped
        ({"grow": 0.25, "shrink": 0.1}, [[1, 1, 1, 1, 0, 0]]),
    ],
)
def test_rule_set_gives_the_values_that_the_user_does_not(scene, options, expected):
    """The classification keeps them with the objects."""
    values = {"rule_set_reshape": {"grow": 0.4, "shrink": 0.35}}
    assert landforms_of(scene(ROW, {1}, HEAT, facts=values, **options)) == expected


def test_rule_set_says_into_which_classes_landforms_grow(scene):
    """Objects 2 to 4 are of no class, into which landforms grow only if the user says so."""
    values = {"rule_set_reshape": {"grow": 0.25, "grow_into": ["debris"]}}
    assert landforms_of(scene(ROW, {1}, HEAT, facts=values)) == [[1, 0, 0, 0, 0, 0]]
    assert landforms_of(scene(ROW, {1}, HEAT, facts=values, grow_into=("unclassified",))) == [[1, 1, 1, 1, 0, 0]]


def test_values_of_rules_need_a_heatmap(scene):
    """Without one there is nothing to compare with."""
    values = {"rule_set_reshape": {"grow": 0.4, "min_heatmap": 1.0}}
    options, progress = scene(ROW, {1}, facts=values), Listener()
    assert landforms_of(options, progress) == [[1, 0, 0, 0, 0, 0]]
    assert ["No heatmap was given" in warning for warning in progress.warnings] == [True]


def test_landforms_that_the_heatmap_is_not_sure_of_are_dropped(scene):
    """Means of 0.7 and of 0.696; a pixel without a value does not count, and where no pixel has one nothing is sure."""
    labels = [[1, 1, 1, 9, 2, 2, 9, 3]]
    heatmap = [[0.6, 0.8, np.nan, 0.9, 0.592, 0.8, 0.9, np.nan]]
    kept = [[1, 1, 1, 0, 0, 0, 0, 0]]
    assert landforms_of(scene(labels, {1, 2, 3}, heatmap, min_heatmap=0.7)) == kept
    assert landforms_of(scene(labels, {1, 2, 3}, heatmap, facts={"rule_set_reshape": {"min_heatmap": 0.7}})) == kept
    assert not np.any(landforms_of(scene(labels, {1, 2, 3}, heatmap, min_heatmap=0.704)))


def test_values_of_rules_are_for_landforms_made_of_objects_only(scene):
    """Single steps, on labels that are landforms already, do what they are told and nothing else."""
    options = scene(ROW, {1}, HEAT, facts={"rule_set_reshape": {"grow": 0.4}}, merge=False)
    alone = replace(options, objects="")
    assert landforms_of(alone) == ROW
    assert landforms_of(replace(alone, objects=options.objects, segments=options.labels)) == ROW


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


STEPS = (
    {"merge": True},
    {"min_heatmap": 0.56},
    {"grow": 0.4, "grow_tension": 0.25, "grow_distance": 60.0},
    {"shrink": 0.45, "shrink_tension": 0.35},
    {"fill": 900.0},
    {"smooth": 20.0},
    {"split": 40.0, "split_area": 600.0},
    {"split_angle": 60.0, "split_area": 600.0, "flow_scale": 30.0},
    {"min_area": 1500.0},
)
OFF = {"merge": False, **PLAIN}
EVERYTHING = {key: value for step in STEPS for key, value in step.items()}


@pytest.fixture
def random_scene(scene, write_raster):
    """Return the options of a random scene of blobs, nodata and hills, and its elevations as a stack with slopes."""
    random = np.random.default_rng(21)
    smooth = ndimage.gaussian_filter(random.random((90, 110)), 3)
    heatmap = np.clip(0.5 + 8 * (smooth - smooth.mean()), 0.01, 1)
    labels = np.kron(random.permutation(18 * 22).reshape(18, 22) + 1, np.ones((5, 5), int))
    targets = {label for label in range(1, labels.max() + 1) if heatmap[labels == label].mean() > 0.5}
    labels[random.random(labels.shape) < 0.002] = 0
    hills = 400 * ndimage.gaussian_filter(random.random(labels.shape), 8)
    bands = np.stack([hills, 40 * random.random(labels.shape)])
    stack = write_raster("stack.tif", bands, ["elevation", "slope"])
    return scene(labels, targets, heatmap, elevation=stack, slope=stack)


def changed(options, **changes):
    return ReshapeOptions(**{**options.__dict__, **changes})


def test_one_by_one_the_steps_give_what_they_give_together(random_scene, tmp_path):
    """Each on the labels that the one before wrote; every landform is connected, and the numbers follow the pixels."""
    together = np.array(landforms_of(changed(random_scene, **EVERYTHING)))
    labels, before = random_scene.labels, np.zeros_like(together)
    for number, step in enumerate(STEPS):
        given = {} if number == 0 else {"objects": "", "segments": random_scene.labels}
        output = str(tmp_path / f"step{number}.tif")
        options = changed(random_scene, **{**OFF, **step, **given, "labels": labels, "output": output})
        alone, labels = np.array(landforms_of(options)), output
        assert (alone != before).any(), f"{step} does nothing here"
        assert_landforms(alone)
        before = alone
    assert (alone == together).all()


def assert_landforms(labels):
    """Every landform is connected through sides, and they are numbered by their first pixels."""
    numbers, first = np.unique(labels, return_index=True)
    first = first[numbers > 0]
    assert (np.diff(first) > 0).all() and numbers[numbers > 0].tolist() == list(range(1, len(first) + 1))
    for number in numbers[numbers > 0]:
        assert ndimage.label(labels == number)[1] == 1


def test_tiles_and_strips_do_not_matter(random_scene, monkeypatch):
    """With every step switched on."""
    options = changed(random_scene, **EVERYTHING, shrink_distance=40.0)
    whole = landforms_of(options)
    monkeypatch.setattr(reshape, "_TILE", 1)
    monkeypatch.setattr(landforms, "_STRIP_PIXELS", 500)
    monkeypatch.setattr(Grid, "strips", lambda grid, _: [Window(0, y, grid.width, 1) for y in range(grid.height)])
    assert landforms_of(options) == whole


def test_transposing_the_rasters_transposes_the_landforms(scene, random_scene, write_raster):
    """The numbers differ, since they follow the rows."""
    upright = np.array(landforms_of(changed(random_scene, **EVERYTHING)))
    with Raster(random_scene.labels) as raster:
        labels = raster.read_raw().T
    with Raster(random_scene.heatmap) as raster:
        heatmap = raster.read()[0].T
    with Raster(random_scene.elevation) as raster:
        stack = write_raster("turned.tif", raster.read().transpose(0, 2, 1), ["elevation", "slope"])
    classified = read_layer(random_scene.objects, columns=("object_id", "class")).columns
    targets = set(classified["object_id"][classified["class"] == "rock_glacier"].tolist())
    turned = np.array(landforms_of(scene(labels, targets, heatmap, elevation=stack, slope=stack, **EVERYTHING))).T
    pairs = set(zip(upright.ravel().tolist(), turned.ravel().tolist(), strict=True))
    assert len(pairs) == upright.max() + 1 == turned.max() + 1


def test_labels_without_objects_are_landforms(scene):
    """They keep apart unless they shall merge; a label in two pieces becomes two, and numbers are made anew."""
    options = changed(scene([[7, 7, 9], [0, 0, 9], [7, 0, 0]], set()), objects="")
    assert landforms_of(changed(options, merge=False)) == [[1, 1, 2], [0, 0, 2], [3, 0, 0]]
    assert landforms_of(options) == [[1, 1, 1], [0, 0, 1], [2, 0, 0]]


def test_without_merging_every_object_is_a_landform(scene):
    """Objects of other classes are none."""
    assert landforms_of(scene([[3, 3, 1, 2]], {1, 3}, merge=False)) == [[1, 1, 2, 0]]


def test_landforms_grow_into_the_classes_named_only(scene):
    """Object 2 has no class, object 3 is of the target class but is no landform yet when it is not merged in."""
    options = scene([[1, 2, 2, 2]], {1})
    assert landforms_of(changed(options, grow_into=["unclassified"])) == [[1, 1, 1, 1]]
    listener = Listener()
    assert landforms_of(changed(options, grow_into=["talus"]), listener) == [[1, 0, 0, 0]]
    assert "talus" in listener.warnings[0]


def test_classes_can_be_told_by_segments(scene, write_raster):
    """The labels are landforms then, and the objects belong to the segments."""
    options = scene([[1, 2, 2, 3], [1, 1, 1, 1]], {1, 3})
    landforms_only = write_raster("l.tif", np.array([[[5, 0, 0, 0], [0] * 4]]), ["l"], dtype="uint32", nodata=0)
    given = {"labels": landforms_only, "segments": options.labels, "grow_into": ["unclassified"]}
    assert landforms_of(changed(options, **given)) == [[1, 1, 1, 0], [0, 0, 0, 0]]


def test_landforms_grow_on_slopes_of_a_range_and_so_far(scene, write_raster):
    """Limits are inclusive: 5 and 30 degrees, and 20 m from the landform."""
    slope = write_raster("slope.tif", np.array([[[50.0, 5.0, 30.0, 20.0, 20.0]]]), ["degrees"])
    options = scene([[1, 2, 2, 2, 2]], {1}, slope=slope, grow_min_slope=5.0, grow_max_slope=30.0)
    assert landforms_of(options) == [[1, 1, 1, 1, 1]]
    assert landforms_of(changed(options, grow_distance=20.0)) == [[1, 1, 1, 0, 0]]
    assert landforms_of(changed(options, grow_max_slope=29.9)) == [[1, 1, 0, 0, 0]]


def test_pixels_of_other_slopes_are_dropped_near_the_border(scene, write_raster):
    """Steep pixels inside stay where only 10 m from the border may be dropped."""
    slope = write_raster("slope.tif", np.array([[[0.0, 45.0, 10.0, 45.0, 10.0, 10.0, 0.0]]]), ["slope"])
    options = scene([[2, 1, 1, 1, 1, 1, 2]], {1}, slope=slope, shrink_max_slope=40.0)
    assert landforms_of(options) == [[0, 0, 1, 0, 2, 2, 0]]
    assert landforms_of(changed(options, shrink_distance=10.0)) == [[0, 0, 1, 1, 1, 1, 0]]


def test_landforms_that_grow_together_stay_two_and_closing_joins(scene):
    """Growing fills the gap of two pixels; closing with a disc fills it, too, and makes one unless told not to."""
    labels = np.full((7, 12), 2)
    labels[:, :5] = labels[:, 7:] = 1
    options = scene(labels, {1}, np.full(labels.shape, 0.9))
    assert landforms_of(changed(options, grow=0.5)) == [[1] * 6 + [2] * 6] * 7
    assert landforms_of(changed(options, smooth=20.0)) == [[1] * 12] * 7
    assert landforms_of(changed(options, smooth=20.0, join=False)) == [[1] * 6 + [2] * 6] * 7


def test_what_is_filled_does_not_join_what_touched_before(scene):
    """A speck in the hole that two landforms share becomes part of one of them, and does not make one of all."""
    labels = [[1, 1, 1, 2, 2, 2], [1, 0, 0, 3, 0, 2], [1, 1, 1, 2, 2, 2]]
    options = changed(scene(labels, set()), objects="", merge=False, fill=400.0, join=True)
    found = np.array(landforms_of(options))
    assert found.max() == 2 and found.min() == 1


def test_nodata_of_a_layer_is_that_of_its_steps_only(scene):
    """A column without heatmap parts two landforms while they grow and shrink; smoothing is given no heatmap."""
    labels = np.full((5, 9), 2)
    labels[:, :4] = labels[:, 5:] = 1
    heatmap = np.full(labels.shape, 0.9)
    heatmap[:, 4] = np.nan
    options = scene(labels, {1}, heatmap, shrink=0.5)
    steps = changed(options, smooth=20.0)
    apart = np.array(landforms_of(options))
    assert apart.max() == 2
    assert landforms_of(steps) == [[1] * 9] * 5


def test_values_beside_0_drop_nothing_that_is_not_shrunk(scene, write_raster):
    """Interpolation leaves slopes a little below 0; growing by slope is no reason to lose such pixels."""
    options = scene([[1, 1, 2]], {1})
    slope = write_raster("slope.tif", np.array([[[-0.01, 3.0, 3.0]]]), ["slope"])
    assert landforms_of(changed(options, slope=slope, grow_max_slope=5.0)) == [[1, 1, 1]]
    unstated = write_raster("unstated.tif", np.array([[[-9999.0, 3.0, 3.0]]]), ["slope"], nodata=None)
    with pytest.raises(InvalidRasterError, match=r"from -9999 to 3; a slope .* nodata that the file states"):
        landforms_of(changed(options, slope=unstated, grow_max_slope=5.0))


def test_objects_of_another_segmentation(scene, write_raster):
    """Objects classified before, and labels made anew with another scale, have numbers in common, but no places."""
    options = scene([[1, 1, 2, 3], [4, 4, 2, 3]], {2})
    anew = write_raster("anew.tif", np.array([[[1, 2, 3, 3], [4, 5, 5, 3]]]), ["labels"], dtype="uint32", nodata=0)
    with pytest.raises(InvalidVectorError, match=r"4 objects .* do not lie on their labels"):
        landforms_of(changed(options, labels=anew))


def test_hole_between_two_landforms_is_shared(scene):
    """Two landforms that touch enclose it; each takes the pixels beside it, and they stay two."""
    options = changed(scene([[1, 1, 2, 2], [1, 0, 0, 2], [1, 1, 2, 2]], set()), objects="", merge=False, fill=200.0)
    assert landforms_of(options) == [[1, 1, 2, 2]] * 3


def test_landforms_that_touch_are_smoothed_without_gap_or_overlap(scene):
    """What both cover together changes as one landform does; their common border stays."""
    labels = np.zeros((12, 26), int)
    labels[2:10, 2:10], labels[2:10, 10:18], labels[5, 18:23] = 1, 2, 2
    options = changed(scene(labels, set()), objects="", merge=False, smooth=20.0)
    two, one = np.array(landforms_of(options)), np.array(landforms_of(changed(options, merge=True)))
    assert ((two > 0) == (one > 0)).all() and two.max() == 2
    assert (two[5:8, 9:11] == [1, 2]).all() and not two[5, 21]


def test_landform_over_a_ridge_is_split(scene, write_raster):
    """Its elevations come from the band of that name in a stack."""
    labels = np.full((40, 40), 2)
    labels[10:30, 10:30] = 1
    columns = np.broadcast_to(np.abs(np.arange(40) - 19.5), labels.shape)
    stack = write_raster("stack.tif", np.stack([np.ones(labels.shape), 3000 - 4 * columns]), ["B04", "elevation"])
    options = scene(labels, {1}, elevation=stack, split_angle=90.0, flow_scale=30.0)
    found = np.array(landforms_of(options))
    assert (found[10:30, 10:20] == 1).all() and (found[10:30, 20:30] == 2).all()
    assert landforms_of(changed(options, split_area=20001.0)) == (labels == 1).astype(int).tolist()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"split_angle": 90.0}, "give `elevation`"),
        ({"grow_max_slope": 30.0}, "give `slope`"),
        ({"grow_into": ["talus"], "objects": ""}, "give `objects`"),
        ({"min_heatmap": 0.9}, "give `heatmap`"),
        ({"shrink_min_slope": 30.0, "shrink_max_slope": 20.0, "slope": "s.tif"}, "more than the 20"),
        ({"grow_tension": 0.5, "tension_radius": 5.0}, "less than a pixel of 10 m"),
        ({"shrink_tension": 0.5, "tension_radius": 5.0}, "less than a pixel of 10 m"),
    ],
)
def test_options_that_lack_or_contradict_each_other_are_refused(scene, options, message):
    """The message says what to give."""
    with pytest.raises(InvalidOptionError, match=message):
        reshape.run(changed(scene([[1]], {1}), **options), Listener())


def test_layers_must_have_the_band_and_fit(scene, write_raster):
    """A stack without the band, one on another grid, and one with slopes above 90 degrees."""
    options = scene([[1, 2]], {1})
    bands = np.full((2, 1, 2), 100.0)
    other = write_raster("bands.tif", bands, ["B04", "B03"])
    wide = write_raster("wide.tif", np.ones((1, 1, 3)), ["slope"])
    percent = write_raster("percent.tif", bands, ["slope", "elevation"])
    with pytest.raises(InvalidRasterError, match="no band described as elevation"):
        reshape.run(changed(options, elevation=other, split_angle=90.0, split_area=0.0), Listener())
    with pytest.raises(InvalidGridError, match="The slope"):
        reshape.run(changed(options, slope=wide, grow_max_slope=30.0), Listener())
    with pytest.raises(InvalidRasterError, match="values from 100 to 100; a slope with values of 0 to 90"):
        reshape.run(changed(options, slope=percent, grow_max_slope=30.0), Listener())
    with pytest.raises(InvalidGridError, match="The segments"):
        segments = write_raster("s.tif", np.ones((1, 1, 3)), ["l"], dtype="uint32", nodata=0)
        reshape.run(changed(options, segments=segments), Listener())
