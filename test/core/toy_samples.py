"""A toy folder of samples, written by the same functions as a real one."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import shapely
from rock_glacier_mapper.core.rasters.grid import Grid, Window
from rock_glacier_mapper.core.rasters.raster import Band, Raster, RasterWriter
from rock_glacier_mapper.core.samples.chipstorage import ChipStorage
from rock_glacier_mapper.core.samples.samplefolder import SamplesRecord, footprints, write_index, write_record
from rock_glacier_mapper.core.samples.sampleset import BandStatistics, Chip
from rock_glacier_mapper.core.vectors.vector import VectorLayer

ROLES = ("B04", "coherence", "elevation", "aspect_sin", "aspect_cos")
SPLITS = ("train", "train", "train", "train", "validation", "validation", "test", "test")


def write_samples(
    folder: Path,
    crs: str,
    *,
    roles: Sequence[str] = ROLES,
    size: int = 16,
    pixel: float = 10.0,
    splits: Sequence[str] = SPLITS,
    seed: int = 0,
    west: float = 500000.0,
) -> str:
    """Write a folder of samples and return its path.

    Chip number i lies in block i of its own; every second one has a square of half its side in which each band is 1
    higher: a landform. The rest is noise with a standard deviation of 0.2 about 0. Pixels next to the square's border
    do not count; the first chip has a pixel without data.
    """
    (folder / "chips").mkdir(parents=True)
    grid = Grid(size * len(splits), size, (west, pixel, 0.0, 7000000.0, 0.0, -pixel), crs)
    rng = np.random.default_rng(seed)
    values = rng.normal(0, 0.2, (len(roles), size, grid.width)).astype(np.float32)
    mask, ring = np.zeros(values.shape[1:], bool), np.zeros(values.shape[1:], bool)
    quarter = size // 4
    for number in range(0, len(splits), 2):
        left, right = number * size + quarter, (number + 1) * size - quarter
        ring[quarter - 1 : size - quarter + 1, left - 1 : right + 1] = True
        ring[quarter + 1 : size - quarter - 1, left + 1 : right - 1] = False
        mask[quarter : size - quarter, left:right] = True
    values += mask
    values[0, 0, 0] = np.nan
    valid = ~ring & np.isfinite(values).all(axis=0)
    stack_path = folder.parent / f"{folder.name}_stack.tif"
    with RasterWriter(str(stack_path), grid, [Band(role, "int16", -32768, 0.001) for role in roles]) as writer:
        writer.write(grid.whole, values)
    chips = []
    with Raster(str(stack_path)) as stack:
        storage = ChipStorage.of(stack)
        for number, split in enumerate(splits):
            window = Window(number * size, 0, size, size)
            part = np.s_[:, window.x : window.x + size]
            path = str(folder / "chips" / f"{number + 1:06d}.tif")
            storage.write(path, stack, window, mask[part], valid[part])
            has_landform = number % 2 == 0
            chips.append(
                Chip(
                    path,
                    split,
                    number,
                    "positive" if has_landform else "random",
                    str(number) if has_landform else "",
                    float(mask[part].mean()),
                    float(valid[part].mean()),
                    window.x,
                    window.y,
                    tuple(roles),
                    size,
                )
            )
    statistics = [BandStatistics(0.1, 0.4, -0.4, 1.3)] * len(roles)
    squares = footprints(grid, chips)
    blocks = VectorLayer(squares, {"block": np.arange(len(chips)), "split": np.array(splits, object)}, crs)
    landforms = [chip for chip in chips if chip.landform]
    columns = {
        "landform": np.array([chip.landform for chip in landforms], object),
        "split": np.array([chip.split for chip in landforms], object),
    }
    outlines = shapely.buffer(shapely.centroid(footprints(grid, landforms)), size * pixel / 4, cap_style="square")
    write_index(str(folder), grid, chips, blocks, VectorLayer(outlines, columns, crs))
    facts = {"block_size_m": size * pixel, "ring_width_m": pixel, "sources": {"stack": "toy.tif"}}
    write_record(str(folder), SamplesRecord(tuple(roles), size, grid, seed, statistics, facts), chips)
    return str(folder)
