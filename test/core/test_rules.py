"""Rule sets: membership functions at their corners, competition of classes, and what a bad document is told."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import jsonschema
import numpy as np
import pytest
from rock_glacier_mapper.core.errors import InvalidRuleSetError
from rock_glacier_mapper.core.rules import (
    RULES_FOLDER,
    Condition,
    RuleClass,
    RuleSet,
    evaluate,
    load_rule_set,
    shipped_rule_sets,
)

SCHEMA = json.loads((RULES_FOLDER / "ruleset.schema.json").read_text("utf-8"))
VALID: dict[str, Any] = {
    "name": "toy",
    "title": "Toy",
    "description": "",
    "minimum_membership": 0.5,
    "classes": [
        {
            "name": "steep",
            "title": "Steep",
            "color": "#ff0000",
            "combine": "and",
            "conditions": [
                {"feature": "slope_mean", "membership": "above", "ramp": [10, 20], "why": "Because."},
                {"feature": "slope_mean", "membership": "between", "ramp": [0, 5, 80, 90]},
            ],
        }
    ],
}


def rule_class(name: str, combine: str, *conditions: Condition) -> RuleClass:
    return RuleClass(name, name.title(), "#000000", combine, conditions)


def rule_set(*classes: RuleClass, minimum: float = 0.5) -> RuleSet:
    return RuleSet("toy", "Toy", "", minimum, classes)


def above(feature: str) -> Condition:
    """Return a condition whose membership is the feature's own value."""
    return Condition(feature, "above", (0.0, 1.0))


class TestCondition:
    @pytest.mark.parametrize(
        ("membership", "ramp", "expected"),
        [
            ("above", (10, 20), [0, 0, 0.5, 1, 1]),
            ("below", (10, 20), [1, 1, 0.5, 0, 0]),
            ("between", (5, 10, 15, 25), [0, 1, 1, 0.5, 0]),
            ("above", (20, 20), [0, 0, 0, 1, 1]),
            ("below", (10, 10), [1, 1, 0, 0, 0]),
            ("between", (10, 10, 20, 20), [0, 1, 1, 1, 0]),
            ("between", (15, 15, 15, 15), [0, 0, 1, 0, 0]),
        ],
    )
    def test_corners(self, membership: str, ramp: tuple[float, ...], expected: list[float]) -> None:
        """Ramps and crisp steps at 5, 10, 15, 20 and 25; the value of a step fulfils the condition on either side."""
        values = np.array([5.0, 10.0, 15.0, 20.0, 25.0])
        assert Condition("x", membership, ramp).memberships(values).tolist() == expected

    @pytest.mark.parametrize(("membership", "ramp"), [("above", (0, 1)), ("below", (1, 1)), ("between", (0, 1, 2, 3))])
    def test_null_is_no_member(self, membership: str, ramp: tuple[float, ...]) -> None:
        """An object without a value fulfils nothing, not even `below`."""
        assert Condition("x", membership, ramp).memberships(np.array([np.nan])).tolist() == [0]

    def test_whole_numbers(self) -> None:
        """Unsigned columns must not wrap round when they are negated."""
        counts = np.array([0, 3, 9], np.uint8)
        assert Condition("neighbour_count", "below", (2, 4)).memberships(counts).tolist() == [1, 0.5, 0]

    def test_in_words(self) -> None:
        """The words name the corners where the condition is wholly fulfilled."""
        conditions = [("above", (10, 20)), ("below", (30, 40)), ("between", (3, 5, 38, 45))]
        texts = [str(Condition("slope_mean", membership, ramp)) for membership, ramp in conditions]
        assert texts == ["slope_mean above 20", "slope_mean below 30", "slope_mean between 5 and 38"]


