"""Rasters of labels: how they are stored, opening them, and finding out which labels they hold."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..errors import InvalidRasterError
from ..progress import Progress
from .raster import Band, Raster

LABELS = Band("labels", "uint32", 0.0)
"""How labels are stored."""

Labels = NDArray[np.uint32]

LABEL_BYTES = 16
"""What `index_labels` holds for each pixel of a strip."""


def open_labels(path: str) -> Raster:
    """Open a raster of labels (one band of unsigned whole numbers, 0 = nodata), for use in a ``with`` statement.

    Raises
    ------
    InvalidRasterError
        If the raster cannot be read or holds something else.
    """
    raster = Raster(path)
    kind = np.dtype(raster.bands[0].dtype)
    if len(raster.bands) > 1 or kind.kind != "u" or kind.itemsize > 4:
        raise InvalidRasterError(
            f"{path} holds {len(raster.bands)} band(s) of {kind.name}; labels are one band of whole numbers "
            "(uint32), such as the segmentation or the reshaping writes."
        )
    if raster.bands[0].nodata:
        raise InvalidRasterError(
            f"{path} has the nodata value {raster.bands[0].nodata:g}; in labels 0 means that no object is there. "
            "Set those pixels to 0, for example with `gdalwarp -dstnodata 0`."
        )
    return raster


def read_strips(raster: Raster, progress: Progress, message: str, bytes_per_pixel: int) -> Iterator[Labels]:
    """Yield the rows of a raster of labels from top to bottom, in strips of so many bytes a pixel at work."""
    windows = raster.grid.strips(bytes_per_pixel)
    for window in progress.each(windows, len(windows), message):
        yield raster.read_raw(window)


@dataclass(frozen=True)
class LabelIndex:
    """The labels of a raster.

    Attributes
    ----------
    ids : array of uint32, shape (n,)
        The labels that occur, ascending, without 0.
    last_rows : array of int, shape (n,)
        The last row in which each occurs.
    """

    ids: Labels
    last_rows: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.ids)

    def places(self, labels: Labels) -> NDArray[np.intp]:
        """Return the place of each given label, which must occur, among the `ids`."""
        if len(self.ids) and self.ids[-1] == len(self.ids):
            return labels.astype(np.intp) - 1
        return np.searchsorted(self.ids, labels)


def index_labels(strips: Iterable[Labels]) -> LabelIndex:
    """Find the labels of a raster and where each ends.

    Parameters
    ----------
    strips : iterable of array of uint32, shape (rows, width)
        The raster from top to bottom; memory is not held beyond a strip.

    Returns
    -------
    LabelIndex
    """
    ids, last_rows = [np.empty(0, np.uint32)], [np.empty(0, np.int64)]
    first_row = 0
    for labels in strips:
        # The last row of a label holds a pixel that begins a run in its row and has another label below it.
        ends = labels != 0
        ends[:, 1:] &= labels[:, 1:] != labels[:, :-1]
        ends[:-1] &= labels[:-1] != labels[1:]
        rows, columns = np.nonzero(ends)
        found, place = np.unique(labels[rows, columns][::-1], return_index=True)
        ids.append(found.astype(np.uint32))
        last_rows.append(rows[::-1][place] + first_row)
        first_row += len(labels)
    found, place = np.unique(np.concatenate(ids)[::-1], return_index=True)
    return LabelIndex(found, np.concatenate(last_rows)[::-1][place])
