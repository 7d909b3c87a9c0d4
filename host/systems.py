"""Coordinate reference systems as the engine reads them."""

from __future__ import annotations

from qgis.core import QgsCoordinateReferenceSystem


def crs_text(system: QgsCoordinateReferenceSystem) -> str:
    """Return a reference system as the engine reads it, "" for none: QGIS's own codes mean nothing outside of it."""
    if not system.isValid():
        return ""
    code = system.authid()
    return code if code.startswith("EPSG:") else system.toWkt()
