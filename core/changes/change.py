"""The change stage: outlines of two dates, compared landform by landform."""

from __future__ import annotations

import contextlib
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely

from .. import provenance
from ..contracts.change import ChangeOptions, ChangeResult
from ..errors import InvalidVectorError
from ..files import check_writable, replacing, write_text
from ..inventories.counted import counted, identifiers
from ..inventories.morphometry import Flow, flow_of
from ..inventories.tables import find_column
from ..progress import Progress
from ..rasters.raster import Raster
from ..terrain.dem import Dem
from ..vectors.degrees import Geometries, read_in_degrees, transformed, wgs84
from ..vectors.localmetres import LocalMetres
from ..vectors.vector import VectorLayer, write_layers
from .changerecord import Landform, Record, figures_of, record_of
from .linking import Group, link
from .measures import measure_change
from .report import report_page

LAYER, DIFFERENCES = "change", "differences"
"""Names of the layers: the landforms, and the ground that was gained and lost."""

_IDENTIFIERS = ("primaryid", "landform_id", "object_id", "id", "src_id", "name")
_EMPTY = shapely.MultiPolygon()
_MOSTLY = 0.5


@dataclass(frozen=True)
class _Date:
    """The outlines of one date in WGS 84, and what identifies each."""

    layer: VectorLayer
    ids: list[str]

    @property
    def geometries(self) -> Geometries:
        """The outlines."""
        return self.layer.geometries


def run(options: ChangeOptions, progress: Progress) -> ChangeResult:
    """Compare the outlines of two dates.

    Outlines are linked by what they share (`linking.link`) and measured in metres on the ground (`measures`). The layer
    ``change`` holds each landform once, with its later outline, or the earlier one where it is gone; the layer
    ``differences`` holds the ground that was gained and lost.

    Parameters
    ----------
    options : ChangeOptions
    progress : Progress

    Returns
    -------
    ChangeResult

    Raises
    ------
    MapperError
        If an input cannot be read, or an output cannot be written; then none is left behind.
    """
    _check_outputs(options)
    progress.report(0, "Reading the outlines")
    area = _area(options.area, progress)
    before, after = (_read(path, area, progress) for path in (options.before, options.after))
    groups = link(before.geometries, after.geometries, options.min_overlap)
    progress.report(0.2, "Comparing the outlines")
    landforms = _landforms(groups, before, after, options, progress.part(0.2, 0.8))
    record = record_of(options, landforms, len(before.ids), len(after.ids))
    for note in record["notes"]:
        progress.warn(note)
    steps = provenance.joined(before.layer.provenance, after.layer.provenance, [provenance.step("change", options)])
    _write(options, landforms, record, steps, progress.part(0.8, 1))
    return ChangeResult(options.output, options.report, options.json, **figures_of(landforms))  # type: ignore[arg-type]


def _check_outputs(options: ChangeOptions) -> None:
    inputs = (options.before, options.after, options.dem, options.area)
    suffixes = {options.output: (".gpkg",), options.report: (".html", ".htm"), options.json: (".json",)}
    for path, allowed in suffixes.items():
        if path:
            check_writable(path, *allowed, inputs=inputs)


def _area(path: str, progress: Progress) -> shapely.Geometry | None:
    if not path:
        return None
    layer = read_in_degrees(path, progress)
    if not len(layer):
        raise InvalidVectorError(f"The area {path} has no polygons; give those that were mapped, or no area.")
    return shapely.union_all(layer.geometries)


def _read(path: str, area: shapely.Geometry | None, progress: Progress) -> _Date:
    """Read the outlines of one date, without those that are no landforms or lie mostly outside of the area."""
    layer = read_in_degrees(path, progress.part(0, 0.1))
    kept, notes = counted(layer.columns, len(layer))
    for note in notes:
        progress.warn(f"{path}: {note}")
    if area is not None and len(layer):
        shared = shapely.area(shapely.intersection(layer.geometries, area))
        kept &= shared >= _MOSTLY * shapely.area(layer.geometries)
    column = find_column(list(layer.columns), *_IDENTIFIERS)
    places = range(1, len(layer) + 1)
    ids = identifiers(layer.columns[column].tolist() if column else places, places)
    chosen = [text for text, is_kept in zip(ids, kept, strict=True) if is_kept]
    return _Date(VectorLayer(layer.geometries[kept], {}, layer.crs, layer.provenance), chosen)


