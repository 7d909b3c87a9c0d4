"""Reshaping: classified objects become landforms that are merged, grown, shrunk, filled, smoothed, split and sifted.

The masks of the whole raster are held in memory (about 20 bytes a pixel), because a landform may extend over all of it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from . import landforms, provenance
from .contracts.reshape import ReshapeOptions, ReshapeResult
from .errors import InvalidOptionError, InvalidRasterError, InvalidVectorError
from .files import check_writable
from .grid import Grid, Window
from .labels import open_labels
from .landforms import Labels, Mask
from .progress import Progress
from .raster import Band, Raster, RasterWriter
from .roles import HEATMAP
from .vector import VectorLayer, read_layer

# Heatmaps are stored in steps such as 0.01, whose multiples are not exact.
_ROUNDING = 1e-6
# A heatmap is a probability; the surplus is that of a rounded scale.
_LARGEST_HEATMAP = 1.001
_LABEL_BYTES = 16
_HEATMAP_BYTES = 16
_SMOOTHING_TILE = 256


@dataclass
class _Scene:
    """What the landforms are made from; `candidates` and `unlikely` are masks of the heatmap's thresholds."""

    grid: Grid
    mask: Mask
    known: Mask
    candidates: Mask | None = None
    unlikely: Mask | None = None


def run(options: ReshapeOptions, progress: Progress) -> ReshapeResult:
    """Turn the objects of a class into labels of landforms.

    The steps, in this order: merge touching objects; grow into connected pixels whose heatmap is high enough; drop
    pixels whose heatmap is too low; fill small holes; smooth by closing and opening with a disc; split at narrow necks;
    drop small landforms; number the rest from 1 by their first pixels, row by row. Lengths and areas are in metres.

    Nodata is where the labels are 0 and, when the heatmap is used, where it has no value. No landform extends into
    nodata, except that small enclosed holes are filled whatever is in them.

    Parameters
    ----------
    options : ReshapeOptions
    progress : Progress

    Returns
    -------
    ReshapeResult

    Raises
    ------
    MapperError
        If an input cannot be read, lacks what is needed or does not fit the others, or the output cannot be written.
    """
    check_writable(options.output, ".tif", ".tiff", inputs=[options.objects, options.labels, options.heatmap])
    if not options.target_class:
        raise InvalidOptionError("Option `target_class` is empty; name the class whose objects become landforms.")
    uses_heatmap = options.grow > 0 or options.shrink > 0
    if uses_heatmap and not options.heatmap:
        raise InvalidOptionError("Options `grow` and `shrink` need a heatmap: give `heatmap`, or set both to 0.")
    objects = _classified(options.objects)
    with open_labels(options.labels) as raster:
        pixel_area = raster.grid.pixel_area_m2
        chain = provenance.joined(objects.provenance, raster.provenance)
        scene = _scene(raster, _target_objects(objects, options, progress), options, progress.part(0, 0.2))
    if uses_heatmap:
        with Raster(options.heatmap) as heatmap:
            chain = provenance.joined(chain, heatmap.provenance)
            _read_heatmap(heatmap, scene, options, progress.part(0.2, 0.4))
    labels = _separated(scene, _shaped(scene, options, progress.part(0.4, 0.7)), options, progress.part(0.7, 0.9))
    labels, count = landforms.renumber(landforms.drop_small(labels, options.min_area / pixel_area))
    chain = provenance.joined(chain, [provenance.step("reshape", options)])
    _write(options.output, scene.grid, labels, chain, progress.part(0.9, 1))
    return ReshapeResult(options.output, count)


def _classified(source: str) -> VectorLayer:
    try:
        objects = read_layer(source, columns=("object_id", "class"))
    except InvalidVectorError as error:
        raise InvalidVectorError(f"{error} Classify the objects first and give the layer that this writes.") from error
    ids = objects.columns["object_id"]
    if ids.dtype.kind != "i" or (ids < 1).any():
        raise InvalidVectorError(f"{source}: column object_id must hold the objects' labels, whole numbers from 1.")
    if objects.columns["class"].dtype.kind != "O":
        raise InvalidVectorError(f"{source}: column class must hold texts, as the classification writes them.")
    return objects


def _target_objects(objects: VectorLayer, options: ReshapeOptions, progress: Progress) -> NDArray[np.int64]:
    """Return the labels of the objects of the target class."""
    classes = objects.columns["class"]
    ids: NDArray[np.int64] = objects.columns["object_id"][classes == options.target_class]
    if not len(ids):
        others = ", ".join(sorted({str(name) for name in classes if name})) or "none"
        progress.warn(f"No object has the class {options.target_class} (classes found: {others}); no landform results.")
    return ids


