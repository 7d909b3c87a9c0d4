"""Context features: what the classes of its neighbours say of an object, in later passes of a rule set."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from ..objects.coverage import shared_borders
from ..objects.neighbour_features import Borders
from ..objects.objectpixels import Indices
from ..progress import Progress
from ..rasters.geodata import metres_per_unit
from ..vectors.vector import Geometries, VectorLayer
from .ruledocument import BORDER, DISTANCE

Mask = NDArray[np.bool_]
Numbers = NDArray[np.float64]

# Objects between two looks at whether the user wants to stop.
_AT_ONCE = 2048
_SILENT = Progress()

# Sums of the same lengths in another order differ in the last digits.
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Neighbourhood:
    """Where objects lie among each other.

    Its methods measure one feature of the chosen `objects`, given which of all objects are `members` of a class.

    Attributes
    ----------
    borders : Borders
        Common borders of objects 1..n, the borders with what is no object too.
    geometries : array of shapely geometries, shape (n,)
        The objects' polygons.
    metres_per_unit : float
        Length of one map unit; only distances need it.
    progress : Progress
        Asked whether to stop while distances are measured.
    """

    borders: Borders
    geometries: Geometries
    metres_per_unit: float = 1.0
    progress: Progress = _SILENT

    def relative_border(self, members: Mask, objects: Indices) -> Numbers:
        """Return the share of each object's border that it has in common with objects of a class, 0 to 1.

        The whole border counts, also at holes, nodata and the layer's edge; the latter two are shared with no class.
        """
        perimeters = self.borders.perimeters(len(members))
        share = self._shared(members, self.borders.length) / np.where(perimeters > 0, perimeters, 1.0)
        rounded: Numbers = np.where(share > 1 - _ROUNDING, 1.0, share)[objects]
        return rounded

    def number_of_neighbours(self, members: Mask, objects: Indices) -> Numbers:
        """Return how many objects of a class each object shares a border with."""
        return self._shared(members, np.ones(len(self.borders.length)))[objects]

    def enclosed(self, members: Mask, objects: Indices) -> Numbers:
        """Return 1 for objects in a hole of a class, 0 for all others.

        An object lies in a hole where no way over common borders leads from it to the layer's edge or to nodata without
        crossing an object of the class. A hole may hold several objects. Objects of the class itself are in none.
        """
        passable = np.append(True, ~members)
        first, second = self.borders.first, self.borders.second
        ways = passable[first] & passable[second]
        size = len(passable)
        graph = coo_matrix((np.ones(int(ways.sum()), bool), (first[ways], second[ways])), shape=(size, size))
        _, component = connected_components(graph, directed=False)
        in_hole = (component != component[0]) & passable
        enclosed: Numbers = in_hole[objects + 1].astype(np.float64)
        return enclosed

    def distance(self, members: Mask, objects: Indices) -> Numbers:
        """Return the distance to the nearest other object of a class, in metres.

        It is the shortest distance between the polygons, 0 where they touch; NaN where there is no other object of the
        class.
        """
        distance = np.where(self._shared(members, self.borders.length) > 0, 0.0, np.nan)
        tree = shapely.STRtree(self.geometries[members])
        apart = objects[np.isnan(distance[objects])]
        for start in range(0, len(apart), _AT_ONCE):
            self.progress.check()
            some = apart[start : start + _AT_ONCE]
            for of_class in (False, True):
                chosen = some[members[some] == of_class]
                # A member is not its own neighbour.
                (found, _), length = tree.query_nearest(
                    self.geometries[chosen], exclusive=of_class, return_distance=True, all_matches=False
                )
                distance[chosen[found]] = length * self.metres_per_unit
        return distance[objects]

    def _shared(self, members: Mask, weights: Numbers) -> Numbers:
        """Return the sum of a quantity of borders over those that each object shares with a class."""
        is_member = np.append(False, members).astype(np.float64)
        first, second = self.borders.first, self.borders.second
        size = len(is_member)
        of_first = np.bincount(first, weights * is_member[second], minlength=size)
        of_second = np.bincount(second, weights * is_member[first], minlength=size)
        return np.asarray(of_first + of_second, np.float64)[1:]


def neighbourhood_of(
    context_features: Collection[str],
    layer: VectorLayer,
    source: str,
    progress: Progress,
    borders: Borders | None = None,
) -> Neighbourhood | None:
    """Return how objects lie among each other, None if no context feature asks.

    Parameters
    ----------
    context_features : collection of str
        As `RuleSet.context_features` gives them.
    layer : VectorLayer
        The objects.
    source : str
        Where they come from, for messages.
    progress : Progress
    borders : Borders, optional
        Their common borders, if they have been measured before.

    Raises
    ------
    InvalidCRSError
        If lengths are asked for and the objects' reference system has no metres.
    """
    if not context_features:
        return None
    unit = metres_per_unit(layer.crs, source) if {BORDER, DISTANCE} & {*context_features} else 1.0
    if borders is None:
        progress.report(0.0, "Measuring borders")
        borders = shared_borders(layer.geometries, progress)
    return Neighbourhood(borders, layer.geometries, unit, progress)


FEATURES: dict[str, Callable[[Neighbourhood, Mask, Indices], Numbers]] = {
    BORDER: Neighbourhood.relative_border,
    DISTANCE: Neighbourhood.distance,
    "enclosed_by": Neighbourhood.enclosed,
    "number_of_neighbours_of": Neighbourhood.number_of_neighbours,
}
"""How each context feature of a condition is measured, given the members of its class."""
