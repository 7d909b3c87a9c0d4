"""What landforms are reshaped on: their labels, where nodata is, and which pixels meet the conditions of a step."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from .. import provenance
from ..contracts.reshape import FLAT, RESHAPE_FACT, UPRIGHT, ReshapeOptions
from ..errors import InvalidOptionError, InvalidRasterError, InvalidVectorError
from ..progress import Progress
from ..rasters.grid import Grid, Window
from ..rasters.labels import open_labels
from ..rasters.raster import Raster
from ..rasters.roles import HEATMAP
from ..vectors.vector import VectorLayer, read_layer
from . import landforms
from .landforms import Labels, Mask

SLOPE, ELEVATION = "slope", "elevation"
UNCLASSIFIED = "unclassified"
# Heatmaps and slopes are stored in steps such as 0.01, whose multiples are not exact.
_HEATMAP_ROUNDING = 1e-6
_SLOPE_ROUNDING = 1e-4
# A heatmap is a probability; the surplus is that of a rounded scale.
_LARGEST_HEATMAP = 1.001
# As interpolation by cubic functions, and filters, leave them beside 0.
_LOWEST = -0.1
_BYTES = 24
# Objects may have been edited, or come back from another reference system.
_MOST_STRANGERS = 0.05
# Objects whose place is compared with the labels.
_MOST_ASKED = 1000

Steps = list[provenance.Step]
# Path, role and largest value.
_Layer = tuple[str, str, float]


@dataclass
class Scene:
    """The landforms of a raster, and what is known of its pixels.

    Attributes
    ----------
    grid : Grid
        Their grid.
    labels : array of uint32, shape (height, width)
        The landforms; the steps change them.
    known : array of bool, shape (height, width)
        Pixels that are not nodata.
    provenance : list
        Steps that made the inputs.
    """

    grid: Grid
    labels: Labels
    known: Mask
    provenance: Steps


@dataclass(frozen=True)
class _Range:
    """Values that growing takes, and those that shrinking keeps, both with their limits."""

    growing: tuple[float, float]
    shrinking: tuple[float, float]


def grows(options: ReshapeOptions) -> bool:
    """Return whether landforms shall grow: whether anything is said of it."""
    return bool(
        options.grow > 0
        or options.grow_into
        or options.grow_tension > 0
        or options.grow_distance > 0
        or _limited(options.grow_min_slope, options.grow_max_slope)
    )


def shrinks(options: ReshapeOptions) -> bool:
    """Return whether pixels shall be dropped by their values."""
    return options.shrink > 0 or _limited(options.shrink_min_slope, options.shrink_max_slope)


def needed_terrain(options: Any) -> tuple[str, ...]:
    """Return the bands among slope and elevation that the steps need; `options` may be those of the whole chain."""
    by_slope = _limited(options.grow_min_slope, options.grow_max_slope) or _limited(
        options.shrink_min_slope, options.shrink_max_slope
    )
    needed = {SLOPE: by_slope, ELEVATION: options.split_angle > 0}
    return tuple(layer for layer, is_needed in needed.items() if is_needed)


def check_options(options: ReshapeOptions) -> None:
    """Refuse options that contradict or lack each other.

    Raises
    ------
    InvalidOptionError
    """
    if options.objects and not options.target_class:
        raise InvalidOptionError("Option `target_class` is empty; name the class whose objects become landforms.")
    if max(options.grow, options.shrink, options.min_heatmap) > 0 and not options.heatmap:
        raise InvalidOptionError(
            "Options `grow`, `shrink` and `min_heatmap` need a heatmap: give `heatmap`, or set all three to 0."
        )
    needed = needed_terrain(options)
    if SLOPE in needed and not options.slope:
        raise InvalidOptionError("Ranges of slope need a raster with slopes: give `slope`, or allow 0 to 90 degrees.")
    if ELEVATION in needed and not options.elevation:
        raise InvalidOptionError(
            "Option `split_angle` needs a raster with elevations: give `elevation`, or set the angle to 0."
        )
    if options.grow_into and not options.objects:
        raise InvalidOptionError(
            "Option `grow_into` needs the classes of the pixels: give `objects`, and `segments` where `labels` holds "
            "landforms, or name no classes."
        )
    for step in ("grow", "shrink"):
        low, high = getattr(options, f"{step}_min_slope"), getattr(options, f"{step}_max_slope")
        if low > high:
            raise InvalidOptionError(
                f"Option `{step}_min_slope` is {low:g} degrees, more than the {high:g} of `{step}_max_slope`."
            )


def read_scene(options: ReshapeOptions, progress: Progress) -> Scene:
    """Read the landforms to begin with: labels of the target class's objects, or all labels.

    Raises
    ------
    MapperError
        If an input cannot be read, or objects and labels do not belong together.
    """
    with open_labels(options.labels) as raster:
        grid = raster.grid
        _ = grid.metres_per_unit
        objects = _classified(options.objects, grid) if options.objects else None
        steps = provenance.joined(objects.provenance if objects else [], raster.provenance)
        scene = Scene(grid, np.zeros((grid.height, grid.width), np.uint32), _all_known(grid), steps)
        if objects is None or options.segments:
            numbers = _numbers(raster, progress.part(0, 0.4))
            _read_labels(raster, scene, numbers, progress.part(0.4, 0.8))
        else:
            _require_labels(objects, options, raster, progress.part(0, 0.2))
            targets = _target_objects(objects, options, progress)
            _read_labels(raster, scene, targets, progress.part(0.2, 0.8), zero_is_nodata=True)
    if options.segments:
        with _on_grid(open_labels(options.segments), grid, "The segments") as raster:
            scene.provenance = provenance.joined(scene.provenance, raster.provenance)
            for window, rows in _strips(grid, progress.part(0.8, 1), "Reading the segments"):
                scene.known[rows] = raster.read_raw(window) != 0
    return scene


def with_values_of_rules(
    options: ReshapeOptions, steps: Sequence[provenance.Step], progress: Progress
) -> ReshapeOptions:
    """Return the options with what the rule set says where they say nothing and landforms are made of objects.

    Parameters
    ----------
    options : ReshapeOptions
    steps : sequence of dict
        Provenance of the objects.
    progress : Progress
        Is warned where the rule set's values need a heatmap that was not given.
    """
    if not options.objects or options.segments:
        return options
    given: dict[str, Any] = provenance.fact(steps, RESHAPE_FACT) or {}
    if not options.heatmap:
        if given:
            progress.warn(
                "The rule set of the objects says by which values of the heatmap landforms are dropped, grow and "
                "shrink. No heatmap was given, so none of this is done: give the smoothed heatmap."
            )
        return options
    return replace(
        options,
        grow=options.grow or given.get("grow", 0.0),
        shrink=options.shrink or given.get("shrink", 0.0),
        grow_into=options.grow_into or tuple(given.get("grow_into", ())),
        min_heatmap=options.min_heatmap or given.get("min_heatmap", 0.0),
    )


def read_conditions(scene: Scene, options: ReshapeOptions, progress: Progress) -> tuple[Mask, Mask]:
    """Return which pixels may be taken, and which must be dropped; where a layer has no value becomes nodata.

    Returns
    -------
    candidates : array of bool, shape (height, width)
    unwanted : array of bool, shape (height, width)

    Raises
    ------
    MapperError
        If a layer cannot be read or does not fit.
    """
    candidates, unwanted = np.ones_like(scene.known), np.zeros_like(scene.known)
    if options.grow_into:
        _keep_classes(candidates, scene, options, progress.part(0, 0.3))
    if options.grow > 0 or options.shrink > 0:
        limits = _Range((_least_heatmap(options.grow), math.inf), (_least_heatmap(options.shrink), math.inf))
        _apply_layer(_heatmap(options), limits, scene, (candidates, unwanted), progress.part(0.3, 0.6))
    if SLOPE in needed_terrain(options):
        growing = _slopes(options.grow_min_slope, options.grow_max_slope)
        shrinking = _slopes(options.shrink_min_slope, options.shrink_max_slope)
        layer = (options.slope, SLOPE, UPRIGHT + _SLOPE_ROUNDING)
        _apply_layer(layer, _Range(growing, shrinking), scene, (candidates, unwanted), progress.part(0.6, 1))
    candidates &= scene.known
    for rows in landforms.strips(scene.labels):
        scene.labels[rows][~scene.known[rows]] = 0
    return candidates, unwanted


def is_sure(scene: Scene, options: ReshapeOptions, progress: Progress) -> Mask:
    """Return whether the mean heatmap of each label, from 0 on, is at least `min_heatmap`; not where there is none.

    Raises
    ------
    MapperError
        If the heatmap cannot be read or does not fit.
    """
    count = int(scene.labels.max(initial=0)) + 1
    total, pixels = np.zeros(count), np.zeros(count, np.int64)
    for rows, values in _layer_strips(_heatmap(options), scene, progress):
        known = ~np.isnan(values)
        labels = scene.labels[rows][known]
        total += np.bincount(labels, values[known], count)
        pixels += np.bincount(labels, minlength=count)
    sure: Mask = (pixels > 0) & (total >= pixels * (options.min_heatmap - _HEATMAP_ROUNDING))
    return sure


def open_elevation(path: str, grid: Grid) -> tuple[Raster, str]:
    """Open the raster of elevations; return it with the role of its band.

    Raises
    ------
    InvalidRasterError, InvalidGridError
        If it cannot be read, has no such band, or lies on another grid.
    """
    raster = _on_grid(Raster(path), grid, "The elevation")
    return raster, _role(raster, ELEVATION)


def _classified(source: str, grid: Grid) -> VectorLayer:
    try:
        objects = read_layer(source, crs=grid.crs, columns=("object_id", "class"))
    except InvalidVectorError as error:
        raise InvalidVectorError(f"{error} Classify the objects first and give the layer that this writes.") from error
    ids = objects.columns["object_id"]
    if ids.dtype.kind != "i" or (ids < 1).any():
        raise InvalidVectorError(f"{source}: column object_id must hold the objects' labels, whole numbers from 1.")
    if objects.columns["class"].dtype.kind != "O":
        raise InvalidVectorError(f"{source}: column class must hold texts, as the classification writes them.")
    return objects


def _target_objects(objects: VectorLayer, options: ReshapeOptions, progress: Progress) -> NDArray[np.int64]:
    """Return the labels of the objects of the target class, ascending."""
    ids = _ids_of(objects, (options.target_class,))
    if not len(ids):
        found = _class_names(objects)
        progress.warn(f"No object has the class {options.target_class} (classes found: {found}); no landform results.")
    return ids


def _ids_of(objects: VectorLayer, classes: tuple[str, ...]) -> NDArray[np.int64]:
    of_objects = [name or UNCLASSIFIED for name in objects.columns["class"]]
    ids: NDArray[np.int64] = np.unique(objects.columns["object_id"][np.isin(of_objects, classes)])
    return ids


def _class_names(objects: VectorLayer) -> str:
    return ", ".join(sorted({str(name) for name in objects.columns["class"] if name})) or "none"


def _numbers(raster: Raster, progress: Progress) -> NDArray[np.int64]:
    """Return the labels of a raster, ascending."""
    found = np.empty(0, np.int64)
    for window, _ in _strips(raster.grid, progress, "Reading the labels"):
        found = np.union1d(found, np.unique(raster.read_raw(window)))
    return found[found > 0]


def _read_labels(
    raster: Raster,
    scene: Scene,
    numbers: NDArray[np.int64],
    progress: Progress,
    *,
    zero_is_nodata: bool = False,
) -> None:
    """Read the labels among `numbers` (ascending), numbered from 1 in this order."""
    for window, rows in _strips(scene.grid, progress, "Reading the labels"):
        labels = raster.read_raw(window)
        scene.labels[rows] = np.where(_among(labels, numbers), np.searchsorted(numbers, labels) + 1, 0)
        if zero_is_nodata:
            scene.known[rows] = labels != 0


def _among(labels: NDArray[Any], numbers: NDArray[np.int64]) -> Mask:
    """Return which labels are among `numbers` (ascending)."""
    if not len(numbers):
        return np.zeros(labels.shape, bool)
    found: Mask = numbers[np.minimum(np.searchsorted(numbers, labels), len(numbers) - 1)] == labels
    return found


def _require_labels(objects: VectorLayer, options: ReshapeOptions, raster: Raster, progress: Progress) -> None:
    """Refuse objects that lie on other labels than their own, as those of another segmentation do."""
    asked = np.flatnonzero(~shapely.is_empty(objects.geometries))
    asked = asked[:: max(len(asked) // _MOST_ASKED, 1)]
    ids = objects.columns["object_id"][asked]
    x, y = shapely.get_coordinates(shapely.point_on_surface(objects.geometries[asked])).T
    columns, rows = (np.floor(places).astype(np.int64) for places in raster.grid.pixels(x, y))
    found = np.full(len(ids), -1, np.int64)
    for window, strip in _strips(raster.grid, progress, "Checking the objects"):
        here = np.flatnonzero((rows >= strip.start) & (rows < strip.stop) & (columns >= 0) & (columns < window.width))
        found[here] = raster.read_raw(window)[rows[here] - strip.start, columns[here]]
    strange = np.flatnonzero(found != ids)
    if len(strange) > _MOST_STRANGERS * len(ids):
        raise InvalidVectorError(
            f"{len(strange)} of {len(ids)} objects of {options.objects} do not lie on their labels in {raster.path}, "
            f"the first of them object {ids[strange[0]]}; give the labels that the objects were made from."
        )


def _keep_classes(candidates: Mask, scene: Scene, options: ReshapeOptions, progress: Progress) -> None:
    """Leave only candidates in objects of the classes to grow into."""
    objects = _classified(options.objects, scene.grid)
    ids = _ids_of(objects, options.grow_into)
    if not len(ids):
        classes = ", ".join(options.grow_into)
        progress.warn(f"No object has the class {classes} (classes found: {_class_names(objects)}); nothing can grow.")
    path = options.segments or options.labels
    with _on_grid(open_labels(path), scene.grid, "The segments") as raster:
        if options.segments:
            _require_labels(objects, options, raster, progress.part(0, 0.3))
        for window, rows in _strips(scene.grid, progress.part(0.3, 1), "Reading the classes"):
            candidates[rows] &= _among(raster.read_raw(window), ids)


def _apply_layer(layer: _Layer, limits: _Range, scene: Scene, masks: tuple[Mask, Mask], progress: Progress) -> None:
    """Narrow the candidates and widen the unwanted pixels by a layer."""
    candidates, unwanted = masks
    for rows, values in _layer_strips(layer, scene, progress):
        scene.known[rows] &= ~np.isnan(values)
        candidates[rows] &= (values >= limits.growing[0]) & (values <= limits.growing[1])
        unwanted[rows] |= (values < limits.shrinking[0]) | (values > limits.shrinking[1])


def _layer_strips(layer: _Layer, scene: Scene, progress: Progress) -> Iterator[tuple[slice, NDArray[np.float32]]]:
    """Yield the rows of a layer's strips with its values."""
    path, what, highest = layer
    with _on_grid(Raster(path), scene.grid, f"The {what}") as raster:
        scene.provenance = provenance.joined(scene.provenance, raster.provenance)
        role = _role(raster, what)
        for window, rows in _strips(scene.grid, progress, f"Reading the {what}"):
            values = raster.read(window, [role])[0]
            if (values > highest).any() or (values < _LOWEST).any():
                raise InvalidRasterError(
                    f"{path} has values from {np.nanmin(values):g} to {np.nanmax(values):g}; a {what} with values of "
                    f"0 to {highest:.0f} is expected, and nodata that the file states."
                )
            yield rows, values


