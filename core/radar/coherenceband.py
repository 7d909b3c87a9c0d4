"""How coherence is stored."""

from __future__ import annotations

from ..rasters.raster import Band

ROLE = "coherence"
# Type, nodata and scale of each storage type.
_STORED = {"float32": ("float32", -9999.0, 1.0), "uint16": ("uint16", 65535.0, 0.0001), "byte": ("uint8", 255.0, 0.004)}


def coherence_band(role: str, storage: str) -> Band:
    """Return the band of a coherence or of a statistic of it, 0..1."""
    dtype, nodata, scale = _STORED[storage]
    return Band(role, dtype, nodata, scale)


def count_band(role: str, storage: str) -> Band:
    """Return the band of a count, in the type of the coherence."""
    dtype, nodata, _ = _STORED[storage]
    return Band(role, dtype, nodata)
