"""What a user sees and does in the QGIS desktop; each scene returns what it found, and saves a picture."""

import os
import shutil
import signal
import sys
from pathlib import Path

from processing.modeler.ModelerDialog import ModelerDialog
from qgis.core import (
    QgsApplication,
    QgsLayoutExporter,
    QgsLayoutItem,
    QgsLayoutItemLegend,
    QgsLayoutItemMap,
    QgsProject,
)
from qgis.gui import QgsFilterLineEdit
from qgis.PyQt.QtCore import QRectF, Qt
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDockWidget,
    QGraphicsView,
    QProgressBar,
    QTabWidget,
    QTreeView,
)
from qgis.utils import iface

sys.path.insert(0, str(Path(os.environ["QGIS_PLUGINPATH"]) / "rock_glacier_mapper" / "test" / "gui"))
import preview_scenes
import rule_scenes
import welcome_scenes
from steps import OUT, ROOT, STACK, WORK, log_of, open_dialog, picture, sample_stack, wait, wait_until, workers

MAP = {"MODEL": "full_10m", "RULES": "full_stack"}


def toolbox():
    """A user looks for the plugin in the toolbox."""
    iface.mainWindow().resize(1280, 800)
    iface.messageBar().clearWidgets()
    iface.mainWindow().findChild(QDockWidget, "Browser").close()
    sample_stack()
    dock = iface.mainWindow().findChild(QDockWidget, "ProcessingToolbox")
    dock.show()
    dock.raise_()
    iface.mainWindow().resizeDocks([dock], [340], Qt.Orientation.Horizontal)
    search = dock.findChild(QgsFilterLineEdit)
    QTest.keyClicks(search, "rock glacier")
    tree = dock.findChild(QTreeView)
    tree.expandAll()
    wait(800)
    picture(iface.mainWindow(), "toolbox")
    nodes = QgsApplication.processingRegistry().providerById("rockglacier").algorithms()
    registered = {node.displayName() for node in nodes} | {node.group() for node in nodes}
    return {"rows": shown_rows(tree), "registered": sorted(registered)}


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
    window.loadModel(str(ROOT / "models" / "map_rock_glaciers_steps.model3"))
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


def mapped():
    """She maps the sample scene and looks at heatmap, objects and outlines."""
    keys = {"OUTPUT": "outlines.gpkg", "HEATMAP": "heatmap.tif", "OBJECTS": "objects.gpkg"}
    files = {key: str(WORK / name) for key, name in keys.items()}
    opened = open_dialog("maprockglaciers", {"STACK": STACK, **MAP, **files})
    shown = []
    opened.findChild(QProgressBar).valueChanged.connect(shown.append)
    QTest.mouseClick(opened.runButton(), Qt.MouseButton.LeftButton)
    seconds = wait_until(lambda: bool(opened.results()), 120)
    wait(1000)
    found = {"seconds": seconds, "results": opened.results(), "log": log_of(opened), "progress": shown, "renderers": {}}
    opened.close()
    for key, file in files.items():
        layer = next(item for item in QgsProject.instance().mapLayers().values() if item.source().startswith(file))
        found["renderers"][key] = layer.renderer().type()
        # The objects and the heatmap would hide the scene below the outlines.
        QgsProject.instance().layerTreeRoot().findLayer(layer).setItemVisibilityChecked(key == "OUTPUT")
    iface.mapCanvas().refreshAllLayers()
    iface.mapCanvas().waitWhileRendering()
    wait(1000)
    iface.messageBar().clearWidgets()
    picture(iface.mainWindow(), "mapped")
    return found


def paper_layout():
    """She makes a layout for a paper of what she sees, from the menu."""
    menu = next(item.menu() for item in iface.pluginMenu().actions() if item.text() == "Rock Glacier Mapper")
    next(item for item in menu.actions() if item.text() == "New map layout for a paper").trigger()
    wait(2000)
    (layout,) = QgsProject.instance().layoutManager().layouts()
    (designer,) = iface.openLayoutDesigners()
    picture(designer.window(), "layout_designer")
    settings = QgsLayoutExporter.ImageExportSettings()
    settings.dpi = 100
    exported = QgsLayoutExporter(layout).exportToImage(str(OUT / "paper_layout.png"), settings)
    items = sorted(item.id() for item in layout.items() if isinstance(item, QgsLayoutItem) and item.id())
    legend = next(item for item in layout.items() if isinstance(item, QgsLayoutItemLegend))
    shown = [node.name() for node in legend.model().rootGroup().findLayers()]
    shown_map = next(item for item in layout.items() if isinstance(item, QgsLayoutItemMap))
    seen = shown_map.extent().contains(iface.mapCanvas().extent().center())
    designer.close()
    return {
        "exported": exported == QgsLayoutExporter.ExportResult.Success,
        "items": items,
        "legend": shown,
        "seen": seen,
    }


