"""The blocks that a composite is made in."""

from __future__ import annotations

import numpy as np
from rock_glacier_mapper.core.optical.compositegrid import blocks
from rock_glacier_mapper.core.rasters.grid import Window
from rock_glacier_mapper.core.rasters.regridding import SourceBand


def test_blocks_go_down_one_column_after_the_other(write_raster, make_grid):
    """Wide blocks that follow one another share their long side, so that little of other files must be kept."""
    grid = make_grid(3000, 1500)
    path = write_raster("b02.tif", np.ones((1, 1500, 3000)), ["B02"], grid, dtype="uint8", nodata=0)
    found = blocks(grid, SourceBand(path, 1, grid), 1, 2 * 2**20)
    assert found == [
        Window(0, 0, 2048, 1024),
        Window(0, 1024, 2048, 476),
        Window(2048, 0, 952, 1024),
        Window(2048, 1024, 952, 476),
    ]
