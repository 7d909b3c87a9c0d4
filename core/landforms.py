"""The steps that turn a mask of classified pixels into landforms: plain arrays in, plain arrays out.

Masks are arrays of bool, shape (height, width). `known` is the mask of pixels that are not nodata: no step goes into
nodata, and neither nodata nor the end of the array counts as something that a landform ends at. Lengths have the unit
of `pixel_size`, the side of a pixel along a row and along a column.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from skimage.segmentation import watershed

Mask = NDArray[np.bool_]
Labels = NDArray[np.uint32]

# Landforms are connected through the sides of pixels; what surrounds them is then connected through corners too.
_THROUGH_CORNERS = np.ones((3, 3), bool)
# Pixel sizes are rounded, so that 100 pixels of 100 square metres may be a little less than 10000.
_ROUNDING = 1e-9


def grow(mask: Mask, candidates: Mask) -> Mask:
    """Add the candidate pixels that are connected with the mask through sides of candidates (reconstruction).

    Parameters
    ----------
    mask : array of bool, shape (height, width)
        Where to start.
    candidates : array of bool, shape (height, width)
        Pixels that may be added, such as those with a high heatmap value.

    Returns
    -------
    array of bool, shape (height, width)
    """
    regions, count = ndimage.label(mask | candidates)
    reached = np.zeros(count + 1, bool)
    reached[regions[mask]] = True
    reached[0] = False
    grown: Mask = reached[regions]
    return grown


def fill_holes(mask: Mask, max_pixels: float) -> Mask:
    """Fill holes of a limited size, whatever is in them: a landform does not end at a small patch of nodata inside it.

    Parameters
    ----------
    mask : array of bool, shape (height, width)
        Landforms. A gap that is connected with the outside through a corner, or that reaches the end of the array, is
        no hole.
    max_pixels : float
        Number of pixels of the largest hole to fill.

    Returns
    -------
    array of bool, shape (height, width)
    """
    gaps, _ = ndimage.label(~mask, _THROUGH_CORNERS)
    is_hole = np.bincount(gaps.ravel()) <= max_pixels * (1 + _ROUNDING)
    for edge in (gaps[0], gaps[-1], gaps[:, 0], gaps[:, -1]):
        is_hole[edge] = False
    is_hole[0] = False
    filled: Mask = mask | is_hole[gaps]
    return filled


def smooth(mask: Mask, known: Mask, radius: float, pixel_size: tuple[float, float]) -> Mask:
    """Close, then open with a disc: fills clefts and cuts off spurs that are narrower than the disc.

    Parameters
    ----------
    mask : array of bool, shape (height, width)
        Landforms, all of them known.
    known : array of bool, shape (height, width)
        Pixels that are not nodata.
    radius : float
        Radius of the disc; one that is shorter than the side of a pixel changes nothing.
    pixel_size : tuple of 2 float
        Side of a pixel along a row and along a column.

    Returns
    -------
    array of bool, shape (height, width)
        A pixel depends on those up to four radii away.
    """
    closed = _eroded(_dilated(mask, known, radius, pixel_size), known, radius, pixel_size)
    return _dilated(_eroded(closed, known, radius, pixel_size), known, radius, pixel_size)


def connected(mask: Mask) -> Labels:
    """Label the parts of a mask that are connected through the sides of pixels, from 1; the rest is 0."""
    labels = np.empty(mask.shape, np.uint32)
    ndimage.label(mask, output=labels)
    return labels


def boxes(labels: Labels, margin: int) -> Iterator[tuple[int, tuple[slice, slice]]]:
    """Yield each label with its bounding box, widened by `margin` pixels within the array."""
    for label, box in enumerate(ndimage.find_objects(labels.astype(np.int32, copy=False)), start=1):
        if box is not None:
            rows, columns = (slice(max(side.start - margin, 0), side.stop + margin) for side in box)
            yield label, (rows, columns)


def split(landform: Mask, known: Mask, width: float, pixel_size: tuple[float, float]) -> NDArray[np.int32]:
    """Cut one landform at its narrow necks: watershed of the distance to the border, from its wide parts.

    Parameters
    ----------
    landform : array of bool, shape (height, width)
        One landform.
    known : array of bool, shape (height, width)
        Pixels that are not nodata.
    width : float
        A neck is cut where it is narrower, to within one pixel.
    pixel_size : tuple of 2 float
        Side of a pixel along a row and along a column.

    Returns
    -------
    array of int32, shape (height, width)
        Numbers of the parts from 1, 0 elsewhere. A landform that is narrow all over remains one part.
    """
    # Distances are between the centres of pixels; the border lies half a pixel before the first one outside.
    distance = _distance(known & ~landform, pixel_size) - min(pixel_size) / 2
    cores, count = ndimage.label(landform & (distance >= width / 2))
    if count < 2:
        return landform.astype(np.int32)
    parts: NDArray[np.int32] = watershed(-distance, cores, connectivity=1, mask=landform)  # type: ignore[no-untyped-call]
    return parts


def drop_small(labels: Labels, min_pixels: float) -> Labels:
    """Return labels without those of fewer pixels than `min_pixels`, which become 0."""
    kept = np.bincount(labels.ravel()) >= min_pixels * (1 - _ROUNDING)
    return np.where(kept[labels], labels, 0).astype(np.uint32)


def renumber(labels: Labels) -> tuple[Labels, int]:
    """Give labels from 1 in the order of their first pixels, row by row; return them and how many there are."""
    flat = labels.ravel()
    pixels = np.flatnonzero(flat)
    first = np.full(int(flat.max(initial=0)) + 1, flat.size)
    # Of several numbers assigned to one place the last remains, which is that of the first pixel.
    first[flat[pixels[::-1]]] = pixels[::-1]
    first[0] = flat.size
    present = np.flatnonzero(first < flat.size)
    number = np.zeros(len(first), np.uint32)
    number[present[np.argsort(first[present])]] = np.arange(1, len(present) + 1)
    renumbered: Labels = number[labels]
    return renumbered, len(present)


def reach(length: float, pixel_size: tuple[float, float]) -> int:
    """Return the number of pixels that a length spans at most."""
    return math.ceil(length / min(pixel_size))


def _dilated(mask: Mask, known: Mask, radius: float, pixel_size: tuple[float, float]) -> Mask:
    return known & (_distance(mask, pixel_size) <= radius * (1 + _ROUNDING))


def _eroded(mask: Mask, known: Mask, radius: float, pixel_size: tuple[float, float]) -> Mask:
    return mask & (_distance(known & ~mask, pixel_size) > radius * (1 + _ROUNDING))


def _distance(mask: Mask, pixel_size: tuple[float, float]) -> NDArray[np.float64]:
    """Return each pixel's distance to the nearest pixel of a mask; infinite where the mask is empty."""
    if not mask.any():
        return np.full(mask.shape, np.inf)
    along_row, along_column = pixel_size
    distance: NDArray[np.float64] = ndimage.distance_transform_edt(~mask, sampling=(along_column, along_row))
    return distance
