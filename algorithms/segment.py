"""The node that segments a raster."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from .base import StageAlgorithm


class SegmentAlgorithm(StageAlgorithm):
    """Segment a raster."""

    STAGE = "segment"
    INPUT = "INPUT"
    HEATMAP = "HEATMAP"
    WEIGHTS = "WEIGHTS"
    METHOD = "METHOD"
    SCALE = "SCALE"
    SHAPE = "SHAPE"
    COMPACTNESS = "COMPACTNESS"
    PARENT = "PARENT"
    CHILDREN = "CHILDREN"
    TILE_SIZE = "TILE_SIZE"
    THREADS = "THREADS"
    OUTPUT = "OUTPUT"
    OBJECTS_COUNT = "OBJECTS_COUNT"

    FIGURES: ClassVar = {OBJECTS_COUNT: "objects"}

    def displayName(self) -> str:
        """Return the node's title."""
        return self.tr("Segment")

    def tags(self) -> list[str]:
        """Return what else users may search for."""
        return self.tr(
            "multiresolution segmentation,baatz,slic,superpixels,felzenszwalb,watershed,object-based,obia,geobia,"
            "objects,rock glacier"
        ).split(",")

    def shortDescription(self) -> str:
        """Return what the node does, in one sentence."""
        return self.tr("Cuts a raster into homogeneous objects by multiresolution segmentation.")

    def shortHelpString(self) -> str:
        """Return the node's help."""
        return self.tr(
            "<p>Cuts a raster into homogeneous objects by multiresolution segmentation (Baatz and Sch\u00e4pe 2000): "
            "neighbours merge as long as the heterogeneity that this adds stays below the square of the scale.</p>"
            "<p><b>Input</b>: a raster, and optionally a heatmap on the same grid that is segmented with its bands. "
            "<b>Output</b>: labels, a raster with the number of the object in each pixel and 0 where there is no "
            "data.</p>"
            "<p><b>How to choose</b>: the scale decides the size of the objects; raise it until objects are as large "
            "as the parts of a rock glacier, not larger; <i>Preview the segmentation</i> and <i>Choose the scale "
            "parameter</i> help. Give more weight to layers that show the landform (heatmap=3, "
            "coherence=2) and 0 to those that do not. Shape above 0.3 makes objects neat rather than true. "
            "The tile size changes memory and speed, never the result.</p>"
            "<p><b>Levels</b>: objects never cross the borders of larger objects, if these are given. If smaller "
            "objects are given, they are merged instead of pixels, so that each becomes part of one object.</p>"
            "<p><b>Other methods</b>: slic and watershed give pieces of even size (the scale is their side in pixels), "
            "felzenszwalb pieces of any size. They serve to compare. They work in tiles of 1024 pixels a side and are "
            "not exact across them: objects end at the edges of tiles, and another extent of the raster gives other "
            "objects. The provenance of the labels says so.</p>"
        )

    def initAlgorithm(self, _configuration: Mapping[str, Any] | None = None) -> None:
        """Declare the parameters and outputs."""
        self.add_raster(self.INPUT, self.tr("Raster to segment"))
        self.add_raster(self.HEATMAP, self.tr("Heatmap"))
        self.add_text(self.WEIGHTS, self.tr("Layer weights"))
        self.add_choice(self.METHOD, self.tr("Method"), advanced=True)
        self.add_number(self.SCALE, self.tr("Scale"))
        self.add_number(self.SHAPE, self.tr("Shape"), advanced=True)
        self.add_number(self.COMPACTNESS, self.tr("Compactness"), advanced=True)
        self.add_raster(self.PARENT, self.tr("Labels of larger objects"))
        self.add_raster(self.CHILDREN, self.tr("Labels of smaller objects"))
        self.add_number(self.TILE_SIZE, self.tr("Tile size (pixels)"), advanced=True)
        self.add_number(self.THREADS, self.tr("Tiles worked on at once"), advanced=True)
        self.add_raster_output(self.OUTPUT, self.tr("Labels"))
        self.add_number_result(self.OBJECTS_COUNT, self.tr("Number of objects"))
