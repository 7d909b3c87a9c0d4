"""The first round of merging, on the image itself, and the region adjacency graph that it leaves.

Every pixel is a region then, so that costs are differences of neighbouring pixels and need no graph.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..progress import Progress
from ..rasters.grid import Window
from . import bordering, kernels
from .heterogeneity import Criterion
from .image import Frame, Image
from .regions import Borders, Regions


@dataclass(frozen=True)
class FirstRound:
    """What the first round leaves.

    Attributes
    ----------
    regions : Regions
        Regions of one or two pixels, in the order of their first pixels.
    borders : Borders
        Their borders, as far as objects may cross them.
    touching : bool array, shape (regions + 1,)
        Which regions have a neighbour beyond a cut, or one that may look different without the cut.
    region : int32 array, shape (height, width)
        Region of each pixel; the number of regions where it is not valid, or too near a cut.
    begins : int32 array, shape (regions,)
        First pixel of each region, by its flat index in the image.
    """

    regions: Regions
    borders: Borders
    touching: NDArray[np.bool_]
    region: NDArray[np.int32]
    begins: NDArray[np.int32]


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
    right, below = image.joined
    bands = np.ascontiguousarray(image.bands)
    partner = kernels.best_pixel_pairs(bands, right, below, signature, criterion.factors, kernels.limit_key(scale))
    progress.check()
    known = np.zeros_like(image.valid)
    known[frame.inside] = image.valid[frame.inside]
    region, begins, numbers, signatures = kernels.pixel_regions(
        bands, partner, known, signature, frame.window.y, frame.window.x
    )
    regions = Regions(numbers, signatures)
    regions.measure(criterion)
    progress.check()
    first, second, length, touching = bordering.small_region_borders(region, right, below, partner, len(begins))
    return FirstRound(regions, Borders(first, second, length), touching, region, begins)


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
    image: Image, region: NDArray[np.int32], extent: tuple[int, ...], nobody: int
) -> tuple[Borders, NDArray[np.bool_]]:
    """Return the borders between regions that may merge, and which regions may merge with what is in none.

    Parameters
    ----------
    image : Image
        The image.
    region : int32 array, shape (height, width)
        Region of each pixel.
    extent : tuple of int
        Rows and columns of the pixels whose borders with their right and lower neighbours are wanted.
    nobody : int
        The number of regions, which pixels of no region have instead of one.

    Returns
    -------
    borders : Borders
    touching : bool array, shape (nobody + 1,)
    """
    right, below = image.joined
    for sides in (right, below):
        sides[extent[0] :] = False
        sides[:, extent[1] :] = False
    first, second, length, touching = bordering.region_borders(region, right, below, nobody)
    return Borders(first, second, length), touching
