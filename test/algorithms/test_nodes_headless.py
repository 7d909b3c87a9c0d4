"""Every node once by `qgis_process`, as users run them on servers; and the model beside the one node."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

import pytest
from headless import copied_reference

ROOT = Path(__file__).parents[2]
REFERENCE = copied_reference(Path(tempfile.mkdtemp()))
MODEL = "simulated_full_stack"
RULES = "full_stack"
# A network needs a tile at least as large as its receptive field, and the scene is smaller than the default tile.
SCALE = 20
GROWING = {"GROW": 0.1, "GROW_INTO": "rock_glacier,unclassified", "GROW_MAX_SLOPE": 35, "GROW_TENSION": 0.3}
SHRINKING = {"SHRINK": 0.15, "SHRINK_TENSION": 0.3}
SPLITTING = {"SPLIT": 40, "SPLIT_ANGLE": 45, "FLOW_SCALE": 40}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Where the chain's files lie; a blank in the name must not matter."""
    return tmp_path_factory.mktemp("the chain")


@pytest.fixture(scope="module")
def run(qgis_process, folder):
    """A function that runs a node and returns its results, with OUTPUT in the folder."""

    def run_node(name, output, **parameters):
        done = qgis_process.node(name, parameters | {"OUTPUT": str(folder / output)})
        assert done.status == 0, done.text
        assert Path(done.results["OUTPUT"]).is_file()
        return done.results

    return run_node


@pytest.fixture(scope="module")
def heatmap(run, stack):
    """The node heatmap."""
    return run("heatmap", "heatmap.tif", STACK=stack, MODEL=MODEL)


@pytest.fixture(scope="module")
def smoothed(run, heatmap):
    """The node smoothheatmap."""
    return run("smoothheatmap", "smoothed.tif", INPUT=heatmap["OUTPUT"])


@pytest.fixture(scope="module")
def labels(run, stack, smoothed):
    """The node segment."""
    return run("segment", "labels.tif", INPUT=stack, HEATMAP=smoothed["OUTPUT"], SCALE=SCALE)


@pytest.fixture(scope="module")
def objects(run, stack, smoothed, labels):
    """The node objectfeatures."""
    layers = [stack, smoothed["OUTPUT"]]
    return run("objectfeatures", "objects.gpkg", LABELS=labels["OUTPUT"], LAYERS=layers)


@pytest.fixture(scope="module")
def classified(run, objects):
    """The node classify."""
    return run("classify", "classified.gpkg", OBJECTS=objects["OUTPUT"], RULES=RULES)


@pytest.fixture(scope="module")
def landforms(run, classified, labels, smoothed):
    """The node reshape."""
    files = {"OBJECTS": classified["OUTPUT"], "LABELS": labels["OUTPUT"], "HEATMAP": smoothed["OUTPUT"]}
    return run("reshape", "landforms.tif", **files)


@pytest.fixture(scope="module")
def stepwise(run, stack, classified, labels, smoothed):
    """The nodes of the reshaping steps, each on the labels of the one before."""
    files = {"SEGMENTS": labels["OUTPUT"], "HEATMAP": smoothed["OUTPUT"], "SLOPE": stack}
    steps = (
        ("growlandforms", files | {"OBJECTS": classified["OUTPUT"]} | GROWING),
        ("shrinklandforms", files | SHRINKING),
        ("fillholes", {}),
        ("smoothlandforms", {"SEGMENTS": labels["OUTPUT"]}),
        ("splitlandforms", {"SEGMENTS": labels["OUTPUT"], "ELEVATION": stack} | SPLITTING),
        ("removesmall", {}),
    )
    done = run("mergebyclass", "mergebyclass.tif", OBJECTS=classified["OUTPUT"], LABELS=labels["OUTPUT"])
    for name, given in steps:
        done = run(name, f"{name}.tif", LABELS=done["OUTPUT"], **given)
    return done


@pytest.fixture(scope="module")
def outlines(run, stack, smoothed, classified, landforms):
    """The node outlines."""
    layers = [stack, smoothed["OUTPUT"]]
    files = {"INPUT": landforms["OUTPUT"], "LAYERS": layers, "OBJECTS": classified["OUTPUT"]}
    return run("outlines", "outlines.gpkg", **files)


@pytest.fixture(scope="module")
def mapped(run, folder, stack):
    """The node maprockglaciers."""
    kept = {"HEATMAP": str(folder / "kept heatmap.tif"), "OBJECTS": str(folder / "kept objects.gpkg")}
    return run("maprockglaciers", "mapped.gpkg", STACK=stack, MODEL=MODEL, RULES=RULES, SCALE=SCALE, **kept)


def geometries(path):
    """Return the geometries of a GeoPackage as bytes, in their order."""
    from osgeo import ogr

    source = ogr.Open(path)
    return [bytes(feature.GetGeometryRef().ExportToIsoWkb()) for feature in source.GetLayer(0)]


