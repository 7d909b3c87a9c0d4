"""Multiresolution segmentation after Baatz and Schaepe (2000), tile by tile, with the result of the whole raster.

In every round, all pairs of regions merge that are each other's best neighbour. The first rounds, in which the regions
are small and many, are done tile by tile, each with a halo: as much around it as its regions depend on. Whether the
halo was wide enough is not guessed: a tile's graph drops every region whose fate might depend on what lies beyond (see
`regiongraph`), and where one that reaches into the tile itself was dropped, the tile is done again with a wider halo.
So the tiles' regions are exactly those of the whole raster. Their graph is put together, and all later rounds work on
it. A tile as large as the raster is the case without tiles.

Three things make the regions of one tile those of the next: ties are broken by a number that each pixel has from its
place in the raster; what is known of a region is carried, never recomputed; and a region is named by its first pixel.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ..memorylimit import give_back_freed_memory
from ..parallel import each_in_threads
from ..progress import Progress
from ..rasters.grid import Window
from .assembly import Assembly
from .heterogeneity import Criterion
from .image import Frame, Image
from .objectgraph import BLOCK, ObjectAssembly
from .references import References, ReferencesInMemory
from .regiongraph import Graph
from .regions import Borders, Regions
from .segmenttile import Piece, merged_tile

# Wide enough for nearly all tiles of natural images, for as many rounds as are done in tiles.
HALO = 64
# Share of the work that is done in tiles.
_TILES_SHARE = 0.85
# Side of the blocks in which a raster is compared with its transpose, and of the strips in which it is numbered.
_BLOCK = 256

_MakeGraph = Callable[[], tuple[Regions, Borders, NDArray[np.int32]]]
_Pieces = Iterable[tuple[Window, NDArray[np.uint32]]]


class Source(Protocol):
    """What is segmented, in parts; one thread reads it at a time."""

    @property
    def width(self) -> int:
        """Pixels in a row."""
        ...

    @property
    def height(self) -> int:
        """Rows."""
        ...

    @property
    def has_children(self) -> bool:
        """Whether objects are merged instead of pixels."""
        ...

    def read(self, window: Window) -> Image:
        """Return the image in a window."""
        ...


@dataclass(frozen=True)
class InMemory:
    """An image in memory as a source."""

    image: Image

    @property
    def width(self) -> int:
        """Pixels in a row."""
        return self.image.valid.shape[1]

    @property
    def height(self) -> int:
        """Rows."""
        return self.image.valid.shape[0]

    @property
    def has_children(self) -> bool:
        """Whether objects are merged instead of pixels."""
        return self.image.children is not None

    def read(self, window: Window) -> Image:
        """Return the image in a window."""
        return self.image.window(window)


@dataclass(frozen=True)
class Transposed:
    """A source with rows and columns exchanged."""

    source: Source

    @property
    def width(self) -> int:
        """Pixels in a row."""
        return self.source.height

    @property
    def height(self) -> int:
        """Rows."""
        return self.source.width

    @property
    def has_children(self) -> bool:
        """Whether objects are merged instead of pixels."""
        return self.source.has_children

    def read(self, window: Window) -> Image:
        """Return the image in a window."""
        return self.source.read(_exchanged(window)).transposed


def segmented(image: Image, criterion: Criterion, scale: float, progress: Progress) -> NDArray[np.uint32]:
    """Segment an image in memory, in one tile.

    Parameters
    ----------
    image : Image
        What to segment.
    criterion : Criterion
        Measure of heterogeneity.
    scale : float
        Scale parameter.
    progress : Progress
        Told of every round, and asked whether to stop.

    Returns
    -------
    uint32 array, shape (height, width)
        Labels from 1 in the order of the objects' first pixels, row by row; 0 where the image is not valid.
    """
    references = np.zeros(image.valid.shape, np.uint32)
    number = merged(InMemory(image), criterion, scale, Tiling(), ReferencesInMemory(references), progress)
    return number.take(references)


def load_kernels() -> None:
    """Load all compiled loops, by segmenting next to nothing; each would be loaded when it is first called."""
    few = Image(np.zeros((1, 4, 4), np.float32), np.ones((4, 4), bool))
    segmented(few, Criterion((1.0,), 0.0, 0.0), 1.0, Progress())


@dataclass(frozen=True)
class Tiling:
    """How a raster is cut into tiles.

    Attributes
    ----------
    size : int
        Side of a tile without its halo, in pixels; 0 is one tile for the whole raster.
    threads : int
        How many are worked on at once; 0 is one for each processor core.
    """

    size: int = 0
    threads: int = 1

    def cores(self, width: int, height: int) -> list[Window]:
        """Return the tiles of a raster, of nearly equal sides and no larger than `size`."""
        columns, rows = self._cuts(width), self._cuts(height)
        return [
            Window(left, top, right - left, bottom - top)
            for top, bottom in pairwise(rows)
            for left, right in pairwise(columns)
        ]

    def _cuts(self, length: int) -> list[int]:
        count = -(-length // self.size) if self.size else 1
        return [length * number // count for number in range(count + 1)]


def merged(
    source: Source,
    criterion: Criterion,
    scale: float,
    tiling: Tiling,
    references: References,
    progress: Progress,
) -> NDArray[np.uint32]:
    """Merge pixels to objects until no merge of neighbours costs less than the square of the scale parameter.

    Objects are 4-connected, but where smaller ones that lie in several parts are merged. The transposed raster gives
    the transposed objects, unless it is its own transpose.

    Parameters
    ----------
    source : Source
        What to segment.
    criterion : Criterion
        Measure of heterogeneity.
    scale : float
        Scale parameter.
    tiling : Tiling
        How to cut the raster; the result does not depend on it.
    references : References
        Gets the number that each pixel refers to.
    progress : Progress
        Told of every tile and round, and asked whether to stop.

    Returns
    -------
    uint32 array
        The object of each reference: numbers from 1 in the order of the objects' first pixels, row by row. What refers
        to 0 is no object.
    """
    transposed = reads_by_columns(source)
    work: Source = Transposed(source) if transposed else source
    gather = _objects if source.has_children else _pixels
    graph, pieces = gather(work, criterion, scale, tiling, progress.part(0, _TILES_SHARE))
    for window, pixels in pieces:
        if transposed:
            window, pixels = _exchanged(window), pixels.T
        references.write(window, pixels)
    give_back_freed_memory()
    number = _merged_to_the_end(graph, criterion, scale, progress.part(_TILES_SHARE, 1))
    return _in_order(number, references, progress) if transposed else number


def _pixels(
    source: Source, criterion: Criterion, scale: float, tiling: Tiling, progress: Progress
) -> tuple[_MakeGraph, _Pieces]:
    """Return what makes the graph of the first rounds' regions, and, before it is called, what pixels refer to."""
    assembly = Assembly()

    def pieces() -> _Pieces:
        cores = tiling.cores(source.width, source.height)
        tiles = _Tiles(source, criterion, scale)
        for piece in each_in_threads(tiles.piece, cores, tiling.threads, progress, "Merging pixels"):
            yield piece.core, assembly.add(piece)

    return assembly.graph, pieces()


