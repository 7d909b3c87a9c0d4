"""The styles that outputs get when QGIS loads them."""

from __future__ import annotations

from qgis.core import (
    QgsMapLayer,
    QgsProcessingContext,
    QgsProcessingFeedback,
    QgsProcessingLayerPostProcessorInterface,
)
from qgis.PyQt import sip

from ..core.version import PACKAGE_FOLDER

STYLES_FOLDER = PACKAGE_FOLDER / "resources" / "styles"


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


# QGIS deletes a post-processor with the run's context, so each run needs its own; but it does not keep the Python
# half of it, without which it is silently never called.
_held: list[StyleOnLoad] = []


def style_on_load(context: QgsProcessingContext, destination: str, style: str) -> None:
    """Let QGIS style an output with `style` when it loads it, if it will."""
    if context.willLoadLayerOnCompletion(destination):
        processor = StyleOnLoad(style)
        _held[:] = [held for held in _held if not sip.isdeleted(held)] + [processor]
        context.layerToLoadOnCompletionDetails(destination).setPostProcessor(processor)
