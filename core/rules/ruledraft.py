"""A rule set while it is edited: its JSON document, with undo, and with the names of its parts.

Standard library only: QGIS edits a draft in its own process. A draft may be wrong for a while, as a text is while it is
typed; `problems` says where.
"""

from __future__ import annotations

import copy
import json
import math
import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import InvalidRuleSetError, OutputError
from ..files import write_text
from .ruledocument import GROW_INTO, MEMBERSHIPS, UNCLASSIFIED, document_text, feature_problem, parsed, read_document

Part = dict[str, Any]

_STEP = re.compile(r"(\w+)\[(\d+)\]")
_MOST_STEPS = 500
_WRITABLE = 0o222
_COLOURS = ("#d95f02", "#1f78b4", "#33a02c", "#7570b3", "#e7298a", "#a6761d", "#66a61e", "#a6cee3")


@dataclass(frozen=True)
class Problem:
    """What is wrong, and the place in the document, empty for the whole."""

    place: str
    text: str


class RuleDraft:
    """A rule set's document that can be changed and changed back.

    Parameters
    ----------
    document : dict
        As in a file; taken over.
    path : str
        The file; empty for none yet.

    Attributes
    ----------
    document : dict
        Changed through `change` only.
    path : str
    """

    def __init__(self, document: Part, path: str = "") -> None:
        self.document = document
        self.path = path
        self._saved = self.text()
        self._past: list[tuple[str, Part]] = []
        self._future: list[Part] = []

    @classmethod
    def read(cls, path: str) -> RuleDraft:
        """Read a file; a rule set with faults can be opened too, as long as all its parts are there.

        Raises
        ------
        InvalidRuleSetError
            If there is none, or it holds no rule set.
        """
        try:
            content = Path(path).read_bytes()
        except OSError as error:
            raise InvalidRuleSetError(f"The rule set {path} cannot be read: {error.strerror}.") from error
        document = parsed(path, content)
        try:
            draft = cls(document, path)
            draft.problems(())
        except (KeyError, TypeError, AttributeError):
            return cls(read_document(path, content), path)
        return draft

    @classmethod
    def new(cls) -> RuleDraft:
        """Return a rule set with one class and one condition to begin with."""
        condition = {"feature": "heatmap_mean", "membership": "above", "ramp": [0.2, 0.5]}
        rule = {"class": "rock_glacier", "combine": "and", "conditions": [condition]}
        return cls(
            {
                "name": "my_rules",
                "title": "My rules",
                "description": "",
                "target": "rock_glacier",
                "minimum_membership": 0.5,
                "classes": [{"name": "rock_glacier", "title": "Rock glacier", "color": _COLOURS[0]}],
                "passes": [{"title": "Each object by itself", "rules": [rule]}],
            }
        )

    @classmethod
    def kept(cls, path: str) -> RuleDraft | None:
        """Return the draft that `keep` wrote, None if there is none that can be read."""
        try:
            kept = json.loads(Path(path).read_text("utf-8"))
            draft = cls(kept["document"], kept["path"])
            draft.problems(())
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return None
        draft._saved = ""
        return draft

    def keep(self, path: str) -> None:
        """Write the draft as it is, right or wrong, so that it outlives the program.

        Raises
        ------
        OutputError
            If it cannot be written.
        """
        write_text(path, json.dumps({"path": self.path, "document": self.document}))

    def text(self) -> str:
        """Return the document as JSON."""
        return document_text(self.document)

    @property
    def is_changed(self) -> bool:
        """Whether it differs from the file."""
        return self.text() != self._saved

    def save(self, path: str) -> None:
        """Write the file, whole or not at all, and go on with it.

        Raises
        ------
        OutputError
            If it cannot be written, or is marked as read-only.
        """
        file = Path(path)
        # Renaming would replace a file whatever its own permissions say.
        if file.exists() and not file.stat().st_mode & _WRITABLE:
            raise OutputError(f"The file {path} is read-only; save the rule set under another name.")
        write_text(path, self.text())
        self.path = path
        self._saved = self.text()

    def change(self, place: str, key: str, value: Any, *, group: str = "") -> None:
        """Set a key of a part, or delete it where the value is None.

        Parameters
        ----------
        place : str
            The part, as in ``passes[0].rules[1]``; empty for the document.
        key : str
        value : object
        group : str, optional
            Changes of one group in a row, such as the steps of a drag, are undone together.
        """
        self._remember(group)
        part = self.part(place)
        if value is None:
            part.pop(key, None)
        else:
            part[key] = value

    def insert(self, place: str, key: str, item: Part) -> str:
        """Add an item at the end of a part's list and return its place."""
        self._remember()
        items = self.part(place).setdefault(key, [])
        items.append(item)
        return _joined(place, f"{key}[{len(items) - 1}]")

    def remove(self, place: str) -> None:
        """Take a class, pass, rule or condition out; landforms do not grow into a class that is gone."""
        self._remember()
        items, number = self._position(place)
        gone = items.pop(number)
        if items is self.document["classes"]:
            self._replace_in_grow_into(gone["name"], [])

    def move(self, place: str, by: int) -> str:
        """Move an item up or down among its like; return its new place, which is the old one at the ends."""
        items, number = self._position(place)
        target = number + by
        if not 0 <= target < len(items):
            return place
        self._remember()
        items[number], items[target] = items[target], items[number]
        return f"{place.rpartition('[')[0]}[{target}]"

    def rename_class(self, place: str, name: str) -> None:
        """Give a class another name, wherever it stands in the document."""
        old = self.part(place)["name"]
        self._remember(f"name of {place}")
        document = self.document
        self.part(place)["name"] = name
        if document["target"] == old:
            document["target"] = name
        for item in document["classes"]:
            if item.get("parent") == old:
                item["parent"] = name
        for item in document["passes"]:
            if "domain" in item:
                item["domain"] = [name if one == old else one for one in item["domain"]]
            for rule in item["rules"]:
                _rename_in_rule(rule, old, name)
        self._replace_in_grow_into(old, [name])

    def undo(self) -> bool:
        """Take the last change back; return whether there was one."""
        if not self._past:
            return False
        self._future.append(self.document)
        self.document = self._past.pop()[1]
        return True

    def redo(self) -> bool:
        """Make the last change that was taken back again; return whether there was one."""
        if not self._future:
            return False
        self._past.append(("", self.document))
        self.document = self._future.pop()
        return True

    @property
    def can_undo(self) -> bool:
        """Whether there is a change to take back."""
        return bool(self._past)

    @property
    def can_redo(self) -> bool:
        """Whether there is a change to make again."""
        return bool(self._future)

    def part(self, place: str) -> Part:
        """Return what stands at a place.

        Raises
        ------
        KeyError
            If there is nothing.
        """
        part: Any = self.document
        for key, number in _STEP.findall(place):
            items = part.get(key, [])
            if int(number) >= len(items):
                raise KeyError(place)
            part = items[int(number)]
        found: Part = part
        return found

    def conditions(self) -> Iterator[tuple[str, Part]]:
        """Yield all conditions with their places."""
        for number, item in enumerate(self.document["passes"]):
            for order, rule in enumerate(item["rules"]):
                for step, condition in enumerate(rule["conditions"]):
                    yield f"passes[{number}].rules[{order}].conditions[{step}]", condition

    def class_names(self) -> list[str]:
        """Return the names of the classes."""
        return [item["name"] for item in self.document["classes"]]

    def colour(self, name: str) -> str:
        """Return the colour of a class, grey for none."""
        return next((item["color"] for item in self.document["classes"] if item["name"] == name), "#808080")

    def new_class(self) -> Part:
        """Return a class that the rule set does not have yet."""
        names = self.class_names()
        number = next(number for number in range(1, len(names) + 2) if f"class_{number}" not in names)
        colour = _COLOURS[len(names) % len(_COLOURS)]
        return {"name": f"class_{number}", "title": f"Class {number}", "color": colour}

    def new_rule(self, place: str, condition: Part, wanted: str = "") -> Part:
        """Return a rule for a class that has none in the pass at a place, for no class if all have one.

        Where those have one too, it is a second one for the first class, which must be given another.

        Parameters
        ----------
        place : str
            The pass; empty for one that is not there yet.
        condition : dict
        wanted : str, optional
            The class that is taken if it has no rule there.
        """
        given = {rule["class"] for rule in self.part(place).get("rules", [])} if place else set()
        names = [name for name in (wanted, *self.class_names()) if name and name not in given]
        return {"class": (names or [UNCLASSIFIED])[0], "combine": "and", "conditions": [condition]}

    def problems(self, numeric: Collection[str] | None = None, texts: Collection[str] = ()) -> list[Problem]:
        """Return what is wrong: the first fault of the document, and each feature that the objects do not have.

        Parameters
        ----------
        numeric, texts : collection of str
            Columns of the objects; None where there are no objects.

        Returns
        -------
        list of Problem
            Empty for a valid rule set that fits the objects.
        """
        found = []
        try:
            read_document(self.document.get("name") or "being edited", self.text().encode())
        except InvalidRuleSetError as error:
            found.append(Problem(error.place, str(error)))
        for place, condition in self.conditions() if numeric is not None else ():
            problem = feature_problem(condition["feature"], numeric or (), texts)
            if problem:
                found.append(Problem(f"{place}.feature", problem))
        return found

    def _replace_in_grow_into(self, old: str, new: list[str]) -> None:
        reshape = self.document.get("reshape", {})
        if old in reshape.get(GROW_INTO, []):
            classes = [one for item in reshape[GROW_INTO] for one in (new if item == old else [item])]
            reshape[GROW_INTO] = classes
            if not classes:
                del reshape[GROW_INTO]

    def _position(self, place: str) -> tuple[list[Part], int]:
        parent, _, step = place.rpartition(".")
        key, number = _STEP.findall(step)[0]
        items: list[Part] = self.part(parent)[key]
        return items, int(number)

    def _remember(self, group: str = "") -> None:
        if not (group and self._past and self._past[-1][0] == group and not self._future):
            self._past = [*self._past[-_MOST_STEPS:], (group, copy.deepcopy(self.document))]
        self._future.clear()


