"""What saved models and scripts depend on, and what users read: ids, keys, types and helps of all nodes."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

GROWING = "GROW GROW_INTO GROW_MIN_SLOPE GROW_MAX_SLOPE GROW_TENSION GROW_DISTANCE"
SHRINKING = "SHRINK SHRINK_MIN_SLOPE SHRINK_MAX_SLOPE SHRINK_TENSION SHRINK_DISTANCE"
SPLITTING = "SPLIT SPLIT_ANGLE SPLIT_AREA FLOW_SCALE"
RESHAPING = f"MERGE MIN_HEATMAP {GROWING} {SHRINKING} TENSION_RADIUS FILL SMOOTH JOIN {SPLITTING} MIN_AREA"
# Inputs in the dialog's order, then outputs. A change here breaks models that users have saved.
FROZEN = {
    "opticalcomposite": (
        "INPUTS BANDS METHOD MASK_CLASSES MASK_DILATION EXTENT CRS RESOLUTION PERCENTILE DAY_OF_YEAR NEIGHBOURHOOD "
        "RESAMPLING MASKS MASK_KIND SCALE OFFSET COUNT OUTPUT_TYPE",
        "OUTPUT SCENES OBSERVATIONS FIRST_DATE LAST_DATE COVERED",
    ),
    "coherence": (
        "REFERENCE SECONDARY PHASE WINDOW_RANGE WINDOW_AZIMUTH LOOKS_RANGE LOOKS_AZIMUTH MIN_VALID OUTPUT_TYPE",
        "OUTPUT LOOKS BIAS",
    ),
    "coherencestatistics": (
        "INPUTS STATISTIC COUNT MIN_DAYS MAX_DAYS SEASON_START SEASON_END UNIT RESAMPLING MIN_COUNT OUTPUT_TYPE",
        "OUTPUT PAIRS",
    ),
    "terrain": (
        "DEM ATTRIBUTES RADIUS SMOOTHING FILL Z_UNIT SUN_AZIMUTH SUN_ALTITUDE HEADING INCIDENCE",
        "OUTPUT",
    ),
    "featurestack": (
        "REFERENCE LAYERS MAPPING EXTENT CRS RESOLUTION RESAMPLING OUTPUT_TYPE COMMON_VALID CHECK_SHIFT",
        "OUTPUT JSON BANDS VALID_SHARE TEXT",
    ),
    "samples": (
        "STACK INVENTORY AREA PATCH_SIZE PATCH_UNIT BLOCK_SIZE SEED LOOK_ALIKES HEATMAP LOOK_ALIKE_COLUMN "
        "HEATMAP_THRESHOLD UNSURE RING_WIDTH CHIPS_PER_LANDFORM JITTER NEGATIVES KIND_WEIGHTS VALIDATION_SHARE "
        "TEST_SHARE",
        "OUTPUT TRAIN_CHIPS VALIDATION_CHIPS TEST_CHIPS LANDFORMS PATCH_PIXELS",
    ),
    "corrections": (
        "REVIEWED STACK AREA SURROUNDINGS EARLIER PATCH_SIZE PATCH_UNIT BLOCK_SIZE SEED RING_WIDTH CHIPS_PER_LANDFORM "
        "JITTER NEGATIVES VALIDATION_SHARE TEST_SHARE",
        "OUTPUT TRAIN_CHIPS VALIDATION_CHIPS TEST_CHIPS ACCEPTED DRAWN REJECTED IGNORED PATCH_PIXELS",
    ),
    "traincnn": (
        "SAMPLES ARCHITECTURE EPOCHS SEED DEVICE PATIENCE MEMBERS BANDS INITIAL RESUME DROP_SOURCES DROP_SHARE LOSS "
        "DICE_WEIGHT FOCAL_GAMMA POSITIVE_WEIGHT POSITIVE_SHARE STEPS BATCH_SIZE CROP_SIZE LEARNING_RATE "
        "WEIGHT_DECAY AVERAGING WIDTHS CONTEXT DROPOUT ORIENTATIONS BRIGHTNESS CONTRAST GAMMA COLOUR HAZE "
        "NOISE RADAR_SHIFT ELEVATION_SHIFT PRECISION THREADS TITLE DESCRIPTION LICENCE",
        "OUTPUT REPORT EPOCHS_RUN BEST_EPOCH VALIDATION_AVERAGE_PRECISION TEST_AVERAGE_PRECISION TEST_F1 "
        "THRESHOLD PARAMETERS DIFFERENCE",
    ),
    "densify": ("MODEL", "OUTPUT PATCH_SIZE HALO DIFFERENCE"),
    "quantise": (
        "MODEL STACK MAX_CHANGE_SHARE CALIBRATION_TILES TEST_TILES TILE_SIZE SEED",
        "OUTPUT MAX_CHANGE MEAN_CHANGE CROSSING_SHARE CHANGE_SHARE SIZE_SHARE",
    ),
    "describe": ("MODEL", "OUTPUT TEXT"),
    "describerules": ("RULES", "OUTPUT TEXT"),
    "heatmap": (
        "STACK MODEL AREA TILE_SIZE DEVICE OUTPUT_TYPE RESAMPLE MIN_ELEVATION MAX_ELEVATION MIN_SLOPE MAX_SLOPE "
        "TIME_LIMIT MEMORY_LIMIT AUGMENT ENSEMBLE UNCERTAINTY BANDS MEAN STD ACTIVATION",
        "OUTPUT PROVIDER TILES SKIPPED_TILES TILES_PER_SECOND",
    ),
    "smoothheatmap": ("INPUT SIGMA", "OUTPUT"),
    "previewsegmentation": (
        "INPUT EXTENT HEATMAP WEIGHTS METHOD SCALE SHAPE COMPACTNESS PARENT PICTURE_BANDS",
        "OUTPUT PICTURE OBJECTS OBJECTS_COUNT MEAN_PIXELS",
    ),
    "scaleparameter": (
        "INPUT REFERENCE AREA EXTENT HEATMAP WEIGHTS SCALE_FROM SCALE_TO SCALE_STEP SHAPE COMPACTNESS",
        "REPORT JSON BEST_SCALE BEST_D PEAKS",
    ),
    "segment": (
        "INPUT HEATMAP WEIGHTS METHOD SCALE SHAPE COMPACTNESS PARENT CHILDREN TILE_SIZE THREADS",
        "OUTPUT OBJECTS_COUNT",
    ),
    "objectfeatures": ("LABELS LAYERS FEATURES TEXTURE_LAYERS HEATMAP_THRESHOLD", "OUTPUT OBJECTS_COUNT"),
    "classify": ("OBJECTS RULES", "OUTPUT OBJECTS_COUNT CLASSIFIED"),
    "reshape": (
        f"OBJECTS LABELS SEGMENTS HEATMAP SLOPE ELEVATION TARGET_CLASS {RESHAPING}",
        "OUTPUT LANDFORMS",
    ),
    "mergebyclass": ("LABELS OBJECTS TARGET_CLASS MERGE", "OUTPUT LANDFORMS"),
    "growlandforms": (f"LABELS HEATMAP SLOPE OBJECTS SEGMENTS {GROWING} TENSION_RADIUS", "OUTPUT LANDFORMS"),
    "shrinklandforms": (f"LABELS HEATMAP SLOPE SEGMENTS {SHRINKING} TENSION_RADIUS", "OUTPUT LANDFORMS"),
    "fillholes": ("LABELS FILL JOIN", "OUTPUT LANDFORMS"),
    "smoothlandforms": ("LABELS SEGMENTS SMOOTH JOIN", "OUTPUT LANDFORMS"),
    "splitlandforms": (f"LABELS ELEVATION SEGMENTS {SPLITTING}", "OUTPUT LANDFORMS"),
    "removesmall": ("LABELS HEATMAP MIN_HEATMAP MIN_AREA", "OUTPUT LANDFORMS"),
    "outlines": ("INPUT LAYERS OBJECTS SIMPLIFY SMOOTH_OUTLINE", "OUTPUT LANDFORMS AREA_M2 AREA_CHANGE"),
    "maprockglaciers": (
        "STACK MODEL RULES AREA TILE_SIZE DEVICE RESAMPLE MIN_ELEVATION MAX_ELEVATION MIN_SLOPE MAX_SLOPE "
        f"TIME_LIMIT MEMORY_LIMIT SIGMA WEIGHTS SCALE SHAPE COMPACTNESS {RESHAPING} SIMPLIFY SMOOTH_OUTLINE",
        "OUTPUT HEATMAP OBJECTS LANDFORMS AREA_M2",
    ),
    "samplepoints": (
        "MAPPED AREA COUNT ALLOCATION MIN_POINTS BUFFER SEED",
        "OUTPUT POINTS_COUNT MAPPED_COUNT BUFFER_COUNT ELSEWHERE_COUNT",
    ),
    "accuracy": (
        "MAPPED REFERENCE AREA HEATMAP POINTS MIN_OVERLAP MIN_IOU GROUP_BY REPETITIONS SEED",
        "OUTPUT REPORT JSON PRODUCERS_ACCURACY USERS_ACCURACY F1 IOU AREA_BIAS DETECTED "
        "REFERENCE_COUNT MATCHED_COUNT MISSED_COUNT FALSE_COUNT MAPPED_COUNT SPLIT_COUNT MERGED_COUNT "
        "MEAN_LANDFORM_AREA_BIAS PAIR_COUNT LANDFORM_RECALL LANDFORM_PRECISION LANDFORM_F1 MEAN_PAIR_IOU "
        "BOUNDARY_DISTANCE BOUNDARY_DISTANCE_95 F1_LOW F1_HIGH IOU_LOW IOU_HIGH DETECTED_LOW DETECTED_HIGH "
        "HEATMAP_AVERAGE_PRECISION HEATMAP_CALIBRATION_ERROR ADJUSTED_AREA_M2 ADJUSTED_AREA_ERROR_M2 "
        "ADJUSTED_PRODUCERS_ACCURACY ADJUSTED_USERS_ACCURACY",
    ),
    "tunerules": (
        "OBJECTS REFERENCE RULES AREA MEASURE CLASSES FOLDS",
        "OUTPUT REPORT JSON SCORE_BEFORE SCORE_AFTER GAIN CHANGED_COUNT",
    ),
    "change": (
        "BEFORE AFTER BOUNDARY_ERROR DEM AREA YEARS MIN_OVERLAP",
        "OUTPUT REPORT JSON LANDFORMS GROWN SHRUNK NEW GONE SPLIT MERGED AREA_BEFORE_M2 AREA_AFTER_M2 AREA_CHANGE_M2 "
        "AREA_CHANGE_ERROR_M2 MEAN_FRONT_ADVANCE_M",
    ),
    "inventory": (
        "OUTLINES DEM MARKERS RESTRICTED MOVING_AREAS AREA MAPPING SPELLING",
        "OUTPUT REPORT UNITS OUTLINES_COUNT MOVING_AREAS_COUNT AREA_M2 ERRORS OPEN_QUESTIONS CONFORMS",
    ),
    "checkinventory": ("INVENTORY", "REPORT JSON ERRORS OPEN_QUESTIONS NOTES CONFORMS"),
}
GROUPS = {("prepare", "Prepare"), ("train", "Train"), ("map", "Map"), ("assess", "Assess"), ("review", "Review")}
MODELS = ("map_rock_glaciers_steps", "prepare_feature_stack")
OPTIONAL_OUTPUTS = {
    "featurestack": {"JSON"},
    "maprockglaciers": {"HEATMAP", "OBJECTS"},
    "accuracy": {"REPORT", "JSON"},
    "tunerules": {"REPORT", "JSON"},
    "change": {"REPORT", "JSON"},
    "inventory": {"REPORT"},
    "checkinventory": {"JSON"},
    "previewsegmentation": {"PICTURE", "OBJECTS"},
    "scaleparameter": {"JSON"},
    "traincnn": {"REPORT"},
    "describe": {"OUTPUT"},
    "describerules": {"OUTPUT"},
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
    assert {item.name() for item in provider.algorithms()} == {*FROZEN, *MODELS}


def test_the_keys_are_frozen(node):
    """Keys of inputs and outputs are written into models and scripts."""
    given, returned = FROZEN[node.name()]
    assert [item.name() for item in inputs(node)] == given.split()
    assert [item.name() for item in node.outputDefinitions()] == returned.split()


def test_a_node_offers_every_option_of_its_stage(node):
    """An option that the toolbox forgets would be reachable from the command line alone."""
    options = [field.name.upper() for field in dataclasses.fields(node.stage().options)]
    given = [item.name() for item in node.parameterDefinitions()]
    if node.name() == node.STAGE:
        assert sorted(given) == sorted(options)
    else:
        assert set(given) < set(options)


def test_every_step_of_reshaping_has_a_node(provider):
    """What the node of all steps offers can be run step by step, too."""
    steps = [provider.algorithm(name) for name in FROZEN]
    steps = [node for node in steps if node.STAGE == "reshape" and node.name() != "reshape"]
    assert {item.name() for node in steps for item in node.parameterDefinitions()} == {
        item.name() for item in provider.algorithm("reshape").parameterDefinitions()
    }


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
        if definition is None:
            continue
        info = field.metadata["info"]
        assert bool(definition.flags() & definition.Flag.FlagOptional) == (not info.required and _empty(field.default))
        if definition.type() == "boolean":
            assert definition.defaultValue() is field.default
        if definition.type() == "number":
            assert definition.defaultValue() == (None if info.required else field.default)
            assert info.minimum is None or definition.minimum() == info.minimum
            assert info.maximum is None or definition.maximum() == info.maximum
        if definition.type() == "enum":
            assert definition.options() == list(info.choices)
            assert definition.usesStaticStrings()


def _empty(default):
    return default in ("", (), dataclasses.MISSING)


def test_every_output_has_a_type(node):
    """An output without a type cannot be connected in the modeler."""
    writes_no_layer = node.groupId() == "train" or node.name() in ("tunerules", "corrections")
    is_file = writes_no_layer or node.outputDefinition("TEXT") is not None
    is_layer = node.groupId() == "prepare" or not is_file
    output = {"outputRaster", "outputVector"} if is_layer else {"outputFile", "outputFolder"}
    types = {"OUTPUT": output, "REPORT": {"outputHtml"}, "JSON": {"outputFile"}}
    types |= {"HEATMAP": {"outputRaster"}, "OBJECTS": {"outputVector"}}
    types |= {"FIRST_DATE": {"outputString"}, "LAST_DATE": {"outputString"}}
    types |= {"PROVIDER": {"outputString"}, "TEXT": {"outputString"}}
    types |= {"PICTURE": {"outputFile"}, "PEAKS": {"outputString"}}
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
    assert (node.groupId(), node.group()) in GROUPS


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
