"""Checking the JSON document of a rule set, with messages that say where it is wrong and what is expected there."""

from __future__ import annotations

import difflib
import json
import re
from collections.abc import Collection
from typing import Any

from .errors import InvalidRuleSetError

MEMBERSHIPS = {"above": 2, "below": 2, "between": 4}
"""Membership functions, with the number of corners that each one's ramp has."""

COMBINATIONS = ("and", "or", "mean")

_LARGEST = 1e300
_CLASS_NAME = re.compile(r"[a-z][a-z0-9_]*")
_COLOR = re.compile(r"#[0-9a-fA-F]{6}")
_RULE_SET_KEYS = ("name", "title", "description", "minimum_membership", "classes")
_CLASS_KEYS = ("name", "title", "color", "combine", "conditions")
_CONDITION_KEYS = ("feature", "membership", "ramp")


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
        The document, which is as the JSON Schema says, with ascending ramps and unique class names besides.

    Raises
    ------
    InvalidRuleSetError
        If it is not; the message gives the place as ``classes[0].conditions[2].ramp``.
    """
    try:
        document = json.loads(content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        raise InvalidRuleSetError(f"The rule set {source} is not a text in UTF-8.") from error
    except (ValueError, RecursionError) as error:
        raise InvalidRuleSetError(f"The rule set {source} is not valid JSON: {error}.") from error
    _Checker(source).rule_set(document)
    checked: dict[str, Any] = document
    return checked


class _Checker:
    """Walks through a document and refuses the first thing that is wrong."""

    def __init__(self, source: str) -> None:
        self._source = source

    def rule_set(self, document: Any) -> None:
        self._keys("", document, _RULE_SET_KEYS, ("$schema",))
        for key in ("name", "title"):
            self._text(key, document[key])
        self._kind("description", document["description"], str, "a text")
        self._number("minimum_membership", document["minimum_membership"])
        if not 0 < document["minimum_membership"] <= 1:
            self._refuse("minimum_membership", "must be above 0 and at most 1", document["minimum_membership"])
        self._filled_list("classes", document["classes"], "classes")
        names: list[str] = []
        for number, item in enumerate(document["classes"]):
            place = f"classes[{number}]"
            self.rule_class(place, item)
            if item["name"] in names:
                self._refuse(f"{place}.name", "must differ from the names of the other classes", item["name"])
            names.append(item["name"])

    def rule_class(self, place: str, item: Any) -> None:
        self._keys(place, item, _CLASS_KEYS)
        self._pattern(f"{place}.name", item["name"], _CLASS_NAME, "made of a-z, 0-9 and _, beginning with a letter")
        self._text(f"{place}.title", item["title"])
        self._pattern(f"{place}.color", item["color"], _COLOR, "a colour such as #1f78b4")
        self._choice(f"{place}.combine", item["combine"], COMBINATIONS)
        self._filled_list(f"{place}.conditions", item["conditions"], "conditions")
        for number, condition in enumerate(item["conditions"]):
            self.condition(f"{place}.conditions[{number}]", condition)

    def condition(self, place: str, item: Any) -> None:
        self._keys(place, item, _CONDITION_KEYS, ("why",))
        self._text(f"{place}.feature", item["feature"])
        self._choice(f"{place}.membership", item["membership"], tuple(MEMBERSHIPS))
        self._kind(f"{place}.why", item.get("why", ""), str, "a text")
        ramp, corners = item["ramp"], MEMBERSHIPS[item["membership"]]
        place = f"{place}.ramp"
        if not isinstance(ramp, list) or len(ramp) != corners:
            self._refuse(place, f"must be a list of {corners} numbers for `{item['membership']}`", ramp)
        for number, corner in enumerate(ramp):
            self._number(f"{place}[{number}]", corner)
        if sorted(ramp) != ramp:
            self._refuse(place, "must be in ascending order", ramp)

    def _keys(self, place: str, item: Any, required: Collection[str], optional: Collection[str] = ()) -> None:
        self._kind(place, item, dict, "an object with the keys " + ", ".join(required))
        for key in item:
            if key not in required and key not in optional:
                self._refuse_text(place, f"has the unknown key `{key}`{_hint(key, (*required, *optional))}")
        for key in required:
            if key not in item:
                self._refuse_text(place, f"lacks the key `{key}`")

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
        raise InvalidRuleSetError(f"The rule set {self._source} is not valid: {subject} {text}{end}")


def _hint(given: str, known: Collection[str]) -> str:
    near = difflib.get_close_matches(given, known, n=1)
    return f"; did you mean `{near[0]}`?" if near else f"; known are {', '.join(known)}"
