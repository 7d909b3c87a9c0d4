"""Every node once by `qgis_process`, as users run them on servers; and the model beside the one node."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path

import numpy as np
import pytest
from headless import copied_reference
from osgeo import gdal, ogr
from simulated_safe import SafeProduct, write_safe, zipped

ROOT = Path(__file__).parents[2]
REFERENCE = copied_reference(Path(tempfile.mkdtemp()))
MODEL = "full_10m"
RULES = "full_stack"
# A network needs a tile at least as large as its receptive field, and the scene is smaller than the default tile.
SCALE = 20
GROWING = {"GROW": 0.1, "GROW_INTO": "rock_glacier,unclassified", "GROW_MAX_SLOPE": 35, "GROW_TENSION": 0.3}
SHRINKING = {"SHRINK": 0.15, "SHRINK_TENSION": 0.3}
DOUBT, SIFTING = {"MIN_HEATMAP": 0.8}, {"MIN_AREA": 20000}
SPLITTING = {"SPLIT": 40, "SPLIT_ANGLE": 45, "FLOW_SCALE": 40}


@pytest.fixture(scope="module")
def layers(folder, stack):
    """The sample as the layers that it could be made of: coherence without description, terrain in degrees."""
    paths = {name: str(folder / f"{name}.tif") for name in ("optical", "pair", "terrain")}
    gdal.Translate(paths["optical"], stack, bandList=[1, 2, 3, 4, 5, 6])
    dataset = gdal.Translate(paths["pair"], stack, bandList=[7])
    dataset.GetRasterBand(1).SetDescription("")
    dataset = None
    terrain = gdal.Translate("", stack, format="VRT", bandList=[8, 9, 10, 11, 12])
    warped = gdal.Warp(paths["terrain"], terrain, dstSRS="EPSG:4326", resampleAlg="cubic")
    for number in range(1, 6):
        given, band = terrain.GetRasterBand(number), warped.GetRasterBand(number)
        band.SetDescription(given.GetDescription())
        band.SetScale(given.GetScale())
        band.SetOffset(given.GetOffset())
    terrain = warped = given = band = None
    return paths


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
def preview(run, folder, stack):
    """The node previewsegmentation, on a part of 64 x 64 pixels."""
    left, size, _, top, _, _ = gdal.Open(stack).GetGeoTransform()
    extent = f"{left + 10 * size},{left + 74 * size},{top - 74 * size},{top - 10 * size}"
    return run("previewsegmentation", "part.tif", INPUT=stack, EXTENT=extent, PICTURE=str(folder / "part.png"))


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
def stepwise(plugin, qgis_process, folder, stack, classified, labels, smoothed):
    """The nodes of the reshaping steps, each on the labels of the one before, as a model of a user's own."""
    objects, segments = {"OBJECTS": classified["OUTPUT"]}, {"SEGMENTS": labels["OUTPUT"]}
    layers = {"HEATMAP": smoothed["OUTPUT"], "SLOPE": stack}
    steps = (
        ("mergebyclass", objects | {"LABELS": labels["OUTPUT"]}),
        ("removesmall", {"HEATMAP": smoothed["OUTPUT"], "MIN_AREA": 0} | DOUBT),
        ("growlandforms", objects | segments | layers | GROWING),
        ("shrinklandforms", segments | layers | SHRINKING),
        ("fillholes", {}),
        ("smoothlandforms", segments),
        ("splitlandforms", segments | {"ELEVATION": stack} | SPLITTING),
        ("removesmall", SIFTING),
    )
    path = folder / "steps.model3"
    chain(steps).toFile(str(path))
    output = str(folder / "stepwise.tif")
    done = qgis_process("run", str(path), f"--step{len(steps)}:landforms={output}")
    assert done.status == 0, done.text
    return output


def chain(steps):
    """Return a model of nodes, given as name and values, in which each takes the output of the one before as LABELS."""
    from qgis import core

    source = core.QgsProcessingModelChildParameterSource
    model = core.QgsProcessingModelAlgorithm("Steps", "Test", "test")
    before = ""
    for number, (name, values) in enumerate(steps, start=1):
        child = core.QgsProcessingModelChildAlgorithm(f"rockglacier:{name}")
        child.setChildId(f"step{number}")
        defaults = {item.name(): item.defaultValue() for item in child.algorithm().parameterDefinitions()}
        for key, value in (defaults | values).items():
            if value is not None:
                child.addParameterSources(key, [source.fromStaticValue(value)])
        if before:
            child.addParameterSources("LABELS", [source.fromChildOutput(before, "OUTPUT")])
        if number == len(steps):
            output = core.QgsProcessingModelOutput("landforms", "Landforms")
            output.setChildId(child.childId())
            output.setChildOutputName("OUTPUT")
            child.setModelOutputs({"landforms": output})
        model.addChildAlgorithm(child)
        before = child.childId()
    model.updateDestinationParameters()
    return model


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


