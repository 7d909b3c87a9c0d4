"""The node that compares mapped outlines with a reference."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from .base import StageAlgorithm


class AccuracyAlgorithm(StageAlgorithm):
    """Assess the accuracy of outlines."""

    STAGE = "accuracy"
    MAPPED = "MAPPED"
    REFERENCE = "REFERENCE"
    AREA = "AREA"
    HEATMAP = "HEATMAP"
    MIN_OVERLAP = "MIN_OVERLAP"
    OUTPUT = "OUTPUT"
    REPORT = "REPORT"
    JSON = "JSON"
    PRODUCERS_ACCURACY = "PRODUCERS_ACCURACY"
    USERS_ACCURACY = "USERS_ACCURACY"
    F1 = "F1"
    IOU = "IOU"
    AREA_BIAS = "AREA_BIAS"
    DETECTED = "DETECTED"
    REFERENCE_COUNT = "REFERENCE_COUNT"
    MATCHED_COUNT = "MATCHED_COUNT"
    MISSED_COUNT = "MISSED_COUNT"
    FALSE_COUNT = "FALSE_COUNT"

    FIGURES: ClassVar = {
        PRODUCERS_ACCURACY: "producers_accuracy",
        USERS_ACCURACY: "users_accuracy",
        F1: "f1",
        IOU: "iou",
        AREA_BIAS: "area_bias",
        DETECTED: "detected",
        REFERENCE_COUNT: "reference_count",
        MATCHED_COUNT: "matched_count",
        MISSED_COUNT: "missed_count",
        FALSE_COUNT: "false_count",
    }
    STYLES: ClassVar = {OUTPUT: "accuracy"}

    def displayName(self) -> str:
        """Return the node's title."""
        return self.tr("Accuracy of outlines")

    def group(self) -> str:
        """Return the title of the node's group."""
        return self.tr("Assess")

    def groupId(self) -> str:
        """Return the id of the node's group."""
        return "assess"

    def tags(self) -> list[str]:
        """Return what else users may search for."""
        return self.tr("validation,producer's accuracy,user's accuracy,f1,iou,confusion,report,rock glacier").split(",")

    def shortDescription(self) -> str:
        """Return what the node does, in one sentence."""
        return self.tr("Compares mapped outlines with a reference inventory, by area and by landform.")

    def shortHelpString(self) -> str:
        """Return the node's help."""
        return self.tr(
            "<p>Compares mapped outlines with a reference inventory, by area (producer's and user's accuracy, F1, "
            "intersection over union) and by landform (matched, missed, false).</p>"
            "<p><b>Input</b>: mapped outlines, reference outlines in any coordinate system, and the area that the "
            "reference covers. <b>Output</b>: a layer of matched, missed and false outlines; a report (HTML) and the "
            "figures (JSON) on request; the main figures as numbers that a model can use.</p>"
            "<p><b>How to choose</b>: give the area wherever the reference does not cover the whole map, or everything "
            "outside counts as false. Never score on the area that a model was trained on.</p>"
        )

    def initAlgorithm(self, _configuration: Mapping[str, Any] | None = None) -> None:
        """Declare the parameters and outputs."""
        self.add_polygons(self.MAPPED, self.tr("Mapped outlines"))
        self.add_polygons(self.REFERENCE, self.tr("Reference outlines"))
        self.add_polygons(self.AREA, self.tr("Area that the reference covers"))
        self.add_raster(self.HEATMAP, self.tr("Heatmap for the report's map"))
        self.add_number(self.MIN_OVERLAP, self.tr("Minimum overlap of a match (share of the reference outline)"))
        self.add_vector_output(self.OUTPUT, self.tr("Matched, missed and false outlines"))
        self.add_file_output(self.REPORT, self.tr("Report"), self.tr("HTML files (*.html *.htm)"))
        self.add_file_output(self.JSON, self.tr("Figures"), self.tr("JSON files (*.json)"))
        self._declare_figures()

    def _declare_figures(self) -> None:
        """Declare the figures that the node returns."""
        self.add_number_result(self.PRODUCERS_ACCURACY, self.tr("Producer's accuracy (share of area)"))
        self.add_number_result(self.USERS_ACCURACY, self.tr("User's accuracy (share of area)"))
        self.add_number_result(self.F1, self.tr("F1 score of the area"))
        self.add_number_result(self.IOU, self.tr("Intersection over union of the area"))
        self.add_number_result(self.AREA_BIAS, self.tr("Area bias (mapped / reference - 1)"))
        self.add_number_result(self.DETECTED, self.tr("Share of the reference landforms detected"))
        self.add_number_result(self.REFERENCE_COUNT, self.tr("Number of reference landforms"))
        self.add_number_result(self.MATCHED_COUNT, self.tr("Number of landforms matched"))
        self.add_number_result(self.MISSED_COUNT, self.tr("Number of landforms missed"))
        self.add_number_result(self.FALSE_COUNT, self.tr("Number of false landforms"))
