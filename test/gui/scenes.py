"""What a user sees and does in the QGIS desktop; each scene returns what it found, and saves a picture."""

import os
import sys
import time
from pathlib import Path

import processing
from processing.modeler.ModelerDialog import ModelerDialog
from qgis.core import QgsApplication, QgsProject, QgsRasterLayer
from qgis.gui import QgsFilterLineEdit
from qgis.PyQt.QtCore import QRectF, Qt
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QCheckBox, QDockWidget, QGraphicsView, QProgressBar, QTextEdit, QTreeView
from qgis.utils import iface

OUT = Path(os.environ["SCENES_OUT"])
WORK = Path(os.environ["SCENES_WORK"])
# The real place, because QGIS marks layers in temporary folders.
ROOT = (Path(os.environ["QGIS_PLUGINPATH"]) / "rock_glacier_mapper").resolve()
STACK = str(ROOT / "resources" / "sample" / "simulated_stack.tif")
MAP = {"MODEL": "simulated_full_stack", "RULES": "full_stack"}


def wait(milliseconds=300):
    """Let QGIS handle its events."""
    QTest.qWait(milliseconds)


def wait_until(condition, seconds):
    """Wait until a condition holds; return after how many seconds, -1 if it did not."""
    start = time.monotonic()
    while time.monotonic() < start + seconds:
        wait(50)
        if condition():
            return time.monotonic() - start
    return -1


def picture(widget, name):
    """Save a picture of a widget."""
    wait()
    widget.grab().save(str(OUT / f"{name}.png"))


def sample_stack():
    """Show the sample scene in its true colours and return its layer."""
    layer = QgsRasterLayer(STACK, "Sample scene")
    renderer = layer.renderer()
    for set_band, band in zip((renderer.setRedBand, renderer.setGreenBand, renderer.setBlueBand), (3, 2, 1)):
        set_band(band)
    layer.setDefaultContrastEnhancement()
    QgsProject.instance().setCrs(layer.crs())
    QgsProject.instance().addMapLayer(layer)
    iface.mapCanvas().setExtent(layer.extent())
    iface.mapCanvas().refreshAllLayers()
    iface.mapCanvas().waitWhileRendering()
    wait(1000)
    return layer


def open_dialog(name, parameters):
    """Open a node's dialog with values filled in."""
    dialog = processing.createAlgorithmDialog(f"rockglacier:{name}", parameters)
    dialog.show()
    dialog.resize(1000, 760)
    wait(800)
    return dialog


def log_of(dialog):
    """Return the text of a dialog's log."""
    return "\n".join(text.toPlainText() for text in dialog.findChildren(QTextEdit))


def toolbox():
    """A user looks for the plugin in the toolbox."""
    iface.mainWindow().resize(1500, 900)
    iface.messageBar().clearWidgets()
    sample_stack()
    dock = iface.mainWindow().findChild(QDockWidget, "ProcessingToolbox")
    dock.show()
    dock.raise_()
    iface.mainWindow().resizeDocks([dock], [420], Qt.Orientation.Horizontal)
    search = dock.findChild(QgsFilterLineEdit)
    QTest.keyClicks(search, "rock glacier")
    tree = dock.findChild(QTreeView)
    tree.expandAll()
    wait(800)
    picture(iface.mainWindow(), "toolbox")
    rows = shown_rows(tree)
    search.clear()
    return {"rows": rows}


def shown_rows(tree):
    """Return the titles of the plugin's nodes in the toolbox."""
    model = tree.model()

    def below(parent):
        for row in range(model.rowCount(parent)):
            index = model.index(row, 0, parent)
            yield index.data()
            yield from below(index)

    return list(below(tree.rootIndex()))


def dialog():
    """She opens the node that does it all."""
    layer = next(iter(QgsProject.instance().mapLayers().values()))
    opened = open_dialog("maprockglaciers", {"STACK": layer.id(), **MAP})
    picture(opened, "dialog")
    title = opened.windowTitle()
    opened.close()
    return {"title": title}


def modeler():
    """She opens the graphical model that ships."""
    window = ModelerDialog.create()
    window.loadModel(str(ROOT / "models" / "map_rock_glaciers.model3"))
    window.show()
    window.resize(1590, 960)
    wait(1000)
    view = window.findChild(QGraphicsView)
    content = view.scene().itemsBoundingRect()
    view.fitInView(QRectF(content).adjusted(-30, -30, 30, 30), Qt.AspectRatioMode.KeepAspectRatio)
    picture(window, "modeler")
    steps = window.model().childAlgorithms()
    found = {"steps": sorted(steps), "missing": [name for name, step in steps.items() if step.algorithm() is None]}
    window.close()
    return found


def run():
    """She smooths a band, and QGIS loads and styles the result."""
    output = str(WORK / "smoothed.tif")
    opened = open_dialog("smoothheatmap", {"INPUT": STACK, "OUTPUT": output})
    next(box for box in opened.findChildren(QCheckBox) if box.text().startswith("Open output")).setChecked(True)
    QTest.mouseClick(opened.runButton(), Qt.MouseButton.LeftButton)
    seconds = wait_until(lambda: bool(opened.results()), 90)
    wait(1000)
    picture(opened, "run")
    layers = [layer for layer in QgsProject.instance().mapLayers().values() if layer.source() == output]
    found = {
        "seconds": seconds,
        "results": opened.results(),
        "log": log_of(opened),
        "renderers": [layer.renderer().type() for layer in layers],
    }
    opened.close()
    return found


def cancel():
    """She starts a long run, and changes her mind."""
    output = WORK / "cancelled.gpkg"
    opened = open_dialog("maprockglaciers", {"STACK": STACK, "OUTPUT": str(output), **MAP})
    QTest.mouseClick(opened.runButton(), Qt.MouseButton.LeftButton)
    started = wait_until(lambda: opened.findChild(QProgressBar).value() > 0, 60)
    QTest.mouseClick(opened.cancelButton(), Qt.MouseButton.LeftButton)
    seconds = wait_until(lambda: "ancelled" in log_of(opened), 20)
    wait(500)
    picture(opened, "cancel")
    found = {
        "started": started,
        "seconds": seconds,
        "log": log_of(opened),
        "left": [path.name for path in WORK.iterdir() if "cancelled" in path.name],
    }
    opened.close()
    return found


def process():
    """What QGIS's process holds after all that."""
    heavy = ("shapely", "scipy", "skimage", "onnxruntime")
    mapped = Path("/proc/self/maps").read_text() if Path("/proc/self/maps").is_file() else ""
    return {
        "modules": [name for name in heavy if name in sys.modules],
        "libraries": [name for name in heavy if f"/{name}/" in mapped or f"/{name}.libs/" in mapped],
        "provider": QgsApplication.processingRegistry().providerById("rockglacier").name(),
    }


SCENES = (toolbox, dialog, modeler, run, cancel, process)
