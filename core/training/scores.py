"""How well logits tell rock glacier from the rest, from pixels counted by logit, so that memory does not grow."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..assessment.heatmapscores import average_precision

BINS = 2**15
_HIGHEST_LOGIT = 16.0
_RELIABILITY_BINS = 10
_NEWTON_STEPS = 50
_SMALLEST_SLOPE, _LARGEST_SLOPE = 0.05, 20.0
_LARGEST_EXPONENT = 500.0

Counts = NDArray[Any]
Values = NDArray[np.float64]


def _middles() -> Values:
    edges = np.linspace(-_HIGHEST_LOGIT, _HIGHEST_LOGIT, BINS + 1)
    middles: Values = (edges[:-1] + edges[1:]) / 2
    return middles


MIDDLES = _middles()
"""The logit that each bin stands for."""


@dataclass(frozen=True)
class Calibration:
    """Platt's scaling: the probability is the sigmoid of slope * logit + offset."""

    slope: float = 1.0
    offset: float = 0.0

    def probability(self, logits: NDArray[Any]) -> Values:
        """Return calibrated probabilities."""
        return _sigmoid(self.slope * logits.astype(np.float64) + self.offset)


@dataclass(frozen=True)
class ReliabilityBin:
    """Pixels of similar probability: its mean, the share that is rock glacier, and how many they are, as weighted."""

    predicted: float
    observed: float
    pixels: int


class LogitCounts:
    """Pixels counted by logit.

    Attributes
    ----------
    positives, negatives : array, shape (BINS,)
        Pixels of rock glacier and others with the logits of each bin.
    weighted : bool
        Whether the negatives are weighted.
    """

    def __init__(self) -> None:
        self.positives: Counts = np.zeros(BINS, np.int64)
        self.negatives: Counts = np.zeros(BINS, np.int64)
        self.weighted = False

    def add(self, logits: NDArray[np.float32], target: NDArray[np.bool_]) -> None:
        """Count pixels, given in arrays of one dimension."""
        place = (logits.astype(np.float64) + _HIGHEST_LOGIT) * (BINS / (2 * _HIGHEST_LOGIT))
        bins = np.clip(np.floor(place), 0, BINS - 1).astype(np.int64)
        self.positives += np.bincount(bins[target], minlength=BINS)
        self.negatives += np.bincount(bins[~target], minlength=BINS)

    def at_prevalence(self, prevalence: float) -> LogitCounts:
        """Return the counts with the negatives weighted so that rock glacier has a share.

        This is the correction for a shift of the prior (Saerens, Latinne and Decaestecker 2002, Neural Computation
        14(1)): chips are drawn around landforms, so that rock glacier is more frequent in them than in the region.

        Parameters
        ----------
        prevalence : float
            Share of rock glacier, 0..1; where it is 0, 1 or NaN, or one of the two classes is absent, the counts stay
            as they are.
        """
        positives, negatives = self.positives.sum(), self.negatives.sum()
        if not 0 < prevalence < 1 or not positives or not negatives:
            return self
        weighted = LogitCounts()
        weighted.positives = self.positives
        weighted.weighted = True
        weighted.negatives = self.negatives * (positives * (1 - prevalence) / prevalence / negatives)
        return weighted

    @property
    def pixels(self) -> int:
        """Number of pixels, as weighted."""
        return round(self.positives.sum() + self.negatives.sum())

    @property
    def prevalence(self) -> float:
        """Share of rock glacier; NaN without pixels."""
        return float(self.positives.sum()) / self.pixels if self.pixels else math.nan

    @property
    def average_precision(self) -> float:
        """Average precision; NaN without rock glacier."""
        return average_precision(self.positives, self.negatives)

    def f1(self, logit: float) -> float:
        """Return the F1 score of mapping all pixels from a logit on; NaN without rock glacier."""
        return float(self._f1()[_bin_of(logit)]) if self.positives.any() else math.nan

    def best_logit(self) -> float:
        """Return the logit from which on to map so that F1 is largest; 0 without rock glacier."""
        if not self.positives.any():
            return 0.0
        return float(MIDDLES[int(self._f1().argmax())])

    def curve(self, recalls: Values) -> list[float]:
        """Return the precision at each recall, 0..1: the highest that is reached there or beyond."""
        found, false = (np.cumsum(counts[::-1]) for counts in (self.positives, self.negatives))
        if not found[-1]:
            return [math.nan] * len(recalls)
        precision = found / np.maximum(found + false, 1)
        highest = np.maximum.accumulate(precision[::-1])[::-1]
        places = np.searchsorted(found / found[-1], recalls - 1e-9)
        return [float(highest[min(place, BINS - 1)]) for place in places]

    def reliability(self, calibration: Calibration) -> tuple[ReliabilityBin, ...]:
        """Return, for tenths of the probability, what was predicted and what is; tenths without pixels are left out."""
        probability = calibration.probability(MIDDLES)
        tenth = np.minimum((probability * _RELIABILITY_BINS).astype(int), _RELIABILITY_BINS - 1)
        both = self.positives + self.negatives
        bins = []
        for number in range(_RELIABILITY_BINS):
            chosen = tenth == number
            pixels = float(both[chosen].sum())
            if pixels:
                predicted = float((probability[chosen] * both[chosen]).sum() / pixels)
                bins.append(ReliabilityBin(predicted, float(self.positives[chosen].sum() / pixels), round(pixels)))
        return tuple(bins)

    def _f1(self) -> Values:
        found, false = (np.cumsum(counts[::-1])[::-1] for counts in (self.positives, self.negatives))
        f1: Values = 2 * found / np.maximum(found + false + self.positives.sum(), 1)
        return f1


