"""Tools on the map that QGIS does not have: grow and cut by whole objects, merge with a neighbour, trim at a line."""

from __future__ import annotations

from collections.abc import Callable

from qgis.core import (
    QgsCoordinateTransform,
    QgsCsException,
    QgsFeatureRequest,
    QgsGeometry,
    QgsPointXY,
    QgsProject,
    QgsRectangle,
    QgsVectorLayer,
    QgsWkbTypes,
)
from qgis.gui import QgsMapCanvas, QgsMapMouseEvent, QgsMapTool, QgsRubberBand
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtGui import QColor, QKeyEvent

from . import profile, shapes
from .errors import ReviewError
from .session import ReviewSession

GROW, CUT = "grow", "cut"
_POLYGON = QgsWkbTypes.GeometryType.PolygonGeometry
_LINE = QgsWkbTypes.GeometryType.LineGeometry
_COLORS = {GROW: "#56b4e9", CUT: "#d55e00", "merge": "#56b4e9", "trim": "#d55e00"}


class ReviewTool(QgsMapTool):
    """A tool of the review, with something drawn over the map while it is used."""

    def __init__(
        self, canvas: QgsMapCanvas, session: ReviewSession, kind: str, shape: QgsWkbTypes.GeometryType
    ) -> None:
        super().__init__(canvas)
        self.session = session
        self.setCursor(Qt.CursorShape.CrossCursor)
        color = QColor(_COLORS[kind])
        self.band = QgsRubberBand(canvas, shape)
        self.band.setWidth(2)
        self.band.setStrokeColor(color)
        color.setAlpha(110)
        self.band.setFillColor(color)

    def deactivate(self) -> None:
        self.band.reset(self.band.asGeometry().type())
        super().deactivate()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.canvas().unsetMapTool(self)
            event.accept()
        else:
            event.ignore()

    def attempt(self, act: Callable[[], None]) -> None:
        """Do something, and let the session say what is wrong."""
        try:
            act()
        except ReviewError as error:
            self.session.failed.emit(str(error))


