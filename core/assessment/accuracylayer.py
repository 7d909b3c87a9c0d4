"""The layer of outlines that the accuracy stage writes: each compared landform once, with what became of it."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from ..contracts.accuracy import AccuracyOptions
from ..provenance import joined, step
from ..vectors.vector import VectorLayer
from .assessed import Assessment
from .comparison import Comparison
from .matching import LandformMatch

MATCHED, SPLIT, MISSED, MERGED, FALSE = "matched", "split", "missed", "merged", "false"


def statuses(match: LandformMatch) -> tuple[NDArray[Any], NDArray[Any]]:
    """Return the status of each reference landform and of each mapped one.

    Reference landforms are ``matched``, ``split`` (matched, in several pieces) or ``missed``; mapped ones are
    ``matched``, ``merged`` (matched, joining several reference landforms) or ``false``.
    """
    reference = np.where(match.reference_split, SPLIT, np.where(match.reference_matched, MATCHED, MISSED))
    mapped = np.where(match.mapped_merged, MERGED, np.where(match.mapped_matched, MATCHED, FALSE))
    return reference.astype(object), mapped.astype(object)


def outlines(options: AccuracyOptions, comparison: Comparison, assessment: Assessment) -> VectorLayer:
    """Return the layer: first the landforms of the reference, then the mapped ones."""
    mapped, reference = comparison.mapped, comparison.reference
    match, pairs = assessment.match, assessment.by_overlap.pairs
    geometries = np.concatenate([reference.geometries, mapped.geometries])
    ends = (pairs.reference, len(reference) + pairs.mapped)
    columns = {
        "status": np.concatenate(statuses(match)),
        "source": np.array(["reference"] * len(reference) + ["mapped"] * len(mapped), dtype=object),
        "source_id": np.array([*reference.ids, *mapped.ids], dtype=object),
        "overlap": np.concatenate([match.reference_overlap, match.mapped_overlap]),
        "area_m2": shapely.area(geometries),
        "partner_id": np.full(len(geometries), None, dtype=object),
        "iou": np.full(len(geometries), np.nan),
        "distance_m": np.full(len(geometries), np.nan),
        "distance_95_m": np.full(len(geometries), np.nan),
    }
    partners = (
        np.array(mapped.ids, dtype=object)[pairs.mapped],
        np.array(reference.ids, dtype=object)[pairs.reference],
    )
    for rows, ids in zip(ends, partners, strict=True):
        columns["partner_id"][rows] = ids
        columns["iou"][rows] = pairs.iou
        columns["distance_m"][rows] = assessment.distances.mean
        columns["distance_95_m"][rows] = assessment.distances.hausdorff_95
    return VectorLayer(geometries, columns, comparison.crs, joined(mapped.provenance, [step("accuracy", options)]))
