"""Statistics over many dates, of the dates that have a value."""

from __future__ import annotations

import numpy as np
import pytest
from rock_glacier_mapper.core.radar.temporal import count_of, statistics_of

MISSING = np.inf
# Three dates of four pixels.
VALUES = np.array([[1, 5, MISSING, 2], [2, MISSING, MISSING, 2], [6, 3, MISSING, 2]], np.float32)


def test_three_dates_by_hand():
    """A pixel with all, one with two, one without any, a constant one."""
    mean, median, minimum, std = statistics_of(VALUES.copy(), ("mean", "median", "minimum", "std"))
    np.testing.assert_array_equal(mean, [3, 4, np.nan, 2])
    np.testing.assert_array_equal(median, [2, 4, np.nan, 2])
    np.testing.assert_array_equal(minimum, [1, 3, np.nan, 2])
    np.testing.assert_allclose(std, [np.sqrt((4 + 1 + 9) / 3), 1, np.nan, 0], rtol=1e-6)
    assert count_of(VALUES).tolist() == [3, 2, 0, 3]


@pytest.mark.parametrize("count", [1, 2, 7, 30])
def test_the_statistics_equal_those_of_numpy(count):
    """The median is exact, whatever the order that the statistics are asked for in."""
    random = np.random.default_rng(count)
    values = random.random((count, 500)).astype(np.float32)
    missing = random.random(values.shape) < 0.3
    missing[0] = False
    values[missing] = MISSING
    median, mean, std, minimum = statistics_of(values.copy(), ("median", "mean", "std", "minimum"))
    known = np.where(missing, np.nan, values)
    np.testing.assert_allclose(median, np.nanmedian(known, axis=0), rtol=1e-6)
    np.testing.assert_allclose(mean, np.nanmean(known, axis=0), rtol=1e-6)
    np.testing.assert_allclose(std, np.nanstd(known, axis=0), rtol=1e-5, atol=1e-6)
    np.testing.assert_array_equal(minimum, np.nanmin(known, axis=0))
