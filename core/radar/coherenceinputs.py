"""Coherence rasters of any processor: which bands hold coherence, of which dates, and in which unit."""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..contracts.coherencestatistics import LAST_DAY, CoherenceStatisticsOptions
from ..errors import InvalidOptionError, InvalidRasterError
from ..progress import Progress
from ..rasters.grid import Window
from ..rasters.raster import Raster
from ..rasters.regridding import SourceBand
from .pairdates import Pair, file_names, in_season, metadata_texts, pair_in

# How processors describe a band of coherence that stands beside others.
_DESCRIPTIONS = ("coh", "cor", "cc")
# Largest value of each unit; filters of processors overshoot 1 a little.
# Resampling by cubic functions overshoots; what lies beyond 0..1 then is cut off.
_LARGEST = {"fraction": 1.5, "percent": 100.0, "byte": 255.0}
_LOWEST = -0.2
_DIVISORS = {"fraction": 1.0, "percent": 100.0, "byte": 255.0}
_NAMES = {"fraction": "0..1", "percent": "percent (0..100)", "byte": "0..255"}
_SAMPLE_TILE = 256
_SAMPLED_TILES = 25
_NAMED = 5


@dataclass(frozen=True)
class CoherenceInput:
    """One pair: where its coherence is stored, and its dates as far as they are known."""

    source: SourceBand
    dtype: str
    pair: Pair | None


def inputs_of(path: str) -> list[CoherenceInput]:
    """Return the pairs in a raster.

    Each band whose description names two dates is one. A raster without such a band is one pair, whose dates are those
    in its metadata, its name, or the name of its folder: that of its only band, or of the only one that is described as
    coherence.

    Where neither a nodata value nor a mask says what is missing, 0 is: processors write it outside of the image.

    Raises
    ------
    InvalidRasterError
        If it cannot be read, is complex, or does not say which of its bands is meant.
    """
    with Raster(path) as raster:
        dated = [(number, pair_in([role])) for number, role in enumerate(raster.roles)]
        found = [_input(raster, number, pair) for number, pair in dated if pair is not None]
        texts = [*metadata_texts(raster.metadata), *file_names(path)]
        return found or [_input(raster, _coherence_band(raster), pair_in(texts))]


def _coherence_band(raster: Raster) -> int:
    """Return which band (from 0) holds coherence."""
    if len(raster.bands) == 1:
        return 0
    described = [number for number, role in enumerate(raster.roles) if role.lower().startswith(_DESCRIPTIONS)]
    if len(described) == 1:
        return described[0]
    raise InvalidRasterError(
        f"{raster.path} has {len(raster.bands)} bands ({', '.join(raster.roles)}), of which none names two dates, and "
        "not one alone is described as coherence. Write the band wanted into a file of its own, for example with "
        "`gdal_translate -b 2`."
    )


def _input(raster: Raster, index: int, pair: Pair | None) -> CoherenceInput:
    band = raster.bands[index]
    if np.dtype(band.dtype).kind == "c":
        raise InvalidRasterError(
            f"{raster.path} holds complex numbers, but coherence is expected; estimate it first: stage `coherence`."
        )
    nodata = 0.0 if band.nodata is None and not raster.has_mask(index) else band.nodata
    source = SourceBand(raster.path, raster.number_in_file(index + 1), raster.grid, nodata, band.scale, band.offset)
    return CoherenceInput(source, band.dtype, pair)


def selected(pairs: list[CoherenceInput], options: CoherenceStatisticsOptions) -> list[CoherenceInput]:
    """Return the pairs that the baselines and the season allow.

    Raises
    ------
    InvalidRasterError
        If a selection is asked for and a raster does not say its dates.
    InvalidOptionError
        If none is left.
    """
    season = options.season_start, options.season_end
    if not (options.min_days or options.max_days or season != (1, LAST_DAY)):
        return pairs
    if options.max_days and options.max_days < options.min_days:
        raise InvalidOptionError(
            f"Option `max_days` is {options.max_days}, less than `min_days`, {options.min_days}; give them in order."
        )
    kept, found = [], []
    for item in pairs:
        pair = _dates_of(item)
        found.append(pair)
        fits = options.min_days <= pair.days <= (options.max_days or pair.days)
        if fits and in_season(pair.first, *season) and in_season(pair.second, *season):
            kept.append(item)
    if not kept:
        baselines = sorted({pair.days for pair in found})
        raise InvalidOptionError(
            f"None of the {len(found)} pairs is left: their temporal baselines are {_listed(baselines)} days, and "
            f"their dates lie between {min(pair.first for pair in found)} and {max(pair.second for pair in found)}. "
            "Widen `min_days`, `max_days`, `season_start` or `season_end`."
        )
    return kept


def _dates_of(item: CoherenceInput) -> Pair:
    if item.pair is None:
        raise InvalidRasterError(
            f"No two dates are found for {item.source.path}, so it cannot be selected by baseline or season. Put them "
            "into its name or the band's description, such as 20180806-20180818, or leave the selection out."
        )
    return item.pair


