"""Every feature of an object: its name, group, unit, formula and source.

The documents are made from this table, and rules are checked against it. Standard library only: QGIS imports it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ..rasters.roles import HEATMAP

ELEVATION = "elevation"
"""Role of the layer that terrain is measured on, in metres."""

ASPECT = ("aspect_sin", "aspect_cos")
"""Roles of the layers that hold the sine and the cosine of the aspect."""

PERCENTILES = (10, 50, 90)
"""Percentiles of the group `quantiles`."""

DIRECTIONS = (0, 45, 90, 135)
"""Directions of the texture's pairs of pixels, in degrees from the rows, counter-clockwise as the raster is drawn."""

AS_LAYER = "as the layer"
"""Unit of a feature that is measured in its layer's unit."""


@dataclass(frozen=True)
class Feature:
    """What is known of a feature before it is measured.

    Attributes
    ----------
    name : str
        Column of the objects; of a feature that every layer has, what follows the layer's name and an underscore.
    group : str
        Group of features that it belongs to.
    unit : str
        Unit in words or symbols; empty for a number without one, `AS_LAYER` for that of the layer.
    formula : str
        How it is computed, as Markdown without tables.
    source : str
        Where the definition is from; empty for elementary ones.
    layer : str
        The layer that it is measured on; empty where it needs none, `EVERY_LAYER` where each layer has one.
    """

    name: str
    group: str
    unit: str
    formula: str
    source: str = ""
    layer: str = ""

    @property
    def column(self) -> str:
        """The column's name, with ``<layer>`` in it where every layer has one."""
        return f"<layer>_{self.name}" if self.layer == EVERY_LAYER else self.name

    def columns(self, layers: Sequence[str]) -> list[str]:
        """Return the names of its columns where there are some layers."""
        return [f"{layer}_{self.name}" for layer in layers] if self.layer == EVERY_LAYER else [self.name]


EVERY_LAYER = "<layer>"

_HYNDMAN = "Hyndman and Fan (1996), type 7"
_ECOGNITION = "eCognition Developer, Reference Book"
_HARALICK = "Haralick, Shanmugam and Dinstein (1973)"


def _of_layer(name: str, group: str, unit: str, formula: str, source: str = "") -> Feature:
    return Feature(name, group, unit, formula, source, EVERY_LAYER)


def _of_terrain(name: str, unit: str, formula: str, source: str = "", layer: str = ELEVATION) -> Feature:
    return Feature(name, "terrain", unit, formula, source, layer)


