"""One block of a composite: read from all scenes, reduced to one value a band and pixel."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..parallel import Threads
from ..progress import Progress
from ..rasters.grid import Window
from .compositing import known_count, missing, percentile_of
from .scenereading import SceneReader
from .scenes import Observation, Scene

_DAYS = 365
# Observations whose neighbourhoods differ by less than this share are taken for equally free of snow and cloud.
_STEP_OF_SHARE = 0.1
# What decides is in one number: whether the pixel is hidden, the steps of the share, the days.
_DAY_PLACES, _SHARE_PLACES = 1000, 1000
_ROUNDING = 1e-6
# Pixels that one thread sorts.
_PART = 2**18
_WORST = np.iinfo(np.int32).max


class Block(NamedTuple):
    """Values of a block in steps of the type, shape (bands, height, width), and the observations of each pixel."""

    values: NDArray[Any]
    observations: NDArray[np.int16]


def percentile_block(
    reader: SceneReader,
    observations: Sequence[Observation],
    roles: Sequence[str],
    percentile: float,
    window: Window,
    threads: Threads,
    progress: Progress,
) -> Block:
    """Return a percentile of the clear observations, band by band.

    The count is that of the band with the fewest.
    """
    shape = window.height, window.width
    block = _empty(reader, roles, shape)
    if not observations:
        return block
    block.observations[:] = len(observations)
    made = threads.map(lambda scene: reader.left_out(scene, window), [scene for seen in observations for scene in seen])
    left_out = [[next(made) for _ in scenes] for scenes in observations]
    for role, result in progress.each(zip(roles, block.values, strict=True), len(roles), "Compositing"):
        stack = np.empty((len(observations), *shape), reader.dtype)

        def read(number: int, role: str = role, stack: NDArray[Any] = stack) -> None:
            _read_into(stack[number], reader, observations[number], left_out[number], role, window)

        list(threads.map(read, range(len(observations))))
        result[:], count = _reduced(stack, percentile, threads)
        np.minimum(block.observations, count, out=block.observations)
    return block


def _empty(reader: SceneReader, roles: Sequence[str], shape: tuple[int, int]) -> Block:
    values = np.full((len(roles), *shape), missing(reader.dtype), reader.dtype)
    return Block(values, np.zeros(shape, np.int16))


def _read_into(
    target: NDArray[Any],
    reader: SceneReader,
    observation: Observation,
    left_out: Sequence[NDArray[np.bool_] | None],
    role: str,
    window: Window,
) -> None:
    """Fill an array with what the scenes of an observation show, the first where several do."""
    none = missing(reader.dtype)
    is_empty = True
    for scene, mask in zip(observation, left_out, strict=True):
        values = reader.values(scene, role, window)
        if values is None:
            continue
        if mask is not None:
            values[mask] = none
        np.copyto(target, values, where=True if is_empty else target == none)
        is_empty = False
    if is_empty:
        target[:] = none


def _reduced(stack: NDArray[Any], percentile: float, threads: Threads) -> tuple[NDArray[Any], NDArray[np.int16]]:
    """Return a percentile over the first axis, and how many values it is of; the stack is sorted by it."""
    flat = stack.reshape(len(stack), -1)
    parts = [flat[:, start : start + _PART] for start in range(0, flat.shape[1], _PART)]
    reduced = list(threads.map(lambda part: (percentile_of(part, percentile), known_count(part)), parts))
    values, counts = (np.concatenate(arrays).reshape(stack.shape[1:]) for arrays in zip(*reduced, strict=True))
    return values, counts


def best_block(
    reader: SceneReader,
    observations: Sequence[Observation],
    roles: Sequence[str],
    day_of_year: int,
    window: Window,
    threads: Threads,
    progress: Progress,
) -> Block:
    """Return all bands of each pixel's best observation.

    The best is one that shows the ground and not snow or cloud; among such the one with the least share of snow and
    cloud around, in steps of a tenth; among such the one nearest to a day of the year; among such the first.
    """
    shape = window.height, window.width
    block = _empty(reader, roles, shape)
    lowest = np.full(shape, _WORST, np.int32)
    numbered = [(number, scene) for number, observation in enumerate(observations) for scene in observation]
    seen, last = np.zeros(shape, bool), -1
    views = threads.map(lambda item: _view(reader, item[1], roles, window), numbered)
    for (number, scene), view in progress.each(zip(numbered, views, strict=True), len(numbered), "Compositing"):
        if number != last:
            seen, last = np.zeros(shape, bool), number
        if view is None:
            continue
        block.observations[view.clear & ~seen] += 1
        seen |= view.clear
        rank = np.where(view.clear, view.rank + _days_apart(scene.require_date(), day_of_year), _WORST)
        better = rank < lowest
        lowest[better] = rank[better]
        np.copyto(block.values, view.values, where=better)
    return block


class _View(NamedTuple):
    """What a scene shows of a window: all bands, where all of them are clear, and the rank without the date."""

    values: NDArray[Any]
    clear: NDArray[np.bool_]
    rank: NDArray[np.int32]


def _view(reader: SceneReader, scene: Scene, roles: Sequence[str], window: Window) -> _View | None:
    """Return what a scene shows, None if that is nothing."""
    bands = []
    for role in roles:
        band = reader.values(scene, role, window)
        if band is None:
            return None
        bands.append(band)
    values = np.stack(bands)
    clear = (values != missing(reader.dtype)).all(axis=0)
    hidden = reader.hidden(scene, window)
    if hidden is None:
        return _View(values, clear, np.zeros(clear.shape, np.int32))
    steps = (hidden.share / _STEP_OF_SHARE + _ROUNDING).astype(np.int32)
    rank = (hidden.here * np.int32(_SHARE_PLACES) + steps) * np.int32(_DAY_PLACES)
    return _View(values, clear & ~hidden.left_out, rank)


def _days_apart(day: date, day_of_year: int) -> int:
    """Return the days between two days of any year, the shorter way round."""
    apart = abs(day.timetuple().tm_yday - day_of_year)
    return min(apart, _DAYS - min(apart, _DAYS))