def test_the_single_nodes_report_what_they_made(heatmap, smoothed, labels, objects, classified, landforms, outlines):
    """Figures of one node are those of the next, and a model can use them."""
    assert heatmap["PROVIDER"]
    assert heatmap["TILES"] == 1
    assert smoothed["OUTPUT"].endswith("smoothed.tif")
    assert labels["OBJECTS_COUNT"] == objects["OBJECTS_COUNT"] == classified["OBJECTS_COUNT"] > 1
    assert 0 < classified["CLASSIFIED"] <= classified["OBJECTS_COUNT"]
    assert landforms["LANDFORMS"] == outlines["LANDFORMS"] == len(geometries(outlines["OUTPUT"])) > 0
    assert outlines["AREA_M2"] > 0


def test_the_nodes_of_the_steps_give_what_the_node_of_all_gives(run, stack, classified, labels, smoothed, stepwise):
    """One after the other, with the same parameters."""
    from osgeo import gdal

    files = {"OBJECTS": classified["OUTPUT"], "LABELS": labels["OUTPUT"], "HEATMAP": smoothed["OUTPUT"]}
    given = files | {"SLOPE": stack, "ELEVATION": stack} | GROWING | SHRINKING | SPLITTING
    together = run("reshape", "together.tif", **given)
    assert stepwise["LANDFORMS"] == together["LANDFORMS"] > 0
    alone, all_at_once = (gdal.Open(made["OUTPUT"]).ReadAsArray() for made in (stepwise, together))
    assert (alone == all_at_once).all()


def test_objects_to_grow_into_need_their_labels(qgis_process, classified, labels, folder):
    """Labels of landforms are none of the objects."""
    given = {"LABELS": labels["OUTPUT"], "OBJECTS": classified["OUTPUT"], "OUTPUT": str(folder / "none.tif")}
    done = qgis_process.node("growlandforms", given)
    assert done.status == 1 and "need the labels that they were made from" in done.text


def test_the_one_node_gives_what_the_single_nodes_give(mapped, outlines):
    """Users compare the two; any difference would be a difference of defaults or order."""
    assert geometries(mapped["OUTPUT"]) == geometries(outlines["OUTPUT"])
    assert mapped["AREA_M2"] == pytest.approx(outlines["AREA_M2"])
    assert Path(mapped["HEATMAP"]).is_file()
    assert Path(mapped["OBJECTS"]).is_file()


def test_the_graphical_model_gives_what_the_one_node_gives(qgis_process, folder, stack, mapped):
    """The model ships as the example of a chain, with the same result byte for byte."""
    outputs = {
        "outlines:outlines": str(folder / "outlines by the model.gpkg"),
        "classify:objects": str(folder / "objects by the model.gpkg"),
        "smoothheatmap:heatmap": str(folder / "heatmap by the model.tif"),
    }
    inputs = {"STACK": stack, "MODEL": MODEL, "RULES": RULES, "SCALE": SCALE}
    done = qgis_process.node("map_rock_glaciers_steps", inputs | outputs)
    assert done.status == 0, done.text
    assert outputs.items() <= done.results.items()
    assert geometries(outputs["outlines:outlines"]) == geometries(mapped["OUTPUT"])
    assert geometries(outputs["classify:objects"]) == geometries(mapped["OBJECTS"])


def test_accuracy_reports_its_figures(run, folder, mapped):
    """The figures are outputs of the node, fields of the JSON file, and words of the report."""
    files = {"REPORT": str(folder / "report.html"), "JSON": str(folder / "figures.json")}
    results = run("accuracy", "compared.gpkg", MAPPED=mapped["OUTPUT"], REFERENCE=REFERENCE, **files)
    assert results["REFERENCE_COUNT"] == results["MATCHED_COUNT"] + results["MISSED_COUNT"] == 18
    assert 0 <= results["IOU"] <= results["F1"] <= 1
    assert "<html" in Path(results["REPORT"]).read_text("utf8")
    assert json.loads(Path(results["JSON"]).read_text("utf8"))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ({"STACK": "none.tif"}, "there is no layer or file none.tif"),
        ({"MODEL": "none"}, "There is no shipped model none"),
        ({"RULES": "rgb", "OUTPUT": "no_such_folder/outlines.gpkg"}, "no_such_folder"),
        ({"STACK": REFERENCE}, "cannot be read as a raster"),
    ],
)
def test_bad_input_is_one_sentence_and_no_file(qgis_process, tmp_path, stack, given, expected):
    """A script sees status 1, a user the cause, and no later step an output that is not one."""
    good = {"STACK": stack, "MODEL": MODEL, "RULES": RULES, "OUTPUT": str(tmp_path / "outlines.gpkg")}
    if "OUTPUT" in given:
        given = given | {"OUTPUT": str(tmp_path / given["OUTPUT"])}
    done = qgis_process.node("maprockglaciers", good | given)
    assert done.status == 1
    assert expected in done.text
    assert "Traceback" not in done.text
    assert list(tmp_path.iterdir()) == []
