"""Rock Glacier Mapper: maps rock glaciers with a convolutional network and object-based image analysis.

The folder is a QGIS plugin and a Python package. Importing it needs nothing but Python.
"""

from __future__ import annotations

from typing import Any


def classFactory(iface: Any) -> Any:
    """Return the plugin; QGIS calls it, and only then is qgis imported."""
    from .plugin import RockGlacierMapperPlugin

    return RockGlacierMapperPlugin(iface)
