"""The record of an accuracy assessment: figures, tables and notes as plain values, ready for JSON.

The JSON file holds it as it is, and the report is made from it. Numbers that cannot be computed are None.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

import shapely

from ..contracts.accuracy import AccuracyOptions
from ..progress import Progress
from ..provenance import step
from ..rasters.geodata import spatial_reference
from .accuracytables import mapped_tables, reference_tables
from .assessed import Assessment
from .bootstrap import LEVEL
from .checkedpoints import PointAssessment
from .comparison import Comparison, Landforms
from .heatmapscores import LevelCounts, precision_recall, reliability
from .matching import Geometries

FEW_LANDFORMS = 20
"""Below so many landforms of the reference, intervals by drawing them anew are too narrow."""

Record = dict[str, Any]


def record_of(options: AccuracyOptions, comparison: Comparison, assessment: Assessment, progress: Progress) -> Record:
    """Return the record of an assessment: values that `json.dumps` takes with ``allow_nan=False``."""
    mapped, reference, crs = comparison.mapped, comparison.reference, comparison.crs
    record = {
        "inputs": {
            "mapped": _described(mapped),
            "reference": _described(reference),
            "area": options.area or None,
            "heatmap": options.heatmap or None,
            "points": options.points or None,
        },
        "options": {
            "min_overlap": options.min_overlap,
            "min_iou": options.min_iou,
            "group_by": list(options.group_by),
            "repetitions": options.repetitions,
            "seed": options.seed,
        },
        "crs": {"name": spatial_reference(crs).GetName(), "wkt": crs, "reprojected": comparison.reprojected},
        "units": {
            "*_m2": "square metres",
            "*_count": "landforms",
            "boundary_distance*": "metres",
            "others": "shares; a bias of 0.1 is 10 % too much",
        },
        "figures": assessment.figures,
        "intervals": {"level": LEVEL, "figures": {name: list(ends) for name, ends in assessment.intervals.items()}},
        "tables": list(reference_tables(comparison, assessment.match, options.group_by, progress)),
        "mapped_tables": list(mapped_tables(comparison, assessment.match, progress)),
        "heatmap": None if assessment.heatmap is None else _curves(assessment.heatmap),
        "points": None if assessment.points is None else _points(assessment.points),
        "notes": list(_notes(options, comparison, assessment)),
        "provenance": {
            "mapped": list(mapped.provenance),
            "reference": list(reference.provenance),
            "accuracy": step("accuracy", options),
        },
    }
    finite: Record = _finite(record)
    return finite


def _curves(counts: LevelCounts) -> Record:
    return {
        "pixels": int(counts.positives.sum() + counts.negatives.sum()),
        "reference_pixels": int(counts.positives.sum()),
        "precision_recall": [point._asdict() for point in precision_recall(counts)],
        "reliability": [item._asdict() for item in reliability(counts)],
    }


def _points(points: PointAssessment) -> Record:
    kinds = ("mapped_and_true", "mapped_only", "true_only", "neither")
    estimates = points.estimates
    return {
        "checked": points.checked,
        "unchecked": points.unchecked,
        "inside": points.inside,
        "counts": dict(zip(kinds, points.matrix, strict=True)),
        "area_shares": dict(zip(kinds, estimates.matrix, strict=True)),
        "strata": [
            dict(zip(("stratum", "area_m2", "checked", "rock_glaciers"), row, strict=True)) for row in points.strata
        ],
    }


def _described(layer: Landforms) -> Record:
    return {
        "path": layer.source,
        "landforms": len(layer),
        "repaired": layer.repaired,
        "cut_by_area": layer.cut_count,
    }


def _notes(options: AccuracyOptions, comparison: Comparison, assessment: Assessment) -> Iterator[str]:
    """Yield sentences on what a reader of the figures must know."""
    where = "in the compared area" if options.area else "in the layer"
    if len(comparison.mapped) == 0:
        yield f"There are no mapped outlines {where}; user's accuracy and the like cannot be computed."
    if len(comparison.reference) == 0:
        yield f"There are no reference outlines {where}; producer's accuracy and the like cannot be computed."
    elif len(comparison.reference) < FEW_LANDFORMS and assessment.intervals:
        yield (
            f"The reference has {len(comparison.reference)} landforms; intervals from fewer than {FEW_LANDFORMS} are "
            "mostly too narrow."
        )
    if _lie_apart(comparison.mapped.geometries, comparison.reference.geometries):
        yield "The extents of the mapped and the reference outlines do not touch; check their coordinate systems."
    if assessment.heatmap is not None and not assessment.heatmap.positives.any():
        yield "The heatmap has no value within the reference outlines; its average precision cannot be computed."
    if assessment.points is not None:
        yield from _point_notes(assessment.points)
    if comparison.reprojected:
        yield (
            "The mapped outlines' coordinate system does not give true areas in square metres; both layers were "
            f"reprojected to {spatial_reference(comparison.crs).GetName()}."
        )
    for name, layer in (("mapped", comparison.mapped), ("reference", comparison.reference)):
        yield from _layer_notes(name, layer)


def _layer_notes(name: str, layer: Landforms) -> Iterator[str]:
    if layer.unread:
        yield (
            f"The file of the {name} layer holds other layers, which were not read: {', '.join(layer.unread)}. "
            "Name a layer where another one is meant."
        )
    for sentence in layer.left_out:
        yield f"In the {name} layer: {sentence}"
    if len(set(layer.ids)) < len(layer.ids):
        yield f"Several landforms of the {name} layer have the same id; `source_id` and `partner_id` are ambiguous."
    if layer.repaired:
        yield f"Invalid polygons in the {name} layer that were repaired: {layer.repaired}."
    if layer.cut_count:
        yield (
            f"Landforms of the {name} layer that lie partly outside the compared area: {layer.cut_count}; "
            "only what lies inside counts."
        )


def _point_notes(points: PointAssessment) -> Iterator[str]:
    if points.unchecked:
        yield (
            f"Points without an answer: {points.unchecked}; they are left out, as if they had not been drawn. That is "
            "right if they are a random part, and wrong if the doubtful ones were skipped."
        )
    if points.inside < points.checked:
        yield f"Checked points outside of the compared area, which count as neither: {points.checked - points.inside}."


def _lie_apart(first: Geometries, second: Geometries) -> bool:
    """Whether neither layer is empty and their extents do not touch."""
    if len(first) == 0 or len(second) == 0:
        return False
    return not shapely.box(*shapely.total_bounds(first)).intersects(shapely.box(*shapely.total_bounds(second)))


def _finite(value: Any) -> Any:
    """Return a JSON value with None in place of numbers that JSON does not have."""
    if isinstance(value, dict):
        return {key: _finite(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(item) for item in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value
