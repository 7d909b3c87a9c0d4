"""Stage `terrain`: terrain attributes of a DEM, in ground metres, tile by tile."""

from __future__ import annotations

import contextlib
import math

from .. import provenance
from ..contracts.terrain import TerrainOptions, TerrainResult
from ..errors import InvalidOptionError
from ..files import check_writable
from ..progress import Progress
from ..rasters.grid import Window
from ..rasters.raster import Band, Raster, RasterWriter
from . import neighbourhoods
from .dem import Dem
from .demgrid import Steps
from .neighbourhoods import GAUSSIAN_EXTENT
from .terrain_tile import Layer, TerrainTile
from .voids import filled

_TILE_SIZE = 512
# Neighbourhoods that reach farther than this many pixels get tiles of twice the side: most of a small one's block would
# be surroundings.
_FAR = 256
_LARGEST_REACH = 1000
_NODATA = -9999.0
_OF_RADII = ("tpi", "relief")
_UNITS = {
    "elevation": "m",
    "slope": "degree",
    "profile_curvature": "1/100 m",
    "plan_curvature": "1/100 m",
    "tpi": "m",
    "relief": "m",
    "ruggedness": "m",
    "roughness": "m",
    "local_incidence": "degree",
}


def run(options: TerrainOptions, progress: Progress) -> TerrainResult:
    """Derive terrain attributes from a DEM.

    Slope, aspect, curvatures, hillshade and local incidence are those of the smoothed elevation; elevation,
    topographic position, relief, ruggedness and roughness those of the elevation as it is. Voids are filled first, if
    at all, and are nodata in every band otherwise.

    Parameters
    ----------
    options : TerrainOptions
    progress : Progress

    Returns
    -------
    TerrainResult

    Raises
    ------
    MapperError
        If the DEM cannot be read or measured, an option does not fit it, or the output cannot be written.
    """
    check_writable(options.output, ".tif", ".tiff", inputs=[options.dem])
    layers = _layers(options)
    with Raster(options.dem) as raster, contextlib.ExitStack() as stack:
        dem = Dem(raster, options.z_unit)
        _check_lengths(options, layers, dem)
        steps = [*raster.provenance, provenance.step("terrain", options)]
        bands = [Band(layer.role, "float32", _NODATA, unit=_UNITS.get(layer.attribute, "")) for layer in layers]
        start = 0.0
        if options.fill > 0:
            start = 0.3
            dem = stack.enter_context(filled(dem, options.fill, options.output, progress.part(0, start)))
        writer = stack.enter_context(RasterWriter(options.output, dem.grid, bands, steps))
        pieces = dem.ground.pieces(_tile_size(options, layers, dem))
        part = progress.part(start, 1)
        for piece in part.each(pieces, len(pieces), "Deriving terrain attributes"):
            writer.write(piece, TerrainTile(dem, piece, options, layers, part.check).bands())
    return TerrainResult(options.output)


def _layers(options: TerrainOptions) -> list[Layer]:
    """Return the bands to write, each once, in the order of the attributes given."""
    if not options.attributes:
        raise InvalidOptionError("Option `attributes` is empty; name at least one attribute, such as slope.")
    layers: list[Layer] = []
    for attribute in dict.fromkeys(options.attributes):
        if attribute in _OF_RADII:
            layers += [Layer(attribute, f"{attribute}_{radius:g}", radius) for radius in _radii(options)]
        else:
            layers.append(Layer(attribute, attribute))
    return layers


def _radii(options: TerrainOptions) -> list[float]:
    if not options.radius:
        raise InvalidOptionError("Option `radius` is empty, but tpi and relief need one, such as 250 (metres).")
    return list(dict.fromkeys(_radius(text) for text in options.radius))


def _radius(text: str) -> float:
    with contextlib.suppress(ValueError):
        radius = float(text)
        if 0 < radius < math.inf:
            return radius
    raise InvalidOptionError(f"Option `radius` must be lengths in metres above 0, such as 250, but {text!r} was given.")


def _check_lengths(options: TerrainOptions, layers: list[Layer], dem: Dem) -> None:
    """Refuse neighbourhoods that hold nothing but their centre, or more pixels than memory."""
    side = max(math.hypot(*vector) for steps in _extremes(dem) for vector in (steps[:2], steps[2:]))
    for layer in layers:
        if 0 < layer.radius < side:
            raise InvalidOptionError(
                f"The radius of {layer.radius:g} m is smaller than a pixel of the DEM, which is {side:.4g} m long; "
                "give a larger one."
            )
    lengths = [("radius", layer.radius, layer.radius) for layer in layers]
    lengths.append(("smoothing", options.smoothing, GAUSSIAN_EXTENT * options.smoothing))
    for name, length, extent in lengths:
        if _farthest(extent, dem) > _LARGEST_REACH:
            raise InvalidOptionError(
                f"Option `{name}` of {length:g} m reaches farther than {_LARGEST_REACH} pixels of the DEM; give a "
                "smaller one, or a DEM with larger pixels (`gdalwarp -tr ... -r average`)."
            )


def _tile_size(options: TerrainOptions, layers: list[Layer], dem: Dem) -> int:
    farthest = max(GAUSSIAN_EXTENT * options.smoothing, *(layer.radius for layer in layers))
    return _TILE_SIZE if _farthest(farthest, dem) <= _FAR else 2 * _TILE_SIZE


def _farthest(length: float, dem: Dem) -> int:
    """Return how many columns or rows a length in metres reaches at most."""
    return max(max(neighbourhoods.disc_reach(length, steps)) for steps in _extremes(dem))


def _extremes(dem: Dem) -> list[Steps]:
    """Return the steps at the first and the last row, and in degrees also at that nearest to the equator."""
    last = dem.grid.height - 1
    rows = [0, last]
    if dem.ground.in_degrees:
        latitude, down = dem.grid.geotransform[3], dem.grid.geotransform[5]
        rows.append(min(max(int(-latitude / down), 0), last))
    return [dem.ground.neighbourhood_steps(Window(0, row, 1, 1)) for row in rows]
