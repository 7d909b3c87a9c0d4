"""Graphical models that ship with the plugin."""

from __future__ import annotations

from qgis.core import QgsProcessingModelAlgorithm
from qgis.PyQt.QtCore import QCoreApplication

TITLES = {
    "map_rock_glaciers_steps": "Map rock glaciers, step by step",
    "prepare_feature_stack": "Prepare a feature stack",
}
# Id and title of the group that a model's nodes are in, which model files do not keep.
_GROUPS = {"prepare_feature_stack": ("prepare", "Prepare")}
_MAP = ("map", "Map")


class ShippedModel(QgsProcessingModelAlgorithm):
    """A graphical model whose id stays while its title is translated.

    QGIS uses the name of a model for both, and would lose this class when it copies the model to run it.
    """

    def displayName(self) -> str:
        """Return the model's title."""
        title = TITLES.get(self.name(), self.name())
        return QCoreApplication.translate("ShippedModel", title)

    def group(self) -> str:
        """Return the title of the model's group."""
        return QCoreApplication.translate("StageAlgorithm", _GROUPS.get(self.name(), _MAP)[1])

    def groupId(self) -> str:
        """Return the id of the model's group."""
        return _GROUPS.get(self.name(), _MAP)[0]

    def createInstance(self) -> ShippedModel:
        """Return a copy of the model."""
        copy = ShippedModel()
        copy.loadVariant(self.toVariant())
        copy.setProvider(self.provider())
        copy.setSourceFilePath(self.sourceFilePath())
        return copy
