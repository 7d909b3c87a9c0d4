"""Reshaping: classified objects become landforms that are merged, grown, shrunk, filled, smoothed, split and sifted.

The labels of the whole raster are held in memory (with what the steps need, 10 bytes a pixel), because a landform may
extend over all of it; everything else is done by strips, by tiles, or by the box of a landform, which takes some 30
bytes a pixel of the largest.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from scipy import sparse

from .. import provenance
from ..contracts.reshape import ReshapeOptions, ReshapeResult
from ..errors import InvalidOptionError
from ..files import check_writable
from ..progress import Progress
from ..rasters.grid import Window
from ..rasters.raster import Band, RasterWriter
from . import landforms, morphology
from .flow import CUT_OFF, downslope, split_by_flow
from .growth import SurfaceTension, grow, wear
from .landforms import Labels, Mask
from .morphology import near, smooth
from .necks import split_at_necks
from .reshapeinput import (
    Scene,
    check_options,
    grows,
    is_sure,
    open_elevation,
    read_conditions,
    read_scene,
    shrinks,
    with_values_of_rules,
)

_TILE = 512

Box = tuple[slice, slice]


def run(options: ReshapeOptions, progress: Progress) -> ReshapeResult:
    """Turn the objects of a class, or the landforms of an earlier step, into labels of landforms.

    The steps, in this order: merge what shares a border; drop what the heatmap is not sure of; grow; shrink; fill small
    holes; smooth by closing and opening with a disc; split at narrow necks; split by flow direction; drop small
    landforms. After each, a landform whose parts are not connected becomes several, and they are numbered from 1 by
    their first pixels, row by row. So the steps one by one, each on the labels of the one before, give the same
    landforms. Lengths and areas are in metres.

    Landforms never overlap, and where two meet they touch without a gap. Nodata is where the labels of the objects are
    0 and, to growing and shrinking, where a layer that they use has no value. No landform extends into nodata, except
    that small enclosed holes are filled whatever is in them.

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
    inputs = [getattr(options, name) for name in ("objects", "labels", "segments", "heatmap", "slope", "elevation")]
    check_writable(options.output, ".tif", ".tiff", inputs=inputs)
    check_options(options)
    scene = read_scene(options, progress.part(0, 0.2))
    options = with_values_of_rules(options, scene.provenance, progress)
    _merge(scene, options)
    _drop_doubtful(scene, options, progress.part(0.2, 0.25))
    _grow_and_shrink(scene, options, progress.part(0.25, 0.5))
    _fill(scene, options, progress.part(0.5, 0.55))
    _smooth(scene, options, progress.part(0.55, 0.75))
    _split_at_necks(scene, options, progress.part(0.75, 0.8))
    _split_by_flow(scene, options, progress.part(0.8, 0.9))
    landforms.drop_small(scene.labels, options.min_area / scene.grid.pixel_area_m2)
    count = landforms.renumber(scene.labels)
    chain = provenance.joined(scene.provenance, [provenance.step("reshape", options)])
    _write(options.output, scene, chain, progress.part(0.9, 1))
    return ReshapeResult(options.output, count)


def _tidy(labels: Labels) -> None:
    landforms.separate(labels)
    landforms.renumber(labels)


def _merge(scene: Scene, options: ReshapeOptions) -> None:
    if options.merge:
        landforms.merge(scene.labels)
    _tidy(scene.labels)


def _drop_doubtful(scene: Scene, options: ReshapeOptions, progress: Progress) -> None:
    if options.min_heatmap > 0:
        landforms.keep(scene.labels, is_sure(scene, options, progress))
        landforms.renumber(scene.labels)


