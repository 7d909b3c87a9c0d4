"""The node that turns classified objects into landforms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from .base import StageAlgorithm


class ReshapeAlgorithm(StageAlgorithm):
    """Reshape objects into landforms."""

    STAGE = "reshape"
    OBJECTS = "OBJECTS"
    LABELS = "LABELS"
    HEATMAP = "HEATMAP"
    TARGET_CLASS = "TARGET_CLASS"
    GROW = "GROW"
    SHRINK = "SHRINK"
    FILL = "FILL"
    SMOOTH = "SMOOTH"
    SPLIT = "SPLIT"
    MIN_AREA = "MIN_AREA"
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
            "<p>Turns the objects of one class into landforms. In this order: touching objects merge; landforms "
            "grow and shrink by the heatmap; holes are filled, outlines smoothed, necks split, and small landforms "
            "dropped.</p>"
            "<p><b>Input</b>: classified objects, the labels that they were made from, and the heatmap on the same "
            "grid. <b>Output</b>: labels of the landforms, 0 where there is none.</p>"
            "<p><b>How to choose</b>: smooth by one to three pixels; set the minimum area to the smallest landform "
            "that your inventory counts (0.01 km\u00b2 is usual). Growing to a heatmap value below the rules' "
            "threshold makes outlines fuller, shrinking makes them tighter.</p>"
        )

    def initAlgorithm(self, _configuration: Mapping[str, Any] | None = None) -> None:
        """Declare the parameters and outputs."""
        self.add_polygons(self.OBJECTS, self.tr("Classified objects"))
        self.add_raster(self.LABELS, self.tr("Labels"))
        self.add_raster(self.HEATMAP, self.tr("Heatmap"))
        self.add_text(self.TARGET_CLASS, self.tr("Class that becomes landforms"), advanced=True)
        self.add_number(self.GROW, self.tr("Grow to heatmap values of at least"))
        self.add_number(self.SHRINK, self.tr("Drop heatmap values below"))
        self.add_number(self.FILL, self.tr("Fill holes up to (square metres)"))
        self.add_number(self.SMOOTH, self.tr("Smoothing radius (metres)"))
        self.add_number(self.SPLIT, self.tr("Split necks narrower than (metres)"))
        self.add_number(self.MIN_AREA, self.tr("Minimum area (square metres)"))
        self.add_raster_output(self.OUTPUT, self.tr("Labels of the landforms"))
        self.add_number_result(self.LANDFORMS, self.tr("Number of landforms"))
