"""The node that compares the outlines of two dates."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from qgis.core import QgsProcessingContext, QgsProcessingFeedback

from .base import StageAlgorithm
from .styles import load_layers


class ChangeAlgorithm(StageAlgorithm):
    """See how landforms changed."""

    STAGE = "change"
    BEFORE = "BEFORE"
    AFTER = "AFTER"
    BOUNDARY_ERROR = "BOUNDARY_ERROR"
    DEM = "DEM"
    AREA = "AREA"
    YEARS = "YEARS"
    MIN_OVERLAP = "MIN_OVERLAP"
    OUTPUT = "OUTPUT"
    REPORT = "REPORT"
    JSON = "JSON"
    LANDFORMS = "LANDFORMS"
    GROWN = "GROWN"
    SHRUNK = "SHRUNK"
    NEW = "NEW"
    GONE = "GONE"
    SPLIT = "SPLIT"
    MERGED = "MERGED"
    AREA_BEFORE_M2 = "AREA_BEFORE_M2"
    AREA_AFTER_M2 = "AREA_AFTER_M2"
    AREA_CHANGE_M2 = "AREA_CHANGE_M2"
    AREA_CHANGE_ERROR_M2 = "AREA_CHANGE_ERROR_M2"
    MEAN_FRONT_ADVANCE_M = "MEAN_FRONT_ADVANCE_M"

    FIGURES: ClassVar = {
        LANDFORMS: "landforms",
        GROWN: "grown",
        SHRUNK: "shrunk",
        NEW: "new",
        GONE: "gone",
        SPLIT: "split",
        MERGED: "merged",
        AREA_BEFORE_M2: "area_before_m2",
        AREA_AFTER_M2: "area_after_m2",
        AREA_CHANGE_M2: "area_change_m2",
        AREA_CHANGE_ERROR_M2: "area_change_error_m2",
        MEAN_FRONT_ADVANCE_M: "mean_front_advance_m",
    }

    def displayName(self) -> str:
        """Return the node's title."""
        return self.tr("Change of landforms")

    def group(self) -> str:
        """Return the title of the node's group."""
        return self.tr("Assess")

    def groupId(self) -> str:
        """Return the id of the node's group."""
        return "assess"

    def tags(self) -> list[str]:
        """Return what else users may search for."""
        return self.tr("change,two dates,area change,front advance,uncertainty,monitoring,rock glacier").split(",")

    def shortDescription(self) -> str:
        """Return what the node does, in one sentence."""
        return self.tr("Compares the outlines of two dates, landform by landform, with the errors of the changes.")

    def shortHelpString(self) -> str:
        """Return the node's help."""
        return self.tr(
            "<p>Compares the outlines of two dates: how the area of each landform changed, how far its front advanced "
            "along the flow, which landforms are new, gone, split or merged, and what of it exceeds the error.</p>"
            "<p><b>Input</b>: the outlines of both dates in any coordinate system, the error of their boundaries, and "
            "a DEM that tells where landforms flow to. <b>Output</b>: a GeoPackage with the landforms (change) and the "
            "ground that they gained and lost (differences); a report (HTML) and the figures (JSON) on request; the "
            "main figures as numbers that a model can use.</p>"
            "<p><b>How to choose</b>: the boundary error decides what counts as a change. It is at least half a pixel "
            "of the image; two people's outlines of one image show what it really is. Give the area that was mapped at "
            "both dates, or what one date's map does not cover counts as new or gone.</p>"
        )

    def initAlgorithm(self, _configuration: Mapping[str, Any] | None = None) -> None:
        """Declare the parameters and outputs."""
        self.add_polygons(self.BEFORE, self.tr("Earlier outlines"))
        self.add_polygons(self.AFTER, self.tr("Later outlines"))
        self.add_number(self.BOUNDARY_ERROR, self.tr("Error of the outlines' boundaries (metres)"))
        self.add_raster(self.DEM, self.tr("DEM"))
        self.add_polygons(self.AREA, self.tr("Area mapped at both dates"))
        self.add_number(self.YEARS, self.tr("Years between the dates (0: no rates)"))
        self.add_number(self.MIN_OVERLAP, self.tr("Minimum overlap of one landform's outlines"), advanced=True)
        self.add_vector_output(self.OUTPUT, self.tr("Changes"))
        self.add_file_output(self.REPORT, self.tr("Report"), self.tr("HTML files (*.html *.htm)"))
        self.add_file_output(self.JSON, self.tr("Figures"), self.tr("JSON files (*.json)"))
        self.add_number_result(self.LANDFORMS, self.tr("Number of landforms"))
        self.add_number_result(self.GROWN, self.tr("Number of landforms that grew by more than the error"))
        self.add_number_result(self.SHRUNK, self.tr("Number of landforms that shrank by more than the error"))
        self.add_number_result(self.NEW, self.tr("Number of new landforms"))
        self.add_number_result(self.GONE, self.tr("Number of landforms that are gone"))
        self.add_number_result(self.SPLIT, self.tr("Number of landforms that split"))
        self.add_number_result(self.MERGED, self.tr("Number of landforms that merged"))
        self.add_number_result(self.AREA_BEFORE_M2, self.tr("Earlier area (square metres)"))
        self.add_number_result(self.AREA_AFTER_M2, self.tr("Later area (square metres)"))
        self.add_number_result(self.AREA_CHANGE_M2, self.tr("Change of the area (square metres)"))
        self.add_number_result(self.AREA_CHANGE_ERROR_M2, self.tr("Its error (square metres)"))
        self.add_number_result(self.MEAN_FRONT_ADVANCE_M, self.tr("Mean advance of the fronts (metres)"))

    def processAlgorithm(
        self, parameters: Mapping[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        """Run the stage; where QGIS is to load the output, let it load both layers."""
        results = super().processAlgorithm(parameters, context, feedback)
        titles = {"change": self.tr("Changes"), "differences": self.tr("Gained and lost")}
        load_layers(context, results[self.OUTPUT], titles, {"change": "change", "differences": "differences"})
        return results
