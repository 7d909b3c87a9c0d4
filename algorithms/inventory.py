"""The node that writes outlines as an inventory after the RGIK standard."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from qgis.core import QgsProcessingContext, QgsProcessingFeedback

from .base import StageAlgorithm
from .styles import load_layers


class InventoryAlgorithm(StageAlgorithm):
    """Make an RGIK inventory."""

    STAGE = "inventory"
    OUTLINES = "OUTLINES"
    DEM = "DEM"
    MARKERS = "MARKERS"
    RESTRICTED = "RESTRICTED"
    MOVING_AREAS = "MOVING_AREAS"
    AREA = "AREA"
    MAPPING = "MAPPING"
    SPELLING = "SPELLING"
    OUTPUT = "OUTPUT"
    REPORT = "REPORT"
    UNITS = "UNITS"
    OUTLINES_COUNT = "OUTLINES_COUNT"
    MOVING_AREAS_COUNT = "MOVING_AREAS_COUNT"
    AREA_M2 = "AREA_M2"
    ERRORS = "ERRORS"
    OPEN_QUESTIONS = "OPEN_QUESTIONS"
    CONFORMS = "CONFORMS"

    FIGURES: ClassVar = {
        UNITS: "units",
        OUTLINES_COUNT: "outlines",
        MOVING_AREAS_COUNT: "moving_areas",
        AREA_M2: "area_m2",
        ERRORS: "errors",
        OPEN_QUESTIONS: "open_questions",
        CONFORMS: "conforms",
    }

    def displayName(self) -> str:
        """Return the node's title."""
        return self.tr("Inventory (RGIK)")

    def group(self) -> str:
        """Return the title of the node's group."""
        return self.tr("Review")

    def groupId(self) -> str:
        """Return the id of the node's group."""
        return "review"

    def tags(self) -> list[str]:
        """Return what else users may search for."""
        return self.tr("rgik,rogi,ipa,export,primary marker,morphometry,attribute form,rock glacier").split(",")

    def shortDescription(self) -> str:
        """Return what the node does, in one sentence."""
        return self.tr("Writes outlines as an inventory after the RGIK standard, with morphometry and attribute forms.")

    def shortHelpString(self) -> str:
        """Return the node's help."""
        return self.tr(
            "<p>Writes outlines as an inventory after the standard of the IPA action group on rock glacier inventories "
            "(RGIK): outlines (GO), a primary marker for each unit (PM), moving areas (MA) and the area of interest "
            "(AOI), in WGS 84. What only a person can judge stays empty; QGIS shows the standard's values as choices "
            "in the attribute form.</p>"
            "<p><b>Input</b>: reviewed outlines in any coordinate system; a DEM; markers, restricted outlines, moving "
            "areas and the area that was searched, as far as they exist. Fields of the standard that these layers have "
            "are taken over, so that an inventory can be brought up to date. Outlines with the review status rejected "
            "are left out. <b>Output</b>: a GeoPackage with the four layers, their styles and forms; a report of the "
            "conformance check on request.</p>"
            "<p><b>How to choose</b>: give the DEM that the outlines were mapped on; without one there is only the "
            "area. Fill other columns in by the mapping, such as ActiCl=activity. Take the spelling of the template "
            "only for tools that read the template.</p>"
        )

    def initAlgorithm(self, _configuration: Mapping[str, Any] | None = None) -> None:
        """Declare the parameters and outputs."""
        self.add_polygons(self.OUTLINES, self.tr("Outlines"))
        self.add_raster(self.DEM, self.tr("DEM"))
        self.add_points(self.MARKERS, self.tr("Primary markers"))
        self.add_polygons(self.RESTRICTED, self.tr("Restricted outlines"))
        self.add_polygons(self.MOVING_AREAS, self.tr("Moving areas"))
        self.add_polygons(self.AREA, self.tr("Area that was searched"))
        self.add_text(self.MAPPING, self.tr("Fields from other columns"))
        self.add_choice(self.SPELLING, self.tr("Spelling of the fields"), advanced=True)
        self.add_vector_output(self.OUTPUT, self.tr("Inventory"))
        self.add_file_output(
            self.REPORT, self.tr("Report of the conformance check"), self.tr("HTML files (*.html *.htm)")
        )
        self.add_number_result(self.UNITS, self.tr("Number of units"))
        self.add_number_result(self.OUTLINES_COUNT, self.tr("Number of outlines"))
        self.add_number_result(self.MOVING_AREAS_COUNT, self.tr("Number of moving areas"))
        self.add_number_result(self.AREA_M2, self.tr("Area of the extended outlines (square metres)"))
        self.add_number_result(self.ERRORS, self.tr("Number of rules that are broken"))
        self.add_number_result(self.OPEN_QUESTIONS, self.tr("Number of questions left to a person"))
        self.add_number_result(self.CONFORMS, self.tr("Whether the inventory conforms to the standard (1 or 0)"))

    def processAlgorithm(
        self, parameters: Mapping[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> dict[str, Any]:
        """Run the stage; where QGIS is to load the output, let it load all layers."""
        results = super().processAlgorithm(parameters, context, feedback)
        titles = {
            "GO": self.tr("Outlines (GO)"),
            "AOI": self.tr("Areas of interest (AOI)"),
            "MA": self.tr("Moving areas (MA)"),
            "PM": self.tr("Primary markers (PM)"),
        }
        load_layers(context, results[self.OUTPUT], titles)
        return results
