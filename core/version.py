"""The software's version, which metadata.txt alone states."""

from __future__ import annotations

import configparser
from functools import cache
from pathlib import Path

PACKAGE_FOLDER = Path(__file__).parent.parent


@cache
def version() -> str:
    """Return the version in the plugin's metadata.txt."""
    metadata = configparser.ConfigParser(interpolation=None)
    metadata.read(PACKAGE_FOLDER / "metadata.txt", encoding="utf8")
    return metadata.get("general", "version")
