"""A review beside other programs: who writes at the same time, other columns, and layers that took another's place."""

from __future__ import annotations

import sqlite3
from pathlib import PureWindowsPath

import pytest
from toy_reviews import LAYER

pytest.importorskip("qgis.core", reason="the Python bindings of QGIS are not installed")

from osgeo import gdal
from qgis.core import QgsFeature, QgsGeometry, QgsVectorLayer
from rock_glacier_mapper.ui.review.columns import ColumnWatch
from rock_glacier_mapper.ui.review.geopackage import _address, connected
from rock_glacier_mapper.ui.review.journal import Journal
from rock_glacier_mapper.ui.review.reviewlayer import location

BOX = "Polygon ((502000 7000000, 502100 7000000, 502100 7000050, 502000 7000050, 502000 7000000))"


@pytest.fixture
def drawn_while_locked(review, settle):
    """A session in which an outline was drawn while another program was writing, so that it is not in the file yet."""
    session = review()
    lock = sqlite3.connect(session.path, isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    draw(session, settle)
    lock.close()
    return session


def draw(session, settle):
    feature = QgsFeature(session.layer.fields())
    feature.setGeometry(QgsGeometry.fromWkt(BOX))
    session.layer.addFeature(feature)
    settle()


def test_a_decision_is_on_the_candidate_that_was_seen(drawn_while_locked):
    """Not on the outline that waited for the file, and comes into it first."""
    session = drawn_while_locked
    fid = session.current
    assert session.decide("rejected")
    statuses = {number: candidate.status for number, candidate in session.queue.candidates.items()}
    assert (statuses[fid], statuses[max(statuses)]) == ("rejected", "drawn")


def test_undo_of_a_drawing_keeps_what_another_wrote_to_it(review, settle):
    """The row goes with all that is in it, so all of it must be as it was."""
    anna = review()
    draw(anna, settle)
    ben = review(anna.path, "Ben")
    assert ben.set_values(anna.current, {"notes": "of 1950"})
    anna.look()
    assert not anna.undo()
    assert "changed since" in anna.talk[-1]


def test_a_change_that_comes_while_one_waits_is_not_overwritten(review):
    """Anna's key waits for Ben's transaction, which rejects the same candidate and removes another one."""
    anna = review()
    fid = anna.current
    other = max(anna.queue.candidates)
    begin = Journal.action

    def overtaken(journal, *options):
        with connected(anna.path, write=True) as ben:
            ben.execute(f"UPDATE {LAYER} SET review_status = 'rejected' WHERE fid = ?", (fid,))  # noqa: S608
            ben.execute(f"DELETE FROM {LAYER} WHERE fid = ?", (other,))  # noqa: S608
        return begin(journal, *options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Journal, "action", overtaken)
        assert not anna.decide("accepted")
    assert f"Candidate {fid} has just been changed" in anna.talk[-1]
    assert anna.queue.candidates[fid].status == "rejected"
    assert other not in anna.queue.candidates


def test_a_candidate_that_was_removed_elsewhere_gives_way_to_the_next(review):
    session = review()
    fid = session.current
    with connected(session.path, write=True) as connection:
        connection.execute(f"DELETE FROM {LAYER} WHERE fid = ?", (fid,))  # noqa: S608
    session.look()
    assert session.current != fid
    assert session.decide("accepted")


def test_undo_goes_on_before_a_change_of_a_column_that_was_dropped(review, settle):
    """What is in no column any more is undone in name; the accept before it in fact."""
    session = review()
    watch = ColumnWatch()
    watch.follow([session.layer])
    fid = session.current
    assert session.decide("accepted")
    place = session.layer.fields().indexOf("explanation")
    session.layer.changeAttributeValue(session.current, place, "mine")
    settle()
    session.layer.deleteAttribute(place)
    settle()
    assert session.undo() and session.undo()
    assert session.queue.candidates[fid].status == "unreviewed"
    assert session.redo()
    assert session.queue.candidates[fid].status == "accepted"


def test_a_column_may_be_renamed_while_under_review(review, settle):
    session = review()
    watch = ColumnWatch()
    watch.follow([session.layer])
    session.layer.renameAttribute(session.layer.fields().indexOf("explanation"), "why")
    settle()
    assert "why" in session.row(session.current)[1]
    assert session.decide("accepted") and session.undo()


def test_a_column_that_comes_from_elsewhere_is_in_the_journal(review):
    session = review()
    with connected(session.path, write=True) as connection:
        connection.execute(f"ALTER TABLE {LAYER} ADD COLUMN extra TEXT")
        connection.execute(f"UPDATE {LAYER} SET extra = 'x' || fid")  # noqa: S608
    first, second = session.queue.fids()[:2]
    session.go_to(first)
    assert session.merge_with(second) and session.undo()
    assert session.row(second)[1]["extra"] == f"x{second}"


def test_a_layer_is_found_by_its_number_in_the_file(outlines, tmp_path, qgis):
    path = str(tmp_path / "two.gpkg")
    for name, mode in (("first", None), ("second", "update")):
        gdal.VectorTranslate(path, outlines(), layerName=name, accessMode=mode)
    layer = QgsVectorLayer(f"{path}|layerid=1", "x", "ogr")
    assert location(layer) == (path, "second")


def test_a_layer_in_the_place_of_another_has_a_journal_of_its_own(review, outlines):
    """It was exported under the same name: the rows are others, though their numbers are the same."""
    session = review()
    assert session.decide("accepted")
    session.stop()
    gdal.VectorTranslate(session.path, outlines("fresh.gpkg"), layerName=LAYER, accessMode="overwrite")
    again = review(session.path)
    assert again.journal.actions() == []
    assert again.decide("rejected") and again.undo()


def test_a_layer_whose_triggers_were_dropped_goes_on_with_its_journal(review):
    """As one must elsewhere to drop a column; the actions before can still be undone."""
    session = review()
    assert session.decide("accepted")
    session.stop()
    with connected(session.path, write=True) as connection:
        for name in ("update", "renumber", "insert", "delete"):
            connection.execute(f"DROP TRIGGER review_{LAYER}_{name}")
        connection.execute(f"ALTER TABLE {LAYER} DROP COLUMN explanation")
    again = review(session.path)
    assert [action.what for action in again.journal.actions()] == ["accept"]
    assert again.undo()


def test_a_layer_in_the_place_of_a_renamed_one_leaves_it_its_journal(review, outlines, qgis):
    session = review()
    assert session.decide("accepted")
    session.stop()
    dataset = gdal.OpenEx(session.path, gdal.OF_UPDATE | gdal.OF_VECTOR)
    dataset.GetLayer(0).Rename("old")
    del dataset
    gdal.VectorTranslate(session.path, outlines("fresh.gpkg"), layerName=LAYER, accessMode="update")
    again = review(session.path)
    assert again.journal.actions() == [] and again.decide("rejected")
    assert [action.what for action in Journal(session.path, "old", "Anna").actions()] == ["accept"]
    assert Journal(session.path, "old", "Anna").undo().what == "accept"


def test_files_on_a_network_have_an_address_for_sqlite():
    assert _address(PureWindowsPath(r"\\server\share\out.gpkg")) == "file:////server/share/out.gpkg"
