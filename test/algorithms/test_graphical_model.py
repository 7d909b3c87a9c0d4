"""The graphical models that ship: they find their steps, keep their outputs, and have the defaults of their nodes."""

from __future__ import annotations

from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "models"
OUTPUTS = {
    "map_rock_glaciers_steps": {"outlines:outlines", "smoothheatmap:heatmap", "classify:objects"},
    "prepare_feature_stack": {
        "opticalcomposite:composite",
        "coherence:coherence",
        "terrain:terrain",
        "featurestack:stack",
    },
}
TITLES = {
    "map_rock_glaciers_steps": ("Map rock glaciers, step by step", "map"),
    "prepare_feature_stack": ("Prepare a feature stack", "prepare"),
}


@pytest.fixture(params=OUTPUTS)
def model(request, provider):
    """Each model as the toolbox holds it."""
    return provider.algorithm(request.param)


def test_every_model_is_tested():
    """A model that is added must be added here."""
    assert {path.stem for path in FOLDER.glob("*.model3")} == set(OUTPUTS)


def test_the_model_keeps_its_outputs(model):
    """A model loaded before its own provider is registered loses them without a word."""
    assert {item.name() for item in model.destinationParameterDefinitions()} == OUTPUTS[model.name()]
    assert {item.name() for item in model.outputDefinitions()} >= OUTPUTS[model.name()]


def test_a_copy_of_the_model_is_the_same(model):
    """QGIS runs a copy; one that loses class, provider or outputs fails at the run."""
    copy = model.create()
    assert copy.id() == model.id() == f"rockglacier:{model.name()}"
    assert (copy.displayName(), copy.groupId()) == TITLES[model.name()]
    assert {item.name() for item in copy.destinationParameterDefinitions()} == OUTPUTS[model.name()]


def test_the_model_that_maps_has_the_inputs_and_defaults_of_the_one_node(provider):
    """Both must give the same outlines when a user changes nothing."""
    model = provider.algorithm("map_rock_glaciers_steps")
    node = provider.algorithm("maprockglaciers")
    expected = [item for item in node.parameterDefinitions() if not item.isDestination()]
    given = [item for item in model.parameterDefinitions() if not item.isDestination()]
    assert [(item.name(), item.defaultValue()) for item in given] == [
        (item.name(), item.defaultValue()) for item in expected
    ]


def test_every_input_reaches_a_step(model):
    """An input that is connected to nothing would be ignored silently."""
    inputs = [item for item in model.parameterDefinitions() if not item.isDestination()]
    used = {
        source.parameterName()
        for child in model.childAlgorithms().values()
        for sources in child.parameterSources().values()
        for source in sources
    }
    assert {item.name() for item in inputs} <= used
    assert all(item.help() for item in inputs)


def test_the_model_is_valid(model):
    """QGIS's own check finds steps that lack a mandatory parameter."""
    valid, messages = model.validate()
    assert valid, messages


@pytest.mark.parametrize("name", OUTPUTS)
def test_the_file_names_its_outputs_for_every_version_of_qgis(name):
    """With this line, which QGIS 3.40 adds when it saves, outputs are called otherwise in newer versions."""
    assert "internal_version" not in (FOLDER / f"{name}.model3").read_text("utf8")
