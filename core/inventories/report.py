"""The report of a conformance check."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from html import escape
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from ..provenance import Step
from ..rasters.geodata import spatial_reference
from ..reports.report_page import Page, card, html_page, source_name, template
from ..vectors.localmetres import LocalMetres
from .conformance import Conformance
from .findings import ERROR, NOTE, OPEN, Finding
from .morphometry import DIRECTIONS
from .sheets import Sheet
from .standard import GO, LAYERS, MORPHOMETRY, PM, RESTRICTED, Field

_HEADINGS = {
    ERROR: ("What breaks the standard", "Nothing."),
    OPEN: ("What a person has to judge", "Nothing is left open."),
    NOTE: ("What one should know", "Nothing."),
}
_METHOD = (
    "Fields and values are those of the working template and of the published ESA-CCI inventory 2.0 (2025), as far as "
    "they could be verified. What was only remembered or derived by analogy gives notes, never errors.",
    "A layer is recognised by a word of its name (PM, GO, MA, AOI), else by its fields. A field is found under either "
    "spelling.",
)


def report_page(conformance: Conformance, paths: Sequence[str], steps: Sequence[Step]) -> str:
    """Return the report as HTML text.

    Parameters
    ----------
    conformance : Conformance
    paths : sequence of str
        The inventory's files.
    steps : sequence of dict
        Provenance; the last step is the one that checked.
    """
    findings = conformance.findings
    content = template("inventory.html").substitute(
        cards=_cards(conformance),
        layers=_layers(conformance.sheets),
        findings="\n".join(
            _section(level, [finding for finding in findings.found if finding.level == level], _totals(conformance))
            for level in _HEADINGS
        ),
        landforms=_landforms(conformance.sheets),
        method="".join(f"<p>{escape(sentence)}</p>" for sentence in _METHOD),
    )
    inputs = [(sheet.layer.name, source_name(_source(sheet))) for sheet in conformance.sheets]
    inputs += [("other", source_name(f"{table.path}|layername={table.name}")) for table in conformance.others]
    title = "Conformance of the inventory"
    subtitle = ", ".join(source_name(path) for path in paths)
    return html_page(Page(title, subtitle, _finding(conformance), (), content, inputs, list(steps), steps[-1]))


def _source(sheet: Sheet) -> str:
    return f"{sheet.table.path}|layername={sheet.table.name}"


def _finding(conformance: Conformance) -> str:
    errors, left = (conformance.findings.count(level) for level in (ERROR, OPEN))
    verdict = (
        "The inventory conforms to the standard: nothing that is verified of it is broken."
        if not errors
        else f"The inventory does not conform to the standard: {errors} of its rules {'is' if errors == 1 else 'are'} "
        "broken."
    )
    return f"{verdict} {_left(left)}"


def _left(count: int) -> str:
    if not count:
        return "No question is left open."
    return f"{count} {'question is' if count == 1 else 'questions are'} left for a person to judge."


def _cards(conformance: Conformance) -> str:
    findings = conformance.findings
    units = sum(len(sheet) for sheet in conformance.sheets if sheet.layer.name == PM)
    return "\n".join(
        [
            card("Units", str(units), "Primary markers of the inventory."),
            card("Errors", str(findings.count(ERROR)), "Rules of the standard that are broken."),
            card("Open", str(findings.count(OPEN)), "Questions that only a person can answer."),
            card("Notes", str(findings.count(NOTE)), "What one should know before one publishes it."),
        ]
    )


def _layers(sheets: Sequence[Sheet]) -> str:
    rows = [
        (
            f"{sheet.layer.name}: {sheet.layer.title}",
            sheet.table.name,
            sheet.table.geometry,
            spatial_reference(sheet.table.crs).GetName() if sheet.table.crs else "none",
            sheet.spelling,
            len(sheet),
        )
        for sheet in sheets
    ]
    if not rows:
        return "<p>No layer of the standard was found.</p>"
    return _table(("Layer", "Name in the file", "Geometry", "Reference system", "Spelling", "Features"), rows)


def _totals(conformance: Conformance) -> Counter[str]:
    """Return how many features each layer of the standard has."""
    totals: Counter[str] = Counter()
    for sheet in conformance.sheets:
        totals[sheet.layer.name] += len(sheet)
    return totals


def _which(finding: Finding, total: int) -> str:
    if finding.count > 1 and finding.count == total:
        return "all"
    return ", ".join(finding.features) + (" ..." if finding.count > len(finding.features) else "")


def _section(level: str, findings: Sequence[Finding], totals: Counter[str]) -> str:
    heading, nothing = _HEADINGS[level]
    if not findings:
        return f"<h2>{heading}</h2>\n<p>{nothing}</p>"
    rows = [
        (
            finding.layer,
            finding.field,
            finding.message,
            finding.count or "",
            _which(finding, totals[finding.layer]),
        )
        for finding in findings
    ]
    return f"<h2>{heading}</h2>\n" + _table(("Layer", "Field", "Finding", "Features", "Which"), rows, "findings")


def _landforms(sheets: Sequence[Sheet]) -> str:
    """Return a table of what the extended outlines measure, as far as it is known."""
    columns: dict[str, list[float]] = {field.name: [] for field in MORPHOMETRY}
    for sheet in sheets:
        if sheet.layer.name == GO and sheet.is_in_degrees:
            for name, values in _measures(sheet).items():
                columns[name] += values
    rows = [_row(field, columns[field.name]) for field in MORPHOMETRY if _known(columns[field.name]).size]
    if not rows:
        return "<p>There are no outlines.</p>"
    return _table(("Quantity", "Landforms", "Smallest", "Median", "Mean", "Largest"), rows)


def _measures(sheet: Sheet) -> dict[str, list[float]]:
    """Return the morphometry that a layer of outlines holds, and the areas of its polygons."""
    kinds = sheet.values("OutType") if sheet.column_of(LAYERS[GO].field("OutType")) else [None] * len(sheet)
    chosen = [
        row
        for row, (kind, geometry) in enumerate(zip(kinds, sheet.geometries, strict=True))
        if kind != RESTRICTED and geometry is not None and shapely.get_dimensions(geometry) == 2
    ]
    held = sheet.table.columns
    measures = {field.name: [held[field.name][row] for row in chosen] for field in MORPHOMETRY if field.name in held}
    shapes = [sheet.geometries[row] for row in chosen]
    measures["area_m2"] = [LocalMetres.around(shape).geometry(shape).area for shape in shapes if not shape.is_empty]
    return measures


def _known(values: Iterable[Any]) -> NDArray[np.float64]:
    numbers = np.array([np.nan if value is None else value for value in values], float)
    known: NDArray[np.float64] = numbers[np.isfinite(numbers)]
    return known


def _row(field: Field, values: Sequence[float]) -> tuple[Any, ...]:
    known = _known(values)
    # Directions have no smallest or largest, and their mean is not that of their numbers.
    if field.name in DIRECTIONS:
        return field.title, len(known), "", "", "", ""
    figures = (known.min(), float(np.median(known)), known.mean(), known.max())
    return field.title, len(known), *map(_figure, figures)


def _figure(value: float) -> str:
    return f"{value:,.0f}".replace(",", "\u2009") if abs(value) >= 100 else f"{value:.1f}"


def _table(heads: Sequence[str], rows: Iterable[Sequence[Any]], kind: str = "even") -> str:
    head = "".join(f"<th>{escape(text)}</th>" for text in heads)
    body = "\n".join("<tr>" + "".join(f"<td>{escape(str(cell))}</td>" for cell in row) + "</tr>" for row in rows)
    return f'<table class="{kind}"><thead><tr>{head}</tr></thead><tbody>\n{body}\n</tbody></table>'
