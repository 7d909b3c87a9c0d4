"""The report of a tuning: what it gave on folds left out, what it changed, and how much each threshold matters."""

from __future__ import annotations

import math

from ..reports.report_page import (
    Page,
    card,
    figure_with_caption,
    html_page,
    paragraphs,
    plain_table,
    source_name,
    template,
)
from ..reports.svg import Line, Mark, line_chart
from .tuning_record import Record

_TITLES = {
    "f1": "F1 by area",
    "iou": "IoU by area",
    "f2": "F2 by area",
    "f05": "F0.5 by area",
    "landforms": "F1 of landforms found and user\u2019s accuracy",
}
_MEAN = 'stroke="#0072B2" stroke-width="2.5"'
_NEAR = 0.07
_FOLD = 'stroke="#9aa5b1" stroke-width="1"'


def report_page(record: Record) -> str:
    """Return the report as HTML text."""
    figures, title = record["figures"], _TITLES[record["measure"]]
    content = template("tuning.html").substitute(
        cards=_cards(figures, title),
        folds=_folds(record),
        changes=_changes(record),
        charts="\n".join(_chart(item, title) for item in record["thresholds"]),
        method=paragraphs(_method(record)),
    )
    inputs = [
        ("Rule set", f"{record['rules']['title']} ({record['rules']['name']})"),
        ("Objects", ", ".join(record["inputs"]["objects"])),
        ("Reference", ", ".join(record["inputs"]["reference"])),
        ("Compared area", record["inputs"]["area"] or "no limit"),
        ("Measure", title),
        ("Classes tuned", ", ".join(record["classes"])),
    ]
    names = ", ".join(source_name(source) for source in record["inputs"]["objects"])
    page = Page(
        "Tuning of a rule set",
        f"{record['rules']['name']} on {names}",
        _finding(record, title),
        record["notes"],
        content,
        inputs,
        record["provenance"],
        record["provenance"],
    )
    return html_page(page)


def _cards(figures: Record, title: str) -> str:
    return "\n".join(
        [
            card("As it was", f"{figures['score_before']:.3f}", f"{title} of the rules before, mean of the folds."),
            card(
                "Tuned, not seen",
                f"{figures['score_after']:.3f}",
                "Mean over the folds of rules tuned without the fold that they are scored on: what may be expected "
                "elsewhere.",
            ),
            card(
                "Gain",
                _signed(figures["gain"]),
                "Difference of the two; with its standard error over the folds.",
                f"\u00b1 {figures['gain_error']:.3f}",
            ),
            card(
                "Tuned, seen",
                f"{figures['score_fitted']:.3f}",
                "The written rules on what they were tuned on. Flattering by nature: do not quote it.",
            ),
        ]
    )


def _finding(record: Record, title: str) -> str:
    figures, changed = record["figures"], len(record["changes"])
    return (
        f"Where they had not been tuned, tuned rules gave {figures['score_after']:.3f} instead of "
        f"{figures['score_before']:.3f} ({title}). The written rules changed {changed} "
        f"condition{'' if changed == 1 else 's'}."
    )


def _folds(record: Record) -> str:
    rows = [
        (
            fold["name"],
            f"{fold['before']:.3f}",
            f"{fold['after']:.3f}",
            _signed(fold["after"] - fold["before"]),
            f"{fold['fitted']:.3f}",
        )
        for fold in record["folds"]
    ]
    return plain_table(("Fold", "As it was", "Tuned without it", "Gain", "Tuned on all"), rows)


def _changes(record: Record) -> str:
    if not record["changes"]:
        return "<p>No change made the measure larger: the rules are written as they were.</p>"
    rows = [
        (item["feature"], item["membership"], _corners(item["before"]), _corners(item["after"]))
        for item in record["changes"]
    ]
    return plain_table(("Condition on", "Membership", "Corners before", "Corners tuned"), rows)


def _chart(item: Record, title: str) -> str:
    """Return the chart of a threshold: the mean in blue, the folds in grey."""
    values, scores = item["values"], item["scores"]
    means = [sum(row) / len(row) for row in scores]
    lines = [
        *(Line("" if fold else "Folds", _FOLD, [row[fold] for row in scores]) for fold in range(len(scores[0]))),
        Line("Mean", _MEAN, means),
    ]
    before, after = (sum(item[key]) / 2 for key in ("before", "after"))
    marks = [Mark(after, _at(values, means, after), "tuned" if item["after"] != item["before"] else "as it was")]
    # Two labels closer than this would lie on each other.
    if abs(after - before) > _NEAR * (values[-1] - values[0]) and values[0] <= before <= values[-1]:
        marks.append(Mark(before, _at(values, means, before), "before"))
    which = {"between": ("lower", "upper"), "outside": ("lower", "upper")}.get(item["membership"], ("", ""))
    end = f", {which[item['side']]} end" if which[0] else ""
    name = f"{item['feature']} {item['membership']}{end}"
    others = "; ".join(_corners(corners) for corners in item["without_each_fold"])
    caption = (
        f"Class {item['class']}. Middle of the ramp; corners {_corners(item['before'])} before, "
        f"{_corners(item['after'])} tuned. Tuned without each fold: {others}. " + _meaning(means)
    )
    return figure_with_caption(line_chart(values, lines, title, name, marks), caption)


def _meaning(means: list[float]) -> str:
    spread = max(means) - min(means)
    if spread < 0.005:
        return "A flat line: this threshold hardly matters here."
    near = sum(mean > max(means) - 0.01 for mean in means)
    return f"The measure spans {spread:.3f}; {near} of {len(means)} values come within 0.01 of the best."


def _at(values: list[float], means: list[float], wanted: float) -> float:
    """Return the mean at a value, between two of the chart's where it is none of them."""
    for (left, low), (right, high) in zip(
        zip(values, means, strict=True), zip(values[1:], means[1:], strict=True), strict=False
    ):
        if left <= wanted <= right:
            return low + (high - low) * (wanted - left) / (right - left)
    return means[0] if wanted < values[0] else means[-1]


def _method(record: Record) -> tuple[str, ...]:
    return (
        "The measure counts the area of objects: what of an object lies in the reference is right, the rest false; "
        "reference that no object covers does not count. It is before reshaping, which changes outlines.",
        "One threshold after the other took the value, or half or twice the width of its ramp, that made the "
        "mean of the folds largest, until none changed; then the same with smaller steps. A change had to gain more "
        "than 0.002, and more than the standard error of its gain over the folds. That ends in a local optimum.",
        f"For each of the {len(record['folds'])} folds the same was done without it, and scored on it. No score called "
        "\u201ctuned, not seen\u201d rests on landforms that its rules were tuned on.",
        "Grey lines are the folds, the blue one is their mean, with all other thresholds as tuned.",
    )


def _corners(corners: list[float]) -> str:
    return (
        " to ".join(f"{corner:g}" for corner in corners)
        if len(corners) == 2
        else ", ".join(map("{:g}".format, corners))
    )


def _signed(value: float) -> str:
    return f"{value:+.3f}".replace("-", "\u2212") if math.isfinite(value) else "n/a"
