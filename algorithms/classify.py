"""The node that classifies objects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from .base import StageAlgorithm


class ClassifyAlgorithm(StageAlgorithm):
    """Classify objects by rules."""

    STAGE = "classify"
    OBJECTS = "OBJECTS"
    RULES = "RULES"
    OUTPUT = "OUTPUT"
    OBJECTS_COUNT = "OBJECTS_COUNT"
    CLASSIFIED = "CLASSIFIED"

    FIGURES: ClassVar = {OBJECTS_COUNT: "objects", CLASSIFIED: "classified"}
    STYLES: ClassVar = {OUTPUT: "objects"}

    def displayName(self) -> str:
        """Return the node's title."""
        return self.tr("Classify objects")

    def tags(self) -> list[str]:
        """Return what else users may search for."""
        return self.tr("fuzzy,rules,membership,rule set,object-based,obia,geobia,rock glacier").split(",")

    def shortDescription(self) -> str:
        """Return what the node does, in one sentence."""
        return self.tr("Classifies objects by the fuzzy rules of a rule set.")

    def shortHelpString(self) -> str:
        """Return the node's help."""
        return self.tr(
            "<p>Gives each object the class whose fuzzy conditions it fulfils best, in one or more passes: a later "
            "pass may ask for the classes of the neighbours (share of the border, distance, holes, number).</p>"
            "<p><b>Input</b>: objects with the features that the rule set names; a feature that they lack is an error, "
            "with the nearest name that they have. For rules on neighbours, the objects must fit each other without "
            "gaps and overlaps, as Object features writes them. <b>Output</b>: the objects with class, membership (0 "
            "to 1), the class that came second, one membership a class, and what decided on each object. In QGIS they "
            "have the colours of the rule set.</p>"
            "<p><b>How to choose</b>: full_stack for a stack with coherence and terrain at 10 m, rgb for three optical "
            "bands at 10 m, rgb_nir_2m for images of 2 m with near infrared and slope. A rule set is a readable JSON "
            "file: copy a shipped one, change its thresholds and give the path.</p>"
        )

    def initAlgorithm(self, _configuration: Mapping[str, Any] | None = None) -> None:
        """Declare the parameters and outputs."""
        self.add_polygons(self.OBJECTS, self.tr("Objects"))
        self.add_file(self.RULES, self.tr("Rule set"), self.tr("Rule sets (*.json)"))
        self.add_vector_output(self.OUTPUT, self.tr("Classified objects"))
        self.add_number_result(self.OBJECTS_COUNT, self.tr("Number of objects"))
        self.add_number_result(self.CLASSIFIED, self.tr("Number of objects with a class"))
