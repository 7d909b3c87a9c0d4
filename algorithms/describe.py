"""The node that describes a model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from qgis.core import QgsProcessingContext, QgsProcessingFeedback

from .base import StageAlgorithm


class DescribeAlgorithm(StageAlgorithm):
    """Describe a model."""

    STAGE = "describe"
    MODEL = "MODEL"
    OUTPUT = "OUTPUT"
    TEXT = "TEXT"

    FIGURES: ClassVar = {TEXT: "text"}

    def displayName(self) -> str:
        """Return the node's title."""
        return self.tr("Describe model")

    def group(self) -> str:
        """Return the title of the node's group."""
        return self.tr("Train")

    def groupId(self) -> str:
        """Return the id of the node's group."""
        return "train"

    def tags(self) -> list[str]:
        """Return what else users may search for."""
        return self.tr("card,onnx,cnn,network,metadata,bands,accuracy,checksum,rock glacier").split(",")

    def shortDescription(self) -> str:
        """Return what the node does, in one sentence."""
        return self.tr("Shows what a model needs, what it gives, how it was trained and how good it is.")

    def shortHelpString(self) -> str:
        """Return the node's help."""
        return self.tr(
            "<p>Shows the card of a model: which bands it needs and how they are normalised, for which pixel size, "
            "what it gives, what it was trained on, and how it scored; and whether its file is the one that it was "
            "published as.</p>"
            "<p><b>Input</b>: a model. It is read, not run. <b>Output</b>: the description in the log and, on request, "
            "in a text file.</p>"
            "<p><b>How to choose</b>: look at a model before you prepare a stack for it. Of a model without a card the "
            "description says what you must state to run it.</p>"
        )

    def initAlgorithm(self, _configuration: Mapping[str, Any] | None = None) -> None:
        """Declare the parameters and outputs."""
        self.add_file(self.MODEL, self.tr("Model"), self.tr("ONNX models (*.onnx)"))
        self.add_file_output(self.OUTPUT, self.tr("Description"), self.tr("Text files (*.txt)"))
        self.add_text_result(self.TEXT, self.tr("Description"))

    def processAlgorithm(
        self, parameters: Mapping[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        """Describe the model, and show it in the log, where columns need letters of equal width."""
        results = super().processAlgorithm(parameters, context, feedback)
        feedback.pushConsoleInfo(results[self.TEXT])
        return results
