"""The RGIK inventory standard: layers, fields and values, in the one table that writing and checking share.

Two spellings of the fields are in use: that of the ESA-CCI inventory version 2.0 (2025) as it was published, without
dots, and that of the working template of 2022-23, with dots. What was read in a published inventory, or in programs
that read the template, is marked as verified; what is not was derived by analogy or is remembered from the literature,
and nothing is called an error because of it.
"""

from __future__ import annotations

from dataclasses import dataclass

PUBLISHED, TEMPLATE = "published", "template"

TEXT, INTEGER, REAL = "text", "integer", "real"

PM, GO, MA, AOI = "PM", "GO", "MA", "AOI"
EXTENDED, RESTRICTED = "Extended", "Restricted"
PRIMARY_ID = "PrimaryID"
WORKING_ID = "WorkingID"
EPSG = 4326
"""Reference system of published inventories: WGS 84, degrees."""

MINIMUM_AREA_M2 = 10_000.0
"""Smallest landform that inventories hold by convention; smaller ones are optional (remembered, not verified)."""

Value = str | int


@dataclass(frozen=True)
class Domain:
    """The values that a field may have.

    Attributes
    ----------
    name : str
        The domain's name in the file.
    values : tuple of pairs
        Each value as it is stored, and as a person reads it.
    verified : bool
        Whether the values were read in a published inventory or in a program that reads the template.
    numbered : bool
        Whether some write the values as their places, from 0.
    """

    name: str
    values: tuple[tuple[Value, str], ...]
    verified: bool
    numbered: bool = False

    @property
    def codes(self) -> tuple[Value, ...]:
        """The values as they are stored."""
        return tuple(code for code, _ in self.values)

    def code_of(self, value: object) -> Value | None:
        """Return the code that a value of another layer means, by code or by text whatever its case; None for none."""
        wanted = _plain(value)
        if self.numbered and wanted.isdecimal() and int(wanted) < len(self.values):
            return self.values[int(wanted)][0]
        return next((code for code, text in self.values if wanted in _spellings(code, text)), None)


@dataclass(frozen=True)
class Field:
    """A field of a layer.

    Attributes
    ----------
    name : str
        Its name in published inventories; it identifies the field here, too.
    template : str
        Its name in the template; empty where the template has none.
    kind : str
        text, integer or real.
    title : str
        What it holds, for people.
    name_verified : bool
        Whether the published name was read; those of the template all were.
    domain : Domain, optional
        Its values.
    judged : bool
        Whether only a person can fill it.
    tab : str
        The form's tab that shows it.
    """

    name: str
    template: str
    kind: str
    title: str
    name_verified: bool
    domain: Domain | None = None
    judged: bool = False
    tab: str = "Identity"

    def spelled(self, spelling: str) -> str:
        """Return the name in one of the spellings; the published one where the template has no such field."""
        return self.template if spelling == TEMPLATE and self.template else self.name


@dataclass(frozen=True)
class Layer:
    """A layer of the standard: its name, what it holds, its type of geometry, and its fields in order."""

    name: str
    title: str
    geometry: str
    fields: tuple[Field, ...]

    def field(self, name: str) -> Field:
        """Return the field of a published name."""
        return next(field for field in self.fields if field.name == name)


def _plain(value: object) -> str:
    return "".join(str(value).lower().split())


def _spellings(code: Value, text: str) -> tuple[str, ...]:
    """Return a value's code, its text, and the abbreviation that the text has in brackets, if any."""
    return _plain(code), _plain(text), _plain(text).partition("(")[2].rstrip(")") or _plain(code)


def _same(name: str, verified: bool, *values: str, numbered: bool = False) -> Domain:
    """Return a domain whose texts are stored as they are read."""
    return Domain(name, tuple((value, value) for value in values), verified, numbered)


