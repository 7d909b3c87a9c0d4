"""The conformance check: every layer for itself, then how they belong together.

Only what is verified of the standard is called an error (see `standard`); what is remembered or derived gives notes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import shapely

from ..progress import Progress
from ..rasters.geodata import spatial_reference
from .conformance_links import check_links
from .findings import ERROR, NOTE, OPEN, Findings
from .primaryid import fits, parse_primary_id
from .sheets import Sheet, read_sheets
from .standard import AOI, EPSG, GO, INTEGER, LAYERS, MA, PM, PRIMARY_ID, PUBLISHED, TEXT, Field, written_fields
from .tables import Table

Rule = Callable[[Sheet, Findings], None]

_ALTERNATIVES = {"Point": ("Point",), "Polygon": ("Polygon", "MultiPolygon"), "MultiPolygon": ("MultiPolygon",)}
_SHOWN = 6
# A landform that was decided to be none has nothing else to judge.
_NO_ROCK_GLACIER = 2
_UNCERTAIN = 0


@dataclass(frozen=True)
class Conformance:
    """What a check found.

    Attributes
    ----------
    sheets : list of Sheet
        The layers of the standard.
    others : list of Table
        Layers that are none.
    findings : Findings
    """

    sheets: list[Sheet]
    others: list[Table]
    findings: Findings

    @property
    def conforms(self) -> bool:
        """Whether nothing breaks the standard."""
        return self.findings.count(ERROR) == 0


def check_inventory(paths: Sequence[str], progress: Progress) -> Conformance:
    """Compare the layers of an inventory with the standard.

    Parameters
    ----------
    paths : sequence of str
        Its files.
    progress : Progress

    Raises
    ------
    InvalidVectorError
        If a file cannot be read.
    """
    progress.report(0, "Reading the inventory")
    sheets, others = read_sheets(paths)
    findings = Findings()
    _check_presence(sheets, others, findings)
    for sheet in progress.part(0.3, 0.7).each(sheets, len(sheets), "Checking the layers"):
        for rule in _RULES:
            rule(sheet, findings)
    progress.report(0.7, "Checking how the layers belong together")
    check_links(sheets, findings, progress.part(0.7, 1))
    progress.report(1)
    return Conformance(sheets, others, findings)


def _check_presence(sheets: Sequence[Sheet], others: Sequence[Table], findings: Findings) -> None:
    present = {sheet.layer.name for sheet in sheets}
    for name in (PM, GO):
        if name not in present:
            findings.add(
                ERROR,
                name,
                f"There is no layer of {LAYERS[name].title.lower()} ({name}); the standard requires it."
                + (" Make an inventory of the layers at hand with the node Inventory." if others else ""),
            )
    if MA not in present:
        findings.add(
            NOTE, MA, "There is no layer of moving areas (MA); it is only needed where there are kinematic data."
        )
    if AOI not in present:
        findings.add(OPEN, AOI, "There is no layer of the area of interest (AOI); draw the area that was searched.")
    for table in others:
        findings.add(
            NOTE, "", f"The layer {table.name} ({table.geometry}, {len(table)} features) is none of the standard's."
        )


def _check_reference_system(sheet: Sheet, findings: Findings) -> None:
    crs = sheet.table.crs
    if not crs:
        findings.add(
            ERROR, sheet.layer.name, f"{sheet.title} has no coordinate reference system; assign the one it was made in."
        )
        return
    reference = spatial_reference(crs)
    if not sheet.is_in_degrees:
        findings.add(
            ERROR,
            sheet.layer.name,
            f"{sheet.title} has coordinates that are not in the system that it states, {reference.GetName()}; assign "
            "the one it was made in.",
        )
    if reference.GetAuthorityCode(None) != str(EPSG):
        findings.add(
            ERROR if sheet.spelling == PUBLISHED else NOTE,
            sheet.layer.name,
            f"{sheet.title} is in {reference.GetName()}; inventories are published in WGS 84 (EPSG:{EPSG}).",
        )


def _check_geometries(sheet: Sheet, findings: Findings) -> None:
    name, table = sheet.layer.name, sheet.table
    if table.geometry not in _ALTERNATIVES[sheet.layer.geometry]:
        findings.add(
            ERROR if table.geometry in ("Unknown(any)", "GeometryCollection") else NOTE,
            name,
            f"{sheet.title} has the geometry type {table.geometry}; {sheet.layer.geometry} is expected.",
        )
    if table.has_heights:
        findings.add(NOTE, name, f"{sheet.title} has heights (Z), which the standard does not have.")
    missing = [g is None or shapely.is_empty(g) for g in table.geometries]
    findings.add(ERROR, name, "Features without a geometry; draw or delete them.", features=_rows(sheet, missing))
    dimension = 0 if name == PM else 2
    wrong = [
        not gone and shapely.get_dimensions(g) != dimension for g, gone in zip(table.geometries, missing, strict=True)
    ]
    kind = "points" if name == PM else "polygons"
    findings.add(ERROR, name, f"Features that are no {kind}.", features=_rows(sheet, wrong))
    invalid = [not gone and not shapely.is_valid(g) for g, gone in zip(table.geometries, missing, strict=True)]
    message = "Invalid polygons, such as ones that cross themselves; repair them (Fix geometries)."
    findings.add(ERROR, name, message, features=_rows(sheet, invalid))
    if not len(sheet):
        findings.add(NOTE, name, f"{sheet.title} is empty.")


def _check_fields(sheet: Sheet, findings: Findings) -> None:
    name = sheet.layer.name
    for field in sheet.layer.fields:
        wanted = field.spelled(sheet.spelling)
        column = sheet.column_of(field)
        if not column and (sheet.spelling == PUBLISHED or field.template):
            is_verified = field.name_verified or (sheet.spelling != PUBLISHED and bool(field.template))
            findings.add(
                ERROR if is_verified else NOTE,
                name,
                f"The field {wanted} ({_lower(field.title)[:-1]}) is missing."
                + ("" if is_verified else " Its name was derived by analogy with the working template, not verified."),
                wanted,
            )
        elif column and column not in (field.name, field.template):
            findings.add(ERROR, name, f"The field {column} must be spelled {wanted}.", column)
        if column and not _has_kind(sheet.table.kinds[column], field):
            findings.add(
                NOTE,
                name,
                f"The field {column} is stored as {sheet.table.kinds[column]}; {field.kind} is expected.",
                column,
            )
    known = {sheet.column_of(field) for field in sheet.layer.fields} | {f.name for f in written_fields(sheet.layer)}
    further = [column for column in sheet.table.columns if column not in known]
    if further:
        shown = ", ".join(further[:_SHOWN]) + (" ..." if len(further) > _SHOWN else "")
        findings.add(NOTE, name, f"{len(further)} columns beside the standard's: {shown}.")


def _has_kind(stored: str, field: Field) -> bool:
    if field.domain is not None and field.kind == TEXT:
        return stored in (TEXT, INTEGER)
    return stored == field.kind or (field.kind == INTEGER and stored == "real")


def _check_values(sheet: Sheet, findings: Findings) -> None:
    name = sheet.layer.name
    is_judged = _judged_rows(sheet)
    for field in sheet.layer.fields:
        column = sheet.column_of(field)
        if not column:
            continue
        values = [_number(value) for value in sheet.table.columns[column]]
        empty = [judged and value in (None, "") for value, judged in zip(values, is_judged, strict=True)]
        if field.domain is not None or field.judged:
            findings.add(*_emptiness(field, name), column, _rows(sheet, empty))
        _check_domain(sheet, field, column, values, findings)
        if field.name == "Landform":
            unsure = [value == _UNCERTAIN for value in values]
            message = "Landforms that are still uncertain (0); decide whether they are rock glaciers (1) or not (2)."
            findings.add(OPEN, name, message, column, _rows(sheet, unsure))


def _emptiness(field: Field, layer: str) -> tuple[str, str, str]:
    """Return the level, layer and message of a field without a value."""
    if field.judged or field.domain is None:
        return OPEN, layer, f"Not stated, a person has to judge it: {_lower(field.title)}"
    return (ERROR if field.domain.verified else NOTE), layer, f"Not stated: {_lower(field.title)}"


def _lower(title: str) -> str:
    """Return a title as the end of a sentence."""
    return title[0].lower() + title[1:] + ("" if title.endswith("?") else ".")


def _check_domain(sheet: Sheet, field: Field, column: str, values: Sequence[Any], findings: Findings) -> None:
    if field.domain is None:
        return
    codes = field.domain.codes
    if field.domain.numbered:
        _check_numbers(sheet, field, column, values, findings)
        codes += tuple(range(len(codes)))
    wrong = Counter(str(value) for value in values if value not in (None, "") and value not in codes)
    if not wrong:
        return
    shown = ", ".join(repr(value) for value, _ in wrong.most_common(_SHOWN))
    features = _rows(sheet, [value not in (None, "") and value not in codes for value in values])
    expected = ", ".join(str(code) for code in field.domain.codes)
    verified = "" if field.domain.verified else " These values are remembered from the literature, not verified."
    findings.add(
        ERROR if field.domain.verified else NOTE,
        sheet.layer.name,
        f"Values that are none of the standard's: {shown}. Expected: {expected}.{verified}",
        column,
        features,
    )


def _check_numbers(sheet: Sheet, field: Field, column: str, values: Sequence[Any], findings: Findings) -> None:
    numbers = range(len(field.domain.codes)) if field.domain else ()
    shown = _rows(sheet, [isinstance(value, int) and value in numbers for value in values])
    message = "Classes written as numbers; that these are their places from 0 is remembered, not verified."
    findings.add(NOTE, sheet.layer.name, message, column, shown)


def _judged_rows(sheet: Sheet) -> list[bool]:
    """Return for which features a person has to judge the rest: all but those that were found to be no landform."""
    if sheet.layer.name != PM:
        return [True] * len(sheet)
    return [_number(value) != _NO_ROCK_GLACIER for value in sheet.values("Landform")]


def _number(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _check_identifiers(sheet: Sheet, findings: Findings) -> None:
    name = sheet.layer.name
    column = sheet.column_of(sheet.layer.field(PRIMARY_ID)) if name != AOI else ""
    if not column:
        return
    values = sheet.table.columns[column]
    empty = [value in (None, "") for value in values]
    message = "Moving areas that belong to no unit." if name == MA else "Features without an identifier."
    findings.add(NOTE if name == MA else ERROR, name, message, column, _rows(sheet, empty))
    malformed = [not gone and parse_primary_id(value) is None for value, gone in zip(values, empty, strict=True)]
    findings.add(
        ERROR,
        name,
        "Identifiers that are none: RGU or RGS, six digits of latitude, N or S, seven digits of longitude, E or W are "
        "expected, such as RGU384455N1092526W.",
        column,
        _rows(sheet, malformed),
    )
    if name == PM:
        times = Counter(value for value in values if value)
        twice = [times[value] > 1 for value in values]
        findings.add(ERROR, name, "Identifiers that several markers have.", column, _rows(sheet, twice))
        apart = [
            parse_primary_id(value) is not None and _is_point(place) and not fits(value, place.x, place.y)
            for value, place in zip(values, sheet.geometries, strict=True)
        ]
        message = "Markers that do not lie where their identifiers say (WGS 84, four decimals)."
        findings.add(ERROR, name, message, column, _rows(sheet, apart))


def _is_point(geometry: Any) -> bool:
    return geometry is not None and geometry.geom_type == "Point" and not geometry.is_empty


def _rows(sheet: Sheet, chosen: Sequence[bool]) -> list[str]:
    return [label for label, is_chosen in zip(sheet.labels, chosen, strict=True) if is_chosen]


_RULES: tuple[Rule, ...] = (
    _check_reference_system,
    _check_geometries,
    _check_fields,
    _check_values,
    _check_identifiers,
)
