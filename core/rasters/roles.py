"""What a band holds, by one name whatever its file calls it."""

from __future__ import annotations

import re

# A heatmap's band of the class that is mapped; a further class has its name behind it, with an underscore.
HEATMAP = "heatmap"

# Sentinel-2's names stand for the colours of any sensor, so that a rule on B04_mean means red everywhere.
_SAME = {
    "red": "B04",
    "green": "B03",
    "blue": "B02",
    "nir": "B08",
    "swir16": "B11",
    "swir22": "B12",
    "b2": "B02",
    "b3": "B03",
    "b4": "B04",
    "b8": "B08",
}
_SAME.update({name.lower(): name for name in ("B02", "B03", "B04", "B08", "B11", "B12")})


def role_of(description: str, colour: str, number: int) -> str:
    """Return a band's role.

    Parameters
    ----------
    description : str
        The band's description in its file; may be empty.
    colour : str
        How the file says the band is shown (GDAL's colour interpretation, such as ``Red``); counts where there is no
        description.
    number : int
        The band's number, from 1.

    Returns
    -------
    str
        ``B04`` for red and so on; the description where it is none of the known names; ``band_N`` without one.
    """
    name = description.strip()
    if name:
        return _SAME.get(name.lower(), name)
    return _SAME.get(colour.lower(), f"band_{number}")


OPTICAL, RADAR, TERRAIN, OTHER = "optical", "radar", "terrain", "other"
"""Sources of bands: what a user has, or lacks, as a whole."""

_OPTICAL = re.compile(r"B\d{1,2}A?|re\d?|panchromatic|pan", re.IGNORECASE)
_BEGINNINGS = {
    RADAR: ("coherence", "amplitude", "backscatter", "sigma0", "gamma0", "vv", "vh", "velocity"),
    TERRAIN: (
        "elevation",
        "slope",
        "aspect",
        "profile_curvature",
        "plan_curvature",
        "curvature",
        "tpi",
        "relief",
        "ruggedness",
        "roughness",
        "hillshade",
        "local_incidence",
        "insolation",
        "illumination",
        "northness",
        "eastness",
    ),
}


def source_of(role: str) -> str:
    """Return the source that a band comes from: optical, radar, terrain or other.

    Parameters
    ----------
    role : str
        As `role_of` returns it.
    """
    if _OPTICAL.fullmatch(role):
        return OPTICAL
    name = role.lower()
    return next((source for source, beginnings in _BEGINNINGS.items() if name.startswith(beginnings)), OTHER)
