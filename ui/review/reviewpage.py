"""What is seen while reviewing: the candidate, what can be done with it, the queue's order, and how far it has come."""

from __future__ import annotations

from qgis.PyQt.QtCore import Qt, pyqtSignal
from qgis.PyQt.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QSlider,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from ..qtnames import QActionGroup
from . import style
from .backgrounds import BACKGROUNDS
from .candidates import ACCEPTED, DOUBT, PLACE, REJECTED, SIZE, UNREVIEWED, UNSURE, Candidate
from .commands import Commands
from .fieldspanel import FieldsPanel, ValueBox
from .whypanel import WhyPanel

_ORDERS = ((DOUBT, "Most doubtful first"), (SIZE, "Largest first"), (PLACE, "By place"))
_SHAPES = ("vertices", "reshape", "split", "trim", "grow", "cut", "merge", "draw")
_STEPS = 100


class ReviewPage(QWidget):
    """The dock while a review is going on.

    Signals
    -------
    order_chosen, threshold_moved, background_chosen : what the person set
    """

    order_chosen = pyqtSignal(str)
    threshold_moved = pyqtSignal(float)
    background_chosen = pyqtSignal(str)

    def __init__(self, commands: Commands) -> None:
        super().__init__()
        self.commands = commands
        self.heading, self.badge, self.message = QLabel(), QLabel(), QLabel()
        self.message.setObjectName("message")
        self.message.setWordWrap(True)
        self.message.hide()
        self.fields, self.why = FieldsPanel(), WhyPanel()
        self.stop = QPushButton("Stop")
        self.stop.setToolTip("End the review. Everything is saved already.")
        self.merge_files = QPushButton("Merge files…")
        self.merge_files.setToolTip(
            "Take in what another reviewer did in her copy of this GeoPackage; conflicts are shown."
        )
        tabs = QTabWidget()
        tabs.addTab(self.why, "Why")
        tabs.addTab(self.fields, "Fields")
        tabs.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)
        self.tabs = tabs
        layout = QVBoxLayout(self)
        layout.setContentsMargins(6, 4, 6, 6)
        layout.setSpacing(5)
        for part in (self._progress(), self._header(), self._decisions(), self._moves(), self._shapes()):
            (layout.addWidget if isinstance(part, QWidget) else layout.addLayout)(part)
        layout.addLayout(self._backgrounds())
        layout.addWidget(tabs, 1)
        # Here it moves no button away from the cursor.
        layout.addWidget(self.message)
        layout.addLayout(self._queue())

    def _progress(self) -> QHBoxLayout:
        self.progress = QProgressBar()
        self.progress.setTextVisible(False)
        self.progress.setFixedHeight(8)
        self.progress.setStyleSheet(
            "QProgressBar { border: none; background: #d8d8d8; border-radius: 4px; }"
            f"QProgressBar::chunk {{ background: {style.COLORS[ACCEPTED]}; border-radius: 4px; }}"
        )
        self.done = QLabel()
        row = QHBoxLayout()
        row.addWidget(self.progress, 1)
        row.addWidget(self.done)
        return row

    def _header(self) -> QHBoxLayout:
        self.heading.setTextFormat(Qt.TextFormat.RichText)
        row = QHBoxLayout()
        row.addWidget(self.heading, 1)
        row.addWidget(self.badge)
        return row

    def _decisions(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(4)
        for name, status in (("accept", ACCEPTED), ("reject", REJECTED), ("unsure", UNSURE)):
            button = self.commands.button(name, Qt.ToolButtonStyle.ToolButtonTextOnly)
            button.setAutoRaise(False)
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            button.setMinimumHeight(34)
            color = style.COLORS[status]
            button.setStyleSheet(
                f"QToolButton {{ background: {color}; color: {'#000000' if status == UNSURE else '#ffffff'}; "
                "border: none; border-radius: 4px; font-weight: bold; }"
                "QToolButton:hover { border: 2px solid #303030; } QToolButton:disabled { background: #c0c0c0; }"
            )
            row.addWidget(button)
        return row

    def _moves(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(2)
        for name in ("previous", "next", "zoom", "hide", "undo", "redo"):
            only_icon = name in ("undo", "redo")
            kind = Qt.ToolButtonStyle.ToolButtonIconOnly if only_icon else Qt.ToolButtonStyle.ToolButtonTextOnly
            button = self.commands.button(name, kind)
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            row.addWidget(button)
        return row

    def _shapes(self) -> QFrame:
        frame = QFrame()
        grid = QGridLayout(frame)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(2)
        for place, name in enumerate(_SHAPES):
            button = self.commands.button(name)
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            grid.addWidget(button, place // 4, place % 4)
        return frame

    def _backgrounds(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(0)
        self._ways = QActionGroup(self)
        for background in BACKGROUNDS:
            action = self.commands.actions[background.key]
            action.setCheckable(True)
            action.triggered.connect(lambda _on, key=background.key: self.background_chosen.emit(key))
            self._ways.addAction(action)
            button = self.commands.button(background.key, Qt.ToolButtonStyle.ToolButtonTextOnly)
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            row.addWidget(button)
        return row

    def _queue(self) -> QVBoxLayout:
        self.order = ValueBox()
        self.order.setObjectName("order")
        self.order.setToolTip(
            "In which order the candidates come. Doubtful: membership near the slider's, near 0.5 while all are shown."
        )
        for key, title in _ORDERS:
            self.order.addItem(title, key)
        self.order.activated.connect(lambda _index: self.order_chosen.emit(self.order.currentData()))
        self.threshold = QSlider(Qt.Orientation.Horizontal)
        self.threshold.setObjectName("threshold")
        self.threshold.setRange(0, _STEPS)
        self.threshold.setToolTip(
            "Hides unreviewed candidates of a lower membership, on the map and in the queue. Nothing is deleted."
        )
        self.threshold.valueChanged.connect(lambda value: self.threshold_moved.emit(value / _STEPS))
        self.hidden = QLabel()
        slider = QHBoxLayout()
        slider.addWidget(QLabel("Membership from"))
        slider.addWidget(self.threshold, 1)
        slider.addWidget(self.hidden)
        last = QHBoxLayout()
        last.addWidget(self.order, 1)
        last.addWidget(self.merge_files)
        last.addWidget(self.stop)
        column = QVBoxLayout()
        column.addLayout(slider)
        column.addLayout(last)
        return column

    def show_counts(self, counts: dict[str, int], pace: float | None, threshold: float) -> None:
        """Show how far the review has come."""
        hidden = counts["hidden"]
        open_ones = counts[UNREVIEWED]
        done = sum(counts.values()) - hidden - open_ones
        self.progress.setRange(0, max(done + open_ones, 1))
        self.progress.setValue(done)
        text = f"<b>{done}</b> done, <b>{open_ones}</b> to go"
        if pace:
            minutes = 60 * open_ones / pace
            rest = f"{minutes:.0f} min" if minutes < 100 else f"{minutes / 60:.1f} h"
            text += f" · {pace:.0f} an hour, {rest} left"
        self.done.setText(text)
        parts = [f"{counts[status]} {word.lower()}" for status, word in style.WORDS.items() if status in counts]
        self.progress.setToolTip(", ".join(parts))
        self.done.setToolTip(", ".join(parts))
        self.hidden.setText(f"{threshold:.2f}" + (f" · {hidden} hidden" if hidden else ""))

    def show_candidate(self, candidate: Candidate | None, place: int, count: int) -> None:
        """Show which candidate it is and what was decided."""
        for name in ("accept", "reject", "unsure", "zoom", *_SHAPES[:-1]):
            self.commands.actions[name].setEnabled(candidate is not None)
        self.fields.setEnabled(candidate is not None)
        if candidate is None:
            self.fields.show_values({})
            self.heading.setText("No candidate is shown. Lower the slider, or draw one that was missed.")
            self.badge.hide()
            return
        likely = "" if candidate.membership is None else f" · membership <b>{candidate.membership:.2f}</b>"
        where = f"<span style='color: #606060'>{place} of {count}</span>" if place else ""
        self.heading.setText(f"<span style='font-size: large'><b>Candidate {candidate.fid}</b></span> {where}{likely}")
        self.badge.show()
        self.badge.setText(style.WORDS[candidate.status])
        dark = candidate.status in (ACCEPTED, REJECTED)
        self.badge.setStyleSheet(
            f"background: {style.COLORS[candidate.status]}; color: {'white' if dark else 'black'}; "
            "border-radius: 7px; padding: 2px 9px; font-weight: bold;"
        )

    def say(self, sentence: str, *, bad: bool = False) -> None:
        """Show a sentence; an empty one takes it away."""
        colors = "#fde0d6; border: 1px solid #d55e00" if bad else "#e4f1fa; border: 1px solid #9cc7e4"
        self.message.setStyleSheet(f"background: {colors}; color: #1a1a1a; padding: 4px; border-radius: 3px;")
        self.message.setText(sentence)
        self.message.setVisible(bool(sentence))
