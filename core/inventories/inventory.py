"""The inventory stage: outlines become an inventory after the RGIK standard, measured and checked."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely

from .. import provenance
from ..contracts.inventory import InventoryOptions, InventoryResult
from ..errors import InvalidOptionError, InvalidVectorError
from ..files import check_writable, replacing, write_text
from ..progress import Progress
from ..rasters.raster import Raster
from ..terrain.dem import Dem
from ..vectors.degrees import Geometries, read_in_degrees, transformed, wgs84
from ..vectors.vector import VectorLayer
from .carrying import Carried, parse_mapping, reliability_index
from .conformance import check_inventory
from .counted import not_rejected
from .findings import ERROR, OPEN
from .morphometry import DIRECTIONS, measure
from .report import report_page
from .standard import (
    AREAS,
    EXTENDED,
    MARKERS,
    MOVING_AREAS,
    OUTLINES,
    PRIMARY_ID,
    RELIABILITY_FIELDS,
    RESTRICTED,
    Field,
)
from .tables import find_column, read_table
from .units import Outline, Unit, Units
from .writing import Rows, write_inventory

# Fields that are told by where a feature lies or comes from, not by a column of the same name elsewhere.
_OWN = (PRIMARY_ID, "PolyUID", "Comment")
# A person has decided that these are rock glaciers, unless she was hardly certain.
_DECIDED = ("accepted", "drawn")
_HARDLY_CERTAIN = "low"
_UNKNOWN_CONNECTION = "unknown"
_FULL_CIRCLE = 360.0


@dataclass(frozen=True)
class _Source:
    """A layer of outlines as it was read: polygons in WGS 84, what it says of the standard's fields, its file."""

    layer: VectorLayer
    carried: Carried
    path: str


def run(options: InventoryOptions, progress: Progress) -> InventoryResult:
    """Write outlines as an inventory after the RGIK standard, and check what was written.

    Every unit gets a primary marker, an identifier and its outlines; what only a person can judge stays NULL unless an
    input says it. Outlines whose `review_status` is ``rejected`` are left out.

    Parameters
    ----------
    options : InventoryOptions
    progress : Progress

    Returns
    -------
    InventoryResult

    Raises
    ------
    MapperError
        If an input cannot be read, or an output cannot be written.
    """
    mapping = parse_mapping(options.mapping)
    inputs = [options.outlines, options.dem, options.markers, options.restricted, options.moving_areas, options.area]
    check_writable(options.output, ".gpkg", inputs=inputs)
    if options.report:
        check_writable(options.report, ".html", ".htm", inputs=inputs)
    progress.report(0, "Reading the outlines")
    sources = [_read(path, mapping, progress) for path in (options.outlines, options.restricted) if path]
    _check_columns(mapping, sources, options)
    units, markers = _units(sources, options, mapping, progress)
    steps = provenance.joined(*(source.layer.provenance for source in sources), [provenance.step("inventory", options)])
    go = _outline_rows(units, sources, options.dem, progress.part(0.2, 0.7))
    pm = _marker_rows(units, sources, markers)
    ma = _moving_area_rows(units, options.moving_areas, mapping, progress)
    for carried in [*(source.carried for source in sources), *([markers] if markers else [])]:
        for sentence in carried.warnings():
            progress.warn(sentence)
    layers = [
        (OUTLINES, go),
        (MARKERS, pm),
        (MOVING_AREAS, ma),
        (AREAS, _area_rows(options.area, progress.part(0.7, 0.7))),
    ]
    progress.report(0.7, "Writing the inventory")
    with replacing(options.output) as temporary:
        write_inventory(temporary, layers, options.spelling, steps, progress.part(0.7, 0.8))
        return _checked(temporary, options, units, go, len(ma.geometries), steps, progress.part(0.8, 1))


