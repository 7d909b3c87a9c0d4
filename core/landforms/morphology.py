"""Masks shaped by distances: what is near, discs that smooth, holes that are filled.

Masks are arrays of bool, shape (height, width). `known` is the mask of pixels that are not nodata: nothing extends into
nodata, and a landform that reaches nodata or the end of the array does not end there. Lengths have the unit
of `pixel_size`, the side of a pixel along a row and along a column.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from .landforms import ROUNDING, Mask, reach

# Landforms are connected through the sides of pixels; what surrounds them is then connected through corners too.
_THROUGH_CORNERS = np.ones((3, 3), bool)


def near(mask: Mask, length: float, pixel_size: tuple[float, float]) -> Mask:
    """Return the pixels that are at most `length` from one of the mask, between the centres of pixels."""
    within: Mask = distance(mask, pixel_size) <= length * (1 + ROUNDING)
    return within


def small_holes(mask: Mask, max_pixels: float) -> Mask:
    """Return the holes of a limited size, whatever is in them: a landform does not end at a patch of nodata inside it.

    Parameters
    ----------
    mask : array of bool, shape (height, width)
        Landforms. A gap that is connected with the outside through a corner, or that reaches the end of the array, is
        no hole.
    max_pixels : float
        Number of pixels of the largest hole.

    Returns
    -------
    array of bool, shape (height, width)
    """
    gaps, _ = ndimage.label(~mask, _THROUGH_CORNERS)
    is_hole = np.bincount(gaps.ravel()) <= max_pixels * (1 + ROUNDING)
    for edge in (gaps[0], gaps[-1], gaps[:, 0], gaps[:, -1]):
        is_hole[edge] = False
    is_hole[0] = False
    holes: Mask = is_hole[gaps]
    return holes


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
    closed = known & _closed(mask, known, radius, pixel_size)
    return _dilated(_eroded(closed, known, radius, pixel_size), known, radius, pixel_size)


def distance(mask: Mask, pixel_size: tuple[float, float]) -> NDArray[np.float64]:
    """Return each pixel's distance to the nearest pixel of a mask; infinite where the mask is empty."""
    if not mask.any():
        return np.full(mask.shape, np.inf)
    along_row, along_column = pixel_size
    nearest: NDArray[np.float64] = ndimage.distance_transform_edt(~mask, sampling=(along_column, along_row))
    return nearest


def _closed(mask: Mask, known: Mask, radius: float, pixel_size: tuple[float, float]) -> Mask:
    """Fill clefts.

    Nodata and what is beyond the array is taken for what lies nearest: a cleft goes on there, and a straight border
    that faces it has none.
    """
    margin = reach(radius, pixel_size) + 1
    wide, outside = np.pad(mask, margin), np.pad(known & ~mask, margin)
    unknown = ~(wide | outside)
    wide |= unknown & (distance(wide, pixel_size) <= distance(outside, pixel_size))
    dilated = near(wide, radius, pixel_size)
    closed = dilated & ~near(~dilated, radius, pixel_size)
    return closed[margin:-margin, margin:-margin]


def _dilated(mask: Mask, known: Mask, radius: float, pixel_size: tuple[float, float]) -> Mask:
    return known & near(mask, radius, pixel_size)


def _eroded(mask: Mask, known: Mask, radius: float, pixel_size: tuple[float, float]) -> Mask:
    return mask & ~near(known & ~mask, radius, pixel_size)
