"""Units that are told from the values: what is refused, what is warned of, and what is left alone."""

from __future__ import annotations

import numpy as np
import pytest
from rock_glacier_mapper.core.errors import ModelMismatchError
from rock_glacier_mapper.core.networks.card import Normalisation
from rock_glacier_mapper.core.networks.valueranges import BandSample, check_ranges
from rock_glacier_mapper.core.progress import Progress

PICTURE = Normalisation(87.0, 36.0, 0.0, 255.0)
REFLECTANCE = Normalisation(0.1, 0.06, 0.0, 1.0)
INTEGERS = Normalisation(1000.0, 600.0, 0.0, 10000.0)
CURVATURE = Normalisation(0.0, 0.3, -4.0, 4.0)
SLOPE = Normalisation(30.0, 15.0, 0.0, 80.0)
FRACTIONS = np.linspace(0.02, 0.6, 500, dtype=np.float32)


class Listener(Progress):
    def __init__(self) -> None:
        self.warnings: list[str] = []

    def warn(self, message: str) -> None:
        self.warnings.append(message)


def check(*bands: tuple[str, Normalisation, np.ndarray]) -> list[str]:
    """Return the warnings."""
    listener = Listener()
    check_ranges([BandSample(*band) for band in bands], "stack.tif", "model", listener)
    return listener.warnings


@pytest.mark.parametrize("expected", [PICTURE, INTEGERS])
def test_reflectance_for_larger_numbers_is_refused(expected):
    """It lies within 0..255 and within 0..10000, but as a black picture, whose heatmap means nothing."""
    with pytest.raises(ModelMismatchError, match=r"B04 holds values from 0\.0\d+ to 0\.59\d only, less than 1%"):
        check(("B04", expected, FRACTIONS), ("B03", expected, FRACTIONS), ("slope", SLOPE, FRACTIONS * 60))


@pytest.mark.parametrize("factor", [255, 10000])
def test_larger_numbers_for_reflectance_are_refused(factor):
    """The reverse: everything would be clipped to white."""
    with pytest.raises(ModelMismatchError, match="expects 0 to 1"):
        check(("B04", REFLECTANCE, FRACTIONS * factor))


def test_numbers_of_ten_thousand_for_a_picture_are_refused():
    """Unscaled reflectance where a stretched picture is expected."""
    with pytest.raises(ModelMismatchError, match="expects 0 to 255"):
        check(("B04", PICTURE, FRACTIONS * 10000 + 400))


def test_reflectance_for_a_card_without_a_range_is_refused():
    """Such as Deepness's, which divides bytes by 255 and says no more."""
    bytes_expected = Normalisation(0.0, 255.0)
    with pytest.raises(ModelMismatchError, match=r"B04 holds values from .* standard deviation of 255 is expected"):
        check(("B04", bytes_expected, FRACTIONS), ("B03", bytes_expected, FRACTIONS))


def test_one_narrow_band_is_a_warning():
    """Slope may be small over a plain, whose other bands are as they should be."""
    optical = [(role, REFLECTANCE, FRACTIONS) for role in ("B03", "B04")]
    warnings = check(*optical, ("slope", SLOPE, FRACTIONS))
    assert len(warnings) == 1
    assert "Band slope holds values from" in warnings[0]


@pytest.mark.parametrize(
    ("expected", "values"),
    [
        (PICTURE, FRACTIONS * 250),
        (PICTURE, np.tile([0, 1, 2], 100)),
        (PICTURE, np.zeros(100)),
        (PICTURE, np.full(100, 0.5)),
        (Normalisation(0.0, 1.0), 0.8 + FRACTIONS * 1e-7),
        (CURVATURE, FRACTIONS * 0.05),
        (Normalisation(0.0, 255.0), FRACTIONS * 255),
        (PICTURE, np.full(100, np.nan)),
    ],
    ids=[
        "bright",
        "dark bytes",
        "black",
        "constant",
        "constant but for rounding",
        "near the middle",
        "no range",
        "no values",
    ],
)
def test_what_has_another_reason_is_left_alone(expected, values):
    """Darkness, flatness and missing values are no units."""
    assert check(("band", expected, np.asarray(values, np.float32))) == []
