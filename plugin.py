"""What QGIS loads: the plugin's beginning and its end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from qgis.core import QgsApplication
from qgis.gui import QgisInterface

from .algorithms.base import StageAlgorithm
from .algorithms.provider import RockGlacierProvider
from .host import worker

if TYPE_CHECKING:
    from .ui.desktop import Desktop


class RockGlacierMapperPlugin:
    """The plugin: registers its Processing provider, with or without a desktop."""

    def __init__(self, iface: QgisInterface | None) -> None:
        self.iface = iface
        self.provider: RockGlacierProvider | None = None
        self.desktop: Desktop | None = None

    def initProcessing(self) -> None:
        """Register the provider; headless QGIS calls this alone."""
        provider = RockGlacierProvider()
        if QgsApplication.processingRegistry().addProvider(provider):
            self.provider = provider
            # Only now that the provider is registered do its own graphical models find their steps.
            provider.refreshAlgorithms()

    def initGui(self) -> None:
        """Set up what the desktop shows: the provider, a menu and a tool bar."""
        self.initProcessing()
        if self.iface is not None:
            # Headless QGIS has no use for docks.
            from .ui.desktop import DIALOGS, Desktop

            self.desktop = Desktop(self.iface)
            StageAlgorithm.DIALOGS.update(DIALOGS)

    def unload(self) -> None:
        """Take back the menu, the docks and the provider, and end the worker process."""
        if self.desktop is not None:
            StageAlgorithm.DIALOGS.clear()
            self.desktop.remove()
            self.desktop = None
        if self.provider is not None:
            QgsApplication.processingRegistry().removeProvider(self.provider)
            self.provider = None
        worker.shutdown()
