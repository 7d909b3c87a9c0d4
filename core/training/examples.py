"""Example chips for the report: what the network found, missed and mapped wrongly, over a picture of the chip."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from ..progress import Progress
from ..rasters.picture import png
from ..rasters.roles import OPTICAL, source_of
from .architectures import Network
from .scoring import Judge
from .trainingset import Image, Sample, TrainingSet

HIT, MISSED, FALSE = (86, 180, 233), (213, 94, 0), (240, 228, 66)
"""Colours of the outcome of a pixel; colour-blind readers can tell them apart."""

_COLOURS = ("B04", "B03", "B02")
_GREY = ("hillshade", "slope", "coherence")
_MOST_CHIPS = 200
_EACH = 3
_SIDE = 240
_OPACITY = 0.55
_PERCENTILES = (1, 99)


class Example(NamedTuple):
    """A chip with its picture, in which hits, misses and false pixels are coloured.

    Attributes
    ----------
    title : str
        What it shows.
    caption : str
        The chip and its figures.
    plain, coloured : bytes
        PNG files: the chip alone, and with the outcome over it.
    """

    title: str
    caption: str
    plain: bytes
    coloured: bytes


class _Outcome(NamedTuple):
    sample: Sample
    hits: int
    missed: int
    false: int


def example_chips(
    samples: TrainingSet, split: str, judge: Judge, network: Network, logit: float, progress: Progress
) -> list[Example]:
    """Return the chips of a split with most hits, with most misses, and with most false pixels.

    Parameters
    ----------
    samples : TrainingSet
    split : str
    judge : Judge
    network : Network
    logit : float
        From which on a pixel counts as mapped.
    progress : Progress
    """
    chips = samples.samples(split)
    chosen = chips[:: max(len(chips) // _MOST_CHIPS, 1)]
    outcomes = [
        _outcome(samples, sample, judge, network, logit)
        for sample in progress.each(chosen, len(chosen), "Choosing example chips")
    ]
    examples = []
    for title, key in (("Found", "hits"), ("Missed", "missed"), ("Mapped wrongly", "false")):
        ranked = sorted(outcomes, key=operator.attrgetter(key), reverse=True)
        best = [outcome for outcome in ranked if getattr(outcome, key)][:_EACH]
        outcomes = [outcome for outcome in outcomes if outcome not in best]
        examples += [_drawn(samples, outcome, title, judge, network, logit) for outcome in best]
    return examples


def _outcome(samples: TrainingSet, sample: Sample, judge: Judge, network: Network, logit: float) -> _Outcome:
    _, mask, valid = samples.read(sample)
    mapped = judge.logits(network, sample) >= logit
    hits, missed, false = mapped & mask & valid, ~mapped & mask & valid, mapped & ~mask & valid
    return _Outcome(sample, int(hits.sum()), int(missed.sum()), int(false.sum()))


def _drawn(
    samples: TrainingSet, outcome: _Outcome, title: str, judge: Judge, network: Network, logit: float
) -> Example:
    image, mask, valid = samples.read(outcome.sample)
    mapped = judge.logits(network, outcome.sample) >= logit
    picture, visible = _picture(image, samples.roles)
    coloured = picture.astype(np.float32)
    for chosen, colour in (
        (mapped & mask & valid, HIT),
        (~mapped & mask & valid, MISSED),
        (mapped & ~mask & valid, FALSE),
    ):
        coloured[:, chosen] = (1 - _OPACITY) * coloured[:, chosen] + _OPACITY * np.array(colour)[:, None]
    factor = max(_SIDE // mask.shape[0], 1)
    caption = (
        f"{outcome.sample.chip.path.rsplit('/', 1)[-1]}, {outcome.sample.chip.kind.replace('_', ' ')}: "
        f"{outcome.hits} pixels found, {outcome.missed} missed, {outcome.false} false"
    )
    return Example(title, caption, _png(picture, visible, factor), _png(coloured.astype(np.uint8), visible, factor))


def _picture(image: Image, roles: Sequence[str]) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """Return a chip in colours, or in grey where it has no red, green and blue, and where it has values."""
    if all(role in roles for role in _COLOURS):
        bands = [roles.index(role) for role in _COLOURS]
    else:
        optical = [role for role in roles if source_of(role) == OPTICAL]
        grey = next((role for role in (*_GREY, *optical) if role in roles), roles[0])
        bands = [roles.index(grey)] * 3
    chosen = image[bands]
    visible = np.isfinite(chosen).all(axis=0)
    values = chosen[:, visible]
    low, high = np.percentile(values, _PERCENTILES) if values.size else (0.0, 1.0)
    stretched = np.clip((np.nan_to_num(chosen) - low) / max(high - low, 1e-9), 0, 1)
    return (255 * stretched).astype(np.uint8), visible


def _png(channels: NDArray[np.uint8], visible: NDArray[np.bool_], factor: int) -> bytes:
    large = channels.repeat(factor, axis=-2).repeat(factor, axis=-1)
    return png(large, visible.repeat(factor, axis=-2).repeat(factor, axis=-1))
