"""The journal: nothing is in the layer that is not in it, and it gives back every state that the layer had."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from rock_glacier_mapper.ui.review.errors import ReviewError
from rock_glacier_mapper.ui.review.geopackage import connected, envelope_of, wkb_of
from rock_glacier_mapper.ui.review.journal import Journal, replay, rewind
from toy_reviews import LAYER, content, shifted


def work(journal):
    """Do one of everything."""
    with journal.action("accept") as writer:
        writer.set(1, {"review_status": "accepted", "certainty": "high"})
    with journal.action("reshape") as writer:
        writer.reshape(2, shifted(writer.row(2)[0]))
    with journal.action("split") as writer:
        shape, values = writer.row(3)
        writer.reshape(3, shifted(shape, 1.0))
        writer.insert(shifted(shape, 2.0), values)
    with journal.action("merge") as writer:
        writer.delete(4)
        writer.set(1, {"notes": "with 4", "membership": 0.123456789012345})


def test_the_journal_replays_to_the_same_bytes(journal, tmp_path):
    """Onto a copy from before the review, through undo and redo and an edit by another program."""
    mine = journal()
    start = str(tmp_path / "start.gpkg")
    shutil.copy(mine.path, start)
    first = content(mine.path)
    work(mine)
    mine.undo()
    mine.undo()
    mine.redo()
    with connected(mine.path, write=True) as connection:
        connection.execute(f"UPDATE {LAYER} SET landform_id = 99 WHERE fid = 3")  # noqa: S608
        connection.execute(f"UPDATE {LAYER} SET fid = 77 WHERE fid = 2")  # noqa: S608
    reviewed = content(mine.path)
    copy = str(tmp_path / "copy.gpkg")
    shutil.copy(mine.path, copy)

    replay(mine, start, LAYER)
    assert content(start) == reviewed
    rewind(mine, copy, LAYER)
    assert content(copy) == first


def test_an_entry_says_who_did_what_and_what_was_there(journal):
    """Geometry and attributes before and after, in order; what did not change is left out."""
    mine = journal()
    before = content(mine.path)[1]
    work(mine)
    actions = mine.actions()
    assert [(item.who, item.what, item.features) for item in actions] == [
        ("Anna", "accept", (1,)),
        ("Anna", "reshape", (2,)),
        ("Anna", "split", (3, 5)),
        ("Anna", "merge", (4, 1)),
    ]
    assert actions[0].made_at < actions[3].made_at
    accept, reshape = mine.entries(1)[0], mine.entries(2)[0]
    assert (accept.geometry_before, accept.geometry_after) == (None, None)
    assert accept.before == {"review_status": "unreviewed", "certainty": None}
    assert accept.after == {"review_status": "accepted", "certainty": "high"}
    assert reshape.geometry_before == before[1]
    assert reshape.geometry_after == content(mine.path)[1][1]
    assert reshape.after == {}


def test_undo_goes_back_to_the_start_and_redo_to_the_end(journal):
    """Action by action, also from a journal that was opened anew; a new action takes away what could be redone."""
    mine = journal()
    states = [content(mine.path)]
    for status in ("accepted", "rejected", "unsure"):
        with mine.action(status) as writer:
            writer.set(1, {"review_status": status})
        states.append(content(mine.path))
    again = Journal(mine.path, LAYER, "Anna")
    for state in reversed(states[:-1]):
        again.undo()
        assert content(mine.path) == state
    with pytest.raises(ReviewError, match="nothing to undo"):
        again.undo()
    for state in states[1:]:
        again.redo()
        assert content(mine.path) == state
    again.undo()
    with again.action("accept") as writer:
        writer.set(2, {"review_status": "accepted"})
    assert again.reversible()[1] is None


def test_undo_refuses_what_another_has_changed_since(journal):
    """Each undoes her own actions; where the other was later, nothing is touched and a sentence says so."""
    anna = journal()
    ben = journal(anna.path, "Ben")
    with anna.action("accept") as writer:
        writer.set(1, {"review_status": "accepted"})
    with ben.action("reject") as writer:
        writer.set(1, {"review_status": "rejected"})
    state = content(anna.path)
    with pytest.raises(ReviewError, match="changed since"):
        anna.undo()
    assert content(anna.path) == state
    ben.undo()
    anna.undo()
    assert content(anna.path)[0][6] == "unreviewed"


def test_an_action_is_whole_or_not_at_all(journal):
    """An exception in its middle leaves neither the layer nor the journal changed."""
    mine = journal()
    state = content(mine.path)
    with pytest.raises(ReviewError, match="no longer in the layer"), mine.action("merge") as writer:
        writer.set(1, {"notes": "half"})
        writer.delete(42)
    assert content(mine.path) == state
    assert mine.actions() == mine.entries() == []


UNTIL_KILLED = """
import sys
from rock_glacier_mapper.ui.review.journal import Journal
mine = Journal(sys.argv[1], "rock_glaciers", "Anna")
for number in range(100_000):
    fid = 1 + number % 4
    with mine.action("reshape") as writer:
        blob = bytearray(writer.row(fid)[0])
        # One bit of a coordinate.
        blob[-20] ^= 1
        writer.reshape(fid, bytes(blob))
        writer.set(fid, {"notes": str(number)})
