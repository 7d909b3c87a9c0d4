"""Where the engine runs: the Python interpreter of the worker process, and the packages that it finds.

QGIS's own ``sys.path`` is read but never changed, and none of the engine's packages is imported here.
"""

from __future__ import annotations

import os
import re
import sys
from importlib.machinery import PathFinder
from importlib.metadata import distributions
from pathlib import Path
from typing import NamedTuple

from qgis.core import QgsSettings
from qgis.PyQt.QtCore import QProcessEnvironment

from ..core.stages import STAGES

PACKAGE = __name__.partition(".")[0]
RUNTIME_VARIABLE = "ROCK_GLACIER_MAPPER_RUNTIME"
RUNTIME_SETTING = "rock_glacier_mapper/runtime"
OLDEST_PYTHON = (3, 10)


class Requirement(NamedTuple):
    """A package as it is installed, and the oldest version that the engine works with."""

    distribution: str
    oldest: tuple[int, ...]


REQUIREMENTS = {
    "numba": Requirement("numba", (0, 58)),
    "numpy": Requirement("numpy", (1, 20)),
    "osgeo": Requirement("GDAL", (3, 4)),
    "onnx": Requirement("onnx", (1, 16)),
    "onnxruntime": Requirement("onnxruntime", (1, 19)),
    "scipy": Requirement("scipy", (1, 8)),
    "shapely": Requirement("shapely", (2, 1)),
    "skimage": Requirement("scikit-image", (0, 19)),
    "torch": Requirement("torch", (2, 5)),
}
_ALWAYS_NEEDED = ("numpy", "osgeo")
# PyTorch's usual build for Linux takes gigabytes for graphics cards that most users of QGIS do not have.
_CPU_BUILD = (
    " --extra-index-url https://download.pytorch.org/whl/cpu",
    "; without this address PyTorch comes for a CUDA GPU",
)


def explain(stage: str) -> str:
    """Say in one sentence why a stage cannot run and what to do, or return an empty text if it can."""
    if sys.version_info < OLDEST_PYTHON:
        return (
            f"This node needs Python {_text(OLDEST_PYTHON)} or newer, but this QGIS brings Python "
            f"{_text(sys.version_info[:2])}: install a newer QGIS."
        )
    missing = missing_packages(stage)
    if not missing:
        return _conflict()
    return (
        f"This node needs {_listed([_wanted(name) for name in missing])}, which the engine's Python "
        f"({python_executable()}) does not find: install there, or into a folder that the environment variable "
        f"{RUNTIME_VARIABLE} names ({_command(missing)})."
    )


def _command(packages: list[str]) -> str:
    """Return what installs packages into a folder, with the numpy that QGIS's GDAL was built for."""
    own = _version("numpy", sys.path)
    numpy = f"numpy=={_text(own)}" if own else "numpy"
    wanted = [numpy, *(f"'{REQUIREMENTS[name].distribution}>={_text(REQUIREMENTS[name].oldest)}'" for name in packages)]
    option, remark = _CPU_BUILD if "torch" in packages else ("", "")
    python = Path(python_executable()).name or "python"
    return f"{python} -m pip install --target FOLDER {' '.join(wanted)}{option}{remark}"


def _conflict() -> str:
    """Say that the numpy of a runtime folder is one that QGIS's GDAL does not work with; an empty text if it does."""
    own, first = _version("numpy", sys.path), _version("numpy", [*runtime_folders(), *sys.path])
    # A module that was built for numpy 1 does not load numpy 2; the other way round it does.
    if not own or not first or first[0] <= own[0]:
        return ""
    return (
        f"The numpy {_text(first)} in the folder that the environment variable {RUNTIME_VARIABLE} names comes before "
        f"QGIS's own, {_text(own)}, for which its GDAL was built: they do not work together. Install the packages into "
        f"an empty folder again, with numpy=={_text(own)} among them."
    )


