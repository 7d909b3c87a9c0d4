"""Rule sets: membership functions at their corners, competition of classes, and what a bad document is told."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any, ClassVar

import jsonschema
import numpy as np
import pytest
import shapely
from rock_glacier_mapper.core.errors import InvalidRuleSetError
from rock_glacier_mapper.core.objects.coverage import shared_borders
from rock_glacier_mapper.core.progress import Progress
from rock_glacier_mapper.core.rules.context import Neighbourhood
from rock_glacier_mapper.core.rules.ruledocument import document_text
from rock_glacier_mapper.core.rules.ruleengine import evaluate
from rock_glacier_mapper.core.rules.rules import (
    RULES_FOLDER,
    Condition,
    RuleSet,
    check_features,
    load_rule_set,
    shipped_rule_sets,
)

SCHEMA = json.loads((RULES_FOLDER / "ruleset.schema.json").read_text("utf-8"))
VALID: dict[str, Any] = {
    "name": "toy",
    "title": "Toy",
    "description": "",
    "target": "steep",
    "minimum_membership": 0.5,
    "layers": {"slope": {"unit": "degrees", "range": [0, 90]}},
    "classes": [
        {"name": "steep", "title": "Steep", "color": "#ff0000"},
        {"name": "wall", "title": "Wall", "color": "#00ff00", "parent": "steep"},
        {"name": "flat", "title": "Flat", "color": "#0000ff"},
    ],
    "passes": [
        {
            "title": "By itself",
            "rules": [
                {
                    "class": "steep",
                    "combine": "and",
                    "conditions": [
                        {"feature": "slope_mean", "membership": "above", "ramp": [10, 20], "why": "Because."},
                        {"feature": "slope_mean", "membership": "between", "ramp": [0, 5, 80, 90]},
                    ],
                }
            ],
        },
        {
            "title": "Beside",
            "domain": ["unclassified", "steep"],
            "repeat": 2,
            "rules": [
                {
                    "class": "wall",
                    "combine": "or",
                    "conditions": [
                        {"feature": "relative_border_to:steep", "membership": "above", "ramp": [0.5, 0.5]},
                        {"feature": "slope_max", "membership": "outside", "ramp": [0, 1, 60, 70]},
                    ],
                }
            ],
        },
    ],
}


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
            ("outside", (5, 10, 15, 25), [1, 0, 0, 0.5, 1]),
            ("outside", (10, 10, 20, 20), [1, 1, 0, 1, 1]),
        ],
    )
    def test_corners(self, membership: str, ramp: tuple[float, ...], expected: list[float]) -> None:
        """Ramps and crisp steps at 5, 10, 15, 20 and 25; the value of a step fulfils the condition on either side."""
        values = np.array([5.0, 10.0, 15.0, 20.0, 25.0])
        assert Condition("x", membership, ramp).memberships(values).tolist() == expected

    @pytest.mark.parametrize(
        ("membership", "ramp"),
        [("above", (0, 1)), ("below", (1, 1)), ("between", (0, 1, 2, 3)), ("outside", (0, 1, 2, 3))],
    )
    def test_null_is_no_member(self, membership: str, ramp: tuple[float, ...]) -> None:
        """An object without a value fulfils nothing, not even `below`."""
        assert Condition("x", membership, ramp).memberships(np.array([np.nan])).tolist() == [0]

    def test_whole_numbers(self) -> None:
        """Unsigned columns must not wrap round when they are negated."""
        counts = np.array([0, 3, 9], np.uint8)
        assert Condition("neighbour_count", "below", (2, 4)).memberships(counts).tolist() == [1, 0.5, 0]

    def test_in_words(self) -> None:
        """The words name the corners where the condition is wholly fulfilled."""
        conditions = [
            ("above", (10, 20)),
            ("below", (30, 40)),
            ("between", (3, 5, 38, 45)),
            ("outside", (3, 5, 38, 45)),
        ]
        texts = [str(Condition("slope_mean", membership, ramp)) for membership, ramp in conditions]
        assert texts == [
            "slope_mean above 20",
            "slope_mean below 30",
            "slope_mean between 5 and 38",
            "slope_mean outside 3 to 45",
        ]


class TestLoading:
    def test_from_a_file(self, tmp_path: Path) -> None:
        """A file of one's own is read, whatever editor saved it: Windows' Notepad puts a byte order mark first."""
        path = tmp_path / "toy.json"
        path.write_bytes(b"\xef\xbb\xbf" + json.dumps(VALID).encode())
        rules = load_rule_set(str(path))
        assert rules.name == "toy"
        assert rules.conditions[1] == Condition("slope_mean", "between", (0.0, 5.0, 80.0, 90.0))
        assert rules.features == ("slope_mean", "slope_max")
        assert rules.context_features == ("relative_border_to",)
        assert (rules.path("wall"), rules.path("flat")) == ("steep/wall", "flat")
        assert (rules.passes[0].domain, rules.passes[1].domain) == ((), ("unclassified", "steep"))
        assert len(rules.sha256) == 64
        assert rules.reshape == {}

    def test_heatmap_values_of_reshaping(self, tmp_path: Path) -> None:
        """Those that are given are read, the reason is not one of them."""
        path = tmp_path / "toy.json"
        path.write_text(json.dumps({**VALID, "reshape": {"grow": 1, "why": "Tried out."}}))
        assert load_rule_set(str(path)).reshape == {"grow": 1.0}

    def test_digest_tells_rules_apart(self, tmp_path: Path) -> None:
        """The provenance must show that a threshold was changed though the name was not."""
        digests = set()
        for corner in (20, 21):
            document = copy.deepcopy(VALID)
            document["passes"][0]["rules"][0]["conditions"][0]["ramp"][1] = corner
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


RULE = "passes.0.rules.0"
CONDITION = f"{RULE}.conditions.0"
LATER = "passes.1.rules.0"
BAD = [
    ("title", ..., "the document lacks the key `title`"),
    ("passes", ..., "the document lacks the key `passes`; it must have name, title, .*passes"),
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
    ("classes.0.name", "unclassified", r"`classes\[0\].name` must differ .* from unclassified"),
    ("classes.0.color", "red", r"`classes\[0\].color` must be a colour such as #1f78b4"),
    ("classes.0.conditions", [], r"`classes\[0\]` has the unknown key `conditions`"),
    ("classes.1.parent", "", r"`classes\[1\].parent` must be a text that is not empty"),
    ("layers.slope.range", [0], r"`layers.slope.range` must be a list of 2 numbers"),
    ("layers.slope.unit", "", "`layers.slope.unit` must be a text"),
    ("passes", [], "`passes` must be a list of passes"),
    ("passes.0.title", "", r"`passes\[0\].title` must be a text"),
    ("passes.1.repeat", 0, r"`passes\[1\].repeat` must be a whole number from 1 to 100, but is 0"),
    ("passes.1.repeat", True, r"`passes\[1\].repeat` must be a whole number"),
    ("passes.1.domain", [], r"`passes\[1\].domain` must be a list of classes, at least one"),
    (f"{RULE}.combine", "AND", r"`passes\[0\].rules\[0\].combine` must be one of and, or, mean"),
    (f"{RULE}.conditions", {}, r"`passes\[0\].rules\[0\].conditions` must be a list of conditions"),
    (f"{CONDITION}.feature", ..., r"`passes\[0\].rules\[0\].conditions\[0\]` lacks the key `feature`"),
    (f"{CONDITION}.membership", "abov", r"conditions\[0\].membership` must be one of .*did you mean `above`"),
    (
        f"{CONDITION}.membership",
        3,
        r"conditions\[0\].membership` must be one of above, below, .*, but is 3",
    ),
    (f"{CONDITION}.membership", "between", r"conditions\[0\].ramp` must be a list of 4 numbers for `between`"),
    (f"{CONDITION}.membership", "outside", r"conditions\[0\].ramp` must be a list of 4 numbers for `outside`"),
    (f"{CONDITION}.ramp", [1], r"conditions\[0\].ramp` must be a list of 2 numbers for `above`, but is \[1\]"),
    (f"{CONDITION}.ramp", [1, "2"], r"conditions\[0\].ramp\[1\]` must be a finite number"),
    (f"{CONDITION}.why", 1, r"conditions\[0\].why` must be a text"),
    ("reshape", 0.4, "`reshape` must be an object with the keys min_heatmap, grow, shrink, grow_into"),
    ("reshape", {"grwo": 0.4}, "`reshape` has the unknown key `grwo`; did you mean `grow`"),
    ("reshape", {"grow": 0}, "`reshape.grow` must be a heatmap value above 0 and at most 1, but is 0"),
    ("reshape", {"shrink": 40}, "`reshape.shrink` must be a heatmap value"),
    ("reshape", {"why": 3}, "`reshape.why` must be a text"),
    ("reshape", {"grow": 0.4, "grow_into": []}, "`reshape.grow_into` must be a list of classes"),
    ("reshape", {"grow_into": ["flat"]}, r"`reshape.grow_into` needs `reshape.grow`"),
]
# JSON Schema cannot say these.
BAD_BEYOND_SCHEMA = [
    (f"{CONDITION}.ramp", [20, 10], r"conditions\[0\].ramp` must be in ascending order"),
    (f"{CONDITION}.ramp", [0, float("nan")], r"conditions\[0\].ramp\[1\]` must be a finite number"),
    (f"{CONDITION}.ramp", [0, 10**400], r"conditions\[0\].ramp\[1\]` must be a finite number"),
    ("classes", VALID["classes"] * 2, r"`classes\[3\].name` must differ from the names of the other classes"),
    ("classes.0.parent", "wall", r"`classes\[0\].parent` makes a circle: steep, child of wall, child of steep"),
    ("classes.0.parent", "steep", r"`classes\[0\].parent` makes a circle: steep, child of steep"),
    ("classes.1.parent", "stepe", r"`classes\[1\].parent` must be one of .*did you mean `steep`"),
    ("target", "rock", "`target` must be one of steep, wall, flat"),
    (f"{RULE}.class", "step", r"`passes\[0\].rules\[0\].class` must be one of .*did you mean `steep`"),
    ("passes.0.rules", VALID["passes"][0]["rules"] * 2, r"rules\[1\].class` must have one rule in a pass only"),
    ("passes.1.domain", ["wal"], r"`passes\[1\].domain\[0\]` must be one of .*did you mean `wall`"),
    ("passes.1.domain", ["flat"], r"`passes\[1\].domain\[0\]` must refer to a class that an earlier pass gives"),
    ("passes.0.domain", ["unclassified"], "none, because this is the first pass"),
    (f"{LATER}.conditions.0.feature", "distance_to:flat", r"earlier pass gives \(steep, unclassified\)"),
    (f"{LATER}.conditions.0.feature", "distance_to:stepe", "behind the colon.*did you mean `steep`"),
    (f"{LATER}.conditions.0.feature", "relativ_border:steep", "did you mean `relative_border_to`"),
    (f"{LATER}.conditions.0.feature", "enclosed_by", "must be a column, or one of .*enclosed_by:<class>"),
    (
        "reshape",
        {"grow": 0.4, "grow_into": ["step"]},
        r"`reshape.grow_into\[0\]` must be one of .*did you mean `steep`",
    ),
    ("layers.slope.range", [90, 0], "`layers.slope.range` must be in ascending order"),
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


def test_a_key_that_stands_twice(tmp_path: Path) -> None:
    """The last one would count without a word."""
    path = tmp_path / "toy.json"
    path.write_text(
        json.dumps(VALID).replace('"minimum_membership"', '"minimum_membership": 0.9, "minimum_membership"')
    )
    with pytest.raises(InvalidRuleSetError, match='the key "minimum_membership" stands twice'):
        load_rule_set(str(path))


def test_what_the_schema_takes_is_taken(tmp_path: Path) -> None:
    """2.0 is a whole number in JSON; a layer that no condition needs is no fault."""
    path = tmp_path / "toy.json"
    document = changed("layers.depth", {"unit": "m", "range": [0, 9]})
    document["passes"][1]["repeat"] = 2.0
    jsonschema.Draft202012Validator(SCHEMA).validate(document)
    path.write_text(json.dumps(document))
    assert load_rule_set(str(path)).passes[1].repeat == 2


def test_lists_of_numbers_stand_on_one_line_and_texts_stay() -> None:
    """A range that a person has written into a text is hers."""
    document = changed(f"{CONDITION}.why", "range [ 5   30 ] of Smith")
    text = document_text(document)
    assert json.loads(text) == document
    assert '"ramp": [\n' not in text


def test_parents_rules_come_first(tmp_path: Path) -> None:
    """A child cannot be held to its parent's conditions before these were asked."""
    document = copy.deepcopy(VALID)
    document["passes"][0]["rules"][0]["class"] = "wall"
    document["passes"][1]["rules"][0]["class"] = "steep"
    path = tmp_path / "toy.json"
    path.write_text(json.dumps(document))
    with pytest.raises(InvalidRuleSetError, match=r"`passes\[0\].rules\[0\].class` is a child of `steep`.*later pass"):
        load_rule_set(str(path))


