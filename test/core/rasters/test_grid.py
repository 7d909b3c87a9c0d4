"""The pixel grid: all six geotransform numbers count, and degrees are never taken for metres."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
from rock_glacier_mapper.core.errors import InvalidCRSError, InvalidGridError
from rock_glacier_mapper.core.rasters.geodata import osr
from rock_glacier_mapper.core.rasters.grid import Grid, Window


def test_pixel_size_of_rotated_and_anisotropic_pixels(utm):
    """A pixel of 3-4-5 triangles: sides 5 m and 10 m at a right angle, area 50 m2."""
    grid = Grid(2, 2, (0.0, 3.0, 8.0, 0.0, 4.0, -6.0), utm)
    assert grid.pixel_size_m == pytest.approx((5, 10))
    assert grid.pixel_area_m2 == pytest.approx(50)
    assert grid.ground_sample_distance == pytest.approx(50**0.5)


def test_feet_become_metres():
    """A state plane grid of 10 US survey feet has pixels of 3.048006 m."""
    from rock_glacier_mapper.core.rasters.geodata import osr

    reference = osr.SpatialReference()
    reference.ImportFromEPSG(2263)
    grid = Grid(1, 1, (0.0, 10.0, 0.0, 0.0, 0.0, -10.0), reference.ExportToWkt())
    assert grid.ground_sample_distance == pytest.approx(3.048006096)


def test_degrees_and_missing_systems_are_refused(make_grid, degrees):
    """Lengths and areas need metres; the message says what to do."""
    with pytest.raises(InvalidCRSError, match=r"in degrees.*reproject"):
        _ = make_grid(2, 2, crs=degrees).pixel_area_m2
    with pytest.raises(InvalidCRSError, match="no coordinate reference system"):
        _ = make_grid(2, 2, crs="").ground_sample_distance


def test_pixels_inverts_coordinates(utm):
    """For a rotated south-up grid too."""
    grid = Grid(7, 5, (100.0, 3.0, 8.0, 200.0, 4.0, 6.0), utm)
    columns, rows = np.array([0, 2.5, 7]), np.array([0, 1.5, 5])
    assert np.allclose(grid.pixels(*grid.coordinates(columns, rows)), (columns, rows))


@pytest.mark.parametrize(
    "change",
    [
        {"width": 4},
        {"geotransform": (500001.0, 10.0, 0.0, 7000000.0, 0.0, -10.0)},
        {"geotransform": (500000.0, 10.0, 0.1, 7000000.0, 0.0, -10.0)},
        {"geotransform": (500000.0, 10.0, 0.0, 6999970.0, 0.0, 10.0)},
        {"crs": ""},
    ],
)
def test_other_grids_are_refused(make_grid, change):
    """Size, shift, rotation, orientation and system each make another grid."""
    grid = make_grid(3, 3)
    with pytest.raises(InvalidGridError, match="The labels lies on another grid"):
        grid.require_same(dataclasses.replace(grid, **change), "The labels")


@pytest.mark.parametrize(
    "geotransform",
    [
        (500000.0, 11.0, 0.0, 7e6, 0.0, -10.0),
        (500000.0, 10.0, 0.0, 7e6, 0.0, 10.0),
        (500000.0, 10.0, 1.0, 7e6, 0.0, -10.0),
    ],
    ids=["wider", "south-up", "sheared"],
)
def test_the_refusal_shows_the_difference(make_grid, geotransform):
    """Two grids described in the same words leave the user without a clue."""
    grid = make_grid(3, 3)
    other = dataclasses.replace(grid, geotransform=geotransform)
    assert grid.summary != other.summary


def test_rounding_of_the_origin_is_forgiven(make_grid):
    """Tools write origins with rounding errors far below a pixel."""
    grid = make_grid(3, 3)
    near = dataclasses.replace(grid, geotransform=(500000.0000001, 10.0, 0.0, 7000000.0, 0.0, -10.0))
    assert grid.require_same(near, "The labels") is None


def test_strips_and_tiles_cover_each_pixel_once(make_grid):
    """Also where the sides are no multiple of anything."""
    grid = make_grid(7, 10)
    for windows in (grid.strips(1, budget=21), grid.strips(10, budget=1), grid.tiles(3)):
        seen = np.zeros((10, 7), int)
        for window in windows:
            seen[window.y : window.y + window.height, window.x : window.x + window.width] += 1
        assert (seen == 1).all()
    assert grid.strips(1, budget=21)[0] == Window(0, 0, 7, 3)


@pytest.mark.parametrize("code", [3857, 3395, 4087, 6933, 4978])
def test_systems_without_metres_on_the_ground_are_refused(make_grid, code):
    """On maps of the world 1 km at 60 degrees is 2 km long, or is so one way; geocentric axes pierce the ground."""
    reference = osr.SpatialReference()
    reference.ImportFromEPSG(code)
    with pytest.raises(InvalidCRSError, match="does not give lengths and areas on the ground"):
        _ = make_grid(3, 3, crs=reference.ExportToWkt()).pixel_area_m2
