"""The node that checks an inventory."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from .base import StageAlgorithm


class CheckInventoryAlgorithm(StageAlgorithm):
    """Check an RGIK inventory."""

    STAGE = "checkinventory"
    INVENTORY = "INVENTORY"
    REPORT = "REPORT"
    JSON = "JSON"
    ERRORS = "ERRORS"
    OPEN_QUESTIONS = "OPEN_QUESTIONS"
    NOTES = "NOTES"
    CONFORMS = "CONFORMS"

    FIGURES: ClassVar = {
        ERRORS: "errors",
        OPEN_QUESTIONS: "open_questions",
        NOTES: "notes",
        CONFORMS: "conforms",
    }

    def displayName(self) -> str:
        """Return the node's title."""
        return self.tr("Check inventory (RGIK)")

    def group(self) -> str:
        """Return the title of the node's group."""
        return self.tr("Review")

    def groupId(self) -> str:
        """Return the id of the node's group."""
        return "review"

    def tags(self) -> list[str]:
        """Return what else users may search for."""
        return self.tr("rgik,rogi,conformance,validate,inventory,report,rock glacier").split(",")

    def shortDescription(self) -> str:
        """Return what the node does, in one sentence."""
        return self.tr("Compares an inventory, one's own or that of others, with the RGIK standard.")

    def shortHelpString(self) -> str:
        """Return the node's help."""
        return self.tr(
            "<p>Compares an inventory with the standard of the IPA action group on rock glacier inventories (RGIK): "
            "layers, reference system, geometries, fields, values, identifiers, and how markers, outlines, moving "
            "areas and the area of interest belong together.</p>"
            "<p><b>Input</b>: the inventory's files, a GeoPackage with all layers or a file for each, in the spelling "
            "of the published inventory or of the template. Save edits first. <b>Output</b>: a report (HTML), the "
            "findings (JSON) on request, and their numbers.</p>"
            "<p><b>How to choose</b>: run it before you hand an inventory on, and on inventories that you are given. "
            "Errors break the standard, open questions are for a person to judge, notes are worth knowing. Only what "
            "is verified of the standard gives errors.</p>"
        )

    def initAlgorithm(self, _configuration: Mapping[str, Any] | None = None) -> None:
        """Declare the parameters and outputs."""
        self.add_files(self.INVENTORY, self.tr("Files of the inventory"))
        self.add_file_output(self.REPORT, self.tr("Report"), self.tr("HTML files (*.html *.htm)"))
        self.add_file_output(self.JSON, self.tr("Findings"), self.tr("JSON files (*.json)"))
        self.add_number_result(self.ERRORS, self.tr("Number of rules that are broken"))
        self.add_number_result(self.OPEN_QUESTIONS, self.tr("Number of questions left to a person"))
        self.add_number_result(self.NOTES, self.tr("Number of notes"))
        self.add_number_result(self.CONFORMS, self.tr("Whether the inventory conforms to the standard (1 or 0)"))
