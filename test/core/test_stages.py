"""The registry: what it says of a stage is true."""

from __future__ import annotations

import dataclasses
import subprocess
import sys

import numpy as np
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


def test_package_that_a_stage_imports_late_is_named(write_raster, tmp_path):
    """The segmentation imports numba while it reads; what is missing is said as clearly as before it began."""
    raster, labels = write_raster("bands.tif", np.zeros((1, 4, 4)), ["B04"]), tmp_path / "labels.tif"
    script = (
        "import sys; sys.modules['numba'] = None; from rock_glacier_mapper.core.cli import main; "
        f"sys.exit(main(['segment', '--input', {raster!r}, '--output', {str(labels)!r}]))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "Stage `segment` needs the Python package 'numba', which is not installed" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["bands.tif"]
