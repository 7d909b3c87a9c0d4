"""Which outlines of two dates are one landform."""

from __future__ import annotations

import numpy as np
import pytest
import shapely
from rock_glacier_mapper.core.changes.linking import GONE, MERGED, NEW, PERSISTENT, REARRANGED, SPLIT, link


def layer(*boxes):
    found = np.empty(len(boxes), object)
    found[:] = [shapely.box(*corners) for corners in boxes]
    return found


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ([(0, 0, 10, 10)], [(0, 0, 10, 12)], [PERSISTENT]),
        ([(0, 0, 10, 10)], [], [GONE]),
        ([], [(0, 0, 10, 10)], [NEW]),
        ([], [], []),
        # Outlines that only touch are two landforms.
        ([(0, 0, 10, 10)], [(10, 0, 20, 10)], [GONE, NEW]),
        # A quarter in common is less than the third that is asked for.
        ([(0, 0, 8, 10)], [(6, 0, 14, 10)], [GONE, NEW]),
        ([(0, 0, 20, 10)], [(0, 0, 9, 10), (11, 0, 20, 10)], [SPLIT]),
        ([(0, 0, 9, 10), (11, 0, 20, 10)], [(0, 0, 20, 10)], [MERGED]),
        ([(0, 0, 10, 10), (10, 0, 20, 10)], [(0, 0, 20, 5), (0, 5, 20, 10)], [REARRANGED]),
        # One that grew many times over is still the same.
        ([(0, 0, 1, 1)], [(0, 0, 30, 30)], [PERSISTENT]),
    ],
)
def test_what_became_of_them(before, after, expected):
    """Every outline is in one landform, and its date's."""
    groups = link(layer(*before), layer(*after), 1 / 3)
    assert [group.status for group in groups] == expected
    assert sorted(row for group in groups for row in group.before) == list(range(len(before)))
    assert sorted(row for group in groups for row in group.after) == list(range(len(after)))
