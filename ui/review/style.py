"""How the outlines look while they are reviewed: lines in the colour of their status, none below the threshold."""

from __future__ import annotations

from qgis.core import (
    QgsExpressionContextUtils,
    QgsFillSymbol,
    QgsRuleBasedRenderer,
    QgsSimpleLineSymbolLayer,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtGui import QColor

from .candidates import ACCEPTED, DRAWN, REJECTED, STATUSES, UNREVIEWED, UNSURE

# After Okabe and Ito (2008): told apart with any kind of colour vision. Lines differ in pattern, too.
COLORS = {UNREVIEWED: "#e69f00", ACCEPTED: "#009e73", REJECTED: "#d55e00", UNSURE: "#cc79a7", DRAWN: "#56b4e9"}
CURRENT = "#ffff33"
WORDS = {UNREVIEWED: "Unreviewed", ACCEPTED: "Accepted", REJECTED: "Rejected", UNSURE: "Unsure", DRAWN: "Drawn"}
_PATTERNS = {REJECTED: Qt.PenStyle.DotLine, UNSURE: Qt.PenStyle.DashLine}
_THRESHOLD = "review_threshold"


def review_renderer(likelihood: str | None) -> QgsRuleBasedRenderer:
    """Return the renderer of a layer under review.

    Parameters
    ----------
    likelihood : str or None
        Column that the threshold holds for.
    """
    root = QgsRuleBasedRenderer.Rule(None)
    others = ", ".join(f"'{status}'" for status in STATUSES if status != UNREVIEWED)
    for status in STATUSES:
        if status != UNREVIEWED:
            condition = f"\"review_status\" = '{status}'"
        else:
            condition = f"coalesce(\"review_status\", '') NOT IN ({others})"
            if likelihood:
                condition += f' AND coalesce("{likelihood}", 1) >= coalesce(to_real(@{_THRESHOLD}), 0)'
        root.appendChild(QgsRuleBasedRenderer.Rule(_symbol(status), 0, 0, condition, WORDS[status]))
    return QgsRuleBasedRenderer(root)


def show_from(layer: QgsVectorLayer, threshold: float) -> None:
    """Hide unreviewed outlines below a threshold on the map."""
    QgsExpressionContextUtils.setLayerVariable(layer, _THRESHOLD, threshold)
    layer.triggerRepaint()


def _symbol(status: str) -> QgsFillSymbol:
    """Return a line with a dark edge, seen on bright and on dark ground."""
    symbol = QgsFillSymbol()
    symbol.deleteSymbolLayer(0)
    pattern = _PATTERNS.get(status, Qt.PenStyle.SolidLine)
    for color, width in (("#1a1a1a", 0.9), (COLORS[status], 0.5)):
        line = QgsSimpleLineSymbolLayer(QColor(color), width)
        line.setPenStyle(pattern)
        line.setPenJoinStyle(Qt.PenJoinStyle.RoundJoin)
        symbol.appendSymbolLayer(line)
    return symbol
