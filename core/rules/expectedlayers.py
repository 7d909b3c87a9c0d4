"""Whether objects were measured on layers in the units that a rule set expects."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .rules import NUMERIC, ExpectedLayer, RuleSet

# Statistics in the units of the layer itself, the most telling first.
_LEVELS = ("mean", "p50", "max", "min", "p90", "p10")
# Reflectance from 0 to 1 fills 0.4 % of 0 to 255.
_LITTLE = 0.01
_OUTLIERS_PERCENT = 0.5


def unexpected_layers(rules: RuleSet, columns: Mapping[str, NDArray[Any]]) -> Iterator[str]:
    """Yield a warning for each layer that no condition needs, or whose values are in other units than expected.

    That is where most objects lie outside the range of the layer, or where the objects fill next to nothing of it.

    Parameters
    ----------
    rules : RuleSet
    columns : mapping of array
        Columns of the objects.

    Yields
    ------
    str
        The layer with its values, what the rule set expects, and what to do.
    """
    numeric = {name for name, values in columns.items() if values.dtype.kind in NUMERIC}
    for name, expected in rules.layers.items():
        column = next((column for column in (f"{name}_{level}" for level in _LEVELS) if column in numeric), "")
        problem = _problem(np.asarray(columns[column], np.float64), expected) if column else ""
        if not any(feature.startswith(f"{name}_") for feature in rules.features):
            yield f"The rule set {rules.name} expects the layer {name}, but no condition asks for a feature of it."
        elif problem:
            yield (
                f"The objects have values of {column} {problem}, but the rule set {rules.name} expects the layer "
                f"{name} in {expected.unit}, {_span(*expected.range)}. "
                "Check the unit, scale and offset of the layer, or choose a rule set that fits it."
            )


def _problem(values: NDArray[np.float64], expected: ExpectedLayer) -> str:
    known = values[np.isfinite(values)]
    if not known.size:
        return ""
    low, high = expected.range
    if np.mean((known < low) | (known > high)) > 0.5:
        return f"around {np.median(known):.4g}"
    first, last = np.percentile(known, [_OUTLIERS_PERCENT, 100 - _OUTLIERS_PERCENT])
    if first < last <= low + _LITTLE * (high - low):
        return f"from {_span(first, last)} only"
    return ""


def _span(low: float, high: float) -> str:
    return f"{low:.4g} to {high:.4g}"
