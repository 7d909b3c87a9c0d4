"""The steps that make landforms, each on a drawing: # is landform, . is not, ? is nodata."""

from __future__ import annotations

import numpy as np
import pytest
from rock_glacier_mapper.core import landforms

METRE = (1.0, 1.0)


def mask_of(*rows):
    return np.array([[sign == "#" for sign in row] for row in rows])


def known_of(*rows):
    return np.array([[sign != "?" for sign in row] for row in rows])


def drawn(mask):
    return ["".join("#" if pixel else "." for pixel in row) for row in mask]


def test_growing_follows_connected_candidates_only():
    """A candidate that touches at a corner only, or lies apart, is not reached."""
    mask = mask_of("#......", ".......", ".......")
    candidates = mask_of(".##..##", "..#....", "...#...")
    assert drawn(landforms.grow(mask, candidates)) == ["###....", "..#....", "......."]


def test_growing_keeps_what_is_no_candidate():
    """The mask itself stays, whatever its heatmap says; without a mask nothing grows."""
    assert drawn(landforms.grow(mask_of("#.."), mask_of("..#"))) == ["#.."]
    assert not landforms.grow(mask_of("..."), mask_of("###")).any()


def test_holes_up_to_the_limit_are_filled():
    """Two holes of one and two pixels; the limit is inclusive."""
    mask = mask_of("#######", "#.##..#", "#######")
    assert drawn(landforms.fill_holes(mask, 1)) == ["#######", "####..#", "#######"]
    assert landforms.fill_holes(mask, 2).all()


def test_limit_that_is_rounded_down_still_counts():
    """300 m2 by pixels of 99.99999999 m2 is 3 pixels."""
    mask = mask_of("#####", "#...#", "#####")
    assert landforms.fill_holes(mask, 300 / 100.00000001).all()


def test_what_is_open_is_no_hole():
    """A bay at the raster's edge, and a gap that is open through a corner, belong to the outside."""
    bay = mask_of("##.##", "##.##", "#####")
    corner = mask_of("##...", "#.#..", "###..", ".....")
    assert (landforms.fill_holes(bay, 99) == bay).all()
    assert (landforms.fill_holes(corner, 99) == corner).all()


def test_smoothing_cuts_spurs_and_closes_clefts():
    """A spur and a cleft of one pixel vanish with a disc of one pixel's radius."""
    mask = mask_of("..........", ".#####....", ".#####....", ".#########", ".#####....", ".##.##....", ".##.##....")
    smoothed = landforms.smooth(mask, np.ones_like(mask), 1.0, METRE)
    assert not smoothed[3, 8:].any(), "the spur is cut off, but for the fillet at its root"
    assert smoothed[5, 3], "the cleft is closed"
    assert smoothed[2:5, 2:5].all()


@pytest.mark.parametrize("radius", [0.0, 0.9])
def test_disc_below_one_pixel_changes_nothing(radius):
    """Nothing is within less than a pixel's side."""
    mask = np.random.default_rng(1).random((8, 9)) < 0.5
    assert (landforms.smooth(mask, np.ones_like(mask), radius, METRE) == mask).all()


def test_the_end_of_the_raster_erodes_nothing():
    """A landform that fills the raster, or runs along its edge, stays whole."""
    whole = np.ones((5, 6), bool)
    assert landforms.smooth(whole, whole, 2.0, METRE).all()
    strip = np.zeros((9, 20), bool)
    strip[:4] = True
    assert (landforms.smooth(strip, np.ones_like(strip), 2.0, METRE) == strip).all()


def test_nodata_is_neither_entered_nor_eroded_from():
    """A cleft of nodata stays open, and beside it the landform keeps its pixels."""
    rows = ("#######", "###?###", "###?###", "###?###", "#######")
    mask, known = mask_of(*rows), known_of(*rows)
    assert (landforms.smooth(mask, known, 2.0, METRE) == mask).all()


def test_disc_is_round_in_metres():
    """Pixels of 1 m by 2 m: a cleft is closed that is 2 m wide, whether it spans two columns or one row."""
    mask = np.ones((9, 18), bool)
    mask[:5, 8:10] = False
    closed = landforms.smooth(mask, np.ones_like(mask), 1.0, (1.0, 2.0))
    assert closed[:4].all()
    rows = np.ones((9, 18), bool)
    rows[4, :9] = False
    assert not landforms.smooth(rows, np.ones_like(rows), 1.0, (1.0, 2.0))[4, :5].any()
    assert landforms.smooth(rows, np.ones_like(rows), 2.0, (1.0, 2.0))[4, :5].all()


def test_connected_labels_do_not_pass_corners():
    """Pixels that touch at a corner are two landforms."""
    assert landforms.connected(mask_of("#.", ".#")).tolist() == [[1, 0], [0, 2]]


def test_boxes_are_widened_inside_the_array():
    """Boxes end where the array ends; absent labels have none."""
    labels = np.array([[1, 0, 0], [0, 0, 0], [0, 0, 3]], np.uint32)
    found = {label: labels[box].shape for label, box in landforms.boxes(labels, 1)}
    assert found == {1: (2, 2), 3: (2, 2)}


HOURGLASS = (
    "...............",
    ".#####...#####.",
    ".#####...#####.",
    ".#############.",
    ".#####...#####.",
    ".#####...#####.",
    "...............",
)


def test_split_cuts_at_the_neck():
    """Two squares of 5 pixels with a neck of 1 pixel; every pixel goes to one of two parts."""
    mask = mask_of(*HOURGLASS)
    parts = landforms.split(mask, np.ones_like(mask), 3.0, METRE)
    assert ((parts > 0) == mask).all() and parts.max() == 2
    assert len(set(parts[1:6, 1:6].ravel())) == 1 and len(set(parts[1:6, 9:14].ravel())) == 1
    assert parts[3, 1] != parts[3, 13]


def test_wide_necks_and_narrow_landforms_are_not_split():
    """A neck as wide as the limit holds, and a landform that is narrow all over is no neck."""
    mask = mask_of(*HOURGLASS)
    assert landforms.split(mask, np.ones_like(mask), 1.0, METRE).max() == 1
    line = mask_of("........", ".######.", "........")
    assert (landforms.split(line, np.ones_like(line), 3.0, METRE) == line).all()


def test_edge_of_the_raster_makes_no_neck():
    """A landform of which the raster shows one line of pixels is not narrow."""
    line = np.ones((1, 12), bool)
    assert landforms.split(line, line, 4.0, METRE).max() == 1


def test_small_landforms_are_dropped_and_the_limit_holds():
    """A landform of exactly the smallest size is kept."""
    labels = np.array([[1, 1, 0, 2, 3, 3, 3]], np.uint32)
    assert landforms.drop_small(labels, 2).tolist() == [[1, 1, 0, 0, 3, 3, 3]]
    assert landforms.drop_small(labels, 3.000000001).tolist() == [[0, 0, 0, 0, 3, 3, 3]]


def test_labels_are_numbered_by_their_first_pixels():
    """Row by row, whatever the labels were before; gaps close."""
    labels = np.array([[0, 7, 0], [3, 7, 9]], np.uint32)
    renumbered, count = landforms.renumber(labels)
    assert renumbered.tolist() == [[0, 1, 0], [2, 1, 3]] and count == 3 and renumbered.dtype == np.uint32
    empty, none = landforms.renumber(np.zeros((2, 2), np.uint32))
    assert none == 0 and not empty.any()
