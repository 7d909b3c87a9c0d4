"""A mapper reviews the sample scene in the QGIS desktop, with keys and clicks; each scene returns what it found."""

import json
import os
import shutil
import signal
import sqlite3
from pathlib import Path

import processing
from qgis.core import QgsPointXY, QgsProject, QgsRasterLayer, QgsVectorLayer
from qgis.PyQt.QtCore import QPoint, Qt
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QAction, QApplication, QDockWidget
from qgis.utils import iface, plugins
from rock_glacier_mapper.ui.review import shapes
from rock_glacier_mapper.ui.review.comparison import changes
from rock_glacier_mapper.ui.review.geopackage import connected
from rock_glacier_mapper.ui.review.journal import Journal
from rock_glacier_mapper.ui.review.mergedialog import MergeDialog
from rock_glacier_mapper.ui.review.profile import mean_elevation
from rock_glacier_mapper.ui.review.session import REVIEW_COLUMNS

OUT = Path(os.environ["SCENES_OUT"])
WORK = Path(os.environ["SCENES_WORK"])
# Where the pictures lie, because the file must still be there when QGIS has been killed.
OUTLINES = OUT / "outlines.gpkg"
BENS = OUT / "ben.gpkg"
# The real place, because QGIS marks layers in temporary folders.
ROOT = (Path(os.environ["QGIS_PLUGINPATH"]) / "rock_glacier_mapper").resolve()
STACK = str(ROOT / "resources" / "sample" / "simulated_stack.tif")
KEY = Qt.Key


def wait(milliseconds=150):
    """Let QGIS handle its events."""
    QTest.qWait(milliseconds)


def drawn():
    """Wait until the map is drawn."""
    wait()
    iface.mapCanvas().waitWhileRendering()
    wait(100)


def picture(name):
    """Save a picture of the whole window."""
    drawn()
    iface.messageBar().clearWidgets()
    wait(300)
    iface.mainWindow().grab().save(str(OUT / f"{name}.png"))


def dock():
    return plugins["rock_glacier_mapper"].menu.review_dock


def session():
    return dock().session


def press(key, modifiers=Qt.KeyboardModifier.NoModifier):
    """Press a key with the cursor on the map."""
    QTest.keyClick(iface.mapCanvas(), key, modifiers)
    wait()


def pixel(point):
    """Return where a point of the map is on the canvas."""
    place = iface.mapCanvas().getCoordinateTransform().transform(point)
    return QPoint(round(place.x()), round(place.y()))


def move(point):
    QTest.mouseMove(iface.mapCanvas().viewport(), pixel(point))
    wait(80)


def click(point, button=Qt.MouseButton.LeftButton):
    """Click at a point of the map."""
    move(point)
    QTest.mouseClick(iface.mapCanvas().viewport(), button, Qt.KeyboardModifier.NoModifier, pixel(point))
    wait(120)


def outline():
    """Return the outline of the candidate under review, as it is in the file."""
    return session().row(session().current)[0]


def rows(statement):
    """Return what is in the file, read by another program."""
    connection = sqlite3.connect(OUTLINES)
    try:
        return connection.execute(statement).fetchall()
    finally:
        connection.close()


def values(fid, *names):
    """Return attributes of a candidate as they are in the file."""
    have = session().journal.row(fid)[1]
    return [have[name] for name in names]


def statuses():
    return dict(rows("SELECT review_status, count(*) FROM rock_glaciers GROUP BY 1"))


def start():
    """She opens the dock; the layers of her run are chosen already."""
    iface.mainWindow().resize(1440, 900)
    iface.mainWindow().findChild(QDockWidget, "Browser").close()
    files = {"OUTPUT": str(OUTLINES), "HEATMAP": str(WORK / "heatmap.tif"), "OBJECTS": str(WORK / "objects.gpkg")}
    options = {"STACK": STACK, "MODEL": "simulated_full_stack", "RULES": "full_stack"}
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
    picture("review_start")
    chosen = [dock().start.outlines, dock().start.objects, dock().start.stack, dock().start.heatmap]
    return [box.currentLayer().name() if box.currentLayer() else "" for box in chosen]


