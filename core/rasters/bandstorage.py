"""How physical values are stored as whole numbers of 16 bits: the step of each band, and what that costs."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .raster import Band

NODATA = -32768
_LARGEST = 32767
_REFLECTANCE = re.compile(r"B(\d\d|8A)")
# What a band's values are worth knowing to; with 32767 of these steps on both sides of 0, what occurs can be stored.
_STEPS = {
    "coherence": 0.0001,
    "elevation": 0.25,
    "slope": 0.01,
    "aspect_sin": 0.0001,
    "aspect_cos": 0.0001,
    "profile_curvature": 0.001,
    "plan_curvature": 0.001,
    "tpi": 0.05,
    "relief": 0.1,
    "ruggedness": 0.01,
    "roughness": 0.01,
    "hillshade": 0.0001,
    "local_incidence": 0.01,
}


@dataclass
class Range:
    """The values of a band as far as they have been seen.

    Attributes
    ----------
    minimum, maximum : float
        Infinite and the wrong way round until a value was seen.
    whole : bool
        Whether all are whole numbers.
    """

    minimum: float = math.inf
    maximum: float = -math.inf
    whole: bool = True

    def add(self, values: NDArray[np.float32]) -> None:
        """See some finite values."""
        if values.size:
            self.minimum = min(self.minimum, float(values.min()))
            self.maximum = max(self.maximum, float(values.max()))
            self.whole = self.whole and bool((values == np.rint(values)).all())

    @property
    def largest(self) -> float:
        """The largest absolute value, 0 if none was seen."""
        return max(abs(self.minimum), abs(self.maximum)) if self.minimum <= self.maximum else 0.0


def wanted_step(role: str) -> float:
    """Return the step that is fine enough for a role, 0 where it is not known."""
    if _REFLECTANCE.fullmatch(role):
        return 0.0001
    return _STEPS.get(role) or _STEPS.get(re.sub(r"_\d+$", "", role), 0.0)


def stored_as(role: str, step: float, seen: Range) -> Band:
    """Return how a band is stored in whole numbers of 16 bits.

    Parameters
    ----------
    role : str
        What it holds.
    step : float
        The step asked for; 0: that of the role. Where the values do not fit it, or neither is known: whole numbers as
        they are, and others with the smallest step of 1, 2 or 5 times a power of ten that they fit.
    seen : Range
        All values of the band.
    """
    step = step or wanted_step(role)
    # Half a step more still rounds to the largest number.
    if step and seen.largest < step * (_LARGEST + 0.5):
        return Band(role, "int16", NODATA, step)
    if seen.whole and seen.maximum - seen.minimum <= 2 * _LARGEST:
        middle = float(round((seen.minimum + seen.maximum) / 2)) if seen.largest > _LARGEST else 0.0
        return Band(role, "int16", NODATA, 1.0, middle)
    return Band(role, "int16", NODATA, _round_step(seen.largest / _LARGEST))


def _round_step(least: float) -> float:
    """Return the smallest of 1, 2 and 5 times a power of ten that is not below a number."""
    if least == 0:
        return 1.0
    power = math.floor(math.log10(least))
    candidates = (float(f"{digit}e{power + more}") for more in (0, 1) for digit in (1, 2, 5))
    return next(candidate for candidate in candidates if candidate >= least)
