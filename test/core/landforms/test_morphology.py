"""Holes and discs on drawings: # is landform, . is not, ? is nodata."""

from __future__ import annotations

import numpy as np
import pytest
from rock_glacier_mapper.core.landforms import morphology

METRE = (1.0, 1.0)


def mask_of(*rows):
    return np.array([[sign == "#" for sign in row] for row in rows])


def known_of(*rows):
    return np.array([[sign != "?" for sign in row] for row in rows])


def drawn(mask):
    return ["".join("#" if pixel else "." for pixel in row) for row in mask]


def filled(mask, max_pixels):
    return mask | morphology.small_holes(mask, max_pixels)


def test_holes_up_to_the_limit_are_filled():
    """Two holes of one and two pixels; the limit is inclusive."""
    mask = mask_of("#######", "#.##..#", "#######")
    assert drawn(filled(mask, 1)) == ["#######", "####..#", "#######"]
    assert filled(mask, 2).all()


def test_limit_that_is_rounded_down_still_counts():
    """300 m2 by pixels of 99.99999999 m2 is 3 pixels."""
    mask = mask_of("#####", "#...#", "#####")
    assert filled(mask, 300 / 100.00000001).all()


def test_what_is_open_is_no_hole():
    """A bay at the raster's edge, and a gap that is open through a corner, belong to the outside."""
    bay = mask_of("##.##", "##.##", "#####")
    corner = mask_of("##...", "#.#..", "###..", ".....")
    assert (filled(bay, 99) == bay).all()
    assert (filled(corner, 99) == corner).all()


def test_smoothing_cuts_spurs_and_closes_clefts():
    """A spur and a cleft of one pixel vanish with a disc of one pixel's radius."""
    mask = mask_of("..........", ".#####....", ".#####....", ".#########", ".#####....", ".##.##....", ".##.##....")
    smoothed = morphology.smooth(mask, np.ones_like(mask), 1.0, METRE)
    assert not smoothed[3, 8:].any(), "the spur is cut off, but for the fillet at its root"
    assert smoothed[5, 3], "the cleft is closed"
    assert smoothed[2:5, 2:5].all()


@pytest.mark.parametrize("radius", [0.0, 0.9])
def test_disc_below_one_pixel_changes_nothing(radius):
    """Nothing is within less than a pixel's side."""
    mask = np.random.default_rng(1).random((8, 9)) < 0.5
    assert (morphology.smooth(mask, np.ones_like(mask), radius, METRE) == mask).all()


def test_the_end_of_the_raster_erodes_nothing():
    """A landform that fills the raster, or runs along its edge, stays whole."""
    whole = np.ones((5, 6), bool)
    assert morphology.smooth(whole, whole, 2.0, METRE).all()
    strip = np.zeros((9, 20), bool)
    strip[:4] = True
    assert (morphology.smooth(strip, np.ones_like(strip), 2.0, METRE) == strip).all()


@pytest.mark.parametrize("edge", ["end", "nodata"])
def test_a_straight_border_near_the_end_stays(edge):
    """Two pixels from the raster's end, or from nodata, a square is as it is far from both."""
    wide = np.zeros((32, 32), bool)
    wide[10:22, 10:22] = True
    expected = morphology.smooth(wide, np.ones_like(wide), 2.0, METRE)
    known = np.zeros_like(wide)
    known[8:24, 8:24] = True
    if edge == "end":
        mask, known = wide[8:24, 8:24], np.ones((16, 16), bool)
        assert (morphology.smooth(mask, known, 2.0, METRE) == expected[8:24, 8:24]).all()
    else:
        assert (morphology.smooth(wide, known, 2.0, METRE) == expected).all()


def test_a_cleft_goes_on_beyond_the_end():
    """A cleft that the raster's end cuts is closed all the way to it."""
    mask = np.ones((9, 20), bool)
    mask[:, 9:11] = False
    assert morphology.smooth(mask, np.ones_like(mask), 2.0, METRE).all()


def test_nodata_is_neither_entered_nor_eroded_from():
    """A cleft of nodata stays open, and beside it the landform keeps its pixels."""
    rows = ("#######", "###?###", "###?###", "###?###", "#######")
    mask, known = mask_of(*rows), known_of(*rows)
    assert (morphology.smooth(mask, known, 2.0, METRE) == mask).all()


def test_disc_is_round_in_metres():
    """Pixels of 1 m by 2 m: a cleft is closed that is 2 m wide, whether it spans two columns or one row."""
    mask = np.ones((9, 18), bool)
    mask[:5, 8:10] = False
    closed = morphology.smooth(mask, np.ones_like(mask), 1.0, (1.0, 2.0))
    assert closed[:4].all()
    rows = np.ones((9, 18), bool)
    rows[4, :9] = False
    assert not morphology.smooth(rows, np.ones_like(rows), 1.0, (1.0, 2.0))[4, :5].any()
    assert morphology.smooth(rows, np.ones_like(rows), 2.0, (1.0, 2.0))[4, :5].all()


def test_near_counts_from_centre_to_centre():
    """At most two pixels along a row of 1 m, and one along a column of 2 m."""
    mask = np.zeros((5, 7), bool)
    mask[2, 3] = True
    assert drawn(morphology.near(mask, 2.0, (1.0, 2.0))) == [".......", "...#...", ".#####.", "...#...", "......."]
    assert not morphology.near(np.zeros((2, 2), bool), 9.0, METRE).any()