def new_condition(feature: str, low: float = 0.0, high: float = 1.0) -> Part:
    """Return a condition that a feature be in the upper half of its range, fuzzy in the middle third.

    Corners have three digits of the range.
    """
    third = (high - low) / 3
    if not third > 0 or not math.isfinite(third):
        return {"feature": feature, "membership": "above", "ramp": [0.0, 1.0]}
    digits = 3 - math.ceil(math.log10(high - low))
    ramp = [round(low + third, digits), round(high - third, digits)]
    return {"feature": feature, "membership": "above", "ramp": ramp}


def ramp_for(membership: str, ramp: list[float]) -> list[float]:
    """Return a ramp for another membership function that keeps the ends of the old one."""
    count = MEMBERSHIPS[membership]
    if len(ramp) == count:
        return list(ramp)
    low, high = ramp[0], ramp[-1]
    if count == 2:
        return list(ramp[:2])
    third = (high - low) / 3
    return [low, low + third, high - third, high]


def _rename_in_rule(rule: Part, old: str, name: str) -> None:
    if rule["class"] == old:
        rule["class"] = name
    for condition in rule["conditions"]:
        feature, colon, of_class = condition["feature"].partition(":")
        if colon and of_class == old:
            condition["feature"] = f"{feature}:{name}"


def _joined(place: str, step: str) -> str:
    return f"{place}.{step}" if place else step
