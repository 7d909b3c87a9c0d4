"""Fixtures for all tests: toy grids, rasters and layers, and the data that only some machines have."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
import shapely
from rock_glacier_mapper.core.rasters.geodata import osr
from rock_glacier_mapper.core.rasters.raster import Band, Grid, Raster, RasterWriter
from rock_glacier_mapper.core.vectors.vector import VectorLayer, write_layers

ROOT = Path(__file__).resolve().parent.parent
SHARED_DATA = ROOT.parent / "shared" / "data"


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist looks at the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests of a file in one process, where they share what it made; those of the desktop share one QGIS."""
    for item in items:
        group = "desktop" if "desktop" in item.fixturenames else str(item.path)
        item.add_marker(pytest.mark.xdist_group(group))
    # The desktop tests take longest; the others fill the time beside them.
    items.sort(key=lambda item: "gui" not in item.path.parts)


@pytest.fixture(autouse=True)
def empty_project() -> Iterator[None]:
    """Leave QGIS's project empty: a node takes a path for a layer of the project that has it as its source."""
    yield
    core = sys.modules.get("qgis.core")
    if core is not None and core.QgsApplication.instance() is not None:
        core.QgsProject.instance().clear()


def wkt(code: int) -> str:
    """Return the WKT of an EPSG code."""
    reference = osr.SpatialReference()
    reference.ImportFromEPSG(code)
    return str(reference.ExportToWkt())


@pytest.fixture(scope="session")
def utm() -> str:
    """UTM zone 19 south, metres."""
    return wkt(32719)


@pytest.fixture(scope="session")
def degrees() -> str:
    """WGS 84, degrees."""
    return wkt(4326)


@pytest.fixture(scope="session")
def make_grid(utm: str) -> Callable[..., Grid]:
    """Return a function that makes a north-up grid of 10 m pixels at (500000, 7000000)."""

    def make(width: int, height: int, size: float = 10.0, crs: str | None = None) -> Grid:
        return Grid(width, height, (500000.0, size, 0.0, 7000000.0, 0.0, -size), utm if crs is None else crs)

    return make


@pytest.fixture
def write_raster(tmp_path: Path, make_grid: Callable[..., Grid]) -> Callable[..., str]:
    """Return a function that writes an array (bands, height, width) of physical values and gives its path."""

    def write(name: str, values: np.ndarray, roles: Sequence[str], grid: Grid | None = None, **band: object) -> str:
        stored = {"dtype": "float32", "nodata": -9999.0, **band}
        path = str(tmp_path / name)
        grid = grid or make_grid(values.shape[2], values.shape[1])
        with RasterWriter(path, grid, [Band(role, **stored) for role in roles]) as raster:
            raster.write(grid.whole, values)
        return path

    return write


@pytest.fixture
def write_polygons(tmp_path: Path, utm: str) -> Callable[..., str]:
    """Return a function that writes polygons with columns to a GeoPackage and gives its path."""

    def write(
        name: str, polygons: Sequence[shapely.Polygon], layer: str = "polygons", crs: str = utm, **columns
    ) -> str:
        geometries = np.empty(len(polygons), dtype=object)
        geometries[:] = polygons
        path = str(tmp_path / name)
        arrays = {key: np.asarray(values) for key, values in columns.items()}
        write_layers(path, {layer: VectorLayer(geometries, arrays, crs)})
        return path

    return write


@pytest.fixture(scope="session")
def read_all() -> Callable[[str], np.ndarray]:
    """Return a function that reads a raster's physical values."""

    def read(path: str) -> np.ndarray:
        with Raster(path) as raster:
            return raster.read()

    return read


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real and simulated data that lies beside the checkout on some machines."""
    if not SHARED_DATA.is_dir():
        pytest.skip(f"the data folder {SHARED_DATA.relative_to(ROOT.parent)} beside the checkout is absent")
    return SHARED_DATA


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 64 kB; needs the right to mount."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder], capture_output=True)  # noqa: S607
    if mounted.returncode:
        pytest.skip("mounting a small file system needs root")
    yield folder
    subprocess.run(["umount", folder], check=True)  # noqa: S607