def begin():
    """She starts; the most doubtful candidate is shown."""
    QTest.mouseClick(dock().start.begin, Qt.MouseButton.LeftButton)
    wait(800)
    picture("review")
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
    press(KEY.Key_Z, Qt.KeyboardModifier.ControlModifier)
    undone = statuses()
    press(KEY.Key_Z, Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier)
    picture("review_decided")
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
    wait(1000)
    box = page.fields.boxes["ActiCl"]
    box.setFocus()
    QTest.keyClicks(box, "Rel")
    QTest.keyClick(box, KEY.Key_Down)
    wait()
    picture("review_fields")
    page.tabs.setCurrentWidget(page.why)
    return {
        "saved": values(fid, "notes", "ActiCl", "review_status"),
        "current": session().current == fid,
    }


def vertices():
    """She moves a vertex with the tool of QGIS, and takes it back by a key."""
    iface.mapCanvas().setFocus()
    before = outline()
    press(KEY.Key_E)
    wait(300)
    vertex = QgsPointXY(before.vertexAt(5))
    middle = before.centroid().asPoint()
    target = QgsPointXY(vertex.x() + (vertex.x() - middle.x()) * 0.4, vertex.y() + (vertex.y() - middle.y()) * 0.4)
    move(middle)
    move(vertex)
    wait(500)
    click(vertex)
    click(target)
    wait(300)
    moved = outline()
    picture("review_vertices")
    modified = session().layer.isModified()
    press(KEY.Key_Z, Qt.KeyboardModifier.ControlModifier)
    return {
        "grew": moved.area() - before.area(),
        "unsaved": modified,
        "undone": outline().equals(before),
        "area": rows("SELECT count(*) FROM review_rock_glaciers WHERE what = 'reshape'"),
    }


def reshape():
    """She reshapes by a line, which touches this candidate only."""
    before = outline()
    box = before.boundingBox()
    press(KEY.Key_L)
    middle = before.pointOnSurface().asPoint()
    click(middle)
    click(QgsPointXY(box.xMaximum() + box.width() * 0.15, box.yMaximum()))
    click(QgsPointXY(middle.x(), middle.y() + 1))
    click(QgsPointXY(middle.x(), middle.y() + 1), Qt.MouseButton.RightButton)
    wait(300)
    after = outline()
    press(KEY.Key_Z, Qt.KeyboardModifier.ControlModifier)
    return {"changed": after.symDifference(before).area(), "undone": outline().equals(before)}


def across(geometry):
    """Return two points of a level line across a geometry, from outside to outside."""
    box = geometry.boundingBox()
    y = geometry.centroid().asPoint().y()
    return QgsPointXY(box.xMinimum() - box.width() * 0.1, y), QgsPointXY(box.xMaximum() + box.width() * 0.1, y)


def split():
    """She cuts one in two, and joins the halves again."""
    before = outline()
    fid, count = session().current, len(session().queue.candidates)
    press(KEY.Key_K)
    ends = across(before)
    click(ends[0])
    click(ends[1])
    click(ends[1], Qt.MouseButton.RightButton)
    wait(400)
    halves = len(session().queue.candidates)
    half = outline().area() / before.area()
    picture("review_split")
    session().go_to(fid)
    drawn()
    press(KEY.Key_M)
    wait(300)
    picture("review_merge")
    press(KEY.Key_Return)
    wait(300)
    return {
        "candidates": [count, halves, len(session().queue.candidates)],
        "half": half,
        "joined": outline().symDifference(before).area() / before.area(),
    }


def trim():
    """She trims at an upslope line: what is left lies lower."""
    before = outline()
    elevation = dock().desk.elevation()
    press(KEY.Key_T)
    ends = across(before)
    click(ends[0])
    move(ends[1])
    picture("review_trim")
    click(ends[1])
    click(ends[1], Qt.MouseButton.RightButton)
    wait(300)
    after = outline()
    heights = mean_elevation(before, elevation), mean_elevation(after, elevation)
    press(KEY.Key_Z, Qt.KeyboardModifier.ControlModifier)
    return {"kept": after.area() / before.area(), "heights": heights, "undone": outline().equals(before)}


