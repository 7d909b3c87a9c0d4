"""The stretch that brings bands on one scale."""

from __future__ import annotations

import numpy as np
import pytest
from rock_glacier_mapper.core.rasters.floatorder import from_ordered_bits, ordered_bits
from rock_glacier_mapper.core.rasters.stretch import stretch, stretch_limits

SAMPLES = {
    "normal": np.random.default_rng(0).normal(0, 3, 5000),
    "few levels": np.random.default_rng(1).integers(0, 6, 4000),
    "one wild outlier": np.append(np.random.default_rng(2).random(999), 1e30),
    "two numbers": np.array([-2.5, 7.0]),
    "one number": np.array([-4.0]),
    "constant": np.full(300, 0.1),
}


@pytest.mark.parametrize("name", SAMPLES)
def test_limits_are_exact_percentiles(name):
    """The counting by halves of bits ends where sorting does, and an outlier costs no precision."""
    values = SAMPLES[name].astype(np.float32)
    blocks = [np.stack((part, -part)) for part in np.array_split(values, 7)]
    limits = stretch_limits(lambda: blocks, 2)
    low = np.percentile(values, 0.5, method="lower")
    high = np.percentile(values, 99.5, method="higher")
    np.testing.assert_array_equal(limits, [[low, high], [-high, -low]])


def test_a_band_of_little_else_than_one_number():
    """The extremes are taken where the percentiles are equal, so that what is rare does not vanish."""
    rare = np.append(np.zeros(999), 0.8).astype(np.float32)
    even = np.arange(1000, dtype=np.float32)
    assert stretch_limits(lambda: [np.stack((rare, even))], 2).tolist() == [[0, np.float32(0.8)], [4, 995]]


def test_limits_of_nothing():
    """Without valid pixels there are no percentiles."""
    assert np.isnan(stretch_limits(lambda: [np.empty((2, 0), np.float32)], 2)).all()
    assert stretch_limits(list, 0).shape == (0, 2)


def test_stretch_is_linear_and_cut_off():
    """2..4 becomes 0..255, what lies beyond is cut off."""
    values = np.array([1, 2, 3, 4, 9], np.float32)
    stretch(values, 2.0, 4.0)
    assert values.tolist() == [0, 0, 127.5, 255, 255]


@pytest.mark.parametrize("limits", [(3.0, 3.0), (np.nan, np.nan), (0.0, 1e-39)])
def test_constant_band_becomes_0(limits):
    """A band without contrast says nothing, and divides by nothing."""
    values = np.array([3, 3], np.float32)
    stretch(values, *limits)
    assert values.tolist() == [0, 0]


def test_ordered_bits_sort_as_the_numbers_and_come_back():
    """The order holds across 0 and from denormal to infinite numbers."""
    values = np.array([-np.inf, -3e38, -1, -1e-45, 0, 1e-45, 1, 3e38, np.inf], np.float32)
    bits = ordered_bits(values)
    assert (np.diff(bits.astype(np.int64)) > 0).all()
    np.testing.assert_array_equal(from_ordered_bits(bits), values)
    assert ordered_bits(np.array([-0.0])) == ordered_bits(np.array([0.0]))
