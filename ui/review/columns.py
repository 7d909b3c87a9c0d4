"""Dropping columns of layers that were reviewed: SQLite refuses while the journal's triggers name them.

So the triggers make way when QGIS drops columns, and come back before it writes what else is in the edit buffer, which
is journalled as ever. This holds for every layer of the project, under review or not.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable

from qgis.core import QgsMapLayer, QgsProject, QgsVectorLayer
from qgis.PyQt.QtCore import QObject, QTimer

from .errors import ReviewError
from .journal import Journal
from .reviewlayer import location


class ColumnWatch(QObject):
    """Follows the layers of the project, and lets their columns be dropped."""

    def __init__(self) -> None:
        super().__init__()
        self._released: dict[str, Journal] = {}
        project = QgsProject.instance()
        project.layersAdded.connect(self.follow)
        self.follow(project.mapLayers().values())

    def follow(self, layers: Iterable[QgsMapLayer]) -> None:
        """Follow layers from now on."""
        for layer in layers:
            if isinstance(layer, QgsVectorLayer):
                layer.beforeCommitChanges.connect(self._make_way)
                layer.committedAttributesDeleted.connect(self._come_back)

    def _make_way(self) -> None:
        """Take the triggers away where QGIS is about to drop columns of a layer with a journal."""
        layer = self.sender()
        journal = _journal(layer) if layer.editBuffer().deletedAttributeIds() else None
        if journal is None:
            return
        try:
            journal.release()
        except ReviewError as error:
            layer.raiseError.emit(str(error))
            return
        name = layer.id()
        self._released[name] = journal
        # Also where QGIS could not drop them.
        QTimer.singleShot(0, lambda: self._come_back(name))

    def _come_back(self, layer_id: str, *_: object) -> None:
        """Keep the journal again."""
        journal = self._released.pop(layer_id, None)
        if journal is not None:
            # In a file that cannot be written just now, the next review sees to it.
            with contextlib.suppress(ReviewError):
                journal.prepare({})


def _journal(layer: QgsVectorLayer) -> Journal | None:
    """Return the journal of a layer, None where it has none."""
    try:
        journal = Journal(*location(layer), "")
        return journal if journal.is_kept() else None
    except ReviewError:
        # It is in no GeoPackage, or has no geometries, and was never reviewed.
        return None
