"""Stage `scaleparameter`: try out a range of scale parameters on a part of a raster, and propose one."""

from __future__ import annotations

import contextlib
import json
import math
from pathlib import Path

import numpy as np

from ..contracts.scaleparameter import ScaleParameterOptions, ScaleParameterResult
from ..contracts.segment import SegmentOptions
from ..errors import InvalidOptionError, OutputError
from ..files import check_writable, replacing
from ..progress import Progress
from ..rasters.extent import window_of
from ..rasters.grid import Window
from .heterogeneity import Criterion
from .image import Image
from .localvariance import local_variance, peaks, rates_of_change
from .multiresolution import segmented
from .referenceoutlines import ReferenceOutlines, read_outlines
from .scale_record import Level, Record, record_of
from .scale_report import report_page
from .segmentationgoodness import Goodness, Labels, goodness
from .segmentlayers import SegmentLayers, open_layers

MOST_LEVELS = 100
"""Scales that are tried at most."""


def run(options: ScaleParameterOptions, progress: Progress) -> ScaleParameterResult:
    """Segment a part of a raster at a range of scales, and propose one by local variance or reference outlines.

    The objects of each scale are made from pixels, not from those of the scale before: nested levels would be cheaper,
    but they are other objects than `segment` makes at that scale, and the proposal is made for `segment`.

    Parameters
    ----------
    options : ScaleParameterOptions
        Paths, range and parameters.
    progress : Progress

    Returns
    -------
    ScaleParameterResult

    Raises
    ------
    MapperError
        If an input cannot be read, the range or the extent cannot be understood, no reference outline lies in the part,
        or an output cannot be written; then no output is left behind.
    """
    _check_outputs(options)
    if options.area and not options.reference:
        raise InvalidOptionError("Option `area` limits reference outlines: give `reference` too, or leave it empty.")
    scales = _scales(options)
    with open_layers(_segment_options(options)) as layers:
        outlines = read_outlines(options.reference, options.area, layers.grid) if options.reference else None
        window = _window(options, layers, outlines, progress)
        limits = layers.limits(layers.used, progress.part(0, 0.15))
        image = layers.image(window, limits)
        if not image.valid.any():
            raise InvalidOptionError(
                f"The part of {options.input} on which the scales were to be tried ({window.width} x {window.height} "
                f"pixels from column {window.x}, row {window.y}) has no data; give another `extent`."
            )
        reference = None if outlines is None else outlines.burnt(window, image.valid)
        levels = _levels(image, layers, options, scales, reference, progress.part(0.15, 0.98))
        used = 0 if reference is None else np.count_nonzero(np.bincount(reference.ravel())[1:])
        found = peaks([level.rate for level in levels])
        record = record_of(options, layers, window, levels, found, outlines, used)
    for note in record["notes"]:
        progress.warn(note)
    _write(options, record)
    progress.report(1, f"Proposed scale: {record['best_scale']}")
    best, d = record["best_scale"], record["best_d"]
    text = ", ".join(f"{scale:g}" for scale in record["peaks"])
    return ScaleParameterResult(
        options.report, options.json, math.nan if best is None else best, math.nan if d is None else d, text
    )


def _check_outputs(options: ScaleParameterOptions) -> None:
    inputs = (options.input, options.heatmap, options.reference, options.area)
    check_writable(options.report, ".html", ".htm", inputs=inputs)
    if options.json:
        check_writable(options.json, ".json", inputs=inputs)


def _scales(options: ScaleParameterOptions) -> list[float]:
    """Return the scales to try, ascending."""
    first, last, step = options.scale_from, options.scale_to, options.scale_step
    count = math.floor((last - first) / step + 1e-9) + 1
    if count < 1 or count > MOST_LEVELS:
        raise InvalidOptionError(
            f"Options `scale_from` {first:g}, `scale_to` {last:g} and `scale_step` {step:g} make {max(count, 0)} "
            f"scales; 1 to {MOST_LEVELS} are expected. Give a range that rises, or a larger step."
        )
    return [round(first + number * step, 6) for number in range(count)]


def _segment_options(options: ScaleParameterOptions) -> SegmentOptions:
    return SegmentOptions(
        input=options.input,
        output=options.report,
        heatmap=options.heatmap,
        weights=options.weights,
        shape=options.shape,
        compactness=options.compactness,
    )


def _window(
    options: ScaleParameterOptions, layers: SegmentLayers, outlines: ReferenceOutlines | None, progress: Progress
) -> Window:
    if outlines is None or options.extent.strip():
        return window_of(options.extent, layers.grid, progress)
    return outlines.fullest_window()


def _levels(
    image: Image,
    layers: SegmentLayers,
    options: ScaleParameterOptions,
    scales: list[float],
    reference: Labels | None,
    progress: Progress,
) -> list[Level]:
    criterion = Criterion(layers.normalised_weights, options.shape, options.compactness)
    found: list[tuple[int, float, Goodness]] = []
    for number, scale in enumerate(scales):
        part = progress.part(number / len(scales), (number + 1) / len(scales))
        part.report(0, f"Trying scale {scale:g}")
        labels = segmented(image, criterion, scale, part)
        fit = Goodness(math.nan, math.nan) if reference is None else goodness(reference, labels)
        found.append((int(labels.max()), local_variance(image.bands, labels), fit))
    rates = rates_of_change([variance for _, variance, _ in found])
    pixels = int(np.count_nonzero(image.valid))
    return [
        Level(scale, objects, pixels / objects, variance, rate, fit)
        for scale, rate, (objects, variance, fit) in zip(scales, rates, found, strict=True)
    ]


def _write(options: ScaleParameterOptions, record: Record) -> None:
    """Write report and figures; they get their final names only when both are complete."""
    texts = {options.report: report_page(record)}
    if options.json:
        texts[options.json] = json.dumps(record, indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    with contextlib.ExitStack() as outputs:
        for path, text in texts.items():
            try:
                Path(outputs.enter_context(replacing(path))).write_text(text, "utf-8")
            except OSError as error:
                raise OutputError(f"The output {path} cannot be written: {error.strerror}.") from error
