"""Why an object has its class, and why it is not one of the target class: one line an object."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from .ruleengine import NONE, Classification
from .rules import Condition, Memberships, Numbers

Texts = NDArray[np.object_]
Indices = NDArray[np.intp]

# As many as a number that is read has for sure.
_MOST_DIGITS = 15


def explanations(result: Classification) -> Texts:
    """Return what decided on each object.

    A line has one or two parts with ``; `` between: the object's class, and the target class where the object is none
    of it. A part is ``<class> <membership>``, then `` in pass <number>`` if that is not the first, then, where a
    condition keeps the membership below 1, ``: <feature> <value>, wanted <values>``, as in
    ``rock_glacier 0.54: slope_mean 41.2, wanted between 5 and 38``. A membership is not rounded up to 1, or to what is
    needed; values have four digits, or as many as show that they are not wanted. ``: not asked`` stands where no rule
    was asked for the class, or for one that it is a kind of.

    Parameters
    ----------
    result : Classification

    Returns
    -------
    array of str, shape (n,)
    """
    rules = result.rules
    none = len(rules.classes)
    target = _target(result)
    of_target = np.append([rules.target in rules.lineage(item.name) for item in rules.classes], False)
    texts = np.full(len(result.classes), "no class", dtype=object)
    for row, item in enumerate(rules.classes):
        objects = np.flatnonzero(result.classes == row)
        texts[objects] = _parts(result, row, item.name, objects, decided=True)
    taken_away = np.flatnonzero((result.classes == none) & (result.decided_in > 0))
    texts[taken_away] = _parts(result, none, "no class", taken_away, decided=True)
    others = np.flatnonzero(~of_target[result.classes])
    texts[others] += "; " + _parts(result, target, rules.target, others, decided=False)
    return texts


def limiting_features(result: Classification) -> Texts:
    """Return the feature that keeps each object's membership below 1.

    Parameters
    ----------
    result : Classification

    Returns
    -------
    array of str, shape (n,)
        Of the condition that limits the object's class, or the target class where the object has none; empty where no
        condition does.
    """
    never_given = (result.classes == len(result.rules.classes)) & (result.decided_in == 0)
    row = np.where(never_given, _target(result), result.classes)
    features = np.array([*(condition.feature for condition in result.rules.conditions), ""], dtype=object)
    limiting: Texts = features[result.limiting[row, np.arange(len(row))]]
    return limiting


def _target(result: Classification) -> int:
    return [item.name for item in result.rules.classes].index(result.rules.target)


def _parts(result: Classification, row: int, name: str, objects: Indices, *, decided: bool) -> Texts:
    """Return what there is to say of one class in the given objects."""
    limiting = result.limiting[row, objects]
    passes = result.decided_in[objects] if decided else np.zeros(len(objects), np.intp)
    texts = np.full(len(objects), "", dtype=object)
    for code in np.unique(limiting):
        chosen = np.flatnonzero(limiting == code)
        memberships, values = result.memberships[row, objects[chosen]], result.values[row, objects[chosen]]
        if code == NONE:
            ends = ["" if membership else ": not asked" for membership in memberships.tolist()]
        else:
            condition = result.rules.conditions[code]
            begin, end = f": {condition.feature} ", f", wanted {condition.wanted}"
            ends = [f"{begin}{text}{end}" for text in _shown(values, condition)]
        where = [f" in pass {number}" if number > 1 else "" for number in passes[chosen].tolist()]
        shown = _rounded(memberships, result.rules.minimum_membership)
        lines = zip(shown.tolist(), where, ends, strict=True)
        texts[chosen] = [f"{name} {membership:.2f}{place}{rest}" for membership, place, rest in lines]
    return texts


def _rounded(memberships: Memberships, minimum: float) -> Memberships:
    """Return memberships with two digits, none of them rounded up to the minimum or to 1."""
    rounded = np.round(memberships, 2)
    for limit in (minimum, 1.0):
        reached = (memberships < limit) & (rounded >= limit)
        rounded[reached] = np.floor(memberships[reached] * 100) / 100
    return rounded


def _shown(values: Numbers, condition: Condition) -> list[str]:
    """Return values of a condition's feature as texts, with as many digits as tell that they do not fulfil it."""
    texts = [_number(value, 4) for value in values.tolist()]
    unclear = np.flatnonzero(~np.isnan(values))
    for digits in range(5, _MOST_DIGITS + 1):
        read = np.array([float(texts[place]) for place in unclear])
        unclear = unclear[condition.memberships(read) == 1]
        if not len(unclear):
            break
        for place in unclear:
            texts[place] = _number(float(values[place]), digits)
    return texts


def _number(value: float, digits: int) -> str:
    """Return a number with some significant digits, a large one without an exponent."""
    if math.isnan(value):
        return "NULL"
    whole = len(f"{abs(value):.0f}")
    return f"{value:.{digits}g}" if whole <= digits or whole > _MOST_DIGITS else f"{value:.0f}"
