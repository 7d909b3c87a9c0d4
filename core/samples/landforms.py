"""Which split each landform goes to, and where the chips that show it lie."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from ..progress import Progress
from ..rasters.grid import Window
from ..rasters.raster import Raster
from ..vectors.vector import Geometries
from .blocks import NO_SPLIT, Blocks, Corners
from .chipstorage import is_valid
from .outlines import Polygons, Searched
from .windows import Room

# A large landform is cut into parts of this share of a patch, so that a chip shows a part with what is around it.
PART = 0.75
# A part smaller than this share of the largest one is no reason for a chip of its own.
_SMALLESTPART = 0.05
# Side of the windows in which landforms are looked at, in pixels.
_WINDOW = 512
# Landforms that are looked at between two looks at whether the user wants to stop.
_BATCH = 256


@dataclass(frozen=True)
class Place:
    """A place that chips are to show: a landform, or a part of a large one.

    Attributes
    ----------
    landform : int
    point : float array, shape (2,)
        Column and row of a point in the landform, in fractional pixels.
    centre : float array, shape (2,)
        The middle of what is to be shown.
    """

    landform: int
    point: NDArray[np.float64]
    centre: NDArray[np.float64]


@dataclass(frozen=True)
class Positives:
    """Chips of landforms.

    Attributes
    ----------
    corners : int array, shape (n, 2)
    landform : int array, shape (n,)
    moved, dropped : int
        How many windows had to be moved to stay clear of another split, and for how many there was no room.
    """

    corners: Corners
    landform: NDArray[np.int64]
    moved: int
    dropped: int


@dataclass(frozen=True)
class UsablePixels:
    """How many usable pixels of a landform lie in a block, for each pair that has any.

    Attributes
    ----------
    landform, block, count : int array, shape (n,)
    own : int array, shape (n,)
        Those of `count` that no landform before it in the layer covers: their sum counts each pixel once.
    """

    landform: NDArray[np.int64]
    block: NDArray[np.int64]
    count: NDArray[np.int64]
    own: NDArray[np.int64]

    def of_landforms(self, number: int) -> NDArray[np.float64]:
        """Return the usable pixels of each landform."""
        return np.bincount(self.landform, self.count, number).astype(float)

    def own_of_landforms(self, number: int) -> NDArray[np.float64]:
        """Return the usable pixels of each landform that none before it covers."""
        return np.bincount(self.landform, self.own, number).astype(float)


def groups_of(in_pixels: Geometries, distance: float) -> NDArray[np.int64]:
    """Return a number for each landform, the same for those nearer to each other than a distance in pixels."""
    tree = shapely.STRtree(in_pixels)
    first, second = tree.query(in_pixels, predicate="dwithin", distance=distance)
    near = coo_array((np.ones(len(first)), (first, second)), (len(in_pixels), len(in_pixels)))
    return np.asarray(connected_components(near, directed=False)[1], np.int64)


def usable_pixels(
    landforms: Polygons, stack: Raster, searched: Searched, blocks: Blocks, progress: Progress
) -> UsablePixels:
    """Count the pixels of each landform that have data in all bands and were searched, block by block."""
    grid = stack.grid
    found: list[tuple[int, int, int, int]] = []
    left, top, right, bottom = np.rint(shapely.bounds(landforms.in_pixels)).astype(int).T
    left, top = np.clip(left - 1, 0, grid.width), np.clip(top - 1, 0, grid.height)
    right, bottom = np.clip(right + 1, 0, grid.width), np.clip(bottom + 1, 0, grid.height)
    # In the order in which the stack is stored, so that its blocks are decoded once or twice.
    order = np.lexsort((left, top // _WINDOW))
    for number in progress.each(order.tolist(), len(order), "Looking at the landforms"):
        outline = Polygons(landforms.geometries[number : number + 1], grid)
        near = landforms.tree.query(landforms.in_pixels[number])
        before = Polygons(landforms.geometries[near[near < number]], grid)
        for y in range(int(top[number]), int(bottom[number]), _WINDOW):
            for x in range(int(left[number]), int(right[number]), _WINDOW):
                progress.check()
                window = Window(x, y, min(_WINDOW, int(right[number]) - x), min(_WINDOW, int(bottom[number]) - y))
                rows, columns = np.nonzero(outline.burnt(window) & searched.burnt(window) & is_valid(stack, window))
                at = blocks.number_at(columns + x + 0.5, rows + y + 0.5)
                block, place, count = np.unique(at, return_inverse=True, return_counts=True)
                own = np.bincount(place, ~before.burnt(window)[rows, columns], len(block)).astype(int)
                counts = zip(block.tolist(), count.tolist(), own.tolist(), strict=True)
                found += [(number, *values) for values in counts]
    return UsablePixels(*np.array(found, np.int64).reshape(-1, 4).T)


def home_blocks(usable: UsablePixels, groups: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return the block that holds most usable pixels of the group of each landform; 0 where there are none."""
    pairs, place = np.unique(np.column_stack([groups[usable.landform], usable.block]), axis=0, return_inverse=True)
    total = np.bincount(place, usable.count, len(pairs))
    fullest_first = np.lexsort((-total, pairs[:, 0]))
    found, first = np.unique(pairs[fullest_first, 0], return_index=True)
    home = np.zeros(groups.max(initial=-1) + 1, np.int64)
    home[found] = pairs[fullest_first[first], 1]
    return np.asarray(home[groups])


