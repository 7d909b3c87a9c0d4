"""Stage `quantise`: a model with 8-bit integers for floats, written only if it gives nearly the same heatmap."""

from __future__ import annotations

import contextlib
import json
import os
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timezone
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..contracts.heatmap import HeatmapOptions
from ..contracts.quantise import QuantiseOptions, QuantiseResult
from ..errors import InvalidModelError, InvalidRasterError, OutputError
from ..files import check_writable, replacing
from ..heatmaps.orientations import orientations
from ..memorylimit import limited_memory
from ..options import field_default
from ..progress import Progress
from ..rasters.grid import Window
from ..rasters.raster import Raster
from ..rasters.tiling import plan_tiles, tile_side
from .activation import activated
from .card import Metric, ModelCard
from .cardmetadata import card_metadata, read_card
from .member import Member
from .modelfile import attach_metadata, read_model, stac_item
from .models import SUFFIX, find_model
from .network import Network
from .onnxfile import read_onnx
from .quantisation import quantised
from .statedcard import no_card

_THRESHOLD = 0.5
_Values = NDArray[np.float32]
_QUANTISED = "QuantizeLinear"
# A tile that is nearly all nodata shows the network's mean input, not the landscape.
_ENOUGH_VALID = 0.1


def run(options: QuantiseOptions, progress: Progress) -> QuantiseResult:
    """Quantise a model, calibrated on tiles of a stack and compared with the given one on other tiles of it.

    Parameters
    ----------
    options : QuantiseOptions
    progress : Progress

    Returns
    -------
    QuantiseResult

    Raises
    ------
    InvalidModelError
        If the model cannot be run or quantised, is quantised already, or would change the heatmap beyond the bound.
    ModelMismatchError
        If it has no card, or the stack does not fit it.
    InvalidRasterError
        If the stack has too few tiles with values.
    InvalidOptionError
        If the tiles are too small for the network.
    OutputError
        If the model cannot be written.
    """
    item_path = str(Path(options.output).with_suffix(".json"))
    path = find_model(options.model)
    check_writable(options.output, SUFFIX, inputs=[str(path), options.stack])
    check_writable(item_path, ".json", inputs=[str(path.with_suffix(".json"))])
    with Raster(options.stack) as stack, limited_memory(field_default(HeatmapOptions, "memory_limit")):
        network = Network(options.model, "cpu", progress)
        content = read_model(options.model)
        card = _card_of(network, content)
        tiles = _Tiles(options, network, card, stack, progress)
        calibrating, testing = tiles.chosen(options, progress)
        small = quantised(options.model, content, tiles.inputs(calibrating, progress.part(0.1, 0.6)))
        change = _compared(network, small, tiles, testing, progress.part(0.6, 1))
    _require_small(change, options, progress)
    card = _recorded(replace(card, halo=tiles.stated_halo), change, len(calibrating), options)
    model = attach_metadata(small, card_metadata(card))
    _write(options.output, item_path, card, model)
    progress.report(1.0, _summary(change, len(model) / len(content)))
    return QuantiseResult(
        options.output,
        change.largest,
        change.mean,
        change.crossing / change.pixels,
        change.share,
        len(calibrating),
        len(testing),
        len(model) / len(content),
    )


def _card_of(network: Network, content: bytes) -> ModelCard:
    if _QUANTISED in read_onnx(content).operators:
        raise InvalidModelError(f"The model {network.name} is quantised already; give the model that it was made from.")
    card = read_card(network.metadata)
    if card is None:
        raise no_card(network.name)
    return card


