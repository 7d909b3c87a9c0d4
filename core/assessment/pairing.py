"""One-to-one pairs of mapped and reference landforms: those that together have the largest intersection over union."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_matrix
from scipy.sparse.csgraph import min_weight_full_bipartite_matching

from .matching import Pairs, share

_UNPAIRED_COST = 2.0
"""More than any intersection over union, so that all costs are above zero, as the sparse solver needs."""


@dataclass(frozen=True)
class Pairing:
    """One-to-one pairs, and what they say of two layers.

    Attributes
    ----------
    pairs : Pairs
        Each landform is in one pair at most.
    mapped_count, reference_count : int
        Landforms in the layers.
    """

    pairs: Pairs
    mapped_count: int
    reference_count: int

    @property
    def recall(self) -> float:
        """Share of the reference landforms in a pair."""
        return share(len(self.pairs), self.reference_count)

    @property
    def precision(self) -> float:
        """Share of the mapped landforms in a pair."""
        return share(len(self.pairs), self.mapped_count)

    @property
    def f1(self) -> float:
        """Harmonic mean of both."""
        return share(2 * len(self.pairs), self.mapped_count + self.reference_count)

    @property
    def mean_iou(self) -> float:
        """Mean intersection over union of the pairs."""
        return share(float(self.pairs.iou.sum()), len(self.pairs))


def one_to_one(pairs: Pairs, allowed: NDArray[np.bool_], mapped_count: int, reference_count: int) -> Pairing:
    """Choose, of the allowed pairs, those of the largest sum of intersections over union, each landform once at most.

    An optimal assignment (Kuhn 1955), solved on the sparse graph of landforms that overlap. Every mapped landform may
    as well stay alone, at a cost that is higher by its intersection over union than that of any pair.

    Parameters
    ----------
    pairs : Pairs
    allowed : ndarray of bool, shape (k,)
        Which of them may be chosen.
    mapped_count, reference_count : int
        Landforms in the layers.

    Returns
    -------
    Pairing
    """
    candidates = pairs.chosen(allowed)
    if len(candidates) == 0:
        return Pairing(candidates, mapped_count, reference_count)
    rows, row_of = np.unique(candidates.mapped, return_inverse=True)
    columns, column_of = np.unique(candidates.reference, return_inverse=True)
    alone = np.arange(len(rows))
    costs = np.concatenate([_UNPAIRED_COST - candidates.iou, np.full(len(rows), _UNPAIRED_COST)])
    places = (np.concatenate([row_of, alone]), np.concatenate([column_of, len(columns) + alone]))
    graph = csr_matrix((costs, places), shape=(len(rows), len(columns) + len(rows)))
    partner = np.full(len(rows), -1)
    taken_rows, taken_columns = min_weight_full_bipartite_matching(graph)
    partner[taken_rows] = taken_columns
    return Pairing(candidates.chosen(partner[row_of] == column_of), mapped_count, reference_count)
