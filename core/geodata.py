"""GDAL as the engine uses it: errors are exceptions, nothing is printed, the block cache is bounded."""

from __future__ import annotations

from osgeo import gdal, ogr, osr

CACHE_BYTES = 128 * 2**20

gdal.UseExceptions()
ogr.UseExceptions()
osr.UseExceptions()
gdal.SetErrorHandler("CPLQuietErrorHandler")
gdal.SetCacheMax(CACHE_BYTES)


def spatial_reference(wkt: str) -> osr.SpatialReference:
    """Return a reference system from WKT, with x before y whatever its authority says."""
    reference = osr.SpatialReference()
    reference.ImportFromWkt(wkt)
    reference.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
    return reference


def same_crs(first: str, second: str) -> bool:
    """Whether two WKT texts mean one reference system; two missing ones are the same."""
    if not first or not second:
        return first == second
    return bool(spatial_reference(first).IsSame(spatial_reference(second)))


__all__ = ["gdal", "ogr", "osr", "same_crs", "spatial_reference"]
