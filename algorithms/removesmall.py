"""The node that removes small landforms."""

from __future__ import annotations

from .reshapestep import ReshapeStepAlgorithm


class RemoveSmallAlgorithm(ReshapeStepAlgorithm):
    """Remove small landforms."""

    NODE = "removesmall"

    def displayName(self) -> str:
        """Return the node's title."""
        return self.tr("Remove small landforms")

    def tags(self) -> list[str]:
        """Return what else users may search for."""
        return self.tr("sieve,sift,minimum area,remove objects,landforms,reshape,rock glacier").split(",")

    def shortDescription(self) -> str:
        """Return what the node does, in one sentence."""
        return self.tr("Removes landforms below a minimum area.")

    def shortHelpString(self) -> str:
        """Return the node's help."""
        return self.tr(
            "<p>Removes landforms that are smaller than an area, and numbers the others anew.</p>"
            "<p><b>Input</b>: labels of landforms, such as the step before wrote. <b>Output</b>: labels of "
            "the landforms, 0 where there is none.</p>"
            "<p><b>How to choose</b>: the smallest landform that your inventory counts; 0.01 km\u00b2 is "
            "usual.</p>"
        )

    def declare_step(self) -> None:
        """Declare the parameters of the step."""
        self.declare_sifting()
