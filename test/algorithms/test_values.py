"""From Processing's values to the engine's: every layer becomes the text of a file."""

from __future__ import annotations

import json
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
    QgsProcessingFeedback,
    QgsProcessingOutputLayerDefinition,
    QgsProject,
    QgsRasterLayer,
    QgsRectangle,
    QgsReferencedRectangle,
    QgsVectorLayer,
)

STACK = str(SAMPLE / "simulated_stack.tif")
REFERENCE = copied_reference(Path(tempfile.mkdtemp()))
LAYER = f"{REFERENCE}|layername=rock_glaciers"


class Figures(dict):
    """A result that has every figure."""

    def __missing__(self, key):
        return 0


RESULT = Figures(found=True)


@pytest.fixture
def options(provider, monkeypatch):
    """A function that returns the options that a node makes of values."""

    def make(name, **values):
        algorithm = provider.algorithm(name).create()
        context = QgsProcessingContext()
        context.setProject(QgsProject.instance())
        worker = sys.modules["rock_glacier_mapper.host.worker"]
        given = {}
        monkeypatch.setattr(worker, "run_stage", lambda stage, options, feedback: given.update(options) or RESULT)
        assert algorithm.prepareAlgorithm(values, context, QgsProcessingFeedback())
        algorithm.processAlgorithm(values, context, QgsProcessingFeedback())
        return given

    return make


@pytest.fixture
def add():
    """A function that adds a layer to the project for the time of the test."""
    added = []

    def add_layer(layer):
        assert layer.isValid()
        added.append(layer.id())
        return QgsProject.instance().addMapLayer(layer)

    yield add_layer
    QgsProject.instance().removeMapLayers(added)


def test_values_left_out_have_the_defaults_of_the_options(provider, options):
    """A node that is run with its files alone runs like the stage with its files alone."""
    given = options("maprockglaciers", STACK=STACK, MODEL="m", RULES="r", OUTPUT="o.gpkg")
    stage = provider.algorithm("maprockglaciers").stage()
    assert stage.options(**given) == stage.options(stack=STACK, model="m", rules="r", output="o.gpkg")


def test_an_extent_is_text_with_its_system(options):
    """A rectangle of a script, one with a system as dialogs give it, and the text of a command line."""

    def extent(value):
        return options("previewsegmentation", INPUT=STACK, EXTENT=value, OUTPUT="l.tif")["extent"]

    degrees = QgsCoordinateReferenceSystem("EPSG:4326")
    given = extent(QgsReferencedRectangle(QgsRectangle(86.5, 27.5, 86.75, 28.0), degrees))
    assert given.startswith("86.5,86.75,27.5,28.0 [GEOGC") and given.endswith("]")
    assert extent("1,2,3,4") == "1,2,3,4"
    assert extent("1,2,3,4 [EPSG:4326]") == "1,2,3,4 [EPSG:4326]"
    assert extent(None) == extent("") == ""


def test_lists_come_from_texts_and_choices(options):
    """Weights are typed with commas; features are ticked."""
    assert options("segment", INPUT=STACK, WEIGHTS=" B02=2, slope=0.5 ,", OUTPUT="l.tif")["weights"] == [
        "B02=2",
        "slope=0.5",
    ]
    chosen = options("objectfeatures", LABELS=STACK, LAYERS=[STACK], FEATURES=["geometry"], OUTPUT="o.gpkg")
    assert chosen["features"] == ["geometry"]


def test_layers_of_the_project_become_their_files(options, add):
    """A dialog gives layers by id or name; the engine needs the file and the layer in it."""
    raster = add(QgsRasterLayer(STACK, "My stack"))
    polygons = add(QgsVectorLayer(LAYER, "My outlines"))
    mapped = options("heatmap", STACK=raster.id(), MODEL="m", AREA="My outlines", OUTPUT="h.tif")
    assert (mapped["stack"], mapped["area"]) == (STACK, LAYER)
    several = options("outlines", INPUT="My stack", LAYERS=[raster, raster.id(), STACK], OUTPUT="o.gpkg")
    assert several["layers"] == [STACK, STACK, STACK]
    assert options("accuracy", MAPPED=polygons, REFERENCE=LAYER, OUTPUT="o.gpkg")["mapped"] == LAYER


