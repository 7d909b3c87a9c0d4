"""What the dialog says before a run: one sentence, or nothing when all is well."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import pytest
from headless import SAMPLE, copied_reference
from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsFeature,
    QgsGeometry,
    QgsProcessingContext,
    QgsProcessingFeatureSourceDefinition,
    QgsProject,
    QgsRasterLayer,
    QgsVectorLayer,
)

STACK = str(SAMPLE / "simulated_stack.tif")
REFERENCE = copied_reference(Path(tempfile.mkdtemp()))
MAP = {"STACK": STACK, "MODEL": "model.onnx", "RULES": "full_stack", "OUTPUT": "outlines.gpkg"}
ACCURACY = {"MAPPED": REFERENCE, "REFERENCE": REFERENCE, "OUTPUT": "compared.gpkg"}


@pytest.fixture
def problem(provider, monkeypatch, tmp_path):
    """A function that returns what a node says about values; the files named exist."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "model.onnx").touch()
    (tmp_path / "text.tif").write_text("no raster")
    context = QgsProcessingContext()
    context.setProject(QgsProject.instance())

    def check(name, values):
        fits, message = provider.algorithm(name).checkParameterValues(values, context)
        assert fits == (not message)
        return message

    return check


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, ""),
        ({"OUTPUT": "TEMPORARY_OUTPUT", "HEATMAP": "heat.tif", "WEIGHTS": "coherence=2, slope = 0.5,"}, ""),
        ({"STACK": ""}, "The parameter Feature stack is missing."),
        ({"STACK": "none.tif"}, "Feature stack: there is no layer or file none.tif."),
        ({"STACK": "text.tif"}, "Feature stack: text.tif cannot be read as a raster."),
        ({"AREA": "none.gpkg"}, "Area to map: there is no layer or file none.gpkg."),
        ({"SCALE": "large"}, "Incorrect parameter value for SCALE"),
        ({"OUTPUT": "outlines.shp"}, "Outlines must be a .gpkg file, but outlines.shp was given."),
        ({"HEATMAP": "heat.png"}, "Smoothed heatmap must be a .tif file, but heat.png was given."),
        ({"SHAPE": 0.95}, "Segment: shape must be at most 0.9, but 0.95 was given."),
        ({"SIGMA": -1}, "Smooth heatmap: standard deviation (metres) must be at least 0, but -1 was given."),
        ({"WEIGHTS": "coherence"}, "The weight 'coherence' must be given as role=number"),
        ({"WEIGHTS": "B02=1, slope=-1"}, "The weight 'slope=-1' must be given as role=number"),
        ({"WEIGHTS": "slope=nan"}, "The weight 'slope=nan' must be given as role=number"),
        ({"MODEL": "no_such_model"}, "There is no shipped model no_such_model; give "),
        ({"MODEL": "folder/other.onnx"}, "The model folder/other.onnx does not exist"),
        (
            {"RULES": "full-stack"},
            "There is no shipped rule set full-stack; give full_stack, rgb or rgb_nir_2m, or a .json file.",
        ),
        (
            {"RULES": "mine.json"},
            "The rule set mine.json does not exist; give a .json file, or full_stack, rgb or rgb_nir_2m.",
        ),
    ],
)
def test_a_wrong_value_is_named(problem, values, expected):
    """Headless QGIS and the dialog show this sentence instead of a failure in mid-run."""
    message = problem("maprockglaciers", MAP | values)
    assert message.startswith(expected)
    assert bool(message) == bool(expected)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"REPORT": "report.html", "JSON": "figures.json"}, ""),
        ({"REPORT": "report.pdf"}, "Report must be a .html file, but report.pdf was given."),
        ({"JSON": "figures.txt"}, "Figures must be a .json file, but figures.txt was given."),
        ({"MIN_OVERLAP": 2}, "Minimum overlap of a match (share of the reference outline) must be at most 1"),
    ],
)
def test_reports_are_checked_too(problem, values, expected):
    """File outputs have no check of QGIS's own."""
    message = problem("accuracy", ACCURACY | values)
    assert message.startswith(expected)
    assert bool(message) == bool(expected)


def test_every_raster_of_a_list_is_checked(problem):
    """QGIS itself drops rasters that it cannot load, and measures the rest."""
    values = {"LABELS": STACK, "LAYERS": [STACK, "none.tif"], "OUTPUT": "objects.gpkg"}
    assert problem("objectfeatures", values) == "Layers to measure: there is no layer or file none.tif."


