"""The nodes that make and describe models, in headless QGIS."""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np
import pytest
from headless import copied_reference
from osgeo import gdal, ogr

REFERENCE = copied_reference(Path(tempfile.mkdtemp()))
MODEL = "full_10m"


@pytest.fixture(scope="module")
def samples(qgis_process, folder, stack):
    """The node samples; one landform can only be learnt from."""
    shares = {"VALIDATION_SHARE": 0, "TEST_SHARE": 0}
    given = {"STACK": stack, "INVENTORY": REFERENCE, "PATCH_SIZE": 32, "OUTPUT": str(folder / "samples")} | shares
    done = qgis_process.node("samples", given)
    assert done.status == 0, done.text
    return done.results


@pytest.fixture
def classifier(tmp_path):
    """A classifier of patches of 5 x 5 pixels: one fully connected layer of random weights."""
    onnx = pytest.importorskip("onnx", reason="the test dependency onnx is not installed")
    helper = onnx.helper
    weights = onnx.numpy_helper.from_array(np.random.default_rng(0).normal(size=(25, 2)).astype(np.float32), "weights")
    nodes = [helper.make_node("Flatten", ["patch"], ["flat"]), helper.make_node("Gemm", ["flat", "weights"], ["class"])]
    source = helper.make_tensor_value_info("patch", onnx.TensorProto.FLOAT, ["batch", 1, 5, 5])
    target = helper.make_tensor_value_info("class", onnx.TensorProto.FLOAT, ["batch", 2])
    graph = helper.make_graph(nodes, "classifier", [source], [target], [weights])
    path = tmp_path / "classifier.onnx"
    onnx.save_model(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8), str(path))
    return str(path)


def test_describe_shows_the_card_and_writes_it_where_asked(qgis_process, folder):
    """The log is what a user reads; the text is an output for models."""
    shown = qgis_process.node("describe", {"MODEL": MODEL})
    assert shown.status == 0, shown.text
    assert "the one that is mapped" in shown.results["TEXT"]
    assert "OUTPUT" not in shown.results
    kept = qgis_process.node("describe", {"MODEL": MODEL, "OUTPUT": str(folder / "card.txt")})
    assert (folder / "card.txt").read_text("utf8") == kept.results["TEXT"] == shown.results["TEXT"]


def test_a_model_that_changes_too_much_is_refused(qgis_process, folder, stack):
    """One sentence, and neither model nor card."""
    given = {"STACK": stack, "MODEL": MODEL, "MAX_CHANGE_SHARE": 0, "OUTPUT": str(folder / "no.onnx")}
    done = qgis_process.node("quantise", given)
    assert done.status == 1
    assert "changes too much" in done.text
    assert not list(folder.glob("no.*"))


def test_samples_fill_a_folder_with_chips(samples):
    """A folder is an output like any other."""
    output = Path(samples["OUTPUT"])
    assert len(list((output / "chips").glob("*.tif"))) == samples["TRAIN_CHIPS"] > 2
    assert {path.name for path in output.iterdir()} == {"chips", "index.gpkg", "report.html", "samples.json"}
    assert (samples["TEST_CHIPS"], samples["PATCH_PIXELS"]) == (0, 32)


def test_samples_that_cannot_be_split_are_one_sentence(qgis_process, tmp_path, stack):
    """What the stage says of bad input comes through, and no folder is left."""
    output = tmp_path / "none"
    given = {"STACK": stack, "INVENTORY": REFERENCE, "PATCH_SIZE": 24, "OUTPUT": str(output), "TEST_SHARE": 0}
    done = qgis_process.node("samples", given)
    assert done.status == 1 and "set the validation share or the test share to 0" in done.text
    assert not output.exists()


def test_corrections_are_samples_of_the_review(qgis_process, folder, stack):
    """The sample scene's reference was accepted, and an outline in a corner rejected."""
    source, reviewed = ogr.Open(REFERENCE), folder / "reviewed outlines.gpkg"
    copy = ogr.GetDriverByName("GPKG").CreateDataSource(str(reviewed))
    layer = copy.CopyLayer(source.GetLayer(0), "rock_glaciers")
    layer.CreateField(ogr.FieldDefn("review_status", ogr.OFTString))
    for feature in layer:
        feature["review_status"] = "accepted"
        layer.SetFeature(feature)
    left, size, _, top, _, _ = gdal.Open(stack).GetGeoTransform()
    corner = ogr.CreateGeometryFromWkt(
        f"POLYGON (({left} {top}, {left + 9 * size} {top}, {left} {top - 9 * size}, {left} {top}))"
    )
    false = ogr.Feature(layer.GetLayerDefn())
    false.SetGeometry(ogr.ForceToMultiPolygon(corner))
    false["review_status"] = "rejected"
    layer.CreateFeature(false)
    del layer, copy, source
    given = {"REVIEWED": str(reviewed), "STACK": stack, "PATCH_SIZE": 24, "OUTPUT": str(folder / "corrections")}
    done = qgis_process.node("corrections", given | {"EARLIER": str(folder / "none")})
    assert done.status == 1 and "there is no folder" in done.text
    done = qgis_process.node("corrections", given)
    assert done.status == 0, done.text
    results = done.results
    assert (results["ACCEPTED"], results["REJECTED"], results["IGNORED"]) == (1, 1, 0)
    assert results["TRAIN_CHIPS"] > 2
    assert len(list((folder / "corrections" / "chips").glob("*.tif"))) == results["TRAIN_CHIPS"]


def test_a_dense_network_maps_patch_by_patch(run, folder, classifier):
    """Patches of 5 pixels have two on every side of their centre."""
    results = run("densify", "dense.onnx", MODEL=classifier)
    assert (results["PATCH_SIZE"], results["HALO"]) == (5, 2)
    assert 0 <= results["DIFFERENCE"] <= 1e-5


def test_a_network_is_trained(run, folder, samples, stack):
    """Samples become a model that maps; QGIS's dialog offers files, so that the record stands for its folder."""
    pytest.importorskip("torch", reason="PyTorch is not installed: `make train-packages`")
    small = {"EPOCHS": 1, "STEPS": 2, "WIDTHS": "4, 8", "DROP_SOURCES": "radar", "THREADS": 1}
    report = str(folder / "training.html")
    trained = run("traincnn", "trained.onnx", SAMPLES=f"{samples['OUTPUT']}/samples.json", REPORT=report, **small)
    assert trained["EPOCHS_RUN"] == 1 and trained["DIFFERENCE"] <= 1e-4
    assert Path(trained["REPORT"]).read_text("utf-8").startswith("<!DOCTYPE html>")
    assert run("heatmap", "trained.tif", STACK=stack, MODEL=trained["OUTPUT"], TILE_SIZE=64)["TILES"] > 0
