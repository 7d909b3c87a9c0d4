"""Classes that are in another module in Qt 6 than in Qt 5."""

from __future__ import annotations

try:
    from qgis.PyQt.QtGui import QAction, QActionGroup
except ImportError:
    from qgis.PyQt.QtWidgets import QAction, QActionGroup

__all__ = ["QAction", "QActionGroup"]
