"""Rule sets: classes of objects described by fuzzy conditions on features.

A rule set is a JSON document; `resources/rules/ruleset.schema.json` is its JSON Schema and `resources/rules/README.md`
explains it. Memberships are trapezoids as in Zadeh (1965), combined by the minimum, the maximum or the mean.
"""

from __future__ import annotations

import difflib
import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .errors import InvalidRuleSetError
from .ruledocument import read_document

RULES_FOLDER = Path(__file__).parent.parent / "resources" / "rules"

Numbers = NDArray[np.float64]
Memberships = Numbers
Texts = NDArray[np.object_]


@dataclass(frozen=True)
class Condition:
    """One fuzzy condition on a feature.

    Attributes
    ----------
    feature : str
        Column of the objects.
    membership : str
        ``above``, ``below`` or ``between``.
    ramp : tuple of float
        Ascending corners of the membership function: two for `above` (0 up to the first, 1 from the second) and `below`
        (1 up to the first, 0 from the second), four for `between` (0, 1, 1, 0). Equal corners make a crisp step; the
        value of the step itself fulfils the condition.
    why : str
        The reason for the condition.
    """

    feature: str
    membership: str
    ramp: tuple[float, ...]
    why: str = ""

    def memberships(self, values: NDArray[Any]) -> Memberships:
        """Return the membership (0..1) of each value of the feature; 0 where it is NaN.

        Examples
        --------
        >>> import numpy as np
        >>> Condition("slope_mean", "between", (0, 10, 30, 40)).memberships(np.array([5.0, 20.0, 38.0, np.nan]))
        array([0.5, 1. , 0.2, 0. ])
        """
        numbers = np.asarray(values, np.float64)
        if self.membership == "above":
            return _rising(numbers, *self.ramp)
        if self.membership == "below":
            return _falling(numbers, *self.ramp)
        return np.minimum(_rising(numbers, *self.ramp[:2]), _falling(numbers, *self.ramp[2:]))

    def __str__(self) -> str:
        """Return the condition in words, with the corners at which it is wholly fulfilled."""
        if self.membership == "between":
            return f"{self.feature} between {self.ramp[1]:g} and {self.ramp[2]:g}"
        corner = self.ramp[1] if self.membership == "above" else self.ramp[0]
        return f"{self.feature} {self.membership} {corner:g}"


@dataclass(frozen=True)
class RuleClass:
    """A class of objects.

    Attributes
    ----------
    name : str
        Value of the column `class`, and end of the name of the column of memberships.
    title : str
        Name for people.
    color : str
        Colour on maps, ``#rrggbb``.
    combine : str
        How the memberships of the conditions become that of the class: ``and`` (minimum), ``or`` (maximum), ``mean``.
    conditions : tuple of Condition
    """

    name: str
    title: str
    color: str
    combine: str
    conditions: tuple[Condition, ...]

    def memberships(self, features: Mapping[str, NDArray[Any]]) -> tuple[Memberships, NDArray[np.intp]]:
        """Return the membership of each object, and the condition that it hangs on.

        Parameters
        ----------
        features : mapping of array of float, shape (n,)
            At least the features of the conditions.

        Returns
        -------
        memberships : array of float64, shape (n,)
        decisive : array of int, shape (n,)
            Position of the condition of the smallest membership (of the largest for ``or``); the first of equal ones.
        """
        degrees = np.stack([condition.memberships(features[condition.feature]) for condition in self.conditions])
        if self.combine == "or":
            return degrees.max(axis=0), degrees.argmax(axis=0)
        combined = degrees.mean(axis=0) if self.combine == "mean" else degrees.min(axis=0)
        return combined, degrees.argmin(axis=0)


@dataclass(frozen=True)
class RuleSet:
    """Classes that compete for objects.

    Attributes
    ----------
    name, title, description : str
    minimum_membership : float
        An object whose highest membership is below this gets no class.
    classes : tuple of RuleClass
        Of classes with the same membership the first wins.
    sha256 : str
        Digest of the file, so that a result can name the very rules that it was made with.
    """

    name: str
    title: str
    description: str
    minimum_membership: float
    classes: tuple[RuleClass, ...]
    sha256: str = ""

    @property
    def features(self) -> tuple[str, ...]:
        """The features that the conditions need, each once, in the order of the rule set."""
        return tuple(dict.fromkeys(rule.feature for group in self.classes for rule in group.conditions))


@dataclass(frozen=True)
class Classification:
    """What a rule set says of objects.

    Attributes
    ----------
    classes : array of str, shape (n,)
        Name of the class; empty for none.
    membership : array of float64, shape (n,)
        Membership of that class; of an object without class, the highest that any class reached.
    limited_by : array of str, shape (n,)
        The condition that kept the membership below 1; empty where nothing did. For an object without class it begins
        with the name of the class that came nearest.
    memberships : dict of array of float64, shape (n,)
        Membership by name of class.
    """

    classes: Texts
    membership: Memberships
    limited_by: Texts
    memberships: Mapping[str, Memberships]


