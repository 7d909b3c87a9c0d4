"""The table of a rule set: its classes, and the rules and conditions of each pass, with counts."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtGui import QBrush, QColor, QIcon, QPixmap
from qgis.PyQt.QtWidgets import QAbstractItemView, QHeaderView, QTreeWidget, QTreeWidgetItem, QWidget

from ...core.rules.ruledraft import Problem, RuleDraft

NAME, WANTED, OBJECTS, HERE = range(4)
CLASSES = "classes"

_PLACE = Qt.ItemDataRole.UserRole
_FAULT = QColor("#b2182b")
_COMBINED = {"and": "all of", "or": "any of", "mean": "mean of"}
_ICON_SIDE = 12


class RuleTree(QTreeWidget):
    """Shows a draft and tells which part is chosen.

    Signals
    -------
    chosen(str)
        The place of the part in the document; `CLASSES` for the heading of the classes.
    """

    chosen = pyqtSignal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("rules")
        self.setColumnCount(4)
        headers = [self.tr("Classes and conditions"), self.tr("Wanted"), self.tr("Objects"), self.tr("Here")]
        self.setHeaderLabels(headers)
        tips = (
            self.tr("Classes with their colours; below, each pass with its rules and conditions."),
            self.tr("What a rule or condition asks for: 0 at the first number, 1 at the second, and so on."),
            self.tr("Objects that have the class, that a rule gives it to, or that fulfil a condition."),
            self.tr("Value and membership of the object under the cursor."),
        )
        for column, tip in enumerate(tips):
            self.headerItem().setToolTip(column, tip)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setAlternatingRowColors(True)
        self.setUniformRowHeights(True)
        header = self.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        for column in (WANTED, OBJECTS, HERE):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.ResizeToContents)
        self._items: dict[str, QTreeWidgetItem] = {}
        self.currentItemChanged.connect(self._tell)

    def show_draft(self, draft: RuleDraft, chosen: str) -> None:
        """Show a rule set anew, with the part at a place chosen if it is there, else the first condition."""
        self.blockSignals(True)
        closed = {place for place, item in self._items.items() if item.childCount() and not item.isExpanded()}
        self.clear()
        self._items = {}
        self._add_classes(draft)
        for number, item in enumerate(draft.document["passes"]):
            self._add_pass(draft, f"passes[{number}]", number, item)
        for place, item in self._items.items():
            item.setExpanded(place not in closed)
        self.blockSignals(False)
        self.choose(chosen)

    def choose(self, place: str) -> None:
        """Choose a part, or the nearest that there is."""
        fallback = "passes[0].rules[0].conditions[0]"
        item = self._items.get(place) or self._items.get(fallback) or self._items[CLASSES]
        self.setCurrentItem(item)
        self.scrollToItem(item, QAbstractItemView.ScrollHint.PositionAtCenter)

    @property
    def place(self) -> str:
        """The place of the chosen part."""
        item = self.currentItem()
        return item.data(NAME, _PLACE) if item is not None else ""

    def refresh(self, draft: RuleDraft) -> None:
        """Show the texts again of a draft whose parts are the same."""
        for place, item in self._items.items():
            if place != CLASSES:
                self._describe(draft, place, item)

    def show_counts(self, draft: RuleDraft, result: Mapping[str, Any] | None) -> None:
        """Show how many objects each part has, nothing where that is not known."""
        for place, item in self._items.items():
            if place != CLASSES:
                item.setText(OBJECTS, "")
        if result is None:
            self._items[CLASSES].setText(OBJECTS, "")
            return
        self._items[CLASSES].setText(OBJECTS, f"{result['objects']:,}")
        for number in range(len(draft.document["classes"])):
            self._set_count(f"classes[{number}]", result["classes"][number], result["objects"])
        for count in result["counts"]:
            self._set_count(count["place"], count["passed"], count["asked"])

    def show_object(self, answers: Sequence[Mapping[str, Any]]) -> None:
        """Show values and memberships of the object under the cursor; none to clear them."""
        for item in self._items.values():
            item.setText(HERE, "")
        for answer in answers:
            item = self._items.get(answer["place"])
            if item is not None and not math.isnan(answer["membership"]):
                value = "NULL" if math.isnan(answer["value"]) else f"{answer['value']:.4g}"
                item.setText(HERE, f"{value}  ({answer['membership']:.2f})")

    def show_problems(self, problems: Sequence[Problem]) -> None:
        """Mark the parts that something is wrong with."""
        for item in self._items.values():
            item.setForeground(NAME, QBrush())
            item.setIcon(HERE, QIcon())
            item.setToolTip(NAME, item.text(NAME))
        for problem in problems:
            place = problem.place
            while place and place not in self._items:
                place = place.rpartition(".")[0]
            if place:
                self._items[place].setForeground(NAME, QBrush(_FAULT))
                self._items[place].setIcon(HERE, QgsApplication.getThemeIcon("mIconWarning.svg"))
                self._items[place].setToolTip(NAME, problem.text)

    def _set_count(self, place: str, count: int, of: int) -> None:
        item = self._items.get(place)
        if item is not None:
            item.setText(OBJECTS, f"{count:,}")
            item.setTextAlignment(OBJECTS, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            item.setToolTip(OBJECTS, self.tr("{} of {}").format(f"{count:,}", f"{of:,}"))

    def _add_classes(self, draft: RuleDraft) -> None:
        heading = self._added(self.invisibleRootItem(), CLASSES)
        heading.setText(NAME, self.tr("Classes"))
        heading.setTextAlignment(OBJECTS, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        _embolden(heading)
        for number in range(len(draft.document["classes"])):
            self._describe(draft, place := f"classes[{number}]", self._added(heading, place))

    def _add_pass(self, draft: RuleDraft, place: str, number: int, item: Mapping[str, Any]) -> None:
        heading = self._added(self.invisibleRootItem(), place)
        _embolden(heading)
        self._describe(draft, place, heading)
        for order, rule in enumerate(item["rules"]):
            here = f"{place}.rules[{order}]"
            row = self._added(heading, here)
            self._describe(draft, here, row)
            for step in range(len(rule["conditions"])):
                there = f"{here}.conditions[{step}]"
                self._describe(draft, there, self._added(row, there))

    def _added(self, parent: QTreeWidgetItem, place: str) -> QTreeWidgetItem:
        item = QTreeWidgetItem(parent)
        item.setData(NAME, _PLACE, place)
        self._items[place] = item
        return item

    def _describe(self, draft: RuleDraft, place: str, item: QTreeWidgetItem) -> None:
        part = draft.part(place)
        kind = place.rpartition(".")[2].partition("[")[0]
        if kind == "passes":
            number = int(place[len("passes[") : -1]) + 1
            item.setText(NAME, self.tr("Pass {}: {}").format(number, part["title"]))
            item.setText(WANTED, ", ".join(part.get("domain", ())))
        elif kind == "rules":
            item.setText(NAME, part["class"])
            item.setText(WANTED, self.tr(_COMBINED[part["combine"]]))
            item.setIcon(NAME, _swatch(draft.colour(part["class"])))
        elif kind == "conditions":
            item.setText(NAME, part["feature"])
            item.setText(WANTED, f"{part['membership']} {', '.join(f'{value:g}' for value in part['ramp'])}")
        else:
            item.setText(NAME, part["name"])
            item.setText(WANTED, self.tr("target") if draft.document["target"] == part["name"] else "")
            item.setIcon(NAME, _swatch(part["color"]))

    def _tell(self, current: QTreeWidgetItem | None, _previous: QTreeWidgetItem | None) -> None:
        if current is not None:
            self.chosen.emit(current.data(NAME, _PLACE))


def _embolden(item: QTreeWidgetItem) -> None:
    font = item.font(NAME)
    font.setBold(True)
    item.setFont(NAME, font)


def _swatch(colour: str) -> QIcon:
    pixmap = QPixmap(_ICON_SIDE, _ICON_SIDE)
    pixmap.fill(QColor(colour))
    return QIcon(pixmap)
