"""What a review asks of a QGIS layer: where it is stored, whether it can be reviewed, and how long its units are."""

from __future__ import annotations

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsDataProvider,
    QgsGeometry,
    QgsProject,
    QgsProviderRegistry,
    QgsUnitTypes,
    QgsVectorLayer,
    QgsWkbTypes,
)
from qgis.PyQt.QtGui import QTransform

from .errors import ReviewError
from .geopackage import connected

# How PROJ's names begin of projections that show the whole Earth; none has true lengths.
_WORLD_MAPS = (
    *("merc", "webmerc", "eqc", "cea", "mill", "moll", "robin", "sinu", "eqearth", "natearth", "goode", "igh", "wink"),
    *("eck", "gall", "patterson"),
)


def location(layer: QgsVectorLayer) -> tuple[str, str]:
    """Return the GeoPackage of a layer and the layer's name in it.

    Raises
    ------
    ReviewError
        If the layer is in no GeoPackage.
    """
    parts = QgsProviderRegistry.instance().decodeUri(layer.providerType(), layer.source())
    path = parts.get("path") or ""
    if layer.providerType() != "ogr" or not path.lower().endswith(".gpkg"):
        raise ReviewError(
            f"{layer.name()} is in no GeoPackage, so its review could not be journalled. Save it as one (Export > Save "
            "Features As) and review that."
        )
    name = parts.get("layerName") or _name_by_number(layer, parts.get("layerId"))
    if not name:
        with connected(path) as connection:
            rows = connection.execute("SELECT table_name FROM gpkg_geometry_columns ORDER BY rowid").fetchall()
        if not rows:
            raise ReviewError(f"{path} has no layer with geometries.")
        name = rows[0][0]
    return path, name


def _name_by_number(layer: QgsVectorLayer, number: int | None) -> str:
    """Return the name of a layer that was opened by its number in the file."""
    if number is None:
        return ""
    layers = (text.split(QgsDataProvider.sublayerSeparator()) for text in layer.dataProvider().subLayers())
    return next((parts[1] for parts in layers if parts[0] == str(number)), "")


def check(layer: QgsVectorLayer) -> None:
    """Refuse layers that cannot be reviewed, or not now.

    Raises
    ------
    ReviewError
    """
    if QgsWkbTypes.geometryType(layer.wkbType()) != QgsWkbTypes.GeometryType.PolygonGeometry:
        raise ReviewError(f"{layer.name()} holds no polygons. Choose the layer of outlines.")
    if layer.isModified():
        raise ReviewError(f"{layer.name()} has unsaved edits. Save or discard them first, then start the review.")
    if layer.subsetString():
        raise ReviewError(
            f"{layer.name()} has a filter, which would hide candidates. Remove it (Layer > Filter) first."
        )
    if layer.dataProvider().transaction() is not None:
        raise ReviewError(
            "The project collects edits in one transaction. Switch Project > Properties > Data Sources > transaction "
            "mode to local edit buffering, then start the review."
        )
    if layer.readOnly():
        raise ReviewError(
            f"{layer.name()} is marked read-only in Project > Properties > Data Sources. Unmark it there."
        )


def in_metres(geometry: QgsGeometry, crs: QgsCoordinateReferenceSystem) -> QgsGeometry:
    """Return a geometry in metres: one in degrees, or of a map of the world, in an equal-area projection about it."""
    result = QgsGeometry(geometry)
    if result.isEmpty():
        return result
    if crs.isGeographic() or crs.projectionAcronym().startswith(_WORLD_MAPS):
        world, project = QgsCoordinateReferenceSystem("EPSG:4326"), QgsProject.instance()
        middle = QgsCoordinateTransform(crs, world, project).transform(result.boundingBox().center())
        local = QgsCoordinateReferenceSystem.fromProj(
            f"+proj=laea +lat_0={middle.y()} +lon_0={middle.x()} +datum=WGS84 +units=m"
        )
        result.transform(QgsCoordinateTransform(crs, local, project))
        return result
    factor = QgsUnitTypes.fromUnitToUnitFactor(crs.mapUnits(), QgsUnitTypes.DistanceUnit.DistanceMeters)
    result.transform(QTransform.fromScale(factor, factor))
    return result
