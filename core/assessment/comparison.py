"""What the accuracy stage compares: two layers of landforms in one system of metres, cut to one area."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray

from ..contracts.accuracy import AccuracyOptions
from ..errors import InvalidCRSError, InvalidVectorError
from ..inventories.counted import counted, identifiers
from ..inventories.tables import find_column
from ..progress import Progress
from ..provenance import Step
from ..rasters.geodata import is_world_map, osr, spatial_reference
from ..vectors.vector import VectorLayer, other_layers, read_layer
from .matching import Areas, Geometries, Indices, cut, dissolve, landforms

ID_COLUMNS = ("landform_id", "object_id", "primaryid", "id", "src_id", "name")
"""Columns that may identify a feature, in order of preference; the case of letters does not matter."""


# Side of the square, in metres, by which a reference system is tried, and what its area may be wrong by.
_SIDE = 1000.0
_TRUE_AREA = 1e-2


@dataclass(frozen=True)
class Landforms:
    """The landforms of one layer that take part in a comparison.

    Attributes
    ----------
    source : str
        The layer that they come from, as given.
    geometries : ndarray of MultiPolygon, shape (n,)
        Cut to the compared area.
    whole_areas : ndarray of float, shape (n,)
        Areas (m2) before cutting.
    columns : dict of ndarray, shape (n,)
        Attributes of the features.
    ids : list of str
        What identifies each feature in its own layer.
    repaired : int
        Polygons that had to be made valid.
    provenance : sequence of dict
        Steps that made the layer.
    unread : sequence of str
        Other layers of the file, if the source names none.
    left_out : sequence of str
        Sentences about outlines of the layer that are no landforms.
    """

    source: str
    geometries: Geometries
    whole_areas: Areas
    columns: dict[str, NDArray[Any]]
    ids: list[str]
    repaired: int
    provenance: Sequence[Step]
    unread: Sequence[str] = ()
    left_out: Sequence[str] = ()

    def __len__(self) -> int:
        return len(self.geometries)

    @cached_property
    def ground(self) -> Geometries:
        """The landforms dissolved into polygons that do not overlap."""
        return dissolve(self.geometries)

    @property
    def cut_count(self) -> int:
        """How many landforms lie partly outside the compared area."""
        return int(np.sum(self.whole_areas - shapely.area(self.geometries) > 1e-6 * self.whole_areas))


@dataclass(frozen=True)
class Comparison:
    """Two layers that can be compared.

    Attributes
    ----------
    mapped, reference : Landforms
    area : ndarray of Polygon
        The compared area, without overlaps; empty for no limit.
    crs : str
        WKT of the system of all geometries; areas are true and in square metres.
    reprojected : bool
        Whether that is another system than the mapped layer's.
    """

    mapped: Landforms
    reference: Landforms
    area: Geometries
    crs: str
    reprojected: bool


def read_comparison(options: AccuracyOptions, progress: Progress) -> Comparison:
    """Read both layers in one system of metres and cut them to the area.

    Raises
    ------
    InvalidVectorError
        If a layer cannot be read, or the area has no polygons.
    InvalidCRSError
        If a layer has no reference system.
    """
    mapped = read_layer(options.mapped)
    reference = read_layer(options.reference, crs=mapped.crs)
    crs = metric_crs(mapped.crs, np.concatenate([mapped.geometries, reference.geometries]))
    reprojected = crs != mapped.crs
    if reprojected:
        mapped = read_layer(options.mapped, crs=crs)
        reference = read_layer(options.reference, crs=crs)
    progress.report(0.4)
    area = _area(options.area, crs)
    return Comparison(
        _landforms(options.mapped, mapped, area, progress.part(0.4, 0.7)),
        _landforms(options.reference, reference, area, progress.part(0.7, 1.0)),
        np.empty(0, dtype=object) if area is None else area,
        crs,
        reprojected,
    )


def metric_crs(crs: str, geometries: Geometries) -> str:
    """Return a reference system in which areas of the geometries are true, as WKT.

    That is their own when it is projected, counts in metres, and gives true areas there, to one per cent, as the UTM
    zone of the place does. For all others it is a Lambert azimuthal equal-area projection centred on the geometries.

    Parameters
    ----------
    crs : str
        WKT of the geometries' system.
    geometries : ndarray of shapely geometries

    Raises
    ------
    InvalidCRSError
        If `crs` is empty or is tied to no place on Earth.
    """
    own = spatial_reference(crs) if crs else None
    # GeoPackage writes "Undefined geographic SRS" or "Undefined Cartesian SRS" where a layer has none.
    if own is None or own.GetName().startswith("Undefined "):
        raise InvalidCRSError(
            "The mapped outlines have no coordinate reference system; assign the one that they were made in."
        )
    try:
        equal_area = _equal_area_crs(*_centre(own, geometries))
        if own.IsProjected() and math.isclose(own.GetLinearUnits(), 1.0) and not is_world_map(own):
            return crs if _has_true_areas(own, equal_area, geometries) else equal_area
        return equal_area
    except RuntimeError as error:
        raise InvalidCRSError(
            f"The mapped outlines' coordinates cannot be placed on Earth with their system, {own.GetName()}: {error}"
        ) from error


def _has_true_areas(crs: osr.SpatialReference, equal_area: str, geometries: Geometries) -> bool:
    """Whether a square in the middle of the geometries is as large in their own system as on the ground."""
    if len(geometries) == 0:
        return True
    left, bottom, right, top = shapely.total_bounds(geometries)
    x, y = (left + right) / 2, (bottom + top) / 2
    transformation = osr.CoordinateTransformation(crs, spatial_reference(equal_area))
    corners = [(x + dx, y + dy) for dx, dy in ((0, 0), (_SIDE, 0), (_SIDE, _SIDE), (0, _SIDE))]
    square = shapely.Polygon([point[:2] for point in transformation.TransformPoints(corners)])
    return math.isclose(square.area, _SIDE**2, rel_tol=_TRUE_AREA)


def _centre(crs: osr.SpatialReference, geometries: Geometries) -> tuple[float, float]:
    """Return latitude and longitude of the middle of the geometries' extent, to a hundredth of a degree."""
    if len(geometries) == 0:
        return 0.0, 0.0
    left, bottom, right, top = shapely.total_bounds(geometries)
    world = osr.SpatialReference()
    world.SetWellKnownGeogCS("WGS84")
    world.SetAxisMappingStrategy(osr.OAMS_TRADITIONAL_GIS_ORDER)
    transformation = osr.CoordinateTransformation(crs, world)
    longitude, latitude, _ = transformation.TransformPoint((left + right) / 2, (bottom + top) / 2)
    return round(latitude, 2), round(longitude, 2)