def _scene(raster: Raster, targets: NDArray[np.int64], options: ReshapeOptions, progress: Progress) -> _Scene:
    """Read the labels into masks of the target objects and of known pixels."""
    grid = raster.grid
    windows = grid.strips(_LABEL_BYTES)
    scene = _Scene(grid, np.empty((grid.height, grid.width), bool), np.empty((grid.height, grid.width), bool))
    is_target = np.zeros(int(targets.max(initial=0)) + 2, bool)
    is_target[targets] = True
    largest = 0
    for window in progress.each(windows, len(windows), "Reading the labels"):
        labels = raster.read_raw(window)
        rows = _rows(window)
        largest = max(largest, int(labels.max()))
        scene.known[rows] = labels != 0
        scene.mask[rows] = is_target[np.minimum(labels, len(is_target) - 1)]
    if targets.max(initial=0) > largest:
        raise InvalidVectorError(
            f"{options.objects} has the object {targets.max()}, but the labels in {options.labels} end at {largest}; "
            "give the labels that the objects were made from."
        )
    return scene


def _read_heatmap(heatmap: Raster, scene: _Scene, options: ReshapeOptions, progress: Progress) -> None:
    """Add the heatmap's masks to the scene; where it has no value is nodata."""
    scene.grid.require_same(heatmap.grid, f"The heatmap {heatmap.path}")
    role = heatmap.roles[0] if len(heatmap.roles) == 1 else HEATMAP
    scene.candidates, scene.unlikely = np.zeros_like(scene.mask), np.zeros_like(scene.mask)
    windows = scene.grid.strips(_HEATMAP_BYTES)
    for window in progress.each(windows, len(windows), "Reading the heatmap"):
        values, rows = heatmap.read(window, [role])[0], _rows(window)
        if (values > _LARGEST_HEATMAP).any():
            raise InvalidRasterError(
                f"{heatmap.path} has values up to {np.nanmax(values):g}; a heatmap with values of 0 to 1 is expected."
            )
        scene.known[rows] &= ~np.isnan(values)
        scene.candidates[rows] = values >= options.grow - _ROUNDING
        scene.unlikely[rows] = values < options.shrink - _ROUNDING
    scene.mask &= scene.known
    scene.candidates &= scene.known


def _shaped(scene: _Scene, options: ReshapeOptions, progress: Progress) -> Mask:
    """Grow, shrink, fill and smooth; return the mask of all landforms."""
    mask = scene.mask
    if scene.candidates is not None and options.grow > 0:
        progress.report(0, "Growing")
        mask = landforms.grow(mask, scene.candidates)
    if scene.unlikely is not None:
        mask = mask & ~scene.unlikely
    progress.check()
    if options.fill > 0:
        progress.report(0.2, "Filling holes")
        mask = landforms.fill_holes(mask, options.fill / scene.grid.pixel_area_m2)
    progress.check()
    return _smoothed(mask, scene, options.smooth, progress.part(0.4, 1))


def _smoothed(mask: Mask, scene: _Scene, radius: float, progress: Progress) -> Mask:
    """Smooth tile by tile, each with all the pixels around it that matter."""
    size = scene.grid.pixel_size_m
    if radius < min(size):
        return mask
    halo = 4 * landforms.reach(radius, size) + 1
    known = scene.known | mask
    smoothed = np.zeros_like(mask)
    tiles = scene.grid.tiles(max(_SMOOTHING_TILE, 2 * halo))
    for tile in progress.each(tiles, len(tiles), "Smoothing"):
        top, left = max(tile.y - halo, 0), max(tile.x - halo, 0)
        around = np.s_[top : tile.y + tile.height + halo, left : tile.x + tile.width + halo]
        if mask[around].any():
            result = landforms.smooth(mask[around], known[around], radius, size)
            inner = result[tile.y - top :, tile.x - left :][: tile.height, : tile.width]
            smoothed[tile.y : tile.y + tile.height, tile.x : tile.x + tile.width] = inner
    return smoothed


def _separated(scene: _Scene, mask: Mask, options: ReshapeOptions, progress: Progress) -> Labels:
    """Label the landforms and split them at narrow necks."""
    labels = landforms.connected(mask)
    if options.split == 0:
        return labels
    size, known = scene.grid.pixel_size_m, scene.known | mask
    count = int(labels.max())
    parts = np.zeros_like(labels)
    found = 0
    for label, box in progress.each(landforms.boxes(labels, landforms.reach(options.split, size)), count, "Splitting"):
        landform = labels[box] == label
        pieces = landforms.split(landform, known[box], options.split, size)
        parts[box][landform] = pieces[landform] + np.uint32(found)
        found += int(pieces.max())
    return parts


def _write(path: str, grid: Grid, labels: Labels, chain: Iterable[provenance.Step], progress: Progress) -> None:
    windows = grid.strips(labels.itemsize)
    with RasterWriter(path, grid, [Band("labels", "uint32", 0)], chain) as writer:
        for window in progress.each(windows, len(windows), "Writing the landforms"):
            writer.write_raw(window, labels[_rows(window)])


def _rows(window: Window) -> slice:
    return slice(window.y, window.y + window.height)