LANDFORM = Domain(
    "rgik_landform", ((0, "uncertain (UN)"), (1, "rock glacier (RG)"), (2, "not a rock glacier (NO)")), True
)
ACTIVITY = _same(
    "rgik_activity", True, "Active", "Active uncertain", "Transitional", "Relict uncertain", "Relict", "Uncertain"
)
UPSLOPE = _same(
    "rgik_upslope_connection",
    True,
    "talus",
    "debris-mantled slope",
    "landslide",
    "glacier forefield",
    "glacier",
    "poly",
    "other",
    "uncertain",
    "unknown",
)
KINEMATICS = _same(
    "rgik_kinematic_attribute",
    True,
    "undefined",
    "< cm/yr",
    "cm/yr",
    "cm/yr to dm/yr",
    "dm/yr",
    "dm/yr to m/yr",
    "m/yr",
    "> m/yr",
    # The classes and their order are verified, their numbers are remembered.
    numbered=True,
)
OUTLINE_TYPE = _same("rgik_outline_type", True, EXTENDED, RESTRICTED)
# Unverified from here on.
MORPHOLOGY = _same("rgik_morphology", False, "simple", "complex")
COMPLETENESS = _same("rgik_completeness", False, "complete", "incomplete", "uncertain")
CURRENT = _same("rgik_upslope_current", False, "yes", "no", "uncertain")
CONFIDENCE = _same("rgik_reliability", False, "low", "medium", "high")
ASSESSMENT = _same("rgik_activity_assessment", False, "morphology only", "with kinematics")
DESTABILISATION = _same("rgik_destabilisation", False, "yes, ongoing", "yes, completed", "no", "uncertain")
RELIABILITY = Domain("rgik_outline_reliability", ((0, "low"), (1, "medium"), (2, "high")), False)
VELOCITY = _same(
    "rgik_velocity_class",
    False,
    "undefined",
    "< 1 cm/yr",
    "1-3 cm/yr",
    "3-10 cm/yr",
    "10-30 cm/yr",
    "30-100 cm/yr",
    "> 100 cm/yr",
)

_MORPHO, _KINEMATICS, _REMARKS, _RELIABILITY = "Morphology", "Kinematics and activity", "Remarks", "Reliability"