def objects():
    """She adds an object beside the outline by a click, and takes it away again."""
    before = outline()
    layer = dock().desk.layers.objects
    near = [item.geometry() for item in layer.getFeatures(before.boundingBox().buffered(100))]
    beside = [item for item in near if item.touches(before) or item.intersection(before).area() < 0.3 * item.area()]
    beside = [item for item in beside if item.distance(before) == 0 and item.area() < before.area()]
    chosen = max(beside, key=lambda item: item.area())
    outside = chosen.difference(before).pointOnSurface().asPoint()
    press(KEY.Key_G)
    move(outside)
    picture("review_grow")
    click(outside)
    wait(300)
    grown = outline()
    picture("review_grown")
    press(KEY.Key_C)
    click(outside)
    wait(300)
    cut = outline()
    picture("review_cut")
    for _ in range(2):
        press(KEY.Key_Z, Qt.KeyboardModifier.ControlModifier)
    return {
        "object": chosen.area(),
        "added": grown.area() - before.area(),
        "parts": [len(shape.asGeometryCollection()) for shape in (before, grown, cut)],
        "cut": cut.intersection(chosen).area() / chosen.area(),
        "left": cut.area() / before.area(),
        "undone": outline().equals(before),
    }


def missed():
    """She draws one that was missed."""
    count = len(session().queue.candidates)
    extent = iface.mapCanvas().extent()
    center = extent.center()
    side = extent.width() / 12
    corner = QgsPointXY(extent.xMinimum() + side, extent.yMinimum() + side)
    press(KEY.Key_D)
    for dx, dy in ((0, 0), (side, 0), (side, side), (0, side)):
        click(QgsPointXY(corner.x() + dx, corner.y() + dy))
    click(QgsPointXY(corner.x(), corner.y() + side), Qt.MouseButton.RightButton)
    wait(400)
    picture("review_drawn")
    found = {
        "candidates": len(session().queue.candidates) - count,
        "status": session().candidate().status,
        "area": outline().area() / side**2,
        "center": [center.x(), center.y()],
    }
    dock().desk.leave_tool()
    return found


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
    picture("review_slider")
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
        picture(f"review_background_{number + 1}")
        stack = dock().desk.layers.stack
        shown[number + 1] = [stack.renderer().type(), stack.renderer().usesBands(), dock().page.message.text()]
    press(KEY.Key_1)
    press(KEY.Key_H)
    picture("review_hidden")
    press(KEY.Key_H)
    return shown


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
    from qgis.core import QgsField
    from qgis.PyQt.QtCore import QVariant

    layer.addAttribute(QgsField("extra", QVariant.Int))
    wait(300)
    column = [row[1] for row in rows("PRAGMA table_info(rock_glaciers)")][-1]
    layer.changeAttributeValue(fid, layer.fields().indexOf("extra"), 7)
    wait(300)
    journalled = rows("SELECT name, after FROM review_rock_glaciers_values ORDER BY entry DESC LIMIT 1")
    undo = iface.mainWindow().findChild(QAction, "mActionUndo")
    enabled = undo.isEnabled() if undo else None
    for _ in range(2):
        press(KEY.Key_Z, Qt.KeyboardModifier.ControlModifier)
    return {
        "held": held,
        "written": written,
        "column": column,
        "journalled": journalled,
        "undo of QGIS": enabled,
        "undone": outline().equals(before),
        "message": dock().page.message.text(),
    }


def elsewhere():
    """Somebody else changes the candidate in the file while it is on the screen."""
    fid = session().current
    with connected(str(OUTLINES), write=True) as connection:
        connection.execute("UPDATE rock_glaciers SET certainty = 'low' WHERE fid = ?", (fid,))
    press(KEY.Key_A)
    refused = dock().page.message.text()
    status = values(fid, "review_status")
    stayed = session().current == fid
    picture("review_elsewhere")
    press(KEY.Key_A)
    return {
        "refused": refused,
        "status": status,
        "stayed": stayed,
        "then": values(fid, "review_status", "certainty"),
    }


