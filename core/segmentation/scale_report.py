"""The report of a search for the scale parameter, made from the very record that the JSON file holds."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

from ..reports.report_page import Page, card, html_page, paragraphs, source_name, template
from ..reports.svg import Line, Mark, line_chart
from .scale_record import Record

_TITLE = "Choice of the scale parameter"
_UNKNOWN = "n/a"
_BLUE, _ORANGE, _BLACK = 'stroke="#0072B2"', 'stroke="#D55E00" stroke-dasharray="7 4"', 'stroke="#1d2530"'


def _decimals(count: int) -> Callable[[float | None], str]:
    def written(value: float | None) -> str:
        return _UNKNOWN if value is None else f"{value:.{count}f}".replace("-", "\u2212")

    return written


class Column(NamedTuple):
    """A column of the table: its key in a level, its title, how it is written, and what it means in one sentence."""

    key: str
    title: str
    text: Callable[[float | None], str]
    meaning: str


_ALWAYS = (
    Column("scale", "Scale", lambda value: f"{value:g}", "Objects merge while a merge costs less than its square."),
    Column("objects", "Objects", lambda value: f"{value:,}".replace(",", "\u2009"), "Number of objects in this part."),
    Column("mean_pixels", "Mean size (pixels)", _decimals(1), "Pixels with data over objects."),
    Column(
        "local_variance",
        "Local variance",
        _decimals(3),
        "Mean over the objects of the standard deviation within an object, averaged over the bands used, which are "
        "stretched to 0..255; it rises as long as objects take in different ground.",
    ),
    Column(
        "rate_of_change_percent",
        "Rate of change (%)",
        _decimals(2),
        "Rise of the local variance against the scale before; at a peak it stops rising so fast, because objects have "
        "reached the size of things in the scene. Several peaks stand for things of several sizes.",
    ),
)
_WITH_REFERENCE = (
    Column(
        "over_segmentation",
        "OS",
        _decimals(3),
        "Over-segmentation: the share of a reference outline that one of its objects leaves out, 0 where one object "
        "covers it all and near 1 where it is in crumbs.",
    ),
    Column(
        "under_segmentation",
        "US",
        _decimals(3),
        "Under-segmentation: the share of such an object that lies outside the outline, 0 where objects stay inside.",
    ),
    Column(
        "d", "D", _decimals(3), "Both as one, sqrt((OS\u00b2 + US\u00b2) / 2); the scale with the smallest is proposed."
    ),
)


def report_page(record: Record) -> str:
    """Return the report as HTML text.

    Parameters
    ----------
    record : dict
        What `scale_record.record_of` returns.

    Returns
    -------
    str
    """
    columns = _ALWAYS + (_WITH_REFERENCE if record["outlines"] else ())
    content = template("scale.html").substitute(
        cards="\n".join(_cards(record)),
        charts="\n".join(f"<h2>{title}</h2>\n<figure>{svg}</figure>" for title, svg in _charts(record)),
        table=_table(record, columns),
        meaning=paragraphs(f"{column.title}: {column.meaning}" for column in columns),
        method=paragraphs(_method(record)),
    )
    return html_page(
        Page(
            _TITLE,
            source_name(record["inputs"]["raster"]),
            _finding(record),
            record["notes"],
            content,
            _inputs(record),
            record["provenance"],
            record["provenance"]["scaleparameter"],
        )
    )


def _finding(record: Record) -> str:
    best = record["best_scale"]
    if best is None:
        return "No scale is proposed."
    if record["outlines"]:
        return f"A scale of {best:g} gives the objects that fit the reference outlines best."
    others = ", ".join(f"{scale:g}" for scale in record["peaks"][1:])
    more = f" Lower peaks are at {others}." if others else ""
    return f"The local variance has its highest peak of change at a scale of {best:g}.{more}"


def _cards(record: Record) -> list[str]:
    best = record["best_scale"]
    level = next((level for level in record["levels"] if level["scale"] == best), None)
    cards = [card("Proposed scale", _UNKNOWN if best is None else f"{best:g}", f"By {record['best_by']}.")]
    if level is not None:
        cards.append(card("Objects", f"{level['objects']:,}".replace(",", "\u2009"), "In the part that was tried."))
        cards.append(card("Mean size", f"{level['mean_pixels']:.0f} pixels", "Of the objects at the proposed scale."))
    if record["outlines"]:
        cards.append(card("D", _decimals(3)(record["best_d"]), "Misfit to the reference outlines; 0 is perfect."))
    return cards


def _charts(record: Record) -> list[tuple[str, str]]:
    """Return the charts with their titles."""
    scales = [level["scale"] for level in record["levels"]]
    charts = []
    if record["outlines"]:
        lines = [
            Line("Over-segmentation", _BLUE, _values(record, "over_segmentation")),
            Line("Under-segmentation", _ORANGE, _values(record, "under_segmentation")),
            Line("D", _BLACK, _values(record, "d")),
        ]
        marks = [Mark(record["best_scale"], record["best_d"], f"{record['best_scale']:g}")]
        charts.append(("Fit to the reference outlines", line_chart(scales, lines, "", "Scale", marks)))
    variance = Line("Local variance", _BLUE, _values(record, "local_variance"))
    charts.append(("Local variance", line_chart(scales, [variance], "Grey levels (0 to 255)", "Scale")))
    rates = _values(record, "rate_of_change_percent")
    marks = [Mark(scale, rates[scales.index(scale)], f"{scale:g}") for scale in record["peaks"]]
    chart = line_chart(scales, [Line("Rate of change", _BLUE, rates)], "Per cent", "Scale", marks)
    charts.append(("Rate of change of the local variance", chart))
    return charts


def _values(record: Record, key: str) -> list[float]:
    return [math.nan if level[key] is None else level[key] for level in record["levels"]]


def _table(record: Record, columns: tuple[Column, ...]) -> str:
    head = "".join(f"<th>{column.title}</th>" for column in columns)
    rows = []
    for level in record["levels"]:
        tag = "b" if level["scale"] == record["best_scale"] else "span"
        cells = (f"<td><{tag}>{column.text(level[column.key])}</{tag}></td>" for column in columns)
        rows.append(f"<tr>{''.join(cells)}</tr>")
    body = "\n".join(rows)
    return f'<table class="even"><thead><tr>{head}</tr></thead><tbody>\n{body}\n</tbody></table>'


def _method(record: Record) -> list[str]:
    sentences = [
        "The objects of each scale were made from pixels, as the node Segment makes them at that scale; levels are not "
        "nested. Bands are stretched between the limits of the whole raster.",
        "Local variance and its rate of change are those of Dr\u0103gu\u0163, Tiede and Levick (2010, International "
        "Journal of Geographical Information Science 24(6), 859\u2013871), averaged over bands as by "
        "Dr\u0103gu\u0163 et al. (2014, ISPRS Journal of Photogrammetry and Remote Sensing 88, 119\u2013127). A peak "
        "is a rate above 0 and above those of both neighbours.",
    ]
    if record["outlines"]:
        sentences.append(
            "Over- and under-segmentation and D are those of Clinton et al. (2010, Photogrammetric Engineering and "
            "Remote Sensing 76(3), 289\u2013299), counted in pixels. An object corresponds to an outline that it "
            "shares pixels with if the centroid of one lies in the other, if more than half of the object lies in the "
            "outline, or more than half of the outline in the object. OS and US are averaged over the objects of an "
            "outline, then over the outlines; D is computed from these means. An outline without such an object "
            "counts as 1."
        )
        sentences.append(
            "Outlines that reach beyond the part or the area do not count; where outlines overlap, one does."
        )
    return sentences


def _inputs(record: Record) -> list[tuple[str, str]]:
    inputs, options = record["inputs"], record["provenance"]["scaleparameter"]["options"]
    x, y, width, height = record["window"]
    return [
        ("Raster", inputs["raster"]),
        ("Bands", ", ".join(record["bands"]) or "none: shape alone"),
        ("Heatmap", inputs["heatmap"] or "none"),
        ("Weights", ", ".join(options["weights"]) or "equal"),
        ("Shape, compactness", f"{options['shape']:g}, {options['compactness']:g}"),
        ("Part", f"{width} x {height} pixels from column {x}, row {y}"),
        ("Reference outlines", inputs["reference"] or "none"),
        ("Area", inputs["area"] or "no limit"),
    ]
