"""The files of rule sets: choosing them, keeping drafts between sessions, and the nodes that work on them."""

from __future__ import annotations

import contextlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import QObject
from qgis.PyQt.QtWidgets import QFileDialog, QMessageBox

from ...core.errors import InvalidRuleSetError, OutputError
from ...core.rules.ruledraft import RuleDraft
from ...core.version import PACKAGE_FOLDER
from ..nodes import open_node

if TYPE_CHECKING:
    from .editor import RuleEditor

RULES_FOLDER = PACKAGE_FOLDER / "resources" / "rules"
TUNE, CLASSIFY = "tunerules", "classify"


class RuleFiles(QObject):
    """What the editor does with files.

    Parameters
    ----------
    editor : RuleEditor
    """

    def __init__(self, editor: RuleEditor) -> None:
        super().__init__(editor)
        self._editor = editor

    @staticmethod
    def shipped() -> list[Path]:
        """Return the rule sets that come with the plugin."""
        return sorted(path for path in RULES_FOLDER.glob("*.json") if not path.stem.endswith(".schema"))

    def open(self, path: str = "") -> None:
        """Edit a rule set from a file that the user chooses, or from a given one."""
        filters = self.tr("Rule sets (*.json)")
        chosen = path or QFileDialog.getOpenFileName(self._editor, self.tr("Open rule set"), "", filters)[0]
        if not chosen:
            return
        try:
            draft = RuleDraft.read(chosen)
        except InvalidRuleSetError as error:
            self._editor.objects.failed.emit(str(error))
            return
        if self.may_leave():
            self._editor.edit(draft)

    def begin_anew(self) -> None:
        """Edit a new rule set."""
        if self.may_leave():
            self._editor.edit(RuleDraft.new())

    def may_leave(self) -> bool:
        """Ask what shall become of changes that are not saved; return whether the draft may be left."""
        draft = self._editor.draft
        if not draft.is_changed:
            return True
        buttons = QMessageBox.StandardButton
        answer = QMessageBox.question(
            self._editor,
            self.tr("Rule set"),
            self.tr("The changes of {} are not saved.").format(draft.document.get("name") or self.tr("the rule set")),
            buttons.Save | buttons.Discard | buttons.Cancel,
            buttons.Save,
        )
        return answer == buttons.Discard or (answer == buttons.Save and self._editor.save())

    def path_to_save(self, draft: RuleDraft) -> str:
        """Return a draft's file; a new one, or one that comes with the plugin, needs a name from the user."""
        return draft.path if draft.path and Path(draft.path).parent != RULES_FOLDER else self.asked_path(draft)

    def asked_path(self, draft: RuleDraft) -> str:
        """Return the name that the user gives, "" if she gives none."""
        proposed = str(Path.home() / f"{draft.document['name'] or 'rules'}.json")
        filters = self.tr("Rule sets (*.json)")
        path = QFileDialog.getSaveFileName(self._editor, self.tr("Save rule set"), proposed, filters)[0]
        return path if not path or path.lower().endswith(".json") else f"{path}.json"

    def keep(self, draft: RuleDraft) -> None:
        """Write what is not saved where the next session finds it."""
        path = _kept_path()
        if not draft.is_changed:
            self.forget_kept()
            return
        # Where the profile cannot be written, there is nothing to keep drafts in.
        with contextlib.suppress(OSError, OutputError):
            path.parent.mkdir(parents=True, exist_ok=True)
            draft.keep(str(path))

    def kept(self) -> RuleDraft | None:
        """Return what the last session did not save."""
        return RuleDraft.kept(str(_kept_path()))

    def forget_kept(self) -> None:
        """Keep nothing for the next session."""
        with contextlib.suppress(OSError):
            _kept_path().unlink()

    @staticmethod
    def can_tune() -> bool:
        """Whether there is a node that tunes rule sets."""
        return QgsApplication.processingRegistry().algorithmById(f"rockglacier:{TUNE}") is not None

    def tune(self) -> None:
        """Open the node that tunes the rule set, and edit its result."""
        layer = self._editor.objects.layer
        dialog = self._node(TUNE, [layer.id()] if layer is not None else None)
        if dialog is not None:
            dialog.algorithmFinished.connect(self._take_tuned)

    def classify(self) -> None:
        """Open the node that classifies the objects by the rule set."""
        layer = self._editor.objects.layer
        self._node(CLASSIFY, layer.id() if layer is not None else None)

    def _node(self, name: str, objects: Any) -> Any:
        """Open a node's dialog with the objects and the rule set, which must be saved for it."""
        editor = self._editor
        if editor.draft.is_changed and not editor.save():
            return None
        given = {"RULES": editor.draft.path} | ({"OBJECTS": objects} if objects else {})
        return open_node(name, given)

    def _take_tuned(self, successful: bool, results: dict[str, Any]) -> None:
        path = str(results.get("OUTPUT", ""))
        if successful and path.lower().endswith(".json"):
            self.open(path)


def _kept_path() -> Path:
    return Path(QgsApplication.qgisSettingsDirPath()) / "rock_glacier_mapper" / "unsaved_rules.json"
