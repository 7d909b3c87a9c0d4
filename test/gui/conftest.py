"""QGIS runs once for all tests of the desktop."""

from __future__ import annotations

import json
import runpy
import subprocess
import sys
from pathlib import Path

import pytest

HARNESS = Path(__file__).with_name("harness.py")


@pytest.fixture(scope="session")
def desktop(tmp_path_factory):
    """What the scenes found; QGIS runs once for all of them."""
    missing = runpy.run_path(str(HARNESS))["missing_programs"]()
    if missing:
        pytest.skip(f"the desktop tests need {', '.join(missing)}, which is not installed")
    out = tmp_path_factory.mktemp("desktop")
    command = [sys.executable, str(HARNESS), "--out", str(out)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=500, check=False)
    log = (out / "qgis.log").read_text(errors="replace")
    assert done.returncode == 0, f"{done.stderr}\n{log}"
    return out, json.loads((out / "results.json").read_text("utf8"))


@pytest.fixture
def found(desktop):
    """A function that returns what a scene found, having checked that it came to its end and saved a picture."""
    out, results = desktop

    def look(scene):
        result = results[scene]
        assert "error" not in result, result["error"]
        picture = out / f"{scene}.png"
        assert scene == "process" or picture.stat().st_size > 10_000
        return result["found"]

    return look
