"""The accuracy report, made from the very record that the JSON file holds, so that the two cannot disagree."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import NamedTuple

from ..reports.report_page import Page, card, html_page, paragraphs, source_name, template
from .accuracy_record import Record

_TITLE = "Accuracy of the mapped outlines"
_UNKNOWN = "n/a"


class Figure(NamedTuple):
    """A figure shown large: its key in the record, its name, how it is written, and what it means in one sentence."""

    key: str
    label: str
    text: Callable[[float | None], str]
    meaning: str


def percent(value: float | None) -> str:
    """Return a share as text, such as ``75.4 %``; n/a for None."""
    return _UNKNOWN if value is None else f"{100 * value:.1f}\u00a0%"


def signed_percent(value: float | None) -> str:
    """Return a bias as text with its sign, such as ``+28.0 %``; n/a for None."""
    if value is None:
        return _UNKNOWN
    # Rounded first, so that what is written as 0.0 has no minus.
    tenths = round(100 * value, 1) or 0.0
    return f"{tenths:+.1f}\u00a0%".replace("-", "\u2212")


def decimal(value: float | None) -> str:
    """Return a coefficient with three decimals; n/a for None."""
    return _UNKNOWN if value is None else f"{value:.3f}"


def square_kilometres(area_m2: float) -> str:
    """Return an area in km², with as many decimals as one landform needs."""
    return f"{area_m2 / 1e6:.{2 if area_m2 >= 1e8 else 4}f}\u00a0km\u00b2"


FIGURES = (
    Figure(
        "detected",
        "Landforms detected",
        percent,
        "Share of the reference landforms of which enough was mapped to count as found.",
    ),
    Figure(
        "producers_accuracy",
        "Producer\u2019s accuracy",
        percent,
        "Share of the reference area that was mapped (recall): the rest was missed.",
    ),
    Figure(
        "users_accuracy",
        "User\u2019s accuracy",
        percent,
        "Share of the mapped area that lies in the reference (precision): the rest is false.",
    ),
    Figure("f1", "F1 score", decimal, "Harmonic mean of producer\u2019s and user\u2019s accuracy; 1 is a perfect map."),
    Figure(
        "iou",
        "Intersection over union",
        decimal,
        "Area in both layers over the area in either; stricter than F1, and 1 only for a perfect map.",
    ),
    Figure(
        "area_bias",
        "Area bias",
        signed_percent,
        "Mapped area compared with reference area; above zero, too much was mapped in total.",
    ),
    Figure(
        "mean_landform_area_bias",
        "Mean landform bias",
        signed_percent,
        "Mapped area compared with reference area, landform by landform, averaged over the matched ones.",
    ),
    Figure(
        "heatmap_average_precision",
        "Heatmap average precision",
        decimal,
        "How well the heatmap ranks pixels of the reference above others, over all thresholds; 1 is perfect.",
    ),
)


def report_page(record: Record, svg: str) -> str:
    """Return the report as HTML text.

    Parameters
    ----------
    record : dict
        What `accuracy_record.record_of` returns.
    svg : str
        The map, as `report_map.draw_map` returns it; empty for none.

    Returns
    -------
    str
    """
    figures, inputs = record["figures"], record["inputs"]
    chain = record["provenance"]
    content = template("accuracy.html").substitute(
        cards="\n".join(
            card(figure.label, figure.text(figures[figure.key]), figure.meaning)
            for figure in FIGURES
            if figure.key in figures
        ),
        areas=_areas(figures),
        map=_map(svg, record["crs"]["name"]),
        counts=_counts(figures),
        tables="\n".join(_table(table) for table in record["tables"]),
        method=_method(record),
    )
    subtitle = f"{source_name(inputs['mapped']['path'])} against {source_name(inputs['reference']['path'])}"
    notes = record["notes"]
    return html_page(
        Page(_TITLE, subtitle, _finding(figures), notes, content, _inputs(record), chain, chain["accuracy"])
    )


def _finding(figures: Record) -> str:
    if not figures["reference_count"]:
        return "There is no reference landform to compare with, so nothing can be said about what was found."
    found = (
        f"{figures['matched_count']} of {figures['reference_count']} reference landforms were found "
        f"({percent(figures['detected'])})."
    )
    if not figures["mapped_count"]:
        return f"{found} Nothing was mapped."
    return (
        f"{found} {percent(figures['producers_accuracy'])} of the reference area was mapped, and "
        f"{percent(figures['users_accuracy'])} of the mapped area is confirmed by the reference."
    )


def _areas(figures: Record) -> str:
    """Return the bar of agreement and error areas, and its key."""
    kinds = (
        ("fn", "Missed (reference only)", figures["false_negative_m2"]),
        ("tp", "Agreement (both)", figures["true_positive_m2"]),
        ("fp", "False (mapped only)", figures["false_positive_m2"]),
    )
    total = sum(area for _, _, area in kinds)
    if total == 0:
        return "<p>Neither layer has any area here.</p>"
    bar = "".join(f'<i class="{kind}" style="width:{100 * area / total:.3f}%"></i>' for kind, _, area in kinds)
    keys = "".join(
        f'<span><i class="{kind}"></i>{label}: {square_kilometres(area)}</span>' for kind, label, area in kinds
    )
    return (
        f'<div class="areas">{bar}</div><div class="key">{keys}</div>'
        f"<p>Reference {square_kilometres(figures['reference_m2'])}, mapped {square_kilometres(figures['mapped_m2'])}; "
        "ground that several outlines of one layer cover counts once.</p>"
    )


def _map(svg: str, crs: str) -> str:
    if not svg:
        return "<p>There is nothing to show.</p>"
    return f"<figure>{svg}<figcaption>Coordinates in metres, {escape(crs)}.</figcaption></figure>"


def _counts(figures: Record) -> str:
    return (
        f"<p>Reference: {figures['reference_count']} landforms, {figures['matched_count']} matched, "
        f"{figures['missed_count']} missed. Mapped: {figures['mapped_count']} landforms, "
        f"{figures['mapped_count'] - figures['false_count']} matched, {figures['false_count']} false.</p>"
    )


def _table(table: Record) -> str:
    rows = "\n".join(
        f"<tr><td>{escape(row['group'])}</td><td>{row['count']}</td><td>{row['matched']}</td>"
        f"{_share_cell(row['detected'])}<td>{square_kilometres(row['area_m2'])}</td>"
        f"{_share_cell(row['producers_accuracy'])}</tr>"
        for row in table["rows"]
    )
    return (
        f"<h3>{escape(table['title'])}</h3>\n<table><thead><tr><th>Class</th><th>Reference landforms</th>"
        f"<th>Matched</th><th>Detected</th><th>Reference area</th><th>Producer\u2019s accuracy</th></tr></thead>"
        f"<tbody>\n{rows}\n</tbody></table>"
    )


def _share_cell(value: float | None) -> str:
    bar = f'<u><i style="width:{100 * (value or 0):.1f}%"></i></u>' if value is not None else ""
    return f'<td class="share">{bar}<b>{percent(value)}</b></td>'


def _method(record: Record) -> str:
    overlap = percent(record["options"]["min_overlap"])
    text = (
        "Areas come from exact intersections of the polygons, after the outlines of each layer were dissolved.",
        f"A reference landform is matched when mapped landforms together cover at least {overlap} of its area; "
        "otherwise it is missed.",
        f"A mapped landform is matched when the reference covers at least {overlap} of its area, or when it alone "
        f"covers at least {overlap} of some reference landform; otherwise it is false.",
        "For the mean landform bias, a mapped landform belongs to the reference landform that it shares most area "
        "with.",
        "Pieces of less than 1 m\u00b2 are no landforms.",
    )
    scored = (
        "The heatmap\u2019s average precision counts pixels whose centre lies in the compared area and that are not "
        "nodata.",
    )
    sentences = text + (scored if record["inputs"]["heatmap"] else ())
    return paragraphs(sentences)


def _inputs(record: Record) -> list[tuple[str, str]]:
    inputs, crs = record["inputs"], record["crs"]
    return [
        ("Mapped outlines", inputs["mapped"]["path"]),
        ("Reference outlines", inputs["reference"]["path"]),
        ("Compared area", inputs["area"] or "no limit"),
        ("Heatmap", inputs["heatmap"] or "none"),
        ("Smallest overlap", percent(record["options"]["min_overlap"])),
        ("Coordinate system", crs["name"] + (", chosen for true areas" if crs["reprojected"] else "")),
    ]
