"""The membership function of a condition, drawn over the values of the objects, with corners to drag."""

from __future__ import annotations

import math
from collections.abc import Sequence

from qgis.PyQt.QtCore import QPointF, QRectF, QSize, Qt, pyqtSignal
from qgis.PyQt.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from qgis.PyQt.QtWidgets import QSizePolicy, QWidget

_MARGIN_X, _TOP, _BOTTOM = 14, 12, 22
_HANDLE = 6
# How near to a corner, in pixels, the pointer takes hold of it.
_REACH = 14
_STEPS = 200
_BARS = QColor(120, 130, 140, 110)
_VALUE = QColor("#b2182b")
_LEVELS = {"above": (0, 1), "below": (1, 0), "between": (0, 1, 1, 0), "outside": (1, 0, 0, 1)}


class RampView(QWidget):
    """Draws a ramp and lets its corners be dragged, or moved by the arrow keys.

    Signals
    -------
    dragged(list)
        The corners while they are moved.
    released()
        The end of a drag.
    """

    dragged = pyqtSignal(list)
    released = pyqtSignal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("ramp")
        self.setMinimumHeight(130)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._membership = "above"
        self._ramp: list[float] = []
        self._histogram: Sequence[int] = ()
        self._span = (0.0, 1.0)
        self._extent = (0.0, 1.0)
        self._value = math.nan
        self._colour = QColor("#808080")
        self._held: tuple[int, ...] = ()
        self._chosen = 0
        self._pressed_at = 0.0

    def sizeHint(self) -> QSize:
        return QSize(320, 160)

    @property
    def corners(self) -> list[float]:
        """The corners, ascending."""
        return list(self._ramp)

    def show_condition(self, membership: str, ramp: Sequence[float], colour: str) -> None:
        """Show a condition's membership function in the colour of its class; an empty ramp shows nothing."""
        self._membership, self._ramp, self._colour = membership, list(ramp), QColor(colour)
        self._chosen = min(self._chosen, max(len(ramp) - 1, 0))
        if not self._held:
            self._frame()
        self.update()

    def show_values(self, low: float, high: float, histogram: Sequence[int]) -> None:
        """Show how the objects' values are spread; NaN for values that are not known."""
        known = math.isfinite(low) and math.isfinite(high)
        self._span = (low, high) if known else (math.nan, math.nan)
        self._histogram = histogram if known else ()
        self._frame()
        self.update()

    def mark(self, value: float) -> None:
        """Mark the value of the object under the cursor; NaN for none."""
        self._value = value
        self.update()

    def place_of(self, corner: int) -> QPointF:
        """Return where a corner is drawn."""
        level = _LEVELS[self._membership][corner]
        return QPointF(self._x(self._ramp[corner]), self._y(level))

    def paintEvent(self, _event: QPaintEvent | None) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), self.palette().base())
        if self._ramp:
            self._paint_histogram(painter)
            self._paint_axis(painter)
            self._paint_ramp(painter)
            self._paint_value(painter)
        painter.end()

    def mousePressEvent(self, event: QMouseEvent | None) -> None:
        if event is None or not self._ramp or event.button() != Qt.MouseButton.LeftButton:
            return
        self._pressed_at = event.pos().x()
        self._held = self._near(self._pressed_at)
        if self._held:
            self._chosen = self._held[0]
        self.update()

    def mouseMoveEvent(self, event: QMouseEvent | None) -> None:
        if event is None or not self._ramp:
            return
        x = event.pos().x()
        if not self._held:
            shape = Qt.CursorShape.SizeHorCursor if self._near(x) else Qt.CursorShape.ArrowCursor
            self.setCursor(shape)
            return
        if len(self._held) > 1 and x != self._pressed_at:
            # Of corners on one spot, the one that is free to go that way.
            self._held = self._held[-1:] if x > self._pressed_at else self._held[:1]
            self._chosen = self._held[0]
        if len(self._held) == 1:
            self._move_to(self._held[0], self._value_at(x))

    def mouseReleaseEvent(self, _event: QMouseEvent | None) -> None:
        if self._held:
            self._held = ()
            self._frame()
            self.update()
            self.released.emit()

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        if event is None:
            return
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        if self._ramp and event.key() in steps:
            low, high = self._extent
            step = (high - low) / _STEPS * (10 if event.modifiers() & Qt.KeyboardModifier.ShiftModifier else 1)
            self._move_to(self._chosen, self._ramp[self._chosen] + steps[event.key()] * step)
            self.released.emit()
        elif self._ramp and event.key() in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            self._chosen = (self._chosen + 1) % len(self._ramp)
            self.update()
        else:
            super().keyPressEvent(event)

    def _move_to(self, corner: int, value: float) -> None:
        lowest = self._ramp[corner - 1] if corner else -math.inf
        highest = self._ramp[corner + 1] if corner + 1 < len(self._ramp) else math.inf
        moved = min(max(self._rounded(value), lowest), highest)
        if moved != self._ramp[corner]:
            self._ramp[corner] = moved
            self.update()
            self.dragged.emit(list(self._ramp))

    def _rounded(self, value: float) -> float:
        """Return a value with no more digits than a pixel can tell apart."""
        low, high = self._extent
        digits = 2 - math.floor(math.log10(high - low))
        return round(value, digits)

    def _near(self, x: float) -> tuple[int, ...]:
        """Return the corners nearest to the pointer, several where they lie on one spot."""
        distances = [abs(self._x(value) - x) for value in self._ramp]
        nearest = min(distances)
        if nearest > _REACH:
            return ()
        return tuple(number for number, distance in enumerate(distances) if distance - nearest < 1)

    def _frame(self) -> None:
        """Choose the range of the axis: the values and the ramp, with a margin."""
        ends = [value for value in (*self._ramp, *self._span) if math.isfinite(value)]
        low, high = (min(ends), max(ends)) if ends else (0.0, 1.0)
        margin = 0.04 * (high - low) or max(abs(high), 1.0) * 0.5
        self._extent = (low - margin, high + margin)

    def _x(self, value: float) -> float:
        low, high = self._extent
        return _MARGIN_X + (value - low) / (high - low) * (self.width() - 2 * _MARGIN_X)

    def _y(self, level: float) -> float:
        return _TOP + (1 - level) * (self.height() - _TOP - _BOTTOM)

    def _value_at(self, x: float) -> float:
        low, high = self._extent
        return low + (x - _MARGIN_X) / max(self.width() - 2 * _MARGIN_X, 1) * (high - low)

    def _paint_histogram(self, painter: QPainter) -> None:
        tallest = max(self._histogram, default=0)
        if not tallest:
            return
        low, high = self._span
        wide = (high - low) / len(self._histogram)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(_BARS)
        for number, count in enumerate(self._histogram):
            left, right = self._x(low + number * wide), self._x(low + (number + 1) * wide)
            # The root brings up bars that one tall one would else leave flat.
            top = self._y(math.sqrt(count / tallest))
            painter.drawRect(QRectF(left, top, max(right - left - 0.5, 1.0), self._y(0) - top))

    def _paint_axis(self, painter: QPainter) -> None:
        painter.setPen(QPen(self.palette().text().color(), 1))
        painter.drawLine(QPointF(_MARGIN_X, self._y(0)), QPointF(self.width() - _MARGIN_X, self._y(0)))
        metrics = painter.fontMetrics()
        end = -math.inf
        for value in _ticks(*self._extent):
            x = self._x(value)
            text = f"{value:.6g}"
            wide = metrics.horizontalAdvance(text)
            painter.drawLine(QPointF(x, self._y(0)), QPointF(x, self._y(0) + 3))
            if x - wide / 2 > end + 6 and x + wide / 2 < self.width():
                painter.drawText(QPointF(x - wide / 2, self.height() - 5), text)
                end = x + wide / 2

    def _paint_ramp(self, painter: QPainter) -> None:
        levels = _LEVELS[self._membership]
        points = [self.place_of(corner) for corner in range(len(self._ramp))]
        left, right = QPointF(_MARGIN_X, self._y(levels[0])), QPointF(self.width() - _MARGIN_X, self._y(levels[-1]))
        line = QPolygonF([left, *points, right])
        fill = QColor(self._colour)
        fill.setAlpha(60)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(fill)
        painter.drawPolygon(QPolygonF([QPointF(left.x(), self._y(0)), *line, QPointF(right.x(), self._y(0))]))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(self._colour.darker(120), 2))
        painter.drawPolyline(line)
        for corner, point in enumerate(points):
            chosen = self.hasFocus() and corner == self._chosen
            painter.setPen(QPen(self._colour.darker(150), 2.5 if chosen else 1.5))
            painter.setBrush(self._colour if chosen else self.palette().base())
            painter.drawEllipse(point, _HANDLE, _HANDLE)

    def _paint_value(self, painter: QPainter) -> None:
        if math.isfinite(self._value):
            low, high = self._extent
            x = self._x(min(max(self._value, low), high))
            painter.setPen(QPen(_VALUE, 1.5, Qt.PenStyle.DashLine))
            painter.drawLine(QPointF(x, _TOP - 6), QPointF(x, self._y(0)))


def _ticks(low: float, high: float) -> list[float]:
    """Return round numbers along an axis, about five."""
    rough = (high - low) / 5
    power = 10 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in (1, 2, 5, 10) if factor * power >= rough)
    first = math.ceil(low / step)
    return [number * step for number in range(first, math.floor(high / step) + 1)]
