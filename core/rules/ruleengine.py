"""Applying a rule set to objects, without a loop over objects.

Each pass looks at the objects of its domain, all at once: what one object becomes does not depend on the order of the
objects, since context features count the classes that the passes before (or the last repetition) have left.

Within a pass classes compete from the top of the hierarchy down: the best of the classes without a parent in the pass
takes an object, and passes it on to the best of its children that reaches the minimum membership. A child's membership
is at most its parent's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .context import FEATURES, Mask, Neighbourhood
from .ruledocument import UNCLASSIFIED, context_of
from .rules import Memberships, Numbers, Pass, Rule, RuleSet, check_features

Indices = NDArray[np.intp]
Columns = Mapping[str, NDArray[Any]]

NONE = -1
"""Where no condition limits a membership."""


@dataclass(frozen=True)
class Classification:
    """What a rule set says of n objects. The last row of the arrays by class stands for objects without a class.

    Attributes
    ----------
    rules : RuleSet
    classes : array of int, shape (n,)
        Position of each object's class in the rule set; their number for an object without a class.
    memberships : array of float64, shape (classes + 1, n)
        Membership of the rule that gave the class; of other classes, the highest that a pass found, of one that was
        given and lost since then. 0 where none asked.
    limiting : array of int, shape (classes + 1, n)
        Position of the condition that each membership hangs on among `rules.conditions`; `NONE` where it is 1 or no
        pass asked.
    values : array of float64, shape (classes + 1, n)
        The value that this condition's feature had then.
    decided_in : array of int, shape (n,)
        Number, from 1, of the pass that gave the class or took it away; 0 where none did.
    """

    rules: RuleSet
    classes: Indices
    memberships: Memberships
    limiting: Indices
    values: Numbers
    decided_in: Indices

    @property
    def membership(self) -> Memberships:
        """Membership of each object's class, shape (n,); without a class, the highest that any class reached."""
        none = len(self.rules.classes)
        own = self.memberships[self.classes, np.arange(len(self.classes))]
        return np.where(self.classes == none, self.memberships[:none].max(axis=0), own)

    def second(self) -> tuple[Indices, Memberships]:
        """Return what each object would be next, and the membership of that.

        Returns
        -------
        classes : array of int, shape (n,)
            The class of the highest membership that is neither the object's own nor an ancestor or a descendant of it;
            the number of classes where none is above 0.
        memberships : array of float64, shape (n,)
        """
        none = len(self.rules.classes)
        kin = _kinship(self.rules)
        related = np.vstack([kin | kin.T, np.zeros((1, none), bool)])
        rivals = np.where(related[self.classes].T, 0.0, self.memberships[:none])
        best = rivals.argmax(axis=0)
        membership = rivals[best, np.arange(len(best))]
        return np.where(membership > 0, best, none), membership


class Trace:
    """What the conditions of a rule set found on the way to a classification, as each was last asked.

    Parameters
    ----------
    rules : RuleSet
    count : int
        Number of objects.

    Attributes
    ----------
    values : array of float64, shape (conditions, count)
        The feature of each of `rules.conditions`; NaN for objects that it was not asked of.
    degrees : array of float64, shape (conditions, count)
        The membership of each condition; NaN for objects that it was not asked of.
    """

    def __init__(self, rules: RuleSet, count: int) -> None:
        shape = (len(rules.conditions), count)
        self.values = np.full(shape, np.nan)
        self.degrees = np.full(shape, np.nan)

    def keep(self, first: int, at: Indices, values: Numbers, degrees: Memberships) -> None:
        """Take what conditions from the `first` on found of the objects at `at`."""
        rows = slice(first, first + len(values))
        if len(at) == self.values.shape[1]:
            self.values[rows], self.degrees[rows] = values, degrees
        else:
            self.values[rows, at], self.degrees[rows, at] = values, degrees


