"""Local variance by hand, and the peaks of its rate of change."""

from __future__ import annotations

import math

import numpy as np
import pytest
from rock_glacier_mapper.core.segmentation.localvariance import local_variance, peaks, rates_of_change


def test_mean_of_the_deviations_by_hand():
    """Objects of 0, 2 (deviation 1), of 5 alone (0) and of 0, 0, 6, 6 (3): (1 + 0 + 3) / 3, whatever their sizes."""
    labels = np.array([[1, 1, 2, 0], [3, 3, 3, 3]], np.uint32)
    band = np.array([[0, 2, 5, 99], [0, 0, 6, 6]], np.float32)
    assert local_variance(band[np.newaxis], labels) == pytest.approx(4 / 3)


def test_bands_are_averaged():
    """A band that is even in each object halves the local variance."""
    labels = np.array([[1, 1, 2, 2]], np.uint32)
    bands = np.array([[[0, 4, 0, 8]], [[1, 1, 9, 9]]], np.float32)
    assert local_variance(bands, labels) == pytest.approx((3 + 0) / 2)


def test_large_values_keep_their_digits():
    """A small spread on top of a large value, as of elevations, is not lost."""
    band = np.array([[250.0, 250.25, 250.0, 250.25]], np.float32)
    assert local_variance(band[np.newaxis], np.ones((1, 4), np.uint32)) == pytest.approx(0.125)


def test_nothing_to_measure():
    """No object, or no band."""
    assert math.isnan(local_variance(np.zeros((1, 2, 2), np.float32), np.zeros((2, 2), np.uint32)))
    assert math.isnan(local_variance(np.zeros((0, 2, 2), np.float32), np.ones((2, 2), np.uint32)))


def test_rates_in_per_cent_of_the_level_before():
    """From 10 to 12 is 20 per cent; the first level has no rate, nor has one after 0, or after as good as 0."""
    rates = rates_of_change([10, 12, 9, 0, 5])
    assert rates[1:4] == pytest.approx([20, -25, -100])
    assert math.isnan(rates[0]) and math.isnan(rates[4])
    assert len(rates_of_change([10])) == 1
    assert math.isnan(rates_of_change([1e-6, 5])[1])


def test_peaks_are_above_both_neighbours():
    """The highest first; neither an end, nor the first rate, nor a rise that is still a fall of the variance."""
    nan = math.nan
    assert peaks([nan, 9, 3, 5, 2, 8, 1, 7]) == [5, 3]
    assert peaks([nan, 9, 8, 7]) == []
    assert peaks([nan, 1, -5, -2, -3]) == []
    assert peaks([nan, 1, 4, 4, 2]) == [2]
    assert peaks([nan]) == []
    assert peaks([nan, nan, 100, 30, 10, 12, 5]) == [5]
