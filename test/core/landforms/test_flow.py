"""Downslope directions, and landforms split by them, on surfaces whose directions are known."""

from __future__ import annotations

import numpy as np
import pytest
from rock_glacier_mapper.core.landforms.flow import downslope, split_by_flow
from rock_glacier_mapper.core.progress import Progress

SIZE = (10.0, 10.0)
ROWS, COLUMNS = np.mgrid[:60, :80] * 10.0
ACROSS = COLUMNS - 395.0
BLOCK = np.zeros((60, 80), bool)
BLOCK[10:50, 10:70] = True


def split(elevation, landform=BLOCK, angle=60.0, size=SIZE, min_pixels=100, scale=50.0):
    flow = downslope(elevation.astype(np.float32), scale, size, Progress())
    return split_by_flow(landform, flow, angle, min_pixels, size, Progress())


def fan(degrees):
    """Return two planes that meet along a column and fall to both sides of it, by so many degrees each."""
    turn = np.radians(degrees)
    return -0.3 * (np.abs(ACROSS) * np.sin(turn) + ROWS * np.cos(turn))


def test_a_plane_falls_alike_everywhere():
    """At the raster's end, beside nodata, and with pixels that are no squares."""
    elevation = 3000 - 0.3 * COLUMNS + 0.1 * 2 * ROWS
    elevation[20:25, 30:50] = np.nan
    x, y = downslope(elevation, 40.0, (10.0, 20.0), Progress())
    assert np.allclose(x, 0.3) and np.allclose(y, -0.1)


def test_no_elevation_has_no_direction():
    """Neither has a single row of pixels, which fixes no plane."""
    assert not downslope(np.full((5, 6), np.nan), 20.0, SIZE, Progress()).any()
    assert not downslope(np.arange(9.0)[np.newaxis], 20.0, SIZE, Progress()).any()


def test_furrows_have_no_direction_of_their_own():
    """Furrows of 40 m wavelength and 5 m depth on a slope of 0.2 turn no direction by more than 10 degrees."""
    elevation = -0.2 * ROWS + 2.5 * np.sin(2 * np.pi * COLUMNS / 40)
    x, y = downslope(elevation, 60.0, SIZE, Progress())[:, 20:-20, 20:-20]
    assert np.degrees(np.arctan2(np.abs(x), y)).max() < 10


def test_landform_over_a_ridge_is_split_along_the_ridge():
    """Columns up to 39 fall to the left, from 40 on to the right."""
    parts = split(-0.4 * np.abs(ACROSS))
    assert ((parts > 0) == BLOCK).all()
    assert (parts[BLOCK] == np.where(ACROSS < 0, 1, 2)[BLOCK]).all()


def test_ridge_that_dips_is_split_along_its_crest():
    """On the crest itself the flow runs along the ridge."""
    parts = split(-0.4 * np.abs(ACROSS) - 0.2 * ROWS)
    assert (parts[BLOCK] == np.where(ACROSS < 0, 1, 2)[BLOCK]).all()


def test_coalescent_tongues_are_split_where_they_fan_out():
    """Two tongues side by side whose directions differ by 80 degrees are two at 70, one at 90."""
    assert (split(fan(40), angle=70.0)[BLOCK] == np.where(ACROSS < 0, 1, 2)[BLOCK]).all()
    assert split(fan(40), angle=90.0).max() == 1


@pytest.mark.parametrize(
    "elevation",
    [
        -0.3 * ROWS - 0.1 * COLUMNS,
        np.zeros_like(ROWS),
        0.3 * np.abs(ACROSS) - 0.3 * ROWS,
        -0.3 * np.hypot(ACROSS, ROWS + 100),
    ],
    ids=["plane", "flat", "valley", "narrow fan"],
)
def test_what_does_not_flow_apart_stays_one(elevation):
    """In a valley the flows join; in a fan of 90 degrees the halves differ by 45."""
    assert split(elevation).max() == 1


def test_a_tongue_that_bends_stays_one():
    """Its upper part flows the other way than its lower part, but into it: a ramp that turns by 170 degrees."""
    radius, turn = np.hypot(ACROSS, ROWS - 300), np.arctan2(ROWS - 300, ACROSS)
    landform = (radius > 120) & (radius < 240) & (turn > -3) & (turn < 0)
    assert split(-100 * turn, landform).max() == 1


def test_three_tongues_around_a_summit_are_three():
    """Three arms of a star on a cone flow in three directions, 120 degrees apart."""
    radius, turn = np.hypot(ACROSS, ROWS - 300), np.arctan2(ROWS - 300, ACROSS)
    landform = (radius < 280) & ((np.cos(3 * turn) > 0.3) | (radius < 60))
    parts = split(-0.3 * radius, landform, angle=70.0, scale=20.0)
    assert parts.max() == 3
    tips = [parts[30 + round(22 * np.sin(t)), 39 + round(22 * np.cos(t))] for t in (0.0, 2 * np.pi / 3, -2 * np.pi / 3)]
    assert sorted(tips) == [1, 2, 3]


def test_parts_below_the_smallest_size_are_not_split_off():
    """A strip beyond the ridge of 40 rows by 3 columns is 120 pixels."""
    landform = BLOCK.copy()
    landform[:, 43:] = False
    elevation = -0.4 * np.abs(ACROSS)
    assert split(elevation, landform, min_pixels=120).max() == 2
    assert split(elevation, landform, min_pixels=121).max() == 1


def test_landform_without_elevations_stays_one():
    """Nothing says where it flows."""
    assert split(np.full(ROWS.shape, np.nan)).max() == 1


def test_transposing_transposes_the_parts():
    """On a rough surface with summits."""
    random = np.random.default_rng(11)
    elevation = sum(
        300 * np.exp(-((ROWS - y) ** 2 + (COLUMNS - x) ** 2) / 2e4) for y, x in random.uniform(0, (600, 800), (9, 2))
    )
    parts, transposed = split(elevation), split(elevation.T, BLOCK.T).T
    assert parts.max() > 1
    pairs = set(zip(parts.ravel().tolist(), transposed.ravel().tolist(), strict=True))
    assert len(pairs) == parts.max() + 1
