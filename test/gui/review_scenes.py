"""A mapper reviews the sample scene in the QGIS desktop, with keys and clicks; each scene returns what it found."""

import os
import signal
import sqlite3
from pathlib import Path

import processing
from qgis.core import QgsGeometry, QgsPointXY, QgsProject, QgsRasterLayer, QgsVectorLayer
from qgis.PyQt.QtCore import QPoint, Qt
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QDockWidget
from qgis.utils import iface, plugins

OUT = Path(os.environ["SCENES_OUT"])
WORK = Path(os.environ["SCENES_WORK"])
# Where the pictures lie, because the file must still be there when QGIS has been killed.
OUTLINES = OUT / "outlines.gpkg"
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


def statuses():
    return dict(rows("SELECT review_status, count(*) FROM rock_glaciers GROUP BY 1"))


def start():
    """She opens the dock; the layers of her run are chosen already."""
    iface.mainWindow().resize(1440, 900)
    iface.mainWindow().findChild(QDockWidget, "Browser").close()
    files = {"OUTPUT": str(OUTLINES), "HEATMAP": str(WORK / "heatmap.tif"), "OBJECTS": str(WORK / "objects.gpkg")}
    options = {"STACK": STACK, "MODEL": "simulated_full_stack", "RULES": "full_stack"}
    processing.run("rockglacier:maprockglaciers", {**options, **files})
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
    return {"current": session().current, "queue": session().queue.fids(), "message": dock().start.message.text()}


SCENES = [start, begin]
