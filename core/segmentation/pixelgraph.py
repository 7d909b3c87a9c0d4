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
from . import bordering, kernels
from .heterogeneity import Criterion
from .regions import Borders, Regions

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

    @property
    def joined(self) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Whether each pixel may be in one object with the next one in its row, and with the next one in its column."""
        right, below = np.zeros_like(self.valid), np.zeros_like(self.valid)
        right[:, :-1] = self.valid[:, :-1] & self.valid[:, 1:]
        below[:-1] = self.valid[:-1] & self.valid[1:]
        if self.parent is not None:
            right[:, :-1] &= self.parent[:, :-1] == self.parent[:, 1:]
            below[:-1] &= self.parent[:-1] == self.parent[1:]
        return right, below


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

    def place(self, index: NDArray[np.int32]) -> NDArray[np.int64]:
        """Return the position in the raster, row by row, of pixels given by their flat index in the image."""
        row, column = np.divmod(index.astype(np.int64), self.window.width)
        return (row + self.window.y) * self.width + (column + self.window.x)


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
