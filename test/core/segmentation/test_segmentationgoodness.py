"""Over- and under-segmentation after Clinton et al. (2010), by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from rock_glacier_mapper.core.segmentation.segmentationgoodness import goodness


def compared(reference, labels):
    return goodness(np.array(reference, np.uint32), np.array(labels, np.uint32))


def test_objects_that_are_the_outlines():
    """Nothing is left out and nothing lies outside; numbers need not agree."""
    fit = compared([[1, 1, 0, 3]], [[4, 4, 2, 1]])
    assert (fit.over, fit.under, fit.d) == (0, 0, 0)


def test_an_outline_in_two_halves():
    """Each half leaves the other out: OS = 1/2, US = 0, D = sqrt(1/8)."""
    fit = compared([[0, 1, 1, 1, 1, 0]], [[3, 1, 1, 2, 2, 4]])
    assert (fit.over, fit.under) == (0.5, 0)
    assert fit.d == pytest.approx(math.sqrt(1 / 8))


def test_an_outline_lost_in_a_large_object():
    """Two of eight pixels: OS = 0, US = 3/4, D = sqrt(9/32)."""
    fit = compared([[0, 0, 0, 1, 1, 0, 0, 0]], np.ones((1, 8)))
    assert (fit.over, fit.under) == (0, 0.75)
    assert fit.d == pytest.approx(math.sqrt(9 / 32))


def test_pieces_are_averaged_then_outlines():
    """Outline 1 in pieces of 3/4 and 1/4 (OS 1/4 and 3/4, mean 1/2); outline 2 whole (0): 1/4, not 1/3."""
    fit = compared([[1, 1, 1, 1, 2, 2]], [[1, 1, 1, 2, 3, 3]])
    assert (fit.over, fit.under) == (0.25, 0)


def test_objects_that_only_graze_an_outline_do_not_correspond():
    """Object 2 has one pixel of the outline, less than half of either, and no centroid: it does not count."""
    reference = [[0, 1, 1, 1, 1, 1, 0, 0, 0, 0]]
    labels = [[1, 1, 1, 1, 1, 2, 2, 2, 2, 2]]
    fit = compared(reference, labels)
    assert fit.over == pytest.approx(1 / 5)
    assert fit.under == pytest.approx(1 / 5)


def test_an_object_corresponds_by_a_centroid_alone():
    """Each of the two has half of the outline and the outline half of it, but one has the centroid."""
    reference = [[0, 0, 1, 1, 1, 1, 0, 0]]
    labels = [[1, 1, 1, 1, 2, 2, 2, 2]]
    # The centroid of columns 2..5 is between 3 and 4, and belongs to column 4: object 2; that of object 2, between 5
    # and 6, lies outside; that of object 1, between 1 and 2, belongs to column 2, which the outline has.
    fit = compared(reference, labels)
    assert (fit.over, fit.under) == (0.5, 0.5)


def test_an_outline_without_an_object_is_the_worst():
    """A ring in nothing but grazing objects, whose centroid lies in a hole, counts as 1."""
    reference = np.zeros((5, 5), np.uint32)
    reference[1:4, 1:4] = 1
    reference[2, 2] = 0
    labels = np.arange(1, 26).reshape(5, 5)
    labels[1:4, 1:4] = 0
    fit = goodness(reference, labels.astype(np.uint32))
    assert (fit.over, fit.under, fit.d) == (1, 1, 1)


def test_no_outline():
    """Nothing can be said."""
    assert math.isnan(compared([[0, 0]], [[1, 1]]).d)
