"""Options and result of the accuracy stage."""

from __future__ import annotations

from dataclasses import dataclass

from ..options import Options, option


@dataclass(frozen=True)
class AccuracyOptions(Options):
    """Compare mapped outlines with a reference inventory."""

    mapped: str = option(help="Mapped outlines.")
    reference: str = option(help="Outlines of the reference inventory; they are reprojected where needed.")
    output: str = option(help="Layer of matched, missed and false outlines to write (GeoPackage).")
    report: str = option("", help="Report to write (HTML).")
    json: str = option("", help="Figures to write (JSON).")
    area: str = option(
        "", help="Polygons of the area that the reference covers; both layers are cut to it. Empty: no limit."
    )
    heatmap: str = option("", help="Heatmap to score by average precision and to show on the report's map.")
    min_overlap: float = option(
        0.3,
        help="A landform counts as matched when at least this share of its reference outline is mapped, 0..1.",
        minimum=0,
        maximum=1,
    )


@dataclass(frozen=True)
class AccuracyResult:
    """Outputs and main figures; a figure that cannot be computed (nothing mapped, say) is NaN.

    Areas are in square metres, shares in 0..1. `area_bias` is mapped / reference - 1.
    """

    output: str
    report: str
    json: str
    producers_accuracy: float
    users_accuracy: float
    f1: float
    iou: float
    area_bias: float
    detected: float
    reference_count: int
    matched_count: int
    missed_count: int
    false_count: int
