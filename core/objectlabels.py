"""Reading labels of objects strip by strip, as numbers without gaps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .errors import InvalidRasterError
from .grid import Window
from .objectpixels import Indices, Labels
from .progress import Progress
from .raster import Raster

LARGEST_LABEL = 2**32 - 1
_BYTES_PER_PIXEL = 32


class ObjectLabels:
    """The objects of a raster of labels, numbered 1, 2, 3 ... in the order of their labels.

    Nothing is held in proportion to the raster; it is read once here, and again by `read`.

    Parameters
    ----------
    source : Raster
        Its first band holds the labels; 0 and its nodata value are no objects.
    progress : Progress

    Attributes
    ----------
    ids : array of int, shape (n,)
        The label of each object, ascending.
    last_rows : array of int, shape (n,)
        The last row of each object.

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
        strips = source.grid.strips(_BYTES_PER_PIXEL)
        found = [
            _last_rows(self._read_raw(strip), strip.y) for strip in progress.each(strips, len(strips), "Reading labels")
        ]
        self.ids, self.last_rows = _merged(found)
        self._numbered = np.array_equal(self.ids, np.arange(1, len(self.ids) + 1))

    def __len__(self) -> int:
        return len(self.ids)

    def read(self, window: Window) -> Labels:
        """Return the objects' numbers from 1, shape (h, w); 0 where no object is."""
        labels = self._read_raw(window)
        if self._numbered:
            return labels.astype(np.uint32, copy=False)
        numbers = np.searchsorted(self.ids, labels) + 1
        numbers[labels == 0] = 0
        return numbers.astype(np.uint32)

    def _read_raw(self, window: Window) -> NDArray[Any]:
        labels = self._source.read_raw(window)
        nodata = self._source.bands[0].nodata
        if nodata:
            labels[labels == nodata] = 0
        return labels


def _last_rows(labels: NDArray[Any], first_row: int) -> tuple[NDArray[np.int64], Indices]:
    """Return the labels in some rows, ascending, and the last row of each."""
    smallest, largest = int(labels.min()), int(labels.max())
    if smallest < 0 or largest > LARGEST_LABEL:
        raise InvalidRasterError(
            f"Labels must be whole numbers from 0 (no object) to {LARGEST_LABEL}, "
            f"but {smallest if smallest < 0 else largest} was found."
        )
    line = labels.ravel()
    # One pixel of a run is enough; the last one comes first when they are turned round.
    ends = np.flatnonzero(np.append(line[1:] != line[:-1], True))[::-1]
    ids, place = np.unique(line[ends], return_index=True)
    rows = ends[place] // labels.shape[1] + first_row
    return ids.astype(np.int64), rows


def _merged(found: Sequence[tuple[NDArray[np.int64], Indices]]) -> tuple[NDArray[np.int64], Indices]:
    """Return all labels but 0, ascending, and the last row of each."""
    labels = np.concatenate([ids for ids, _ in found])
    rows = np.concatenate([last for _, last in found])
    # Turned round, the last row of a label is the first that is met.
    ids, place = np.unique(labels[::-1], return_index=True)
    last_rows = rows[::-1][place]
    return ids[ids > 0], last_rows[ids > 0]
