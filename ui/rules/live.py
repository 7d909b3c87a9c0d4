"""What the rule editor shows on the map: the objects in the colours of their classes, and the one under the cursor."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Callable
from typing import Any

from qgis.core import QgsGeometry, QgsLayerTreeLayer, QgsMapLayer, QgsPointXY, QgsProject, QgsRectangle, QgsWkbTypes
from qgis.gui import QgsMapCanvas, QgsRubberBand
from qgis.PyQt.QtCore import QObject, QTimer
from qgis.PyQt.QtGui import QColor

from ...host.systems import crs_text
from .overlay import ObjectsOverlay, class_colours, membership_colours

MS_TO_SETTLE = 120
MS_BETWEEN_LOOKS = 60
_HIGHLIGHT = QColor("#b2182b")


class LiveMap(QObject):
    """The canvas as the editor uses it.

    Parameters
    ----------
    canvas : QgsMapCanvas
    moved : callable
        Called without arguments when another part of the map is in view.
    pointed : callable
        Called with x, y and their system when the cursor rests on the map.
    parent : QObject
    """

    def __init__(
        self,
        canvas: QgsMapCanvas,
        moved: Callable[[], None],
        pointed: Callable[[float, float, str], None],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._canvas = canvas
        self._overlay = ObjectsOverlay(canvas)
        self._highlight = QgsRubberBand(canvas, QgsWkbTypes.GeometryType.PolygonGeometry)
        self._highlight.setStrokeColor(_HIGHLIGHT)
        self._highlight.setFillColor(QColor(0, 0, 0, 0))
        self._highlight.setWidth(2)
        self._hidden: QgsMapLayer | None = None
        self._was_visible = False
        self._point = QgsPointXY()
        self._settling = self._timer(MS_TO_SETTLE, moved)
        self._looking = self._timer(MS_BETWEEN_LOOKS, lambda: pointed(self._point.x(), self._point.y(), self.crs()))
        canvas.extentsChanged.connect(self._settling.start)
        canvas.destinationCrsChanged.connect(self._settling.start)
        canvas.xyCoordinates.connect(self._point_at)

    def crs(self) -> str:
        """Return the system of the map."""
        return crs_text(self._canvas.mapSettings().destinationCrs())

    def view(self) -> dict[str, Any]:
        """Return the options of a picture of what is in view."""
        settings = self._canvas.mapSettings()
        extent, size = settings.visibleExtent(), settings.outputSize()
        if extent.isEmpty() or size.isEmpty():
            return {}
        sides = (extent.xMinimum(), extent.xMaximum(), extent.yMinimum(), extent.yMaximum())
        system = self.crs()
        text = ",".join(map(repr, sides)) + (f" [{system}]" if system else "")
        # A turned map sees a larger part than its own size.
        pixel = settings.mapUnitsPerPixel()
        width, height = round(extent.width() / pixel), round(extent.height() / pixel)
        return {"extent": text, "width": max(width, 1), "height": max(height, 1)}

    def show_picture(self, picture: str, view: dict[str, Any], colours: list[str]) -> None:
        """Show what the worker painted."""
        sides = [float(text) for text in view["extent"].partition(" ")[0].split(",")]
        extent = QgsRectangle(sides[0], sides[2], sides[1], sides[3])
        table = membership_colours() if view.get("shown") else class_colours(colours)
        pixels = zlib.decompress(base64.b64decode(picture))
        self._overlay.show_picture(extent, view["width"], view["height"], pixels, table)

    def show_object(self, outline: str) -> None:
        """Outline an object, none for an empty text."""
        self._highlight.reset(QgsWkbTypes.GeometryType.PolygonGeometry)
        if outline:
            self._highlight.setToGeometry(QgsGeometry.fromWkt(outline), None)

    def clear(self) -> None:
        """Show nothing."""
        self._overlay.clear()
        self.show_object("")

    @property
    def is_empty(self) -> bool:
        """Whether no picture is shown."""
        return self._overlay.is_empty

    def stand_in_for(self, layer: QgsMapLayer | None) -> None:
        """Hide a layer that the picture shows, and leave the one that was hidden before as it was."""
        if layer is self._hidden:
            return
        before, after = self._node(self._hidden), self._node(layer)
        if before is not None:
            before.setItemVisibilityChecked(self._was_visible)
        self._hidden = layer
        if after is not None:
            self._was_visible = after.itemVisibilityChecked()
            after.setItemVisibilityChecked(False)

    def forget_layer(self) -> None:
        """Do not show the hidden layer again: it is gone."""
        self._hidden = None

    def remove(self) -> None:
        """Take everything off the canvas."""
        self.stand_in_for(None)
        self._canvas.extentsChanged.disconnect(self._settling.start)
        self._canvas.destinationCrsChanged.disconnect(self._settling.start)
        self._canvas.xyCoordinates.disconnect(self._point_at)
        for item in (self._overlay, self._highlight):
            self._canvas.scene().removeItem(item)

    def _node(self, layer: QgsMapLayer | None) -> QgsLayerTreeLayer | None:
        return QgsProject.instance().layerTreeRoot().findLayer(layer.id()) if layer is not None else None

    def _point_at(self, point: QgsPointXY) -> None:
        self._point = point
        if not self._looking.isActive():
            self._looking.start()

    def _timer(self, milliseconds: int, called: Callable[[], None]) -> QTimer:
        timer = QTimer(self)
        timer.setSingleShot(True)
        timer.setInterval(milliseconds)
        timer.timeout.connect(called)
        return timer
