"""Shifts between optical bands and terrain: planted ones are found, and nothing is claimed where nothing is known."""

from __future__ import annotations

import math

import numpy as np
import pytest
from rock_glacier_mapper.core.progress import Progress
from rock_glacier_mapper.core.rasters.grid import Grid
from rock_glacier_mapper.core.stacking.coregistration import Sun, measure_shift, terrain_roles, usual_sun
from scipy import ndimage

SIZE = 256
SUN = Sun(150.0, 50.0, known=True)


@pytest.fixture(scope="module")
def elevation():
    """Hills of many sizes, in metres."""
    noise = np.random.default_rng(5).normal(size=(SIZE, SIZE))
    return sum(sigma**2 * 12 * ndimage.gaussian_filter(noise, sigma, mode="wrap") for sigma in (2, 4, 8))


def lit(elevation, sun=SUN):
    """Return brightness: Lambert's cosine law on pixels of 10 m, rows to the south."""
    down, across = np.gradient(elevation, 10.0)
    azimuth, altitude = math.radians(sun.azimuth), math.radians(sun.altitude)
    east, north, up = -across, down, 1.0
    facing = (
        east * math.sin(azimuth) * math.cos(altitude)
        + north * math.cos(azimuth) * math.cos(altitude)
        + up * math.sin(altitude)
    )
    return 0.3 * np.maximum(facing / np.sqrt(east**2 + north**2 + 1), 0)


def slope_and_aspect(elevation):
    """Return the slope in degrees, and sine and cosine of the aspect, the direction that the ground falls to."""
    down, across = np.gradient(elevation, 10.0)
    rise = np.hypot(down, across)
    return np.degrees(np.arctan(rise)), -across / rise, down / rise


def compare(grid, bands, sun=SUN):
    """Measure the shift of a stack given by role."""

    def read(window, roles):
        part = np.s_[window.y : window.y + window.height, window.x : window.x + window.width]
        return np.array([bands[role][part] for role in roles], np.float32)

    return measure_shift(grid, read, list(bands), sun, Progress())


@pytest.mark.parametrize(("rows", "columns", "direction"), [(0, 0, None), (3, 0, 180), (0, -2, 270), (-2, 2, 45)])
def test_a_planted_shift_is_found(make_grid, elevation, rows, columns, direction):
    """By length in metres, and the direction that the terrain lies too far to."""
    moved = np.roll(elevation, (rows, columns), (0, 1))
    found = compare(make_grid(SIZE, SIZE), {"B04": lit(elevation), "elevation": moved})
    assert found.claimed
    assert found.pixels == pytest.approx(math.hypot(rows, columns), abs=0.1)
    assert found.metres == pytest.approx(10 * math.hypot(rows, columns), abs=1)
    assert found.error < 0.1
    if direction is not None:
        assert found.direction == pytest.approx(direction, abs=3)


def test_parts_of_a_pixel(make_grid, elevation):
    """0.7 pixels to the east."""
    moved = ndimage.shift(elevation, (0, 0.7), order=3, mode="wrap")
    found = compare(make_grid(SIZE, SIZE), {"B04": lit(elevation), "elevation": moved})
    assert found.pixels == pytest.approx(0.7, abs=0.15)
    assert found.direction == pytest.approx(90, abs=10)


def test_slope_and_aspect_shade_like_the_elevation(make_grid, elevation):
    """Slope and aspect are taken where they are there, since they are smoothed."""
    slope, sine, cosine = slope_and_aspect(np.roll(elevation, 3, 0))
    bands = {"B04": lit(elevation), "slope": slope, "aspect_sin": sine, "aspect_cos": cosine}
    found = compare(make_grid(SIZE, SIZE), bands)
    assert (found.claimed, found.direction) == (True, pytest.approx(180, abs=3))
    assert found.pixels == pytest.approx(3, abs=0.1)


def test_a_hillshade_is_taken_as_it_is(make_grid, elevation):
    """Its own light is not known."""
    found = compare(make_grid(SIZE, SIZE), {"B04": lit(elevation), "hillshade": np.roll(lit(elevation), 2, 1)})
    assert found.pixels == pytest.approx(2, abs=0.1)


def test_south_up(make_grid, elevation, utm):
    """Rows count northwards there."""
    grid = Grid(SIZE, SIZE, (500000.0, 10.0, 0.0, 7000000.0, 0.0, 10.0), utm)
    upwards = elevation[::-1]
    found = compare(grid, {"B04": lit(elevation)[::-1], "elevation": np.roll(upwards, 3, 0)})
    assert found.direction % 360 == pytest.approx(0, abs=3) or found.direction > 357


def test_nothing_is_claimed_of_noise(make_grid, elevation):
    """Pictures that have nothing to do with each other have a best shift too."""
    noise = np.random.default_rng(1).normal(size=(SIZE, SIZE))
    found = compare(make_grid(SIZE, SIZE), {"B04": noise, "elevation": elevation})
    assert not found.claimed
    assert math.isnan(found.pixels)


def test_nothing_is_claimed_of_small_or_gappy_stacks(make_grid, elevation):
    """Too few windows to agree on anything; borders of gaps would correlate with themselves."""
    small = compare(make_grid(60, 60), {"B04": lit(elevation), "elevation": elevation})
    assert (small.windows, small.claimed) == (0, False)
    gappy = elevation.copy()
    gappy[::20, ::20] = np.nan
    assert compare(make_grid(SIZE, SIZE), {"B04": lit(elevation), "elevation": gappy}).windows == 0


def test_the_usual_sun_is_that_of_the_hemisphere(make_grid):
    """The toy grid lies in the south, where the morning sun of late summer is in the east-north-east."""
    sun = usual_sun(make_grid(10, 10))
    assert (sun.azimuth, sun.known) == (55.0, False)


def test_terrain_that_can_be_shaded():
    """Slope alone does not say where the ground faces."""
    assert terrain_roles(["B04", "slope", "elevation"]) == ("elevation",)
    assert terrain_roles(["aspect_cos", "elevation", "slope", "aspect_sin"]) == ("slope", "aspect_sin", "aspect_cos")
    assert terrain_roles(["slope"]) == ()
