"""The session between the journal and QGIS's layer: strokes of any tool are written, others' changes are taken in."""

from __future__ import annotations

import math
import os
import shutil

import pytest
from toy_reviews import LAYER, content

pytest.importorskip("qgis.core", reason="the Python bindings of QGIS are not installed")

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsFeature,
    QgsGeometry,
    QgsPointXY,
    QgsProject,
    QgsRectangle,
    QgsVectorLayer,
)
from rock_glacier_mapper.ui.review.columns import ColumnWatch
from rock_glacier_mapper.ui.review.errors import ReviewError
from rock_glacier_mapper.ui.review.geopackage import connected
from rock_glacier_mapper.ui.review.journal import Journal, replay
from rock_glacier_mapper.ui.review.reviewlayer import in_metres
from rock_glacier_mapper.ui.review.session import REVIEW_COLUMNS, ReviewSession

BOX = "Polygon ((502000 7000000, 502100 7000000, 502100 7000050, 502000 7000050, 502000 7000000))"


def test_a_hundred_candidates_and_a_replay(review, outlines, tmp_path):
    """Decision by decision to the end of the queue; the journal leads from the first file to the last."""
    path = outlines(count=100)
    start = str(tmp_path / "start.gpkg")
    shutil.copy(path, start)
    session = review(path)
    for number in range(100):
        assert session.decide(("accepted", "rejected", "unsure")[number % 3])
    counts = session.queue.counts()
    assert (counts["accepted"], counts["rejected"], counts["unsure"], counts["unreviewed"]) == (34, 33, 33, 0)
    Journal(start, LAYER, "").prepare(REVIEW_COLUMNS)
    replay(session.journal, start, LAYER)
    assert content(start) == content(path)


def test_a_stroke_of_any_tool_is_written_and_undone_by_the_journal(review, settle):
    """The edit buffer and QGIS's own list of steps are empty afterwards; the shape's measures follow."""
    session = review()
    layer, fid = session.layer, session.current
    before = session.row(fid)[0]
    layer.beginEditCommand("Moved vertex")
    layer.changeGeometry(fid, QgsGeometry.fromWkt(BOX))
    settle()
    assert layer.isModified(), "a command that goes on is left alone"
    layer.endEditCommand()
    settle()
    shape, values = session.row(fid)
    assert shape.equals(QgsGeometry.fromWkt(BOX).coerceToType(layer.wkbType())[0])
    assert values["area_m2"] == 5000
    assert not layer.isModified()
    assert layer.undoStack().count() == 0
    assert layer.getFeature(fid).geometry().equals(shape)
    assert session.undo()
    assert session.row(fid)[0].equals(before)
    assert layer.getFeature(fid).geometry().equals(before)


def test_a_split_keeps_both_halves_and_a_drawn_one_says_so(review, settle):
    """Both come through QGIS's edit buffer as added features."""
    session = review()
    layer, fid = session.layer, session.current
    layer.selectByIds([fid])
    box = session.row(fid)[0].boundingBox()
    middle = box.center().y()
    layer.splitFeatures([QgsPointXY(box.xMinimum() - 1, middle), QgsPointXY(box.xMaximum() + 1, middle)])
    settle()
    assert session.journal.actions()[-1].what == "split"
    assert [row[3] for row in content(session.path) if row[0] in (fid, 5)] == pytest.approx([5000, 5000])
    feature = QgsFeature(layer.fields())
    feature.setGeometry(QgsGeometry.fromWkt(BOX))
    layer.addFeature(feature)
    settle()
    assert session.candidate().status == "drawn"
    assert session.row(6)[1]["reviewer"] == "Anna"
    assert session.undo() and session.undo()
    assert len(content(session.path)) == 4


def test_two_docks_on_one_file(review):
    """What the other has changed is refused once, then shown; nothing is overwritten unseen."""
    anna = review()
    ben = review(anna.path, "Ben")
    ben.go_to(anna.current)
    fid = anna.current
    shown = []
    assert anna.decide("accepted")
    ben.current_changed.connect(lambda: shown.append(ben.candidate().status))
    assert not ben.decide("rejected")
    assert shown == ["accepted"]
    assert f"Candidate {fid} has just been changed by Anna" in ben.talk[-1]
    assert ben.candidate().status == "accepted"
    assert ben.decide("rejected")
    anna.look()
    assert anna.queue.candidates[fid].status == "rejected"
    assert not anna.undo()
    assert "changed since" in anna.talk[-1]
    assert ben.undo() and anna.undo()
    assert content(anna.path)[fid - 1][6] == "unreviewed"


def test_a_stroke_on_what_another_has_changed_stays_in_the_buffer(review, settle):
    """The sentence says so, QGIS's undo takes it back, and the other's change is untouched."""
    anna = review()
    ben = review(anna.path, "Ben")
    fid = anna.current
    ben.go_to(fid)
    ben.reshape(QgsGeometry.fromWkt(BOX), "reshape")
    state = content(anna.path)
    anna.layer.changeGeometry(fid, QgsGeometry.fromWkt(BOX).buffer(10, 2))
    settle()
    assert "has just been changed by Ben" in anna.talk[-1]
    assert content(anna.path) == state
    anna.layer.undoStack().undo()
    assert not anna.layer.isModified()


