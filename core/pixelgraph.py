"""The first round of merging, on the image itself, and the region adjacency graph that it leaves.

Every pixel is a region then, so that costs are differences of neighbouring pixels and need no graph.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .heterogeneity import Criterion
from .progress import Progress
from .regions import NEVER, Borders, Keys, Regions, Unions, disjoint, limit_key, merge_keys, summed_borders

_Side = tuple[slice, slice]
_ALL, _NOT_LAST, _NOT_FIRST = slice(None), slice(None, -1), slice(1, None)
# The pixels that have a right, and those that have a lower neighbour, each with these neighbours.
_NEIGHBOURS: tuple[tuple[_Side, _Side], ...] = (
    ((_ALL, _NOT_LAST), (_ALL, _NOT_FIRST)),
    ((_NOT_LAST, _ALL), (_NOT_FIRST, _ALL)),
)


@dataclass(frozen=True)
class Image:
    """What is segmented.

    Attributes
    ----------
    bands : float32 array, shape (bands, height, width)
        Bands on one scale, finite everywhere.
    valid : bool array, shape (height, width)
        Pixels that belong to objects.
    parent : int array, shape (height, width), or None
        Labels whose borders no object crosses.
    """

    bands: NDArray[np.float32]
    valid: NDArray[np.bool_]
    parent: NDArray[np.integer[Any]] | None = None

    @property
    def transposed(self) -> Image:
        """The image with rows and columns exchanged."""
        parent = None if self.parent is None else np.ascontiguousarray(self.parent.T)
        bands = np.ascontiguousarray(self.bands.transpose(0, 2, 1))
        return Image(bands, np.ascontiguousarray(self.valid.T), parent)

    def may_merge(self, side: _Side, other: _Side) -> NDArray[np.bool_]:
        """Whether each pixel of one slice may be in one object with its neighbour in the other."""
        allowed = self.valid[side] & self.valid[other]
        if self.parent is not None:
            allowed &= self.parent[side] == self.parent[other]
        return allowed


def first_round(
    image: Image, criterion: Criterion, scale: float, progress: Progress
) -> tuple[Regions, Borders, NDArray[np.int32]]:
    """Merge all pairs of pixels that are each other's best neighbour.

    Parameters
    ----------
    image : Image
        The image; its pixels count as the regions, in the order of rows.
    criterion : Criterion
        Measure of heterogeneity.
    scale : float
        Scale parameter.
    progress : Progress
        Asked whether to stop.

    Returns
    -------
    regions : Regions
        Regions of one or two pixels, in the order of their first pixels.
    borders : Borders
        Their borders, as far as objects may cross them.
    region : int32 array, shape (height, width)
        Region of each pixel, -1 where it is not valid.
    """
    height, width = image.valid.shape
    signature = pixel_signatures(height, width)
    first, second = _best_pairs(image, signature, criterion, scale, progress)
    region = _numbered(image.valid, first, second)
    progress.check()
    pixels = _Pixels(image.bands.reshape(len(image.bands), image.valid.size), signature.ravel(), width, criterion)
    regions = pixels.regions(_first_pixels(image.valid, second))
    progress.check()
    pairs = np.arange(len(first))
    parts = pixels.regions(np.concatenate((first, second)))
    shared = np.ones(len(first), np.int32)
    regions.put(region.ravel().take(first), Unions(parts, pairs, pairs + len(pairs), shared, criterion).merged())
    progress.check()
    return regions, _borders(image, region, progress), region


def pixel_signatures(height: int, width: int) -> NDArray[np.uint32]:
    """Return a number for each pixel that looks like chance; pixels mirrored about the diagonal share theirs.

    They do so that ties are broken alike in a raster and in its transpose. The mixing is that of SplitMix64 (Steele,
    Lea and Flood 2014).
    """
    rows = np.arange(height, dtype=np.uint64)[:, np.newaxis]
    columns = np.arange(width, dtype=np.uint64)
    place = (np.minimum(rows, columns) << np.uint64(32)) | np.maximum(rows, columns)
    place += np.uint64(0x9E3779B97F4A7C15)
    place ^= place >> np.uint64(30)
    place *= np.uint64(0xBF58476D1CE4E5B9)
    place ^= place >> np.uint64(27)
    place *= np.uint64(0x94D049BB133111EB)
    signatures: NDArray[np.uint32] = (place >> np.uint64(32)).astype(np.uint32)
    return signatures


def _best_pairs(
    image: Image, signature: NDArray[np.uint32], criterion: Criterion, scale: float, progress: Progress
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the flat indices of the pixels of each pair to merge, the first in the raster first."""
    best = np.full(image.valid.shape, limit_key(scale))
    keys = []
    for side, other in _NEIGHBOURS:
        keys.append(_pair_keys(image, signature, side, other, criterion))
        np.minimum(best[side], keys[-1], out=best[side])
        np.minimum(best[other], keys[-1], out=best[other])
        progress.check()
    number = np.arange(best.size).reshape(best.shape)
    firsts, seconds, chosen_keys = [], [], []
    for key, (side, other) in zip(keys, _NEIGHBOURS, strict=True):
        mutual = (key == best[side]) & (key == best[other]) & (key < limit_key(scale))
        firsts.append(number[side][mutual])
        seconds.append(number[other][mutual])
        chosen_keys.append(key[mutual])
    first, second = np.concatenate(firsts), np.concatenate(seconds)
    progress.check()
    apart = disjoint(first, second, np.concatenate(chosen_keys), best.size)
    return first.take(apart), second.take(apart)