class _Tiles:
    """The tiles of a stack, as a network sees them.

    Attributes
    ----------
    stated_halo : int or None
        The halo of the card, or as it was measured: it cannot be measured of a quantised network, whose integers hide
        small disturbances.
    """

    def __init__(
        self, options: QuantiseOptions, network: Network, card: ModelCard, stack: Raster, progress: Progress
    ) -> None:
        member = Member(network, card, stack, orientations("none"), progress)
        side = tile_side(options.tile_size, member.stride, network.size)
        member.try_out(side, progress)
        self.stated_halo = member.halo(side, progress)
        self._source, self._margin, self._card = member.source, member.margin, member.card
        self._target = self._card.target_channel(len(member.classes))
        halo = side // 4 if self.stated_halo is None else self.stated_halo
        self._tiling = plan_tiles(stack.grid, side, max(halo, self._margin), member.stride, network.size is not None)

    def chosen(self, options: QuantiseOptions, progress: Progress) -> tuple[list[Window], list[Window]]:
        """Return the cores to calibrate on, and others to test on, at random among those with values."""
        cores = self._tiling.cores()
        wanted = options.calibration_tiles + options.test_tiles
        found: list[Window] = []
        for number in np.random.default_rng(options.seed).permutation(len(cores)):
            progress.check()
            if len(found) < wanted and self.read(cores[number])[1].mean() >= _ENOUGH_VALID:
                found.append(cores[number])
        if len(found) < 2:
            raise InvalidRasterError(
                f"{options.stack} has {len(found)} tiles of {self._tiling.core} pixels with values; at least two are "
                "needed, one to calibrate on and one to test on. Choose a smaller tile size, or give a larger stack."
            )
        split = min(options.calibration_tiles, max(len(found) - options.test_tiles, len(found) // 2))
        return found[:split], found[split:]

    def read(self, core: Window) -> tuple[NDArray[np.float32] | None, NDArray[np.bool_]]:
        """Return the network's input for a core, None without values, and which of the core's pixels are valid."""
        valid = np.ones((core.height, core.width), np.bool_)
        images = self._source.read(self._tiling.around(core), core, valid)
        return (images[0] if images else None), valid

    def inputs(self, cores: Sequence[Window], progress: Progress) -> Iterator[NDArray[np.float32]]:
        """Yield the network's input for some cores."""
        for core in progress.each(cores, len(cores), "Calibrating"):
            values = self.read(core)[0]
            if values is not None:
                yield values

    def heatmap(self, network: Network, tile: NDArray[np.float32], core: Window, progress: Progress) -> _Values:
        """Return the heatmap of a core, shape (height, width)."""
        start = self._tiling.halo - self._margin
        output = network.run(tile, progress)[:, start : start + core.height, start : start + core.width]
        values: _Values = np.clip(activated(output, self._card.activation)[self._target], 0, 1)
        return values


@dataclass
class _Change:
    """What quantisation changes in a heatmap, over some pixels."""

    pixels: int = 0
    largest: float = 0.0
    total: float = 0.0
    crossing: int = 0
    mapped: int = 0

    def add(self, before: _Values, after: _Values) -> None:
        """Count pixels of both heatmaps."""
        difference = np.abs(after - before)
        self.pixels += before.size
        self.largest = max(self.largest, float(difference.max(initial=0)))
        self.total += float(difference.sum(dtype=float))
        self.crossing += int(((before >= _THRESHOLD) != (after >= _THRESHOLD)).sum())
        self.mapped += int(((before >= _THRESHOLD) | (after >= _THRESHOLD)).sum())

    @property
    def mean(self) -> float:
        """Mean absolute difference."""
        return self.total / self.pixels

    @property
    def share(self) -> float:
        """Share that crosses the threshold, of the pixels that reach it in either heatmap."""
        return self.crossing / self.mapped if self.mapped else 0.0


def _compared(network: Network, small: bytes, tiles: _Tiles, cores: Sequence[Window], progress: Progress) -> _Change:
    """Run both networks on some cores."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "quantised.onnx")
        path.write_bytes(small)
        other = Network(str(path), "cpu", progress)
    change = _Change()
    for core in progress.each(cores, len(cores), "Comparing"):
        values, valid = tiles.read(core)
        if values is None:
            continue
        before = tiles.heatmap(network, values, core, progress)
        after = tiles.heatmap(other, values, core, progress)
        if not np.isfinite([before[valid], after[valid]]).all():
            raise InvalidModelError(f"The model {network.name} gives no finite numbers there; it is not quantised.")
        change.add(before[valid], after[valid])
    return change


def _require_small(change: _Change, options: QuantiseOptions, progress: Progress) -> None:
    if change.share > options.max_change_share:
        raise InvalidModelError(
            f"Quantised, the model {options.model} changes too much: {change.share:.1%} of the {change.mapped} pixels "
            f"at {_THRESHOLD:g} or above cross that value, and at most {options.max_change_share:.1%} may (largest "
            f"change {change.largest:.3f}, mean {change.mean:.4f}). Nothing was written. Calibrate with more tiles or "
            "on a stack with more rock glaciers, or use the model as it is."
        )
    if not change.mapped:
        progress.warn(
            f"No pixel of the test tiles reaches {_THRESHOLD:g}, so that the comparison says nothing of rock glaciers. "
            "Use a stack that shows some."
        )


def _summary(change: _Change, size: float) -> str:
    return (
        f"The heatmap of {change.pixels} pixels changes by {change.largest:.3f} at most and {change.mean:.4f} in the "
        f"mean; {change.crossing / change.pixels:.3%} of them cross {_THRESHOLD:g}, which is {change.share:.1%} of "
        f"those that reach it. The file has {size:.0%} of the given one's size."
    )


def _recorded(card: ModelCard, change: _Change, calibration_tiles: int, options: QuantiseOptions) -> ModelCard:
    """Return the card with what was done to the model and what that changed."""
    data = f"{change.pixels} pixels of {os.path.basename(options.stack)}"
    how = (
        "Quantised against float heatmap, on tiles that were not calibrated on. Crossing: share of all pixels that are "
        f"on different sides of {_THRESHOLD:g}; of mapped: of those that are not below it in either. Seed "
        f"{options.seed}."
    )
    figures = {
        "largest change": change.largest,
        "mean change": change.mean,
        "crossing": change.crossing / change.pixels,
        "crossing, of mapped": change.share,
    }
    metrics = [Metric(name, round(value, 6), data, how) for name, value in figures.items()]
    note = (
        f"Quantised to 8-bit integers, calibrated on {calibration_tiles} tiles of {os.path.basename(options.stack)}; "
        "figures of accuracy were measured before, unless they say otherwise."
    )
    return replace(
        card,
        name=f"{card.name}_int8",
        description=f"{card.description} {note}".strip(),
        metrics=(*card.metrics, *metrics),
        created=datetime.now(timezone.utc).date().isoformat(),
    )


def _write(path: str, item_path: str, card: ModelCard, model: bytes) -> None:
    """Write the model and the STAC item beside it, both or none."""
    item = json.dumps(stac_item(card, os.path.basename(path), model), indent=2, ensure_ascii=False) + "\n"
    with contextlib.ExitStack() as outputs:
        for name, content in ((item_path, item.encode()), (path, model)):
            temporary = outputs.enter_context(replacing(name))
            try:
                Path(temporary).write_bytes(content)
            except OSError as error:
                raise OutputError(f"The output {name} cannot be written: {error.strerror}.") from error
