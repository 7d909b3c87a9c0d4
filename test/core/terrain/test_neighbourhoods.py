"""Discs, relief and smoothing against their definitions, pixel by pixel; voids, edges, and no trace of blocks."""

from __future__ import annotations

import numpy as np
import pytest
from rock_glacier_mapper.core.terrain import neighbourhoods
from rock_glacier_mapper.core.terrain.demgrid import Steps

OBLONG = Steps(10.0, 0.0, 0.0, -20.0)
SHEARED = Steps(10.0, 2.0, 4.0, -10.0)


def terrain(height: int, width: int, holes: float = 0.0) -> np.ndarray:
    random = np.random.default_rng(1)
    z = (3000 + 300 * random.random((height, width))).astype(np.float32)
    z[random.random((height, width)) < holes] = np.nan
    return z


def padded(z: np.ndarray, reach: tuple[int, int]) -> np.ndarray:
    return np.pad(z, ((reach[1], reach[1]), (reach[0], reach[0])), constant_values=np.nan)


def no_check() -> None:
    """Nobody wants to stop."""


@pytest.mark.parametrize("steps", [OBLONG, SHEARED])
@pytest.mark.parametrize("holes", [0.0, 0.3])
def test_a_disc_mean_is_that_of_the_pixels_within_the_radius(steps, holes):
    """In metres on the ground, whatever the pixels' shape; the void and the outside do not count."""
    z, radius = terrain(11, 13, holes), 50.0
    reach = neighbourhoods.disc_reach(radius, steps)
    means = neighbourhoods.DiscMeans(padded(z, reach), reach).mean(radius, steps)
    rows, columns = np.mgrid[:11, :13]
    for row, column in np.ndindex(z.shape):
        x, y = columns - column, rows - row
        east, north = x * steps.column_east + y * steps.row_east, x * steps.column_north + y * steps.row_north
        within = np.hypot(east, north) <= radius
        assert means[row, column] == pytest.approx(np.nanmean(z[within], dtype=float), abs=1e-3)


def test_a_disc_of_five_pixels_has_the_pixels_on_its_circle():
    """(3, 4) lies on the circle of radius 5: 81 pixels, as counted on squared paper."""
    point = np.zeros((21, 21), np.float32)
    point[10, 10] = 81
    means = neighbourhoods.DiscMeans(point, (5, 5)).mean(50.0, Steps(10.0, 0.0, 0.0, -10.0))
    assert np.count_nonzero(np.rint(means)) == 81
    assert means[5 - 3, 5 - 4] == 1
    assert means[0, 0] == 0


def test_a_disc_without_a_value_has_no_mean():
    """Rather than the division by zero."""
    means = neighbourhoods.DiscMeans(np.full((7, 7), np.nan, np.float32), (2, 2)).mean(20.0, OBLONG)
    assert np.isnan(means).all()


@pytest.mark.parametrize("holes", [0.0, 0.3])
def test_relief_is_that_of_the_rectangle(holes):
    """40 m are four columns and two rows of 20 m."""
    z = terrain(9, 15, holes)
    reach = neighbourhoods.square_reach(40.0, OBLONG)
    assert reach == (4, 2)
    found = neighbourhoods.relief(padded(z, reach), reach)
    for row, column in np.ndindex(z.shape):
        part = z[max(row - 2, 0) : row + 3, max(column - 4, 0) : column + 5]
        assert found[row, column] == pytest.approx(np.nanmax(part) - np.nanmin(part))


def test_smoothing_is_the_gaussian_mean_where_all_pixels_are_known():
    """Computed by its definition; the filter ends at four standard deviations."""
    sigmas, z = (1.5, 0.8), terrain(20, 30)
    columns, rows = neighbourhoods.gaussian_reach(sigmas)
    assert (columns, rows) == (6, 3)
    found = neighbourhoods.smoothed(z, sigmas, no_check)
    y, x = np.mgrid[-rows : rows + 1, -columns : columns + 1]
    weights = np.exp(-0.5 * ((x / sigmas[0]) ** 2 + (y / sigmas[1]) ** 2))
    weights /= weights.sum()
    assert found.shape == (14, 18)
    for row, column in np.ndindex(found.shape):
        window = z[row : row + 7, column : column + 13]
        assert found[row, column] == pytest.approx((weights * window).sum(), abs=1e-6)


def test_smoothing_keeps_a_plane_beside_voids_and_edges():
    """The mean of one side alone would lift or lower it there, and bend every slope at the border of a scene."""
    rows, columns = np.mgrid[:40, :50]
    plane = (2000 + 3 * rows - 5 * columns).astype(np.float64)
    holed = plane.copy()
    holed[np.random.default_rng(2).random(plane.shape) < 0.3] = np.nan
    sigmas = (2.0, 3.0)
    found = neighbourhoods.smoothed(padded(holed, neighbourhoods.gaussian_reach(sigmas)), sigmas, no_check)
    np.testing.assert_array_equal(np.isnan(found), np.isnan(holed))
    valid = np.isfinite(holed)
    np.testing.assert_allclose(found[valid], plane[valid], atol=1e-6)


@pytest.mark.parametrize("shape", [(1, 20), (20, 1), (1, 1)])
def test_smoothing_a_line_gives_a_mean(shape):
    """No plane fits a line; the mean must not be a division by nothing."""
    z = np.full(shape, 7.0)
    sigmas = (2.0, 2.0)
    found = neighbourhoods.smoothed(padded(z, neighbourhoods.gaussian_reach(sigmas)), sigmas, no_check)
    np.testing.assert_allclose(found, z, atol=1e-9)


def test_a_part_of_a_block_gives_the_same_bits():
    """Tiles are such parts: sums must not depend on what else is in a block."""
    z = terrain(90, 110, 0.01)
    reach, sigmas = (8, 8), (2.0, 2.0)
    steps = Steps(10.0, 0.0, 0.0, -10.0)
    part = np.s_[17:74, 23:101]
    inner = np.s_[17:58, 23:85]

    def means(block):
        return neighbourhoods.DiscMeans(block, reach).mean(80.0, steps)

    np.testing.assert_array_equal(means(z)[inner], means(z[part]))
    np.testing.assert_array_equal(
        neighbourhoods.smoothed(z, sigmas, no_check)[inner], neighbourhoods.smoothed(z[part], sigmas, no_check)
    )
