"""Options and result of the stage that estimates interferometric coherence."""

from __future__ import annotations

from dataclasses import dataclass

from ..options import Options, option

STORAGE_TYPES = ("float32", "uint16", "byte")
_STORAGE_HELP = "float32 stores the numbers, uint16 steps of 0.0001, byte steps of 0.004 (small files)."


@dataclass(frozen=True)
class CoherenceOptions(Options):
    """Estimate the interferometric coherence of two coregistered single-look complex images."""

    reference: str = option(
        help="Single-look complex image of the first date: a raster of one complex band, or a complex raster in an "
        'HDF5 or netCDF file, such as NETCDF:"cslc.h5":/data/VV.'
    )
    secondary: str = option(help="The image of the other date, coregistered: on the same grid, pixel by pixel.")
    output: str = option(help="Coherence to write (GeoTIFF), 0..1.")
    phase: str = option(
        "",
        help="Phase to remove, in radians, on the grid of the images: that of the reference times the conjugate of the "
        "secondary, from topography and the flat earth. Empty: none, for images that are corrected already.",
    )
    window_range: int = option(
        15,
        help="Columns of the window that the coherence is estimated in: range, or west to east in a map. In pixels of "
        "the output; an odd number.",
        minimum=1,
        maximum=255,
    )
    window_azimuth: int = option(
        3,
        help="Rows of the window: azimuth, or north to south in a map. In pixels of the output; an odd number.",
        minimum=1,
        maximum=255,
    )
    looks_range: int = option(
        1,
        help="Columns of the images that become one of the output, which is that much coarser.",
        minimum=1,
        maximum=64,
    )
    looks_azimuth: int = option(1, help="Rows of the images that become one of the output.", minimum=1, maximum=64)
    min_valid: float = option(
        0.5,
        help="Least share of the window's pixels that must have a value in both images, 0..1; what lies outside the "
        "images counts as missing.",
        minimum=0,
        maximum=1,
    )
    output_type: str = option("float32", help=_STORAGE_HELP, choices=STORAGE_TYPES)


@dataclass(frozen=True)
class CoherenceResult:
    """The coherence, the number of pixels in a window, and the mean estimate where there is no coherence at all."""

    output: str
    looks: int
    bias: float
