"""QGIS's libraries for the tests of the host, and a worker whose stage behaves as the test wants."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

# QGIS reads these when it is imported.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ.setdefault("QGIS_CUSTOM_CONFIG_PATH", tempfile.mkdtemp(prefix="qgis-host-tests-"))
pytest.importorskip("qgis.core", reason="the Python bindings of QGIS are not installed")

TOY_WORKER = Path(__file__).parents[1] / "core" / "toy_worker.py"


@pytest.fixture
def toy_worker(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Make the host start the toy worker, and end it after the test."""
    from rock_glacier_mapper.host import runtime, worker

    worker.shutdown()
    monkeypatch.setattr(runtime, "worker_arguments", lambda: [str(TOY_WORKER)])
    yield
    worker.shutdown()
