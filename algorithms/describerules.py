"""The node that describes a rule set."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from qgis.core import QgsProcessingContext, QgsProcessingFeedback

from .base import StageAlgorithm


class DescribeRulesAlgorithm(StageAlgorithm):
    """Describe a rule set."""

    STAGE = "describerules"
    RULES = "RULES"
    OUTPUT = "OUTPUT"
    TEXT = "TEXT"

    FIGURES: ClassVar = {TEXT: "text"}

    def displayName(self) -> str:
        """Return the node's title."""
        return self.tr("Describe rule set")

    def tags(self) -> list[str]:
        """Return what else users may search for."""
        return self.tr("rules,fuzzy,classes,passes,expression,thresholds,rock glacier").split(",")

    def shortDescription(self) -> str:
        """Return what the node does, in one sentence."""
        return self.tr("Shows layers, classes and passes of a rule set, and its first pass as an expression of QGIS.")

    def shortHelpString(self) -> str:
        """Return the node's help."""
        return self.tr(
            "<p>Shows a rule set in words: the layers and units that it expects, its classes, and each pass with its "
            "conditions and their reasons. Behind them stands the first pass as an expression, for the field "
            "calculator, a filter or a style of QGIS.</p>"
            "<p><b>Input</b>: a rule set. <b>Output</b>: the description in the log and, on request, in a text "
            "file.</p>"
            "<p><b>How to choose</b>: look at a rule set before you measure objects for it. Later passes ask for the "
            "classes of neighbours, for which expressions have no means.</p>"
        )

    def initAlgorithm(self, _configuration: Mapping[str, Any] | None = None) -> None:
        """Declare the parameters and outputs."""
        self.add_file(self.RULES, self.tr("Rule set"), self.tr("Rule sets (*.json)"))
        self.add_file_output(self.OUTPUT, self.tr("Description"), self.tr("Text files (*.txt)"))
        self.add_text_result(self.TEXT, self.tr("Description"))

    def processAlgorithm(
        self, parameters: Mapping[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        """Describe the rule set, and show it in the log, where columns need letters of equal width."""
        results = super().processAlgorithm(parameters, context, feedback)
        feedback.pushConsoleInfo(results[self.TEXT])
        return results
