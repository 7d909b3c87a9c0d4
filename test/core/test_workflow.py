"""The whole chain: one answer whatever the tile size, and one clear sentence for every bad input."""

from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np
import pytest
import shapely
from rock_glacier_mapper.core.cli import main
from rock_glacier_mapper.core.contracts.heatmap import HeatmapOptions
from rock_glacier_mapper.core.contracts.maprockglaciers import MapRockGlaciersOptions
from rock_glacier_mapper.core.errors import Cancelled, OutputError
from rock_glacier_mapper.core.heatmaps.heatmap import run as run_heatmap
from rock_glacier_mapper.core.progress import Progress
from rock_glacier_mapper.core.rasters.geodata import gdal
from rock_glacier_mapper.core.rasters.raster import Raster
from rock_glacier_mapper.core.rules.rules import load_rule_set
from rock_glacier_mapper.core.vectors.vector import read_layer
from rock_glacier_mapper.core.version import PACKAGE_FOLDER
from rock_glacier_mapper.core.workflow import run

SAMPLE = PACKAGE_FOLDER / "resources" / "sample" / "simulated_stack.tif"
SHIPPED = {"model": "full_10m", "rules": "full_stack"}


@pytest.fixture
def stack(tmp_path) -> str:
    """A corner of the sample scene whose sides are no multiple of anything, with a rock glacier in it."""
    path = str(tmp_path / "stack.tif")
    gdal.Translate(path, str(SAMPLE), srcWin=[60, 190, 331, 283])
    return path


def map_with(stack: str, output: Path, **options: object):
    return run(MapRockGlaciersOptions(stack=stack, output=str(output), **{**SHIPPED, **options}), Progress())


def test_tile_size_changes_nothing(stack, tmp_path, read_all):
    """Tiles of 256 and 512 pixels: heatmaps equal to 1e-5, outlines to the last coordinate."""
    for size in (256, 512):
        heatmap = str(tmp_path / f"heatmap{size}.tif")
        run_heatmap(HeatmapOptions(stack, SHIPPED["model"], heatmap, tile_size=size, output_type="float32"), Progress())
        map_with(stack, tmp_path / f"outlines{size}.gpkg", tile_size=size)
    small, large = (read_all(str(tmp_path / f"heatmap{size}.tif")) for size in (256, 512))
    assert np.nanmax(small) > 0.5 and np.allclose(small, large, rtol=0, atol=1e-5, equal_nan=True)
    small, large = (read_layer(str(tmp_path / f"outlines{size}.gpkg")).geometries for size in (256, 512))
    assert len(small) > 0 and shapely.to_wkb(small).tolist() == shapely.to_wkb(large).tolist()


def test_rule_set_says_how_to_reshape_unless_the_user_does(stack, tmp_path):
    """The same outlines as with the rule set's values given by hand; a value of the user's wins."""
    given = load_rule_set(SHIPPED["rules"]).reshape
    assert set(given) == {"grow", "shrink", "grow_into", "min_heatmap"}
    outlines = []
    for number, options in enumerate(({}, given, {"grow": 1.0})):
        path = tmp_path / f"outlines{number}.gpkg"
        map_with(stack, path, **options)
        outlines.append(shapely.to_wkb(read_layer(str(path)).geometries).tolist())
    assert outlines[0] == outlines[1] != outlines[2]


def test_outlines_are_valid_apart_and_tell_how_they_were_made(stack, tmp_path):
    """What a user opens first: valid polygons in the stack's system that do not overlap, with their provenance."""
    result = map_with(stack, tmp_path / "o.gpkg", heatmap=str(tmp_path / "h.tif"), objects=str(tmp_path / "c.gpkg"))
    outlines = read_layer(str(tmp_path / "o.gpkg") + "|layername=rock_glaciers")
    with Raster(stack) as source, Raster(str(tmp_path / "h.tif")) as heatmap:
        source.grid.require_same(heatmap.grid, "The heatmap")
        assert outlines.crs == source.grid.crs
    assert len(outlines) == result.landforms > 0
    assert shapely.is_valid(outlines.geometries).all()
    union = shapely.union_all(outlines.geometries).area
    assert union == pytest.approx(shapely.area(outlines.geometries).sum()) == pytest.approx(result.area_m2)
    assert set(outlines.columns["rule_set"]) == {"full_stack"}
    assert {len(sha) for sha in outlines.columns["model_sha256"]} == {64}
    assert (outlines.columns["membership"] >= 0.5).all()
    assert sorted(os.listdir(tmp_path)) == ["c.gpkg", "h.tif", "o.gpkg", "stack.tif"]


