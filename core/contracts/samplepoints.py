"""Options and result of the stage that draws sample points for checking a map."""

from __future__ import annotations

from dataclasses import dataclass

from ..options import Options, option

BALANCED, EQUAL, PROPORTIONAL = "balanced", "equal", "proportional"
ALLOCATIONS = (BALANCED, EQUAL, PROPORTIONAL)
"""How points are shared among the strata."""


@dataclass(frozen=True)
class SamplePointsOptions(Options):
    """Draw points at random in what is mapped, around it and elsewhere, for a person to check."""

    mapped: str = option(help="Mapped outlines.")
    output: str = option(help="Layer of points to write (GeoPackage).")
    area: str = option(
        "",
        help="Polygons of the area to sample, which is what the estimates will speak of. Empty: the rectangle around "
        "the mapped outlines, widened by the buffer.",
    )
    count: int = option(300, help="Number of points.", minimum=6, maximum=100_000)
    allocation: str = option(
        BALANCED,
        help="How the points are shared among the strata. balanced: some in each, the others in proportion to its "
        "area; equal: as many in each; proportional: in proportion to its area.",
        choices=ALLOCATIONS,
    )
    min_points: int = option(
        50, help="With the allocation balanced, the points in each stratum at least.", minimum=2, maximum=100_000
    )
    buffer: float = option(
        100.0,
        help="Width (m) of the stratum around the mapped outlines, where what was missed mostly lies. 0: no such "
        "stratum.",
        minimum=0,
    )
    seed: int = option(0, help="Seed of the draw: the same seed gives the same points.", minimum=0, maximum=2**31 - 1)


@dataclass(frozen=True)
class SamplePointsResult:
    """The layer, and how many points each stratum got."""

    output: str
    points_count: int
    mapped_count: int
    buffer_count: int
    elsewhere_count: int
