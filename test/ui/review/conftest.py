"""A layer of outlines in a GeoPackage as the plugin writes it, and QGIS where a test needs it."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely
from headless import qgis_environment
from rock_glacier_mapper.ui.review.journal import Journal

_scratch = tempfile.TemporaryDirectory(prefix="qgis-tests-")
_environment = qgis_environment(Path(_scratch.name))
for _name in ("QT_QPA_PLATFORM", "QGIS_CUSTOM_CONFIG_PATH", "XDG_RUNTIME_DIR"):
    os.environ.setdefault(_name, _environment[_name])

COLUMNS = {"review_status": "TEXT", "certainty": "TEXT", "notes": "TEXT"}


@pytest.fixture
def outlines(write_polygons: Callable[..., str]) -> Callable[..., str]:
    """Return a function that writes squares of 100 m in a row, 50 m apart, with memberships from 0.1 upwards."""

    def write(name: str = "outlines.gpkg", count: int = 4) -> str:
        squares = [shapely.box(500000 + 150 * n, 7000000, 500100 + 150 * n, 7000100) for n in range(count)]
        return write_polygons(
            name,
            squares,
            layer="rock_glaciers",
            landform_id=np.arange(1, count + 1),
            area_m2=np.full(count, 1e4),
            membership=0.1 + 0.8 * np.arange(count) / count,
            explanation=["1 object"] * count,
            review_status=["unreviewed"] * count,
        )

    return write


@pytest.fixture
def journal(outlines: Callable[..., str]) -> Callable[..., Journal]:
    """Return a function that opens the journal of a file, a new one by default, for a person."""

    def open_journal(path: str = "", who: str = "Anna") -> Journal:
        opened = Journal(path or outlines(), "rock_glaciers", who)
        opened.prepare(COLUMNS)
        return opened

    return open_journal


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 400 kB; needs the right to mount."""
    folder = tmp_path / "disk"
    folder.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=400k", "tmpfs", folder], capture_output=True).returncode:  # noqa: S607
        pytest.skip("mounting a small file system needs root")
    yield folder
    # QGIS may still hold a file there.
    subprocess.run(["umount", "--lazy", folder], check=True)  # noqa: S607


@pytest.fixture(scope="session")
def qgis() -> Any:
    """Return a QGIS in this process, kept for good: it crashes when it ends while Python still holds layers."""
    core = pytest.importorskip("qgis.core", reason="the Python bindings of QGIS are not installed")
    application = core.QgsApplication.instance() or core.QgsApplication([], True)
    application.initQgis()
    sys.modules[__name__].__dict__["_kept"] = application
    return application


@pytest.fixture
def review(qgis: Any, outlines: Callable[..., str]) -> Iterator[Callable[..., Any]]:
    """Return a function that begins a review of a file, a new one by default; its sentences are in `talk`."""
    from qgis.core import QgsVectorLayer
    from rock_glacier_mapper.ui.review.session import ReviewSession

    running = []

    def begin(path: str = "", who: str = "Anna", count: int = 4) -> Any:
        layer = QgsVectorLayer(f"{path or outlines(count=count)}|layername=rock_glaciers", "Outlines", "ogr")
        session = ReviewSession(layer, who)
        session.talk = []
        session.said.connect(session.talk.append)
        session.failed.connect(session.talk.append)
        session.start()
        running.append(session)
        return session

    yield begin
    for session in running:
        session.stop()


@pytest.fixture
def settle(qgis: Any) -> Callable[[], object]:
    """Return a function that lets QGIS handle its events."""
    return lambda: [qgis.processEvents() for _ in range(3)]
