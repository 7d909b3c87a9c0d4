"""Sections of the accuracy report that are there when they were asked for: the heatmap, and the checked points."""

from __future__ import annotations

import math

from ..reports.report_page import figure_with_caption, paragraphs, plain_table
from ..reports.svg import Line, Mark, line_chart
from .accuracy_record import Record
from .areaadjusted import Z_95
from .reporttexts import decimal, percent, range_text, square_kilometres

_BLUE = 'stroke="#0072B2"'
_DASHED = 'stroke="#D55E00" stroke-dasharray="6 4"'


def heatmap_section(record: Record) -> str:
    """Return the curves of the heatmap as HTML, empty without a heatmap."""
    curves, figures = record["heatmap"], record["figures"]
    if curves is None:
        return ""
    charts = [_precision_recall(curves, figures), _reliability(curves, figures)] if curves["reference_pixels"] else []
    text = (
        f"Best single threshold: {decimal(figures['heatmap_best_threshold'])}, with an F1 of "
        f"{decimal(figures['heatmap_best_f1'])} by pixel. It was chosen on the very area that it is scored on, so it "
        "is the most that a threshold can reach here.",
        f"Brier score: {decimal(figures['heatmap_brier_score'])}, the mean squared difference between the heatmap and "
        "the reference; 0 is perfect.",
    )
    return "\n".join(["<h2>Heatmap</h2>", *charts, paragraphs(text)])


def _precision_recall(curves: Record, figures: Record) -> str:
    points = curves["precision_recall"]
    share = curves["reference_pixels"] / curves["pixels"]
    # A place without a value at 0, so that the axis begins there.
    recall = [0.0, *(point["recall"] for point in points)]
    lines = [
        Line("Heatmap", _BLUE, [math.nan, *(point["precision"] for point in points)]),
        Line("No skill", _DASHED, [share] * len(recall)),
    ]
    threshold = figures["heatmap_best_threshold"]
    best = min(points, key=lambda point: abs(point["threshold"] - threshold))
    marks = [Mark(best["recall"], best["precision"], f"threshold {threshold:.2f}")]
    chart = line_chart(
        recall, lines, "Precision (share of what is mapped that is right)", "Recall (share found)", marks
    )
    return figure_with_caption(
        chart,
        "What each threshold gives: the lower it is, the more is found and the more of it is false. The area below the "
        f"curve is the average precision, {decimal(figures['heatmap_average_precision'])}; a heatmap without skill has "
        f"{decimal(share)}. The mark is the threshold of the largest F1.",
    )


def _reliability(curves: Record, figures: Record) -> str:
    classes = curves["reliability"]
    values = [0.0, *(item["mean"] for item in classes), 1.0]
    lines = [
        Line("Heatmap", _BLUE, [math.nan, *(item["observed"] for item in classes), math.nan]),
        Line("Reliable", _DASHED, values),
    ]
    marks = [Mark(item["mean"], item["observed"], "") for item in classes]
    chart = line_chart(values, lines, "Observed share of the reference", "Heatmap value (mean of each class)", marks)
    return figure_with_caption(
        chart,
        "Whether values are probabilities: of the pixels of value 0.3, three in ten should be rock glaciers. Below the "
        "dashed line the heatmap claims too much, above it too little. The mean difference over all pixels (expected "
        f"calibration error) is {decimal(figures['heatmap_calibration_error'])}; most pixels lie in the lowest class.",
    )


def _ends(value: float, error: float, largest: float) -> tuple[float, float]:
    """Return the 95 % interval of an estimate, within what is possible."""
    return max(value - Z_95 * error, 0.0), min(value + Z_95 * error, largest)


def points_section(record: Record) -> str:
    """Return the estimates from checked points as HTML, empty without points."""
    points, figures = record["points"], record["figures"]
    if points is None:
        return ""
    names = (
        ("Area of rock glaciers", "area", "_m2", square_kilometres),
        ("Mapped area, by the points", "mapped_area", "_m2", square_kilometres),
        ("User\u2019s accuracy", "users_accuracy", "", percent),
        ("Producer\u2019s accuracy", "producers_accuracy", "", percent),
        ("Overall accuracy", "overall_accuracy", "", percent),
    )
    rows = []
    for title, name, suffix, written in names:
        value, error = figures[f"adjusted_{name}{suffix}"], figures[f"adjusted_{name}_error{suffix}"]
        ends = None if value is None or error is None else _ends(value, error, math.inf if suffix else 1.0)
        rows.append((title, written(value), written(error), range_text(ends, written)))
    counts, shares = points["counts"], points["area_shares"]
    matrix = [
        (title, str(counts[first]), str(counts[second]), percent(shares[first]), percent(shares[second]))
        for title, first, second in (
            ("Mapped", "mapped_and_true", "mapped_only"),
            ("Not mapped", "true_only", "neither"),
        )
    ]
    strata = [
        (row["stratum"], square_kilometres(row["area_m2"]), str(row["checked"]), str(row["rock_glaciers"]))
        for row in points["strata"]
    ]
    text = (
        f"From {points['checked']} points that a person has checked, {points['inside']} of them in the compared area. "
        "The estimates weigh each stratum by its area, so it does not matter that rock glaciers were sampled more "
        "densely than the rest; the map\u2019s own area is biased by what it misses and adds, the estimated one "
        "is not.",
        "Estimators of Olofsson et al. (2014) and Stehman (2014). Overall accuracy is high for any map of something "
        "rare, an empty one too.",
    )
    return "\n".join(
        [
            "<h2>Estimates from checked points</h2>",
            plain_table(("Estimate", "Value", "Standard error", "95 %"), rows),
            paragraphs(text),
            plain_table(
                ("", "Rock glacier (points)", "None (points)", "Rock glacier (area)", "None (area)"),
                matrix,
                "Error matrix: points counted, and shares of the area estimated",
            ),
            plain_table(("Stratum", "Area", "Checked points", "Rock glaciers"), strata, "Strata"),
        ]
    )
