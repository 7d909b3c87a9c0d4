"""A mapper reviews the sample scene in the QGIS desktop, with keys and clicks; each scene returns what it found."""

import json
import os
import shutil
import signal
import sqlite3
import sys
from pathlib import Path

import processing
from qgis.core import QgsPointXY, QgsProject, QgsRasterLayer, QgsVectorLayer
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QApplication, QDockWidget
from qgis.utils import iface, plugins
from rock_glacier_mapper.ui.review import shapes
from rock_glacier_mapper.ui.review.comparison import changes
from rock_glacier_mapper.ui.review.geopackage import connected
from rock_glacier_mapper.ui.review.journal import Journal
from rock_glacier_mapper.ui.review.mergedialog import MergeDialog
from rock_glacier_mapper.ui.review.session import REVIEW_COLUMNS

sys.path.insert(0, str(Path(os.environ["QGIS_PLUGINPATH"]) / "rock_glacier_mapper" / "test" / "gui"))
from review_shape_scenes import missed, objects, reshape, split, trim, vertices
from review_steps import (
    KEY,
    OUTLINES,
    click,
    dock,
    drawn,
    message,
    move,
    outline,
    press,
    push,
    review,
    session,
    statuses,
    undo,
    values,
    window,
)
from review_trouble_scenes import (
    column_dropped,
    elsewhere,
    full_disk,
    layers_leave,
    moved_away,
    other_plugins,
    read_only,
    second_qgis,
    toggled,
)
from steps import OUT, ROOT, STACK, WORK, wait, wait_until

BENS = OUT / "ben.gpkg"


def start():
    """She opens the dock; the layers of her run are chosen already."""
    iface.mainWindow().resize(1440, 900)
    iface.mainWindow().findChild(QDockWidget, "Browser").close()
    files = {"OUTPUT": str(OUTLINES), "HEATMAP": str(WORK / "heatmap.tif"), "OBJECTS": str(WORK / "objects.gpkg")}
    options = {"STACK": STACK, "MODEL": "full_10m", "RULES": "full_stack"}
    processing.run("rockglacier:maprockglaciers", {**options, **files})
    shutil.copy(OUTLINES, BENS)
    project = QgsProject.instance()
    layers = [
        QgsRasterLayer(STACK, "Sample scene"),
        QgsRasterLayer(files["HEATMAP"], "Heatmap"),
        QgsVectorLayer(files["OBJECTS"], "Objects", "ogr"),
        QgsVectorLayer(files["OUTPUT"], "Outlines", "ogr"),
    ]
    layers[1].loadNamedStyle(str(ROOT / "resources" / "styles" / "heatmap.qml"))
    project.setCrs(layers[0].crs())
    for layer in layers:
        project.addMapLayer(layer)
    for layer in layers[1:3]:
        project.layerTreeRoot().findLayer(layer).setItemVisibilityChecked(False)
    iface.mapCanvas().setExtent(layers[0].extent())
    plugins["rock_glacier_mapper"].menu.review.trigger()
    wait(500)
    iface.mainWindow().resizeDocks([dock()], [390], Qt.Orientation.Horizontal)
    dock().start.who.setText("Anna")
    window("review_start")
    chosen = [dock().start.outlines, dock().start.objects, dock().start.stack, dock().start.heatmap]
    return [box.currentLayer().name() if box.currentLayer() else "" for box in chosen]


def begin():
    """She starts; the most doubtful candidate is shown."""
    push(dock().start.begin)
    window("review")
    return {
        "current": session().current,
        "queue": session().queue.fids(),
        "message": dock().start.message.text(),
        "reasons": dock().desk.reasons(outline()),
        "why": dock().page.why.why.text(),
    }


