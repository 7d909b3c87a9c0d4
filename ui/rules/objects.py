"""The objects that a rule set is tried out on: the file behind their layer, and the questions to the worker."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from qgis.core import QgsApplication, QgsVectorFileWriter, QgsVectorFileWriterTask, QgsVectorLayer
from qgis.PyQt.QtCore import QObject, pyqtSignal

from ...host.session import WorkerSession


class TriedObjects(QObject):
    """A layer of objects as the worker knows it.

    Attributes
    ----------
    is_known : bool
        Whether the worker has read the objects.
    count : int
        How many there are.
    columns : dict
        By name, the stage's answer on each column of numbers.
    texts : list of str
        Names of the other columns.

    Signals
    -------
    changed()
        The columns are known, or there are none any more.
    counted(dict, dict)
        An answer of the stage `tryrules`, and the options of the picture that it was asked with.
    explained(dict)
        An answer of the stage `explainobject`.
    failed(str)
        A sentence on what went wrong.
    """

    changed = pyqtSignal()
    counted = pyqtSignal(dict, dict)
    explained = pyqtSignal(dict)
    failed = pyqtSignal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = WorkerSession(self)
        self._layer: QgsVectorLayer | None = None
        self._source = ""
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._task: QgsVectorFileWriterTask | None = None
        self.is_known = False
        self.count = 0
        self.columns: dict[str, dict[str, Any]] = {}
        self.texts: list[str] = []

    @property
    def layer(self) -> QgsVectorLayer | None:
        """The layer, None if there is none."""
        return self._layer

    @property
    def is_busy(self) -> bool:
        """Whether an answer is awaited."""
        return self._session.is_busy or self._task is not None

    def use(self, layer: QgsVectorLayer | None) -> None:
        """Take another layer, or none."""
        if layer is self._layer:
            return
        self._forget()
        self._layer = layer
        if layer is not None:
            layer.afterCommitChanges.connect(self.reload)
            layer.subsetStringChanged.connect(self.reload)
            self.reload()
        self.changed.emit()

    def reload(self) -> None:
        """Read the objects again; the worker does so only if their file has changed."""
        if self._layer is None:
            return
        self._source = _file_of(self._layer)
        if self._source:
            self._read()
        else:
            self._write_then_read()

    def try_rules(self, document: str, view: dict[str, Any]) -> None:
        """Ask what a rule set makes of the objects; `view` has the options of the picture."""
        if self._source:
            options = {"objects": self._source, "document": document, **view}
            self._session.ask("tryrules", options, lambda result: self.counted.emit(result, view), self.failed.emit)

    def explain(self, document: str, x: float, y: float, crs: str) -> None:
        """Ask what decided on the object at a place."""
        if self._source:
            options = {"objects": self._source, "document": document, "x": x, "y": y, "crs": crs}
            # A rule set that is not valid is said when it is counted.
            self._session.ask("explainobject", options, self.explained.emit, lambda _text: None)

    def close(self) -> None:
        """Let the layer go and end the worker."""
        self._forget()

    def _read(self) -> None:
        self._session.ask("objectcolumns", {"objects": self._source}, self._know, self._fail)

    def _know(self, result: dict[str, Any]) -> None:
        self.is_known = True
        self.count = result["objects"]
        self.columns = {column["name"]: column for column in result["columns"]}
        self.texts = list(result["texts"])
        self.changed.emit()

    def _fail(self, sentence: str) -> None:
        self.is_known, self.count, self.columns, self.texts = False, 0, {}, []
        self.changed.emit()
        self.failed.emit(sentence)

    def _write_then_read(self) -> None:
        """Write a layer that no file holds to a temporary one, without holding QGIS up."""
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="rock_glacier_mapper_", ignore_cleanup_errors=True)
        path = str(Path(self._folder.name) / "objects.gpkg")
        options = QgsVectorFileWriter.SaveVectorOptions()
        options.driverName, options.layerName = "GPKG", "objects"
        self._task = QgsVectorFileWriterTask(self._layer, path, options)
        self._task.writeComplete.connect(self._written)
        self._task.errorOccurred.connect(self._not_written)
        QgsApplication.taskManager().addTask(self._task)

    def _written(self, path: str) -> None:
        self._task = None
        self._source = path
        self._read()

    def _not_written(self, _code: int, text: str) -> None:
        self._task = None
        self._fail(self.tr("The layer could not be written to a temporary file: {}").format(text))

    def _forget(self) -> None:
        if self._layer is not None:
            self._layer.afterCommitChanges.disconnect(self.reload)
            self._layer.subsetStringChanged.disconnect(self.reload)
        self._layer = None
        self._source = ""
        self.is_known, self.count, self.columns, self.texts = False, 0, {}, []
        self._session.close()
        if self._task is not None:
            # The task ends in its own time: what it says then is of a layer that is no longer asked about.
            self._task.writeComplete.disconnect(self._written)
            self._task.errorOccurred.disconnect(self._not_written)
            self._task.cancel()
            self._task = None
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None


def _file_of(layer: QgsVectorLayer) -> str:
    """Return the source of a layer that lies in a file, "" for one of QGIS's memory or a database."""
    if layer.providerType() != "ogr":
        return ""
    source: str = layer.source()
    return source if Path(source.partition("|")[0]).is_file() else ""
