"""Options and result of the stage that sums up many coherence rasters."""

from __future__ import annotations

from dataclasses import dataclass

from ..options import Options, option, same_option
from .coherence import CoherenceOptions

STATISTICS = ("mean", "median", "minimum", "std")
UNITS = ("auto", "fraction", "percent", "byte")
LAST_DAY = 366


@dataclass(frozen=True)
class CoherenceStatisticsOptions(Options):
    """Sum up the coherence of many pairs, pixel by pixel."""

    inputs: tuple[str, ...] = option(
        help="Coherence rasters of any processor. Each band whose description names two dates is a pair; a raster "
        "without such bands is one pair, of its only band or the one described as coherence."
    )
    output: str = option(help="Statistics to write (GeoTIFF), one band each.")
    statistic: tuple[str, ...] = option(
        ("mean",),
        help="What to compute. The first of mean, median and minimum gives the band `coherence`, which models use; "
        "the others are `coherence_median`, `coherence_minimum`, `coherence_std`.",
        choices=STATISTICS,
    )
    count: bool = option(False, help="Also write the band `coherence_count`: pairs that have a value there.")
    min_days: int = option(0, help="Shortest temporal baseline of a pair, in days.", minimum=0)
    max_days: int = option(0, help="Longest temporal baseline of a pair, in days. 0: any.", minimum=0)
    season_start: int = option(
        1,
        help="First day of the year of a season that both dates of a pair must lie in. If it comes after the last one, "
        "the season goes over New Year.",
        minimum=1,
        maximum=LAST_DAY,
    )
    season_end: int = option(LAST_DAY, help="Last day of the year of the season.", minimum=1, maximum=LAST_DAY)
    unit: str = option(
        "auto",
        help="Unit of the inputs: fraction is 0..1, percent 0..100, byte 0..255. auto tells by the largest value.",
        choices=UNITS,
    )
    resampling: str = option(
        "bilinear",
        help="How inputs on another grid are brought onto that of the first one. Where its pixels are larger, bilinear "
        "is the mean weighted by area.",
        choices=("nearest", "bilinear"),
    )
    min_count: int = option(1, help="Least number of pairs with a value that a pixel needs to get one.", minimum=1)
    output_type: str = same_option(CoherenceOptions, "output_type")


@dataclass(frozen=True)
class CoherenceStatisticsResult:
    """The statistics, and the number of pairs that they are made of."""

    output: str
    pairs: int