@pytest.fixture
def all_nodata(stack) -> str:
    dataset = gdal.Open(stack, gdal.GA_Update)
    for number in range(1, dataset.RasterCount + 1):
        dataset.GetRasterBand(number).Fill(-32768)
    return stack


def test_reshaping_takes_slope_and_elevation_from_the_stack(stack, tmp_path):
    """Ranges of slope and the split by direction need no further file; outlines of parts that touch do not overlap."""
    far = {"grow": 0.02, "shrink": 0.01, "grow_distance": 100.0}
    plain = map_with(stack, tmp_path / "plain.gpkg", **far)
    gentle = map_with(stack, tmp_path / "gentle.gpkg", **far, grow_max_slope=15.0)
    split = map_with(stack, tmp_path / "split.gpkg", **far, split_angle=10.0, flow_scale=40.0)
    assert gentle.area_m2 < plain.area_m2 and split.landforms > plain.landforms
    outlines = read_layer(str(tmp_path / "split.gpkg")).geometries
    assert shapely.is_valid(outlines).all()
    assert shapely.area(outlines).sum() == pytest.approx(shapely.area(shapely.union_all(outlines)))


def test_nothing_to_map_is_a_valid_result(all_nodata, tmp_path):
    """A raster without a single value gives an empty layer with all its columns."""
    result = map_with(all_nodata, tmp_path / "o.gpkg")
    outlines = read_layer(str(tmp_path / "o.gpkg"))
    assert result.landforms == len(outlines) == 0 and "membership" in outlines.columns


def test_single_pixel(tmp_path):
    """A 1 x 1 raster is mirrored into a whole tile; one pixel is no landform."""
    gdal.Translate(str(tmp_path / "one.tif"), str(SAMPLE), srcWin=[100, 100, 1, 1])
    assert map_with(str(tmp_path / "one.tif"), tmp_path / "o.gpkg").landforms == 0


def test_cancel_leaves_nothing(stack, tmp_path):
    """Neither outputs nor the folder of intermediate files."""

    class Impatient(Progress):
        def __init__(self):
            self.fraction = 0.0

        def report(self, fraction, message=""):
            self.fraction = fraction

        def cancelled(self):
            return self.fraction > 0.6

    with pytest.raises(Cancelled):
        run(MapRockGlaciersOptions(stack=stack, output=str(tmp_path / "o.gpkg"), **SHIPPED), Impatient())
    assert os.listdir(tmp_path) == ["stack.tif"]


def misspelt_rules(folder: Path) -> str:
    text = (PACKAGE_FOLDER / "resources" / "rules" / "rgb.json").read_text("utf8")
    (folder / "rules.json").write_text(text.replace("heatmap_mean", "heatmap_maen"), "utf8")
    return str(folder / "rules.json")


def text_file(folder: Path, name: str) -> str:
    (folder / name).write_text("This is no raster and no network.", "utf8")
    return str(folder / name)


def in_degrees(folder: Path) -> str:
    gdal.Warp(str(folder / "degrees.tif"), str(SAMPLE), dstSRS="EPSG:4326", width=50, height=50)
    return str(folder / "degrees.tif")


