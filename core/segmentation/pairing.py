"""Which regions merge in a round: those that are each other's best neighbours."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from ..compiled import compiled

if TYPE_CHECKING:
    from .kernels import Flags, Indices, Key, Keys
    from .regions import Borders


@compiled
def mutual_best(borders: Borders, keys: Keys, count: int, limit: Key) -> Indices:
    """Return the borders, by their places, that are the best of both their regions.

    Parameters
    ----------
    borders : Borders
    keys : uint64 array, shape (n,)
        Their keys.
    count : int
        Number of regions.
    limit : uint64
        Only borders whose keys are below count.
    """
    first, second, _ = borders
    best = np.full(count, limit)
    for edge in range(len(keys)):
        one, other, key = np.uint32(first[edge]), np.uint32(second[edge]), keys[edge]
        best[one] = min(best[one], key)
        best[other] = min(best[other], key)
    found = np.empty(len(keys), np.int32)
    number = 0
    for edge in range(len(keys)):
        one, other, key = np.uint32(first[edge]), np.uint32(second[edge]), keys[edge]
        found[number] = edge
        number += (key == best[one]) & (key == best[other]) & (key < limit)
    return found[:number].copy()


@compiled
def disjoint(borders: Borders, mutual: Indices, count: int) -> Indices:
    """Return those borders along which regions merge at once, no two of them having a region in common.

    Parameters
    ----------
    borders : Borders
    mutual : int32 array
        Places of borders that are the best of both their regions, so that only equal ones can meet at a region.
    count : int
        Number of regions.

    Returns
    -------
    int32 array
        Of those that meet, the one whose regions come first in the raster.
    """
    first, second, _ = borders
    claimed = np.full(count, -1, np.int32)
    for edge in mutual:
        for region in (np.uint32(first[edge]), np.uint32(second[edge])):
            rival = claimed[region]
            if rival < 0 or (first[edge], second[edge]) < (first[rival], second[rival]):
                claimed[region] = edge
    chosen = np.empty_like(mutual)
    number = 0
    for edge in mutual:
        chosen[number] = edge
        number += (claimed[np.uint32(first[edge])] == edge) & (claimed[np.uint32(second[edge])] == edge)
    return chosen[:number]


@compiled
def spread_doubt(leaves: Flags, borders: Borders, edges: Indices) -> Flags:
    """Return the regions of a set and those that one of some borders joins to a region of it."""
    spread = leaves.copy()
    for edge in edges:
        one, other = borders.first[edge], borders.second[edge]
        if leaves[one] or leaves[other]:
            spread[one] = spread[other] = True
    return spread
