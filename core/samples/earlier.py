"""Samples that were cut before: their blocks, so that others of the same stack keep to the splits, and landforms."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from ..errors import InvalidSamplesError, MapperError
from ..rasters.grid import Grid
from ..vectors.vector import Geometries, VectorLayer, read_layer
from .blocks import Blocks
from .outlines import Polygons
from .sampleset import BLOCKS, INDEX, LANDFORMS, SPLITS, TRAIN, SampleSet

# Borders of blocks lie between pixels; more than this share of one beside that, and the grid is another.
_TOLERANCE = 0.01


def earlier_blocks(folder: str, grid: Grid) -> Blocks:
    """Return the blocks of a folder of samples with their splits; those that had none go to training.

    Raises
    ------
    InvalidSamplesError
        If it is no such folder, or its blocks are not those of a stack on this grid.
    """
    SampleSet.read(folder)
    layer = _layer(folder, BLOCKS, grid, ("split",))
    bounds = shapely.bounds(Polygons(layer.geometries, grid).in_pixels)
    edges = np.rint(bounds).astype(np.int64)
    x, y = np.unique(edges[:, [0, 2]]), np.unique(edges[:, [1, 3]])
    same_grid = len(x) > 1 and len(y) > 1 and np.abs(bounds - edges).max() < _TOLERANCE
    if (
        not same_grid
        or not _fits(x, grid.width)
        or not _fits(y, grid.height)
        or len(layer) != (len(x) - 1) * (len(y) - 1)
    ):
        raise InvalidSamplesError(
            f"The samples in {folder} were not cut from this stack ({grid.summary}): their blocks lie elsewhere. Give "
            "samples of the same stack, or none; another stack of the same ground would not keep its splits apart."
        )
    split = np.full((len(y) - 1, len(x) - 1), SPLITS.index(TRAIN))
    names = [SPLITS.index(name) if name in SPLITS else SPLITS.index(TRAIN) for name in layer.columns["split"].tolist()]
    split[np.searchsorted(y, edges[:, 1]), np.searchsorted(x, edges[:, 0])] = names
    return Blocks(x, y, split)


def earlier_landforms(folder: str, grid: Grid) -> Geometries:
    """Return the landforms of a folder of samples, in the grid's reference system.

    Raises
    ------
    InvalidSamplesError
        If the folder has no layer of them.
    """
    return _layer(folder, LANDFORMS, grid, ()).geometries


def _layer(folder: str, name: str, grid: Grid, columns: tuple[str, ...]) -> VectorLayer:
    try:
        return read_layer(f"{folder}/{INDEX}|layername={name}", crs=grid.crs, columns=columns)
    except MapperError as error:
        raise InvalidSamplesError(f"The samples in {folder} are damaged: {error} Make them again.") from error


def _fits(edges: NDArray[np.int64], length: int) -> bool:
    return bool(edges[0] == 0 and edges[-1] == length)
