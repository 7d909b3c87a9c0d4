"""Stage `heatmap`: apply a network to a feature stack, tile by tile, as if it were applied to the whole at once."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from . import provenance
from .activation import activated
from .card import ModelCard, ModelClass
from .contracts.heatmap import HeatmapOptions, HeatmapResult
from .errors import InvalidModelError, InvalidOptionError
from .files import check_writable
from .grid import Grid, Window
from .modelinput import ModelInput
from .network import Network
from .progress import Progress
from .raster import Band, Raster, RasterWriter
from .receptivefield import measured_halo
from .roles import HEATMAP
from .statedcard import card_for
from .tiling import Tiling, largest_useful_side, plan_tiles, round_up, tile_side
from .vector import burn, read_layer

_STORAGE = {"byte": ("uint8", 255.0, 0.004), "float32": ("float32", -9999.0, 1.0)}
# Whole for every common encoder, which halves its input at most five times.
_UNSTATED_STRIDE = 32
# Large enough to see how far common networks see; smaller tiles would only show that it is farther.
_MEASURING_SIDE = 512
# Rounding of a network's own sigmoid; beyond it the output is no probability.
_PROBABILITY_TOLERANCE = 1e-3


def run(options: HeatmapOptions, progress: Progress) -> HeatmapResult:
    """Apply a CNN to a feature stack.

    Every pixel gets the value that the network would give it on an endless raster (the stack, mirrored at its edges),
    whatever the tile size. A pixel is nodata where any band that the network needs has no value there, and outside the
    area; tiles without other pixels are skipped.

    Parameters
    ----------
    options : HeatmapOptions
    progress : Progress

    Returns
    -------
    HeatmapResult

    Raises
    ------
    InvalidModelError
        If the model cannot be run, or gives something else than numbers of one image.
    ModelMismatchError
        If the stack does not fit the model, or the model does not say what it needs.
    InvalidCRSError
        If the stack is in degrees or has no reference system.
    InvalidOptionError
        If the tiles are too small for the model, or too large for the memory.
    InvalidRasterError, InvalidVectorError, OutputError
        If a file cannot be read or written.
    """
    check_writable(options.output, ".tif", ".tiff", inputs=[options.stack, options.area])
    with Raster(options.stack) as stack:
        network = Network(options.model, options.device, progress)
        card = card_for(network, options)
        source = ModelInput(stack, card, network, progress)
        frame = _framed(network, card, source, options.tile_size, progress)
        card = card.with_classes(frame.channels)
        eligible = _Eligible(options.area, stack.grid)
        mapper = _Mapper(network, card, source, frame, eligible)
        step = provenance.step(
            "heatmap",
            options,
            model_name=card.name,
            model_sha256=network.sha256,
            provider=network.provider,
            tile_size=frame.tiling.size,
            halo=frame.tiling.halo,
        )
        bands = [_band(name, options.output_type) for name in _band_names(card, frame.channels)]
        with RasterWriter(options.output, stack.grid, bands, [*stack.provenance, step]) as writer:
            cores = frame.tiling.cores()
            done = 0
            for core, values in mapper.map(cores, progress):
                writer.write(core, values)
                done += 1
    if not done:
        progress.warn("No pixel was mapped: the stack has no pixel inside the area that is valid in every band needed.")
    mapper.warn(progress)
    return HeatmapResult(options.output, network.provider, done, len(cores) - done)


@dataclass(frozen=True)
class _Frame:
    """How the network's output lies in its tiles.

    Attributes
    ----------
    tiling : Tiling
        The tiles.
    channels : int
        Channels of the output.
    margin : int
        Pixels by which the output is smaller than the tile, on every side.
    """

    tiling: Tiling
    channels: int
    margin: int

    def core_of(self, output: NDArray[np.float32], core: Window) -> NDArray[np.float32]:
        """Return the part of a tile's output that belongs to its core, shape (channels, height, width)."""
        start = self.tiling.halo - self.margin
        return output[:, start : start + core.height, start : start + core.width]


class _Eligible:
    """Which pixels are to be mapped."""

    def __init__(self, area: str, grid: Grid) -> None:
        self._grid = grid
        self._geometries = read_layer(area, crs=grid.crs, columns=()).geometries if area else None

    def mask(self, window: Window) -> NDArray[np.bool_]:
        """Return the pixels of a window to be mapped, shape (height, width)."""
        if self._geometries is None:
            return np.ones((window.height, window.width), np.bool_)
        burnt = burn(self._geometries, 1, self._grid, np.uint8, window)
        return np.asarray(burnt > 0)


