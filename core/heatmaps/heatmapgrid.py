"""The grid that a network sees, and the way back: a heatmap always lies on the grid of its stack."""

from __future__ import annotations

import contextlib
import math
import os
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..contracts.heatmap import HeatmapOptions
from ..errors import ModelMismatchError
from ..networks.card import ModelCard
from ..progress import Progress
from ..provenance import Step
from ..rasters.grid import Window
from ..rasters.raster import Band, Raster, RasterWriter
from ..rasters.resampling import ResampledRaster
from .eligibility import Eligibility

# Beyond it, pixels would be mostly made up.
_SMALLEST_FACTOR = 0.25
_NODATA = -9999.0


class HeatmapGrid:
    """A stack as it is, or, where that is asked for and needed, at the pixel size that its network was trained for.

    Parameters
    ----------
    options : HeatmapOptions
    stack : Raster
        The open stack.
    cards : sequence of ModelCard
        What the networks need. The first one's pixel size counts; the others must accept it.
    eligibility : Eligibility
        Which pixels of the stack are to be mapped.
    progress : Progress
        Is told of the resampling.

    Attributes
    ----------
    stack : Raster
        The stack as the network sees it.
    eligibility : Eligibility
        Which of its pixels are to be mapped.
    facts : dict
        What provenance says of it.

    Raises
    ------
    ModelMismatchError
        If the stack is so coarse that most of what the network sees would be interpolated.
    """

    def __init__(
        self,
        options: HeatmapOptions,
        stack: Raster,
        cards: Sequence[ModelCard],
        eligibility: Eligibility,
        progress: Progress,
    ) -> None:
        self.stack, self.eligibility = stack, eligibility
        self.facts: dict[str, float] = {}
        self._given, self._wanted, self._progress = stack, eligibility, progress
        self._options = options
        roles = dict.fromkeys(role for card in cards for role in card.required_roles)
        self._roles = tuple(roles) if all(card.roles for card in cards) else None
        found, expected = stack.grid.ground_sample_distance, cards[0].ground_sample_distance
        if not options.resample or expected is None or cards[0].accepts(found):
            return
        self._factor = expected / found
        if self._factor < _SMALLEST_FACTOR:
            raise ModelMismatchError(
                f"{stack.path} has pixels of {found:.4g} m, more than {1 / _SMALLEST_FACTOR:g} times the {expected:g} "
                "m that the model was trained for: resampled, most of what it sees would be made up. Give a finer one."
            )
        progress.warn(
            f"The stack is resampled from {found:.4g} m to {expected:g} m for the network, and the heatmap back "
            "(mean where pixels become larger, bilinear where they become smaller)."
        )
        self.facts = {"resampled_to_m": expected}
        self.stack = ResampledRaster(options.stack, self._factor)
        self.eligibility = _NearEligible(eligibility, stack, self._factor)

    @contextlib.contextmanager
    def writer(self, bands: Sequence[Band], steps: Sequence[Step]) -> Iterator[RasterWriter | _Intermediate]:
        """Yield what takes the heatmap's values on the grid that the network sees."""
        if self.stack is self._given:
            with RasterWriter(self._options.output, self._given.grid, bands, steps) as writer:
                yield writer
            return
        folder = os.path.dirname(os.path.abspath(self._options.output))
        with tempfile.TemporaryDirectory(prefix=".rock-glacier-mapper-", dir=folder) as scratch, self.stack:
            path = str(Path(scratch, "heatmap.tif"))
            between = [Band(band.role, "float32", _NODATA) for band in bands]
            with RasterWriter(path, self.stack.grid, between) as seen:
                intermediate = _Intermediate(seen)
                yield intermediate
            with (
                ResampledRaster(path, 1 / self._factor, self._given.grid) as source,
                RasterWriter(self._options.output, self._given.grid, bands, steps) as target,
            ):
                self._resample_back(source, target)
                for name, text in intermediate.notes.items():
                    target.note(name, text)

    def _resample_back(self, source: Raster, target: RasterWriter) -> None:
        for window in self._given.grid.tiles(1024):
            self._progress.check()
            wanted = self._wanted.mask(window)
            if wanted.any():
                wanted &= np.isfinite(self._given.read(window, self._roles)).all(axis=0)
            if wanted.any():
                target.write(window, np.where(wanted, source.read(window), np.float32(np.nan)))


class _Intermediate:
    """The heatmap as the network sees it; notes are kept for the final one."""

    def __init__(self, writer: RasterWriter) -> None:
        self._writer = writer
        self.notes: dict[str, str] = {}

    def write(self, window: Window, values: NDArray[Any]) -> None:
        """Write values, shape (bands, height, width)."""
        self._writer.write(window, values)

    def note(self, name: str, text: str) -> None:
        """Keep an item of metadata."""
        self.notes[name] = text


class _NearEligible(Eligibility):
    """Windows at another pixel size in or near which a pixel of the stack is to be mapped: those as a whole.

    Values at the border of what is wanted are interpolated with their neighbours on both sides.
    """

    def __init__(self, wanted: Eligibility, stack: Raster, factor: float) -> None:
        self._wanted = wanted
        self._grid = stack.grid
        self._factor = factor

    def mask(self, window: Window) -> NDArray[np.bool_]:
        """Return whether pixels of a window are to be mapped, all or none, shape (height, width)."""
        margin = 2 * math.ceil(max(self._factor, 1))
        left = max(math.floor(window.x * self._factor) - margin, 0)
        top = max(math.floor(window.y * self._factor) - margin, 0)
        right = min(math.ceil((window.x + window.width) * self._factor) + margin, self._grid.width)
        bottom = min(math.ceil((window.y + window.height) * self._factor) + margin, self._grid.height)
        near = self._wanted.mask(Window(left, top, right - left, bottom - top))
        return np.full((window.height, window.width), near.any())
