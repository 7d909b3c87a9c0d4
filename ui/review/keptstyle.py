"""How layers looked before a review, kept in the layers themselves: a project that is saved meanwhile has it too."""

from __future__ import annotations

from collections.abc import Iterable

from qgis.core import QgsMapLayer, QgsReadWriteContext
from qgis.PyQt.QtXml import QDomDocument

_PROPERTY = "rock_glacier_mapper/style_before_review"


def keep(layer: QgsMapLayer) -> None:
    """Keep a layer's style; one that an earlier review did not give back is given back before."""
    give_back([layer])
    document = QDomDocument()
    layer.exportNamedStyle(document, QgsReadWriteContext(), _categories())
    layer.setCustomProperty(_PROPERTY, document.toString())


def give_back(layers: Iterable[QgsMapLayer]) -> None:
    """Give layers back the styles that were kept of them."""
    for layer in layers:
        text = layer.customProperty(_PROPERTY, "")
        if text:
            document = QDomDocument()
            document.setContent(text)
            layer.importNamedStyle(document, _categories())
            layer.removeCustomProperty(_PROPERTY)
            layer.triggerRepaint()


def _categories() -> QgsMapLayer.StyleCategories:
    # What a review changes: the symbols, the opacity, and whether a new outline opens a form.
    kinds = QgsMapLayer.StyleCategory
    return QgsMapLayer.StyleCategories(kinds.Symbology | kinds.Rendering | kinds.Forms)