def _landforms(
    groups: Sequence[Group], before: _Date, after: _Date, options: ChangeOptions, progress: Progress
) -> list[Landform]:
    found = []
    with contextlib.ExitStack() as stack:
        dem = Dem(stack.enter_context(Raster(options.dem))) if options.dem else None
        for group in progress.each(groups, len(groups), "Comparing the outlines"):
            first = _dissolved(before.geometries[list(group.before)])
            second = _dissolved(after.geometries[list(group.after)])
            both = shapely.union(first, second)
            metres = LocalMetres.around(both)
            flow = _flow(both, dem, metres) if group.before and group.after else None
            change = measure_change(metres.geometry(first), metres.geometry(second), options.boundary_error, flow)
            ids = [before.ids[row] for row in group.before], [after.ids[row] for row in group.after]
            found.append(Landform(group.status, *ids, first, second, change, flow))
    return found


def _dissolved(outlines: Geometries) -> shapely.Geometry:
    return shapely.union_all(outlines) if len(outlines) else _EMPTY


def _flow(outline: shapely.Geometry, dem: Dem | None, metres: LocalMetres) -> Flow | None:
    if dem is None:
        return None
    one: Geometries = np.empty(1, object)
    one[0] = outline
    return flow_of(transformed(one, wgs84(), dem.grid.crs, "The outlines")[0], dem, metres)


def _write(
    options: ChangeOptions,
    landforms: Sequence[Landform],
    record: Record,
    steps: list[provenance.Step],
    progress: Progress,
) -> None:
    """Write all outputs; they get their final names only when every one of them is complete."""
    with contextlib.ExitStack() as outputs:
        output = outputs.enter_context(replacing(options.output))
        layers = {LAYER: _changes(landforms, options.years, steps), DIFFERENCES: _differences(landforms, steps)}
        write_layers(output, layers, progress.part(0, 0.5))
        if options.json:
            text = json.dumps(record, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
            write_text(outputs.enter_context(replacing(options.json)), text)
        if options.report:
            page = report_page(record, landforms, steps)
            write_text(outputs.enter_context(replacing(options.report)), page)
        progress.check()


def _changes(landforms: Sequence[Landform], years: float, steps: list[provenance.Step]) -> VectorLayer:
    """Return the layer of landforms."""
    changes = [landform.change for landform in landforms]
    columns = {
        "status": _texts([landform.status for landform in landforms]),
        "trend": _texts([landform.trend for landform in landforms]),
        "ids_before": _texts([", ".join(landform.ids_before) or None for landform in landforms]),
        "ids_after": _texts([", ".join(landform.ids_after) or None for landform in landforms]),
        "area_before_m2": np.array([change.area_before for change in changes], float),
        "area_after_m2": np.array([change.area_after for change in changes], float),
        "area_change_m2": np.array([change.area_change for change in changes], float),
        "area_error_m2": np.array([change.area_error for change in changes], float),
        "area_change_share": np.array([landform.share for landform in landforms], float),
        "front_advance_m": np.array([change.advance for change in changes], float),
        "front_advance_error_m": np.array([change.advance_error for change in changes], float),
        "flow_direction_deg": np.array(
            [math.nan if landform.flow is None else landform.flow.azimuth_deg for landform in landforms], float
        ),
    }
    if years:
        columns["area_change_m2_per_year"] = columns["area_change_m2"] / years
        columns["front_advance_m_per_year"] = columns["front_advance_m"] / years
    shapes = _array([landform.before if landform.after.is_empty else landform.after for landform in landforms])
    return VectorLayer(shapes, columns, wgs84(), steps)


def _differences(landforms: Sequence[Landform], steps: list[provenance.Step]) -> VectorLayer:
    """Return the ground that landforms gained and lost."""
    found = []
    for number, landform in enumerate(landforms, start=1):
        for kind, ground in (
            ("gained", landform.after.difference(landform.before)),
            ("lost", landform.before.difference(landform.after)),
        ):
            parts = [part for part in shapely.get_parts(ground) if part.geom_type == "Polygon" and part.area > 0]
            if parts:
                area = (landform.change.gained if kind == "gained" else landform.change.lost).area
                found.append((shapely.MultiPolygon(parts), number, landform.name, kind, area))
    columns = {
        "landform": np.array([row[1] for row in found], np.int64),
        "name": _texts([row[2] for row in found]),
        "kind": _texts([row[3] for row in found]),
        "area_m2": np.array([row[4] for row in found], float),
    }
    return VectorLayer(_array([row[0] for row in found]), columns, wgs84(), steps)


def _texts(values: Sequence[str | None]) -> Geometries:
    return _array(values)


def _array(values: Sequence[object]) -> Geometries:
    array: Geometries = np.empty(len(values), object)
    array[:] = values
    return array
