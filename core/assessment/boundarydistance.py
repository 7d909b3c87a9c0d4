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
        for number, (one, other) in enumerate(zip(*map(_segments, lines), strict=True), start=start):
            if len(one) and len(other):
                there, back = _distances(_points(one), other), _distances(_points(other), one)
                mean[number] = (there.mean() + back.mean()) / 2
                hausdorff[number] = max(np.percentile(there, 95), np.percentile(back, 95))
    return BoundaryDistances(mean, hausdorff)


def _outlines(geometries: Geometries, seam: shapely.Geometry) -> Geometries:
    """Return the outlines without what the edge of the area has cut."""
    lines = np.asarray(shapely.boundary(geometries))
    cut = shapely.intersects(lines, seam)
    lines[cut] = shapely.difference(lines[cut], seam)
    return lines


def _segments(lines: Geometries) -> list[NDArray[np.float64]]:
    """Return the segments of each line, shape (segments, 4): where they begin, and where to and how far they go."""
    parts, owners = shapely.get_parts(lines, return_index=True)
    places, part = shapely.get_coordinates(parts, return_index=True)
    joined = part[1:] == part[:-1]
    segments = np.column_stack([places[:-1], np.diff(places, axis=0)])[joined]
    moved = np.any(segments[:, 2:] != 0, axis=1)
    owner = owners[part[:-1][joined]][moved]
    return np.split(segments[moved], np.searchsorted(owner, np.arange(1, len(lines))))


def _points(segments: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return points at equal distances along segments that follow each other, shape (points, 2)."""
    lengths = np.hypot(segments[:, 2], segments[:, 3])
    ends = np.cumsum(lengths)
    along = ends[-1] * (np.arange(POINTS_PER_OUTLINE) + 0.5) / POINTS_PER_OUTLINE
    number = np.searchsorted(ends, along)
    left = (ends[number] - along) / lengths[number]
    return np.asarray(segments[number, :2] + (1 - left)[:, np.newaxis] * segments[number, 2:])


def _distances(points: NDArray[np.float64], segments: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return each point's distance to the nearest of the segments."""
    begin_x, begin_y, along_x, along_y = segments.T
    x, y = points[:, :1] - begin_x, points[:, 1:] - begin_y
    share = np.clip((x * along_x + y * along_y) / (along_x**2 + along_y**2), 0, 1)
    return np.asarray(np.sqrt(((x - share * along_x) ** 2 + (y - share * along_y) ** 2).min(axis=1)))
