"""Options and result of the object features stage."""

from __future__ import annotations

from dataclasses import dataclass

from ..options import Options, option

FEATURE_GROUPS = ("statistics", "quantiles", "geometry", "neighbours")


@dataclass(frozen=True)
class ObjectFeaturesOptions(Options):
    """Measure objects on layers."""

    labels: str = option(help="Labels of the objects, from the segmentation.")
    layers: tuple[str, ...] = option(help="Rasters on the labels' grid; each band is a layer named by its description.")
    output: str = option(help="Objects to write (GeoPackage).")
    features: tuple[str, ...] = option(
        FEATURE_GROUPS, help="Groups of features to measure: " + ", ".join(FEATURE_GROUPS) + ".", choices=FEATURE_GROUPS
    )


@dataclass(frozen=True)
class ObjectFeaturesResult:
    """The objects and their number."""

    output: str
    objects: int
