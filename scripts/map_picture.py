"""A picture of a mapped scene: the outlines on the imagery, and the heatmap they came from, side by side."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
# Else the statistics of the stretch would be left beside the user's raster.
os.environ["GDAL_PAM_ENABLED"] = "NO"

from qgis.core import (
    QgsApplication,
    QgsContrastEnhancement,
    QgsFillSymbol,
    QgsLayoutExporter,
    QgsLayoutItemLabel,
    QgsLayoutItemMap,
    QgsLayoutItemScaleBar,
    QgsLayoutPoint,
    QgsLayoutSize,
    QgsMultiBandColorRenderer,
    QgsPrintLayout,
    QgsProject,
    QgsRasterLayer,
    QgsRasterMinMaxOrigin,
    QgsRectangle,
    QgsScaleBarSettings,
    QgsUnitTypes,
    QgsVectorLayer,
)
from qgis.PyQt.QtGui import QFont

STYLES = Path(__file__).resolve().parent.parent / "resources" / "styles"
MILLIMETRES = QgsUnitTypes.LayoutUnit.LayoutMillimeters
MAPPED = {"color": "0,0,0,0", "outline_color": "#e69f00", "outline_width": "0.5"}
REFERENCE = {"color": "0,0,0,0", "outline_color": "#56b4e9", "outline_width": "0.4", "outline_style": "dash"}
SIDE, MARGIN, HEADER, FOOTER = 140.0, 8.0, 16.0, 14.0


def draw_map(path: str, stack: str, heatmap: str, outlines: str, reference: str | None) -> None:
    """Write the picture of a mapped scene as PNG.

    Parameters
    ----------
    path : str
        The picture's name.
    stack : str
        Feature stack; its red, green and blue bands are found by role.
    heatmap, outlines : str
        Results of the mapping.
    reference : str or None
        Outlines to draw for comparison.
    """
    application = QgsApplication.instance() or QgsApplication([], False)
    application.initQgis()
    imagery, probability = true_colour(stack), styled_heatmap(heatmap)
    drawn = [vector(outlines, MAPPED)] + ([vector(reference, REFERENCE)] if reference else [])
    project = QgsProject.instance()
    project.setCrs(imagery.crs())
    project.addMapLayers([imagery, probability, *drawn])
    extent = drawn[0].extent() if imagery.width() * imagery.height() > 4e6 and len(drawn[0]) else imagery.extent()
    layout = compose(project, imagery, probability, drawn, extent, bool(reference))
    settings = QgsLayoutExporter.ImageExportSettings()
    settings.dpi = 150
    status = QgsLayoutExporter(layout).exportToImage(path, settings)
    project.clear()
    if status != QgsLayoutExporter.ExportResult.Success:
        raise SystemExit(f"The picture {path} could not be written (status {status}).")


def true_colour(stack: str) -> QgsRasterLayer:
    """Return the stack as a picture in natural colours, or in its first bands where it has no such roles."""
    layer = QgsRasterLayer(stack, "Imagery")
    names = [layer.bandName(number).rsplit(": ", 1)[-1] for number in range(1, layer.bandCount() + 1)]
    bands = [
        names.index(role) + 1 if role in names else min(i, len(names))
        for i, role in enumerate(("B04", "B03", "B02"), 1)
    ]
    layer.setRenderer(QgsMultiBandColorRenderer(layer.dataProvider(), *bands))
    layer.setContrastEnhancement(
        QgsContrastEnhancement.ContrastEnhancementAlgorithm.StretchToMinimumMaximum,
        QgsRasterMinMaxOrigin.Limits.CumulativeCut,
    )
    return layer


def styled_heatmap(heatmap: str) -> QgsRasterLayer:
    """Return the heatmap in the plugin's style."""
    layer = QgsRasterLayer(heatmap, "Heatmap")
    layer.loadNamedStyle(str(STYLES / "heatmap.qml"))
    return layer


def vector(path: str, symbol: dict[str, str]) -> QgsVectorLayer:
    """Return outlines drawn with one line symbol."""
    layer = QgsVectorLayer(path, "Outlines", "ogr")
    layer.renderer().setSymbol(QgsFillSymbol.createSimple(symbol))
    return layer


def compose(
    project: QgsProject,
    imagery: QgsRasterLayer,
    probability: QgsRasterLayer,
    drawn: list[QgsVectorLayer],
    extent: QgsRectangle,
    compared: bool,
) -> QgsPrintLayout:
    """Return a layout with both maps, a title for each, and a scale bar."""
    layout = QgsPrintLayout(project)
    layout.initializeDefaults()
    height = SIDE * extent.height() / extent.width()
    page = layout.pageCollection().page(0)
    page.setPageSize(QgsLayoutSize(2 * SIDE + 3 * MARGIN, HEADER + height + FOOTER, MILLIMETRES))
    right = SIDE + 2 * MARGIN
    left_map = add_map(layout, [*drawn, imagery], extent, MARGIN, height)
    add_map(layout, [*drawn, probability], extent, right, height)
    legend = "Rock glaciers mapped (orange)" + (" and reference (blue, dashed)" if compared else "")
    add_label(layout, legend, MARGIN)
    add_label(layout, "Heatmap: probability of rock glacier (white 0, purple, yellow 1)", right)
    bar = QgsLayoutItemScaleBar(layout)
    bar.setLinkedMap(left_map)
    bar.applyDefaultSize()
    bar.setSegmentSizeMode(QgsScaleBarSettings.SegmentSizeMode.SegmentSizeFitWidth)
    bar.setMinimumBarWidth(30)
    bar.setMaximumBarWidth(50)
    layout.addLayoutItem(bar)
    bar.attemptMove(QgsLayoutPoint(MARGIN, HEADER + height + 1, MILLIMETRES))
    return layout


def add_map(
    layout: QgsPrintLayout, layers: list[Any], extent: QgsRectangle, left: float, height: float
) -> QgsLayoutItemMap:
    """Add a map of the extent."""
    item = QgsLayoutItemMap(layout)
    item.attemptMove(QgsLayoutPoint(left, HEADER, MILLIMETRES))
    item.attemptResize(QgsLayoutSize(SIDE, height, MILLIMETRES))
    item.setLayers(layers)
    item.setKeepLayerSet(True)
    item.setExtent(extent)
    item.setFrameEnabled(True)
    layout.addLayoutItem(item)
    return item


def add_label(layout: QgsPrintLayout, text: str, left: float) -> None:
    """Add a title above a map."""
    label = QgsLayoutItemLabel(layout)
    label.setText(text)
    label.setFont(QFont("sans-serif", 11))
    layout.addLayoutItem(label)
    label.attemptMove(QgsLayoutPoint(left, 6, MILLIMETRES))
    label.attemptResize(QgsLayoutSize(SIDE, 8, MILLIMETRES))


if __name__ == "__main__":
    draw_map(*sys.argv[1:5], sys.argv[5] if len(sys.argv) > 5 else None)
