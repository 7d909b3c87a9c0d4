"""A segmentation of the part of the map in view, as a task that can be stopped."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from qgis.core import (
    QgsFeatureRequest,
    QgsGeometry,
    QgsProcessingFeedback,
    QgsTask,
    QgsVectorLayer,
)
from qgis.PyQt.QtCore import pyqtSignal

from ...host import worker

STAGE = "previewsegmentation"


class PreviewTask(QgsTask):
    """Runs the stage in a worker and collects the borders of the objects.

    Parameters
    ----------
    options : dict
        Options of the stage, without its outputs.

    Signals
    -------
    done(object, object, dict, list)
        The borders, their reference system, the stage's result, and its warnings.
    failed(str)
        Why there is no preview; an empty text if it was stopped.
    """

    done = pyqtSignal(object, object, dict, list)
    failed = pyqtSignal(str)

    def __init__(self, options: dict[str, Any]) -> None:
        super().__init__("Preview of the segmentation", QgsTask.Flag.CanCancel)
        self._options = options
        self._feedback = _Feedback()
        self._feedback.progressChanged.connect(self.setProgress)
        self._result: dict[str, Any] = {}
        self._borders = QgsGeometry()
        self._crs: object = None
        self._sentence = ""

    def cancel(self) -> None:
        """Stop the stage."""
        self._feedback.cancel()
        super().cancel()

    def run(self) -> bool:
        """Segment, in a thread of its own."""
        with tempfile.TemporaryDirectory(prefix="rock_glacier_mapper_") as folder:
            objects = str(Path(folder) / "objects.gpkg")
            outputs = {"output": str(Path(folder) / "labels.tif"), "objects": objects}
            try:
                self._result = worker.run_stage(STAGE, {**self._options, **outputs}, self._feedback)
            except worker.StageCancelled:
                return False
            except worker.StageFailed as error:
                self._sentence = str(error)
                return False
            self._borders, self._crs = _collected(objects)
        return True

    def finished(self, succeeded: bool) -> None:
        """Tell how it went, in the main thread."""
        # The stage may have ended just before it was told to stop.
        if succeeded and not self._feedback.isCanceled():
            self.done.emit(self._borders, self._crs, self._result, self._feedback.warnings)
        else:
            self.failed.emit(self._sentence)


class _Feedback(QgsProcessingFeedback):
    """Keeps warnings."""

    def __init__(self) -> None:
        super().__init__(False)
        self.warnings: list[str] = []

    def pushWarning(self, warning: str) -> None:
        self.warnings.append(warning)


def _collected(path: str) -> tuple[QgsGeometry, object]:
    """Return all polygons of a file as one geometry, and their reference system."""
    layer = QgsVectorLayer(path, "objects", "ogr")
    request = QgsFeatureRequest().setNoAttributes()
    geometries = [feature.geometry() for feature in layer.getFeatures(request)]
    return QgsGeometry.collectGeometry(geometries), layer.crs()
