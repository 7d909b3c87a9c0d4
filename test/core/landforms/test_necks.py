"""Splitting at necks on drawings: # is landform, . is not, ? is nodata."""

from __future__ import annotations

import numpy as np
from rock_glacier_mapper.core.landforms.necks import split_at_necks
from rock_glacier_mapper.core.progress import Progress

METRE = (1.0, 1.0)


def mask_of(*rows):
    return np.array([[sign == "#" for sign in row] for row in rows])


HOURGLASS = (
    "...............",
    ".#####...#####.",
    ".#####...#####.",
    ".#############.",
    ".#####...#####.",
    ".#####...#####.",
    "...............",
)


def split(mask, width, min_pixels=1):
    return split_at_necks(mask, np.ones_like(mask), width, min_pixels, METRE, Progress())


def test_split_cuts_at_the_neck():
    """Two squares of 5 pixels with a neck of 1 pixel; every pixel goes to one of two parts."""
    mask = mask_of(*HOURGLASS)
    parts = split(mask, 3.0)
    assert ((parts > 0) == mask).all() and parts.max() == 2
    assert len(set(parts[1:6, 1:6].ravel())) == 1 and len(set(parts[1:6, 9:14].ravel())) == 1
    assert parts[3, 1] != parts[3, 13]


def test_wide_necks_and_narrow_landforms_are_not_split():
    """A neck as wide as the limit holds, and a landform that is narrow all over is no neck."""
    mask = mask_of(*HOURGLASS)
    assert split(mask, 1.0).max() == 1
    line = mask_of("........", ".######.", "........")
    assert (split(line, 3.0) == line).all()


def test_parts_below_the_smallest_are_not_cut_off():
    """Each square of the hourglass gets two pixels of the neck or one; the middle of three parts has 11 pixels."""
    mask = mask_of(*HOURGLASS)
    assert split(mask, 3.0, 26).max() == 2
    assert (split(mask, 3.0, 28) == mask).all()
    chain = mask_of(
        ".................",
        ".#####.....#####.",
        ".#####.###.#####.",
        ".###############.",
        ".#####.###.#####.",
        ".#####.....#####.",
        ".................",
    )
    assert split(chain, 3.0, 9).max() == 3
    two = split(chain, 3.0, 12)
    assert two.max() == 2 and ((two > 0) == chain).all() and two[3, 1] != two[3, 15]


def test_edge_of_the_raster_makes_no_neck():
    """A landform of which the raster shows one line of pixels is not narrow."""
    line = np.ones((1, 12), bool)
    assert split(line, 4.0).max() == 1


def test_transposing_transposes_the_parts():
    """Plateaus of the distance are divided by distance, not by the order of the pixels."""
    random = np.random.default_rng(3)
    rows, columns = np.mgrid[:30, :40]
    blobs = [np.hypot(rows - r, columns - c) < 5 for r, c in random.integers(5, 30, (6, 2))]
    mask = np.any(blobs, axis=0)
    parts, transposed = split(mask, 8.0), split(mask.T, 8.0).T
    pairs = set(zip(parts.ravel().tolist(), transposed.ravel().tolist(), strict=True))
    assert parts.max() > 1 and len(pairs) == parts.max() + 1
