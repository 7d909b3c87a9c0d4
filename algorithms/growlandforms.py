"""The node that grows landforms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from qgis.core import QgsProcessingContext

from .reshapestep import ReshapeStepAlgorithm


class GrowLandformsAlgorithm(ReshapeStepAlgorithm):
    """Grow landforms."""

    NODE = "growlandforms"

    def displayName(self) -> str:
        """Return the node's title."""
        return self.tr("Grow landforms")

    def tags(self) -> list[str]:
        """Return what else users may search for."""
        return self.tr(
            "grow region,resize,pixel based object resizing,surface tension,landforms,reshape,rock glacier"
        ).split(",")

    def shortDescription(self) -> str:
        """Return what the node does, in one sentence."""
        return self.tr("Extends landforms pixel by pixel into pixels that meet conditions of heatmap, class and slope.")

    def shortHelpString(self) -> str:
        """Return the node's help."""
        return self.tr(
            "<p>Extends landforms pixel by pixel into touching pixels that meet every condition given: "
            "heatmap, class of their object, slope, distance. All landforms grow at once, and those that were"
            " apart stay apart where they meet. A pixel that two reach in the same round goes to the larger "
            "one.</p>"
            "<p><b>Input</b>: labels of landforms, such as the step before wrote. The heatmap, the slope, and"
            " the classified objects with their labels where a condition asks for them. <b>Output</b>: labels"
            " of the landforms, 0 where there is none.</p>"
            "<p><b>How to choose</b>: a heatmap value below the threshold of the rules makes outlines fuller."
            " Surface tension keeps the new border compact: with 0.5 bays are filled and straight borders "
            "stay, with about 0.35 these move too. A distance of two to ten pixels keeps landforms from "
            "running away.</p>"
        )

    def declare_step(self) -> None:
        """Declare the parameters of the step."""
        self.add_raster("HEATMAP", self.tr("Heatmap"))
        self.add_raster("SLOPE", self.tr("Slope (raster with a band slope)"))
        self.add_polygons(self.OBJECTS, self.tr("Classified objects"))
        self.declare_segments()
        self.declare_growing()
        self.declare_tension_radius()

    def checkParameterValues(self, parameters: Mapping[str, Any], context: QgsProcessingContext) -> tuple[bool, str]:
        """Return whether the node can run: objects come with labels of their own, beside those of the landforms."""
        if parameters.get(self.OBJECTS) and not parameters.get(self.SEGMENTS):
            return False, "The classified objects need the labels that they were made from; give both, or neither."
        return super().checkParameterValues(parameters, context)