def keys():
    """She decides on three with keys, goes back, and takes one decision back."""
    first = session().current
    press(KEY.Key_A)
    press(KEY.Key_R)
    press(KEY.Key_U)
    after = statuses()
    press(KEY.Key_P)
    back = session().current
    undo()
    undone = statuses()
    press(KEY.Key_Z, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    window("review_decided")
    return {
        "first": first,
        "after": after,
        "back": back,
        "undone": undone,
        "redone": statuses(),
        "done": dock().page.done.text(),
    }


def letters():
    """Letters in the notes are letters, and are saved; a value of the list is saved when it is chosen."""
    press(KEY.Key_N)
    fid = session().current
    page = dock().page
    page.tabs.setCurrentWidget(page.fields)
    page.fields.notes.setFocus()
    QTest.keyClicks(page.fields.notes, "front unclear")
    wait_until(lambda: values(fid, "notes") == ["front unclear"], 5)
    box = page.fields.boxes["ActiCl"]
    box.setFocus()
    QTest.keyClicks(box, "Rel")
    QTest.keyClick(box, KEY.Key_Down)
    wait()
    window("review_fields")
    page.tabs.setCurrentWidget(page.why)
    return {
        "saved": values(fid, "notes", "ActiCl", "review_status"),
        "current": session().current == fid,
    }


def slider():
    """She hides the unlikely ones, and shows them again; the file stays as it is."""
    entry = session().journal.last_entry()
    page = dock().page
    shown = len(session().queue.fids())
    iface.mapCanvas().zoomToFullExtent()
    page.threshold.setValue(90)
    wait(400)
    hidden = len(session().queue.fids())
    iface.mapCanvas().zoomToFullExtent()
    window("review_slider")
    page.threshold.setValue(0)
    wait(200)
    return {
        "shown": [shown, hidden, len(session().queue.fids())],
        "written": session().journal.last_entry() - entry,
    }


def looks():
    """She looks at the candidate on each background."""
    shown = {}
    session().go_to(session().queue.fids()[5])
    for number, key in enumerate((KEY.Key_1, KEY.Key_2, KEY.Key_3, KEY.Key_4, KEY.Key_5)):
        press(key)
        drawn()
        if key == KEY.Key_3:
            window("review_background_3")
        stack = dock().desk.layers.stack
        shown[number + 1] = [stack.renderer().type(), stack.renderer().usesBands(), message()]
    press(KEY.Key_1)
    press(KEY.Key_H)
    window("review_hidden")
    press(KEY.Key_H)
    return shown


def reopened():
    """She saves the project, opens it again, and goes on."""
    project = QgsProject.instance()
    path = str(WORK / "review.qgz")
    counts = statuses()
    project.write(path)
    project.clear()
    wait(300)
    ended = [session() is None, dock().start.message.text()]
    project.read(path)
    wait(500)
    dock().open()
    begin_text = dock().start.begin.text()
    chosen = [
        box.currentLayer().name() if box.currentLayer() else "" for box in (dock().start.outlines, dock().start.objects)
    ]
    window("review_go_on")
    push(dock().start.begin)
    undo()
    return {"ended": ended, "begin": begin_text, "chosen": chosen, "before": counts, "undone": statuses()}


def stop():
    """She stops: layer and stack look as before."""
    layer = session().layer
    push(dock().page.stop)
    found = [session() is None, layer.isEditable(), layer.renderer().type()]
    with_keys = statuses()
    press(KEY.Key_A)
    found.append(statuses() == with_keys)
    return found


def merge_files():
    """Ben has reviewed a copy; his file comes in, and the two conflicts are shown and settled."""
    anna = session()
    ben = Journal(str(BENS), "rock_glaciers", "Ben")
    ben.prepare(REVIEW_COLUMNS)
    touched = changes(anna.journal)
    decided = next(fid for fid, item in touched.items() if item.now.get("review_status") == "accepted")
    free = [fid for fid in ben_rows() if fid not in touched][:2]
    anna.go_to(decided)
    anna.reshape(outline().buffer(20, 4), "reshape")
    with ben.action("reject") as writer:
        writer.set(decided, {"review_status": "rejected", "reviewer": "Ben"})
        wider = shapes.from_blob(writer.row(decided)[0]).buffer(45, 4)
        writer.reshape(decided, shapes.to_blob(wider, anna.layer.wkbType(), anna.table.srs_id))
        writer.set(free[0], {"review_status": "rejected", "reviewer": "Ben"})
        writer.set(free[1], {"certainty": "low"})
    dialog = MergeDialog(anna, iface, dock())
    dialog.show()
    dialog.compare_with(str(BENS))
    dialog.table.selectRow(1)
    wait(300)
    iface.mainWindow().move(0, 0)
    dialog.move(200, 560)
    drawn()
    dialog.table.cellWidget(0, 4).setCurrentIndex(1)
    wait(300)
    frame = iface.mainWindow().frameGeometry()
    screen = QApplication.primaryScreen().grabWindow(0, 0, 0, frame.right() + 1, frame.bottom() + 1)
    screen.save(str(OUT / "review_merge_files.png"))
    conflicts = [dialog.table.item(row, 1).text() for row in range(dialog.table.rowCount())]
    push(dialog._merge)
    return {
        "conflicts": conflicts,
        "settled": values(decided, "review_status"),
        "outline kept": outline().area() < wider.area(),
        "taken": [values(free[0], "review_status"), values(free[1], "certainty")],
        "message": message(),
    }


def ben_rows():
    connection = sqlite3.connect(BENS)
    try:
        return [row[0] for row in connection.execute("SELECT fid FROM rock_glaciers")]
    finally:
        connection.close()


def hundred():
    """A hundred candidates are gone through with keys alone."""
    push(dock().page.stop)
    path = str(OUT / "hundred.gpkg")
    shutil.copy(BENS, path)
    with connected(path, write=True) as connection:
        columns = [row[1] for row in connection.execute("PRAGMA table_info(rock_glaciers)") if row[1] != "fid"]
        names = ", ".join(f'"{name}"' for name in columns)
        for _ in range(7):
            connection.execute(f"INSERT INTO rock_glaciers ({names}) SELECT {names} FROM rock_glaciers WHERE fid < 17")  # noqa: S608
        connection.execute("DELETE FROM rock_glaciers WHERE fid NOT IN (SELECT fid FROM rock_glaciers LIMIT 100)")
        connection.execute("UPDATE rock_glaciers SET review_status = 'unreviewed'")
    layer = QgsVectorLayer(f"{path}|layername=rock_glaciers", "Hundred", "ogr")
    QgsProject.instance().addMapLayer(layer)
    review("Hundred")
    count = len(session().queue.fids())
    # Drawing a hundred maps would take most of the time.
    iface.mapCanvas().freeze(True)
    for number in range(count):
        QTest.keyClick(iface.mapCanvas(), (KEY.Key_A, KEY.Key_R, KEY.Key_U)[number % 3])
        wait(10)
    iface.mapCanvas().freeze(False)
    found = {"candidates": count, "counts": session().queue.counts(), "done": dock().page.done.text()}
    window("review_done")
    push(dock().page.stop)
    QgsProject.instance().removeMapLayer(QgsProject.instance().mapLayersByName("Hundred")[0].id())
    review("Outlines")
    return found


def kill():
    """QGIS is killed in the middle of a stroke: two decisions and one moved vertex before it were finished."""
    press(KEY.Key_A)
    press(KEY.Key_U)
    fid = session().current
    shape = outline()
    press(KEY.Key_E)
    vertex = QgsPointXY(shape.vertexAt(3))
    move(shape.centroid().asPoint())
    move(vertex)
    wait(500)
    click(vertex)
    middle = shape.centroid().asPoint()
    click(QgsPointXY(vertex.x() * 2 - middle.x(), vertex.y() * 2 - middle.y()))
    wait(300)
    after = outline()
    press(KEY.Key_L)
    click(middle)
    click(vertex)
    found = {"fid": fid, "statuses": statuses(), "area": after.area(), "grew": after.area() - shape.area()}
    (OUT / "killed.json").write_text(json.dumps(found), "utf8")
    os.kill(os.getpid(), signal.SIGKILL)


SCENES = [
    start,
    begin,
    keys,
    letters,
    vertices,
    reshape,
    split,
    trim,
    objects,
    missed,
    slider,
    looks,
    other_plugins,
    elsewhere,
    second_qgis,
    moved_away,
    read_only,
    toggled,
    reopened,
    stop,
    column_dropped,
    merge_files,
    full_disk,
    hundred,
    layers_leave,
    kill,
]
