"""Stage `coherencestatistics`: the coherence of many pairs, summed up pixel by pixel."""

from __future__ import annotations

import contextlib
import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from .. import provenance
from ..contracts.coherencestatistics import STATISTICS, CoherenceStatisticsOptions, CoherenceStatisticsResult
from ..errors import InvalidCRSError, InvalidGridError, InvalidOptionError, MapperError
from ..files import check_writable
from ..progress import Progress
from ..rasters.geodata import gdal, same_crs
from ..rasters.grid import Grid, Window
from ..rasters.raster import Raster, RasterWriter
from ..rasters.regridding import bounds_on, read_onto
from .coherenceband import ROLE, coherence_band, count_band
from .coherenceinputs import CoherenceInput, check_range, divisors, inputs_of, largest_of, selected
from .temporal import count_of, statistics_of

# What the values of all pairs in one window may take, in bytes, and what a pixel needs beside them.
_BUDGET = 128 * 2**20
_BYTES_BESIDE = 64
_BYTES_A_VALUE = 4
_CENTRAL = ("mean", "median", "minimum")
# The largest count beside nodata in a byte.
_LARGEST_COUNT = {"byte": 254, "uint16": 65534}


def run(options: CoherenceStatisticsOptions, progress: Progress) -> CoherenceStatisticsResult:
    """Compute statistics of the coherence of many pairs, on the grid of the first input.

    Pairs are selected by temporal baseline and season, brought to 0..1, and read window by window, all pairs of a
    window at once, so that the median is exact. An input whose pixels coincide with those of the first is read as it
    is.

    Parameters
    ----------
    options : CoherenceStatisticsOptions
    progress : Progress

    Returns
    -------
    CoherenceStatisticsResult

    Raises
    ------
    MapperError
        If an input cannot be read or is no coherence, none is left, or the output cannot be written.
    """
    check_writable(options.output, ".tif", ".tiff", inputs=options.inputs)
    if not options.statistic:
        raise InvalidOptionError(f"Option `statistic` is empty; name at least one of {', '.join(STATISTICS)}.")
    found = [item for path in progress.each(options.inputs, len(options.inputs)) for item in inputs_of(path)]
    grid = _north_up(found[0])
    pairs = _on_the_grid(selected(found, options), grid, progress)
    _check_pairs(pairs, grid, options)
    progress.report(0, f"{len(pairs)} of {len(found)} pairs are used.")
    numbers = divisors(pairs, options.unit, progress.part(0, 0.1))
    bands = [coherence_band(role, options.output_type) for role in roles(options.statistic)]
    if options.count:
        bands.append(count_band(f"{ROLE}_count", options.output_type))
    steps = [*_provenance(options), _step(options, pairs)]
    with _kept_open(pairs), RasterWriter(options.output, grid, bands, steps) as writer:
        windows = _windows(grid, pairs[0], len(pairs))
        part = progress.part(0.1, 1)
        for window in part.each(windows, len(windows), "Computing statistics of the coherence"):
            values = _read(pairs, numbers, grid, window, options.resampling, progress)
            writer.write(window, _reduced(values, options).reshape(-1, window.height, window.width))
    return CoherenceStatisticsResult(options.output, len(pairs))


def roles(statistics: tuple[str, ...]) -> list[str]:
    """Return the role of each statistic's band: plain ``coherence`` for the first of mean, median and minimum."""
    main = next((name for name in _CENTRAL if name in statistics), None)
    return [ROLE if name == main else f"{ROLE}_{name}" for name in statistics]


def _north_up(first: CoherenceInput) -> Grid:
    """Return the grid of the first input with rows that run southwards.

    Raises
    ------
    InvalidGridError
        If it is rotated.
    """
    grid = first.source.grid
    x, across_x, down_x, y, across_y, down_y = grid.geotransform
    if down_x or across_y:
        raise InvalidGridError(
            f"The pixels of {first.source.path} lie rotated on the map; name an input first whose rows run from west "
            "to east, or warp it with `gdalwarp`."
        )
    if down_y < 0:
        return grid
    return replace(grid, geotransform=(x, across_x, 0.0, y + grid.height * down_y, 0.0, -down_y))


def _on_the_grid(pairs: list[CoherenceInput], grid: Grid, progress: Progress) -> list[CoherenceInput]:
    """Return the inputs that lie on the grid at least in part; tell how many do not."""
    if not grid.crs:
        return pairs
    kept = [item for item in pairs if not item.source.grid.crs or _meets(item.source.grid, grid)]
    if len(kept) < len(pairs):
        progress.warn(
            f"{len(pairs) - len(kept)} of {len(pairs)} pairs do not lie on the grid of the first input; they are left "
            "out."
        )
    return kept


