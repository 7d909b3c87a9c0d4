"""What a user does with the preview of the segmentation."""

from qgis.core import QgsProject
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QLabel
from qgis.utils import iface, plugins
from steps import STACK, WORK, opened_dialog, picture, wait, wait_until


def no_raster():
    """She asks for a preview before she has loaded anything."""
    plugins["rock_glacier_mapper"].menu.preview.trigger()
    opened = opened_dialog()
    QTest.mouseClick(opened.preview_button, Qt.MouseButton.LeftButton)
    sentence = said(opened)
    picture(opened, "no_raster")
    found = {"said": sentence, "running": opened.task is not None}
    opened.close()
    return found


def preview():
    """She tries a scale out on the map, then a larger one, and closes the dialog."""
    layer = next(layer for layer in QgsProject.instance().mapLayers().values() if layer.source() == STACK)
    for node in QgsProject.instance().layerTreeRoot().findLayers():
        node.setItemVisibilityChecked(node.layer() is layer)
    iface.mapCanvas().setExtent(layer.extent().scaled(0.6))
    wait(1000)
    plugins["rock_glacier_mapper"].menu.preview.trigger()
    opened = opened_dialog()
    opened.resize(1000, 760)
    found = {"seconds": [], "said": [], "vertices": []}
    for scale in (30, 60):
        opened.setParameters({"INPUT": layer.id(), "SCALE": scale})
        QTest.mouseClick(opened.preview_button, Qt.MouseButton.LeftButton)
        found["seconds"].append(wait_until(lambda: opened.task is None, 60))
        found["said"].append(said(opened))
        found["vertices"].append(opened.borders.numberOfVertices())
        if scale == 30:
            opened.move(900, 60)
            iface.messageBar().clearWidgets()
            picture(iface.mainWindow(), "preview")
            picture(opened, "preview_dialog")
    # At once: the engine would have finished by the time that a hand takes.
    QTest.mouseClick(opened.preview_button, Qt.MouseButton.LeftButton)
    QTest.mouseClick(opened.preview_button, Qt.MouseButton.LeftButton)
    found["stopped"] = wait_until(lambda: opened.task is None, 20)
    found["said"].append(said(opened))
    opened.setParameters({"INPUT": layer.id(), "SCALE": 30, "WEIGHTS": "nosuchband=1"})
    QTest.mouseClick(opened.preview_button, Qt.MouseButton.LeftButton)
    wait_until(lambda: opened.task is None, 20)
    found["said"].append(said(opened))
    opened.setParameters({"INPUT": layer.id(), "SCALE": 60, "WEIGHTS": "", "OUTPUT": str(WORK / "segments.tif")})
    QTest.mouseClick(opened.runButton(), Qt.MouseButton.LeftButton)
    wait_until(lambda: bool(opened.results()), 60)
    found["run"] = opened.results()
    opened.close()
    iface.mapCanvas().setExtent(layer.extent())
    wait(200)
    found["left on the map"] = opened.borders.numberOfVertices()
    return found


def said(dialog):
    """Return what the dialog's message bar says."""
    wait(100)
    item = dialog.messageBar().currentItem()
    return " ".join([item.text(), *(label.text() for label in item.findChildren(QLabel))]) if item else ""


SCENES = (preview,)
