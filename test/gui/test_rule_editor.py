"""The rule editor in the QGIS desktop, driven by keys and mouse."""

from __future__ import annotations


def test_it_counts_what_the_classification_gave(found):
    """The table agrees with the layer that the same rules classified, and the picture replaces that layer."""
    opened = found("rules_open")
    assert opened["shown"] == {name: f"{count:,}" for name, count in opened["classified"].items()}
    assert opened["shown"]["rock_glacier"] in opened["state"]
    assert opened["layer hidden"]


def test_every_control_has_help(found):
    """Tooltip and What's This."""
    assert found("rules_open")["without help"] == []


def test_a_drag_is_seen_at_once_and_undone_as_a_whole(found):
    """Counts follow while the corner moves; one undo takes the whole drag back."""
    drag = found("rules_drag")
    first, dragged, undone = drag["ramps"]
    assert dragged[0] > first[0]
    assert dragged[1] == first[1]
    assert undone == first
    assert int(drag["after"]["rock_glacier"]) < int(drag["before"]["rock_glacier"])
    assert drag["undone"] == drag["before"]
    assert drag["answers"] > 2
    assert drag["colours changed"]


def test_a_misspelt_feature_is_said_while_it_is_typed(found):
    """With the near names, one of which is taken by a click; meanwhile no stale count is shown."""
    typo = found("rules_typo")
    assert "`heatmap_maen`, which the objects do not have. Did you mean `heatmap_mean`" in typo["message"]
    assert '<a href="heatmap_mean">' in typo["hint"]
    assert set(typo["counts"].values()) == {""}
    assert typo["cured"] == ""
    assert typo["counts after"]["rock_glacier"]


def test_the_object_under_the_cursor_is_explained(found):
    """In the words that the classification wrote, with the value of each condition."""
    cursor = found("rules_cursor")
    assert cursor["shown"] == cursor["classified"]
    assert len(cursor["here"]) > 10


def test_memberships_can_be_shown_instead_of_classes(found):
    """More shades than there are classes."""
    assert len(found("rules_membership")["codes"]) > 20


def test_parts_are_added_moved_and_undone(found):
    """A new part is valid from the start, and undo brings back the same document."""
    parts = found("rules_parts")
    assert parts["message"] == ""
    assert parts["class"] == "class_1"
    assert parts["steps"] == [parts["added"], parts["added"].replace("conditions[1]", "conditions[0]")]
    assert parts["same"]


def test_a_read_only_file_is_left_alone(found):
    """The sentence says so; saved under another name, the rules can be opened again."""
    save = found("rules_save")
    assert save["refused"]
    assert save["untouched"]
    assert "is read-only; save the rule set under another name" in save["message"]
    assert save["saved"]
    assert "My own rules" in save["title"]
    assert save["message after"] == ""


def test_unsaved_changes_are_not_dropped_without_a_question(found):
    """Opening another rule set, or beginning a new one, would take them away for good."""
    scene = found("rules_unsaved")
    assert len(scene["asked"]) == 2 and "are not saved" in scene["asked"][0]
    assert (scene["kept"], scene["left"]) == ("Hours of work", "My rules")


def test_the_nodes_get_what_is_edited(found):
    """The dialog of the classification has the saved rules and the objects; tuning needs its node."""
    classify = found("rules_classify")
    assert "Classify" in classify["title"]
    assert classify["rules"]
    assert classify["objects"]
    assert classify["can tune"] == classify["has node"]


def test_the_map_is_left_to_the_dock_in_front(found):
    """The layer is shown again, if it was, and the picture is gone, until the editor is in front."""
    behind = found("rules_behind")
    assert behind["shown"] == [False, True, False, False]
    assert behind["back"] == [False, True]


def test_the_map_may_be_turned_and_in_degrees(found):
    """The object under the cursor is the same one."""
    elsewhere = found("rules_elsewhere")
    assert elsewhere["shown"] == elsewhere["classified"]


def test_strange_layers_are_a_sentence(found):
    """No objects, other features, and a layer that is removed while it is in use."""
    strangers = found("rules_strangers")
    assert "no objects" in strangers["no objects"]["state"]
    assert "which the objects do not have. They have: a." in strangers["other features"]["message"]
    for name in ("no objects", "other features"):
        assert strangers[name]["removed"].startswith(f"The layer {name} was removed.")
    assert strangers["rules are kept"] == "My own rules"


def test_a_dead_worker_is_replaced(found):
    """The next change is answered by a new one."""
    crash = found("rules_crash")
    assert crash["killed"] == 1
    assert crash["message"] == ""
    assert crash["counts"]["rock_glacier"]


def test_objects_that_have_changed_are_read_again(found):
    """Without heat there are no rock glaciers."""
    changed = found("rules_changed_file")
    assert changed["before"]["rock_glacier"] != "0"
    assert changed["after"]["rock_glacier"] == "0"


def test_what_was_not_saved_is_there_the_next_time(found):
    """QGIS ended; the rules are kept, and the layer that the picture stood for is shown again."""
    reload = found("rules_reload")
    assert reload["kept"] == "Not saved"
    assert reload["layer shown"]
