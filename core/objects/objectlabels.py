"""Reading labels of objects strip by strip, as numbers without gaps."""

from __future__ import annotations

import numpy as np

from ..errors import InvalidRasterError
from ..progress import Progress
from ..rasters.grid import Window
from ..rasters.labels import LABEL_BYTES, Labels, index_labels
from ..rasters.raster import Raster

LARGEST_LABEL = 2**32 - 1


class ObjectLabels:
    """The objects of a raster of labels, numbered 1, 2, 3 ... in the order of their labels.

    Nothing is held in proportion to the raster; it is read once here, and again by `read` and `numbers`.

    Parameters
    ----------
    source : Raster
        Its first band holds the labels; 0 and its nodata value are no objects.
    progress : Progress

    Attributes
    ----------
    index : LabelIndex
        The label of each object, ascending, and its last row.

    Raises
    ------
    InvalidRasterError
        If the labels are no whole numbers, one is negative, or does not fit 32 bits.
    """

    def __init__(self, source: Raster, progress: Progress) -> None:
        if np.dtype(source.bands[0].dtype).kind not in "iu":
            raise InvalidRasterError(
                f"{source.path} holds {source.bands[0].dtype} numbers; labels must be whole numbers, one an object."
            )
        self._source = source
        strips = progress.each(windows := source.grid.strips(LABEL_BYTES), len(windows), "Reading labels")
        self.index = index_labels(self.read(strip) for strip in strips)

    def __len__(self) -> int:
        return len(self.index)

    def read(self, window: Window) -> Labels:
        """Return labels, shape (h, w); 0 where no object is."""
        labels = self._source.read_raw(window)
        nodata = self._source.bands[0].nodata
        if nodata:
            labels[labels == nodata] = 0
        smallest, largest = int(labels.min()), int(labels.max())
        if smallest < 0 or largest > LARGEST_LABEL:
            raise InvalidRasterError(
                f"Labels must be whole numbers from 0 (no object) to {LARGEST_LABEL}, "
                f"but {smallest if smallest < 0 else largest} was found."
            )
        return labels.astype(np.uint32, copy=False)

    def numbers(self, window: Window) -> Labels:
        """Return the objects' numbers from 1, shape (h, w); 0 where no object is."""
        labels = self.read(window)
        inside = labels > 0
        labels[inside] = self.index.places(labels[inside]) + 1
        return labels
