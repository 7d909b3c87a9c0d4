"""A rule set while it is edited: changes, undo, faults, files."""

from __future__ import annotations

import json
import stat

import pytest
from rock_glacier_mapper.core.errors import InvalidRuleSetError, OutputError
from rock_glacier_mapper.core.rules.ruledocument import read_document
from rock_glacier_mapper.core.rules.ruledraft import RuleDraft, new_condition, ramp_for
from rock_glacier_mapper.core.rules.rules import RULES_FOLDER, shipped_rule_sets

CONDITION = "passes[0].rules[0].conditions[0]"


@pytest.fixture
def draft():
    """The shipped rule set for RGB, which has context features."""
    return RuleDraft.read(str(RULES_FOLDER / "rgb.json"))


@pytest.mark.parametrize("name", shipped_rule_sets())
def test_a_file_that_is_saved_again_says_the_same(name, tmp_path):
    """Lists of numbers stay on one line; nothing is lost or added."""
    draft = RuleDraft.read(str(RULES_FOLDER / f"{name}.json"))
    path = tmp_path / "saved.json"
    draft.save(str(path))
    assert json.loads(path.read_text("utf-8")) == json.loads((RULES_FOLDER / f"{name}.json").read_text("utf-8"))
    assert '"ramp": [\n' not in path.read_text("utf-8")
    assert not draft.is_changed


def test_a_new_draft_and_new_parts_are_valid(draft):
    """Who adds a part sees no fault before she has made one."""
    new = RuleDraft.new()
    assert new.problems() == []
    new.insert("", "classes", new.new_class())
    new.insert("passes[0]", "rules", new.new_rule("passes[0]", new_condition("slope_mean")))
    assert new.document["passes"][0]["rules"][1]["class"] == "class_1"
    assert new.problems() == []
    assert draft.new_rule("passes[0]", new_condition("a"))["class"] == "unclassified"
    assert draft.new_rule("passes[1]", new_condition("a"), "snow_ice")["class"] == "snow_ice"


def test_a_drag_is_one_step_of_undo(draft):
    """Steps of one group are undone together, others one by one; redo makes them again."""
    before = draft.text()
    for value in (0.21, 0.22, 0.23):
        draft.change(CONDITION, "ramp", [value, 0.45], group="drag")
    draft.change(CONDITION, "why", "Because.")
    dragged_and_explained = draft.text()
    assert draft.undo()
    assert draft.part(CONDITION)["ramp"] == [0.23, 0.45]
    assert draft.undo()
    assert draft.text() == before
    assert not draft.undo()
    assert draft.redo()
    assert draft.redo()
    assert draft.text() == dragged_and_explained
    assert not draft.redo()


def test_a_change_after_undo_is_a_step_of_its_own(draft):
    """The same group on both sides of an undo does not run together."""
    before = draft.part(CONDITION)["ramp"]
    draft.change(CONDITION, "ramp", [0.1, 0.45], group="drag")
    draft.undo()
    draft.change(CONDITION, "ramp", [0.3, 0.45], group="drag")
    assert draft.undo()
    assert draft.part(CONDITION)["ramp"] == before


def test_a_renamed_class_is_renamed_everywhere(draft):
    """Target, rules, domains and context features follow, so that the rule set stays valid."""
    draft.rename_class("classes[0]", "talus")
    assert draft.problems() == []
    assert draft.document["target"] == "talus"
    assert "rock_glacier" not in json.dumps([item["rules"] for item in draft.document["passes"]])
    assert draft.colour("talus") == "#d95f02"


@pytest.mark.parametrize("name", shipped_rule_sets())
def test_conditions_and_classes_can_be_taken_out(name):
    """What is said of layers that no condition needs any more, and of classes that are gone, is no fault."""
    draft = RuleDraft.read(str(RULES_FOLDER / f"{name}.json"))
    for place, condition in reversed([*draft.conditions()]):
        rule = draft.part(place.rpartition(".")[0])
        if len(rule["conditions"]) > 1 and not condition["feature"].startswith("heatmap"):
            draft.remove(place)
    assert draft.problems() == []


def test_landforms_grow_into_renamed_classes_and_not_into_removed_ones():
    """The rule set names classes to grow into, for which the editor has no form."""
    draft = RuleDraft.read(str(RULES_FOLDER / "full_stack.json"))
    position = draft.class_names().index("vegetation")
    draft.rename_class(f"classes[{position}]", "plants")
    assert draft.problems() == []
    assert draft.document["reshape"]["grow_into"] == ["unclassified", "plants", "steep_rock"]
    draft.remove(f"classes[{position}]")
    assert draft.document["reshape"]["grow_into"] == ["unclassified", "steep_rock"]
    assert draft.undo()
    assert "plants" in draft.document["reshape"]["grow_into"]


