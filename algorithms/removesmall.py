"""The node that removes small and doubtful landforms."""

from __future__ import annotations

from .reshapestep import ReshapeStepAlgorithm


class RemoveSmallAlgorithm(ReshapeStepAlgorithm):
    """Remove small and doubtful landforms."""

    NODE = "removesmall"

    def displayName(self) -> str:
        """Return the node's title."""
        return self.tr("Remove small and doubtful landforms")

    def tags(self) -> list[str]:
        """Return what else users may search for."""
        return self.tr("sieve,sift,minimum area,remove objects,false positives,landforms,reshape,rock glacier").split(
            ","
        )

    def shortDescription(self) -> str:
        """Return what the node does, in one sentence."""
        return self.tr("Removes landforms below a minimum area, and those that the heatmap is not sure of.")

    def shortHelpString(self) -> str:
        """Return the node's help."""
        return self.tr(
            "<p>Removes landforms that are smaller than an area, and those whose mean heatmap is below a value, and "
            "numbers the others anew.</p>"
            "<p><b>Input</b>: labels of landforms, such as the step before wrote, and the heatmap if it shall be "
            "asked. <b>Output</b>: labels of the landforms, 0 where there is none.</p>"
            "<p><b>How to choose</b>: the smallest landform that your inventory counts; 0.01 km\u00b2 is "
            "usual. For the heatmap, look at the column heatmap_mean of the outlines, and find the value between those "
            "that you trust and those that are false. Before landforms grow, ask the heatmap alone: set the area to "
            "0.</p>"
        )

    def declare_step(self) -> None:
        """Declare the parameters of the step."""
        self.add_raster("HEATMAP", self.tr("Heatmap"))
        self.declare_doubt()
        self.declare_sifting()
