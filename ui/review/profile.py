"""A profile down a landform, sampled from rasters through QGIS."""

from __future__ import annotations

from dataclasses import dataclass

from qgis.core import (
    QgsCoordinateReferenceSystem,
    QgsCoordinateTransform,
    QgsCsException,
    QgsGeometry,
    QgsPoint,
    QgsPointXY,
    QgsProject,
    QgsRasterLayer,
)

from .reviewlayer import in_metres

# Elevations that a landform's flow line is drawn from, along the longer side of its box.
_RASTER = 60
# Elevation bands; and how many pixels each is wide at least, so that the steps of pixels do not turn the line.
_BANDS = 10
_BAND_PIXELS = 3.0
# Share of the points that make the line's ends.
_END = 0.03
_SAMPLES = 80


@dataclass(frozen=True)
class Source:
    """A band of a raster, sampled at points of a given reference system."""

    layer: QgsRasterLayer
    band: int
    crs: QgsCoordinateReferenceSystem

    def at(self, points: list[QgsPointXY]) -> list[float | None]:
        """Return the values at points, None where there is none."""
        transform = QgsCoordinateTransform(self.crs, self.layer.crs(), QgsProject.instance())
        provider = self.layer.dataProvider()
        values: list[float | None] = []
        for point in points:
            try:
                value, known = provider.sample(transform.transform(point), self.band)
            except QgsCsException:
                known = False
            values.append(float(value) if known else None)
        return values


@dataclass(frozen=True)
class Profile:
    """Values at equal distances along a line from the top of a landform to its front; its length in metres."""

    line: QgsGeometry
    length: float
    elevations: list[float | None]
    likelihoods: list[float | None]


def profile(outline: QgsGeometry, elevation: Source, heatmap: Source | None) -> Profile | None:
    """Return the profile along a landform's flow line; None where there are no elevations.

    Parameters
    ----------
    outline : QgsGeometry
    elevation : Source
    heatmap : Source, optional

    Returns
    -------
    Profile or None
    """
    line = flow_line(outline, elevation)
    if line is None:
        return None
    points = [place_on(line, number / (_SAMPLES - 1)) for number in range(_SAMPLES)]
    likelihoods = heatmap.at(points) if heatmap else [None] * len(points)
    return Profile(line, in_metres(line, elevation.crs).length(), elevation.at(points), likelihoods)


def flow_line(outline: QgsGeometry, elevation: Source) -> QgsGeometry | None:
    """Return the line through the middles of a landform's elevation bands, from top to front.

    It follows a tongue that bends, and furrows and ridges do not turn it aside.
    """
    points = _inside(outline)
    heights = elevation.at(points)
    known = sorted(
        ((height, point) for height, point in zip(heights, points, strict=True) if height is not None),
        key=lambda pair: pair[0],
        reverse=True,
    )
    if len(known) < 2 or known[0][0] <= known[-1][0]:
        return None
    count = _band_count(outline, elevation)
    top, step = known[0][0], (known[0][0] - known[-1][0]) / count
    bands: list[list[QgsPointXY]] = [[] for _ in range(count)]
    for height, point in known:
        bands[min(int((top - height) / step), count - 1)].append(point)
    middles = [_middle(band) for band in bands if band]
    few = max(int(len(known) * _END), 1)
    ends = [_middle([point for _height, point in part]) for part in (known[:few], known[-few:])]
    return QgsGeometry.fromPolylineXY([ends[0], *middles, ends[1]])


def place_on(line: QgsGeometry, share: float) -> QgsPointXY:
    """Return the point of a line at a share of its length from its start, its end where rounding goes beyond it."""
    place = line.interpolate(share * line.length())
    return QgsPointXY(line.vertexAt(line.constGet().nCoordinates() - 1)) if place.isNull() else place.asPoint()


def _band_count(outline: QgsGeometry, elevation: Source) -> int:
    """Return how many elevation bands a landform has room for."""
    if elevation.layer.crs() != elevation.crs:
        return _BANDS
    box = outline.boundingBox()
    pixel = max(elevation.layer.rasterUnitsPerPixelX(), elevation.layer.rasterUnitsPerPixelY())
    return min(max(int(max(box.width(), box.height()) / (_BAND_PIXELS * pixel)), 2), _BANDS)


def mean(values: list[float | None]) -> float | None:
    """Return the mean of the values that are known."""
    known = [value for value in values if value is not None]
    return sum(known) / len(known) if known else None


def mean_elevation(outline: QgsGeometry, elevation: Source) -> float | None:
    """Return the mean elevation of a shape."""
    return mean(elevation.at(_inside(outline)))


def _inside(outline: QgsGeometry) -> list[QgsPointXY]:
    """Return points of a square grid that lie in a shape."""
    box = outline.boundingBox()
    side = max(box.width(), box.height()) / _RASTER
    if side <= 0:
        return []
    engine = QgsGeometry.createGeometryEngine(outline.constGet())
    engine.prepareGeometry()
    columns, rows = int(box.width() / side) + 1, int(box.height() / side) + 1
    points = [
        QgsPointXY(box.xMinimum() + (column + 0.5) * side, box.yMinimum() + (row + 0.5) * side)
        for row in range(rows)
        for column in range(columns)
    ]
    return [point for point in points if engine.contains(QgsPoint(point))]


def _middle(points: list[QgsPointXY]) -> QgsPointXY:
    count = len(points)
    return QgsPointXY(sum(point.x() for point in points) / count, sum(point.y() for point in points) / count)
