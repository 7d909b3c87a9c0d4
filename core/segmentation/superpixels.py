"""The segmentation methods of scikit-image on an image in memory: slic, felzenszwalb, watershed on the gradient."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from skimage.measure import label
from skimage.segmentation import felzenszwalb, slic, watershed

from ..rasters.stretch import WHITE
from .heterogeneity import Criterion
from .image import Image

SLIC, FELZENSZWALB, WATERSHED = "slic", "felzenszwalb", "watershed"

Labels = NDArray[np.uint32]
_Colours = NDArray[np.float32]

# Pieces of fewer pixels than this share of the square of the scale join their neighbours.
_SMALLEST_SHARE = 1 / 8
# Felzenszwalb's k for each pixel of the scale: objects of 10 m scenes come out about as large as those of slic.
_GREY_LEVELS = 4


def superpixels(image: Image, method: str, criterion: Criterion, scale: float) -> Labels:
    """Cut an image into objects.

    Bands are multiplied by the square roots of their weights, so that squared differences count by weight. Pixels that
    are not valid get the values of the nearest valid one while the method runs, so that no border is seen where data
    end. Its pieces that are smaller than an eighth of `scale` squared pixels join their neighbours. At last objects are
    cut at the parents' borders, so that smaller ones may be left there.

    - ``slic`` (Achanta et al. 2012): k-means clustering of values and places from seeds on a regular grid, one for
      `scale` squared pixels. A difference in values of 255 x `shape` counts as much as a distance of `scale` pixels.
    - ``felzenszwalb`` (Felzenszwalb and Huttenlocher 2004): two pieces merge over a difference that is at most the
      largest one on the minimum spanning tree of each of them plus k / pixels, where k is 4 x `scale`. How large the
      objects get depends on the raster. `shape` has no say.
    - ``watershed``: the gradient is flooded from the pixel of the lowest gradient in each square of `scale` pixels a
      side. `shape` has no say.

    Parameters
    ----------
    image : Image
        What to segment.
    method : str
        `SLIC`, `FELZENSZWALB` or `WATERSHED`.
    criterion : Criterion
        Weights and shape; compactness has no say.
    scale : float
        Scale parameter, at least 1.

    Returns
    -------
    uint32 array, shape (height, width)
        4-connected labels from 1 in the order of the objects' first pixels, row by row; 0 where the image is not valid.
    """
    if not image.valid.any():
        return np.zeros(image.valid.shape, np.uint32)
    colours = _colours(image, criterion)
    found = _METHODS[method](colours, criterion.shape, scale)
    return _within_parents(_without_crumbs(found, image.valid, scale), image.parent)


def _colours(image: Image, criterion: Criterion) -> _Colours:
    """Return the weighted bands as the last axis; a single one of zeros where no band is used."""
    if not len(image.bands):
        return np.zeros((*image.valid.shape, 1), np.float32)
    weighted = np.sqrt(np.array(criterion.weights, np.float32))[:, np.newaxis, np.newaxis] * image.bands
    if not image.valid.all():
        nearest = ndimage.distance_transform_edt(~image.valid, return_distances=False, return_indices=True)
        weighted = weighted[:, nearest[0], nearest[1]]
    return np.ascontiguousarray(np.moveaxis(weighted, 0, -1))


def _slic(colours: _Colours, shape: float, scale: float) -> Labels:
    height, width = colours.shape[:2]
    seeds = max(round(height * width / scale**2), 1)
    # scikit-image brings values to 0..1 by their own range, which differs from tile to tile.
    span = float(np.ptp(colours)) or 1.0
    regularity = max(shape * WHITE / span, 1e-3)
    found: Labels = slic(colours, seeds, regularity, convert2lab=False, channel_axis=-1).astype(np.uint32)
    return found


def _felzenszwalb(colours: _Colours, _shape: float, scale: float) -> Labels:
    with warnings.catch_warnings():
        # It doubts that more than three bands are meant.
        warnings.simplefilter("ignore", RuntimeWarning)
        # scikit-image divides the scale by 255, for values of 0..1. Its smoothing would make objects of sharp edges.
        found = felzenszwalb(colours, _GREY_LEVELS * scale * 255, sigma=0, min_size=_smallest(scale), channel_axis=-1)
    labels: Labels = found.astype(np.uint32) + np.uint32(1)
    return labels


def _watershed(colours: _Colours, _shape: float, scale: float) -> Labels:
    gradient = _gradient(colours)
    return _flooded(gradient, _lowest(gradient, scale))


_METHODS = {SLIC: _slic, FELZENSZWALB: _felzenszwalb, WATERSHED: _watershed}


def _gradient(colours: _Colours) -> NDArray[np.float32]:
    """Return the length of the gradient over all bands, in grey levels a pixel (Sobel's operator)."""
    squares = np.zeros(colours.shape[:2], np.float32)
    for band in np.moveaxis(colours, -1, 0):
        for axis in (0, 1):
            # Sobel's kernel sums to 8 over a step of one grey level a pixel.
            squares += (ndimage.sobel(band, axis) / 8) ** 2
    return np.sqrt(squares)


def _lowest(gradient: NDArray[np.float32], scale: float) -> NDArray[np.int32]:
    """Return markers, numbered from 1: the pixel of the lowest gradient in each square of `scale` pixels a side."""
    rows, columns = ((np.arange(size) / scale).astype(np.intp) for size in gradient.shape)
    square = (rows[:, np.newaxis] * (columns[-1] + 1) + columns).ravel()
    order = np.lexsort((gradient.ravel(), square))
    first = order[np.flatnonzero(np.diff(square[order], prepend=-1))]
    markers = np.zeros(gradient.size, np.int32)
    markers[first] = np.arange(1, len(first) + 1)
    return markers.reshape(gradient.shape)


def _smallest(scale: float) -> int:
    return max(round(scale**2 * _SMALLEST_SHARE), 1)


def _without_crumbs(found: Labels, valid: NDArray[np.bool_], scale: float) -> Labels:
    """Return the 4-connected parts of objects, small ones joined to their neighbours unless they have none."""
    parts = _parts(np.where(valid, found, 0))
    pixels = np.bincount(parts.ravel())
    kept = pixels >= min(_smallest(scale), pixels[1:].max())
    kept[0] = False
    if kept[1:].all():
        return parts
    grown = _flooded(np.zeros(valid.shape, np.uint8), np.where(kept[parts], parts, 0).astype(np.int32), valid)
    islands = _parts(valid & (grown == 0))
    return np.where(islands > 0, islands + np.uint32(len(pixels)), grown)


def _within_parents(found: Labels, parent: NDArray[np.integer[Any]] | None) -> Labels:
    """Return the 4-connected parts of objects in each parent, numbered from 1 by their first pixels."""
    if parent is not None:
        pairs = np.where(found > 0, found.astype(np.uint64) | (parent.astype(np.uint64) << np.uint64(32)), 0)
        found = np.unique(pairs, return_inverse=True)[1].reshape(found.shape) + (found > 0).all()
    return _parts(found)


def _parts(found: NDArray[np.integer[Any]]) -> Labels:
    """Return 4-connected parts of one value, numbered from 1 by their first pixels; 0 stays."""
    parts: Labels = label(found, connectivity=1).astype(np.uint32)  # type: ignore[no-untyped-call]
    return parts


def _flooded(surface: NDArray[Any], markers: NDArray[np.int32], mask: NDArray[np.bool_] | None = None) -> Labels:
    basins: Labels = watershed(surface, markers, connectivity=1, mask=mask).astype(np.uint32)  # type: ignore[no-untyped-call]
    return basins
