"""Options and result of the stage that derives terrain attributes from a DEM."""

from __future__ import annotations

from dataclasses import dataclass

from ..options import Options, option

ATTRIBUTES = (
    "elevation",
    "slope",
    "aspect_sin",
    "aspect_cos",
    "profile_curvature",
    "plan_curvature",
    "tpi",
    "relief",
    "ruggedness",
    "roughness",
    "hillshade",
    "local_incidence",
)
Z_UNITS = ("auto", "metre", "foot", "us_survey_foot")


@dataclass(frozen=True)
class TerrainOptions(Options):
    """Derive terrain attributes from a DEM, in ground metres, as the bands of one raster."""

    dem: str = option(
        help="Digital elevation model: a raster of one band, or one with a band described as elevation. Degrees are "
        "measured on the ellipsoid, row by row."
    )
    output: str = option(help="Terrain raster to write (GeoTIFF, Float32), one band an attribute.")
    attributes: tuple[str, ...] = option(
        (
            "elevation",
            "slope",
            "aspect_sin",
            "aspect_cos",
            "profile_curvature",
            "plan_curvature",
            "tpi",
        ),
        help="What to derive; each becomes a band of that name, tpi and relief one a radius (tpi_250).",
        choices=ATTRIBUTES,
    )
    radius: tuple[str, ...] = option(
        ("250",),
        help="Radii of topographic position and relief, in metres; several give several bands. Not smaller than a "
        "pixel, nor larger than 1000 pixels.",
    )
    smoothing: float = option(
        15.0,
        help="Standard deviation of the Gaussian filter, in metres, that smooths the elevation before slope, aspect, "
        "curvatures, hillshade and local incidence are derived: the scale of the landforms wanted. 0: as it is.",
        minimum=0,
    )
    fill: float = option(
        0.0,
        help="Fill voids from the values around them, up to this distance from the nearest value, in metres. "
        "0: voids stay.",
        minimum=0,
    )
    z_unit: str = option(
        "auto",
        help="Unit of the DEM's elevations. auto: as the file says, metres where it says nothing.",
        choices=Z_UNITS,
    )
    sun_azimuth: float = option(
        315.0,
        help="Hillshade: direction the light comes from, in degrees clockwise from north.",
        minimum=0,
        maximum=360,
    )
    sun_altitude: float = option(
        45.0, help="Hillshade: angle of the light above the horizon, in degrees.", minimum=0, maximum=90
    )
    heading: float = option(
        190.0,
        help="Local incidence: flight direction of a right-looking radar, in degrees clockwise from north (Sentinel-1: "
        "about 350 ascending, 190 descending). For the sun: its azimuth plus 90.",
        minimum=0,
        maximum=360,
    )
    incidence: float = option(
        39.0,
        help="Local incidence: angle between the line of sight and the vertical, in degrees (Sentinel-1: 29 to 46). "
        "For the sun: 90 minus its altitude.",
        minimum=0,
        maximum=90,
    )


@dataclass(frozen=True)
class TerrainResult:
    """The terrain raster."""

    output: str