def test_a_file_with_a_fault_can_be_opened_and_put_right(draft, tmp_path):
    """Who saves before she is done must be able to go on."""
    draft.change(CONDITION, "ramp", [0.5, 0.2])
    path = str(tmp_path / "faulty.json")
    draft.save(path)
    opened = RuleDraft.read(path)
    assert [problem.place for problem in opened.problems()] == [f"{CONDITION}.ramp"]
    opened.change(CONDITION, "ramp", [0.2, 0.5])
    assert opened.problems() == []


def test_parts_move_among_their_like(draft):
    """At the ends they stay, without a step of undo."""
    first, second = (rule["class"] for rule in draft.document["passes"][0]["rules"])
    assert draft.move("passes[0].rules[0]", -1) == "passes[0].rules[0]"
    assert not draft.can_undo
    assert draft.move("passes[0].rules[0]", 1) == "passes[0].rules[1]"
    assert [rule["class"] for rule in draft.document["passes"][0]["rules"]] == [second, first]
    draft.remove("passes[0].rules[0]")
    assert [rule["class"] for rule in draft.document["passes"][0]["rules"]] == [first]


def test_faults_have_places(draft):
    """The first fault of the document, and every feature that the objects lack, with names that are near."""
    draft.change(CONDITION, "ramp", [2, 1])
    draft.change("passes[0].rules[0].conditions[1]", "feature", "B02_maen")
    problems = draft.problems(["heatmap_mean", "B02_mean", "B03_mean", "B04_mean", "area_m2"])
    assert [problem.place for problem in problems] == [
        f"{CONDITION}.ramp",
        "passes[0].rules[0].conditions[1].feature",
    ]
    assert "ascending" in problems[0].text
    assert "Did you mean `B02_mean`" in problems[1].text


def test_a_text_column_cannot_be_asked(draft):
    """It is said that the column is there but a text."""
    problems = draft.problems(["B02_mean", "B03_mean", "B04_mean", "area_m2"], ["heatmap_mean"])
    assert {problem.text.partition(".")[0] for problem in problems} == {"`heatmap_mean`, which is a text"}


def test_a_read_only_file_is_not_replaced(draft, tmp_path):
    """Its folder would allow it."""
    path = tmp_path / "rules.json"
    path.write_text("{}")
    path.chmod(stat.S_IRUSR)
    with pytest.raises(OutputError, match=r"read-only; save the rule set under another name"):
        draft.save(str(path))
    assert path.read_text() == "{}"
    with pytest.raises(OutputError, match="does not exist"):
        draft.save(str(tmp_path / "nowhere" / "rules.json"))


@pytest.mark.parametrize("content", ["", "[]", '{"name": 1}', "\0"])
def test_a_file_that_is_no_rule_set_is_refused(tmp_path, content):
    """A damaged file is a sentence."""
    path = tmp_path / "rules.json"
    path.write_text(content)
    with pytest.raises(InvalidRuleSetError, match="is not valid"):
        RuleDraft.read(str(path))


def test_a_draft_outlives_the_program_right_or_wrong(draft, tmp_path):
    """What is kept comes back with its file's name, as changed; a damaged one is none."""
    path = tmp_path / "kept.json"
    draft.change(CONDITION, "feature", "")
    draft.keep(str(path))
    kept = RuleDraft.kept(str(path))
    assert kept.document == draft.document
    assert kept.path == draft.path
    assert kept.is_changed
    for damaged in ("", "{}", '{"document": {}, "path": ""}', '{"document": [], "path": ""}'):
        path.write_text(damaged)
        assert RuleDraft.kept(str(path)) is None
    assert RuleDraft.kept(str(tmp_path / "none.json")) is None


@pytest.mark.parametrize(
    ("membership", "ramp", "expected"),
    [
        ("below", [1.0, 2.0], [1.0, 2.0]),
        ("between", [0.0, 3.0], [0.0, 1.0, 2.0, 3.0]),
        ("above", [3.0, 5.0, 38.0, 45.0], [3.0, 5.0]),
        ("outside", [1.0, 2.0, 3.0, 4.0], [1.0, 2.0, 3.0, 4.0]),
    ],
)
def test_another_membership_function_has_a_ramp_at_once(membership, ramp, expected):
    """With the number of corners that it needs, in ascending order."""
    assert ramp_for(membership, ramp) == expected


def test_a_new_condition_parts_the_values_there_are():
    """In the middle third of their range; a column of one value or none gets 0 to 1."""
    assert new_condition("a", 0.0, 9.0)["ramp"] == [3.0, 6.0]
    assert new_condition("a", 4000.0, 7000.0)["ramp"] == [5000.0, 6000.0]
    assert new_condition("a", 5.0, 5.0)["ramp"] == [0.0, 1.0]
    assert new_condition("a", float("nan"), float("nan"))["ramp"] == [0.0, 1.0]


def test_what_is_written_is_read_again(draft):
    """The text with its short lists is JSON, also where names and reasons look like lists."""
    draft.change(CONDITION, "why", "[\n  1,\n  2\n] and [ 1, 2 ]")
    read = read_document("draft", draft.text().encode())
    assert read["passes"][0]["rules"][0]["conditions"][0]["why"] == "[\n  1,\n  2\n] and [ 1, 2 ]"