def inventory():
    """She makes an inventory of the sample's outlines, looks at it, and opens the form of a landform."""
    outlines, output = str(WORK / "reference.gpkg"), str(WORK / "inventory.gpkg")
    shutil.copy(ROOT / "resources" / "sample" / "simulated_reference.gpkg", outlines)
    values = {"OUTLINES": outlines, "DEM": STACK, "MAPPING": "ActiCl=activity, WorkingID=id", "OUTPUT": output}
    opened = open_dialog("inventory", values)
    QTest.mouseClick(opened.runButton(), Qt.MouseButton.LeftButton)
    seconds = wait_until(lambda: bool(opened.results()), 90)
    wait(1000)
    found = {"seconds": seconds, "results": opened.results(), "log": log_of(opened), "layers": {}}
    opened.close()
    tree = QgsProject.instance().layerTreeRoot()
    for node in tree.findLayers():
        layer = node.layer()
        node.setItemVisibilityChecked(layer.source().startswith(output) or layer.source() == STACK)
        if layer.source().startswith(output):
            kinds = {field.name(): layer.editorWidgetSetup(place).type() for place, field in enumerate(layer.fields())}
            found["layers"][layer.name()] = {"renderer": layer.renderer().type(), "widgets": kinds}
    markers = next(item for item in QgsProject.instance().mapLayers().values() if "layername=PM" in item.source())
    iface.mapCanvas().refreshAllLayers()
    iface.mapCanvas().waitWhileRendering()
    wait(1000)
    iface.messageBar().clearWidgets()
    picture(iface.mainWindow(), "inventory")
    markers.startEditing()
    feature = next(markers.getFeatures())
    form = iface.getFeatureForm(markers, feature)
    form.show()
    tabs = form.findChild(QTabWidget)
    found["tabs"] = [tabs.tabText(number) for number in range(tabs.count())]
    tabs.setCurrentIndex(len(found["tabs"]) - 2)
    form.resize(720, 420)
    wait(800)
    picture(form, "inventory_form")
    choices = {box.objectName() or str(n): box.count() for n, box in enumerate(form.findChildren(QComboBox))}
    found["choices"] = sorted(choices.values())
    form.reject()
    markers.rollBack()
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


def crash():
    """The worker dies in the middle of her run, and she runs the node again."""
    output = WORK / "crashed.gpkg"
    opened = open_dialog("maprockglaciers", {"STACK": STACK, "OUTPUT": str(output), **MAP})
    QTest.mouseClick(opened.runButton(), Qt.MouseButton.LeftButton)
    wait_until(lambda: opened.findChild(QProgressBar).value() > 0, 60)
    killed = workers()
    for number in killed:
        os.kill(number, signal.SIGKILL)
    seconds = wait_until(lambda: "Execution failed" in log_of(opened), 20)
    wait(500)
    picture(opened, "crash")
    found = {"killed": len(killed), "seconds": seconds, "log": log_of(opened), "left": output.exists()}
    opened.close()
    return found


def missing():
    """She runs a node whose packages are not installed."""
    kept = os.environ.pop("ROCK_GLACIER_MAPPER_RUNTIME")
    opened = open_dialog("heatmap", {"STACK": STACK, "MODEL": MAP["MODEL"]})
    # QGIS says it in a message box and waits until she has closed it, which the driver does.
    QTest.mouseClick(opened.runButton(), Qt.MouseButton.LeftButton)
    wait(500)
    picture(opened, "missing")
    opened.close()
    os.environ["ROCK_GLACIER_MAPPER_RUNTIME"] = kept
    return {"results": opened.results()}


def process():
    """What QGIS's process holds after all that."""
    heavy = ("shapely", "scipy", "skimage", "onnxruntime")
    mapped = Path("/proc/self/maps").read_text() if Path("/proc/self/maps").is_file() else ""
    return {
        "modules": [name for name in heavy if name in sys.modules],
        "libraries": [name for name in heavy if f"/{name}/" in mapped or f"/{name}.libs/" in mapped],
        "provider": QgsApplication.processingRegistry().providerById("rockglacier").name(),
    }


SCENES = (
    # As long as there is no layer.
    preview_scenes.no_raster,
    toolbox,
    dialog,
    modeler,
    cancel,
    mapped,
    paper_layout,
    inventory,
    crash,
    run,
    *preview_scenes.SCENES,
    *rule_scenes.SCENES,
    *welcome_scenes.SCENES,
    missing,
    process,
)
