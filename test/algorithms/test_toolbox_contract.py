"""What saved models and scripts depend on, and what users read: ids, keys, types and helps of all nodes."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

# Inputs in the dialog's order, then outputs. A change here breaks models that users have saved.
FROZEN = {
    "opticalcomposite": (
        "INPUTS BANDS METHOD MASK_CLASSES MASK_DILATION EXTENT CRS RESOLUTION PERCENTILE DAY_OF_YEAR NEIGHBOURHOOD "
        "RESAMPLING MASKS MASK_KIND SCALE OFFSET COUNT OUTPUT_TYPE",
        "OUTPUT SCENES OBSERVATIONS FIRST_DATE LAST_DATE COVERED",
    ),
    "densify": ("MODEL", "OUTPUT PATCH_SIZE HALO DIFFERENCE"),
    "quantise": (
        "MODEL STACK MAX_CHANGE_SHARE CALIBRATION_TILES TEST_TILES TILE_SIZE SEED",
        "OUTPUT MAX_CHANGE MEAN_CHANGE CROSSING_SHARE CHANGE_SHARE SIZE_SHARE",
    ),
    "describe": ("MODEL", "OUTPUT TEXT"),
    "heatmap": (
        "STACK MODEL AREA TILE_SIZE DEVICE OUTPUT_TYPE RESAMPLE MIN_ELEVATION MAX_ELEVATION MIN_SLOPE MAX_SLOPE "
        "TIME_LIMIT MEMORY_LIMIT AUGMENT ENSEMBLE UNCERTAINTY BANDS MEAN STD ACTIVATION",
        "OUTPUT PROVIDER TILES SKIPPED_TILES TILES_PER_SECOND",
    ),
    "smoothheatmap": ("INPUT SIGMA", "OUTPUT"),
    "segment": ("INPUT HEATMAP WEIGHTS SCALE SHAPE COMPACTNESS PARENT", "OUTPUT OBJECTS_COUNT"),
    "objectfeatures": ("LABELS LAYERS FEATURES", "OUTPUT OBJECTS_COUNT"),
    "classify": ("OBJECTS RULES", "OUTPUT OBJECTS_COUNT CLASSIFIED"),
    "reshape": (
        "OBJECTS LABELS HEATMAP TARGET_CLASS GROW SHRINK FILL SMOOTH SPLIT MIN_AREA",
        "OUTPUT LANDFORMS",
    ),
    "outlines": ("INPUT LAYERS OBJECTS SIMPLIFY SMOOTH_OUTLINE", "OUTPUT LANDFORMS AREA_M2 AREA_CHANGE"),
    "maprockglaciers": (
        "STACK MODEL RULES AREA TILE_SIZE DEVICE RESAMPLE MIN_ELEVATION MAX_ELEVATION MIN_SLOPE MAX_SLOPE "
        "TIME_LIMIT MEMORY_LIMIT SIGMA WEIGHTS SCALE SHAPE COMPACTNESS GROW SHRINK FILL SMOOTH SPLIT MIN_AREA SIMPLIFY "
        "SMOOTH_OUTLINE",
        "OUTPUT HEATMAP OBJECTS LANDFORMS AREA_M2",
    ),
    "accuracy": (
        "MAPPED REFERENCE AREA HEATMAP MIN_OVERLAP",
        "OUTPUT REPORT JSON PRODUCERS_ACCURACY USERS_ACCURACY F1 IOU AREA_BIAS DETECTED "
        "REFERENCE_COUNT MATCHED_COUNT MISSED_COUNT FALSE_COUNT",
    ),
}
MODEL = "map_rock_glaciers_steps"
OPTIONAL_OUTPUTS = {
    "maprockglaciers": {"HEATMAP", "OBJECTS"},
    "accuracy": {"REPORT", "JSON"},
    "describe": {"OUTPUT"},
}


def inputs(algorithm):
    return [item for item in algorithm.parameterDefinitions() if not item.isDestination()]


@pytest.fixture(params=FROZEN)
def node(request, provider):
    """Each node in turn."""
    return provider.algorithm(request.param)


def test_the_ids_of_provider_and_nodes_are_frozen(provider):
    """A node that vanishes or is renamed breaks saved models; a new one must be added here."""
    assert provider.id() == "rockglacier"
    assert provider.name() == "Rock Glacier Mapper"
    assert {item.name() for item in provider.algorithms()} == {*FROZEN, MODEL}


def test_the_keys_are_frozen(node):
    """Keys of inputs and outputs are written into models and scripts."""
    given, returned = FROZEN[node.name()]
    assert [item.name() for item in inputs(node)] == given.split()
    assert [item.name() for item in node.outputDefinitions()] == returned.split()


def test_a_node_offers_every_option_of_its_stage(node):
    """An option that the toolbox forgets would be reachable from the command line alone."""
    options = [field.name.upper() for field in dataclasses.fields(node.stage().options)]
    assert sorted(item.name() for item in node.parameterDefinitions()) == sorted(options)


def test_every_figure_is_a_field_of_the_result(node):
    """A misspelt field would fail only at the end of a long run."""
    fields = {field.name for field in dataclasses.fields(node.stage().result)}
    assert set(node.FIGURES.values()) <= fields


def test_every_parameter_has_a_help(node):
    """The help is the tool tip of the dialog and the text of the reference."""
    without = [item.name() for item in node.parameterDefinitions() if not item.help().strip()]
    assert without == []
    assert all(item.help() in item.toolTip() for item in node.parameterDefinitions())


def test_defaults_and_bounds_are_those_of_the_options(node):
    """The dialog must not let a user enter what the engine refuses, nor run with other defaults."""
    for field in dataclasses.fields(node.stage().options):
        definition = node.parameterDefinition(field.name.upper())
        info = field.metadata["info"]
        assert bool(definition.flags() & definition.Flag.FlagOptional) == (not info.required and _empty(field.default))
        if definition.type() == "boolean":
            assert definition.defaultValue() is field.default
        if definition.type() == "number":
            assert definition.defaultValue() == field.default
            assert info.minimum is None or definition.minimum() == info.minimum
            assert info.maximum is None or definition.maximum() == info.maximum
        if definition.type() == "enum":
            assert definition.options() == list(info.choices)
            assert definition.usesStaticStrings()


def _empty(default):
    return default in ("", (), dataclasses.MISSING)


def test_every_output_has_a_type(node):
    """An output without a type cannot be connected in the modeler."""
    output = {"outputFile"} if node.groupId() == "train" else {"outputRaster", "outputVector"}
    types = {"OUTPUT": output, "REPORT": {"outputHtml"}, "JSON": {"outputFile"}}
    types |= {"HEATMAP": {"outputRaster"}, "OBJECTS": {"outputVector"}}
    types |= {"FIRST_DATE": {"outputString"}, "LAST_DATE": {"outputString"}}
    types |= {"PROVIDER": {"outputString"}, "TEXT": {"outputString"}}
    for item in node.outputDefinitions():
        assert item.type() in types.get(item.name(), {"outputNumber"}), item.name()


def test_optional_outputs_are_not_made_unasked(node):
    """Who runs the node with its defaults wants outlines, not three layers."""
    optional = {item.name() for item in node.destinationParameterDefinitions() if not item.createByDefault()}
    assert optional == OPTIONAL_OUTPUTS.get(node.name(), set())


def test_a_node_explains_itself(node):
    """Help, address, tags, icon and group are what the toolbox shows beside a name."""
    assert all(word in node.shortHelpString() for word in ("Input", "Output", "How to choose"))
    assert node.helpUrl().endswith(f"toolbox.md#{node.name()}")
    assert "rock glacier" in node.tags()
    assert not node.icon().isNull()
    assert Path(node.svgIconPath()).is_file()
    assert node.group() in {"Prepare", "Train", "Map", "Assess"}
    assert node.groupId() == node.group().lower()


def test_every_style_exists(node):
    """A style that is missing would be a warning only when a user loads the output."""
    for key, style in node.STYLES.items():
        assert node.parameterDefinition(key).isDestination()
        assert (Path(__file__).parents[2] / "resources" / "styles" / f"{style}.qml").is_file()


def test_nodes_write_geotiff_and_geopackage_only(provider):
    """The engine writes these two, so the dialog must not offer others."""
    assert provider.supportedOutputRasterLayerExtensions() == ["tif"]
    assert provider.supportedOutputVectorLayerExtensions() == ["gpkg"]
    assert not provider.supportsNonFileBasedOutput()
