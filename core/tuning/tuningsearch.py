"""The search for better corners: one threshold after the other, on a grid that becomes finer."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..progress import Progress
from ..rules.ruledocument import BORDER, DISTANCE, UNCLASSIFIED, context_of
from ..rules.rules import RuleSet, rule_set_of
from .tuningscene import Scene

GRID = 14
"""Thresholds that are tried across the values of a feature."""

FINER = (0.5, 0.25)
"""Steps of the finer searches, as shares of the grid's."""

WIDTHS = (0.5, 2.0)
"""Factors by which the width of a ramp is tried to change."""

SMALLEST_GAIN = 0.002
"""A gain in the measure below this is none: it would be fitted to chance."""

_TAIL = 0.5
_MOST_SWEEPS = 3

Document = dict[str, Any]
Ramp = tuple[float, ...]


@dataclass(frozen=True)
class Threshold:
    """A threshold of a rule set: two corners of a condition between which its membership rises or falls.

    Attributes
    ----------
    place : tuple of int
        Numbers of the pass, the rule and the condition.
    side : int
        0 for the first two corners, 1 for the others of `between` and `outside`.
    feature, of_class : str
    grid : tuple of float
        Values to try, ascending.
    limits : tuple of float
        Smallest and largest corner.
    """

    place: tuple[int, int, int]
    side: int
    feature: str
    of_class: str
    grid: Ramp
    limits: tuple[float, float]

    def condition(self, document: Document) -> Document:
        """Return the condition in a document."""
        number, position, step = self.place
        found: Document = document["passes"][number]["rules"][position]["conditions"][step]
        return found

    def corners(self, document: Document) -> tuple[float, float]:
        """Return the two corners in a document."""
        ramp = self.condition(document)["ramp"]
        return ramp[2 * self.side], ramp[2 * self.side + 1]

    def middle(self, document: Document) -> float:
        """Return the value in the middle of the two corners."""
        return sum(self.corners(document)) / 2

    def moved(self, document: Document, middle: float, width: float) -> Document | None:
        """Return a copy of a document with other corners, None where they would not ascend."""
        low, high = (_rounded(min(max(middle + end * width / 2, self.limits[0]), self.limits[1])) for end in (-1, 1))
        ramp = list(self.condition(document)["ramp"])
        ramp[2 * self.side : 2 * self.side + 2] = [low, high]
        if sorted(ramp) != ramp or ramp == self.condition(document)["ramp"]:
            return None
        moved = copy.deepcopy(document)
        self.condition(moved)["ramp"] = ramp
        return moved


class Scorer:
    """Scores documents on all folds at once, each once.

    Parameters
    ----------
    scenes : sequence of Scene
    measure : str
    folds : int
    progress : Progress
        Asked whether to stop.
    """

    def __init__(self, scenes: Sequence[Scene], measure: str, folds: int, progress: Progress) -> None:
        self._scenes = scenes
        self._measure = measure
        self._folds = folds
        self._progress = progress
        self._known: dict[tuple[Ramp, ...], NDArray[np.float64]] = {}

    def scores(self, document: Document) -> NDArray[np.float64]:
        """Return the measure on each fold."""
        key = tuple(tuple(item["ramp"]) for item in conditions(document))
        if key not in self._known:
            self._progress.check()
            rules = rule_set_of(document)
            found = np.stack([scene.scores(rules, self._measure, self._folds) for scene in self._scenes])
            self._known[key] = np.nanmax(found, axis=0)
        return self._known[key]


def conditions(document: Document) -> Iterator[Document]:
    """Yield all conditions of a document."""
    for item in document["passes"]:
        for rule in item["rules"]:
            yield from rule["conditions"]


