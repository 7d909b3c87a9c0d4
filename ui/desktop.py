"""What the plugin adds to the desktop: a menu, a tool bar, and the docks that they open."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from qgis.core import QgsApplication
from qgis.gui import QgisInterface, QgsDockWidget
from qgis.PyQt.QtCore import QCoreApplication, Qt
from qgis.PyQt.QtGui import QIcon
from qgis.PyQt.QtWidgets import QMenu, QWidget

from ..core.version import PACKAGE_FOLDER
from .explained import explained
from .rules.editor import RuleEditor

ICON = str(PACKAGE_FOLDER / "resources" / "icons" / "icon.svg")


class Desktop:
    """The plugin's menu, tool bar and docks.

    Parameters
    ----------
    iface : QgisInterface
    """

    def __init__(self, iface: QgisInterface) -> None:
        self.iface = iface
        self._docks: dict[type, QgsDockWidget] = {}
        self._menu = QMenu(_tr("Rock Glacier Mapper"), iface.mainWindow())
        self._menu.setIcon(QIcon(ICON))
        self._menu.setToolTipsVisible(True)
        self._menu_action = iface.pluginMenu().addMenu(self._menu)
        self._bar = iface.addToolBar(_tr("Rock Glacier Mapper"))
        self._bar.setObjectName("RockGlacierMapperToolBar")
        self._add(
            "preview",
            QgsApplication.getThemeIcon("mActionShowRasterCalculator.svg"),
            _tr("Segment, with a preview"),
            _tr("Cut a raster into objects; the dialog shows on the map what its parameters give."),
            lambda: open_node("segment", {}),
        )
        self._add(
            "rules",
            QgsApplication.getThemeIcon("mActionConditionalFormatting.svg"),
            _tr("Rule editor"),
            _tr("Edit the rules that classify objects, and see at once on the map what they do."),
            lambda: self.open(RuleEditor),
        )

    def open(self, dock_type: Callable[[QgisInterface], Any]) -> Any:
        """Show a dock, made at its first use, and return it."""
        dock = self._docks.get(dock_type)
        if dock is None:
            dock = self._docks[dock_type] = dock_type(self.iface)
            self.iface.addTabifiedDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, dock, raiseTab=True)
        dock.setUserVisible(True)
        return dock

    def remove(self) -> None:
        """Take everything back."""
        for dock in self._docks.values():
            dock.unload()
            self.iface.removeDockWidget(dock)
            dock.deleteLater()
        self._docks = {}
        self.iface.pluginMenu().removeAction(self._menu_action)
        self._menu.deleteLater()
        self.iface.mainWindow().removeToolBar(self._bar)
        self._bar.deleteLater()

    def _add(self, name: str, icon: QIcon, title: str, help_text: str, called: Callable[[], object]) -> None:
        action = self._menu.addAction(icon, title)
        explained(action, help_text, f"rock_glacier_{name}")
        action.triggered.connect(lambda _checked: called())
        self._bar.addAction(action)


def open_node(name: str, parameters: dict[str, Any]) -> Any:
    """Open the dialog of one of the plugin's nodes, with values filled in, and return it."""
    import processing  # QGIS's plugin, which is there only once it has been loaded

    dialog = processing.createAlgorithmDialog(f"rockglacier:{name}", parameters)
    dialog.show()
    return dialog


def segmentation_dialog(algorithm: Any, parent: QWidget | None = None) -> QWidget:
    """Return the dialog of a node that segments."""
    from .segmentation.dialog import SegmentationDialog  # it needs QGIS's plugin too

    return SegmentationDialog(algorithm, parent)


DIALOGS = {"segment": segmentation_dialog, "previewsegmentation": segmentation_dialog}
"""Nodes whose dialogs offer more than Processing's own."""


def _tr(text: str) -> str:
    return QCoreApplication.translate("Desktop", text)
