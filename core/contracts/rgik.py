"""The fields that only a person can fill, after the RGIK inventory standard, with their lists of values.

Names are those of the published inventory of ESA CCI Permafrost (v2.0, 2025), which has no dots; the values follow the
guidelines for inventorying rock glaciers (RGIK 2023) and Rouyet et al. (2025, Earth Syst. Sci. Data 17:4125).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Field:
    """One field: its column, SQL type, the words beside it, its values with their texts, and what it means."""

    name: str
    kind: str
    title: str
    values: tuple[tuple[str | int, str], ...]
    help: str


def _same(*texts: str) -> tuple[tuple[str, str], ...]:
    return tuple((text, text) for text in texts)


_RELIABILITY = ((0, "Low"), (1, "Medium"), (2, "High"))
_KINEMATICS = ("undefined", "< cm/yr", "cm/yr", "cm/yr to dm/yr", "dm/yr", "dm/yr to m/yr", "m/yr", "> m/yr")

FIELDS = (
    Field(
        "Landform",
        "INTEGER",
        "Landform",
        ((1, "Rock glacier"), (0, "Uncertain"), (2, "Not a rock glacier")),
        "Is it one?",
    ),
    Field("Morpho", "TEXT", "Morphology", _same("simple", "complex"), "One lobe, or several that overlap or join."),
    Field(
        "Complet",
        "TEXT",
        "Completeness",
        _same("complete", "incomplete", "uncertain"),
        "Whether all of the unit is seen.",
    ),
    Field(
        "UpslCon",
        "TEXT",
        "Upslope connection",
        _same(
            "talus",
            "debris-mantled slope",
            "landslide",
            "glacier forefield",
            "glacier",
            "poly",
            "other",
            "uncertain",
            "unknown",
        ),
        "What the unit is connected with above.",
    ),
    Field(
        "UpslCur",
        "TEXT",
        "Connection is current",
        _same("yes", "no", "uncertain"),
        "Whether the connection still holds.",
    ),
    Field(
        "ActiCl",
        "TEXT",
        "Activity",
        _same("Active", "Active uncertain", "Transitional", "Relict uncertain", "Relict", "Uncertain"),
        "Active: most of the surface creeps, decimetres to metres a year. Relict: no creep any more.",
    ),
    Field(
        "ActiAss",
        "TEXT",
        "Activity assessed by",
        _same("morphology only", "with kinematics"),
        "What the activity rests on. Coherence alone is no ground for it.",
    ),
    Field("KinAtt", "INTEGER", "Kinematics", tuple(enumerate(_KINEMATICS)), "Annual rate that characterises the unit."),
    Field("RelKin", "TEXT", "Reliability of it", _same("low", "medium", "high"), "How far the rate can be relied on."),
    Field("KinPeriod", "TEXT", "Period of it", (), "Years in which the rate was observed."),
    Field(
        "Destabili",
        "TEXT",
        "Destabilised",
        _same("yes, ongoing", "yes, completed", "no", "uncertain"),
        "Scarps, cracks, acceleration.",
    ),
    Field(
        "OutType",
        "TEXT",
        "Outline",
        _same("Extended", "Restricted"),
        "Extended: with the front and the lateral margins. Restricted: without them.",
    ),
    Field("RelFr", "INTEGER", "Reliability: front", _RELIABILITY, "How sure the outline is at the front."),
    Field("RelLeftLM", "INTEGER", "Left margin", _RELIABILITY, "How sure the outline is at the left lateral margin."),
    Field(
        "RelRightLM", "INTEGER", "Right margin", _RELIABILITY, "How sure the outline is at the right lateral margin."
    ),
    Field("RelUpsCon", "INTEGER", "Upslope limit", _RELIABILITY, "How sure the outline is at the upslope connection."),
)
