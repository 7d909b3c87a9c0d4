"""Graphical models that ship with the plugin."""

from __future__ import annotations

from qgis.core import QgsProcessingModelAlgorithm
from qgis.PyQt.QtCore import QCoreApplication

TITLES = {"map_rock_glaciers_steps": "Map rock glaciers, step by step"}


class ShippedModel(QgsProcessingModelAlgorithm):
    """A graphical model whose id stays while its title is translated.

    QGIS uses the name of a model for both, and would lose this class when it copies the model to run it.
    """

    def displayName(self) -> str:
        """Return the model's title."""
        title = TITLES.get(self.name(), self.name())
        return QCoreApplication.translate("ShippedModel", title)

    def group(self) -> str:
        """Return the title of the group that the model's nodes are in."""
        return QCoreApplication.translate("StageAlgorithm", "Map")

    def groupId(self) -> str:
        """Return the id of that group, which model files do not keep."""
        return "map"

    def createInstance(self) -> ShippedModel:
        """Return a copy of the model."""
        copy = ShippedModel()
        copy.loadVariant(self.toVariant())
        copy.setProvider(self.provider())
        copy.setSourceFilePath(self.sourceFilePath())
        return copy
