"""Merging another reviewer's copy: what comes over by itself, and a choice for each conflict."""

from __future__ import annotations

from pathlib import Path

from qgis.core import QgsWkbTypes
from qgis.gui import QgisInterface, QgsRubberBand
from qgis.PyQt.QtGui import QColor
from qgis.PyQt.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from . import maptools, shapes
from .comparison import OUTLINE, REMOVED, Comparison, Conflict, compare
from .errors import ReviewError
from .geopackage import Value
from .journal import Journal
from .session import ReviewSession

_THEIRS = "#0072b2"


class MergeDialog(QDialog):
    """Chooses a file, shows what the merge will do, and does it."""

    def __init__(self, session: ReviewSession, iface: QgisInterface, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle("Merge another reviewer's file")
        self.resize(720, 320)
        self._session, self._iface = session, iface
        self._journal: Journal | None = None
        self._comparison: Comparison | None = None
        self._band = QgsRubberBand(iface.mapCanvas(), QgsWkbTypes.GeometryType.PolygonGeometry)
        self._band.setStrokeColor(QColor(_THEIRS))
        self._band.setFillColor(QColor(0, 114, 178, 40))
        self._band.setWidth(3)
        self.file = QLabel("A copy of this GeoPackage that somebody else has reviewed")
        choose = QPushButton("Choose…")
        choose.clicked.connect(self._choose)
        top = QHBoxLayout()
        top.addWidget(self.file, 1)
        top.addWidget(choose)
        self.summary = QLabel()
        self.summary.setWordWrap(True)
        self.table = QTableWidget(0, 5)
        self.table.setHorizontalHeaderLabels(["Candidate", "What", "Here", "In the other file", "Take"])
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        for column in (2, 3):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.itemSelectionChanged.connect(self._show)
        self.buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel)
        self._merge = self.buttons.button(QDialogButtonBox.StandardButton.Ok)
        self._merge.setText("Merge")
        self._merge.setEnabled(False)
        self.buttons.accepted.connect(self._accept)
        self.buttons.rejected.connect(self.reject)
        layout = QVBoxLayout(self)
        layout.addLayout(top)
        layout.addWidget(self.summary)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.buttons)
        self.finished.connect(lambda _result: iface.mapCanvas().scene().removeItem(self._band))

    def _choose(self) -> None:
        folder = str(Path(self._session.path).parent)
        path, _kind = QFileDialog.getOpenFileName(self, "The other reviewer's file", folder, "GeoPackage (*.gpkg)")
        if path:
            self.compare_with(path)

    def compare_with(self, path: str) -> None:
        """Show what a merge with a file would do."""
        session = self._session
        self.file.setText(Path(path).name)
        self.file.setToolTip(path)
        self._merge.setEnabled(False)
        self.table.setRowCount(0)
        try:
            if Path(path).resolve() == Path(session.path).resolve():
                raise ReviewError("This is the file under review. Choose the other reviewer's copy.")
            self._journal = Journal(path, session.name, session.who)
            if not self._journal.is_kept():
                raise ReviewError(f"{Path(path).name} has no journal: nobody has reviewed it.")
            self._comparison = compare(session.journal, self._journal)
        except ReviewError as error:
            self.summary.setText(str(error))
            return
        self._fill(self._comparison)

    def _fill(self, comparison: Comparison) -> None:
        counts = (len(comparison.taken), len(comparison.drawn), len(comparison.conflicts))
        self.summary.setText(
            f"<b>{counts[0]}</b> changed candidates and <b>{counts[1]}</b> drawn ones come over by themselves. "
            f"<b>{counts[2]}</b> conflicts: choose below; what is here is kept unless you say otherwise."
        )
        self.table.setRowCount(counts[2])
        for row, conflict in enumerate(comparison.conflicts):
            texts = (str(conflict.fid), conflict.name, _shown(conflict.mine), _shown(conflict.theirs))
            for column, text in enumerate(texts):
                self.table.setItem(row, column, QTableWidgetItem(text))
            box = QComboBox()
            box.addItems(["Here", "The other"])
            self.table.setCellWidget(row, 4, box)
        self._merge.setEnabled(any(counts))

    def _show(self) -> None:
        """Show the conflict's candidate on the map, and the other copy's outline."""
        row = self.table.currentRow()
        if self._comparison is None or not 0 <= row < len(self._comparison.conflicts):
            return
        conflict = self._comparison.conflicts[row]
        self._session.go_to(conflict.fid)
        theirs = conflict.theirs if conflict.name == OUTLINE else None
        geometry = shapes.from_blob(theirs if isinstance(theirs, bytes) else None)
        self._band.reset(QgsWkbTypes.GeometryType.PolygonGeometry)
        if not geometry.isEmpty():
            self._band.setToGeometry(geometry, self._session.layer)
            box = maptools.box_in_map(geometry.boundingBox(), self._session.layer, self._iface.mapCanvas())
            self._iface.mapCanvas().setExtent(box.buffered(max(box.width(), box.height())))
            self._iface.mapCanvas().refresh()

    def choices(self) -> dict[Conflict, bool]:
        """Return for each conflict whether to take the other copy's value."""
        conflicts = self._comparison.conflicts if self._comparison else ()
        return {conflict: self.table.cellWidget(row, 4).currentIndex() == 1 for row, conflict in enumerate(conflicts)}

    def _accept(self) -> None:
        if self._journal is not None and self._comparison is not None:
            if self._session.take_over(self._journal, self._comparison, self.choices()):
                self.accept()
            else:
                self.summary.setText("The merge was not done; the dock says why.")


def _shown(value: Value) -> str:
    if isinstance(value, bytes):
        geometry = shapes.from_blob(value)
        return f"area {geometry.area():.6g}, {geometry.constGet().nCoordinates()} vertices"
    return "removed" if value == REMOVED else "nothing" if value is None else str(value)
