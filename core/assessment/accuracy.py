"""The accuracy stage: mapped outlines against a reference inventory, by area and landform by landform."""

from __future__ import annotations

import contextlib
import json

import numpy as np
import shapely

from ..contracts.accuracy import AccuracyOptions, AccuracyResult
from ..errors import OutputError
from ..files import check_writable, replacing
from ..progress import Progress
from ..provenance import joined, step
from ..vectors.vector import VectorLayer, write_layers
from .accuracy_record import Record, figures_of, record_of
from .average_precision import heatmap_average_precision
from .comparison import Comparison, read_comparison
from .matching import LandformMatch, area_agreement, dissolve, match_landforms
from .report import report_page
from .report_map import MapLayers, draw_map

LAYER = "accuracy"
"""Name of the layer of outlines."""

_SUFFIXES = {"output": (".gpkg",), "report": (".html", ".htm"), "json": (".json",)}
_RESULT_FIGURES = frozenset(AccuracyResult.__dataclass_fields__)


def run(options: AccuracyOptions, progress: Progress) -> AccuracyResult:
    """Compare mapped outlines with a reference inventory and write layer, figures and report.

    Both layers are cut to the area and dissolved; areas come from exact intersections of polygons in a system of
    metres (see `comparison.metric_crs`). How landforms are matched is told at `matching.match_landforms`. If a heatmap
    is given, its average precision goes into the figures and the report too.

    The layer ``accuracy`` holds every compared landform once: `status` is ``matched`` or ``missed`` for those whose
    `source` is ``reference``, ``matched`` or ``false`` for those whose `source` is ``mapped``; `overlap` is the share
    of its own area that the other layer covers.

    Parameters
    ----------
    options : AccuracyOptions
    progress : Progress

    Returns
    -------
    AccuracyResult
        A figure that cannot be computed, because nothing was mapped or the reference is empty, is NaN.

    Raises
    ------
    MapperError
        If an input cannot be read or an output cannot be written; then no output is left behind.
    """
    _check_outputs(options)
    progress.report(0.0, "Reading the outlines")
    comparison = read_comparison(options, progress.part(0.0, 0.3))
    mapped, reference = comparison.mapped.geometries, comparison.reference.geometries
    progress.report(0.3, "Comparing the outlines")
    agreement = area_agreement(dissolve(mapped), dissolve(reference), progress.part(0.3, 0.4))
    match = match_landforms(mapped, reference, options.min_overlap, progress.part(0.4, 0.6))
    figures = figures_of(agreement, match)
    if options.heatmap:
        figures["heatmap_average_precision"] = heatmap_average_precision(
            options.heatmap, options.reference, options.area, progress.part(0.6, 0.8)
        )
    record = record_of(options, comparison, match, figures, progress.part(0.8, 0.9))
    for note in record["notes"]:
        progress.warn(note)
    _write(options, comparison, match, record, progress.part(0.9, 1.0))
    progress.report(1.0, "Done")
    results = {name: value for name, value in figures.items() if name in _RESULT_FIGURES}
    return AccuracyResult(options.output, options.report, options.json, **results)  # type: ignore[arg-type]


def _check_outputs(options: AccuracyOptions) -> None:
    """Refuse outputs that cannot be written or that would overwrite an input."""
    inputs = (options.mapped, options.reference, options.area, options.heatmap)
    for name, suffixes in _SUFFIXES.items():
        path = getattr(options, name)
        if path:
            check_writable(path, *suffixes, inputs=inputs)


def _write(
    options: AccuracyOptions, comparison: Comparison, match: LandformMatch, record: Record, progress: Progress
) -> None:
    """Write all outputs; they get their final names only when every one of them is complete."""
    with contextlib.ExitStack() as outputs:
        output = outputs.enter_context(replacing(options.output))
        try:
            write_layers(output, {LAYER: _outlines(options, comparison, match)}, progress.part(0.0, 0.3))
        except OutputError as error:
            # The user knows the file by its final name only.
            raise OutputError(str(error).replace(output, options.output)) from error
        if options.json:
            text = json.dumps(record, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
            _write_text(outputs.enter_context(replacing(options.json)), text, options.json)
        if options.report:
            progress.report(0.3, "Writing the report")
            page = report_page(record, draw_map(_map_layers(comparison, match), options.heatmap, progress))
            _write_text(outputs.enter_context(replacing(options.report)), page, options.report)
        progress.check()


def _map_layers(comparison: Comparison, match: LandformMatch) -> MapLayers:
    return MapLayers(
        comparison.reference.geometries,
        match.reference_matched,
        comparison.mapped.geometries,
        match.mapped_matched,
        comparison.area,
        comparison.crs,
    )


def _outlines(options: AccuracyOptions, comparison: Comparison, match: LandformMatch) -> VectorLayer:
    """Return the layer of matched, missed and false outlines."""
    mapped, reference = comparison.mapped, comparison.reference
    geometries = np.concatenate([reference.geometries, mapped.geometries])
    status = [
        *("matched" if matched else "missed" for matched in match.reference_matched),
        *("matched" if matched else "false" for matched in match.mapped_matched),
    ]
    columns = {
        "status": np.array(status, dtype=object),
        "source": np.array(["reference"] * len(reference) + ["mapped"] * len(mapped), dtype=object),
        "source_id": np.array([*reference.ids, *mapped.ids], dtype=object),
        "overlap": np.concatenate([match.reference_overlap, match.mapped_overlap]),
        "area_m2": shapely.area(geometries),
    }
    return VectorLayer(geometries, columns, comparison.crs, joined(mapped.provenance, [step("accuracy", options)]))


def _write_text(path: str, text: str, name: str) -> None:
    try:
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise OutputError(f"The output {name} cannot be written: {error.strerror}.") from error