def _pair_keys(image: Image, signature: NDArray[np.uint32], side: _Side, other: _Side, criterion: Criterion) -> Keys:
    one, two = np.array([1]), np.array([2])
    nothing = [np.zeros(1)] * len(image.bands)
    pair = criterion.heterogeneity(two, np.array([6]), np.array([6]), nothing)
    single = criterion.heterogeneity(one, np.array([4]), np.array([4]), nothing)
    cost = np.full(image.may_merge(side, other).shape, pair - 2 * single, np.float32)
    for weight, band in zip(criterion.weights, image.bands, strict=True):
        # Two pixels d apart have n s = 2 (d / 2).
        difference = np.abs(band[side] - band[other])
        difference *= np.float32((1 - criterion.shape) * weight)
        cost += difference
    keys = merge_keys(cost, signature[side] + signature[other])
    keys[~image.may_merge(side, other)] = NEVER
    return keys


def _first_pixels(valid: NDArray[np.bool_], second: NDArray[np.intp]) -> NDArray[np.intp]:
    begins = valid.ravel().copy()
    begins[second] = False
    return np.flatnonzero(begins)


def _numbered(valid: NDArray[np.bool_], first: NDArray[np.intp], second: NDArray[np.intp]) -> NDArray[np.int32]:
    region = np.full(valid.size, -1, np.int32)
    begins = _first_pixels(valid, second)
    region[begins] = np.arange(len(begins), dtype=np.int32)
    region[second] = region[first]
    return region.reshape(valid.shape)


def _borders(image: Image, region: NDArray[np.int32], progress: Progress) -> Borders:
    ones, others = [], []
    for side, other in _NEIGHBOURS:
        apart = (region[side] != region[other]) & image.may_merge(side, other)
        ones.append(region[side][apart])
        others.append(region[other][apart])
        progress.check()
    one = np.concatenate(ones)
    return summed_borders(one, np.concatenate(others), np.ones(len(one), np.int32))


@dataclass(frozen=True)
class _Pixels:
    """All pixels of an image, by flat index, as regions."""

    bands: NDArray[np.float32]
    signature: NDArray[np.uint32]
    width: int
    criterion: Criterion

    def regions(self, index: NDArray[np.intp]) -> Regions:
        row, column = np.divmod(index.astype(np.int32), np.int32(self.width))
        size, perimeter = np.ones(len(index), np.int64), np.full(len(index), 4, np.int64)
        mean = self.bands.take(index, axis=1).astype(np.float64)
        squares = np.zeros_like(mean)
        heterogeneity = self.criterion.heterogeneity(size, perimeter, perimeter, squares)
        box = np.stack((-row, -column, row + 1, column + 1), axis=1)
        return Regions(size, perimeter, box, mean, squares, heterogeneity, self.signature.take(index))