@pytest.fixture
def products(tmp_path):
    """Two zips of simulated products of 600 m, of 0.1 and 0.3 of reflectance."""
    made = []
    for day, value in (("10", 2000), ("20", 4000)):
        pixels = {name: np.full((60, 60), value, np.uint16) for name in ("B04", "B03", "B02")}
        pixels |= {"SCL": np.full((30, 30), 5, np.uint8)}
        made.append(str(zipped(write_safe(tmp_path, SafeProduct(f"2023-08-{day}T10:10:21"), pixels))))
    return made


def stored(path):
    """Return the numbers of a raster as they are stored."""
    dataset = gdal.Open(path)
    return dataset.ReadAsArray().astype(int)


def geometries(path):
    """Return the geometries of a GeoPackage as bytes, in their order."""
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
    files = {"OBJECTS": classified["OUTPUT"], "LABELS": labels["OUTPUT"], "HEATMAP": smoothed["OUTPUT"]}
    given = files | {"SLOPE": stack, "ELEVATION": stack} | DOUBT | GROWING | SHRINKING | SPLITTING | SIFTING
    together = run("reshape", "together.tif", **given)
    alone, all_at_once = (gdal.Open(path).ReadAsArray() for path in (stepwise, together["OUTPUT"]))
    assert alone.max() == together["LANDFORMS"] > 0
    assert (alone == all_at_once).all()


def test_objects_to_grow_into_need_their_labels(qgis_process, classified, labels, folder):
    """Labels of landforms are none of the objects."""
    given = {"LABELS": labels["OUTPUT"], "OBJECTS": classified["OUTPUT"], "OUTPUT": str(folder / "none.tif")}
    done = qgis_process.node("growlandforms", given)
    assert done.status == 1 and "need the labels that they were made from" in done.text


def test_classified_objects_say_why(classified):
    """What decided on an object is beside its class; the shipped rules look at neighbours, which need the polygons."""
    source = ogr.Open(classified["OUTPUT"])
    rows = [feature.items() for feature in source.GetLayer(0)]
    mapped = [row for row in rows if row["class"] == "rock_glacier"]
    assert mapped and all(row["explanation"].startswith("rock_glacier ") for row in mapped)
    assert all("; rock_glacier " in row["explanation"] for row in rows if row["class"] != "rock_glacier")
    assert {row["class_path"] for row in mapped} == {"rock_glacier"}


def test_layers_become_a_stack_that_is_mapped(run, qgis_process, folder, stack, layers):
    """Copied where the pixels coincide, brought back from degrees where not; the network takes the result."""
    given = {
        "REFERENCE": layers["optical"],
        "LAYERS": list(layers.values()),
        "MAPPING": "role=coherence from=pair, role=tpi_250 step=0.1",
        "COMMON_VALID": True,
    }
    built = run("featurestack", "built.tif", JSON=str(folder / "built.json"), **given)
    assert built["BANDS"] == 12
    assert built["VALID_SHARE"] > 0.95
    assert "coherence: copied" in built["TEXT"]
    report = json.loads(Path(built["JSON"]).read_text("utf8"))
    assert [band["resampling"] for band in report["bands"]] == ["copied"] * 7 + ["cubic"] + ["bilinear"] * 4
    roles = [gdal.Info(path, format="json")["bands"] for path in (built["OUTPUT"], stack)]
    assert [band["description"] for band in roles[0]] == [band["description"] for band in roles[1]]
    mapped = run("heatmap", "of the built stack.tif", STACK=built["OUTPUT"], MODEL=MODEL)
    assert mapped["TILES"] == 1


def test_layers_that_clash_are_one_sentence(qgis_process, tmp_path, layers):
    """Both places are named, and no file is left."""
    given = {"REFERENCE": layers["optical"], "LAYERS": [layers["optical"], layers["optical"]]}
    done = qgis_process.node("featurestack", given | {"OUTPUT": str(tmp_path / "clash.tif")})
    assert done.status == 1
    assert "Two bands have the role B02" in done.text
    assert "Traceback" not in done.text
    assert list(tmp_path.iterdir()) == []


def test_the_preview_is_a_part_with_a_picture(preview):
    """Labels lie on the part's grid, and the mean size is that of the objects."""
    labels = gdal.Open(preview["OUTPUT"]).ReadAsArray()
    assert labels.shape == (64, 64)
    assert preview["OBJECTS_COUNT"] == labels.max() > 1
    assert preview["MEAN_PIXELS"] == pytest.approx(64 * 64 / labels.max())
    assert gdal.Open(preview["PICTURE"]).RasterCount == 4