def missing_packages(stage: str) -> list[str]:
    """Return the import names of the packages that a stage needs and that are absent or too old.

    Folders that other plugins added to QGIS's search path count although the worker does not see them; a stage that
    fails for that reason says so when it runs.
    """
    search_path = [*runtime_folders(), *sys.path]
    return [name for name in (*_ALWAYS_NEEDED, *STAGES[stage].packages) if not _is_usable(name, search_path)]


def runtime_folders() -> list[str]:
    """Return the folders of packages that the user set aside for the engine, from the environment and the settings."""
    named = (os.environ.get(RUNTIME_VARIABLE, ""), QgsSettings().value(RUNTIME_SETTING, "", type=str))
    return [folder for folder in os.pathsep.join(named).split(os.pathsep) if folder]


def worker_environment() -> QProcessEnvironment:
    """Return the environment of the worker process: QGIS's own, with the plugin and the runtime folders added."""
    environment = QProcessEnvironment.systemEnvironment()
    inherited = environment.value("PYTHONPATH", "").split(os.pathsep)
    folders = [plugins_folder(), *inherited, *runtime_folders()]
    environment.insert("PYTHONPATH", os.pathsep.join(folder for folder in folders if folder))
    environment.insert("PYTHONSAFEPATH", "1")  # modules in the folder where QGIS was started are not the engine's
    environment.insert("PYTHONIOENCODING", "utf-8")
    return environment


def worker_arguments() -> list[str]:
    """Return the interpreter's arguments that start the worker."""
    return ["-m", PACKAGE, "worker"]


def plugins_folder() -> str:
    """Return the folder that holds the plugin's package under the name it is imported by, links not followed."""
    return os.path.dirname(os.path.dirname(os.path.abspath(sys.modules[PACKAGE].__file__ or "")))


def python_executable() -> str:
    """Return the Python interpreter that QGIS itself embeds; an empty text if it cannot be found."""
    candidates = interpreter_candidates(sys.platform, sys.executable or "", sys.prefix)
    return next((str(path) for path in candidates if path.is_file() and os.access(path, os.X_OK)), "")


def interpreter_candidates(platform: str, executable: str, prefix: str) -> list[Path]:
    """Return where the interpreter may be, the likeliest first.

    Parameters
    ----------
    platform, executable, prefix : str
        As in `sys`. The executable may be QGIS's own instead of Python's.

    Returns
    -------
    list of Path
    """
    home = Path(prefix)
    beside = Path(executable).parent
    versioned = f"python{_text(sys.version_info[:2])}"
    if platform == "win32":
        return [folder / name for folder in (home, beside) for name in ("python.exe", "python3.exe")]
    folders = [home / "bin", beside] if platform == "darwin" else [home / "bin", Path("/usr/bin")]
    found = [folder / name for folder in folders for name in (versioned, "python3")]
    is_python = re.fullmatch(r"python[\d.]*", Path(executable).name)
    # An embedded Python may take its name from whichever interpreter comes first in PATH.
    is_own = is_python and Path(executable).is_relative_to(home)
    return [Path(executable), *found] if is_own else found


def _is_usable(name: str, search_path: list[str]) -> bool:
    spec = PathFinder.find_spec(name, search_path)
    if spec is None or spec.origin is None:  # a folder of that name without code is found too
        return False
    found = _version(name, search_path)
    return not found or found >= REQUIREMENTS[name].oldest


def _version(name: str, search_path: list[str]) -> tuple[int, ...]:
    """Return the version of a package that is found first, empty where there is none or it does not say."""
    spec = PathFinder.find_spec(name, search_path)
    if spec is None or spec.origin is None:
        return ()
    folder = str(Path(spec.origin).parent.parent)
    found = distributions(name=REQUIREMENTS[name].distribution, path=[folder])
    return max((_numbers(item.version) for item in found), default=())


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in re.findall(r"\d+", version)[:3])


def _wanted(name: str) -> str:
    requirement = REQUIREMENTS[name]
    return f"{requirement.distribution} {_text(requirement.oldest)} or newer"


def _text(version: tuple[int, ...]) -> str:
    return ".".join(str(part) for part in version)


def _listed(words: list[str]) -> str:
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))
