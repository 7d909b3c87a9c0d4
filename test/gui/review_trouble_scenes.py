"""What others do to the review: other plugins and programs, the disk, and QGIS itself."""

import json
import os
import shutil
import sqlite3
import subprocess
from unittest import mock

from qgis.core import QgsField, QgsPointXY, QgsProject, QgsVectorLayer
from qgis.PyQt.QtCore import Qt, QVariant
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QAction
from qgis.utils import iface
from review_steps import (
    KEY,
    OUTLINES,
    across,
    click,
    dock,
    message,
    move,
    outline,
    pixel,
    press,
    push,
    review,
    rows,
    session,
    statuses,
    undo,
    values,
    window,
)
from rock_glacier_mapper.ui.review.geopackage import connected
from steps import ROOT, WORK, wait


def other_plugins():
    """Another plugin edits the layer with commands of its own, and adds a column."""
    layer, fid = session().layer, session().current
    before = outline()
    layer.beginEditCommand("Another plugin")
    layer.changeGeometry(fid, before.buffer(30, 4))
    wait()
    held = layer.isModified()
    layer.changeAttributeValue(fid, layer.fields().indexOf("notes"), "by a plugin")
    layer.endEditCommand()
    wait()
    written = values(fid, "notes")
    layer.addAttribute(QgsField("extra", QVariant.Int))
    wait(300)
    column = [row[1] for row in rows("PRAGMA table_info(rock_glaciers)")][-1]
    layer.changeAttributeValue(fid, layer.fields().indexOf("extra"), 7)
    wait(300)
    journalled = rows("SELECT name, after FROM review_rock_glaciers_values ORDER BY entry DESC LIMIT 1")
    button = iface.mainWindow().findChild(QAction, "mActionUndo")
    enabled = button.isEnabled() if button else None
    for _ in range(2):
        undo()
    return {
        "held": held,
        "written": written,
        "column": column,
        "journalled": journalled,
        "undo of QGIS": enabled,
        "undone": outline().equals(before),
        "message": message(),
    }


def elsewhere():
    """Somebody else changes the candidate in the file while it is on the screen."""
    fid = session().current
    with connected(str(OUTLINES), write=True) as connection:
        connection.execute("UPDATE rock_glaciers SET certainty = 'low' WHERE fid = ?", (fid,))
    press(KEY.Key_A)
    refused = message()
    status = values(fid, "review_status")
    stayed = session().current == fid
    shown = dock().page.fields.boxes["certainty"].currentText()
    window("review_elsewhere")
    press(KEY.Key_A)
    return {
        "refused": refused,
        "status": status,
        "stayed": stayed,
        "shown": shown,
        "then": values(fid, "review_status", "certainty"),
    }


def moved_away():
    """The file is renamed while it is under review, and comes back."""
    away = OUTLINES.with_name("away.gpkg")
    counts = statuses()
    OUTLINES.rename(away)
    press(KEY.Key_A)
    said = message()
    away.rename(OUTLINES)
    press(KEY.Key_A)
    return {"said": said, "before": counts, "after": statuses(), "still": session() is not None}


def toggled():
    """She switches editing off in QGIS's toolbar, and saves the layer there."""
    iface.setActiveLayer(session().layer)
    iface.actionToggleEditing().trigger()
    wait(500)
    said = message()
    editable = session().layer.isEditable()
    iface.actionSaveActiveLayerEdits().trigger()
    wait(300)
    before = statuses()
    press(KEY.Key_R)
    return {"said": said, "editable": editable, "before": before, "after": statuses()}


def second_qgis():
    """Ben reviews the same file in a QGIS of his own, and rejects the candidate that is on her screen."""
    fid = session().current
    script = ROOT / "test" / "gui" / "second_reviewer.py"
    command = [shutil.which("python3"), str(script), str(OUTLINES), str(fid)]
    environment = {**os.environ, "PYTHONPATH": os.environ["QGIS_PLUGINPATH"], "QT_QPA_PLATFORM": "offscreen"}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.DEVNULL}
    with subprocess.Popen(command, env=environment, text=True, **pipes) as ben:
        begun = ben.stdout.readline()
        press(KEY.Key_A)
        refused, badge = message(), dock().page.badge.text()
        press(KEY.Key_A)
        status = values(fid, "review_status", "reviewer")
        seen = ben.communicate("Anna has gone on\n", timeout=30)[0]
    return {"begun": begun, "refused": refused, "badge": badge, "then": status, "seen by Ben": json.loads(seen)}


def read_only():
    """The file becomes read-only while she writes a note; later it can be written again."""
    fid, page, entry = session().current, dock().page, session().journal.last_entry()
    page.tabs.setCurrentWidget(page.fields)
    QTest.keyClicks(page.fields.notes, "ice in the front")
    with read_only_files():
        press(KEY.Key_A)
        found = {"refused": message()}
        window("review_read_only")
        press(KEY.Key_N)
        found |= {"stayed": session().current == fid, "notes": page.fields.notes.toPlainText()}
        push(page.stop)
        found |= {"going on": session() is not None, "on stop": message()}
        window("review_unsaved_notes")
        found["written meanwhile"] = session().journal.last_entry() - entry
    press(KEY.Key_A)
    page.tabs.setCurrentWidget(page.why)
    return {**found, "then": values(fid, "review_status", "notes"), "message": message()}


