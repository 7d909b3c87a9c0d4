"""The node that runs the whole chain."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from .reshapeparameters import ReshapeParameters


class MapRockGlaciersAlgorithm(ReshapeParameters):
    """Map rock glaciers, from stack to outlines."""

    STAGE = "maprockglaciers"
    STACK = "STACK"
    MODEL = "MODEL"
    RULES = "RULES"
    AREA = "AREA"
    TILE_SIZE = "TILE_SIZE"
    DEVICE = "DEVICE"
    RESAMPLE = "RESAMPLE"
    MIN_ELEVATION = "MIN_ELEVATION"
    MAX_ELEVATION = "MAX_ELEVATION"
    MIN_SLOPE = "MIN_SLOPE"
    MAX_SLOPE = "MAX_SLOPE"
    TIME_LIMIT = "TIME_LIMIT"
    MEMORY_LIMIT = "MEMORY_LIMIT"
    SIGMA = "SIGMA"
    WEIGHTS = "WEIGHTS"
    SCALE = "SCALE"
    SHAPE = "SHAPE"
    COMPACTNESS = "COMPACTNESS"
    SIMPLIFY = "SIMPLIFY"
    SMOOTH_OUTLINE = "SMOOTH_OUTLINE"
    OUTPUT = "OUTPUT"
    HEATMAP = "HEATMAP"
    OBJECTS = "OBJECTS"
    LANDFORMS = "LANDFORMS"
    AREA_M2 = "AREA_M2"

    FIGURES: ClassVar = {LANDFORMS: "landforms", AREA_M2: "area_m2"}
    STYLES: ClassVar = {OUTPUT: "outlines", HEATMAP: "heatmap", OBJECTS: "objects"}

    def displayName(self) -> str:
        """Return the node's title."""
        return self.tr("Map rock glaciers")

    def tags(self) -> list[str]:
        """Return what else users may search for."""
        return self.tr("rock glacier,workflow,chain,cnn,deep learning,obia,outlines,inventory,permafrost").split(",")

    def shortDescription(self) -> str:
        """Return what the node does, in one sentence."""
        return self.tr("Maps rock glaciers from a feature stack: network, segmentation, rules and outlines in one run.")

    def shortHelpString(self) -> str:
        """Return the node's help."""
        return self.tr(
            "<p>Maps rock glaciers from a feature stack in one run: the network's heatmap, smoothing, segmentation, "
            "object features, fuzzy rules, reshaping and outlines, after Robson et al. (2020). The single nodes of "
            "this group give the same result step by step.</p>"
            "<p><b>Input</b>: a feature stack, a model that fits it, and a rule set whose features it has. "
            "<b>Output</b>: a GeoPackage with the layer rock_glaciers; the smoothed heatmap and the classified objects "
            "on request.</p>"
            "<p><b>How to choose</b>: take the model and the rule set that belong together: full_10m with "
            "full_stack, rgb_10m with rgb. Then look at the heatmap and the objects: if objects are larger "
            "than the landforms, lower the scale; if outlines are ragged, raise the smoothing radius; if small "
            "landforms are missing, lower the minimum area.</p>"
        )

    def initAlgorithm(self, _configuration: Mapping[str, Any] | None = None) -> None:
        """Declare the parameters and outputs."""
        self.add_raster(self.STACK, self.tr("Feature stack"))
        self.add_file(self.MODEL, self.tr("Model"), self.tr("ONNX models (*.onnx)"))
        self.add_file(self.RULES, self.tr("Rule set"), self.tr("Rule sets (*.json)"))
        self.add_polygons(self.AREA, self.tr("Area to map"))
        self._declare_stages()
        self.add_vector_output(self.OUTPUT, self.tr("Outlines"))
        self.add_raster_output(self.HEATMAP, self.tr("Smoothed heatmap"))
        self.add_vector_output(self.OBJECTS, self.tr("Classified objects"))
        self.add_number_result(self.LANDFORMS, self.tr("Number of landforms"))
        self.add_number_result(self.AREA_M2, self.tr("Total area (square metres)"))

    def _declare_stages(self) -> None:
        """Declare the main parameters of the single stages, in their order."""
        self.add_number(self.TILE_SIZE, self.tr("Heatmap: tile size (pixels)"), advanced=True)
        self.add_choice(self.DEVICE, self.tr("Heatmap: device"), advanced=True)
        self.add_truth(self.RESAMPLE, self.tr("Heatmap: resample to the model's pixel size"), advanced=True)
        self.add_number(self.MIN_ELEVATION, self.tr("Heatmap: lowest elevation (metres)"), advanced=True)
        self.add_number(self.MAX_ELEVATION, self.tr("Heatmap: highest elevation (metres)"), advanced=True)
        self.add_number(self.MIN_SLOPE, self.tr("Heatmap: least slope (degrees)"), advanced=True)
        self.add_number(self.MAX_SLOPE, self.tr("Heatmap: greatest slope (degrees)"), advanced=True)
        self.add_number(self.TIME_LIMIT, self.tr("Heatmap: time limit a tile (seconds)"), advanced=True)
        self.add_number(self.MEMORY_LIMIT, self.tr("Heatmap: memory limit (megabytes)"), advanced=True)
        self.add_number(self.SIGMA, self.tr("Smooth heatmap: standard deviation (metres)"), advanced=True)
        self.add_text(self.WEIGHTS, self.tr("Segment: layer weights"), advanced=True)
        self.add_number(self.SCALE, self.tr("Segment: scale"), advanced=True)
        self.add_number(self.SHAPE, self.tr("Segment: shape"), advanced=True)
        self.add_number(self.COMPACTNESS, self.tr("Segment: compactness"), advanced=True)
        self.declare_steps(self.tr("Reshape: {}"))
        self.add_number(self.SIMPLIFY, self.tr("Outlines: simplification tolerance (metres)"), advanced=True)
        self.add_number(self.SMOOTH_OUTLINE, self.tr("Outlines: rounds of smoothing"), advanced=True)
