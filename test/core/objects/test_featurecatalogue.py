"""The catalogue of features: names, layers and units, and that it is what is measured."""

from __future__ import annotations

import numpy as np
import pytest
from rock_glacier_mapper.core.objects.featurecatalogue import CATALOGUE, Feature, feature_of, layer_of
from toy_objects import measured, objects


@pytest.mark.parametrize(
    ("column", "layer", "unit"),
    [
        ("heatmap_mean", "heatmap", "as the layer"),
        ("slope_p90", "slope", "as the layer"),
        ("B04_skewness", "B04", ""),
        ("tpi_250_contrast", "tpi_250", "as the layer"),
        ("B04_glcm_contrast", "B04", ""),
        ("B04_glcm_contrast_45", "B04", ""),
        ("heatmap_share_above", "heatmap", ""),
        ("relief_m", "elevation", "m"),
        ("elevation_border_contrast", "elevation", "m"),
        ("aspect_mean_deg", "aspect_sin", "degrees"),
        ("area_m2", "", "m2"),
        ("neighbour_count", "", ""),
    ],
)
def test_layer_and_unit(column: str, layer: str, unit: str) -> None:
    """The chain refuses a stack without the layers that the rules need, so each must be found by name."""
    found = feature_of(column)
    assert found is not None
    assert (found[0].unit, layer_of(column)) == (unit, layer)


@pytest.mark.parametrize("column", ["object_id", "class", "mean", "_mean", "slope", "slope_p91"])
def test_what_is_no_feature(column: str) -> None:
    """Other columns, and misspelt ones, have no layer."""
    assert feature_of(column) is None
    assert layer_of(column) == ""


@pytest.mark.parametrize("feature", CATALOGUE, ids=lambda feature: feature.column)
def test_it_fits_into_a_table(feature: Feature) -> None:
    """A stroke in a formula would begin another cell of the documents' tables."""
    assert "|" not in f"{feature.column}{feature.unit}{feature.formula}{feature.source}"


def test_it_holds_what_is_measured() -> None:
    """Every column that comes out is in the catalogue with its group, and the other way round."""
    names = ("elevation", "heatmap", "aspect_sin", "aspect_cos")
    layers = {name: np.ones((2, 2)) for name in names}
    for group in dict.fromkeys(feature.group for feature in CATALOGUE):
        texture = (0.0, 1.0) if group.startswith("texture") else None
        columns = measured(objects("11", "11"), (group,), layers, texture=texture)
        found = [feature_of(column)[0] for column in columns]
        assert {feature.group for feature in found} == {group}
        assert {feature.name for feature in found} == {item.name for item in CATALOGUE if item.group == group}
