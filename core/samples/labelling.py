"""The mask of a chip, and which of its pixels count."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely

from ..rasters.grid import Grid, Window
from ..vectors.vector import Geometries
from .outlines import Mask, Polygons, Searched


@dataclass(frozen=True)
class Labels:
    """What chips are labelled by.

    Attributes
    ----------
    landforms : Polygons
    rings : Polygons or None
        Strips along the outlines that do not count; None where they have no width.
    searched : Searched
    """

    landforms: Polygons
    rings: Polygons | None
    searched: Searched

    @classmethod
    def of(cls, landforms: Polygons, searched: Searched, ring_width: float) -> Labels:
        """Return the labels with rings of a width on either side of the outlines, in metres."""
        if not ring_width:
            return cls(landforms, None, searched)
        return cls(
            landforms, Polygons(_rings(landforms.geometries, landforms.grid, ring_width), landforms.grid), searched
        )

    def label(self, window: Window) -> tuple[Mask, Mask]:
        """Return the pixels of a window that are rock glacier, and those that count whatever the stack has there."""
        mask = self.landforms.burnt(window)
        counts = self.searched.burnt(window)
        return mask, counts if self.rings is None else counts & ~self.rings.burnt(window)


def _rings(outlines: Geometries, grid: Grid, width: float) -> Geometries:
    """Return the ground near outlines; a landform too narrow to have any other keeps its inside."""
    distance = width / grid.metres_per_unit
    inside = shapely.buffer(outlines, -distance)
    narrow = shapely.is_empty(inside)
    inside[narrow] = outlines[narrow]
    return np.asarray(shapely.difference(shapely.buffer(outlines, distance), inside))
