"""Write the reference of the objects' features from the catalogue that the engine measures them by.

Called by ``make docs``::

    python scripts/write_feature_reference.py docs/features.md
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

from rock_glacier_mapper.core.contracts.objectfeatures import FEATURE_GROUPS
from rock_glacier_mapper.core.objects.featurecatalogue import CATALOGUE, DIRECTIONS, Feature
from rock_glacier_mapper.core.objects.texture_features import GREY_LEVELS
from rock_glacier_mapper.core.rasters.stretch import PERCENTILES as STRETCH

INTRODUCTION = """\
<!-- Written by `make docs` from core/objects/featurecatalogue.py. Change the catalogue, then run `make docs`. -->
# Features of objects

What *Object features* measures, by group. `<layer>` is the role of a band, such as `B04`, `slope` or `heatmap`. A value
is NULL where it is not defined, such as where the object has no valid pixel in the layer; a condition of a rule set on
NULL has the membership 0. Lengths, areas and directions are those on the map, whatever way the grid's rows run. Layers
are read as 32-bit floats, which hold seven digits.
"""

PROSE = {
    "statistics": "Over the n values v of the object's pixels in a layer; pixels without a value do not count.",
    "quantiles": "Of the same values.",
    "geometry": "With L1 and L2 the larger and the smaller eigenvalue of the covariance matrix of the object's area. A "
    "pixel counts as a small area, not as a point, except in `density`.",
    "neighbours": "Objects are neighbours where pixels share an edge; a common corner is none.",
    "terrain": "Needs a layer `elevation` in metres, and `aspect_sin` and `aspect_cos` for the two features of the "
    "aspect. Rock glaciers creep downhill, so most are long down the slope: `axis_to_downslope_deg` is small and "
    "`flow_elongation` above 1.",
    "heatmap": "Needs a layer `heatmap`. The threshold is an option, 0.5 unless told otherwise.",
    "texture": f"Of the layers named for it. A layer's values are cut into {GREY_LEVELS} grey levels of equal width "
    f"between its percentiles {STRETCH[0]:g} and {STRETCH[1]:g} over the whole raster, or between its smallest "
    "and largest value where these are equal; values beyond get the first and the last level. p is the share of the "
    "pairs of adjacent pixels with the levels i and j, in either order. Only pairs inside the same object count. NULL "
    "where the object has no such pair.",
    "texture_directions": "The same measures by direction of the pairs: 0 is along the rows, 90 along the columns, 45 "
    "and 135 are the diagonals, counter-clockwise on the map; "
    f"`<layer>_glcm_contrast_{DIRECTIONS[1]}` and so on.",
}

REFERENCES = """\
## References

- eCognition Developer: Reference Book. Trimble Geospatial, Munich.
- Haralick, R. M., Shanmugam, K. and Dinstein, I. (1973): Textural features for image classification. IEEE Transactions
  on Systems, Man, and Cybernetics SMC-3, 610-621.
- Hyndman, R. J. and Fan, Y. (1996): Sample quantiles in statistical packages. The American Statistician 50, 361-365.
- Joanes, D. N. and Gill, C. A. (1998): Comparing measures of sample skewness and kurtosis. The Statistician 47,
  183-189.
- Li, W., Goodchild, M. F. and Church, R. (2013): An efficient measure of compactness for two-dimensional shapes and its
  application in regionalization problems. International Journal of Geographical Information Science 27, 1227-1250.
- Mardia, K. V. and Jupp, P. E. (2000): Directional Statistics. Wiley, Chichester.
- Pike, R. J. and Wilson, S. E. (1971): Elevation-relief ratio, hypsometric integral, and geomorphic area-altitude
  analysis. Geological Society of America Bulletin 82, 1079-1084.
- Rosin, P. L. (1999): Measuring rectangularity. Machine Vision and Applications 11, 191-196.
"""


def main() -> None:
    """Write the file named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("output", type=Path, help="Markdown file to write")
    parser.parse_args().output.write_text(document(), "utf-8")


def document() -> str:
    """Return the reference as Markdown."""
    return "\n".join([INTRODUCTION, *(section(group) for group in FEATURE_GROUPS), REFERENCES])


def section(group: str) -> str:
    """Return the table of one group."""
    features = [feature for feature in CATALOGUE if feature.group == group]
    head = "| column | unit | formula | source |\n|---|---|---|---|"
    rows = (
        f"| {column} | {feature.unit} | {feature.formula} | {feature.source} |" for column, feature in lines(features)
    )
    return "\n".join([f"## {group}\n", f"{PROSE[group]}\n", head, *rows, ""])


def lines(features: list[Feature]) -> Iterator[tuple[str, Feature]]:
    """Yield the features, those of the directions of a measure in one line."""
    for feature in features:
        if feature.group != "texture_directions":
            yield f"`{feature.column}`", feature
        elif feature.name.endswith(f"_{DIRECTIONS[0]}"):
            measure = feature.column.rpartition("_")[0]
            yield " ".join(f"`{measure}_{direction}`" for direction in DIRECTIONS), feature


if __name__ == "__main__":
    main()