class TestEvaluate:
    @pytest.mark.parametrize(
        ("combine", "membership", "limited_by"),
        [("and", 0.2, "b above 1"), ("or", 0.9, "a above 1"), ("mean", 0.6, "b above 1")],
    )
    def test_combinations(self, combine: str, membership: float, limited_by: str) -> None:
        """Minimum, maximum and mean of 0.9, 0.2 and 0.7, and the condition that each hangs on."""
        rules = rule_set(rule_class("one", combine, above("a"), above("b"), above("c")), minimum=0.1)
        features = {name: np.array([value]) for name, value in (("a", 0.9), ("b", 0.2), ("c", 0.7))}
        result = evaluate(rules, features, 1)
        assert result.membership == pytest.approx([membership])
        assert result.limited_by.tolist() == [limited_by]

    def test_highest_membership_wins(self) -> None:
        """A veto class takes an object away where it fits better."""
        rules = rule_set(rule_class("rock_glacier", "and", above("heatmap")), rule_class("snow", "and", above("white")))
        result = evaluate(rules, {"heatmap": np.array([0.9, 0.9]), "white": np.array([0.6, 1.0])}, 2)
        assert result.classes.tolist() == ["rock_glacier", "snow"]
        assert result.membership.tolist() == [0.9, 1.0]
        assert result.memberships["rock_glacier"].tolist() == [0.9, 0.9]
        assert result.memberships["snow"].tolist() == [0.6, 1.0]

    def test_ties(self) -> None:
        """Of equal classes the first wins, and of equal conditions the first is named."""
        rules = rule_set(
            rule_class("first", "and", above("a"), above("b")), rule_class("second", "and", above("b"), above("a"))
        )
        result = evaluate(rules, {"a": np.array([0.7]), "b": np.array([0.7])}, 1)
        assert result.classes.tolist() == ["first"]
        assert result.limited_by.tolist() == ["a above 1"]

    def test_minimum_membership_is_enough(self) -> None:
        """The minimum itself gives the class; just below it, the text names the class that came nearest."""
        rules = rule_set(rule_class("one", "and", above("a")), rule_class("two", "and", above("b")))
        result = evaluate(rules, {"a": np.array([0.5, 0.49]), "b": np.zeros(2)}, 2)
        assert result.classes.tolist() == ["one", ""]
        assert result.limited_by.tolist() == ["a above 1", "one: a above 1"]
        assert result.membership.tolist() == [0.5, 0.49]

    def test_nothing_limits_full_membership(self) -> None:
        """Where every condition is wholly fulfilled, none is named."""
        result = evaluate(rule_set(rule_class("one", "and", above("a"))), {"a": np.array([1.0])}, 1)
        assert result.limited_by.tolist() == [""]

    def test_no_objects(self) -> None:
        """An empty layer is classified too, and keeps its columns."""
        result = evaluate(rule_set(rule_class("one", "and", above("a"))), {"a": np.zeros(0)}, 0)
        assert len(result.classes) == len(result.limited_by) == len(result.memberships["one"]) == 0

    def test_missing_feature_names_near_ones(self) -> None:
        """A misspelt feature is the commonest fault of a rule set written by hand."""
        rules = rule_set(rule_class("one", "and", above("slope_maen")))
        with pytest.raises(InvalidRuleSetError, match=r"Class `one`.*`slope_maen`.*Did you mean `slope_mean`"):
            evaluate(rules, {"slope_mean": np.zeros(1), "heatmap_mean": np.zeros(1)}, 1)

    def test_missing_feature_names_all_where_none_is_near(self) -> None:
        """Objects measured on other layers: the message tells which features there are."""
        with pytest.raises(InvalidRuleSetError, match="They have: heatmap_mean"):
            evaluate(rule_set(rule_class("one", "and", above("ndvi"))), {"heatmap_mean": np.zeros(1)}, 1)

    def test_text_is_no_feature(self) -> None:
        """A column of text cannot be compared with numbers."""
        with pytest.raises(InvalidRuleSetError, match="`note`, which is text"):
            evaluate(rule_set(rule_class("one", "and", above("note"))), {"note": np.array(["x"], object)}, 1)


