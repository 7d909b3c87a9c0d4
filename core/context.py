"""Context features: what the classes of its neighbours say of an object, in later passes of a rule set."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from .neighbour_features import Borders
from .ruledocument import DISTANCE
from .vector import Geometries

Mask = NDArray[np.bool_]
Numbers = NDArray[np.float64]

# Sums of the same lengths in another order differ in the last digits.
_ROUNDING = 1e-9


@dataclass(frozen=True)
class Neighbourhood:
    """Where objects lie among each other.

    Attributes
    ----------
    borders : Borders
        Common borders of objects 1..n, the borders with what is no object too.
    geometries : array of shapely geometries, shape (n,)
        The objects' polygons.
    metres_per_unit : float
        Length of one map unit; only distances need it.
    """

    borders: Borders
    geometries: Geometries
    metres_per_unit: float = 1.0

    def relative_border(self, members: Mask) -> Numbers:
        """Return the share of each object's border that it has in common with objects of a class.

        Parameters
        ----------
        members : array of bool, shape (n,)
            The objects of the class.

        Returns
        -------
        array of float64, shape (n,)
            0 to 1. The whole border counts, also at holes, nodata and the layer's edge; the latter two are shared with
            no class.
        """
        perimeters = self.borders.perimeters(len(members))
        share = self._shared(members, self.borders.length) / np.where(perimeters > 0, perimeters, 1.0)
        return np.asarray(np.where(share > 1 - _ROUNDING, 1.0, share), np.float64)

    def number_of_neighbours(self, members: Mask) -> Numbers:
        """Return how many objects of a class each object shares a border with."""
        return self._shared(members, np.ones(len(self.borders.length)))

    def enclosed(self, members: Mask) -> Numbers:
        """Return 1 for objects in a hole of a class, 0 for all others.

        An object lies in a hole where no way over common borders leads from it to the layer's edge or to nodata without
        crossing an object of the class. A hole may hold several objects. Objects of the class itself are in none.

        Parameters
        ----------
        members : array of bool, shape (n,)
            The objects of the class.

        Returns
        -------
        array of float64, shape (n,)
        """
        passable = np.append(True, ~members)
        first, second = self.borders.first, self.borders.second
        ways = passable[first] & passable[second]
        size = len(passable)
        graph = coo_matrix((np.ones(int(ways.sum()), bool), (first[ways], second[ways])), shape=(size, size))
        _, component = connected_components(graph, directed=False)
        return np.asarray((component != component[0]) & passable, np.float64)[1:]

    def distance(self, members: Mask) -> Numbers:
        """Return the distance to the nearest other object of a class, in metres.

        Parameters
        ----------
        members : array of bool, shape (n,)
            The objects of the class.

        Returns
        -------
        array of float64, shape (n,)
            Shortest distance between polygons, 0 where they touch; NaN where there is no other object of the class.
        """
        distance = np.where(self._shared(members, self.borders.length) > 0, 0.0, np.nan)
        tree = shapely.STRtree(self.geometries[members])
        apart = np.isnan(distance)
        for of_class in (False, True):
            objects = np.flatnonzero(apart & (members == of_class))
            found = tree.query_nearest(
                self.geometries[objects], exclusive=of_class, return_distance=True, all_matches=False
            )
            distance[objects[found[0][0]]] = found[1] * self.metres_per_unit
        return distance

    def _shared(self, members: Mask, weights: Numbers) -> Numbers:
        """Return the sum of a quantity of borders over those that each object shares with a class."""
        is_member = np.append(False, members).astype(np.float64)
        first, second = self.borders.first, self.borders.second
        size = len(is_member)
        of_first = np.bincount(first, weights * is_member[second], minlength=size)
        of_second = np.bincount(second, weights * is_member[first], minlength=size)
        return np.asarray(of_first + of_second, np.float64)[1:]


FEATURES: dict[str, Callable[[Neighbourhood, Mask], Numbers]] = {
    "relative_border_to": Neighbourhood.relative_border,
    DISTANCE: Neighbourhood.distance,
    "enclosed_by": Neighbourhood.enclosed,
    "number_of_neighbours_of": Neighbourhood.number_of_neighbours,
}
"""How each context feature of a condition is measured, given the objects of its class."""
