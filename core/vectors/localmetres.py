"""Metres around a landform: an equal-area projection centred near it, so that lengths, angles and areas are true."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import shapely
from numpy.typing import NDArray

from ..rasters.geodata import osr, spatial_reference
from .degrees import wgs84

Points = NDArray[np.float64]

# Landforms of one cell share a projection. Areas are true everywhere in it; at its corner, 20 km from the centre,
# lengths are wrong by a millionth, and north by a tenth of a degree.
_CELL_DEGREES = 0.25


class LocalMetres:
    """Coordinates in metres around a place, east and north of the centre of a cell of a quarter of a degree.

    Lambert's azimuthal equal-area projection: areas are those of the ellipsoid.

    Parameters
    ----------
    longitude, latitude : float
        In degrees, WGS 84.
    """

    def __init__(self, longitude: float, latitude: float) -> None:
        self.crs = _projection(*(round(value / _CELL_DEGREES) * _CELL_DEGREES for value in (latitude, longitude)))

    @classmethod
    def around(cls, geometry: shapely.Geometry) -> LocalMetres:
        """Return those around the middle of a geometry's extent, in degrees."""
        west, south, east, north = geometry.bounds
        return cls((west + east) / 2, (south + north) / 2)

    def geometry(self, geometry: shapely.Geometry, crs: str = "") -> shapely.Geometry:
        """Return a geometry in metres; its system is WGS 84 unless another is given."""
        return shapely.transform(geometry, lambda points: self.points(points, crs))

    def points(self, points: Points, crs: str = "") -> Points:
        """Return points, shape (n, 2), in metres; their system is WGS 84 unless another is given."""
        if not len(points):
            return points
        moved: Points = np.array(_change(crs or _wgs84(), self.crs).TransformPoints(points.tolist()))[:, :2]
        return moved


@lru_cache(maxsize=1)
def _wgs84() -> str:
    return wgs84()


@lru_cache(maxsize=4096)
def _projection(latitude: float, longitude: float) -> str:
    reference = osr.SpatialReference()
    reference.SetProjCS(f"Lambert azimuthal equal-area around {latitude:g}, {longitude:g}")
    reference.SetWellKnownGeogCS("WGS84")
    reference.SetLAEA(latitude, longitude, 0.0, 0.0)
    return str(reference.ExportToWkt())


@lru_cache(maxsize=1024)
def _change(crs: str, wanted: str) -> osr.CoordinateTransformation:
    return osr.CoordinateTransformation(spatial_reference(crs), spatial_reference(wanted))
