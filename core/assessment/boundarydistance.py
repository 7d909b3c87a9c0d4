"""How far apart the outlines of one landform run in two layers."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from ..progress import Progress
from .matching import Areas, Geometries

POINTS_PER_OUTLINE = 200
"""Points, evenly spaced along an outline, from which the distance to the other outline is measured."""

_PAIRS_AT_ONCE = 250
_SEAM_WIDTH = 0.01


class BoundaryDistances(NamedTuple):
    """Distances (m) between the outlines of each pair, NaN where one has no outline of its own; shape (k,) each.

    Attributes
    ----------
    mean : ndarray of float
        Mean over the points of both outlines.
    hausdorff_95 : ndarray of float
        The larger, of the two outlines, of the distance that 95 % of its points do not exceed.
    """

    mean: Areas
    hausdorff_95: Areas


def boundary_distances(
    first: Geometries, second: Geometries, area: Geometries, progress: Progress
) -> BoundaryDistances:
    """Measure the distances between the outlines of pairs of landforms.

    From `POINTS_PER_OUTLINE` points along each outline, the distance to the nearest place of the other outline. The
    95 % Hausdorff distance is that of Huttenlocher et al. (1993). Where both layers were cut by the edge of an area,
    the cut is no outline and is left out.

    Parameters
    ----------
    first, second : ndarray of shapely polygons, shape (k,)
    area : ndarray of shapely polygons
        What both layers were cut to; empty for no limit.
    progress : Progress

    Returns
    -------
    BoundaryDistances

    Examples
    --------
    >>> import numpy as np, shapely
    >>> circles = [np.array([shapely.Point(0, 0).buffer(radius, 64)]) for radius in (100, 110)]
    >>> found = boundary_distances(*circles, np.empty(0, dtype=object), Progress())
    >>> round(float(found.mean[0])), round(float(found.hausdorff_95[0]))
    (10, 10)
    """
    mean, hausdorff = np.full(len(first), np.nan), np.full(len(first), np.nan)
    seam = shapely.buffer(shapely.union_all(shapely.boundary(area)), _SEAM_WIDTH)
    starts = range(0, len(first), _PAIRS_AT_ONCE)
    for start in progress.each(starts, len(starts)):
        some = slice(start, start + _PAIRS_AT_ONCE)
        lines = [_outlines(layer[some], seam) for layer in (first, second)]
        measured = ~(shapely.is_empty(lines[0]) | shapely.is_empty(lines[1]))
        one, other = lines[0][measured], lines[1][measured]
        there, back = _from_points(one, other), _from_points(other, one)
        mean[some][measured] = (there.mean(axis=1) + back.mean(axis=1)) / 2
        ends = np.percentile(np.stack([there, back]), 95, axis=2)
        hausdorff[some][measured] = ends.max(axis=0)
    return BoundaryDistances(mean, hausdorff)


def _outlines(geometries: Geometries, seam: shapely.Geometry) -> Geometries:
    """Return the outlines without what the edge of the area has cut."""
    lines = np.asarray(shapely.boundary(geometries))
    cut = shapely.intersects(lines, seam)
    lines[cut] = shapely.difference(lines[cut], seam)
    return lines


def _from_points(lines: Geometries, targets: Geometries) -> NDArray[np.float64]:
    """Return the distances from points along each line to its target, shape (lines, points)."""
    # A line of several parts counts as one whose parts follow each other, so that each part gets its share.
    parts, owners = shapely.get_parts(lines, return_index=True)
    ends = np.cumsum(shapely.length(parts))
    begins = np.concatenate([[0.0], ends[:-1]])
    first, last = (np.searchsorted(owners, np.arange(len(lines)), side) for side in ("left", "right"))
    shares = (np.arange(POINTS_PER_OUTLINE) + 0.5) / POINTS_PER_OUTLINE
    along = begins[first][:, np.newaxis] + shapely.length(lines)[:, np.newaxis] * shares
    part = np.clip(np.searchsorted(ends, along, side="right"), first[:, np.newaxis], last[:, np.newaxis] - 1)
    points = shapely.line_interpolate_point(parts[part], along - begins[part])
    return np.asarray(shapely.distance(points, targets[:, np.newaxis]))
