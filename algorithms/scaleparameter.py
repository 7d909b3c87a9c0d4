"""The node that helps to choose the scale parameter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from .base import StageAlgorithm


class ScaleParameterAlgorithm(StageAlgorithm):
    """Choose the scale parameter."""

    STAGE = "scaleparameter"
    INPUT = "INPUT"
    REFERENCE = "REFERENCE"
    AREA = "AREA"
    EXTENT = "EXTENT"
    HEATMAP = "HEATMAP"
    WEIGHTS = "WEIGHTS"
    SCALE_FROM = "SCALE_FROM"
    SCALE_TO = "SCALE_TO"
    SCALE_STEP = "SCALE_STEP"
    SHAPE = "SHAPE"
    COMPACTNESS = "COMPACTNESS"
    REPORT = "REPORT"
    JSON = "JSON"
    BEST_SCALE = "BEST_SCALE"
    BEST_D = "BEST_D"
    PEAKS = "PEAKS"

    FIGURES: ClassVar = {BEST_SCALE: "best_scale", BEST_D: "best_d", PEAKS: "peaks"}

    def displayName(self) -> str:
        """Return the node's title."""
        return self.tr("Choose the scale parameter")

    def tags(self) -> list[str]:
        """Return what else users may search for."""
        return self.tr(
            "ESP,local variance,rate of change,over-segmentation,under-segmentation,optimise,multiresolution "
            "segmentation,objects,rock glacier"
        ).split(",")

    def shortDescription(self) -> str:
        """Return what the node does, in one sentence."""
        return self.tr("Tries a range of scale parameters on a part of a raster, and proposes one.")

    def shortHelpString(self) -> str:
        """Return the node's help."""
        return self.tr(
            "<p>Segments a part of a raster by multiresolution at every scale of a range, and proposes one.</p>"
            "<p>Without reference outlines: the scale with the highest peak in the rate of change of the local "
            "variance (Dr\u0103gu\u0163, Tiede and Levick 2010). This finds sizes at which the scene has structure, "
            "not those of rock glaciers: look at all peaks, and at previews.</p>"
            "<p>With reference outlines: the scale whose objects fit them best, by over- and under-segmentation "
            "(Clinton et al. 2010).</p>"
            "<p><b>Input</b>: what <i>Segment</i> takes, the range, and outlines if you have them. <b>Output</b>: a "
            "report with curves and a table (HTML), the figures (JSON) on request, and the proposed scale as a number, "
            "which a model can pass to <i>Segment</i>. Without a peak there is none.</p>"
            "<p><b>How to choose</b>: a first range from 10 to 100 in steps of 10, then a finer one around the "
            "proposal. Objects should be parts of landforms rather than whole ones, since reshaping can merge them but "
            "hardly cut them: rather take a scale below the proposal than above it.</p>"
        )

    def initAlgorithm(self, _configuration: Mapping[str, Any] | None = None) -> None:
        """Declare the parameters and outputs."""
        self.add_raster(self.INPUT, self.tr("Raster to segment"))
        self.add_polygons(self.REFERENCE, self.tr("Reference outlines"))
        self.add_polygons(self.AREA, self.tr("Area in which outlines count"))
        self.add_extent(self.EXTENT, self.tr("Part to try the scales on"))
        self.add_raster(self.HEATMAP, self.tr("Heatmap"))
        self.add_text(self.WEIGHTS, self.tr("Layer weights"))
        self.add_number(self.SCALE_FROM, self.tr("First scale"))
        self.add_number(self.SCALE_TO, self.tr("Last scale"))
        self.add_number(self.SCALE_STEP, self.tr("Step"))
        self.add_number(self.SHAPE, self.tr("Shape"), advanced=True)
        self.add_number(self.COMPACTNESS, self.tr("Compactness"), advanced=True)
        self.add_file_output(self.REPORT, self.tr("Report"), self.tr("HTML files (*.html *.htm)"))
        self.add_file_output(self.JSON, self.tr("Figures"), self.tr("JSON files (*.json)"))
        self.add_number_result(self.BEST_SCALE, self.tr("Proposed scale"))
        self.add_number_result(self.BEST_D, self.tr("D at the proposed scale"))
        self.add_text_result(self.PEAKS, self.tr("Scales of all peaks of the local variance"))
