"""Blocks of ground, each of which goes to one split as a whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import shapely
from numpy.typing import NDArray

from ..rasters.grid import Grid
from ..vectors.vector import Geometries
from .sampleset import SPLITS

Corners = NDArray[np.int64]
"""First columns and rows of windows, shape (n, 2)."""

NO_SPLIT = -1
# Side of the blocks in patches, unless the user says; and how many blocks lie along a small stack.
_PATCHES = 6
_ALONG_SMALL_STACK = 5
_SMALLEST = 1.5
# Assignments that are tried, of which the best balanced is taken.
_TRIALS = 200


@dataclass(frozen=True)
class Blocks:
    """A lattice of blocks over a stack.

    Attributes
    ----------
    x, y : int array, shape (blocks along the axis + 1,)
        Borders in pixels.
    split : int array, shape (blocks down, blocks across)
        Place in `SPLITS` of the split that each goes to; `NO_SPLIT` before they are assigned.
    """

    x: NDArray[np.int64]
    y: NDArray[np.int64]
    split: NDArray[np.int64]

    @classmethod
    def of(cls, grid: Grid, size: float) -> Blocks:
        """Return blocks of at least a size (in pixels), as even as can be."""
        x, y = (
            np.rint(np.linspace(0, length, max(int(length // size), 1) + 1)).astype(np.int64)
            for length in (grid.width, grid.height)
        )
        return cls(x, y, np.full((len(y) - 1, len(x) - 1), NO_SPLIT))

    def __len__(self) -> int:
        return self.split.size

    def number_at(self, x: NDArray[np.float64], y: NDArray[np.float64]) -> NDArray[np.int64]:
        """Return the numbers of the blocks, counted row by row, of points inside the stack."""
        column = np.clip(np.searchsorted(self.x, x, side="right") - 1, 0, len(self.x) - 2)
        row = np.clip(np.searchsorted(self.y, y, side="right") - 1, 0, len(self.y) - 2)
        return np.asarray(row * (len(self.x) - 1) + column)

    def split_of(self, numbers: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the splits of blocks."""
        return np.asarray(self.split.ravel()[numbers])

    def bounds(self, numbers: NDArray[np.int64]) -> tuple[Corners, Corners]:
        """Return the first pixels of blocks, and those behind their last ones."""
        row, column = np.divmod(numbers, len(self.x) - 1)
        return np.column_stack([self.x[column], self.y[row]]), np.column_stack([self.x[column + 1], self.y[row + 1]])

    def split_of_windows(self, corners: Corners, size: int) -> NDArray[np.int64]:
        """Return the split that each window of a size lies in wholly, `NO_SPLIT` where it lies in several."""
        left, top = (
            np.searchsorted(edges, corners[:, axis], "right") - 1 for axis, edges in enumerate((self.x, self.y))
        )
        right, bottom = (
            np.searchsorted(edges, corners[:, axis] + size, "left") - 1 for axis, edges in enumerate((self.x, self.y))
        )
        split: NDArray[np.int64] = self.split[top, left].copy()
        spanning = np.flatnonzero((right > left) | (bottom > top))
        for number in spanning:
            touched = self.split[top[number] : bottom[number] + 1, left[number] : right[number] + 1]
            if (touched != touched[0, 0]).any():
                split[number] = NO_SPLIT
        return split

    def moved_inside(self, corners: Corners, numbers: NDArray[np.int64], size: int) -> Corners:
        """Return windows moved by as little as brings each into its block."""
        first, end = self.bounds(numbers)
        return np.asarray(np.clip(corners, first, end - size))

    def boxes(self) -> Geometries:
        """Return the blocks as rectangles in pixels, row by row."""
        first, end = self.bounds(np.arange(len(self)))
        return np.asarray(shapely.box(*first.T, *end.T))

    def assigned(
        self, landforms: NDArray[np.float64], ground: NDArray[np.float64], shares: Sequence[float], seed: int
    ) -> Blocks:
        """Return the blocks with a split each, so that landforms and ground come near the shares wanted.

        Parameters
        ----------
        landforms, ground : float array, shape (n,)
            What lies in each block, as a share of all.
        shares : sequence of 3 float
            Of `SPLITS`; 0 for a split that gets nothing.
        seed : int

        Returns
        -------
        Blocks
            Each split with a share above 0 has a block with landforms, as long as there are as many such blocks. A
            block with neither landforms nor ground has none.
        """
        rng = np.random.default_rng(seed)
        wanted = np.asarray(shares, float)
        # Rounded, so that what is equal but for the noise of a projection counts as equal.
        landforms, ground = np.round(landforms, 6), np.round(ground, 6)
        trials = [_dealt(landforms, ground, wanted, rng) for _ in range(_TRIALS)]
        costs = [round(_cost(trial, landforms, ground, wanted), 6) for trial in trials]
        return replace(self, split=trials[int(np.argmin(costs))].reshape(self.split.shape))


def usual_size(grid: Grid, patch: int) -> float:
    """Return the side of blocks, in pixels, that suits a stack and a patch size."""
    along = np.sqrt(grid.width * grid.height) / _ALONG_SMALL_STACK
    return float(np.clip(along, _SMALLEST * patch, _PATCHES * patch))


def _dealt(
    landforms: NDArray[np.float64], ground: NDArray[np.float64], wanted: NDArray[np.float64], rng: np.random.Generator
) -> NDArray[np.int64]:
    """Give each split a block with landforms, deal the others out by landforms, and then those without by ground."""
    split = np.full(len(landforms), NO_SPLIT)
    occupied = np.flatnonzero(landforms > 0)
    order = rng.permutation(occupied)
    splits = np.flatnonzero(wanted > 0)
    split[order[: len(splits)]] = splits[: len(order)]
    got = np.bincount(split[order[: len(splits)]], landforms[order[: len(splits)]], len(SPLITS)).astype(float)
    rest = order[len(splits) :]
    largest_first = rest[np.argsort(-landforms[rest] * rng.uniform(0.5, 1.5, len(rest)))]
    _deal(split, largest_first, landforms, got, wanted)
    got = np.bincount(split[occupied], ground[occupied], len(SPLITS)).astype(float)
    _deal(split, rng.permutation(np.flatnonzero((landforms <= 0) & (ground > 0))), ground, got, wanted)
    return split


def _deal(
    split: NDArray[np.int64],
    numbers: NDArray[np.int64],
    amounts: NDArray[np.float64],
    got: NDArray[np.float64],
    wanted: NDArray[np.float64],
) -> None:
    """Give each block in turn to the split that lacks most."""
    got = got.copy()
    for number in numbers:
        split[number] = int(np.argmax(np.where(wanted > 0, np.round(wanted - got, 6), -np.inf)))
        got[split[number]] += amounts[number]


def _cost(
    split: NDArray[np.int64],
    landforms: NDArray[np.float64],
    ground: NDArray[np.float64],
    wanted: NDArray[np.float64],
) -> float:
    """Return how far an assignment is from what is wanted; a split without any landform is worst."""
    dealt = split != NO_SPLIT
    got, area = (np.bincount(split[dealt], values[dealt], len(SPLITS)) for values in (landforms, ground))
    empty = np.count_nonzero((wanted > 0) & (got == 0))
    return float(np.abs(got - wanted).sum() + 0.5 * np.abs(area - wanted).sum() + 10 * empty)
