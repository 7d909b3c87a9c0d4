"""The node that shrinks landforms."""

from __future__ import annotations

from .reshapestep import ReshapeStepAlgorithm


class ShrinkLandformsAlgorithm(ReshapeStepAlgorithm):
    """Shrink landforms."""

    NODE = "shrinklandforms"

    def displayName(self) -> str:
        """Return the node's title."""
        return self.tr("Shrink landforms")

    def tags(self) -> list[str]:
        """Return what else users may search for."""
        return self.tr(
            "shrink,erode,resize,pixel based object resizing,surface tension,landforms,reshape,rock glacier"
        ).split(",")

    def shortDescription(self) -> str:
        """Return what the node does, in one sentence."""
        return self.tr("Drops pixels of landforms by heatmap and slope, and tips and threads by surface tension.")

    def shortHelpString(self) -> str:
        """Return the node's help."""
        return self.tr(
            "<p>Drops the pixels of landforms that fail a condition of heatmap or slope, then those of the "
            "border that surface tension does not hold. A landform that falls apart becomes several.</p>"
            "<p><b>Input</b>: labels of landforms, such as the step before wrote. The heatmap and the slope "
            "where a condition asks for them. <b>Output</b>: labels of the landforms, 0 where there is "
            "none.</p>"
            "<p><b>How to choose</b>: a heatmap value above the threshold of the rules makes outlines "
            "tighter. A surface tension of 0.4 takes off tips, 0.5 also threads, and small landforms as a "
            "whole. With a distance the inner part stays whatever its values are.</p>"
        )

    def declare_step(self) -> None:
        """Declare the parameters of the step."""
        self.add_raster("HEATMAP", self.tr("Heatmap"))
        self.add_raster("SLOPE", self.tr("Slope (raster with a band slope)"))
        self.declare_segments()
        self.declare_shrinking()
        self.declare_tension_radius()
