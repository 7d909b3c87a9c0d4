"""Choosing chips and writing them: all positives, and of each kind of negatives as many as are wanted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..errors import InvalidOptionError
from ..files import make_folder
from ..progress import Progress
from ..rasters.grid import Window
from ..rasters.raster import Raster
from .blocks import Blocks
from .chipstorage import ChipStorage, is_valid
from .labelling import Labels
from .negatives import Candidates
from .sampleset import CHIPS_FOLDER, HARD_NEGATIVE, LOOK_ALIKE, MARGIN, POSITIVE, RANDOM, SIMILAR_TERRAIN, SPLITS, Chip

NEGATIVE_KINDS = (HARD_NEGATIVE, LOOK_ALIKE, MARGIN, SIMILAR_TERRAIN, RANDOM)
"""In the order in which they are drawn: the scarce ones first."""

# Least share of a negative chip that must count.
_LEAST_VALID = 0.5


@dataclass(frozen=True)
class Wish:
    """A chip that is wanted: first column and row, place in `SPLITS`, kind, and what it is taken for.

    Of a negative one, more than nothing and at least the share `least_valid` must count.
    """

    column: int
    row: int
    split: int
    kind: str
    landform: str = ""
    look_alike: str = ""
    least_valid: float = _LEAST_VALID


@dataclass
class ChipWriter:
    """Writes chips one after the other.

    Attributes
    ----------
    folder : str
        Folder of the samples.
    stack : Raster
    labels : Labels
    blocks : Blocks
    size : int
        Side of the chips, in pixels.
    chips : list of Chip
        What was written.
    """

    folder: str
    stack: Raster
    labels: Labels
    blocks: Blocks
    size: int
    chips: list[Chip] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._storage = ChipStorage.of(self.stack)
        make_folder(Path(self.folder, CHIPS_FOLDER))

    def write(self, wishes: Iterable[Wish], progress: Progress) -> list[Wish]:
        """Write chips, in the order in which the stack is stored; return those that are no use.

        A positive chip must have a pixel of rock glacier that counts, and a negative one as many that count as its wish
        says.
        """
        useless = []
        ordered = sorted(wishes, key=lambda wish: (wish.row // self.size, wish.column, wish.row, wish.kind))
        for wish in progress.each(ordered, len(ordered), "Writing chips"):
            window = Window(wish.column, wish.row, self.size, self.size)
            mask, counts = self.labels.label(window)
            valid = counts & is_valid(self.stack, window)
            if (mask & valid).any() if wish.kind == POSITIVE else valid.any() and valid.mean() >= wish.least_valid:
                self._write(wish, window, mask, valid)
            else:
                useless.append(wish)
        return useless

    def _write(self, wish: Wish, window: Window, mask: NDArray[np.bool_], valid: NDArray[np.bool_]) -> None:
        path = str(Path(self.folder, CHIPS_FOLDER, f"{len(self.chips) + 1:06d}.tif"))
        self._storage.write(path, self.stack, window, mask, valid)
        middle = np.array([wish.column + self.size / 2]), np.array([wish.row + self.size / 2])
        self.chips.append(
            Chip(
                path,
                SPLITS[wish.split],
                int(self.blocks.number_at(*middle)[0]),
                wish.kind,
                wish.landform,
                float(mask.mean()),
                float(valid.mean()),
                wish.column,
                wish.row,
                self.stack.roles,
                self.size,
                wish.look_alike,
            )
        )


class Drawing:
    """Draws negatives from candidates, no two of one split from the same ground.

    Parameters
    ----------
    candidates : mapping of str to Candidates
        By kind.
    size : int
        Side of the chips, in pixels.
    """

    def __init__(self, candidates: Mapping[str, Candidates], size: int) -> None:
        self._candidates = candidates
        self._next = {(kind, split): 0 for kind in candidates for split in range(len(SPLITS))}
        self._of_split = {
            (kind, split): np.flatnonzero(found.split == split)
            for kind, found in candidates.items()
            for split in range(len(SPLITS))
        }
        self._cell = max(size // 2, 1)
        self._taken: set[tuple[int, int, int]] = set()

    def draw(self, split: int, wanted: Mapping[str, int]) -> list[Wish]:
        """Return new wishes: of each kind as many as are wanted, what one lacks from the other kinds."""
        wishes: list[Wish] = []
        lacking = 0
        for kind in NEGATIVE_KINDS:
            drawn = self._draw(kind, split, wanted.get(kind, 0))
            wishes += drawn
            lacking += wanted.get(kind, 0) - len(drawn)
        for kind in reversed(NEGATIVE_KINDS):
            if lacking and wanted.get(kind, 0):
                drawn = self._draw(kind, split, lacking)
                wishes += drawn
                lacking -= len(drawn)
        return wishes

    def _draw(self, kind: str, split: int, count: int) -> list[Wish]:
        wishes: list[Wish] = []
        numbers = self._of_split.get((kind, split), np.empty(0, np.intp))
        while len(wishes) < count and self._next[kind, split] < len(numbers):
            number = int(numbers[self._next[kind, split]])
            self._next[kind, split] += 1
            wish = self._wish(kind, split, number)
            cell = split, wish.column // self._cell, wish.row // self._cell
            if cell not in self._taken:
                self._taken.add(cell)
                wishes.append(wish)
        return wishes

    def _wish(self, kind: str, split: int, number: int) -> Wish:
        found = self._candidates[kind]
        column, row = found.corners[number].tolist()
        landform = found.note[number] if kind == MARGIN else ""
        look_alike = found.note[number] if kind == LOOK_ALIKE else ""
        return Wish(column, row, split, kind, landform, look_alike)


def parsed_weights(texts: Sequence[str]) -> dict[str, float]:
    """Return the weight of each kind of negatives.

    Raises
    ------
    InvalidOptionError
        If an item cannot be understood, names an unknown kind or one twice, or all weights are 0.
    """
    weights = dict.fromkeys(NEGATIVE_KINDS, 1.0)
    seen: set[str] = set()
    for text in texts:
        kind, _, number = (part.strip() for part in text.partition("="))
        try:
            weight = float(number)
        except ValueError:
            weight = -1.0
        if kind not in weights or kind in seen or not 0 <= weight < float("inf"):
            raise InvalidOptionError(
                f"Option `kind_weights` has {text!r}; items look like margin=2, each kind once and no number below 0. "
                f"Kinds are {', '.join(NEGATIVE_KINDS)}."
            )
        seen.add(kind)
        weights[kind] = weight
    if not any(weights.values()):
        raise InvalidOptionError(
            "Option `kind_weights` leaves out all kinds of negatives; set `negatives` to 0 instead."
        )
    return weights


def divided(total: int, weights: Mapping[str, float]) -> dict[str, int]:
    """Divide a number of chips among kinds by their weights; the sum is kept."""
    shares = np.array(list(weights.values()))
    ends = np.rint(total * np.cumsum(shares) / shares.sum()).astype(int)
    return dict(zip(weights, np.diff(ends, prepend=0).tolist(), strict=True))
