"""The fields of the chosen part of a rule set. Each change is told at once; what it means is decided elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from qgis.gui import QgsColorButton
from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtGui import QColor
from qgis.PyQt.QtWidgets import (
    QComboBox,
    QCompleter,
    QDoubleSpinBox,
    QFormLayout,
    QLabel,
    QLineEdit,
    QPlainTextEdit,
    QSpinBox,
    QWidget,
)

from ...core.rules.ruledocument import COMBINATIONS, CONTEXT_FEATURES, MEMBERSHIPS, UNCLASSIFIED, near
from ...core.rules.ruledraft import Part, RuleDraft, ramp_for
from ..explained import explained

_NO_PARENT = ""
_MOST_REPETITIONS = 100
_LINES_OF_WHY = 3


class PartForm(QWidget):
    """Fields of one kind of part.

    Signals
    -------
    edited(str, str, object, str)
        The place of the part, a key, its new value (None to take the key out), and the name of a group of changes that
        are undone together.
    """

    edited = pyqtSignal(str, str, object, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows = QFormLayout(self)
        self._rows.setContentsMargins(0, 4, 0, 4)
        self._rows.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        # Until a part is shown, changes of the fields are the form's own.
        self._is_filling = True
        self._place = ""

    def fill(self, draft: RuleDraft, place: str) -> None:
        """Show the part at a place."""
        self._is_filling = True
        self._place = place
        try:
            self._fill(draft, draft.part(place) if place else draft.document)
        finally:
            self._is_filling = False

    def _fill(self, draft: RuleDraft, part: Part) -> None:
        raise NotImplementedError

    def _tell(self, key: str, value: Any, group: str = "") -> None:
        if not self._is_filling:
            self.edited.emit(self._place, key, value, group)

    def _line(self, key: str, label: str, help_text: str) -> QLineEdit:
        line = explained(QLineEdit(self), help_text, key)
        line.textEdited.connect(lambda text: self._tell(key, text, key))
        self._rows.addRow(label, line)
        return line

    def _choice(self, key: str, label: str, help_text: str, convert: Callable[[str], Any] = str) -> QComboBox:
        box = explained(QComboBox(self), help_text, key)
        box.currentTextChanged.connect(lambda text: self._tell(key, convert(text)))
        self._rows.addRow(label, box)
        return box


class ConditionForm(PartForm):
    """Feature, membership function, corners and reason of a condition."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._names: list[str] = []
        self._ramp: list[float] = []
        self.feature = explained(
            QComboBox(self),
            self.tr("The column of the objects that is asked, or in later passes what the neighbours are."),
            "feature",
        )
        self.feature.setEditable(True)
        self.feature.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.feature.completer().setFilterMode(Qt.MatchFlag.MatchContains)
        self.feature.completer().setCompletionMode(QCompleter.CompletionMode.PopupCompletion)
        self.feature.editTextChanged.connect(lambda text: self._tell("feature", text, "feature"))
        self._rows.addRow(self.tr("Feature"), self.feature)
        self.hint = QLabel(self)
        self.hint.setObjectName("hint")
        self.hint.setWordWrap(True)
        self.hint.setTextFormat(Qt.TextFormat.RichText)
        self.hint.linkActivated.connect(self.feature.setEditText)
        self._rows.addRow("", self.hint)
        self.membership = self._choice(
            "membership",
            self.tr("Membership"),
            self.tr("Which values fulfil the condition: above or below a ramp, between two, or outside of two."),
        )
        self.membership.addItems(MEMBERSHIPS)
        self.corners = explained(
            QLineEdit(self),
            self.tr(
                "The corners of the membership function in ascending order, with spaces between. Equal corners make a "
                "crisp step. They can be dragged in the picture too."
            ),
            "corners",
        )
        self.corners.textEdited.connect(self._read_corners)
        self._rows.addRow(self.tr("Corners"), self.corners)
        reason = self.tr("The reason, for those who read the rules later.")
        self.why = explained(QPlainTextEdit(self), reason, "why")
        self.why.setTabChangesFocus(True)
        self.why.setFixedHeight(_LINES_OF_WHY * self.why.fontMetrics().lineSpacing() + 12)
        self.why.textChanged.connect(lambda: self._tell("why", self.why.toPlainText() or None, "why"))
        self._rows.addRow(self.tr("Why"), self.why)

    def know(self, names: Sequence[str], classes: Sequence[str]) -> None:
        """Offer features: columns, and what neighbours may be."""
        contexts = [f"{name}:{of}" for name in CONTEXT_FEATURES for of in classes]
        self._names = [*names, *contexts]
        was_filling, self._is_filling = self._is_filling, True
        text = self.feature.currentText()
        self.feature.clear()
        self.feature.addItems(self._names)
        self.feature.setEditText(text)
        self._is_filling = was_filling

    def show_problem(self, text: str) -> None:
        """Say below the feature what is wrong with it; names that are near can be clicked."""
        likely = near(self.feature.currentText(), self._names) if text else []
        links = ", ".join(f'<a href="{name}">{name}</a>' for name in likely)
        self.hint.setText(self.tr("Not a column of these objects. Did you mean {}?").format(links) if links else text)
        self.hint.setVisible(bool(text))

    def show_corners(self, ramp: Sequence[float]) -> None:
        """Show corners that are being dragged."""
        self._ramp = list(ramp)
        self.corners.setText("  ".join(f"{value:.6g}" for value in ramp))
        self.corners.setStyleSheet("")

    def _fill(self, _draft: RuleDraft, part: Part) -> None:
        if self.feature.currentText() != part["feature"]:
            self.feature.setEditText(part["feature"])
        self.membership.setCurrentText(part["membership"])
        if self._ramp != part["ramp"] or not self.corners.hasFocus():
            self.show_corners(part["ramp"])
        if self.why.toPlainText() != part.get("why", ""):
            self.why.setPlainText(part.get("why", ""))

    def _tell(self, key: str, value: Any, group: str = "") -> None:
        super()._tell(key, value, group)
        if key == "membership" and not self._is_filling:
            super()._tell("ramp", ramp_for(value, self._ramp), "membership")

    def _read_corners(self, text: str) -> None:
        try:
            ramp = [float(word) for word in text.replace(";", " ").split()]
        except ValueError:
            ramp = []
        count = MEMBERSHIPS[self.membership.currentText()]
        is_right = len(ramp) == count and ramp == sorted(ramp)
        self.corners.setStyleSheet("" if is_right else "color: #b2182b")
        self.corners.setToolTip("" if is_right else self.tr("{} ascending numbers are needed.").format(count))
        if is_right:
            self._ramp = ramp
            self._tell("ramp", ramp, "ramp")


