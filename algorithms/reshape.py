"""The node that turns classified objects into landforms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from .reshapeparameters import ReshapeParameters


class ReshapeAlgorithm(ReshapeParameters):
    """Reshape objects into landforms."""

    STAGE = "reshape"
    OBJECTS = "OBJECTS"
    LABELS = "LABELS"
    SEGMENTS = "SEGMENTS"
    HEATMAP = "HEATMAP"
    SLOPE = "SLOPE"
    ELEVATION = "ELEVATION"
    TARGET_CLASS = "TARGET_CLASS"
    OUTPUT = "OUTPUT"
    LANDFORMS = "LANDFORMS"

    FIGURES: ClassVar = {LANDFORMS: "landforms"}

    def displayName(self) -> str:
        """Return the node's title."""
        return self.tr("Reshape objects")

    def tags(self) -> list[str]:
        """Return what else users may search for."""
        return self.tr("merge,grow,shrink,fill holes,smooth,split,sieve,landforms,rock glacier").split(",")

    def shortDescription(self) -> str:
        """Return what the node does, in one sentence."""
        return self.tr("Turns the objects of a class into landforms: merges, grows, fills, smooths, splits and drops.")

    def shortHelpString(self) -> str:
        """Return the node's help."""
        return self.tr(
            "<p>Turns the objects of one class into landforms. In this order: objects that share a border merge; "
            "landforms that the heatmap is not sure of are dropped; the others grow, shrink, get their holes filled, "
            "are smoothed, are split at necks and where they flow apart, and small ones are dropped. Each step is also "
            "a node of its own, with the same result one after the other.</p>"
            "<p><b>Input</b>: classified objects and the labels that they were made from; or labels of landforms "
            "alone. The heatmap, the slope and the elevation where a step asks for them. <b>Output</b>: labels of the "
            "landforms, 0 where there is none; they never overlap.</p>"
            "<p><b>How to choose</b>: smooth by one to three pixels; set the minimum area to the smallest landform "
            "that your inventory counts (0.01 km\u00b2 is usual). Growing to a heatmap value below the rules' "
            "threshold makes outlines fuller, shrinking makes them tighter.</p>"
        )

    def initAlgorithm(self, _configuration: Mapping[str, Any] | None = None) -> None:
        """Declare the parameters and outputs."""
        self.add_polygons(self.OBJECTS, self.tr("Classified objects"))
        self.add_raster(self.LABELS, self.tr("Labels"))
        self.add_raster(self.SEGMENTS, self.tr("Labels of the objects, if the labels are landforms"))
        self.add_raster(self.HEATMAP, self.tr("Heatmap"))
        self.add_raster(self.SLOPE, self.tr("Slope (raster with a band slope)"))
        self.add_raster(self.ELEVATION, self.tr("Elevation (raster with a band elevation)"))
        self.add_text(self.TARGET_CLASS, self.tr("Class that becomes landforms"), advanced=True)
        self.declare_merging(advanced=True)
        self.declare_doubt()
        self.declare_growing()
        self.declare_shrinking()
        self.declare_tension_radius()
        self.declare_filling()
        self.declare_smoothing()
        self.declare_joining()
        self.declare_splitting()
        self.declare_sifting()
        self.add_raster_output(self.OUTPUT, self.tr("Labels of the landforms"))
        self.add_number_result(self.LANDFORMS, self.tr("Number of landforms"))
