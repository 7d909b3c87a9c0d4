"""Outlines: labels of landforms become polygons with statistics, provenance and fields for the review.

Labels and layers are read strip by strip; what is held of the whole raster is the outlines.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from .. import provenance
from ..contracts.outlines import OutlinesOptions, OutlinesResult
from ..decisions import REVIEW, UNREVIEWED
from ..errors import InvalidRasterError, InvalidVectorError
from ..files import check_writable
from ..progress import Progress
from ..rasters.grid import Grid
from ..rasters.labels import LABEL_BYTES, LabelIndex, index_labels, open_labels, read_strips
from ..rasters.raster import Raster
from ..vectors.generalisation import simplify_coverage, smooth_coverage
from ..vectors.polygons import BYTES_PER_PIXEL, Geometries, polygonize_strips
from ..vectors.vector import VectorLayer, read_layer, write_layers
from ..version import version
from .landform_statistics import Landforms, layer_statistics, mean_aspect, object_statistics

LAYER = "rock_glaciers"
Columns = dict[str, NDArray[Any]]


def run(options: OutlinesOptions, progress: Progress) -> OutlinesResult:
    """Turn labels of landforms into a layer of outlines.

    A landform's shape is measured on its outline, its statistics on its pixels. Its membership is the mean over those
    of its pixels that lie in objects of the target class.

    Parameters
    ----------
    options : OutlinesOptions
    progress : Progress

    Returns
    -------
    OutlinesResult

    Raises
    ------
    MapperError
        If an input cannot be read or does not fit the others, or the output cannot be written.
    """
    check_writable(options.output, ".gpkg", inputs=[options.input, *options.layers, options.objects])
    with contextlib.ExitStack() as stack:
        raster = stack.enter_context(open_labels(options.input))
        grid, chain = raster.grid, raster.provenance
        metres_per_unit = grid.metres_per_unit
        layers = [stack.enter_context(Raster(path)) for path in options.layers]
        _check_layers(grid, layers)
        objects = _target_objects(options.objects, grid, chain, progress.part(0, 0.05))
        index, polygons = _polygons(raster, progress.part(0.05, 0.2))
        landforms = Landforms(raster, index)
        outlines = _drawn(polygons, options, grid, progress.part(0.2, 0.4))
        columns: Columns = {"landform_id": index.ids.astype(np.int64), **_shapes(outlines, metres_per_unit)}
        columns |= object_statistics(landforms, objects, progress.part(0.4, 0.6))
        for number, layer in enumerate(layers):
            share = 0.35 / len(layers)
            part = progress.part(0.6 + number * share, 0.6 + (number + 1) * share)
            columns |= layer_statistics(landforms, layer, part)
        columns |= mean_aspect(columns)
        # The landforms' own steps last: their model and rule set are the newest, whatever the layers were made with.
        chains = [*(layer.provenance for layer in layers), objects.provenance, chain]
    steps = provenance.joined(*chains, [provenance.step("outlines", options)])
    columns |= _provenance_columns(steps, len(index)) | _review_columns(len(index))
    progress.report(0.95, "Writing the outlines")
    write_layers(options.output, {LAYER: VectorLayer(outlines, columns, grid.crs, steps)}, progress.part(0.95, 1))
    return OutlinesResult(
        options.output, len(index), float(columns["area_m2"].sum()), _relative_change(polygons, outlines)
    )


def _check_layers(grid: Grid, layers: Sequence[Raster]) -> None:
    """Refuse layers on another grid, and bands whose statistics would have one name."""
    owner: dict[str, str] = {}
    for layer in layers:
        grid.require_same(layer.grid, f"The layer {layer.path}")
        for role in layer.roles:
            # Names of columns do not distinguish capitals.
            if role.lower() in owner:
                raise InvalidRasterError(
                    f"{owner[role.lower()]} and {layer.path} both have a band {role}; give each band its own name."
                )
            owner[role.lower()] = layer.path


def _target_objects(source: str, grid: Grid, chain: Sequence[provenance.Step], progress: Progress) -> VectorLayer:
    """Read the objects of the class that the landforms were made from; of every class where that is not known."""
    if not source:
        return VectorLayer(np.empty(0, object), {"membership": np.empty(0)})
    try:
        objects = read_layer(
            source, crs=grid.crs, columns=("class", "membership"), if_present=("limiting_feature",), progress=progress
        )
    except InvalidVectorError as error:
        raise InvalidVectorError(f"{error} Classify the objects first and give the layer that this writes.") from error
    classes, membership = objects.columns["class"], objects.columns["membership"]
    if classes.dtype.kind != "O" or membership.dtype.kind not in "fi":
        raise InvalidVectorError(f"{source}: column class must hold texts and column membership numbers.")
    target = _target_class(chain)
    wanted = classes == target if target else np.array([bool(name) for name in classes], bool)
    wanted &= membership > 0
    if target and not wanted.any():
        progress.warn(f"No object of {source} has the class {target}, of which the landforms were made.")
    kept = {name: values[wanted] for name, values in objects.columns.items()}
    return VectorLayer(objects.geometries[wanted], kept, objects.crs, objects.provenance)


def _target_class(chain: Sequence[provenance.Step]) -> str:
    """Return the class of the objects that landforms were made from; empty where no step says it.

    Steps of reshaping that were given landforms have the option too, with a value that meant nothing.
    """
    reshaping = [step.get("options", {}) for step in chain if step.get("stage") == "reshape"]
    merging = [options for options in reshaping if options.get("objects") and not options.get("segments")]
    return str(merging[-1].get("target_class", "")) if merging else ""


def _polygons(raster: Raster, progress: Progress) -> tuple[LabelIndex, Geometries]:
    """Return which landforms there are and their polygons along the pixels' sides, by ascending label."""
    reading = read_strips(raster, progress.part(0, 0.3), "Finding the landforms", LABEL_BYTES)
    index = index_labels(reading)
    polygons: Geometries = np.empty(len(index), object)
    strips = read_strips(raster, progress.part(0.3, 1), "Tracing the landforms", BYTES_PER_PIXEL)
    for geometries, ids in polygonize_strips(strips, raster.grid, index):
        polygons[index.places(ids)] = geometries
    return index, polygons


