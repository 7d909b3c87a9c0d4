"""The tiles of a stack as networks take them, without those that hold nothing to be mapped."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..networks.modelinput import ModelInput
from ..rasters.grid import Window
from ..rasters.tiling import Tiling
from .eligibility import Eligibility


@dataclass(frozen=True)
class Tile:
    """What networks are given, and which of their answers are wanted.

    Attributes
    ----------
    core : Window
        The tile's own pixels.
    target : Window
        Pixels of the raster for which the tile's answer counts: the core, or more where tiles are blended.
    inputs : list of lists of arrays of float32, shape (bands, size, size)
        What each network is given, one array an orientation.
    wanted : array of bool, shape (target's height, width)
        Pixels of the target to be mapped.
    """

    core: Window
    target: Window
    inputs: list[list[NDArray[np.float32]]]
    wanted: NDArray[np.bool_]


def read_tiles(
    sources: Sequence[ModelInput], eligibility: Eligibility, tiling: Tiling
) -> Generator[Tile | None, None, None]:
    """Yield the tile of each core in order, None where no pixel is to be mapped.

    Parameters
    ----------
    sources : sequence of ModelInput
        The stack as each network sees it. A pixel that is invalid for one of them is mapped by none.
    eligibility : Eligibility
        What is to be mapped.
    tiling : Tiling
        How the raster is cut.
    """
    for core in tiling.cores():
        yield _tile(sources, eligibility, tiling, core)


def _tile(sources: Sequence[ModelInput], eligibility: Eligibility, tiling: Tiling, core: Window) -> Tile | None:
    target, window = tiling.target(core), tiling.around(core)
    if any(source.is_empty(target) for source in sources):
        return None
    wanted = eligibility.mask(target)
    if not wanted.any():
        return None
    inputs = []
    for source in sources:
        images = source.read(window, target, wanted)
        if not images:
            return None
        inputs.append(images)
    return Tile(core, target, inputs, wanted)