_STATISTICS = (
    _of_layer("mean", "statistics", AS_LAYER, "sum(v) / n"),
    _of_layer("std", "statistics", AS_LAYER, "sqrt(m2), m2 = sum((v - mean)^2) / n: of the whole population"),
    _of_layer("min", "statistics", AS_LAYER, "smallest v"),
    _of_layer("max", "statistics", AS_LAYER, "largest v"),
    _of_layer(
        "skewness",
        "statistics",
        "",
        "g1 = m3 / m2^1.5, m3 = sum((v - mean)^3) / n; above 0 with a tail of large values. NULL where all are equal",
        "Fisher-Pearson coefficient, Joanes and Gill (1998)",
    ),
    *(
        _of_layer(
            f"p{percentile}",
            "quantiles",
            AS_LAYER,
            f"percentile {percentile}, linear between the two nearest values",
            _HYNDMAN,
        )
        for percentile in PERCENTILES
    ),
)
_GEOMETRY = (
    Feature("area_m2", "geometry", "m2", "A = pixels x area of a pixel"),
    Feature("perimeter_m", "geometry", "m", "P = length of the pixels' edges around the object and its holes"),
    Feature("length_m", "geometry", "m", "l = extent along the main direction; along the rows where there is none"),
    Feature("width_m", "geometry", "m", "w = extent across that direction"),
    Feature("elongation", "geometry", "", "sqrt(L1 / L2), from 1; length over width for rectangles and ellipses"),
    Feature(
        "asymmetry", "geometry", "", "(L1 - L2) / (L1 + L2), 0 to 1; 0 where no direction is preferred", _ECOGNITION
    ),
    Feature(
        "main_direction_deg",
        "geometry",
        "degrees",
        "direction of the eigenvector of L1, clockwise from grid north, 0 to below 180. NULL where none is preferred",
        _ECOGNITION,
    ),
    Feature(
        "compactness",
        "geometry",
        "",
        "A / (2 pi (L1 + L2)), 0 to 1; 1 for a disc",
        "Li, Goodchild and Church (2013)",
    ),
    Feature("shape_index", "geometry", "", "P / (4 sqrt(A)); 1 for a square", _ECOGNITION),
    Feature(
        "border_index",
        "geometry",
        "",
        "P / (2 (l + w)); 1 for a rectangle along the grid, below 1 for some shapes that lie askew in their l x w",
        f"{_ECOGNITION}, with l, w as above",
    ),
    Feature(
        "rectangularity", "geometry", "", "A / (l w), 0 to 1; 1 for a rectangle", "Rosin (1999), with l, w as above"
    ),
    Feature(
        "density",
        "geometry",
        "",
        "sqrt(n) / (1 + sqrt(Vx + Vy)), n pixels with centres of the variances Vx and Vy, in sides of the square as "
        "large as a pixel; high for compact objects",
        _ECOGNITION,
    ),
)
_NEIGHBOURS = (
    Feature("neighbour_count", "neighbours", "", "objects that share a pixel's edge"),
    _of_layer(
        "contrast",
        "neighbours",
        AS_LAYER,
        "sum(b (mean - neighbour's mean)) / sum(b), b the length of the common border",
        f"{_ECOGNITION} (mean difference to neighbours)",
    ),
)
_BORDER_CONTRAST = "sum(e (inside - outside)) / sum(e) over the pixels' edges of length e on the border"
_TERRAIN = (
    _of_terrain("relief_m", "m", "highest minus lowest elevation"),
    _of_terrain(
        "hypsometric_integral",
        "",
        "(mean - min) / (max - min) of the elevation, 0 to 1. NULL on flat ground",
        "Pike and Wilson (1971)",
    ),
    _of_terrain("head_to_toe_drop_m", "m", "percentile 95 minus percentile 5 of the elevation", _HYNDMAN),
    _of_terrain(
        "plane_slope_deg",
        "degrees",
        "atan(length of g), g the gradient of the plane that fits the elevation of the object's pixels best (least "
        "squares). NULL where the pixels lie on one line",
    ),
    _of_terrain(
        "downslope_direction_deg",
        "degrees",
        "direction of -g, clockwise from grid north, 0 to below 360. NULL on flat ground",
    ),
    _of_terrain("main_axis_slope_deg", "degrees", "atan(abs(g . u)), u the unit vector of the main direction"),
    _of_terrain(
        "axis_to_downslope_deg",
        "degrees",
        "angle between the main direction and the downslope direction, 0 (long down the slope) to 90 (along contours)",
    ),
    _of_terrain("flow_length_m", "m", "plan extent of the object along the downslope direction"),
    _of_terrain("flow_width_m", "m", "plan extent of the object across the downslope direction"),
    _of_terrain("flow_elongation", "", "flow_length_m / flow_width_m; above 1 for tongues, below for lobes and bands"),
    _of_terrain(
        "above_lower_neighbours_m",
        "m",
        "sum(b (mean - neighbour's mean)) / sum(b) over the neighbours of lower mean elevation, b the length of the "
        "common border. NULL where no neighbour is lower",
    ),
    _of_terrain("above_lowest_neighbour_m", "m", "mean elevation minus the lowest mean elevation of a neighbour"),
    _of_terrain(
        "relative_elevation",
        "",
        "(mean - lowest) / (highest - lowest) elevation of all objects, 0 to 1. NULL where all lie equally high",
    ),
    _of_terrain(
        "elevation_border_contrast",
        "m",
        f"{_BORDER_CONTRAST}; above 0 where the object bulges over what surrounds it",
        f"{_ECOGNITION} (mean of inner and outer border)",
    ),
    _of_terrain(
        "aspect_mean_deg",
        "degrees",
        "atan2(mean of aspect_sin, mean of aspect_cos), 0 to below 360",
        "Mardia and Jupp (2000)",
        ASPECT[0],
    ),
    _of_terrain(
        "aspect_concentration",
        "",
        "hypot(mean of aspect_sin, mean of aspect_cos), 0 (all aspects) to 1 (one aspect)",
        "Mardia and Jupp (2000), mean resultant length",
        ASPECT[0],
    ),
)
_HEATMAP = (
    Feature(
        "heatmap_share_above",
        "heatmap",
        "",
        "share of the object's pixels with a value whose value is at least the threshold, 0 to 1",
        layer=HEATMAP,
    ),
    Feature(
        "heatmap_border_contrast",
        "heatmap",
        AS_LAYER,
        _BORDER_CONTRAST,
        f"{_ECOGNITION} (mean of inner and outer border)",
        HEATMAP,
    ),
)
_TEXTURE_MEASURES = (
    ("contrast", "sum(p (i - j)^2)"),
    ("dissimilarity", "sum(p abs(i - j))"),
    ("homogeneity", "sum(p / (1 + (i - j)^2)), Haralick's inverse difference moment"),
    ("angular_second_moment", "sum(p^2)"),
    ("entropy", "-sum(p ln p)"),
    ("correlation", "(sum(p i j) - m^2) / s^2, m and s the mean and standard deviation of i. NULL where s = 0"),
)
TEXTURE = tuple(f"glcm_{name}" for name, _ in _TEXTURE_MEASURES)
"""Measures of the co-occurrence matrix."""

