"""The registry: what it says of a stage is true."""

from __future__ import annotations

import dataclasses
import sys

import pytest
from rock_glacier_mapper.core.errors import InvalidOptionError, MissingPackageError
from rock_glacier_mapper.core.stages import STAGES, stage_named


@pytest.mark.parametrize("name", STAGES)
def test_every_stage_has_a_function(name):
    """A name that leads nowhere would show only when a user runs it."""
    assert callable(stage_named(name).function())


def test_unknown_stage_is_answered_with_those_there_are():
    """A typo in a script."""
    with pytest.raises(InvalidOptionError, match=r"no stage `heatmpa`\. Stages are: .*heatmap, "):
        stage_named("heatmpa")


def test_missing_package_is_named(monkeypatch):
    """The message says which package, for which Python."""
    monkeypatch.setitem(sys.modules, "scipy", None)
    monkeypatch.delitem(sys.modules, "rock_glacier_mapper.core.heatmaps.smoothheatmap", raising=False)
    with pytest.raises(MissingPackageError, match=r"`smoothheatmap` needs the Python package 'scipy'"):
        stage_named("smoothheatmap").function()


def test_fault_of_ours_is_no_missing_package():
    """A module that the engine lacks is a bug, and must not send the user to install something."""
    stage = dataclasses.replace(STAGES["segment"], module="nosuchmodule")
    with pytest.raises(ModuleNotFoundError, match="nosuchmodule"):
        stage.function()