def test_the_scale_is_proposed_as_a_number(qgis_process, folder, stack):
    """A model passes BEST_SCALE on to the node segment; with outlines it is the scale of the smallest D."""
    files = {"REPORT": str(folder / "scale.html"), "JSON": str(folder / "scale.json")}
    scales = {"SCALE_FROM": 10, "SCALE_TO": 40, "SCALE_STEP": 10}
    done = qgis_process.node("scaleparameter", {"INPUT": stack, "REFERENCE": REFERENCE} | scales | files)
    assert done.status == 0, done.text
    figures = json.loads(Path(done.results["JSON"]).read_text("utf8"))
    best = min(figures["levels"], key=lambda level: level["d"])
    assert done.results["BEST_SCALE"] == best["scale"]
    assert done.results["BEST_D"] == pytest.approx(best["d"])
    assert "<svg" in Path(done.results["REPORT"]).read_text("utf8")


def test_another_method_of_the_node_segment(run, stack):
    """The choice is given by its name."""
    assert run("segment", "squares.tif", INPUT=stack, METHOD="watershed", SCALE=16)["OBJECTS_COUNT"] > 30


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


def test_terrain_derives_what_was_asked_for(run, stack):
    """Lists are given by repeating a key, or with commas; the elevation is found in the stack."""
    given = {"ATTRIBUTES": ["slope", "tpi"], "RADIUS": "100, 250", "SMOOTHING": 15}
    results = run("terrain", "terrain.tif", DEM=stack, **given)

    dataset = gdal.Open(results["OUTPUT"])
    names = [dataset.GetRasterBand(number).GetDescription() for number in range(1, dataset.RasterCount + 1)]
    assert names == ["slope", "tpi_100", "tpi_250"]
    assert 0 < stored(results["OUTPUT"])[0].max() < 90


def test_accuracy_reports_its_figures(run, folder, mapped):
    """The figures are outputs of the node, fields of the JSON file, and words of the report."""
    files = {"REPORT": str(folder / "report.html"), "JSON": str(folder / "figures.json")}
    results = run("accuracy", "compared.gpkg", MAPPED=mapped["OUTPUT"], REFERENCE=REFERENCE, **files)
    assert results["REFERENCE_COUNT"] == results["MATCHED_COUNT"] + results["MISSED_COUNT"] == 18
    assert 0 <= results["IOU"] <= results["F1"] <= 1
    assert "<html" in Path(results["REPORT"]).read_text("utf8")
    assert json.loads(Path(results["JSON"]).read_text("utf8"))


def test_sample_points_are_drawn_checked_and_assessed(run, folder, mapped):
    """The points are a layer of points; once a person has filled them, accuracy estimates from them."""
    drawn = run("samplepoints", "points.gpkg", MAPPED=mapped["OUTPUT"], COUNT=60, MIN_POINTS=15, ALLOCATION="balanced")
    assert drawn["POINTS_COUNT"] == drawn["MAPPED_COUNT"] + drawn["BUFFER_COUNT"] + drawn["ELSEWHERE_COUNT"] == 60

    dataset = ogr.Open(drawn["OUTPUT"], 1)
    dataset.ExecuteSQL("UPDATE sample_points SET is_rock_glacier = (stratum = 'mapped')")
    dataset = None
    given = {"POINTS": drawn["OUTPUT"], "GROUP_BY": "activity", "REPETITIONS": 50}
    results = run("accuracy", "checked.gpkg", MAPPED=mapped["OUTPUT"], REFERENCE=REFERENCE, **given)
    assert results["ADJUSTED_USERS_ACCURACY"] == 1 and results["ADJUSTED_AREA_ERROR_M2"] == 0
    assert results["F1_LOW"] < results["F1"] < results["F1_HIGH"]


def test_rules_are_tuned(run, folder, objects):
    """The tuned rules are a rule set that the next node takes. The scene has one landform, so a copy is given too."""
    copied = shutil.copy(objects["OUTPUT"], folder / "objects_again.gpkg")
    files = {"REPORT": str(folder / "tuning.html"), "JSON": str(folder / "tuning.json")}
    given = {"OBJECTS": [objects["OUTPUT"], str(copied)], "REFERENCE": [REFERENCE], "RULES": RULES, "MEASURE": "iou"}
    results = run("tunerules", "tuned.json", **given, **files)
    assert results["GAIN"] == pytest.approx(results["SCORE_AFTER"] - results["SCORE_BEFORE"])
    assert json.loads(Path(results["OUTPUT"]).read_text("utf8"))["tuned"]["measure"] == "iou"
    classified = run("classify", "by_tuned_rules.gpkg", OBJECTS=objects["OUTPUT"], RULES=results["OUTPUT"])
    assert classified["CLASSIFIED"] > 0