class RuleForm(PartForm):
    """The class that a rule gives, and how its conditions are combined."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.given = self._choice(
            "class", self.tr("Class"), self.tr("The class that the rule gives; unclassified takes a class away.")
        )
        self.combine = self._choice(
            "combine",
            self.tr("Combine"),
            self.tr("and: the smallest membership of the conditions counts; or: the largest; mean: the mean."),
        )
        self.combine.addItems(COMBINATIONS)

    def _fill(self, draft: RuleDraft, part: Part) -> None:
        _refill(self.given, [*draft.class_names(), UNCLASSIFIED], part["class"])
        self.combine.setCurrentText(part["combine"])


class PassForm(PartForm):
    """Title, domain and repetitions of a pass."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.title = self._line("title", self.tr("Title"), self.tr("What the pass is for."))
        self.domain = explained(
            QLineEdit(self),
            self.tr("Classes whose objects the pass looks at, with commas between, or unclassified. Empty: all."),
            "domain",
        )
        self.domain.textEdited.connect(self._read_domain)
        self._rows.addRow(self.tr("Domain"), self.domain)
        self.repeat = explained(
            QSpinBox(self),
            self.tr("How often the pass is applied at most: a class can spread from neighbour to neighbour."),
            "repeat",
        )
        self.repeat.setRange(1, _MOST_REPETITIONS)
        self.repeat.valueChanged.connect(lambda value: self._tell("repeat", value if value > 1 else None, "repeat"))
        self._rows.addRow(self.tr("Repeat"), self.repeat)

    def _fill(self, _draft: RuleDraft, part: Part) -> None:
        for line, text in ((self.title, part["title"]), (self.domain, ", ".join(part.get("domain", ())))):
            if not line.hasFocus():
                line.setText(text)
        self.repeat.setValue(part.get("repeat", 1))

    def _read_domain(self, text: str) -> None:
        names = [name.strip() for name in text.split(",") if name.strip()]
        self._tell("domain", names or None, "domain")


