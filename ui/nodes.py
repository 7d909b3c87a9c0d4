"""Opening the dialogs of the plugin's nodes."""

from __future__ import annotations

from typing import Any

from qgis.PyQt import sip

# QGIS owns the dialogs, but not their Python halves, without which a click on Run would do nothing.
_held: list[Any] = []


def open_node(name: str, parameters: dict[str, Any]) -> Any:
    """Open the dialog of a node, with values filled in, and return it.

    Parameters
    ----------
    name : str
        Id of the node, without the provider's.
    parameters : dict
        Values by key.
    """
    import processing  # QGIS's plugin, which is there only once it has been loaded

    dialog = processing.createAlgorithmDialog(f"rockglacier:{name}", parameters)
    _held[:] = [held for held in _held if not sip.isdeleted(held) and held.isVisible()] + [dialog]
    dialog.show()
    return dialog