def _checked(
    written: str,
    options: InventoryOptions,
    units: Units,
    outlines: Rows,
    moving_areas: int,
    steps: list[provenance.Step],
    progress: Progress,
) -> InventoryResult:
    """Read back what was written, check it and report."""
    conformance = check_inventory([written], progress)
    progress.check()
    if options.report:
        write_text(options.report, report_page(conformance, [options.output], steps))
    findings = conformance.findings
    for finding in findings.found:
        if finding.level == ERROR:
            progress.warn(f"{finding.layer}: {finding.message}")
    area = sum(row["area_m2"] for row in outlines.values if row["OutType"] == EXTENDED)
    return InventoryResult(
        options.output,
        options.report,
        len(units.units),
        len(outlines.geometries),
        moving_areas,
        float(area),
        findings.count(ERROR),
        findings.count(OPEN),
        int(conformance.conforms),
    )


def _read(path: str, mapping: dict[str, str], progress: Progress) -> _Source:
    layer = read_in_degrees(path, progress.part(0, 0.1))
    kept = not_rejected(layer.columns, len(layer))
    if not kept.all():
        progress.warn(f"Outlines of {path} that were rejected in the review and are left out: {int((~kept).sum())}.")
        layer = layer.chosen(kept)
    if not len(layer):
        progress.warn(f"{path} has no outlines.")
    return _Source(layer, Carried(layer.columns, mapping, path), path)


def _check_columns(mapping: dict[str, str], sources: Sequence[_Source], options: InventoryOptions) -> None:
    """Refuse a mapping to columns that no layer has."""
    names = [name for source in sources for name in source.layer.columns]
    for path in (options.markers, options.moving_areas):
        names += read_table(path).columns if path else []
    for field, column in mapping.items():
        if not find_column(names, column):
            raise InvalidOptionError(
                f"Option `mapping` fills {field} from the column {column}, which no layer has. There are: "
                f"{', '.join(dict.fromkeys(names)) or 'none'}."
            )


def _units(
    sources: Sequence[_Source], options: InventoryOptions, mapping: dict[str, str], progress: Progress
) -> tuple[Units, Carried | None]:
    """Return the units, and what the layer of markers says of them."""
    units, markers = Units(progress), None
    if options.markers:
        table = read_table(options.markers)
        markers = Carried(table.columns, mapping, options.markers)
        places = _points(transformed(table.geometries, table.crs, wgs84(), options.markers), options.markers)
        units.add_markers(places, [markers.text(PRIMARY_ID, row) for row in range(len(table))])
    outlines = [outline for number, source in enumerate(sources) for outline in _outlines(source, number)]
    progress.check()
    units.add_extended([outline for outline in outlines if outline.kind == EXTENDED])
    units.add_restricted([outline for outline in outlines if outline.kind == RESTRICTED])
    for sentence in units.warnings:
        progress.warn(sentence)
    return units, markers


def _points(geometries: Geometries, path: str) -> Geometries:
    """Return single points, refusing all else."""
    points = geometries.copy()
    for row, geometry in enumerate(geometries):
        parts = [] if geometry is None else list(shapely.get_parts(geometry))
        if len(parts) != 1 or parts[0].geom_type != "Point" or parts[0].is_empty:
            kind = "no geometry" if geometry is None else geometry.geom_type
            raise InvalidVectorError(f"Feature {row + 1} of {path} is {kind}; primary markers must be points.")
        points[row] = parts[0]
    return points


def _outlines(source: _Source, number: int) -> list[Outline]:
    kind = OUTLINES.field("OutType")
    usual = RESTRICTED if number else EXTENDED
    return [
        Outline(
            geometry,
            source.carried.value(kind, row) or usual,
            source.carried.text(PRIMARY_ID, row),
            number,
            row,
        )
        for row, geometry in enumerate(source.layer.geometries)
    ]


def _outline_rows(units: Units, sources: Sequence[_Source], dem: str, progress: Progress) -> Rows:
    """Return the rows of GO: what the outlines' layers say, reliabilities, and morphometry."""
    pairs = [(unit, outline) for unit in units.units for outline in unit.outlines]
    geometries: Geometries = np.empty(len(pairs), object)
    geometries[:] = [outline.geometry for _, outline in pairs]
    measured = _measured(geometries, dem, progress)
    values = []
    for (unit, outline), figures in zip(pairs, measured, strict=True):
        carried = sources[outline.source].carried
        row = {field.name: carried.value(field, outline.row) for field in OUTLINES.fields}
        for name in RELIABILITY_FIELDS:
            row[name] = 0 if row[name] is None else row[name]
        if outline.kind == RESTRICTED:
            # Its outline leaves the front out.
            figures["front_height_m"] = math.nan
        row |= {
            PRIMARY_ID: unit.primary_id,
            "PolyUID": f"{unit.primary_id}_{outline.kind[0]}",
            "OutType": outline.kind,
            "RelIndex": reliability_index([row[name] for name in RELIABILITY_FIELDS]),
        }
        values.append(row | {name: _rounded(name, value) for name, value in figures.items()})
    return Rows(list(geometries), values)