def _grow_and_shrink(scene: Scene, options: ReshapeOptions, progress: Progress) -> None:
    """Grow into candidates, then drop what is unwanted, then what the surface tension does not hold."""
    if not (grows(options) or shrinks(options) or options.shrink_tension > 0):
        return
    known = scene.known.copy()
    candidates, unwanted = read_conditions(scene, options, progress.part(0, 0.4))
    if grows(options):
        progress.report(0.4, "Growing")
        if options.grow_distance > 0:
            _limit(candidates, lambda box: scene.labels[box] > 0, options.grow_distance, scene, progress.part(0.4, 0.5))
        grow(scene.labels, candidates, progress, _tension(scene, options, options.grow_tension))
        _tidy(scene.labels)
    removable = np.ones_like(unwanted)
    if options.shrink_distance > 0:
        _limit(removable, lambda box: _outside(scene, box), options.shrink_distance, scene, progress.part(0.6, 0.7))
    progress.report(0.7, "Shrinking")
    unwanted &= removable
    landforms.clear(scene.labels, unwanted)
    tension = _tension(scene, options, options.shrink_tension)
    if tension is not None:
        wear(scene.labels, removable, progress, tension)
    _tidy(scene.labels)
    # Where the layers of these steps have no value is of no concern to others.
    scene.known = known


def _tension(scene: Scene, options: ReshapeOptions, share: float) -> SurfaceTension | None:
    size = scene.grid.pixel_size_m
    if share == 0:
        return None
    if options.tension_radius < max(size):
        raise InvalidOptionError(
            f"Option `tension_radius` is {options.tension_radius:g} m, less than a pixel of {max(size):g} m; "
            "give two to five pixels."
        )
    return SurfaceTension(scene.known, size, options.tension_radius, share)


def _outside(scene: Scene, box: Box) -> Mask:
    outside: Mask = scene.known[box] & (scene.labels[box] == 0)
    return outside


def _limit(mask: Mask, source: Callable[[Box], Mask], length: float, scene: Scene, progress: Progress) -> None:
    """Leave of a mask only what is near to a mask of the scene."""
    size = scene.grid.pixel_size_m

    def limited(around: Box) -> Mask:
        return near(source(around), length, size)

    for inner, result in _by_tiles(scene, landforms.reach(length, size), limited, progress):
        mask[inner] &= result


def _fill(scene: Scene, options: ReshapeOptions, progress: Progress) -> None:
    """Fill holes, each with the landforms around it, by the box of landforms that touch."""
    if options.fill == 0:
        return
    touching = landforms.contacts(scene.labels)
    holes = np.zeros_like(scene.known)
    groups = _group_boxes(scene.labels, touching)
    for box in progress.each(groups, len(groups), "Filling holes"):
        holes[box] |= morphology.small_holes(scene.labels[box] > 0, options.fill / scene.grid.pixel_area_m2)
    grow(scene.labels, holes, progress)
    _close(scene.labels, touching, options)


def _close(labels: Labels, touching: landforms.Pairs, options: ReshapeOptions) -> None:
    """Join landforms that touch now and did not before, unless they are to stay apart."""
    if options.join:
        now = landforms.contacts(labels)
        before = set(map(tuple, touching.tolist()))
        landforms.join(labels, now[[tuple(pair) not in before for pair in now.tolist()]], touching)
    _tidy(labels)


def _group_boxes(labels: Labels, touching: landforms.Pairs) -> list[Box]:
    """Return the bounding box of each group of landforms that touch."""
    found = dict(landforms.boxes(labels, 0))
    count = max(found, default=0) + 1
    links = sparse.coo_matrix((np.ones(len(touching)), (touching[:, 0], touching[:, 1])), (count, count))
    group = sparse.csgraph.connected_components(links, directed=False)[1]
    merged: dict[int, Box] = {}
    for label, box in found.items():
        number = int(group[label])
        merged[number] = _hull(merged[number], box) if number in merged else box
    return list(merged.values())


def _hull(one: Box, other: Box) -> Box:
    rows, columns = (slice(min(a.start, b.start), max(a.stop, b.stop)) for a, b in zip(one, other, strict=True))
    return rows, columns


