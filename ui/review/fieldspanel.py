"""The fields that the person fills: certainty, notes, and those of the inventory standard."""

from __future__ import annotations

from collections.abc import Sequence

from qgis.PyQt.QtCore import QEvent, Qt, QTimer, pyqtSignal
from qgis.PyQt.QtGui import QWheelEvent
from qgis.PyQt.QtWidgets import (
    QComboBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from .geopackage import Value
from .inventoryfields import FIELDS

CERTAINTIES = (("high", "High"), ("medium", "Medium"), ("low", "Low"))
_NOT_SAID = "not said"
# The standard's titles are too long to stand beside a list.
_LABELS = {
    "Landform": "Landform",
    "Morpho": "Morphology",
    "Complet": "Completeness",
    "UpslCon": "Upslope connection",
    "UpslCur": "It is current",
    "ActiCl": "Activity",
    "ActiAss": "Activity assessed by",
    "KinAtt": "Kinematics",
    "RelKin": "Their reliability",
    "KinPeriod": "Their period",
    "Destabili": "Destabilised",
    "OutType": "Outline",
    "RelFr": "Reliability: front",
    "RelLeftLM": "Left margin",
    "RelRightLM": "Right margin",
    "RelUpsCon": "Upslope limit",
}
# Milliseconds without a key after which notes are saved.
_AUTOSAVE = 800


class ValueBox(QComboBox):
    """A list of values in which letters look for a value and the wheel scrolls the panel."""

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and event.modifiers() == Qt.KeyboardModifier.NoModifier:
            event.accept()
            return True
        return super().event(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        event.ignore()


class FieldsPanel(QWidget):
    """Shows a candidate's fields and tells at once what the person has changed.

    What is edited counts as saved once `written` says so.

    Signals
    -------
    edited : columns and their new values
    """

    edited = pyqtSignal(dict)

    def __init__(self) -> None:
        super().__init__()
        self._filling = False
        self.unsaved = False
        self._shown: dict[str, Value] = {}
        self.boxes: dict[str, QComboBox | QLineEdit] = {}
        form = QFormLayout()
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.ExpandingFieldsGrow)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        form.setVerticalSpacing(4)
        self._add(form, "certainty", "Certainty", CERTAINTIES, "How sure you are of the decision.")
        self.notes = QPlainTextEdit()
        self.notes.setObjectName("notes")
        self.notes.setFixedHeight(58)
        self.notes.setTabChangesFocus(True)
        self.notes.setPlaceholderText("What you saw; saved as you write")
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_AUTOSAVE)
        self._pause.timeout.connect(self.save_notes)
        self.notes.textChanged.connect(self._wrote)
        form.addRow("Notes", self.notes)
        heading = QLabel("<b>Inventory</b> (RGIK); leave open what you cannot say")
        heading.setWordWrap(True)
        form.addRow(heading)
        for field in FIELDS:
            values = field.domain.values if field.domain is not None else ()
            self._add(form, field.name, _LABELS[field.name], values, field.title)
        inside = QWidget()
        inside.setLayout(form)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFrameShape(QScrollArea.Shape.NoFrame)
        area.setWidget(inside)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(area)

    def _add(
        self, form: QFormLayout, name: str, label: str, values: Sequence[tuple[str | int, str]], help_text: str
    ) -> None:
        """Add a list of values, or a line where any text will do."""
        box: QComboBox | QLineEdit
        if values:
            box = ValueBox()
            box.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            box.addItem(_NOT_SAID, None)
            for value, text in values:
                box.addItem(text, value)
            box.activated.connect(lambda _index: self._chose(name))
        else:
            box = QLineEdit()
            box.editingFinished.connect(lambda: self._chose(name))
        box.setObjectName(name)
        box.setToolTip(f"{help_text}<br><i>{name}</i>")
        self.boxes[name] = box
        form.addRow(label, box)

    def show_values(self, values: dict[str, Value]) -> None:
        """Show a candidate's values; one that the list does not have is added to it."""
        self._filling = True
        # A GeoPackage does not tell columns apart by upper and lower case.
        whatever_case = {name.lower(): value for name, value in values.items()}
        values = {**values, **{name: whatever_case.get(name.lower()) for name in (*self.boxes, "notes")}}
        for name, box in self.boxes.items():
            value = values.get(name)
            if isinstance(box, QLineEdit):
                box.setText("" if value is None else str(value))
                continue
            place = box.findData(value)
            if place < 0:
                box.addItem(str(value), value)
                place = box.count() - 1
            box.setCurrentIndex(place)
        text = str(values.get("notes") or "")
        if not self.unsaved and text != self.notes.toPlainText():
            self.notes.setPlainText(text)
        self._shown = values
        self._filling = False

    def written(self, values: dict[str, Value]) -> None:
        """Take note that values are in the file."""
        self._shown = {**self._shown, **values}

    def refused(self, values: dict[str, Value]) -> None:
        """Show what is in the file, where values could not be written; notes stay, to be written later."""
        if "notes" in values:
            self.unsaved = True
            text = str(values["notes"] or "")
            # Setting it would take the cursor away from who writes on.
            if text != self.notes.toPlainText():
                self.notes.setPlainText(text)
        self.show_values(self._shown)

    def _wrote(self) -> None:
        if not self._filling:
            self.unsaved = self.notes.toPlainText() != str(self._shown.get("notes") or "")
            self._pause.start()

    def save_notes(self) -> None:
        """Tell of notes that are not saved yet."""
        self._pause.stop()
        if self.unsaved:
            self.unsaved = False
            self.edited.emit({"notes": self.notes.toPlainText() or None})

    def _chose(self, name: str) -> None:
        box = self.boxes[name]
        value: Value = (box.text() or None) if isinstance(box, QLineEdit) else box.currentData()
        if not self._filling and value != self._shown.get(name):
            self.edited.emit({name: value})
