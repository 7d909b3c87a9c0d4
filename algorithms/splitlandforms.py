"""The node that splits landforms."""

from __future__ import annotations

from .reshapestep import ReshapeStepAlgorithm


class SplitLandformsAlgorithm(ReshapeStepAlgorithm):
    """Split landforms."""

    NODE = "splitlandforms"

    def displayName(self) -> str:
        """Return the node's title."""
        return self.tr("Split landforms")

    def tags(self) -> list[str]:
        """Return what else users may search for."""
        return self.tr("split,watershed,neck,ridge,flow direction,coalescent,landforms,reshape,rock glacier").split(",")

    def shortDescription(self) -> str:
        """Return what the node does, in one sentence."""
        return self.tr("Splits landforms at narrow necks, and where their parts flow apart.")

    def shortHelpString(self) -> str:
        """Return the node's help."""
        return self.tr(
            "<p>Splits landforms at necks, by watershed of the distance to the border with a marker in every "
            "wide part; then where parts flow apart: over a ridge, or between tongues that fan out. The "
            "downslope direction is that of a plane fitted to the elevations around a pixel. What flows "
            "together, and a tongue that bends, stay one.</p>"
            "<p><b>Input</b>: labels of landforms, such as the step before wrote. Elevations for a split by "
            "direction. <b>Output</b>: labels of the landforms, 0 where there is none.</p>"
            "<p><b>How to choose</b>: necks of less than half a tongue\u2019s width. An angle of 90 degrees "
            "splits over ridges; 45 splits tongues that fan out, and some single ones.</p>"
        )

    def declare_step(self) -> None:
        """Declare the parameters of the step."""
        self.add_raster("ELEVATION", self.tr("Elevation (raster with a band elevation)"))
        self.declare_segments()
        self.declare_splitting()
