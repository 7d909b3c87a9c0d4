"""The accuracy report, made from the very record that the JSON file holds, so that the two cannot disagree."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import NamedTuple

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
from .accuracy_record import Record
from .accuracytables import MAPPED, REFERENCE, Names
from .report_sections import heatmap_section, points_section
from .reporttexts import decimal, metres, percent, range_text, signed_percent, square_kilometres

_TITLE = "Accuracy of the mapped outlines"


class Figure(NamedTuple):
    """A figure shown large: its key in the record, its name, how it is written, and what it means in one sentence."""

    key: str
    label: str
    text: Callable[[float | None], str]
    meaning: str


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
        "landform_f1",
        "F1 score of landforms",
        decimal,
        "Harmonic mean of the shares of reference and of mapped landforms that are in a one-to-one pair.",
    ),
    Figure(
        "mean_pair_iou",
        "Mean IoU of pairs",
        decimal,
        "How well outlines fit once a landform is found: the mean intersection over union of the pairs.",
    ),
    Figure(
        "boundary_distance",
        "Boundary distance",
        metres,
        "Mean distance between the two outlines of a landform, over the pairs by overlap.",
    ),
    Figure(
        "boundary_distance_95",
        "Boundary distance, 95 %",
        metres,
        "95 % of an outline lie at most so far from the other one (95 % Hausdorff distance), mean over the pairs.",
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
    ends = record["intervals"]["figures"]
    shown = [figure for figure in FIGURES if inputs["heatmap"] or not figure.key.startswith("heatmap_")]
    content = template("accuracy.html").substitute(
        cards="\n".join(
            card(
                figure.label,
                figure.text(figures[figure.key]),
                figure.meaning,
                f"95 %: {range_text(ends[figure.key], figure.text)}" if figure.key in ends else "",
            )
            for figure in shown
        ),
        areas=_areas(figures),
        map=_map(svg, record["crs"]["name"]),
        counts=_counts(figures),
        landforms=_landforms(record),
        tables=_tables(record),
        heatmap=heatmap_section(record),
        points=points_section(record),
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
    return figure_with_caption(
        svg,
        "Split: a reference landform mapped in several pieces. Merged: a mapped outline that joins several reference "
        f"landforms. Coordinates in metres, {crs}.",
    )


def _counts(figures: Record) -> str:
    return (
        f"<p>Reference: {figures['reference_count']} landforms, {figures['matched_count']} matched "
        f"({figures['split_count']} of them in several pieces), {figures['missed_count']} missed. "
        f"Mapped: {figures['mapped_count']} landforms, {figures['mapped_count'] - figures['false_count']} matched "
        f"({figures['merged_count']} of them joining several), {figures['false_count']} false.</p>"
    )


def _landforms(record: Record) -> str:
    """Return the table of one-to-one pairs, and what it means."""
    figures, options = record["figures"], record["options"]
    criteria = (
        (f"IoU of at least {options['min_iou']:g}", ""),
        (f"overlap of at least {options['min_overlap']:g}", "overlap_"),
    )
    rows = [
        (
            title,
            str(figures[f"{prefix}pair_count"]),
            percent(figures[f"{prefix}landform_recall"]),
            percent(figures[f"{prefix}landform_precision"]),
            decimal(figures[f"{prefix}landform_f1"]),
            decimal(figures[f"{prefix}mean_pair_iou"]),
        )
        for title, prefix in criteria
    ]
    heads = ("Pairs by", "Pairs", "Reference in a pair", "Mapped in a pair", "F1", "Mean IoU")
    text = (
        "One-to-one pairs: each landform has one partner at most, and the pairs are those whose intersections over "
        "union add up to the largest sum. A landform that was split or merged counts once here; the rest of its pieces "
        "stays without a partner. Intersection over union asks for a good outline; overlap, the share of "
        "the reference landform that is mapped, only for having found the place."
    )
    return plain_table(heads, rows, "One-to-one") + paragraphs([text])


def _tables(record: Record) -> str:
    heads = ("Class", "Landforms", "Matched", "Split", "Detected", "95 %", "Area", "Producer\u2019s accuracy")
    parts = [_table("Reference", heads, REFERENCE, table) for table in record["tables"]]
    heads = ("Class", "Landforms", "Matched", "Merged", "Confirmed", "95 %", "Area", "User\u2019s accuracy")
    return "\n".join([*parts, *(_table("Mapped", heads, MAPPED, table) for table in record["mapped_tables"])])


def _table(whose: str, heads: tuple[str, ...], names: Names, table: Record) -> str:
    rows = "\n".join(
        f"<tr><td>{escape(row['group'])}</td><td>{row['count']}</td><td>{row['matched']}</td>"
        f"<td>{row[names.several]}</td>{_share_cell(row[names.detected])}"
        f"<td>{range_text(row[f'{names.detected}_interval'], percent)}</td>"
        f"<td>{square_kilometres(row['area_m2'])}</td>{_share_cell(row[names.covered])}</tr>"
        for row in table["rows"]
    )
    head = "".join(f"<th>{text}</th>" for text in heads)
    title = table["title"][0].lower() + table["title"][1:]
    return (
        f"<h3>{whose}: {escape(title)}</h3>\n"
        f'<table class="classes"><thead><tr>{head}</tr></thead><tbody>\n{rows}\n</tbody></table>'
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
        "A mapped and a reference landform belong together when one covers at least that share of the other. A matched "
        "reference landform that belongs together with several mapped ones is split; a matched mapped landform that "
        "belongs together with several reference ones is merged.",
        "For the mean landform bias, a mapped landform belongs to the reference landform that it shares most area "
        "with.",
        "Boundary distances are measured from 200 points along each outline to the nearest place of its "
        "partner\u2019s; where the edge of the compared area cuts an outline, the cut does not count.",
        "Pieces of less than 1 m\u00b2 are no landforms.",
    )
    options = record["options"]
    drawn = (
        f"95 % intervals: landforms were drawn anew {options['repetitions']} times, with replacement, those that "
        f"overlap as one (bootstrap, seed {options['seed']}). They tell how much the figures hang on the "
        "landforms that happen to lie here; not how far the reference itself can be trusted. Those "
        "in the tables are Wilson\u2019s for a "
        "share of counts.",
    )
    scored = ("The heatmap\u2019s scores count pixels whose centre lies in the compared area and that are not nodata.",)
    sentences = (
        text + (drawn if record["intervals"]["figures"] else ()) + (scored if record["inputs"]["heatmap"] else ())
    )
    return paragraphs(sentences)


def _inputs(record: Record) -> list[tuple[str, str]]:
    inputs, crs = record["inputs"], record["crs"]
    return [
        ("Mapped outlines", inputs["mapped"]["path"]),
        ("Reference outlines", inputs["reference"]["path"]),
        ("Compared area", inputs["area"] or "no limit"),
        ("Heatmap", inputs["heatmap"] or "none"),
        ("Checked points", inputs["points"] or "none"),
        ("Smallest overlap", percent(record["options"]["min_overlap"])),
        ("Smallest IoU of a pair", f"{record['options']['min_iou']:g}"),
        ("Coordinate system", crs["name"] + (", chosen for true areas" if crs["reprojected"] else "")),
    ]