def places_of(in_pixels: Geometries, room: Room, progress: Progress) -> list[Place]:
    """Return what chips are to show of each landform, within the ground of its split."""
    boxes = room.blocks.boxes()
    tree = shapely.STRtree(boxes)
    of_block = room.blocks.split.ravel()
    places: list[Place] = []
    for number, (outline, split) in enumerate(zip(in_pixels, room.landform_split, strict=True)):
        if number % _BATCH == 0:
            progress.check()
        if split == NO_SPLIT:
            continue
        near = tree.query(outline)
        own = boxes[near[of_block[near] == split]]
        ground = shapely.intersection(outline, shapely.union_all(own))
        if shapely.area(ground) > 0:
            places.extend(Place(number, *where) for where in parts_of(ground, PART * room.size))
    return places


def parts_of(ground: shapely.Geometry, side: float) -> list[tuple[NDArray[np.float64], NDArray[np.float64]]]:
    """Return a point in, and the middle of, a landform or each part of a large one.

    Parameters
    ----------
    ground : shapely geometry
        The landform, in pixels.
    side : float
        Side of the squares that a larger landform is cut into.
    """
    left, top, right, bottom = shapely.bounds(ground)
    across, down = (max(int(np.ceil(length / side)), 1) for length in (right - left, bottom - top))
    if across == down == 1:
        return [(_inside(ground), np.array([(left + right) / 2, (top + bottom) / 2]))]
    x, y = np.linspace(left, right, across + 1), np.linspace(top, bottom, down + 1)
    cells = shapely.box(x[:-1], y[:-1, np.newaxis], x[1:], y[1:, np.newaxis]).ravel()
    pieces = shapely.intersection(ground, cells)
    areas = shapely.area(pieces)
    return [(point, point) for point in map(_inside, pieces[areas > _SMALLESTPART * areas.max()])]


def positives_of(
    places: list[Place], room: Room, count: int, jitter: float, seed: int, progress: Progress
) -> Positives:
    """Return the windows of positive chips: of each place one that is centred, and others that are shifted at random.

    Parameters
    ----------
    places : list of Place
    room : Room
    count : int
        Windows of each place.
    jitter : float
        Largest shift, as a share of the window's side.
    seed : int
    progress : Progress
    """
    rng = np.random.default_rng(seed)
    corners: list[Corners] = []
    landforms: list[int] = []
    moved = dropped = 0
    for place in progress.each(places, len(places), "Placing chips on landforms"):
        split = int(room.landform_split[place.landform])
        shifts = rng.uniform(-jitter, jitter, (count, 2)) * room.size
        shifts[0] = 0
        wanted = room.around(*(place.centre + shifts).T)
        free = room.is_free(wanted, np.full(count, split)) & _holds(wanted, place.point, room.size)
        kept = [wanted[i] if free[i] else room.moved(wanted[i], place.point, split) for i in range(count)]
        moved += sum(1 for i in range(count) if not free[i] and kept[i] is not None)
        dropped += sum(corner is None for corner in kept)
        corners += [corner for corner in kept if corner is not None]
        landforms += [place.landform] * sum(corner is not None for corner in kept)
    windows = np.array(corners, np.int64).reshape(-1, 2)
    _, first = np.unique(windows, axis=0, return_index=True)
    first.sort()
    return Positives(windows[first], np.array(landforms, np.int64)[first], moved, dropped)


def _holds(corners: Corners, point: NDArray[np.float64], size: int) -> NDArray[np.bool_]:
    return np.asarray(((corners <= point) & (point < corners + size)).all(axis=1))


def _inside(geometry: shapely.Geometry) -> NDArray[np.float64]:
    """Return the centroid where it lies inside, or another point that does."""
    centroid = shapely.centroid(geometry)
    point = centroid if shapely.intersects(geometry, centroid) else shapely.point_on_surface(geometry)
    return np.asarray(shapely.get_coordinates(point)[0])
