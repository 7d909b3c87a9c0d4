"""QGIS for the tests of the toolbox: once in this process, and as `qgis_process` in processes of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from headless import PLUGINS, QGIS_PROCESS, ROOT, qgis_environment

# QGIS reads these when it is imported.
_scratch = tempfile.TemporaryDirectory(prefix="qgis-tests-")
_environment = qgis_environment(Path(_scratch.name))
for _name in ("QT_QPA_PLATFORM", "QGIS_CUSTOM_CONFIG_PATH", "XDG_RUNTIME_DIR", "ROCK_GLACIER_MAPPER_RUNTIME"):
    os.environ.setdefault(_name, _environment[_name])


@dataclass(frozen=True)
class Run:
    """How one `qgis_process` ended: exit status, results of a node, and everything it wrote."""

    status: int
    results: dict[str, Any]
    text: str


class QgisProcess:
    """Runs `qgis_process` with a profile that knows the plugin."""

    def __init__(self, folder: Path) -> None:
        self.environment = qgis_environment(folder)

    def command(self, *arguments: str) -> list[str]:
        """Return the command line of a run."""
        return [QGIS_PROCESS, *arguments]

    def __call__(self, *arguments: str, **environment: str) -> Run:
        """Run `qgis_process` with these arguments."""
        done = subprocess.run(
            self.command(*arguments),
            env=self.environment | environment,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        return Run(done.returncode, {}, done.stdout + done.stderr)

    def node(self, name: str, parameters: dict[str, Any], **environment: str) -> Run:
        """Run one node; a list is given by repeating its key."""
        given = []
        for key, value in parameters.items():
            given += [f"--{key}={item}" for item in (value if isinstance(value, list) else [value])]
        run = self("run", f"rockglacier:{name}", *given, "--json", **environment)
        start = run.text.find("{")
        results = json.JSONDecoder().raw_decode(run.text[start:])[0]["results"] if run.status == 0 else {}
        return Run(run.status, results, run.text)


@pytest.fixture(scope="session")
def qgis_process(tmp_path_factory: pytest.TempPathFactory) -> QgisProcess:
    """Return a headless QGIS with a fresh profile."""
    if not Path(QGIS_PROCESS).exists():
        pytest.skip("qgis_process is not installed: install QGIS")
    return QgisProcess(tmp_path_factory.mktemp("profile"))


@pytest.fixture(scope="session")
def plugin() -> Any:
    """Return the plugin, loaded into a QGIS of this process as headless QGIS loads it."""
    core = pytest.importorskip("qgis.core", reason="the Python bindings of QGIS are not installed")
    application = core.QgsApplication([], True)
    application.initQgis()
    sys.path.insert(0, os.path.join(application.pkgDataPath(), "python", "plugins"))
    from processing.core.Processing import Processing

    Processing.initialize()
    import rock_glacier_mapper

    loaded = rock_glacier_mapper.classFactory(None)
    loaded.initProcessing()
    # Kept for good: QGIS crashes when it ends while Python still holds layers.
    loaded.kept_application = application
    return loaded


@pytest.fixture(scope="session")
def provider(plugin: Any) -> Any:
    """Return the plugin's provider."""
    return plugin.provider


@pytest.fixture
def run_node(plugin: Any) -> Iterator[Callable[..., dict[str, Any]]]:
    """Return a function that runs a node in this process, as Python scripts in QGIS do."""
    import processing

    yield lambda name, **parameters: processing.run(f"rockglacier:{name}", parameters)


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Return a corner of the sample scene that holds a rock glacier, small enough for a run in a second."""
    from osgeo import gdal

    path = tmp_path_factory.mktemp("scene") / "stack.tif"
    sample = ROOT / "resources" / "sample" / "simulated_stack.tif"
    gdal.Translate(str(path), str(sample), srcWin=[472, 336, 128, 128])
    return str(path)


@pytest.fixture(scope="session")
def in_new_python() -> Callable[[str], str]:
    """Return a function that runs a script in a Python of its own, in which only the script imports anything."""
    environment = {
        **os.environ,
        "PYTHONPATH": str(PLUGINS),
        "PYTHONDONTWRITEBYTECODE": "1",
    }

    def run(script: str) -> str:
        command = ["/usr/bin/python3", "-c", script]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Where the chain's files lie; a blank in the name must not matter."""
    return tmp_path_factory.mktemp("the chain")


@pytest.fixture(scope="module")
def run(qgis_process, folder):
    """A function that runs a node and returns its results, with OUTPUT in the folder."""

    def run_node(name, output, **parameters):
        done = qgis_process.node(name, parameters | {"OUTPUT": str(folder / output)})
        assert done.status == 0, done.text
        assert Path(done.results["OUTPUT"]).is_file()
        return done.results

    return run_node
