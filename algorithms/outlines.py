"""The node that turns labels of landforms into outlines."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from .base import StageAlgorithm


class OutlinesAlgorithm(StageAlgorithm):
    """Make outlines."""

    STAGE = "outlines"
    INPUT = "INPUT"
    LAYERS = "LAYERS"
    OBJECTS = "OBJECTS"
    SIMPLIFY = "SIMPLIFY"
    SMOOTH_OUTLINE = "SMOOTH_OUTLINE"
    OUTPUT = "OUTPUT"
    LANDFORMS = "LANDFORMS"
    AREA_M2 = "AREA_M2"
    AREA_CHANGE = "AREA_CHANGE"

    FIGURES: ClassVar = {LANDFORMS: "landforms", AREA_M2: "area_m2", AREA_CHANGE: "area_change"}
    STYLES: ClassVar = {OUTPUT: "outlines"}

    def displayName(self) -> str:
        """Return the node's title."""
        return self.tr("Outlines")

    def tags(self) -> list[str]:
        """Return what else users may search for."""
        return self.tr("polygonize,vectorize,simplify,coverage,inventory,rock glacier").split(",")

    def shortDescription(self) -> str:
        """Return what the node does, in one sentence."""
        return self.tr("Turns labels of landforms into polygons with statistics and provenance.")

    def shortHelpString(self) -> str:
        """Return the node's help."""
        return self.tr(
            "<p>Turns the labels of landforms into valid polygons that do not overlap, with statistics of layers, the "
            "membership of the objects, where they come from, and fields for the review.</p>"
            "<p><b>Input</b>: labels of landforms; optionally rasters on the same grid and the classified objects. "
            "<b>Output</b>: a GeoPackage with the layer rock_glaciers, in the coordinate system of the labels.</p>"
            "<p><b>How to choose</b>: a tolerance of one to two pixels (15 m for Sentinel-2) removes the pixels' steps "
            "and keeps the form; 0 keeps the steps. Two rounds of smoothing make outlines as a person draws them; more "
            "only add vertices. Borders that two landforms share stay shared.</p>"
        )

    def initAlgorithm(self, _configuration: Mapping[str, Any] | None = None) -> None:
        """Declare the parameters and outputs."""
        self.add_raster(self.INPUT, self.tr("Labels of the landforms"))
        self.add_rasters(self.LAYERS, self.tr("Layers to take statistics from"))
        self.add_polygons(self.OBJECTS, self.tr("Classified objects"))
        self.add_number(self.SIMPLIFY, self.tr("Simplification tolerance (metres)"))
        self.add_number(self.SMOOTH_OUTLINE, self.tr("Rounds of smoothing"))
        self.add_vector_output(self.OUTPUT, self.tr("Outlines"))
        self.add_number_result(self.LANDFORMS, self.tr("Number of landforms"))
        self.add_number_result(self.AREA_M2, self.tr("Total area (square metres)"))
        self.add_number_result(self.AREA_CHANGE, self.tr("Change of the total area (share)"))
