"""Segmentation by scikit-image's methods tile by tile, in memory that grows with a tile and the number of objects.

None of these methods gives in a tile what it gives in the whole raster. Objects therefore end at the edges of tiles,
and the labels' provenance says so.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..contracts.segment import MULTIRESOLUTION, SegmentOptions
from ..errors import InvalidOptionError
from ..progress import Progress
from ..provenance import step
from ..rasters.grid import Grid, Window
from ..rasters.labels import LABELS
from ..rasters.raster import Raster, RasterWriter
from .heterogeneity import Criterion
from .segmentlayers import SegmentLayers

TILE_SIZE = 1024
"""Side of a tile in pixels; the hungriest method takes about 450 bytes a pixel of it."""


def check_scale(options: SegmentOptions) -> None:
    """Refuse a scale at which a method would make several objects of one pixel.

    Raises
    ------
    InvalidOptionError
        If the scale is below 1 for another method than multiresolution.
    """
    if options.method != MULTIRESOLUTION and options.scale < 1:
        raise InvalidOptionError(
            f"Option `scale` is {options.scale:g}, but with method `{options.method}` it counts pixels and must be at "
            "least 1; give the side of an object in pixels, such as 20."
        )


def cut_by_tiles(layers: SegmentLayers, options: SegmentOptions, progress: Progress) -> int:
    """Segment tile by tile and write the labels.

    Parameters
    ----------
    layers : SegmentLayers
        What to segment.
    options : SegmentOptions
        The method, its parameters, and the output.
    progress : Progress

    Returns
    -------
    int
        Number of objects; they are numbered from 1 in the order of their first pixels, row by row.
    """
    grid = layers.grid
    tiles = grid.tiles(TILE_SIZE)
    folder = os.path.dirname(os.path.abspath(options.output))
    with tempfile.TemporaryDirectory(prefix=".rock-glacier-mapper-", dir=folder) as scratch:
        by_tile = str(Path(scratch) / "tiles.tif")
        first_pixels = _cut(layers, options, tiles, by_tile, progress.part(0, 0.95))
        facts = {"objects": len(first_pixels), "tiles": len(tiles), "exact_across_tiles": len(tiles) == 1}
        chain = [*layers.provenance, step("segment", options, **facts)]
        with Raster(by_tile) as labels, RasterWriter(options.output, grid, [LABELS], chain) as out:
            _renumber(labels, out, _numbers(first_pixels), progress.part(0.95, 1))
    return len(first_pixels)


def _cut(
    layers: SegmentLayers, options: SegmentOptions, tiles: list[Window], output: str, progress: Progress
) -> NDArray[np.int64]:
    """Write labels that count through tile after tile; return each object's first pixel in the raster."""
    # Imported here because multiresolution needs none of scikit-image, which takes half a second to import.
    from .superpixels import superpixels

    criterion = Criterion(layers.normalised_weights, options.shape, options.compactness)
    limits = layers.limits(layers.used, progress.part(0, 0.2))
    firsts: list[NDArray[np.int64]] = []
    found = 0
    with RasterWriter(output, layers.grid, [LABELS]) as out:
        for tile in progress.part(0.2, 1).each(tiles, len(tiles), "Cutting tiles"):
            labels = superpixels(layers.image(tile, limits), options.method, criterion, options.scale)
            firsts.append(_first_pixels(labels, tile, layers.grid))
            out.write_raw(tile, np.where(labels > 0, labels + np.uint32(found), 0).astype(np.uint32))
            found += len(firsts[-1])
    return np.concatenate(firsts)


def _first_pixels(labels: NDArray[np.uint32], tile: Window, grid: Grid) -> NDArray[np.int64]:
    """Return the place of each object's first pixel in the whole raster, row by row, by label from 1."""
    values, places = np.unique(labels, return_index=True)
    rows, columns = np.divmod(places[values > 0].astype(np.int64), tile.width)
    first: NDArray[np.int64] = (rows + tile.y) * grid.width + columns + tile.x
    return first


def _numbers(first_pixels: NDArray[np.int64]) -> NDArray[np.uint32]:
    """Return the final number of each label; 0 stays."""
    numbers = np.zeros(len(first_pixels) + 1, np.uint32)
    numbers[1 + np.argsort(first_pixels)] = np.arange(1, len(numbers))
    return numbers


def _renumber(labels: Raster, out: RasterWriter, numbers: NDArray[np.uint32], progress: Progress) -> None:
    windows = labels.grid.tiles(TILE_SIZE)
    for window in progress.each(windows, len(windows), "Writing labels"):
        out.write_raw(window, numbers.take(labels.read_raw(window)))
