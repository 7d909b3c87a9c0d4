"""Stage `heatmap`: apply a network to a feature stack, tile by tile, as if it were applied to the whole at once."""

from __future__ import annotations

import contextlib
import itertools
import math
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import numpy as np

from .. import provenance
from ..background import read_ahead, write_behind
from ..contracts.heatmap import HeatmapOptions, HeatmapResult
from ..errors import InvalidModelError, InvalidOptionError
from ..files import check_writable
from ..memorylimit import limited_memory
from ..networks.member import Image, Member
from ..networks.network import Network, uses_gpu
from ..networks.statedcard import card_for
from ..progress import Progress
from ..rasters.grid import Grid, Window
from ..rasters.raster import Band, Raster
from ..rasters.roles import HEATMAP
from ..rasters.tiling import Tiling, largest_useful_side, plan_tiles, tile_side
from .blending import Blend
from .eligibility import Eligibility
from .heatmapgrid import HeatmapGrid
from .orientations import orientations
from .tilereader import Tile, read_tiles

STANDARD_DEVIATION = f"{HEATMAP}_std"
SPEED_KEY = "ROCK_GLACIER_MAPPER_TILES_PER_SECOND"
_STORAGE = {"byte": ("uint8", 255.0, 0.004), "float32": ("float32", -9999.0, 1.0)}
# Sides of tiles where the user asks for none. Of a tile of six halos a side four ninths are its own; more takes memory.
_SMALLEST_SIDE, _USUAL_SIDE, _LARGEST_USUAL_SIDE = 32, 512, 1536
_HALOS_A_SIDE = 6
# Tiles read before the network takes them, and images that wait to be written: enough to bridge a slow one.
_TILES_AHEAD = 2
_IMAGES_BEHIND = 2


def run(options: HeatmapOptions, progress: Progress) -> HeatmapResult:
    """Apply a CNN to a feature stack.

    Every pixel gets the value that the network would give it on an endless raster (the stack, mirrored at its edges),
    whatever the tile size. A network that sees its whole tile has no such value: its tiles are blended, with a warning.
    A pixel is nodata where any band that the network needs has no value there, and where it is not eligible: outside
    the area, or the ranges of elevation and slope. Tiles without other pixels are skipped.

    With several models or orientations of the tiles, the heatmap is their mean; on request their standard deviation is
    written too.

    Parameters
    ----------
    options : HeatmapOptions
    progress : Progress

    Returns
    -------
    HeatmapResult

    Raises
    ------
    InvalidModelError
        If the model cannot be run, gives something else than numbers of one image, or exceeds a limit.
    ModelMismatchError
        If the stack does not fit the model, or the model does not say what it needs.
    InvalidCRSError
        If the stack is in degrees or has no reference system.
    InvalidOptionError
        If the tiles are too small for the model or too large for the memory, a range is empty, or models or
        orientations do not go together.
    InvalidRasterError, InvalidVectorError, OutputError
        If a file cannot be read or written.
    """
    check_writable(options.output, ".tif", ".tiff", inputs=[options.stack, options.area])
    if options.uncertainty and options.augment == "none" and not options.ensemble:
        raise InvalidOptionError(
            "The uncertainty is the standard deviation over several results, but there is only one. "
            "Set `augment` to flips or all, or name further models with `ensemble`."
        )
    with Raster(options.stack) as stack:
        eligibility = Eligibility(options, stack)
        with _limited(options):
            return _mapped(options, stack, eligibility, progress)


