"""The first rounds of merging on one tile of a raster, with as much around it as its regions depend on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..progress import Progress
from ..rasters.grid import Window
from .heterogeneity import Criterion
from .image import Frame, Image
from .pixelgraph import first_round, region_borders
from .regiongraph import Graph
from .regions import Borders, Regions

# Rounds of merging in tiles. Later ones work on the graph of the whole raster, which is small by then.
ROUNDS = 9


@dataclass(frozen=True)
class Piece:
    """What a tile adds to the graph of the whole raster: the regions in its core, and their borders there.

    Attributes
    ----------
    core : Window
        The tile's own pixels.
    region : int32 array, shape (core's height, width)
        Region of each pixel, -1 where there is none.
    regions : Regions
        Regions in the core, and those whose borders with them are counted here.
    place : int64 array, shape (n,)
        First pixel of each region in the raster, counted row by row; its name, which tiles agree about.
    owned : bool array, shape (n,)
        Regions whose first pixel is in the core.
    borders : Borders
        Pieces of border between pixels of the core and their right and lower neighbours.
    """

    core: Window
    region: NDArray[np.int32]
    regions: Regions
    place: NDArray[np.int64]
    owned: NDArray[np.bool_]
    borders: Borders


def merged_tile(
    image: Image, frame: Frame, core: Window, criterion: Criterion, scale: float, progress: Progress
) -> Piece | None:
    """Merge the pixels around a tile for `ROUNDS` rounds.

    Parameters
    ----------
    image : Image
        The tile's core and what lies around it.
    frame : Frame
        Where the image lies in the raster.
    core : Window
        The tile's own pixels.
    criterion : Criterion
        Measure of heterogeneity.
    scale : float
        Scale parameter.
    progress : Progress
        Asked whether to stop.

    Returns
    -------
    Piece or None
        None where a region in the core may depend on what lies beyond the image.
    """
    begin = first_round(image, frame, criterion, scale, progress)
    graph = Graph(begin.regions, begin.borders, criterion, scale, progress, begin.touching)
    # The pixels of the core, and their right and lower neighbours.
    left, top = core.x - frame.window.x, core.y - frame.window.y
    part = np.s_[top : top + core.height + 1, left : left + core.width + 1]
    inner = Image(image.bands[:0], image.valid[part], None if image.parent is None else image.parent[part])
    region_then, first_then = begin.region[part], begin.begins
    # The rounds make most of the memory of what they begin with free again.
    del image, begin
    for _ in range(1, ROUNDS):
        graph.merge_best()
    graph.compact()
    region = graph.region_now.take(region_then)
    if ((region == graph.regions.total) & inner.valid).any():
        return None
    region, kept = _renumbered(region, graph.regions.total)
    # Of several values stored in one place the last stays, hence backwards.
    first = np.empty(graph.regions.total + 1, np.int32)
    first[graph.region_now[-2::-1]] = first_then[::-1]
    place = frame.place(first.take(kept))
    row, column = np.divmod(place, frame.width)
    owned = (row >= core.y) & (row < core.y + core.height) & (column >= core.x) & (column < core.x + core.width)
    borders, _ = region_borders(inner, region, (core.height, core.width), len(kept))
    own = np.where(region < len(kept), region, -1)[: core.height, : core.width]
    return Piece(core, own, graph.regions.take(kept), place, owned, borders)


def _renumbered(region: NDArray[np.int32], nobody: int) -> tuple[NDArray[np.int32], NDArray[np.intp]]:
    """Return an array of regions, numbered among those in it, and these."""
    used = np.zeros(nobody + 1, bool)
    used[region] = True
    used[nobody] = False
    kept = np.flatnonzero(used)
    number = np.full(nobody + 1, len(kept), np.int32)
    number[kept] = np.arange(len(kept), dtype=np.int32)
    return number.take(region), kept
