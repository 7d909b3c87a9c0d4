"""Stage `featurestack`: rasters of any grid become the bands of one raster, tile by tile."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .. import provenance
from ..contracts.featurestack import FLOAT32, FeatureStackOptions, FeatureStackResult
from ..files import check_writable
from ..progress import Progress
from ..rasters.bandstorage import Range, stored_as
from ..rasters.grid import Window
from ..rasters.raster import Band, Raster, RasterWriter, to_stored
from .coregistration import OPTICAL, Shift, Sun, measure_shift, terrain_roles, usual_sun
from .stackbands import is_class, stack_bands
from .stackgrid import stack_grid
from .stacklayers import Layers
from .stackrecord import BandTally, as_text, record_of, write_json

# Pixels along a side of a tile: the lattice from the first pixel that all values are computed on.
_TILE_SIZE = 512
_NODATA = -9999.0
# What the optical composite says of the sun, in degrees.
SUN_AZIMUTH, SUN_ZENITH = "ROCK_GLACIER_MAPPER_SUN_AZIMUTH_DEG", "ROCK_GLACIER_MAPPER_SUN_ZENITH_DEG"


def run(options: FeatureStackOptions, progress: Progress) -> FeatureStackResult:
    """Put rasters of any grid onto one grid, as the bands of one raster.

    Whole numbers need two passes over the layers: the first finds the range of each band, which decides how it is
    stored. Values do not depend on the tiles that they are computed in.

    Parameters
    ----------
    options : FeatureStackOptions
    progress : Progress

    Returns
    -------
    FeatureStackResult

    Raises
    ------
    MapperError
        If a layer cannot be read or does not fit, the bands' roles are not clear, the grid is not known, or an output
        cannot be written.
    """
    inputs = [*options.layers, options.reference]
    check_writable(options.output, ".tif", ".tiff", inputs=inputs)
    if options.json:
        check_writable(options.json, ".json", inputs=inputs)
    grid = stack_grid(options)
    with contextlib.ExitStack() as stack:
        rasters = [stack.enter_context(Raster(path)) for path in options.layers]
        layers = Layers(rasters, stack_bands(rasters, options.mapping, options.resampling), grid)
        shift = _shift(layers, progress.part(0, 0.1)) if options.check_shift else None
        storage = _storage(layers, options, progress.part(0.1, 0.4))
        resampling = dict(zip(layers.roles, layers.resampling, strict=True))
        chain = provenance.joined(*(raster.provenance for raster in rasters))
        chain.append(provenance.step("featurestack", options, resampling=resampling))
        with RasterWriter(options.output, grid, storage, chain) as writer:
            tallies, complete = _write(layers, storage, options.common_valid, writer, progress.part(0.4, 0.9))
            for number, tally in enumerate(tallies, start=1):
                if tally.count:
                    writer.set_statistics(number, tally.statistics(grid))
            writer.add_overviews(_overview_resampling(layers), progress.part(0.9, 1))
        record = record_of(layers, tallies, complete, shift, chain)
    if options.json:
        write_json(options.json, record)
    for note in record["notes"]:
        progress.warn(note)
    text = as_text(record)
    progress.report(1, text)
    return FeatureStackResult(options.output, len(storage), record["valid_share"], text)


def _shift(layers: Layers, progress: Progress) -> Shift | None:
    """Compare optical bands and terrain; None where the stack does not have both."""
    if not (set(OPTICAL) & set(layers.roles) and terrain_roles(layers.roles)):
        return None
    numbers = {role: number for number, role in enumerate(layers.roles)}

    def read(window: Window, roles: Sequence[str]) -> NDArray[np.float32]:
        return layers.read(window, progress)[[numbers[role] for role in roles]]

    return measure_shift(layers.grid, read, layers.roles, _sun(layers), progress)


def _sun(layers: Layers) -> Sun:
    """Return where the sun stood, as a layer says it, or where it usually stands."""
    for raster in layers.rasters:
        said = raster.metadata
        with contextlib.suppress(KeyError, ValueError):
            return Sun(float(said[SUN_AZIMUTH]), 90 - float(said[SUN_ZENITH]), known=True)
    return usual_sun(layers.grid)


def _storage(layers: Layers, options: FeatureStackOptions, progress: Progress) -> list[Band]:
    """Return how each band is stored; whole numbers need the range of the values."""
    if options.output_type == FLOAT32:
        return [Band(role, "float32", _NODATA) for role in layers.roles]
    ranges = [Range() for _ in layers.bands]
    tiles = layers.grid.tiles(_TILE_SIZE)
    for tile in progress.each(tiles, len(tiles), "Finding the range of the values"):
        for seen, values in zip(ranges, layers.read(tile, progress), strict=True):
            seen.add(values[np.isfinite(values)])
    return [stored_as(band.role, band.step, seen) for band, seen in zip(layers.bands, ranges, strict=True)]


def _write(
    layers: Layers, storage: Sequence[Band], common: bool, writer: RasterWriter, progress: Progress
) -> tuple[list[BandTally], int]:
    """Write all tiles; return what each band holds, and the number of pixels with a value in every band."""
    tallies = [BandTally(band) for band in storage]
    complete = 0
    tiles = layers.grid.tiles(_TILE_SIZE)
    for tile in progress.each(tiles, len(tiles), "Writing the stack"):
        values = layers.read(tile, progress)
        valid = np.isfinite(values)
        in_all = valid.all(axis=0)
        complete += int(in_all.sum())
        for number, (tally, band, layer, covered) in enumerate(
            zip(tallies, storage, values, valid, strict=True), start=1
        ):
            tally.cover(tile, covered)
            kept = in_all if common else covered
            if kept.any():
                stored = to_stored(np.where(kept, layer, np.float32(np.nan)), band)
                tally.add(layer[kept], stored[kept])
                writer.write_raw(tile, stored, number)
    return tallies, complete


def _overview_resampling(layers: Layers) -> str:
    """Return the method of the overviews; there is one for all bands, and a mean of classes is none."""
    has_classes = any(is_class(band, layers.rasters[band.layer]) for band in layers.bands)
    return "NEAREST" if has_classes else "AVERAGE"
