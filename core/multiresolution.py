"""Multiresolution segmentation of an image in memory after Baatz and Schaepe (2000)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .heterogeneity import Criterion
from .pixelgraph import Image, first_round
from .progress import Progress
from .regions import Graph


def segmented(image: Image, criterion: Criterion, scale: float, progress: Progress) -> NDArray[np.uint32]:
    """Merge pixels to objects until no merge of neighbours costs less than the square of the scale parameter.

    In every round, all pairs of regions merge that are each other's best neighbour. Objects are 4-connected. The
    transposed image gives the transposed objects, unless it is its own transpose.

    Parameters
    ----------
    image : Image
        What to segment.
    criterion : Criterion
        Measure of heterogeneity.
    scale : float
        Scale parameter.
    progress : Progress
        Told of every round, and asked whether to stop.

    Returns
    -------
    uint32 array, shape (height, width)
        Labels from 1 in the order of the objects' first pixels, row by row; 0 where the image is not valid.
    """
    if _reads_by_columns(image):
        return renumbered(_labels(image.transposed, criterion, scale, progress).T)
    return _labels(image, criterion, scale, progress)


def renumbered(labels: NDArray[np.uint32]) -> NDArray[np.uint32]:
    """Return labels 1..n, numbered anew in the order of their first pixels, row by row; 0 stays."""
    flat = labels.ravel()
    first = np.full(int(flat.max(initial=0)) + 1, -1)
    # Of several values stored in one place the last stays, hence backwards.
    first[flat[::-1]] = np.arange(len(flat))[::-1]
    number = np.zeros(len(first), np.uint32)
    number[1 + np.argsort(first[1:])] = np.arange(1, len(first))
    return number.take(labels)


def _reads_by_columns(image: Image) -> bool:
    """Whether to work on the transposed image.

    Ties between regions that are mirrored about the diagonal are broken by the order of pixels. So that they are
    broken alike in an image and in its transpose, the two are worked on as one and the same: the one that is wider
    than high, or else the one with the smaller number above the diagonal where the two first differ.
    """
    height, width = image.valid.shape
    if height != width:
        return height > width
    layers = [image.valid, *image.bands] if image.parent is None else [image.valid, *image.bands, image.parent]
    for layer in layers:
        differs = layer != layer.T
        if differs.any():
            row, column = divmod(int(differs.argmax()), width)
            return bool(layer[column, row] < layer[row, column])
    return False


def _labels(image: Image, criterion: Criterion, scale: float, progress: Progress) -> NDArray[np.uint32]:
    progress.report(0, "Merging pixels")
    regions, borders, region = first_round(image, criterion, scale, progress)
    graph = Graph(regions, borders, criterion, scale, progress)
    most = 1
    while pairs := graph.merge_best():
        most = max(most, pairs)
        progress.report(1 - pairs / most, "Merging objects")
    progress.report(1, "Merging objects")
    graph.compact()
    label = np.zeros(len(graph.region_now) + 1, np.uint32)
    # Pixels of no region have number -1, which is the last place.
    label[:-1] = graph.region_now + 1
    return label.take(region)