def exported(text):
    """Return the layer in a GeoPackage that was written for the engine."""
    path, _, _ = text.partition("|")
    assert path.endswith(".gpkg")
    assert path != REFERENCE
    return QgsVectorLayer(text, "exported")


def test_a_layer_in_memory_is_written_to_a_geopackage(options, add):
    """What only QGIS knows cannot cross the border of the process otherwise."""
    memory = QgsVectorLayer("Polygon?crs=EPSG:32645", "Drawn", "memory")
    feature = QgsFeature(memory.fields())
    feature.setGeometry(QgsGeometry.fromWkt("Polygon((0 0, 10 0, 10 10, 0 0))"))
    memory.dataProvider().addFeatures([feature])
    add(memory)
    layer = exported(options("accuracy", MAPPED=memory, REFERENCE=LAYER, OUTPUT="o.gpkg")["mapped"])
    assert [item.geometry().area() for item in layer.getFeatures()] == [50]
    assert layer.crs().authid() == "EPSG:32645"


def test_a_filter_and_a_selection_are_kept(options, add):
    """The user sees three outlines and expects three to be compared."""
    polygons = add(QgsVectorLayer(LAYER, "Some outlines"))
    polygons.setSubsetString("fid <= 3")
    given = options("accuracy", MAPPED=polygons, REFERENCE=LAYER, OUTPUT="o.gpkg")
    assert exported(given["mapped"]).featureCount() == 3
    polygons.selectByIds([2])
    chosen = QgsProcessingFeatureSourceDefinition(polygons.id(), True)
    given = options("accuracy", MAPPED=chosen, REFERENCE=LAYER, OUTPUT="o.gpkg")
    assert exported(given["mapped"]).featureCount() == 1


def test_destinations_become_paths(options):
    """The dialog wraps a destination; a temporary one gets a name with the right suffix; one not asked for is empty."""
    wrapped = QgsProcessingOutputLayerDefinition("/folder/o.gpkg", QgsProject.instance())
    given = options("accuracy", MAPPED=LAYER, REFERENCE=LAYER, OUTPUT=wrapped, REPORT="TEMPORARY_OUTPUT")
    assert given["output"] == "/folder/o.gpkg"
    assert given["report"].endswith(".html")
    assert given["json"] == ""
    temporary = options("smoothheatmap", INPUT=STACK, OUTPUT="TEMPORARY_OUTPUT")["output"]
    assert temporary.endswith(".tif")


def test_errors_of_the_stage_reach_the_caller(run_node, tmp_path):
    """What the engine says is what the user reads."""
    core = sys.modules["qgis.core"]
    with pytest.raises(core.QgsProcessingException, match=r"folder"):
        run_node("smoothheatmap", INPUT=STACK, OUTPUT=str(tmp_path / "none" / "o.tif"))


def test_styles_are_applied_to_what_qgis_loads(provider):
    """A heatmap in grey and outlines in random colours are what QGIS shows otherwise."""
    styles = sys.modules["rock_glacier_mapper.algorithms.styles"]
    context = QgsProcessingContext()
    layers = {
        "heatmap": (QgsRasterLayer(STACK, "raster"), "singlebandpseudocolor"),
        "objects": (QgsVectorLayer(LAYER, "objects"), "RuleRenderer"),
        "outlines": (QgsVectorLayer(LAYER, "outlines"), "singleSymbol"),
        "accuracy": (QgsVectorLayer(LAYER, "accuracy"), "RuleRenderer"),
    }
    for style, (layer, renderer) in layers.items():
        details = QgsProcessingContext.LayerDetails("Name", QgsProject.instance(), "OUTPUT")
        context.addLayerToLoadOnCompletion(style, details)
        styles.style_on_load(context, style, style)
        processor = context.layerToLoadOnCompletionDetails(style).postProcessor()
        processor.postProcessLayer(layer, context, QgsProcessingFeedback())
        assert layer.renderer().type() == renderer


