"""The record of an accuracy assessment: figures, tables and notes as plain values, ready for JSON.

The JSON file holds it as it is, and the report is made from it. Numbers that cannot be computed are None.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from ..contracts.accuracy import AccuracyOptions
from ..progress import Progress
from ..provenance import step
from ..rasters.geodata import spatial_reference
from .comparison import Comparison, Landforms
from .matching import AreaAgreement, Geometries, LandformMatch, covered_areas, dissolve, share

SIZE_CLASSES_KM2 = (0.01, 0.05, 0.1, 0.5)
"""Limits between the size classes of reference landforms; a landform on a limit belongs to the larger class."""

MOST_GROUPS = 12
"""A text column with more distinct values than this names landforms rather than groups them."""

Record = dict[str, Any]


def figures_of(agreement: AreaAgreement, match: LandformMatch) -> dict[str, float]:
    """Return every figure by name; those of the stage's result under the result's names, NaN where there is none."""
    reference_count, matched_count = len(match.reference_matched), int(match.reference_matched.sum())
    return {
        "producers_accuracy": agreement.producers_accuracy,
        "users_accuracy": agreement.users_accuracy,
        "f1": agreement.f1,
        "iou": agreement.iou,
        "area_bias": agreement.area_bias,
        "mean_landform_area_bias": match.mean_area_bias,
        "detected": share(matched_count, reference_count),
        "reference_count": reference_count,
        "matched_count": matched_count,
        "missed_count": reference_count - matched_count,
        "mapped_count": len(match.mapped_matched),
        "false_count": int(np.sum(~match.mapped_matched)),
        "true_positive_m2": agreement.true_positive,
        "false_positive_m2": agreement.false_positive,
        "false_negative_m2": agreement.false_negative,
        "mapped_m2": agreement.mapped,
        "reference_m2": agreement.reference,
    }


def record_of(
    options: AccuracyOptions,
    comparison: Comparison,
    match: LandformMatch,
    figures: dict[str, float],
    progress: Progress,
) -> Record:
    """Return the record of an assessment.

    Parameters
    ----------
    options : AccuracyOptions
    comparison : Comparison
    match : LandformMatch
    figures : dict of float
        As `figures_of` returns them.
    progress : Progress

    Returns
    -------
    dict
        Values that `json.dumps` takes with ``allow_nan=False``.
    """
    mapped, reference, crs = comparison.mapped, comparison.reference, comparison.crs
    record = {
        "inputs": {
            "mapped": _described(mapped),
            "reference": _described(reference),
            "area": options.area or None,
            "heatmap": options.heatmap or None,
        },
        "options": {"min_overlap": options.min_overlap},
        "crs": {"name": spatial_reference(crs).GetName(), "wkt": crs, "reprojected": comparison.reprojected},
        "units": {"*_m2": "square metres", "*_count": "landforms", "others": "shares; a bias of 0.1 is 10 % too much"},
        "figures": figures,
        "tables": list(_tables(mapped, reference, match, progress)),
        "notes": list(_notes(options, comparison, figures)),
        "provenance": {
            "mapped": list(mapped.provenance),
            "reference": list(reference.provenance),
            "accuracy": step("accuracy", options),
        },
    }
    finite: Record = _finite(record)
    return finite


def _described(layer: Landforms) -> Record:
    return {
        "path": layer.source,
        "landforms": len(layer),
        "repaired": layer.repaired,
        "cut_by_area": layer.cut_count,
    }


def _tables(mapped: Landforms, reference: Landforms, match: LandformMatch, progress: Progress) -> Iterator[Record]:
    """Yield the table by size, and one by each column that groups the reference landforms."""
    cover = dissolve(mapped.geometries)
    groupings = {name: _groups(values) for name, values in reference.columns.items()}
    for column, groups in (("", _sizes(reference)), *groupings.items()):
        if groups:
            rows = [
                {"group": name, **_row(reference.geometries[chosen], match.reference_matched[chosen], cover, progress)}
                for name, chosen in groups.items()
            ]
            title = f"By {column}" if column else "By size of the whole reference landform (km²)"
            yield {"title": title, "column": column or None, "rows": rows}


def _row(geometries: Geometries, matched: NDArray[np.bool_], cover: Geometries, progress: Progress) -> Record:
    ground = dissolve(geometries)
    area = float(shapely.area(ground).sum())
    covered = float(covered_areas(ground, cover, progress.part(1.0, 1.0)).sum())
    return {
        "count": len(matched),
        "matched": int(matched.sum()),
        "detected": share(float(matched.sum()), len(matched)),
        "area_m2": area,
        "producers_accuracy": share(covered, area),
    }


def _sizes(reference: Landforms) -> dict[str, NDArray[np.bool_]]:
    """Return where the landforms of each size class are."""
    limits = [f"{limit:g}" for limit in SIZE_CLASSES_KM2]
    between = [f"{low} to {high}" for low, high in itertools.pairwise(limits)]
    names = [f"below {limits[0]}", *between, f"{limits[-1]} and above"]
    number = np.digitize(reference.whole_areas / 1e6, SIZE_CLASSES_KM2)
    return {name: number == index for index, name in enumerate(names)}


def _groups(values: NDArray[Any]) -> dict[str, NDArray[np.bool_]]:
    """Return where each value of a column is, if it is text that groups landforms; otherwise nothing."""
    if values.dtype != object:
        return {}
    texts = np.array([value or "" for value in values], dtype=object)
    names = sorted(set(texts) - {""})
    # A value each for every landform is a name.
    if not 2 <= len(names) <= MOST_GROUPS or len(names) == np.count_nonzero(texts != ""):
        return {}
    groups = {name: texts == name for name in names}
    if "" in texts:
        groups["(not stated)"] = texts == ""
    return groups


def _notes(options: AccuracyOptions, comparison: Comparison, figures: dict[str, float]) -> Iterator[str]:
    """Yield sentences on what a reader of the figures must know."""
    where = "in the compared area" if options.area else "in the layer"
    if len(comparison.mapped) == 0:
        yield f"There are no mapped outlines {where}; user's accuracy and the like cannot be computed."
    if len(comparison.reference) == 0:
        yield f"There are no reference outlines {where}; producer's accuracy and the like cannot be computed."
    if _lie_apart(comparison.mapped.geometries, comparison.reference.geometries):
        yield "The extents of the mapped and the reference outlines do not touch; check their coordinate systems."
    if math.isnan(figures.get("heatmap_average_precision", 0.0)):
        yield "The heatmap has no value within the reference outlines; its average precision cannot be computed."
    if comparison.reprojected:
        yield (
            "The mapped outlines' coordinate system does not give true areas in square metres; both layers were "
            f"reprojected to {spatial_reference(comparison.crs).GetName()}."
        )
    for name, layer in (("mapped", comparison.mapped), ("reference", comparison.reference)):
        if layer.repaired:
            yield f"Invalid polygons in the {name} layer that were repaired: {layer.repaired}."
        if layer.cut_count:
            yield (
                f"Landforms of the {name} layer that lie partly outside the compared area: {layer.cut_count}; "
                "only what lies inside counts."
            )


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
