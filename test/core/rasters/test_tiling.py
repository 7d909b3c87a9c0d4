"""The canonical tiling: what a network sees of a pixel does not depend on the tile size."""

from __future__ import annotations

import numpy as np
import pytest
from rock_glacier_mapper.core.errors import InvalidModelError, InvalidOptionError
from rock_glacier_mapper.core.rasters.tiling import largest_useful_side, plan_tiles, round_up, tile_side


@pytest.mark.parametrize(("width", "height"), [(1, 1), (37, 211), (96, 96), (97, 95)])
def test_cores_cover_each_pixel_once(make_grid, width, height):
    """Neither gaps nor pixels written twice, on sides that are no multiple of anything."""
    tiling = plan_tiles(make_grid(width, height), side=64, halo=16, stride=4, fixed=False)
    count = np.zeros((height, width), int)
    for x, y, core_width, core_height in tiling.cores():
        count[y : y + core_height, x : x + core_width] += 1
    assert (count == 1).all()


def test_tiles_have_one_size_and_start_on_the_stride(make_grid):
    """Strided layers must meet the same pixels in every tile, the overhanging ones included."""
    tiling = plan_tiles(make_grid(100, 50), side=64, halo=10, stride=8, fixed=False)
    assert (tiling.halo, tiling.core) == (16, 32)
    for core in tiling.cores():
        tile = tiling.around(core)
        assert (tile.width, tile.height) == (64, 64)
        assert (tile.x % 8, tile.y % 8) == (0, 0)
        assert (core.x - tile.x, core.y - tile.y) == (16, 16)


def test_a_fixed_tile_keeps_its_size_though_the_core_is_rounded_down(make_grid):
    """A network of 100 px tiles with stride 8 gets 100 px, of which 80 are core."""
    tiling = plan_tiles(make_grid(300, 300), side=100, halo=8, stride=8, fixed=True)
    assert (tiling.size, tiling.core) == (100, 80)


def test_a_tile_too_small_is_refused_with_the_smallest_size(make_grid):
    """The message must be enough to choose a tile size that works."""
    with pytest.raises(InvalidOptionError, match=r"halo of 96 pixels .* smallest tile size is 208"):
        plan_tiles(make_grid(9, 9), side=192, halo=96, stride=16, fixed=False)
    assert plan_tiles(make_grid(9, 9), side=208, halo=96, stride=16, fixed=False).core == 16


def test_a_fixed_tile_too_small_blames_the_model(make_grid):
    """No tile size can help where the network takes one only."""
    with pytest.raises(InvalidModelError, match="64 pixels only"):
        plan_tiles(make_grid(9, 9), side=64, halo=32, stride=16, fixed=True)


def test_sides_are_multiples_of_the_stride_unless_fixed():
    """Networks fail on other sizes; 500 px become 496 with stride 16."""
    assert tile_side(500, 16, None) == 496
    assert tile_side(8, 16, None) == 16
    assert tile_side(500, 16, 224) == 224
    assert [round_up(number, 16) for number in (0, 1, 16, 17)] == [0, 16, 16, 32]


def test_the_largest_useful_tile_shows_the_whole_grid(make_grid):
    """A tile of 4096 pixels must not cost a small scene a hundred times its own size: 300 + 2 x 10, by 16 each."""
    grid = make_grid(300, 200)
    side = largest_useful_side(grid, halo=10, stride=16)
    assert side == 304 + 2 * 16
    assert len(plan_tiles(grid, side, halo=10, stride=16, fixed=False).cores()) == 1
