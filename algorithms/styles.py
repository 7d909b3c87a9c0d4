"""The styles that outputs get when QGIS loads them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from qgis.core import (
    QgsCategorizedSymbolRenderer,
    QgsFillSymbol,
    QgsMapLayer,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingLayerPostProcessorInterface,
    QgsRendererCategory,
)
from qgis.PyQt import sip
from qgis.PyQt.QtCore import QCoreApplication
from qgis.PyQt.QtGui import QColor

from ..core.version import PACKAGE_FOLDER
from .shipped import RULE_SETS

STYLES_FOLDER = PACKAGE_FOLDER / "resources" / "styles"

# Opacity of the colour of a class, so that the imagery below shows through.
_OPACITY = 140
_NO_CLASS = {"style": "no", "outline_color": "150,150,150", "outline_width": "0.1"}


class StyleOnLoad(QgsProcessingLayerPostProcessorInterface):
    """Gives a layer the style of a .qml file."""

    def __init__(self, style: str) -> None:
        super().__init__()
        self._path = str(STYLES_FOLDER / f"{style}.qml")

    def postProcessLayer(
        self, layer: QgsMapLayer, _context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> None:
        """Apply the style; QGIS calls it when it has loaded the layer."""
        message, applied = layer.loadNamedStyle(self._path)
        if not applied:
            feedback.pushWarning(f"The style {self._path} could not be applied: {message}")
        layer.triggerRepaint()


class OwnStyleOnLoad(QgsProcessingLayerPostProcessorInterface):
    """Gives a layer the style and form that its file holds, which Processing alone would pass over."""

    def postProcessLayer(
        self, layer: QgsMapLayer, _context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> None:
        """Apply the style; QGIS calls it when it has loaded the layer."""
        message, applied = layer.loadDefaultStyle()
        if not applied:
            feedback.pushWarning(f"The style of the layer {layer.name()} could not be applied: {message}")
        layer.triggerRepaint()


class ClassesOnLoad(StyleOnLoad):
    """Gives classified objects the colours of the rule set that classified them."""

    def __init__(self, rules: str) -> None:
        super().__init__("objects")
        self._rules = RULE_SETS.path(rules)

    def postProcessLayer(
        self, layer: QgsMapLayer, context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> None:
        """Apply the style for any classes, then the colours; QGIS calls it when it has loaded the layer."""
        super().postProcessLayer(layer, context, feedback)
        try:
            rule_set = json.loads(self._rules.read_text("utf-8-sig"))
        except (OSError, ValueError) as error:
            feedback.pushWarning(f"The colours of {self._rules} could not be applied: {error}")
            return
        layer.setRenderer(QgsCategorizedSymbolRenderer("class", _categories(rule_set["classes"])))
        layer.triggerRepaint()


def _categories(classes: list[dict[str, Any]]) -> list[QgsRendererCategory]:
    """Return a category for each class, children behind their parents, and one for objects without class."""
    titles = {item["name"]: item["title"] for item in classes}
    parents = {item["name"]: item.get("parent", "") for item in classes}

    def line(name: str) -> list[str]:
        return [*line(parents[name]), name] if name else []

    place = {item["name"]: number for number, item in enumerate(classes)}
    ordered = sorted(classes, key=lambda item: [place[name] for name in line(item["name"])])
    categories = [
        QgsRendererCategory(
            item["name"], _symbol(QColor(item["color"])), " / ".join(titles[name] for name in line(item["name"]))
        )
        for item in ordered
    ]
    no_class = QCoreApplication.translate("ClassesOnLoad", "No class")
    return [*categories, QgsRendererCategory("", QgsFillSymbol.createSimple(_NO_CLASS), no_class)]


def _symbol(color: QColor) -> QgsFillSymbol:
    outline = color.darker(170)
    color.setAlpha(_OPACITY)
    fill, border = (f"{shade.red()},{shade.green()},{shade.blue()},{shade.alpha()}" for shade in (color, outline))
    return QgsFillSymbol.createSimple({"color": fill, "outline_color": border, "outline_width": "0.2"})


# QGIS deletes a post-processor with the run's context, so each run needs its own; but it does not keep the Python
# half of it, without which it is silently never called.
_held: list[QgsProcessingLayerPostProcessorInterface] = []


def _hold(processor: QgsProcessingLayerPostProcessorInterface) -> QgsProcessingLayerPostProcessorInterface:
    _held[:] = [held for held in _held if not sip.isdeleted(held)] + [processor]
    return processor


def style_on_load(context: QgsProcessingContext, destination: str, style: str, rules: str = "") -> None:
    """Let QGIS style an output with `style` when it loads it, if it will; with the colours of `rules` if given."""
    if context.willLoadLayerOnCompletion(destination):
        processor = ClassesOnLoad(rules) if style == "objects" and rules else StyleOnLoad(style)
        context.layerToLoadOnCompletionDetails(destination).setPostProcessor(_hold(processor))


def load_layers(
    context: QgsProcessingContext, destination: str, titles: Mapping[str, str], styles: Mapping[str, str] | None = None
) -> None:
    """Let QGIS load all layers of a GeoPackage, if it loads the output at all.

    Parameters
    ----------
    context : QgsProcessingContext
    destination : str
        The file.
    titles : dict of str
        Title of each layer by name; the first is the one that QGIS takes for the output, later ones lie on top of it.
    styles : dict of str, optional
        Name of each layer's style; by default the file holds the layers' styles itself.
    """
    if not context.willLoadLayerOnCompletion(destination):
        return
    project = context.layerToLoadOnCompletionDetails(destination).project
    for number, (name, title) in enumerate(titles.items()):
        details = QgsProcessingContext.LayerDetails(title, project, title)
        details.setPostProcessor(_hold(StyleOnLoad(styles[name]) if styles else OwnStyleOnLoad()))
        context.addLayerToLoadOnCompletion(f"{destination}|layername={name}" if number else destination, details)
