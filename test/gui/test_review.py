"""A mapper at work in the review dock of a QGIS desktop, until QGIS is killed in the middle of a stroke."""

from __future__ import annotations

import json
import runpy
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from rock_glacier_mapper.ui.review.geopackage import connected
from rock_glacier_mapper.ui.review.journal import Journal, rewind

HARNESS = Path(__file__).with_name("harness.py")
LAYER = "rock_glaciers"


@pytest.fixture(scope="module")
def desk(tmp_path_factory):
    """The folder with what the scenes found; QGIS runs once for all of them."""
    missing = runpy.run_path(str(HARNESS))["missing_programs"]()
    if missing:
        pytest.skip(f"the desktop tests need {', '.join(missing)}, which is not installed")
    out = tmp_path_factory.mktemp("review")
    command = [sys.executable, str(HARNESS), "--out", str(out), "--scenes", "review_scenes.py"]
    subprocess.run(command, capture_output=True, timeout=300, check=False)
    assert (out / "killed.json").is_file(), (out / "qgis.log").read_text(errors="replace")
    return out


@pytest.fixture
def found(desk):
    """A function that returns what a scene found, having checked that it came to its end."""
    results = json.loads((desk / "results.json").read_text("utf8"))

    def look(scene):
        assert "error" not in results[scene], results[scene]["error"]
        return results[scene]["found"]

    return look


def test_nothing_failed_behind_a_click(found):
    """An exception in a slot is only shown by QGIS; and no question was asked."""
    assert found("failures") == []
    assert found("message boxes") == []


def test_the_review_begins_with_the_most_doubtful(found):
    """The layers of a run are chosen by themselves; the panel says what decided."""
    assert found("start") == ["Outlines", "Objects", "Sample scene", "Heatmap"]
    begin = found("begin")
    assert begin["current"] == begin["queue"][0]
    assert "heatmap_" in begin["why"]
    assert begin["reasons"] and all("rock_glacier 0." in text for text in begin["reasons"])


def test_keys_decide_and_take_back(found):
    """Each decision is in the file at once."""
    keys = found("keys")
    left = sum(keys["after"].values()) - 3
    assert left > 3
    assert keys["after"] == keys["redone"] == {"accepted": 1, "rejected": 1, "unsure": 1, "unreviewed": left}
    assert keys["undone"] == {"accepted": 1, "rejected": 1, "unreviewed": left + 1}


def test_letters_in_a_field_are_no_keys(found):
    """Notes and lists take letters that would decide on the map."""
    assert found("letters") == {"saved": ["front unclear", "Relict", "unreviewed"], "current": True}


@pytest.mark.parametrize("scene", ["vertices", "reshape", "trim", "objects"])
def test_a_tool_changes_the_outline_and_a_key_takes_it_back(found, scene):
    """QGIS's own tools and those of the dock, with one undo."""
    assert found(scene)["undone"]


def test_the_tools_do_what_they_say(found):
    """Each on one candidate; trimming takes what lies higher, cutting takes what growing added."""
    assert found("vertices")["grew"] > 100
    assert not found("vertices")["unsaved"]
    assert found("reshape")["changed"] > 0
    before, after = found("trim")["heights"]
    assert after < before
    assert 0.2 < found("trim")["kept"] < 0.8
    objects = found("objects")
    assert objects["added"] == pytest.approx(objects["object"], rel=0.3)
    assert objects["cut"] < 0.01
    assert objects["left"] == pytest.approx(1, abs=0.02)
    assert objects["parts"] == [1, 1, 1]


def test_a_split_and_a_merge_are_each_others_opposite(found):
    """One becomes two, and Enter joins them again."""
    split = found("split")
    whole, halves, joined = split["candidates"]
    assert halves == whole + 1 == joined + 1
    assert 0.2 < split["half"] < 0.8
    assert split["joined"] < 1e-6


