"""Rule sets: classes of objects in a hierarchy, and passes of fuzzy rules that give them.

A rule set is a JSON document; `resources/rules/ruleset.schema.json` is its JSON Schema and `resources/rules/README.md`
explains it. Memberships are trapezoids as in Zadeh (1965), combined by the minimum, the maximum or the mean.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import InvalidRuleSetError
from ..version import PACKAGE_FOLDER
from .ruledocument import GROW_INTO, context_of, feature_problem, read_document

RULES_FOLDER = PACKAGE_FOLDER / "resources" / "rules"

Numbers = NDArray[np.float64]
Memberships = Numbers

NUMERIC = "fiu"
"""Kinds of numpy's types that conditions can ask for."""


@dataclass(frozen=True)
class Condition:
    """One fuzzy condition on a feature.

    Attributes
    ----------
    feature : str
        Column of the objects, or a context feature such as ``relative_border_to:rock_glacier``.
    membership : str
        ``above``, ``below``, ``between`` or ``outside``.
    ramp : tuple of float
        Ascending corners of the membership function: two for `above` (0 up to the first, 1 from the second) and `below`
        (1 up to the first, 0 from the second), four for `between` (0, 1, 1, 0) and `outside` (1, 0, 0, 1). Equal
        corners make a crisp step; the value of the step itself fulfils the condition.
    why : str
        The reason for the condition.
    tuned_from : tuple of float
        The ramp before it was tuned; empty if it was not.
    """

    feature: str
    membership: str
    ramp: tuple[float, ...]
    why: str = ""
    tuned_from: tuple[float, ...] = ()

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
        if self.membership == "between":
            return np.minimum(_rising(numbers, *self.ramp[:2]), _falling(numbers, *self.ramp[2:]))
        return np.maximum(_falling(numbers, *self.ramp[:2]), _rising(numbers, *self.ramp[2:]))

    @property
    def wanted(self) -> str:
        """What values are wanted, in words, with the corners at which the condition is wholly fulfilled."""
        corners = [corner_text(corner) for corner in self.ramp]
        if self.membership == "between":
            return f"between {corners[1]} and {corners[2]}"
        if self.membership == "outside":
            return f"outside {corners[0]} to {corners[3]}"
        return f"{self.membership} {corners[1 if self.membership == 'above' else 0]}"

    def __str__(self) -> str:
        """Return the condition in words."""
        return f"{self.feature} {self.wanted}"


def corner_text(corner: float) -> str:
    """Return a corner as it is, not rounded, and without an exponent if it is no immense number."""
    return f"{corner:.15g}"


@dataclass(frozen=True)
class ObjectClass:
    """A class of objects.

    Attributes
    ----------
    name : str
        Value of the column `class`, and end of the name of the column of memberships.
    title : str
        Name for people.
    color : str
        Colour on maps, ``#rrggbb``.
    parent : str
        Name of the class that this is a kind of; empty for none. An object of a class is one of its ancestors too.
    """

    name: str
    title: str
    color: str
    parent: str = ""


@dataclass(frozen=True)
class Rule:
    """Conditions on which a pass gives a class.

    Attributes
    ----------
    name : str
        The class, or `ruledocument.UNCLASSIFIED` to take the class away.
    combine : str
        How the memberships of the conditions become that of the class: ``and`` (minimum), ``or`` (maximum), ``mean``.
    conditions : tuple of Condition
    """

    name: str
    combine: str
    conditions: tuple[Condition, ...]

    def degrees(self, values: Iterable[NDArray[Any]]) -> Memberships:
        """Return the membership of each object in each condition, shape (conditions, n).

        Parameters
        ----------
        values : iterable of array, each of shape (n,)
            The feature of each condition.
        """
        return np.stack([condition.memberships(row) for condition, row in zip(self.conditions, values, strict=True)])

    def combined(self, degrees: Memberships) -> tuple[Memberships, NDArray[np.intp]]:
        """Return the membership of each object, and the condition that it hangs on.

        Parameters
        ----------
        degrees : array of float64, shape (conditions, n)
            Its membership in each condition.

        Returns
        -------
        memberships : array of float64, shape (n,)
        limiting : array of int, shape (n,)
            Position of the condition of the smallest membership (of the largest for ``or``); the first of equal ones.
        """
        limit, limiting = degrees[0].copy(), np.zeros(degrees.shape[1], np.intp)
        # Row by row, because numpy looks for the extreme of each column several times slower.
        for row, degree in enumerate(degrees[1:], start=1):
            closer = degree > limit if self.combine == "or" else degree < limit
            limit[closer], limiting[closer] = degree[closer], row
        return degrees.mean(axis=0) if self.combine == "mean" else limit, limiting


