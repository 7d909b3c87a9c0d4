"""Bands of a raster on any grid, seen on another one: GDAL's warper, window by window.

Positions are transformed exactly, for every pixel, and the reach of the interpolation is that of the whole raster, so
that a pixel's value does not depend on the window that it is read with.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

import numpy as np
from numpy.typing import NDArray

from ..errors import Cancelled, InvalidCRSError, InvalidGridError, InvalidRasterError
from ..progress import Progress
from .geodata import gdal, osr, same_crs, spatial_reference
from .grid import Grid, Window
from .raster import Raster
from .regridding import pixel_shift

# Pixels that become larger by less than this are interpolated: their mean would be of little more than one.
COARSER = 1.05
_POINTS = 21
_WARPER_NAMES = {"nearest": "near"}

_BAND = """<ComplexSource>
<SourceFilename relativeToVRT="0">{path}</SourceFilename><SourceBand>{number}</SourceBand>
<SrcRect xOff="0" yOff="0" xSize="{width}" ySize="{height}"/>
<DstRect xOff="0" yOff="0" xSize="{width}" ySize="{height}"/>
<UseMaskBand>{masked}</UseMaskBand><ScaleOffset>{offset!r}</ScaleOffset><ScaleRatio>{scale!r}</ScaleRatio>
</ComplexSource>"""


@dataclass(frozen=True)
class Placement:
    """How the pixels of a raster lie in those of a target.

    Attributes
    ----------
    steps : pair of float
        Length of a step along a row and along a column of the target, in pixels of the raster.
    shift : pair of int, or None
        Column and row of the raster where the target's first pixel lies, if pixels of the target are pixels of the
        raster.
    """

    steps: tuple[float, float]
    shift: tuple[int, int] | None = None

    @property
    def coincides(self) -> bool:
        """Whether pixels of the target are pixels of the raster."""
        return self.shift is not None

    @property
    def is_coarser(self) -> bool:
        """Whether the target's pixels are larger than the raster's in both directions."""
        return min(self.steps) > COARSER


def placement(raster: Raster, target: Grid) -> Placement:
    """Return how the pixels of a raster lie in those of a target.

    Raises
    ------
    InvalidCRSError
        If the raster has no reference system, or it cannot be transformed to the target's.
    InvalidGridError
        If the raster does not touch the target.
    """
    source = raster.grid
    if not source.crs:
        raise InvalidCRSError(
            f"{raster.path} has no coordinate reference system, so that its place is not known; assign the one it was "
            "made in (`gdal_edit.py -a_srs EPSG:...`, or Assign projection in QGIS)."
        )
    places = np.stack(np.meshgrid(np.linspace(0, target.width, _POINTS), np.linspace(0, target.height, _POINTS)))
    columns, rows = _transformed(places[0].ravel(), places[1].ravel(), target, source, raster.path)
    if columns.max() <= 0 or rows.max() <= 0 or columns.min() >= source.width or rows.min() >= source.height:
        raise InvalidGridError(
            f"{raster.path} ({source.summary}) does not overlap the stack's grid ({target.summary}); give rasters of "
            "one place, or another reference or extent."
        )
    middle = np.array([target.width / 2, target.height / 2])
    x, y = _transformed(middle[0] + np.array([0, 1, 0]), middle[1] + np.array([0, 0, 1]), target, source, raster.path)
    steps = math.hypot(x[1] - x[0], y[1] - y[0]), math.hypot(x[2] - x[0], y[2] - y[0])
    return Placement(steps, pixel_shift(source, target))


def _transformed(
    columns: NDArray[np.float64], rows: NDArray[np.float64], start: Grid, end: Grid, path: str
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return where pixel coordinates of one grid lie on another one."""
    x, y = start.coordinates(columns, rows)
    if not same_crs(start.crs, end.crs):
        try:
            change = osr.CoordinateTransformation(spatial_reference(start.crs), spatial_reference(end.crs))
            points = np.array(change.TransformPoints(np.column_stack([x, y]).tolist()))
        except RuntimeError as error:
            raise InvalidCRSError(f"{path} cannot be brought to the stack's reference system: {error}") from error
        x, y = points[:, 0], points[:, 1]
    return end.pixels(x, y)


