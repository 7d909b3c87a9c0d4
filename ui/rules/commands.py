"""The tool bar of the rule editor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import QSize, Qt
from qgis.PyQt.QtWidgets import QMenu, QToolBar, QToolButton

from ...core.rules.ruledraft import RuleDraft
from ..explained import explained
from .files import RuleFiles

if TYPE_CHECKING:
    from .editor import RuleEditor

_SIDE = 18


class EditorBar(QToolBar):
    """Commands on the rule set and on the chosen part of it.

    Parameters
    ----------
    editor : RuleEditor
    """

    def __init__(self, editor: RuleEditor) -> None:
        super().__init__(editor)
        self.setIconSize(QSize(_SIDE, _SIDE))
        self._editor = editor
        self._add_files()
        self.addSeparator()
        self.undo = self._command("mActionUndo", self.tr("Undo"), editor.undo, self.tr("Take the last change back."))
        self.redo = self._command("mActionRedo", self.tr("Redo"), editor.redo, self.tr("Make the change again."))
        self.addSeparator()
        self._add_parts()
        self.addSeparator()
        self.tune = self.addAction(QgsApplication.getThemeIcon("mActionOptions.svg"), self.tr("Tune"))
        self.tune.triggered.connect(lambda _checked: editor.files.tune())
        self._show_text(self.tune)
        classify = self.addAction(QgsApplication.getThemeIcon("mActionStart.svg"), self.tr("Classify"))
        classify.triggered.connect(lambda _checked: editor.files.classify())
        explained(classify, self.tr("Classify the objects by the rule set and write them as a layer."), "classify")
        self._show_text(classify)

    def show_state(self, draft: RuleDraft) -> None:
        """Enable what can be done."""
        self.undo.setEnabled(draft.can_undo)
        self.redo.setEnabled(draft.can_redo)
        can_tune = RuleFiles.can_tune()
        self.tune.setEnabled(can_tune)
        missing = self.tr("The node that tunes rule sets is not there.")
        text = self.tr("Fit the corners to outlines that are known to be right, and edit the result.")
        explained(self.tune, text if can_tune else missing, "tune")

    def _add_files(self) -> None:
        editor, files = self._editor, self._editor.files
        menu = QMenu(self)
        menu.aboutToShow.connect(lambda: self._fill_open_menu(menu))
        open_button = explained(QToolButton(self), self.tr("Open a rule set: one that ships, or a file."), "open")
        open_button.setIcon(QgsApplication.getThemeIcon("mActionFileOpen.svg"))
        open_button.setMenu(menu)
        open_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._command("mActionFileNew", self.tr("New"), editor.files.begin_anew, self.tr("Begin anew."))
        self.addWidget(open_button)
        self._command("mActionFileSave", self.tr("Save"), editor.save, self.tr("Write the rule set to its file."))
        self._command(
            "mActionFileSaveAs",
            self.tr("Save as"),
            lambda: (path := files.asked_path(editor.draft)) and editor.save(path),
            self.tr("Write the rule set to another file."),
        )

    def _fill_open_menu(self, menu: QMenu) -> None:
        menu.clear()
        files = self._editor.files
        for path in files.shipped():
            menu.addAction(path.stem).triggered.connect(lambda _checked, path=path: files.open(str(path)))
        menu.addSeparator()
        menu.addAction(self.tr("From a file ...")).triggered.connect(lambda _checked: files.open())

    def _add_parts(self) -> None:
        editor = self._editor
        menu = QMenu(self)
        kinds = {
            "condition": self.tr("Condition"),
            "rule": self.tr("Rule"),
            "pass": self.tr("Pass"),
            "class": self.tr("Class"),
        }
        for kind, title in kinds.items():
            action = menu.addAction(title)
            action.setObjectName(f"add_{kind}")
            action.triggered.connect(lambda _checked, kind=kind: editor.add(kind))
        button = explained(QToolButton(self), self.tr("Add a condition, rule, pass or class."), "add")
        button.setIcon(QgsApplication.getThemeIcon("mActionAdd.svg"))
        button.setMenu(menu)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.addWidget(button)
        self._command("mActionRemove", self.tr("Remove"), editor.remove, self.tr("Take the chosen row out."))
        up, down = self.tr("Move the chosen row up."), self.tr("Move the chosen row down.")
        self._command("mActionArrowUp", self.tr("Up"), lambda: editor.move(-1), up)
        self._command("mActionArrowDown", self.tr("Down"), lambda: editor.move(1), down)

    def _command(self, icon: str, title: str, called: Any, help_text: str) -> Any:
        action = self.addAction(QgsApplication.getThemeIcon(f"{icon}.svg"), title)
        action.triggered.connect(lambda _checked: called())
        return explained(action, help_text, title.lower().replace(" ", "_"))

    def _show_text(self, action: Any) -> None:
        self.widgetForAction(action).setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
