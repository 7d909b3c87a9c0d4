"""The graph of the whole raster, put together from its tiles.

A region that reaches into several tiles is known to each of them by the same first pixel. The tile where that pixel
lies gives the region's numbers; the others must agree.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from ..errors import InvalidRasterError
from .regions import Borders, Regions
from .segmenttile import Piece

_MOST_REFERENCES = 2**31 - 2
_DISAGREEMENT = "two tiles of one segmentation disagree about a region on their common border"


@dataclass
class ReferenceNumbers:
    """Numbers from 1 by which pixels refer to regions, anew in every tile, so that they can be stored at once."""

    count: int = 0

    def taken(self, count: int) -> int:
        """Take the next `count` numbers; return the first.

        Raises
        ------
        InvalidRasterError
            If there are more than can be told apart.
        """
        self.count += count
        if self.count > _MOST_REFERENCES:
            raise InvalidRasterError(
                f"The raster falls into more than {_MOST_REFERENCES} parts to begin with, too many to be numbered; "
                "cut it into several rasters."
            )
        return self.count - count + 1


@dataclass
class Assembly:
    """Gathers the pieces of all tiles."""

    _references: ReferenceNumbers = field(default_factory=ReferenceNumbers)
    _pieces: list[Piece] = field(default_factory=list)

    def add(self, piece: Piece) -> NDArray[np.uint32]:
        """Add a tile's piece; return the reference of each pixel of its core, 0 where there is no region.

        Raises
        ------
        InvalidRasterError
            If there are more regions than can be numbered.
        """
        first = self._references.taken(len(piece.place))
        references = piece.region + np.int32(first)
        references[piece.region < 0] = 0
        self._pieces.append(replace(piece, region=np.empty((0, 0), np.int32)))
        return references.view(np.uint32)

    def graph(self) -> tuple[Regions, Borders, NDArray[np.int32]]:
        """Return all regions in the order of their first pixels, their borders, and the region of each reference.

        The pieces are forgotten on the way. The region of reference 0 is the number of regions.

        Raises
        ------
        RuntimeError
            If two tiles disagree about a region, which they cannot unless there is a fault in the engine.
        """
        number = self._numbers()
        regions = Regions.empty(int(number[0]), self._pieces[0].regions.bands)
        seen_elsewhere, borders, first = [], [], 1
        self._pieces.reverse()
        while self._pieces:
            piece = self._pieces.pop()
            numbers = number[first : first + len(piece.place)]
            owned, others = np.flatnonzero(piece.owned), np.flatnonzero(~piece.owned)
            regions.put(numbers.take(owned), piece.regions.take(owned))
            seen_elsewhere.append((numbers.take(others), piece.regions.take(others)))
            borders.append(piece.borders.shifted(first))
            first += len(numbers)
        for numbers, seen in seen_elsewhere:
            _require_same(regions.take(numbers), seen)
        return regions, Borders.summed(borders, number), number

    def _numbers(self) -> NDArray[np.int32]:
        """Return the region of each reference."""
        place = np.concatenate([piece.place for piece in self._pieces])
        known = np.sort(place[np.concatenate([piece.owned for piece in self._pieces])])
        number = np.empty(len(place) + 1, np.int32)
        number[0] = len(known)
        number[1:] = np.searchsorted(known, place)
        if len(place) and not np.array_equal(known.take(number[1:], mode="clip"), place):
            raise RuntimeError(_DISAGREEMENT)
        return number


def _require_same(regions: Regions, others: Regions) -> None:
    if not np.array_equal(regions.numbers, others.numbers) or not np.array_equal(regions.signature, others.signature):
        raise RuntimeError(_DISAGREEMENT)
