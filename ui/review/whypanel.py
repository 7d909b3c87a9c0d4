"""What decided on a candidate: the rules' explanation, its figures, the profile down it, and what was done to it."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from qgis.PyQt.QtCore import Qt
from qgis.PyQt.QtWidgets import QFrame, QLabel, QScrollArea, QVBoxLayout, QWidget

from .geopackage import Value
from .journal import Action
from .profilewidget import ProfileWidget

_FIGURES = (
    ("area_m2", "Area", "m²", 0),
    ("length_m", "Length", "m", 0),
    ("width_m", "Width", "m", 0),
    ("elevation_min", "Lowest", "m", 0),
    ("elevation_max", "Highest", "m", 0),
    ("slope_mean", "Slope", "°", 1),
    ("aspect_mean_deg", "Aspect", "°", 0),
    ("heatmap_mean", "Heatmap", "", 2),
    ("heatmap_share_above", "of it above 0.5", "", 2),
    ("coherence_mean", "Coherence", "", 2),
)
_ROWS = 8


class WhyPanel(QScrollArea):
    """The side panel's first page."""

    def __init__(self) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.why, self.figures, self.history = QLabel(), QLabel(), QLabel()
        for label in (self.why, self.figures, self.history):
            label.setWordWrap(True)
            label.setTextFormat(Qt.TextFormat.RichText)
            label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.profile = ProfileWidget()
        inside = QWidget()
        layout = QVBoxLayout(inside)
        layout.setContentsMargins(4, 6, 4, 4)
        for part in (self.why, self.profile, self.figures, self.history):
            layout.addWidget(part)
        layout.addStretch()
        self.setWidget(inside)

    def show_candidate(self, values: dict[str, Value], reasons: Sequence[str], actions: Sequence[Action]) -> None:
        """Show what is known of a candidate.

        Parameters
        ----------
        values : dict
            Its attributes.
        reasons : sequence of str
            Explanations of the objects in it, the largest first.
        actions : sequence of Action
            What was done to it.
        """
        self.why.setText(_why(values, reasons))
        self.figures.setText(
            _table([_figure(values, *figure) for figure in _FIGURES if values.get(figure[0]) is not None])
        )
        lines = [
            f"{escape(item.made_at[:16].replace('T', ' '))} &nbsp;{escape(item.who)}: "
            f"<b>{escape(item.what)}</b> {escape(item.note)}"
            for item in list(actions)[-_ROWS:][::-1]
        ]
        self.history.setText("<b>Journal</b><br>" + "<br>".join(lines) if lines else "")


def _why(values: dict[str, Value], reasons: Sequence[str]) -> str:
    explanation = str(values.get("explanation") or "")
    if not explanation and not reasons:
        return "No explanation: it was drawn by hand, or the layer has no column <i>explanation</i>."
    parts = [f"<li>{escape(part.strip())}</li>" for part in explanation.split(";") if part.strip()]
    objects = [f"<li>{escape(reason)}</li>" for reason in reasons]
    return "".join(
        f"<b>{title}</b><ul style='margin: 2px 0 2px -22px'>{''.join(items)}</ul>"
        for title, items in (("What decided", parts), ("Its largest objects", objects))
        if items
    )


def _figure(values: dict[str, Value], name: str, title: str, unit: str, digits: int) -> tuple[str, str]:
    value = values[name]
    shown = f"{value:,.{digits}f}".replace(",", "\u202f") if isinstance(value, int | float) else escape(str(value))
    return title, f"{shown} {unit}"


def _table(pairs: Sequence[tuple[str, str]]) -> str:
    """Return names and values as a table of two pairs a row."""
    cells = [
        f"<td style='color: #606060; padding-right: 6px'>{name}</td><td style='padding-right: 14px'>{value}</td>"
        for name, value in pairs
    ]
    rows = ["".join(cells[place : place + 2]) for place in range(0, len(cells), 2)]
    return "<table>" + "".join(f"<tr>{row}</tr>" for row in rows) + "</table>" if rows else ""