def test_objects_get_the_colours_of_their_rule_set(provider, tmp_path):
    """A class of one's own has its colour on the map, children stand behind their parents, none has no fill."""
    styles = sys.modules["rock_glacier_mapper.algorithms.styles"]
    classes = [
        {"name": "talus", "title": "Talus", "color": "#112233", "parent": "debris"},
        {"name": "snow", "title": "Snow", "color": "#ffffff"},
        {"name": "debris", "title": "Debris", "color": "#bf9b7a"},
    ]
    own = tmp_path / "own.json"
    own.write_text(json.dumps({"classes": classes}))
    layer, context, feedback = QgsVectorLayer(LAYER, "objects"), QgsProcessingContext(), QgsProcessingFeedback()
    styles.ClassesOnLoad(str(own)).postProcessLayer(layer, context, feedback)
    categories = {item.value(): item for item in layer.renderer().categories()}
    assert layer.renderer().classAttribute() == "class"
    labels = [(name, item.label()) for name, item in categories.items()]
    assert labels == [("snow", "Snow"), ("debris", "Debris"), ("talus", "Debris / Talus"), ("", "No class")]
    assert categories["talus"].symbol().color().name() == "#112233"
    styles.ClassesOnLoad("full_stack").postProcessLayer(layer, context, feedback)
    assert "rock_glacier" in {item.value() for item in layer.renderer().categories()}
    own.unlink()
    styles.ClassesOnLoad(str(own)).postProcessLayer(layer, context, feedback)
    assert layer.renderer().type() == "RuleRenderer", "without its rule set, it has the style for any classes"


def test_a_style_is_applied_in_every_run(provider):
    """QGIS deletes the post-processor of a run with the run's context; the next run needs another one."""
    styles = sys.modules["rock_glacier_mapper.algorithms.styles"]
    of_others = len(styles._held)
    for _ in range(2):
        context = QgsProcessingContext()
        details = QgsProcessingContext.LayerDetails("Name", QgsProject.instance(), "OUTPUT")
        for destination in ("first.gpkg", "second.gpkg"):
            context.addLayerToLoadOnCompletion(destination, details)
            styles.style_on_load(context, destination, "outlines")
            assert context.layerToLoadOnCompletionDetails(destination).postProcessor()
        del context
    assert len(styles._held) <= of_others + 2


def test_an_output_that_is_not_loaded_gets_no_style():
    """Headless runs load nothing."""
    styles = sys.modules["rock_glacier_mapper.algorithms.styles"]
    context = QgsProcessingContext()
    styles.style_on_load(context, "o.gpkg", "outlines")
    assert context.layersToLoadOnCompletion() == {}


def test_truths_and_lists_reach_the_engine(options):
    """What a model without a card needs is typed with commas; a check box is true or false, not a number."""
    values = {"BANDS": "red, slope", "MEAN": "0.5,-20", "STD": "1", "RESAMPLE": True}
    given = options("heatmap", STACK=STACK, MODEL="m", OUTPUT="o.tif", **values)
    assert (given["bands"], given["mean"], given["std"]) == (["red", "slope"], ["0.5", "-20"], ["1"])
    assert given["resample"] is True


def test_truth_values_and_lists_of_models_become_what_the_stage_takes(options):
    """A text of true, as headless QGIS gives it, and names with commas between."""
    given = options("heatmap", STACK=STACK, MODEL="m.onnx", OUTPUT="h.tif", ENSEMBLE="a, b.onnx", UNCERTAINTY="true")
    assert (given["ensemble"], given["uncertainty"], given["augment"]) == (["a", "b.onnx"], True, "none")
