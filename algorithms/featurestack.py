"""The node that puts rasters onto one grid."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from .base import StageAlgorithm


class FeatureStackAlgorithm(StageAlgorithm):
    """Make a feature stack."""

    STAGE = "featurestack"
    REFERENCE = "REFERENCE"
    LAYERS = "LAYERS"
    MAPPING = "MAPPING"
    EXTENT = "EXTENT"
    CRS = "CRS"
    RESOLUTION = "RESOLUTION"
    RESAMPLING = "RESAMPLING"
    OUTPUT_TYPE = "OUTPUT_TYPE"
    COMMON_VALID = "COMMON_VALID"
    CHECK_SHIFT = "CHECK_SHIFT"
    OUTPUT = "OUTPUT"
    JSON = "JSON"
    BANDS = "BANDS"
    VALID_SHARE = "VALID_SHARE"
    TEXT = "TEXT"

    FIGURES: ClassVar = {BANDS: "bands", VALID_SHARE: "valid_share", TEXT: "text"}

    def displayName(self) -> str:
        """Return the node's title."""
        return self.tr("Feature stack")

    def group(self) -> str:
        """Return the title of the node's group."""
        return self.tr("Prepare")

    def groupId(self) -> str:
        """Return the id of the node's group."""
        return "prepare"

    def tags(self) -> list[str]:
        """Return what else users may search for."""
        return self.tr(
            "stack,merge,align,resample,reproject,warp,grid,bands,roles,coregistration,shift,inputs,rock glacier"
        ).split(",")

    def shortDescription(self) -> str:
        """Return what the node does, in one sentence."""
        return self.tr("Puts rasters of any grid onto one grid, as the bands of the stack that is mapped.")

    def shortHelpString(self) -> str:
        """Return the node's help."""
        return self.tr(
            "<p>Puts rasters of any reference system, pixel size and extent onto one grid, as the bands of one raster: "
            "the stack that <i>Heatmap</i> and <i>Map rock glaciers</i> take.</p>"
            "<p><b>Input</b>: the layers, and a reference raster whose grid the stack gets (or extent, reference "
            "system and resolution). The description of a band says its role; where files have none, the mapping does: "
            "<code>role=B04 from=1:3, role=coherence from=2</code>. <b>Output</b>: one band a role, with scale, "
            "nodata, statistics and overviews; and a report of what each layer covers and how it was resampled.</p>"
            "<p><b>How to choose</b>: take the optical composite as the reference, since the landforms are drawn from "
            "it. Leave the resampling to the node: what becomes coarser is averaged by area, what becomes finer is "
            "interpolated, and classes stay classes. Aspect must come as sine and cosine. Read the report: a layer "
            "that covers little leaves little to map, and a shift above half a pixel between optical bands and terrain "
            "should be mended before a model sees it.</p>"
        )

    def initAlgorithm(self, _configuration: Mapping[str, Any] | None = None) -> None:
        """Declare the parameters and outputs."""
        self.add_raster(self.REFERENCE, self.tr("Reference raster"))
        self.add_rasters(self.LAYERS, self.tr("Layers"))
        self.add_text(self.MAPPING, self.tr("Roles and treatment of bands"))
        self.add_extent(self.EXTENT, self.tr("Extent"))
        self.add_crs(self.CRS, self.tr("Reference system, without a reference raster"))
        self.add_number(self.RESOLUTION, self.tr("Pixel size, without a reference raster"))
        self.add_choice(self.RESAMPLING, self.tr("Resampling"), advanced=True)
        self.add_choice(self.OUTPUT_TYPE, self.tr("Type of the numbers stored"), advanced=True)
        self.add_truth(self.COMMON_VALID, self.tr("Only pixels with a value in every band"))
        self.add_truth(self.CHECK_SHIFT, self.tr("Look for a shift between optical bands and terrain"), advanced=True)
        self.add_raster_output(self.OUTPUT, self.tr("Feature stack"))
        self.add_file_output(self.JSON, self.tr("Report"), self.tr("JSON files (*.json)"))
        self.add_number_result(self.BANDS, self.tr("Number of bands"))
        self.add_number_result(self.VALID_SHARE, self.tr("Share of the pixels with a value in every band"))
        self.add_text_result(self.TEXT, self.tr("Report"))
