"""Where negatives may be taken, by kind, in the order in which they are to be tried."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from .blocks import Corners
from .landforms import PART, Place, parts_of
from .outlines import LookAlikes, Polygons, Searched
from .sampleset import SPLITS
from .survey import Survey
from .windows import Room

# Distances from an outline at which margins are looked for, between the ring and half a patch; and places at each.
_MARGIN_DISTANCES = 8
# Classes of elevation and of slope, with as many places in landforms in each.
_CLASSES = 5


@dataclass(frozen=True)
class Candidates:
    """Windows of one kind that lie in the ground of one split each, the first to be tried first.

    Attributes
    ----------
    corners : int array, shape (n, 2)
    split : int array, shape (n,)
    note : list of str
        Landform or class that each is taken for; empty for none.
    """

    corners: Corners
    split: NDArray[np.int64]
    note: list[str]

    def __len__(self) -> int:
        return len(self.split)

    def __getitem__(self, chosen: NDArray[np.intp]) -> Candidates:
        return Candidates(self.corners[chosen], self.split[chosen], [self.note[i] for i in chosen])


@dataclass(frozen=True)
class Surroundings:
    """What all kinds of negatives need to know.

    Attributes
    ----------
    room : Room
    avoided : Polygons
        The landforms with their rings, in which no negative is centred.
    searched : Searched
    ring : float
        Width of the rings, in pixels.
    """

    room: Room
    avoided: Polygons
    searched: Searched
    ring: float

    def candidates(self, x: NDArray[np.float64], y: NDArray[np.float64], notes: Sequence[str]) -> Candidates:
        """Return the windows around points that may be negatives, in the order given."""
        blocks = self.room.blocks
        inside = (x >= 0) & (x < blocks.x[-1]) & (y >= 0) & (y < blocks.y[-1])
        usable = np.flatnonzero(inside & ~self.avoided.cover(x, y) & self.searched.cover(x, y))
        numbers = blocks.number_at(x[usable], y[usable])
        split = blocks.split_of(numbers)
        corners = self.room.around(x[usable], y[usable])
        crossing = blocks.split_of_windows(corners, self.room.size) != split
        corners[crossing] = blocks.moved_inside(corners[crossing], numbers[crossing], self.room.size)
        # A window that had to be moved may have a landform in its middle now.
        middle = corners + self.room.size / 2
        free = np.flatnonzero(self.room.is_free(corners, split) & ~self.avoided.cover(*middle.T))
        return Candidates(corners[free], split[free], [notes[i] for i in usable[free]])

    def having_landforms(self, candidates: Candidates, wanted: bool) -> Candidates:
        """Return the candidates in whose windows there is a landform, or those in which there is none."""
        has_landform = np.zeros(len(candidates), bool)
        has_landform[self.room.touched(candidates.corners)[0]] = True
        return candidates[np.flatnonzero(has_landform == wanted)]


def random_places(surroundings: Surroundings, found: Survey, seed: int) -> Candidates:
    """Return windows without landforms in a random order."""
    order = np.random.default_rng(seed).permutation(len(found.x))
    return surroundings.having_landforms(
        surroundings.candidates(found.x[order], found.y[order], [""] * len(order)), wanted=False
    )


def similar_terrain(surroundings: Surroundings, found: Survey, seed: int) -> Candidates:
    """Return windows without landforms whose middles are as high and as steep as the landforms of their split.

    The elevations and slopes of the landforms are cut into classes that hold as many of their places each; windows are
    taken so that each pair of classes gets as many of them as it has of the landforms.
    """
    rng = np.random.default_rng(seed)
    landforms = surroundings.room.landforms
    point, landform = landforms.tree.query(shapely.points(found.x, found.y), predicate="intersects")
    chosen, priority = [], []
    own = surroundings.room.blocks.split_of(surroundings.room.blocks.number_at(found.x, found.y))
    for split in range(len(SPLITS)):
        inside = point[surroundings.room.landform_split[landform] == split]
        places = np.flatnonzero(own == split)
        pair_of_landforms, pair_of_places = _classes(found, inside, places)
        amount = np.bincount(pair_of_landforms, minlength=_CLASSES**2)
        like = (pair_of_places >= 0) & (amount[pair_of_places] > 0)
        places, pairs = places[like], pair_of_places[like]
        chosen.append(places)
        priority.append(_rank_within(pairs, rng) / np.maximum(amount[pairs], 1))
    places = np.concatenate(chosen)
    places = places[np.lexsort((places, np.concatenate(priority)))]
    return surroundings.having_landforms(
        surroundings.candidates(found.x[places], found.y[places], [""] * len(places)), wanted=False
    )


def margins(surroundings: Surroundings, places: Sequence[Place], ids: Sequence[str], seed: int) -> Candidates:
    """Return windows that show a landform and whose middles lie outside the outlines, in a random order."""
    rng = np.random.default_rng(seed)
    room = surroundings.room
    landforms, counts = np.unique([place.landform for place in places], return_counts=True)
    nearest = surroundings.ring + 1
    points, owners = [], []
    for _ in range(_MARGIN_DISTANCES):
        distance = rng.uniform(nearest, max(room.size / 2, nearest + 1), len(landforms))
        lines = shapely.boundary(shapely.buffer(room.landforms.in_pixels[landforms], distance))
        owner = np.repeat(landforms, counts)
        at = shapely.line_interpolate_point(
            _longest_lines(np.repeat(lines, counts)), rng.random(len(owner)), normalized=True
        )
        points.append(shapely.get_coordinates(at))
        owners.append(owner)
    order = rng.permutation(sum(map(len, owners)))
    x, y = np.concatenate(points)[order].T
    candidates = surroundings.candidates(x, y, [ids[i] for i in np.concatenate(owners)[order]])
    found = surroundings.having_landforms(candidates, wanted=True)
    # The landform beside which a window was placed may lie just outside of it.
    shown: dict[int, list[str]] = {}
    for window, landform in zip(*(array.tolist() for array in room.touched(found.corners)), strict=True):
        shown.setdefault(window, []).append(ids[landform])
    notes = [note if note in shown[window] else shown[window][0] for window, note in enumerate(found.note)]
    return Candidates(found.corners, found.split, notes)


def look_alike_places(surroundings: Surroundings, look_alikes: LookAlikes, seed: int) -> Candidates:
    """Return windows on look-alikes, so that classes take turns."""
    rng = np.random.default_rng(seed)
    points: list[NDArray[np.float64]] = []
    owners: list[int] = []
    for number, outline in enumerate(look_alikes.polygons.in_pixels):
        inside = [point for point, _ in parts_of(outline, PART * surroundings.room.size)]
        points += inside
        owners += [number] * len(inside)
    names, classes = np.unique(np.array(look_alikes.classes, object)[owners], return_inverse=True)
    order = np.lexsort((np.arange(len(owners)), _rank_within(classes, rng)))
    x, y = np.array(points, float).reshape(-1, 2)[order].T
    return surroundings.candidates(x, y, [str(names[number]) for number in classes[order]])


def rejected_places(
    surroundings: Surroundings, rejected: LookAlikes, count: int, jitter: float, seed: int
) -> Candidates:
    """Return windows on each rejected outline and each part of a large one: one centred, others shifted at random.

    Parameters
    ----------
    surroundings : Surroundings
    rejected : LookAlikes
    count : int
        Windows of each place.
    jitter : float
        Largest shift, as a share of the window's side.
    seed : int
    """
    size = surroundings.room.size
    rng = np.random.default_rng(seed)
    points, names = [np.empty((0, 2))], []
    for outline, name in zip(rejected.polygons.in_pixels, rejected.classes, strict=True):
        for point, centre in parts_of(outline, PART * size):
            shifts = rng.uniform(-jitter, jitter, (count, 2)) * size
            shifts[0] = 0
            # A middle that fell outside what was looked at stays where a person said what it is.
            wanted = centre + shifts
            usable = ~surroundings.avoided.cover(*wanted.T) & surroundings.searched.cover(*wanted.T)
            points.append(np.where(usable[:, np.newaxis], wanted, point))
            names += [name] * count
    x, y = np.concatenate(points).T
    found = surroundings.candidates(x, y, names)
    _, first = np.unique(found.corners, axis=0, return_index=True)
    return found[np.sort(first)]


def _classes(
    found: Survey, inside: NDArray[np.intp], places: NDArray[np.intp]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the pair of classes of elevation and slope of places inside landforms, and of others; -1 for neither."""
    of_landforms, of_places = np.zeros(len(inside), np.int64), np.zeros(len(places), np.int64)
    if not len(inside):
        return of_landforms, of_places - 1
    outside = np.zeros(len(places), bool)
    for values in (found.elevation, found.slope):
        edges = np.quantile(values[inside], np.linspace(0, 1, _CLASSES + 1))
        of_landforms = of_landforms * _CLASSES + _class_of(values[inside], edges)
        of_places = of_places * _CLASSES + _class_of(values[places], edges)
        outside |= (values[places] < edges[0]) | (values[places] > edges[-1])
    of_places[outside] = -1
    return of_landforms, of_places


def _class_of(values: NDArray[np.float32], edges: NDArray[np.float64]) -> NDArray[np.int64]:
    return np.asarray(np.clip(np.searchsorted(edges, values, "right") - 1, 0, _CLASSES - 1), np.int64)


def _rank_within(groups: NDArray[np.int64], rng: np.random.Generator) -> NDArray[np.float64]:
    """Return a random rank of each among those of its group, from 0."""
    order = np.lexsort((rng.random(len(groups)), groups))
    first = np.searchsorted(groups[order], groups[order], "left")
    ranks = np.empty(len(groups))
    ranks[order] = np.arange(len(groups)) - first
    return ranks


def _longest_lines(lines: NDArray[np.object_]) -> NDArray[np.object_]:
    """Return the longest line of each boundary, since a place along several lines is not defined."""
    parts, owner = shapely.get_parts(lines, return_index=True)
    longest = np.lexsort((-shapely.length(parts), owner))
    _, first = np.unique(owner[longest], return_index=True)
    return np.asarray(parts[longest[first]])
