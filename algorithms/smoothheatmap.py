"""The node that smooths a heatmap."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from .base import StageAlgorithm


class SmoothHeatmapAlgorithm(StageAlgorithm):
    """Smooth a heatmap."""

    STAGE = "smoothheatmap"
    INPUT = "INPUT"
    SIGMA = "SIGMA"
    OUTPUT = "OUTPUT"

    STYLES: ClassVar = {OUTPUT: "heatmap"}

    def displayName(self) -> str:
        """Return the node's title."""
        return self.tr("Smooth heatmap")

    def tags(self) -> list[str]:
        """Return what else users may search for."""
        return self.tr("gaussian,filter,blur,heatmap,rock glacier").split(",")

    def shortDescription(self) -> str:
        """Return what the node does, in one sentence."""
        return self.tr("Smooths a heatmap with a Gaussian filter that ignores nodata.")

    def shortHelpString(self) -> str:
        """Return the node's help."""
        return self.tr(
            "<p>Smooths a heatmap with a Gaussian filter, so that single pixels do not become objects.</p>"
            "<p><b>Input</b>: a heatmap. <b>Output</b>: the smoothed heatmap on the same grid; nodata neither spreads "
            "nor is filled.</p>"
            "<p><b>How to choose</b>: one to two pixels (10 to 20 m for Sentinel-2) remove speckle; more than that "
            "blurs narrow tongues into their surroundings.</p>"
        )

    def initAlgorithm(self, _configuration: Mapping[str, Any] | None = None) -> None:
        """Declare the parameters and outputs."""
        self.add_raster(self.INPUT, self.tr("Heatmap"))
        self.add_number(self.SIGMA, self.tr("Standard deviation (metres)"))
        self.add_raster_output(self.OUTPUT, self.tr("Smoothed heatmap"))