def moved_away():
    """The file is renamed while it is under review, and comes back."""
    away = OUTLINES.with_name("away.gpkg")
    counts = statuses()
    OUTLINES.rename(away)
    press(KEY.Key_A)
    said = dock().page.message.text()
    away.rename(OUTLINES)
    press(KEY.Key_A)
    return {"said": said, "before": counts, "after": statuses(), "still": session() is not None}


def toggled():
    """She switches editing off in QGIS's toolbar, and saves the layer there."""
    iface.setActiveLayer(session().layer)
    iface.actionToggleEditing().trigger()
    wait(500)
    said = dock().page.message.text()
    editable = session().layer.isEditable()
    iface.actionSaveActiveLayerEdits().trigger()
    wait(300)
    before = statuses()
    press(KEY.Key_R)
    return {"said": said, "editable": editable, "before": before, "after": statuses()}


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
    picture("review_go_on")
    QTest.mouseClick(dock().start.begin, Qt.MouseButton.LeftButton)
    wait(800)
    press(KEY.Key_Z, Qt.KeyboardModifier.ControlModifier)
    return {"ended": ended, "begin": begin_text, "chosen": chosen, "before": counts, "undone": statuses()}


def stop():
    """She stops: layer and stack look as before; a second start goes on."""
    layer = session().layer
    QTest.mouseClick(dock().page.stop, Qt.MouseButton.LeftButton)
    wait(500)
    found = [session() is None, layer.isEditable(), layer.renderer().type()]
    with_keys = statuses()
    press(KEY.Key_A)
    found.append(statuses() == with_keys)
    QTest.mouseClick(dock().start.begin, Qt.MouseButton.LeftButton)
    wait(500)
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
    window = MergeDialog(anna, iface, dock())
    window.show()
    window.compare_with(str(BENS))
    window.table.selectRow(1)
    wait(300)
    iface.mainWindow().move(0, 0)
    window.move(200, 560)
    drawn()
    window.table.cellWidget(0, 4).setCurrentIndex(1)
    wait(300)
    frame = iface.mainWindow().frameGeometry()
    screen = QApplication.primaryScreen().grabWindow(0, 0, 0, frame.right() + 1, frame.bottom() + 1)
    screen.save(str(OUT / "review_merge_files.png"))
    conflicts = [window.table.item(row, 1).text() for row in range(window.table.rowCount())]
    QTest.mouseClick(window._merge, Qt.MouseButton.LeftButton)
    wait(400)
    return {
        "conflicts": conflicts,
        "settled": values(decided, "review_status"),
        "outline kept": outline().area() < wider.area(),
        "taken": [values(free[0], "review_status"), values(free[1], "certainty")],
        "message": dock().page.message.text(),
    }


def ben_rows():
    connection = sqlite3.connect(BENS)
    try:
        return [row[0] for row in connection.execute("SELECT fid FROM rock_glaciers")]
    finally:
        connection.close()


def hundred():
    """A hundred candidates are gone through with keys alone."""
    QTest.mouseClick(dock().page.stop, Qt.MouseButton.LeftButton)
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
    dock().start.outlines.setLayer(layer)
    QTest.mouseClick(dock().start.begin, Qt.MouseButton.LeftButton)
    wait(500)
    count = len(session().queue.fids())
    for number in range(count):
        QTest.keyClick(iface.mapCanvas(), (KEY.Key_A, KEY.Key_R, KEY.Key_U)[number % 3])
        wait(10)
    found = {"candidates": count, "counts": session().queue.counts(), "done": dock().page.done.text()}
    picture("review_done")
    QTest.mouseClick(dock().page.stop, Qt.MouseButton.LeftButton)
    wait(300)
    first = next(item for item in QgsProject.instance().mapLayers().values() if item.name() == "Outlines")
    dock().start.outlines.setLayer(first)
    QTest.mouseClick(dock().start.begin, Qt.MouseButton.LeftButton)
    wait(500)
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
    moved_away,
    toggled,
    reopened,
    stop,
    merge_files,
    hundred,
    kill,
]
