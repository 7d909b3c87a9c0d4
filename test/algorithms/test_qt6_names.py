"""Code that runs on Qt 5 alone is found on Qt 5: unscoped enumerations, removed methods, imports past `qgis.PyQt`."""

from __future__ import annotations

import ast
import enum
import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FILES = sorted(
    [ROOT / "plugin.py", *(path for room in ("algorithms", "host", "ui") for path in (ROOT / room).rglob("*.py"))]
)
REMOVED = {"exec_", "print_"}


def faults(text: str) -> list[str]:
    """Return what Qt 6 lacks of a module's code; nothing in it is run."""
    tree = ast.parse(text)
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and node.module]
    found = [node.module for node in imports if node.module.startswith(("PyQt", "PySide"))]
    known = {}
    for node in imports:
        if node.module.startswith("qgis."):
            module = importlib.import_module(node.module)
            # What is not in this module here is in it in Qt 6, where the code asks for it in turn.
            known |= {alias.asname or alias.name: getattr(module, alias.name, None) for alias in node.names}
    for node in ast.walk(tree):
        if not isinstance(node, ast.Attribute):
            continue
        if node.attr in REMOVED:
            found.append(node.attr)
        if isinstance(node.value, ast.Name) and is_enumerator(getattr(known.get(node.value.id), node.attr, None)):
            found.append(f"{node.value.id}.{node.attr}")
    return found


def is_enumerator(value: object) -> bool:
    """Whether a class's attribute is a value of an enumeration, which Qt 6 keeps inside the enumeration only."""
    return isinstance(value, enum.Enum) or (isinstance(value, int) and type(value).__module__ != "builtins")


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("from qgis.PyQt.QtCore import Qt\nQt.AlignLeft", ["Qt.AlignLeft"]),
        ("from qgis.PyQt.QtCore import Qt\nQt.AlignmentFlag.AlignLeft", []),
        ("from qgis.core import QgsProcessing\nQgsProcessing.TypeRaster", ["QgsProcessing.TypeRaster"]),
        ("from qgis.core import QgsProcessing\nQgsProcessing.SourceType.TypeRaster", []),
        ("dialog.exec_()", ["exec_"]),
        ("from PyQt5.QtCore import Qt", ["PyQt5.QtCore"]),
    ],
)
def test_faults_are_found(plugin, line, expected):
    """A check that finds nothing would pass for ever."""
    assert faults(line) == expected


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_the_code_runs_on_qt_6(plugin, path):
    """QGIS 4 comes with Qt 6 alone; the QGIS of the tests has Qt 5."""
    assert faults(path.read_text("utf8")) == []