def _least_heatmap(value: float) -> float:
    return value - _HEATMAP_ROUNDING if value > 0 else -math.inf


def _slopes(low: float, high: float) -> tuple[float, float]:
    """Return the limits of a range, of none where it is not limited."""
    if not _limited(low, high):
        return -math.inf, math.inf
    return low - _SLOPE_ROUNDING if low > FLAT else -math.inf, high + _SLOPE_ROUNDING


def _heatmap(options: ReshapeOptions) -> _Layer:
    return options.heatmap, HEATMAP, _LARGEST_HEATMAP


def _role(raster: Raster, wanted: str) -> str:
    """Return the band to read: the only one, or that of the role wanted."""
    return raster.roles[0] if len(raster.roles) == 1 else wanted


def _on_grid(raster: Raster, grid: Grid, what: str) -> Raster:
    grid.require_same(raster.grid, f"{what} {raster.path}")
    return raster


def _all_known(grid: Grid) -> Mask:
    return np.ones((grid.height, grid.width), bool)


def _limited(low: float, high: float) -> bool:
    return low > FLAT or high < UPRIGHT


def _strips(grid: Grid, progress: Progress, message: str) -> Iterator[tuple[Window, slice]]:
    windows = grid.strips(_BYTES)
    for window in progress.each(windows, len(windows), message):
        yield window, slice(window.y, window.y + window.height)