class ClassForm(PartForm):
    """Name, title, colour and parent of a class. The name is told under the key `name`."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.name = explained(QLineEdit(self), self.tr("Value of the column class: a-z, 0-9 and _."), "name")
        # While it is typed it may be the name of another class for a moment, and both would become one.
        self.name.editingFinished.connect(self._finish_name)
        self._known_name = ""
        self._rows.addRow(self.tr("Name"), self.name)
        self.title = self._line("title", self.tr("Title"), self.tr("Name for people, in the legend."))
        self.colour = explained(QgsColorButton(self), self.tr("Colour on maps."), "color")
        self.colour.colorChanged.connect(lambda colour: self._tell("color", colour.name(), "color"))
        self._rows.addRow(self.tr("Colour"), self.colour)
        self.of = self._choice(
            "parent",
            self.tr("Kind of"),
            self.tr("The class that this is a kind of: its membership is at most that of its parent."),
            lambda text: text or None,
        )

    def _fill(self, draft: RuleDraft, part: Part) -> None:
        for line, key in ((self.name, "name"), (self.title, "title")):
            if line.text() != part[key]:
                line.setText(part[key])
        self._known_name = part["name"]
        self.colour.setColor(QColor(part["color"]))
        others = [name for name in draft.class_names() if name != part["name"]]
        _refill(self.of, [_NO_PARENT, *others], part.get("parent", _NO_PARENT))

    def _finish_name(self) -> None:
        # The field tells its end whenever it loses the focus, also when another part has been chosen.
        if self.name.text() != self._known_name:
            self._known_name = self.name.text()
            self._tell("name", self.name.text(), "name")


class RuleSetForm(PartForm):
    """What holds for the whole rule set."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.name = self._line("name", self.tr("Name"), self.tr("Name of the rule set, as outputs cite it."))
        self.title = self._line("title", self.tr("Title"), self.tr("Name for people."))
        self.description = self._line("description", self.tr("Description"), self.tr("What the rules are for."))
        self.target = self._choice(
            "target", self.tr("Target"), self.tr("The class that is mapped; explanations say why an object is none.")
        )
        self.minimum = explained(
            QDoubleSpinBox(self),
            self.tr("An object gets no class whose membership is below this."),
            "minimum_membership",
        )
        self.minimum.setRange(0.01, 1.0)
        self.minimum.setSingleStep(0.05)
        self.minimum.valueChanged.connect(
            lambda value: self._tell("minimum_membership", round(value, 2), "minimum_membership")
        )
        self._rows.addRow(self.tr("Smallest membership"), self.minimum)

    def _fill(self, draft: RuleDraft, part: Part) -> None:
        for line, key in ((self.name, "name"), (self.title, "title"), (self.description, "description")):
            if line.text() != part[key]:
                line.setText(part[key])
                line.setCursorPosition(0)
        _refill(self.target, draft.class_names(), part["target"])
        self.minimum.setValue(part["minimum_membership"])


def _refill(box: QComboBox, texts: Sequence[str], chosen: str) -> None:
    """Offer other texts; one that is chosen without being among them stays visible, because it is the fault."""
    box.clear()
    box.addItems(texts if chosen in texts else [*texts, chosen])
    box.setCurrentText(chosen)