def test_an_outline_that_crosses_itself_is_saved_and_said(review, settle):
    """A stroke is never lost, but later stages would repair it in their own way."""
    session = review()
    bow = "Polygon ((502000 7000000, 502100 7000050, 502100 7000000, 502000 7000020, 502000 7000000))"
    session.layer.changeGeometry(session.current, QgsGeometry.fromWkt(bow))
    settle()
    assert "crosses itself" in session.talk[-1]
    assert not session.row(session.current)[0].isGeosValid()


def test_an_outline_over_another_one_is_saved_and_said(review, settle):
    """Ground within two outlines counts twice in every area; a rejected one counts nowhere."""
    session = review()
    fid = session.current
    other = next(number for number in session.queue.candidates if number != fid)
    outline, covered = session.row(fid)[0], session.row(other)[0]
    session.layer.changeGeometry(fid, covered.buffer(5, 2))
    settle()
    assert f"lies over candidate {other}." in session.talk[-1]
    session.talk.clear()
    assert session.undo()
    feature = QgsFeature(session.layer.fields())
    feature.setGeometry(covered.buffer(5, 2))
    session.layer.addFeature(feature)
    settle()
    assert f"lies over candidate {other}." in session.talk[-1]
    assert session.undo()
    session.go_to(other)
    assert session.decide("rejected")
    session.talk.clear()
    session.layer.changeGeometry(fid, covered.combine(outline))
    settle()
    assert not any("lies over" in sentence for sentence in session.talk)


def test_a_stroke_on_a_full_disk_is_kept_and_written_later(review, settle, outlines, disk):
    """The stroke stays in the edit buffer; with space again, the next action writes it first."""
    path = str(disk / "outlines.gpkg")
    shutil.copy(outlines(), path)
    session = review(path)
    fid = session.current
    state = content(path)
    space = os.statvfs(disk)
    ballast = disk / "ballast"
    ballast.write_bytes(bytes(space.f_bavail * space.f_frsize))
    # Vertices enough for more than what is left of the last pages.
    wide = QgsGeometry.fromWkt(BOX).buffer(20, 300)
    session.layer.changeGeometry(fid, wide)
    settle()
    assert "disk is full" in session.talk[-1]
    assert session.layer.isModified()
    assert content(path) == state
    ballast.unlink()
    assert session.decide("accepted")
    assert not session.layer.isModified()
    assert [item.what for item in session.journal.actions()] == ["reshape", "accept"]


def test_a_column_may_be_dropped_while_under_review(review, settle):
    """The triggers name all columns; they make way and come back."""
    session = review()
    watch = ColumnWatch()
    watch.follow([session.layer])
    session.layer.deleteAttribute(session.layer.fields().indexOf("explanation"))
    settle()
    assert session.layer.fields().indexOf("explanation") < 0
    assert not session.layer.isModified()
    assert session.decide("accepted")
    assert session.undo()


def test_a_column_may_be_dropped_after_the_review(review, settle):
    """What is saved with it is journalled, also where QGIS cannot drop it."""
    session = review()
    session.decide("accepted")
    session.stop()
    layer = session.layer
    watch = ColumnWatch()
    watch.follow([layer])

    def drop(name):
        layer.startEditing()
        layer.deleteAttribute(layer.fields().indexOf(name))
        layer.changeAttributeValue(2, layer.fields().indexOf("landform_id"), 7)
        return layer.commitChanges()

    assert drop("explanation"), layer.commitErrors()
    assert session.journal.entries()[-1].after == {"landform_id": 7}
    with connected(session.path, write=True) as connection:
        connection.execute(f"CREATE VIEW names_it AS SELECT membership FROM {LAYER}")  # noqa: S608
    assert not drop("membership")
    settle()
    layer.rollBack()
    with connected(session.path, write=True) as connection:
        connection.execute(f"UPDATE {LAYER} SET landform_id = 9 WHERE fid = 3")  # noqa: S608
    assert session.journal.entries()[-1].after == {"landform_id": 9}
    assert session.journal.undo().what == "accept"


def test_columns_of_what_was_never_reviewed_are_left_alone(qgis, outlines):
    """A layer that has no journal, and one that is in no GeoPackage."""
    sentences = []
    file = QgsVectorLayer(f"{outlines()}|layername={LAYER}", "file", "ogr")
    memory = QgsVectorLayer("Polygon?crs=EPSG:32719&field=explanation:string", "memory", "memory")
    watch = ColumnWatch()
    watch.follow([file, memory])
    for layer in (file, memory):
        layer.raiseError.connect(sentences.append)
        layer.startEditing()
        layer.deleteAttribute(layer.fields().indexOf("explanation"))
        assert layer.commitChanges()
        assert layer.fields().indexOf("explanation") < 0
    assert sentences == []