class TestLoading:
    def test_from_a_file(self, tmp_path: Path) -> None:
        """A file of one's own is read, whatever editor saved it: Windows' Notepad puts a byte order mark first."""
        path = tmp_path / "toy.json"
        path.write_bytes(b"\xef\xbb\xbf" + json.dumps(VALID).encode())
        rules = load_rule_set(str(path))
        assert rules.name == "toy"
        assert rules.classes[0].conditions[1] == Condition("slope_mean", "between", (0.0, 5.0, 80.0, 90.0))
        assert rules.features == ("slope_mean",)
        assert len(rules.sha256) == 64

    def test_digest_tells_rules_apart(self, tmp_path: Path) -> None:
        """The provenance must show that a threshold was changed though the name was not."""
        digests = set()
        for corner in (20, 21):
            document = copy.deepcopy(VALID)
            document["classes"][0]["conditions"][0]["ramp"][1] = corner
            (tmp_path / "toy.json").write_text(json.dumps(document))
            digests.add(load_rule_set(str(tmp_path / "toy.json")).sha256)
        assert len(digests) == 2

    @pytest.mark.parametrize(
        ("source", "message"),
        [("ful_stack", "shipped rule set `ful_stack`; there are full_stack, rgb"), ("mine.json", "no rule set file")],
    )
    def test_no_such_rule_set(self, source: str, message: str) -> None:
        """A wrong name lists the shipped ones, a wrong path is shown as given."""
        with pytest.raises(InvalidRuleSetError, match=message):
            load_rule_set(source)

    @pytest.mark.parametrize(
        ("content", "message"),
        [
            (b"{", "not valid JSON: .*line 1"),
            (b'{"name": "\xff"}', "not a text in UTF-8"),
            (b"[]", "the document must be an object with the keys name, .*but is \\[\\]"),
            (b"[" * 100_000, "not valid JSON"),
        ],
    )
    def test_not_json(self, tmp_path: Path, content: bytes, message: str) -> None:
        """Whatever the file holds, one sentence says so."""
        path = tmp_path / "bad.json"
        path.write_bytes(content)
        with pytest.raises(InvalidRuleSetError, match=message):
            load_rule_set(str(path))


def changed(place: str, value: Any) -> dict[str, Any]:
    """Return the valid document with one value set, or the key taken away where the value is `...`."""
    document = copy.deepcopy(VALID)
    keys: list[str | int] = [int(key) if key.isdigit() else key for key in place.split(".")]
    target: Any = document
    for key in keys[:-1]:
        target = target[key]
    if value is ...:
        del target[keys[-1]]
    else:
        target[keys[-1]] = value
    return document


CONDITION = "classes.0.conditions.0"
BAD = [
    ("title", ..., "the document lacks the key `title`"),
    ("titel", "Toy", "the document has the unknown key `titel`; did you mean `title`"),
    ("name", "", "`name` must be a text that is not empty"),
    ("description", None, "`description` must be a text, but is null"),
    ("minimum_membership", "half", '`minimum_membership` must be a finite number, but is "half"'),
    ("minimum_membership", True, "`minimum_membership` must be a finite number, but is true"),
    ("minimum_membership", 0, "`minimum_membership` must be above 0 and at most 1"),
    ("minimum_membership", 1.5, "`minimum_membership` must be above 0 and at most 1"),
    ("classes", [], "`classes` must be a list of classes, at least one"),
    ("classes.0", "steep", r"`classes\[0\]` must be an object with the keys name, title"),
    ("classes.0.name", "Steep slope", r"`classes\[0\].name` must be made of a-z"),
    ("classes.0.color", "red", r"`classes\[0\].color` must be a colour such as #1f78b4"),
    ("classes.0.combine", "AND", r"`classes\[0\].combine` must be one of and, or, mean"),
    ("classes.0.conditions", {}, r"`classes\[0\].conditions` must be a list of conditions"),
    (f"{CONDITION}.feature", ..., r"`classes\[0\].conditions\[0\]` lacks the key `feature`"),
    (f"{CONDITION}.membership", "abov", r"conditions\[0\].membership` must be one of .*did you mean `above`"),
    (f"{CONDITION}.membership", 3, r"conditions\[0\].membership` must be one of above, below, between, but is 3"),
    (f"{CONDITION}.membership", "between", r"conditions\[0\].ramp` must be a list of 4 numbers for `between`"),
    (f"{CONDITION}.ramp", [1], r"conditions\[0\].ramp` must be a list of 2 numbers for `above`, but is \[1\]"),
    (f"{CONDITION}.ramp", [1, "2"], r"conditions\[0\].ramp\[1\]` must be a finite number"),
    (f"{CONDITION}.why", 1, r"conditions\[0\].why` must be a text"),
]
# JSON Schema cannot say these.
BAD_BEYOND_SCHEMA = [
    (f"{CONDITION}.ramp", [20, 10], r"conditions\[0\].ramp` must be in ascending order"),
    (f"{CONDITION}.ramp", [0, float("nan")], r"conditions\[0\].ramp\[1\]` must be a finite number"),
    (f"{CONDITION}.ramp", [0, 10**400], r"conditions\[0\].ramp\[1\]` must be a finite number"),
    ("classes", VALID["classes"] * 2, r"`classes\[1\].name` must differ from the names of the other classes"),
]


