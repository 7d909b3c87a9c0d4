"""Bands of any grid, read by window onto another one.

Where the pixels of both grids coincide, they are read as they are. Where those of the target divide the band's, as
10 m divide 20 m, they are computed from the pixels around. Elsewhere GDAL's warper computes them, in blocks that depend
on the target grid alone. So windows of any size agree.
"""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from osgeo import gdal_array

from ..errors import InvalidCRSError, InvalidRasterError
from .blockcache import BlockCache
from .enlarging import LARGEST_FACTOR, MARGINS, Pixels, can_enlarge, enlarged
from .geodata import gdal, is_alpha, osr, same_crs, spatial_reference
from .grid import Grid, Window
from .resampling import rescaled

# Origins are rounded in files; less than this part of a pixel is no shift.
_TOLERANCE = 1e-4
# Where the reference systems differ, positions are interpolated between exact ones with at most this error, in pixels.
_WARP_ERROR = 0.01
# Sides of a rectangle are bent when it is transformed; its bounds are those of so many points on each.
_POINTS_A_SIDE = 21
# GDAL's names.
_WARPER_NAMES = {"nearest": "near", "bilinear": "bilinear", "cubic": "cubic"}


@dataclass(frozen=True)
class SourceBand:
    """One band of a file, and what its numbers mean.

    Attributes
    ----------
    path : str
        What GDAL opens.
    number : int
        The band, from 1.
    grid : Grid
        Where its pixels lie.
    nodata : float or None
        Stored number that means "no value"; what the file says of it does not count.
    scale, offset : float
        The physical value is ``stored * scale + offset``.
    """

    path: str
    number: int
    grid: Grid
    nodata: float | None = None
    scale: float = 1.0
    offset: float = 0.0


Bounds = tuple[float, float, float, float]


class _Division(NamedTuple):
    """Into how many pixels of the target, a side, one of the source is divided; and what to add to columns and rows."""

    factor: int
    shift: tuple[int, int]


def read_onto(
    target: Grid, source: SourceBand, window: Window, resampling: str, cache: BlockCache | None = None
) -> Pixels | None:
    """Read a band onto another grid.

    Parameters
    ----------
    target : Grid
        The grid, north-up.
    source : SourceBand
        The band; its grid has a reference system, as the target has.
    window : Window
        Pixels of the target to read.
    resampling : str
        ``nearest``, ``bilinear`` or ``cubic``. Where the target's pixels are larger than the band's, the mean weighted
        by area is taken, unless it is ``nearest``.
    cache : BlockCache, optional
        What keeps the blocks of bands with larger pixels, for windows that are read one after the other.

    Returns
    -------
    tuple of two arrays of shape (height, width), or None
        The stored numbers, and which of them are valid. None where the band has no valid pixel in the window.

    Raises
    ------
    InvalidRasterError
        If the file cannot be read, or its size is not that of its grid.
    """
    with _opened(source) as dataset:
        shift = pixel_shift(source.grid, target)
        if shift is not None:
            return _read_directly(dataset, source, _moved(window, shift))
        division = _division(source.grid, target) if can_enlarge(_dtype(dataset, source), resampling) else None
        if division is not None:
            return _read_enlarged(dataset, source, _moved(window, division.shift), division.factor, resampling, cache)
        return _read_warped(dataset, source, target, window, resampling)


def stored_block(source: SourceBand) -> tuple[int, int]:
    """Return width and height of the blocks in which a band is stored; each is decoded whole.

    Raises
    ------
    InvalidRasterError
        As `read_onto` does.
    """
    with _opened(source) as dataset:
        width, height = dataset.GetRasterBand(source.number).GetBlockSize()
        return width, height


def bounds_on(crs: str, grid: Grid) -> Bounds:
    """Return left, bottom, right and top of a grid in another reference system, given as WKT."""
    x, y = grid.coordinates([0, grid.width, 0, grid.width], [0, 0, grid.height, grid.height])
    return transformed_bounds((x.min(), y.min(), x.max(), y.max()), grid.crs, crs)


