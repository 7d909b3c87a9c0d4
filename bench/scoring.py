"""Scores by pixel: of a probability, from counts of pixels by level of the probability, and of a mask."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Counts = NDArray[np.int64]
Mask = NDArray[np.bool_]
LEVELS = 65_535


@dataclass(frozen=True)
class Agreement:
    """Pixels that are mapped and in the reference, only mapped, only in the reference."""

    true_positive: int
    false_positive: int
    false_negative: int

    @property
    def figures(self) -> dict[str, float]:
        """Producer's accuracy (recall), user's accuracy (precision), F1 and IoU; 0 where nothing is mapped."""
        hits, mapped = self.true_positive, self.true_positive + self.false_positive
        reference = hits + self.false_negative
        return {
            "producers_accuracy": hits / max(reference, 1),
            "users_accuracy": hits / max(mapped, 1),
            "f1": 2 * hits / max(mapped + reference, 1),
            "iou": hits / max(mapped + reference - hits, 1),
        }


def counted_levels(probability: NDArray[np.floating], target: Mask) -> tuple[Counts, Counts]:
    """Return how many pixels of the target, and how many others, have each level 0..`LEVELS` of the probability."""
    levels = np.rint(probability * LEVELS).astype(np.int64)
    positives, negatives = (np.bincount(levels[chosen], minlength=LEVELS + 1) for chosen in (target, ~target))
    return positives, negatives


def best_threshold(positives: Counts, negatives: Counts) -> float:
    """Return the probability from which on to map so that F1 is largest; the lowest such level."""
    return float(_f1_by_level(positives, negatives).argmax() / LEVELS)


def best_f1(positives: Counts, negatives: Counts) -> float:
    """Return the largest F1 score that any threshold gives."""
    return float(_f1_by_level(positives, negatives).max())


def agreement_from(threshold: float, positives: Counts, negatives: Counts) -> Agreement:
    """Return the agreement of the pixels that have at least a probability."""
    level = round(threshold * LEVELS)
    hits = int(positives[level:].sum())
    return Agreement(hits, int(negatives[level:].sum()), int(positives.sum()) - hits)


def agreement_of(mapped: Mask, target: Mask) -> Agreement:
    """Return the agreement of a mask with the target."""
    return Agreement(int((mapped & target).sum()), int((mapped & ~target).sum()), int((~mapped & target).sum()))


def _f1_by_level(positives: Counts, negatives: Counts) -> NDArray[np.float64]:
    """Return the F1 score of mapping the pixels of each level and those above."""
    found, false = (np.cumsum(counts[::-1])[::-1] for counts in (positives, negatives))
    f1: NDArray[np.float64] = 2 * found / np.maximum(found + false + positives.sum(), 1)
    return f1