def _mapped(options: HeatmapOptions, stack: Raster, eligibility: Eligibility, progress: Progress) -> HeatmapResult:
    """Write the heatmap of an open stack."""
    laid_down = orientations(options.augment)
    models = (options.model, *options.ensemble)
    networks = [Network(model, options.device, progress, options.time_limit) for model in models]
    cards = [card_for(network, options) for network in networks]
    grid = HeatmapGrid(options, stack, cards, eligibility, progress)
    members = [
        Member(network, card, grid.stack, laid_down, progress) for network, card in zip(networks, cards, strict=True)
    ]
    tiling = _planned(members, grid.stack.grid, options.tile_size, progress)
    mapper = _Mapper(members, tiling, options.uncertainty)
    first = members[0]
    step = provenance.step(
        "heatmap",
        options,
        model_name=first.card.name,
        model_sha256=first.network.sha256,
        provider=first.network.provider,
        ensemble=[{"model_name": item.card.name, "model_sha256": item.network.sha256} for item in members[1:]],
        orientations=[str(item) for item in laid_down],
        tile_size=tiling.size,
        halo=tiling.halo,
        blended=tiling.reach > 0,
        absent=[role for item in members for role in item.source.absent],
        **grid.facts,
    )
    bands = [_band(name, options.output_type) for name in mapper.bands]
    cores = len(tiling.cores())
    with grid.writer(bands, [*stack.provenance, step]) as writer:

        def write_image(image: tuple[Window, Image]) -> None:
            writer.write(*image)

        begin = time.monotonic()
        sources = [member.source for member in members]
        # From here on the stack is read by the reading thread alone, and the heatmap written by the writing one.
        with (
            write_behind(write_image, _IMAGES_BEHIND, progress) as write,
            read_ahead(read_tiles(sources, grid.eligibility, tiling), _TILES_AHEAD, progress) as tiles,
        ):
            for image in mapper.map(progress.each(tiles, cores, "Applying the network"), progress):
                write(image)
        speed = mapper.tiles / max(time.monotonic() - begin, 1e-9)
        writer.note(SPEED_KEY, f"{speed:.3g}")
    mapper.report(speed, progress)
    return HeatmapResult(options.output, first.network.provider, mapper.tiles, cores - mapper.tiles, speed)


class _Mapper:
    """Turns tiles into class probabilities.

    Attributes
    ----------
    bands : list of str
        Descriptions of the image's bands.
    tiles : int
        How many tiles the networks were run on.
    """

    def __init__(self, members: Sequence[Member], tiling: Tiling, uncertainty: bool) -> None:
        self.tiles = 0
        self.bands = [HEATMAP, *(f"{HEATMAP}_{name}" for name in members[0].classes[1:])]
        if uncertainty:
            self.bands.append(STANDARD_DEVIATION)
        self._members = members
        self._tiling = tiling
        self._uncertainty = uncertainty

    def map(self, tiles: Iterable[Tile | None], progress: Progress) -> Iterator[tuple[Window, Image]]:
        """Yield windows with their values, shape (bands, height, width), NaN where no value is wanted."""
        answered = self._answered((tile for tile in tiles if tile is not None), progress)
        if not self._tiling.reach:
            for tile, values in answered:
                yield tile.target, np.where(tile.wanted, values, np.float32(np.nan))
            return
        blend = Blend(self._tiling, len(self.bands))
        for tile, values in answered:
            yield from blend.add(tile, values)
        yield from blend.rest()

    def report(self, speed: float, progress: Progress) -> None:
        """Tell how fast the networks were, and what was odd."""
        provider = self._members[0].network.provider
        progress.report(1, f"Ran {self.tiles} tiles on {provider}, {speed:.3g} tiles per second")
        if not self.tiles:
            progress.warn(
                "No pixel was mapped: the stack has no eligible pixel that is valid in every band needed. "
                "Check the area and the ranges of elevation and slope."
            )
        for member in self._members:
            member.report(progress)

    def _answered(self, tiles: Iterator[Tile], progress: Progress) -> Iterator[tuple[Tile, Image]]:
        """Yield the tiles with their values, having run as many at once as the networks take."""
        count = max(member.network.batch for member in self._members)
        while batch := list(itertools.islice(tiles, count)):
            self.tiles += len(batch)
            answers = [
                member.answers(batch, [tile.inputs[number] for tile in batch], self._tiling, progress)
                for number, member in enumerate(self._members)
            ]
            for tile, *images in zip(batch, *answers, strict=True):
                yield tile, self._combined(list(itertools.chain.from_iterable(images)))

    def _combined(self, images: Sequence[Image]) -> Image:
        """Return the mean of several images, and the standard deviation of their target class where it is wanted.

        The images are all results that there are, not a sample of them: the divisor is their number.
        """
        if len(images) == 1:
            return images[0]
        # Equal numbers have exactly their value as mean, and no deviation, in double precision alone.
        bands = [*np.mean(images, axis=0, dtype=np.float64)]
        if self._uncertainty:
            bands.append(np.std([image[0] for image in images], axis=0, dtype=np.float64))
        combined: Image = np.stack(bands).astype(np.float32)
        return combined


