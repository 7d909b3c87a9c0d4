"""Options and result of the preview of a segmentation."""

from __future__ import annotations

from dataclasses import dataclass

from ..options import Options, option, same_option
from .segment import SegmentOptions


@dataclass(frozen=True)
class PreviewSegmentationOptions(Options):
    """Segment a part of a raster and draw the objects' borders, to try the parameters out."""

    input: str = same_option(SegmentOptions, "input")
    output: str = option(help="Labels of the part to write (GeoTIFF, UInt32, 0 = nodata).")
    picture: str = option("", help="Picture of the part with the objects' borders to write (PNG).")
    objects: str = option("", help="Polygons of the objects to write (GeoPackage), with their numbers of pixels.")
    extent: str = option(
        "",
        help="Part to segment, xmin,xmax,ymin,ymax; of more than 1024 pixels a side, the middle is taken. Empty: 512 "
        "pixels a side in the middle of the raster.",
    )
    heatmap: str = same_option(SegmentOptions, "heatmap")
    weights: tuple[str, ...] = same_option(SegmentOptions, "weights")
    method: str = same_option(SegmentOptions, "method")
    scale: float = same_option(SegmentOptions, "scale")
    shape: float = same_option(SegmentOptions, "shape")
    compactness: float = same_option(SegmentOptions, "compactness")
    parent: str = same_option(SegmentOptions, "parent")
    picture_bands: tuple[str, ...] = option(
        (),
        help="Roles of the three bands that the picture shows as red, green and blue, or of the one that it shows in "
        "grey. Empty: true colour, or else the heatmap, or else the first bands.",
    )


@dataclass(frozen=True)
class PreviewSegmentationResult:
    """The outputs, the number of objects, and their mean size in pixels (NaN without objects)."""

    output: str
    picture: str
    objects: int
    mean_pixels: float
