"""The accuracy stage: mapped outlines against a reference inventory, by area and landform by landform."""

from __future__ import annotations

import contextlib
import json

from ..contracts.accuracy import AccuracyOptions, AccuracyResult
from ..errors import OutputError
from ..files import check_writable, replacing
from ..progress import Progress
from ..vectors.vector import write_layers
from .accuracy_record import Record, record_of
from .accuracylayer import outlines, statuses
from .assessed import Assessment, assess
from .comparison import Comparison, read_comparison
from .report import report_page
from .report_map import MapLayers, draw_map

LAYER = "accuracy"
"""Name of the layer of outlines."""

_SUFFIXES = {"output": (".gpkg",), "report": (".html", ".htm"), "json": (".json",)}
_RESULT_FIGURES = frozenset(AccuracyResult.__dataclass_fields__)


def run(options: AccuracyOptions, progress: Progress) -> AccuracyResult:
    """Compare mapped outlines with a reference inventory and write layer, figures and report.

    Both layers are cut to the area and dissolved; areas come from exact intersections of polygons in a system of
    metres (see `comparison.metric_crs`). How landforms are matched is told at `matching.match_landforms` and
    `pairing.one_to_one`, how distances are measured at `boundarydistance`, intervals at `bootstrap`, the estimates from
    checked points at `areaadjusted`, the scores of the heatmap at `heatmapscores`.

    The layer ``accuracy`` holds every compared landform once; its columns are those of `accuracylayer.outlines`.

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
    comparison = read_comparison(options, progress.part(0.0, 0.2))
    progress.report(0.2, "Comparing the outlines")
    assessment = assess(options, comparison, progress.part(0.2, 0.8))
    record = record_of(options, comparison, assessment, progress.part(0.8, 0.9))
    for note in record["notes"]:
        progress.warn(note)
    _write(options, comparison, assessment, record, progress.part(0.9, 1.0))
    progress.report(1.0, "Done")
    results = {name: value for name, value in assessment.figures.items() if name in _RESULT_FIGURES}
    return AccuracyResult(options.output, options.report, options.json, **results)  # type: ignore[arg-type]


def _check_outputs(options: AccuracyOptions) -> None:
    """Refuse outputs that cannot be written or that would overwrite an input."""
    inputs = (options.mapped, options.reference, options.area, options.heatmap, options.points)
    for name, suffixes in _SUFFIXES.items():
        path = getattr(options, name)
        if path:
            check_writable(path, *suffixes, inputs=inputs)


def _write(
    options: AccuracyOptions, comparison: Comparison, assessment: Assessment, record: Record, progress: Progress
) -> None:
    """Write all outputs; they get their final names only when every one of them is complete."""
    with contextlib.ExitStack() as outputs:
        output = outputs.enter_context(replacing(options.output))
        try:
            write_layers(output, {LAYER: outlines(options, comparison, assessment)}, progress.part(0.0, 0.3))
        except OutputError as error:
            # The user knows the file by its final name only.
            raise OutputError(str(error).replace(output, options.output)) from error
        if options.json:
            text = json.dumps(record, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
            _write_text(outputs.enter_context(replacing(options.json)), text, options.json)
        if options.report:
            progress.report(0.3, "Writing the report")
            page = report_page(record, draw_map(_map_layers(comparison, assessment), options.heatmap, progress))
            _write_text(outputs.enter_context(replacing(options.report)), page, options.report)
        progress.check()


def _map_layers(comparison: Comparison, assessment: Assessment) -> MapLayers:
    reference, mapped = statuses(assessment.match)
    return MapLayers(
        comparison.reference.geometries,
        reference,
        comparison.mapped.geometries,
        mapped,
        comparison.area,
        comparison.crs,
    )


def _write_text(path: str, text: str, name: str) -> None:
    try:
        with open(path, "w", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise OutputError(f"The output {name} cannot be written: {error.strerror}.") from error
