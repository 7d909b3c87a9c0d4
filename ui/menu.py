"""The plugin's menu and toolbar buttons; what they open is made when it is first asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qgis.gui import QgisInterface
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtGui import QIcon

from ..core.version import PACKAGE_FOLDER
from .qtnames import QAction

if TYPE_CHECKING:
    from .review.dock import ReviewDock

_MENU = "Rock Glacier Mapper"


class Menu:
    """The entries in QGIS's menu and toolbar.

    Parameters
    ----------
    iface : QgisInterface
    """

    def __init__(self, iface: QgisInterface) -> None:
        self._iface = iface
        self.review_dock: ReviewDock | None = None
        icon = QIcon(str(PACKAGE_FOLDER / "resources" / "icons" / "icon.svg"))
        self.review = QAction(icon, "Review rock glaciers", iface.mainWindow())
        self.review.setToolTip("Review outlines one by one, with the keyboard")
        self.review.triggered.connect(self._open_review)
        iface.addPluginToMenu(_MENU, self.review)
        iface.addToolBarIcon(self.review)

    def _open_review(self) -> None:
        from .review.dock import ReviewDock

        if self.review_dock is None:
            self.review_dock = ReviewDock(self._iface)
            self._iface.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, self.review_dock)
        self.review_dock.open()

    def remove(self) -> None:
        """Take everything back when the plugin is switched off."""
        self._iface.removePluginMenu(_MENU, self.review)
        self._iface.removeToolBarIcon(self.review)
        if self.review_dock is not None:
            self.review_dock.unload()
            self._iface.removeDockWidget(self.review_dock)
            self.review_dock.deleteLater()
            self.review_dock = None
