"""The tiles of a stack as a network takes them, without those that hold nothing to be mapped."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .eligibility import Eligibility
from .grid import Window
from .modelinput import ModelInput
from .tiling import Tiling


@dataclass(frozen=True)
class Tile:
    """What a network is given, and which of its answers are wanted.

    Attributes
    ----------
    core : Window
        The tile's own pixels.
    target : Window
        Pixels of the raster for which the tile's answer counts: the core, or more where tiles are blended.
    values : array of float32, shape (bands, size, size)
        The network's input.
    wanted : array of bool, shape (target's height, width)
        Pixels of the target to be mapped.
    """

    core: Window
    target: Window
    values: NDArray[np.float32]
    wanted: NDArray[np.bool_]


def read_tiles(source: ModelInput, eligibility: Eligibility, tiling: Tiling) -> Generator[Tile | None, None, None]:
    """Yield the tile of each core in order, None where no pixel is to be mapped.

    Parameters
    ----------
    source : ModelInput
        The stack as the network sees it.
    eligibility : Eligibility
        What is to be mapped.
    tiling : Tiling
        How the raster is cut.
    """
    for core in tiling.cores():
        yield _tile(source, eligibility, tiling, core)


def _tile(source: ModelInput, eligibility: Eligibility, tiling: Tiling, core: Window) -> Tile | None:
    target, window = tiling.target(core), tiling.around(core)
    if source.is_empty(target):
        return None
    wanted = eligibility.mask(target)
    if not wanted.any():
        return None
    values = source.read(window, target, wanted)
    return Tile(core, target, values, wanted) if values is not None else None