def without_coherence(folder: Path) -> str:
    gdal.Translate(str(folder / "few.tif"), str(SAMPLE), bandList=[1, 2, 3], srcWin=[0, 0, 50, 50])
    return str(folder / "few.tif")


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda folder: {"stack": str(folder / "missing.tif")}, "missing.tif cannot be read as a raster"),
        (lambda folder: {"stack": text_file(folder, "text.tif")}, "text.tif cannot be read as a raster"),
        (lambda folder: {"stack": without_coherence(folder)}, "coherence"),
        (
            lambda folder: {"stack": without_coherence(folder), "model": "rgb_10m"},
            "rule set full_stack needs the bands",
        ),
        (lambda folder: {"stack": in_degrees(folder)}, "in degrees"),
        (lambda folder: {"model": text_file(folder, "text.onnx")}, "text.onnx"),
        (lambda folder: {"model": "nosuchmodel"}, "nosuchmodel"),
        (lambda folder: {"rules": misspelt_rules(folder)}, "heatmap_mean"),
        (lambda folder: {"rules": "nosuchrules"}, "nosuchrules"),
        (lambda folder: {"output": "/proc/o.gpkg"}, "cannot be written"),
        (lambda folder: {"output": str(folder / "missing" / "o.gpkg")}, "does not exist"),
        (lambda folder: {"output": str(folder / "o.shp")}, "must have a name that ends in .gpkg"),
    ],
    ids=[
        "missing stack",
        "text as stack",
        "bands missing for the model",
        "bands missing for the rules",
        "degrees",
        "text as model",
        "unknown model",
        "misspelt feature",
        "unknown rules",
        "unwritable folder",
        "missing folder",
        "wrong suffix",
    ],
)
def test_bad_input_is_one_clear_sentence(change, message, stack, tmp_path, capsys):
    """Exit status 2, one message without a traceback, and no output file under any name."""
    values = {"stack": stack, "output": str(tmp_path / "o.gpkg"), **SHIPPED, **change(tmp_path)}
    before = set(os.listdir(tmp_path))
    words = [word for name, value in values.items() for word in (f"--{name}", value)]
    assert main(["maprockglaciers", *words]) == 2
    printed = capsys.readouterr()
    last = printed.err.strip().splitlines()[-1]
    assert message in last and "Traceback" not in printed.err and printed.out == ""
    assert set(os.listdir(tmp_path)) == before


def test_full_disk(stack, small_disk, capsys):
    """A disk that fills up in mid-run is named; nothing stays on it."""
    words = ["--stack", stack, "--model", SHIPPED["model"], "--rules", SHIPPED["rules"]]
    assert main(["maprockglaciers", *words, "--output", str(small_disk / "o.gpkg")]) == 2
    assert "cannot be written" in capsys.readouterr().err
    assert os.listdir(small_disk) == []


def test_outputs_are_kept_together_or_not_at_all(stack, small_disk, tmp_path):
    """A heatmap without its outlines would look like a finished run."""
    with pytest.raises(OutputError, match=r"c\.gpkg cannot be written"):
        map_with(stack, tmp_path / "o.gpkg", heatmap=str(tmp_path / "h.tif"), objects=str(small_disk / "c.gpkg"))
    assert sorted(os.listdir(tmp_path)) == ["disk", "stack.tif"] and os.listdir(small_disk) == []


def test_result_on_standard_output_is_json(stack, tmp_path, capsys):
    """Scripts read the result; people read progress on standard error."""
    words = ["--stack", stack, "--model", SHIPPED["model"], "--rules", SHIPPED["rules"]]
    assert main(["maprockglaciers", *words, "--output", str(tmp_path / "o.gpkg")]) == 0
    assert json.loads(capsys.readouterr().out)["landforms"] > 0


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("heatmap", "stack.tif", "is also an input"),
        ("objects", "o.gpkg", "outlines and the objects are both"),
    ],
)
def test_outputs_are_apart_from_inputs_and_each_other(stack, tmp_path, option, value, message):
    """The stack is what a user cannot get back; of two layers under one name the first would be lost."""
    before = Path(stack).read_bytes()
    with pytest.raises(OutputError, match=message):
        map_with(stack, tmp_path / "o.gpkg", **{option: str(tmp_path / value)})
    assert Path(stack).read_bytes() == before and os.listdir(tmp_path) == ["stack.tif"]
