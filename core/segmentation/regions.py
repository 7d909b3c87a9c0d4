"""What is known of regions and of the borders between them.

What is known of a region is carried along when regions merge and never recomputed from pixels.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from . import bordering, kernels
from .heterogeneity import Criterion


class Regions(NamedTuple):
    """What is known of each region; its number is its place.

    Attributes
    ----------
    numbers : float64 or float32 array, shape (regions, 7 + 2 * bands)
        See `kernels`. In float32, a region may have up to 2^24 pixels.
    signature : uint32 array, shape (regions,)
        Sum of the signatures of the region's pixels; it breaks ties.
    """

    numbers: NDArray[np.floating[Any]]
    signature: NDArray[np.uint32]

    @classmethod
    def empty(cls, count: int, bands: int) -> Regions:
        """Return regions whose numbers, in float64, are yet to be set."""
        return cls(np.empty((count, kernels.BANDS + 2 * bands)), np.empty(count, np.uint32))

    @property
    def total(self) -> int:
        """Number of regions."""
        return len(self.signature)

    @property
    def bands(self) -> int:
        """Number of bands."""
        return (self.numbers.shape[1] - kernels.BANDS) // 2

    @property
    def size(self) -> NDArray[np.floating[Any]]:
        """Pixels."""
        return self.numbers[:, kernels.SIZE]

    @property
    def perimeter(self) -> NDArray[np.floating[Any]]:
        """Pixel sides between the region and anything else, the raster's edge and nodata included."""
        return self.numbers[:, kernels.PERIMETER]

    @property
    def box(self) -> NDArray[np.floating[Any]]:
        """Bounding box as -top, -left, bottom, right in pixels (bottom and right exclusive), shape (regions, 4)."""
        return self.numbers[:, kernels.TOP : kernels.RIGHT + 1]

    @property
    def heterogeneity(self) -> NDArray[np.floating[Any]]:
        """Heterogeneity of the region, see `Criterion`."""
        return self.numbers[:, kernels.HETEROGENEITY]

    @property
    def mean(self) -> NDArray[np.floating[Any]]:
        """Mean of each band, shape (regions, bands)."""
        return self.numbers[:, kernels.BANDS :: 2]

    @property
    def squares(self) -> NDArray[np.floating[Any]]:
        """Sum of squared deviations from the mean of each band, shape (regions, bands)."""
        return self.numbers[:, kernels.BANDS + 1 :: 2]

    def measure(self, criterion: Criterion) -> None:
        """Set the heterogeneity from the other numbers."""
        kernels.measure(self, criterion.factors)

    def first_ones(self, count: int) -> Regions:
        """Return the regions at the beginning, without a copy."""
        return Regions(self.numbers[:count], self.signature[:count])

    def take(self, index: NDArray[np.integer[Any]]) -> Regions:
        """Return a copy of some of the regions."""
        return Regions(self.numbers.take(index, axis=0), self.signature.take(index))

    def put(self, index: NDArray[np.integer[Any]], others: Regions) -> None:
        """Replace some of the regions by others."""
        self.numbers[index] = others.numbers
        self.signature[index] = others.signature


class Borders(NamedTuple):
    """Pairs of adjacent regions, each pair once.

    Attributes
    ----------
    first, second : int32 arrays, shape (n,)
        Numbers of the two regions, the smaller one first.
    length : int32 array, shape (n,)
        Pixel sides that they share.
    """

    first: NDArray[np.int32]
    second: NDArray[np.int32]
    length: NDArray[np.int32]

    @classmethod
    def summed(cls, pieces: list[Borders], number: NDArray[np.int32]) -> Borders:
        """Return each pair of regions once, with the sum of the lengths.

        Parameters
        ----------
        pieces : list of Borders
            Pieces of border, in which either of the two may be the smaller one; the list is emptied on the way.
        number : int32 array
            The region of each number that the pieces name.
        """
        most = sum(piece.total for piece in pieces)
        slots, borders = bordering.slots_for(most), cls(*(np.empty(most, np.int32) for _ in range(3)))
        count = 0
        while pieces:
            count = bordering.add_borders(pieces.pop(), number, slots, borders, count)
        return borders.first_ones(count)

    @property
    def total(self) -> int:
        """Number of pairs."""
        return len(self.length)

    def first_ones(self, count: int) -> Borders:
        """Return the pairs at the beginning, without a copy."""
        return Borders(self.first[:count], self.second[:count], self.length[:count])

    def shifted(self, first: int) -> Borders:
        """Return the pairs of the same regions, numbered from `first`."""
        return Borders(self.first + np.int32(first), self.second + np.int32(first), self.length)
