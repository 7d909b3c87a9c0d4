"""Outlines that a person went through, sorted by the decision, and the ground that counts because of it."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from ..contracts.corrections import CorrectionsOptions
from ..errors import InvalidVectorError
from ..rasters.grid import Grid
from ..vectors.vector import Geometries, VectorLayer
from .earlier import earlier_blocks, earlier_landforms
from .outlines import (
    Inventory,
    LookAlikes,
    Mask,
    Polygons,
    Searched,
    Sources,
    ids_of,
    on_stack,
    read_area,
    read_polygons,
)

STATUS = "review_status"
ACCEPTED, DRAWN, REJECTED, UNSURE, UNREVIEWED = "accepted", "drawn", "rejected", "unsure", "unreviewed"
"""What the review writes into the column."""

_STATUSES = (ACCEPTED, DRAWN, REJECTED, UNSURE, UNREVIEWED)


@dataclass(frozen=True)
class Review:
    """What the review says on a stack: what chips are made of, and how many outlines have each status."""

    sources: Sources
    counts: Counter[str]


def read_review(options: CorrectionsOptions, grid: Grid) -> Review:
    """Read the reviewed outlines that lie on the stack, and in the area if there is one.

    Accepted and drawn outlines are landforms, rejected ones are places for hard negatives. Where an unsure or
    unreviewed outline lies, nothing counts, but for what an accepted or drawn one covers of it; nor where a landform
    of the earlier samples lies that the review says nothing about.

    Raises
    ------
    InvalidVectorError
        If a layer cannot be read, has no column of the review, or no outline on the stack was decided.
    InvalidSamplesError
        If the earlier samples are none of this stack.
    """
    notes: list[str] = []
    layer = read_polygons(options.reviewed, "reviewed outlines", grid, notes)
    kept, places = on_stack(layer, grid)
    if len(kept) < len(layer):
        notes.append(f"{len(layer) - len(kept)} of {len(layer)} outlines lie outside the stack and were left out.")
    status = _statuses(options.reviewed, kept, notes)
    ids = np.array(ids_of(layer, places), object)
    area = read_area(options.area, grid, notes) if options.area else None
    if area is not None:
        kept, ids, status = _inside(area, kept, ids, status, notes)
    is_landform, is_rejected = np.isin(status, (ACCEPTED, DRAWN)), status == REJECTED
    decided = is_landform | is_rejected
    if not decided.any():
        raise InvalidVectorError(
            f"No outline of {options.reviewed} on {'the stack' if area is None else 'the stack and in the area'} was "
            f"accepted, drawn or rejected ({len(kept)} lie there). Review some first: *Review outlines*."
        )
    landforms = kept.chosen(is_landform)
    if area is None:
        area = _looked_at(kept.geometries[decided], options.surroundings, grid)
        notes.append(
            f"No area was given: beyond {options.surroundings:g} m around the outlines that were decided, nothing "
            "counts."
        )
    unsure = _without(kept.geometries[~decided], landforms.geometries)
    blocks = earlier_blocks(options.earlier, grid) if options.earlier else None
    if options.earlier:
        known = _without(earlier_landforms(options.earlier, grid), kept.geometries[decided])
        unsure = np.concatenate([unsure, known])
    searched = Searched(area, Polygons(unsure, grid))
    inventory = Inventory(
        Polygons(landforms.geometries, grid), ids[is_landform].tolist(), landforms.columns, list(layer.provenance)
    )
    rejected = LookAlikes(
        Polygons(kept.geometries[is_rejected], grid), [f"rejected {name}" for name in ids[is_rejected].tolist()]
    )
    counts = Counter(status.tolist())
    notes.insert(0, _count_text(counts))
    is_whole = bool(options.area)
    return Review(Sources(inventory, searched, None, rejected, blocks, is_whole, notes), counts)


def _count_text(counts: Counter[str]) -> str:
    ignored = ", ".join(f"{counts[status]} {status}" for status in (UNSURE, UNREVIEWED))
    decided = ", ".join(f"{counts[status]} {status}" for status in (ACCEPTED, DRAWN, REJECTED))
    return f"Outlines of the review: {decided}; these do not count: {ignored}."


def _statuses(source: str, layer: VectorLayer, notes: list[str]) -> NDArray[np.object_]:
    """Return the status of each outline; what the review does not write is unreviewed."""
    name = next((name for name in layer.columns if name.lower() == STATUS), None)
    if name is None:
        raise InvalidVectorError(
            f"{source} has no column {STATUS}, so that nothing says what was accepted. Give outlines that were "
            f"reviewed with *Review outlines*, or add the column with the values {', '.join(_STATUSES)}."
        )
    written = [str(value or "").strip().lower() or UNREVIEWED for value in layer.columns[name].tolist()]
    unknown = Counter(value for value in written if value not in _STATUSES)
    if unknown:
        named = ", ".join(f"{value!r}" for value in sorted(unknown)[:5])
        notes.append(
            f"{sum(unknown.values())} outlines have another {STATUS} than {', '.join(_STATUSES)} ({named}) and count "
            "as unreviewed."
        )
    return np.array([value if value in _STATUSES else UNREVIEWED for value in written], object)


def _inside(
    area: Polygons, kept: VectorLayer, ids: NDArray[np.object_], status: NDArray[np.object_], notes: list[str]
) -> tuple[VectorLayer, NDArray[np.object_], NDArray[np.object_]]:
    inside: Mask = np.zeros(len(kept), bool)
    inside[area.tree.query(Polygons(kept.geometries, area.grid).in_pixels, predicate="intersects")[0]] = True
    left_out = int((np.isin(status, (ACCEPTED, DRAWN, REJECTED)) & ~inside).sum())
    if left_out:
        notes.append(f"{left_out} outlines that were decided lie outside the area and were left out.")
    return kept.chosen(inside), ids[inside], status[inside]


def _looked_at(decided: Geometries, distance: float, grid: Grid) -> Polygons:
    """Return the ground that a person saw while deciding."""
    around = shapely.buffer(decided, distance / grid.metres_per_unit)
    return Polygons(shapely.get_parts(shapely.union_all(around)), grid)


def _without(outlines: Geometries, decided: Geometries) -> Geometries:
    """Return outlines without the ground that others cover, on which there was a decision since."""
    tree = shapely.STRtree(decided)
    left = [
        shapely.difference(outline, shapely.union_all(decided[tree.query(outline, predicate="intersects")]))
        for outline in outlines
    ]
    return np.array([outline for outline in left if shapely.area(outline) > 0], object)
