"""Layers in degrees (WGS 84): the system in which inventories are exchanged, and in which layers of any two meet."""

from __future__ import annotations

import numpy as np
import shapely
from numpy.typing import NDArray

from ..errors import InvalidVectorError
from ..progress import Progress
from ..rasters.geodata import osr, same_crs, spatial_reference
from .vector import VectorLayer, read_layer

Geometries = NDArray[np.object_]


def wgs84() -> str:
    """Return WGS 84 in degrees as WKT."""
    reference = osr.SpatialReference()
    reference.ImportFromEPSG(4326)
    return str(reference.ExportToWkt())


def read_in_degrees(source: str, progress: Progress) -> VectorLayer:
    """Read a layer of polygons in WGS 84, and tell how many were repaired.

    Parameters
    ----------
    source : str
        A path, or QGIS's form ``path|layername=name``.
    progress : Progress

    Raises
    ------
    InvalidVectorError
        If the layer cannot be read, has no reference system, or its coordinates are not in the one that it states.
    """
    layer = read_layer(source, crs=wgs84(), progress=progress)
    _check_degrees(source, layer.geometries)
    if layer.repaired:
        progress.warn(f"Invalid polygons of {source} that were repaired: {layer.repaired}.")
    return layer


def _check_degrees(source: str, geometries: Geometries) -> None:
    """Refuse coordinates that are no degrees: metres with the wrong system assigned."""
    if not len(geometries):
        return
    west, south, east, north = shapely.total_bounds(geometries)
    if not (west >= -360 and east <= 360 and south >= -90 and north <= 90):
        raise InvalidVectorError(
            f"{source} has longitudes from {west:.6g} to {east:.6g} and latitudes from {south:.6g} to {north:.6g}; its "
            "coordinates are not in the reference system that it states. Assign the one that it was made in."
        )


def transformed(geometries: Geometries, crs: str, wanted: str, what: str) -> Geometries:
    """Return geometries in another reference system.

    Parameters
    ----------
    geometries : array of shapely geometries, shape (n,)
    crs, wanted : str
        WKT of both systems.
    what : str
        Whose geometries they are, for messages.

    Raises
    ------
    InvalidVectorError
        If they have no reference system, or cannot be transformed.
    """
    if not crs:
        raise InvalidVectorError(f"{what} has no coordinate reference system; assign the one that it was made in.")
    if same_crs(crs, wanted):
        return geometries
    change = osr.CoordinateTransformation(spatial_reference(crs), spatial_reference(wanted))
    try:
        return _changed(geometries, change)
    except RuntimeError as error:
        raise InvalidVectorError(
            f"{what} holds coordinates that its reference system, {spatial_reference(crs).GetName()}, does not have: "
            f"{error}. Assign the system that it was made in."
        ) from error


def _changed(geometries: Geometries, change: osr.CoordinateTransformation) -> Geometries:
    def moved(points: NDArray[np.float64]) -> NDArray[np.float64]:
        if not len(points):
            return points
        result: NDArray[np.float64] = np.array(change.TransformPoints(points.tolist()))[:, :2]
        if not np.isfinite(result).all():
            raise RuntimeError("some lie outside of it")
        return result

    changed: Geometries = shapely.transform(geometries, moved)
    return changed
