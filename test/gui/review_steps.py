"""What the scenes of the review need: keys and clicks on the map, what the file holds, pictures of the window."""

import sqlite3

from qgis.core import QgsPointXY, QgsProject
from qgis.PyQt.QtCore import QPoint, Qt
from qgis.PyQt.QtTest import QTest
from qgis.utils import iface, plugins
from steps import OUT, picture, wait

# Where the pictures lie, because the file must still be there when QGIS has been killed.
OUTLINES = OUT / "outlines.gpkg"
KEY = Qt.Key


def drawn():
    """Wait until the map is drawn."""
    wait(100)
    iface.mapCanvas().waitWhileRendering()
    wait(50)


def window(name):
    """Save a picture of the whole window."""
    drawn()
    iface.messageBar().clearWidgets()
    picture(iface.mainWindow(), name, 100)


def dock():
    return plugins["rock_glacier_mapper"].menu.review_dock


def session():
    return dock().session


def press(key, modifiers=Qt.KeyboardModifier.NoModifier):
    """Press a key with the cursor on the map."""
    QTest.keyClick(iface.mapCanvas(), key, modifiers)
    wait(100)


def undo():
    """Take back the last action by its key."""
    press(KEY.Key_Z, Qt.KeyboardModifier.ControlModifier)


def push(button):
    """Click a button."""
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    wait()


def review(name):
    """Begin the review of a layer of the project."""
    dock().start.outlines.setLayer(QgsProject.instance().mapLayersByName(name)[0])
    push(dock().start.begin)


def message():
    """Return what the dock says."""
    return dock().page.message.text()


def pixel(point):
    """Return where a point of the map is on the canvas."""
    place = iface.mapCanvas().getCoordinateTransform().transform(point)
    return QPoint(round(place.x()), round(place.y()))


def move(point):
    QTest.mouseMove(iface.mapCanvas().viewport(), pixel(point))
    wait(50)


def click(point, button=Qt.MouseButton.LeftButton):
    """Click at a point of the map."""
    move(point)
    QTest.mouseClick(iface.mapCanvas().viewport(), button, Qt.KeyboardModifier.NoModifier, pixel(point))
    wait(80)


def outline():
    """Return the outline of the candidate under review, as it is in the file."""
    return session().row(session().current)[0]


def across(geometry):
    """Return two points of a level line across a geometry, from outside to outside."""
    box = geometry.boundingBox()
    y = geometry.centroid().asPoint().y()
    return QgsPointXY(box.xMinimum() - box.width() * 0.1, y), QgsPointXY(box.xMaximum() + box.width() * 0.1, y)


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
