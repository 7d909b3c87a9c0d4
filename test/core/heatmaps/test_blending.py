"""Blended tiles: a weighted mean of those that see a pixel, whatever was skipped."""

from __future__ import annotations

import numpy as np
import pytest
from rock_glacier_mapper.core.heatmaps.blending import Blend
from rock_glacier_mapper.core.heatmaps.tilereader import Tile
from rock_glacier_mapper.core.rasters.tiling import Tiling


@pytest.fixture
def tiling(make_grid):
    """Cores of 8 pixels whose tiles count for 2 pixels more on every side."""
    return Tiling(make_grid(19, 21), size=12, halo=2, core=8, reach=2)


def blended(tiling: Tiling, value_of, wanted_of=lambda target: np.ones((target.height, target.width), bool)):
    """Return the blend of tiles of one value each, NaN where no row was given out."""
    grid = tiling.grid
    image = np.full((1, grid.height, grid.width), np.nan, np.float32)
    blend = Blend(tiling, 1)

    def keep(rows):
        for (x, y, width, height), values in rows:
            assert np.isnan(image[:, y : y + height]).all()
            image[:, y : y + height, x : x + width] = values

    for core in tiling.cores():
        target = tiling.target(core)
        wanted = wanted_of(target)
        if wanted.any():
            values = np.full((1, target.height, target.width), value_of(core), np.float32)
            keep(blend.add(Tile(core, target, values, wanted), values))
    keep(blend.rest())
    return image[0]


def test_equal_answers_stay_as_they_are(tiling):
    """Weights divide out, at the raster's edges too."""
    assert blended(tiling, lambda core: 0.25) == pytest.approx(np.full((21, 19), 0.25), abs=1e-6)


def test_one_tile_fades_into_the_next(tiling):
    """Left tiles say 0, others 1: across the border at column 8 the share is sin^2 of 22.5 degree steps."""
    image = blended(tiling, lambda core: float(core.x >= 8))
    steps = np.sin(np.pi / 2 * (np.arange(4) + 0.5) / 4) ** 2
    expected = np.concatenate([np.zeros(6), steps, np.ones(9)])
    assert image == pytest.approx(np.tile(expected, (21, 1)), abs=1e-6)


def test_rows_fade_as_columns_do(tiling):
    """The rows are given out in pieces, which must not show."""
    image = blended(tiling, lambda core: float(core.y >= 8))
    steps = np.sin(np.pi / 2 * (np.arange(4) + 0.5) / 4) ** 2
    assert image[:, 5] == pytest.approx(np.concatenate([np.zeros(6), steps, np.ones(11)]), abs=1e-6)


def test_what_is_not_wanted_is_nan_and_changes_nothing_else(tiling):
    """A pixel's value does not depend on which others are mapped."""
    whole = blended(tiling, lambda core: core.x + 10.0 * core.y)
    mask = np.zeros((21, 19), bool)
    mask[9:12, 9:11] = mask[20, 18] = True

    def wanted(target):
        return mask[target.y : target.y + target.height, target.x : target.x + target.width]

    part = blended(tiling, lambda core: core.x + 10.0 * core.y, wanted)
    assert np.array_equal(np.isfinite(part), mask)
    assert part[mask] == pytest.approx(whole[mask], abs=1e-4)
