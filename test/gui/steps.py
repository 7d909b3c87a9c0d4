"""What every scene of the desktop needs: waiting, pictures, the sample scene, dialogs."""

import os
import time
from pathlib import Path

import processing
from processing.gui.AlgorithmDialog import AlgorithmDialog
from qgis.core import QgsProject, QgsRasterLayer
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QApplication, QTextEdit
from qgis.utils import iface

OUT = Path(os.environ["SCENES_OUT"])
WORK = Path(os.environ["SCENES_WORK"])
# The real place, because QGIS marks layers in temporary folders.
ROOT = (Path(os.environ["QGIS_PLUGINPATH"]) / "rock_glacier_mapper").resolve()
STACK = str(ROOT / "resources" / "sample" / "simulated_stack.tif")


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


def picture(widget, name, pause=300):
    """Save a picture of a widget, some milliseconds later."""
    wait(pause)
    widget.grab().save(str(OUT / f"{name}.png"))


def sample_stack():
    """Show the sample scene in its true colours and return its layer."""
    layer = QgsRasterLayer(STACK, "Sample scene")
    renderer = layer.renderer()
    renderer.setRedBand(3)
    renderer.setGreenBand(2)
    renderer.setBlueBand(1)
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


def opened_dialog():
    """Return the dialog of a node that a click has opened."""
    wait(800)
    windows = [window for window in QApplication.topLevelWidgets() if isinstance(window, AlgorithmDialog)]
    return next(window for window in windows if window.isVisible())


def log_of(dialog):
    """Return the text of a dialog's log."""
    return "\n".join(text.toPlainText() for text in dialog.findChildren(QTextEdit))


def workers():
    """Return the numbers of the worker processes that this QGIS has started."""
    numbers = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = (folder / "stat").read_text().rpartition(")")[2].split()[1]
            command = (folder / "cmdline").read_text()
        except OSError:
            continue
        if parent == str(os.getpid()) and "rock_glacier_mapper" in command:
            numbers.append(int(folder.name))
    return numbers