def _rounded(name: str, value: float) -> float:
    """Return a measure with one decimal; more of them would only pretend to be known."""
    rounded = round(value, 1)
    return 0.0 if name in DIRECTIONS and rounded == _FULL_CIRCLE else rounded


def _measured(geometries: Geometries, dem: str, progress: Progress) -> list[dict[str, float]]:
    with contextlib.ExitStack() as stack:
        opened = Dem(stack.enter_context(Raster(dem))) if dem else None
        in_dem = geometries if opened is None else transformed(geometries, wgs84(), opened.grid.crs, "The outlines")
        figures = measure(geometries, in_dem, opened, progress)
    without = sum(math.isnan(row["elevation_mean_m"]) for row in figures)
    if dem and without:
        progress.warn(
            f"{without} of {len(figures)} outlines have elevations on less than 90 % of their area in {dem}; their "
            "morphometry stays empty except for the area."
        )
    return figures


def _marker_rows(units: Units, sources: Sequence[_Source], markers: Carried | None) -> Rows:
    """Return the rows of PM: what the markers' layer says, else the outlines' one; the rest is left to a person."""
    values = []
    for unit in units.units:
        row = {field.name: _marker_value(field, unit, sources, markers) for field in MARKERS.fields}
        row[PRIMARY_ID] = unit.primary_id
        row["Landform"] = _decision(unit, sources) if row["Landform"] is None else row["Landform"]
        row["UpslCon"] = row["UpslCon"] or _UNKNOWN_CONNECTION
        values.append(row)
    return Rows([unit.marker for unit in units.units], values)


def _decision(unit: Unit, sources: Sequence[_Source]) -> int:
    """Return the code of the decision that the review of an outline has brought: rock glacier or uncertain."""
    if unit.first is None:
        return 0
    carried, row = sources[unit.first.source].carried, unit.first.row
    status, certainty = (carried.text(column, row).strip().lower() for column in ("review_status", "certainty"))
    return int(status in _DECIDED and certainty != _HARDLY_CERTAIN)


def _marker_value(field: Field, unit: Unit, sources: Sequence[_Source], markers: Carried | None) -> Any:
    value = markers.value(field, unit.marker_row) if markers is not None and unit.marker_row >= 0 else None
    if value is None and unit.first is not None and field.name not in _OWN:
        value = sources[unit.first.source].carried.value(field, unit.first.row)
    return value


def _moving_area_rows(units: Units, path: str, mapping: dict[str, str], progress: Progress) -> Rows:
    if not path:
        return Rows([], [])
    layer = read_in_degrees(path, progress.part(0.7, 0.7))
    carried = Carried(layer.columns, mapping, path)
    rows = range(len(layer))
    values = [{field.name: carried.value(field, row) for field in MOVING_AREAS.fields} for row in rows]
    owners = units.owners(layer.geometries, [carried.text(PRIMARY_ID, row) for row in rows])
    for row, owner in zip(values, owners, strict=True):
        row[PRIMARY_ID] = owner
    alone = sum(owner is None for owner in owners)
    if alone:
        progress.warn(f"{alone} moving areas of {path} touch no outline; they belong to no unit.")
    for sentence in carried.warnings():
        progress.warn(sentence)
    return Rows(list(layer.geometries), values)


def _area_rows(path: str, progress: Progress) -> Rows:
    if not path:
        return Rows([], [])
    layer = read_in_degrees(path, progress)
    carried = Carried(layer.columns, {}, path)
    parts, rows = shapely.get_parts(layer.geometries, return_index=True)
    names = [carried.text("Name", int(row)) or None for row in rows]
    return Rows(list(parts), [{"Name": name} for name in names])
