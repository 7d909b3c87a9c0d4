"""The dock of the rule editor."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

from qgis.core import QgsMapLayerProxyModel, QgsProject, QgsVectorLayer
from qgis.gui import QgisInterface, QgsDockWidget, QgsMapLayerComboBox
from qgis.PyQt.QtCore import QEvent, Qt, QTimer
from qgis.PyQt.QtGui import QKeyEvent, QKeySequence
from qgis.PyQt.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from ...core.errors import OutputError
from ...core.rules.ruledocument import UNCLASSIFIED, context_of
from ...core.rules.ruledraft import Problem, RuleDraft, new_condition
from ...core.version import PACKAGE_FOLDER
from ..explained import explained
from .commands import EditorBar
from .files import RuleFiles
from .forms import ClassForm, ConditionForm, PassForm, RuleForm, RuleSetForm
from .live import LiveMap
from .objects import TriedObjects
from .ramp import RampView
from .tree import CLASSES, RuleTree

MS_TO_KEEP = 1000
_FAULT, _WARNING = "#b2182b", "#8a5a00"
_DEFAULT_RULES = str(PACKAGE_FOLDER / "resources" / "rules" / "full_stack.json")


class RuleEditor(QgsDockWidget):
    """Edits a rule set and shows at once what it makes of a layer of objects.

    Parameters
    ----------
    iface : QgisInterface
    """

    def __init__(self, iface: QgisInterface) -> None:
        super().__init__(iface.mainWindow())
        self.setObjectName("RockGlacierRuleEditor")
        self.iface = iface
        self.objects = TriedObjects(self)
        self.files = RuleFiles(self)
        self.draft = RuleDraft.read(_DEFAULT_RULES)
        self._result: dict[str, Any] | None = None
        self._answers: list[dict[str, Any]] = []
        self._complaint = ""
        self.draft_problems: list[Problem] = []
        self.live: LiveMap | None = None
        self._keeping = QTimer(self)
        self._keeping.setSingleShot(True)
        self._keeping.setInterval(MS_TO_KEEP)
        self._keeping.timeout.connect(lambda: self.files.keep(self.draft))
        self._build()
        self.objects.changed.connect(self._take_objects)
        self.objects.counted.connect(self._take_counts)
        self.objects.explained.connect(self._take_explanation)
        self.objects.failed.connect(self._complain)
        QgsProject.instance().layersWillBeRemoved.connect(self._lose_layer)
        self.closedStateChanged.connect(self._close_or_open)
        self.visibilityChanged.connect(self._hide_or_show)
        kept = self.files.kept()
        self.edit(kept or self.draft)
        if kept is not None:
            self._complain(self.tr("The rule set that was not saved last time is here again."))

    def edit(self, draft: RuleDraft) -> None:
        """Edit another rule set."""
        self.draft = draft
        self._complaint = ""
        self._rebuild("")

    def use(self, layer: QgsVectorLayer | None) -> None:
        """Try the rules out on another layer of objects."""
        self.layers.setLayer(layer)

    def unload(self) -> None:
        """Take everything off the map, keep what was not saved, and end the worker."""
        QgsProject.instance().layersWillBeRemoved.disconnect(self._lose_layer)
        if self._keeping.isActive():
            self._keeping.stop()
            self.files.keep(self.draft)
        self._leave_map()
        self.objects.close()

    # What the user does.

    def undo(self) -> None:
        """Take the last change back."""
        if self.draft.undo():
            self._rebuild(self.tree.place)

    def redo(self) -> None:
        """Make the change again that was taken back."""
        if self.draft.redo():
            self._rebuild(self.tree.place)

    def add(self, kind: str) -> None:
        """Add a class, pass, rule or condition where the chosen part is."""
        place = self.tree.place
        passes = self.draft.document["passes"]
        in_pass = place.partition(".")[0] if place.startswith("passes") else f"passes[{len(passes) - 1}]"
        condition = self._new_condition()
        wanted = self.draft.part(place)["name"] if place.startswith("classes[") else ""
        if kind == "class":
            chosen = self.draft.insert("", "classes", self.draft.new_class())
        elif kind == "pass":
            rule = self.draft.new_rule("", condition, wanted)
            chosen = self.draft.insert("", "passes", {"title": self.tr("New pass"), "rules": [rule]})
        elif kind == "rule":
            chosen = self.draft.insert(in_pass, "rules", self.draft.new_rule(in_pass, condition, wanted))
        else:
            rule_place = ".".join(place.split(".")[:2]) if ".rules" in place else f"{in_pass}.rules[0]"
            chosen = self.draft.insert(rule_place, "conditions", condition)
        self._rebuild(chosen)

    def _new_condition(self) -> dict[str, Any]:
        """Return a condition to begin with, on the heatmap or else the first column that is no number of objects."""
        columns = self.objects.columns
        names = [name for name in ("heatmap_mean", *columns) if name in columns and not name.endswith("id")]
        if not names:
            return new_condition("heatmap_mean")
        column = columns[names[0]]
        return new_condition(names[0], column["low"], column["high"])

    def remove(self) -> None:
        """Take the chosen part out."""
        place = self.tree.place
        if place and place != CLASSES:
            self.draft.remove(place)
            self._rebuild(place)

    def move(self, by: int) -> None:
        """Move the chosen part up or down among its like."""
        place = self.tree.place
        if place and place != CLASSES:
            self._rebuild(self.draft.move(place, by))

    def save(self, path: str = "") -> bool:
        """Write the rule set to its file or to another one; return whether that went well."""
        target = path or self.files.path_to_save(self.draft)
        if not target:
            return False
        try:
            self.draft.save(target)
        except OutputError as error:
            self._complain(str(error))
            return False
        self.files.forget_kept()
        self._keeping.stop()
        self._complaint = ""
        self._show_state()
        return True

    def event(self, event: QEvent | None) -> bool:
        """Keep the keys for undo and redo, which QGIS's own actions would else take."""
        if event is not None and event.type() == QEvent.Type.ShortcutOverride and self._command_of(event):
            event.accept()
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        command = self._command_of(event) if event is not None else None
        if command is None:
            super().keyPressEvent(event)
        else:
            command()

    def _command_of(self, event: QKeyEvent) -> Callable[[], None] | None:
        keys = (
            (QKeySequence.StandardKey.Undo, self.undo),
            (QKeySequence.StandardKey.Redo, self.redo),
            (QKeySequence.StandardKey.Delete, self.remove),
        )
        return next((command for key, command in keys if event.matches(key)), None)

    # What the parts of the dock tell.

    def _change(self, place: str, key: str, value: Any, group: str) -> None:
        if place.startswith("classes") and key == "name":
            if value == self.draft.part(place)["name"]:
                return
            if value in self.draft.class_names():
                self._complain(self.tr("There is a class {} already.").format(value))
                return
            self.draft.rename_class(place, value)
        else:
            self.draft.change(place, key, value, group=group and f"{place} {group}")
        self._complaint = ""
        self._keeping.start()
        self.tree.refresh(self.draft)
        self._show_ramp()
        self._try()

    def _drag(self, ramp: list[float]) -> None:
        self.condition_form.show_corners(ramp)
        self._change(self.tree.place, "ramp", ramp, "drag")

    def _rebuild(self, chosen: str) -> None:
        self.tree.show_draft(self.draft, chosen)
        self._know_features()
        self._choose(self.tree.place)
        if self.draft.is_changed:
            self._keeping.start()
        self._try()

    def _choose(self, place: str) -> None:
        form = self._form_of(place)
        self.forms.setCurrentWidget(form)
        form.fill(self.draft, "" if place == CLASSES else place)
        self._show_ramp()
        self._show_problems()
        if self.shown.currentIndex():
            self._try()

    def _form_of(self, place: str) -> Any:
        kind = place.rpartition(".")[2].partition("[")[0]
        if place == CLASSES:
            return self.rule_set_form
        return {
            "passes": self.pass_form,
            "rules": self.rule_form,
            "conditions": self.condition_form,
            "classes": self.class_form,
        }[kind]

    def _take_objects(self) -> None:
        if self.objects.layer is None and self.live is not None:
            self.live.clear()
        self._know_features()
        self._answers = []
        self.tree.show_object([])
        self.explanation.setText(self.tr("Move the cursor over the map to see what decided on an object."))
        self._complaint = ""
        self._show_ramp()
        self._try()

    def _take_counts(self, result: dict[str, Any], view: dict[str, Any]) -> None:
        if self.draft_problems or len(result["classes"]) != len(self.draft.document["classes"]) + 1:
            return  # the rule set has changed since; the next answer is on its way
        self._result = result
        self.tree.show_counts(self.draft, result)
        if self.live is not None and result["picture"] and self.is_live.isChecked():
            colours = [item["color"] for item in self.draft.document["classes"]]
            self.live.show_picture(result["picture"], view, colours)
        self._show_state()

    def _take_explanation(self, result: dict[str, Any]) -> None:
        self._answers = result["answers"]
        self.tree.show_object(self._answers)
        if self.live is not None:
            self.live.show_object(result["outline"])
        self.explanation.setText(result["explanation"] or self.tr("No object under the cursor."))
        self._mark_value()

    def _complain(self, sentence: str) -> None:
        self._complaint = sentence
        self._show_problems()

    def _close_or_open(self, closed: bool) -> None:
        """Give the worker's memory back while the dock is closed."""
        self.objects.use(None if closed else self.layers.currentLayer())

    def _hide_or_show(self, visible: bool) -> None:
        """Leave the map to others while another dock lies over this one."""
        if not visible:
            self._leave_map()
        elif self.live is None:
            self.live = LiveMap(self.iface.mapCanvas(), self._try, self._point, self)
            self._try()

    def _choose_layer(self, layer: QgsVectorLayer | None) -> None:
        self.objects.use(layer)
        self._stand_in()

    def _lose_layer(self, ids: list[str]) -> None:
        layer = self.objects.layer
        if layer is not None and layer.id() in ids:
            if self.live is not None:
                self.live.forget_layer()
            name = layer.name()
            self.objects.use(None)
            # The empty row, of which nobody is told; QGIS would else choose some other layer.
            self.layers.setCurrentIndex(0)
            sentence = self.tr("The layer {} was removed. Choose other objects; the rules are kept.")
            self._complain(sentence.format(name))

    # What is shown.

    def _try(self) -> None:
        """Check the rule set, and ask what it makes of the objects if it is right."""
        known = self.objects.is_known
        self.draft_problems = self.draft.problems(self.objects.columns if known else None, self.objects.texts)
        self._show_problems()
        if self.draft_problems or not known:
            self._result = None
            self.tree.show_counts(self.draft, None)
        else:
            self.objects.try_rules(self.draft.text(), self._view())
        self._stand_in()
        self._show_state()

    def _view(self) -> dict[str, Any]:
        if self.live is None or not self.is_live.isChecked():
            return {}
        view = self.live.view()
        place = self.tree.place
        if view and self.shown.currentIndex() and ".rules[" in place:
            view["shown"] = place
        return view

    def _point(self, x: float, y: float, crs: str) -> None:
        if self.objects.is_known and not self.draft_problems and self.isVisible():
            self.objects.explain(self.draft.text(), x, y, crs)

    def _know_features(self) -> None:
        names = list(self.objects.columns)
        self.condition_form.know(names, [*self.draft.class_names(), UNCLASSIFIED])

    def _show_ramp(self) -> None:
        place = self.tree.place
        is_condition = ".conditions[" in place
        self.ramp.setVisible(is_condition)
        if not is_condition:
            return
        condition = self.draft.part(place)
        rule = self.draft.part(place.rpartition(".")[0])
        self.ramp.show_condition(condition["membership"], condition["ramp"], self.draft.colour(rule["class"]))
        column = self.objects.columns.get(condition["feature"])
        if column is not None:
            self.ramp.show_values(column["low"], column["high"], column["histogram"])
        else:
            is_share = (context_of(condition["feature"]) or ("",))[0] in ("relative_border_to", "enclosed_by")
            self.ramp.show_values(*((0.0, 1.0, ()) if is_share else (math.nan, math.nan, ())))
        self._mark_value()

    def _mark_value(self) -> None:
        place = self.tree.place
        values = [answer["value"] for answer in self._answers if answer["place"] == place]
        self.ramp.mark(values[0] if values else math.nan)

    def _show_problems(self) -> None:
        self.tree.show_problems(self.draft_problems)
        here = f"{self.tree.place}.feature"
        self.condition_form.show_problem(next((item.text for item in self.draft_problems if item.place == here), ""))
        warnings = (self._result or {}).get("warnings", ())
        problem = self.draft_problems[0].text if self.draft_problems else ""
        text = self._complaint or problem or " ".join(warnings)
        more = len(self.draft_problems) - 1
        if more > 0 and text == problem:
            text += self.tr(" ({} more, in red.)").format(more)
        self.message.setText(text)
        self.message.setStyleSheet(f"color: {_FAULT if self._complaint or problem else _WARNING}")
        self.message.setVisible(bool(text))

    def _show_state(self) -> None:
        mark = " *" if self.draft.is_changed else ""
        name = Path(self.draft.path).name or self.tr("not saved yet")
        self.setWindowTitle(self.tr("Rule editor: {}{}").format(self.draft.document["title"] or name, mark))
        self.bar.show_state(self.draft)
        self._show_problems()
        if self.objects.layer is None:
            text = self.tr("Choose a layer of objects with features to see what the rules make of it.")
        elif not self.objects.is_known:
            text = self.tr("Reading the objects ...") if self.objects.is_busy else ""
        elif not self.objects.count:
            text = self.tr("The layer has no objects, so nothing can be counted.")
        elif self._result is None:
            text = self.tr("{} objects").format(f"{self.objects.count:,}")
        else:
            given = self._result["classes"][self.draft.class_names().index(self.draft.document["target"])]
            text = self.tr("{} of {} objects are {}").format(
                f"{given:,}", f"{self._result['objects']:,}", self.draft.document["target"]
            )
        self.state.setText(text)

    def _stand_in(self) -> None:
        """Hide the layer that the picture stands for while it is shown."""
        if self.live is None:
            return
        # While a rule set is wrong for a moment, as a name is while it is typed, the last picture stays.
        is_shown = self.is_live.isChecked() and self.objects.is_known
        if not is_shown:
            self.live.clear()
        self.live.stand_in_for(self.objects.layer if is_shown else None)

    def _leave_map(self) -> None:
        if self.live is not None:
            self.live.remove()
            self.live = None

    def _build(self) -> None:
        content = QWidget(self)
        column = QVBoxLayout(content)
        column.setContentsMargins(6, 4, 6, 4)
        self.bar = EditorBar(self)
        column.addWidget(self.bar)
        self.layers = explained(
            QgsMapLayerComboBox(content),
            self.tr("The objects that the rules are tried out on: polygons with one column a feature."),
            "objects",
        )
        self.layers.setFilters(QgsMapLayerProxyModel.Filter.PolygonLayer)
        self.layers.setAllowEmptyLayer(True, self.tr("No objects: only check the rules"))
        self.layers.setCurrentIndex(0)
        self.layers.layerChanged.connect(self._choose_layer)
        row = QHBoxLayout()
        row.addWidget(QLabel(self.tr("Objects"), content))
        row.addWidget(self.layers, 1)
        column.addLayout(row)
        self.message = explained(QLabel(content), self.tr("What is wrong, and what to do."), "message")
        self.message.setWordWrap(True)
        column.addWidget(self.message)
        column.addWidget(self._build_splitter(content), 1)
        column.addLayout(self._build_foot(content))
        self.setWidget(content)

    def _build_splitter(self, content: QWidget) -> QSplitter:
        self.tree = RuleTree(content)
        self.tree.chosen.connect(self._choose)
        lower = QWidget(content)
        rows = QVBoxLayout(lower)
        rows.setContentsMargins(0, 0, 0, 0)
        self.ramp = explained(
            RampView(lower),
            self.tr(
                "The membership function over the values of all objects. Drag a corner, or move it with the arrow keys "
                "(up and down: another corner; with Shift: further). The dashed line is the object under the cursor."
            ),
            "ramp",
        )
        self.ramp.dragged.connect(self._drag)
        rows.addWidget(self.ramp, 1)
        self.forms = QStackedWidget(lower)
        self.condition_form, self.rule_form, self.pass_form = ConditionForm(), RuleForm(), PassForm()
        self.class_form, self.rule_set_form = ClassForm(), RuleSetForm()
        for form in (self.condition_form, self.rule_form, self.pass_form, self.class_form, self.rule_set_form):
            self.forms.addWidget(form)
            form.edited.connect(self._change)
        rows.addWidget(self.forms)
        splitter = QSplitter(Qt.Orientation.Vertical, content)
        splitter.addWidget(self.tree)
        splitter.addWidget(lower)
        splitter.setStretchFactor(0, 3)
        splitter.setStretchFactor(1, 2)
        return splitter

    def _build_foot(self, content: QWidget) -> QVBoxLayout:
        self.explanation = explained(
            QLabel(content),
            self.tr("What decided on the object under the cursor."),
            "explanation",
        )
        self.explanation.setWordWrap(True)
        self.is_live = explained(
            QCheckBox(self.tr("Live on the map:"), content),
            self.tr("Show on the map what the rules make of the objects, in place of their layer, while you edit."),
            "live",
        )
        self.is_live.setChecked(True)
        self.is_live.toggled.connect(lambda _on: self._try())
        self.shown = explained(
            QComboBox(content),
            self.tr("The classes in their colours, or the memberships of the chosen row, from dark to bright."),
            "shown",
        )
        self.shown.addItems([self.tr("classes"), self.tr("membership of the chosen row")])
        self.shown.currentIndexChanged.connect(lambda _index: self._try())
        self.state = explained(QLabel(content), self.tr("How many objects are of the target class."), "state")
        row = QHBoxLayout()
        for widget in (self.is_live, self.shown):
            row.addWidget(widget)
        row.addStretch(1)
        row.addWidget(self.state)
        rows = QVBoxLayout()
        rows.addWidget(self.explanation)
        rows.addLayout(row)
        return rows