class _Mapper:
    """Turns cores into class probabilities."""

    def __init__(
        self, network: Network, card: ModelCard, source: ModelInput, frame: _Frame, eligible: _Eligible
    ) -> None:
        self._network = network
        self._card = card
        self._source = source
        self._frame = frame
        self._eligible = eligible
        self._channels = _channel_order(card, frame.channels)
        self._lowest, self._highest = 0.0, 1.0

    def map(self, cores: Sequence[Window], progress: Progress) -> Iterator[tuple[Window, NDArray[np.float32]]]:
        """Yield the cores that have a pixel to be mapped, with their values, shape (bands, height, width)."""
        for core in progress.each(cores, len(cores), "Applying the network"):
            wanted = self._eligible.mask(core)
            if not wanted.any():
                continue
            tile, valid = self._source.read(self._frame.tiling.around(core))
            halo = self._frame.tiling.halo
            wanted &= valid[halo : halo + core.height, halo : halo + core.width]
            if wanted.any():
                output = self._frame.core_of(self._network.run(tile, progress), core)
                yield core, self._probabilities(output, wanted, core)

    def warn(self, progress: Progress) -> None:
        """Tell if the network gave what cannot be probabilities."""
        if self._lowest < -_PROBABILITY_TOLERANCE or self._highest > 1 + _PROBABILITY_TOLERANCE:
            progress.warn(
                f"The model {self._network.name} gives values from {self._lowest:.3g} to {self._highest:.3g}, "
                "which were clipped to 0..1. If they are logits, its card must name the activation."
            )

    def _probabilities(
        self, output: NDArray[np.float32], wanted: NDArray[np.bool_], core: Window
    ) -> NDArray[np.float32]:
        """Return the classes' probabilities, the target's first, NaN where no value is wanted."""
        values = activated(output, self._card.activation)[self._channels]
        inside = values[:, wanted]
        if not np.isfinite(inside).all():
            raise self._not_finite(values, wanted, core)
        self._lowest = min(self._lowest, float(inside.min()))
        self._highest = max(self._highest, float(inside.max()))
        return np.where(wanted, np.clip(values, 0, 1), np.float32(np.nan))

    def _not_finite(self, values: NDArray[np.float32], wanted: NDArray[np.bool_], core: Window) -> InvalidModelError:
        row, column = np.argwhere(wanted & ~np.isfinite(values).all(axis=0))[0]
        column, row = int(column) + core.x, int(row) + core.y
        x, y = self._frame.tiling.grid.coordinates(column + 0.5, row + 0.5)
        return InvalidModelError(
            f"The model {self._network.name} gives no finite number at column {column}, row {row} "
            f"({float(x):.10g}, {float(y):.10g}), although all bands have a value there. Its weights are damaged, "
            "or the values there are far from those that it was trained on."
        )


def _framed(network: Network, card: ModelCard, source: ModelInput, tile_size: int, progress: Progress) -> _Frame:
    """Plan the tiles, having tried the network on one of mean values."""
    stride = card.stride or math.gcd(_UNSTATED_STRIDE, network.size or 0)
    if network.size not in (None, tile_size):
        progress.warn(f"The model takes tiles of {network.size} pixels only; the tile size {tile_size} is not used.")
    if card.halo is not None:
        tile_size = min(tile_size, largest_useful_side(source.grid, card.halo, stride))
    side = tile_side(tile_size, stride, network.size)
    fixed = network.size is not None
    if card.halo is not None:
        plan_tiles(source.grid, side, card.halo, stride, fixed)
    progress.report(0, "Trying the network")
    try:
        shape = network.run(np.zeros((source.channels, side, side), np.float32), progress).shape
    except MemoryError as error:
        raise InvalidOptionError(
            f"Tiles of {side} pixels do not fit into this computer's memory; choose a smaller tile size."
        ) from error
    margin = _margin(network, side, shape)
    halo = card.halo if card.halo is not None else _measured(network, source.channels, side, stride, progress)
    return _Frame(plan_tiles(source.grid, side, max(halo, margin), stride, fixed), shape[0], margin)


def _margin(network: Network, side: int, shape: tuple[int, ...]) -> int:
    """Return by how many pixels the output is smaller than the tile, on every side."""
    _, height, width = shape
    if height != width or height > side or (side - height) % 2:
        raise InvalidModelError(
            f"The model {network.name} gives {width} x {height} pixels for a tile of {side} x {side}. "
            "It must give one value a pixel; only a margin equal on all sides may be missing."
        )
    return (side - height) // 2


def _measured(network: Network, channels: int, side: int, stride: int, progress: Progress) -> int:
    """Return the halo of a network whose card does not state it."""
    progress.report(0, "Measuring how far the network sees")
    measuring_side = network.size or max(side, round_up(_MEASURING_SIDE, stride))
    halo = measured_halo(network, channels, measuring_side, stride, progress)
    if halo is not None:
        return halo
    progress.warn(
        f"The network sees farther than a tile of {measuring_side} pixels shows, or without limit: seams between tiles "
        "are possible. A larger tile size makes them weaker."
    )
    return side // 4


def _channel_order(card: ModelCard, channels: int) -> list[int]:
    """Return the output's channels, that of the target class first."""
    target = card.target_channel(channels)
    return [target, *(channel for channel in range(channels) if channel != target)]


def _band_names(card: ModelCard, channels: int) -> list[str]:
    """Return the bands' descriptions, in the order of `_channel_order`."""
    others: Sequence[ModelClass] = [item for item in card.classes if not item.target] if channels > 1 else []
    return [HEATMAP, *(f"{HEATMAP}_{item.name}" for item in others)]


def _band(role: str, output_type: str) -> Band:
    dtype, nodata, scale = _STORAGE[output_type]
    return Band(role, dtype, nodata, scale)
