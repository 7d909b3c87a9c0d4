"""The record of a tuning as plain values, ready for JSON; the report is made from it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..contracts.tunerules import TuneRulesOptions
from ..progress import Progress
from ..provenance import step
from ..rules.rules import RuleSet
from .tuningsearch import Document, Scorer, Threshold, conditions, sensitivity, standard_error

Record = dict[str, Any]

LEAST_GAIN = 0.005
"""Gain on folds that were left out below which tuning is said to have given nothing."""


@dataclass(frozen=True)
class Tuning:
    """What a tuning gave.

    Attributes
    ----------
    document, final : dict
        The rules as they were, and tuned on all folds.
    left_out : list of dict
        The rules tuned without each fold.
    knobs : tuple of Threshold
    folds : tuple of str
    before, after, fitted : array of float, shape (folds,)
        Measure on each fold of the rules as they were, of those tuned without that fold, and of those tuned on all.
    """

    document: Document
    final: Document
    left_out: list[Document]
    knobs: tuple[Threshold, ...]
    folds: tuple[str, ...]
    before: NDArray[np.float64]
    after: NDArray[np.float64]
    fitted: NDArray[np.float64]


def sensitivities(tuning: Tuning, scorer: Scorer, progress: Progress) -> list[Record]:
    """Return, for each threshold, the measure at each of its values with the others as tuned."""
    found = []
    for knob in progress.each(tuning.knobs, len(tuning.knobs), "Measuring the sensitivity"):
        middles, scores = sensitivity(knob, tuning.final, scorer)
        found.append(
            {
                "feature": knob.feature,
                "class": knob.of_class,
                "place": "passes[{}].rules[{}].conditions[{}]".format(*knob.place),
                "side": knob.side,
                "membership": knob.condition(tuning.final)["membership"],
                "before": list(knob.corners(tuning.document)),
                "after": list(knob.corners(tuning.final)),
                "without_each_fold": [list(knob.corners(item)) for item in tuning.left_out],
                "values": [float(value) for value in middles],
                "scores": [[round(score, 5) for score in row.tolist()] for row in scores],
            }
        )
    return found


def record_of(options: TuneRulesOptions, rules: RuleSet, tuning: Tuning, curves: list[Record]) -> Record:
    """Return the record."""
    before, after = float(tuning.before.mean()), float(tuning.after.mean())
    figures = {
        "score_before": before,
        "score_after": after,
        "gain": after - before,
        "score_fitted": float(tuning.fitted.mean()),
        "gain_error": standard_error(tuning.after - tuning.before),
    }
    rows = zip(tuning.folds, tuning.before, tuning.after, tuning.fitted, strict=True)
    return {
        "rules": {"source": options.rules, "name": rules.name, "title": rules.title, "sha256": rules.sha256},
        "inputs": {
            "objects": list(options.objects),
            "reference": list(options.reference),
            "area": options.area or None,
        },
        "measure": options.measure,
        "classes": sorted({knob.of_class for knob in tuning.knobs}),
        "figures": figures,
        "folds": [
            {"name": name, "before": float(old), "after": float(new), "fitted": float(best)}
            for name, old, new, best in rows
        ],
        "changes": list(_changes(tuning)),
        "thresholds": curves,
        "notes": list(_notes(figures, tuning)),
        "provenance": step("tunerules", options, rule_set=rules.name, rule_set_sha256=rules.sha256),
    }


def _changes(tuning: Tuning) -> Iterator[Record]:
    for old, new in zip(conditions(tuning.document), conditions(tuning.final), strict=True):
        if old["ramp"] != new["ramp"]:
            yield {
                "feature": new["feature"],
                "membership": new["membership"],
                "before": old["ramp"],
                "after": new["ramp"],
            }


def _notes(figures: dict[str, float], tuning: Tuning) -> Iterator[str]:
    if figures["gain"] < LEAST_GAIN:
        yield (
            "On folds that it had not seen, tuning gave "
            f"{'nothing' if figures['gain'] > -LEAST_GAIN else 'a loss'} ({figures['gain']:+.3f}): keep the rules as "
            "they were, or tune on more landforms."
        )
    elif figures["gain"] < 2 * figures["gain_error"]:
        yield "The gain is less than twice its standard error over the folds: it may be chance."
    if len(tuning.folds) < 3:
        yield f"There are {len(tuning.folds)} folds only; the score on folds left out is uncertain."