_TEXTURE = (
    *(
        _of_layer(
            f"glcm_{name}", "texture", "", f"mean over the directions in which it is known of {formula}", _HARALICK
        )
        for name, formula in _TEXTURE_MEASURES
    ),
    *(
        _of_layer(f"glcm_{name}_{direction}", "texture_directions", "", formula, _HARALICK)
        for name, formula in _TEXTURE_MEASURES
        for direction in DIRECTIONS
    ),
)
CATALOGUE = (*_STATISTICS, *_GEOMETRY, *_NEIGHBOURS, *_TERRAIN, *_HEATMAP, *_TEXTURE)
"""All features, in the order of the columns."""

_BY_COLUMN = {feature.column: feature for feature in CATALOGUE}
# The longest ending first, because a layer may be called `B04_glcm`.
_OF_EVERY_LAYER = sorted(
    (feature for feature in CATALOGUE if feature.layer == EVERY_LAYER), key=lambda feature: -len(feature.name)
)


def feature_of(column: str) -> tuple[Feature, str] | None:
    """Return the feature that a column of the objects holds, and the layer it is measured on.

    Parameters
    ----------
    column : str
        Name of the column, such as ``slope_p90`` or ``area_m2``.

    Returns
    -------
    (Feature, str) or None
        The layer is empty for a feature that needs none; None for a column that is no feature.
    """
    if column in _BY_COLUMN:
        feature = _BY_COLUMN[column]
        return feature, feature.layer
    for feature in _OF_EVERY_LAYER:
        layer = column[: -len(feature.name) - 1]
        if layer and column == f"{layer}_{feature.name}":
            return feature, layer
    return None


def layer_of(column: str) -> str:
    """Return the layer on which a feature is measured; an empty text for one that needs none, and for no feature."""
    found = feature_of(column)
    return found[1] if found else ""


def names_of(group: str) -> tuple[str, ...]:
    """Return the names of the features of a group, in order."""
    return tuple(feature.name for feature in CATALOGUE if feature.group == group)
