"""Checking the JSON document of a rule set, with messages that say where it is wrong and what is expected there."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any

from ..errors import InvalidRuleSetError

MEMBERSHIPS = {"above": 2, "below": 2, "between": 4, "outside": 4}
"""Membership functions, with the number of corners that each one's ramp has."""

COMBINATIONS = ("and", "or", "mean")

UNCLASSIFIED = "unclassified"
"""How rules call an object without a class."""

DISTANCE = "distance_to"
BORDER = "relative_border_to"
CONTEXT_FEATURES = (BORDER, DISTANCE, "enclosed_by", "number_of_neighbours_of")
"""Features that depend on the classes of other objects; a condition names one with a class, with a colon between."""

RESHAPE_VALUES = ("min_heatmap", "grow", "shrink")
"""Options of reshaping that a rule set may give, since they are heatmap values, as its ramps are."""

GROW_INTO = "grow_into"
"""Option of reshaping that a rule set may give beside `grow`, since it names classes of it."""

_LARGEST = 1e300
# Names that a message lists.
_MOST_NAMES = 20
_MOST_REPETITIONS = 100
_CLASS_NAME = re.compile(r"[a-z][a-z0-9_]*")
# A list of numbers over several lines; a text in a document has no line breaks.
_NUMBERS = re.compile(r"\[\n\s*([-+.,\de\s]+?)\n\s*\]")
_COLOR = re.compile(r"#[0-9a-fA-F]{6}")
_RULE_SET_KEYS = ("name", "title", "description", "target", "minimum_membership", "classes", "passes")
_CLASS_KEYS = ("name", "title", "color")
_PASS_KEYS = ("title", "rules")
_RULE_KEYS = ("class", "combine", "conditions")
_CONDITION_KEYS = ("feature", "membership", "ramp")
_LAYER_KEYS = ("unit", "range")
_TUNED_KEYS = ("rules", "rules_sha256", "measure", "objects", "reference", "area", "folds", "software_version")
_FOLD_KEYS = ("name", "before", "after")


def read_document(source: str, content: bytes) -> dict[str, Any]:
    """Parse and check a rule set.

    Parameters
    ----------
    source : str
        How to call the rule set in messages.
    content : bytes
        The file.

    Returns
    -------
    dict
        The document, which is as the JSON Schema says, and consistent besides: ramps ascend, names differ, parents form
        no circle, and a pass refers only to classes that an earlier one gives.

    Raises
    ------
    InvalidRuleSetError
        If it is not; the message gives the place as ``passes[0].rules[1].conditions[2].ramp``.
    """
    document = parsed(source, content)
    _Checker(source).rule_set(document)
    return document


def parsed(source: str, content: bytes) -> dict[str, Any]:
    """Parse a rule set without looking whether it is one.

    Raises
    ------
    InvalidRuleSetError
        If it is no JSON, or an object of it has a key twice.
    """
    try:
        document: dict[str, Any] = json.loads(content.decode("utf-8-sig"), object_pairs_hook=_with_keys_once)
    except UnicodeDecodeError as error:
        raise InvalidRuleSetError(f"The rule set {source} is not a text in UTF-8.") from error
    except (ValueError, RecursionError) as error:
        raise InvalidRuleSetError(f"The rule set {source} is not valid JSON: {error}.") from error
    return document


def document_text(document: Mapping[str, Any]) -> str:
    """Return a rule set as JSON that people can read: lists of numbers on one line."""
    text = json.dumps(document, indent=2, ensure_ascii=False)
    return _NUMBERS.sub(lambda found: f"[{' '.join(found[1].split())}]", text) + "\n"


def _with_keys_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object of JSON, whose last value of a key would else silently take the place of the others."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        repeated = next(name for name in names if names.count(name) > 1)
        raise ValueError(f"the key {json.dumps(repeated)} stands twice in one object")
    return found


def context_of(feature: str) -> tuple[str, str] | None:
    """Return a context feature's name and class, None for a column of the objects."""
    name, colon, of_class = feature.partition(":")
    return (name, of_class) if colon and name in CONTEXT_FEATURES else None


def near(given: str, known: Collection[str]) -> list[str]:
    """Return the names most like the given one, whatever their case, the nearest first."""
    as_known = {name.casefold(): name for name in reversed([*known])}
    return [as_known[name] for name in difflib.get_close_matches(given.casefold(), as_known, n=3)]


