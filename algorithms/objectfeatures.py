"""The node that measures objects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from .base import StageAlgorithm


class ObjectFeaturesAlgorithm(StageAlgorithm):
    """Measure objects on layers."""

    STAGE = "objectfeatures"
    LABELS = "LABELS"
    LAYERS = "LAYERS"
    FEATURES = "FEATURES"
    TEXTURE_LAYERS = "TEXTURE_LAYERS"
    HEATMAP_THRESHOLD = "HEATMAP_THRESHOLD"
    OUTPUT = "OUTPUT"
    OBJECTS_COUNT = "OBJECTS_COUNT"

    FIGURES: ClassVar = {OBJECTS_COUNT: "objects"}

    def displayName(self) -> str:
        """Return the node's title."""
        return self.tr("Object features")

    def tags(self) -> list[str]:
        """Return what else users may search for."""
        return self.tr(
            "zonal statistics,object-based,obia,geobia,shape,terrain,texture,glcm,neighbours,rock glacier"
        ).split(",")

    def shortDescription(self) -> str:
        """Return what the node does, in one sentence."""
        return self.tr("Turns labels into polygons and measures them on layers.")

    def shortHelpString(self) -> str:
        """Return the node's help."""
        return self.tr(
            "<p>Turns the objects of a segmentation into polygons and measures them: statistics and quantiles of every "
            "layer, geometry, differences to the neighbours, terrain (how an object lies on its slope), the heatmap, "
            "and texture.</p>"
            "<p><b>Input</b>: labels, and rasters on their grid, usually the feature stack and the smoothed heatmap. "
            "<b>Output</b>: polygons with a column object_id and one column a feature, named by layer and statistic "
            "(heatmap_mean, slope_p90) or by the term of geometry or terrain (area_m2, axis_to_downslope_deg). "
            "features.md in the documents lists all of them with their formulas.</p>"
            "<p><b>How to choose</b>: measure at least what the rule set asks for; leaving out groups saves time and "
            "space. Terrain needs a layer elevation, the group heatmap a layer heatmap; without them the group is left "
            "out. Texture takes long, so name the few layers that show it, such as B04 or the hillshade.</p>"
        )

    def initAlgorithm(self, _configuration: Mapping[str, Any] | None = None) -> None:
        """Declare the parameters and outputs."""
        self.add_raster(self.LABELS, self.tr("Labels"))
        self.add_rasters(self.LAYERS, self.tr("Layers to measure"))
        self.add_choice(self.FEATURES, self.tr("Features"))
        self.add_text(self.TEXTURE_LAYERS, self.tr("Layers to measure texture on"))
        self.add_number(self.HEATMAP_THRESHOLD, self.tr("Heatmap counts as above from"), advanced=True)
        self.add_vector_output(self.OUTPUT, self.tr("Objects"))
        self.add_number_result(self.OBJECTS_COUNT, self.tr("Number of objects"))
