"""The classes of Sentinel-2's scene classification, by name."""

from __future__ import annotations

# Level-2A Algorithm Theoretical Basis Document, table of the scene classification: names shortened.
CLASSES = {
    "no_data": 0,
    "saturated": 1,
    "dark": 2,
    "cloud_shadow": 3,
    "vegetation": 4,
    "bare": 5,
    "water": 6,
    "unclassified": 7,
    "cloud_medium": 8,
    "cloud_high": 9,
    "cirrus": 10,
    "snow": 11,
}
NO_DATA = CLASSES["no_data"]
# What hides the ground that the best observation shows.
HIDING = ("cloud_shadow", "cloud_medium", "cloud_high", "cirrus", "snow")