def evaluate(
    rules: RuleSet,
    columns: Columns,
    count: int,
    neighbourhood: Neighbourhood | None = None,
    trace: Trace | None = None,
) -> Classification:
    """Classify objects.

    Parameters
    ----------
    rules : RuleSet
    columns : mapping of array, shape (count,)
        Columns of the objects; NaN for NULL. A condition on NULL has the membership 0.
    count : int
        Number of objects.
    neighbourhood : Neighbourhood, optional
        Where the objects lie among each other; needed by rule sets with `context_features`.
    trace : Trace, optional
        Filled with what each condition found.

    Returns
    -------
    Classification

    Raises
    ------
    InvalidRuleSetError
        If a feature of the rule set is no column, or a column of text; the message names near ones.
    """
    check_features(rules, columns)
    objects = _Objects(rules, columns, count, neighbourhood, trace)
    for number, item in enumerate(rules.passes, start=1):
        for _ in range(item.repeat):
            if not objects.apply(item, number):
                break
    return objects.classification()


class _Objects:
    """The objects while pass after pass changes their classes."""

    def __init__(
        self, rules: RuleSet, columns: Columns, count: int, neighbourhood: Neighbourhood | None, trace: Trace | None
    ) -> None:
        self._rules = rules
        self._columns = columns
        self._neighbourhood = neighbourhood
        self._trace = trace
        names = [*(item.name for item in rules.classes), UNCLASSIFIED]
        self._row = {name: row for row, name in enumerate(names)}
        self._kinship = np.pad(_kinship(rules), (0, 1))
        self._kinship[-1, -1] = True
        self._first_condition = _first_conditions(rules)
        self._asked: set[str] = set()
        self._classes = np.full(count, len(rules.classes), np.intp)
        self._decided_in = np.zeros(count, np.intp)
        self._found = _Found.nothing((len(names), count))

    def classification(self) -> Classification:
        found = self._found
        limiting = np.where(found.membership == 1, NONE, found.limiting)
        return Classification(self._rules, self._classes, found.membership, limiting, found.value, self._decided_in)

    def apply(self, item: Pass, number: int) -> bool:
        """Apply a pass once; return whether an object changed its class."""
        inside = np.logical_or.reduce([self._members(name) for name in item.domain]) if item.domain else None
        at = np.arange(len(self._classes)) if inside is None else np.flatnonzero(inside)
        results = self._asked_rules(number, item, at)
        parents = [self._rule_above(rule.name, results) for rule in item.rules]
        degrees = np.stack([results[rule.name].membership for rule in item.rules])
        winner = _winners(degrees, parents, self._rules.minimum_membership)
        rows = np.array([self._row[rule.name] for rule in item.rules] + [NONE])[winner]
        changed = (winner != NONE) & (rows != self._classes[at])
        classes = np.where(changed, rows, self._classes[at])
        for name, result in results.items():
            row = self._row[name]
            known = self._found.part(row, at)
            better = (known.limiting == NONE) | (result.membership > known.membership)
            given = changed & (rows == row)
            self._found.replace(row, at, result, given | (better & (classes != row)))
        self._asked.update(results)
        self._classes[at] = classes
        self._decided_in[at[changed]] = number
        return bool(changed.any())

    def _asked_rules(self, number: int, item: Pass, at: Indices) -> dict[str, _Found]:
        """Return what each rule of a pass says of the objects at `at`, limited by what it says of the ancestors."""
        measured: dict[str, Numbers] = {}
        results: dict[str, _Found] = {}
        for rule in sorted(item.rules, key=lambda rule: len(self._rules.lineage(rule.name))):
            own = self._asked_rule(rule, self._first_condition[number, rule.name], measured, at)
            above = self._above(rule.name, results, at)
            results[rule.name] = own if above is None else own.limited_by(above)
        return {rule.name: results[rule.name] for rule in item.rules}

    def _asked_rule(self, rule: Rule, first: int, measured: dict[str, Numbers], at: Indices) -> _Found:
        for condition in rule.conditions:
            if condition.feature not in measured:
                measured[condition.feature] = self._measured(condition.feature, at)
        values = np.stack([measured[condition.feature] for condition in rule.conditions])
        degrees = rule.degrees(values)
        if self._trace is not None:
            self._trace.keep(first, at, values, degrees)
        membership, position = rule.combined(degrees)
        return _Found(membership, first + position, values[position, np.arange(len(at))])

    def _measured(self, feature: str, at: Indices) -> Numbers:
        context = context_of(feature)
        if context is None:
            values = np.asarray(self._columns[feature], np.float64)
            return values if len(at) == len(values) else values[at]
        if self._neighbourhood is None:
            raise ValueError(f"{feature} needs a neighbourhood")
        name, of_class = context
        return FEATURES[name](self._neighbourhood, self._members(of_class), at)

    def _members(self, name: str) -> Mask:
        """Return which objects are of a class or of one of its descendants."""
        mask: Mask = self._kinship[self._row[name]][self._classes]
        return mask

    def _above(self, name: str, results: Mapping[str, _Found], at: Indices) -> _Found | None:
        """Return what is known of the nearest ancestor that any rule has asked for, None where there is none."""
        for ancestor in self._rules.lineage(name)[1:]:
            if ancestor in results:
                return results[ancestor]
            if ancestor in self._asked:
                return self._found.part(self._row[ancestor], at)
        return None

    def _rule_above(self, name: str, results: Mapping[str, _Found]) -> int:
        """Return the position, within a pass, of the rule of the nearest ancestor; `NONE` where there is none."""
        names = list(results)
        return next((names.index(item) for item in self._rules.lineage(name)[1:] if item in results), NONE)


