"""Sums over rectangles of pixels, the same to the last bit whatever part of a raster is summed.

Running and cumulative sums carry rounding errors along a line, from where a tile begins, and lose small values beside
large ones, which radar images have. Here every sum is made of the values below it alone, in a fixed order.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def window_sums(values: NDArray[np.float64], rows: int, columns: int) -> NDArray[np.float64]:
    """Return the sums over every window that lies within the values.

    Parameters
    ----------
    values : array of float64, shape (planes, height, width)
    rows, columns : int
        Size of the window.

    Returns
    -------
    array of float64, shape (planes, height - rows + 1, width - columns + 1)
    """
    summed = _run_sums(values.swapaxes(1, 2), columns).swapaxes(1, 2)
    return _run_sums(summed, rows)


def block_sums(values: NDArray[np.float64], rows: int, columns: int) -> NDArray[np.float64]:
    """Return the sums over blocks that lie side by side.

    Parameters
    ----------
    values : array of float64, shape (planes, height * rows, width * columns)
    rows, columns : int
        Size of a block.

    Returns
    -------
    array of float64, shape (planes, height, width)
    """
    summed = values[:, ::rows].copy()
    for row in range(1, rows):
        summed += values[:, row::rows]
    result = summed[:, :, ::columns].copy()
    for column in range(1, columns):
        result += summed[:, :, column::columns]
    return result


def _run_sums(values: NDArray[np.float64], length: int) -> NDArray[np.float64]:
    """Return the sums of `length` values in a row along the second axis, made of sums of 1, 2, 4 ... of them."""
    count = values.shape[1] - length + 1
    total = np.zeros((values.shape[0], count, values.shape[2]))
    runs, run, done = values, 1, 0
    while True:
        if length & run:
            total += runs[:, done : done + count]
            done += run
        if done == length:
            return total
        runs = runs[:, :-run] + runs[:, run:]
        run *= 2
