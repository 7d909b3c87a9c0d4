"""What QGIS loads: the plugin's beginning and its end."""

from __future__ import annotations

from qgis.core import QgsApplication
from qgis.gui import QgisInterface
from qgis.PyQt.QtCore import QCoreApplication
from qgis.PyQt.QtGui import QIcon
from qgis.PyQt.QtWidgets import QMenu

from .algorithms.base import ICON
from .algorithms.provider import RockGlacierProvider
from .host import worker
from .ui.paperlayout import open_paper_layout

MENU = "Rock Glacier Mapper"


class RockGlacierMapperPlugin:
    """The plugin: registers its Processing provider, with or without a desktop."""

    def __init__(self, iface: QgisInterface | None) -> None:
        self.iface = iface
        self.provider: RockGlacierProvider | None = None
        self.menu: QMenu | None = None

    def initProcessing(self) -> None:
        """Register the provider; headless QGIS calls this alone."""
        provider = RockGlacierProvider()
        if QgsApplication.processingRegistry().addProvider(provider):
            self.provider = provider
            # Only now that the provider is registered do its own graphical models find their steps.
            provider.refreshAlgorithms()

    def initGui(self) -> None:
        """Set up what the desktop shows: the provider, and the menu."""
        self.initProcessing()
        text = QCoreApplication.translate("RockGlacierMapperPlugin", "New map layout for a paper")
        self.menu = self.iface.pluginMenu().addMenu(QIcon(ICON), MENU)
        self.menu.addAction(text, lambda: open_paper_layout(self.iface))

    def unload(self) -> None:
        """Take back the menu and the provider, and end the worker process."""
        if self.menu is not None:
            self.iface.pluginMenu().removeAction(self.menu.menuAction())
            self.menu = None
        if self.provider is not None:
            QgsApplication.processingRegistry().removeProvider(self.provider)
            self.provider = None
        worker.shutdown()
