"""Running toolbox nodes through qgis_process with a fresh profile, as a script or a cluster job would."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = "rock_glacier_mapper"
# QGIS finds a plugin by the name of its folder, which a checkout need not have: here is a link of that name.
PLUGINS = ROOT / "build" / "plugins"
SAMPLE = ROOT / "resources" / "sample"
# Debian's wrapper of the same name reads settings that break it; the program itself works everywhere.
QGIS_PROCESS = "/usr/bin/qgis_process.bin"
PROFILE = f"[PythonPlugins]\n{PACKAGE}=true\n"


@dataclass(frozen=True)
class Finished:
    """What a run of qgis_process left: its exit status, what it printed, and the outputs of the node."""

    status: int
    stdout: str
    stderr: str

    @property
    def results(self) -> dict[str, Any]:
        """The node's outputs by key."""
        results: dict[str, Any] = json.loads(self.stdout)["results"]
        return results


def qgis_environment(folder: Path) -> dict[str, str]:
    """Return the environment for QGIS's programs, with a profile of its own in `folder`.

    Parameters
    ----------
    folder : Path
        An existing folder for the profile; what QGIS writes there can be thrown away.

    Returns
    -------
    dict
        The plugin is enabled, and the engine's worker finds the packages of the Python that runs this.
    """
    settings = folder / "profiles" / "default" / "QGIS"
    settings.mkdir(parents=True, exist_ok=True)
    (settings / "QGIS3.ini").write_text(PROFILE, "utf8")
    runtime = folder / "runtime"
    runtime.mkdir(mode=0o700, exist_ok=True)
    return {
        **os.environ,
        "PATH": "/usr/bin:/bin",
        "QGIS_CUSTOM_CONFIG_PATH": str(folder),
        "QGIS_PLUGINPATH": str(PLUGINS),
        "QT_QPA_PLATFORM": "offscreen",
        "XDG_RUNTIME_DIR": str(runtime),
        "ROCK_GLACIER_MAPPER_RUNTIME": sysconfig.get_paths()["purelib"],
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONNOUSERSITE": "1",
        "GDAL_PAM_ENABLED": "NO",  # nothing is left beside the rasters that are read
    }


def copied_reference(folder: Path) -> str:
    """Return a copy of the sample scene's outlines in `folder`: QGIS changes a GeoPackage by opening it."""
    folder.mkdir(parents=True, exist_ok=True)
    return shutil.copy(SAMPLE / "simulated_reference.gpkg", folder)


def run_algorithm(algorithm: str, parameters: dict[str, Any], folder: Path, **environment: str) -> Finished:
    """Run one toolbox node or model through qgis_process.

    Parameters
    ----------
    algorithm : str
        Its id, or the path of a .model3 file.
    parameters : dict
        Values by key; a list is given by repeating the key.
    folder : Path
        Where the profile is kept.
    **environment : str
        Variables that differ from `qgis_environment`.

    Returns
    -------
    Finished
    """
    words = []
    for key, value in parameters.items():
        words += [f"{key}={item}" for item in (value if isinstance(value, (list, tuple)) else [value])]
    done = subprocess.run(
        [QGIS_PROCESS, "--json", "run", algorithm, "--", *words],
        env={**qgis_environment(folder), **environment},
        capture_output=True,
        text=True,
        check=False,
    )
    return Finished(done.returncode, done.stdout, done.stderr)


def require_success(finished: Finished) -> dict[str, Any]:
    """Return a run's outputs; if it failed, end this program with what it said."""
    if finished.status != 0:
        sys.exit(finished.stderr.strip() or finished.stdout)
    return finished.results
