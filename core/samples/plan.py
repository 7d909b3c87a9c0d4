"""What is known before the first chip is written: the layers, the ground of each split, and what there is room for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from ..contracts.samples import METRES, SamplesOptions
from ..errors import InvalidOptionError, InvalidRasterError, InvalidVectorError
from ..progress import Progress
from ..rasters.grid import Grid
from ..rasters.raster import Raster
from .blocks import NO_SPLIT, Blocks, usual_size
from .landforms import UsablePixels, groups_of, home_blocks, usable_pixels
from .outlines import Inventory, Searched, Sources
from .sampleset import HARD_NEGATIVE, LOOK_ALIKE, RANDOM, SIMILAR_TERRAIN
from .survey import Survey, spacing_of, survey
from .windows import Room

_SMALLEST_PATCH, _LARGEST_PATCH = 8, 4096


@dataclass(frozen=True)
class Plan:
    """What the chips are made by.

    Attributes
    ----------
    options : SamplesOptions
    grid : Grid
    sources : Sources
    found : Survey
    room : Room
    landform_pixels : float array, shape (n,)
        Pixels of each landform that have data, were searched, and lie in none before it.
    weights : dict of float
        Of the kinds of negatives that can be had.
    notes : list of str
    """

    options: SamplesOptions
    grid: Grid
    sources: Sources
    found: Survey
    room: Room
    landform_pixels: NDArray[np.float64]
    weights: dict[str, float]
    notes: list[str]

    @property
    def inventory(self) -> Inventory:
        """The landforms that can be in chips."""
        return self.sources.inventory

    @property
    def searched(self) -> Searched:
        """Which ground counts."""
        return self.sources.searched

    @property
    def shares(self) -> tuple[float, float, float]:
        """Shares of training, validation and test that are to be met; all 0 where the blocks were given."""
        return shares_of(self.options) if self.sources.blocks is None else (0.0, 0.0, 0.0)


def planned(
    options: SamplesOptions,
    read: Callable[[Grid], Sources],
    stack: Raster,
    weights: dict[str, float],
    progress: Progress,
) -> Plan:
    """Read the layers, look at the stack, and divide the ground.

    Raises
    ------
    MapperError
        If an input cannot be read or does not fit, or there are too few landforms for the splits wanted.
    """
    grid = stack.grid
    size = _patch_pixels(options, grid)
    own = Blocks.of(grid, _block_pixels(options, grid, size))
    shares_of(options)
    sources = read(grid)
    blocks = sources.blocks or own
    if min(np.diff(blocks.x).min(), np.diff(blocks.y).min()) < size:
        raise InvalidOptionError(
            f"A patch of {size} pixels does not fit into the blocks of the earlier samples; give their patch size."
        )
    inventory, searched, notes = sources.inventory, sources.searched, list(sources.notes)
    found = survey(stack, searched, spacing_of(grid, size), options.seed, progress.part(0, 0.6))
    if not len(found.x) and sources.rejected is None:
        raise InvalidRasterError(
            f"{stack.path} has no data on the ground that was searched; give another stack or area."
        )
    usable = usable_pixels(inventory.polygons, stack, searched, blocks, progress.part(0.6, 1))
    room = _room(options, sources, found, usable, blocks, size)
    available = _available(options, sources, found, weights, notes)
    return Plan(options, grid, sources, found, room, usable.own_of_landforms(len(inventory)), available, notes)


def _patch_pixels(options: SamplesOptions, grid: Grid) -> int:
    distance = grid.ground_sample_distance
    size = round(options.patch_size / distance if options.patch_unit == METRES else options.patch_size)
    given = f"A patch of {options.patch_size:g} {options.patch_unit} is {size} pixels a side"
    if not _SMALLEST_PATCH <= size <= _LARGEST_PATCH:
        raise InvalidOptionError(f"{given}; it must have {_SMALLEST_PATCH} to {_LARGEST_PATCH}.")
    if size > min(grid.width, grid.height):
        raise InvalidOptionError(
            f"{given}, but the stack has {grid.width} x {grid.height}; give a smaller patch or a larger stack."
        )
    return size


def _block_pixels(options: SamplesOptions, grid: Grid, patch: int) -> float:
    if not options.block_size:
        return usual_size(grid, patch)
    size = options.block_size / grid.ground_sample_distance
    if size < patch:
        raise InvalidOptionError(
            f"A block of {options.block_size:g} m is smaller than a patch of "
            f"{patch * grid.ground_sample_distance:g} m, so that no chip would fit into it; give larger blocks or "
            "smaller patches."
        )
    return size


def shares_of(options: SamplesOptions) -> tuple[float, float, float]:
    """Return the shares of training, validation and test.

    Raises
    ------
    InvalidOptionError
        If nothing is left to train on.
    """
    training = 1 - options.validation_share - options.test_share
    # One tenth and nine tenths leave nothing, whatever rounding says.
    if training < 1e-9:
        raise InvalidOptionError(
            f"Validation and test take shares of {options.validation_share:g} and {options.test_share:g}, which leaves "
            "nothing to train on; together they must be less than 1."
        )
    return training, options.validation_share, options.test_share


def _room(
    options: SamplesOptions, sources: Sources, found: Survey, usable: UsablePixels, blocks: Blocks, size: int
) -> Room:
    """Divide blocks and landforms among the splits; a landform without any usable pixel goes to none."""
    inventory, shares = sources.inventory, shares_of(options)
    in_pixels = inventory.polygons.in_pixels
    areas = usable.of_landforms(len(inventory))
    groups = groups_of(in_pixels, 2 * options.ring_width / inventory.polygons.grid.ground_sample_distance)
    home = home_blocks(usable, groups)
    is_usable = areas > 0
    if sources.blocks is not None:
        return Room(blocks, inventory.polygons, np.where(is_usable, blocks.split_of(home), NO_SPLIT), size)
    wanted = sum(share > 0 for share in shares)
    occupied = len(np.unique(home[is_usable]))
    if len(inventory) and occupied < wanted:
        raise InvalidVectorError(
            f"The {is_usable.sum()} landform(s) of {options.inventory} that have data and were searched lie in "
            f"{occupied} block(s) of {_block_text(blocks, inventory.polygons.grid)}, but {wanted} are needed, one each "
            f"for {_split_text(shares)}. Give more landforms or a smaller block size, or set the validation share "
            "or the test share to 0 and take these from another region."
        )
    amounts = 0.5 * is_usable / max(is_usable.sum(), 1) + 0.5 * areas / max(areas.sum(), 1)
    landforms = np.bincount(home, amounts, len(blocks)).astype(float)
    x, y = found.x, found.y
    if sources.rejected is not None:
        # The ground of a small outline, all that was looked at, may lie between the places of the survey.
        middles = shapely.point_on_surface(sources.rejected.polygons.in_pixels)
        x, y = np.append(x, shapely.get_x(middles)), np.append(y, shapely.get_y(middles))
    ground = np.bincount(blocks.number_at(x, y), minlength=len(blocks)) / max(len(x), 1)
    assigned = blocks.assigned(landforms, ground, shares, options.seed)
    return Room(assigned, inventory.polygons, np.where(is_usable, assigned.split_of(home), NO_SPLIT), size)


def _block_text(blocks: Blocks, grid: Grid) -> str:
    width, height = (np.diff(edges).mean() * grid.ground_sample_distance for edges in (blocks.x, blocks.y))
    return f"{width:.0f} x {height:.0f} m"


def _split_text(shares: tuple[float, float, float]) -> str:
    names = [name for name, share in zip(("training", "validation", "test"), shares, strict=True) if share > 0]
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _available(
    options: SamplesOptions,
    sources: Sources,
    found: Survey,
    weights: dict[str, float],
    notes: list[str],
) -> dict[str, float]:
    """Return the weights of the kinds of negatives for which there is what they need."""
    missing = set()
    if sources.look_alikes is None or not sources.look_alikes.classes:
        missing.add(LOOK_ALIKE)
    if not options.heatmap:
        missing.add(HARD_NEGATIVE)
    if not found.has_terrain:
        missing.add(SIMILAR_TERRAIN)
        if weights[SIMILAR_TERRAIN]:
            notes.append(
                "The stack has no bands elevation and slope, so that no negatives were chosen for being as high and as "
                "steep as the landforms."
            )
    kept = {kind: weight for kind, weight in weights.items() if weight and kind not in missing}
    return kept or {RANDOM: 1.0}