def feature_problem(feature: str, numeric: Collection[str], texts: Collection[str] = ()) -> str:
    """Say why objects cannot be asked for a feature, with the nearest names that they have.

    Parameters
    ----------
    feature : str
        As a condition names it.
    numeric, texts : collection of str
        The objects' columns of numbers, and of text.

    Returns
    -------
    str
        A sentence that begins with the feature; empty if they have it, or if it is a context feature.
    """
    if feature in numeric or context_of(feature):
        return ""
    problem = "is a text" if feature in texts else "the objects do not have"
    like = near(feature, [*numeric, *_forms_like(feature)])
    names = [*numeric]
    more = f" and {len(names) - _MOST_NAMES} more" if len(names) > _MOST_NAMES else ""
    known = f"They have: {', '.join(names[:_MOST_NAMES]) or 'no features'}{more}."
    hint = f"Did you mean {' or '.join(f'`{item}`' for item in like)}?" if like else known
    return f"`{feature}`, which {problem}. {hint}"


def _forms_like(feature: str) -> list[str]:
    """Return the context feature that a name with an underscore for the colon stands for."""
    return [
        f"{name}:{feature[len(name) + 1 :]}" for name in CONTEXT_FEATURES if feature.casefold().startswith(f"{name}_")
    ]


class _Checker:
    """Walks through a document and refuses the first thing that is wrong."""

    def __init__(self, source: str) -> None:
        self._source = source
        self._parents: dict[str, str] = {}

    def rule_set(self, document: Any) -> None:
        self._keys("", document, _RULE_SET_KEYS, ("$schema", "layers", "reshape", "tuned"))
        self._kind("$schema", document.get("$schema", ""), str, "a text")
        for key in ("name", "title"):
            self._text(key, document[key])
        self._kind("description", document["description"], str, "a text")
        self._number("minimum_membership", document["minimum_membership"])
        if not 0 < document["minimum_membership"] <= 1:
            self._refuse("minimum_membership", "must be above 0 and at most 1", document["minimum_membership"])
        self._classes(document["classes"])
        self._choice("target", document["target"], self._names())
        self._filled_list("passes", document["passes"], "passes")
        for number, item in enumerate(document["passes"]):
            self._pass(f"passes[{number}]", item)
        self._order(document["passes"])
        self._layers(document.get("layers", {}))
        if "reshape" in document:
            self._reshape(document["reshape"])
        if "tuned" in document:
            self._tuned(document["tuned"])

    def _classes(self, classes: Any) -> None:
        self._filled_list("classes", classes, "classes")
        for number, item in enumerate(classes):
            place = f"classes[{number}]"
            self._keys(place, item, _CLASS_KEYS, ("parent",))
            self._pattern(f"{place}.name", item["name"], _CLASS_NAME, "made of a-z, 0-9 and _, beginning with a letter")
            self._text(f"{place}.title", item["title"])
            self._pattern(f"{place}.color", item["color"], _COLOR, "a colour such as #1f78b4")
            self._text(f"{place}.parent", item.get("parent", "none"))
            if item["name"] in (UNCLASSIFIED, *self._parents):
                what = f"differ from the names of the other classes and from {UNCLASSIFIED}"
                self._refuse(f"{place}.name", f"must {what}", item["name"])
            self._parents[item["name"]] = item.get("parent", "")
        for number, item in enumerate(classes):
            if "parent" in item:
                self._parent(f"classes[{number}].parent", item["name"])

    def _parent(self, place: str, name: str) -> None:
        self._choice(place, self._parents[name], self._names())
        line = [name, *self._ancestors(name)]
        if line.count(line[-1]) > 1:
            self._refuse_text(place, f"makes a circle: {', child of '.join(line)}")

    def _ancestors(self, name: str) -> Iterator[str]:
        """Yield the parent, its parent and so on, up to the first that comes again."""
        seen = {name}
        parent = self._parents.get(name, "")
        while parent:
            yield parent
            if parent in seen:
                return
            seen.add(parent)
            parent = self._parents.get(parent, "")

    def _pass(self, place: str, item: Any) -> None:
        self._keys(place, item, _PASS_KEYS, ("domain", "repeat"))
        self._text(f"{place}.title", item["title"])
        repeat = item.get("repeat", 1)
        is_number = isinstance(repeat, (int, float)) and not isinstance(repeat, bool)
        if not is_number or repeat not in range(1, _MOST_REPETITIONS + 1):
            self._refuse(f"{place}.repeat", f"must be a whole number from 1 to {_MOST_REPETITIONS}", repeat)
        if "domain" in item:
            self._filled_list(f"{place}.domain", item["domain"], "classes")
            for number, name in enumerate(item["domain"]):
                self._choice(f"{place}.domain[{number}]", name, (*self._names(), UNCLASSIFIED))
        self._filled_list(f"{place}.rules", item["rules"], "rules")
        given: set[str] = set()
        for number, rule in enumerate(item["rules"]):
            self._rule(f"{place}.rules[{number}]", rule)
            if rule["class"] in given:
                self._refuse(f"{place}.rules[{number}].class", "must have one rule in a pass only", rule["class"])
            given.add(rule["class"])

    def _rule(self, place: str, item: Any) -> None:
        self._keys(place, item, _RULE_KEYS)
        self._choice(f"{place}.class", item["class"], (*self._names(), UNCLASSIFIED))
        self._choice(f"{place}.combine", item["combine"], COMBINATIONS)
        self._filled_list(f"{place}.conditions", item["conditions"], "conditions")
        for number, condition in enumerate(item["conditions"]):
            self._condition(f"{place}.conditions[{number}]", condition)

    def _condition(self, place: str, item: Any) -> None:
        self._keys(place, item, _CONDITION_KEYS, ("why", "tuned_from"))
        self._text(f"{place}.feature", item["feature"])
        self._feature(f"{place}.feature", item["feature"])
        self._choice(f"{place}.membership", item["membership"], tuple(MEMBERSHIPS))
        self._kind(f"{place}.why", item.get("why", ""), str, "a text")
        corners = MEMBERSHIPS[item["membership"]]
        for key in ("ramp", "tuned_from"):
            if key in item:
                self._ascending(f"{place}.{key}", item[key], corners, f" for `{item['membership']}`")

    def _feature(self, place: str, feature: str) -> None:
        """Refuse a context feature of a class that there is not, and what is nearly one."""
        name, colon, of_class = feature.partition(":")
        if context_of(feature):
            if of_class not in (*self._names(), UNCLASSIFIED):
                known = (*self._names(), UNCLASSIFIED)
                self._refuse(
                    place, f"must name one of {', '.join(known)} behind the colon", feature, _hint(of_class, known)
                )
        elif (colon and near(name, CONTEXT_FEATURES)) or name in CONTEXT_FEATURES:
            forms = [f"{known}:<class>" for known in CONTEXT_FEATURES]
            self._refuse(
                place, f"must be a column, or one of {', '.join(forms)}", feature, _hint(name, CONTEXT_FEATURES)
            )

    def _order(self, passes: list[dict[str, Any]]) -> None:
        """Refuse what refers to a class that no earlier pass gives."""
        given: set[str] = set()
        for number, item in enumerate(passes):
            place = f"passes[{number}]"
            for position, name in enumerate(item.get("domain", ())):
                self._given(f"{place}.domain[{position}]", name, given)
            for position, rule in enumerate(item["rules"]):
                for step, condition in enumerate(rule["conditions"]):
                    if context := context_of(condition["feature"]):
                        here = f"{place}.rules[{position}].conditions[{step}].feature"
                        self._given(here, context[1], given)
            given.update(rule["class"] for rule in item["rules"])
            # Every object begins without a class.
            given |= {UNCLASSIFIED} | {parent for name in given for parent in self._ancestors(name)}
        self._parents_first(passes)

    def _given(self, place: str, name: str, given: Collection[str]) -> None:
        if name not in given:
            known = ", ".join(sorted(given)) or "none, because this is the first pass"
            self._refuse(place, f"must refer to a class that an earlier pass gives ({known})", name)

    def _parents_first(self, passes: list[dict[str, Any]]) -> None:
        """Refuse a class whose parent's rules come only later: its conditions could not be asked yet."""
        ruled = {rule["class"] for item in passes for rule in item["rules"]}
        known: set[str] = set()
        for number, item in enumerate(passes):
            known.update(rule["class"] for rule in item["rules"])
            for position, rule in enumerate(item["rules"]):
                for parent in self._ancestors(rule["class"]):
                    if parent in ruled and parent not in known:
                        text = f"is a child of `{parent}`, whose rules must not stand in a later pass"
                        self._refuse_text(f"passes[{number}].rules[{position}].class", text)

    def _layers(self, layers: Any) -> None:
        self._kind("layers", layers, dict, "an object with a key for each layer")
        for name, item in layers.items():
            place = f"layers.{name}"
            self._keys(place, item, _LAYER_KEYS)
            self._text(f"{place}.unit", item["unit"])
            self._ascending(f"{place}.range", item["range"], 2)

    def _reshape(self, item: Any) -> None:
        self._keys("reshape", item, (), (*RESHAPE_VALUES, GROW_INTO, "why"))
        self._kind("reshape.why", item.get("why", ""), str, "a text")
        if GROW_INTO in item:
            self._grow_into(item)
        for key in RESHAPE_VALUES:
            if key in item:
                self._number(f"reshape.{key}", item[key])
                if not 0 < item[key] <= 1:
                    self._refuse(f"reshape.{key}", "must be a heatmap value above 0 and at most 1", item[key])

    def _grow_into(self, item: dict[str, Any]) -> None:
        place = f"reshape.{GROW_INTO}"
        self._filled_list(place, item[GROW_INTO], "classes")
        for number, name in enumerate(item[GROW_INTO]):
            self._choice(f"{place}[{number}]", name, (*self._names(), UNCLASSIFIED))
        if "grow" not in item:
            self._refuse_text(place, "needs `reshape.grow`, the heatmap value from which landforms grow")

    def _tuned(self, item: Any) -> None:
        self._keys("tuned", item, _TUNED_KEYS)
        for key in ("rules", "rules_sha256", "measure", "software_version"):
            self._text(f"tuned.{key}", item[key])
        for key in ("objects", "reference"):
            self._filled_list(f"tuned.{key}", item[key], "names of files")
            for number, name in enumerate(item[key]):
                self._text(f"tuned.{key}[{number}]", name)
        self._kind("tuned.area", item["area"], str, "a text")
        self._filled_list("tuned.folds", item["folds"], "folds")
        for number, fold in enumerate(item["folds"]):
            place = f"tuned.folds[{number}]"
            self._keys(place, fold, _FOLD_KEYS)
            self._text(f"{place}.name", fold["name"])
            for key in ("before", "after"):
                self._number(f"{place}.{key}", fold[key])

    def _names(self) -> tuple[str, ...]:
        return tuple(self._parents)

    def _ascending(self, place: str, values: Any, count: int, purpose: str = "") -> None:
        if not isinstance(values, list) or len(values) != count:
            self._refuse(place, f"must be a list of {count} numbers{purpose}", values)
        for number, value in enumerate(values):
            self._number(f"{place}[{number}]", value)
        if sorted(values) != values:
            self._refuse(place, "must be in ascending order", values)

    def _keys(self, place: str, item: Any, required: Collection[str], optional: Collection[str] = ()) -> None:
        self._kind(place, item, dict, "an object with the keys " + ", ".join(required or optional))
        for key in item:
            if key not in required and key not in optional:
                self._refuse_text(place, f"has the unknown key `{key}`{_hint(key, (*required, *optional))}")
        for key in required:
            if key not in item:
                self._refuse_text(place, f"lacks the key `{key}`; it must have {', '.join(required)}")

    def _kind(self, place: str, value: Any, kind: type, expected: str) -> None:
        if not isinstance(value, kind):
            self._refuse(place, f"must be {expected}", value)

    def _text(self, place: str, value: Any) -> None:
        if not isinstance(value, str) or not value:
            self._refuse(place, "must be a text that is not empty", value)

    def _number(self, place: str, value: Any) -> None:
        # Python reads Infinity, NaN and whole numbers of any length, none of which can be a corner.
        if isinstance(value, bool) or not isinstance(value, (int, float)) or not abs(value) < _LARGEST:
            self._refuse(place, "must be a finite number", value)

    def _filled_list(self, place: str, value: Any, items: str) -> None:
        if not isinstance(value, list) or not value:
            self._refuse(place, f"must be a list of {items}, at least one", value)

    def _pattern(self, place: str, value: Any, pattern: re.Pattern[str], expected: str) -> None:
        if not isinstance(value, str) or not pattern.fullmatch(value):
            self._refuse(place, f"must be {expected}", value)

    def _choice(self, place: str, value: Any, choices: tuple[str, ...]) -> None:
        if not isinstance(value, str) or value not in choices:
            hint = _hint(value, choices) if isinstance(value, str) else ""
            self._refuse(place, f"must be one of {', '.join(choices)}", value, hint)

    def _refuse(self, place: str, expected: str, found: Any, hint: str = "") -> None:
        shown = json.dumps(found)
        shown = shown if len(shown) <= 60 else f"{shown[:57]}..."
        self._refuse_text(place, f"{expected}, but is {shown}{hint}")

    def _refuse_text(self, place: str, text: str) -> None:
        subject = f"`{place}`" if place else "the document"
        end = "" if text.endswith("?") else "."
        raise InvalidRuleSetError(f"The rule set {self._source} is not valid: {subject} {text}{end}", place)


def _hint(given: str, known: Collection[str]) -> str:
    like = near(given, known)
    return f"; did you mean `{like[0]}`?" if like else f"; known are {', '.join(known)}"
