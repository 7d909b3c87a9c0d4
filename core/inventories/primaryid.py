"""The identifier of units: `RGU` or `RGS`, latitude and longitude of the marker (WGS 84) with four decimals, no point.

`RGU384455N1092526W` is the unit at 38.4455 N, 109.2526 W: 18 characters.
"""

from __future__ import annotations

import re
from typing import NamedTuple

UNIT = "RGU"
_PATTERN = re.compile(r"(RGU|RGS)(\d{2})(\d{4})([NS])(\d{3})(\d{4})([EW])")

# Some round the fourth decimal, others cut it off.
TOLERANCE = 1.0001e-4
"""By how much, in degrees, a marker may lie from where its identifier says."""


class Place(NamedTuple):
    """What an identifier says: unit (RGU) or system (RGS), longitude and latitude in degrees."""

    kind: str
    longitude: float
    latitude: float


def primary_id(longitude: float, latitude: float) -> str:
    """Return the identifier of the unit whose marker lies at a place in degrees (WGS 84); decimals are rounded."""
    across = (longitude + 180) % 360 - 180
    north, east = round(abs(latitude) * 1e4), round(abs(across) * 1e4)
    return f"{UNIT}{north:06d}{'N' if latitude >= 0 else 'S'}{east:07d}{'E' if across >= 0 else 'W'}"


def parse_primary_id(text: object) -> Place | None:
    """Return what an identifier says, None where the text is none."""
    match = _PATTERN.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        return None
    kind, north, north_decimals, hemisphere, east, east_decimals, side = match.groups()
    latitude, longitude = int(north + north_decimals) / 1e4, int(east + east_decimals) / 1e4
    if latitude > 90 or longitude > 180:
        return None
    return Place(kind, longitude if side == "E" else -longitude, latitude if hemisphere == "N" else -latitude)


def fits(text: object, longitude: float, latitude: float) -> bool:
    """Whether an identifier says where a marker lies, be its decimals rounded or cut off."""
    place = parse_primary_id(text)
    if place is None:
        return False
    apart = abs((place.longitude - longitude + 180) % 360 - 180)
    return apart <= TOLERANCE and abs(place.latitude - latitude) <= TOLERANCE
