"""The optical composite: many scenes become one raster of reflectance.

Blocks of the composite are read from all scenes and reduced one after the other. Memory holds one block of all
scenes; the more scenes, the smaller the blocks.

Files of 20 m are stored in blocks that do not fit those of the composite. Such as the next block needs too are kept, as
far as a second amount of memory goes.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .. import provenance
from ..background import write_behind
from ..contracts.opticalcomposite import OpticalCompositeOptions, OpticalCompositeResult
from ..files import check_writable
from ..parallel import Threads, threads
from ..progress import Progress
from ..rasters.blockcache import BlockCache
from ..rasters.geodata import osr
from ..rasters.grid import BLOCK_SIZE, Grid, Window
from ..rasters.raster import Band, RasterWriter
from ..rasters.regridding import bounds_on, transformed_bounds
from .blockcomposite import Block, best_block, percentile_block
from .compositegrid import blocks, composite_grid, observations_within, overlapping, require_masks_overlap
from .compositing import missing
from .sceneclasses import CLASSES
from .scenereading import SceneReader
from .scenes import Observation, Reading, Scene, read_scenes, requested_bands

COUNT = "observation_count"
# What the blocks of all scenes may take in memory.
_BUDGET = 768 * 2**20
# What blocks of the files with larger pixels may take beside: those of a dozen dates that the next block needs too.
_CACHE = 384 * 2**20
# While a thread reads: numbers as stored, their validity, floats between.
_BYTES_A_THREAD = 12
_STEP = {"int16": 0.0001, "float32": 1.0}
_NODATA = {"int16": -32768, "float32": -9999}
_METADATA = "ROCK_GLACIER_MAPPER_"
# Late summer, when least snow lies and the next has not come.
_LATE_AUGUST, _LATE_FEBRUARY = 237, 56


def run(options: OpticalCompositeOptions, progress: Progress) -> OpticalCompositeResult:
    """Make a composite of Sentinel-2 products and rasters of reflectance.

    Reflectance is (stored number + offset) / quantification value, as each product's metadata say. Scenes of one
    overpass are one observation: they fill each other's gaps and count once. A pixel that is left out of all
    observations has no value.

    Parameters
    ----------
    options : OpticalCompositeOptions
    progress : Progress

    Returns
    -------
    OpticalCompositeResult

    Raises
    ------
    MapperError
        If an input cannot be read, lacks what is needed or lies elsewhere, or the output cannot be written.
    """
    check_writable(options.output, ".tif", ".tiff", inputs=[*options.inputs, *options.masks])
    reading = Reading(requested_bands(options.bands), options.scale, options.offset)
    progress.report(0, "Reading metadata")
    scenes = read_scenes(options.inputs, reading, options.masks, is_binary=options.mask_kind == "binary")
    if options.method == "best_observation":
        for scene in scenes:
            scene.require_date()
    grid = composite_grid(scenes, options.extent, options.crs, options.resolution)
    used = overlapping(scenes, grid)
    require_masks_overlap(used)
    _warn(scenes, used, progress)
    composite = _Composite(options, grid, tuple(reading.bands), _observations(used))
    with threads(progress) as pool:
        covered = _write(composite, options, used, pool, progress)
    days = sorted(scene.sensed for scene in used if scene.sensed)
    first, last = (str(days[0]), str(days[-1])) if days else ("", "")
    return OpticalCompositeResult(options.output, len(used), len(composite.observations), first, last, covered)


@dataclass(frozen=True)
class _Composite:
    """What is made of what."""

    options: OpticalCompositeOptions
    grid: Grid
    roles: tuple[str, ...]
    observations: list[Observation]

    @cached_property
    def reader(self) -> SceneReader:
        """What reads the scenes."""
        masked = np.isin(np.arange(256), [CLASSES[name] for name in self.options.mask_classes])
        return SceneReader(
            self.grid,
            np.dtype(self.options.output_type),
            _STEP[self.options.output_type],
            self.options.resampling,
            masked,
            self.options.mask_dilation,
            self.options.neighbourhood,
            BlockCache(_CACHE),
        )

    @property
    def bytes_a_pixel(self) -> int:
        """What is held for each pixel of a block, with eight threads, while the block before is being written."""
        size = np.dtype(self.options.output_type).itemsize
        result = 2 * (len(self.roles) + 1) * size + 8 * _BYTES_A_THREAD
        if self.options.method == "best_observation":
            return result + 10 * (len(self.roles) * size + _BYTES_A_THREAD)
        masks = sum(map(len, self.observations))
        return result + len(self.observations) * size + masks

    def block(self, window: Window, pool: Threads, progress: Progress) -> Block:
        """Return one block."""
        given = (self.reader, observations_within(self.observations, self.grid, window), self.roles)
        if self.options.method == "best_observation":
            day = self.options.day_of_year or _late_summer(self.grid)
            return best_block(*given, day, window, pool, progress)
        percentile = self.options.percentile if self.options.method == "percentile" else 50.0
        return percentile_block(*given, percentile, window, pool, progress)


def _warn(scenes: Sequence[Scene], used: Sequence[Scene], progress: Progress) -> None:
    outside = [scene.name for scene in scenes if scene not in used]
    if outside:
        progress.warn(f"{len(outside)} inputs lie outside of the extent and are not used: {', '.join(outside[:5])}.")
    without = [scene.name for scene in used if scene.mask is None]
    if without:
        progress.warn(
            f"{len(without)} inputs have no scene classification and no mask, so that nothing is left out of them: "
            f"{', '.join(without[:5])}."
        )


def _observations(scenes: Sequence[Scene]) -> list[Observation]:
    """Return the scenes of each overpass, in the order of the first of each."""
    groups: dict[str, list[Scene]] = {}
    for scene in scenes:
        groups.setdefault(scene.overpass, []).append(scene)
    return list(groups.values())


def _late_summer(grid: Grid) -> int:
    degrees = osr.SpatialReference()
    degrees.ImportFromEPSG(4326)
    _, south, _, north = transformed_bounds(bounds_on(grid.crs, grid), grid.crs, degrees.ExportToWkt())
    return _LATE_AUGUST if south + north > 0 else _LATE_FEBRUARY


def _write(
    composite: _Composite, options: OpticalCompositeOptions, used: Sequence[Scene], pool: Threads, progress: Progress
) -> float:
    """Make and write block after block; return the share of pixels that have a value in every band."""
    kind, nodata = options.output_type, _NODATA[options.output_type]
    bands = [Band(role, kind, nodata, _STEP[kind]) for role in composite.roles]
    if options.count:
        bands.append(Band(COUNT, kind, nodata))
    windows = blocks(composite.grid, used[0].finest, composite.bytes_a_pixel, _BUDGET)
    step = provenance.step("opticalcomposite", options, scenes=[{"name": scene.name, **scene.facts} for scene in used])
    covered = 0
    with RasterWriter(options.output, composite.grid, bands, [step]) as writer:
        for name, text in _notes(used).items():
            writer.note(_METADATA + name, text)

        def write_layers(item: tuple[Window, list[NDArray[Any]]]) -> None:
            _write_block(writer, *item)

        with write_behind(write_layers, 1, progress) as write:
            for number, window in enumerate(windows):
                part = progress.part(number / len(windows), (number + 1) / len(windows))
                block = composite.block(window, pool, part)
                empty = block.values == missing(block.values.dtype)
                block.values[empty] = nodata
                covered += int(np.count_nonzero(~empty.any(axis=0)))
                write((window, [*block.values, block.observations] if options.count else [*block.values]))
    return covered / (composite.grid.width * composite.grid.height)


def _write_block(writer: RasterWriter, window: Window, layers: Sequence[NDArray[Any]]) -> None:
    """Write all bands of some rows before the next ones: the file keeps the bands of a pixel together."""
    for y in range(0, window.height, BLOCK_SIZE):
        rows = window._replace(y=window.y + y, height=min(BLOCK_SIZE, window.height - y))
        for number, layer in enumerate(layers, start=1):
            writer.write_raw(rows, layer[y : y + BLOCK_SIZE], number)


def _notes(scenes: Sequence[Scene]) -> dict[str, str]:
    """Return the metadata of the composite: the dates, and the mean sun angles where all scenes state them."""
    days = sorted({str(scene.sensed) for scene in scenes if scene.sensed})
    notes = {"DATES": " ".join(days)} if days else {}
    zeniths = [float(scene.facts["sun_zenith_deg"]) for scene in scenes if "sun_zenith_deg" in scene.facts]
    if len(zeniths) == len(scenes):
        azimuths = [math.radians(float(scene.facts["sun_azimuth_deg"])) for scene in scenes]
        east, north = sum(map(math.sin, azimuths)), sum(map(math.cos, azimuths))
        notes["SUN_ZENITH_DEG"] = f"{sum(zeniths) / len(zeniths):.2f}"
        notes["SUN_AZIMUTH_DEG"] = f"{math.degrees(math.atan2(east, north)) % 360:.2f}"
    return notes
