"""How well objects fit reference outlines: over- and under-segmentation after Clinton et al. (2010).

Clinton, N., Holt, A., Scarborough, J., Yan, L. and Gong, P. (2010): Accuracy assessment measures for object-based image
segmentation goodness. Photogrammetric Engineering and Remote Sensing 76(3), 289-299.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Labels = NDArray[np.uint32]


@dataclass(frozen=True)
class Goodness:
    """How well objects fit reference outlines; 0 is perfect, 1 is worst.

    Attributes
    ----------
    over : float
        Over-segmentation: the share of a reference outline that one of its objects leaves out.
    under : float
        Under-segmentation: the share of an object that lies outside the reference outline.
    """

    over: float
    under: float

    @property
    def d(self) -> float:
        """Both as one: the distance from perfect, sqrt((over² + under²) / 2)."""
        return math.sqrt((self.over**2 + self.under**2) / 2)


def goodness(reference: Labels, labels: Labels) -> Goodness:
    """Compare objects with reference outlines, by pixels.

    For a reference outline x and an object y, OS = 1 - |x ∩ y| / |x| and US = 1 - |x ∩ y| / |y|. An object corresponds
    to an outline that it shares pixels with if one of these holds: the outline's centroid lies in it, its centroid lies
    in the outline, more than half of it lies in the outline, or more than half of the outline lies in it. OS and US are
    averaged over the objects of each outline, then over the outlines, so that each landform counts alike. An outline
    without any corresponding object counts as 1.

    Parameters
    ----------
    reference, labels : uint32 arrays, shape (height, width)
        Outlines and objects by their numbers; 0 = none. Numbers that do not occur are passed over.

    Returns
    -------
    Goodness
        NaN where there is no outline.
    """
    outlines, pixels = np.unique(reference[reference > 0], return_counts=True)
    if not len(outlines):
        return Goodness(math.nan, math.nan)
    pairs = _Pairs.of(reference, labels)
    chosen = pairs.corresponding(reference, labels)
    owner = np.searchsorted(outlines, pairs.outline[chosen])
    shared = pairs.shared[chosen]
    over = 1 - shared / pixels[owner]
    under = 1 - shared / pairs.object_pixels[chosen]
    count = np.bincount(owner, minlength=len(outlines))
    means = [
        np.where(count > 0, np.bincount(owner, values, len(outlines)) / np.maximum(count, 1), 1.0).mean()
        for values in (over, under)
    ]
    return Goodness(float(means[0]), float(means[1]))


@dataclass(frozen=True)
class _Pairs:
    """All pairs of an outline and an object that share pixels."""

    outline: NDArray[np.int64]
    object: NDArray[np.int64]
    shared: NDArray[np.int64]
    outline_pixels: NDArray[np.int64]
    object_pixels: NDArray[np.int64]

    @classmethod
    def of(cls, reference: Labels, labels: Labels) -> _Pairs:
        both = (reference > 0) & (labels > 0)
        keys = (reference[both].astype(np.uint64) << np.uint64(32)) | labels[both]
        found, shared = np.unique(keys, return_counts=True)
        outline = (found >> np.uint64(32)).astype(np.int64)
        matched = (found & np.uint64(0xFFFFFFFF)).astype(np.int64)
        sizes = np.bincount(reference.ravel()), np.bincount(labels.ravel())
        return cls(outline, matched, shared, sizes[0][outline], sizes[1][matched])

    def corresponding(self, reference: Labels, labels: Labels) -> NDArray[np.bool_]:
        """Return which pairs belong together (the set Y* of Clinton et al. 2010)."""
        at_outline = _at_centroids(reference, labels)
        at_object = _at_centroids(labels, reference)
        chosen: NDArray[np.bool_] = (
            (at_outline[self.outline] == self.object)
            | (at_object[self.object] == self.outline)
            | (2 * self.shared > self.object_pixels)
            | (2 * self.shared > self.outline_pixels)
        )
        return chosen


def _at_centroids(regions: Labels, others: Labels) -> NDArray[np.uint32]:
    """Return, by region, what lies in another raster at the region's centroid."""
    rows, columns = np.nonzero(regions)
    owners = regions[rows, columns]
    sizes = np.maximum(np.bincount(owners), 1)
    row, column = (np.bincount(owners, place) / sizes for place in (rows, columns))
    # The centroid of pixel centres; one between two pixels belongs to the second.
    found: NDArray[np.uint32] = others[np.floor(row + 0.5).astype(np.intp), np.floor(column + 0.5).astype(np.intp)]
    return found
