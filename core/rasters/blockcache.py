"""Blocks of files as they are stored, kept decoded while windows that share them are read one after the other."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .geodata import gdal
from .grid import Window
from .tiling import round_up

# Strips of a few rows are kept together: the bookkeeping of each would cost more than decoding it.
_LEAST_SIDE = 256

_Key = tuple[str, int, int, int]


class BlockCache:
    """Reads windows of bands; the blocks that were used last stay decoded. Several threads may use it at a time.

    GDAL has such a cache for all that a process reads, but forgets the blocks of a file that is closed; the files of
    many dates cannot all stay open.

    Parameters
    ----------
    limit : int
        Bytes that the kept blocks may take.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._blocks: OrderedDict[_Key, NDArray[Any]] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()

    def read(self, dataset: gdal.Dataset, path: str, number: int, window: Window) -> NDArray[Any]:
        """Return the stored numbers of a window.

        Parameters
        ----------
        dataset : gdal.Dataset
            The file, open.
        path : str
            Its name, by which its blocks are known again.
        number : int
            The band, from 1.
        window : Window
            Pixels within the band.

        Returns
        -------
        array of the band's type, shape (height, width)
        """
        band = dataset.GetRasterBand(number)
        parts = [(part, self._block(band, (path, number, *part[:2]), part)) for part in _blocks(band, window)]
        values = np.empty((window.height, window.width), parts[0][1].dtype)
        for (x, y, width, height), stored in parts:
            left, top = max(x, window.x), max(y, window.y)
            right, bottom = min(x + width, window.x + window.width), min(y + height, window.y + window.height)
            here = np.s_[top - window.y : bottom - window.y, left - window.x : right - window.x]
            values[here] = stored[top - y : bottom - y, left - x : right - x]
        return values

    def _block(self, band: gdal.Band, key: _Key, part: Window) -> NDArray[Any]:
        with self._lock:
            kept = self._blocks.get(key)
            if kept is not None:
                self._blocks.move_to_end(key)
                return kept
        stored: NDArray[Any] = band.ReadAsArray(*part)
        with self._lock:
            if key not in self._blocks:
                self._blocks[key] = stored
                self._bytes += stored.nbytes
            while self._bytes > self._limit:
                self._bytes -= self._blocks.popitem(last=False)[1].nbytes
        return stored


def _blocks(band: gdal.Band, window: Window) -> Iterator[Window]:
    """Yield the blocks of a band that a window touches, as they are cut at the band's edges."""
    width, height = (round_up(_LEAST_SIDE, side) for side in band.GetBlockSize())
    for y in range(window.y // height * height, window.y + window.height, height):
        for x in range(window.x // width * width, window.x + window.width, width):
            yield Window(x, y, min(width, band.XSize - x), min(height, band.YSize - y))
