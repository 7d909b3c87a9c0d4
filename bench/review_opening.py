"""Scenes for QGIS: the review of the files `outlines_*.gpkg` in the output folder is begun, each for the first time.

Run by ``bench_editing.py`` through the harness of the desktop's tests.
"""

import os
import sys
import time
from pathlib import Path

from qgis.core import QgsProject, QgsVectorLayer
from qgis.PyQt.QtWidgets import QApplication
from qgis.utils import iface, plugins

sys.path.insert(0, str(Path(os.environ["QGIS_PLUGINPATH"]) / "rock_glacier_mapper" / "test" / "gui"))
from steps import OUT, STACK, sample_stack, wait


def opening():
    """Return for each file the seconds from the click to the first candidate in the dock, and to its map."""
    sample_stack()
    iface.mainWindow().resize(1440, 900)
    menu = plugins["rock_glacier_mapper"].menu
    menu.review.trigger()
    return [opened(menu.review_dock, path) for path in sorted(OUT.glob("outlines_*.gpkg"))]


def opened(dock, path):
    """Measure one file, from a map that is drawn on."""
    layer = QgsVectorLayer(f"{path}|layername=rock_glaciers", path.stem, "ogr")
    QgsProject.instance().addMapLayer(layer)
    stack = next(item for item in QgsProject.instance().mapLayers().values() if item.source() == STACK)
    dock.start.outlines.setLayer(layer)
    dock.start.stack.setLayer(stack)
    iface.mapCanvas().setExtent(layer.extent())
    wait(500)
    iface.mapCanvas().waitWhileRendering()
    start = time.perf_counter()
    dock.start.begin.click()
    QApplication.processEvents()
    shown = time.perf_counter() - start
    iface.mapCanvas().waitWhileRendering()
    drawn = time.perf_counter() - start
    candidates = len(dock.session.queue.fids())
    dock.end()
    QgsProject.instance().removeMapLayer(layer.id())
    return {"candidates": candidates, "shown": shown, "drawn": drawn}


SCENES = [opening]