class TestValidation:
    @pytest.mark.parametrize(("place", "value", "message"), BAD + BAD_BEYOND_SCHEMA)
    def test_message_tells_place_and_expectation(self, tmp_path: Path, place: str, value: Any, message: str) -> None:
        """Each fault is answered with its place in the document and what belongs there."""
        path = tmp_path / "bad.json"
        path.write_text(json.dumps(changed(place, value)))
        with pytest.raises(InvalidRuleSetError, match=message):
            load_rule_set(str(path))

    @pytest.mark.parametrize(("place", "value", "message"), BAD)
    def test_schema_refuses_the_same(self, place: str, value: Any, message: str) -> None:
        """An editor that knows the schema marks what the software refuses."""
        assert not jsonschema.Draft202012Validator(SCHEMA).is_valid(changed(place, value)), message

    def test_schema_takes_what_is_valid(self) -> None:
        """The schema is itself valid, and refuses no valid document."""
        jsonschema.Draft202012Validator.check_schema(SCHEMA)
        jsonschema.Draft202012Validator(SCHEMA).validate(VALID)


class TestShipped:
    def test_names(self) -> None:
        """The names that the toolbox offers; the schema is none of them."""
        assert shipped_rule_sets() == ("full_stack", "rgb")

    @pytest.mark.parametrize("name", shipped_rule_sets())
    def test_valid_and_reasoned(self, name: str) -> None:
        """Shipped rule sets satisfy reader and schema, are named as their files, and give a reason for every number."""
        jsonschema.Draft202012Validator(SCHEMA).validate(json.loads((RULES_FOLDER / f"{name}.json").read_text("utf-8")))
        rules = load_rule_set(name)
        assert rules.name == name
        assert all(condition.why for group in rules.classes for condition in group.conditions)
        assert rules.classes[0].name == "rock_glacier"

    @pytest.mark.parametrize(
        ("expected", "values"),
        [
            ("rock_glacier", {}),
            ("", {"heatmap_mean": 0.2}),
            ("", {"slope_mean": 2.0}),
            ("snow_ice", {"B02_mean": 0.5, "B11_mean": 0.05}),
            ("water", {"heatmap_mean": 0.1, "B08_mean": 0.03, "B11_mean": 0.01, "slope_mean": 2.0}),
            ("vegetation", {"heatmap_mean": 0.1, "B04_mean": 0.04, "B08_mean": 0.3}),
            ("steep_rock", {"slope_mean": 50.0}),
        ],
    )
    def test_full_stack(self, expected: str, values: dict[str, float]) -> None:
        """Typical surfaces get their class, starting from debris on a moderate slope with a high heatmap."""
        debris = {"heatmap_mean": 0.7, "heatmap_p90": 0.9, "slope_mean": 18.0, "coherence_mean": 0.5}
        debris |= {"B02_mean": 0.12, "B04_mean": 0.16, "B08_mean": 0.2, "B11_mean": 0.24}
        features = {name: np.array([value]) for name, value in (debris | values).items()}
        assert evaluate(load_rule_set("full_stack"), features, 1).classes.tolist() == [expected]

    def test_rgb(self) -> None:
        """Dark and likely is a rock glacier, white is snow whatever the heatmap says."""
        features = {name: np.array([80.0, 250.0, 80.0]) for name in ("B04_mean", "B03_mean", "B02_mean")}
        features["heatmap_mean"] = np.array([0.7, 0.7, 0.1])
        assert evaluate(load_rule_set("rgb"), features, 3).classes.tolist() == ["rock_glacier", "snow_ice", ""]