@dataclass(frozen=True)
class Pass:
    """Rules that are applied together, on what the passes before have left.

    Attributes
    ----------
    title : str
        What the pass is for.
    rules : tuple of Rule
        At most one a class. Of classes with the same membership the first wins.
    domain : tuple of str
        Classes whose objects the pass looks at, with those of their descendants; empty for all objects.
    repeat : int
        How often the pass is applied at most; it ends when no object changes its class.
    """

    title: str
    rules: tuple[Rule, ...]
    domain: tuple[str, ...] = ()
    repeat: int = 1


@dataclass(frozen=True)
class ExpectedLayer:
    """What values a layer should have: their unit, and their smallest and largest."""

    unit: str
    range: tuple[float, float]


@dataclass(frozen=True)
class RuleSet:
    """Classes and the passes that give them to objects.

    Attributes
    ----------
    name, title, description : str
    target : str
        The class that is mapped; explanations say why an object is none.
    minimum_membership : float
        An object gets no class whose membership is below this.
    classes : tuple of ObjectClass
    passes : tuple of Pass
    layers : mapping of str to ExpectedLayer
        What the rules take for granted of the layers that they use.
    source : str
        How the user named it, for messages.
    sha256 : str
        Digest of the file, so that a result can name the very rules that it was made with.
    tuned : mapping
        What the corners were tuned on, and what that gave; empty for rules that a person has set.
    reshape : mapping
        As far as given, heatmap values for growing, shrinking and dropping landforms (`ruledocument.RESHAPE_VALUES`),
        and the classes to grow into.
    """

    name: str
    title: str
    description: str
    target: str
    minimum_membership: float
    classes: tuple[ObjectClass, ...]
    passes: tuple[Pass, ...]
    layers: Mapping[str, ExpectedLayer] = field(default_factory=dict)
    source: str = ""
    sha256: str = ""
    tuned: Mapping[str, Any] = field(default_factory=dict)
    reshape: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def conditions(self) -> tuple[Condition, ...]:
        """All conditions, pass by pass and rule by rule."""
        return tuple(condition for _, condition in self.placed_conditions())

    @property
    def features(self) -> tuple[str, ...]:
        """The columns that the conditions need, each once, in the order of the rule set."""
        return tuple(dict.fromkeys(item.feature for item in self.conditions if not context_of(item.feature)))

    @property
    def context_features(self) -> tuple[str, ...]:
        """The names of the context features that the conditions need, each once."""
        contexts = (context_of(item.feature) for item in self.conditions)
        return tuple(dict.fromkeys(context[0] for context in contexts if context))

    def placed_conditions(self) -> Iterator[tuple[str, Condition]]:
        """Yield all conditions with their places in the document."""
        for number, item in enumerate(self.passes):
            for position, rule in enumerate(item.rules):
                for step, condition in enumerate(rule.conditions):
                    yield f"passes[{number}].rules[{position}].conditions[{step}]", condition

    def lineage(self, name: str) -> tuple[str, ...]:
        """Return a class and its ancestors, the class first."""
        parents = {item.name: item.parent for item in self.classes}
        line = [name]
        while parents.get(line[-1]):
            line.append(parents[line[-1]])
        return tuple(line)

    def path(self, name: str) -> str:
        """Return a class with its ancestors before it: ``debris/rock_glacier``."""
        return "/".join(reversed(self.lineage(name)))


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
    content = rule_set_content(source)
    return rule_set_of(read_document(source, content), source, hashlib.sha256(content).hexdigest())