def calibration_error(bins: tuple[ReliabilityBin, ...]) -> float:
    """Return the expected calibration error: the mean distance of predicted and observed share, weighted by pixels."""
    total = sum(item.pixels for item in bins)
    return sum(item.pixels * abs(item.predicted - item.observed) for item in bins) / total if total else math.nan


def fitted_calibration(counts: LogitCounts) -> Calibration | None:
    """Fit Platt's scaling (Platt 1999, Advances in Large Margin Classifiers, 61-74) to counted logits.

    Returns
    -------
    Calibration or None
        None where there is no rock glacier, nothing else, or higher logits do not mean more rock glacier.
    """
    positives, negatives = counts.positives.sum(), counts.negatives.sum()
    if not positives or not negatives:
        return None
    # Platt's targets, a little off 0 and 1, keep the slope finite where a threshold parts the two perfectly.
    high, low = (positives + 1) / (positives + 2), 1 / (negatives + 2)
    used = (counts.positives + counts.negatives) > 0
    logits = MIDDLES[used]
    weights = (counts.positives + counts.negatives)[used].astype(np.float64)
    targets = (high * counts.positives[used] + low * counts.negatives[used]) / weights
    design = np.stack([logits, np.ones_like(logits)])
    parameters = np.array([1.0, 0.0])
    for _ in range(_NEWTON_STEPS):
        parameters, moved = _improved(parameters, design, targets, weights)
        if moved < 1e-9:
            break
    if not parameters[0] > _SMALLEST_SLOPE or not np.isfinite(parameters).all():
        return None
    # A network that parts the two perfectly would get any slope; the place of 0.5 stays.
    slope, offset = parameters * min(1.0, _LARGEST_SLOPE / parameters[0])
    return Calibration(float(slope), float(offset))


def _improved(parameters: Values, design: Values, targets: Values, weights: Values) -> tuple[Values, float]:
    """Return the parameters after one of Newton's steps, halved until the loss falls, and how far they moved."""
    probability = _sigmoid(parameters @ design)
    gradient = design @ (weights * (probability - targets))
    curvature = (design * (weights * probability * (1 - probability))) @ design.T
    step = np.linalg.solve(curvature + 1e-9 * np.trace(curvature) * np.eye(2) + 1e-12 * np.eye(2), gradient)
    before = _log_loss(parameters, design, targets, weights)
    for _ in range(_NEWTON_STEPS):
        if _log_loss(parameters - step, design, targets, weights) <= before:
            return parameters - step, float(np.abs(step).max())
        step = step / 2
    return parameters, 0.0


def _log_loss(parameters: Values, design: Values, targets: Values, weights: Values) -> float:
    scores = parameters @ design
    return float((weights * (np.logaddexp(0, scores) - targets * scores)).sum())


def _sigmoid(scores: Values) -> Values:
    probability: Values = 1 / (1 + np.exp(-np.clip(scores, -_LARGEST_EXPONENT, _LARGEST_EXPONENT)))
    return probability


def _bin_of(logit: float) -> int:
    return int(np.clip((logit + _HIGHEST_LOGIT) * (BINS / (2 * _HIGHEST_LOGIT)), 0, BINS - 1))
