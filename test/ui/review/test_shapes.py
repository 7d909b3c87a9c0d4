"""Outlines grown, cut and trimmed by hand: squares whose areas can be checked by eye."""

from __future__ import annotations

import pytest
from rock_glacier_mapper.ui.review.errors import ReviewError

pytest.importorskip("qgis.core", reason="the Python bindings of QGIS are not installed")

from qgis.core import QgsCoordinateReferenceSystem, QgsGeometry, QgsPointXY, QgsRectangle
from rock_glacier_mapper.ui.review import shapes
from rock_glacier_mapper.ui.review.reviewlayer import in_metres

pytestmark = pytest.mark.usefixtures("qgis")


def box(west, south, east, north):
    return QgsGeometry.fromRect(QgsRectangle(west, south, east, north))


# An object of one pixel's column: its shortest side is the pixel of 10.
OBJECT = QgsGeometry.fromWkt("Polygon ((100 0, 110 0, 110 10, 120 10, 120 100, 100 100, 100 0))")


def test_growing_closes_the_sliver_of_a_smoothed_border():
    """The outline ends 4 short of the object; the gap of less than a pixel is filled, and nothing else."""
    grown = shapes.grown(box(0, 0, 96, 100), OBJECT, [])
    assert grown.isGeosValid()
    assert len(grown.asGeometryCollection()) == 1
    assert grown.area() == pytest.approx(9600 + OBJECT.area() + 400)


def test_growing_keeps_off_other_outlines():
    """What another candidate has stays its own."""
    other = box(110, 50, 300, 100)
    grown = shapes.grown(box(0, 0, 100, 100), OBJECT, [other])
    assert grown.intersection(other).area() == 0
    assert grown.area() == pytest.approx(10000 + OBJECT.area() - 500)
    with pytest.raises(ReviewError, match="nothing to add"):
        shapes.grown(box(0, 0, 200, 200), OBJECT, [])


def test_cutting_takes_slivers_beside_the_object_along():
    """The outline reaches 3 beyond the object; a thin tail far away stays."""
    outline = box(0, 0, 123, 100).combine(box(-200, 50, 0, 52))
    rest = shapes.cut(outline, OBJECT)
    assert rest.boundingBox().xMinimum() == -200
    assert rest.boundingBox().xMaximum() <= 110
    assert rest.area() == pytest.approx(10000 + 400, rel=0.02)
    with pytest.raises(ReviewError, match="nothing to cut"):
        shapes.cut(box(500, 500, 600, 600), OBJECT)
    with pytest.raises(ReviewError, match="Reject"):
        shapes.cut(box(101, 20, 119, 90), OBJECT)


def test_a_line_divides_an_outline_by_its_sides():
    """A horseshoe falls into two pieces on one side of the line and one on the other."""
    horseshoe = box(0, 0, 100, 100).difference(box(30, 40, 70, 100))
    left, right, uncut = shapes.divided(horseshoe, [QgsPointXY(-10, 60), QgsPointXY(110, 60)])
    assert uncut.isEmpty()
    assert sorted([left.area(), right.area()]) == pytest.approx([2 * 30 * 40, 100 * 40 + 2 * 30 * 20])
    with pytest.raises(ReviewError, match="does not cut"):
        shapes.divided(horseshoe, [QgsPointXY(-10, 200), QgsPointXY(110, 200)])


def test_a_line_across_one_arm_leaves_the_other():
    """The rest's middle lies in the long arm, above the line; a part that the line does not reach is not cut."""
    arms = QgsGeometry.fromWkt("Polygon ((0 0, 100 0, 100 200, 60 200, 60 30, 40 30, 40 120, 0 120, 0 0))")
    far = box(300, 100, 350, 200)
    line = [QgsPointXY(-5, 90), QgsPointXY(50, 90)]
    left, right, uncut = shapes.divided(arms.combine(far), line)
    assert left.area() == pytest.approx(40 * 30)
    assert right.area() == pytest.approx(arms.area() - 40 * 30)
    assert uncut.area() == pytest.approx(far.area())


@pytest.mark.parametrize(("gap", "closed"), [(5, True), (10, True), (15, False)])
def test_growing_closes_gaps_of_one_pixel_at_most(gap, closed):
    """The pixel is 10 wide."""
    grown = shapes.grown(box(0, 0, 100 - gap, 100), OBJECT, [])
    assert (len(grown.asGeometryCollection()) == 1) == closed


def test_the_common_border_chooses_the_neighbour():
    """Longest border first; apart, the nearest."""
    square = box(0, 0, 10, 10)
    assert shapes.common_border(square, box(10, 0, 20, 8)) == pytest.approx(8)
    assert shapes.common_border(square, box(10, 10, 20, 20)) == 0
    assert shapes.common_border(square, box(13, 0, 20, 10)) == -3


def test_measures_in_metres_from_degrees_and_feet():
    """A hundredth of a degree at 60 degrees north; a square of a thousand feet."""
    degrees = in_metres(box(10, 60, 10.01, 60.01), QgsCoordinateReferenceSystem("EPSG:4326"))
    measured = shapes.measures(degrees)
    assert measured["area_m2"] == pytest.approx(557.8 * 1114.1, rel=2e-3)
    assert (measured["width_m"], measured["length_m"]) == (pytest.approx(558, rel=5e-3), pytest.approx(1114, rel=5e-3))
    feet = in_metres(box(0, 0, 1000, 1000), QgsCoordinateReferenceSystem("EPSG:2263"))
    assert shapes.measures(feet)["perimeter_m"] == pytest.approx(4000 * 1200 / 3937, rel=1e-5)


def test_bytes_of_a_geometry_and_back():
    """What is written for a layer of multipolygons is one, with its envelope."""
    from rock_glacier_mapper.ui.review.geopackage import envelope_of

    square = box(0, 0, 10, 20)
    multi = QgsGeometry(square).coerceToType(6)[0]
    blob = shapes.to_blob(square, multi.wkbType(), 32719)
    assert envelope_of(blob) == (0, 0, 10, 20)
    assert shapes.from_blob(blob).asWkt() == multi.asWkt()
    assert shapes.from_blob(None).isNull()
