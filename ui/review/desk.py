"""What a review borrows from QGIS's window and gives back at its end: the layer's style, the tools, the map's marks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from qgis.core import (
    QgsCoordinateTransform,
    QgsEditFormConfig,
    QgsFeatureRequest,
    QgsGeometry,
    QgsMapLayer,
    QgsProject,
    QgsRasterLayer,
    QgsRectangle,
    QgsVectorLayer,
    QgsWkbTypes,
)
from qgis.gui import QgisInterface, QgsMapTool, QgsRubberBand
from qgis.PyQt.QtGui import QColor

from ..qtnames import QAction
from . import backgrounds, keptstyle, maptools, profile, style
from .session import ReviewSession

# Room around a candidate, as a share of its box; and the pixels of the stack that are seen at least.
_ROOM = 0.6
_PIXELS = 60
_QGIS_TOOLS = {
    "vertices": "mActionVertexToolActiveLayer",
    "reshape": "mActionReshapeFeatures",
    "split": "mActionSplitFeatures",
}
_REASONS = 4
# What goes with a layer that leaves the project.
_LOSSES = {
    "objects": "growing, cutting and the explanations of objects",
    "stack": "backgrounds, the profile, and trimming by elevation",
    "heatmap": "the heatmap as background and in the profile",
}


@dataclass(frozen=True)
class Layers:
    """The layers of a review; all but the outlines may be missing."""

    outlines: QgsVectorLayer
    objects: QgsVectorLayer | None
    stack: QgsRasterLayer | None
    heatmap: QgsRasterLayer | None

    def among(self, layer_ids: Sequence[str]) -> dict[str, QgsMapLayer]:
        """Return those beside the outlines that have one of some ids, by their use."""
        used = {"objects": self.objects, "stack": self.stack, "heatmap": self.heatmap}
        return {use: layer for use, layer in used.items() if layer is not None and layer.id() in layer_ids}


class Desk:
    """The window's part of one review."""

    def __init__(self, iface: QgisInterface, session: ReviewSession, layers: Layers, likelihood: str | None) -> None:
        self.iface, self.session, self.layers = iface, session, layers
        self.canvas = iface.mapCanvas()
        layer = session.layer
        for item in filter(None, (layer, layers.stack)):
            keptstyle.keep(item)
        # A layer that nobody can see would be of no use in a review.
        self._opacity = layer.opacity() or 1.0
        layer.setOpacity(self._opacity)
        self._stack_look = backgrounds.Look(layers.stack) if layers.stack else None
        layer.setRenderer(style.review_renderer(likelihood))
        self._suppress_form(QgsEditFormConfig.FeatureFormSuppress.SuppressOn)
        self.background = ""
        self._tool: QgsMapTool | None = None
        self._edge = self._line(QColor("#000000"), 6)
        self._mark = self._line(QColor(style.CURRENT), 3)
        self._flow = self._line(QColor("#ffffff"), 1)
        self._point = QgsRubberBand(self.canvas, QgsWkbTypes.GeometryType.PointGeometry)
        self._point.setColor(QColor("#0072b2"))
        self._point.setIconSize(9)
        self._line_down: QgsGeometry | None = None
        iface.setActiveLayer(layer)

    def _line(self, color: QColor, width: int) -> QgsRubberBand:
        band = QgsRubberBand(self.canvas, QgsWkbTypes.GeometryType.LineGeometry)
        color.setAlpha(150 if width > 5 else 255)
        band.setColor(color)
        band.setWidth(width)
        return band

    def _suppress_form(self, how: QgsEditFormConfig.FeatureFormSuppress) -> None:
        config = self.session.layer.editFormConfig()
        config.setSuppress(how)
        self.session.layer.setEditFormConfig(config)

    def give_back(self) -> None:
        """Put everything back as it was before the review."""
        self.leave_tool()
        for band in (self._edge, self._mark, self._flow, self._point):
            self.canvas.scene().removeItem(band)
        layer = self.session.layer
        layer.removeSelection()
        keptstyle.give_back(filter(None, (layer, self.layers.stack)))
        if self.layers.stack is not None and self._stack_look is not None:
            self._stack_look.restore(self.layers.stack)

    # The map.

    def mark(self, outline: QgsGeometry | None) -> None:
        """Mark the candidate under review on the map."""
        for band in (self._edge, self._mark):
            band.reset(QgsWkbTypes.GeometryType.LineGeometry)
            if outline is not None and not outline.isEmpty():
                border = outline.convertToType(QgsWkbTypes.GeometryType.LineGeometry, True)
                band.setToGeometry(border, self.session.layer)

    def sees(self, outline: QgsGeometry) -> bool:
        """Return whether the map shows all of an outline."""
        box = maptools.box_in_map(outline.boundingBox(), self.session.layer, self.canvas)
        return bool(self.canvas.extent().contains(box))

    def zoom(self, outline: QgsGeometry) -> None:
        """Show all of a candidate with room around it."""
        box = outline.boundingBox()
        if box.isEmpty():
            return
        side = max(box.width(), box.height())
        room = max(side * _ROOM, (self._least_side() - side) / 2)
        self.canvas.setExtent(maptools.box_in_map(QgsRectangle(box).buffered(room), self.session.layer, self.canvas))
        self.canvas.refresh()

    def _least_side(self) -> float:
        """Return the side of the smallest view: a small candidate is judged by what lies around it."""
        stack = self.layers.stack
        if stack is None or stack.crs() != self.session.layer.crs():
            return 0.0
        return _PIXELS * max(stack.rasterUnitsPerPixelX(), stack.rasterUnitsPerPixelY())

    def hide_lines(self) -> None:
        """Hide all outlines, or show them again."""
        layer = self.session.layer
        hidden = layer.opacity() == 0
        layer.setOpacity(self._opacity if hidden else 0.0)
        for band in (self._edge, self._mark, self._flow):
            band.setVisible(hidden)
        layer.triggerRepaint()

    def show_flow(self, line: QgsGeometry | None) -> None:
        """Draw the line that the profile follows."""
        self._line_down = line
        self._flow.reset(QgsWkbTypes.GeometryType.LineGeometry)
        if line is not None:
            self._flow.setToGeometry(line, self.session.layer)
        self.point_at(-1.0)

    def point_at(self, share: float) -> None:
        """Mark a place on the profile's line, as a share of its length; a negative one takes the mark away."""
        self._point.reset(QgsWkbTypes.GeometryType.PointGeometry)
        if share >= 0 and self._line_down is not None:
            self._point.setToGeometry(
                QgsGeometry.fromPointXY(profile.place_on(self._line_down, share)), self.session.layer
            )

    def show_background(self, key: str) -> str:
        """Show a background; return a sentence where this cannot be done."""
        background = next(item for item in backgrounds.BACKGROUNDS if item.key == key)
        stack, heatmap = self.layers.stack, self.layers.heatmap
        own = key == backgrounds.HEATMAP and heatmap is not None
        if not own and (stack is None or not backgrounds.show(stack, background)):
            missing = " or ".join(", ".join(names) for names in background.bands)
            layer = "a heatmap, or " if key == backgrounds.HEATMAP else ""
            return (
                f"{background.title} needs {layer}a feature stack with the bands {missing}. Stop the review to choose "
                "one."
            )
        self.background = key
        self._see(heatmap, own)
        self._see(stack, True)
        return ""

    def _see(self, layer: QgsMapLayer | None, on: bool) -> None:
        node = QgsProject.instance().layerTreeRoot().findLayer(layer.id()) if layer is not None else None
        if node is not None:
            node.setItemVisibilityCheckedParentRecursive(on) if on else node.setItemVisibilityChecked(False)

    def lose(self, layer_ids: Sequence[str]) -> str:
        """Do without layers that leave the project; return a sentence that says what goes with them, if anything."""
        gone = self.layers.among(layer_ids)
        if not gone:
            return ""
        names = ", ".join(dict.fromkeys(layer.name() for layer in gone.values()))
        if isinstance(self._tool, maptools.ObjectTool) and "objects" in gone:
            self.leave_tool()
        seen = "heatmap" if self.background == backgrounds.HEATMAP and self.layers.heatmap else "stack"
        if seen in gone:
            self.background = ""
        self.layers = replace(self.layers, **dict.fromkeys(gone))
        return (
            f"{names} was taken out of the project, and with it {'; '.join(_LOSSES[use] for use in gone)}. The review "
            "goes on without. To have it back, load it again, then stop the review and choose it."
        )

    # What can be read of the other layers.

    def elevation(self) -> profile.Source | None:
        """Return where elevations come from."""
        stack = self.layers.stack
        number = backgrounds.roles(stack).get("elevation") if stack is not None and stack.bandCount() > 1 else None
        if number is None:
            number = backgrounds.band(stack, "elevation", "dem")
        return profile.Source(stack, number, self.session.layer.crs()) if number and stack else None

    def likelihood(self) -> profile.Source | None:
        """Return where the heatmap comes from."""
        for layer in (self.layers.heatmap, self.layers.stack):
            number = backgrounds.roles(layer).get("heatmap") or (1 if layer is self.layers.heatmap and layer else None)
            if layer is not None and number:
                return profile.Source(layer, number, self.session.layer.crs())
        return None

    def reasons(self, outline: QgsGeometry) -> list[str]:
        """Return the explanations of the largest objects in an outline."""
        objects = self.layers.objects
        if objects is None or objects.fields().indexOf("explanation") < 0:
            return []
        transform = QgsCoordinateTransform(self.session.layer.crs(), objects.crs(), QgsProject.instance())
        outline = maptools.moved(outline, transform)
        request = QgsFeatureRequest(outline.boundingBox()).setSubsetOfAttributes(["explanation"], objects.fields())
        inside = [
            (feature.geometry().intersection(outline).area(), str(feature["explanation"]))
            for feature in objects.getFeatures(request)
            if outline.contains(feature.geometry().pointOnSurface())
        ]
        inside.sort(reverse=True)
        return [f"{text} ({area / outline.area():.0%} of the area)" for area, text in inside[:_REASONS]]

    # The tools.

    def use(self, name: str) -> str:
        """Take up a tool for shapes; return a sentence where this cannot be done."""
        layer, fid = self.session.layer, self.session.current
        self.leave_tool()
        self.iface.setActiveLayer(layer)
        layer.removeSelection()
        if name in _QGIS_TOOLS:
            if name != "vertices" and fid is not None:
                # Both tools act on what is selected, and on everything otherwise.
                layer.selectByIds([fid])
            self.iface.mainWindow().findChild(QAction, _QGIS_TOOLS[name]).trigger()
        elif name == "draw":
            self.iface.actionAddFeature().trigger()
        else:
            make = {"merge": self._merge, "trim": self._trim, "grow": self._by_objects, "cut": self._by_objects}[name]
            tool = make(name)
            if tool is None:
                return (
                    "This needs the objects of the segmentation. Stop the review and choose their layer at the start."
                )
            self._tool = tool
            self.canvas.setMapTool(tool)
        self.canvas.setFocus()
        return ""

    def _merge(self, _name: str) -> QgsMapTool:
        return maptools.MergeTool(self.canvas, self.session)

    def _trim(self, _name: str) -> QgsMapTool:
        return maptools.TrimTool(self.canvas, self.session, self.elevation)

    def _by_objects(self, name: str) -> QgsMapTool | None:
        objects = self.layers.objects
        return maptools.ObjectTool(self.canvas, self.session, objects, name) if objects is not None else None

    def follow(self, fid: int) -> None:
        """Let the tools act on another candidate."""
        if isinstance(self._tool, (maptools.MergeTool, maptools.TrimTool)):
            self.leave_tool()
        elif self.session.layer.selectedFeatureCount():
            self.session.layer.selectByIds([fid])

    def leave_tool(self) -> None:
        """Put down a tool of the review, and go back to panning."""
        self.session.layer.removeSelection()
        if self._tool is not None:
            self.canvas.unsetMapTool(self._tool)
            self.canvas.scene().removeItem(self._tool.band)
            self._tool = None
        self.iface.actionPan().trigger()
