"""The classes of the objects as a picture above the map, which costs nothing to redraw while a ramp is dragged."""

from __future__ import annotations

from collections.abc import Sequence

from qgis.core import QgsPointXY, QgsRectangle
from qgis.gui import QgsMapCanvas, QgsMapCanvasItem
from qgis.PyQt.QtCore import QRectF
from qgis.PyQt.QtGui import QColor, QImage, QPainter, QTransform, qRgba

BORDER = 128
_COLOURS = 256
_OPACITY = 150
_NO_CLASS = QColor(255, 255, 255, 30)
_NO_CLASS_BORDER = QColor(90, 90, 90, 130)
_NOT_ASKED = QColor(90, 90, 90, 60)
# From low to high membership; told apart by lightness alone too (viridis).
_STOPS = ("#440154", "#3b528b", "#21918c", "#5ec962", "#fde725")


class ObjectsOverlay(QgsMapCanvasItem):
    """Paints a picture of class codes at its place on the map.

    Parameters
    ----------
    canvas : QgsMapCanvas
    """

    def __init__(self, canvas: QgsMapCanvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self.setZValue(5)
        self._image = QImage()
        self._pixels = b""
        self._corners: tuple[QgsPointXY, ...] = ()

    def show_picture(self, extent: QgsRectangle, width: int, height: int, pixels: bytes, table: Sequence[int]) -> None:
        """Show codes of one byte a pixel in the colours of a table."""
        # The image shares the bytes, so they must live as long as it.
        self._pixels = pixels
        self._image = QImage(pixels, width, height, width, QImage.Format.Format_Indexed8)
        self._image.setColorTable(list(table))
        right, bottom = extent.xMaximum(), extent.yMinimum()
        left, top = extent.xMinimum(), extent.yMaximum()
        self._corners = (QgsPointXY(left, top), QgsPointXY(right, top), QgsPointXY(left, bottom))
        self.update()

    def clear(self) -> None:
        """Show nothing."""
        self._image = QImage()
        self._pixels = b""
        self.update()

    @property
    def is_empty(self) -> bool:
        """Whether nothing is shown."""
        return self._image.isNull()

    def boundingRect(self) -> QRectF:
        return QRectF(self._canvas.rect())

    def updatePosition(self) -> None:
        """Follow the map; QGIS calls it when the map is moved, zoomed or turned."""
        self.prepareGeometryChange()
        self.update()

    def paint(self, painter: QPainter, *_others: object) -> None:
        if self._image.isNull():
            return
        origin, right, bottom = (self.toCanvasCoordinates(corner) for corner in self._corners)
        across, down = (right - origin) / self._image.width(), (bottom - origin) / self._image.height()
        # The map may be turned, and shows another part by now than the picture was made for.
        painter.setTransform(QTransform(across.x(), across.y(), down.x(), down.y(), origin.x(), origin.y()), True)
        painter.drawImage(0, 0, self._image)


def class_colours(colours: Sequence[str]) -> list[int]:
    """Return the colours of the codes of classes: nothing, each class, no class; borders are darker."""
    table = [0] * _COLOURS
    for code, name in enumerate(colours, start=1):
        fill = QColor(name)
        table[code] = _packed(fill, _OPACITY)
        table[code + BORDER] = _packed(fill.darker(170), 220)
    none = len(colours) + 1
    table[none], table[none + BORDER] = (_packed(colour, colour.alpha()) for colour in (_NO_CLASS, _NO_CLASS_BORDER))
    return table


def membership_colours() -> list[int]:
    """Return the colours of the codes of memberships: nothing, not asked, and 2 to 100 for 0 to 1."""
    table = [0] * _COLOURS
    table[1], table[1 + BORDER] = _packed(_NOT_ASKED, 60), _packed(_NOT_ASKED, 110)
    stops = [QColor(name) for name in _STOPS]
    for code in range(2, 101):
        place = (code - 2) / 98 * (len(stops) - 1)
        number = min(int(place), len(stops) - 2)
        colour = _between(stops[number], stops[number + 1], place - number)
        table[code], table[code + BORDER] = _packed(colour, 200), _packed(colour.darker(140), 230)
    return table


def _between(one: QColor, other: QColor, share: float) -> QColor:
    parts = zip((one.red(), one.green(), one.blue()), (other.red(), other.green(), other.blue()), strict=True)
    return QColor(*(round(first + share * (second - first)) for first, second in parts))


def _packed(colour: QColor, alpha: int) -> int:
    return int(qRgba(colour.red(), colour.green(), colour.blue(), alpha))
