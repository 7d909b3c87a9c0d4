"""The node that tunes a rule set."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from .base import StageAlgorithm


class TuneRulesAlgorithm(StageAlgorithm):
    """Tune a rule set."""

    STAGE = "tunerules"
    OBJECTS = "OBJECTS"
    REFERENCE = "REFERENCE"
    RULES = "RULES"
    AREA = "AREA"
    MEASURE = "MEASURE"
    CLASSES = "CLASSES"
    FOLDS = "FOLDS"
    OUTPUT = "OUTPUT"
    REPORT = "REPORT"
    JSON = "JSON"

    FIGURES: ClassVar = {
        "SCORE_BEFORE": "score_before",
        "SCORE_AFTER": "score_after",
        "GAIN": "gain",
        "CHANGED_COUNT": "changed_count",
    }

    def displayName(self) -> str:
        """Return the node's title."""
        return self.tr("Tune rule set")

    def group(self) -> str:
        """Return the title of the node's group."""
        return self.tr("Assess")

    def groupId(self) -> str:
        """Return the id of the node's group."""
        return "assess"

    def tags(self) -> list[str]:
        """Return what else users may search for."""
        return self.tr("thresholds,optimise,calibrate,cross-validation,sensitivity,fuzzy,rule set,rock glacier").split(
            ","
        )

    def shortDescription(self) -> str:
        """Return what the node does, in one sentence."""
        return self.tr("Chooses the thresholds and ramps of a rule set against a reference, on folds apart in space.")

    def shortHelpString(self) -> str:
        """Return the node's help."""
        return self.tr(
            "<p>Moves the thresholds of a rule set, one after the other, to where a chosen measure against a reference "
            "is largest. The same is done with each part of the area left out, and scored on that part: this score, "
            "not the one on what was tuned on, tells what to expect elsewhere.</p>"
            "<p><b>Input</b>: objects as Object features writes them, of one or several scenes; reference outlines, "
            "one layer for all or one for each in the same order; a rule set. <b>Output</b>: the tuned rule set, which "
            "reads as before and says what it was tuned on; a report with the sensitivity of every threshold.</p>"
            "<p><b>How to choose</b>: f1 to weigh what was missed and what is false alike, f2 where a person will "
            "check the map and deleting is easier than drawing. Some dozens of landforms in each part at least. The "
            "heatmap of the objects must come from a network that has not seen these scenes, or the thresholds will be "
            "too strict elsewhere.</p>"
        )

    def initAlgorithm(self, _configuration: Mapping[str, Any] | None = None) -> None:
        """Declare the parameters and outputs."""
        self.add_polygon_layers(self.OBJECTS, self.tr("Objects"))
        self.add_polygon_layers(self.REFERENCE, self.tr("Reference outlines"))
        self.add_file(self.RULES, self.tr("Rule set"), self.tr("Rule sets (*.json)"))
        self.add_polygons(self.AREA, self.tr("Area that the reference covers"))
        self.add_choice(self.MEASURE, self.tr("Measure"))
        self.add_text(self.CLASSES, self.tr("Classes whose rules are tuned"), advanced=True)
        self.add_number(self.FOLDS, self.tr("Parts of a single layer"), advanced=True)
        self.add_file_output(self.OUTPUT, self.tr("Tuned rule set"), self.tr("Rule sets (*.json)"))
        self.add_file_output(self.REPORT, self.tr("Report"), self.tr("HTML files (*.html *.htm)"))
        self.add_file_output(self.JSON, self.tr("Figures"), self.tr("JSON files (*.json)"))
        self.add_number_result("SCORE_BEFORE", self.tr("Measure of the rules as they were"))
        self.add_number_result("SCORE_AFTER", self.tr("Measure of rules tuned elsewhere"))
        self.add_number_result("GAIN", self.tr("Gain by tuning elsewhere"))
        self.add_number_result("CHANGED_COUNT", self.tr("Number of conditions changed"))
