"""Which outlines of two dates are one landform."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy import sparse

Geometries = NDArray[np.object_]

# An intersection of two outlines may be a little smaller than the one that lies in the other.
_ROUNDING = 1e-9

PERSISTENT, NEW, GONE = "persistent", "new", "gone"
SPLIT, MERGED, REARRANGED = "split", "merged", "rearranged"


@dataclass(frozen=True)
class Group:
    """Outlines that are one landform: their rows in the layers of both dates."""

    before: tuple[int, ...]
    after: tuple[int, ...]

    @property
    def status(self) -> str:
        """What became of the landform."""
        if not self.before:
            return NEW
        if not self.after:
            return GONE
        if len(self.before) == 1:
            return PERSISTENT if len(self.after) == 1 else SPLIT
        return MERGED if len(self.after) == 1 else REARRANGED


def link(before: Geometries, after: Geometries, min_overlap: float) -> list[Group]:
    """Group the outlines of two dates into landforms.

    Two outlines are linked where they share at least a given part of the smaller one, so that a landform that grew many
    times over is still the same; what is linked through others is one landform.

    Parameters
    ----------
    before, after : array of shapely polygons, shapes (n,) and (m,)
        In one reference system.
    min_overlap : float
        0..1; outlines that only touch are never linked.

    Returns
    -------
    list of Group
        In the order of the earlier outlines, then of those that are new.
    """
    one, other = shapely.STRtree(after).query(before, predicate="intersects")
    shared = shapely.area(shapely.intersection(before[one], after[other]))
    smaller = np.minimum(shapely.area(before[one]), shapely.area(after[other]))
    linked = (shared > 0) & (shared >= min_overlap * smaller * (1 - _ROUNDING))
    count = len(before) + len(after)
    edges = (np.ones(int(linked.sum())), (one[linked], other[linked] + len(before)))
    if not count:
        return []
    _, number = sparse.csgraph.connected_components(sparse.coo_matrix(edges, (count, count)), directed=False)
    members: dict[int, tuple[list[int], list[int]]] = {}
    for row, group in enumerate(number.tolist()):
        dates = members.setdefault(group, ([], []))
        dates[row >= len(before)].append(row if row < len(before) else row - len(before))
    return [Group(tuple(first), tuple(second)) for first, second in members.values()]