@dataclass(frozen=True)
class _Tiles:
    """The first rounds on the tiles of a source."""

    source: Source
    criterion: Criterion
    scale: float
    _reading: threading.Lock = field(default_factory=threading.Lock)

    def piece(self, core: Window, progress: Progress) -> Piece:
        """Return what a tile adds to the graph of the whole raster."""
        halo = HALO
        while True:
            window = _around(self.source, core, (halo, halo, halo, halo))
            progress.check()
            frame = Frame(window, self.source.width, self.source.height)
            piece = merged_tile(self._read(window), frame, core, self.criterion, self.scale, progress)
            if piece is not None:
                return piece
            halo += halo // 2

    def _read(self, window: Window) -> Image:
        with self._reading:
            return self.source.read(window)


def _objects(
    source: Source, criterion: Criterion, _scale: float, _tiling: Tiling, progress: Progress
) -> tuple[_MakeGraph, _Pieces]:
    """Return the same for a source of objects instead of pixels."""
    assembly = ObjectAssembly(criterion)

    def pieces() -> _Pieces:
        blocks = Tiling(BLOCK).cores(source.width, source.height)
        for block in progress.each(blocks, len(blocks), "Measuring objects"):
            frame = Frame(_around(source, block, (0, 0, 1, 1)), source.width, source.height)
            yield block, assembly.add(source.read(frame.window), frame, block, progress)

    return assembly.graph, pieces()