def transformed_bounds(bounds: Bounds, source: str, target: str) -> Bounds:
    """Return left, bottom, right and top in another reference system; both are given as WKT.

    Raises
    ------
    InvalidCRSError
        If the one cannot be transformed into the other there.
    """
    if same_crs(source, target):
        return bounds
    systems = spatial_reference(source), spatial_reference(target)
    try:
        moved: Bounds = osr.CoordinateTransformation(*systems).TransformBounds(*bounds, _POINTS_A_SIDE)
    except RuntimeError as error:
        moved = (math.inf,) * 4
        reason = str(error)
    else:
        reason = "there are no coordinates for it"
    if not all(map(math.isfinite, moved)):
        names = " to ".join(system.GetName() for system in systems)
        raise InvalidCRSError(f"The extent {bounds} cannot be transformed from {names}: {reason}.")
    return moved


@contextlib.contextmanager
def _opened(source: SourceBand) -> Iterator[gdal.Dataset]:
    """Open a band's file; what fails in the ``with`` statement, the file is said to be damaged."""
    try:
        dataset = gdal.OpenEx(source.path, gdal.OF_RASTER)
        _check_size(dataset, source)
        yield dataset
    except RuntimeError as error:
        raise InvalidRasterError(f"{source.path} cannot be read; it may be damaged or cut short: {error}") from error


def _check_size(dataset: gdal.Dataset, source: SourceBand) -> None:
    size = dataset.RasterXSize, dataset.RasterYSize
    if size != (source.grid.width, source.grid.height):
        raise InvalidRasterError(
            f"{source.path} has {size[0]} x {size[1]} pixels, but {source.grid.width} x {source.grid.height} are "
            "expected."
        )


def pixel_shift(source: Grid, target: Grid) -> tuple[int, int] | None:
    """Return what to add to columns and rows of the target for those of the source, None unless pixels coincide."""
    corners = [0, target.width, 0], [0, 0, target.height]
    if not same_crs(source.crs, target.crs):
        return None
    offsets = np.subtract(source.pixels(*target.coordinates(*corners)), corners)
    shift = np.rint(offsets[:, 0])
    if np.abs(offsets - shift[:, None]).max() > _TOLERANCE:
        return None
    return int(shift[0]), int(shift[1])


def _division(source: Grid, target: Grid) -> _Division | None:
    """Return how pixels of the target divide those of the source, None if they do not."""
    factor = round(source.geotransform[1] / target.geotransform[1])
    if not 1 < factor <= LARGEST_FACTOR:
        return None
    shift = pixel_shift(rescaled(source, 1 / factor), target)
    return None if shift is None else _Division(factor, shift)


def _moved(window: Window, shift: tuple[int, int]) -> Window:
    return window._replace(x=window.x + shift[0], y=window.y + shift[1])


def _dtype(dataset: gdal.Dataset, source: SourceBand) -> np.dtype[Any]:
    return np.dtype(gdal_array.GDALTypeCodeToNumericTypeCode(dataset.GetRasterBand(source.number).DataType))