def _meets(one: Grid, other: Grid) -> bool:
    left, bottom, right, top = bounds_on(other.crs, one)
    west, south, east, north = bounds_on(other.crs, other)
    return left < east and right > west and bottom < north and top > south


def _check_pairs(pairs: list[CoherenceInput], grid: Grid, options: CoherenceStatisticsOptions) -> None:
    """Refuse inputs that cannot be brought onto the grid, and counts that cannot be stored."""
    for item in pairs:
        other = item.source.grid
        if not same_crs(other.crs, grid.crs) and not (other.crs and grid.crs):
            raise InvalidCRSError(
                f"{item.source.path} or the first input {options.inputs[0]} has no reference system, so that one "
                "cannot be brought onto the grid of the other; assign it, for example with `gdal_edit.py -a_srs`."
            )
        if not grid.crs:
            _require_same(grid, item)
    largest = _LARGEST_COUNT.get(options.output_type)
    if options.count and largest is not None and len(pairs) > largest:
        raise InvalidOptionError(
            f"The count of {len(pairs)} pairs does not fit the type {options.output_type}, which counts to {largest}; "
            "take uint16 or float32."
        )


def _require_same(grid: Grid, item: CoherenceInput) -> None:
    """Refuse another grid where there is no reference system to bring it over by."""
    try:
        grid.require_same(item.source.grid, item.source.path)
    except MapperError as error:
        raise InvalidGridError(
            f"{error} Without a reference system all inputs must have the same pixels: geocode them first."
        ) from error


def _provenance(options: CoherenceStatisticsOptions) -> list[provenance.Step]:
    chains = []
    for path in options.inputs:
        with Raster(path) as raster:
            chains.append(raster.provenance)
    return provenance.joined(*chains)


def _step(options: CoherenceStatisticsOptions, pairs: list[CoherenceInput]) -> provenance.Step:
    dates = [str(item.pair) for item in pairs if item.pair is not None]
    return provenance.step("coherencestatistics", options, pairs=len(pairs), dates=dates)


def _windows(grid: Grid, first: CoherenceInput, count: int) -> list[Window]:
    """Cut the grid so that all pairs of a window fit in memory: rows where files are stored so, else whole blocks."""
    bytes_per_pixel = count * _BYTES_A_VALUE + _BYTES_BESIDE
    with Raster(first.source.path) as raster:
        block = raster.block_size[0]
        if block >= raster.grid.width:
            return grid.strips(bytes_per_pixel, _BUDGET)
    side = max(math.isqrt(_BUDGET // bytes_per_pixel), 1)
    return grid.tiles(side // block * block or side)


@contextlib.contextmanager
def _kept_open(pairs: list[CoherenceInput]) -> Iterator[None]:
    """Keep the files of several pairs open: a block often holds all bands, and would be decompressed for each."""
    counts = Counter(item.source.path for item in pairs)
    datasets = [gdal.OpenEx(path, gdal.OF_RASTER | gdal.OF_SHARED) for path, count in counts.items() if count > 1]
    yield
    datasets.clear()


def _read(
    pairs: list[CoherenceInput], numbers: list[float], grid: Grid, window: Window, resampling: str, progress: Progress
) -> NDArray[np.float32]:
    """Return the coherence of all pairs in a window, shape (pairs, pixels), infinity where there is none."""
    values = np.full((len(pairs), window.height * window.width), np.inf, np.float32)
    for target, item, divisor in zip(values, pairs, numbers, strict=True):
        progress.check()
        pixels = read_onto(grid, item.source, window, resampling)
        if pixels is None:
            continue
        stored, valid = (array.reshape(-1) for array in pixels)
        if valid.any():
            physical = (stored[valid] * item.source.scale + item.source.offset).astype(np.float32)
            check_range(item, physical, largest_of(divisor))
            target[valid] = np.clip(physical / np.float32(divisor), np.float32(0), np.float32(1))
    return values


def _reduced(values: NDArray[np.float32], options: CoherenceStatisticsOptions) -> NDArray[np.float32]:
    """Return the bands of the output, shape (bands, pixels)."""
    count = count_of(values)
    bands = np.stack(statistics_of(values, options.statistic))
    bands[:, count < options.min_count] = np.nan
    if options.count:
        bands = np.concatenate([bands, count[None].astype(np.float32)])
    return bands
