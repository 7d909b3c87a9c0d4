"""GDAL as the engine uses it: errors are exceptions, nothing is printed, the block cache is bounded."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator

from osgeo import gdal, ogr, osr

from ..errors import InvalidCRSError

_AUTHORITY_CODE = re.compile(r"[A-Za-z]+:\w+")
CACHE_BYTES = 128 * 2**20

# Set before the modules' own handlers, which pass on to it what they do not raise.
gdal.SetErrorHandler("CPLQuietErrorHandler")
_MODULES = (gdal, ogr, osr)
# How the names of projections begin that show the whole Earth.
_WORLD_MAPS = (
    *("Mercator", "Equirectangular", "Cylindrical_Equal_Area", "Miller", "Gall", "Mollweide", "Robinson", "Sinusoidal"),
    *("Equal Earth", "Natural_Earth", "Goode", "Interrupted_Goode", "Winkel", "Eckert", "Patterson"),
)
for _module in _MODULES:
    _module.UseExceptions()
gdal.SetCacheMax(CACHE_BYTES)


@contextlib.contextmanager
def reported_failures() -> Iterator[None]:
    """Raise what GDAL reports inside the ``with`` statement even where it raises nothing itself.

    When a dataset is closed the last blocks and the directory are written; a full disk that shows then only reaches
    the error handler, since Python ignores exceptions of destructors.

    Raises
    ------
    RuntimeError
        With the first failure's text.
    """
    failures: list[str] = []
    # GDAL 3.6 keeps the modules' handlers on one stack, so they are taken off in reverse order.
    for module in reversed(_MODULES):
        module.DontUseExceptions()
    gdal.PushErrorHandler(lambda kind, _, text: failures.append(text) if kind >= gdal.CE_Failure else None)
    try:
        yield
    finally:
        gdal.PopErrorHandler()
        for module in _MODULES:
            module.UseExceptions()
    if failures:
        raise RuntimeError(failures[0])


def spatial_reference(wkt: str) -> osr.SpatialReference:
    """Return a reference system from WKT, with x before y whatever its authority says."""
    reference = osr.SpatialReference()
    reference.ImportFromWkt(wkt)
    reference.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
    return reference


def crs_from_text(text: str) -> str:
    """Return the WKT of a reference system given as an authority's code, such as EPSG:32719, or as WKT.

    Raises
    ------
    InvalidCRSError
        If there is no such system.
    """
    reference = osr.SpatialReference()
    try:
        # GDAL alone would also read files and addresses.
        if _AUTHORITY_CODE.fullmatch(text.strip()):
            reference.SetFromUserInput(text.strip())
        else:
            reference.ImportFromWkt(text)
    except RuntimeError as error:
        raise InvalidCRSError(f"There is no reference system {text!r}; name one such as EPSG:32719.") from error
    return str(reference.ExportToWkt())


def is_alpha(band: gdal.Band) -> bool:
    """Whether a band says which pixels are valid.

    GDAL takes the last of four byte bands for one when it creates a file; a band with a description of its own is not.
    """
    taken = band.GetColorInterpretation() == gdal.GCI_AlphaBand
    return bool(taken and band.GetDescription().lower() in ("", "alpha"))


def is_world_map(reference: osr.SpatialReference) -> bool:
    """Whether a reference system shows the whole Earth on one map, as the Mercator projections do.

    Its lengths are true along a few lines only, whatever its areas are.
    """
    return (reference.GetAttrValue("PROJECTION") or "").startswith(_WORLD_MAPS)


def same_crs(first: str, second: str) -> bool:
    """Whether two WKT texts mean one reference system; two missing ones are the same."""
    if not first or not second:
        return first == second
    return bool(spatial_reference(first).IsSame(spatial_reference(second)))


def metres_per_unit(crs: str, what: str) -> float:
    """Return the length of one map unit, in metres.

    Parameters
    ----------
    crs : str
        Reference system as WKT; empty where there is none.
    what : str
        What is in the system, for messages.

    Raises
    ------
    InvalidCRSError
        If the reference system is missing, counts in degrees, or has no metres on the ground: geocentric ones and
        maps of the whole world, such as web maps' Mercator.
    """
    if not crs:
        raise InvalidCRSError(f"{what} has no coordinate reference system; assign the projected one it was made in.")
    reference = spatial_reference(crs)
    if reference.IsGeographic():
        raise InvalidCRSError(
            f"{what} is in degrees ({reference.GetName()}), but lengths and areas need metres; "
            "reproject it to a projected system, such as the UTM zone of the place."
        )
    if reference.IsGeocentric() or is_world_map(reference):
        raise InvalidCRSError(
            f"{what} has the reference system {reference.GetName()}, which does not give lengths and areas on the "
            "ground; reproject it to one that does, such as the UTM zone of the place."
        )
    return float(reference.GetLinearUnits())


__all__ = [
    "crs_from_text",
    "gdal",
    "is_alpha",
    "is_world_map",
    "metres_per_unit",
    "ogr",
    "osr",
    "reported_failures",
    "same_crs",
    "spatial_reference",
]