def _smooth(scene: Scene, options: ReshapeOptions, progress: Progress) -> None:
    """Smooth what all landforms cover together; new pixels go to the landforms that they touch."""
    size, labels = scene.grid.pixel_size_m, scene.labels
    if options.smooth < min(size):
        return
    progress.report(0, "Smoothing")
    touching = landforms.contacts(labels)

    def smoothed(around: Box) -> Mask:
        mask = labels[around] > 0
        return smooth(mask, scene.known[around] | mask, options.smooth, size) if mask.any() else mask

    covered = np.zeros_like(scene.known)
    halo = 4 * landforms.reach(options.smooth, size) + 1
    for inner, result in _by_tiles(scene, halo, smoothed, progress):
        covered[inner] = result
    landforms.clear(labels, ~covered)
    grow(labels, covered, progress)
    _close(labels, touching, options)


def _by_tiles(
    scene: Scene, halo: int, function: Callable[[Box], Mask], progress: Progress
) -> Iterator[tuple[Box, Mask]]:
    """Yield each tile with what a function returns for it, which is given the tile and what is around it."""
    tiles = scene.grid.tiles(max(_TILE, 2 * halo))
    for tile in progress.each(tiles, len(tiles)):
        inner = np.s_[tile.y : tile.y + tile.height, tile.x : tile.x + tile.width]
        top, left = max(tile.y - halo, 0), max(tile.x - halo, 0)
        result = function(np.s_[top : inner[0].stop + halo, left : inner[1].stop + halo])
        yield inner, result[tile.y - top :, tile.x - left :][: tile.height, : tile.width]


def _split_at_necks(scene: Scene, options: ReshapeOptions, progress: Progress) -> None:
    size, min_pixels = scene.grid.pixel_size_m, options.split_area / scene.grid.pixel_area_m2
    if options.split == 0:
        return

    def parts(landform: Mask, box: Box) -> Labels:
        return split_at_necks(landform, scene.known[box] | landform, options.split, min_pixels, size, progress)

    _split(scene, landforms.reach(options.split, size), parts, progress)


def _split_by_flow(scene: Scene, options: ReshapeOptions, progress: Progress) -> None:
    size, min_pixels = scene.grid.pixel_size_m, options.split_area / scene.grid.pixel_area_m2
    if options.split_angle == 0:
        return
    raster, role = open_elevation(options.elevation, scene.grid)
    with raster:
        scene.provenance = provenance.joined(scene.provenance, raster.provenance)

        def parts(landform: Mask, box: Box) -> Labels:
            if np.count_nonzero(landform) < 2 * min_pixels:
                return landform.astype(np.uint32)
            rows, columns = box
            window = Window(columns.start, rows.start, landform.shape[1], landform.shape[0])
            flow = downslope(raster.read(window, [role])[0], options.flow_scale, size, progress)
            return split_by_flow(landform, flow, options.split_angle, min_pixels, size, progress)

        _split(scene, landforms.reach(CUT_OFF * options.flow_scale, size), parts, progress)


def _split(scene: Scene, margin: int, parts: Callable[[Mask, Box], Labels], progress: Progress) -> None:
    """Replace each landform by its parts; the function is given its mask in a box with a margin, and the box."""
    labels = scene.labels
    largest = count = int(labels.max(initial=0))
    for label, box in progress.each(landforms.boxes(labels, margin), count, "Splitting"):
        pieces = parts(labels[box] == label, box)
        further = pieces > 1
        labels[box][further] = pieces[further] + np.uint32(largest - 1)
        largest += max(int(pieces.max(initial=0)) - 1, 0)
    _tidy(labels)


def _write(path: str, scene: Scene, chain: list[provenance.Step], progress: Progress) -> None:
    windows = scene.grid.strips(scene.labels.itemsize)
    with RasterWriter(path, scene.grid, [Band("labels", "uint32", 0)], chain) as writer:
        for window in progress.each(windows, len(windows), "Writing the landforms"):
            writer.write_raw(window, scene.labels[window.y : window.y + window.height])