def thresholds(rules: RuleSet, classes: Sequence[str], scenes: Sequence[Scene]) -> list[Threshold]:
    """Return the thresholds of the rules for some classes, with the values to try.

    The values cover those of all objects, whatever the reference says of them, so that a grid tells nothing of a fold
    that is left out. Conditions on features of fewer than three values have no threshold to move.
    """
    found = []
    for number, item in enumerate(rules.passes):
        for position, rule in enumerate(item.rules):
            if rule.name not in classes or rule.name == UNCLASSIFIED:
                continue
            for step, condition in enumerate(rule.conditions):
                values = _values(condition.feature, condition.ramp, scenes)
                if values is None:
                    continue
                limits = _limits(rules, condition.feature, values)
                grid = tuple(dict.fromkeys(_rounded(min(max(value, limits[0]), limits[1])) for value in values))
                found += [
                    Threshold((number, position, step), side, condition.feature, rule.name, grid, limits)
                    for side in range(len(condition.ramp) // 2)
                ]
    return found


def tuned(document: Document, knobs: Sequence[Threshold], scorer: Scorer, folds: Sequence[int]) -> Document:
    """Return a copy of a document with the corners that are best on some folds.

    One threshold after the other takes the best value of its grid or the best width of its ramp, until none changes;
    then the same with smaller steps around what was found (coordinate ascent). It ends in a local optimum. A change
    must gain more than `SMALLEST_GAIN`, and more than the standard error of its gain over the folds: what helps one
    fold and harms the others would be fitted to chance.
    """
    best = document
    for step in (1.0, *FINER):
        for _ in range(_MOST_SWEEPS):
            before = best
            for knob in knobs:
                best = _better(best, _candidates(knob, best, step), scorer, folds)
            if best is before:
                break
    return best


def _better(best: Document, candidates: Sequence[Document], scorer: Scorer, folds: Sequence[int]) -> Document:
    """Return the candidate of the largest gain that is more than chance, or the document itself."""
    chosen, largest = best, SMALLEST_GAIN
    base = scorer.scores(best)[list(folds)]
    for candidate in candidates:
        gains = scorer.scores(candidate)[list(folds)] - base
        if gains.mean() > max(largest, standard_error(gains)):
            chosen, largest = candidate, float(gains.mean())
    return chosen


def standard_error(values: NDArray[np.float64]) -> float:
    """Return the standard error of a mean; 0 of a single value."""
    return float(values.std(ddof=1) / len(values) ** 0.5) if len(values) > 1 else 0.0


def sensitivity(knob: Threshold, document: Document, scorer: Scorer) -> tuple[list[float], list[NDArray[np.float64]]]:
    """Return the values of a threshold at which rules can be made, and the measure on each fold there."""
    low, high = knob.corners(document)
    moved = [document, *(knob.moved(document, middle, high - low) for middle in knob.grid)]
    # At its limits, a threshold does not get as far as it was to be moved.
    found = {knob.middle(item): scorer.scores(item) for item in moved if item is not None}
    middles = sorted(found)
    return middles, [found[middle] for middle in middles]


def _candidates(knob: Threshold, document: Document, step: float) -> list[Document]:
    low, high = knob.corners(document)
    middle, width = knob.middle(document), high - low
    spacing = (knob.grid[-1] - knob.grid[0]) / max(len(knob.grid) - 1, 1)
    middles = knob.grid if step == 1.0 else (middle - step * spacing, middle + step * spacing)
    # A crisp step is tried as a ramp, too.
    widths = [factor * width for factor in WIDTHS] if width else [spacing]
    moved = [knob.moved(document, value, width) for value in middles]
    return [item for item in (*moved, *(knob.moved(document, middle, value) for value in widths)) if item is not None]


def _values(feature: str, ramp: Ramp, scenes: Sequence[Scene]) -> NDArray[np.float64] | None:
    """Return the values to try for a feature, None where there is nothing to choose."""
    context = context_of(feature)
    if context is not None:
        # What neighbours are depends on the rules themselves, so the values cannot be measured beforehand.
        grids: dict[str, NDArray[np.float64]] = {
            BORDER: np.linspace(0.1, 0.9, GRID),
            DISTANCE: np.geomspace(max(ramp[0], 1.0) / 8, max(ramp[-1], 1.0) * 8, GRID),
        }
        return grids.get(context[0])
    values = np.concatenate([np.asarray(scene.columns[feature], np.float64) for scene in scenes])
    values = values[np.isfinite(values)]
    if len(np.unique(values)) < 3:
        return None
    low, high = np.percentile(values, [_TAIL, 100 - _TAIL])
    if low > 0 and high > 1000 * low:
        return np.geomspace(low, high, GRID)
    return np.asarray(np.linspace(low, high, GRID))


def _limits(rules: RuleSet, feature: str, values: NDArray[np.float64]) -> tuple[float, float]:
    """Return between which values the corners of a feature may lie."""
    layers = rules.layers
    name = next((name for name in layers if feature.startswith(f"{name}_")), "")
    # The statistics that spread can be smaller, but never larger, than what the layer spans.
    if name:
        return layers[name].range
    context = context_of(feature)
    return (0.0 if values.min() >= 0 else -np.inf), (1.0 if context and context[0] == BORDER else np.inf)


def _rounded(value: float) -> float:
    """Return a number with three significant digits, as a person would write it."""
    return float(f"{value:.3g}")
