"""What QGIS loads: the plugin's beginning and its end."""

from __future__ import annotations

from qgis.core import QgsApplication
from qgis.gui import QgisInterface

from .algorithms.base import StageAlgorithm
from .algorithms.provider import RockGlacierProvider
from .host import worker
from .ui.menu import DIALOGS, Menu


class RockGlacierMapperPlugin:
    """The plugin: registers its Processing provider, with or without a desktop."""

    def __init__(self, iface: QgisInterface | None) -> None:
        self.iface = iface
        self.provider: RockGlacierProvider | None = None
        self.menu: Menu | None = None

    def initProcessing(self) -> None:
        """Register the provider; headless QGIS calls this alone."""
        provider = RockGlacierProvider()
        if QgsApplication.processingRegistry().addProvider(provider):
            self.provider = provider
            # Only now that the provider is registered do its own graphical models find their steps.
            provider.refreshAlgorithms()

    def initGui(self) -> None:
        """Set up what the desktop shows: the provider, the menu and what it opens."""
        self.initProcessing()
        if self.iface is not None:
            self.menu = Menu(self.iface)
            StageAlgorithm.DIALOGS.update(DIALOGS)

    def unload(self) -> None:
        """Take back the menu and the provider, and end the worker process."""
        if self.menu is not None:
            StageAlgorithm.DIALOGS.clear()
            self.menu.remove()
            self.menu = None
        if self.provider is not None:
            QgsApplication.processingRegistry().removeProvider(self.provider)
            self.provider = None
        worker.shutdown()