def _limited(options: HeatmapOptions) -> contextlib.AbstractContextManager[None]:
    """Return the limit on memory; a GPU's driver reserves far more than it takes, so there none can be set."""
    return contextlib.nullcontext() if uses_gpu(options.device) else limited_memory(options.memory_limit)


def _planned(members: Sequence[Member], grid: Grid, tile_size: int, progress: Progress) -> Tiling:
    """Plan tiles that are exact for every network, having tried each on one.

    Sides are multiples of every stride, so that a tile begins at the same phase of it however it is laid down.
    """
    if 0 < tile_size < _SMALLEST_SIDE:
        raise InvalidOptionError(
            f"Option `tile_size` must be 0 or at least {_SMALLEST_SIDE} pixels, but {tile_size} was given."
        )
    stride = math.lcm(*(member.stride for member in members))
    size = _only_size(members, tile_size, progress)
    fixed = size is not None
    stated = _largest([member.card.halo for member in members])
    wanted = tile_size or max(_USUAL_SIDE, min(_HALOS_A_SIDE * (stated or 0), _LARGEST_USUAL_SIDE))
    if stated is not None:
        wanted = min(wanted, largest_useful_side(grid, stated, stride))
    side = tile_side(wanted, stride, size)
    if stated is not None:
        plan_tiles(grid, side, stated, stride, fixed)
    for member in members:
        member.try_out(side, progress)
    for first, second in itertools.combinations(members, 2):
        second.follow(first)
    halo = _largest([member.halo(side, progress) for member in members])
    margin = max(member.margin for member in members)
    if halo is not None:
        return plan_tiles(grid, side, max(halo, margin), stride, fixed)
    halo = max(side // 4, margin + stride)
    tiling = plan_tiles(grid, side, halo // stride * stride, stride, fixed)
    return replace(tiling, reach=tiling.halo - margin)


def _largest(halos: Sequence[int | None]) -> int | None:
    """Return the largest halo, None where one of them is unknown."""
    known = [halo for halo in halos if halo is not None]
    return max(known) if len(known) == len(halos) else None


def _only_size(members: Sequence[Member], tile_size: int, progress: Progress) -> int | None:
    """Return the only size of tiles that the networks take, None where the size is free."""
    sizes = sorted({member.network.size for member in members if member.network.size is not None})
    if not sizes:
        return None
    size = sizes[0]
    misfits = [member for member in members if member.network.size is None and size % member.stride]
    if len(sizes) > 1 or misfits:
        wanted = [*map(str, sizes), *(f"multiples of {member.stride}" for member in misfits)]
        raise InvalidModelError(
            f"The models of the ensemble take tiles of {' and of '.join(wanted)} pixels only, which cannot be the same "
            "tiles. Export them with a free size, or for the same size."
        )
    if tile_size not in (0, size):
        progress.warn(f"The model takes tiles of {size} pixels only; the tile size {tile_size} is not used.")
    return size


def _band(role: str, output_type: str) -> Band:
    dtype, nodata, scale = _STORAGE[output_type]
    return Band(role, dtype, nodata, scale)
