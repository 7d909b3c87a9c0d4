"""Options and result of the object features stage."""

from __future__ import annotations

from dataclasses import dataclass

from ..options import Options, option

STANDARD_GROUPS = ("statistics", "quantiles", "geometry", "neighbours", "terrain", "heatmap")
FEATURE_GROUPS = (*STANDARD_GROUPS, "texture", "texture_directions")


@dataclass(frozen=True)
class ObjectFeaturesOptions(Options):
    """Measure objects on layers."""

    labels: str = option(help="Labels of the objects, from the segmentation.")
    layers: tuple[str, ...] = option(help="Rasters on the labels' grid; each band is a layer named by its description.")
    output: str = option(help="Objects to write (GeoPackage).")
    features: tuple[str, ...] = option(
        STANDARD_GROUPS,
        help="Groups of features to measure: statistics and quantiles of every layer, geometry, neighbours, terrain "
        "(needs a layer elevation), heatmap (needs a layer heatmap), texture (mean over four directions, and each "
        "direction).",
        choices=FEATURE_GROUPS,
    )
    heatmap_threshold: float = option(
        0.5, help="Value that a pixel of the heatmap counts as above from, 0..1.", minimum=0, maximum=1
    )
    texture_layers: tuple[str, ...] = option(
        (), help="Layers to measure texture on, such as B04, coherence; texture needs at least one."
    )


@dataclass(frozen=True)
class ObjectFeaturesResult:
    """The objects and their number."""

    output: str
    objects: int