def _read_enlarged(
    dataset: gdal.Dataset, source: SourceBand, window: Window, factor: int, resampling: str, cache: BlockCache | None
) -> Pixels | None:
    """Read a window in pixels of which `factor` a side make one of the source."""
    margin = MARGINS[resampling]
    left, top = window.x // factor, window.y // factor
    right, bottom = -(-(window.x + window.width) // factor), -(-(window.y + window.height) // factor)
    around = Window(left - margin, top - margin, right - left + 2 * margin, bottom - top + 2 * margin)
    pixels = _read_directly(dataset, source, around, cache)
    if pixels is None:
        return None
    values, valid = enlarged(*pixels, factor, resampling)
    x, y = window.x - left * factor, window.y - top * factor
    place = np.s_[y : y + window.height, x : x + window.width]
    return (values[place], valid[place]) if valid[place].any() else None


def _read_directly(
    dataset: gdal.Dataset, source: SourceBand, window: Window, cache: BlockCache | None = None
) -> Pixels | None:
    """Read a window in pixels of the source, beyond which nothing is valid."""
    left, top = max(window.x, 0), max(window.y, 0)
    right = min(window.x + window.width, source.grid.width)
    bottom = min(window.y + window.height, source.grid.height)
    if right <= left or bottom <= top:
        return None
    inside = Window(left, top, right - left, bottom - top)
    if cache is None:
        stored = dataset.GetRasterBand(source.number).ReadAsArray(*inside)
    else:
        stored = cache.read(dataset, source.path, source.number, inside)
    valid = _valid(dataset, source, stored, inside)
    if inside == window:
        return stored, valid
    place = np.s_[top - window.y : bottom - window.y, left - window.x : right - window.x]
    values = np.zeros((window.height, window.width), stored.dtype)
    known = np.zeros(values.shape, bool)
    values[place], known[place] = stored, valid
    return values, known


def _valid(dataset: gdal.Dataset, source: SourceBand, stored: NDArray[Any], inside: Window) -> NDArray[np.bool_]:
    """Return which numbers are neither nodata, nor masked, nor infinite or NaN."""
    band, nodata = dataset.GetRasterBand(source.number), source.nodata
    valid: NDArray[np.bool_]
    if nodata is not None and not math.isnan(nodata):
        valid = stored != nodata
    elif _is_masked(dataset, band):
        valid = band.GetMaskBand().ReadAsArray(*inside) != 0
    else:
        valid = np.ones(stored.shape, bool)
    if stored.dtype.kind == "f":
        valid &= np.isfinite(stored)
    return valid


def _read_warped(
    dataset: gdal.Dataset, source: SourceBand, target: Grid, window: Window, resampling: str
) -> Pixels | None:
    warped = _warped(dataset, source, target, resampling)
    valid = warped.GetRasterBand(2).ReadAsArray(*window) > 0
    if not valid.any():
        return None
    values = warped.GetRasterBand(1).ReadAsArray(*window)
    return values, valid & np.isfinite(values)


def _warped(dataset: gdal.Dataset, source: SourceBand, target: Grid, resampling: str) -> gdal.Dataset:
    """Return a virtual raster on the whole target: the band, and how much of each pixel is valid."""
    placed = gdal.Translate("", dataset, format="VRT", bandList=[source.number, *_alphas(dataset)])
    placed.SetGeoTransform(source.grid.geotransform)
    placed.SetSpatialRef(spatial_reference(source.grid.crs))
    placed.GetRasterBand(1).DeleteNoDataValue()
    placed.GetRasterBand(1).SetColorInterpretation(gdal.GCI_GrayIndex)
    grows = resampling != "nearest" and _pixels_of_source(source.grid, target) > 1 + _TOLERANCE
    return gdal.Warp(
        "",
        placed,
        format="VRT",
        width=target.width,
        height=target.height,
        outputBounds=bounds_on(target.crs, target),
        dstSRS=target.crs,
        resampleAlg="average" if grows else _WARPER_NAMES[resampling],
        srcNodata=source.nodata,
        dstAlpha=True,
        errorThreshold=_WARP_ERROR,
    )


def _is_masked(dataset: gdal.Dataset, band: gdal.Band) -> bool:
    """Whether a mask beside a band says which of its pixels are valid."""
    flags = band.GetMaskFlags()
    if flags & gdal.GMF_ALPHA:
        return bool(_alphas(dataset))
    return not flags & (gdal.GMF_ALL_VALID | gdal.GMF_NODATA)


def _alphas(dataset: gdal.Dataset) -> list[int]:
    """Return the number of the band that says which pixels of the others are valid, if there is one."""
    numbers = range(1, dataset.RasterCount + 1)
    return [number for number in numbers if is_alpha(dataset.GetRasterBand(number))][:1]


def _pixels_of_source(source: Grid, target: Grid) -> float:
    """Return the side of a pixel of the target in pixels of the source, at the source's centre."""
    x, y = source.coordinates(source.width / 2, source.height / 2)
    _, across_x, down_x, _, across_y, down_y = source.geotransform
    side = math.sqrt(abs(across_x * down_y - down_x * across_y))
    pixel = (float(x), float(y), float(x) + side, float(y) + side)
    left, bottom, right, top = transformed_bounds(pixel, source.crs, target.crs)
    return math.sqrt(abs(target.geotransform[1] * target.geotransform[5]) / ((right - left) * (top - bottom)))