def _drawn(polygons: Geometries, options: OutlinesOptions, grid: Grid, progress: Progress) -> Geometries:
    """Simplify and smooth the polygons as far as they stay valid, and say for which this is not so."""
    progress.report(0, "Simplifying the outlines")
    simple, unchanged = simplify_coverage(polygons, options.simplify / grid.metres_per_unit)
    if unchanged.any():
        progress.warn(
            f"{unchanged.sum()} outlines keep the pixels' steps, because they would not be valid when simplified."
        )
    progress.check()
    progress.report(0.5, "Smoothing the outlines")
    smooth, unchanged = smooth_coverage(simple, options.smooth_outline, grid)
    if unchanged.any():
        progress.warn(f"{unchanged.sum()} outlines keep their corners, because they would not be valid when smoothed.")
    progress.check()
    return smooth


def _relative_change(polygons: Geometries, outlines: Geometries) -> float:
    """Return by which share of the polygons' area the outlines' area differs from it."""
    before = float(shapely.area(polygons).sum())
    return float(shapely.area(outlines).sum()) / before - 1 if before else 0.0


def _shapes(outlines: Geometries, metres_per_unit: float) -> Columns:
    """Return area, perimeter, and the sides of the smallest rectangle of any direction around each outline."""
    corners = shapely.get_coordinates(shapely.oriented_envelope(outlines)).reshape(len(outlines), 5, 2)
    sides = np.hypot(*np.moveaxis(np.diff(corners[:, :3], axis=1), 2, 0))
    return {
        "area_m2": shapely.area(outlines) * metres_per_unit**2,
        "perimeter_m": shapely.length(outlines) * metres_per_unit,
        "length_m": sides.max(axis=1) * metres_per_unit,
        "width_m": sides.min(axis=1) * metres_per_unit,
    }


def _provenance_columns(steps: Sequence[provenance.Step], count: int) -> Columns:
    parameters = [{"stage": step.get("stage"), "options": step.get("options")} for step in steps]
    texts = {
        "model_name": provenance.fact(steps, "model_name"),
        "model_sha256": provenance.fact(steps, "model_sha256"),
        "rule_set": provenance.fact(steps, "rule_set"),
        "software_version": version(),
        "parameters": json.dumps(parameters, sort_keys=True),
    }
    return {name: np.full(count, None if text is None else str(text), object) for name, text in texts.items()}


def _review_columns(count: int) -> Columns:
    """Return the fields that a person fills."""
    return {
        REVIEW: np.full(count, UNREVIEWED, object),
        "certainty": np.full(count, None, object),
        "notes": np.full(count, None, object),
    }