class TestFeatures:
    COLUMNS: ClassVar = {"slope_mean": np.zeros(1), "slope_max": np.zeros(1)}

    def rules(self, folder: Path, feature: str = "slope_mean") -> RuleSet:
        path = folder / "toy.json"
        path.write_text(json.dumps(changed(f"{CONDITION}.feature", feature)))
        return load_rule_set(str(path))

    def test_context_needs_no_column(self, tmp_path: Path) -> None:
        """Only columns are looked for among the objects'."""
        check_features(self.rules(tmp_path), self.COLUMNS)

    @pytest.mark.parametrize(
        ("feature", "message"),
        [
            ("slope_maen", r"`passes\[0\].rules\[0\].conditions\[0\].feature`.*Did you mean `slope_mean`"),
            ("x", "They have: slope_mean, slope_max"),
            ("SLOPE_MEAN", "Did you mean `slope_mean`"),
            ("distance_to_steep", "Did you mean `distance_to:steep`"),
            ("a:b", "the feature `a:b`, which the objects do not have"),
            ("note", "is a text"),
        ],
    )
    def test_missing(self, tmp_path: Path, feature: str, message: str) -> None:
        """The message names the file, the place in it, and what is near."""
        columns = self.COLUMNS | {"note": np.array(["a"], object)}
        with pytest.raises(InvalidRuleSetError, match=f"toy.json.*{message}"):
            check_features(self.rules(tmp_path, feature), columns)


