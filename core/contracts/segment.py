"""Options and result of the segmentation stage."""

from __future__ import annotations

from dataclasses import dataclass

from ..options import Options, option

MULTIRESOLUTION = "multiresolution"
LARGEST_SCALE = 1e6
METHODS = (MULTIRESOLUTION, "slic", "felzenszwalb", "watershed")


@dataclass(frozen=True)
class SegmentOptions(Options):
    """Cut a raster into objects: multiresolution segmentation after Baatz and Schaepe (2000), or another method."""

    input: str = option(
        help="Raster to segment. Bands are stretched between their 0.5 and 99.5 percentiles, a heatmap from 0 to 1."
    )
    output: str = option(help="Labels to write (GeoTIFF, UInt32, 0 = nodata).")
    heatmap: str = option(
        "", help="Heatmap on the same grid, segmented together with the bands; its role is `heatmap`."
    )
    weights: tuple[str, ...] = option(
        (),
        help="Weights as role=number, such as coherence=2; a role that is not named weighs 1, and 0 leaves a band out.",
    )
    method: str = option(
        MULTIRESOLUTION,
        help="How objects are made. Those of multiresolution depend on the raster alone; slic, felzenszwalb and "
        "watershed work tile by tile (1024 pixels a side), and objects end where tiles do.",
        choices=METHODS,
    )
    scale: float = option(
        20.0,
        help="Scale parameter: the larger, the larger the objects. With slic and watershed it is their side in pixels, "
        "about; with felzenszwalb this differs from raster to raster.",
        minimum=0,
        maximum=LARGEST_SCALE,
    )
    shape: float = option(
        0.1,
        help="Share of shape against colour in the heterogeneity, 0..0.9; with slic, the difference in values (as a "
        "share of the stretched range) that counts as much as a distance of the scale. Other methods ignore it.",
        minimum=0,
        maximum=0.9,
    )
    compactness: float = option(
        0.5,
        help="Share of compactness against smoothness in the shape, 0..1; for multiresolution only.",
        minimum=0,
        maximum=1,
    )
    parent: str = option("", help="Labels of larger objects on the same grid; no object crosses their borders.")
    children: str = option(
        "",
        help="Labels of smaller objects on the same grid: these are merged instead of pixels, so that each becomes "
        "part of one object; for multiresolution only.",
    )
    tile_size: int = option(
        640,
        help="Side of the tiles in which multiresolution merges pixels to begin with, in pixels. It changes memory and "
        "speed, never the result; 0 is one tile.",
        minimum=0,
    )
    threads: int = option(
        0,
        help="Tiles that multiresolution works on at once. 0: one for each core.",
        minimum=0,
    )


@dataclass(frozen=True)
class SegmentResult:
    """The labels and the number of objects."""

    output: str
    objects: int
