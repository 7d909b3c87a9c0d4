"""What a feature stack holds and where it comes from: the record for JSON, and the same as text."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..files import replacing
from ..provenance import Step
from ..rasters.bandstorage import wanted_step
from ..rasters.geodata import spatial_reference
from ..rasters.grid import Grid, Window
from ..rasters.raster import Band, Statistics
from .coregistration import Shift
from .stacklayers import Layers

Record = dict[str, Any]

# Rounding errors below this part of a step are those of floating point.
_EXACT = 1e-3
# A shift above half a pixel mixes what a pixel holds with its neighbours.
_LARGE_SHIFT = 0.5
_DIRECTIONS = ("north", "north-east", "east", "south-east", "south", "south-west", "west", "north-west")


class BandTally:
    """What has been written of a band.

    Parameters
    ----------
    band : Band
        How it is stored.

    Attributes
    ----------
    count : int
        Pixels with a value.
    covered : int
        The same before the pixels without a value in another band were taken out.
    largest_error : float
        Largest difference between a value and what is stored of it.
    """

    def __init__(self, band: Band) -> None:
        self.band = band
        self.count = 0
        self.covered = 0
        self.largest_error = 0.0
        self._corners: list[int] = []
        self._minimum, self._maximum = math.inf, -math.inf
        self._mean = self._squares = 0.0

    def cover(self, window: Window, valid: NDArray[np.bool_]) -> None:
        """Take note of where the layer has values."""
        rows, columns = np.flatnonzero(valid.any(axis=1)), np.flatnonzero(valid.any(axis=0))
        if len(rows):
            self.covered += int(valid.sum())
            found = [window.x + columns[0], window.y + rows[0], window.x + columns[-1] + 1, window.y + rows[-1] + 1]
            known = self._corners or found
            first = [min(a, b) for a, b in zip(known[:2], found[:2], strict=True)]
            self._corners = first + [max(a, b) for a, b in zip(known[2:], found[2:], strict=True)]

    def add(self, values: NDArray[np.float32], stored: NDArray[Any]) -> None:
        """Take note of values and the numbers that are stored of them (Chan et al. 1983, Am. Stat. 37, 242-247)."""
        numbers = stored.astype(float)
        count, mean = len(numbers), float(numbers.mean())
        change, total = mean - self._mean, self.count + count
        self._squares += float(((numbers - mean) ** 2).sum()) + change**2 * self.count * count / total
        self._mean += change * count / total
        self.count = total
        self._minimum, self._maximum = min(self._minimum, numbers.min()), max(self._maximum, numbers.max())
        errors = np.abs(numbers * self.band.scale + self.band.offset - values)
        self.largest_error = max(self.largest_error, float(errors.max()))

    def statistics(self, grid: Grid) -> Statistics:
        """Return the statistics of the stored numbers."""
        deviation = math.sqrt(self._squares / max(self.count, 1))
        share = self.count / (grid.width * grid.height)
        return Statistics(float(self._minimum), float(self._maximum), self._mean, deviation, share)

    def extent(self, grid: Grid) -> list[float] | None:
        """Return the smallest and largest coordinates of the pixels covered: x, x, y, y; None where none is."""
        if not self._corners:
            return None
        left, top, right, bottom = self._corners
        x, y = grid.coordinates([left, right, left, right], [top, top, bottom, bottom])
        return [float(x.min()), float(x.max()), float(y.min()), float(y.max())]


def record_of(
    layers: Layers, tallies: Sequence[BandTally], complete: int, shift: Shift | None, chain: Sequence[Step]
) -> Record:
    """Return the record of a stack.

    Parameters
    ----------
    layers : Layers
    tallies : sequence of BandTally
        Of each band.
    complete : int
        Number of pixels with a value in every band.
    shift : Shift or None
        None where optical bands and terrain were not compared.
    chain : sequence of dict
        The stack's provenance.
    """
    grid = layers.grid
    across, down = grid.pixel_size_m
    record: Record = {
        "grid": {
            "width": grid.width,
            "height": grid.height,
            "geotransform": list(grid.geotransform),
            "pixel_size_m": [across, down],
            "crs": _crs(grid),
        },
        "valid_share": complete / (grid.width * grid.height),
        "layers": [_layer(layers, number) for number in range(len(layers.rasters))],
        "bands": [_band(layers, number, tally) for number, tally in enumerate(tallies)],
        "shift": None if shift is None else _shift(shift),
    }
    record["notes"] = _notes(record)
    record["provenance"] = list(chain)
    return record


def write_json(path: str, record: Record) -> None:
    """Write the record as JSON."""
    with replacing(path) as temporary, open(temporary, "w", encoding="utf8") as file:
        json.dump(record, file, indent=2, sort_keys=True, allow_nan=False)
        file.write("\n")


def as_text(record: Record) -> str:
    """Return the record for people."""
    grid = record["grid"]
    lines = [
        f"Feature stack of {grid['width']} x {grid['height']} pixels of {grid['pixel_size_m'][0]:.6g} x "
        f"{grid['pixel_size_m'][1]:.6g} m, {grid['crs']}; {record['valid_share']:.1%} of the pixels have a value in "
        "every band.",
        "",
    ]
    for layer in record["layers"]:
        size = " x ".join(f"{side:.4g}" for side in layer["pixel_size_m"])
        lines.append(f"{layer['path']}: pixels of {size} m, {layer['crs']}")
        lines += [f"  {_band_line(band)}" for band in record["bands"] if band["layer"] == layer["number"]]
    lines += ["", _shift_line(record["shift"])]
    return "\n".join(lines)


def _layer(layers: Layers, number: int) -> Record:
    raster, place = layers.rasters[number], layers.places[number]
    across, down = layers.grid.pixel_size_m
    return {
        "number": number + 1,
        "path": raster.path,
        "crs": _crs(raster.grid),
        "width": raster.grid.width,
        "height": raster.grid.height,
        "pixel_size_m": [across / place.steps[0], down / place.steps[1]],
        "on_the_grid": place.coincides,
    }


def _band(layers: Layers, number: int, tally: BandTally) -> Record:
    chosen, band, grid = layers.bands[number], tally.band, layers.grid
    found = tally.statistics(grid)
    physical = [value * band.scale + band.offset if tally.count else None for value in found[:3]]
    is_whole = band.dtype != "float32"
    return {
        "role": band.role,
        "layer": chosen.layer + 1,
        "band": chosen.index + 1,
        "resampling": layers.resampling[number],
        "covered_share": tally.covered / (grid.width * grid.height),
        "valid_share": found.valid_share,
        "extent": tally.extent(grid),
        "minimum": physical[0],
        "maximum": physical[1],
        "mean": physical[2],
        "standard_deviation": found.standard_deviation * band.scale if tally.count else None,
        "type": band.dtype,
        "step": band.scale if is_whole else None,
        "offset": band.offset,
        "largest_error": tally.largest_error,
        "exact": tally.largest_error < _EXACT * band.scale,
        "coarser_than_wanted": is_whole and 0 < (chosen.step or wanted_step(band.role)) < band.scale,
    }


def _shift(shift: Shift) -> Record:
    claimed = shift.claimed
    return {
        "windows": shift.windows,
        "agreeing": shift.agreeing,
        "pixels": shift.pixels if claimed else None,
        "standard_error_pixels": shift.error if claimed else None,
        "metres": shift.metres if claimed else None,
        "direction_deg": shift.direction if claimed else None,
        "sun_azimuth_deg": shift.sun.azimuth,
        "sun_altitude_deg": shift.sun.altitude,
        "sun_known": shift.sun.known,
    }


def _notes(record: Record) -> list[str]:
    """Return what a user must know."""
    notes = []
    for band in record["bands"]:
        if not band["covered_share"]:
            notes.append(f"Band {band['role']} has no value anywhere on the stack's grid.")
        if band["coarser_than_wanted"]:
            notes.append(
                f"Band {band['role']} has values from {band['minimum']:.6g} to {band['maximum']:.6g}, which need steps "
                f"of {band['step']:g}. If they should be smaller, look at the band's unit and scale."
            )
    shift = record["shift"]
    if shift and shift["pixels"] is not None and shift["pixels"] > _LARGE_SHIFT:
        notes.append(
            f"{_shift_line(shift)} Shift one of them by that much, or take terrain and optical data that fit, before "
            "a model that uses both."
        )
    return notes


def _band_line(band: Record) -> str:
    if not band["valid_share"]:
        return f"{band['role']}: no value"
    stored = "float32"
    if band["step"] is not None:
        error = "exact" if band["exact"] else f"within {band['largest_error']:.2g}"
        stored = f"steps of {band['step']:g}, {error}"
    return (
        f"{band['role']}: {band['resampling']}, {band['covered_share']:.1%} covered, "
        f"{band['minimum']:.4g} to {band['maximum']:.4g} (mean {band['mean']:.4g}), {stored}"
    )


def _shift_line(shift: Record | None) -> str:
    if shift is None:
        return "Shift between optical bands and terrain: not compared."
    if not shift["windows"]:
        return "Shift between optical bands and terrain: not known; the stack is too small, or gaps are everywhere."
    counted = f"{shift['agreeing']} of {shift['windows']} windows agree"
    sun = "" if shift["sun_known"] else " The sun's position is not known; a usual one was taken."
    if shift["pixels"] is None:
        return f"Shift between optical bands and terrain: not known; {counted}, which is too few.{sun}"
    direction = _DIRECTIONS[round(shift["direction_deg"] / 45) % 8]
    return (
        f"The terrain lies {shift['metres']:.3g} m ({shift['pixels']:.2f} \u00b1 {shift['standard_error_pixels']:.2f} "
        f"pixels) too far {direction} of the optical bands; {counted}.{sun}"
    )


def _crs(grid: Grid) -> str:
    reference = spatial_reference(grid.crs)
    code = reference.GetAuthorityCode(None)
    return f"{reference.GetName()} ({reference.GetAuthorityName(None)}:{code})" if code else str(reference.GetName())
