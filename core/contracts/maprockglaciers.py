"""Options and result of the whole chain."""

from __future__ import annotations

from dataclasses import dataclass

from ..options import Options, option, same_option
from .classify import ClassifyOptions
from .heatmap import HeatmapOptions
from .outlines import OutlinesOptions
from .reshape import ReshapeOptions
from .segment import SegmentOptions
from .smoothheatmap import SmoothHeatmapOptions


@dataclass(frozen=True)
class MapRockGlaciersOptions(Options):
    """Map rock glaciers: heatmap, smoothing, segmentation, features, rules, reshaping and outlines in one stage."""

    stack: str = same_option(HeatmapOptions, "stack")
    model: str = same_option(HeatmapOptions, "model")
    rules: str = same_option(ClassifyOptions, "rules")
    output: str = same_option(OutlinesOptions, "output")
    heatmap: str = option("", help="Where to keep the smoothed heatmap (GeoTIFF). Empty: it is not kept.")
    objects: str = option("", help="Where to keep the classified objects (GeoPackage). Empty: they are not kept.")
    area: str = same_option(HeatmapOptions, "area")
    tile_size: int = same_option(HeatmapOptions, "tile_size")
    device: str = same_option(HeatmapOptions, "device")
    resample: bool = same_option(HeatmapOptions, "resample")
    min_elevation: float = same_option(HeatmapOptions, "min_elevation")
    max_elevation: float = same_option(HeatmapOptions, "max_elevation")
    min_slope: float = same_option(HeatmapOptions, "min_slope")
    max_slope: float = same_option(HeatmapOptions, "max_slope")
    time_limit: float = same_option(HeatmapOptions, "time_limit")
    memory_limit: int = same_option(HeatmapOptions, "memory_limit")
    sigma: float = same_option(SmoothHeatmapOptions, "sigma")
    weights: tuple[str, ...] = same_option(SegmentOptions, "weights")
    scale: float = same_option(SegmentOptions, "scale")
    shape: float = same_option(SegmentOptions, "shape")
    compactness: float = same_option(SegmentOptions, "compactness")
    merge: bool = same_option(ReshapeOptions, "merge")
    min_heatmap: float = same_option(ReshapeOptions, "min_heatmap")
    grow: float = same_option(ReshapeOptions, "grow")
    grow_into: tuple[str, ...] = same_option(ReshapeOptions, "grow_into")
    grow_min_slope: float = same_option(ReshapeOptions, "grow_min_slope")
    grow_max_slope: float = same_option(ReshapeOptions, "grow_max_slope")
    grow_tension: float = same_option(ReshapeOptions, "grow_tension")
    grow_distance: float = same_option(ReshapeOptions, "grow_distance")
    shrink: float = same_option(ReshapeOptions, "shrink")
    shrink_min_slope: float = same_option(ReshapeOptions, "shrink_min_slope")
    shrink_max_slope: float = same_option(ReshapeOptions, "shrink_max_slope")
    shrink_tension: float = same_option(ReshapeOptions, "shrink_tension")
    shrink_distance: float = same_option(ReshapeOptions, "shrink_distance")
    tension_radius: float = same_option(ReshapeOptions, "tension_radius")
    fill: float = same_option(ReshapeOptions, "fill")
    smooth: float = same_option(ReshapeOptions, "smooth")
    join: bool = same_option(ReshapeOptions, "join")
    split: float = same_option(ReshapeOptions, "split")
    split_angle: float = same_option(ReshapeOptions, "split_angle")
    split_area: float = same_option(ReshapeOptions, "split_area")
    flow_scale: float = same_option(ReshapeOptions, "flow_scale")
    min_area: float = same_option(ReshapeOptions, "min_area")
    simplify: float = same_option(OutlinesOptions, "simplify")
    smooth_outline: int = same_option(OutlinesOptions, "smooth_outline")


@dataclass(frozen=True)
class MapRockGlaciersResult:
    """The outlines with their number and area, and what else was kept."""

    output: str
    landforms: int
    area_m2: float
    heatmap: str
    objects: str
