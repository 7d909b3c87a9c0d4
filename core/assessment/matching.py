"""Agreement of two polygon layers: by area, and landform by landform.

Everything here works on plain arrays of valid shapely polygons in one coordinate system of metres. Areas come from
exact polygon intersections, never from pixels. Polygons of one layer that overlap each other are dissolved first, so
that ground which is drawn twice counts once.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from ..progress import Progress

Geometries = NDArray[Any]
Areas = NDArray[np.float64]
Indices = NDArray[np.intp]

PAIRS_AT_ONCE = 2000
"""Intersections computed between two looks at the cancel button."""

SMALLEST_LANDFORM = 1.0
"""Area (m2) under which a polygon is a sliver, left by cutting or by drawing, and no landform."""

TOLERANCE = 1e-9
"""Rounding error of a share of area: half a square, far from the origin, must still be half."""


@dataclass(frozen=True)
class AreaAgreement:
    """Areas (m2) in which two layers agree and differ, and the shares made of them.

    A share whose denominator is zero is NaN.

    Attributes
    ----------
    true_positive : float
        Area in both layers.
    false_positive : float
        Area in the mapped layer alone.
    false_negative : float
        Area in the reference alone.
    """

    true_positive: float
    false_positive: float
    false_negative: float

    @property
    def mapped(self) -> float:
        """Area of the mapped layer."""
        return self.true_positive + self.false_positive

    @property
    def reference(self) -> float:
        """Area of the reference."""
        return self.true_positive + self.false_negative

    @property
    def producers_accuracy(self) -> float:
        """Share of the reference area that was mapped (recall)."""
        return share(self.true_positive, self.reference)

    @property
    def users_accuracy(self) -> float:
        """Share of the mapped area that is in the reference (precision)."""
        return share(self.true_positive, self.mapped)

    @property
    def f1(self) -> float:
        """Harmonic mean of producer's and user's accuracy."""
        return share(2 * self.true_positive, self.mapped + self.reference)

    @property
    def iou(self) -> float:
        """Area in both layers over the area in either (intersection over union, Jaccard index)."""
        return share(self.true_positive, self.true_positive + self.false_positive + self.false_negative)

    @property
    def area_bias(self) -> float:
        """Mapped area over reference area, less one; positive where too much is mapped."""
        return share(self.mapped, self.reference) - 1.0


@dataclass(frozen=True)
class Pairs:
    """Pairs of a mapped and a reference landform that share area.

    Attributes
    ----------
    mapped, reference : ndarray of int, shape (k,)
        Position of each pair's landforms in their layers.
    shared, mapped_area, reference_area : ndarray of float, shape (k,)
        Areas (m2) of what the two share and of each of them.
    """

    mapped: Indices
    reference: Indices
    shared: Areas
    mapped_area: Areas
    reference_area: Areas

    @property
    def iou(self) -> Areas:
        """Intersection over union of each pair."""
        return np.asarray(self.shared / (self.mapped_area + self.reference_area - self.shared))

    def fitting(self, min_iou: float) -> NDArray[np.bool_]:
        """Whether each pair has at least this intersection over union."""
        return _enough(self.iou, min_iou)

    def covering_reference(self, min_overlap: float) -> NDArray[np.bool_]:
        """Whether the mapped landform of each pair covers at least this share of the reference landform."""
        return _enough(self.shared / self.reference_area, min_overlap)

    def covering_mapped(self, min_overlap: float) -> NDArray[np.bool_]:
        """Whether the reference landform of each pair covers at least this share of the mapped landform."""
        return _enough(self.shared / self.mapped_area, min_overlap)

    def chosen(self, which: NDArray[Any]) -> Pairs:
        """Return some of the pairs."""
        return Pairs(
            self.mapped[which],
            self.reference[which],
            self.shared[which],
            self.mapped_area[which],
            self.reference_area[which],
        )

    def __len__(self) -> int:
        return len(self.shared)


@dataclass(frozen=True)
class LandformMatch:
    """Which landforms found a partner.

    Attributes
    ----------
    reference_overlap, mapped_overlap : ndarray of float
        Share of each landform's own area that the other layer covers, 0..1.
    reference_matched, mapped_matched : ndarray of bool
        Whether each landform is matched; the others are missed (reference) or false (mapped).
    area_bias : ndarray of float
        Mapped area / reference area - 1 of each matched reference landform that has mapped landforms of its own; a
        mapped landform belongs to the reference landform that it shares most area with. NaN for the others.
    reference_split : ndarray of bool
        Whether each matched reference landform was mapped in several pieces.
    mapped_merged : ndarray of bool
        Whether each matched mapped landform joins several reference landforms.
    pairs : Pairs
        Every mapped with every reference landform that it shares area with.
    """

    reference_overlap: Areas
    reference_matched: NDArray[np.bool_]
    mapped_overlap: Areas
    mapped_matched: NDArray[np.bool_]
    area_bias: Areas
    reference_split: NDArray[np.bool_]
    mapped_merged: NDArray[np.bool_]
    pairs: Pairs

    @property
    def mean_area_bias(self) -> float:
        """Mean of the landforms' area bias; NaN without any."""
        known = self.area_bias[np.isfinite(self.area_bias)]
        return float(known.mean()) if len(known) else float("nan")


