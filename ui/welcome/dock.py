"""The welcome page."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from qgis.core import QgsProject
from qgis.gui import QgisInterface, QgsDockWidget
from qgis.PyQt.QtCore import Qt, QTimer, QUrl
from qgis.PyQt.QtGui import QDesktopServices, QPixmap
from qgis.PyQt.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from ...core.version import PACKAGE_FOLDER
from ..explained import explained
from .sample import SampleRun, mapped_outlines, show_scene, shown_scene

if TYPE_CHECKING:
    from ..menu import Menu

_GUIDE = "https://github.com/rock-glacier-mapper/rock-glacier-mapper/blob/main/docs/guide.md"
_ICON_SIDE = 48
_DONE, _NEXT, _LATER = "#1b7837", "#b05a12", "#808080"


class WelcomeDock(QgsDockWidget):
    """Three steps through the sample scene, and the ways to one's own data.

    Parameters
    ----------
    iface : QgisInterface
    menu : Menu
        Opens the other docks and dialogs.
    """

    def __init__(self, iface: QgisInterface, menu: Menu) -> None:
        super().__init__(iface.mainWindow())
        self.setWindowTitle(self.tr("Rock Glacier Mapper"))
        self.setObjectName("RockGlacierWelcome")
        self._iface = iface
        self._menu = menu
        self.run = SampleRun(self)
        self.run.progressed.connect(lambda percent: self.progress.setValue(round(percent)))
        self.run.ended.connect(self._take_end)
        self._build()
        project = QgsProject.instance()
        self._signals = (project.layersAdded, project.layersRemoved)
        for signal in self._signals:
            signal.connect(self._layers_changed)
        self._show_state()

    def unload(self) -> None:
        """Stop what runs."""
        self.run.stop()
        for signal in self._signals:
            signal.disconnect(self._layers_changed)

    def load(self) -> None:
        """Show the sample scene."""
        show_scene(self._iface)
        self._show_state()

    def map_or_stop(self) -> None:
        """Map the scene, or stop that."""
        if self.run.is_running:
            self.run.stop()
            return
        self.message.hide()
        self.progress.setValue(0)
        self.run.start()
        self._show_state()

    def review(self) -> None:
        """Open the review of the outlines that were mapped."""
        dock = self._menu.open_review()
        outlines = mapped_outlines()
        if dock.session is None and outlines is not None:
            dock.start.outlines.setLayer(outlines)

    def _take_end(self, sentence: str) -> None:
        self.message.setText(sentence)
        self.message.setVisible(bool(sentence))
        self._show_state()

    def _layers_changed(self, _layers: object) -> None:
        # The project tells of a layer before it is in the layer tree.
        QTimer.singleShot(0, self._show_state)

    def _show_state(self) -> None:
        is_loaded, is_mapped = shown_scene() is not None, mapped_outlines() is not None
        is_running = self.run.is_running
        self.load_button.setText(self.tr("Zoom to the sample scene") if is_loaded else self.tr("Load the sample scene"))
        title = self.tr("Map it again") if is_mapped else self.tr("Map its rock glaciers")
        self.map_button.setText(self.tr("Stop") if is_running else title)
        self.map_button.setEnabled(is_loaded or is_running)
        self.review_button.setEnabled(is_mapped and not is_running)
        self.progress.setVisible(is_running)
        done = (is_loaded, is_mapped, False)
        following = done.index(False)
        for number, (mark, is_done) in enumerate(zip(self._marks, done, strict=True)):
            mark.setText("\u2713" if is_done else str(number + 1))
            colour = _DONE if is_done else _NEXT if number == following else _LATER
            mark.setStyleSheet(f"background: {colour}; color: white; border-radius: 13px; font-weight: bold;")
        for number, button in enumerate((self.load_button, self.map_button, self.review_button)):
            button.setDefault(number == following)

    def _build(self) -> None:
        content = QWidget()
        column = QVBoxLayout(content)
        column.setSpacing(10)
        column.addLayout(self._build_head())
        self._marks: list[QLabel] = []
        self.load_button = self._step(
            column,
            self.tr("A mountain landscape of 6 by 6 km, made by a program: Sentinel-2 bands, coherence and terrain."),
            self.tr("Add the sample scene, which is simulated, to the project and zoom to it."),
            self.load,
            "load",
        )
        self.map_button = self._step(
            column,
            self.tr("The network looks for rock glaciers; segments and rules make outlines of what it finds."),
            self.tr("Map the sample scene in the background. The results are kept in your QGIS profile."),
            self.map_or_stop,
            "map",
        )
        self.progress = explained(QProgressBar(content), self.tr("How far the mapping is."), "progress")
        column.addWidget(self.progress)
        self.message = explained(QLabel(content), self.tr("Why the scene was not mapped."), "message")
        self.message.setWordWrap(True)
        self.message.setStyleSheet("color: #b2182b")
        self.message.hide()
        column.addWidget(self.message)
        self.review_button = self._step(
            column,
            self.tr("Go through the outlines with the keyboard: accept, reject, or correct them."),
            self.tr("Open the review of the outlines."),
            self.review,
            "review",
        )
        self.review_button.setText(self.tr("Review the outlines"))
        column.addWidget(self._build_own())
        column.addStretch(1)
        area = QScrollArea(self)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidget(content)
        self.setWidget(area)

    def _build_head(self) -> QHBoxLayout:
        icon = QLabel()
        pixmap = QPixmap(str(PACKAGE_FOLDER / "resources" / "icons" / "icon.svg"))
        mode = Qt.TransformationMode.SmoothTransformation
        icon.setPixmap(pixmap.scaledToHeight(_ICON_SIDE, mode))
        title = QLabel(
            self.tr(
                "<h3 style='margin-bottom: 2px'>From satellite images to reviewed rock glaciers</h3>"
                "Three steps on the sample scene show how."
            )
        )
        title.setWordWrap(True)
        row = QHBoxLayout()
        row.addWidget(icon)
        row.addWidget(title, 1)
        return row

    def _step(
        self, column: QVBoxLayout, text: str, help_text: str, called: Callable[[], object], name: str
    ) -> QPushButton:
        """Add a step: its number, a button, and what it does."""
        mark = QLabel()
        mark.setFixedSize(26, 26)
        mark.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._marks.append(mark)
        button = explained(QPushButton(), help_text, name)
        button.setMinimumHeight(34)
        button.clicked.connect(lambda _checked: called())
        about = QLabel(text)
        about.setWordWrap(True)
        grid = QGridLayout()
        grid.setColumnStretch(1, 1)
        grid.addWidget(mark, 0, 0)
        grid.addWidget(button, 0, 1)
        grid.addWidget(about, 1, 1)
        column.addLayout(grid)
        return button

    def _build_own(self) -> QWidget:
        """Return what leads to one's own data."""
        menu = self._menu
        links = {
            "map": (self.tr("Map rock glaciers"), menu.map.trigger),
            "preview": (self.tr("Try a segmentation out on the map"), menu.preview.trigger),
            "rules": (self.tr("Edit the rules, and see what they do"), menu.rules.trigger),
            "guide": (self.tr("Read the guide"), lambda: QDesktopServices.openUrl(QUrl(_GUIDE))),
        }
        lines = "".join(
            f"<p style='margin: 4px 0'><a href='{name}'>{text}</a></p>" for name, (text, _) in links.items()
        )
        label = explained(
            QLabel(self.tr("<h4 style='margin-bottom: 2px'>With your own data</h4>") + lines),
            self.tr("Where to go with rasters of your own."),
            "own",
        )
        label.linkActivated.connect(lambda name: links[name][1]())
        return label
