"""Identifiers of units."""

from __future__ import annotations

import pytest
from rock_glacier_mapper.core.inventories.primaryid import fits, parse_primary_id, primary_id


@pytest.mark.parametrize(
    ("longitude", "latitude", "expected"),
    [
        (-109.2526, 38.4455, "RGU384455N1092526W"),
        (97.2426, 28.1527, "RGU281527N0972426E"),
        (-70.00004, -0.00006, "RGU000001S0700000W"),
        (0.0, -89.99999, "RGU900000S0000000E"),
        (180.0, 5.0, "RGU050000N1800000W"),
    ],
)
def test_identifier_of_a_place(longitude, latitude, expected):
    """The first two are of published inventories; the others lie on edges."""
    assert primary_id(longitude, latitude) == expected
    assert len(expected) == 18
    assert fits(expected, longitude, latitude)


@pytest.mark.parametrize(
    "text",
    [
        None,
        7,
        "",
        "RGU384455N109252W",
        "RGX384455N1092526W",
        "rgu384455N1092526W",
        "RGU914455N1092526W",
        "RGU38.445N109",
    ],
)
def test_what_is_no_identifier(text):
    """Nothing that only resembles one passes."""
    assert parse_primary_id(text) is None


def test_decimals_may_be_cut_off():
    """38.44559 N is 384456 rounded and 384455 cut off; two units of the fourth decimal away is another place."""
    assert fits("RGU384455N1092526W", -109.25265, 38.44559)
    assert not fits("RGU384455N1092526W", -109.2526, 38.44571)
