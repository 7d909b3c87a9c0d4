"""The first round of merging, on the image itself, and the region adjacency graph that it leaves.

Every pixel is a region then, so that costs are differences of neighbouring pixels and need no graph.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..progress import Progress
from ..rasters.grid import Window
from .heterogeneity import Criterion
from .regions import NEVER, Borders, Keys, Regions, disjoint, limit_key, merge_keys, summed_borders

_Side = tuple[slice, slice]
_ALL, _NOT_LAST, _NOT_FIRST = slice(None), slice(None, -1), slice(1, None)
# The pixels that have a right, and those that have a lower neighbour, each with these neighbours.
_NEIGHBOURS: tuple[tuple[_Side, _Side], ...] = (
    ((_ALL, _NOT_LAST), (_ALL, _NOT_FIRST)),
    ((_NOT_LAST, _ALL), (_NOT_FIRST, _ALL)),
)
# A pixel's fate in the first round depends on its own neighbours, on theirs, and, with ties, on theirs again: pixels
# in as many lines along a cut may become something else than it seems.
_UNKNOWN_LINES = 3


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
    children : uint32 array, shape (height, width), or None
        Labels of the objects that are merged; pixels where None.
    """

    bands: NDArray[np.float32]
    valid: NDArray[np.bool_]
    parent: NDArray[np.integer[Any]] | None = None
    children: NDArray[np.integer[Any]] | None = None

    @property
    def transposed(self) -> Image:
        """The image with rows and columns exchanged."""
        return Image(
            np.ascontiguousarray(self.bands.transpose(0, 2, 1)),
            np.ascontiguousarray(self.valid.T),
            None if self.parent is None else np.ascontiguousarray(self.parent.T),
            None if self.children is None else np.ascontiguousarray(self.children.T),
        )

    @property
    def layers(self) -> list[NDArray[Any]]:
        """All that the image consists of, one array of its size after the other."""
        labels = [layer for layer in (self.parent, self.children) if layer is not None]
        return [self.valid, *self.bands, *labels]

    def window(self, window: Window) -> Image:
        """Return the part of the image in a window."""
        part = np.s_[window.y : window.y + window.height, window.x : window.x + window.width]
        return Image(
            self.bands[:, part[0], part[1]],
            self.valid[part],
            None if self.parent is None else self.parent[part],
            None if self.children is None else self.children[part],
        )

    def may_merge(self, side: _Side, other: _Side) -> NDArray[np.bool_]:
        """Whether each pixel of one slice may be in one object with its neighbour in the other."""
        allowed = self.valid[side] & self.valid[other]
        if self.parent is not None:
            allowed &= self.parent[side] == self.parent[other]
        return allowed


@dataclass(frozen=True)
class Frame:
    """Where an image lies in the raster.

    Attributes
    ----------
    window : Window
        Its pixels.
    width, height : int
        Size of the raster.
    """

    window: Window
    width: int
    height: int

    @property
    def inside(self) -> tuple[slice, slice]:
        """The rows and columns away from the cuts: the sides of the image beyond which the raster goes on."""
        x, y, width, height = self.window
        return (
            slice(_UNKNOWN_LINES if y else 0, height - (_UNKNOWN_LINES if y + height < self.height else 0)),
            slice(_UNKNOWN_LINES if x else 0, width - (_UNKNOWN_LINES if x + width < self.width else 0)),
        )

    def place(self, index: NDArray[np.intp]) -> NDArray[np.int64]:
        """Return the position in the raster, row by row, of pixels given by their flat index in the image."""
        row, column = np.divmod(index, self.window.width)
        return (row + self.window.y) * np.int64(self.width) + (column + self.window.x)


@dataclass(frozen=True)
class FirstRound:
    """What the first round leaves.

    Attributes
    ----------
    regions : Regions
        Regions of one or two pixels, in the order of their first pixels.
    borders : Borders
        Their borders, as far as objects may cross them.
    touching : int array
        Numbers of the regions that have a neighbour beyond a cut, or one that may look different without the cut.
    region : int32 array, shape (height, width)
        Region of each pixel; the number of regions where it is not valid, or too near a cut.
    first : int array
        First pixel of each region, by its flat index in the image.
    """

    regions: Regions
    borders: Borders
    touching: NDArray[np.int32]
    region: NDArray[np.int32]
    first: NDArray[np.intp]


