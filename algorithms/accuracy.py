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
    POINTS = "POINTS"
    MIN_OVERLAP = "MIN_OVERLAP"
    MIN_IOU = "MIN_IOU"
    GROUP_BY = "GROUP_BY"
    REPETITIONS = "REPETITIONS"
    SEED = "SEED"
    OUTPUT = "OUTPUT"
    REPORT = "REPORT"
    JSON = "JSON"

    # The key of a figure is the name of the result's field in upper case; models depend on both.
    FIGURES: ClassVar = {
        name.upper(): name
        for name in (
            "producers_accuracy",
            "users_accuracy",
            "f1",
            "iou",
            "area_bias",
            "detected",
            "reference_count",
            "matched_count",
            "missed_count",
            "false_count",
            "mapped_count",
            "split_count",
            "merged_count",
            "mean_landform_area_bias",
            "pair_count",
            "landform_recall",
            "landform_precision",
            "landform_f1",
            "mean_pair_iou",
            "boundary_distance",
            "boundary_distance_95",
            "f1_low",
            "f1_high",
            "iou_low",
            "iou_high",
            "detected_low",
            "detected_high",
            "heatmap_average_precision",
            "heatmap_calibration_error",
            "adjusted_area_m2",
            "adjusted_area_error_m2",
            "adjusted_producers_accuracy",
            "adjusted_users_accuracy",
        )
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
        return self.tr(
            "validation,producer's accuracy,user's accuracy,f1,iou,hausdorff,bootstrap,olofsson,rock glacier"
        ).split(",")

    def shortDescription(self) -> str:
        """Return what the node does, in one sentence."""
        return self.tr("Compares mapped outlines with a reference inventory, by area and by landform.")

    def shortHelpString(self) -> str:
        """Return the node's help."""
        return self.tr(
            "<p>Compares mapped outlines with a reference inventory: by area (producer's and user's accuracy, F1, "
            "intersection over union, bias), by landform (matched, split, missed, merged, false; one-to-one pairs), by "
            "size and by columns of the reference, and by the distance between outlines. Intervals come from drawing "
            "landforms anew.</p>"
            "<p><b>Input</b>: mapped outlines, reference outlines in any coordinate system, and the area that the "
            "reference covers; on request the heatmap, and sample points that a person has checked. <b>Output</b>: a "
            "layer of matched, split, missed, merged and false outlines; a report (HTML) and the figures (JSON) on "
            "request; the main figures as numbers that a model can use.</p>"
            "<p><b>How to choose</b>: give the area wherever the reference does not cover the whole map, or everything "
            "outside counts as false. Never score on the area that a model was trained on or rules were tuned on.</p>"
        )

    def initAlgorithm(self, _configuration: Mapping[str, Any] | None = None) -> None:
        """Declare the parameters and outputs."""
        self.add_polygons(self.MAPPED, self.tr("Mapped outlines"))
        self.add_polygons(self.REFERENCE, self.tr("Reference outlines"))
        self.add_polygons(self.AREA, self.tr("Area that the reference covers"))
        self.add_raster(self.HEATMAP, self.tr("Heatmap"))
        self.add_points(self.POINTS, self.tr("Checked sample points"))
        self.add_number(self.MIN_OVERLAP, self.tr("Minimum overlap of a match (share of the reference outline)"))
        self.add_number(self.MIN_IOU, self.tr("Minimum intersection over union of a pair"))
        self.add_columns(self.GROUP_BY, self.tr("Report by these columns of the reference"), self.REFERENCE)
        self.add_number(self.REPETITIONS, self.tr("Repetitions for the intervals"), advanced=True)
        self.add_number(self.SEED, self.tr("Seed of the repetitions"), advanced=True)
        self.add_vector_output(self.OUTPUT, self.tr("Matched, split, missed, merged and false outlines"))
        self.add_file_output(self.REPORT, self.tr("Report"), self.tr("HTML files (*.html *.htm)"))
        self.add_file_output(self.JSON, self.tr("Figures"), self.tr("JSON files (*.json)"))
        self._declare_figures()

    def _declare_figures(self) -> None:
        """Declare the figures that the node returns."""
        labels = (
            self.tr("Producer's accuracy (share of area)"),
            self.tr("User's accuracy (share of area)"),
            self.tr("F1 score of the area"),
            self.tr("Intersection over union of the area"),
            self.tr("Area bias (mapped / reference - 1)"),
            self.tr("Share of the reference landforms detected"),
            self.tr("Number of reference landforms"),
            self.tr("Number of landforms matched"),
            self.tr("Number of landforms missed"),
            self.tr("Number of false landforms"),
            self.tr("Number of mapped landforms"),
            self.tr("Number of reference landforms mapped in several pieces"),
            self.tr("Number of mapped landforms that join several"),
            self.tr("Mean landform area bias"),
            self.tr("Number of one-to-one pairs"),
            self.tr("Share of the reference landforms in a pair"),
            self.tr("Share of the mapped landforms in a pair"),
            self.tr("F1 score of landforms"),
            self.tr("Mean intersection over union of pairs"),
            self.tr("Mean boundary distance (m)"),
            self.tr("95 % Hausdorff distance, mean (m)"),
            self.tr("F1 score of the area, low end"),
            self.tr("F1 score of the area, high end"),
            self.tr("Intersection over union, low end"),
            self.tr("Intersection over union, high end"),
            self.tr("Share detected, low end"),
            self.tr("Share detected, high end"),
            self.tr("Average precision of the heatmap"),
            self.tr("Expected calibration error of the heatmap"),
            self.tr("Area of rock glaciers, from points (m2)"),
            self.tr("Standard error of that area (m2)"),
            self.tr("Producer's accuracy, from points"),
            self.tr("User's accuracy, from points"),
        )
        for key, label in zip(self.FIGURES, labels, strict=True):
            self.add_number_result(key, label)
