"""Options and result of the stage that puts rasters onto one grid."""

from __future__ import annotations

from dataclasses import dataclass

from ..options import Options, option

AUTOMATIC = "auto"
RESAMPLINGS = (AUTOMATIC, "nearest", "bilinear", "cubic", "average")
INT16, FLOAT32 = "int16", "float32"


@dataclass(frozen=True)
class FeatureStackOptions(Options):
    """Put rasters of any grid onto one grid, as the bands of one raster: the stack that is mapped."""

    layers: tuple[str, ...] = option(
        help="Rasters whose bands make the stack, in this order: any reference system, pixel size and extent. The "
        "description of a band is its role (B04, coherence, slope ...)."
    )
    output: str = option(help="Feature stack to write (GeoTIFF), one band a role.")
    reference: str = option(
        "",
        help="Raster whose grid the stack gets. Empty: give the extent, the reference system and the resolution.",
    )
    mapping: tuple[str, ...] = option(
        (),
        help="What bands are and how they are treated, where their files do not say it: items such as "
        "`role=B04 from=1:3` (the third band of the first layer), `role=coherence from=2 resampling=average` (a layer "
        "of one band), `role=slope step=0.1`, or `layer=3 resampling=nearest`, with commas between. Instead of its "
        "number a layer may be named by its file name without suffix. Of a layer named behind `from`, only the bands "
        "named are taken.",
    )
    extent: str = option(
        "",
        help="Part to cover, as xmin,xmax,ymin,ymax in the stack's reference system, or in another one named behind "
        "it in brackets. With a reference: the part of it that is wanted.",
    )
    crs: str = option(
        "",
        help="Without a reference: reference system of the stack, projected and in true lengths, such as EPSG:32719.",
    )
    resolution: float = option(
        0.0,
        help="Without a reference: side of a pixel, in units of the reference system. Edges of pixels lie on multiples "
        "of it.",
        minimum=0,
    )
    resampling: str = option(
        AUTOMATIC,
        help="How values get from one grid to another. auto: copied where the pixels coincide; where they become "
        "larger, the mean by area; where they become smaller or are shifted, bilinear (cubic for elevation); nearest "
        "for classes.",
        choices=RESAMPLINGS,
    )
    output_type: str = option(
        INT16,
        help="int16 stores whole numbers with a scale for each band, in half of the memory that float32 takes; the "
        "report says the step of each band.",
        choices=(INT16, FLOAT32),
    )
    common_valid: bool = option(
        False, help="Whether a pixel that has no value in one band gets none in all the others."
    )
    check_shift: bool = option(
        True,
        help="Whether the optical bands are compared with the shaded terrain by phase correlation. A shift above half "
        "a pixel is a warning.",
    )
    json: str = option("", help="Report of what each layer covers and how it was brought to the grid (JSON).")


@dataclass(frozen=True)
class FeatureStackResult:
    """The stack; its number of bands, the share of pixels with a value in all of them, and the report as text."""

    output: str
    bands: int
    valid_share: float
    text: str
