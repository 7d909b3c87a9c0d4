"""Options and result of the change stage."""

from __future__ import annotations

from dataclasses import dataclass

from ..options import Options, option


@dataclass(frozen=True)
class ChangeOptions(Options):
    """Compare the outlines of two dates, landform by landform."""

    before: str = option(help="Outlines of the earlier date.")
    after: str = option(help="Outlines of the later date, in any reference system.")
    boundary_error: float = option(
        help="By how many metres an outline may lie off, at either date: error of position and of interpretation "
        "together, one standard deviation. Two mappings of one image by two people show it.",
        minimum=0,
    )
    output: str = option(help="Layer of changes to write (GeoPackage).")
    report: str = option("", help="Report to write (HTML).")
    json: str = option("", help="Figures to write (JSON).")
    dem: str = option("", help="DEM that tells the direction of flow, along which fronts advance. Empty: no advances.")
    area: str = option(
        "", help="Polygons of the area that was mapped at both dates; landforms that lie mostly outside are left out."
    )
    years: float = option(0.0, help="Years between the dates, for rates. 0: no rates.", minimum=0)
    min_overlap: float = option(
        0.3,
        help="Outlines of both dates are one landform where they share at least this part of the smaller one, 0..1.",
        minimum=0,
        maximum=1,
    )


@dataclass(frozen=True)
class ChangeResult:
    """Outputs and main figures.

    Areas are in square metres, advances in metres; a figure that cannot be computed is NaN. `grown` and `shrunk` count
    landforms whose area changed by more than its error; those that split or merged are counted there, too.
    """

    output: str
    report: str
    json: str
    landforms: int
    grown: int
    shrunk: int
    new: int
    gone: int
    split: int
    merged: int
    area_before_m2: float
    area_after_m2: float
    area_change_m2: float
    area_change_error_m2: float
    mean_front_advance_m: float
