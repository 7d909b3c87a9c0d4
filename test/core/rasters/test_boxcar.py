"""Sums over windows and blocks: right, and the same whatever part is summed."""

from __future__ import annotations

import numpy as np
import pytest
from rock_glacier_mapper.core.rasters.boxcar import block_sums, window_sums


@pytest.mark.parametrize(("rows", "columns"), [(1, 1), (2, 3), (5, 7), (6, 11)])
def test_window_sums_equal_their_definition(rows, columns):
    """Lengths that are sums of several powers of two."""
    values = np.random.default_rng(0).integers(0, 9, (2, 8, 11)).astype(float)
    views = np.lib.stride_tricks.sliding_window_view(values, (rows, columns), axis=(1, 2))
    np.testing.assert_array_equal(window_sums(values, rows, columns), views.sum(axis=(-1, -2)))


def test_block_sums_of_a_hand_made_raster():
    """Two rows and three columns make one."""
    values = np.arange(12.0).reshape(1, 2, 6)
    assert block_sums(values, 2, 3).tolist() == [[[0 + 1 + 2 + 6 + 7 + 8, 3 + 4 + 5 + 9 + 10 + 11]]]


def test_small_values_survive_beside_large_ones():
    """A running sum that has passed a bright point would leave nothing of the dark water behind it."""
    values = np.full((1, 1, 40), 1e-6)
    values[0, 0, 3] = 1e12
    assert (window_sums(values, 1, 5)[0, 0, 4:] == pytest.approx(5e-6, rel=1e-12)) is True
