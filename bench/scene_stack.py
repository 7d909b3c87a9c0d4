"""Feature stacks of the simulated landscapes: reading a scene folder, and writing bands as a stack."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rock_glacier_mapper.core.contracts.terrain import TerrainOptions
from rock_glacier_mapper.core.progress import Progress
from rock_glacier_mapper.core.rasters.raster import Band, Grid, Raster, RasterWriter, Window
from rock_glacier_mapper.core.terrain import terrain
from rock_glacier_mapper.core.vectors.vector import VectorLayer, burn, read_layer

TRAINING_LANDSCAPES = ("andes_a", "andes_b", "himalaya_a", "alps_a")
OPTICAL = ("B02", "B03", "B04", "B08", "B11", "B12")
FINE_LANDSCAPE = "vhr"
FINE_OPTICAL = ("B04", "B03", "B02", "B08")
ATTRIBUTES = ("slope", "profile_curvature", "plan_curvature", "tpi")
# Radius of the topographic position and width of the smoothing, in metres, at 10 m and at 2 m.
RADIUS, SMOOTHING = "250", 15.0
FINE_RADIUS, FINE_SMOOTHING = "50", 4.0
# Steps far below the noise of each band keep the file small. Units: reflectance, 0..1, m, degrees, 1/100 m, m.
SCALES = {
    **dict.fromkeys(OPTICAL, 0.0001),
    "coherence": 0.001,
    "elevation": 0.25,
    "slope": 0.05,
    "profile_curvature": 0.01,
    "plan_curvature": 0.01,
    "tpi_250": 0.25,
    "tpi_50": 0.05,
}
_NODATA = -32768
_REFLECTANCE = 0.0001


@dataclass(frozen=True)
class Scene:
    """A scene in memory.

    Attributes
    ----------
    bands : mapping of str to array (height, width)
        Band role to physical values, in the order of a feature stack.
    grid : Grid
        Their grid.
    outlines : VectorLayer
        Rock glaciers of the reference inventory.
    """

    bands: Mapping[str, NDArray[np.float32]]
    grid: Grid
    outlines: VectorLayer

    @property
    def reference(self) -> NDArray[np.bool_]:
        """Pixels whose centre lies in a rock glacier, shape (height, width)."""
        return burn(self.outlines.geometries, 1, self.grid, "uint8").astype(bool)


def read_scene(folder: Path) -> Scene:
    """Read a scene of the landscapes, of 10 m or of 2 m, and derive its terrain bands."""
    fine = (folder / "rgbn.tif").exists()
    with Raster(str(folder / ("rgbn.tif" if fine else "s2.tif"))) as optical:
        grid = optical.grid
        roles = FINE_OPTICAL if fine else OPTICAL
        bands = dict(zip(roles, optical.read(roles=roles) * np.float32(_REFLECTANCE), strict=True))
    for role, name in (("coherence", "coherence.tif"), ("elevation", "dem.tif")):
        if (folder / name).exists():
            with Raster(str(folder / name)) as raster:
                bands[role] = raster.read()[0]
    scale = (FINE_RADIUS, FINE_SMOOTHING) if fine else (RADIUS, SMOOTHING)
    bands |= terrain_bands(folder / "dem.tif", *scale)
    return Scene(bands, grid, read_layer(f"{folder / 'reference.gpkg'}|layername=rock_glaciers", crs=grid.crs))


def terrain_bands(dem: Path, radius: str = RADIUS, smoothing: float = SMOOTHING) -> dict[str, NDArray[np.float32]]:
    """Derive the terrain bands that the shipped models take.

    Parameters
    ----------
    dem : Path
    radius : str
        Of the disc that the topographic position is taken in, in metres.
    smoothing : float
        Standard deviation of the Gaussian before the derivatives, in metres.
    """
    with tempfile.TemporaryDirectory() as folder:
        output = str(Path(folder, "terrain.tif"))
        options = TerrainOptions(
            dem=str(dem), output=output, attributes=ATTRIBUTES, radius=(radius,), smoothing=smoothing
        )
        terrain.run(options, Progress())
        with Raster(output) as raster:
            return dict(zip(raster.roles, raster.read(), strict=True))


def write_stack(path: Path, scene: Scene, window: Window) -> None:
    """Write a window of a scene as a feature stack: Int16 with a scale in every band."""
    bands = [Band(role, "int16", _NODATA, SCALES[role]) for role in scene.bands]
    grid = clipped_grid(scene.grid, window)
    with RasterWriter(str(path), grid, bands) as writer:
        writer.write(grid.whole, np.stack([values[slices(window)] for values in scene.bands.values()]))


def slices(window: Window) -> tuple[slice, slice]:
    """Return the rows and columns of a window as an index."""
    return slice(window.y, window.y + window.height), slice(window.x, window.x + window.width)


def clipped_grid(grid: Grid, window: Window) -> Grid:
    """Return the grid of a window."""
    x, y = grid.coordinates(window.x, window.y)
    _, *across, _, down_x, down_y = grid.geotransform
    return Grid(window.width, window.height, (float(x), *across, float(y), down_x, down_y), grid.crs)
