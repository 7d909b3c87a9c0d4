"""The layers that samples are made of, in the stack's reference system and in its pixels."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from ..assessment.comparison import ID_COLUMNS
from ..contracts.samples import SamplesOptions
from ..errors import InvalidVectorError
from ..inventories.counted import counted, identifiers
from ..provenance import Step
from ..rasters.grid import Grid, Window
from ..vectors.vector import Geometries, VectorLayer, burn, read_layer
from .blocks import Blocks

Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Polygons:
    """Polygons on a grid, found by place.

    Attributes
    ----------
    geometries : array of shapely geometries, shape (n,)
        In the grid's reference system.
    grid : Grid
    """

    geometries: Geometries
    grid: Grid

    @cached_property
    def in_pixels(self) -> Geometries:
        """The polygons in fractional columns and rows."""
        return np.asarray(
            shapely.transform(self.geometries, lambda points: np.column_stack(self.grid.pixels(*points.T)))
        )

    @cached_property
    def tree(self) -> shapely.STRtree:
        """The polygons in pixels by place."""
        return shapely.STRtree(self.in_pixels)

    def burnt(self, window: Window) -> Mask:
        """Return the pixels of a window whose centre a polygon covers."""
        box = shapely.box(window.x, window.y, window.x + window.width, window.y + window.height)
        near = np.sort(self.tree.query(box))
        if not len(near):
            return np.zeros((window.height, window.width), bool)
        return burn(self.geometries[near], 1, self.grid, np.uint8, window).astype(bool)

    def cover(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> Mask:
        """Return which points, given in pixels, lie in a polygon."""
        covered = np.zeros(len(x), bool)
        covered[self.tree.query(shapely.points(x, y), predicate="intersects")[0]] = True
        return covered


@dataclass(frozen=True)
class Inventory:
    """The landforms that can be in chips.

    Attributes
    ----------
    polygons : Polygons
    ids : list of str
        What identifies each, once.
    columns : mapping of array, shape (n,)
        Their attributes.
    provenance : sequence of dict
    notes : list of str
        What was repaired or left out.
    """

    polygons: Polygons
    ids: list[str]
    columns: Mapping[str, NDArray[Any]]
    provenance: Sequence[Step]
    notes: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.ids)


@dataclass(frozen=True)
class LookAlikes:
    """Landforms that are no rock glaciers, and the class of each."""

    polygons: Polygons
    classes: list[str]


@dataclass(frozen=True)
class Searched:
    """Which ground counts: that of the area, without the unsure parts; None for no limit."""

    area: Polygons | None
    unsure: Polygons | None

    def burnt(self, window: Window) -> Mask:
        """Return the pixels of a window that count."""
        counts = np.ones((window.height, window.width), bool) if self.area is None else self.area.burnt(window)
        return counts if self.unsure is None else counts & ~self.unsure.burnt(window)

    def cover(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> Mask:
        """Return which points, given in pixels, count."""
        counts = np.ones(len(x), bool) if self.area is None else self.area.cover(x, y)
        return counts if self.unsure is None else counts & ~self.unsure.cover(x, y)


@dataclass(frozen=True)
class Sources:
    """All that chips are made of beside the stack.

    Attributes
    ----------
    inventory : Inventory
    searched : Searched
    look_alikes : LookAlikes or None
    rejected : LookAlikes or None
        Outlines that a person rejected, a name for each; None where nothing was reviewed.
    blocks : Blocks or None
        With their splits, where these are given; otherwise the stack is divided anew.
    is_whole : bool
        Whether all ground of a region counts, so that it tells how common rock glaciers are there; not where only the
        surroundings of some outlines do.
    notes : list of str
        What was repaired or left out.
    """

    inventory: Inventory
    searched: Searched
    look_alikes: LookAlikes | None
    rejected: LookAlikes | None = None
    blocks: Blocks | None = None
    is_whole: bool = True
    notes: list[str] = field(default_factory=list)


def read_sources(options: SamplesOptions, grid: Grid) -> Sources:
    """Read the layers.

    Raises
    ------
    InvalidVectorError
        If one cannot be read, or none of its polygons lies where it must.
    """
    searched, notes = read_searched(options, grid)
    inventory = read_inventory(options, grid, searched)
    look_alikes, more = read_look_alikes(options, grid)
    return Sources(inventory, searched, look_alikes, notes=[*inventory.notes, *notes, *more])


def read_searched(options: SamplesOptions, grid: Grid) -> tuple[Searched, list[str]]:
    """Read the area and the unsure polygons; return them and notes of what was repaired.

    Raises
    ------
    InvalidVectorError
        If a layer cannot be read, or the area has no polygon on the stack.
    """
    notes: list[str] = []
    area = unsure = None
    if options.area:
        area = read_area(options.area, grid, notes)
    else:
        notes.append("No area was given: all ground outside the outlines counts as searched and free of rock glaciers.")
    if options.unsure:
        unsure = Polygons(read_polygons(options.unsure, "unsure polygons", grid, notes, columns=()).geometries, grid)
    return Searched(area, unsure), notes


def read_area(source: str, grid: Grid, notes: list[str]) -> Polygons:
    """Read the ground that was searched; notes say what was repaired.

    Raises
    ------
    InvalidVectorError
        If the layer cannot be read, or has no polygon on the stack.
    """
    layer = read_polygons(source, "area", grid, notes, columns=())
    area = Polygons(shapely.get_parts(shapely.union_all(on_stack(layer, grid)[0].geometries)), grid)
    if not len(area.geometries):
        raise InvalidVectorError(
            f"The area {source} has no polygon on the stack ({grid.summary}); give the ground that was searched there, "
            "or no area."
        )
    return area


def read_inventory(options: SamplesOptions, grid: Grid, searched: Searched) -> Inventory:
    """Read the landforms that lie on the stack and in the area.

    Raises
    ------
    InvalidVectorError
        If the layer cannot be read, or none of its polygons lies there.
    """
    notes: list[str] = []
    layer = read_polygons(options.inventory, "inventory", grid, notes)
    if not len(layer):
        raise InvalidVectorError(f"The inventory {options.inventory} has no polygons; give outlines of rock glaciers.")
    kept, places = on_stack(layer, grid)
    if not len(kept):
        raise InvalidVectorError(
            f"None of the {len(layer)} outlines of {options.inventory} lies on the stack ({grid.summary}); give "
            "outlines of its ground, and check the coordinate system that the layer says it has."
        )
    if len(kept) < len(layer):
        notes.append(f"{len(layer) - len(kept)} of {len(layer)} outlines lie outside the stack and were left out.")
    is_landform, more = counted(kept.columns, len(kept))
    if not is_landform.any():
        raise InvalidVectorError(
            f"All {len(kept)} outlines of {options.inventory} on the stack were rejected in the review; give outlines "
            "of rock glaciers."
        )
    notes += more
    kept, places = kept.chosen(is_landform), places[is_landform]
    if searched.area is not None:
        inside = np.zeros(len(kept), bool)
        inside[searched.area.tree.query(Polygons(kept.geometries, grid).in_pixels, predicate="intersects")[0]] = True
        if not inside.any():
            raise InvalidVectorError(
                f"None of the outlines of {options.inventory} lies in the area {options.area}; give the area that the "
                "inventory covers."
            )
        if not inside.all():
            notes.append(f"{(~inside).sum()} outlines lie outside the area that was searched and were left out.")
        kept, places = kept.chosen(inside), places[inside]
    return Inventory(
        Polygons(kept.geometries, grid), ids_of(layer, places), kept.columns, list(layer.provenance), notes
    )


def read_look_alikes(options: SamplesOptions, grid: Grid) -> tuple[LookAlikes | None, list[str]]:
    """Read the look-alikes on the stack, if a layer was given; return them and notes.

    Raises
    ------
    InvalidVectorError
        If the layer cannot be read.
    """
    if not options.look_alikes:
        return None, []
    notes: list[str] = []
    column = options.look_alike_column
    layer = read_polygons(
        options.look_alikes, "look-alikes", grid, notes, columns=(), if_present=(column,) if column else ()
    )
    kept, _ = on_stack(layer, grid)
    if not len(kept):
        notes.append(f"None of the {len(layer)} look-alikes lies on the stack.")
    unnamed = "look-alike"
    values = kept.columns.get(column)
    classes = [unnamed] * len(kept) if values is None else [str(value or unnamed) for value in values.tolist()]
    return LookAlikes(Polygons(kept.geometries, grid), classes), notes


def read_polygons(source: str, what: str, grid: Grid, notes: list[str], **wanted: Any) -> VectorLayer:
    """Read polygons in the grid's system, those without any area left out; notes say what was repaired."""
    layer = read_layer(source, crs=grid.crs, **wanted)
    finite = np.isfinite(shapely.bounds(layer.geometries)).all(axis=1) & (shapely.area(layer.geometries) > 0)
    if layer.repaired:
        notes.append(f"{layer.repaired} invalid polygons of the {what} were repaired.")
    if not finite.all():
        notes.append(f"{(~finite).sum()} polygons of the {what} without any area were left out.")
        return layer.chosen(finite)
    return layer


def on_stack(layer: VectorLayer, grid: Grid) -> tuple[VectorLayer, NDArray[np.intp]]:
    """Return the polygons that share ground with the stack, and their places in the layer."""
    columns, rows = [0, grid.width, grid.width, 0], [0, 0, grid.height, grid.height]
    stack = shapely.Polygon(np.column_stack(grid.coordinates(columns, rows)))
    shapely.prepare(stack)
    near = shapely.intersects(stack, layer.geometries) & ~shapely.touches(stack, layer.geometries)
    return layer.chosen(near), np.flatnonzero(near)


def ids_of(layer: VectorLayer, places: NDArray[np.intp]) -> list[str]:
    """Return what identifies some polygons: the first column that may and has no value twice, or their places."""
    names, numbers = {name.lower(): name for name in layer.columns}, (places + 1).tolist()
    for known in ID_COLUMNS:
        if known in names:
            texts = identifiers(layer.columns[names[known]][places].tolist(), numbers)
            if len(set(texts)) == len(texts):
                return texts
    return [str(number) for number in numbers]