def test_a_raster_from_a_server_is_refused(problem):
    """The engine reads files; QGIS can save any raster as one."""
    layer = QgsRasterLayer("type=xyz&url=file:///none/{z}/{x}/{y}.png", "Tiles", "wms")
    QgsProject.instance().addMapLayer(layer)
    message = problem("maprockglaciers", MAP | {"STACK": layer.id()})
    QgsProject.instance().removeMapLayer(layer)
    assert message.startswith("The raster Tiles comes from a wms source, but a file is expected. Save it as a GeoTIFF")


def test_a_layer_with_unsaved_edits_is_refused(problem):
    """The engine reads files: edits that only QGIS knows would be left out without a word."""
    layer = QgsVectorLayer("Polygon?crs=EPSG:32719", "My edits", "memory")
    QgsProject.instance().addMapLayer(layer)
    layer.startEditing()
    feature = QgsFeature(layer.fields())
    feature.setGeometry(QgsGeometry.fromWkt("Polygon((0 0, 10 0, 10 10, 0 0))"))
    layer.addFeature(feature)
    message = problem("accuracy", ACCURACY | {"MAPPED": layer.id()})
    layer.rollBack()
    QgsProject.instance().removeMapLayer(layer)
    assert message == "The layer My edits has edits that are not saved; save them first."


def test_selected_features_alone(problem):
    """What the box beside the layer gives; the layer is one of the project."""
    layer = QgsVectorLayer(REFERENCE, "reference", "ogr")
    QgsProject.instance().addMapLayer(layer)
    layer.selectByIds([next(layer.getFeatures()).id()])
    chosen = QgsProcessingFeatureSourceDefinition(layer.id(), True)
    assert problem("accuracy", {**ACCURACY, "MAPPED": chosen}) == ""
    assert "no layer or file gone" in problem(
        "accuracy", {**ACCURACY, "MAPPED": QgsProcessingFeatureSourceDefinition("gone", True)}
    )


def test_another_system_in_qgis_than_in_the_file(problem):
    """The engine reads the file, and would compare places that are far apart."""
    layer = QgsVectorLayer(REFERENCE, "moved", "ogr")
    layer.setCrs(QgsCoordinateReferenceSystem("EPSG:32601"))
    QgsProject.instance().addMapLayer(layer)
    message = problem("accuracy", {**ACCURACY, "MAPPED": layer})
    assert "has the system EPSG:32601 in QGIS, but its file says EPSG:" in message
    raster = QgsRasterLayer(STACK, "moved raster")
    raster.setCrs(QgsCoordinateReferenceSystem("EPSG:32601"))
    QgsProject.instance().addMapLayer(raster)
    assert "EPSG:32601 in QGIS" in problem("maprockglaciers", {**MAP, "STACK": raster})


def test_a_missing_package_is_said_twice(provider, problem, monkeypatch):
    """The toolbox asks `canExecute`; headless QGIS only `checkParameterValues`."""
    runtime = sys.modules["rock_glacier_mapper.host.runtime"]
    monkeypatch.setattr(runtime, "explain", lambda stage: f"{stage} needs shapely.")
    assert provider.algorithm("classify").canExecute() == (False, "classify needs shapely.")
    assert problem("classify", {}) == "classify needs shapely."


def test_without_packages_the_provider_loads_and_says_what_is_missing(qgis_process, tmp_path):
    """A user without onnxruntime sees all nodes, and which of them needs what."""
    missing = {"ROCK_GLACIER_MAPPER_RUNTIME": ""}
    listed = qgis_process("list", **missing)
    assert listed.status == 0
    assert listed.text.count("rockglacier:") >= 13
    outputs = {"INPUT": "a.tif", "OUTPUT": str(tmp_path / "b.tif")}
    ran = qgis_process.node("heatmap", {"STACK": "a.tif", "MODEL": "m", **outputs}, **missing)
    assert ran.status == 1
    assert "This node needs onnxruntime" in ran.text


@pytest.mark.parametrize("package", ["numba", "onnx", "onnxruntime", "skimage", "shapely", "scipy"])
def test_the_nodes_import_none_of_the_engines_packages(package, in_new_python):
    """QGIS starts, and its process stays whole, even where these packages are broken."""
    in_new_python(
        f"import sys; sys.modules[{package!r}] = None\n"
        "import rock_glacier_mapper.plugin, rock_glacier_mapper.algorithms.provider as module\n"
        "assert len(module.ALGORITHMS) == 35"
    )
