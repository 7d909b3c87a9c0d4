"""Stage `samples`: chips of a stack with their masks, cut so that what is trained on is never tested on."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray

from .. import provenance
from ..contracts.samples import METRES, SamplesOptions, SamplesResult
from ..errors import InvalidOptionError, InvalidRasterError, InvalidVectorError
from ..files import check_folder_writable, replacing_folder
from ..progress import Progress
from ..rasters.grid import Grid
from ..rasters.raster import Raster
from ..reports.report_page import source_name
from ..vectors.vector import VectorLayer
from .blocks import Blocks, usual_size
from .chipstatistics import chip_statistics
from .drawing import NEGATIVE_KINDS, ChipWriter, Drawing, Wish, divided, parsed_weights
from .labelling import Labels
from .landforms import Place, Positives, groups_of, home_blocks, places_of, positives_of
from .negatives import Candidates, Surroundings, look_alike_places, margins, random_places, similar_terrain
from .outlines import Inventory, LookAlikes, Searched, read_inventory, read_look_alikes, read_searched
from .report import report_page
from .samplefolder import SamplesRecord, counts_of, write_index, write_record
from .sampleset import (
    CHIPS_FOLDER,
    HARD_NEGATIVE,
    INDEX,
    LOOK_ALIKE,
    MARGIN,
    POSITIVE,
    RANDOM,
    RECORD,
    REPORT,
    SIMILAR_TERRAIN,
    SPLITS,
    TEST,
    TRAIN,
    VALIDATION,
    Chip,
)
from .survey import Survey, false_alarms, near, spacing_of, survey
from .windows import Room

_SMALLEST_PATCH, _LARGEST_PATCH = 8, 4096
_OWN = (CHIPS_FOLDER, INDEX, RECORD, REPORT)
# Names of landforms that are listed in a note, at most.
_MOST_NAMED = 10


@dataclass(frozen=True)
class _Plan:
    """What is known before the first chip is written.

    Attributes
    ----------
    options : SamplesOptions
    grid : Grid
    inventory : Inventory
    searched : Searched
    look_alikes : LookAlikes or None
    found : Survey
    room : Room
    weights : dict of float
        Of the kinds of negatives that can be had.
    notes : list of str
    """

    options: SamplesOptions
    grid: Grid
    inventory: Inventory
    searched: Searched
    look_alikes: LookAlikes | None
    found: Survey
    room: Room
    weights: dict[str, float]
    notes: list[str]


def run(options: SamplesOptions, progress: Progress) -> SamplesResult:
    """Cut chips with their masks out of a stack and divide them into training, validation and test.

    The stack is divided into blocks, each of which goes to one split; a landform goes to that of the block in which
    most of it (and of those that touch it) lies. A chip lies wholly in the ground of its split and shows no landform
    of another: it is moved until it does, or left out.

    Parameters
    ----------
    options : SamplesOptions
    progress : Progress

    Returns
    -------
    SamplesResult

    Raises
    ------
    MapperError
        If an input cannot be read or does not fit, there are too few landforms for the splits wanted, there is no room
        for negatives, or the output cannot be written; then there is no output, and an earlier one is as it was.
    """
    inputs = (options.stack, options.inventory, options.area, options.unsure, options.look_alikes, options.heatmap)
    check_folder_writable(options.output, RECORD, _OWN, inputs)
    weights = parsed_weights(options.kind_weights)
    with Raster(options.stack) as stack:
        plan = _plan(options, stack, weights, progress.part(0, 0.15))
        with replacing_folder(options.output) as folder:
            labels = Labels.of(plan.inventory.polygons, plan.searched, options.ring_width)
            writer = ChipWriter(folder, stack, labels, plan.room.blocks, plan.room.size)
            _write_chips(plan, writer, progress.part(0.15, 0.8))
            landforms = _landform_layer(plan, writer.chips)
            _write_rest(plan, stack, writer, landforms, progress.part(0.8, 1))
            counts = {split: sum(kinds.values()) for split, kinds in counts_of(writer.chips).items()}
            shown = int((landforms.columns["chips"] > 0).sum())
            progress.check()
    for note in plan.notes:
        progress.warn(note)
    progress.report(1, "Done")
    return SamplesResult(options.output, counts[TRAIN], counts[VALIDATION], counts[TEST], shown, plan.room.size)


def _plan(options: SamplesOptions, stack: Raster, weights: dict[str, float], progress: Progress) -> _Plan:
    """Read the layers, look at the stack, and divide the ground."""
    grid = stack.grid
    size = _patch_pixels(options, grid)
    shares = _shares(options)
    searched, notes = read_searched(options, grid)
    inventory = read_inventory(options, grid, searched)
    look_alikes, more = read_look_alikes(options, grid)
    notes = [*inventory.notes, *notes, *more]
    found = survey(stack, searched, spacing_of(grid, size), options.seed, progress)
    if not len(found.x):
        raise InvalidRasterError(
            f"{stack.path} has no data on the ground that was searched; give another stack or area."
        )
    room = _room(options, inventory, found, Blocks.of(grid, _block_pixels(options, grid, size)), size, shares)
    available = _available(options, look_alikes, found, weights, notes)
    return _Plan(options, grid, inventory, searched, look_alikes, found, room, available, notes)


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


def _shares(options: SamplesOptions) -> tuple[float, float, float]:
    training = 1 - options.validation_share - options.test_share
    # One tenth and nine tenths leave nothing, whatever rounding says.
    if training < 1e-9:
        raise InvalidOptionError(
            f"Validation and test take shares of {options.validation_share:g} and {options.test_share:g}, which leaves "
            "nothing to train on; together they must be less than 1."
        )
    return training, options.validation_share, options.test_share


def _room(
    options: SamplesOptions,
    inventory: Inventory,
    found: Survey,
    blocks: Blocks,
    size: int,
    shares: tuple[float, float, float],
) -> Room:
    """Divide blocks and landforms among the splits."""
    in_pixels = inventory.polygons.in_pixels
    groups = groups_of(in_pixels, 2 * options.ring_width / inventory.polygons.grid.ground_sample_distance)
    home = home_blocks(in_pixels, groups, blocks)
    wanted = sum(share > 0 for share in shares)
    occupied = len(np.unique(home))
    if occupied < wanted:
        raise InvalidVectorError(
            f"The {len(inventory)} landform(s) of {options.inventory} on the stack lie in {occupied} block(s) of "
            f"{_block_text(blocks, inventory.polygons.grid)}, but {wanted} are needed, one each for "
            f"{_split_text(shares)}. Give more landforms or a smaller block size, or set the validation share or the "
            "test share to 0 and take these from another region."
        )
    areas = shapely.area(in_pixels)
    landforms = np.bincount(home, 0.5 / len(home) + 0.5 * areas / areas.sum(), len(blocks)).astype(float)
    ground = np.bincount(blocks.number_at(found.x, found.y), minlength=len(blocks)) / len(found.x)
    assigned = blocks.assigned(landforms, ground, shares, options.seed)
    return Room(assigned, inventory.polygons, assigned.split_of(home), size)


def _block_text(blocks: Blocks, grid: Grid) -> str:
    width, height = (np.diff(edges).mean() * grid.ground_sample_distance for edges in (blocks.x, blocks.y))
    return f"{width:.0f} x {height:.0f} m"


def _split_text(shares: tuple[float, float, float]) -> str:
    names = [name for name, share in zip(("training", "validation", "test"), shares, strict=True) if share > 0]
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _available(
    options: SamplesOptions,
    look_alikes: LookAlikes | None,
    found: Survey,
    weights: dict[str, float],
    notes: list[str],
) -> dict[str, float]:
    """Return the weights of the kinds of negatives for which there is what they need."""
    missing = set()
    if look_alikes is None or not look_alikes.classes:
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


def _write_chips(plan: _Plan, writer: ChipWriter, progress: Progress) -> None:
    """Write positives, then negatives, in rounds: what turns out to be of no use is replaced."""
    options, room, notes = plan.options, plan.room, plan.notes
    places = places_of(plan.inventory.polygons.in_pixels, room, progress)
    positives = positives_of(
        places, room, options.chips_per_landform, options.jitter, options.seed, progress.part(0, 0.1)
    )
    useless = writer.write(_wishes(plan, positives), progress.part(0.1, 0.4))
    _note_positives(notes, positives, len(useless))
    _check_positives(plan, writer.chips)
    if not options.negatives:
        return
    drawing = Drawing(_candidates(plan, places, progress.part(0.4, 0.5)), room.size)
    wanted = _wanted(plan, writer.chips)
    written = len(writer.chips)
    part = progress.part(0.5, 1)
    while wishes := [wish for split in range(len(SPLITS)) for wish in drawing.draw(split, wanted[split])]:
        useless = writer.write(wishes, part)
        wanted = [
            {kind: sum(w.split == s and w.kind == kind for w in useless) for kind in plan.weights} for s in range(3)
        ]
        part = progress.part(1, 1)
    _check_negatives(plan, writer.chips, len(writer.chips) - written)


def _wishes(plan: _Plan, positives: Positives) -> list[Wish]:
    splits = plan.room.landform_split[positives.landform].tolist()
    return [
        Wish(column, row, split, POSITIVE, plan.inventory.ids[number])
        for (column, row), split, number in zip(
            positives.corners.tolist(), splits, positives.landform.tolist(), strict=True
        )
    ]


def _note_positives(notes: list[str], positives: Positives, useless: int) -> None:
    if positives.moved:
        notes.append(
            f"{positives.moved} chips of landforms were moved so as not to show ground or landforms of another split."
        )
    if positives.dropped:
        notes.append(f"{positives.dropped} chips of landforms were left out because they would have shown them anyway.")
    if useless:
        notes.append(
            f"{useless} chips of landforms were left out because no pixel of rock glacier counts in them: it has no "
            "data, was not searched, or is less than a pixel."
        )


def _check_positives(plan: _Plan, chips: list[Chip]) -> None:
    present = {chip.split for chip in chips}
    wanted = [split for split, share in zip(SPLITS, _shares(plan.options), strict=True) if share > 0]
    lacking = [split for split in wanted if split not in present]
    if lacking:
        raise InvalidVectorError(
            f"No landform of {plan.options.inventory} gives a chip for {' and '.join(lacking)}: where they lie the "
            "stack has no data, was not searched, or other splits are too near. Give more landforms, another block "
            "size or another seed, or set the share of the split to 0."
        )


def _candidates(plan: _Plan, places: list[Place], progress: Progress) -> dict[str, Candidates]:
    """Return the places of each kind of negatives that can be had."""
    options, room = plan.options, plan.room
    distance = plan.grid.ground_sample_distance
    avoided = near(plan.inventory.polygons, options.ring_width)
    around = Surroundings(room, avoided, plan.searched, options.ring_width / distance)
    found: dict[str, Candidates] = {}
    if HARD_NEGATIVE in plan.weights:
        spacing = spacing_of(plan.grid, room.size)
        x, y = false_alarms(
            options.heatmap, options.heatmap_threshold, plan.grid, avoided, plan.searched, spacing, progress
        )
        found[HARD_NEGATIVE] = around.candidates(x, y, [""] * len(x))
    progress.check()
    if LOOK_ALIKE in plan.weights and plan.look_alikes is not None:
        found[LOOK_ALIKE] = look_alike_places(around, plan.look_alikes, options.seed)
    if MARGIN in plan.weights:
        found[MARGIN] = margins(around, places, plan.inventory.ids, options.seed)
    progress.check()
    if SIMILAR_TERRAIN in plan.weights:
        found[SIMILAR_TERRAIN] = similar_terrain(around, plan.found, options.seed)
    progress.check()
    if RANDOM in plan.weights:
        found[RANDOM] = random_places(around, plan.found, options.seed)
    return found


def _wanted(plan: _Plan, chips: list[Chip]) -> list[dict[str, int]]:
    """Return how many negatives of each kind each split is to get."""
    counts = [sum(chip.split == split for chip in chips) for split in SPLITS]
    return [divided(round(plan.options.negatives * count), plan.weights) for count in counts]


def _check_negatives(plan: _Plan, chips: list[Chip], written: int) -> None:
    """Refuse samples without negatives to train on, and tell of those that are missing elsewhere."""
    counts = counts_of(chips)
    negatives = {split: sum(counts[split][kind] for kind in NEGATIVE_KINDS) for split in SPLITS}
    if not negatives[TRAIN]:
        raise InvalidVectorError(
            "There is no room for negatives: wherever the ground of the training blocks was searched, there are "
            "landforms. Give a larger area that was searched, smaller patches or another seed, or set `negatives` to 0."
        )
    wanted = sum(sum(kinds.values()) for kinds in _wanted(plan, [chip for chip in chips if chip.kind == POSITIVE]))
    if written < wanted:
        plan.notes.append(f"There is room for {written} negative chips only, where {wanted} were wanted.")
    for split in (VALIDATION, TEST):
        if counts[split][POSITIVE] and not negatives[split]:
            plan.notes.append(f"There is no room for negatives in the split `{split}`.")
    for kind in plan.weights:
        if kind == HARD_NEGATIVE and not any(counts[split][kind] for split in SPLITS):
            plan.notes.append(
                f"The heatmap is below {plan.options.heatmap_threshold:g} wherever a hard negative could be taken."
            )


def _landform_layer(plan: _Plan, chips: list[Chip]) -> VectorLayer:
    """Return the repaired inventory with the split of each landform and the number of chips that show it."""
    inventory, room = plan.inventory, plan.room
    corners = np.array([(chip.column, chip.row) for chip in chips], np.int64).reshape(-1, 2)
    shown = np.bincount(room.touched(corners)[1], minlength=len(inventory))
    unit = plan.grid.metres_per_unit
    own: dict[str, NDArray[np.generic]] = {
        "landform": np.array(inventory.ids, object),
        "split": np.array(
            [SPLITS[split] if count else None for split, count in zip(room.landform_split, shown, strict=True)], object
        ),
        "chips": shown.astype(np.int64),
        "area_m2": shapely.area(inventory.polygons.geometries) * unit**2,
    }
    hidden = [name for name, count in zip(inventory.ids, shown, strict=True) if not count]
    if hidden:
        named = ", ".join(hidden[:_MOST_NAMED]) + (" ..." if len(hidden) > _MOST_NAMED else "")
        plan.notes.append(f"{len(hidden)} of {len(inventory)} landforms are in no chip: {named}.")
    taken = {*own, "fid", "geom"}
    others = {name: values for name, values in inventory.columns.items() if name.lower() not in taken}
    return VectorLayer(inventory.polygons.geometries, own | others, plan.grid.crs, inventory.provenance)


def _block_layer(plan: _Plan) -> VectorLayer:
    blocks = plan.room.blocks
    boxes = shapely.transform(blocks.boxes(), lambda points: np.column_stack(plan.grid.coordinates(*points.T)))
    split = np.array([SPLITS[number] for number in blocks.split.ravel()], object)
    return VectorLayer(boxes, {"block": np.arange(len(blocks)), "split": split}, plan.grid.crs)


def _write_rest(plan: _Plan, stack: Raster, writer: ChipWriter, landforms: VectorLayer, progress: Progress) -> None:
    """Write index, record and report."""
    options, chips = plan.options, writer.chips
    training = [chip for chip in chips if chip.split == TRAIN]
    statistics = chip_statistics(training, len(stack.roles), progress.part(0, 0.8))
    blocks = _block_layer(plan)
    write_index(writer.folder, plan.grid, chips, blocks, landforms)
    progress.report(0.85, "Writing the report")
    step = provenance.step("samples", options)
    record = SamplesRecord(
        stack.roles,
        plan.room.size,
        plan.grid,
        options.seed,
        statistics,
        _facts(plan, landforms),
        plan.notes,
        provenance.joined(stack.provenance, plan.inventory.provenance, [step]),
    )
    write_record(writer.folder, record, chips)
    report = report_page(options, record, chips, blocks, landforms, progress.part(0.85, 1))
    Path(writer.folder, REPORT).write_text(report, "utf-8")


def _facts(plan: _Plan, landforms: VectorLayer) -> dict[str, object]:
    options, blocks, distance = plan.options, plan.room.blocks, plan.grid.ground_sample_distance
    splits = landforms.columns["split"]
    return {
        "landforms": {split: int((splits == split).sum()) for split in SPLITS},
        "block_width_m": float(np.diff(blocks.x).mean() * distance),
        "block_height_m": float(np.diff(blocks.y).mean() * distance),
        "ring_width_m": options.ring_width,
        "kind_weights": plan.weights,
        "sources": {
            name: source_name(source)
            for name in ("stack", "inventory", "area", "unsure", "look_alikes", "heatmap")
            if (source := getattr(options, name))
        },
    }
