"""The sample scene: showing it, and mapping it in the background."""

from __future__ import annotations

import contextlib
import itertools
from pathlib import Path
from typing import Any

from qgis.core import (
    QgsApplication,
    QgsProcessingAlgRunnerTask,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingOutputLayerDefinition,
    QgsProject,
    QgsRasterLayer,
    QgsVectorLayer,
)
from qgis.gui import QgisInterface
from qgis.PyQt.QtCore import QCoreApplication, QObject, pyqtSignal

from ...core.version import PACKAGE_FOLDER

STACK = PACKAGE_FOLDER / "resources" / "sample" / "simulated_stack.tif"
NODE = "rockglacier:maprockglaciers"
MODEL, RULES = "full_10m", "full_stack"
_TRUE_COLOUR = ("B04", "B03", "B02")
_FILES = {"OUTPUT": "outlines.gpkg", "HEATMAP": "heatmap.tif", "OBJECTS": "objects.gpkg"}


def show_scene(iface: QgisInterface) -> QgsRasterLayer:
    """Add the sample scene in its true colours to the project, unless it is there, and zoom to it."""
    layer = shown_scene()
    if layer is None:
        layer = QgsRasterLayer(str(STACK), _tr("Sample scene (simulated)"))
        bands = {layer.bandName(number).partition(": ")[2].partition(" ")[0]: number for number in _bands(layer)}
        renderer = layer.renderer()
        setters = (renderer.setRedBand, renderer.setGreenBand, renderer.setBlueBand)
        for setter, role in zip(setters, _TRUE_COLOUR, strict=True):
            setter(bands[role])
        layer.setDefaultContrastEnhancement()
        project = QgsProject.instance()
        if not project.mapLayers():
            project.setCrs(layer.crs())
        project.addMapLayer(layer)
    canvas = iface.mapCanvas()
    canvas.setExtent(canvas.mapSettings().layerExtentToOutputExtent(layer, layer.extent()))
    canvas.refresh()
    return layer


def shown_scene() -> QgsRasterLayer | None:
    """Return the layer of the sample scene in the project, None if there is none."""
    layers = QgsProject.instance().mapLayers().values()
    return next((layer for layer in layers if Path(layer.source()) == STACK), None)


def mapped_outlines() -> QgsVectorLayer | None:
    """Return the layer of outlines last mapped from the sample scene, None if there is none."""
    folder = str(results_folder())
    layers = QgsProject.instance().mapLayers().values()
    found = [layer for layer in layers if layer.source().startswith(folder) and "outlines.gpkg" in layer.source()]
    return found[-1] if found else None


def results_folder() -> Path:
    """Return the folder of what is mapped from the sample scene, a folder a run."""
    return Path(QgsApplication.qgisSettingsDirPath()) / "rock_glacier_mapper" / "sample"


class SampleRun(QObject):
    """Maps the sample scene in the background and loads what comes out.

    Signals
    -------
    progressed(float)
        How far it is, 0 to 100.
    ended(str)
        An empty text when the layers are loaded, else why they are not.
    """

    progressed = pyqtSignal(float)
    ended = pyqtSignal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._task: QgsProcessingAlgRunnerTask | None = None
        self._context: QgsProcessingContext | None = None
        self._feedback: QgsProcessingFeedback | None = None
        self._algorithm: Any = None
        self._folder = Path()

    @property
    def is_running(self) -> bool:
        """Whether the scene is being mapped."""
        return self._task is not None

    def start(self) -> None:
        """Map the scene into a new folder, so that an earlier review is never overwritten."""
        self._algorithm = QgsApplication.processingRegistry().createAlgorithmById(NODE)
        self._context, self._feedback = QgsProcessingContext(), QgsProcessingFeedback(False)
        self._context.setProject(QgsProject.instance())
        try:
            parameters = {"STACK": str(STACK), "MODEL": MODEL, "RULES": RULES, **self._outputs()}
        except OSError as error:
            self.ended.emit(_tr("The folder for the results cannot be made: {}").format(error))
            return
        is_right, problem = self._algorithm.checkParameterValues(parameters, self._context)
        if not is_right:
            self.ended.emit(problem)
            return
        self._feedback.progressChanged.connect(self.progressed)
        self._task = QgsProcessingAlgRunnerTask(self._algorithm, parameters, self._context, self._feedback)
        self._task.executed.connect(self._finish)
        QgsApplication.taskManager().addTask(self._task)

    def stop(self) -> None:
        """Stop it."""
        if self._feedback is not None:
            self._feedback.cancel()

    def _outputs(self) -> dict[str, QgsProcessingOutputLayerDefinition]:
        """Return destinations in a new folder that QGIS loads when they are written."""
        self._folder = next(path for path in map(_numbered, itertools.count(1)) if not path.exists())
        self._folder.mkdir(parents=True)
        files = {key: str(self._folder / name) for key, name in _FILES.items()}
        return {key: QgsProcessingOutputLayerDefinition(file, QgsProject.instance()) for key, file in files.items()}

    def _finish(self, successful: bool, _results: dict[str, Any]) -> None:
        from processing.gui.Postprocessing import handleAlgorithmResults

        self._task = None
        if not successful:
            # What a failed run leaves is an empty folder.
            with contextlib.suppress(OSError):
                self._folder.rmdir()
        if successful:
            handleAlgorithmResults(self._algorithm, self._context, self._feedback)
            _put_outlines_on_top()
            self.ended.emit("")
        elif self._feedback is not None and self._feedback.isCanceled():
            self.ended.emit(_tr("Stopped."))
        else:
            log = self._feedback.textLog().strip().splitlines() if self._feedback is not None else []
            self.ended.emit(log[-1] if log else _tr("The scene could not be mapped."))


def _put_outlines_on_top() -> None:
    """Show the outlines over the scene; the heatmap and the objects, which would hide it, on demand."""
    root = QgsProject.instance().layerTreeRoot()
    folder = str(results_folder())
    for layer in QgsProject.instance().mapLayers().values():
        node = root.findLayer(layer)
        if node is not None and layer.source().startswith(folder):
            node.setItemVisibilityChecked("outlines.gpkg" in layer.source())


def _numbered(number: int) -> Path:
    return results_folder() / f"run_{number}"


def _bands(layer: QgsRasterLayer) -> range:
    return range(1, layer.bandCount() + 1)


def _tr(text: str) -> str:
    return QCoreApplication.translate("Sample", text)
