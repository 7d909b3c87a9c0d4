"""What a user does in the rule editor, on the objects that the sample scene was mapped with."""

import os
import signal
import sys
from collections import Counter

from qgis.core import (
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsFeature,
    QgsFeatureRequest,
    QgsGeometry,
    QgsProject,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import QPoint, Qt
from qgis.PyQt.QtTest import QTest
from qgis.PyQt.QtWidgets import QAction, QDockWidget, QMessageBox
from qgis.utils import iface, plugins
from steps import ROOT, WORK, opened_dialog, picture, wait, wait_until, workers

HEATMAP_CORNER = "passes[0].rules[0].conditions[0]"
# What decides on most objects.
SUREST_PART = "passes[0].rules[0].conditions[1]"


def editor():
    """Return the rule editor, which the first scene opens."""
    return iface.mainWindow().findChild(QDockWidget, "RockGlacierRuleEditor")


def objects_layer():
    """Return the layer of objects that an earlier scene mapped."""
    return next(layer for layer in QgsProject.instance().mapLayers().values() if "objects.gpkg" in layer.source())


def settled(dock):
    """Wait until nothing is awaited from the worker."""
    wait(200)
    return wait_until(lambda: not dock.objects.is_busy, 60)


def counts(dock):
    """Return the objects of each class that the table shows."""
    heading = dock.tree.topLevelItem(0)
    rows = [heading.child(row) for row in range(heading.childCount())]
    return {row.text(0): row.text(2) for row in rows}


def drag(ramp, corner, pixels):
    """Drag a corner of the ramp sideways in steps, as a hand does."""
    start = ramp.place_of(corner).toPoint()
    none = Qt.KeyboardModifier.NoModifier
    QTest.mousePress(ramp, Qt.MouseButton.LeftButton, none, start)
    for step in range(1, 11):
        QTest.mouseMove(ramp, start + QPoint(pixels * step // 10, 0))
        wait(30)
    QTest.mouseRelease(ramp, Qt.MouseButton.LeftButton, none, start + QPoint(pixels, 0))


def rules_open():
    """She opens the editor from the tool bar and chooses the objects of the sample scene."""
    iface.mainWindow().resize(1560, 940)
    wait()
    iface.mainWindow().findChild(QAction, "rock_glacier_rules").trigger()
    dock = editor()
    tree = iface.mainWindow().findChild(QDockWidget, "Layers")
    iface.mainWindow().resizeDocks([dock, tree], [600, 200], Qt.Orientation.Horizontal)
    layer = objects_layer()
    root = QgsProject.instance().layerTreeRoot()
    for other in QgsProject.instance().mapLayers().values():
        # What other scenes have mapped would lie over the scene.
        root.findLayer(other).setItemVisibilityChecked("stack" in other.source() or "objects" in other.source())
    dock.use(layer)
    settled(dock)
    wait_until(lambda: not dock.live.is_empty, 20)
    iface.messageBar().clearWidgets()
    wait(1000)
    picture(iface.mainWindow(), "rules_open")
    given = Counter(feature["class"] or "" for feature in layer.getFeatures())
    node = root.findLayer(layer)
    return {
        "shown": counts(dock),
        "classified": {name: given[name] for name in dock.draft.class_names()},
        "state": dock.state.text(),
        "layer hidden": not node.itemVisibilityChecked(),
        "without help": [item.objectName() for item in controls(dock) if not item.toolTip() or not item.whatsThis()],
    }


def controls(dock):
    """Return what a user can press or type in."""
    forms = [dock.condition_form, dock.rule_form, dock.pass_form, dock.class_form, dock.rule_set_form]
    fields = [child for form in forms for child in form.children() if child.objectName() not in ("", "hint")]
    actions = [action for action in dock.bar.actions() if action.text()]
    return [*actions, dock.layers, dock.is_live, dock.shown, dock.ramp, *fields]


def rules_drag():
    """She drags a corner: counts and colours follow; she takes it back with the keyboard."""
    dock = editor()
    dock.tree.choose(SUREST_PART)
    before, ramp = counts(dock), list(dock.draft.part(SUREST_PART)["ramp"])
    picture_before = bytes(dock.live._overlay._pixels)
    answers = []
    dock.objects.counted.connect(lambda *_: answers.append(1))
    drag(dock.ramp, 0, 90)
    settled(dock)
    after, dragged = counts(dock), list(dock.draft.part(SUREST_PART)["ramp"])
    has_changed = bytes(dock.live._overlay._pixels) != picture_before
    wait(300)
    picture(iface.mainWindow(), "rules_drag")
    dock.tree.setFocus()
    QTest.keyClick(dock.tree, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
    settled(dock)
    return {
        "before": before,
        "after": after,
        "undone": counts(dock),
        "ramps": [ramp, dragged, dock.draft.part(SUREST_PART)["ramp"]],
        "colours changed": has_changed,
        "answers": len(answers),
    }


def rules_typo():
    """She misspells a feature, reads what is near, and clicks on it."""
    dock = editor()
    dock.tree.choose(HEATMAP_CORNER)
    line = dock.condition_form.feature.lineEdit()
    line.setFocus()
    line.selectAll()
    QTest.keyClicks(line, "heatmap_maen")
    dock.condition_form.feature.completer().popup().hide()
    wait(300)
    picture(dock, "rules_typo")
    found = {"message": dock.message.text(), "hint": dock.condition_form.hint.text(), "counts": counts(dock)}
    dock.condition_form.hint.linkActivated.emit("heatmap_mean")
    settled(dock)
    return {**found, "cured": dock.message.text(), "counts after": counts(dock)}


def rules_cursor():
    """She moves over an object that was no rock glacier, and reads why."""
    dock = editor()
    layer = objects_layer()
    expression = "\"class\" <> 'rock_glacier' and area_m2 > 20000"
    feature = next(layer.getFeatures(QgsFeatureRequest().setFilterExpression(expression)))
    place = feature.geometry().pointOnSurface().asPoint()
    canvas = iface.mapCanvas()
    pixel = canvas.getCoordinateTransform().transform(place)
    QTest.mouseMove(canvas.viewport(), QPoint(10, 10))
    wait(200)
    QTest.mouseMove(canvas.viewport(), QPoint(round(pixel.x()), round(pixel.y())))
    wait(200)
    settled(dock)
    picture(iface.mainWindow(), "rules_cursor")
    return {"shown": dock.explanation.text(), "classified": feature["explanation"], "here": here(dock)}


def here(dock):
    """Return the texts of the column of the object under the cursor."""
    return {place: item.text(3) for place, item in dock.tree._items.items() if item.text(3)}


def rules_membership():
    """She looks at the memberships of one condition."""
    dock = editor()
    dock.tree.choose(HEATMAP_CORNER)
    dock.shown.setCurrentIndex(1)
    settled(dock)
    wait(500)
    picture(iface.mainWindow(), "rules_membership")
    codes = set(dock.live._overlay._pixels)
    dock.shown.setCurrentIndex(0)
    settled(dock)
    return {"codes": sorted(codes)}


def rules_parts():
    """She adds a class with a rule and a condition, moves it up, and takes it out again."""
    dock = editor()
    document = dock.draft.text()
    for kind in ("class", "rule", "condition"):
        dock.add(kind)
    ruled = dock.draft.part(dock.tree.place.rpartition(".")[0])["class"]
    added = dock.tree.place
    settled(dock)
    picture(dock, "rules_parts")
    message = dock.message.text()
    steps = [dock.tree.place]
    dock.move(-1)
    steps.append(dock.tree.place)
    for _ in range(4):
        dock.undo()
    settled(dock)
    return {"added": added, "class": ruled, "steps": steps, "message": message, "same": dock.draft.text() == document}


def rules_save():
    """She saves to a file that is read-only, then to another, and opens that."""
    dock = editor()
    locked, free = WORK / "locked.json", WORK / "mine.json"
    locked.write_text("{}")
    locked.chmod(0o444)
    dock.draft.change("", "title", "My own rules")
    refused = dock.save(str(locked))
    message = dock.message.text()
    picture(dock, "rules_save")
    saved = dock.save(str(free))
    dock.files.open(str(ROOT / "resources" / "rules" / "rgb.json"))
    dock.files.open(str(free))
    settled(dock)
    return {
        "refused": not refused,
        "message": message,
        "untouched": locked.read_text() == "{}",
        "saved": saved,
        "title": dock.windowTitle(),
        "message after": dock.message.text(),
    }


def rules_unsaved():
    """She opens another rule set with changes that are not saved: she is asked, cancels, and then discards them."""
    dock = editor()
    asked = []

    class Answers:
        StandardButton = QMessageBox.StandardButton

        @staticmethod
        def question(_parent, _title, text, _buttons, _default):
            asked.append(text)
            buttons = QMessageBox.StandardButton
            return buttons.Cancel if len(asked) == 1 else buttons.Discard

    files = sys.modules[type(dock.files).__module__]
    files.QMessageBox = Answers
    dock.draft.change("", "title", "Hours of work")
    dock.files.begin_anew()
    kept = dock.draft.document["title"]
    dock.files.begin_anew()
    files.QMessageBox = QMessageBox
    left = dock.draft.document["title"]
    picture(dock, "rules_unsaved")
    dock.files.open(str(WORK / "mine.json"))
    settled(dock)
    return {"asked": asked, "kept": kept, "left": left}


def rules_classify():
    """She writes the classes with the node, whose dialog has her rules and objects."""
    dock = editor()
    dock.files.classify()
    opened = opened_dialog()
    picture(opened, "rules_classify")
    given = opened.createProcessingParameters()
    title = opened.windowTitle()
    opened.close()
    node = QgsApplication.processingRegistry().algorithmById("rockglacier:tunerules")
    return {
        "title": title,
        "rules": given["RULES"] == dock.draft.path,
        "objects": given["OBJECTS"] == objects_layer().id(),
        "can tune": dock.bar.tune.isEnabled(),
        "has node": node is not None,
    }


def rules_behind():
    """She brings another dock to the front: the map is as if there were no editor, until she comes back."""
    dock = editor()
    node = QgsProject.instance().layerTreeRoot().findLayer(objects_layer())
    other = iface.mainWindow().findChild(QDockWidget, "ProcessingToolbox")
    shown = [node.itemVisibilityChecked()]
    other.raise_()
    wait(500)
    picture(iface.mainWindow(), "rules_behind")
    shown += [node.itemVisibilityChecked(), dock.live is not None]
    # A layer that she has hidden herself stays so.
    node.setItemVisibilityChecked(False)
    for front in (dock, other, dock):
        front.raise_()
        wait(300)
        if front is other:
            shown.append(node.itemVisibilityChecked())
    settled(dock)
    dock.live.stand_in_for(None)
    node.setItemVisibilityChecked(True)
    dock._stand_in()
    wait_until(lambda: not dock.live.is_empty, 20)
    return {"shown": shown, "back": [node.itemVisibilityChecked(), not dock.live.is_empty]}


def rules_elsewhere():
    """She turns the map and shows it in degrees."""
    dock = editor()
    canvas, project = iface.mapCanvas(), QgsProject.instance()
    own, extent = project.crs(), canvas.extent()
    project.setCrs(QgsCoordinateReferenceSystem("EPSG:4326"))
    canvas.setRotation(30)
    wait(500)
    settled(dock)
    wait(1000)
    picture(iface.mainWindow(), "rules_elsewhere")
    layer = objects_layer()
    feature = next(layer.getFeatures("\"class\" = 'rock_glacier'"))
    place = canvas.mapSettings().layerToMapCoordinates(layer, feature.geometry().pointOnSurface().asPoint())
    dock._point(place.x(), place.y(), dock.live.crs())
    settled(dock)
    canvas.setRotation(0)
    project.setCrs(own)
    canvas.setExtent(extent)
    settled(dock)
    return {"shown": dock.explanation.text(), "classified": feature["explanation"]}


def rules_strangers():
    """She tries objects without features, no objects at all, and a layer that is taken away under her hands."""
    dock = editor()
    project = QgsProject.instance()
    found = {}
    square = QgsGeometry.fromWkt("POLYGON((500000 7000000, 500100 7000000, 500100 7000100, 500000 7000000))")
    for name, column, count in (("no objects", "heatmap_mean", 0), ("other features", "a", 1)):
        layer = QgsVectorLayer(f"Polygon?crs=EPSG:32719&field={column}:double", name, "memory")
        feature = QgsFeature(layer.fields())
        feature.setGeometry(square)
        layer.dataProvider().addFeatures([feature] * count)
        project.addMapLayer(layer)
        # She changes her mind before the layer has been copied.
        dock.use(layer)
        dock.use(objects_layer())
        dock.use(layer)
        settled(dock)
        found[name] = {"message": dock.message.text(), "state": dock.state.text()}
        project.removeMapLayer(layer.id())
        wait(200)
        found[name]["removed"] = dock.message.text()
    picture(dock, "rules_strangers")
    found["rules are kept"] = dock.draft.document["title"]
    return found


def rules_crash():
    """The worker dies under her hands; her next change is answered all the same."""
    dock = editor()
    dock.use(objects_layer())
    settled(dock)
    killed = workers()
    for number in killed:
        os.kill(number, signal.SIGKILL)
    wait(300)
    dock.tree.choose(HEATMAP_CORNER)
    dock.undo()
    dock.draft.change(HEATMAP_CORNER, "ramp", [0.3, 0.6])
    dock._rebuild(HEATMAP_CORNER)
    settled(dock)
    picture(dock, "rules_crash")
    return {"killed": len(killed), "message": dock.message.text(), "counts": counts(dock)}


def rules_changed_file():
    """The objects are changed by another program; reading them again counts the new ones."""
    dock = editor()
    before = counts(dock)
    layer = objects_layer()
    column = layer.fields().indexOf("heatmap_mean")
    layer.dataProvider().changeAttributeValues({number: {column: 0.0} for number in layer.allFeatureIds()})
    dock.objects.reload()
    settled(dock)
    dock._try()
    settled(dock)
    picture(dock, "rules_changed_file")
    return {"before": before, "after": counts(dock)}


def rules_reload():
    """QGIS ends with changes that were not saved; the next editor has them."""
    dock = editor()
    dock.draft.change("", "title", "Not saved")
    dock._keeping.start()
    dock.unload()
    kept = dock.files.kept()
    picture(dock, "rules_reload")
    dock.close()
    wait(300)
    layer = objects_layer()
    node = QgsProject.instance().layerTreeRoot().findLayer(layer)
    return {
        "kept": kept.document["title"] if kept else "",
        "layer shown": node.itemVisibilityChecked(),
        "system": QgsCoordinateReferenceSystem(layer.crs()).authid(),
        "plugin": "rock_glacier_mapper" in plugins,
    }


SCENES = (
    rules_open,
    rules_drag,
    rules_typo,
    rules_cursor,
    rules_membership,
    rules_parts,
    rules_save,
    rules_unsaved,
    rules_classify,
    rules_behind,
    rules_elsewhere,
    rules_strangers,
    rules_crash,
    rules_changed_file,
    rules_reload,
)
