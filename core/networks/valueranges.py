"""Whether a band's values are in the units that a network was trained on, told from how they fill its range."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..errors import ModelMismatchError
from ..progress import Progress
from .card import Normalisation

_NEARLY_ALL = 0.95
# Without a clip range, what counts as wildly outside.
_FAR_IN_STD = 100.0
# Reflectance from 0 to 1 fills 0.4 % of 0 to 255.
_LITTLE = 0.01
_OUTLIERS_PERCENT = 0.5


@dataclass(frozen=True)
class BandSample:
    """Some values of a band, NaN where there is none, and what the network expects of it."""

    role: str
    expected: Normalisation
    values: NDArray[np.float32]


def check_ranges(samples: Sequence[BandSample], stack: str, model: str, progress: Progress) -> None:
    """Refuse a stack in other units than the network's.

    Values far outside the expected range are refused in any band. Values that fill next to nothing of it are refused
    where half of the bands or more are so; fewer may be real, as slopes of a plain are, and are warned of.

    Parameters
    ----------
    samples : sequence of BandSample
        One a band.
    stack, model : str
        Their names, for messages.
    progress : Progress

    Raises
    ------
    ModelMismatchError
        With the first such band, its values and the expected range.
    """
    for sample in samples:
        finite = sample.values[np.isfinite(sample.values)]
        low, high = _plausible_range(sample.expected)
        if finite.size and np.mean((finite < low) | (finite > high)) > _NEARLY_ALL:
            raise ModelMismatchError(
                f"Band {sample.role} of {stack} holds values around {np.median(finite):.4g}, "
                f"but the model {model} expects {_expected(sample.expected)}. "
                "Check the band's units, scale and offset; reflectance, for example, goes from 0 to 1."
            )
    narrow = [text for text in map(_narrow, samples) if text]
    if not narrow:
        return
    message = (
        f"{narrow[0]}: the model {model} sees a nearly uniform picture. "
        f"Check units, scale and offset of the bands of {stack}."
    )
    if 2 * len(narrow) >= len(samples):
        raise ModelMismatchError(message)
    progress.warn(message)


def _narrow(sample: BandSample) -> str:
    """Say how little of the expected range the values fill, "" where they fill it or nothing follows from it.

    Whole numbers are as they were recorded: a dark picture, but no other unit. A constant band has no unit at all.
    """
    low, high = sample.expected.minimum, sample.expected.maximum
    finite = sample.values[np.isfinite(sample.values)]
    if not finite.size or (finite == np.rint(finite)).all():
        return ""
    first, last = np.percentile(finite, [_OUTLIERS_PERCENT, 100 - _OUTLIERS_PERCENT])
    if np.isclose(first, last):
        return ""
    held = f"Band {sample.role} holds values from {first:.3g} to {last:.3g} only"
    if low is None or high is None:
        is_narrow = last - first < _LITTLE * sample.expected.std
        return f"{held}, where {_expected(sample.expected)} is expected" if is_narrow else ""
    if low <= first and last <= low + _LITTLE * (high - low):
        return f"{held}, less than {_LITTLE:.0%} of the {_expected(sample.expected)} that are expected"
    return ""


def _plausible_range(band: Normalisation) -> tuple[float, float]:
    if band.minimum is None or band.maximum is None:
        return band.mean - _FAR_IN_STD * band.std, band.mean + _FAR_IN_STD * band.std
    span = band.maximum - band.minimum
    return band.minimum - span, band.maximum + span


def _expected(band: Normalisation) -> str:
    if band.minimum is None or band.maximum is None:
        return f"about {band.mean:g} with a standard deviation of {band.std:g}"
    return f"{band.minimum:g} to {band.maximum:g}"
