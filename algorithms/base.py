"""What all nodes share: checking, running the stage in the worker process, reporting its outputs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from qgis.core import (
    QgsProcessingContext,
    QgsProcessingException,
    QgsProcessingFeedback,
)
from qgis.PyQt.QtGui import QIcon
from qgis.PyQt.QtWidgets import QWidget

from ..core.options import field_types
from ..core.version import PACKAGE_FOLDER
from ..host import runtime, worker
from .checks import first_problem
from .parameters import DeclaringAlgorithm
from .styles import style_on_load
from .values import OptionReader

ICON = str(PACKAGE_FOLDER / "resources" / "icons" / "icon.svg")
HELP_PAGE = "https://github.com/rock-glacier-mapper/rock-glacier-mapper/blob/main/docs/toolbox.md"


class StageAlgorithm(DeclaringAlgorithm):
    """A node that runs one stage of the engine.

    A subclass says in constants which stage it runs, and declares its parameters; the key of a parameter is the
    name of the stage's option in upper case.

    Attributes
    ----------
    STAGE : str
        Name of the stage, which is also the node's id.
    FIGURES : dict
        Key of each output that is no file, with the field of the stage's result.
    STYLES : dict
        Key of each styled output, with the name of its style in resources/styles.
    """

    DIALOGS: ClassVar[dict[str, Callable[[StageAlgorithm, QWidget | None], QWidget]]] = {}
    """By stage, what makes a dialog that offers more than Processing's own; the desktop fills it."""

    FIGURES: ClassVar[dict[str, str]] = {}
    STYLES: ClassVar[dict[str, str]] = {}

    def __init__(self) -> None:
        super().__init__()
        self._options: dict[str, Any] = {}

    def createInstance(self) -> StageAlgorithm:
        """Return a new node of the same kind."""
        return type(self)()

    def name(self) -> str:
        """Return the id, which saved models depend on."""
        return self.STAGE

    def group(self) -> str:
        """Return the title of the node's group."""
        return self.tr("Map")

    def groupId(self) -> str:
        """Return the id of the node's group."""
        return "map"

    def icon(self) -> QIcon:
        """Return the plugin's icon."""
        return QIcon(ICON)

    def svgIconPath(self) -> str:
        """Return the path of the plugin's icon."""
        return ICON

    def helpUrl(self) -> str:
        """Return the address of the node's section in the toolbox reference."""
        return f"{HELP_PAGE}#{self.name()}"

    def createCustomParametersWidget(self, parent: QWidget | None = None) -> QWidget | None:
        """Return the node's own dialog, None where Processing's will do."""
        make = self.DIALOGS.get(self.STAGE)
        return make(self, parent) if make is not None else None

    def canExecute(self) -> tuple[bool, str]:
        """Return whether what the stage needs is installed, and what is missing."""
        missing = runtime.explain(self.STAGE)
        return not missing, missing

    def checkParameterValues(self, parameters: Mapping[str, Any], context: QgsProcessingContext) -> tuple[bool, str]:
        """Return whether the node can run with these values, and the first problem.

        What `canExecute` says is said again here, because headless QGIS does not ask there.
        """
        problem = runtime.explain(self.STAGE) or first_problem(self, parameters, context)
        return (False, problem) if problem else super().checkParameterValues(parameters, context)

    def prepareAlgorithm(
        self, parameters: Mapping[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> bool:
        """Read what is given here, in the thread where the project's layers live."""
        self._options = self.options(parameters, context, feedback)
        return True

    def options(
        self, parameters: Mapping[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        """Return the stage's options that the values given mean, without its outputs."""
        return self._read(OptionReader(self, parameters, context, feedback), destinations=False)

    def processAlgorithm(
        self, parameters: Mapping[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        """Run the stage in the worker process and return its outputs.

        Destinations are read here: what an earlier context was told of layers to load would be lost.
        """
        self._options |= self._read(OptionReader(self, parameters, context, feedback), destinations=True)
        try:
            result = worker.run_stage(self.STAGE, self._options, feedback)
        except (worker.StageFailed, worker.StageCancelled) as error:
            raise QgsProcessingException(str(error)) from error
        for key, style in self.STYLES.items():
            style_on_load(context, self._options[key.lower()], style, self._options.get("rules", ""))
        return self._files() | {key: result[field] for key, field in self.FIGURES.items()}

    def _read(self, reader: OptionReader, *, destinations: bool) -> dict[str, Any]:
        """Return the node's options that are destinations, or those that are not."""
        kinds = field_types(self.stage().options)
        keys = [item.name() for item in self.parameterDefinitions() if item.isDestination() == destinations]
        return {key.lower(): reader.read(key, kinds[key.lower()]) for key in keys}

    def _files(self) -> dict[str, str]:
        """Return the files that were asked for, by key."""
        keys = [definition.name() for definition in self.destinationParameterDefinitions()]
        return {key: self._options[key.lower()] for key in keys if self._options[key.lower()]}
