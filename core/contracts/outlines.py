"""Options and result of the outlines stage."""

from __future__ import annotations

from dataclasses import dataclass

from ..options import Options, option


@dataclass(frozen=True)
class OutlinesOptions(Options):
    """Turn labels of landforms into polygons with statistics and provenance."""

    input: str = option(help="Labels of the landforms, from reshaping.")
    output: str = option(help="Outlines to write (GeoPackage, layer rock_glaciers).")
    layers: tuple[str, ...] = option(
        (), help="Rasters on the same grid to take statistics from: the stack, the heatmap."
    )
    objects: str = option("", help="Classified objects; their membership, weighted by area, is given to the outlines.")
    simplify: float = option(
        15.0,
        help="Tolerance of the simplification, in metres; shared borders stay shared. 0: keep the pixels' steps.",
        minimum=0,
    )
    smooth_outline: int = option(
        2,
        help="Rounds of corner cutting (Chaikin) that smooth the outline; shared borders stay shared. Each doubles the "
        "vertices at most. 0: keep the corners.",
        minimum=0,
        maximum=5,
    )


@dataclass(frozen=True)
class OutlinesResult:
    """The outlines, their number and their total area, and by which share this differs from that of the pixels."""

    output: str
    landforms: int
    area_m2: float
    area_change: float
