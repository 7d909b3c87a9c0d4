"""Options and result of the segmentation stage."""

from __future__ import annotations

from dataclasses import dataclass

from ..options import Options, option


@dataclass(frozen=True)
class SegmentOptions(Options):
    """Multiresolution segmentation after Baatz and Schaepe (2000)."""

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
    scale: float = option(20.0, help="Scale parameter: the larger, the larger the objects.", minimum=0)
    shape: float = option(
        0.1, help="Share of shape against colour in the heterogeneity, 0..0.9.", minimum=0, maximum=0.9
    )
    compactness: float = option(
        0.5, help="Share of compactness against smoothness in the shape, 0..1.", minimum=0, maximum=1
    )
    parent: str = option("", help="Labels of larger objects on the same grid; no object crosses their borders.")
    children: str = option(
        "",
        help="Labels of smaller objects on the same grid: these are merged instead of pixels, so that each becomes "
        "part of one object.",
    )
    tile_size: int = option(
        768,
        help="Side of the tiles in which pixels are merged to begin with, in pixels. It changes memory and speed, "
        "never the result; 0 is one tile.",
        minimum=0,
    )
    threads: int = option(
        0, help="Tiles that are worked on at once, each in a process of its own. 0: one for each core.", minimum=0
    )


@dataclass(frozen=True)
class SegmentResult:
    """The labels and the number of objects."""

    output: str
    objects: int
