"""Fixtures of the engine's tests."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest
from rock_glacier_mapper.core.contracts.heatmap import HeatmapOptions
from rock_glacier_mapper.core.progress import Progress


@pytest.fixture(scope="session")
def onnx_models() -> ModuleType:
    """The module that makes tiny networks, loaded only by the tests that need the `onnx` package."""
    pytest.importorskip("onnx", reason="the test dependency onnx is not installed")
    path = Path(__file__).with_name("onnx_models.py")
    spec = importlib.util.spec_from_file_location("onnx_models", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory, monkeypatch):
    """Keep the user's cache folder out of the tests; return one of the test's own."""
    folder = tmp_path_factory.mktemp("cache")
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder))
    monkeypatch.setenv("LOCALAPPDATA", str(folder))
    return folder


@pytest.fixture
def apply(tmp_path, read_all):
    """Return a function that runs the stage and returns its result and the heatmap's values."""
    # Imported here: other tests of the engine run where onnxruntime is absent.
    from rock_glacier_mapper.core import heatmap

    def run(stack: str, model: str, progress: Progress | None = None, **options: object):
        settings = {"tile_size": 32, "output_type": "float32", **options}
        result = heatmap.run(
            HeatmapOptions(stack=stack, model=model, output=str(tmp_path / "heatmap.tif"), **settings),
            progress or Progress(),
        )
        return result, read_all(result.output)

    return run
