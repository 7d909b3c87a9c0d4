"""The plugin's menu and tool bar; what they open is made when it is first asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from qgis.core import QgsVectorLayer
from qgis.gui import QgisInterface, QgsDockWidget
from qgis.PyQt.QtCore import QCoreApplication, Qt
from qgis.PyQt.QtGui import QIcon
from qgis.PyQt.QtWidgets import QMenu, QWidget

from ..core.version import PACKAGE_FOLDER
from .explained import explained
from .nodes import open_node
from .paperlayout import open_paper_layout
from .review.columns import ColumnWatch

if TYPE_CHECKING:
    from .review.dock import ReviewDock
    from .rules.editor import RuleEditor

ICONS = PACKAGE_FOLDER / "resources" / "icons"


class Menu:
    """The plugin's menu, tool bar and docks.

    Parameters
    ----------
    iface : QgisInterface
    """

    def __init__(self, iface: QgisInterface) -> None:
        self._iface = iface
        self._docks: dict[str, QgsDockWidget] = {}
        self._columns = ColumnWatch()
        self._menu = QMenu(_tr("Rock Glacier Mapper"), iface.mainWindow())
        self._menu.setIcon(_icon("icon"))
        self._menu.setToolTipsVisible(True)
        self._menu_action = iface.pluginMenu().addMenu(self._menu)
        self._bar = iface.addToolBar(_tr("Rock Glacier Mapper"))
        self._bar.setObjectName("RockGlacierMapperToolBar")
        self.welcome = self._add(
            "welcome",
            "icon",
            _tr("Welcome"),
            _tr("Load the sample scene, map its rock glaciers and review them, in a few clicks."),
            self.open_welcome,
        )
        self.map = self._add(
            "map",
            "map",
            _tr("Map rock glaciers"),
            _tr("From a stack of rasters to outlines in one run: choose the stack, a model and a rule set."),
            lambda: open_node("maprockglaciers", {}),
        )
        self.preview = self._add(
            "preview",
            "segment",
            _tr("Segment, with a preview"),
            _tr("Cut a raster into objects; the dialog shows on the map what its parameters give."),
            lambda: open_node("segment", {}),
        )
        self.rules = self._add(
            "rules",
            "rules",
            _tr("Edit rules"),
            _tr("Edit the rules that classify objects, and see at once on the map what they do."),
            self.open_rules,
        )
        self.review = self._add(
            "review",
            "review",
            _tr("Review rock glaciers"),
            _tr("Review outlines one by one, with the keyboard."),
            self.open_review,
        )
        self.layout = self._add(
            "layout",
            "layout",
            _tr("New map layout for a paper"),
            _tr("Make a print layout of what the map shows: title, map, legend, scale bar, north arrow, credits."),
            lambda: open_paper_layout(iface),
        )

    @property
    def review_dock(self) -> ReviewDock | None:
        """The dock of the review, None before its first use."""
        return self._docks.get("review")

    def open_welcome(self) -> QgsDockWidget:
        """Show the welcome page."""
        from .welcome.dock import WelcomeDock

        return self._shown("welcome", lambda: WelcomeDock(self._iface, self))

    def open_rules(self, objects: QgsVectorLayer | None = None) -> RuleEditor:
        """Show the rule editor, with a layer of objects if one is given."""
        from .rules.editor import RuleEditor

        editor: RuleEditor = self._shown("rules", lambda: RuleEditor(self._iface))
        if objects is not None:
            editor.use(objects)
        return editor

    def open_review(self) -> ReviewDock:
        """Show the dock of the review, with the layers that look right if none is under way."""
        from .review.dock import ReviewDock

        dock: ReviewDock = self._shown("review", lambda: ReviewDock(self._iface))
        dock.open()
        return dock

    def remove(self) -> None:
        """Take everything back when the plugin is switched off."""
        for dock in self._docks.values():
            dock.unload()
            self._iface.removeDockWidget(dock)
            dock.deleteLater()
        self._docks = {}
        self._columns.deleteLater()
        self._iface.pluginMenu().removeAction(self._menu_action)
        self._menu.deleteLater()
        self._iface.mainWindow().removeToolBar(self._bar)
        self._bar.deleteLater()

    def _shown(self, name: str, make: Callable[[], Any]) -> Any:
        dock = self._docks.get(name)
        if dock is None:
            dock = self._docks[name] = make()
            self._iface.addTabifiedDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, dock, raiseTab=True)
        dock.setUserVisible(True)
        return dock

    def _add(self, name: str, icon: str, title: str, help_text: str, called: Callable[[], object]) -> Any:
        action = self._menu.addAction(_icon(icon), title)
        explained(action, help_text, f"rock_glacier_{name}")
        action.triggered.connect(lambda _checked: called())
        self._bar.addAction(action)
        return action


def segmentation_dialog(algorithm: Any, parent: QWidget | None = None) -> QWidget:
    """Return the dialog of a node that segments."""
    from .segmentation.dialog import SegmentationDialog  # it needs QGIS's plugin too

    return SegmentationDialog(algorithm, parent)


DIALOGS = {"segment": segmentation_dialog, "previewsegmentation": segmentation_dialog}
"""Nodes whose dialogs offer more than Processing's own."""


def _icon(name: str) -> QIcon:
    return QIcon(str(ICONS / f"{name}.svg"))


def _tr(text: str) -> str:
    return QCoreApplication.translate("Menu", text)
