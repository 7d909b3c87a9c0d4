"""Two copies of one file, reviewed by two people, are brought together."""

from __future__ import annotations

import shutil

import pytest
from rock_glacier_mapper.ui.review.comparison import OUTLINE, REMOVED, Conflict, changes, compare, take_over
from rock_glacier_mapper.ui.review.errors import ReviewError
from rock_glacier_mapper.ui.review.geopackage import connected
from toy_reviews import content, shifted


@pytest.fixture
def copies(journal, outlines, tmp_path):
    """The journals of Anna and of Ben, who got a copy before either began."""
    path = outlines()
    other = str(tmp_path / "ben.gpkg")
    shutil.copy(path, other)
    return journal(path), journal(other, "Ben")


def decide(journal, fid, **values):
    with journal.action("attributes") as writer:
        writer.set(fid, values)


def merge(mine, theirs, take_theirs=False):
    """Merge, with one answer to all conflicts; return the comparison."""
    comparison = compare(mine, theirs)
    with mine.action("merge files") as writer:
        take_over(writer, comparison, dict.fromkeys(comparison.conflicts, take_theirs))
    return comparison


def test_what_only_one_has_changed_comes_together(copies):
    """Decisions, notes of the one and certainty of the other, an outline, a drawn one, a removed one."""
    anna, ben = copies
    decide(anna, 1, review_status="accepted")
    decide(anna, 2, notes="ice?")
    decide(ben, 2, certainty="low")
    decide(ben, 3, review_status="rejected")
    with ben.action("reshape") as writer:
        moved = shifted(writer.row(1)[0])
        writer.reshape(1, moved)
        new = shifted(moved, 7.0)
        writer.insert(new, {"review_status": "drawn"})
        writer.delete(4)
    assert merge(anna, ben).conflicts == ()
    rows = content(anna.path)
    names = (
        "fid",
        "geom",
        "landform_id",
        "area_m2",
        "membership",
        "explanation",
        "review_status",
        "certainty",
        "notes",
    )
    table = [dict(zip(names, row, strict=True)) for row in rows]
    assert [row["fid"] for row in table] == [1, 2, 3, 5]
    assert [row["review_status"] for row in table] == ["accepted", "unreviewed", "rejected", "drawn"]
    assert (table[1]["certainty"], table[1]["notes"]) == ("low", "ice?")
    assert (table[0]["geom"], table[3]["geom"]) == (moved, new)


def test_conflicts_are_shown_and_settled(copies):
    """The same value is none; mine is kept unless theirs is chosen; the merge can be undone."""
    anna, ben = copies
    for journal, status in ((anna, "accepted"), (ben, "rejected")):
        decide(journal, 1, review_status=status)
        decide(journal, 2, review_status="unsure")
    before = content(anna.path)
    assert merge(anna, ben).conflicts == (Conflict(1, "review_status", "accepted", "rejected"),)
    assert content(anna.path) == before
    merge(anna, ben, take_theirs=True)
    assert content(anna.path)[0][6] == "rejected"
    anna.undo()
    assert content(anna.path) == before


def test_a_removed_one_against_a_changed_one_is_a_conflict(copies):
    """Neither is done without asking."""
    anna, ben = copies
    decide(anna, 1, review_status="accepted")
    with ben.action("remove") as writer:
        writer.delete(1)
    assert merge(anna, ben).conflicts == (Conflict(1, REMOVED, "accepted", REMOVED),)
    assert len(content(anna.path)) == 4
    merge(anna, ben, take_theirs=True)
    assert len(content(anna.path)) == 3


def test_two_outlines_are_a_conflict_in_bytes(copies):
    """Both have reshaped the same one."""
    anna, ben = copies
    for journal, by in ((anna, 5.0), (ben, 9.0)):
        with journal.action("reshape") as writer:
            writer.reshape(2, shifted(writer.row(2)[0], by))
    conflict = compare(anna, ben).conflicts[0]
    assert (conflict.fid, conflict.name) == (2, OUTLINE)
    assert conflict.mine == content(anna.path)[1][1]
    assert conflict.theirs == content(ben.path)[1][1]


def test_merging_again_changes_nothing(copies):
    """Also what was drawn comes once."""
    anna, ben = copies
    decide(ben, 3, review_status="rejected")
    with ben.action("draw") as writer:
        writer.insert(shifted(writer.row(1)[0], 50.0), {"review_status": "drawn"})
    merge(anna, ben)
    state = content(anna.path)
    again = compare(anna, ben)
    assert (again.taken, again.drawn, again.conflicts) == ({}, (), ())
    merge(anna, ben)
    assert content(anna.path) == state