def load_rule_set(source: str) -> RuleSet:
    """Read and check a rule set.

    Parameters
    ----------
    source : str
        Name of a shipped rule set, or path of a .json file.

    Returns
    -------
    RuleSet

    Raises
    ------
    InvalidRuleSetError
        If there is no such file, or it is no valid rule set; the message says where in the document.
    """
    path = _rule_set_path(source)
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InvalidRuleSetError(f"The rule set {source} cannot be read: {error.strerror}.") from error
    document = read_document(source, content)
    classes = tuple(_rule_class(item) for item in document["classes"])
    return RuleSet(
        document["name"],
        document["title"],
        document["description"],
        float(document["minimum_membership"]),
        classes,
        hashlib.sha256(content).hexdigest(),
    )


def shipped_rule_sets() -> tuple[str, ...]:
    """Return the names of the rule sets that come with the software."""
    return tuple(sorted(path.stem for path in RULES_FOLDER.glob("*.json") if not path.stem.endswith(".schema")))


def evaluate(rules: RuleSet, features: Mapping[str, NDArray[Any]], count: int) -> Classification:
    """Classify objects.

    Parameters
    ----------
    rules : RuleSet
    features : mapping of array, shape (count,)
        Columns of the objects; NaN for NULL. A condition on NULL has the membership 0.
    count : int
        Number of objects.

    Returns
    -------
    Classification

    Raises
    ------
    InvalidRuleSetError
        If a feature of the rule set is no column, or a column of text; the message names near ones.
    """
    _check_features(rules, features)
    degrees = np.empty((len(rules.classes), count))
    decisive = np.empty((len(rules.classes), count), np.intp)
    for number, rule_class in enumerate(rules.classes):
        degrees[number], decisive[number] = rule_class.memberships(features)
    best = degrees.argmax(axis=0)
    every = np.arange(count)
    membership, condition = degrees[best, every], decisive[best, every]
    classified = membership >= rules.minimum_membership
    names = np.array([rule_class.name for rule_class in rules.classes], dtype=object)
    return Classification(
        np.where(classified, names[best], ""),
        membership,
        _limits(rules, best, condition, classified, membership),
        {name: degrees[number] for number, name in enumerate(names)},
    )


def _limits(
    rules: RuleSet,
    best: NDArray[np.intp],
    condition: NDArray[np.intp],
    classified: NDArray[np.bool_],
    membership: Memberships,
) -> Texts:
    longest = max(len(rule_class.conditions) for rule_class in rules.classes)
    texts = np.full((len(rules.classes), longest), "", dtype=object)
    for number, rule_class in enumerate(rules.classes):
        texts[number, : len(rule_class.conditions)] = [str(item) for item in rule_class.conditions]
    prefixes = np.array([f"{rule_class.name}: " for rule_class in rules.classes], dtype=object)
    text = texts[best, condition]
    return np.where(membership == 1, "", np.where(classified, text, prefixes[best] + text))


def _rising(values: Numbers, zero: float, one: float) -> Memberships:
    """Return 0 up to `zero`, 1 from `one`, linear in between; 0 for NaN."""
    if zero == one:
        return np.asarray(values >= one, np.float64)
    return np.nan_to_num(np.clip((values - zero) / (one - zero), 0.0, 1.0), nan=0.0)


def _falling(values: Numbers, one: float, zero: float) -> Memberships:
    """Return 1 up to `one`, 0 from `zero`, linear in between; 0 for NaN."""
    return _rising(-values, -zero, -one)


def _rule_class(item: Mapping[str, Any]) -> RuleClass:
    conditions = tuple(
        Condition(rule["feature"], rule["membership"], tuple(map(float, rule["ramp"])), rule.get("why", ""))
        for rule in item["conditions"]
    )
    return RuleClass(item["name"], item["title"], item["color"], item["combine"], conditions)


def _rule_set_path(source: str) -> Path:
    """Return the file that a name or a path means."""
    is_path = source.lower().endswith(".json") or Path(source).name != source
    path = Path(source) if is_path else RULES_FOLDER / f"{source}.json"
    if path.is_file():
        return path
    if is_path:
        raise InvalidRuleSetError(f"There is no rule set file {source}.")
    raise InvalidRuleSetError(
        f"There is no shipped rule set `{source}`; there are {', '.join(shipped_rule_sets())}. "
        "For one of your own, give the path of a .json file."
    )


def _check_features(rules: RuleSet, features: Mapping[str, NDArray[Any]]) -> None:
    numeric = [name for name, values in features.items() if values.dtype.kind in "fiu"]
    for rule_class in rules.classes:
        for condition in rule_class.conditions:
            if condition.feature not in numeric:
                problem = "is text" if condition.feature in features else "the objects do not have"
                raise InvalidRuleSetError(
                    f"Class `{rule_class.name}` of the rule set `{rules.name}` needs the feature "
                    f"`{condition.feature}`, which {problem}. {_near(condition.feature, numeric)}"
                )


def _near(feature: str, known: Iterable[str]) -> str:
    """Return a sentence that names the features like `feature`, or all where none is like it."""
    names = list(known)
    near = difflib.get_close_matches(feature, names, n=3)
    if near:
        return f"Did you mean {' or '.join(f'`{name}`' for name in near)}?"
    return f"They have: {', '.join(names) or 'no features'}."
