"""The node that draws sample points for checking a map."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from .base import StageAlgorithm


class SamplePointsAlgorithm(StageAlgorithm):
    """Draw sample points."""

    STAGE = "samplepoints"
    MAPPED = "MAPPED"
    AREA = "AREA"
    COUNT = "COUNT"
    ALLOCATION = "ALLOCATION"
    MIN_POINTS = "MIN_POINTS"
    BUFFER = "BUFFER"
    SEED = "SEED"
    OUTPUT = "OUTPUT"

    FIGURES: ClassVar = {
        "POINTS_COUNT": "points_count",
        "MAPPED_COUNT": "mapped_count",
        "BUFFER_COUNT": "buffer_count",
        "ELSEWHERE_COUNT": "elsewhere_count",
    }
    STYLES: ClassVar = {OUTPUT: "sample_points"}

    def displayName(self) -> str:
        """Return the node's title."""
        return self.tr("Draw sample points")

    def group(self) -> str:
        """Return the title of the node's group."""
        return self.tr("Assess")

    def groupId(self) -> str:
        """Return the id of the node's group."""
        return "assess"

    def tags(self) -> list[str]:
        """Return what else users may search for."""
        return self.tr("stratified,random,validation,olofsson,area estimate,check,rock glacier").split(",")

    def shortDescription(self) -> str:
        """Return what the node does, in one sentence."""
        return self.tr("Draws a stratified random sample of points at which a person checks a map.")

    def shortHelpString(self) -> str:
        """Return the node's help."""
        return self.tr(
            "<p>Draws points at random in what is mapped, in a belt around it and in the rest of the area. A person "
            "looks at each point and says whether it is a rock glacier; <i>Accuracy of outlines</i> then estimates the "
            "map's accuracy and the true area of rock glaciers, with errors (Olofsson et al. 2014).</p>"
            "<p><b>Input</b>: mapped outlines, and the area to sample. <b>Output</b>: points in random order with the "
            "field <code>is_rock_glacier</code> to fill: 1 (rock glacier), 0 (none).</p>"
            "<p><b>How to choose</b>: some hundred points; more give smaller errors. Check them without looking at the "
            "map, all of them, or from the first on without leaving any out.</p>"
        )

    def initAlgorithm(self, _configuration: Mapping[str, Any] | None = None) -> None:
        """Declare the parameters and outputs."""
        self.add_polygons(self.MAPPED, self.tr("Mapped outlines"))
        self.add_polygons(self.AREA, self.tr("Area to sample"))
        self.add_number(self.COUNT, self.tr("Number of points"))
        self.add_choice(self.ALLOCATION, self.tr("Allocation to the strata"))
        self.add_number(self.MIN_POINTS, self.tr("Points in each stratum at least, if balanced"), advanced=True)
        self.add_number(self.BUFFER, self.tr("Width of the belt around the outlines (m)"))
        self.add_number(self.SEED, self.tr("Seed"), advanced=True)
        self.add_vector_output(self.OUTPUT, self.tr("Sample points"), points=True)
        self.add_number_result("POINTS_COUNT", self.tr("Number of points"))
        self.add_number_result("MAPPED_COUNT", self.tr("Points in mapped outlines"))
        self.add_number_result("BUFFER_COUNT", self.tr("Points around mapped outlines"))
        self.add_number_result("ELSEWHERE_COUNT", self.tr("Points elsewhere"))
