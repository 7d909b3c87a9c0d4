"""The grid of a composite, and the blocks that it is made in."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

from ..errors import InvalidCRSError, InvalidGridError, InvalidOptionError
from ..rasters.extent import stated_extent
from ..rasters.geodata import crs_from_text, metres_per_unit, same_crs
from ..rasters.grid import Grid, Window
from ..rasters.regridding import Bounds, SourceBand, bounds_on, stored_block, transformed_bounds
from ..rasters.tiling import round_up
from .scenes import Observation, Scene

# Less of a pixel than this is rounding.
_NOTHING = 1e-6
# Inputs that together cover less than this share of the rectangle around them belong to several places.
_LEAST_COVER = 0.05
# Pixels that are worth opening a file for.
_USEFUL_SIDE = 1024
_SMALLEST_SIDE = 64


def composite_grid(scenes: Sequence[Scene], extent: str, crs: str, resolution: float) -> Grid:
    """Return the grid that an extent, a reference system and a resolution ask for.

    Its pixels coincide with those of the first scene if the reference system and the resolution are that scene's.

    Parameters
    ----------
    scenes : sequence of Scene
    extent : str
        ``xmin,xmax,ymin,ymax``, possibly with a reference system in brackets; empty for all scenes.
    crs : str
        A reference system's name; empty for that of the first scene.
    resolution : float
        Side of a pixel in metres; 0 for that of the finest band.

    Raises
    ------
    InvalidOptionError
        If the extent cannot be read, or a resolution is needed.
    InvalidCRSError
        If the reference system has no metres.
    InvalidGridError
        If the scenes lie far from each other and no extent says which place is meant.
    """
    first = scenes[0].finest.grid
    system = crs_from_text(crs) if crs else first.crs
    unit = _metres_per_unit(system)
    side = (resolution or _finest_side(scenes)) / unit
    left, bottom, right, top = _extent(extent, system) if extent else _around(scenes, system)
    x0, y0 = (first.geotransform[0], first.geotransform[3]) if same_crs(first.crs, system) else (0.0, 0.0)
    column, row = math.floor((left - x0) / side + _NOTHING), math.floor((y0 - top) / side + _NOTHING)
    width = math.ceil((right - x0) / side - _NOTHING) - column
    height = math.ceil((y0 - bottom) / side - _NOTHING) - row
    return Grid(width, height, (x0 + column * side, side, 0.0, y0 - row * side, 0.0, -side), system)


def overlapping(scenes: Sequence[Scene], grid: Grid) -> list[Scene]:
    """Return the scenes that share an area with a grid.

    Raises
    ------
    InvalidGridError
        If none does.
    """
    area = bounds_on(grid.crs, grid)
    found = [scene for scene in scenes if _overlap(area, bounds_on(grid.crs, scene.finest.grid))]
    if not found:
        raise InvalidGridError(
            f"None of the {len(scenes)} inputs overlaps the extent ({_shown(area)}). The first of them, "
            f"{scenes[0].name}, covers {_shown(bounds_on(grid.crs, scenes[0].finest.grid))} (left, bottom, right, top)."
        )
    return found


def observations_within(observations: Sequence[Observation], grid: Grid, window: Window) -> list[Observation]:
    """Return the observations with those of their scenes that share an area with a window of a grid."""
    (left, right), (top, bottom) = grid.coordinates(
        [window.x, window.x + window.width], [window.y, window.y + window.height]
    )
    area = float(left), float(bottom), float(right), float(top)
    near = [
        [scene for scene in observation if _overlap(area, bounds_on(grid.crs, scene.finest.grid))]
        for observation in observations
    ]
    return [observation for observation in near if observation]


def require_masks_overlap(scenes: Sequence[Scene]) -> None:
    """Refuse a mask that lies elsewhere than its scene.

    Raises
    ------
    InvalidGridError
        If one does.
    """
    for scene in scenes:
        grid = scene.finest.grid
        if scene.mask and not _overlap(bounds_on(grid.crs, grid), bounds_on(grid.crs, scene.mask.grid)):
            raise InvalidGridError(
                f"The mask {scene.mask.path} does not overlap {scene.name}; give the masks in the order of the inputs."
            )


def blocks(grid: Grid, source: SourceBand, bytes_a_pixel: int, budget: int) -> list[Window]:
    """Cut a grid into blocks that fit the memory, along the blocks in which a source is stored.

    A block of a compressed file is decoded whole, however little of it is read.

    Parameters
    ----------
    grid : Grid
    source : SourceBand
        The band that is dearest to read.
    bytes_a_pixel : int
        What is held for each pixel of a block.
    budget : int
        Bytes allowed a block.

    Returns
    -------
    list of Window
        Column by column, covering each pixel once: a block shares its longer side with the next.
    """
    width, height = _unit(source, max(budget // bytes_a_pixel, 1))
    x, y = (round(float(value)) for value in source.grid.pixels(grid.geotransform[0], grid.geotransform[3]))
    columns = max(budget // (bytes_a_pixel * width * height), 1)
    return [
        Window(left, top, right - left, bottom - top)
        for left, right in _spans(grid.width, columns * width, x % width)
        for top, bottom in _spans(grid.height, height, y % height)
    ]


def _unit(source: SourceBand, pixels: int) -> tuple[int, int]:
    """Return width and height of whole stored blocks, but of less where these are too large for the memory."""
    stored_width, stored_height = stored_block(source)
    width = round_up(_USEFUL_SIDE, stored_width)
    height = round_up(max(_USEFUL_SIDE**2 // width, 1), stored_height)
    while width * height > pixels and max(width, height) > _SMALLEST_SIDE:
        if width > height:
            width = -(-width // 2)
        else:
            height = -(-height // 2)
    return width, height


def _spans(length: int, step: int, offset: int) -> Iterator[tuple[int, int]]:
    """Yield begin and end of the parts of a line that is cut every `step`, `offset` before its start for the first."""
    begin = 0
    while begin < length:
        end = min(begin + step - (begin + offset) % step, length)
        yield begin, end
        begin = end


def _metres_per_unit(crs: str) -> float:
    try:
        return metres_per_unit(crs, "The composite")
    except InvalidCRSError as error:
        raise InvalidCRSError(f"{error} Here the option `crs` does so.") from error


def _finest_side(scenes: Sequence[Scene]) -> float:
    """Return the side of the smallest pixel, in metres."""
    try:
        return min(min(scene.finest.grid.pixel_size_m) for scene in scenes)
    except InvalidCRSError as error:
        raise InvalidOptionError(f"{error} Or state the `resolution` of the composite, in metres.") from error


def _extent(text: str, crs: str) -> Bounds:
    bounds, system = stated_extent(text)
    return transformed_bounds(bounds, crs_from_text(system) if system else crs, crs)


def _around(scenes: Sequence[Scene], crs: str) -> Bounds:
    """Return the bounds of all scenes."""
    each = [bounds_on(crs, scene.finest.grid) for scene in scenes]
    lefts, bottoms, rights, tops = zip(*each, strict=True)
    left, bottom, right, top = min(lefts), min(bottoms), max(rights), max(tops)
    covered = sum((bounds[2] - bounds[0]) * (bounds[3] - bounds[1]) for bounds in set(each))
    if covered < _LEAST_COVER * (right - left) * (top - bottom):
        raise InvalidGridError(
            f"The inputs lie far apart: together they cover {covered / ((right - left) * (top - bottom)):.1%} of the "
            "rectangle around them. Give the `extent` of one place."
        )
    return left, bottom, right, top


def _overlap(first: Bounds, second: Bounds) -> bool:
    return first[0] < second[2] and second[0] < first[2] and first[1] < second[3] and second[1] < first[3]


def _shown(bounds: Bounds) -> str:
    return ", ".join(f"{value:.10g}" for value in bounds)
