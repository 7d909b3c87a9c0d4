"""Splitting a landform where its downslope directions part: over a ridge, or between tongues that fan out.

Directions are vectors of two numbers, along a row and along a column, pointing downslope; their length is the slope
(1 for 45 degrees). Angles between them do not depend on how the grid lies on the map.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from ..progress import Progress
from .growth import grow
from .landforms import Labels, Mask, connected, contacts, renumber, sizes

# Downslope vectors of every pixel, shape (2, height, width).
Flow = NDArray[np.float64]

# The plane's weights are cut off where they are hardly more than nothing, at this many scales.
CUT_OFF = 3
_ROUNDING = 1e-9
_ROUNDS = 50


def downslope(
    elevation: NDArray[np.floating[Any]], scale: float, pixel_size: tuple[float, float], progress: Progress
) -> Flow:
    """Fit a plane around every pixel by least squares with Gaussian weights, and return how it falls.

    A plane has the same direction at the end of the raster and beside nodata, where a filter of the elevations would
    bend it.

    Parameters
    ----------
    elevation : array of float, shape (height, width)
        In the unit of the pixel size; NaN where there is none.
    scale : float
        Standard deviation of the weights. Furrows and ridges that are narrower have no direction of their own.
    pixel_size : tuple of 2 float
        Side of a pixel along a row and along a column.
    progress : Progress
        May cancel.

    Returns
    -------
    array of float64, shape (2, height, width)
        Vectors of length 0 where too few elevations are near.
    """
    known = ~np.isnan(elevation)
    weight = known.astype(np.float64)
    height = np.where(known, elevation - np.mean(elevation, where=known) if known.any() else 0, 0).astype(np.float64)
    lengths = zip(pixel_size, elevation.shape[::-1], strict=True)
    along_row, along_column = (_weights(scale, side, count) for side, count in lengths)

    def summed(values: NDArray[np.float64], weights: NDArray[np.float64], axis: int) -> NDArray[np.float64]:
        progress.check()
        total: NDArray[np.float64] = ndimage.correlate1d(values, weights, axis=axis, mode="constant")
        return total

    # Weighted sums over the pixels around: (power of x, power of y) of their distances.
    rows = [summed(weight, weights, 1) for weights in along_row]
    heights = [summed(height, weights, 1) for weights in along_row[:2]]
    sums = {(i, j): summed(rows[i], along_column[j], 0) for i in range(3) for j in range(3 - i)}
    lifted = {(i, j): summed(heights[i], along_column[j], 0) for i, j in ((0, 0), (1, 0), (0, 1))}
    return _slopes(sums, lifted)


def _weights(scale: float, side: float, pixels: int) -> list[NDArray[np.float64]]:
    """Return Gaussian weights on a line of so many pixels at most, and these times the distance and its square."""
    count = math.ceil(min(CUT_OFF * scale / side, pixels))
    x = np.arange(-count, count + 1) * side
    gaussian = np.exp(-0.5 * (x / scale) ** 2)
    return [gaussian, gaussian * x, gaussian * x**2]


def _slopes(
    sums: dict[tuple[int, int], NDArray[np.float64]], lifted: dict[tuple[int, int], NDArray[np.float64]]
) -> Flow:
    """Solve the normal equations of the planes."""
    total = np.maximum(sums[0, 0], np.finfo(float).tiny)
    x, y, z = sums[1, 0] / total, sums[0, 1] / total, lifted[0, 0] / total
    xx, yy = sums[2, 0] / total - x * x, sums[0, 2] / total - y * y
    xy, xz, yz = sums[1, 1] / total - x * y, lifted[1, 0] / total - x * z, lifted[0, 1] / total - y * z
    determinant = xx * yy - xy * xy
    # Pixels in one line fix no plane.
    solvable = determinant > _ROUNDING * np.maximum(xx, yy) ** 2
    flow = -np.stack([xz * yy - yz * xy, yz * xx - xz * xy])
    return np.where(solvable, flow / np.where(solvable, determinant, 1), 0)


def split_by_flow(
    landform: Mask, flow: Flow, angle: float, min_pixels: float, pixel_size: tuple[float, float], progress: Progress
) -> Labels:
    """Cut one landform into parts that flow in different directions.

    The pixels are divided in two by their directions (k-means on the unit vectors, k = 2), and each part again, as long
    as the two mean directions differ by `angle` or more and both have connected pieces that are large enough. Smaller
    pieces go to the part that they touch. Then neighbours are joined whose mean directions differ less, and those that
    do not flow apart, that is, of which one flows towards their border: what flows together, and a tongue that bends,
    stay one.

    Parameters
    ----------
    landform : array of bool, shape (height, width)
        One landform.
    flow : array of float, shape (2, height, width)
        Downslope vectors.
    angle : float
        In degrees.
    min_pixels : float
        Number of pixels of the smallest part.
    pixel_size : tuple of 2 float
        Side of a pixel along a row and along a column.
    progress : Progress
        May cancel.

    Returns
    -------
    array of uint32, shape (height, width)
        Numbers of the parts from 1, 0 elsewhere.
    """
    parts = np.zeros(landform.shape, np.uint32)
    count = 0
    undivided = [landform]
    while undivided:
        region = undivided.pop()
        pieces = _divided(region, flow, angle, min_pixels, progress)
        if pieces.max(initial=0) < 2:
            count += 1
            parts[region] = count
        else:
            undivided += [pieces == number for number in range(1, int(pieces.max()) + 1)]
    renumber(parts)
    while (pair := _inseparable(parts, flow, angle, pixel_size)) is not None:
        progress.check()
        parts[parts == pair[1]] = pair[0]
    renumber(parts)
    return parts


def _divided(region: Mask, flow: Flow, angle: float, min_pixels: float, progress: Progress) -> Labels:
    """Divide a region in two by direction; return the labels of the connected pieces, at most one where it is alike."""
    side = _sides(flow[:, region])
    means = [flow[:, region][:, side == sign].sum(axis=1) for sign in (-1, 1)]
    pieces = np.zeros(region.shape, np.uint32)
    if _angle(*means) < angle * (1 - _ROUNDING):
        return pieces
    sides = np.zeros(region.shape, np.int8)
    sides[region] = side
    for sign in (-1, 1):
        found = connected(sides == sign)
        large = sizes(found) >= min_pixels * (1 - _ROUNDING)
        large[0] = False
        # Numbers of the second side follow those of the first.
        pieces += np.where(large, np.cumsum(large) + pieces.max(initial=0), 0).astype(np.uint32)[found]
    grow(pieces, region, progress)
    return pieces


def _sides(flow: NDArray[np.float64]) -> NDArray[np.int8]:
    """Divide vectors, shape (2, pixels), in two by direction: -1 and 1, and 0 for those between.

    The first line between them is across the axis along which the directions vary most; then each goes to the nearer
    one of the two means until that changes nothing.
    """
    length = np.hypot(*flow)
    unit = flow / np.where(length > 0, length, 1)
    (xx, xy), (_, yy) = np.cov(unit, ddof=0) if unit.shape[1] > 1 else np.zeros((2, 2))
    axis = 0.5 * math.atan2(2 * xy, xx - yy)
    side = _signs((unit - unit.mean(axis=1, keepdims=True)).T @ (math.cos(axis), math.sin(axis)))
    for _ in range(_ROUNDS):
        one, other = (_direction(flow[:, side == sign].sum(axis=1)) for sign in (-1, 1))
        nearer = _signs(unit.T @ (other - one))
        if (nearer == side).all():
            break
        side = nearer
    return side


def _signs(values: NDArray[np.float64]) -> NDArray[np.int8]:
    return np.where(np.abs(values) < _ROUNDING, 0, np.sign(values)).astype(np.int8)


def _direction(vector: NDArray[np.float64]) -> NDArray[np.float64]:
    length = math.hypot(*vector)
    return vector / length if length > 0 else vector


def _angle(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    """Return the angle between two vectors, in degrees; 0 where one has no direction."""
    if not one.any() or not other.any():
        return 0.0
    return math.degrees(math.acos(float(np.clip(_direction(one) @ _direction(other), -1, 1))))


def _inseparable(parts: Labels, flow: Flow, angle: float, pixel_size: tuple[float, float]) -> tuple[int, int] | None:
    """Return the neighbours that differ least among those that belong together, if there are any."""
    totals = [flow[:, parts == number].sum(axis=1) for number in range(int(parts.max(initial=0)) + 1)]
    found = []
    for one, other in contacts(parts).tolist():
        between = _angle(totals[one], totals[other])
        across = _normal(parts, (one, other), pixel_size)
        diverge = _direction(totals[one]) @ across < _ROUNDING and _direction(totals[other]) @ across > -_ROUNDING
        if between < angle * (1 - _ROUNDING) or not diverge:
            found.append((between, one, other))
    if not found:
        return None
    _, one, other = min(found)
    return one, other


def _normal(parts: Labels, pair: tuple[int, int], pixel_size: tuple[float, float]) -> NDArray[np.float64]:
    """Return the mean direction across the border of two parts, from the first to the second."""
    along_row, along_column = pixel_size
    # A side between neighbours in a row is as long as a pixel is along its column, and the other way round.
    right = _crossings(parts[:, :-1], parts[:, 1:], pair) * along_column
    down = _crossings(parts[:-1], parts[1:], pair) * along_row
    return _direction(np.array([right, down]))


def _crossings(before: Labels, after: Labels, pair: tuple[int, int]) -> int:
    """Return how often the first part is followed by the second, less how often the second is by the first."""
    one, other = pair
    forth, back = (before == one) & (after == other), (before == other) & (after == one)
    return int(np.count_nonzero(forth)) - int(np.count_nonzero(back))
