"""Stage `heatmap`: apply a network to a feature stack, tile by tile, as if it were applied to the whole at once."""

from __future__ import annotations

import contextlib
import itertools
import math
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from . import provenance
from .activation import activated
from .background import read_ahead, write_behind
from .blending import Blend
from .cache import remembered
from .card import ModelCard, ModelClass
from .contracts.heatmap import HeatmapOptions, HeatmapResult
from .eligibility import Eligibility
from .errors import InvalidModelError, InvalidOptionError
from .files import check_writable
from .grid import Window
from .heatmapgrid import HeatmapGrid
from .memorylimit import limited_memory
from .modelinput import ModelInput
from .network import Network, uses_gpu
from .progress import Progress
from .raster import Band, Raster
from .receptivefield import METHOD, measured_halo
from .roles import HEATMAP
from .statedcard import card_for
from .tilereader import Tile, read_tiles
from .tiling import Tiling, largest_useful_side, plan_tiles, round_up, tile_side

SPEED_KEY = "ROCK_GLACIER_MAPPER_TILES_PER_SECOND"
_STORAGE = {"byte": ("uint8", 255.0, 0.004), "float32": ("float32", -9999.0, 1.0)}
# Whole for every common encoder, which halves its input at most five times.
_UNSTATED_STRIDE = 32
# Large enough to see how far common networks see; smaller tiles would only show that it is farther.
_MEASURING_SIDE = 512
# Rounding of a network's own sigmoid; beyond it the output is no probability.
_PROBABILITY_TOLERANCE = 1e-3
# Tiles read before the network takes them, and images that wait to be written: enough to bridge a slow one.
_TILES_AHEAD = 2
_IMAGES_BEHIND = 2

Image = NDArray[np.float32]


def run(options: HeatmapOptions, progress: Progress) -> HeatmapResult:
    """Apply a CNN to a feature stack.

    Every pixel gets the value that the network would give it on an endless raster (the stack, mirrored at its edges),
    whatever the tile size. A network that sees its whole tile has no such value: its tiles are blended, with a warning.
    A pixel is nodata where any band that the network needs has no value there, and where it is not eligible: outside
    the area, or the ranges of elevation and slope. Tiles without other pixels are skipped.

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
        If the model cannot be run, gives something else than numbers of one image, or exceeds a limit.
    ModelMismatchError
        If the stack does not fit the model, or the model does not say what it needs.
    InvalidCRSError
        If the stack is in degrees or has no reference system.
    InvalidOptionError
        If the tiles are too small for the model or too large for the memory, or a range is empty.
    InvalidRasterError, InvalidVectorError, OutputError
        If a file cannot be read or written.
    """
    check_writable(options.output, ".tif", ".tiff", inputs=[options.stack, options.area])
    with Raster(options.stack) as stack:
        eligibility = Eligibility(options, stack)
        with _limited(options):
            return _mapped(options, stack, eligibility, progress)


def _mapped(options: HeatmapOptions, stack: Raster, eligibility: Eligibility, progress: Progress) -> HeatmapResult:
    """Write the heatmap of an open stack."""
    network = Network(options.model, options.device, progress, options.time_limit)
    card = card_for(network, options)
    grid = HeatmapGrid(options, stack, card, eligibility, progress)
    source = ModelInput(grid.stack, card, network, progress)
    frame = _framed(network, card, source, options.tile_size, progress)
    card = card.with_classes(frame.channels)
    mapper = _Mapper(network, card, frame)
    step = provenance.step(
        "heatmap",
        options,
        model_name=card.name,
        model_sha256=network.sha256,
        provider=network.provider,
        tile_size=frame.tiling.size,
        halo=frame.tiling.halo,
        blended=frame.tiling.reach > 0,
        **grid.facts,
    )
    bands = [_band(name, options.output_type) for name in _band_names(card, frame.channels)]
    cores = len(frame.tiling.cores())
    with grid.writer(bands, [*stack.provenance, step]) as writer:

        def write_image(image: tuple[Window, Image]) -> None:
            writer.write(*image)

        begin = time.monotonic()
        # From here on the stack is read by the reading thread alone, and the heatmap written by the writing one.
        with (
            write_behind(write_image, _IMAGES_BEHIND, progress) as write,
            read_ahead(read_tiles(source, grid.eligibility, frame.tiling), _TILES_AHEAD, progress) as tiles,
        ):
            for image in mapper.map(progress.each(tiles, cores, "Applying the network"), progress):
                write(image)
        speed = mapper.tiles / max(time.monotonic() - begin, 1e-9)
        writer.note(SPEED_KEY, f"{speed:.3g}")
    mapper.report(speed, progress)
    return HeatmapResult(options.output, network.provider, mapper.tiles, cores - mapper.tiles, speed)


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

    def target_of(self, output: Image, tile: Tile) -> Image:
        """Return the part of a tile's output that counts, shape (channels, target's height, target's width)."""
        left = tile.target.x - tile.core.x + self.tiling.halo - self.margin
        top = tile.target.y - tile.core.y + self.tiling.halo - self.margin
        return output[:, top : top + tile.target.height, left : left + tile.target.width]