def read_only_files():
    """Let SQLite open files to read only: it writes on where the file alone is made so while QGIS has it open."""
    connect = sqlite3.connect

    def connect_to_read(address, **options):
        return connect(address.replace("mode=rw", "mode=ro"), **options)

    return mock.patch.object(sqlite3, "connect", connect_to_read)


def full_disk():
    """The disk is full when she decides; once there is space again, the same key does it."""
    disk = WORK / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(disk)], check=False).returncode:  # noqa: S607
        return None
    push(dock().page.stop)
    path = disk / "small.gpkg"
    shutil.copy(OUTLINES.with_name("ben.gpkg"), path)
    layer = QgsVectorLayer(f"{path}|layername=rock_glaciers", "Small disk", "ogr")
    QgsProject.instance().addMapLayer(layer)
    review("Small disk")
    fid, entry = session().current, session().journal.last_entry()
    space = os.statvfs(disk)
    ballast = disk / "ballast"
    ballast.write_bytes(bytes(space.f_bavail * space.f_frsize))
    page = dock().page
    page.fields.notes.setPlainText("ice " * 3000)
    press(KEY.Key_A)
    found = {"refused": message(), "stayed": session().current == fid}
    window("review_full_disk")
    found["written meanwhile"] = session().journal.last_entry() - entry
    ballast.unlink()
    press(KEY.Key_A)
    found |= {"then": values(fid, "review_status"), "notes": len(values(fid, "notes")[0]), "message": message()}
    QgsProject.instance().removeMapLayer(layer.id())
    wait()
    found["ended"] = dock().start.message.text()
    # QGIS may still hold the file.
    subprocess.run(["umount", "--lazy", str(disk)], check=True)  # noqa: S607
    review("Outlines")
    return found


def column_dropped():
    """Between two sittings she deletes a column of the layer in QGIS."""
    layer = dock().start.outlines.currentLayer()
    layer.startEditing()
    layer.deleteAttribute(layer.fields().indexOf("extra"))
    saved = layer.commitChanges()
    wait()
    triggers = rows("SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'review%'")
    found = {"saved": saved, "errors": layer.commitErrors(), "triggers": triggers[0][0]}
    push(dock().start.begin)
    return {**found, "going on": session() is not None}


def layers_leave():
    """She takes the other layers out of the project while their tools are in use, in the middle of a stroke."""
    used = dock().desk.layers
    names = {"objects": used.objects.id(), "stack": used.stack.id(), "heatmap": used.heatmap.id()}
    return {
        "cut": lose_objects(names["objects"]),
        "trim": lose_stack(names["stack"]),
        "looks": lose_heatmap(names["heatmap"]),
    }


def lose_objects(layer_id):
    """The objects go while she draws over several of them."""
    before = outline()
    place = before.pointOnSurface().asPoint()
    view = iface.mapCanvas().viewport()
    press(KEY.Key_C)
    move(place)
    QTest.mousePress(view, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, pixel(place))
    QgsProject.instance().removeMapLayer(layer_id)
    wait()
    said = message()
    window("review_objects_gone")
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, pixel(place))
    move(QgsPointXY(place.x() + 30, place.y()))
    press(KEY.Key_G)
    return {"said": said, "by the key": message(), "unchanged": outline().equals(before)}


def lose_stack(layer_id):
    """The stack goes while she draws the line to trim at, with the profile on the screen."""
    before = outline()
    press(KEY.Key_T)
    ends = across(before)
    click(ends[0])
    QgsProject.instance().removeMapLayer(layer_id)
    wait()
    said, panel = message(), dock().page.why.profile
    QTest.mouseMove(panel, panel.rect().center())
    window("review_stack_gone")
    text = panel._message
    click(ends[1])
    click(ends[1], Qt.MouseButton.RightButton)
    wait()
    trimmed, by_trim = outline().area() / before.area(), message()
    undo()
    undone = outline().equals(before)
    press(KEY.Key_1)
    done = {"kept": trimmed, "trim said": by_trim, "undone": undone}
    return {"said": said, "profile": text, "by the key": message(), **done}


def lose_heatmap(layer_id):
    """The heatmap goes while it is the background."""
    press(KEY.Key_4)
    without = message()
    QgsProject.instance().removeMapLayer(layer_id)
    wait()
    said = message()
    press(KEY.Key_4)
    checked = [name for name, action in dock().commands.actions.items() if action.isChecked()]
    by_key = message()
    counts = statuses()
    press(KEY.Key_A)
    window("review_layers_gone")
    return {"before": without, "said": said, "by the key": by_key, "checked": checked, "counts": [counts, statuses()]}
