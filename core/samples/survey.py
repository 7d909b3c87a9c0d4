"""What the stack and the heatmap are like at many places, read once, tile by tile."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from ..errors import InvalidRasterError
from ..progress import Progress
from ..rasters.grid import Grid, Window
from ..rasters.raster import Raster
from ..rasters.roles import HEATMAP
from .outlines import Polygons, Searched

ELEVATION, SLOPE = "elevation", "slope"
_TILE_SIZE = 1024
# Places on the lattice, at most.
_MOST = 1_000_000
_PER_PATCH = 8


@dataclass(frozen=True)
class Survey:
    """Places on a lattice over the stack that have data in all bands and count.

    Attributes
    ----------
    x, y : float array, shape (n,)
        Columns and rows of the middles of pixels.
    elevation, slope : float array, shape (n,)
        Metres and degrees; NaN where the stack has no such band.
    has_terrain : bool
    """

    x: NDArray[np.float64]
    y: NDArray[np.float64]
    elevation: NDArray[np.float32]
    slope: NDArray[np.float32]
    has_terrain: bool


def spacing_of(grid: Grid, patch: int) -> int:
    """Return the distance of neighbouring places of a survey, in pixels."""
    return max(patch // _PER_PATCH, 1, int(np.ceil(np.sqrt(grid.width * grid.height / _MOST))))


def survey(stack: Raster, searched: Searched, spacing: int, seed: int, progress: Progress) -> Survey:
    """Read the stack at places on a lattice whose first place depends on the seed.

    Parameters
    ----------
    stack : Raster
    searched : Searched
        Which ground counts.
    spacing : int
        Pixels between neighbouring places.
    seed : int
    progress : Progress
    """
    has_terrain = {ELEVATION, SLOPE} <= set(stack.roles)
    first_band, last_band = (stack.roles.index(role) if has_terrain else 0 for role in (ELEVATION, SLOPE))
    start = np.random.default_rng(seed).integers(0, min(spacing, stack.grid.width, stack.grid.height), 2)
    found = []
    tiles = stack.grid.tiles(_TILE_SIZE)
    for tile in progress.each(tiles, len(tiles), "Looking at the stack"):
        columns = _multiples(int(start[0]), spacing, tile.x, tile.x + tile.width)
        rows = _multiples(int(start[1]), spacing, tile.y, tile.y + tile.height)
        if not (len(columns) and len(rows)) or stack.is_empty(tile, first_band):
            continue
        values = stack.read(tile)[:, rows[:, np.newaxis] - tile.y, columns - tile.x]
        valid = np.isfinite(values).all(axis=0)
        row, column = np.nonzero(valid)
        found.append((columns[column] + 0.5, rows[row] + 0.5, values[first_band][valid], values[last_band][valid]))
    empty = (np.empty(0), np.empty(0), np.empty(0, np.float32), np.empty(0, np.float32))
    x, y, first, last = (np.concatenate(arrays) for arrays in zip(empty, *found, strict=True))
    counts = searched.cover(x, y)
    if not has_terrain:
        first = last = np.full(len(x), np.nan, np.float32)
    return Survey(x[counts], y[counts], first[counts], last[counts], has_terrain)


def false_alarms(
    path: str, threshold: float, grid: Grid, avoided: Polygons, searched: Searched, spacing: int, progress: Progress
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return where a heatmap is high without reason: columns and rows of pixels, those with the largest value first.

    Parameters
    ----------
    path : str
        The heatmap, on the grid.
    threshold : float
        Least value.
    grid : Grid
    avoided : Polygons
        Outlines with their surroundings.
    searched : Searched
        Which ground counts.
    spacing : int
        Side in pixels of the squares of which each gives its highest pixel.
    progress : Progress

    Raises
    ------
    InvalidGridError
        If the heatmap lies on another grid.
    InvalidRasterError
        If it cannot be read or has several bands and none is the heatmap.
    """
    found = []
    with Raster(path) as heatmap:
        grid.require_same(heatmap.grid, f"The heatmap {path}")
        number = 0 if len(heatmap.bands) == 1 else heatmap.band_indices([HEATMAP])[0]
        side = spacing * max(_TILE_SIZE // spacing, 1)
        tiles = grid.tiles(side)
        for tile in progress.each(tiles, len(tiles), "Looking for false alarms"):
            values = heatmap.read_band(tile, number)
            if np.nanmax(values, initial=-np.inf) > 1 + 1e-3:
                raise InvalidRasterError(f"The heatmap {path} has values above 1; give a heatmap of 0 to 1.")
            values[np.isnan(values) | avoided.burnt(tile) | ~searched.burnt(tile)] = -1
            found.append(_peaks(values, tile, spacing, threshold))
    x, y, value = (np.concatenate(arrays) for arrays in zip(*found, strict=True))
    highest_first = np.lexsort((x, y, -value))
    return x[highest_first], y[highest_first]


def near(polygons: Polygons, distance: float) -> Polygons:
    """Return the ground within a distance (metres) of polygons."""
    grid = polygons.grid
    return Polygons(np.asarray(shapely.buffer(polygons.geometries, distance / grid.metres_per_unit)), grid)


def _multiples(start: int, step: int, low: int, high: int) -> NDArray[np.int64]:
    """Return start, start + step ... from low up to below high."""
    first = start + -(-(low - start) // step) * step
    return np.arange(max(first, start), high, step)


def _peaks(
    values: NDArray[np.float32], tile: Window, side: int, threshold: float
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float32]]:
    """Return column, row and value of the highest pixel of each square of a tile, if it reaches the threshold."""
    down, across = (-(-length // side) for length in values.shape)
    padded = np.full((down * side, across * side), -1, np.float32)
    padded[: values.shape[0], : values.shape[1]] = values
    squares = padded.reshape(down, side, across, side).swapaxes(1, 2).reshape(down, across, side * side)
    place = squares.argmax(axis=2)
    highest = np.take_along_axis(squares, place[..., np.newaxis], axis=2)[..., 0]
    row, column = np.nonzero((highest >= threshold) & (highest >= 0))
    inside_row, inside_column = np.divmod(place[row, column], side)
    x, y = column * side + inside_column + tile.x + 0.5, row * side + inside_row + tile.y + 0.5
    return x, y, highest[row, column]
