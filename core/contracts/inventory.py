"""Options and result of the inventory stage."""

from __future__ import annotations

from dataclasses import dataclass

from ..options import Options, option


@dataclass(frozen=True)
class InventoryOptions(Options):
    """Write outlines as an inventory after the RGIK standard."""

    outlines: str = option(
        help="Outlines of the landforms, extended ones (with front and lateral margins) unless a field OutType says "
        "otherwise. Fields of the standard that the layer has are taken over."
    )
    output: str = option(help="Inventory to write (GeoPackage) with the layers GO, PM, MA and AOI.")
    dem: str = option("", help="DEM for elevation, slope, aspect, length and width along the flow, and front height.")
    markers: str = option(
        "", help="Primary markers with their attributes, as points. Empty: one is set inside each outline."
    )
    restricted: str = option(
        "", help="Restricted outlines (without front and lateral margins), as far as there are any."
    )
    moving_areas: str = option("", help="Moving areas, as far as kinematic data were evaluated.")
    area: str = option("", help="Polygons of the area that was searched; they become the area of interest.")
    mapping: tuple[str, ...] = option(
        (),
        help="Fields of the standard that are filled from other columns: items such as ActiCl=activity or "
        "WorkingID=name, with commas between.",
    )
    spelling: str = option(
        "published",
        help="How fields are spelled: as in the published ESA-CCI inventory (ActiCl), or as in the working template "
        "with dots (Acti.Cl.).",
        choices=("published", "template"),
    )
    report: str = option("", help="Report of the conformance check to write (HTML).")


@dataclass(frozen=True)
class InventoryResult:
    """Outputs and main figures.

    `errors` counts what breaks the standard, `open_questions` what is left for a person to judge, both over all
    landforms. `conforms` is 1 where there is no error, else 0.
    """

    output: str
    report: str
    units: int
    outlines: int
    moving_areas: int
    area_m2: float
    errors: int
    open_questions: int
    conforms: int