def _equal_area_crs(latitude: float, longitude: float) -> str:
    reference = osr.SpatialReference()
    reference.SetProjCS(f"Lambert azimuthal equal-area around {latitude:g}, {longitude:g}")
    reference.SetWellKnownGeogCS("WGS84")
    reference.SetLAEA(latitude, longitude, 0.0, 0.0)
    return str(reference.ExportToWkt())


def _area(source: str, crs: str) -> Geometries | None:
    """Return the dissolved polygons of the area, None for no limit."""
    if not source:
        return None
    area = dissolve(read_layer(source, crs=crs, columns=()).geometries)
    if len(area) == 0:
        raise InvalidVectorError(
            f"The area {source} has no polygons; give the polygons that the reference covers, or no area for no limit."
        )
    return area


def _landforms(source: str, layer: VectorLayer, area: Geometries | None, progress: Progress) -> Landforms:
    is_counted, left_out = counted(layer.columns, len(layer))
    places = np.flatnonzero(is_counted)
    whole, kept = landforms(layer.geometries[places])
    geometries, within = (whole, np.arange(len(whole))) if area is None else cut(whole, area, progress)
    rows = places[kept[within]]
    columns = {name: values[rows] for name, values in layer.columns.items()}
    whole_areas = shapely.area(whole[within])
    return Landforms(
        source,
        geometries,
        whole_areas,
        columns,
        _ids(columns, rows),
        layer.repaired,
        layer.provenance,
        other_layers(source),
        left_out,
    )


def _ids(columns: dict[str, NDArray[Any]], rows: Indices) -> list[str]:
    """Return each feature's value in the layer's id column, or without one its place among the polygons, from 1."""
    places = (rows + 1).tolist()
    column = find_column(list(columns), *ID_COLUMNS)
    return identifiers(columns[column].tolist() if column else places, places)
