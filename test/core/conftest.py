"""Fixtures of the engine's tests."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from rock_glacier_mapper.core.contracts.heatmap import HeatmapOptions
from rock_glacier_mapper.core.progress import Progress
from rock_glacier_mapper.core.rasters.geodata import gdal


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
    from rock_glacier_mapper.core.heatmaps import heatmap

    def run(stack: str, model: str, progress: Progress | None = None, **options: object):
        settings = {"tile_size": 32, "output_type": "float32", **options}
        result = heatmap.run(
            HeatmapOptions(stack=stack, model=model, output=str(tmp_path / "heatmap.tif"), **settings),
            progress or Progress(),
        )
        return result, read_all(result.output)

    return run


@pytest.fixture
def write_complex(tmp_path, utm):
    """Return a function that writes a complex array (height, width) with pixels of 10 m and gives its path."""

    def write(
        name: str,
        values: np.ndarray,
        kind: int = gdal.GDT_CFloat64,
        driver: str = "GTiff",
        nodata: float | None = None,
        bands: int = 1,
        crs: str = utm,
        west: float = 5e5,
        options: tuple[str, ...] = (),
    ) -> str:
        path = str(tmp_path / name)
        height, width = values.shape
        dataset = gdal.GetDriverByName(driver).Create(path, width, height, bands, kind, list(options))
        if crs:
            dataset.SetGeoTransform((west, 10, 0, 7e6, 0, -10))
            dataset.SetProjection(crs)
        for number in range(1, bands + 1):
            dataset.GetRasterBand(number).WriteArray(values)
            if nodata is not None:
                dataset.GetRasterBand(number).SetNoDataValue(nodata)
        return path

    return write
