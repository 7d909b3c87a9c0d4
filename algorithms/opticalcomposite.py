"""The node that makes one composite of many optical scenes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from .base import StageAlgorithm


class OpticalCompositeAlgorithm(StageAlgorithm):
    """Make an optical composite."""

    STAGE = "opticalcomposite"
    INPUTS = "INPUTS"
    BANDS = "BANDS"
    METHOD = "METHOD"
    MASK_CLASSES = "MASK_CLASSES"
    MASK_DILATION = "MASK_DILATION"
    EXTENT = "EXTENT"
    CRS = "CRS"
    RESOLUTION = "RESOLUTION"
    PERCENTILE = "PERCENTILE"
    DAY_OF_YEAR = "DAY_OF_YEAR"
    NEIGHBOURHOOD = "NEIGHBOURHOOD"
    RESAMPLING = "RESAMPLING"
    MASKS = "MASKS"
    MASK_KIND = "MASK_KIND"
    SCALE = "SCALE"
    OFFSET = "OFFSET"
    COUNT = "COUNT"
    OUTPUT_TYPE = "OUTPUT_TYPE"
    OUTPUT = "OUTPUT"
    SCENES = "SCENES"
    OBSERVATIONS = "OBSERVATIONS"
    FIRST_DATE = "FIRST_DATE"
    LAST_DATE = "LAST_DATE"
    COVERED = "COVERED"

    FIGURES: ClassVar = {
        SCENES: "scenes",
        OBSERVATIONS: "observations",
        FIRST_DATE: "first_date",
        LAST_DATE: "last_date",
        COVERED: "covered",
    }

    def displayName(self) -> str:
        """Return the node's title."""
        return self.tr("Optical composite")

    def group(self) -> str:
        """Return the title of the node's group."""
        return self.tr("Prepare")

    def groupId(self) -> str:
        """Return the id of the node's group."""
        return "prepare"

    def tags(self) -> list[str]:
        """Return what else users may search for."""
        return self.tr("sentinel-2,safe,mosaic,median,cloud mask,reflectance,jpeg 2000,rock glacier").split(",")

    def shortDescription(self) -> str:
        """Return what the node does, in one sentence."""
        return self.tr("Makes one cloud-free raster of reflectance of many Sentinel-2 products or rasters.")

    def shortHelpString(self) -> str:
        """Return the node's help."""
        return self.tr(
            "<p>Makes one raster of reflectance (0 to 1) of many scenes: clouds and their shadows are left out, and of "
            "what remains the median, a percentile or the best observation is taken.</p>"
            "<p><b>Input</b>: Sentinel-2 products of level 2A or 1C as they are downloaded, without unpacking: the "
            "zips, or in a SAFE folder the file MTD_MSIL2A.xml or MTD_MSIL1C.xml; of several dates and neighbouring "
            "tiles, also of another UTM zone. Or rasters whose bands are described as B02, B03 ..., with a scale, and "
            "possibly masks. Scale and offset of products are those of their metadata. <b>Output</b>: a raster whose "
            "bands are described by their roles, with dates and sun angles in its metadata; nodata where no "
            "observation is clear.</p>"
            "<p><b>How to choose</b>: rock glaciers must be free of snow. Take dates of late summer, when the last "
            "winter's snow has gone and the next has not come: August to mid September on the northern hemisphere, "
            "February to March on the southern one; in the monsoon's mountains the dry weeks after it, late September "
            "to October; in the dry Andes any time from January to April. Leave out years with late snow, look at the "
            "preview of each product, and take five to fifteen dates of one to three years. With many clear dates take "
            "the median; with few, or where snow comes and goes, the best observation, which keeps a pixel's bands "
            "together.</p>"
        )

    def initAlgorithm(self, _configuration: Mapping[str, Any] | None = None) -> None:
        """Declare the parameters and outputs."""
        self.add_files(self.INPUTS, self.tr("Sentinel-2 products or rasters"))
        self.add_text(self.BANDS, self.tr("Bands"))
        self.add_choice(self.METHOD, self.tr("Method"))
        self.add_choice(self.MASK_CLASSES, self.tr("Classes left out"))
        self.add_number(self.MASK_DILATION, self.tr("Left out around them (metres)"))
        self.add_extent(self.EXTENT, self.tr("Extent"))
        self.add_crs(self.CRS, self.tr("Reference system"))
        self.add_number(self.RESOLUTION, self.tr("Pixel size (metres)"))
        self.add_number(self.PERCENTILE, self.tr("Percentile"), advanced=True)
        self.add_number(self.DAY_OF_YEAR, self.tr("Day of the year of the best observation"), advanced=True)
        self.add_number(self.NEIGHBOURHOOD, self.tr("Neighbourhood of the best observation (metres)"), advanced=True)
        self.add_choice(self.RESAMPLING, self.tr("Resampling"), advanced=True)
        self.add_files(self.MASKS, self.tr("Mask rasters"), advanced=True)
        self.add_choice(self.MASK_KIND, self.tr("What the mask rasters hold"), advanced=True)
        self.add_number(self.SCALE, self.tr("Scale of rasters without one"), advanced=True)
        self.add_number(self.OFFSET, self.tr("Offset of rasters without a scale"), advanced=True)
        self.add_truth(self.COUNT, self.tr("Add the number of observations"), advanced=True)
        self.add_choice(self.OUTPUT_TYPE, self.tr("Data type"), advanced=True)
        self.add_raster_output(self.OUTPUT, self.tr("Optical composite"))
        self.add_number_result(self.SCENES, self.tr("Number of scenes used"))
        self.add_number_result(self.OBSERVATIONS, self.tr("Number of observations"))
        self.add_text_result(self.FIRST_DATE, self.tr("First date"))
        self.add_text_result(self.LAST_DATE, self.tr("Last date"))
        self.add_number_result(self.COVERED, self.tr("Share of pixels with a value"))
