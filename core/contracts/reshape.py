"""Options and result of the reshaping stage."""

from __future__ import annotations

from dataclasses import dataclass

from ..options import Options, option

# Under this name a classification keeps in the provenance what its rule set says of reshaping.
RESHAPE_FACT = "rule_set_reshape"
# Slopes of the whole range are no condition.
FLAT, UPRIGHT = 0.0, 90.0
# In metres; a larger disc is no property of an outline any more.
LARGEST_RADIUS = 1000.0


@dataclass(frozen=True)
class ReshapeOptions(Options):
    """Turn classified objects into landforms: merge, grow, shrink, fill, smooth, split, drop."""

    labels: str = option(help="Labels of the classified objects; without objects, labels of landforms.")
    output: str = option(help="Labels of the landforms to write (GeoTIFF, UInt32, 0 = none).")
    objects: str = option(
        "", help="Classified objects; those of the target class become landforms. Empty: every label is a landform."
    )
    segments: str = option(
        "",
        help="Labels that the objects were made from, where `labels` holds landforms already: tells growing the class "
        "of a pixel, and every step where nodata is (label 0).",
    )
    heatmap: str = option("", help="Heatmap on the same grid; needed by the heatmap values of growing and shrinking.")
    slope: str = option(
        "",
        help="Raster on the same grid with a band `slope`, in degrees, such as the feature stack; needed by ranges of "
        "slope.",
    )
    elevation: str = option(
        "",
        help="Raster on the same grid with a band `elevation`, in metres, such as the feature stack; needed to split "
        "by flow direction.",
    )
    target_class: str = option("rock_glacier", help="Class of the objects that become landforms.")
    merge: bool = option(True, help="Merge objects, or landforms where no objects are given, that share a border.")
    min_heatmap: float = option(
        0.0,
        help="Drop landforms whose mean heatmap is below this value, 0..1, before they grow. 0: the value that the "
        "rule set of the objects gives, if landforms are made of these; without one, none is dropped.",
        minimum=0,
        maximum=1,
    )
    grow: float = option(
        0.0,
        help="Grow into touching pixels whose heatmap is at least this value, 0..1. 0: the value that the rule set of "
        "the objects gives, if landforms are made of these; without one, whatever their heatmap. Nothing grows unless "
        "at least one condition of growing is given. 1: into hardly any.",
        minimum=0,
        maximum=1,
    )
    grow_into: tuple[str, ...] = option(
        (),
        help="Grow into pixels of objects of these classes only; `unclassified` are those without a class. "
        "Empty: those that the rule set of the objects names, if landforms are made of these; without any, of any "
        "class.",
    )
    grow_min_slope: float = option(
        FLAT, help="Grow into pixels of at least this slope only, in degrees.", minimum=FLAT, maximum=UPRIGHT
    )
    grow_max_slope: float = option(
        UPRIGHT, help="Grow into pixels of at most this slope only, in degrees.", minimum=FLAT, maximum=UPRIGHT
    )
    grow_tension: float = option(
        0.0,
        help="Surface tension of growing: take a pixel only if at least this share of the pixels around it is "
        "landform, 0..1. 0.5 fills bays and leaves straight borders; about 0.35 lets these move too. 0: no tension.",
        minimum=0,
        maximum=1,
    )
    grow_distance: float = option(
        0.0, help="Grow no further than this from where the landforms were, in metres. 0: no limit.", minimum=0
    )
    shrink: float = option(
        0.0,
        help="Drop pixels whose heatmap is below this value, 0..1. 0: the value that the rule set of the objects "
        "gives, if landforms are made of these; without one, whatever their heatmap.",
        minimum=0,
        maximum=1,
    )
    shrink_min_slope: float = option(
        FLAT, help="Drop pixels below this slope, in degrees.", minimum=FLAT, maximum=UPRIGHT
    )
    shrink_max_slope: float = option(
        UPRIGHT, help="Drop pixels above this slope, in degrees.", minimum=FLAT, maximum=UPRIGHT
    )
    shrink_tension: float = option(
        0.0,
        help="Surface tension of shrinking: then drop pixels of the border until at least this share of the pixels "
        "around each is landform, 0..1. 0.5 takes off tips and threads, and small landforms as a whole. 0: no tension.",
        minimum=0,
        maximum=1,
    )
    shrink_distance: float = option(
        0.0, help="Drop only pixels that are this near to the border, in metres. 0: wherever they are.", minimum=0
    )
    tension_radius: float = option(
        30.0,
        help="How far the pixels around a pixel reach that surface tension looks at, in metres.",
        minimum=0,
        maximum=LARGEST_RADIUS,
    )
    fill: float = option(10000.0, help="Fill holes up to this area, in square metres.", minimum=0)
    smooth: float = option(
        20.0,
        help="Radius of the opening and closing that smooth the outline, in metres.",
        minimum=0,
        maximum=LARGEST_RADIUS,
    )
    join: bool = option(
        True, help="Join landforms whose gap is closed by filling or smoothing; else they stay two that touch."
    )
    split: float = option(
        50.0, help="Split landforms at necks narrower than this, in metres. 0: do not split at necks.", minimum=0
    )
    split_angle: float = option(
        0.0,
        help="Split landforms into parts that flow apart and whose mean downslope directions differ by at least this "
        "angle, in degrees: over a ridge, or between tongues that fan out. 90 is careful, 45 eager. 0: do not split by "
        "direction.",
        minimum=0,
        maximum=180,
    )
    split_area: float = option(
        10000.0, help="Smallest part that is split off, in square metres; a smaller one is not cut off.", minimum=0
    )
    flow_scale: float = option(
        100.0,
        help="Standard deviation of the weights by which a plane is fitted to the elevations for the downslope "
        "direction, in metres: wider than furrows and ridges, narrower than a tongue.",
        minimum=1,
    )
    min_area: float = option(10000.0, help="Drop landforms smaller than this, in square metres.", minimum=0)


@dataclass(frozen=True)
class ReshapeResult:
    """The labels of the landforms and their number."""

    output: str
    landforms: int