def test_an_inventory_is_written_and_checked(run, qgis_process, folder, stack):
    """The sample's outlines, of which the stack covers one with elevations, conform; the other node says the same."""
    given = {"OUTLINES": REFERENCE, "DEM": stack, "MAPPING": "ActiCl=activity, WorkingID=id"}
    made = run("inventory", "inventory.gpkg", **given, REPORT=str(folder / "inventory.html"))
    assert (made["UNITS"], made["OUTLINES_COUNT"], made["ERRORS"], made["CONFORMS"]) == (18, 18, 0, 1)
    files = {"REPORT": str(folder / "check.html"), "JSON": str(folder / "findings.json")}
    checked = qgis_process.node("checkinventory", {"INVENTORY": made["OUTPUT"], **files})
    assert checked.status == 0, checked.text
    assert checked.results["CONFORMS"] == 1
    assert checked.results["OPEN_QUESTIONS"] == made["OPEN_QUESTIONS"] > 0
    found = json.loads((folder / "findings.json").read_text("utf8"))
    assert [layer["features"] for layer in found["layers"]] == [18, 18, 0, 0]
    assert (folder / "check.html").stat().st_size > 10_000


def test_change_between_two_dates(run, folder):
    """The sample's outlines against themselves: nothing changed, and every landform is there."""
    files = {"REPORT": str(folder / "change.html"), "JSON": str(folder / "change.json")}
    results = run("change", "change.gpkg", BEFORE=REFERENCE, AFTER=REFERENCE, BOUNDARY_ERROR=5, **files)
    assert (results["LANDFORMS"], results["GROWN"], results["NEW"], results["AREA_CHANGE_M2"]) == (18, 0, 0, 0)
    assert results["MEAN_FRONT_ADVANCE_M"] is None
    assert results["AREA_CHANGE_ERROR_M2"] > 0
    assert json.loads((folder / "change.json").read_text("utf8"))["figures"]["landforms"] == 18
    assert (folder / "change.html").stat().st_size > 10_000


def test_an_optical_composite_of_zips(run, products):
    """Zips are no layers, and the extent is in another system than the products."""
    given = {"BANDS": "B04, B03, B02", "EXTENT": "10.3150,10.3200,46.942,46.9455 [EPSG:4326]", "COUNT": True}
    results = run("opticalcomposite", "composite.tif", INPUTS=products, MASK_CLASSES=["cloud_high", "cirrus"], **given)
    assert (results["SCENES"], results["OBSERVATIONS"]) == (2, 2)
    assert (results["FIRST_DATE"], results["LAST_DATE"]) == ("2023-08-10", "2023-08-20")
    assert results["COVERED"] == 1
    assert [sorted(set(band.ravel())) for band in stored(results["OUTPUT"])] == [[2000], [2000], [2000], [2]]


def test_a_product_that_is_not_there_is_named(qgis_process, tmp_path):
    """Before the worker starts."""
    done = qgis_process.node("opticalcomposite", {"INPUTS": ["gone.zip"], "OUTPUT": str(tmp_path / "composite.tif")})
    assert done.status == 1
    assert "there is no file or folder gone.zip" in done.text


def test_a_rule_set_is_shown(qgis_process, folder):
    """A node that needs no layer: what it prints is what it writes."""
    done = qgis_process.node("describerules", {"RULES": "rgb_nir_2m", "OUTPUT": str(folder / "rules.txt")})
    assert done.status == 0, done.text
    assert "a kind of dark" in done.results["TEXT"] and "with_variable('shade'" in done.results["TEXT"]
    assert (folder / "rules.txt").read_text("utf8") == done.results["TEXT"]


def test_an_8_bit_model_maps_what_the_given_one_maps(run, stack, heatmap):
    """The numbers of the node are those of the two heatmaps; its model is used like any other."""
    given = {"STACK": stack, "MODEL": MODEL, "CALIBRATION_TILES": 2, "TEST_TILES": 2}
    small = run("quantise", "small.onnx", **given, MAX_CHANGE_SHARE=1)
    assert 0 < small["MEAN_CHANGE"] < small["MAX_CHANGE"] < 0.3
    assert 0 <= small["CROSSING_SHARE"] <= small["CHANGE_SHARE"] <= 1
    assert small["SIZE_SHARE"] < 0.6  # the given kernels have 16 bits
    mapped = run("heatmap", "of the small model.tif", STACK=stack, MODEL=small["OUTPUT"])
    difference = np.abs(stored(mapped["OUTPUT"]) - stored(heatmap["OUTPUT"]))
    assert 0 < difference.max() < 0.3 / 0.004  # the stored numbers are steps of 0.004


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
