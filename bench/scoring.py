"""Scores of a probability by pixel, from counts of pixels by level of the probability."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]
LEVELS = 65_535


def counted_levels(probability: NDArray[np.floating], target: NDArray[np.bool_]) -> tuple[Counts, Counts]:
    """Return how many pixels of the target, and how many others, have each level 0..`LEVELS` of the probability."""
    levels = np.rint(probability * LEVELS).astype(np.int64)
    positives, negatives = (np.bincount(levels[chosen], minlength=LEVELS + 1) for chosen in (target, ~target))
    return positives, negatives


def best_f1(positives: Counts, negatives: Counts) -> float:
    """Return the largest F1 score that any threshold gives."""
    found, false = np.cumsum(positives[::-1]), np.cumsum(negatives[::-1])
    return float((2 * found / (found + false + positives.sum())).max())