def test_a_missed_one_is_drawn(found):
    """It is the current candidate, with a status of its own."""
    missed = found("missed")
    assert (missed["candidates"], missed["status"]) == (1, "drawn")
    assert missed["area"] == pytest.approx(1, abs=0.1)


def test_the_slider_hides_without_writing(found):
    """And shows all again."""
    shown, hidden, again = found("slider")["shown"]
    assert hidden < shown == again
    assert found("slider")["written"] == 0


def test_the_backgrounds(found):
    """Bands by role; the stack that lacks hillshade shades its elevations."""
    looks = found("looks")
    assert looks["1"] == ["multibandcolor", [3, 2, 1], ""]
    assert looks["2"] == ["multibandcolor", [4, 3, 2], ""]
    assert looks["3"] == ["hillshade", [8], ""]
    assert looks["5"] == ["singlebandgray", [7], ""]
    assert all(message == "" for _renderer, _bands, message in looks.values())


def test_edits_of_other_plugins(found):
    """A command of theirs is left to its end, then journalled; columns of theirs too; QGIS's own undo stays empty."""
    others = found("other_plugins")
    assert others["held"]
    assert others["written"] == ["by a plugin"]
    assert (others["column"], others["journalled"]) == ("extra", [["extra", 7]])
    assert not others["undo of QGIS"]
    assert others["undone"]


def test_changes_in_the_file_are_seen_before_a_decision(found):
    """Refused once with a sentence, then done."""
    elsewhere = found("elsewhere")
    assert "changed by another program" in elsewhere["refused"]
    assert elsewhere["status"] == ["unreviewed"]
    assert elsewhere["stayed"]
    assert elsewhere["shown"] == "Low"
    assert elsewhere["then"] == ["accepted", "low"]


def test_two_people_in_two_qgis_on_one_file(found):
    """What Ben has done is shown before she can overwrite it; then he sees what she did."""
    second = found("second_qgis")
    assert second["begun"] == "rejected\n"
    assert "changed by Ben" in second["refused"]
    assert second["badge"] == "Rejected"
    assert second["then"] == ["accepted", "Anna"]
    assert second["seen by Ben"]["status"] == "accepted"
    assert "changed by Anna" in second["seen by Ben"]["said"][-1]


def test_a_file_that_goes_and_comes_back(found):
    """A sentence, nothing written elsewhere, and on it goes."""
    moved = found("moved_away")
    assert "no longer there" in moved["said"]
    assert moved["after"]["accepted"] == moved["before"]["accepted"] + 1


def test_a_file_that_becomes_read_only(found):
    """A sentence; candidate and notes stay, also when she wants to stop, and are saved when the file can be written."""
    locked = found("read_only")
    assert "The file is read-only" in locked["refused"]
    assert locked["stayed"] and locked["going on"]
    assert locked["notes"] == "ice in the front"
    assert "Your notes are not saved yet" in locked["on stop"]
    assert locked["written meanwhile"] == 0
    assert locked["then"] == ["accepted", "ice in the front"]
    assert locked["message"] == ""


def test_a_full_disk(found):
    """As with a read-only file; and the layer may leave the project afterwards."""
    full = found("full_disk")
    if full is None:
        pytest.skip("mounting a small file system needs root")
    assert "The disk is full" in full["refused"]
    assert full["stayed"]
    assert full["written meanwhile"] == 0
    assert (full["then"], full["notes"], full["message"]) == (["accepted"], 12_000, "")
    assert "Everything is saved" in full["ended"]