def test_the_layer_gets_another_name(review):
    """In QGIS this means nothing; in the file it is said, and with the old name the review goes on."""
    session = review()
    session.layer.setName("Renamed")
    assert session.decide("accepted")
    rename = "ALTER TABLE {} RENAME TO {}".format
    names = "UPDATE gpkg_geometry_columns SET table_name = ?"
    with connected(session.path, write=True) as connection:
        connection.execute(rename(LAYER, "renamed"))
        connection.execute(names, ("renamed",))
    assert not session.decide("accepted")
    assert "may have been renamed" in session.talk[-1]
    with connected(session.path, write=True) as connection:
        connection.execute(rename("renamed", LAYER))
        connection.execute(names, (LAYER,))
    assert session.decide("accepted")


def test_merging_two_candidates_and_taking_it_back(review):
    """One row goes, and comes back with all its attributes."""
    session = review()
    state = content(session.path)
    first, second = session.queue.fids()[:2]
    assert session.merge_with(second)
    assert session.row(first)[1]["area_m2"] == 20000
    assert second not in session.queue.candidates
    assert session.undo()
    assert content(session.path) == state
    assert second in session.queue.candidates


def test_a_drawn_one_that_is_accepted_stays_drawn(review, settle):
    """It is known that no machine proposed it."""
    session = review()
    feature = QgsFeature(session.layer.fields())
    feature.setGeometry(QgsGeometry.fromWkt(BOX))
    session.layer.addFeature(feature)
    settle()
    fid = session.current
    session.decide("accepted")
    assert session.queue.candidates[fid].status == "drawn"
    session.go_to(fid)
    session.decide("rejected")
    assert session.queue.candidates[fid].status == "rejected"


def test_the_layer_leaves_the_project(review, outlines):
    """The review ends with a sentence, and everything is in the file."""
    session = review()
    QgsProject.instance().addMapLayer(session.layer)
    ends = []
    session.ended.connect(ends.append)
    session.decide("accepted")
    QgsProject.instance().removeMapLayer(session.layer.id())
    assert "Everything is saved" in ends[0]
    assert not session.decide("accepted")


def test_layers_that_cannot_be_reviewed(qgis, outlines):
    """Each with what to do."""

    def refusal(layer):
        with pytest.raises(ReviewError) as error:
            ReviewSession(layer, "Anna")
        return str(error.value)

    assert "Save it as one" in refusal(QgsVectorLayer("Polygon?crs=EPSG:32719", "memory", "memory"))
    path = outlines()
    filtered = QgsVectorLayer(f"{path}|layername={LAYER}", "filtered", "ogr")
    filtered.setSubsetString("fid > 2")
    assert "Remove it" in refusal(filtered)
    edited = QgsVectorLayer(f"{path}|layername={LAYER}", "edited", "ogr")
    edited.startEditing()
    edited.deleteFeature(1)
    assert "Save or discard" in refusal(edited)
    edited.rollBack()
    read_only = QgsVectorLayer(f"{path}|layername={LAYER}", "read-only", "ogr")
    read_only.setReadOnly(True)
    assert "Unmark it" in refusal(read_only)
    assert len(content(path)) == 4


def test_a_shape_without_area_is_refused(review):
    """The layer keeps what it has."""
    session = review()
    state = content(session.path)
    assert not session.reshape(QgsGeometry.fromWkt("LineString (0 0, 1 1)"), "reshape")
    assert "no polygon with an area" in session.talk[-1]
    assert content(session.path) == state


def test_columns_of_another_case_are_written_once(review, outlines, settle):
    """Area_M2 is the column of the area; a stroke measures it."""
    path = outlines()
    with connected(path, write=True) as connection:
        connection.execute(f"ALTER TABLE {LAYER} RENAME COLUMN area_m2 TO Area_M2")
    session = review(path)
    assert session.reshape(QgsGeometry.fromWkt(BOX), "reshape")
    with connected(path) as connection:
        areas = [row[0] for row in connection.execute("SELECT Area_M2 FROM rock_glaciers")]
    assert 5000 in [round(area) for area in areas]


@pytest.mark.parametrize(("name", "kind"), [("certainty", "INTEGER"), ("reviewed_at", "DATETIME")])
def test_a_column_of_another_type_is_not_written_to(outlines, name, kind):
    """Text in a column of numbers would be 0 to every reader."""
    path = outlines()
    with connected(path, write=True) as connection:
        connection.execute(f"ALTER TABLE {LAYER} ADD COLUMN {name} {kind}")
    with pytest.raises(ReviewError, match=f"a column {name} of the type {kind}, but the review writes text"):
        ReviewSession(QgsVectorLayer(f"{path}|layername={LAYER}", "Outlines", "ogr"), "Anna")


@pytest.mark.parametrize(("code", "north", "power"), [("EPSG:3857", 8399738, 2), ("EPSG:4087", 6679169, 1)])
def test_areas_are_those_on_the_ground_in_maps_of_the_world(qgis, code, north, power):
    """At 60 degrees web maps are twice too long both ways, equidistant cylindrical ones along the parallels only."""
    crs = QgsCoordinateReferenceSystem(code)
    square = QgsGeometry.fromRect(QgsRectangle(0, north, 1000, north + 1000))
    assert in_metres(square, crs).area() == pytest.approx(1e6 * math.cos(math.radians(60)) ** power, rel=1e-2)
