"""The node that estimates coherence from two single-look complex images."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from .base import StageAlgorithm


class CoherenceAlgorithm(StageAlgorithm):
    """Estimate coherence."""

    STAGE = "coherence"
    REFERENCE = "REFERENCE"
    SECONDARY = "SECONDARY"
    PHASE = "PHASE"
    WINDOW_RANGE = "WINDOW_RANGE"
    WINDOW_AZIMUTH = "WINDOW_AZIMUTH"
    LOOKS_RANGE = "LOOKS_RANGE"
    LOOKS_AZIMUTH = "LOOKS_AZIMUTH"
    MIN_VALID = "MIN_VALID"
    OUTPUT_TYPE = "OUTPUT_TYPE"
    OUTPUT = "OUTPUT"
    LOOKS = "LOOKS"
    BIAS = "BIAS"

    FIGURES: ClassVar = {LOOKS: "looks", BIAS: "bias"}

    def displayName(self) -> str:
        """Return the node's title."""
        return self.tr("Coherence")

    def group(self) -> str:
        """Return the title of the node's group."""
        return self.tr("Prepare")

    def groupId(self) -> str:
        """Return the id of the node's group."""
        return "prepare"

    def tags(self) -> list[str]:
        """Return what else users may search for."""
        return self.tr("sar,insar,sentinel-1,slc,cslc,interferometry,correlation,multilook,rock glacier").split(",")

    def shortDescription(self) -> str:
        """Return what the node does, in one sentence."""
        return self.tr("Estimates the interferometric coherence of two coregistered single-look complex images.")

    def shortHelpString(self) -> str:
        """Return the node's help."""
        return self.tr(
            "<p>Estimates how alike two radar images of one place are, from 0 to 1. Surfaces that move, melt or "
            "grow between the dates lose coherence; active rock glaciers do, stable debris does not.</p>"
            "<p><b>Input</b>: two single-look complex images on the same pixels, coregistered by an "
            "interferometric processor; this node does not coregister, and corrects no orbit or burst. Of an HDF5 "
            "or netCDF file, such as OPERA's CSLC, add the complex raster to the project; on the command line of "
            "QGIS, give a VRT of it. If the images still hold the phase of topography and flat earth, give it. "
            "<b>Output</b>: a raster with the band coherence. Images without a reference system give one in radar "
            "geometry, which a feature stack cannot use before it is geocoded.</p>"
            "<p><b>How to choose</b>: let the window span 40 to 60 m on the ground: 15 x 3 pixels of a Sentinel-1 "
            "image in radar geometry, 9 x 5 of an OPERA CSLC (5 m x 10 m). Small windows keep detail, but "
            "overestimate low coherence: the log says by how much. Looks make the output coarser and its pixels "
            "squarer. Take pairs of 6 or 12 days in the snow-free summer.</p>"
        )

    def initAlgorithm(self, _configuration: Mapping[str, Any] | None = None) -> None:
        """Declare the parameters and outputs."""
        self.add_raster(self.REFERENCE, self.tr("Reference image (complex)"))
        self.add_raster(self.SECONDARY, self.tr("Secondary image (complex)"))
        self.add_raster(self.PHASE, self.tr("Phase to remove (radians)"))
        self.add_number(self.WINDOW_RANGE, self.tr("Window in range (columns)"))
        self.add_number(self.WINDOW_AZIMUTH, self.tr("Window in azimuth (rows)"))
        self.add_number(self.LOOKS_RANGE, self.tr("Looks in range (columns)"))
        self.add_number(self.LOOKS_AZIMUTH, self.tr("Looks in azimuth (rows)"))
        self.add_number(self.MIN_VALID, self.tr("Least share of valid pixels in the window"), advanced=True)
        self.add_choice(self.OUTPUT_TYPE, self.tr("Type of the numbers stored"), advanced=True)
        self.add_raster_output(self.OUTPUT, self.tr("Coherence"))
        self.add_number_result(self.LOOKS, self.tr("Pixels of the images in a window"))
        self.add_number_result(self.BIAS, self.tr("Mean estimate without any coherence"))