def test_layers_that_leave_while_a_tool_needs_them(found):
    """In the middle of a stroke, with profile and background on the screen: each is said, and nothing is lost."""
    gone = found("layers_leave")
    assert all("load it again" in gone[part]["said"] for part in gone)
    assert gone["cut"]["unchanged"]
    assert "Stop the review and choose their layer" in gone["cut"]["by the key"]
    assert "the smaller part was taken away" in gone["trim"]["trim said"]
    assert 0.4 < gone["trim"]["kept"] < 0.6
    assert gone["trim"]["undone"]
    assert "Choose a feature stack" in gone["trim"]["profile"]
    assert gone["trim"]["by the key"].startswith("True colour needs a feature stack")
    assert gone["looks"]["before"] == ""
    assert gone["looks"]["by the key"].startswith("Heatmap needs a heatmap, or a feature stack")
    assert gone["looks"]["checked"] == []
    before, after = gone["looks"]["counts"]
    assert after["accepted"] == before["accepted"] + 1


def test_editing_switched_off_in_the_toolbar(found):
    """The review keeps the layer editable, says so, and goes on."""
    toggled = found("toggled")
    assert toggled["editable"]
    assert "Stop the review" in toggled["said"]
    assert toggled["after"]["rejected"] == toggled["before"]["rejected"] + 1


def test_a_project_is_opened_again(found):
    """The review ends in order, the layers are chosen as before, and the last decision can be taken back."""
    reopened = found("reopened")
    assert reopened["ended"][0] and "Everything is saved" in reopened["ended"][1]
    assert reopened["begin"] == "Go on with the review"
    assert reopened["chosen"] == ["Outlines", "Objects"]
    assert reopened["undone"]["rejected"] == reopened["before"]["rejected"] - 1


def test_the_end_gives_back_what_was_borrowed(found):
    """No session, no edit mode, no keys."""
    ended, editable, _renderer, keys_are_dead = found("stop")
    assert ended and not editable and keys_are_dead


def test_a_column_is_deleted_between_two_sittings(found):
    """As in any layer; the journal is kept on."""
    column = found("column_dropped")
    assert column["saved"], column["errors"]
    assert column["triggers"] == 4
    assert column["going on"]


def test_another_reviewers_file(found):
    """Conflicts are listed, settled one by one, and the rest comes by itself."""
    merged = found("merge_files")
    assert merged["conflicts"][0] == "review_status"
    assert "outline" in merged["conflicts"][1]
    assert merged["settled"] == ["rejected"]
    assert merged["outline kept"]
    assert merged["taken"] == [["rejected"], ["low"]]


def test_a_hundred_candidates_by_keys(found):
    """A, R and U in turn, nothing else."""
    hundred = found("hundred")
    assert hundred["candidates"] == 100
    assert hundred["counts"]["unreviewed"] == 0
    assert [hundred["counts"][status] for status in ("accepted", "rejected", "unsure")] == [34, 33, 33]


def test_a_kill_in_mid_edit_loses_the_stroke_in_progress_only(desk, tmp_path):
    """What was decided and drawn before is there; the journal goes back to the first outlines, byte for byte."""
    killed = json.loads((desk / "killed.json").read_text("utf8"))
    path = str(desk / "outlines.gpkg")
    journal = Journal(path, LAYER, "Anna")
    statuses = "SELECT review_status, count(*) FROM rock_glaciers GROUP BY 1"
    with connected(path) as connection:
        assert dict(connection.execute(statuses)) == killed["statuses"]
        row = connection.execute("SELECT area_m2 FROM rock_glaciers WHERE fid = ?", (killed["fid"],)).fetchone()
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert row[0] == pytest.approx(killed["area"])
    assert killed["grew"] > 0
    first = tmp_path / "first.gpkg"
    shutil.copy(path, first)
    rewind(journal, str(first), LAYER)
    shapes = "SELECT fid, geom, landform_id FROM rock_glaciers ORDER BY fid"
    began = sqlite3.connect(desk / "ben.gpkg").execute
    with connected(str(first)) as connection:
        rewound = connection.execute(shapes).fetchall()
    ben = Journal(str(desk / "ben.gpkg"), LAYER, "Ben")
    rewind(ben, ben.path, LAYER)
    assert rewound == began(shapes).fetchall()
    assert journal.undo().what == "reshape"
