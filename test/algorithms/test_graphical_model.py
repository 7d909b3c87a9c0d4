"""The graphical model that ships: it finds its steps, keeps its outputs, and has the defaults of the one node."""

from __future__ import annotations

from pathlib import Path

import pytest

MODEL_FILE = Path(__file__).parents[2] / "models" / "map_rock_glaciers_steps.model3"
OUTPUTS = {"outlines:outlines", "smoothheatmap:heatmap", "classify:objects"}


@pytest.fixture
def model(provider):
    """The model as the toolbox holds it."""
    return provider.algorithm("map_rock_glaciers_steps")


def test_the_model_keeps_its_outputs(model):
    """A model loaded before its own provider is registered loses them without a word."""
    assert {item.name() for item in model.destinationParameterDefinitions()} == OUTPUTS
    assert {item.name() for item in model.outputDefinitions()} >= OUTPUTS


def test_a_copy_of_the_model_is_the_same(model):
    """QGIS runs a copy; one that loses class, provider or outputs fails at the run."""
    copy = model.create()
    assert copy.id() == model.id() == "rockglacier:map_rock_glaciers_steps"
    assert copy.displayName() == "Map rock glaciers, step by step"
    assert {item.name() for item in copy.destinationParameterDefinitions()} == OUTPUTS


def test_the_model_has_the_inputs_and_defaults_of_the_one_node(model, provider):
    """Both must give the same outlines when a user changes nothing."""
    node = provider.algorithm("maprockglaciers")
    expected = [item for item in node.parameterDefinitions() if not item.isDestination()]
    given = [item for item in model.parameterDefinitions() if not item.isDestination()]
    assert [(item.name(), item.defaultValue()) for item in given] == [
        (item.name(), item.defaultValue()) for item in expected
    ]
    assert all(item.help() for item in given)


def test_every_input_reaches_a_step(model):
    """An input that is connected to nothing would be ignored silently."""
    used = {
        source.parameterName()
        for child in model.childAlgorithms().values()
        for sources in child.parameterSources().values()
        for source in sources
    }
    assert {item.name() for item in model.parameterDefinitions() if not item.isDestination()} <= used


def test_the_model_is_valid(model):
    """QGIS's own check finds steps that lack a mandatory parameter."""
    valid, messages = model.validate()
    assert valid, messages


def test_the_file_names_its_outputs_for_every_version_of_qgis():
    """With this line, which QGIS 3.40 adds when it saves, outputs are called otherwise in newer versions."""
    assert "internal_version" not in MODEL_FILE.read_text("utf8")
