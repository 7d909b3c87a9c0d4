"""The report of a comparison of two dates."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Any

from ..provenance import Step
from ..reports.report_page import Page, card, html_page, paragraphs, source_name, template
from .changerecord import Landform, Record
from .drawings import change_chart, change_map

_MOST_ROWS = 100
_MINUS = "\u2212"
_METHOD = (
    "Outlines of both dates are one landform where they share at least {overlap:.0%} of the smaller one, directly or "
    "through others. One that became several is split, several that became one are merged.",
    "Areas are those on the ground. The area of an outline is uncertain by the boundary error of {error:g} m times its "
    "perimeter (buffer method, Granshaw and Fountain, 2006), at most by the area itself. The errors of both dates are "
    "independent: the error of a change, and of a sum over landforms, is the root of the sum of squares. A change "
    "counts where it exceeds its error.",
    "Fronts advance along the direction in which the landform falls as a whole: the mean difference of how far both "
    "outlines reach, on 21 profiles across the middle half of the front, the lower third of the earlier outline (after "
    "Moon and Joughin, 2008). Its error is the boundary error times the root of two.",
    "An outline that was drawn in more detail has a longer perimeter and so a larger error; compare outlines that were "
    "drawn alike. A shift between the images of both dates moves fronts, and is part of the boundary error.",
)


def report_page(record: Record, landforms: Sequence[Landform], steps: Sequence[Step]) -> str:
    """Return the report as HTML text.

    Parameters
    ----------
    record : dict
        What `changerecord.record_of` returns.
    landforms : sequence of Landform
        The same landforms, with their outlines.
    steps : sequence of dict
        Provenance; the last step is the one that compared.
    """
    figures, options, inputs = record["figures"], record["options"], record["inputs"]
    content = template("change.html").substitute(
        cards=_cards(figures, options["years"]),
        map=f"<figure>{change_map(landforms)}</figure>" if landforms else "<p>There is nothing to show.</p>",
        chart=f"<figure>{change_chart(landforms)}</figure>" if landforms else "<p>There is nothing to show.</p>",
        table=_table(record["landforms"]),
        method=paragraphs(
            text.format(overlap=options["min_overlap"], error=options["boundary_error_m"]) for text in _METHOD
        ),
    )
    subtitle = f"{source_name(inputs['before']['path'])} to {source_name(inputs['after']['path'])}"
    described = [(name, _input(inputs[name])) for name in ("before", "after", "dem", "area") if inputs[name]]
    described += [(name, f"{value:g}") for name, value in options.items() if value is not None]
    return html_page(
        Page(
            "Change of landforms",
            subtitle,
            _finding(figures),
            record["notes"],
            content,
            described,
            list(steps),
            steps[-1],
        )
    )


def _input(value: Any) -> str:
    return (
        source_name(value) if isinstance(value, str) else f"{source_name(value['path'])}, {value['outlines']} outlines"
    )


def _finding(figures: Record) -> str:
    if not figures["landforms"]:
        return "There are no outlines at either date."
    change, error = figures["area_change_m2"], figures["area_change_error_m2"]
    verdict = "more" if abs(change) > error else "no more"
    return (
        f"The area changed by {signed_area(change)} \u00b1 {area(error)}, {verdict} than its error. Of "
        f"{figures['landforms']} landforms {figures['grown']} grew and {figures['shrunk']} shrank by more than their "
        f"errors; new: {figures['new']}, gone: {figures['gone']}."
    )


def _cards(figures: Record, years: float | None) -> str:
    advance = figures["mean_front_advance_m"]
    rate = f" That is {signed(advance / years)} m a year." if years and advance is not None else ""
    cards = [
        ("Change of area", signed_area(figures["area_change_m2"]), f"\u00b1 {area(figures['area_change_error_m2'])}."),
        ("Earlier area", area(figures["area_before_m2"]), "Of all landforms of the earlier date."),
        ("Later area", area(figures["area_after_m2"]), "Of all landforms of the later date."),
        (
            "Front advance",
            "n/a" if advance is None else f"{signed(advance)}\u00a0m",
            "Mean over the landforms of both dates whose flow is known." + rate,
        ),
        ("Grown", str(figures["grown"]), "Landforms of both dates that grew by more than the error."),
        ("Shrunk", str(figures["shrunk"]), "Landforms of both dates that shrank by more than the error."),
        ("New / gone", f"{figures['new']} / {figures['gone']}", "Landforms that one date alone has."),
        (
            "Split / merged",
            f"{figures['split']} / {figures['merged']}",
            "One that became several, several that became one.",
        ),
    ]
    return "\n".join(card(*item) for item in cards)


def _table(landforms: Sequence[Record]) -> str:
    """Return the landforms as a table, those that changed most first."""
    ordered = sorted(landforms, key=lambda row: -abs(row["area_change_m2"]))
    rows = "\n".join(
        f"<tr><td>{escape(row['name'])}</td><td>{row['status']}</td><td>{row['trend']}</td>"
        f"<td>{area(row['area_before_m2'])}</td><td>{area(row['area_after_m2'])}</td>"
        f"<td>{signed_area(row['area_change_m2'])} \u00b1\u00a0{area(row['area_error_m2'])}</td>"
        f"<td>{_advance(row)}</td></tr>"
        for row in ordered[:_MOST_ROWS]
    )
    heads = ("Landform", "Status", "Trend", "Earlier", "Later", "Change", "Front advance")
    head = "".join(f"<th>{text}</th>" for text in heads)
    left = len(ordered) - _MOST_ROWS
    more = f"<p>{left} landforms that changed less are in the layer.</p>" if left > 0 else ""
    return f'<table class="change"><thead><tr>{head}</tr></thead><tbody>\n{rows}\n</tbody></table>{more}'


def _advance(row: Record) -> str:
    if row["front_advance_m"] is None:
        return ""
    return f"{signed(row['front_advance_m'])} \u00b1\u00a0{row['front_advance_error_m']:.1f}\u00a0m"


def area(value: float) -> str:
    """Return an area in hectares, or in square kilometres from 10 on."""
    if abs(value) >= 1e7:
        return f"{value / 1e6:.2f}\u00a0km\u00b2".replace("-", _MINUS)
    return f"{value / 1e4:.2f}\u00a0ha".replace("-", _MINUS)


def signed_area(value: float) -> str:
    """Return a change of area with its sign."""
    return ("+" if value > 0 else "") + area(value)


def signed(value: float) -> str:
    """Return a length with its sign and one decimal."""
    # Rounded first, so that what is written as 0.0 has no minus.
    return f"{round(value, 1) or 0.0:+.1f}".replace("-", _MINUS)
