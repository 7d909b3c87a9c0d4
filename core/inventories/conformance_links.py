"""How the layers of an inventory belong together: markers, outlines, moving areas and the area of interest."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from ..progress import Progress
from ..vectors.localmetres import LocalMetres
from .carrying import reliability_index
from .findings import ERROR, NOTE, OPEN, Findings
from .sheets import Sheet
from .standard import (
    AOI,
    EXTENDED,
    GO,
    MA,
    MINIMUM_AREA_M2,
    PM,
    PRIMARY_ID,
    PUBLISHED,
    RELIABILITY_FIELDS,
    RESTRICTED,
)

# Share of an outline that may lie outside of another one without a word: borders are drawn twice.
_SLIVER = 0.02
_OVERLAP = 0.05
# A marker on its outline's border may lie a rounding error outside, in degrees.
_BORDER = 1e-7


@dataclass(frozen=True)
class _Shape:
    """A feature with a polygon: its unit, its label, its type of outline, and its geometry in degrees."""

    unit: Any
    label: str
    kind: Any
    geometry: shapely.Geometry


def check_links(sheets: Sequence[Sheet], findings: Findings, progress: Progress) -> None:
    """Check how layers belong together.

    Parameters
    ----------
    sheets : sequence of Sheet
        Those that do not lie on Earth are passed over.
    findings : Findings
        What is found is added here.
    progress : Progress
        May cancel.
    """
    by_name: dict[str, list[Sheet]] = defaultdict(list)
    for sheet in sheets:
        if sheet.is_in_degrees:
            by_name[sheet.layer.name].append(sheet)
    markers = _markers(by_name[PM])
    outlines = _shapes(by_name[GO], "OutType")
    if by_name[PM]:
        _check_outlines(markers, outlines, findings)
        areas = _shapes(by_name[MA])
        orphans = [area.label for area in areas if area.unit and area.unit not in markers]
        findings.add(ERROR, MA, "Moving areas of units that have no primary marker.", PRIMARY_ID, orphans)
    progress.check()
    _check_pairs(outlines, findings)
    _check_sizes(outlines, findings, progress)
    for sheet in by_name[GO]:
        _check_polygon_ids(sheet, findings)
        _check_reliability(sheet, findings)
    _check_area(by_name[AOI], markers, findings)


def _markers(sheets: Iterable[Sheet]) -> dict[Any, shapely.Geometry]:
    """Return the markers by identifier."""
    return {
        unit: place
        for sheet in sheets
        for unit, place in zip(sheet.values(PRIMARY_ID), sheet.geometries, strict=True)
        if unit and place is not None and not place.is_empty
    }


def _shapes(sheets: Iterable[Sheet], kind: str = "") -> list[_Shape]:
    found = []
    for sheet in sheets:
        kinds = sheet.values(kind) if kind else [None] * len(sheet)
        for row in zip(sheet.values(PRIMARY_ID), sheet.labels, kinds, sheet.geometries, strict=True):
            geometry = row[3]
            if geometry is not None and not geometry.is_empty and shapely.get_dimensions(geometry) == 2:
                found.append(_Shape(*row[:3], shapely.make_valid(geometry)))
    return found


def _check_outlines(markers: dict[Any, shapely.Geometry], outlines: Sequence[_Shape], findings: Findings) -> None:
    orphans = [shape.label for shape in outlines if shape.unit and shape.unit not in markers]
    findings.add(ERROR, GO, "Outlines of units that have no primary marker.", PRIMARY_ID, orphans)
    outside = [
        shape.label
        for shape in outlines
        if shape.kind != RESTRICTED and shape.unit in markers and shape.geometry.distance(markers[shape.unit]) > _BORDER
    ]
    findings.add(ERROR, GO, "Outlines in which their primary marker does not lie.", PRIMARY_ID, outside)
    units = {shape.unit for shape in outlines}
    bare = [unit for unit in markers if unit not in units]
    findings.add(NOTE, PM, "Units without an outline.", PRIMARY_ID, bare)


def _check_pairs(outlines: Sequence[_Shape], findings: Findings) -> None:
    times = Counter((shape.unit, shape.kind) for shape in outlines if shape.unit)
    twice = [f"{unit} ({kind})" for (unit, kind), count in times.items() if count > 1]
    findings.add(ERROR, GO, "Units with several outlines of one type; parts of one outline are one feature.", "", twice)
    extended = {shape.unit: shape.geometry for shape in outlines if shape.kind == EXTENDED}
    beyond = [
        shape.label
        for shape in outlines
        if shape.kind == RESTRICTED
        and shape.unit in extended
        and shape.geometry.difference(extended[shape.unit]).area > _SLIVER * shape.geometry.area
    ]
    findings.add(NOTE, GO, "Restricted outlines that reach beyond the extended ones.", "", beyond)
    findings.add(NOTE, GO, "Extended outlines that overlap others.", "", _overlapping(outlines))


def _overlapping(outlines: Sequence[_Shape]) -> list[str]:
    """Return which extended outlines share more than a sliver with another one."""
    chosen = [shape for shape in outlines if shape.kind != RESTRICTED]
    geometries = np.empty(len(chosen), object)
    geometries[:] = [shape.geometry for shape in chosen]
    one, other = shapely.STRtree(geometries).query(geometries, predicate="intersects")
    one, other = one[one < other], other[one < other]
    shared = shapely.area(shapely.intersection(geometries[one], geometries[other]))
    size = np.minimum(shapely.area(geometries[one]), shapely.area(geometries[other]))
    pairs = np.flatnonzero(shared > _OVERLAP * size)
    return [f"{chosen[one[pair]].label} and {chosen[other[pair]].label}" for pair in pairs]


def _check_sizes(outlines: Sequence[_Shape], findings: Findings, progress: Progress) -> None:
    small = [
        shape.label
        for shape in progress.each(outlines, len(outlines))
        if shape.kind != RESTRICTED
        and LocalMetres.around(shape.geometry).geometry(shape.geometry).area < MINIMUM_AREA_M2
    ]
    findings.add(
        NOTE,
        GO,
        "Landforms of less than 0.01 km², the smallest that is commonly mapped (by convention, not verified).",
        "",
        small,
    )


def _check_polygon_ids(sheet: Sheet, findings: Findings) -> None:
    column = sheet.column_of(sheet.layer.field("PolyUID"))
    if not column or sheet.spelling != PUBLISHED:
        return
    values = sheet.table.columns[column]
    times = Counter(values)
    empty = [label for label, value in zip(sheet.labels, values, strict=True) if value in (None, "")]
    findings.add(ERROR, GO, "Outlines without an identifier of the polygon.", column, empty)
    twice = [str(value) for value, count in times.items() if value not in (None, "") and count > 1]
    findings.add(ERROR, GO, "Identifiers that several polygons have.", column, twice)


def _check_reliability(sheet: Sheet, findings: Findings) -> None:
    sums = map(reliability_index, zip(*(sheet.values(name) for name in RELIABILITY_FIELDS), strict=True))
    stated = sheet.values("RelIndex")
    wrong = [
        label
        for label, total, index in zip(sheet.labels, sums, stated, strict=True)
        if total is not None and index is not None and index != total
    ]
    findings.add(NOTE, GO, "RelIndex is not the sum of the four reliabilities.", "RelIndex", wrong)


def _check_area(sheets: Sequence[Sheet], markers: dict[Any, shapely.Geometry], findings: Findings) -> None:
    polygons = [shape.geometry for shape in _areas(sheets)]
    if sheets and not polygons:
        findings.add(OPEN, AOI, "The area of interest is not drawn; draw the area that was searched.")
        return
    if not sheets:
        return
    area = shapely.union_all(polygons)
    shapely.prepare(area)
    outside = [unit for unit, place in markers.items() if not area.intersects(place)]
    findings.add(NOTE, PM, "Markers outside the area of interest.", "", outside)


def _areas(sheets: Iterable[Sheet]) -> list[_Shape]:
    return [
        _Shape(None, "", None, shapely.make_valid(geometry))
        for sheet in sheets
        for geometry in sheet.geometries
        if geometry is not None and not geometry.is_empty and shapely.get_dimensions(geometry) == 2
    ]
