"""Areas to train and score on: images in physical units with the pixels of rock glaciers, and how to vary them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rock_glacier_mapper.core.rasters.raster import Raster
from rock_glacier_mapper.core.vectors.vector import burn, read_layer
from scene_stack import OPTICAL, read_scene

Image = NDArray[np.float32]
SCENE_ROLES = (*OPTICAL, "coherence", "slope", "profile_curvature", "plan_curvature", "tpi_250")
RGB_ROLES = ("B04", "B03", "B02")


@dataclass(frozen=True)
class Area:
    """An image to draw patches from.

    Attributes
    ----------
    image : array (bands, height, width)
        Physical values; NaN where there are none.
    target : array (height, width) of bool
        Rock glacier or not.
    share : float
        How often patches are drawn from it, relative to the other areas.
    """

    image: Image
    target: NDArray[np.bool_]
    share: float = 1.0


def scene_area(folder: Path) -> Area:
    """Return a whole simulated landscape."""
    scene = read_scene(folder)
    return Area(np.stack([scene.bands[role] for role in SCENE_ROLES]), scene.reference)


def site_area(folder: Path, sites: tuple[int, ...], share: float = 1.0) -> Area:
    """Return the mosaic of Los Helados within the clear chips of the given sites; NaN elsewhere."""
    with Raster(str(folder / "sentinel2_rgb_10m.tif")) as raster:
        image, grid = raster.read(), raster.grid
    with Raster(str(folder / "rock_glacier_mask_10m.tif")) as raster:
        target = raster.read_raw() == 1
    chips = read_layer(str(folder / "chips.gpkg"), crs=grid.crs)
    of_sites = np.isin(chips.columns["site"], sites) & (chips.columns["usable"] == 1)
    inside = burn(chips.geometries[of_sites], 1, grid, "uint8").astype(bool)
    return _cropped(Area(np.where(inside, image, np.float32(np.nan)), target, share))


def chip_areas(folder: Path, sites: tuple[int, ...], share: float) -> list[Area]:
    """Return the clear chips of the given sites; together they are drawn from as often as `share` says."""
    chips = read_layer(str(folder / "chips.gpkg"))
    of_sites = np.isin(chips.columns["site"], sites) & (chips.columns["usable"] == 1)
    names = chips.columns["chip"][of_sites]
    return [_chip(folder / "chips" / f"{Path(str(name)).stem}.tif", share / len(names)) for name in names]


def negative_areas(folder: Path, share: float) -> list[Area]:
    """Return the chips without rock glaciers, whose place is not known."""
    paths = sorted((folder / "negatives").glob("*.png"))
    return [_negative(path, share / len(paths)) for path in paths]


def _chip(path: Path, share: float) -> Area:
    with Raster(str(path)) as raster:
        bands = raster.read()
    return Area(bands[:3], bands[3] > 0, share)


def _negative(path: Path, share: float) -> Area:
    with Raster(str(path)) as raster:
        image = raster.read()[:3]
    return Area(image, np.zeros(image.shape[1:], bool), share)


def _cropped(area: Area) -> Area:
    """Return the smallest rectangle around the pixels with values."""
    valid = np.isfinite(area.image).all(axis=0)
    rows, columns = np.flatnonzero(valid.any(axis=1)), np.flatnonzero(valid.any(axis=0))
    inside = np.s_[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return Area(area.image[(slice(None), *inside)], area.target[inside], area.share)