def share(part: float, whole: float) -> float:
    """Return `part / whole`, NaN where `whole` is zero."""
    return float(part / whole) if whole > 0 else float("nan")


def dissolve(geometries: Geometries) -> Geometries:
    """Return the union of polygons as an array of polygons that do not overlap."""
    # Rock glaciers form many small clusters; on 40 000 of them this is twenty times faster than `union_all`.
    union = shapely.disjoint_subset_union_all(geometries[~shapely.is_empty(geometries)])
    return polygon_parts(np.array([union], dtype=object))[0]


def polygon_parts(geometries: Geometries) -> tuple[Geometries, Indices]:
    """Return the polygons that geometries consist of, and for each the position of the geometry that it comes from.

    Lines and points, which intersections leave where polygons merely touch, are left out.
    """
    parts, owners = shapely.get_parts(geometries, return_index=True)
    while np.any(shapely.get_type_id(parts) > shapely.GeometryType.POLYGON):
        parts, inner = shapely.get_parts(parts, return_index=True)
        owners = owners[inner]
    polygons = (shapely.get_type_id(parts) == shapely.GeometryType.POLYGON) & ~shapely.is_empty(parts)
    return parts[polygons], owners[polygons]


def landforms(geometries: Geometries) -> tuple[Geometries, Indices]:
    """Return the polygonal part of each feature that is large enough to be a landform.

    Returns
    -------
    landforms : ndarray of MultiPolygon, shape (k,)
    kept : ndarray of int, shape (k,)
        Position of each in `geometries`; features of less than `SMALLEST_LANDFORM` m2 are gone.
    """
    return _collected(*polygon_parts(geometries))


def cut(geometries: Geometries, area: Geometries, progress: Progress) -> tuple[Geometries, Indices]:
    """Cut landforms to an area.

    Parameters
    ----------
    geometries : ndarray of shapely polygons, shape (n,)
    area : ndarray of shapely polygons
        Polygons that do not overlap each other, as `dissolve` returns them.
    progress : Progress

    Returns
    -------
    landforms : ndarray of MultiPolygon, shape (k,)
        What lies within the area; a landform stays one geometry whatever number of pieces it falls into.
    kept : ndarray of int, shape (k,)
        Position of each in `geometries`; those with less than `SMALLEST_LANDFORM` m2 within the area are gone.
    """
    first, second = _pairs(geometries, area)
    pieces = geometries[first]
    shapely.prepare(area)
    crossing = np.flatnonzero(~shapely.covers(area[second], pieces))
    for some in _chunks(len(crossing), progress):
        pairs = crossing[some]
        pieces[pairs] = shapely.intersection(pieces[pairs], area[second[pairs]])
    parts, owners = polygon_parts(pieces)
    return _collected(parts, first[owners])


def shared_areas(first: Geometries, second: Geometries, progress: Progress) -> tuple[Indices, Indices, Areas]:
    """Return each pair of geometries that share area, as two arrays of positions and one of areas (m2)."""
    left, right = _pairs(first, second)
    areas = np.zeros(len(left))
    for some in _chunks(len(left), progress):
        areas[some] = shapely.area(shapely.intersection(first[left[some]], second[right[some]]))
    shared = areas > 0
    return left[shared], right[shared], areas[shared]


def covered_areas(geometries: Geometries, cover: Geometries, progress: Progress) -> Areas:
    """Return how much of each geometry (m2) is covered by `cover`, polygons that do not overlap each other."""
    position, _, areas = shared_areas(geometries, cover, progress)
    return np.bincount(position, weights=areas, minlength=len(geometries)).astype(np.float64)


def area_agreement(mapped: Geometries, reference: Geometries, progress: Progress) -> AreaAgreement:
    """Compare two layers by area.

    Parameters
    ----------
    mapped, reference : ndarray of shapely polygons
        Each dissolved: polygons of one layer do not overlap.
    progress : Progress

    Returns
    -------
    AreaAgreement

    Examples
    --------
    >>> import numpy as np, shapely
    >>> reference = np.array([shapely.box(0, 0, 100, 100)])
    >>> mapped = np.array([shapely.box(50, 0, 150, 100)])
    >>> agreement = area_agreement(mapped, reference, Progress())
    >>> agreement.true_positive, agreement.producers_accuracy, round(agreement.iou, 4)
    (5000.0, 0.5, 0.3333)
    """
    both = float(covered_areas(reference, mapped, progress).sum())
    # The sums are rounded differently, and a perfect map must not have a false area of -1e-10 m2.
    return AreaAgreement(
        both, max(float(shapely.area(mapped).sum()) - both, 0.0), max(float(shapely.area(reference).sum()) - both, 0.0)
    )


