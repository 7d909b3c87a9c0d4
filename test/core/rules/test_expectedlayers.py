"""Layers in other units than a rule set expects."""

from __future__ import annotations

import re

import numpy as np
import pytest
from rock_glacier_mapper.core.rules.expectedlayers import unexpected_layers
from rock_glacier_mapper.core.rules.rules import Condition, ExpectedLayer, ObjectClass, Pass, Rule, RuleSet

REFLECTANCE, BYTES = ExpectedLayer("reflectance", (0.0, 1.0)), ExpectedLayer("bytes", (0.0, 255.0))


def warnings(expected: ExpectedLayer, **columns: list[float]) -> list[str]:
    return list(unexpected_layers(rules_for("B02_mean", expected), as_arrays(columns)))


def as_arrays(columns: dict[str, list[float]]) -> dict[str, np.ndarray]:
    return {name: np.array(values) for name, values in columns.items()}


def rules_for(feature: str, expected: ExpectedLayer) -> RuleSet:
    """Return a rule set of one condition that expects something of the layer B02."""
    passes = (Pass("", (Rule("one", "and", (Condition(feature, "above", (0.0, 1.0)),)),)),)
    return RuleSet("toy", "Toy", "", "one", 0.5, (ObjectClass("one", "One", "#000000"),), passes, {"B02": expected})


@pytest.mark.parametrize(
    ("expected", "values", "told"),
    [
        (REFLECTANCE, [1200.0, 2400.0, 900.0], "around 1200, but .* B02 in reflectance, 0 to 1"),
        (BYTES, [0.1, 0.2, 0.4], "from 0.101 to 0.398 only, but .* B02 in bytes, 0 to 255"),
        (REFLECTANCE, [0.1, 0.2, np.nan], ""),
        (REFLECTANCE, [0.1, 0.2, 1.1], ""),
        (BYTES, [20.0, 240.0, 90.0], ""),
        (BYTES, [0.0, 0.0, 0.0], ""),
        (BYTES, [np.nan, np.nan, np.nan], ""),
        (BYTES, [], ""),
    ],
    ids=[
        "scaled by 10000",
        "reflectance for bytes",
        "right",
        "one glaring",
        "bytes",
        "black",
        "no values",
        "no objects",
    ],
)
def test_units(expected: ExpectedLayer, values: list[float], told: str) -> None:
    """Only what can be no other than a wrong unit is told; a bright object or a black picture is none."""
    found = warnings(expected, B02_mean=values)
    assert len(found) == (1 if told else 0)
    if told:
        assert re.search(told, found[0])


def test_a_layer_that_no_condition_needs() -> None:
    """Its name may be misspelt, or the condition was taken out."""
    (found,) = unexpected_layers(rules_for("B03_mean", REFLECTANCE), as_arrays({"B02_mean": [0.1], "B03_mean": [0.1]}))
    assert "expects the layer B02, but no condition asks" in found


def test_a_column_of_text_is_no_level() -> None:
    """Tables that were joined to the objects may have columns of such names."""
    columns = {"B02_mean": np.array(["a", "b"], object), "B02_p50": np.array([1200.0, 900.0])}
    (found,) = unexpected_layers(rules_for("B02_p50", REFLECTANCE), columns)
    assert "values of B02_p50 around 1050" in found


def test_levels_only() -> None:
    """A standard deviation or a contrast near 0 says nothing of the unit; without the mean, the median does."""
    assert warnings(BYTES, B02_std=[0.1, 0.2], B02_contrast=[0.1, 0.2]) == []
    assert len(warnings(BYTES, B02_std=[9.0, 9.0], B02_p50=[0.1, 0.2])) == 1
