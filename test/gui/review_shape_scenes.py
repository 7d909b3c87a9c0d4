"""She corrects outlines, with QGIS's tools and with those of the review."""

from qgis.core import QgsGeometry, QgsPointXY
from qgis.PyQt.QtCore import Qt
from qgis.utils import iface
from review_steps import KEY, across, click, dock, drawn, move, outline, press, rows, session, undo, window
from rock_glacier_mapper.ui.review.profile import mean_elevation
from steps import wait


def apart(geometry):
    """Return the vertex that is farthest from all other outlines, which stop what is drawn over them."""
    others = [session().row(fid)[0] for fid in session().queue.candidates if fid != session().current]
    places = [QgsPointXY(point) for point in geometry.vertices()]
    return max(places, key=lambda place: min(other.distance(QgsGeometry.fromPointXY(place)) for other in others))


def vertices():
    """She moves a vertex with the tool of QGIS, and takes it back by a key."""
    iface.mapCanvas().setFocus()
    before = outline()
    press(KEY.Key_E)
    wait(300)
    vertex = apart(before)
    middle = before.centroid().asPoint()
    target = QgsPointXY(vertex.x() + (vertex.x() - middle.x()) * 0.4, vertex.y() + (vertex.y() - middle.y()) * 0.4)
    move(middle)
    move(vertex)
    wait(500)
    click(vertex)
    click(target)
    wait(300)
    moved = outline()
    window("review_vertices")
    modified = session().layer.isModified()
    undo()
    return {
        "grew": moved.area() - before.area(),
        "unsaved": modified,
        "undone": outline().equals(before),
        "area": rows("SELECT count(*) FROM review_rock_glaciers WHERE what = 'reshape'"),
    }


def reshape():
    """She reshapes by a line, which touches this candidate only."""
    before = outline()
    box = before.boundingBox()
    press(KEY.Key_L)
    middle = before.pointOnSurface().asPoint()
    click(middle)
    click(QgsPointXY(box.xMaximum() + box.width() * 0.15, box.yMaximum()))
    click(QgsPointXY(middle.x(), middle.y() + 1))
    click(QgsPointXY(middle.x(), middle.y() + 1), Qt.MouseButton.RightButton)
    wait(300)
    after = outline()
    undo()
    return {"changed": after.symDifference(before).area(), "undone": outline().equals(before)}


def split():
    """She cuts one in two, and joins the halves again."""
    before = outline()
    fid, count = session().current, len(session().queue.candidates)
    press(KEY.Key_K)
    ends = across(before)
    click(ends[0])
    click(ends[1])
    click(ends[1], Qt.MouseButton.RightButton)
    wait(400)
    halves = len(session().queue.candidates)
    half = outline().area() / before.area()
    window("review_split")
    session().go_to(fid)
    drawn()
    press(KEY.Key_M)
    window("review_merge")
    press(KEY.Key_Return)
    wait(300)
    return {
        "candidates": [count, halves, len(session().queue.candidates)],
        "half": half,
        "joined": outline().symDifference(before).area() / before.area(),
    }


def trim():
    """She trims at an upslope line: what is left lies lower."""
    before = outline()
    elevation = dock().desk.elevation()
    press(KEY.Key_T)
    ends = across(before)
    click(ends[0])
    move(ends[1])
    window("review_trim")
    click(ends[1])
    click(ends[1], Qt.MouseButton.RightButton)
    wait(300)
    after = outline()
    heights = mean_elevation(before, elevation), mean_elevation(after, elevation)
    undo()
    return {"kept": after.area() / before.area(), "heights": heights, "undone": outline().equals(before)}


def objects():
    """She adds an object beside the outline by a click, and takes it away again."""
    before = outline()
    layer = dock().desk.layers.objects
    near = [item.geometry() for item in layer.getFeatures(before.boundingBox().buffered(100))]
    beside = [item for item in near if item.touches(before) or item.intersection(before).area() < 0.3 * item.area()]
    beside = [item for item in beside if item.distance(before) == 0 and item.area() < before.area()]
    chosen = max(beside, key=lambda item: item.area())
    outside = chosen.difference(before).pointOnSurface().asPoint()
    press(KEY.Key_G)
    move(outside)
    window("review_grow")
    click(outside)
    wait(300)
    grown = outline()
    window("review_grown")
    press(KEY.Key_C)
    click(outside)
    wait(300)
    cut = outline()
    window("review_cut")
    for _ in range(2):
        undo()
    return {
        "object": chosen.area(),
        "added": grown.area() - before.area(),
        "parts": [len(shape.asGeometryCollection()) for shape in (before, grown, cut)],
        "cut": cut.intersection(chosen).area() / chosen.area(),
        "left": cut.area() / before.difference(chosen).area(),
        "undone": outline().equals(before),
    }


def missed():
    """She draws one that was missed."""
    count = len(session().queue.candidates)
    extent = iface.mapCanvas().extent()
    center = extent.center()
    side = extent.width() / 12
    corner = QgsPointXY(extent.xMinimum() + side, extent.yMinimum() + side)
    press(KEY.Key_D)
    for dx, dy in ((0, 0), (side, 0), (side, side), (0, side)):
        click(QgsPointXY(corner.x() + dx, corner.y() + dy))
    click(QgsPointXY(corner.x(), corner.y() + side), Qt.MouseButton.RightButton)
    wait(400)
    window("review_drawn")
    found = {
        "candidates": len(session().queue.candidates) - count,
        "status": session().candidate().status,
        "area": outline().area() / side**2,
        "center": [center.x(), center.y()],
    }
    dock().desk.leave_tool()
    return found