"""


def test_a_killed_program_loses_the_action_in_progress_only(journal, tmp_path):
    """Whenever the signal comes, the journal leads from the first layer to the one that is found."""
    mine = journal()
    start = str(tmp_path / "start.gpkg")
    shutil.copy(mine.path, start)
    child = subprocess.Popen([sys.executable, "-c", UNTIL_KILLED, mine.path])
    deadline = time.monotonic() + 60
    while len(mine.actions()) < 5 and time.monotonic() < deadline:
        time.sleep(0.01)
    os.kill(child.pid, signal.SIGKILL)
    child.wait()
    done = mine.actions()
    assert len(done) >= 5
    # An action has its geometry and its attribute, or is not there.
    assert len(mine.entries()) == 2 * len(done)
    replay(mine, start, LAYER)
    assert content(start) == content(mine.path)
    mine.undo()


def test_the_journal_stays_with_a_layer_that_is_renamed(journal):
    """The triggers go with the table, and name the journal."""
    mine = journal()
    work(mine)
    with connected(mine.path, write=True) as connection:
        connection.execute(f"ALTER TABLE {LAYER} RENAME TO renamed")
        for table in ("gpkg_contents", "gpkg_geometry_columns", "gpkg_ogr_contents"):
            connection.execute(f"UPDATE {table} SET table_name = 'renamed' WHERE table_name = ?", (LAYER,))  # noqa: S608
    with pytest.raises(ReviewError, match="may have been renamed"):
        mine.undo()
    again = Journal(mine.path, "renamed", "Anna")
    again.undo()
    assert [item.what for item in again.actions()][-1] == "undo"


def test_a_new_column_is_journalled_once_the_review_is_prepared(journal):
    """And preparing again changes nothing else."""
    mine = journal()
    with connected(mine.path, write=True) as connection:
        connection.execute(f'ALTER TABLE {LAYER} ADD COLUMN "a \'b"" c" INTEGER')
    mine.prepare({})
    with mine.action("attributes") as writer:
        writer.set(1, {"a 'b\" c": 3})
    assert mine.entries()[0].after == {"a 'b\" c": 3}


def test_a_dropped_column_does_not_stand_in_the_way_of_undo(journal):
    """Its values are gone, also those of a row that comes back; everything else is as it was."""
    mine = journal()
    before = [row[:5] + row[6:] for row in content(mine.path)]
    work(mine)
    mine.release()
    with connected(mine.path, write=True) as connection:
        connection.execute(f"ALTER TABLE {LAYER} DROP COLUMN explanation")
    mine.prepare({})
    for _ in range(4):
        mine.undo()
    assert content(mine.path) == before


def test_the_spatial_index_and_the_extent_follow(journal):
    """What is drawn outside the old extent is found by QGIS and GDAL."""
    mine = journal()
    with mine.action("draw") as writer:
        far = shifted(writer.row(1)[0], 5000.0)
        fid = writer.insert(far, {"review_status": "drawn"})
    west, south, east, north = envelope_of(far)
    with connected(mine.path) as connection:
        index = connection.execute("SELECT * FROM rtree_rock_glaciers_geom WHERE id = ?", (fid,)).fetchone()
        extent = connection.execute("SELECT max_x, max_y FROM gpkg_contents WHERE table_name = ?", (LAYER,)).fetchone()
        counted = connection.execute("SELECT feature_count FROM gpkg_ogr_contents WHERE table_name = ?", (LAYER,))
        assert counted.fetchone() == (5,)
    assert index[1:] == pytest.approx((west, east, south, north), abs=1)
    assert extent == (east, north)


def test_a_geometry_without_envelope_can_be_written_by_others(journal):
    """Other programs leave the envelope out; the index is right all the same."""
    mine = journal()
    with mine.action("reshape") as writer:
        blob = writer.row(1)[0]
        writer.reshape(1, blob[:3] + bytes([1]) + blob[4:8] + wkb_of(blob))
    with connected(mine.path) as connection:
        index = connection.execute("SELECT * FROM rtree_rock_glaciers_geom WHERE id = 1").fetchone()
    assert index[1:] == pytest.approx((500000, 500100, 7000000, 7000100), abs=1)


def test_a_missing_file_is_a_sentence(journal):
    """And no empty file takes its place."""
    mine = journal()
    Path(mine.path).unlink()
    with pytest.raises(ReviewError, match="no longer there"), mine.action("accept"):
        pass
    assert not Path(mine.path).exists()


def test_a_locked_file_is_a_sentence(journal, monkeypatch):
    """Another program is in the middle of a transaction."""
    mine = journal()
    monkeypatch.setattr("rock_glacier_mapper.ui.review.geopackage._PATIENCE", 0.05)
    other = sqlite3.connect(mine.path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(ReviewError, match="Another program is writing"), mine.action("accept"):
        pass
    other.execute("ROLLBACK")
    other.close()


def test_a_full_disk_is_a_sentence_and_changes_nothing(journal, outlines, disk):
    """The action is taken back as a whole; with space again, it goes on."""
    path = str(disk / "outlines.gpkg")
    shutil.copy(outlines(), path)
    mine = journal(path)
    state = content(path)
    space = os.statvfs(disk)
    ballast = disk / "ballast"
    ballast.write_bytes(bytes(space.f_bavail * space.f_frsize))
    with pytest.raises(ReviewError, match="disk is full"), mine.action("reshape") as writer:
        writer.set(1, {"notes": "x" * 100_000})
    assert content(path) == state
    ballast.unlink()
    with mine.action("accept") as writer:
        writer.set(1, {"review_status": "accepted"})
    assert len(mine.actions()) == 1


def test_a_read_only_file_is_a_sentence(journal, outlines, disk):
    """Made so while it is under review."""
    path = str(disk / "outlines.gpkg")
    shutil.copy(outlines(), path)
    mine = journal(path)
    subprocess.run(["mount", "-o", "remount,ro", disk], check=True)  # noqa: S607
    with pytest.raises(ReviewError, match="read-only"), mine.action("accept") as writer:
        writer.set(1, {"review_status": "accepted"})
    with pytest.raises(ReviewError, match="read-only"):
        journal(path)


def test_what_is_no_geopackage_is_a_sentence(tmp_path):
    """A text with the right ending."""
    path = tmp_path / "text.gpkg"
    path.write_text("no database, but long enough to be looked at as one" * 20)
    with pytest.raises(ReviewError):
        Journal(str(path), LAYER, "Anna")
