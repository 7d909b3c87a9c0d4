"""The node that smooths landforms."""

from __future__ import annotations

from .reshapestep import ReshapeStepAlgorithm


class SmoothLandformsAlgorithm(ReshapeStepAlgorithm):
    """Smooth landforms."""

    NODE = "smoothlandforms"

    def displayName(self) -> str:
        """Return the node's title."""
        return self.tr("Smooth landforms")

    def tags(self) -> list[str]:
        """Return what else users may search for."""
        return self.tr("smooth,morphology,opening,closing,dilate,erode,landforms,reshape,rock glacier").split(",")

    def shortDescription(self) -> str:
        """Return what the node does, in one sentence."""
        return self.tr("Smooths landforms by closing and opening with a disc.")

    def shortHelpString(self) -> str:
        """Return the node's help."""
        return self.tr(
            "<p>Closes clefts and cuts off spurs that are narrower than a disc. Landforms that touch are "
            "smoothed together: no gap and no overlap arises between them.</p>"
            "<p><b>Input</b>: labels of landforms, such as the step before wrote. <b>Output</b>: labels of "
            "the landforms, 0 where there is none.</p>"
            "<p><b>How to choose</b>: a radius of one to three pixels.</p>"
        )

    def declare_step(self) -> None:
        """Declare the parameters of the step."""
        self.declare_segments()
        self.declare_smoothing()
        self.declare_joining()
