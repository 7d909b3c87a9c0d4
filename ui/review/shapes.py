"""What the review does with geometries, through QGIS: to the file and back, grow and cut by objects, trim, measure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

from qgis.core import Qgis, QgsGeometry, QgsPointXY, QgsWkbTypes

from .errors import ReviewError
from .geopackage import Value, blob_of, wkb_of

_SEGMENTS = 1
# A mitre this long keeps the corners of pixels.
_MITRE = 2.0
# Slivers are narrower than this many pixels.
_SLIVER = 1.0
_ROUNDING = 1e-6
# Which side of a line a piece lies on is told so near to the line, as a share of its length.
_BESIDE = 1e-3
# Common borders that were drawn by hand never agree to the last digit.
_LEAST_OVERLAP = 0.001


def to_blob(geometry: QgsGeometry, wkb_type: QgsWkbTypes.Type, srs_id: int) -> bytes:
    """Return a geometry as the file holds it, in the layer's type.

    Raises
    ------
    ReviewError
        If it has no area, or a type that cannot be brought to the layer's.
    """
    fitting = geometry.coerceToType(wkb_type)
    if len(fitting) != 1 or not fitting[0].area() > 0:
        raise ReviewError(
            "This shape is no polygon with an area, or has more parts than the layer takes. Take it back and draw it "
            "as one polygon."
        )
    box = fitting[0].boundingBox()
    envelope = None if fitting[0].isEmpty() else (box.xMinimum(), box.yMinimum(), box.xMaximum(), box.yMaximum())
    return blob_of(bytes(fitting[0].asWkb()), envelope, srs_id)


def from_blob(blob: bytes | None) -> QgsGeometry:
    """Return a geometry from the file; a null one for None."""
    geometry = QgsGeometry()
    if blob is not None:
        geometry.fromWkb(wkb_of(blob))
    return geometry


def measures(geometry: QgsGeometry) -> dict[str, Value]:
    """Return the columns that describe a shape given in metres, as the stage *Outlines* measures them."""
    sides = [0.0, 0.0]
    if not geometry.isEmpty():
        _box, _area, _angle, width, height = geometry.orientedMinimumBoundingBox()
        sides = sorted((width, height))
    return {
        "area_m2": geometry.area(),
        "perimeter_m": geometry.length(),
        "length_m": sides[1],
        "width_m": sides[0],
    }


def grown(outline: QgsGeometry, objects: QgsGeometry, others: Iterable[QgsGeometry]) -> QgsGeometry:
    """Add objects to an outline, close the slivers between them, and keep off the other outlines.

    Parameters
    ----------
    outline : QgsGeometry
    objects : QgsGeometry
        Whole objects along the pixels' sides.
    others : iterable of QgsGeometry
        Outlines that must not be overlapped.

    Returns
    -------
    QgsGeometry

    Raises
    ------
    ReviewError
        If nothing would be added.
    """
    width = pixel_of(objects) * _SLIVER
    added = outline.combine(objects)
    gaps = _closed(added, width).difference(added).intersection(objects.buffer(2 * width, _SEGMENTS))
    for part in (gaps,) if not gaps.isEmpty() else ():
        added = added.combine(part)
    for other in others:
        if other.intersects(added):
            added = added.difference(other)
    added = _polygons(added)
    if added.isEmpty() or added.difference(outline).area() <= 0:
        raise ReviewError("There is nothing to add here: the objects lie within this outline or within another one.")
    return added


def cut(outline: QgsGeometry, objects: QgsGeometry) -> QgsGeometry:
    """Take objects away from an outline, and the slivers that would stay between them and its border.

    Raises
    ------
    ReviewError
        If nothing or everything would be taken.
    """
    if not outline.intersects(objects):
        raise ReviewError("There is nothing to cut here: the objects lie outside this outline.")
    width = pixel_of(objects) * _SLIVER
    rest = outline.difference(objects)
    thick = rest.buffer(-width / 2, _SEGMENTS, *_style()).buffer(width / 2, _SEGMENTS, *_style())
    slivers = rest.difference(thick).intersection(objects.buffer(2 * width, _SEGMENTS))
    # What is thin but far from the objects belongs to the outline.
    if not slivers.isEmpty():
        rest = rest.difference(slivers)
    rest = _polygons(rest)
    if rest.isEmpty():
        raise ReviewError("This would take the whole outline away. Reject the candidate instead.")
    return rest


def divided(outline: QgsGeometry, line: Iterable[QgsPointXY]) -> tuple[QgsGeometry, QgsGeometry, QgsGeometry]:
    """Cut an outline in two along a line; return what lies left and right of it, and the parts that it does not cut.

    Raises
    ------
    ReviewError
        If the line does not cross the outline.
    """
    points = list(line)
    result = QgsGeometry(outline)
    status, parts, _topology = result.splitGeometry(points, False)
    if status != QgsGeometry.OperationResult.Success or not parts:
        raise ReviewError("The line does not cut the outline in two. Draw it from outside across to the other side.")
    drawn = QgsGeometry.fromPolylineXY(points)
    beside = drawn.buffer(drawn.length() * _BESIDE, 1)
    sides: tuple[list[QgsGeometry], list[QgsGeometry], list[QgsGeometry]] = ([], [], [])
    for part in (piece for whole in (result, *parts) for piece in whole.asGeometryCollection()):
        # The middle of a winding piece may lie anywhere; what touches the line tells its side.
        near = part.intersection(beside)
        if near.isEmpty():
            sides[2].append(part)
        else:
            sides[0 if is_left(points, near.pointOnSurface().asPoint()) else 1].append(part)
    if not (sides[0] and sides[1]):
        raise ReviewError("All of the outline lies on one side of the line. Draw it across the outline.")
    left, right, uncut = (QgsGeometry.unaryUnion(side) if side else QgsGeometry() for side in sides)
    return left, right, uncut


def is_left(line: list[QgsPointXY], point: QgsPointXY) -> bool:
    """Return whether a point lies left of the nearest segment of a line."""
    _distance, _nearest, _after, side = QgsGeometry.fromPolylineXY(line).closestSegmentWithContext(point)
    return bool(side < 0)


def merged(first: QgsGeometry, second: QgsGeometry) -> QgsGeometry:
    """Return the union of two outlines."""
    return _polygons(first.combine(second))


def common_border(first: QgsGeometry, second: QgsGeometry) -> float:
    """Return how long two outlines touch, or minus the distance between them."""
    if not first.intersects(second):
        return -first.distance(second)
    shared = first.intersection(second)
    return shared.length() if shared.type() != QgsWkbTypes.GeometryType.PointGeometry else 0.0


def fault(outline: QgsGeometry, others: Mapping[int, QgsGeometry]) -> str:
    """Return a sentence on an outline that crosses itself or lies over others: such ground would count twice."""
    if not outline.isGeosValid():
        return "Saved, but the outline crosses itself. Move the vertex, or take the stroke back (Ctrl+Z)."
    covered = [str(number) for number, other in others.items() if _overlap(outline, other)]
    if not covered:
        return ""
    return (
        f"Saved, but the outline lies over candidate {', '.join(covered)}. Take the stroke back (Ctrl+Z), or reshape, "
        "merge or reject one of them: what both cover would count twice."
    )


def _overlap(first: QgsGeometry, second: QgsGeometry) -> bool:
    """Return whether two outlines share more ground than a common border drawn by hand does."""
    if not first.intersects(second):
        return False
    return bool(first.intersection(second).area() > _LEAST_OVERLAP * min(first.area(), second.area()))


def pixel_of(objects: QgsGeometry) -> float:
    """Return the shortest side of objects that follow the sides of pixels."""
    shortest = math.inf
    previous = None
    for vertex in objects.vertices():
        if previous is not None:
            step = math.hypot(vertex.x() - previous.x(), vertex.y() - previous.y())
            shortest = min(shortest, step) if step > 0 else shortest
        previous = vertex
    return 0.0 if math.isinf(shortest) else shortest


def _closed(geometry: QgsGeometry, width: float) -> QgsGeometry:
    """Close gaps that are as wide as a width, or narrower."""
    reach = width / 2 * (1 + _ROUNDING)
    return geometry.buffer(reach, _SEGMENTS, *_style()).buffer(-reach, _SEGMENTS, *_style())


def _style() -> tuple[object, object, float]:
    # The enums moved: Qgis has them from 3.22 on.
    return Qgis.EndCapStyle.Flat, Qgis.JoinStyle.Miter, _MITRE


def _polygons(geometry: QgsGeometry) -> QgsGeometry:
    """Return the polygons of a geometry, valid and with more than no area."""
    valid = geometry if geometry.isGeosValid() else geometry.makeValid()
    parts = [
        part
        for part in valid.asGeometryCollection()
        if part.type() == QgsWkbTypes.GeometryType.PolygonGeometry and part.area() > 0
    ]
    return QgsGeometry.unaryUnion(parts) if parts else QgsGeometry()
