"""Statistics of many observations of the same pixels."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from ..optical.compositing import percentile_of

Values = NDArray[np.float32]


def statistics_of(observations: Values, names: tuple[str, ...]) -> list[Values]:
    """Return statistics over the first axis, of the observations that are not missing.

    Parameters
    ----------
    observations : array of float32, shape (observations, pixels)
        Infinity stands for no value. Changed: it may be sorted.
    names : tuple of str
        ``mean``, ``median`` (of an even number, the mean of the two in the middle), ``minimum``, ``std`` (divisor: the
        number of observations).

    Returns
    -------
    list of arrays of float32, shape (pixels,)
        In the order of the names; NaN where all observations are missing.
    """
    # Sorting comes last, since the sums of another order would differ in the last digit.
    ordered = sorted(range(len(names)), key=lambda position: names[position] == "median")
    results = {position: _FUNCTIONS[names[position]](observations) for position in ordered}
    for result in results.values():
        result[~np.isfinite(result)] = np.nan
    return [results[position] for position in range(len(names))]


def count_of(observations: Values) -> NDArray[np.int64]:
    """Return how many observations are not missing, shape (pixels,)."""
    count = np.zeros(observations.shape[1], np.int64)
    for layer in observations:
        count += np.isfinite(layer)
    return count


def _mean(observations: Values) -> Values:
    return _mean_of_squares(observations, np.float64(0), power=1).astype(np.float32)


def _std(observations: Values) -> Values:
    mean = _mean_of_squares(observations, np.float64(0), power=1)
    return np.sqrt(_mean_of_squares(observations, mean, power=2)).astype(np.float32)


def _mean_of_squares(observations: Values, centre: NDArray[np.float64] | np.float64, power: int) -> NDArray[np.float64]:
    """Return the mean of the differences from a centre, raised to a power, layer by layer."""
    total = np.zeros(observations.shape[1])
    for layer in observations:
        valid = np.isfinite(layer)
        total += np.where(valid, layer - centre, 0) ** power
    result = np.full(total.shape, np.nan)
    count = count_of(observations)
    np.divide(total, count, out=result, where=count > 0)
    return result


def _minimum(observations: Values) -> Values:
    smallest: Values = observations.min(axis=0)
    return smallest


def _median(observations: Values) -> Values:
    middle: Values = percentile_of(observations, 50)
    return middle


_FUNCTIONS: dict[str, Callable[[Values], Values]] = {
    "mean": _mean,
    "median": _median,
    "minimum": _minimum,
    "std": _std,
}
