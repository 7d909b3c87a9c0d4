"""Help on controls: what a tooltip, the What's This pointer and a screen reader say."""

from __future__ import annotations

from typing import TypeVar

from qgis.PyQt.QtCore import QObject

Control = TypeVar("Control", bound=QObject)


def explained(control: Control, text: str, name: str = "") -> Control:
    """Give a widget or an action its help, and a name by which tests and screen readers find it.

    Parameters
    ----------
    control : QWidget or QAction
    text : str
        One or two sentences.
    name : str, optional
        Object name.

    Returns
    -------
    QWidget or QAction
        The same one.
    """
    control.setToolTip(text)
    control.setWhatsThis(text)
    if hasattr(control, "setAccessibleDescription"):
        control.setAccessibleDescription(text)
    if name:
        control.setObjectName(name)
    return control