class ObjectTool(ReviewTool):
    """Adds whole objects under the cursor to the outline, or takes them away: by a click, or drawing over several."""

    def __init__(self, canvas: QgsMapCanvas, session: ReviewSession, objects: QgsVectorLayer, kind: str) -> None:
        super().__init__(canvas, session, kind, _POLYGON)
        self._objects, self._kind = objects, kind
        self._chosen: dict[int, QgsGeometry] = {}
        self._pressed = False

    def canvasMoveEvent(self, event: QgsMapMouseEvent) -> None:
        if not self._pressed:
            self._chosen.clear()
        self._choose(event.mapPoint())

    def canvasPressEvent(self, event: QgsMapMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._pressed = True
            self._chosen.clear()
            self._choose(event.mapPoint())

    def canvasReleaseEvent(self, event: QgsMapMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            self.canvas().unsetMapTool(self)
            return
        self._pressed = False
        chosen, self._chosen = list(self._chosen.values()), {}
        self.band.reset(_POLYGON)
        if chosen:
            self.attempt(lambda: self._apply(QgsGeometry.unaryUnion(chosen)))

    def _choose(self, point: QgsPointXY) -> None:
        """Add the object at a point of the canvas to those chosen."""
        place = moved(QgsGeometry.fromPointXY(point), self._canvas_to(self._objects))
        request = QgsFeatureRequest(place.boundingBox().buffered(1e-9)).setNoAttributes()
        layer = self.session.layer
        for feature in self._objects.getFeatures(request):
            if feature.geometry().intersects(place):
                back = QgsCoordinateTransform(self._objects.crs(), layer.crs(), QgsProject.instance())
                self._chosen[feature.id()] = moved(feature.geometry(), back)
        self.band.reset(_POLYGON)
        for geometry in self._chosen.values():
            self.band.addGeometry(geometry, layer, False)
        self.band.updatePosition()
        self.band.update()

    def _canvas_to(self, layer: QgsVectorLayer) -> QgsCoordinateTransform:
        return QgsCoordinateTransform(self.canvas().mapSettings().destinationCrs(), layer.crs(), QgsProject.instance())

    def _apply(self, objects: QgsGeometry) -> None:
        session = self.session
        session.flush()
        if session.current is None:
            return
        outline = session.row(session.current)[0]
        if self._kind == GROW:
            others = session.neighbours(outline.combine(objects)).values()
            session.reshape(shapes.grown(outline, objects, others), GROW)
        else:
            session.reshape(shapes.cut(outline, objects), CUT)


class MergeTool(ReviewTool):
    """Joins a neighbour to the outline: Enter takes the one with the longest common border, a click another."""

    def __init__(self, canvas: QgsMapCanvas, session: ReviewSession) -> None:
        super().__init__(canvas, session, "merge", _POLYGON)
        self._neighbours: dict[int, QgsGeometry] = {}
        self._chosen: int | None = None

    def activate(self) -> None:
        super().activate()
        self.attempt(self._look_around)

    def _look_around(self) -> None:
        session = self.session
        if session.current is None:
            return
        outline = session.row(session.current)[0]
        box = outline.boundingBox()
        self._neighbours = session.neighbours(outline, max(box.width(), box.height()))
        if not self._neighbours:
            session.said.emit("There is no candidate near this one to merge with.")
            return
        best = max(self._neighbours, key=lambda fid: shapes.common_border(outline, self._neighbours[fid]))
        self._choose(best)
        session.said.emit(
            f"Merge with candidate {best}? Enter or a click on it merges; a click on another one takes that."
        )

    def _choose(self, fid: int | None) -> None:
        self._chosen = fid
        if fid is None:
            self.band.reset(_POLYGON)
        else:
            self.band.setToGeometry(self._neighbours[fid], self.session.layer)

    def canvasMoveEvent(self, event: QgsMapMouseEvent) -> None:
        found = self._at(event.mapPoint())
        if found is not None:
            self._choose(found)

    def canvasReleaseEvent(self, event: QgsMapMouseEvent) -> None:
        found = self._at(event.mapPoint())
        if event.button() != Qt.MouseButton.LeftButton:
            self.canvas().unsetMapTool(self)
        elif found is None:
            self.session.said.emit("Click inside the neighbour to merge with, or press Esc.")
        else:
            self._merge(found)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._chosen is not None:
            self._merge(self._chosen)
            event.accept()
        else:
            super().keyPressEvent(event)

    def _at(self, point: QgsPointXY) -> int | None:
        layer = self.session.layer
        transform = QgsCoordinateTransform(
            self.canvas().mapSettings().destinationCrs(), layer.crs(), QgsProject.instance()
        )
        place = moved(QgsGeometry.fromPointXY(point), transform)
        return next((fid for fid, shape in self._neighbours.items() if shape.contains(place)), None)

    def _merge(self, fid: int) -> None:
        self.canvas().unsetMapTool(self)
        self.session.merge_with(fid)


class TrimTool(ReviewTool):
    """Cuts the outline at a line across it, and takes the upslope part away."""

    def __init__(
        self, canvas: QgsMapCanvas, session: ReviewSession, elevation: Callable[[], profile.Source | None]
    ) -> None:
        super().__init__(canvas, session, "trim", _LINE)
        self._elevation = elevation
        self._points: list[QgsPointXY] = []

    def deactivate(self) -> None:
        self._points = []
        super().deactivate()

    def canvasMoveEvent(self, event: QgsMapMouseEvent) -> None:
        if self._points:
            self._draw([*self._points, event.mapPoint()])

    def canvasReleaseEvent(self, event: QgsMapMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self._points.append(event.mapPoint())
            self._draw(self._points)
        else:
            self._finish()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._finish()
            event.accept()
        else:
            super().keyPressEvent(event)

    def _draw(self, points: list[QgsPointXY]) -> None:
        # A rubber band without a layer has the canvas's coordinates.
        self.band.setToGeometry(QgsGeometry.fromPolylineXY(points), None)

    def _finish(self) -> None:
        points, self._points = self._points, []
        self.band.reset(_LINE)
        if len(points) > 1:
            self.attempt(lambda: self._trim(points))

    def _trim(self, points: list[QgsPointXY]) -> None:
        session = self.session
        session.flush()
        if session.current is None:
            return
        transform = QgsCoordinateTransform(
            self.canvas().mapSettings().destinationCrs(), session.layer.crs(), QgsProject.instance()
        )
        line = moved(QgsGeometry.fromPolylineXY(points), transform).asPolyline()
        *parts, uncut = shapes.divided(session.row(session.current)[0], line)
        elevation = self._elevation()
        heights = [profile.mean_elevation(part, elevation) if elevation else None for part in parts]
        if None in heights:
            kept = max(parts, key=lambda part: part.area())
            session.said.emit(
                "Without elevations here, the smaller part was taken away. Choose a layer with them to trim upslope."
            )
        else:
            kept = parts[0] if (heights[0] or 0) < (heights[1] or 0) else parts[1]
        if not uncut.isEmpty():
            kept = kept.combine(uncut)
        if session.reshape(kept, "trim"):
            self.canvas().unsetMapTool(self)


def moved(geometry: QgsGeometry, transform: QgsCoordinateTransform) -> QgsGeometry:
    """Return a geometry in another reference system.

    Raises
    ------
    ReviewError
        If it cannot be had there.
    """
    result = QgsGeometry(geometry)
    try:
        result.transform(transform)
    except QgsCsException as error:
        raise ReviewError(f"The layers' reference systems cannot be brought together here: {error}") from error
    return result


def box_in_map(box: QgsRectangle, layer: QgsVectorLayer, canvas: QgsMapCanvas) -> QgsRectangle:
    """Return a layer's rectangle in the canvas's reference system."""
    transform = QgsCoordinateTransform(layer.crs(), canvas.mapSettings().destinationCrs(), QgsProject.instance())
    try:
        return transform.transformBoundingBox(box)
    except QgsCsException:
        return box