def test_what_came_back_to_its_start_is_no_change(copies):
    """An undone decision of the other does not overwrite mine."""
    anna, ben = copies
    decide(anna, 1, review_status="accepted")
    decide(ben, 1, review_status="rejected")
    ben.undo()
    assert changes(ben) == {}
    assert compare(anna, ben).conflicts == ()


def test_files_of_other_origin_are_refused(copies, outlines, journal):
    """The same layer name and numbers, but another outline at the start."""
    anna, _ben = copies
    path = outlines("other.gpkg")
    with connected(path, write=True) as connection:
        connection.execute(
            "UPDATE rock_glaciers SET geom = (SELECT geom FROM rock_glaciers WHERE fid = 4) WHERE fid = 2"
        )
    other = journal(path, "Eve")
    with other.action("reshape") as writer:
        writer.reshape(2, shifted(writer.row(2)[0]))
    with pytest.raises(ReviewError, match="another one"):
        compare(anna, other)


def drawn_by(journal, outline):
    """Draw an outline; return its number."""
    with journal.action("draw") as writer:
        return writer.insert(outline, {"review_status": "drawn"})


def test_a_drawn_one_that_was_taken_over_is_compared_as_others_are(copies):
    """Ben goes on with his: what he changes comes, what both changed is a conflict, and it never comes twice."""
    anna, ben = copies
    outline = shifted(ben.row(1)[0], 50.0)
    fid = drawn_by(ben, outline)
    drawn_by(anna, shifted(ben.row(1)[0], 90.0))
    merge(anna, ben)
    here = max(row[0] for row in content(anna.path))
    decide(ben, fid, review_status="rejected", notes="debris")
    decide(anna, here, notes="steep")
    with anna.action("reshape") as writer:
        writer.reshape(here, shifted(outline, 2.0))
    found = compare(anna, ben)
    assert found.drawn == ()
    assert found.taken[here].now == {"review_status": "rejected"}
    assert found.conflicts == (Conflict(here, "notes", "steep", "debris"),)
    merge(anna, ben, take_theirs=True)
    assert anna.row(here)[1]["notes"] == "debris"
    assert anna.row(here)[0] == shifted(outline, 2.0)
    with anna.action("remove") as writer:
        writer.delete(here)
    assert compare(anna, ben).drawn == ()


@pytest.mark.parametrize("take_theirs", [False, True])
def test_the_parts_of_a_split_come_with_the_outline_that_was_split(copies, take_theirs):
    """Both have split candidate 2, each in another way: two parts stay, not three."""
    anna, ben = copies
    for journal, step in ((anna, 10.0), (ben, 20.0)):
        with journal.action("split") as writer:
            whole = writer.row(2)[0]
            writer.reshape(2, shifted(whole, step))
            writer.insert(shifted(whole, -step), {"review_status": "drawn"})
    before = len(content(anna.path))
    merge(anna, ben, take_theirs)
    assert len(content(anna.path)) == before + take_theirs


def test_what_was_merged_with_another_stays_where_that_one_is_kept(copies):
    """Anna has joined 2 and 3, Ben 3 and 4: where Anna's are kept, 4 is kept too."""
    anna, ben = copies
    for journal, first, second in ((anna, 2, 3), (ben, 3, 4)):
        with journal.action("merge") as writer:
            writer.reshape(first, shifted(writer.row(first)[0], 10.0))
            writer.delete(second)
    merge(anna, ben)
    assert [row[0] for row in content(anna.path)] == [1, 2, 4]


def test_measures_of_any_case_come_with_their_outline(outlines, journal, tmp_path):
    """Another program has written AREA_M2."""
    path, other = outlines(), str(tmp_path / "ben.gpkg")
    with connected(path, write=True) as connection:
        connection.execute("ALTER TABLE rock_glaciers RENAME COLUMN area_m2 TO AREA_M2")
    shutil.copy(path, other)
    anna, ben = journal(path), journal(other, "Ben")
    for reviewer, step in ((anna, 10.0), (ben, 20.0)):
        with reviewer.action("reshape") as writer:
            writer.reshape(2, shifted(writer.row(2)[0], step))
            writer.set(2, {"AREA_M2": step})
    comparison = merge(anna, ben, take_theirs=True)
    assert [conflict.name for conflict in comparison.conflicts] == [OUTLINE]
    assert anna.row(2)[1]["AREA_M2"] == 20.0
