"""Extents as people and QGIS give them, turned into windows."""

from __future__ import annotations

import pytest
from rock_glacier_mapper.core.errors import InvalidCRSError, InvalidOptionError
from rock_glacier_mapper.core.progress import Progress
from rock_glacier_mapper.core.rasters.extent import centred, window_of
from rock_glacier_mapper.core.rasters.grid import Grid, Window


class Listener(Progress):
    """Remembers warnings."""

    def __init__(self) -> None:
        self.warnings: list[str] = []

    def warn(self, message: str) -> None:
        self.warnings.append(message)


def test_no_extent_is_the_middle(make_grid):
    """512 pixels a side, or all of a smaller raster."""
    assert window_of("", make_grid(1000, 600), Progress()) == Window(244, 44, 512, 512)
    assert window_of(" ", make_grid(300, 600), Progress()) == Window(0, 44, 300, 512)


@pytest.mark.parametrize(
    ("extent", "window"),
    [
        ("500020,500050,6999900,6999980", Window(2, 2, 3, 8)),
        ("500020 , 500050, 6999900,6999980 [EPSG:32719]", Window(2, 2, 3, 8)),
        ("500021,500041,6999901,6999979", Window(2, 2, 3, 8)),
        ("0,500050,0,9e6", Window(0, 0, 5, 100)),
    ],
)
def test_all_pixels_that_are_touched(make_grid, extent, window):
    """Cut to the raster; an edge on a pixel's edge takes no further pixel."""
    assert window_of(extent, make_grid(100, 100), Progress()) == window


def test_extent_in_degrees(make_grid):
    """500000, 7000000 of UTM 19S is 69 degrees west, 27.1224 south: 0.0026 degrees of latitude are 29 pixels."""
    window = window_of("-69,-68.995,-27.125,-27.121 [EPSG:4326]", make_grid(100, 100), Progress())
    assert (window.x, window.width) == (0, 50)
    assert (window.y, window.height) == (0, 29)


def test_extent_in_wkt(make_grid, degrees):
    """QGIS passes systems that have no code as WKT, which has commas and brackets of its own."""
    there = window_of(f"-69,-68.995,-27.125,-27.121 [{degrees}]", make_grid(100, 100), Progress())
    assert there == window_of("-69,-68.995,-27.125,-27.121 [EPSG:4326]", make_grid(100, 100), Progress())


def test_south_up_grid(utm):
    """Rows count upwards there."""
    grid = Grid(10, 10, (0.0, 10.0, 0.0, 0.0, 0.0, 10.0), utm)
    assert window_of("0,20,0,30", grid, Progress()) == Window(0, 0, 2, 3)


def test_a_large_extent_is_cut_to_its_middle(make_grid):
    """The user is told what is taken."""
    listener = Listener()
    assert window_of("500000,530000,6980000,7000000", make_grid(3000, 3000), listener) == Window(988, 488, 1024, 1024)
    assert "3000 x 2000" in listener.warnings[0] and "1024 x 1024" in listener.warnings[0]


@pytest.mark.parametrize(
    "extent", ["here", "1,2,3", "2,1,3,4", "1,2,4,3", "1,x,3,4", "1,2,3,nan", "1,2,3,4,5", "1,1,2,3"]
)
def test_extents_that_cannot_be_understood(make_grid, extent):
    """The message shows the form."""
    with pytest.raises(InvalidOptionError, match="xmin,xmax,ymin,ymax"):
        window_of(extent, make_grid(10, 10), Progress())


def test_extent_beside_the_raster(make_grid):
    """Perhaps in another system; the raster's place is shown."""
    with pytest.raises(InvalidOptionError, match=r"lies beside the raster.*500000, 7000000"):
        window_of("0,1,0,1", make_grid(10, 10), Progress())


def test_systems_that_do_not_fit(make_grid):
    """Neither an unknown system nor one for a raster without any can be used."""
    with pytest.raises(InvalidCRSError, match="EPSG:0"):
        window_of("0,1,0,1 [EPSG:0]", make_grid(10, 10), Progress())
    with pytest.raises(InvalidCRSError, match="has no coordinate reference system"):
        window_of("0,1,0,1 [EPSG:4326]", make_grid(10, 10, crs=""), Progress())


def test_windows_around_a_place_stay_inside(make_grid):
    """Moved at the edges rather than cut, unless the raster is smaller."""
    grid = make_grid(100, 50)
    assert centred(50, 25, 20, grid) == Window(40, 15, 20, 20)
    assert centred(99, 2, 20, grid) == Window(80, 0, 20, 20)
    assert centred(10, 10, 80, grid) == Window(0, 0, 80, 50)
