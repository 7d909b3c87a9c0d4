"""The rasters that the segmentation is measured on: bands of the simulated sample scene, mirrored to any size."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rock_glacier_mapper.core.rasters.raster import Band, Raster, RasterWriter

BANDS = ("B02", "B03", "B04", "B08", "slope")
SAMPLE = Path(__file__).resolve().parent.parent / "resources" / "sample" / "simulated_stack.tif"
_PERCENTILES = (0.5, 99.5)
_WHITE = 255.0
# Mirror images must not be equal to the last bit.
_NOISE = 0.05


def segmentation_raster(folder: Path, megapixels: float) -> Path:
    """Write a square raster of so many million pixels, unless it is there, and return its path."""
    side = round(1000 * megapixels**0.5)
    path = folder / f"bands_{side}.tif"
    if path.exists():
        return path
    random = np.random.default_rng(0)
    with Raster(str(SAMPLE)) as sample:
        grid = replace(sample.grid, width=side, height=side)
        with RasterWriter(str(path), grid, [Band(role, "float32", np.nan) for role in BANDS]) as writer:
            # float32 noise, band by band, keeps the memory small.
            values = np.stack([_band(sample.read(roles=[role])[0], side, random) for role in BANDS])
            writer.write(grid.whole, values)
    return path


def _band(values: NDArray[np.float32], side: int, random: np.random.Generator) -> NDArray[np.float32]:
    low, high = np.nanpercentile(values, _PERCENTILES)
    stretched = np.clip((values - low) / (high - low), 0, 1) * _WHITE
    mirrored = np.pad(stretched, [(0, max(side - length, 0)) for length in values.shape], mode="symmetric")
    noise = random.standard_normal((side, side), np.float32)
    noisy: NDArray[np.float32] = (mirrored[:side, :side] + _NOISE * noise).astype(np.float32)
    return noisy
