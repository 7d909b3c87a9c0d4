"""The reductions and masks of a composite, against numpy and scipy and against values worked out by hand."""

from __future__ import annotations

import numpy as np
import pytest
from rock_glacier_mapper.core.optical.compositing import (
    box_counts,
    dilated,
    known_count,
    missing,
    percentile_of,
    sort_first_axis,
)
from scipy import ndimage


@pytest.mark.parametrize("count", [1, 2, 3, 5, 8, 12, 13, 37])
def test_the_network_sorts_any_number_of_rows(count):
    """A pair that is compared too early or not at all shows in some order of the rows."""
    values = np.random.default_rng(count).integers(0, 20, (count, 500)).astype(np.int16)
    expected = np.sort(values, axis=0)
    sort_first_axis(values)
    np.testing.assert_array_equal(values, expected)


@pytest.mark.parametrize("percentile", [0, 25, 50, 90, 100])
def test_percentiles_are_those_of_numpy_without_the_missing(percentile):
    """Each pixel has its own number of observations; one has none. More pixels than fit one chunk."""
    generator = np.random.default_rng(1)
    values = generator.random((7, 20000)).astype(np.float32)
    values[generator.random(values.shape) < 0.4] = np.nan
    values[:, 5] = np.nan
    columns = np.isfinite(values).any(axis=0)
    expected = np.full(20000, np.inf)
    expected[columns] = np.nanpercentile(values[:, columns], percentile, axis=0)
    values[np.isnan(values)] = missing(np.float32)
    known = np.isfinite(values).sum(axis=0)
    np.testing.assert_allclose(percentile_of(values, percentile), expected, rtol=1e-6)
    np.testing.assert_array_equal(known_count(values), known)


def test_whole_numbers_are_rounded_and_reach_the_ends_of_the_type():
    """The mean of two int16 must not overflow; 1 and 4 have the median 2.5, rounded to the even number."""
    none = missing(np.int16)
    observations = np.array([[32000, 1, none, -32767], [32700, none, none, -32767], [none, 4, none, -5]], np.int16)
    np.testing.assert_array_equal(percentile_of(observations, 50), [32350, 2, none, -32767])


@pytest.mark.parametrize("radius", [0, 1, 1.5, 2, 4.2, 30])
def test_dilation_is_by_the_distance_between_centres(radius):
    """Also where the radius is larger than the array."""
    mask = np.random.default_rng(3).random((23, 31)) < 0.01
    mask[4, 7] = True
    expected = ndimage.distance_transform_edt(~mask) <= radius + 1e-6
    np.testing.assert_array_equal(dilated(mask, radius), expected)


def test_nothing_is_dilated_where_nothing_is_masked():
    """The distance to the nearest of no pixels is none."""
    assert not dilated(np.zeros((5, 5), bool), 3).any()


@pytest.mark.parametrize("reach", [0, 1, 3])
def test_counts_are_those_of_the_square(reach):
    """Whole numbers, so that they do not depend on where the array begins."""
    mask = np.random.default_rng(4).random((20, 25)) < 0.3
    side = 2 * reach + 1
    squares = np.lib.stride_tricks.sliding_window_view(mask, (side, side))
    np.testing.assert_array_equal(box_counts(mask, reach), squares.sum(axis=(2, 3)))
