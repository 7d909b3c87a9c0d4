"""What each pixel of a raster refers to while the raster is segmented: an array in memory, or in a file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ..errors import OutputError
from ..rasters.grid import Window


class References(Protocol):
    """Numbers of pixels, each written once; 0 at first."""

    @property
    def height(self) -> int:
        """Rows."""
        ...

    def write(self, window: Window, numbers: NDArray[np.uint32]) -> None:
        """Set the numbers in a window."""
        ...

    def read(self, top: int, rows: int) -> NDArray[np.uint32]:
        """Return the numbers of whole rows, as many as there are up to `rows`."""
        ...


@dataclass(frozen=True)
class ReferencesInMemory:
    """Numbers in an array."""

    numbers: NDArray[np.uint32]

    @property
    def height(self) -> int:
        """Rows."""
        return len(self.numbers)

    def write(self, window: Window, numbers: NDArray[np.uint32]) -> None:
        """Set the numbers in a window."""
        self.numbers[window.y : window.y + window.height, window.x : window.x + window.width] = numbers

    def read(self, top: int, rows: int) -> NDArray[np.uint32]:
        """Return the numbers of whole rows, as many as there are up to `rows`."""
        return self.numbers[top : top + rows]


@dataclass(frozen=True)
class ReferencesOnDisk:
    """Numbers in a file of its own.

    The file is not mapped into memory: a disk that is full would end the process instead of raising an error.

    Attributes
    ----------
    path : str
        The file, which is made.
    width, height : int
        Size of the raster.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """

    path: str
    width: int
    height: int

    def __post_init__(self) -> None:
        try:
            with open(self.path, "wb") as file:
                file.truncate(4 * self.width * self.height)
        except OSError as error:
            raise self._refused(error) from error

    def write(self, window: Window, numbers: NDArray[np.uint32]) -> None:
        """Set the numbers in a window."""
        try:
            with open(self.path, "r+b") as file:
                for row, line in enumerate(np.ascontiguousarray(numbers, np.uint32), start=window.y):
                    file.seek(4 * (row * self.width + window.x))
                    file.write(line.data)
        except OSError as error:
            raise self._refused(error) from error

    def read(self, top: int, rows: int) -> NDArray[np.uint32]:
        """Return the numbers of whole rows, as many as there are up to `rows`."""
        rows = min(rows, self.height - top)
        numbers = np.fromfile(self.path, np.uint32, rows * self.width, offset=4 * top * self.width)
        return numbers.reshape(rows, self.width)

    def _refused(self, error: OSError) -> OutputError:
        return OutputError(f"{self.path}, a file for the time of the work, cannot be written: {error.strerror}.")
