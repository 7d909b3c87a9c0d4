"""The fields of the inventory standard that the person fills while she reviews."""

from __future__ import annotations

from ...core.inventories.standard import INTEGER, MARKERS, OUTLINES, Field

_MARKER_FIELDS = (
    "Landform",
    "Morpho",
    "Complet",
    "UpslCon",
    "UpslCur",
    "ActiCl",
    "ActiAss",
    "KinAtt",
    "RelKin",
    "KinPeriod",
    "Destabili",
)
_OUTLINE_FIELDS = ("OutType", "RelFr", "RelLeftLM", "RelRightLM", "RelUpsCon")

FIELDS: tuple[Field, ...] = (
    *(MARKERS.field(name) for name in _MARKER_FIELDS),
    *(OUTLINES.field(name) for name in _OUTLINE_FIELDS),
)
# SQL types by column.
COLUMNS = {field.name: "INTEGER" if field.kind == INTEGER else "TEXT" for field in FIELDS}
