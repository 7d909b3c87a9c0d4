"""The node that derives terrain attributes from a DEM."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .base import StageAlgorithm


class TerrainAlgorithm(StageAlgorithm):
    """Derive terrain attributes."""

    STAGE = "terrain"
    DEM = "DEM"
    ATTRIBUTES = "ATTRIBUTES"
    RADIUS = "RADIUS"
    SMOOTHING = "SMOOTHING"
    FILL = "FILL"
    Z_UNIT = "Z_UNIT"
    SUN_AZIMUTH = "SUN_AZIMUTH"
    SUN_ALTITUDE = "SUN_ALTITUDE"
    HEADING = "HEADING"
    INCIDENCE = "INCIDENCE"
    OUTPUT = "OUTPUT"

    def displayName(self) -> str:
        """Return the node's title."""
        return self.tr("Terrain attributes from a DEM")

    def group(self) -> str:
        """Return the title of the node's group."""
        return self.tr("Prepare")

    def groupId(self) -> str:
        """Return the id of the node's group."""
        return "prepare"

    def tags(self) -> list[str]:
        """Return what else users may search for."""
        return self.tr(
            "dem,slope,aspect,curvature,tpi,topographic position,relief,ruggedness,roughness,hillshade,incidence angle,"
            "rock glacier"
        ).split(",")

    def shortDescription(self) -> str:
        """Return what the node does, in one sentence."""
        return self.tr("Derives slope, aspect, curvature, topographic position and more from a DEM, in ground metres.")

    def shortHelpString(self) -> str:
        """Return the node's help."""
        return self.tr(
            "<p>Derives terrain attributes from a digital elevation model and writes them as the bands of one raster, "
            "named as models and rule sets expect them.</p>"
            "<p><b>Input</b>: a DEM in a projected system or in degrees, its elevations in metres or feet. "
            "<b>Output</b>: one band an attribute, on the grid of the DEM. slope: degrees; aspect_sin and aspect_cos: "
            "of the direction of steepest descent, clockwise from north, both 0 where level; profile_curvature (along "
            "the slope) and plan_curvature (across it): 1/100 m, positive where convex and on ridges; tpi: metres "
            "above the mean in a disc; relief: highest minus lowest elevation in a square, in metres; ruggedness "
            "(Riley) and roughness: metres; hillshade: 0 to 1; local_incidence: degrees.</p>"
            "<p><b>How to choose</b>: the defaults are what the model full_10m was trained on. "
            "Set the smoothing to the noise of the DEM (one half to two pixels), or to the size of the landforms "
            "whose curvature matters; "
            "it does not touch elevation, tpi, relief, ruggedness and roughness. Give several radii to see forms of "
            "several sizes: 100 metres shows ridges and furrows, 1000 valleys. The DEM should extend beyond the area "
            "by the largest radius, because discs are cut at its edges.</p>"
        )

    def initAlgorithm(self, _configuration: Mapping[str, Any] | None = None) -> None:
        """Declare the parameters and outputs."""
        self.add_raster(self.DEM, self.tr("DEM"))
        self.add_choice(self.ATTRIBUTES, self.tr("Attributes"))
        self.add_text(self.RADIUS, self.tr("Radii of topographic position and relief (metres)"))
        self.add_number(self.SMOOTHING, self.tr("Smoothing (metres)"))
        self.add_number(self.FILL, self.tr("Fill voids up to (metres)"))
        self.add_choice(self.Z_UNIT, self.tr("Unit of the elevations"), advanced=True)
        self.add_number(self.SUN_AZIMUTH, self.tr("Hillshade: azimuth of the light"), advanced=True)
        self.add_number(self.SUN_ALTITUDE, self.tr("Hillshade: altitude of the light"), advanced=True)
        self.add_number(self.HEADING, self.tr("Local incidence: heading of the sensor"), advanced=True)
        self.add_number(self.INCIDENCE, self.tr("Local incidence: incidence angle"), advanced=True)
        self.add_raster_output(self.OUTPUT, self.tr("Terrain attributes"))