def _merged_to_the_end(
    make_graph: _MakeGraph, criterion: Criterion, scale: float, progress: Progress
) -> NDArray[np.uint32]:
    """Return the object of each reference, in the order of the regions."""
    progress.report(0, "Merging objects")
    regions, borders, region = make_graph()
    graph = Graph(regions, borders, criterion, scale, progress)
    most = 1
    while pairs := graph.merge_best():
        most = max(most, pairs)
        progress.report(1 - pairs / most, "Merging objects")
    progress.report(1, "Merging objects")
    graph.compact()
    number = (graph.region_now + 1).astype(np.uint32)
    number[-1] = 0
    return number.take(region)


def reads_by_columns(source: Source) -> bool:
    """Whether to work on the transposed raster.

    Ties between regions that are mirrored about the diagonal are broken by the order of pixels. So that they are
    broken alike in a raster and in its transpose, the two are worked on as one and the same: the one that is wider
    than high, or else the one with the smaller number above the diagonal where the two first differ. The raster is
    read for that in blocks of a fixed size, of which the first two nearly always tell.
    """
    if source.height != source.width:
        return source.height > source.width
    starts = range(0, source.width, _BLOCK)
    for row in starts:
        for column in starts[row // _BLOCK :]:
            height, width = min(_BLOCK, source.height - row), min(_BLOCK, source.width - column)
            upper = source.read(Window(column, row, width, height))
            lower = source.read(Window(row, column, height, width)).transposed
            if (order := _order(upper, lower)) != 0:
                return order > 0
    return False


def _order(one: Image, other: Image) -> int:
    """Return which of two images of one size has the larger number where they first differ, and 0 for equal ones."""
    for layer, like in zip(one.layers, other.layers, strict=True):
        place = int((layer != like).argmax())
        first, second = layer.flat[place], like.flat[place]
        if first != second:
            return 1 if first > second else -1
    return 0


def _in_order(number: NDArray[np.uint32], references: References, progress: Progress) -> NDArray[np.uint32]:
    """Return the objects' numbers in the order in which pixels refer to them."""
    anew = np.zeros(int(number.max(initial=0)) + 1, np.uint32)
    found = 0
    for top in range(0, references.height, _BLOCK):
        progress.check()
        objects = number.take(references.read(top, _BLOCK)).ravel()
        unknown = objects.take(np.flatnonzero((anew.take(objects) == 0) & (objects > 0)))
        objects, first = np.unique(unknown, return_index=True)
        anew[objects[np.argsort(first)]] = np.arange(found + 1, found + 1 + len(objects), dtype=np.uint32)
        found += len(objects)
    return anew.take(number)


def _around(source: Source, core: Window, margins: tuple[int, int, int, int]) -> Window:
    """Return a window with margins to the left, above, to the right and below, as far as the raster reaches."""
    left, top = max(core.x - margins[0], 0), max(core.y - margins[1], 0)
    right = min(core.x + core.width + margins[2], source.width)
    bottom = min(core.y + core.height + margins[3], source.height)
    return Window(left, top, right - left, bottom - top)


def _exchanged(window: Window) -> Window:
    return Window(window.y, window.x, window.height, window.width)
