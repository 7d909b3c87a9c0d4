"""Labels of landforms, held for a whole raster: numbering, contacts, parts and sizes.

Labels are arrays of uint32, shape (height, width); 0 is no landform. Functions that return no labels change those that
they are given, strip by strip, so that no second array of the raster's size is needed. Landforms are connected through
the sides of pixels.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

Mask = NDArray[np.bool_]
Labels = NDArray[np.uint32]
Pairs = NDArray[np.int64]

# Pixel sizes are rounded, so that 100 pixels of 100 square metres may be a little less than 10000.
ROUNDING = 1e-9
_STRIP_PIXELS = 2**21


def strips(labels: NDArray[np.generic]) -> Iterator[slice]:
    """Yield slices of rows that cover an array, each of a few megapixels at most."""
    rows = max(_STRIP_PIXELS // max(labels.shape[1], 1), 1)
    for first in range(0, labels.shape[0], rows):
        yield slice(first, min(first + rows, labels.shape[0]))


def connected(mask: Mask) -> Labels:
    """Label the parts of a mask that are connected through the sides of pixels, from 1; the rest is 0."""
    labels = np.empty(mask.shape, np.uint32)
    ndimage.label(mask, output=labels)
    return labels


def merge(labels: Labels) -> None:
    """Make one label of all pixels that are connected through sides, whatever their labels were."""
    ndimage.label(labels > 0, output=labels)


def boxes(labels: Labels, margin: int) -> Iterator[tuple[int, tuple[slice, slice]]]:
    """Yield each label with its bounding box, widened by `margin` pixels within the array."""
    for label, box in enumerate(ndimage.find_objects(labels.view(np.int32)), start=1):
        if box is not None:
            rows, columns = (slice(max(side.start - margin, 0), side.stop + margin) for side in box)
            yield label, (rows, columns)


def sizes(labels: Labels) -> NDArray[np.int64]:
    """Return the number of pixels of each label from 0 to the largest."""
    count = int(labels.max(initial=0)) + 1
    total = np.zeros(count, np.int64)
    for rows in strips(labels):
        total += np.bincount(labels[rows].ravel(), minlength=count)
    return total


def contacts(labels: Labels) -> Pairs:
    """Return the pairs of labels that share a side of a pixel.

    Returns
    -------
    array of int64, shape (pairs, 2)
        The smaller label first, in ascending order, each pair once.
    """
    found = [np.empty(0, np.int64)]
    for rows in strips(labels):
        here, below = labels[rows], labels[rows.start : rows.stop + 1]
        found += [_pairs(here[:, :-1], here[:, 1:]), _pairs(below[:-1], below[1:])]
    keys = np.unique(np.concatenate(found))
    return np.column_stack((keys >> 32, keys & 0xFFFFFFFF))


def _pairs(one: Labels, other: Labels) -> NDArray[np.int64]:
    """Return a number for each pair of labels that differ, without repetition."""
    differ = (one != other) & (one > 0) & (other > 0)
    low, high = np.minimum(one[differ], other[differ]), np.maximum(one[differ], other[differ])
    keys: NDArray[np.int64] = np.unique(low.astype(np.int64) << 32 | high)
    return keys


def join(labels: Labels, pairs: Pairs, apart: Pairs) -> None:
    """Make one label of all that are linked by pairs, but of none that are to stay apart.

    The largest pairs are joined first, so that what links two that stay apart goes to the larger one.

    Parameters
    ----------
    labels : array of uint32, shape (height, width)
        Changed.
    pairs, apart : array of int64, shape (n, 2)
    """
    if not len(pairs):
        return
    pixels = sizes(labels)
    group = list(range(len(pixels)))
    members = {label: [label] for label in group}
    strangers: dict[int, set[int]] = {label: set() for label in group}
    for one, other in apart.tolist():
        strangers[one].add(other)
        strangers[other].add(one)
    for one, other in sorted(pairs.tolist(), key=lambda pair: (-pixels[pair[0]] - pixels[pair[1]], pair)):
        first, second = sorted((group[one], group[other]))
        if first == second or not strangers[first].isdisjoint(members[second]):
            continue
        for label in members[second]:
            group[label] = first
        members[first] += members.pop(second)
        strangers[first] |= strangers.pop(second)
    _apply(labels, np.array(group, np.uint32))


def separate(labels: Labels) -> None:
    """Give every part of a label that is not connected with the others a label of its own."""
    largest = int(labels.max(initial=0))
    for label, box in boxes(labels, 0):
        parts, count = ndimage.label(labels[box] == label)
        if count > 1:
            further = parts > 1
            labels[box][further] = parts[further] + (largest - 1)
            largest += count - 1


def drop_small(labels: Labels, min_pixels: float) -> None:
    """Set labels of fewer pixels than `min_pixels` to 0."""
    keep(labels, sizes(labels) >= min_pixels * (1 - ROUNDING))


def keep(labels: Labels, kept: Mask) -> None:
    """Set labels to 0 that are not to be kept; `kept` has a place for each label from 0."""
    _apply(labels, np.where(kept, np.arange(len(kept)), 0))


def renumber(labels: Labels) -> int:
    """Give labels from 1 in the order of their first pixels, row by row; return how many there are."""
    first = np.full(int(labels.max(initial=0)) + 1, labels.size)
    for rows in reversed(list(strips(labels))):
        flat = labels[rows].ravel()
        # Of several numbers assigned to one place the last remains, which is that of the first pixel.
        pixels = np.flatnonzero(flat)[::-1]
        first[flat[pixels]] = pixels + rows.start * labels.shape[1]
    present = np.flatnonzero(first < labels.size)
    number = np.zeros(len(first), np.uint32)
    number[present[np.argsort(first[present])]] = np.arange(1, len(present) + 1)
    _apply(labels, number)
    return len(present)


def clear(labels: Labels, mask: Mask) -> None:
    """Set the labels inside a mask to 0."""
    for rows in strips(labels):
        labels[rows][mask[rows]] = 0


def reach(length: float, pixel_size: tuple[float, float]) -> int:
    """Return the number of pixels that a length spans at most."""
    return math.ceil(length / min(pixel_size))


def _apply(labels: Labels, number: NDArray[np.generic]) -> None:
    """Replace each label by its number in a table."""
    for rows in strips(labels):
        labels[rows] = number[labels[rows]]
