"""Outlines: labels of landforms become polygons with statistics, provenance and fields for the review.

The labels of the whole raster are held in memory (about 20 bytes a pixel while their borders are traced); the layers
that the statistics are taken from are read in strips.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from . import provenance
from .contracts.outlines import OutlinesOptions, OutlinesResult
from .errors import InvalidRasterError, InvalidVectorError
from .files import check_writable
from .grid import Grid, Window
from .labels import open_labels
from .polygons import Geometries, polygonize, simplify_coverage
from .progress import Progress
from .raster import Raster
from .roles import HEATMAP
from .vector import VectorLayer, burn, read_layer, write_layers
from .version import version

LAYER = "rock_glaciers"
_LABEL_BYTES = 16
# Band values as they are read, those of the landforms, and their landforms.
_BYTES_A_BAND = 16
# Statistics beside the mean, which every band has.
_EXTREMES = {"elevation": ("min", "max"), HEATMAP: ("max",)}

Columns = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class _Landforms:
    """The landforms' pixels: labels of the grid, shape (height, width), and the labels that occur, ascending."""

    grid: Grid
    labels: NDArray[np.uint32]
    ids: NDArray[np.uint32]

    def strips(
        self, bytes_per_pixel: int, progress: Progress, message: str
    ) -> Iterator[tuple[Window, NDArray[np.bool_], NDArray[np.intp]]]:
        """Yield the strips that hold landforms: the window, the landforms' mask, and the place of each pixel's id."""
        windows = self.grid.strips(bytes_per_pixel)
        for window in progress.each(windows, len(windows), message):
            block = self.labels[window.y : window.y + window.height]
            inside = block != 0
            if inside.any():
                yield window, inside, np.searchsorted(self.ids, block[inside])


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
        labels = _read_labels(raster, progress.part(0.05, 0.1))
        polygons, ids = polygonize(labels, grid)
        landforms = _Landforms(grid, labels, ids)
        outlines = _simplified(polygons, options.simplify / metres_per_unit, progress.part(0.1, 0.4))
        columns: Columns = {"landform_id": ids.astype(np.int64), **_shapes(outlines, metres_per_unit)}
        columns["membership"] = _mean_membership(landforms, objects, progress.part(0.4, 0.6))
        for number, layer in enumerate(layers):
            share = 0.35 / len(layers)
            part = progress.part(0.6 + number * share, 0.6 + (number + 1) * share)
            columns |= _statistics(landforms, layer, part)
        # The landforms' own steps last: their model and rule set are the newest, whatever the layers were made with.
        chains = [*(layer.provenance for layer in layers), objects.provenance, chain]
    steps = provenance.joined(*chains, [provenance.step("outlines", options)])
    columns |= _provenance_columns(steps, len(ids)) | _review_columns(len(ids))
    progress.report(0.95, "Writing the outlines")
    write_layers(options.output, {LAYER: VectorLayer(outlines, columns, grid.crs, steps)}, progress.part(0.95, 1))
    return OutlinesResult(options.output, len(ids), float(columns["area_m2"].sum()))


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
        objects = read_layer(source, crs=grid.crs, columns=("class", "membership"), progress=progress)
    except InvalidVectorError as error:
        raise InvalidVectorError(f"{error} Classify the objects first and give the layer that this writes.") from error
    classes, membership = objects.columns["class"], objects.columns["membership"]
    if classes.dtype.kind != "O" or membership.dtype.kind not in "fi":
        raise InvalidVectorError(f"{source}: column class must hold texts and column membership numbers.")
    reshaping: dict[str, Any] = next((step for step in reversed(chain) if step.get("stage") == "reshape"), {})
    target = reshaping.get("options", {}).get("target_class")
    wanted = classes == target if target else np.array([bool(name) for name in classes], bool)
    wanted &= membership > 0
    return VectorLayer(objects.geometries[wanted], {"membership": membership[wanted]}, objects.crs, objects.provenance)


def _read_labels(raster: Raster, progress: Progress) -> NDArray[np.uint32]:
    labels = np.empty((raster.grid.height, raster.grid.width), np.uint32)
    windows = raster.grid.strips(_LABEL_BYTES)
    for window in progress.each(windows, len(windows), "Reading the landforms"):
        labels[window.y : window.y + window.height] = raster.read_raw(window)
    return labels


def _simplified(polygons: Geometries, tolerance: float, progress: Progress) -> Geometries:
    progress.report(0, "Simplifying the outlines")
    outlines, unchanged = simplify_coverage(polygons, tolerance)
    if unchanged.any():
        progress.warn(
            f"{unchanged.sum()} outlines keep the pixels' steps, because they would not be valid when simplified."
        )
    progress.check()
    return outlines


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


def _mean_membership(landforms: _Landforms, objects: VectorLayer, progress: Progress) -> NDArray[np.float64]:
    """Return the mean membership over a landform's pixels in target objects; NaN where there are none."""
    count = len(landforms.ids)
    total, pixels = np.zeros(count), np.zeros(count)
    if not len(objects):
        return np.full(count, np.nan)
    for window, inside, place in landforms.strips(_BYTES_A_BAND, progress, "Averaging the membership"):
        values = burn(objects.geometries, objects.columns["membership"], landforms.grid, np.float32, window)[inside]
        total += np.bincount(place, values, count)
        pixels += np.bincount(place, values > 0, count)
    return _ratio(total, pixels)


def _statistics(landforms: _Landforms, layer: Raster, progress: Progress) -> Columns:
    """Return the statistics of a layer's bands over the landforms' known pixels; NaN where there are none."""
    count, roles = len(landforms.ids), layer.roles
    total, pixels = np.zeros((len(roles), count)), np.zeros((len(roles), count))
    low, high = np.full((len(roles), count), np.inf), np.full((len(roles), count), -np.inf)
    strips = landforms.strips(_BYTES_A_BAND * len(roles), progress, f"Measuring {', '.join(roles)}")
    for window, inside, place in strips:
        for band, values in enumerate(layer.read(window)[:, inside]):
            known = ~np.isnan(values)
            total[band] += np.bincount(place[known], values[known], count)
            pixels[band] += np.bincount(place[known], minlength=count)
            if roles[band] in _EXTREMES:
                np.minimum.at(low[band], place[known], values[known])
                np.maximum.at(high[band], place[known], values[known])
    statistics = {
        "mean": _ratio(total, pixels),
        "min": np.where(pixels > 0, low, np.nan),
        "max": np.where(pixels > 0, high, np.nan),
    }
    return {
        f"{role}_{name}": statistics[name][band]
        for band, role in enumerate(roles)
        for name in ("mean", *_EXTREMES.get(role, ()))
    }


def _ratio(total: NDArray[np.float64], count: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.divide(total, count, out=np.full(total.shape, np.nan), where=count > 0)


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
        "review_status": np.full(count, "unreviewed", object),
        "certainty": np.full(count, None, object),
        "notes": np.full(count, None, object),
    }
