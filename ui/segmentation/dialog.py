"""Processing's dialog of the segmentation with a preview on the map."""

from __future__ import annotations

import math
from typing import Any

from processing.gui.AlgorithmDialog import AlgorithmDialog
from processing.gui.AlgorithmDialogBase import AlgorithmDialogBase
from qgis.core import (
    Qgis,
    QgsApplication,
    QgsCoordinateReferenceSystem,
    QgsGeometry,
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
    QgsProject,
    QgsWkbTypes,
)
from qgis.gui import QgsRubberBand
from qgis.PyQt.QtGui import QColor
from qgis.PyQt.QtWidgets import QDialogButtonBox, QPushButton, QWidget
from qgis.utils import iface

from ...core.contracts.previewsegmentation import PreviewSegmentationOptions
from ...core.options import field_types
from ...host.systems import crs_text
from ..explained import explained
from .previewtask import PreviewTask

# Magenta: no ground has it.
_BORDERS = QColor(255, 0, 255)
_SECONDS_SHOWN = 10


class SegmentationDialog(AlgorithmDialog):
    """The dialog of a node that segments, with a button that segments what the map shows.

    Parameters
    ----------
    algorithm : QgsProcessingAlgorithm
        With the method `options`, as the plugin's nodes have.
    parent : QWidget, optional
    """

    def __init__(self, algorithm: Any, parent: QWidget | None = None) -> None:
        super().__init__(algorithm, parent=parent)
        self.task: PreviewTask | None = None
        self.preview_button = explained(
            QPushButton(self.tr("Preview on the map")),
            self.tr(
                "Segment the part of the map in view with these parameters and draw the borders of the objects. Of "
                "more than 1024 pixels a side the middle is taken. The first preview of a raster reads all of it."
            ),
            "preview",
        )
        self.preview_button.clicked.connect(self.preview_or_stop)
        self.buttonBox().addButton(self.preview_button, QDialogButtonBox.ButtonRole.ActionRole)
        self.borders = QgsRubberBand(iface.mapCanvas(), QgsWkbTypes.GeometryType.PolygonGeometry)
        self.borders.setStrokeColor(_BORDERS)
        self.borders.setFillColor(QColor(0, 0, 0, 0))
        self.borders.setWidth(1)

    def preview_or_stop(self) -> None:
        """Start a preview, or stop the one that runs."""
        if self.task is not None:
            self.task.cancel()
            return
        try:
            options = self._options()
        except QgsProcessingException as error:
            self._say(str(error))
            return
        except (AlgorithmDialogBase.InvalidParameterValue, AlgorithmDialogBase.InvalidOutputExtension):
            options = {}
        if not options.get("input"):
            self._say(self.tr("Choose a raster to segment, and fill in what is marked, first."))
            return
        self.task = PreviewTask(options)
        self.task.done.connect(self._show)
        self.task.failed.connect(self._fail)
        self.preview_button.setText(self.tr("Stop the preview"))
        QgsApplication.taskManager().addTask(self.task)

    def closeEvent(self, event: Any) -> None:
        self._clear()
        super().closeEvent(event)

    def reject(self) -> None:
        """Close the dialog."""
        self._clear()
        super().reject()

    def _options(self) -> dict[str, Any]:
        """Return the options of the preview that the dialog's values mean."""
        context, feedback = QgsProcessingContext(), QgsProcessingFeedback(False)
        context.setProject(QgsProject.instance())
        given = self.algorithm().options(self.createProcessingParameters(), context, feedback)
        known = field_types(PreviewSegmentationOptions)
        settings = iface.mapCanvas().mapSettings()
        extent, system = settings.visibleExtent(), crs_text(settings.destinationCrs())
        sides = (extent.xMinimum(), extent.xMaximum(), extent.yMinimum(), extent.yMaximum())
        view = ",".join(map(repr, sides)) + (f" [{system}]" if system else "")
        return {name: value for name, value in given.items() if name in known} | {"extent": view}

    def _show(
        self, borders: QgsGeometry, crs: QgsCoordinateReferenceSystem, result: dict[str, Any], warnings: list[str]
    ) -> None:
        self._end()
        self.borders.setToGeometry(borders, crs)
        mean = result["mean_pixels"]
        size = "" if math.isnan(mean) else self.tr(" of {:.0f} pixels in the mean").format(mean)
        self._say(" ".join([self.tr("{} objects{}.").format(result["objects"], size), *warnings]), is_good=True)

    def _fail(self, sentence: str) -> None:
        self._end()
        self._say(sentence or self.tr("The preview was stopped."), is_good=not sentence)

    def _end(self) -> None:
        self.task = None
        self.preview_button.setText(self.tr("Preview on the map"))

    def _clear(self) -> None:
        """Stop what runs and take the borders off the map."""
        if self.task is not None:
            self.task.cancel()
        self.borders.reset(QgsWkbTypes.GeometryType.PolygonGeometry)

    def _say(self, sentence: str, *, is_good: bool = False) -> None:
        bar = self.messageBar()
        bar.clearWidgets()
        level = Qgis.MessageLevel.Info if is_good else Qgis.MessageLevel.Warning
        bar.pushMessage("", sentence, level=level, duration=_SECONDS_SHOWN)
