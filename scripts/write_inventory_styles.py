"""Write the styles of inventory layers, with attribute forms made from the table of the standard.

Called by ``make inventory-styles``, with QGIS::

    python scripts/write_inventory_styles.py resources/styles
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from headless import PLUGINS
from qgis.core import (
    QgsApplication,
    QgsCategorizedSymbolRenderer,
    QgsFeatureRenderer,
    QgsFillSymbol,
    QgsMapLayer,
    QgsMarkerSymbol,
    QgsPalLayerSettings,
    QgsRendererCategory,
    QgsSimpleFillSymbolLayer,
    QgsSingleSymbolRenderer,
    QgsTextBufferSettings,
    QgsTextFormat,
    QgsUnitTypes,
    QgsVectorLayer,
    QgsVectorLayerSimpleLabeling,
)
from qgis.PyQt.QtGui import QColor

sys.path.insert(0, str(PLUGINS))
from rock_glacier_mapper.core.inventories import forms, standard

# Okabe and Ito's colours, told apart by the colour-blind; lighter ones for what is uncertain.
ACTIVITY = {
    "Active": "#D55E00",
    "Active uncertain": "#F2B48A",
    "Transitional": "#E69F00",
    "Relict uncertain": "#A6D3F0",
    "Relict": "#0072B2",
    "Uncertain": "#999999",
}
# One hue that grows darker.
VELOCITY = ("#bdbdbd", "#fde0dd", "#fcc5c0", "#fa9fb5", "#f768a1", "#c51b8a", "#7a0177")


def marker(color: str, outline: str = "#1d2530") -> QgsMarkerSymbol:
    """Return a dot with a dark border."""
    return QgsMarkerSymbol.createSimple(
        {"name": "circle", "color": color, "outline_color": outline, "outline_width": "0.3", "size": "3"}
    )


def outline(color: str, line: str = "solid") -> QgsFillSymbol:
    """Return a line on a white casing, so that it shows on dark and bright ground."""
    symbol = QgsFillSymbol.createSimple(
        {"style": "no", "outline_color": "255,255,255,200", "outline_width": "1", "outline_style": "solid"}
    )
    settings = {"style": "no", "outline_color": color, "outline_width": "0.5", "outline_style": line}
    symbol.appendSymbolLayer(QgsSimpleFillSymbolLayer.create(settings))
    return symbol


def area(color: str) -> QgsFillSymbol:
    """Return a surface through which the ground shows."""
    shade = QColor(color)
    border = shade.darker(150).name()
    fill = f"{shade.red()},{shade.green()},{shade.blue()},150"
    return QgsFillSymbol.createSimple({"color": fill, "outline_color": border, "outline_width": "0.26"})


def markers() -> QgsFeatureRenderer:
    """Return dots coloured by activity."""
    categories = [QgsRendererCategory(value, marker(color), value) for value, color in ACTIVITY.items()]
    categories.append(QgsRendererCategory("", marker("#ffffff"), "Activity not judged"))
    return QgsCategorizedSymbolRenderer("ActiCl", categories)


def outlines() -> QgsFeatureRenderer:
    """Return lines by the type of outline."""
    lines = {standard.EXTENDED: outline("#7b1e3a"), standard.RESTRICTED: outline("#0b6e4f", "dash")}
    return QgsCategorizedSymbolRenderer(
        "OutType", [QgsRendererCategory(value, symbol, f"{value} outline") for value, symbol in lines.items()]
    )


def moving_areas() -> QgsFeatureRenderer:
    """Return surfaces by the class of velocity."""
    values = standard.VELOCITY.values
    categories = [
        QgsRendererCategory(code, area(color), text) for (code, text), color in zip(values, VELOCITY, strict=True)
    ]
    categories.append(QgsRendererCategory("", area("#ffffff"), "Velocity not stated"))
    return QgsCategorizedSymbolRenderer("VelClass", categories)


def areas() -> QgsFeatureRenderer:
    """Return a frame."""
    return QgsSingleSymbolRenderer(outline("#1d2530", "dash dot"))


def labels() -> QgsVectorLayerSimpleLabeling:
    """Return the units' names beside their dots, where there is room."""
    text, halo = QgsTextFormat(), QgsTextBufferSettings()
    text.setSize(8)
    text.setSizeUnit(QgsUnitTypes.RenderUnit.RenderPoints)
    text.setColor(QColor("#1d2530"))
    halo.setEnabled(True)
    halo.setSize(0.8)
    text.setBuffer(halo)
    settings = QgsPalLayerSettings()
    settings.fieldName = standard.WORKING_ID
    settings.setFormat(text)
    settings.placement = QgsPalLayerSettings.Placement.OrderedPositionsAroundPoint
    settings.offsetType = QgsPalLayerSettings.OffsetType.FromSymbolBounds
    settings.dist = 0.5
    settings.scaleVisibility = True
    settings.minimumScale, settings.maximumScale = 100000, 0
    return QgsVectorLayerSimpleLabeling(settings)


RENDERERS = {standard.PM: markers, standard.GO: outlines, standard.MA: moving_areas, standard.AOI: areas}


def style(layer: standard.Layer, scratch: Path) -> str:
    """Return the style of a layer with its form, as the text of a .qml file."""
    made = QgsVectorLayer(f"{layer.geometry}?crs=EPSG:{standard.EPSG}", layer.name, "memory")
    made.setRenderer(RENDERERS[layer.name]())
    categories = QgsMapLayer.StyleCategory.Symbology
    if layer.name == standard.PM:
        made.setLabeling(labels())
        made.setLabelsEnabled(True)
        categories |= QgsMapLayer.StyleCategory.Labeling
    path = scratch / "style.qml"
    message, saved = made.saveNamedStyle(str(path), categories)
    if not saved:
        raise SystemExit(message)
    return forms.with_form(path.read_text("utf8"), layer, standard.PUBLISHED)


def main() -> int:
    """Write the styles."""
    parser = argparse.ArgumentParser(description="Write the styles of inventory layers.")
    parser.add_argument("folder", type=Path, help="folder for the .qml files")
    folder = parser.parse_args().folder
    application = QgsApplication([], True)
    application.initQgis()
    with tempfile.TemporaryDirectory() as scratch:
        for layer in standard.LAYERS.values():
            text = style(layer, Path(scratch))
            (folder / Path(forms.style_path(layer)).name).write_text(text, "utf8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