class CopiedBands:
    """Some bands of a raster whose pixels are those of another grid, read as they are.

    Parameters
    ----------
    raster : Raster
        Where the bands lie; it stays open as long as they are read.
    indices : sequence of int
        The bands, from 0.
    shift : pair of int
        Column and row of the raster where the other grid's first pixel lies.
    """

    def __init__(self, raster: Raster, indices: Sequence[int], shift: tuple[int, int]) -> None:
        self._raster = raster
        self._indices = indices
        self._shift = shift

    def read(self, window: Window, _progress: Progress) -> NDArray[np.float32]:
        """Read a window of the other grid, shape (bands, height, width), NaN where a band has no value."""
        x, y = window.x + self._shift[0], window.y + self._shift[1]
        left, top = max(x, 0), max(y, 0)
        right = min(x + window.width, self._raster.grid.width)
        bottom = min(y + window.height, self._raster.grid.height)
        values = np.full((len(self._indices), window.height, window.width), np.nan, np.float32)
        if left < right and top < bottom:
            inside = Window(left, top, right - left, bottom - top)
            for target, index in zip(values, self._indices, strict=True):
                target[top - y : bottom - y, left - x : right - x] = self._raster.read_band(inside, index)
        return values


class WarpedBands:
    """Some bands of a raster, opened for reading on another grid in physical units.

    Parameters
    ----------
    raster : Raster
        Where the bands lie; it stays open as long as they are read.
    indices : sequence of int
        The bands, from 0.
    target : Grid
        The grid that they are seen on.
    place : Placement
        From `placement`.
    resampling : str
        ``nearest``, ``bilinear``, ``cubic`` or ``average``. The means are those of the valid pixels, weighted by area;
        interpolation leaves out pixels without a value. Where pixels become larger, bilinear and cubic reach further.
    """

    def __init__(self, raster: Raster, indices: Sequence[int], target: Grid, place: Placement, resampling: str) -> None:
        self._target = target
        self._path = raster.path
        self._source = _in_physical_units(raster, indices)
        self._count = len(indices)
        self._options = {
            "format": "MEM",
            "resampleAlg": _WARPER_NAMES.get(resampling, resampling),
            "errorThreshold": 0,
            "srcNodata": "nan",
            "dstNodata": "nan",
            "warpOptions": [
                "UNIFIED_SRC_NODATA=NO",
                f"XSCALE={1 / place.steps[0]!r}",
                f"YSCALE={1 / place.steps[1]!r}",
            ],
            # Heights of the reference systems do not shift the values.
            "options": ["-novshift"],
        }

    def read(self, window: Window, progress: Progress) -> NDArray[np.float32]:
        """Read a window of the target, shape (bands, height, width), NaN where a band has no value.

        Raises
        ------
        InvalidRasterError
            If the file is damaged.
        Cancelled
            If the user stops it.
        """
        target = gdal.GetDriverByName("MEM").Create("", window.width, window.height, self._count, gdal.GDT_Float32)
        x, y = self._target.coordinates(window.x, window.y)
        _, across_x, down_x, _, across_y, down_y = self._target.geotransform
        target.SetGeoTransform((float(x), across_x, down_x, float(y), across_y, down_y))
        target.SetSpatialRef(spatial_reference(self._target.crs))
        for number in range(1, self._count + 1):
            target.GetRasterBand(number).SetNoDataValue(math.nan)
            target.GetRasterBand(number).Fill(math.nan)
        try:
            gdal.Warp(target, self._source, callback=lambda *_: 0 if progress.cancelled() else 1, **self._options)
        except RuntimeError as error:
            if progress.cancelled():
                raise Cancelled from error
            raise InvalidRasterError(f"{self._path} cannot be read; it may be damaged: {error}") from error
        values: NDArray[np.float32] = target.ReadAsArray().reshape(self._count, window.height, window.width)
        values[~np.isfinite(values)] = np.nan
        return values


def _in_physical_units(raster: Raster, indices: Sequence[int]) -> gdal.Dataset:
    """Return a virtual raster of some bands in floating point with scale and offset applied, NaN where invalid."""
    grid = raster.grid
    virtual = gdal.GetDriverByName("VRT").Create("", grid.width, grid.height, 0)
    virtual.SetGeoTransform(grid.geotransform)
    virtual.SetSpatialRef(spatial_reference(grid.crs))
    for index in indices:
        band = raster.bands[index]
        virtual.AddBand(gdal.GDT_Float32)
        added = virtual.GetRasterBand(virtual.RasterCount)
        added.SetNoDataValue(math.nan)
        source = _BAND.format(
            path=escape(raster.path),
            number=raster.number_in_file(index + 1),
            width=grid.width,
            height=grid.height,
            masked=str(band.nodata is not None or raster.has_mask(index)).lower(),
            scale=float(band.scale),
            offset=float(band.offset),
        )
        added.SetMetadataItem("source_0", source, "new_vrt_sources")
    return virtual
