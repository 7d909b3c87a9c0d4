"""Reference outlines on the pixels of a part of a raster."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from ..errors import InvalidVectorError
from ..provenance import Step
from ..rasters.extent import LARGEST_SIDE, centred
from ..rasters.grid import Grid, Window
from ..vectors.vector import Geometries, burn, read_layer
from .segmentationgoodness import Labels

# Outlines around which a window is tried, at most.
_MOST_TRIED = 1000


@dataclass(frozen=True)
class ReferenceOutlines:
    """Outlines that may be compared with objects: those that lie wholly in the area, if there is one.

    Attributes
    ----------
    source : str
        The layer that they come from.
    geometries : array of shapely geometries, shape (n,)
        In the grid's reference system.
    grid : Grid
        The raster's pixels.
    total : int
        Outlines of the layer.
    provenance : list of dict
        Steps that made the layer.
    """

    source: str
    geometries: Geometries
    grid: Grid
    total: int
    provenance: list[Step]

    def fullest_window(self) -> Window:
        """Return the window with most whole outlines, of those of `LARGEST_SIDE` pixels centred on one of them."""
        boxes = self._boxes()
        every = max(len(boxes) // _MOST_TRIED, 1)
        middles = ((boxes[:, :2] + boxes[:, 2:]) / 2)[::every]
        windows = [centred(column, row, LARGEST_SIDE, self.grid) for column, row in middles]
        return max(windows, key=lambda window: np.count_nonzero(_whole(boxes, window)))

    def within(self, window: Window) -> Geometries:
        """Return the outlines that lie wholly in a window."""
        chosen: Geometries = self.geometries[_whole(self._boxes(), window)]
        return chosen

    def burnt(self, window: Window, valid: NDArray[np.bool_]) -> Labels:
        """Return the outlines that lie wholly in a window as pixels, numbered from 1; where two overlap, the last.

        Raises
        ------
        InvalidVectorError
            If there is no pixel of any outline where the raster has data.
        """
        chosen = self.within(window)
        burnt = burn(chosen, np.arange(1, len(chosen) + 1), self.grid, np.uint32, window)
        reference: Labels = np.where(valid, burnt, 0).astype(np.uint32)
        if not reference.any():
            raise InvalidVectorError(
                f"None of the {self.total} outlines of {self.source} lies wholly in the part of the raster on which "
                f"the scales are tried ({window.width} x {window.height} pixels from column {window.x}, row "
                f"{window.y}) and has data there; give another `extent` or `area`, or outlines of this raster."
            )
        return reference

    def _boxes(self) -> NDArray[np.float64]:
        """Return first column, first row, last column and last row of each outline, in fractional pixels."""
        left, bottom, right, top = shapely.bounds(self.geometries).T
        columns, rows = self.grid.pixels([left, right, left, right], [bottom, bottom, top, top])
        return np.column_stack([columns.min(axis=0), rows.min(axis=0), columns.max(axis=0), rows.max(axis=0)])


def read_outlines(source: str, area: str, grid: Grid) -> ReferenceOutlines:
    """Read reference outlines in the system of a grid.

    Parameters
    ----------
    source : str
        Layer of outlines.
    area : str
        Layer of polygons in which outlines must lie wholly; empty for no limit.
    grid : Grid

    Raises
    ------
    InvalidVectorError
        If a layer cannot be read, or no outline is left.
    """
    layer = read_layer(source, crs=grid.crs, columns=())
    geometries = layer.geometries
    if area:
        polygons = shapely.union_all(read_layer(area, crs=grid.crs, columns=()).geometries)
        shapely.prepare(polygons)
        geometries = geometries[shapely.covers(polygons, geometries)]
    if not len(geometries):
        where = f" that lies wholly in the area {area}" if area else ""
        raise InvalidVectorError(f"{source} has no outline{where}; give reference outlines of the raster's ground.")
    return ReferenceOutlines(source, geometries, grid, len(layer), list(layer.provenance))


def _whole(boxes: NDArray[np.float64], window: Window) -> NDArray[np.bool_]:
    """Return which boxes lie in a window."""
    left, top, right, bottom = boxes.T
    inside: NDArray[np.bool_] = (left >= window.x) & (top >= window.y)
    inside &= (right <= window.x + window.width) & (bottom <= window.y + window.height)
    return inside
