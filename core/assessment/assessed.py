"""All that is computed of a comparison, before any of it is written."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from ..contracts.accuracy import AccuracyOptions
from ..progress import Progress
from .bootstrap import Interval, intervals, units_of
from .boundarydistance import BoundaryDistances, boundary_distances
from .checkedpoints import PointAssessment, assess_points
from .comparison import Comparison
from .heatmapscores import (
    LevelCounts,
    average_precision,
    best_threshold,
    brier_score,
    calibration_error,
    counted_heatmap,
)
from .matching import AreaAgreement, LandformMatch, area_agreement, match_landforms, share
from .pairing import Pairing, one_to_one

_NOT_ASKED = math.nan


@dataclass(frozen=True)
class Assessment:
    """What a comparison gave.

    Attributes
    ----------
    agreement : AreaAgreement
    match : LandformMatch
        By overlap, several with several.
    by_iou, by_overlap : Pairing
        One-to-one pairs of at least `min_iou`, and of at least `min_overlap`.
    distances : BoundaryDistances
        Of the pairs by overlap.
    intervals : dict
        95 % intervals by the figure's name.
    heatmap : LevelCounts or None
    points : PointAssessment or None
    """

    agreement: AreaAgreement
    match: LandformMatch
    by_iou: Pairing
    by_overlap: Pairing
    distances: BoundaryDistances
    intervals: dict[str, Interval]
    heatmap: LevelCounts | None
    points: PointAssessment | None

    @property
    def figures(self) -> dict[str, float]:
        """Every figure by name; NaN where it cannot be computed or was not asked for."""
        return {**self._areas(), **self._landforms(), **self._scores(), **self._estimates(), **self._ends()}

    def _areas(self) -> dict[str, float]:
        agreement = self.agreement
        return {
            "producers_accuracy": agreement.producers_accuracy,
            "users_accuracy": agreement.users_accuracy,
            "f1": agreement.f1,
            "iou": agreement.iou,
            "area_bias": agreement.area_bias,
            "true_positive_m2": agreement.true_positive,
            "false_positive_m2": agreement.false_positive,
            "false_negative_m2": agreement.false_negative,
            "mapped_m2": agreement.mapped,
            "reference_m2": agreement.reference,
        }

    def _landforms(self) -> dict[str, float]:
        match, by_iou, by_overlap = self.match, self.by_iou, self.by_overlap
        reference_count, matched_count = len(match.reference_matched), int(match.reference_matched.sum())
        return {
            "detected": share(matched_count, reference_count),
            "reference_count": reference_count,
            "matched_count": matched_count,
            "missed_count": reference_count - matched_count,
            "split_count": int(match.reference_split.sum()),
            "mapped_count": len(match.mapped_matched),
            "false_count": int(np.sum(~match.mapped_matched)),
            "merged_count": int(match.mapped_merged.sum()),
            "mean_landform_area_bias": match.mean_area_bias,
            "pair_count": len(by_iou.pairs),
            "landform_recall": by_iou.recall,
            "landform_precision": by_iou.precision,
            "landform_f1": by_iou.f1,
            "mean_pair_iou": by_iou.mean_iou,
            "overlap_pair_count": len(by_overlap.pairs),
            "overlap_landform_recall": by_overlap.recall,
            "overlap_landform_precision": by_overlap.precision,
            "overlap_landform_f1": by_overlap.f1,
            "overlap_mean_pair_iou": by_overlap.mean_iou,
            "boundary_distance": _mean(self.distances.mean),
            "boundary_distance_95": _mean(self.distances.hausdorff_95),
        }

    def _scores(self) -> dict[str, float]:
        if self.heatmap is None:
            names = ("average_precision", "best_f1", "best_threshold", "calibration_error", "brier_score")
            return {f"heatmap_{name}": _NOT_ASKED for name in names}
        best = best_threshold(self.heatmap)
        return {
            "heatmap_average_precision": average_precision(*self.heatmap),
            "heatmap_best_f1": math.nan if best is None else best.f1,
            "heatmap_best_threshold": math.nan if best is None else best.threshold,
            "heatmap_calibration_error": calibration_error(self.heatmap),
            "heatmap_brier_score": brier_score(self.heatmap),
        }

    def _estimates(self) -> dict[str, float]:
        estimates = {} if self.points is None else self.points.estimates._asdict()
        found: dict[str, float] = {}
        for name, suffix in (
            ("area", "_m2"),
            ("mapped_area", "_m2"),
            ("producers_accuracy", ""),
            ("users_accuracy", ""),
            ("overall_accuracy", ""),
        ):
            value, error = estimates.get(name, (_NOT_ASKED, _NOT_ASKED))
            found |= {f"adjusted_{name}{suffix}": value, f"adjusted_{name}_error{suffix}": error}
        return found

    def _ends(self) -> dict[str, float]:
        return {
            f"{name}_{end}": value
            for name in ("f1", "iou", "detected")
            for end, value in zip(("low", "high"), self.intervals.get(name, (math.nan, math.nan)), strict=True)
        }


def assess(options: AccuracyOptions, comparison: Comparison, progress: Progress) -> Assessment:
    """Compute everything that the options ask for."""
    mapped, reference = comparison.mapped.geometries, comparison.reference.geometries
    grounds = comparison.mapped.ground, comparison.reference.ground
    agreement = area_agreement(*grounds, progress.part(0.0, 0.1))
    match = match_landforms(mapped, reference, options.min_overlap, progress.part(0.1, 0.3), grounds)
    counts = len(mapped), len(reference)
    by_iou = one_to_one(match.pairs, match.pairs.fitting(options.min_iou), *counts)
    by_overlap = one_to_one(match.pairs, match.pairs.covering_reference(options.min_overlap), *counts)
    pairs = by_overlap.pairs
    progress.report(0.3, "Measuring distances between outlines")
    distances = boundary_distances(
        mapped[pairs.mapped], reference[pairs.reference], comparison.area, progress.part(0.3, 0.5)
    )
    progress.report(0.5, "Drawing landforms anew")
    units = units_of(comparison.mapped, comparison.reference, match, by_iou, progress.part(0.5, 0.6))
    drawn = intervals(units, options.repetitions, options.seed, progress.part(0.6, 0.8))
    points = None
    if options.points:
        points = assess_points(options.points, mapped, comparison.area, comparison.crs)
    heatmap = None
    if options.heatmap:
        heatmap = counted_heatmap(options.heatmap, options.reference, options.area, progress.part(0.8, 1.0))
    return Assessment(agreement, match, by_iou, by_overlap, distances, drawn, heatmap, points)


def _mean(values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> float:
    known = values[np.isfinite(values)]
    return float(known.mean()) if len(known) else math.nan
