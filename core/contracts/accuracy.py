"""Options and result of the accuracy stage."""

from __future__ import annotations

from dataclasses import dataclass

from ..options import Options, option


@dataclass(frozen=True)
class AccuracyOptions(Options):
    """Compare mapped outlines with a reference inventory."""

    mapped: str = option(help="Mapped outlines.")
    reference: str = option(help="Outlines of the reference inventory; they are reprojected where needed.")
    output: str = option(help="Layer of matched, split, missed, merged and false outlines to write (GeoPackage).")
    report: str = option("", help="Report to write (HTML).")
    json: str = option("", help="Figures to write (JSON).")
    area: str = option(
        "",
        help="Polygons of the area that the reference covers; both layers, the heatmap and the checked points are cut "
        "to it. Empty: no limit.",
    )
    heatmap: str = option(
        "", help="Heatmap to score by precision, recall and reliability, and to show on the report's map."
    )
    points: str = option(
        "",
        help="Sample points that a person has checked: the layer of Draw sample points with its field "
        "is_rock_glacier filled. Empty: no estimates from points.",
    )
    min_overlap: float = option(
        0.3,
        help="A landform counts as matched when at least this share of its reference outline is mapped, 0..1.",
        minimum=0,
        maximum=1,
    )
    min_iou: float = option(
        0.5,
        help="Two outlines are one landform drawn twice when their intersection over union is at least this, 0..1.",
        minimum=0,
        maximum=1,
    )
    group_by: tuple[str, ...] = option(
        (),
        help="Columns of the reference to report by, one table each; numbers with many values are put into four "
        "classes of equal count. Empty: every text column with few different values.",
    )
    repetitions: int = option(
        1000,
        help="How often landforms are drawn anew for the 95 % intervals of the figures; 0 for no intervals.",
        minimum=0,
        maximum=100_000,
    )
    seed: int = option(
        0, help="Seed of these draws: the same seed gives the same intervals.", minimum=0, maximum=2**31 - 1
    )


@dataclass(frozen=True)
class AccuracyResult:
    """Outputs and main figures; a figure that cannot be computed (nothing mapped, say) is NaN.

    Areas are in square metres, distances in metres, shares in 0..1. `area_bias` is mapped / reference - 1. Names that
    end in `low` and `high` are the ends of 95 % intervals. `pair_count` and the figures of landforms are those of the
    one-to-one pairs by intersection over union; the `adjusted` ones are estimated from checked points.
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
    mapped_count: int
    split_count: int
    merged_count: int
    mean_landform_area_bias: float
    pair_count: int
    landform_recall: float
    landform_precision: float
    landform_f1: float
    mean_pair_iou: float
    boundary_distance: float
    boundary_distance_95: float
    f1_low: float
    f1_high: float
    iou_low: float
    iou_high: float
    detected_low: float
    detected_high: float
    heatmap_average_precision: float
    heatmap_calibration_error: float
    adjusted_area_m2: float
    adjusted_area_error_m2: float
    adjusted_producers_accuracy: float
    adjusted_users_accuracy: float
