"""Where the worker's Python is, what it finds, and what is said when something is missing."""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

import pytest
from rock_glacier_mapper.host import runtime


def install(folder: Path, name: str, distribution: str = "", version: str = "") -> None:
    """Make what an installed package looks like; importing it is an error."""
    (folder / name).mkdir(parents=True)
    (folder / name / "__init__.py").write_text("raise ImportError('it was imported')")
    if distribution:
        information = folder / f"{distribution}-{version}.dist-info"
        information.mkdir()
        (information / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n")


@pytest.fixture
def runtime_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the only folder where packages are found, beside the standard library."""
    monkeypatch.setenv(runtime.RUNTIME_VARIABLE, str(tmp_path))
    for name in list(sys.modules):
        if name.partition(".")[0] in runtime.REQUIREMENTS:
            monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(sys, "path", [])
    return tmp_path


def install_all(folder: Path) -> None:
    for name, (distribution, oldest) in runtime.REQUIREMENTS.items():
        install(folder, name, distribution.replace("-", "_"), ".".join(map(str, oldest)))


def test_packages_of_the_runtime_folder_count_and_are_not_imported(runtime_folder: Path):
    """QGIS's process must not load them, and its search path must stay as it is."""
    install_all(runtime_folder)
    assert runtime.missing_packages("maprockglaciers") == []
    assert runtime.explain("maprockglaciers") == ""
    assert sys.path == []
    assert "onnxruntime" not in sys.modules


def test_only_what_the_stage_needs_is_missed(runtime_folder: Path):
    """The coherence is estimated without the network's packages."""
    install(runtime_folder, "numpy")
    install(runtime_folder, "osgeo")
    assert runtime.missing_packages("coherence") == []
    assert runtime.missing_packages("heatmap") == ["onnxruntime", "shapely"]


def test_a_version_that_is_too_old_is_missing(runtime_folder: Path):
    """Debian 12 brings shapely 1.8, which lacks what the engine calls."""
    install_all(runtime_folder)
    metadata = next(runtime_folder.glob("shapely-*")) / "METADATA"
    metadata.write_text("Metadata-Version: 2.1\nName: shapely\nVersion: 1.8.5.post1\n")
    assert runtime.missing_packages("outlines") == ["shapely"]


def test_a_folder_without_code_is_no_package(runtime_folder: Path):
    """Python takes any folder for a package."""
    install(runtime_folder, "osgeo")
    (runtime_folder / "numpy").mkdir()
    assert runtime.missing_packages("coherence") == ["numpy"]


def test_the_explanation_names_packages_versions_and_what_to_do(runtime_folder: Path):
    """One sentence for the dialog and for `qgis_process`."""
    install(runtime_folder, "numpy")
    install(runtime_folder, "osgeo")
    text = runtime.explain("heatmap")
    assert "onnxruntime 1.19 or newer and shapely 2.1 or newer" in text
    assert runtime.RUNTIME_VARIABLE in text
    assert runtime.python_executable() in text
    assert text.count(". ") == 0


def test_what_training_needs_is_explained_by_a_command(runtime_folder: Path):
    """PyTorch does not come with QGIS; everything else works without it."""
    install_all(runtime_folder)
    assert runtime.explain("traincnn") == ""
    shutil.rmtree(runtime_folder / "torch")
    text = runtime.explain("traincnn")
    assert "needs torch 2.5 or newer" in text and "pip install --target FOLDER numpy 'torch>=2.5' --extra-index" in text
    assert runtime.explain("heatmap") == runtime.explain("samples") == ""


def test_the_command_takes_the_numpy_of_qgis(runtime_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Any other would come first, and QGIS's GDAL would not load it."""
    own = tmp_path / "own"
    for name in ("numpy", "osgeo"):
        install(own, name, name, "1.24.2")
    monkeypatch.setattr(sys, "path", [str(own)])
    assert "--target FOLDER numpy==1.24.2 'onnxruntime>=1.19' 'shapely>=2.1'" in runtime.explain("heatmap")


@pytest.mark.parametrize(("own", "first", "told"), [("1.24.2", "2.4.6", True), ("2.1.0", "1.26.4", False)])
def test_a_numpy_that_gdal_was_not_built_for(
    runtime_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, own: str, first: str, told: bool
):
    """Packages that were installed without a thought for numpy bring the newest one."""
    for folder, version in ((tmp_path / "own", own), (runtime_folder, first)):
        install(folder, "numpy", "numpy", version)
        install(folder, "osgeo")
    monkeypatch.setattr(sys, "path", [str(tmp_path / "own")])
    text = runtime.explain("coherence")
    assert (f"The numpy {first}" in text and f"numpy=={own} among them" in text) is told


def test_an_old_python_is_explained(monkeypatch: pytest.MonkeyPatch):
    """No package would help there."""
    monkeypatch.setattr(sys, "version_info", (3, 9, 5, "final", 0))
    assert "needs Python 3.10 or newer, but this QGIS brings Python 3.9" in runtime.explain("segment")


def test_the_worker_finds_plugin_environment_and_runtime_in_this_order(monkeypatch: pytest.MonkeyPatch):
    """What the user's environment names wins over the runtime folder; the plugin itself over both."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(["/one", "", "/two"]))
    monkeypatch.setenv(runtime.RUNTIME_VARIABLE, os.pathsep.join(["/three", "/four"]))
    folders = runtime.worker_environment().value("PYTHONPATH").split(os.pathsep)
    assert folders == [runtime.plugins_folder(), "/one", "/two", "/three", "/four"]


def test_the_runtime_folder_may_come_from_the_settings(monkeypatch: pytest.MonkeyPatch):
    """For those who start QGIS by a click."""

    class Settings:
        def value(self, name: str, default: str, type: type) -> str:
            return {"rock_glacier_mapper/runtime": "/from/settings"}.get(name, default)

    monkeypatch.setattr(runtime, "QgsSettings", Settings)
    monkeypatch.setenv(runtime.RUNTIME_VARIABLE, "/from/environment")
    assert runtime.runtime_folders() == ["/from/environment", "/from/settings"]


def test_links_to_the_plugin_are_not_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """A checkout may have any name; only the link has the package's."""
    (tmp_path / "checkout").mkdir()
    (tmp_path / runtime.PACKAGE).symlink_to(tmp_path / "checkout")
    monkeypatch.setattr(sys.modules[runtime.PACKAGE], "__file__", str(tmp_path / runtime.PACKAGE / "__init__.py"))
    assert runtime.plugins_folder() == str(tmp_path)


@pytest.mark.parametrize(
    ("platform", "executable", "prefix", "expected"),
    [
        ("win32", "/osgeo/bin/qgis-bin.exe", "/osgeo/apps/Python312", "/osgeo/apps/Python312/python.exe"),
        ("darwin", "/QGIS.app/MacOS/QGIS", "/QGIS.app/MacOS", "/QGIS.app/MacOS/bin/{versioned}"),
        ("darwin", "/QGIS.app/MacOS/bin/python3", "/QGIS.app/MacOS", "/QGIS.app/MacOS/bin/python3"),
        ("linux", "/usr/bin/qgis.bin", "/usr", "/usr/bin/{versioned}"),
        ("linux", "/home/me/.venv/bin/python", "/home/me/.venv", "/home/me/.venv/bin/python"),
        ("linux", "", "/usr", "/usr/bin/{versioned}"),
        ("linux", "/home/me/.pyenv/bin/python3", "/usr", "/usr/bin/{versioned}"),
    ],
)
def test_the_interpreter_is_pythons_and_never_qgis(platform: str, executable: str, prefix: str, expected: str):
    """Inside QGIS, Python takes QGIS's own program for itself; starting that would open a second QGIS."""
    candidates = runtime.interpreter_candidates(platform, executable, prefix)
    versioned = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    assert candidates[0] == Path(expected.format(versioned=versioned))
    assert all(path.name.startswith("python") for path in candidates)


def test_this_python_is_found():
    """On this machine it is the one that runs the test."""
    assert os.path.samefile(runtime.python_executable(), sys.executable)
