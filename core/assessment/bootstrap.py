"""95 % intervals of figures, by drawing landforms anew (bootstrap)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_matrix
from scipy.sparse.csgraph import connected_components

from ..progress import Progress
from .comparison import Landforms
from .matching import Areas, Geometries, Indices, LandformMatch, covered_areas
from .pairing import Pairing

LEVEL = 0.95
"""Confidence of the intervals."""

_REPETITIONS_AT_ONCE = 20

Interval = tuple[float, float]


@dataclass(frozen=True)
class Units:
    """Sums over groups of landforms that overlap each other, which are drawn as one.

    Attributes
    ----------
    sums : dict of ndarray, shape (units,)
        What adds up to the figures: areas (m2), numbers of landforms, sums over pairs.
    """

    sums: Mapping[str, NDArray[np.float64]]

    @property
    def count(self) -> int:
        """How many groups there are."""
        return len(next(iter(self.sums.values())))


def units_of(
    mapped: Landforms, reference: Landforms, match: LandformMatch, pairing: Pairing, progress: Progress
) -> Units:
    """Group the landforms of two layers, and sum up what each group adds to the figures.

    Landforms that overlap share ground, in one layer or in both; to draw them apart would break that ground up.

    Parameters
    ----------
    mapped, reference : Landforms
    match : LandformMatch
    pairing : Pairing
        One-to-one pairs.
    progress : Progress

    Returns
    -------
    Units
    """
    everything = np.concatenate([reference.geometries, mapped.geometries])
    group = _groups(everything)
    of_reference, of_mapped = group[: len(reference)], group[len(reference) :]
    count = int(group.max()) + 1 if len(group) else 0

    def total(groups: Indices, weights: Any = None) -> NDArray[np.float64]:
        return np.bincount(groups, weights=weights, minlength=count).astype(np.float64)

    reference_ground, mapped_ground = reference.ground, mapped.ground
    of_ground = _group_of_ground(reference_ground, reference.geometries, of_reference)
    both = covered_areas(reference_ground, mapped_ground, progress)
    of_mapped_ground = _group_of_ground(mapped_ground, mapped.geometries, of_mapped)
    shared = total(of_ground, both)
    of_pair = of_reference[pairing.pairs.reference]
    biased = np.isfinite(match.area_bias)
    return Units(
        {
            "shared": shared,
            "reference": np.maximum(total(of_ground, shapely.area(reference_ground)), shared),
            "mapped": np.maximum(total(of_mapped_ground, shapely.area(mapped_ground)), shared),
            "reference_count": total(of_reference),
            "mapped_count": total(of_mapped),
            "matched": total(of_reference, match.reference_matched),
            "pairs": total(of_pair),
            "pair_iou": total(of_pair, pairing.pairs.iou),
            "biased": total(of_reference[biased]),
            "bias": total(of_reference[biased], match.area_bias[biased]),
        }
    )


def intervals(units: Units, repetitions: int, seed: int, progress: Progress) -> dict[str, Interval]:
    """Return the 95 % interval of each figure.

    The percentile bootstrap of Efron and Tibshirani (1993): as many groups of landforms as there are, drawn with
    replacement, give each figure once; the interval holds the middle 95 % of `repetitions` such values.

    Parameters
    ----------
    units : Units
    repetitions : int
        0 for no intervals.
    seed : int
    progress : Progress

    Returns
    -------
    dict
        Low and high end by the figure's name; figures that more than 5 % of the draws do not have are left out.
    """
    if repetitions == 0 or units.count < 2:
        return {}
    generator = np.random.default_rng(seed)
    table = np.column_stack(list(units.sums.values()))
    drawn = np.empty((repetitions, table.shape[1]))
    for start in progress.each(range(0, repetitions, _REPETITIONS_AT_ONCE), -(-repetitions // _REPETITIONS_AT_ONCE)):
        for row in range(start, min(start + _REPETITIONS_AT_ONCE, repetitions)):
            times = np.bincount(generator.integers(units.count, size=units.count), minlength=units.count)
            drawn[row] = times @ table
    return _percentiles(figures_of_sums(dict(zip(units.sums, drawn.T, strict=True))))


def figures_of_sums(sums: Mapping[str, Areas]) -> dict[str, Areas]:
    """Return the figures that sums over landforms make, NaN where a denominator is zero."""
    shared, mapped, reference = sums["shared"], sums["mapped"], sums["reference"]
    return {
        "producers_accuracy": _ratio(shared, reference),
        "users_accuracy": _ratio(shared, mapped),
        "f1": _ratio(2 * shared, mapped + reference),
        "iou": _ratio(shared, mapped + reference - shared),
        "area_bias": _ratio(mapped, reference) - 1,
        "detected": _ratio(sums["matched"], sums["reference_count"]),
        "landform_recall": _ratio(sums["pairs"], sums["reference_count"]),
        "landform_precision": _ratio(sums["pairs"], sums["mapped_count"]),
        "landform_f1": _ratio(2 * sums["pairs"], sums["reference_count"] + sums["mapped_count"]),
        "mean_pair_iou": _ratio(sums["pair_iou"], sums["pairs"]),
        "mean_landform_area_bias": _ratio(sums["bias"], sums["biased"]),
    }


def wilson(part: int, whole: int) -> Interval | None:
    """Return the 95 % interval of a share of counts (Wilson 1927), None of nothing.

    Examples
    --------
    >>> low, high = wilson(8, 10)
    >>> round(low, 3), round(high, 3)
    (0.49, 0.943)
    """
    if whole == 0:
        return None
    z = 1.959963984540054
    share = part / whole
    middle = (share + z**2 / (2 * whole)) / (1 + z**2 / whole)
    half = z / (1 + z**2 / whole) * np.sqrt(share * (1 - share) / whole + z**2 / (4 * whole**2))
    return max(float(middle - half), 0.0), min(float(middle + half), 1.0)


def _groups(geometries: Geometries) -> Indices:
    """Return the number of the group of overlapping or touching geometries that each belongs to."""
    first, second = shapely.STRtree(geometries).query(geometries, predicate="intersects")
    graph = coo_matrix((np.ones(len(first), np.int8), (first, second)), shape=(len(geometries),) * 2)
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.intp)


def _group_of_ground(ground: Geometries, landforms: Geometries, groups: Indices) -> Indices:
    """Return the group of each dissolved polygon: that of a landform that it was made of."""
    if len(ground) == 0:
        return np.empty(0, dtype=np.intp)
    places, nearest = shapely.STRtree(landforms).query_nearest(shapely.point_on_surface(ground), all_matches=False)
    return np.asarray(groups[nearest[np.argsort(places)]])


def _ratio(part: Areas, whole: Areas) -> Areas:
    return np.divide(part, whole, out=np.full(np.shape(whole), np.nan), where=whole > 0)


def _percentiles(figures: Mapping[str, Areas]) -> dict[str, Interval]:
    tail = 50 * (1 - LEVEL)
    found = {}
    for name, values in figures.items():
        known = values[np.isfinite(values)]
        if len(known) >= LEVEL * len(values):
            low, high = np.percentile(known, [tail, 100 - tail])
            found[name] = (float(low), float(high))
    return found
