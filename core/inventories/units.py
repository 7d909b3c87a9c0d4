"""Units: a primary marker each, with the outlines that belong to it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import numpy as np
import shapely

from ..progress import Progress
from .primaryid import fits, parse_primary_id, primary_id
from .standard import EXTENDED
from .tables import Geometries

# Nearer markers may have one identifier: its decimals are of 11 m.
_APART_DEGREES = 3e-4
_TRIALS = 20
# An outline without front and margins lies in the one with them.
_WITHIN = 0.5


@dataclass(frozen=True)
class Outline:
    """An outline to take into an inventory.

    Attributes
    ----------
    geometry : shapely Polygon or MultiPolygon
        In degrees, WGS 84.
    kind : str
        Extended or Restricted.
    given_id : str
        The identifier that its layer gives; "" for none.
    source : int
        Which layer it comes from, and its row there.
    row : int
    """

    geometry: shapely.Geometry
    kind: str
    given_id: str
    source: int
    row: int


@dataclass
class Unit:
    """A rock glacier unit.

    Attributes
    ----------
    marker : shapely Point
        In degrees, WGS 84.
    primary_id : str
    marker_row : int
        Its row in the layer of markers, -1 where the marker was set here.
    outlines : list of Outline
    """

    marker: shapely.Point
    primary_id: str
    marker_row: int = -1
    outlines: list[Outline] = field(default_factory=list)

    def has(self, kind: str) -> bool:
        """Whether the unit has an outline of a type."""
        return any(outline.kind == kind for outline in self.outlines)

    @property
    def first(self) -> Outline | None:
        """The extended outline, else the other one, if there is any."""
        ordered = sorted(self.outlines, key=lambda outline: outline.kind != EXTENDED)
        return ordered[0] if ordered else None


class Units:
    """Units being put together: markers first, then extended outlines, then restricted ones.

    An outline belongs to the marker with its identifier, else to one that lies in it, else it gets a marker: where its
    own identifier says if that lies in it, otherwise at a point on its surface, which unlike the centroid always lies
    inside. A restricted outline without a marker of its own belongs to the extended one that holds most of it.

    Parameters
    ----------
    progress : Progress
        May cancel.

    Attributes
    ----------
    units : list of Unit
    """

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self.units: list[Unit] = []
        self._by_id: dict[str, Unit] = {}
        self._crowded = 0
        self._replaced: dict[str, list[str]] = {"markers": [], "outlines": []}
        self._twins: list[str] = []

    @property
    def warnings(self) -> list[str]:
        """What the user should know, in sentences."""
        sentences = [
            f"{len(ids)} {what} have an identifier that is none, is not theirs alone or does not say where they lie "
            f"({_some(ids)}); they got others."
            for what, ids in self._replaced.items()
            if ids
        ]
        if self._crowded:
            sentences.append(
                f"{self._crowded} outlines hold more than one marker; each is linked to the first, the others stay "
                "without an outline. Split the outlines, or take the markers away."
            )
        if self._twins:
            sentences.append(
                f"Units whose markers lie within 11 m of each other have one identifier ({_some(self._twins)}); move "
                "one of each, or remove the unit that is there twice."
            )
        return sentences

    def add_markers(self, places: Geometries, given_ids: Sequence[str]) -> None:
        """Add a unit for each marker; identifiers that are none, are taken, or do not fit the place are replaced."""
        for row, (place, given) in enumerate(zip(places, given_ids, strict=True)):
            fitting = given not in self._by_id and fits(given, place.x, place.y)
            if given and not fitting:
                self._replaced["markers"].append(given)
            self._add(Unit(place, given if fitting else primary_id(place.x, place.y), row))

    def add_extended(self, outlines: Iterable[Outline]) -> None:
        """Add extended outlines."""
        waiting = self._linked_by_id(outlines)
        waiting.sort(key=lambda outline: outline.geometry.area)
        free = [unit for unit in self.units if not unit.has(EXTENDED)]
        tree = shapely.STRtree([unit.marker for unit in free])
        found = {}
        for outline in waiting:
            self._progress.check()
            inside = sorted(int(n) for n in tree.query(outline.geometry, predicate="intersects"))
            inside = [number for number in inside if not free[number].has(EXTENDED)]
            self._crowded += len(inside) > 1
            if inside:
                free[inside[0]].outlines.append(outline)
                found[id(outline)] = True
        rest = [outline for outline in waiting if id(outline) not in found]
        for outline in sorted(rest, key=lambda outline: (outline.source, outline.row)):
            self._add_marked(outline)

    def add_restricted(self, outlines: Iterable[Outline]) -> None:
        """Add restricted outlines."""
        waiting = self._linked_by_id(outlines)
        owners = [(unit, outline) for unit in self.units for outline in unit.outlines if outline.kind == EXTENDED]
        shapes = _array([outline.geometry for _, outline in owners])
        tree = shapely.STRtree(shapes)
        for outline in waiting:
            self._progress.check()
            near = tree.query(outline.geometry, predicate="intersects")
            near = np.array([n for n in near if not owners[n][0].has(outline.kind)], int)
            shared = shapely.area(shapely.intersection(shapes[near], outline.geometry))
            if len(near) and shared.max() >= _WITHIN * outline.geometry.area:
                owners[int(near[np.argmax(shared)])][0].outlines.append(outline)
            else:
                self._add_marked(outline)

    def owners(self, areas: Geometries, given_ids: Sequence[str]) -> list[str | None]:
        """Return the identifier of each area's unit: the one that it names, else the one that it covers most."""
        held = [(unit, unit.first.geometry) for unit in self.units if unit.first is not None]
        shapes = _array([shape for _, shape in held])
        tree = shapely.STRtree(shapes)
        found: list[str | None] = []
        for area, given in zip(areas, given_ids, strict=True):
            near = tree.query(area, predicate="intersects")
            shared = shapely.area(shapely.intersection(shapes[near], area))
            if given in self._by_id:
                found.append(given)
            else:
                found.append(held[int(near[np.argmax(shared)])][0].primary_id if shared.sum() > 0 else None)
        return found

    def _linked_by_id(self, outlines: Iterable[Outline]) -> list[Outline]:
        """Give outlines to the units that they name; return the others."""
        waiting = []
        for outline in outlines:
            unit = self._by_id.get(outline.given_id)
            if unit is not None and not unit.has(outline.kind):
                unit.outlines.append(outline)
            else:
                waiting.append(outline)
        return waiting

    def _add_marked(self, outline: Outline) -> None:
        """Add a unit for an outline that no marker belongs to."""
        self._progress.check()
        place = parse_primary_id(outline.given_id)
        if place is not None and outline.given_id not in self._by_id:
            marker = shapely.Point(place.longitude, place.latitude)
            if outline.geometry.intersects(marker):
                self._add(Unit(marker, outline.given_id, outlines=[outline]))
                return
        if outline.given_id:
            self._replaced["outlines"].append(outline.given_id)
        marker = self._free_place(outline.geometry)
        self._add(Unit(marker, primary_id(marker.x, marker.y), outlines=[outline]))

    def _free_place(self, geometry: shapely.Geometry) -> shapely.Point:
        """Return a point on the surface whose identifier is not taken, as long as there is one."""
        left, first = geometry, geometry.point_on_surface()
        point = first
        for _ in range(_TRIALS):
            if primary_id(point.x, point.y) not in self._by_id:
                return point
            left = left.difference(point.buffer(_APART_DEGREES))
            if left.is_empty:
                break
            point = left.point_on_surface()
        return first

    def _add(self, unit: Unit) -> None:
        if unit.primary_id in self._by_id:
            self._twins.append(unit.primary_id)
        self._by_id.setdefault(unit.primary_id, unit)
        self.units.append(unit)


def _array(geometries: Sequence[shapely.Geometry]) -> Geometries:
    array: Geometries = np.empty(len(geometries), object)
    array[:] = geometries
    return array


def _some(texts: Sequence[str], most: int = 3) -> str:
    return ", ".join(texts[:most]) + (" ..." if len(texts) > most else "")