def first_round(image: Image, frame: Frame, criterion: Criterion, scale: float, progress: Progress) -> FirstRound:
    """Merge all pairs of pixels that are each other's best neighbour.

    Parameters
    ----------
    image : Image
        The image; its pixels count as the regions, in the order of rows.
    frame : Frame
        Where it lies in the raster.
    criterion : Criterion
        Measure of heterogeneity.
    scale : float
        Scale parameter.
    progress : Progress
        Asked whether to stop.
    """
    signature = pixel_signatures(frame.window)
    first, second = _best_pairs(image, signature, criterion, scale, progress)
    known = _known(image.valid, frame, first, second)
    pairs = np.flatnonzero(known.take(first))
    first, second = first.take(pairs), second.take(pairs)
    region, begins = _numbered(known, first, second, image.valid.shape)
    progress.check()
    partner = np.arange(image.valid.size)
    partner[first] = second
    regions = _measured(image, signature, frame, begins, partner.take(begins), criterion)
    # What follows takes the most memory.
    del partner, signature
    progress.check()
    borders, touching = region_borders(image, region, region.shape, len(begins), progress)
    return FirstRound(regions, borders, touching, region, begins)


def pixel_signatures(window: Window) -> NDArray[np.uint32]:
    """Return a number for each pixel that looks like chance; pixels mirrored about the diagonal share theirs.

    They do so that ties are broken alike in a raster and in its transpose. The mixing is that of SplitMix64 (Steele,
    Lea and Flood 2014).
    """
    rows = np.arange(window.y, window.y + window.height, dtype=np.uint64)[:, np.newaxis]
    columns = np.arange(window.x, window.x + window.width, dtype=np.uint64)
    place = (np.minimum(rows, columns) << np.uint64(32)) | np.maximum(rows, columns)
    place += np.uint64(0x9E3779B97F4A7C15)
    place ^= place >> np.uint64(30)
    place *= np.uint64(0xBF58476D1CE4E5B9)
    place ^= place >> np.uint64(27)
    place *= np.uint64(0x94D049BB133111EB)
    signatures: NDArray[np.uint32] = (place >> np.uint64(32)).astype(np.uint32)
    return signatures


def region_borders(
    image: Image, region: NDArray[np.int32], extent: tuple[int, ...], nobody: int, progress: Progress
) -> tuple[Borders, NDArray[np.int32]]:
    """Return the borders between regions that may merge, and the regions that may merge with what has no number.

    Parameters
    ----------
    image : Image
        The image.
    region : int32 array, shape (height, width)
        Region of each pixel.
    extent : tuple of int
        Rows and columns of the pixels whose borders with their right and lower neighbours are wanted.
    nobody : int
        The number of pixels of no region.
    progress : Progress
        Asked whether to stop.
    """
    ones, others, touching = [], [], []
    for (side, beside), step in zip(_NEIGHBOURS, (1, region.shape[1]), strict=True):
        apart = np.zeros(region.shape, bool)
        apart[side] = (region[side] != region[beside]) & image.may_merge(side, beside)
        apart[extent[0] :] = False
        apart[:, extent[1] :] = False
        place = np.flatnonzero(apart)
        one, two = region.ravel().take(place), region.ravel().take(place + step)
        unknown, known = two == nobody, one != nobody
        if unknown.any() or not known.all():
            touching += [one.take(np.flatnonzero(unknown)), two.take(np.flatnonzero(~known))]
            kept = np.flatnonzero(known & ~unknown)
            one, two = one.take(kept), two.take(kept)
        ones.append(one)
        others.append(two)
        progress.check()
    one, other = np.concatenate(ones), np.concatenate(others)
    ones.clear()
    others.clear()
    borders = summed_borders(one, other, np.ones(len(one), np.int32))
    return borders, np.concatenate(touching) if touching else np.zeros(0, np.int32)


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
    width = image.valid.shape[1]
    firsts, chosen_keys, steps = [], [], (1, width)
    for key, (side, other) in zip(keys, _NEIGHBOURS, strict=True):
        mutual = np.zeros(best.shape, bool)
        mutual[side] = (key == best[side]) & (key == best[other]) & (key < limit_key(scale))
        firsts.append(np.flatnonzero(mutual))
        chosen_keys.append(best.ravel().take(firsts[-1]))
    first = np.concatenate(firsts)
    second = np.concatenate([one + step for one, step in zip(firsts, steps, strict=True)])
    progress.check()
    apart = disjoint(first, second, np.concatenate(chosen_keys), best.size)
    return first.take(apart), second.take(apart)


