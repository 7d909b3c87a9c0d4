"""Options and result of the optical composite."""

from __future__ import annotations

from dataclasses import dataclass

from ..optical.sceneclasses import CLASSES
from ..options import Options, option

# Without clouds, but with snow: where snow never goes, masking it would leave holes.
MASKED = ("no_data", "saturated", "cloud_shadow", "cloud_medium", "cloud_high", "cirrus")


@dataclass(frozen=True)
class OpticalCompositeOptions(Options):
    """Make one cloud-free reflectance raster of many optical scenes."""

    inputs: tuple[str, ...] = option(
        help="Sentinel-2 products, L2A or L1C: SAFE folders, zips of them as downloaded, or the file MTD_MSIL2A.xml or "
        "MTD_MSIL1C.xml in the folder. Or rasters of reflectance. Of any number of dates and neighbouring tiles."
    )
    output: str = option(help="Composite to write (GeoTIFF), one band a role.")
    bands: tuple[str, ...] = option(
        ("B02", "B03", "B04", "B08", "B11", "B12"),
        help="Bands of the composite, in order. Where a raster's bands have no description, write which one is meant: "
        "B04=3 is the third.",
    )
    method: str = option(
        "median",
        help="Median or a percentile of the clear observations, band by band; or best_observation: all bands of the "
        "one with the least snow and cloud around the pixel and, among equals, nearest to a day of the year.",
        choices=("median", "best_observation", "percentile"),
    )
    percentile: float = option(
        25.0,
        help="The percentile, for that method. A low one keeps what is dark: less snow and haze, more shadow.",
        minimum=0,
        maximum=100,
    )
    day_of_year: int = option(
        0,
        help="Day of the year that the best observation is near to, from 1. 0: late summer of the hemisphere, "
        "25 August (237) in the north, 25 February (56) in the south.",
        minimum=0,
        maximum=366,
    )
    neighbourhood: float = option(
        200.0,
        help="Snow and cloud so near to a pixel, in metres, count against an observation (best observation).",
        minimum=0,
        maximum=5000,
    )
    mask_classes: tuple[str, ...] = option(
        MASKED,
        help="Classes of the scene classification that are left out. Add snow only if every place is free of it at "
        "some date: a pixel that is left out of all has no value.",
        choices=tuple(CLASSES),
    )
    mask_dilation: float = option(
        40.0, help="Left out as well within this distance of a masked pixel, in metres.", minimum=0, maximum=2000
    )
    extent: str = option(
        "",
        help="Extent to cover, as xmin,xmax,ymin,ymax in the output's reference system, or another one named behind "
        "it in brackets: 10.0,10.2,46.0,46.1 [EPSG:4326]. Empty: all inputs.",
    )
    crs: str = option(
        "", help="Reference system of the output, such as EPSG:32719, in metres. Empty: that of the first input."
    )
    resolution: float = option(
        0.0, help="Side of a pixel, in metres. 0: that of the finest of the bands chosen.", minimum=0, maximum=1000
    )
    resampling: str = option(
        "bilinear",
        help="How bands of another pixel size or reference system are resampled. Where pixels become larger, their "
        "area-weighted mean is taken; classes are taken from the nearest pixel.",
        choices=("nearest", "bilinear", "cubic"),
    )
    masks: tuple[str, ...] = option(
        (),
        help="Mask rasters, one for each input in the same order, or none for an input without; for L1C products "
        "and plain rasters. One stands in place of the product's own classification.",
    )
    mask_kind: str = option(
        "scene_classification",
        help="What the mask rasters hold: numbers of Sentinel-2's scene classification (0 to 11), or a binary mask, 0 "
        "where clear.",
        choices=("scene_classification", "binary"),
    )
    scale: float = option(
        0.0,
        help="For rasters of whole numbers without a scale of their own: reflectance = number x scale + offset. "
        "0: such rasters are refused.",
        minimum=0,
    )
    offset: float = option(0.0, help="The offset that goes with the scale.", minimum=-10, maximum=10)
    count: bool = option(
        False, help="Whether the band observation_count is added: how many clear observations a pixel has."
    )
    output_type: str = option(
        "int16",
        help="Int16 stores steps of 0.0001 (scale and nodata in the file); float32 stores reflectance as it is, in "
        "twice the memory.",
        choices=("int16", "float32"),
    )


@dataclass(frozen=True)
class OpticalCompositeResult:
    """The composite; scenes used, observations (scenes of one overpass are one), first and last date, share covered."""

    output: str
    scenes: int
    observations: int
    first_date: str
    last_date: str
    covered: float