@dataclass
class _Found:
    """Memberships, the conditions that they hang on, and the values of these conditions' features."""

    membership: Memberships
    limiting: Indices
    value: Numbers

    @classmethod
    def nothing(cls, shape: tuple[int, int]) -> _Found:
        return cls(np.zeros(shape), np.full(shape, NONE, np.intp), np.full(shape, np.nan))

    def part(self, row: int, at: Indices) -> _Found:
        return _Found(self.membership[row, at], self.limiting[row, at], self.value[row, at])

    def limited_by(self, above: _Found) -> _Found:
        """Return the smaller memberships, each with what it hangs on."""
        own = self.membership <= above.membership
        return _Found(
            np.where(own, self.membership, above.membership),
            np.where(own, self.limiting, above.limiting),
            np.where(own, self.value, above.value),
        )

    def replace(self, row: int, at: Indices, new: _Found, chosen: Mask) -> None:
        """Take over a row's chosen objects."""
        self.membership[row, at[chosen]] = new.membership[chosen]
        self.limiting[row, at[chosen]] = new.limiting[chosen]
        self.value[row, at[chosen]] = new.value[chosen]


def _winners(degrees: Memberships, parents: Sequence[int], minimum: float) -> Indices:
    """Return the rule that each object ends with: the best from the top of the hierarchy down.

    Parameters
    ----------
    degrees : array of float64, shape (rules, n)
    parents : sequence of int
        The rule of each rule's parent, `NONE` at the top.
    minimum : float
        Smallest membership with which a rule takes an object.

    Returns
    -------
    array of int, shape (n,)
        `NONE` where no rule takes the object.
    """
    winner = np.full(degrees.shape[1], NONE, np.intp)

    def descend(parent: int, at: Indices) -> None:
        children = np.flatnonzero(np.array(parents) == parent)
        if not len(children) or not len(at):
            return
        among = degrees[children[:, np.newaxis], at]
        best = among.argmax(axis=0)
        taken = among.max(axis=0) >= minimum
        winner[at[taken]] = children[best[taken]]
        for number, child in enumerate(children):
            descend(int(child), at[taken & (best == number)])

    descend(NONE, np.arange(degrees.shape[1]))
    return winner


def _first_conditions(rules: RuleSet) -> dict[tuple[int, str], int]:
    """Return the position, among all conditions, of the first one of each pass's rule of a class."""
    first, position = {}, 0
    for number, item in enumerate(rules.passes, start=1):
        for rule in item.rules:
            first[number, rule.name] = position
            position += len(rule.conditions)
    return first


def _kinship(rules: RuleSet) -> NDArray[np.bool_]:
    """Return a matrix that is true where the class of the column is that of the row or one of its descendants."""
    lines = [set(rules.lineage(item.name)) for item in rules.classes]
    return np.array([[item.name in line for line in lines] for item in rules.classes])
