"""Splitting a landform at its necks: watershed of the distance to the border, from the wide parts."""

from __future__ import annotations

import numpy as np

from ..progress import Progress
from .growth import grow
from .landforms import ROUNDING, Labels, Mask, connected, keep, renumber, sizes
from .morphology import distance

# Roots of equal sums differ in their last digits.
_DIGITS = 6


def split_at_necks(
    landform: Mask, known: Mask, width: float, min_pixels: float, pixel_size: tuple[float, float], progress: Progress
) -> Labels:
    """Cut one landform at its narrow necks.

    Parameters
    ----------
    landform : array of bool, shape (height, width)
        One landform.
    known : array of bool, shape (height, width)
        Pixels that are not nodata.
    width : float
        A neck is cut where it is narrower, to within one pixel.
    min_pixels : float
        Smallest part; a smaller one stays with the part that it touches.
    pixel_size : tuple of 2 float
        Side of a pixel along a row and along a column.
    progress : Progress
        May cancel.

    Returns
    -------
    array of uint32, shape (height, width)
        Numbers of the parts from 1, 0 elsewhere. A landform that is narrow all over remains one part.
    """
    # Distances are between the centres of pixels; the border lies half a pixel before the first one outside.
    depth = distance(known & ~landform, pixel_size) - min(pixel_size) / 2
    is_core = landform & (depth >= width / 2)
    parts = connected(is_core)
    if parts.max(initial=0) < 2:
        return landform.astype(np.uint32)
    depth = np.round(depth, _DIGITS)
    for level in np.unique(depth[landform & ~is_core])[::-1]:
        grow(parts, landform & (depth >= level), progress)
    return _without_small_parts(parts, landform, min_pixels, progress)


def _without_small_parts(parts: Labels, landform: Mask, min_pixels: float, progress: Progress) -> Labels:
    large = sizes(parts) >= min_pixels * (1 - ROUNDING)
    large[0] = False
    if np.count_nonzero(large) < 2:
        return landform.astype(np.uint32)
    keep(parts, large)
    grow(parts, landform, progress)
    renumber(parts)
    return parts