MARKERS = Layer(
    PM,
    "Primary markers",
    "Point",
    (
        Field(PRIMARY_ID, "PrimaryID", TEXT, "Identifier of the unit", True),
        Field(WORKING_ID, "WorkingID", TEXT, "Local identifier or name", False),
        Field("Landform", "Landform", INTEGER, "Is it a rock glacier?", False, LANDFORM),
        Field("AssocRGS", "Assoc.RGS", TEXT, "Identifier of the system", False),
        Field("Country", "", TEXT, "Country", True),
        Field("Morpho", "Morpho.", TEXT, "Morphology", False, MORPHOLOGY, True, _MORPHO),
        Field("Complet", "Complet.", TEXT, "Completeness of the unit", False, COMPLETENESS, True, _MORPHO),
        Field("UpslCon", "Upsl.Con.", TEXT, "Connection to the upslope unit", False, UPSLOPE, False, _MORPHO),
        Field("UpslCur", "Upsl.Cur.", TEXT, "Is the upslope connection current?", False, CURRENT, True, _MORPHO),
        Field("KinAtt", "Kin.Att.", TEXT, "Kinematic attribute", False, KINEMATICS, True, _KINEMATICS),
        Field(
            "RelKin", "Rel.Kin.", TEXT, "Reliability of the kinematic attribute", False, CONFIDENCE, True, _KINEMATICS
        ),
        Field("KinPeriod", "Kin.Period", TEXT, "Period of the kinematic data", False, None, True, _KINEMATICS),
        Field("ActiAss", "Acti.Ass.", TEXT, "Basis of the activity assessment", False, ASSESSMENT, True, _KINEMATICS),
        Field("ActiCl", "Acti.Cl.", TEXT, "Activity class", True, ACTIVITY, True, _KINEMATICS),
        Field("Destabili", "Destabili.", TEXT, "Destabilisation", False, DESTABILISATION, True, _KINEMATICS),
        Field("Comment", "Comment", TEXT, "Comment", False, None, False, _REMARKS),
    ),
)
OUTLINES = Layer(
    GO,
    "Geomorphological outlines",
    "MultiPolygon",
    (
        Field(PRIMARY_ID, "PrimaryID", TEXT, "Identifier of the unit", True),
        Field(WORKING_ID, "WorkingID", TEXT, "Local identifier or name", False),
        Field("PolyUID", "", TEXT, "Identifier of the polygon", True),
        Field("OutType", "Out.Type", TEXT, "Type of outline", True, OUTLINE_TYPE),
        Field("RelFr", "RelFr", INTEGER, "Reliability of the front", True, RELIABILITY, False, _RELIABILITY),
        Field(
            "RelLeftLM",
            "RelLeftLM",
            INTEGER,
            "Reliability of the left lateral margin",
            True,
            RELIABILITY,
            False,
            _RELIABILITY,
        ),
        Field(
            "RelRightLM",
            "RelRightLM",
            INTEGER,
            "Reliability of the right lateral margin",
            False,
            RELIABILITY,
            False,
            _RELIABILITY,
        ),
        Field(
            "RelUpsCon",
            "RelUpsCon",
            INTEGER,
            "Reliability of the upslope connection",
            False,
            RELIABILITY,
            False,
            _RELIABILITY,
        ),
        Field(
            "RelIndex", "RelIndex", INTEGER, "Sum of the four reliabilities, 0 to 8", False, None, False, _RELIABILITY
        ),
        Field("Comment", "Comment", TEXT, "Comment", False),
    ),
)
MOVING_AREAS = Layer(
    MA,
    "Moving areas",
    "MultiPolygon",
    (
        Field(PRIMARY_ID, "PrimaryID", TEXT, "Identifier of the unit", False),
        Field("VelClass", "", TEXT, "Class of velocity", True, VELOCITY),
        Field("RelMA", "", TEXT, "Reliability of the moving area", False, CONFIDENCE, True),
        Field("ObsPeriod", "", TEXT, "Period of observation", False, None, True),
        Field("DataSource", "", TEXT, "Source of the data", False, None, True),
        Field("Comment", "", TEXT, "Comment", False),
    ),
)
AREAS = Layer(AOI, "Areas of interest", "Polygon", (Field("Name", "", TEXT, "Name of the area", False),))

LAYERS = {layer.name: layer for layer in (OUTLINES, MARKERS, MOVING_AREAS, AREAS)}
"""The layers by name, outlines first: programs that open a file without a choice show its first layer."""

RELIABILITY_FIELDS = ("RelFr", "RelLeftLM", "RelRightLM", "RelUpsCon")

MORPHOMETRY = (
    Field("area_m2", "", REAL, "Area (m²)", False, tab="Morphometry"),
    Field("elevation_min_m", "", REAL, "Lowest elevation (m)", False, tab="Morphometry"),
    Field("elevation_max_m", "", REAL, "Highest elevation (m)", False, tab="Morphometry"),
    Field("elevation_mean_m", "", REAL, "Mean elevation (m)", False, tab="Morphometry"),
    Field("slope_mean_deg", "", REAL, "Mean slope (°)", False, tab="Morphometry"),
    Field("aspect_mean_deg", "", REAL, "Mean aspect (°, clockwise from north)", False, tab="Morphometry"),
    Field("orientation_deg", "", REAL, "Direction of flow (°, clockwise from north)", False, tab="Morphometry"),
    Field("length_m", "", REAL, "Length along the flow (m)", False, tab="Morphometry"),
    Field("width_m", "", REAL, "Width across the flow (m)", False, tab="Morphometry"),
    Field("front_height_m", "", REAL, "Height of the front (m)", False, tab="Morphometry"),
)
"""Columns beside the standard's that outlines get; see `morphometry`."""


def written_fields(layer: Layer) -> tuple[Field, ...]:
    """Return all fields of a layer that is written: those of the standard, and the morphometry of outlines."""
    return (*layer.fields, *MORPHOMETRY) if layer.name == GO else layer.fields
