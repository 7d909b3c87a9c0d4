"""Options and result of the reshaping stage."""

from __future__ import annotations

from dataclasses import dataclass

from ..options import Options, option


@dataclass(frozen=True)
class ReshapeOptions(Options):
    """Turn classified objects into landforms: merge, grow, shrink, fill, smooth, split, drop."""

    objects: str = option(help="Classified objects.")
    labels: str = option(help="Labels that the objects were made from.")
    output: str = option(help="Labels of the landforms to write (GeoTIFF, UInt32, 0 = none).")
    heatmap: str = option("", help="Heatmap on the same grid; growing and shrinking need it.")
    target_class: str = option("rock_glacier", help="Class of the objects that become landforms.")
    grow: float = option(
        0.0,
        help="Grow into touching pixels whose heatmap is at least this value, 0..1. 0: do not grow.",
        minimum=0,
        maximum=1,
    )
    shrink: float = option(
        0.0, help="Drop pixels whose heatmap is below this value, 0..1. 0: do not shrink.", minimum=0, maximum=1
    )
    fill: float = option(10000.0, help="Fill holes up to this area, in square metres.", minimum=0)
    smooth: float = option(
        20.0, help="Radius of the opening and closing that smooth the outline, in metres.", minimum=0
    )
    split: float = option(
        0.0, help="Split landforms at necks narrower than this, in metres. 0: do not split.", minimum=0
    )
    min_area: float = option(10000.0, help="Drop landforms smaller than this, in square metres.", minimum=0)


@dataclass(frozen=True)
class ReshapeResult:
    """The labels of the landforms and their number."""

    output: str
    landforms: int