def _pair_keys(image: Image, signature: NDArray[np.uint32], side: _Side, other: _Side, criterion: Criterion) -> Keys:
    one, two = np.array([1]), np.array([2])
    nothing = [np.zeros(1)] * len(image.bands)
    pair = criterion.heterogeneity(two, np.array([6]), np.array([6]), nothing)
    single = criterion.heterogeneity(one, np.array([4]), np.array([4]), nothing)
    allowed = image.may_merge(side, other)
    cost = np.full(allowed.shape, pair - 2 * single, np.float32)
    for weight, band in zip(criterion.weights, image.bands, strict=True):
        # Two pixels d apart have n s = 2 (d / 2).
        difference = np.subtract(band[side], band[other])
        np.abs(difference, out=difference)
        difference *= np.float32((1 - criterion.shape) * weight)
        cost += difference
    keys = merge_keys(cost, signature[side] + signature[other])
    if not allowed.all():
        keys[~allowed] = NEVER
    return keys


def _known(
    valid: NDArray[np.bool_], frame: Frame, first: NDArray[np.intp], second: NDArray[np.intp]
) -> NDArray[np.bool_]:
    """Return which pixels are in regions of the first round that do not depend on what lies beyond a cut, flat."""
    known = np.zeros(valid.shape, bool)
    known[frame.inside] = valid[frame.inside]
    flat = known.ravel()
    for one, other in ((first, second), (second, first)):
        flat[one.take(np.flatnonzero(~flat.take(other)))] = False
    return flat


def _numbered(
    known: NDArray[np.bool_], first: NDArray[np.intp], second: NDArray[np.intp], shape: tuple[int, ...]
) -> tuple[NDArray[np.int32], NDArray[np.intp]]:
    """Return the region of each pixel, and the first pixel of each region."""
    known[second] = False
    begins = np.flatnonzero(known)
    region = np.full(len(known), len(begins), np.int32)
    region[begins] = np.arange(len(begins), dtype=np.int32)
    region[second] = region.take(first)
    return region.reshape(shape), begins


def _measured(
    image: Image,
    signature: NDArray[np.uint32],
    frame: Frame,
    first: NDArray[np.intp],
    second: NDArray[np.intp],
    criterion: Criterion,
) -> Regions:
    """Return regions of two pixels, or of one that is named twice."""
    regions = Regions(len(first), len(image.bands), np.float32)
    pair = first != second
    regions.size[:] = 1 + pair
    regions.perimeter[:] = 4 + 2 * pair
    width = image.valid.shape[1]
    top, left = np.divmod(first.astype(np.int32), np.int32(width))
    bottom, right = np.divmod(second.astype(np.int32), np.int32(width))
    corners = (-top - frame.window.y, -left - frame.window.x, bottom + frame.window.y + 1, right + frame.window.x + 1)
    for values, corner in zip(regions.box, corners, strict=True):
        values[:] = corner
    signature = signature.ravel()
    regions.signature[:] = signature.take(first) + np.where(pair, signature.take(second), np.uint32(0))
    for number, band in enumerate(image.bands):
        one, other = band.ravel().take(first), band.ravel().take(second)
        regions.mean(number)[:] = (one + other) * np.float32(0.5)
        one -= other
        one *= one
        regions.squares(number)[:] = one * np.float32(0.5)
    regions.measure(criterion)
    return regions
