"""The drawing of a profile: elevation as a line over filled ground, the heatmap as a line of its own."""

from __future__ import annotations

from qgis.PyQt.QtCore import QPointF, QRectF, Qt, pyqtSignal
from qgis.PyQt.QtGui import QColor, QFont, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF, QTextOption
from qgis.PyQt.QtWidgets import QSizePolicy, QWidget

from .profile import Profile

_GROUND, _ELEVATION, _HEATMAP, _GRID = "#e4ddd3", "#5b4636", "#0072b2", "#c8c8c8"
_LEFT, _RIGHT, _TOP, _BOTTOM = 46, 30, 18, 26


class ProfileWidget(QWidget):
    """Shows a profile; tells where along it the cursor is.

    Signals
    -------
    pointed : share of the line's length, negative when the cursor leaves
    """

    pointed = pyqtSignal(float)

    def __init__(self) -> None:
        super().__init__()
        self._profile: Profile | None = None
        self._message = ""
        self._at: float | None = None
        self.setMinimumHeight(150)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.setMouseTracking(True)
        self.setToolTip(
            "From the top of the candidate to its front, through the middles of its elevation bands. "
            "Move over it to see the place on the map."
        )

    def show_profile(self, profile: Profile | None, message: str = "") -> None:
        """Show a profile, or a sentence where there is none."""
        self._profile, self._message = profile, message
        self._at = None
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        font = QFont(self.font())
        font.setPointSizeF(max(font.pointSizeF() - 1.5, 6.5))
        painter.setFont(font)
        area = self._area()
        heights = [value for value in self._profile.elevations if value is not None] if self._profile else []
        if not heights:
            painter.setPen(QColor("#707070"))
            _write(painter, QRectF(self.rect()).adjusted(8, 0, -8, 0), Qt.AlignmentFlag.AlignCenter, self._message)
            return
        painter.fillRect(area, QColor("#ffffff"))
        low, high = min(heights), max(heights)
        margin = max((high - low) * 0.08, 0.5)
        self._draw_axes(painter, area, low - margin, high + margin)
        self._draw_line(painter, area, self._profile.elevations, (low - margin, high + margin), _ELEVATION, filled=True)
        self._draw_line(painter, area, self._profile.likelihoods, (0.0, 1.0), _HEATMAP)
        self._draw_cursor(painter, area)

    def _area(self) -> QRectF:
        return QRectF(self.rect()).adjusted(_LEFT, _TOP, -_RIGHT, -_BOTTOM)

    def _draw_axes(self, painter: QPainter, area: QRectF, low: float, high: float) -> None:
        right, middle = Qt.AlignmentFlag.AlignRight, Qt.AlignmentFlag.AlignVCenter
        for step in range(3):
            y = area.bottom() - area.height() * step / 2
            painter.setPen(QPen(QColor(_GRID), 1))
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y))
            painter.setPen(QColor(_ELEVATION))
            _write(painter, QRectF(0, y - 8, _LEFT - 5, 16), right | middle, f"{low + (high - low) * step / 2:.0f}")
            painter.setPen(QColor(_HEATMAP))
            _write(painter, QRectF(area.right() + 4, y - 8, _RIGHT - 4, 16), middle, f"{step / 2:g}")
        painter.setPen(QColor(_ELEVATION))
        _write(painter, QRectF(area.left(), 0, area.width() / 2, _TOP), middle, "Elevation (m)")
        painter.setPen(QColor(_HEATMAP))
        _write(painter, QRectF(area.center().x(), 0, area.width() / 2, _TOP), right | middle, "Heatmap")
        painter.setPen(QColor("#505050"))
        length = self._profile.length if self._profile else 0.0
        below = QRectF(area.left(), area.bottom() + 3, area.width(), _BOTTOM - 4)
        _write(painter, below, middle, "Top")
        _write(painter, below, Qt.AlignmentFlag.AlignHCenter | middle, f"{length:.0f} m")
        _write(painter, below, right | middle, "Front")

    def _draw_line(
        self,
        painter: QPainter,
        area: QRectF,
        values: list[float | None],
        span: tuple[float, float],
        color: str,
        *,
        filled: bool = False,
    ) -> None:
        points = self._points(area, values, span)
        if filled and points:
            ground = [QPointF(points[0].x(), area.bottom()), *points, QPointF(points[-1].x(), area.bottom())]
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(_GROUND))
            painter.drawPolygon(QPolygonF(ground))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(color), 1.8))
        painter.drawPolyline(QPolygonF(points))

    def _points(self, area: QRectF, values: list[float | None], span: tuple[float, float]) -> list[QPointF]:
        last = max(len(values) - 1, 1)
        low, high = span
        return [
            QPointF(
                area.left() + area.width() * place / last, area.bottom() - area.height() * (value - low) / (high - low)
            )
            for place, value in enumerate(values)
            if value is not None
        ]

    def _draw_cursor(self, painter: QPainter, area: QRectF) -> None:
        if self._at is None or self._profile is None:
            return
        x = area.left() + area.width() * self._at
        painter.setPen(QPen(QColor("#202020"), 1, Qt.PenStyle.DashLine))
        painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()))
        place = round(self._at * (len(self._profile.elevations) - 1))
        height, likely = self._profile.elevations[place], self._profile.likelihoods[place]
        texts = [f"{height:.0f} m" if height is not None else "", f"{likely:.2f}" if likely is not None else ""]
        side = Qt.AlignmentFlag.AlignLeft if self._at < 0.6 else Qt.AlignmentFlag.AlignRight
        box = QRectF(x + 5 if self._at < 0.6 else x - 105, area.top(), 100, 16)
        painter.setPen(QColor("#202020"))
        _write(painter, box, side, "  ".join(text for text in texts if text))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._profile is None:
            return
        area = self._area()
        self._at = min(max((event.pos().x() - area.left()) / max(area.width(), 1.0), 0.0), 1.0)
        self.pointed.emit(self._at)
        self.update()

    def leaveEvent(self, _event: object) -> None:
        self._at = None
        self.pointed.emit(-1.0)
        self.update()


def _write(painter: QPainter, box: QRectF, place: Qt.AlignmentFlag, text: str) -> None:
    painter.drawText(box, text, QTextOption(place))
