"""Options and result of the stage that helps to choose the scale parameter."""

from __future__ import annotations

from dataclasses import dataclass

from ..options import Options, option, same_option
from .segment import LARGEST_SCALE, SegmentOptions


@dataclass(frozen=True)
class ScaleParameterOptions(Options):
    """Try out a range of scale parameters of the multiresolution segmentation, and propose one."""

    input: str = same_option(SegmentOptions, "input")
    report: str = option(help="Report to write (HTML).")
    json: str = option("", help="Figures to write (JSON).")
    reference: str = option(
        "", help="Reference outlines to compare the objects with; of one landform each. Empty: local variance alone."
    )
    area: str = option("", help="Polygons of the area in which reference outlines count. Empty: no limit.")
    extent: str = option(
        "",
        help="Part of the raster to try the scales on, xmin,xmax,ymin,ymax; of more than 1024 pixels a side, the "
        "middle is taken. Empty: 512 pixels a side in the middle of the raster; with reference outlines, 1024 a side "
        "where most of them are.",
    )
    heatmap: str = same_option(SegmentOptions, "heatmap")
    weights: tuple[str, ...] = same_option(SegmentOptions, "weights")
    scale_from: float = option(5.0, help="First scale parameter to try.", minimum=1, maximum=LARGEST_SCALE)
    scale_to: float = option(
        80.0, help="Last scale parameter to try; at most 100 are tried.", minimum=1, maximum=LARGEST_SCALE
    )
    scale_step: float = option(5.0, help="From one scale parameter to the next.", minimum=0.1)
    shape: float = same_option(SegmentOptions, "shape")
    compactness: float = same_option(SegmentOptions, "compactness")


@dataclass(frozen=True)
class ScaleParameterResult:
    """Outputs and the proposed scale; a number that cannot be computed is NaN.

    `best_scale` is that of the smallest D where reference outlines are given, and that of the highest peak of the local
    variance's rate of change otherwise. `peaks` lists the scales of all peaks, the highest first.
    """

    report: str
    json: str
    best_scale: float
    best_d: float
    peaks: str
