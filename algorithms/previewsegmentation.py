"""The node that tries the parameters of a segmentation out on a part of a raster."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from .base import StageAlgorithm


class PreviewSegmentationAlgorithm(StageAlgorithm):
    """Preview a segmentation."""

    STAGE = "previewsegmentation"
    INPUT = "INPUT"
    EXTENT = "EXTENT"
    HEATMAP = "HEATMAP"
    WEIGHTS = "WEIGHTS"
    METHOD = "METHOD"
    SCALE = "SCALE"
    SHAPE = "SHAPE"
    COMPACTNESS = "COMPACTNESS"
    PARENT = "PARENT"
    PICTURE_BANDS = "PICTURE_BANDS"
    OUTPUT = "OUTPUT"
    PICTURE = "PICTURE"
    OBJECTS = "OBJECTS"
    OBJECTS_COUNT = "OBJECTS_COUNT"
    MEAN_PIXELS = "MEAN_PIXELS"

    FIGURES: ClassVar = {OBJECTS_COUNT: "objects", MEAN_PIXELS: "mean_pixels"}

    def displayName(self) -> str:
        """Return the node's title."""
        return self.tr("Preview the segmentation")

    def tags(self) -> list[str]:
        """Return what else users may search for."""
        return self.tr("try,test,scale,borders,picture,multiresolution segmentation,objects,rock glacier").split(",")

    def shortDescription(self) -> str:
        """Return what the node does, in one sentence."""
        return self.tr("Segments a part of a raster and draws the borders of the objects.")

    def shortHelpString(self) -> str:
        """Return the node's help."""
        return self.tr(
            "<p>Segments a part of a raster with the parameters of <i>Segment</i> and draws the borders of the objects "
            "over it, so that parameters can be tried out in seconds.</p>"
            "<p><b>Input</b>: what <i>Segment</i> takes, and the part of the map. <b>Output</b>: labels of the part; "
            "on request a picture with the borders in magenta and polygons of the objects; the number of objects and "
            "their mean size in pixels.</p>"
            "<p>Bands are stretched between the limits of the whole raster, so that objects are of the size and kind "
            "that <i>Segment</i> makes. Those at the edges of the part differ: there they are cut.</p>"
            "<p><b>How to choose</b>: take a part with landforms that you know. Raise the scale until objects are as "
            "large as the parts of a landform, and stop before one reaches across its border. Then run <i>Segment</i> "
            "with the same values.</p>"
        )

    def initAlgorithm(self, _configuration: Mapping[str, Any] | None = None) -> None:
        """Declare the parameters and outputs."""
        self.add_raster(self.INPUT, self.tr("Raster to segment"))
        self.add_extent(self.EXTENT, self.tr("Part to segment"))
        self.add_raster(self.HEATMAP, self.tr("Heatmap"))
        self.add_text(self.WEIGHTS, self.tr("Layer weights"))
        self.add_choice(self.METHOD, self.tr("Method"), advanced=True)
        self.add_number(self.SCALE, self.tr("Scale"))
        self.add_number(self.SHAPE, self.tr("Shape"), advanced=True)
        self.add_number(self.COMPACTNESS, self.tr("Compactness"), advanced=True)
        self.add_raster(self.PARENT, self.tr("Labels of larger objects"))
        self.add_text(self.PICTURE_BANDS, self.tr("Bands of the picture"), advanced=True)
        self.add_raster_output(self.OUTPUT, self.tr("Labels of the part"))
        self.add_file_output(self.PICTURE, self.tr("Picture"), self.tr("PNG files (*.png)"))
        self.add_vector_output(self.OBJECTS, self.tr("Objects of the part"))
        self.add_number_result(self.OBJECTS_COUNT, self.tr("Number of objects"))
        self.add_number_result(self.MEAN_PIXELS, self.tr("Mean size of the objects (pixels)"))
