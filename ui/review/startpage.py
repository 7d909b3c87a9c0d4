"""Where a review begins: which layers, and who reviews."""

from __future__ import annotations

import getpass

from qgis.core import QgsMapLayer, QgsMapLayerProxyModel, QgsProject, QgsRasterLayer, QgsSettings, QgsVectorLayer
from qgis.gui import QgsMapLayerComboBox
from qgis.PyQt.QtCore import pyqtSignal
from qgis.PyQt.QtWidgets import QFormLayout, QLabel, QLineEdit, QPushButton, QVBoxLayout, QWidget

from . import backgrounds

WHO = "RockGlacierMapper/reviewer"
# Remembered with the layer in the project, so that a review goes on when the project is opened again.
_PROPERTY = "rock_glacier_mapper/review/"


class StartPage(QWidget):
    """Chooses outlines, objects, stack and heatmap.

    Signals
    -------
    begun : the person wants to review what she chose
    """

    begun = pyqtSignal()

    def __init__(self) -> None:
        super().__init__()
        polygons = QgsMapLayerProxyModel.Filter.PolygonLayer
        rasters = QgsMapLayerProxyModel.Filter.RasterLayer
        self.outlines = _box(
            "outlines", polygons, "The outlines to review, in a GeoPackage. All you do is saved in it at once."
        )
        self.objects = _box(
            "objects", polygons, "The classified objects, for growing and cutting by whole objects.", empty=True
        )
        self.stack = _box("stack", rasters, "The feature stack: background, and elevations of the profile.", empty=True)
        self.heatmap = _box("heatmap", rasters, "The heatmap: background, and second line of the profile.", empty=True)
        self.who = QLineEdit(QgsSettings().value(WHO, "") or getpass.getuser())
        self.who.setObjectName("who")
        self.who.setToolTip("Your name, as the journal shall hold it.")
        form = QFormLayout()
        for title, box in (
            ("Outlines", self.outlines),
            ("Objects", self.objects),
            ("Feature stack", self.stack),
            ("Heatmap", self.heatmap),
            ("Your name", self.who),
        ):
            form.addRow(title, box)
        self.begin = QPushButton("Start the review")
        self.begin.setObjectName("begin")
        self.begin.setDefault(True)
        self.begin.setMinimumHeight(34)
        self.begin.clicked.connect(self.begun)
        self.message = QLabel()
        self.message.setObjectName("start message")
        self.message.setWordWrap(True)
        self.message.hide()
        about = QLabel(
            "<h3 style='margin-bottom: 4px'>Review outlines</h3>Go through the candidates one by one, the most "
            "doubtful first: accept, reject, or correct the outline. Each action is saved and journalled in the "
            "GeoPackage at once, and can be undone later, also after a crash."
        )
        about.setWordWrap(True)
        layout = QVBoxLayout(self)
        for part in (about, self.message):
            layout.addWidget(part)
        layout.addLayout(form)
        layout.addWidget(self.begin)
        layout.addStretch()
        self.outlines.layerChanged.connect(self._remembered)

    def guess(self) -> None:
        """Choose the layers that look like the plugin's outputs."""
        layers = list(QgsProject.instance().mapLayers().values())
        vectors = [layer for layer in layers if isinstance(layer, QgsVectorLayer)]
        rasters = [layer for layer in layers if isinstance(layer, QgsRasterLayer)]
        outlines = _first(vectors, lambda layer: layer.fields().indexOf("review_status") >= 0)
        objects = _first(vectors, lambda layer: layer.fields().indexOf("object_id") >= 0)
        stack = _first(rasters, lambda layer: "elevation" in backgrounds.roles(layer) or layer.bandCount() >= 3)
        heatmap = _first(rasters, lambda layer: layer.bandCount() == 1 and "heatmap" in layer.name().lower())
        for box, layer in (
            (self.objects, objects),
            (self.stack, stack),
            (self.heatmap, heatmap),
            (self.outlines, outlines),
        ):
            if layer is not None:
                box.setLayer(layer)
        self._remembered(self.outlines.currentLayer())

    def _remembered(self, layer: QgsMapLayer | None) -> None:
        """Choose what was chosen with these outlines before."""
        if layer is None:
            return
        for name, box in self._others().items():
            other = QgsProject.instance().mapLayer(str(layer.customProperty(_PROPERTY + name, "")))
            if other is not None:
                box.setLayer(other)
        self.begin.setText("Go on with the review" if layer.customProperty(_PROPERTY + "begun") else "Start the review")

    def remember(self) -> None:
        """Keep the choice with the outlines in the project, and the name for the next time."""
        QgsSettings().setValue(WHO, self.who.text().strip())
        layer = self.outlines.currentLayer()
        layer.setCustomProperty(_PROPERTY + "begun", True)
        for name, box in self._others().items():
            layer.setCustomProperty(_PROPERTY + name, box.currentLayer().id() if box.currentLayer() else "")

    def say(self, sentence: str) -> None:
        """Show why the review does not begin, or why it ended."""
        self.message.setText(sentence)
        self.message.setStyleSheet("background: #fff4ce; color: #1a1a1a; border: 1px solid #e0c060; padding: 6px;")
        self.message.setVisible(bool(sentence))

    def _others(self) -> dict[str, QgsMapLayerComboBox]:
        return {"objects": self.objects, "stack": self.stack, "heatmap": self.heatmap}


def _first(layers: list, matches) -> QgsMapLayer | None:
    return next((layer for layer in layers if matches(layer)), None)


def _box(name: str, kinds: QgsMapLayerProxyModel.Filter, help_text: str, *, empty: bool = False) -> QgsMapLayerComboBox:
    box = QgsMapLayerComboBox()
    box.setObjectName(name)
    box.setFilters(kinds)
    box.setAllowEmptyLayer(empty)
    box.setToolTip(help_text)
    if empty:
        box.setLayer(None)
    return box
