"""Growing and wearing: digits are landforms, . is a candidate, x is none."""

from __future__ import annotations

import numpy as np
import pytest
from rock_glacier_mapper.core.errors import Cancelled
from rock_glacier_mapper.core.landforms.growth import SurfaceTension, grow, wear
from rock_glacier_mapper.core.progress import Progress

METRE = (1.0, 1.0)


def drawing(*rows):
    labels = np.array([[int(sign) if sign.isdigit() else 0 for sign in row] for row in rows], np.uint32)
    return labels, np.array([[sign != "x" for sign in row] for row in rows])


def grown(*rows, share=0.0, radius=1.0):
    labels, candidates = drawing(*rows)
    tension = SurfaceTension(np.ones_like(candidates), METRE, radius, share) if share else None
    grow(labels, candidates, Progress(), tension)
    return drawn(labels)


def worn(*rows, share, radius=1.0, known=None, removable=None):
    labels, _ = drawing(*rows)
    every = np.ones(labels.shape, bool)
    tension = SurfaceTension(every if known is None else known, METRE, radius, share)
    wear(labels, every if removable is None else removable, Progress(), tension)
    return drawn(labels)


def drawn(labels):
    return ["".join(str(label) if label else "." for label in row) for row in labels]


def test_growing_follows_connected_candidates_only():
    """A candidate that touches at a corner only, or lies apart, is not reached; what is no candidate stays."""
    assert grown("1..xx..", "xx.xxxx", "xxx.xxx") == ["111....", "..1....", "......."]
    assert grown("1x") == ["1."] and grown("...") == ["..."]


def test_landforms_that_meet_stay_two():
    """Each takes what it reaches first."""
    assert grown("1......2") == ["11112222"]


def test_the_larger_landform_wins_a_pixel_that_both_reach():
    """Whatever its label is."""
    assert grown("x22.1x") == [".2221."]
    assert grown("x11.2x") == [".1112."]


def test_of_two_of_one_size_the_upper_left_one_wins():
    """The rule does not know rows from columns, so that transposing the raster transposes the result."""
    assert grown("2.1") == ["221"]
    assert grown("2", ".", "1") == ["2", "2", "1"]


def test_tension_fills_bays_and_leaves_straight_borders():
    """Around a pixel beside a straight border 1 of 5 is landform; in a bay of one pixel's width it is 3 of 5."""
    rows = ("......", "11.111", "11.111", "111111")
    assert grown(*rows, share=0.5) == ["......", "111111", "111111", "111111"]


def test_little_tension_lets_straight_borders_move():
    """1 of 4 at the raster's end, 1 of 5 elsewhere: both reach a fifth."""
    assert grown("....", "....", "1111", share=0.2) == ["1111"] * 3


def test_tension_looks_as_far_as_its_radius():
    """Beside the middle of the border, 4 of 13 pixels that are within two pixels are landform."""
    rows = ("xxxxxxx", "111.xxx", "111.xxx", "111.xxx", "111.xxx", "xxxxxxx")
    assert grown(*rows, share=0.5, radius=2.0) == grown(*(row.replace(".", "x") for row in rows))
    assert grown(*rows, share=0.3, radius=2.0)[2] == "1111..."


def test_nodata_does_not_count_for_tension():
    """With nodata around it a pixel has only landforms beside it."""
    labels, candidates = drawing("1.", "xx")
    known = np.array([[True, True], [True, False]])
    grow(labels, candidates, Progress(), SurfaceTension(known, METRE, 1.0, 0.5))
    assert drawn(labels) == ["11", ".."]


def test_wearing_takes_off_threads_and_keeps_blocks():
    """At the tip of a thread 2 of 5 are landform, at the corner of a block 3 of 5."""
    rows = (".......", ".111...", ".11111.", ".111...", ".......")
    assert worn(*rows, share=0.5) == [".......", ".111...", ".111...", ".111...", "......."]
    assert worn(*rows, share=0.4) == list(rows)
    assert worn("....", "..11", "....", share=0.5) == ["....", "....", "...."]


def test_wearing_spares_borders_between_landforms_and_nodata():
    """Landforms that touch hold each other; nodata and the raster's end wear nothing."""
    assert worn("1122", share=1.0) == ["1122"]
    known = np.array([[True, True, False]])
    assert worn("11.", share=1.0, known=known) == ["11."]


def test_wearing_stops_at_what_may_not_be_removed():
    """Only the outer pixels may go."""
    removable = np.array([[True, False, True]])
    assert worn("....", ".1..", "....", share=0.9) == ["...."] * 3
    labels, _ = drawing("...", "111", "...")
    wear(labels, np.vstack([removable] * 3), Progress(), SurfaceTension(np.ones((3, 3), bool), METRE, 1.0, 0.9))
    assert drawn(labels)[1] == ".1."


@pytest.mark.parametrize("share", [0.0, 0.35])
def test_transposing_transposes_the_result(share):
    """Random landforms of many sizes, many of which meet."""
    random = np.random.default_rng(5)
    labels = np.zeros((40, 31), np.uint32)
    for label, (row, column, size) in enumerate(random.integers(0, (38, 29, 6), (12, 3)), start=1):
        labels[row : row + size + 1, column : column + 2] = label
    candidates = random.random(labels.shape) < 0.8
    turned = np.ascontiguousarray(labels.T)
    every = np.ones_like(candidates)
    grow(labels, candidates, Progress(), SurfaceTension(every, METRE, 2.0, share) if share else None)
    tension = SurfaceTension(every.T, METRE, 2.0, share) if share else None
    grow(turned, candidates.T.copy(), Progress(), tension)
    assert (labels == turned.T).all()


def test_growing_can_be_cancelled():
    """A landform that grows over a large raster must not hold the user up."""

    class Stop(Progress):
        def cancelled(self):
            return True

    labels, candidates = drawing("1..")
    with pytest.raises(Cancelled):
        grow(labels, candidates, Stop())