class TestShipped:
    def test_names(self) -> None:
        """The names that the toolbox offers; the schema is none of them."""
        assert shipped_rule_sets() == ("full_stack", "rgb", "rgb_nir_2m")

    @pytest.mark.parametrize("name", shipped_rule_sets())
    def test_valid_and_reasoned(self, name: str) -> None:
        """Shipped rule sets satisfy reader and schema, are named as their files, and give a reason for every number."""
        jsonschema.Draft202012Validator(SCHEMA).validate(json.loads((RULES_FOLDER / f"{name}.json").read_text("utf-8")))
        rules = load_rule_set(name)
        assert rules.name == name
        assert all(condition.why for condition in rules.conditions)
        assert rules.target == "rock_glacier"
        assert all(feature.rpartition("_")[0] in {*rules.layers, "area"} for feature in rules.features)

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
        debris = {"heatmap_mean": 0.7, "heatmap_p90": 0.9, "slope_mean": 18.0, "coherence_mean": 0.5, "area_m2": 900.0}
        debris |= {"B02_mean": 0.12, "B04_mean": 0.16, "B08_mean": 0.2, "B11_mean": 0.24}
        assert class_of("full_stack", debris | values) == expected

    @pytest.mark.parametrize(
        ("expected", "values"),
        [
            ("rock_glacier", {}),
            ("", {"heatmap_mean": 0.1}),
            ("snow_ice", {"B02_mean": 0.6, "B04_mean": 0.6}),
            ("water", {"B08_mean": 0.02, "slope_mean": 1.0}),
            ("shade", {"B08_mean": 0.02}),
            ("vegetation", {"heatmap_mean": 0.1, "B04_mean": 0.04, "B08_mean": 0.3}),
            ("steep_rock", {"slope_mean": 50.0}),
        ],
    )
    def test_2m(self, expected: str, values: dict[str, float]) -> None:
        """Likewise at 2 m, where what is dark is told apart by its slope."""
        debris = {"heatmap_mean": 0.7, "slope_mean": 18.0, "area_m2": 900.0}
        debris |= {"B02_mean": 0.12, "B04_mean": 0.16, "B08_mean": 0.16}
        assert class_of("rgb_nir_2m", debris | values) == expected

    @pytest.mark.parametrize(
        ("expected", "heatmap", "brightness"), [("rock_glacier", 0.7, 80), ("snow_ice", 0.7, 250), ("", 0.1, 80)]
    )
    def test_rgb(self, expected: str, heatmap: float, brightness: float) -> None:
        """Dark and likely is a rock glacier, white is snow whatever the heatmap says."""
        values = {f"{band}_mean": float(brightness) for band in ("B04", "B03", "B02")}
        assert class_of("rgb", values | {"heatmap_mean": heatmap, "area_m2": 900.0}) == expected


def class_of(rule_set: str, values: dict[str, float]) -> str:
    """Return the class of a single object, alone in its layer."""
    rules = load_rule_set(rule_set)
    square = np.array([shapely.box(0, 0, 30, 30)], object)
    around = Neighbourhood(shared_borders(square, Progress()), square)
    result = evaluate(rules, {name: np.array([value]) for name, value in values.items()}, 1, around)
    return [*(item.name for item in rules.classes), ""][result.classes[0]]
