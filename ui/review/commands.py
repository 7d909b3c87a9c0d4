"""The keys and buttons of the review: one action each, in force on the map and in the dock, not elsewhere in QGIS."""

from __future__ import annotations

from dataclasses import dataclass

from qgis.core import QgsApplication
from qgis.PyQt.QtCore import QSize, Qt
from qgis.PyQt.QtGui import QIcon, QKeySequence
from qgis.PyQt.QtWidgets import QToolButton, QWidget

from ..qtnames import QAction
from .backgrounds import BACKGROUNDS


@dataclass(frozen=True)
class Command:
    """What can be done: its name in the program, its title, key, icon of QGIS, and what it does in a sentence."""

    name: str
    title: str
    key: str
    icon: str
    help: str


COMMANDS = (
    Command("accept", "Accept", "A", "", "It is a rock glacier, and the outline is right. Goes to the next."),
    Command("reject", "Reject", "R", "", "It is none: training will see it as a counterexample. Goes to the next."),
    Command("unsure", "Unsure", "U", "", "It cannot be told: training will leave it out. Goes to the next."),
    Command("previous", "Previous", "P", "", "Back to the candidate before, decided or not."),
    Command("next", "Next", "N", "", "On to the next that is undecided, without deciding."),
    Command(
        "undo",
        "Undo",
        "Ctrl+Z",
        "mActionUndo.svg",
        "Take back the last action, whatever tool did it; also after a restart.",
    ),
    Command("redo", "Redo", "Ctrl+Shift+Z", "mActionRedo.svg", "Do again what was taken back."),
    Command("zoom", "Zoom", "Z", "mActionZoomToSelected.svg", "Show the whole candidate."),
    Command(
        "vertices",
        "Vertices",
        "E",
        "mActionVertexToolActiveLayer.svg",
        "QGIS's vertex tool: click a vertex, click where it goes.",
    ),
    Command(
        "reshape",
        "Reshape",
        "L",
        "mActionReshape.svg",
        "Draw a line that begins and ends inside (to add) or outside (to cut); right click ends it.",
    ),
    Command(
        "split",
        "Split",
        "K",
        "mActionSplitFeatures.svg",
        "Draw a line across the candidate; right click cuts it in two.",
    ),
    Command(
        "trim",
        "Trim top",
        "T",
        "mActionTrimExtendFeature.svg",
        "Draw a line across; right click takes away what lies upslope of it.",
    ),
    Command(
        "grow",
        "Grow",
        "G",
        "mActionAddPart.svg",
        "Click objects of the segmentation, or draw over them, to add them whole.",
    ),
    Command(
        "cut",
        "Cut",
        "C",
        "mActionDeletePart.svg",
        "Click objects of the segmentation, or draw over them, to take them away.",
    ),
    Command(
        "merge", "Merge", "M", "mActionMergeFeatures.svg", "Join a neighbour: Enter takes the nearest, a click another."
    ),
    Command("draw", "Draw missed", "D", "mActionCapturePolygon.svg", "Draw one that was missed; right click ends it."),
    *(
        Command(background.key, background.title, str(number), "", background.help)
        for number, background in enumerate(BACKGROUNDS, 1)
    ),
    Command(
        "hide",
        "Hide lines",
        "H",
        "mActionHideAllLayers.svg",
        "Hide the outlines to see the ground, and show them again.",
    ),
)


class Commands:
    """The actions by name, on the widgets where their keys hold.

    Parameters
    ----------
    widgets : tuple of QWidget
        The map and the dock.
    """

    def __init__(self, *widgets: QWidget) -> None:
        self._widgets = widgets
        self.actions: dict[str, QAction] = {}
        for command in COMMANDS:
            action = QAction(_icon(command), command.title)
            # What its button says.
            apart = "  " if len(command.key) == 1 else " "
            action.setIconText(command.title + apart + command.key)
            action.setShortcut(QKeySequence(command.key))
            # So that the letters stay letters where somebody writes, and keep their meaning elsewhere in QGIS.
            action.setShortcutContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            action.setToolTip(f"<b>{command.title}</b> ({command.key})<br>{command.help}")
            self.actions[command.name] = action

    def enable(self, on: bool) -> None:
        """Put the keys in force, or out of it."""
        for action in self.actions.values():
            action.setEnabled(on)
            for widget in self._widgets:
                (widget.addAction if on else widget.removeAction)(action)

    def button(self, name: str, style: Qt.ToolButtonStyle = Qt.ToolButtonStyle.ToolButtonTextUnderIcon) -> QToolButton:
        """Return a button for an action, with its key beside its title."""
        button = QToolButton()
        button.setObjectName(name)
        button.setDefaultAction(self.actions[name])
        button.setToolButtonStyle(style)
        button.setIconSize(QSize(20, 20))
        button.setAutoRaise(True)
        return button


def _icon(command: Command) -> QIcon:
    return QgsApplication.getThemeIcon(command.icon) if command.icon else QIcon()