def divisors(pairs: list[CoherenceInput], unit: str, progress: Progress) -> list[float]:
    """Return what the values of each pair are divided by to be 0..1.

    With ``auto``, floats up to 1 are fractions. All other inputs are judged together, by the largest value of a sample:
    percent up to 100, 0..255 above. Percent is doubtful, since dark 0..255 looks the same, and so are whole numbers 0
    and 1; then there is a warning.

    Raises
    ------
    InvalidRasterError
        If values are negative, or above 255.
    """
    if unit != "auto":
        return [_DIVISORS[unit]] * len(pairs)
    largest: dict[CoherenceInput, float] = {}
    files = [list(items) for _, items in itertools.groupby(pairs, key=lambda item: item.source.path)]
    for items in progress.each(files, len(files), "Telling the units"):
        largest |= _largest(items, progress)
    fractions = {item for item, value in largest.items() if _is_fraction(item, value)}
    most = max((value for item, value in largest.items() if item not in fractions), default=0.0)
    other = "percent" if most <= _LARGEST["percent"] else "byte"
    units = ["fraction" if item in fractions else other for item in pairs]
    _tell_units(units, most, progress)
    return [_DIVISORS[name] for name in units]


def _is_fraction(item: CoherenceInput, largest: float) -> bool:
    """Whether values are 0..1; whole numbers without a scale are none."""
    whole = np.dtype(item.dtype).kind in "iu" and item.source.scale == 1
    return not whole and largest <= _LARGEST["fraction"]


def _tell_units(units: list[str], largest: float, progress: Progress) -> None:
    counts = {name: units.count(name) for name in _NAMES if name in units}
    text = ", ".join(f"{count} in {_NAMES[name]}" for name, count in counts.items())
    progress.report(1, f"Units of the pairs, by their largest values: {text}.")
    if "percent" in counts:
        progress.warn(
            f"The largest value of {counts['percent']} pairs is {largest:g}, so they are taken for percent; if they "
            "are 0..255 without high coherence, set the unit to byte."
        )
    if len(counts) > 1:
        progress.warn(f"The pairs are in different units ({text}); each is brought to 0..1. Check that this is right.")


def _largest(items: list[CoherenceInput], progress: Progress) -> dict[CoherenceInput, float]:
    """Return the largest value of each pair in one file, of a sample of tiles; of more, while a pair has no value."""
    largest = dict.fromkeys(items, -math.inf)
    with Raster(items[0].source.path) as raster:
        numbers = [raster.number_in_file(band) for band in range(1, len(raster.bands) + 1)]
        for number, tile in enumerate(_spread(raster.grid.tiles(_SAMPLE_TILE))):
            if number >= _SAMPLED_TILES and math.isfinite(min(largest.values())):
                break
            for item in items:
                progress.check()
                values = _valid(raster.read_band(tile, numbers.index(item.source.number)), item)
                if values.size:
                    check_range(item, values, _LARGEST["byte"])
                    largest[item] = max(largest[item], float(values.max()))
    return largest


def _valid(values: NDArray[np.float32], item: CoherenceInput) -> NDArray[np.float32]:
    """Return the values that are not missing, also where only 0 says so."""
    valid: NDArray[np.bool_] = np.isfinite(values)
    if item.source.nodata == 0:
        valid &= values != item.source.offset
    known: NDArray[np.float32] = values[valid]
    return known


def check_range(item: CoherenceInput, values: NDArray[np.float32], largest: float) -> None:
    """Refuse values that are no coherence, or beyond the unit.

    Parameters
    ----------
    item : CoherenceInput
    values : array of float32
        In the unit of the file, without missing ones; not empty.
    largest : float
        Largest value allowed.

    Raises
    ------
    InvalidRasterError
        If a value is negative or larger.
    """
    low, high = float(values.min()), float(values.max())
    if low < _LOWEST or high > _LARGEST["byte"]:
        raise InvalidRasterError(
            f"{item.source.path} holds values from {low:g} to {high:g}; coherence is 0..1, 0..100 percent or 0..255. "
            "Give the coherence, not the phase or the amplitude, and see that missing pixels are declared as nodata."
        )
    if high > largest:
        others = [_NAMES[name] for name, number in _LARGEST.items() if number > largest]
        raise InvalidRasterError(
            f"{item.source.path} holds values up to {high:g}, but its unit ends at {largest:g}; set the option `unit` "
            f"to {' or '.join(others)}."
        )


def largest_of(divisor: float) -> float:
    """Return the largest value allowed in the unit that is divided by `divisor`."""
    return next(_LARGEST[name] for name, number in _DIVISORS.items() if number == divisor)


def _spread(tiles: list[Window]) -> Iterator[Window]:
    """Yield some tiles from all over the raster first, then the others."""
    first = np.unique(np.linspace(0, len(tiles) - 1, min(_SAMPLED_TILES, len(tiles))).round().astype(int))
    chosen = set(first.tolist())
    yield from (tiles[number] for number in sorted(chosen))
    yield from (tile for number, tile in enumerate(tiles) if number not in chosen)


def _listed(numbers: Iterable[int]) -> str:
    shown = [str(number) for number in numbers]
    return ", ".join(shown) if len(shown) <= _NAMED else f"{shown[0]} to {shown[-1]}"
