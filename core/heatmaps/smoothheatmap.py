"""Stage `smoothheatmap`: a Gaussian filter over the pixels that have a value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from .. import provenance
from ..contracts.smoothheatmap import SmoothHeatmapOptions, SmoothHeatmapResult
from ..errors import InvalidRasterError
from ..files import check_writable
from ..progress import Progress
from ..rasters.grid import BLOCK_SIZE, Grid, Window
from ..rasters.raster import Band, Raster, RasterWriter

_STANDARD_DEVIATIONS = 4.0
_NODATA = -9999.0
_TILE_SIZE = 4 * BLOCK_SIZE
# Products of weights and pixels between two looks at the cancel button: a fraction of a second.
_PRODUCTS_AT_ONCE = 200_000_000


def run(options: SmoothHeatmapOptions, progress: Progress) -> SmoothHeatmapResult:
    """Smooth every band of a heatmap with a Gaussian filter of fixed size on the ground.

    Normalised convolution (Knutsson and Westin, 1993): each pixel gets the mean of the valid pixels around it, weighted
    by a Gaussian that ends at four standard deviations. Nodata has no weight and stays nodata; what lies outside the
    raster has no weight either.

    Parameters
    ----------
    options : SmoothHeatmapOptions
    progress : Progress

    Returns
    -------
    SmoothHeatmapResult

    Raises
    ------
    InvalidCRSError
        If the heatmap is in degrees or has no reference system, unless it is only copied.
    InvalidRasterError, OutputError
        If a file cannot be read or written.
    """
    check_writable(options.output, ".tif", ".tiff", inputs=[options.input])
    with Raster(options.input) as heatmap:
        sigmas = _sigmas_in_pixels(heatmap.grid, options.sigma)
        steps = [*heatmap.provenance, provenance.step("smoothheatmap", options)]
        with RasterWriter(options.output, heatmap.grid, _written_bands(heatmap.bands), steps) as writer:
            tiles = heatmap.grid.tiles(_TILE_SIZE)
            for tile in progress.each(tiles, len(tiles), "Smoothing the heatmap"):
                writer.write(tile, _smoothed(heatmap, tile, sigmas, progress))
    return SmoothHeatmapResult(options.output)


def _written_bands(bands: Sequence[Band]) -> Sequence[Band]:
    """Return the bands as they are, or as numbers of 32 bits where they differ in what a GeoTIFF has one of."""
    if len({(band.dtype, band.scale, band.offset, str(band.nodata)) for band in bands}) == 1:
        return bands
    return [replace(band, dtype="float32", scale=1.0, offset=0.0, nodata=_NODATA) for band in bands]


def _sigmas_in_pixels(grid: Grid, sigma: float) -> tuple[float, float]:
    """Return the standard deviation along a row and along a column, in pixels."""
    if sigma == 0:
        return 0.0, 0.0
    along_row, along_column = grid.pixel_size_m
    return sigma / along_row, sigma / along_column


def _radius(sigma: float, size: int) -> int:
    """Return how many pixels to look to either side on a line of `size` pixels, beyond whose ends nothing counts."""
    return min(int(_STANDARD_DEVIATIONS * sigma + 0.5), size - 1)


def _smoothed(heatmap: Raster, tile: Window, sigmas: tuple[float, float], progress: Progress) -> NDArray[np.float32]:
    """Return the smoothed values of a tile, computed with all the pixels around it that have a weight."""
    radii = _radius(sigmas[0], heatmap.grid.width), _radius(sigmas[1], heatmap.grid.height)
    window = _widened(tile, heatmap.grid, *radii)
    bands = heatmap.read(window)
    _check_nodata(heatmap, bands)
    smoothed = np.stack([_normalised_convolution(band, sigmas, radii, progress) for band in bands])
    left, top = tile.x - window.x, tile.y - window.y
    return smoothed[:, top : top + tile.height, left : left + tile.width]


def _widened(tile: Window, grid: Grid, columns: int, rows: int) -> Window:
    """Return a window grown by columns and rows on every side, as far as the grid goes."""
    left, top = max(tile.x - columns, 0), max(tile.y - rows, 0)
    right = min(tile.x + tile.width + columns, grid.width)
    bottom = min(tile.y + tile.height + rows, grid.height)
    return Window(left, top, right - left, bottom - top)


def _check_nodata(heatmap: Raster, values: NDArray[np.float32]) -> None:
    """Refuse bands of whole numbers that say by a mask alone which pixels are invalid: it would be lost."""
    for band, layer in zip(heatmap.bands, values, strict=True):
        if band.nodata is None and np.dtype(band.dtype).kind != "f" and np.isnan(layer).any():
            raise InvalidRasterError(
                f"Band {band.role} of {heatmap.path} has invalid pixels but no nodata value to store them as; "
                "give it one, for example with `gdal_translate -a_nodata 255`."
            )


def _normalised_convolution(
    values: NDArray[np.float32], sigmas: tuple[float, float], radii: tuple[int, int], progress: Progress
) -> NDArray[np.float32]:
    """Return the weighted mean of the valid pixels around each, NaN where a pixel has no value itself."""
    valid = np.isfinite(values)
    weights = valid.astype(np.float32)
    sums = _convolved(np.where(valid, values, np.float32(0)), sigmas, radii, progress)
    totals = _convolved(weights, sigmas, radii, progress)
    smoothed = np.full_like(values, np.nan)
    np.divide(sums, totals, out=smoothed, where=valid)
    return smoothed


def _convolved(
    values: NDArray[np.float32], sigmas: tuple[float, float], radii: tuple[int, int], progress: Progress
) -> NDArray[np.float32]:
    """Convolve along rows, then along columns, with zeros outside; the argument is overwritten."""
    for lines, sigma, radius in zip((values, values.T), sigmas, radii, strict=True):
        if radius == 0:
            continue
        step = max(_PRODUCTS_AT_ONCE // (lines.shape[1] * (2 * radius + 1)), 1)
        for start in range(0, len(lines), step):
            progress.check()
            part = lines[start : start + step]
            part[:] = ndimage.gaussian_filter1d(part, sigma, axis=1, mode="constant", truncate=radius / sigma)
    return values
