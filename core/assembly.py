"""The graph of the whole raster, put together from its tiles.

A region that reaches into several tiles is known to each of them by the same first pixel. The tile where that pixel
lies gives the region's numbers; the others must agree.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from .errors import InvalidRasterError
from .regions import Borders, Regions, summed_borders
from .segmenttile import Piece

_MOST_REFERENCES = 2**31 - 2
_DISAGREEMENT = "two tiles of one segmentation disagree about a region on their common border"


@dataclass
class Assembly:
    """Gathers the pieces of all tiles.

    Regions are referred to by number from 1, anew in every piece, so that pixels can be stored as soon as their tile is
    done.
    """

    _pieces: list[Piece] = field(default_factory=list)
    _references: int = 0

    def add(self, piece: Piece) -> NDArray[np.uint32]:
        """Add a tile's piece; return the reference of each pixel of its core, 0 where there is no region.

        Raises
        ------
        InvalidRasterError
            If there are more regions than can be numbered.
        """
        region = piece.region
        references: NDArray[np.uint32] = (region + np.int32(1)).view(np.uint32)
        references[references > 0] += np.uint32(self._references)
        self._references += len(piece.place)
        if self._references > _MOST_REFERENCES:
            raise InvalidRasterError(
                f"The raster has more than {_MOST_REFERENCES} parts to begin with, too many to be numbered; "
                "cut it into several."
            )
        self._pieces.append(replace(piece, region=piece.region[:0]))
        return references

    def graph(self) -> tuple[Regions, Borders, NDArray[np.int32]]:
        """Return all regions in the order of their first pixels, their borders, and the region of each reference.

        The pieces are forgotten on the way. The region of reference 0 is the number of regions.

        Raises
        ------
        RuntimeError
            If two tiles disagree about a region, which they cannot unless there is a fault in the engine.
        """
        number = self._numbers()
        regions = Regions(int(number[0]), self._pieces[0].regions.bands, np.float64)
        seen_elsewhere, borders, start = [], [], 1
        while self._pieces:
            piece = self._pieces.pop(0)
            numbers = number[start : start + len(piece.place)]
            start += len(numbers)
            owned, others = np.flatnonzero(piece.owned), np.flatnonzero(~piece.owned)
            regions.put(numbers.take(owned), piece.regions.take(owned))
            seen_elsewhere.append((numbers.take(others), piece.regions.take(others)))
            borders.append((numbers.take(piece.borders.first), numbers.take(piece.borders.second), piece.borders.length))
        for numbers, others in seen_elsewhere:
            _require_same(regions.take(numbers), others)
        one, other, length = (np.concatenate(parts) for parts in zip(*borders, strict=True))
        return regions, summed_borders(one, other, length), number

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
    same = np.array_equal(regions.size, others.size) and np.array_equal(regions.signature, others.signature)
    if not same:
        raise RuntimeError(_DISAGREEMENT)