def rule_set_of(document: Mapping[str, Any], source: str = "", sha256: str = "") -> RuleSet:
    """Return the rule set of a checked document.

    Parameters
    ----------
    document : mapping
        As `ruledocument.read_document` returns it.
    source, sha256 : str
        How the user named its file, and the file's digest; empty for a document that is no file.
    """
    layers = {
        name: ExpectedLayer(item["unit"], (float(item["range"][0]), float(item["range"][1])))
        for name, item in document.get("layers", {}).items()
    }
    return RuleSet(
        document["name"],
        document["title"],
        document["description"],
        document["target"],
        float(document["minimum_membership"]),
        tuple(ObjectClass(**item) for item in document["classes"]),
        tuple(_pass(item) for item in document["passes"]),
        layers,
        source,
        sha256,
        document.get("tuned", {}),
        {key: _of_reshaping(key, value) for key, value in document.get("reshape", {}).items() if key != "why"},
    )


def _of_reshaping(key: str, value: Any) -> float | tuple[str, ...]:
    return tuple(value) if key == GROW_INTO else float(value)


def rule_set_content(source: str) -> bytes:
    """Return the file of a rule set, by the name of a shipped one or by its path.

    Raises
    ------
    InvalidRuleSetError
        If there is no such file.
    """
    try:
        return _rule_set_path(source).read_bytes()
    except OSError as error:
        raise InvalidRuleSetError(f"The rule set {source} cannot be read: {error.strerror}.") from error


def shipped_rule_sets() -> tuple[str, ...]:
    """Return the names of the rule sets that come with the software."""
    return tuple(sorted(path.stem for path in RULES_FOLDER.glob("*.json") if not path.stem.endswith(".schema")))


def check_features(rules: RuleSet, columns: Mapping[str, NDArray[Any]]) -> None:
    """Refuse a rule set that needs a feature that the objects do not have as numbers.

    Parameters
    ----------
    rules : RuleSet
    columns : mapping of array
        Columns of the objects.

    Raises
    ------
    InvalidRuleSetError
        With the place of the condition, and the features with the most similar names.
    """
    numeric = [name for name, values in columns.items() if values.dtype.kind in NUMERIC]
    texts = [name for name in columns if name not in numeric]
    for place, condition in rules.placed_conditions():
        problem = feature_problem(condition.feature, numeric, texts)
        if problem:
            raise InvalidRuleSetError(
                f"The rule set {rules.source or rules.name} needs, at `{place}.feature`, the feature {problem}",
                f"{place}.feature",
            )


def _rising(values: Numbers, zero: float, one: float) -> Memberships:
    """Return 0 up to `zero`, 1 from `one`, linear in between; 0 for NaN."""
    if zero == one:
        return np.asarray(values >= one, np.float64)
    degrees: Memberships = (values - zero) / (one - zero)
    np.minimum(degrees, 1.0, out=degrees)
    # Unlike maximum, fmax takes the other number where one is NaN.
    return np.fmax(degrees, 0.0, out=degrees)


def _falling(values: Numbers, one: float, zero: float) -> Memberships:
    """Return 1 up to `one`, 0 from `zero`, linear in between; 0 for NaN."""
    return _rising(-values, -zero, -one)


def _pass(item: Mapping[str, Any]) -> Pass:
    rules = tuple(_rule(rule) for rule in item["rules"])
    return Pass(item["title"], rules, tuple(item.get("domain", ())), int(item.get("repeat", 1)))


def _rule(item: Mapping[str, Any]) -> Rule:
    conditions = tuple(
        Condition(
            rule["feature"],
            rule["membership"],
            tuple(map(float, rule["ramp"])),
            rule.get("why", ""),
            tuple(map(float, rule.get("tuned_from", ()))),
        )
        for rule in item["conditions"]
    )
    return Rule(item["class"], item["combine"], conditions)


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
