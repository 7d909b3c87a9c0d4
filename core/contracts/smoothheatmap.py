"""Options and result of the stage that smooths a heatmap."""

from __future__ import annotations

from dataclasses import dataclass

from ..options import Options, option


@dataclass(frozen=True)
class SmoothHeatmapOptions(Options):
    """Smooth a heatmap with a Gaussian filter that ignores nodata."""

    input: str = option(help="Heatmap to smooth.")
    output: str = option(help="Smoothed heatmap to write (GeoTIFF).")
    sigma: float = option(
        15.0, help="Standard deviation of the Gaussian filter, in metres. 0 copies the heatmap.", minimum=0
    )


@dataclass(frozen=True)
class SmoothHeatmapResult:
    """The smoothed heatmap."""

    output: str