class _Mapper:
    """Turns tiles into class probabilities.

    Attributes
    ----------
    tiles : int
        How many tiles the network was run on.
    """

    def __init__(self, network: Network, card: ModelCard, frame: _Frame) -> None:
        self.tiles = 0
        self._network = network
        self._card = card
        self._frame = frame
        self._channels = _channel_order(card, frame.channels)
        self._lowest, self._highest = 0.0, 1.0

    def map(self, tiles: Iterable[Tile | None], progress: Progress) -> Iterator[tuple[Window, Image]]:
        """Yield windows with their values, shape (bands, height, width), NaN where no value is wanted."""
        answered = self._answered((tile for tile in tiles if tile is not None), progress)
        if not self._frame.tiling.reach:
            for tile, values in answered:
                yield tile.target, np.where(tile.wanted, values, np.float32(np.nan))
            return
        blend = Blend(self._frame.tiling, self._frame.channels)
        for tile, values in answered:
            yield from blend.add(tile, values)
        yield from blend.rest()

    def report(self, speed: float, progress: Progress) -> None:
        """Tell how fast the network was, and what was odd."""
        progress.report(1, f"Ran {self.tiles} tiles on {self._network.provider}, {speed:.3g} tiles per second")
        if not self.tiles:
            progress.warn(
                "No pixel was mapped: the stack has no eligible pixel that is valid in every band needed. "
                "Check the area and the ranges of elevation and slope."
            )
        if self._lowest < -_PROBABILITY_TOLERANCE or self._highest > 1 + _PROBABILITY_TOLERANCE:
            progress.warn(
                f"The model {self._network.name} gives values from {self._lowest:.3g} to {self._highest:.3g}, "
                "which were clipped to 0..1. If they are logits, its card must name the activation."
            )

    def _answered(self, tiles: Iterator[Tile], progress: Progress) -> Iterator[tuple[Tile, Image]]:
        """Yield the tiles with their probabilities, having run as many at once as the network takes."""
        while batch := list(itertools.islice(tiles, self._network.batch)):
            outputs = self._network.run_batch([tile.values for tile in batch], progress)
            self.tiles += len(batch)
            for tile, output in zip(batch, outputs, strict=True):
                yield tile, self._probabilities(self._frame.target_of(output, tile), tile)

    def _probabilities(self, output: Image, tile: Tile) -> Image:
        """Return the classes' probabilities in a tile's target, the target class first."""
        values = activated(output, self._card.activation)[self._channels]
        inside = values[:, tile.wanted]
        if not np.isfinite(inside).all():
            raise self._not_finite(values, tile)
        self._lowest = min(self._lowest, float(inside.min()))
        self._highest = max(self._highest, float(inside.max()))
        return np.clip(values, 0, 1)

    def _not_finite(self, values: Image, tile: Tile) -> InvalidModelError:
        row, column = np.argwhere(tile.wanted & ~np.isfinite(values).all(axis=0))[0]
        column, row = int(column) + tile.target.x, int(row) + tile.target.y
        x, y = self._frame.tiling.grid.coordinates(column + 0.5, row + 0.5)
        return InvalidModelError(
            f"The model {self._network.name} gives no finite number at column {column}, row {row} "
            f"({float(x):.10g}, {float(y):.10g}), although all bands have a value there. Its weights are damaged, "
            "or the values there are far from those that it was trained on."
        )


def _limited(options: HeatmapOptions) -> contextlib.AbstractContextManager[None]:
    """Return the limit on memory; a GPU's driver reserves far more than it takes, so there none can be set."""
    return contextlib.nullcontext() if uses_gpu(options.device) else limited_memory(options.memory_limit)


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
    channels, margin = _tried(network, source.channels, side, progress)
    halo = card.halo if card.halo is not None else _measured(network, source.channels, side, stride, progress)
    if halo is not None:
        return _Frame(plan_tiles(source.grid, side, max(halo, margin), stride, fixed), channels, margin)
    halo = max(side // 4, margin + stride)
    tiling = plan_tiles(source.grid, side, halo // stride * stride, stride, fixed)
    return _Frame(replace(tiling, reach=tiling.halo - margin), channels, margin)


def _tried(network: Network, channels: int, side: int, progress: Progress) -> tuple[int, int]:
    """Return the channels of the network's output and its margin, having run it once."""
    progress.report(0, f"Trying the network on {network.provider}")
    try:
        shape = network.run(np.zeros((channels, side, side), np.float32), progress).shape
    except MemoryError as error:
        raise InvalidOptionError(
            f"Tiles of {side} pixels do not fit into this computer's memory; choose a smaller tile size."
        ) from error
    return shape[0], _margin(network, side, shape)


def _margin(network: Network, side: int, shape: tuple[int, ...]) -> int:
    """Return by how many pixels the output is smaller than the tile, on every side."""
    _, height, width = shape
    if height != width or height > side or (side - height) % 2:
        raise InvalidModelError(
            f"The model {network.name} gives {width} x {height} pixels for a tile of {side} x {side}. "
            "It must give one value a pixel; only a margin equal on all sides may be missing."
        )
    return (side - height) // 2


def _measured(network: Network, channels: int, side: int, stride: int, progress: Progress) -> int | None:
    """Return the halo of a network whose card does not state it, None where none makes its tiles exact."""
    progress.report(0, "Measuring how far the network sees")
    measuring_side = network.size or max(side, round_up(_MEASURING_SIDE, stride))
    halo = remembered(
        f"halo-{METHOD}-{network.sha256}-{channels}-{measuring_side}-{stride}",
        lambda: measured_halo(network, channels, measuring_side, stride, progress),
    )
    if halo is None:
        progress.warn(
            f"The network sees farther than a tile of {measuring_side} pixels shows, or without limit. No halo makes "
            "its tiles exact; overlapping tiles are blended instead, so that the heatmap depends on the tile size."
        )
    return halo


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
