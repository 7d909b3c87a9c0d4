"""One network at work on a stack: from its model file to the class probabilities of tiles."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from ..cache import remembered
from ..errors import InvalidModelError, InvalidOptionError
from ..heatmaps.orientations import Orientation
from ..heatmaps.tilereader import Tile
from ..progress import Progress
from ..rasters.raster import Raster
from ..rasters.tiling import Tiling, round_up
from .activation import activated
from .card import ModelCard
from .modelinput import ModelInput
from .network import Network
from .receptivefield import METHOD, gives_each_pixel, measured_halo, tiles_agree

# Whole for every common encoder, which halves its input at most five times.
_UNSTATED_STRIDE = 32
# Large enough to see how far common networks see; smaller tiles would only show that it is farther.
_MEASURING_SIDE = 512
# Rounding of a network's own sigmoid; beyond it the output is no probability.
_PROBABILITY_TOLERANCE = 1e-3
_BLENDED = "overlapping tiles are blended instead, so that the heatmap depends on the tile size."

Image = NDArray[np.float32]


class Member:
    """One of the models whose mean is the heatmap.

    Parameters
    ----------
    network : Network
        The model's network.
    card : ModelCard
        Its card, completed by what the user states.
    stack : Raster
        The open stack, as the network is to see it.
    orientations : sequence of Orientation
        The ways in which each tile is laid down.
    progress : Progress

    Attributes
    ----------
    network : Network
        The model's network.
    card : ModelCard
        The model's card.
    source : ModelInput
        The stack as the network sees it.
    stride : int
        What the sides of its tiles must be a multiple of, in pixels.
    classes : tuple of str
        Names of the classes that it gives, the target first; known after the trial.
    margin : int
        Pixels by which its output is smaller than the tile, on every side; known after the trial.
    """

    def __init__(
        self,
        network: Network,
        card: ModelCard,
        stack: Raster,
        orientations: Sequence[Orientation],
        progress: Progress,
    ) -> None:
        self.network = network
        self.card = card
        self.source = ModelInput(stack, self.card, self.network, progress, orientations)
        self.stride = self.card.stride or math.gcd(_UNSTATED_STRIDE, self.network.size or 0)
        self.classes: tuple[str, ...] = ()
        self.margin = 0
        self._orientations = orientations
        self._channels: list[int] = []
        self._lowest, self._highest = 0.0, 1.0

    def try_out(self, side: int, progress: Progress) -> None:
        """Run the network once, on a tile of mean values, to learn what it gives."""
        progress.report(0, f"Trying the network on {self.network.provider}")
        try:
            shape = self.network.run(np.zeros((self.source.channels, side, side), np.float32), progress).shape
        except (MemoryError, ValueError) as error:  # the second where numpy cannot even count the bytes
            raise InvalidOptionError(
                f"Tiles of {side} pixels do not fit into this computer's memory; choose a smaller tile size."
            ) from error
        self.margin = _margin(self.network, side, shape)
        if not gives_each_pixel(self.network, self.source.channels, side, self.stride, shape[-1], progress):
            raise InvalidModelError(
                f"The model {self.network.name} gives {shape[-1]} x {shape[-1]} values for a tile of {side} x {side} "
                f"pixels, each for about {round(side / shape[-1])} x {round(side / shape[-1])} of them. Export it with "
                "a last layer that brings them to the pixels of its input."
            )
        self.card = self.card.with_classes(shape[0])
        self._channels = _channel_order(self.card, shape[0])
        self.classes = tuple(
            (self.card.target if shape[0] == 1 else self.card.classes[channel]).name for channel in self._channels
        )

    def follow(self, first: Member) -> None:
        """Give the classes in the order in which another member gives them.

        Raises
        ------
        InvalidOptionError
            If it is the same model, or has another target or other classes.
        """
        if self.network.sha256 == first.network.sha256:
            raise InvalidOptionError(
                f"The model {self.network.name} is the same as {first.network.name}; it would count twice. "
                "Name each model once."
            )
        if self.classes[0] != first.classes[0] or set(self.classes) != set(first.classes):
            raise InvalidOptionError(
                f"The model {self.network.name} maps {', '.join(self.classes)}, but {first.network.name} maps "
                f"{', '.join(first.classes)} (the target first). Models of an ensemble must have the same classes."
            )
        self._channels = [self._channels[self.classes.index(name)] for name in first.classes]
        self.classes = first.classes

    def halo(self, side: int, progress: Progress) -> int | None:
        """Return the card's halo, or measure it on a tile of at least `side` pixels; None where none is enough."""
        halo = self._measured(side, progress) if self.card.halo is None else self.card.halo
        if halo is None:
            progress.warn(
                "The network sees farther than a tile shows, or without limit. No halo makes its tiles exact; "
                f"{_BLENDED}"
            )
        elif not self._is_enough(halo, progress):
            progress.warn(
                f"With a halo of {halo} pixels and a stride of {self.stride}, as the model's card states them or as "
                "they were measured, tiles do not agree. If the network has another stride, state it in the card "
                f"(rock_glacier_mapper:stride). So long, {_BLENDED}"
            )
            return None
        return halo

    def _is_enough(self, halo: int, progress: Progress) -> bool:
        network, channels, stride = self.network, self.source.channels, self.stride
        agree = remembered(
            f"agree-{METHOD}-{network.sha256}-{channels}-{halo}-{stride}",
            lambda: int(tiles_agree(network, channels, halo, stride, progress)),
        )
        return bool(agree)

    def answers(
        self, tiles: Sequence[Tile], inputs: Sequence[Sequence[Image]], tiling: Tiling, progress: Progress
    ) -> Iterator[list[Image]]:
        """Yield the probabilities in the target of each tile, one array an orientation.

        Parameters
        ----------
        tiles : sequence of Tile
            Where the answers are wanted.
        inputs : sequence of sequences of arrays
            What this network is given of each tile, one array an orientation.
        tiling : Tiling
            How the tiles lie.
        progress : Progress

        Yields
        ------
        list of arrays of float32, shape (classes, target's height, target's width)
        """
        outputs = self._outputs(itertools.chain.from_iterable(inputs), progress)
        for tile in tiles:
            yield [
                self._probabilities(self._target_of(orientation.undo(output), tile, tiling), tile, tiling)
                for orientation, output in zip(self._orientations, outputs, strict=False)
            ]

    def report(self, progress: Progress) -> None:
        """Tell what was odd."""
        if self._lowest < -_PROBABILITY_TOLERANCE or self._highest > 1 + _PROBABILITY_TOLERANCE:
            progress.warn(
                f"The model {self.network.name} gives values from {self._lowest:.3g} to {self._highest:.3g}, "
                "which were clipped to 0..1. If they are logits, its card must name the activation."
            )

    def _measured(self, side: int, progress: Progress) -> int | None:
        progress.report(0, "Measuring how far the network sees")
        network, channels, stride = self.network, self.source.channels, self.stride
        measuring_side = network.size or max(side, round_up(_MEASURING_SIDE, stride))
        return remembered(
            f"halo-{METHOD}-{network.sha256}-{channels}-{measuring_side}-{stride}",
            lambda: measured_halo(network, channels, measuring_side, stride, progress),
        )

    def _outputs(self, images: Iterator[Image], progress: Progress) -> Iterator[Image]:
        """Yield the network's output for each image, having run as many at once as it takes."""
        while batch := list(itertools.islice(images, self.network.batch)):
            # The network looks for cancelling in long runs only.
            progress.check()
            yield from self.network.run_batch(batch, progress)

    def _target_of(self, output: Image, tile: Tile, tiling: Tiling) -> Image:
        """Return the part of a tile's output that counts."""
        left = tile.target.x - tile.core.x + tiling.halo - self.margin
        top = tile.target.y - tile.core.y + tiling.halo - self.margin
        return output[:, top : top + tile.target.height, left : left + tile.target.width]

    def _probabilities(self, output: Image, tile: Tile, tiling: Tiling) -> Image:
        """Return the classes' probabilities in a tile's target, the target class first."""
        values = activated(output, self.card.activation)[self._channels]
        inside = values[:, tile.wanted]
        if not np.isfinite(inside).all():
            raise self._not_finite(values, tile, tiling)
        self._lowest = min(self._lowest, float(inside.min()))
        self._highest = max(self._highest, float(inside.max()))
        return np.clip(values, 0, 1)

    def _not_finite(self, values: Image, tile: Tile, tiling: Tiling) -> InvalidModelError:
        row, column = np.argwhere(tile.wanted & ~np.isfinite(values).all(axis=0))[0]
        column, row = int(column) + tile.target.x, int(row) + tile.target.y
        x, y = tiling.grid.coordinates(column + 0.5, row + 0.5)
        return InvalidModelError(
            f"The model {self.network.name} gives no finite number at column {column}, row {row} "
            f"({float(x):.10g}, {float(y):.10g}), although all bands have a value there. Its weights are damaged, "
            "or the values there are far from those that it was trained on."
        )


def _margin(network: Network, side: int, shape: tuple[int, ...]) -> int:
    """Return by how many pixels the output is smaller than the tile, on every side."""
    _, height, width = shape
    if height != width or height > side or (side - height) % 2:
        raise InvalidModelError(
            f"The model {network.name} gives {width} x {height} pixels for a tile of {side} x {side}. "
            "It must give one value a pixel; only a margin equal on all sides may be missing."
        )
    return (side - height) // 2


def _channel_order(card: ModelCard, channels: int) -> list[int]:
    """Return the output's channels, that of the target class first."""
    target = card.target_channel(channels)
    return [target, *(channel for channel in range(channels) if channel != target)]