def match_landforms(
    mapped: Geometries,
    reference: Geometries,
    min_overlap: float,
    progress: Progress,
    grounds: tuple[Geometries, Geometries] | None = None,
) -> LandformMatch:
    """Match landforms by the share of area that they have in common.

    - A **reference** landform is *matched* when all mapped landforms together cover at least `min_overlap` of its area,
      otherwise it is *missed*.
    - A **mapped** landform is *matched* when the reference covers at least `min_overlap` of its area, or when it alone
      covers at least `min_overlap` of the area of some reference landform (a much too large outline around a real rock
      glacier found it, however badly). Otherwise it is *false*.

    A landform that shares no area with the other layer is never matched, not even when `min_overlap` is 0.

    A mapped and a reference landform *belong together* when one of them covers at least `min_overlap` of the other. A
    matched reference landform that belongs together with several mapped ones is *split*; a matched mapped landform that
    belongs together with several reference ones is *merged*.

    Parameters
    ----------
    mapped, reference : ndarray of shapely polygons, shapes (m,) and (n,)
        One geometry a landform; landforms of one layer may overlap.
    min_overlap : float
        Share of area, 0..1.
    progress : Progress
    grounds : pair of ndarray, optional
        Both layers dissolved, if that was done already.

    Returns
    -------
    LandformMatch

    Examples
    --------
    >>> import numpy as np, shapely
    >>> reference = np.array([shapely.box(0, 0, 100, 100), shapely.box(500, 0, 600, 100)])
    >>> mapped = np.array([shapely.box(50, 0, 150, 100), shapely.box(900, 0, 950, 50)])
    >>> match = match_landforms(mapped, reference, 0.3, Progress())
    >>> match.reference_matched.tolist(), match.mapped_matched.tolist()
    ([True, False], [True, False])
    """
    reference_area, mapped_area = shapely.area(reference), shapely.area(mapped)
    mapped_ground, reference_ground = grounds or (dissolve(mapped), dissolve(reference))
    reference_overlap = covered_areas(reference, mapped_ground, progress.part(0.0, 0.3)) / reference_area
    mapped_overlap = covered_areas(mapped, reference_ground, progress.part(0.3, 0.6)) / mapped_area
    of_mapped, of_reference, shared = shared_areas(mapped, reference, progress.part(0.6, 1.0))
    pairs = Pairs(of_mapped, of_reference, shared, mapped_area[of_mapped], reference_area[of_reference])

    reference_matched = _enough(reference_overlap, min_overlap)
    mapped_matched = _enough(mapped_overlap, min_overlap)
    covering = pairs.covering_reference(min_overlap)
    mapped_matched[of_mapped[covering]] = True
    together = pairs.chosen(covering | pairs.covering_mapped(min_overlap))
    belongs_to = _largest_partner(pairs, len(mapped))
    return LandformMatch(
        np.clip(reference_overlap, 0, 1),
        reference_matched,
        np.clip(mapped_overlap, 0, 1),
        mapped_matched,
        _landform_bias(belongs_to, mapped_area, reference_area, reference_matched),
        reference_matched & (np.bincount(together.reference, minlength=len(reference)) > 1),
        mapped_matched & (np.bincount(together.mapped, minlength=len(mapped)) > 1),
        pairs,
    )


def _collected(parts: Geometries, owners: Indices) -> tuple[Geometries, Indices]:
    """Return one MultiPolygon for each owner of parts, without slivers, and the owners."""
    order = np.argsort(owners, kind="stable")
    kept, numbers = np.unique(owners[order], return_inverse=True)
    if len(kept) == 0:
        return parts, owners
    collected = shapely.multipolygons(parts[order], indices=numbers)
    large = shapely.area(collected) >= SMALLEST_LANDFORM
    return collected[large], kept[large]


def _pairs(first: Geometries, second: Geometries) -> tuple[Indices, Indices]:
    """Return the positions of geometries that touch or overlap, ordered by `first`."""
    pairs = shapely.STRtree(second).query(first, predicate="intersects")
    order = np.lexsort((pairs[1], pairs[0]))
    return pairs[0][order], pairs[1][order]


def _chunks(count: int, progress: Progress) -> Iterator[slice]:
    starts = range(0, count, PAIRS_AT_ONCE)
    for start in progress.each(starts, len(starts)):
        yield slice(start, start + PAIRS_AT_ONCE)


def _enough(overlap: Areas, min_overlap: float) -> NDArray[np.bool_]:
    return np.asarray((overlap > 0) & (overlap >= min_overlap - TOLERANCE))


def _largest_partner(pairs: Pairs, count: int) -> Indices:
    """Return for each mapped landform the reference landform that it shares most area with, -1 for none."""
    partner = np.full(count, -1, dtype=np.intp)
    # Written from the smallest to the largest area, so that the largest stays; of equal ones the first in the file.
    order = np.lexsort((-pairs.reference, pairs.shared))
    partner[pairs.mapped[order]] = pairs.reference[order]
    return partner


def _landform_bias(belongs_to: Indices, mapped_area: Areas, reference_area: Areas, matched: NDArray[np.bool_]) -> Areas:
    with_partner = belongs_to >= 0
    own_area = np.bincount(belongs_to[with_partner], weights=mapped_area[with_partner], minlength=len(reference_area))
    return np.where(matched & (own_area > 0), own_area / reference_area - 1.0, np.nan)
