"""Filling the voids of a DEM from the values around them."""

from __future__ import annotations

import contextlib
import math
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from ..errors import Cancelled, OutputError
from ..progress import Progress
from ..rasters.geodata import gdal, spatial_reference
from ..rasters.grid import Window
from ..rasters.raster import Raster
from .dem import ELEVATION, Dem

_NODATA = -9999.0
_BYTES_A_PIXEL = 16


@contextlib.contextmanager
def filled(dem: Dem, distance: float, beside: str, progress: Progress) -> Iterator[Dem]:
    """Yield a DEM with its voids filled.

    Each void pixel gets the mean of the nearest values in four quadrants, weighted by inverse distance (GDAL's
    FillNodata); a pixel without a value near enough stays void. The work is done line by line in a scratch folder.

    Parameters
    ----------
    dem : Dem
        The DEM with voids.
    distance : float
        How far a value may lie from the pixel that it fills, in metres. In a grid in degrees a pixel counts as the
        square of equal area in the middle of the DEM.
    beside : str
        A file in whose folder the scratch folder is made.
    progress : Progress

    Raises
    ------
    OutputError
        If the scratch folder has no room.
    """
    with tempfile.TemporaryDirectory(prefix=".rock-glacier-mapper-", dir=os.path.dirname(os.path.abspath(beside))) as (
        folder
    ):
        path = str(Path(folder, "filled.tif"))
        gdal.SetThreadLocalConfigOption("CPL_TMPDIR", folder)
        try:
            _fill(dem, path, distance, progress)
        except RuntimeError as error:
            progress.check()
            raise OutputError(f"The voids of the DEM cannot be filled in {folder}: {error}") from error
        finally:
            gdal.SetThreadLocalConfigOption("CPL_TMPDIR", None)
        with Raster(path) as raster:
            yield Dem(raster, "metre")


def _fill(dem: Dem, path: str, distance: float, progress: Progress) -> None:
    grid = dem.grid
    dataset = gdal.GetDriverByName("GTiff").Create(
        path, grid.width, grid.height, 1, gdal.GDT_Float32, ["BIGTIFF=IF_SAFER"]
    )
    dataset.SetGeoTransform(grid.geotransform)
    dataset.SetSpatialRef(spatial_reference(grid.crs))
    band = dataset.GetRasterBand(1)
    band.SetDescription(ELEVATION)
    band.SetNoDataValue(_NODATA)
    windows = grid.strips(_BYTES_A_PIXEL)
    for window in progress.part(0, 0.2).each(windows, len(windows), "Reading the DEM"):
        band.WriteArray(np.nan_to_num(dem.read(window), nan=_NODATA), window.x, window.y)
    filling = progress.part(0.2, 1)

    def go_on(fraction: float, _message: str, _data: object) -> int:
        filling.report(fraction, "Filling voids")
        return int(not filling.cancelled())

    gdal.FillNodata(band, None, distance / _pixel_side(dem), 0, callback=go_on)
    if filling.cancelled():
        raise Cancelled
    dataset.FlushCache()


def _pixel_side(dem: Dem) -> float:
    """Return the side of the square as large as a pixel in the middle of the DEM, in metres."""
    steps = dem.ground.steps(Window(0, dem.grid.height // 2, 1, 1))
    area = steps.column_east * steps.row_north - steps.row_east * steps.column_north
    return math.sqrt(abs(np.asarray(area).item()))
