"""Chips of a stack with their masks, cut so that what is trained on is never tested on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely
from numpy.typing import NDArray

from .. import provenance
from ..contracts.samples import SamplesOptions, SamplesResult
from ..errors import InvalidVectorError, OutputError
from ..files import check_folder_writable, replacing_folder, write_text
from ..progress import Progress
from ..provenance import Step
from ..rasters.grid import Grid
from ..rasters.raster import Raster
from ..reports.report_page import source_name
from ..vectors.vector import VectorLayer
from .blocks import NO_SPLIT
from .chipstatistics import chip_statistics
from .drawing import NEGATIVE_KINDS, ChipWriter, Drawing, Wish, divided, parsed_weights
from .labelling import Labels
from .landforms import (
    Place,
    Positives,
    places_of,
    positives_of,
)
from .negatives import (
    Candidates,
    Surroundings,
    look_alike_places,
    margins,
    random_places,
    rejected_places,
    similar_terrain,
)
from .outlines import Sources
from .plan import Plan, planned
from .report import Wording, report_page
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
from .survey import false_alarms, near, spacing_of

_OWN = (CHIPS_FOLDER, INDEX, RECORD, REPORT)
# Names of landforms that are listed in a note, at most.
_MOST_NAMED = 10


@dataclass(frozen=True)
class Order:
    """What is to be cut.

    Attributes
    ----------
    options : SamplesOptions
        How chips are placed and divided; its layers are not read.
    read : callable
        Returns what the chips are made of, on the stack's grid.
    step : Step
        The step as the provenance names it.
    files : mapping of str
        What was given, by name; empty texts for what was not.
    wording : Wording
        What the report says of it.
    """

    options: SamplesOptions
    read: Callable[[Grid], Sources]
    step: Step
    files: Mapping[str, str]
    wording: Wording


@dataclass(frozen=True)
class Cut:
    """What was cut: the counts, and what it was made of."""

    result: SamplesResult
    sources: Sources


def cut(order: Order, progress: Progress) -> Cut:
    """Cut chips with their masks out of a stack and divide them into training, validation and test.

    The stack is divided into blocks, each of which goes to one split; a landform goes to that of the block in which
    most of it (and of those that touch it) lies. A chip lies wholly in the ground of its split and shows no landform
    of another: it is moved until it does, or left out.

    Parameters
    ----------
    order : Order
    progress : Progress

    Returns
    -------
    Cut

    Raises
    ------
    MapperError
        If an input cannot be read or does not fit, there are too few landforms for the splits wanted, there is no room
        for negatives, or the output cannot be written; then there is no output, and an earlier one is as it was.
    """
    options = order.options
    check_folder_writable(options.output, RECORD, _OWN, tuple(order.files.values()))
    weights = parsed_weights(options.kind_weights)
    with Raster(options.stack) as stack:
        plan = planned(options, order.read, stack, weights, progress.part(0, 0.15))
        with replacing_folder(options.output) as folder:
            try:
                result = _filled(folder, order, plan, stack, progress.part(0.15, 1))
            except OutputError as error:
                # The user knows the folder by its final name only.
                raise OutputError(str(error).replace(folder, options.output)) from error
            progress.check()
    for note in plan.notes:
        progress.warn(note)
    progress.report(1, "Done")
    return Cut(result, plan.sources)


def _filled(folder: str, order: Order, plan: Plan, stack: Raster, progress: Progress) -> SamplesResult:
    """Write all files into an empty folder."""
    labels = Labels.of(plan.inventory.polygons, plan.searched, plan.options.ring_width)
    writer = ChipWriter(folder, stack, labels, plan.room.blocks, plan.room.size)
    _write_chips(plan, writer, progress.part(0, 0.75))
    if not writer.chips:
        raise InvalidVectorError(
            f"No outline of {plan.options.inventory} gives a chip: where they lie the stack has no data. Give the "
            "stack that they were mapped on."
        )
    landforms = _landform_layer(plan, writer.chips)
    _write_rest(order, plan, stack, writer, landforms, progress.part(0.75, 1))
    counts = {split: sum(kinds.values()) for split, kinds in counts_of(writer.chips).items()}
    shown = int((landforms.columns["chips"] > 0).sum())
    size = plan.room.size
    return SamplesResult(plan.options.output, counts[TRAIN], counts[VALIDATION], counts[TEST], shown, size)


def _write_chips(plan: Plan, writer: ChipWriter, progress: Progress) -> None:
    """Write positives, then negatives, in rounds: what turns out to be of no use is replaced."""
    options, room, notes = plan.options, plan.room, plan.notes
    places = places_of(plan.inventory.polygons.in_pixels, room, progress)
    positives = positives_of(
        places, room, options.chips_per_landform, options.jitter, options.seed, progress.part(0, 0.1)
    )
    useless = writer.write(_wishes(plan, positives), progress.part(0.1, 0.4))
    _note_positives(notes, positives, len(useless))
    _check_positives(plan, writer.chips)
    around = _surroundings(plan)
    _write_rejected(plan, around, writer, progress.part(0.4, 0.45))
    if not (options.negatives and places):
        return
    drawing = Drawing(_candidates(plan, around, places, progress.part(0.45, 0.5)), room.size)
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


def _wishes(plan: Plan, positives: Positives) -> list[Wish]:
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


def _surroundings(plan: Plan) -> Surroundings:
    ring_width = plan.options.ring_width
    avoided = near(plan.inventory.polygons, ring_width)
    return Surroundings(plan.room, avoided, plan.searched, ring_width / plan.grid.ground_sample_distance)


def _write_rejected(plan: Plan, around: Surroundings, writer: ChipWriter, progress: Progress) -> None:
    """Write the hard negatives that a person named: all of them, whatever share of a chip counts."""
    rejected, options = plan.sources.rejected, plan.options
    if rejected is None:
        return
    found = rejected_places(around, rejected, options.chips_per_landform, options.jitter, options.seed)
    wishes = [
        Wish(column, row, split, HARD_NEGATIVE, look_alike=note, least_valid=0.0)
        for (column, row), split, note in zip(found.corners.tolist(), found.split.tolist(), found.note, strict=True)
    ]
    writer.write(wishes, progress)
    shown = {chip.look_alike for chip in writer.chips if chip.kind == HARD_NEGATIVE}
    hidden = [name for name in rejected.classes if name not in shown]
    if hidden:
        plan.notes.append(
            f"{len(hidden)} of {len(rejected.classes)} rejected outlines are in no chip of their own, because they "
            f"lie on accepted ones, have no data, or other splits are too near: {_named(hidden)}."
        )


def _named(names: list[str]) -> str:
    return ", ".join(names[:_MOST_NAMED]) + (" ..." if len(names) > _MOST_NAMED else "")


def _check_positives(plan: Plan, chips: list[Chip]) -> None:
    if not len(plan.inventory):
        return
    present = {chip.split for chip in chips}
    wanted = [split for split, share in zip(SPLITS, plan.shares, strict=True) if share > 0]
    lacking = [split for split in wanted if split not in present]
    if lacking:
        raise InvalidVectorError(
            f"No landform of {plan.options.inventory} gives a chip for {' and '.join(lacking)}: where they lie the "
            "stack has no data, was not searched, or other splits are too near. Give more landforms, another block "
            "size or another seed, or set the share of the split to 0."
        )


def _candidates(plan: Plan, around: Surroundings, places: list[Place], progress: Progress) -> dict[str, Candidates]:
    """Return the places of each kind of negatives that can be had."""
    options, room = plan.options, plan.room
    found: dict[str, Candidates] = {}
    if HARD_NEGATIVE in plan.weights:
        spacing = spacing_of(plan.grid, room.size)
        x, y = false_alarms(
            options.heatmap, options.heatmap_threshold, plan.grid, around.avoided, plan.searched, spacing, progress
        )
        found[HARD_NEGATIVE] = around.candidates(x, y, [""] * len(x))
    progress.check()
    if LOOK_ALIKE in plan.weights and plan.sources.look_alikes is not None:
        found[LOOK_ALIKE] = look_alike_places(around, plan.sources.look_alikes, options.seed)
    if MARGIN in plan.weights:
        found[MARGIN] = margins(around, places, plan.inventory.ids, options.seed)
    progress.check()
    if SIMILAR_TERRAIN in plan.weights:
        found[SIMILAR_TERRAIN] = similar_terrain(around, plan.found, options.seed)
    progress.check()
    if RANDOM in plan.weights:
        found[RANDOM] = random_places(around, plan.found, options.seed)
    return found


def _wanted(plan: Plan, chips: list[Chip]) -> list[dict[str, int]]:
    """Return how many negatives of each kind each split is to get."""
    counts = [sum(chip.split == split and chip.kind == POSITIVE for chip in chips) for split in SPLITS]
    return [divided(round(plan.options.negatives * count), plan.weights) for count in counts]


def _check_negatives(plan: Plan, chips: list[Chip], written: int) -> None:
    """Refuse samples without negatives to train on, and tell of those that are missing elsewhere."""
    counts = counts_of(chips)
    negatives = {split: sum(counts[split][kind] for kind in NEGATIVE_KINDS) for split in SPLITS}
    if not negatives[TRAIN] and plan.sources.rejected is None:
        raise InvalidVectorError(
            "There is no room for negatives: wherever the ground of the training blocks was searched, there are "
            "landforms. Give a larger area that was searched, smaller patches or another seed, or set `negatives` to 0."
        )
    wanted = sum(sum(kinds.values()) for kinds in _wanted(plan, chips))
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


def _landform_layer(plan: Plan, chips: list[Chip]) -> VectorLayer:
    """Return the repaired inventory with the split of each landform and the number of chips that show it."""
    inventory, room = plan.inventory, plan.room
    corners = np.array([(chip.column, chip.row) for chip in chips], np.int64).reshape(-1, 2)
    shown = np.bincount(room.touched(corners)[1], minlength=len(inventory))
    shown[room.landform_split == NO_SPLIT] = 0
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
        plan.notes.append(f"{len(hidden)} of {len(inventory)} landforms are in no chip: {_named(hidden)}.")
    taken = {*own, "fid", "geom"}
    others = {name: values for name, values in inventory.columns.items() if name.lower() not in taken}
    return VectorLayer(inventory.polygons.geometries, own | others, plan.grid.crs, inventory.provenance)


def _block_layer(plan: Plan) -> VectorLayer:
    blocks = plan.room.blocks
    boxes = shapely.transform(blocks.boxes(), lambda points: np.column_stack(plan.grid.coordinates(*points.T)))
    names = dict(enumerate(SPLITS))
    split = np.array([names.get(number) for number in blocks.split.ravel().tolist()], object)
    return VectorLayer(boxes, {"block": np.arange(len(blocks)), "split": split}, plan.grid.crs)


def _write_rest(
    order: Order, plan: Plan, stack: Raster, writer: ChipWriter, landforms: VectorLayer, progress: Progress
) -> None:
    """Write index, record and report."""
    options, chips = plan.options, writer.chips
    training = [chip for chip in chips if chip.split == TRAIN]
    statistics = chip_statistics(training, len(stack.roles), progress.part(0, 0.8))
    blocks = _block_layer(plan)
    write_index(writer.folder, plan.grid, chips, blocks, landforms)
    progress.report(0.85, "Writing the report")
    record = SamplesRecord(
        stack.roles,
        plan.room.size,
        plan.grid,
        options.seed,
        statistics,
        _facts(order, plan, landforms),
        plan.notes,
        provenance.joined(stack.provenance, plan.inventory.provenance, [order.step]),
    )
    write_record(writer.folder, record, chips)
    report = report_page(options, order.wording, record, chips, blocks, landforms, progress.part(0.85, 1))
    write_text(str(Path(writer.folder, REPORT)), report)


def _ground(plan: Plan) -> dict[str, dict[str, int]]:
    """Return for each split how many pixels count, about, and how many of them are rock glacier.

    The former are counted at the places of the survey, each of which stands for the pixels around it. Nothing where
    only parts of a region count, which were not chosen by chance.
    """
    if not plan.sources.is_whole:
        return {}
    room, found = plan.room, plan.found
    split = room.blocks.split_of(room.blocks.number_at(found.x, found.y))
    pixels_of_place = spacing_of(plan.grid, room.size) ** 2
    return {
        name: {
            "pixels": int((split == number).sum()) * pixels_of_place,
            "rock_glacier_pixels": int(plan.landform_pixels[room.landform_split == number].sum()),
        }
        for number, name in enumerate(SPLITS)
    }


def _facts(order: Order, plan: Plan, landforms: VectorLayer) -> dict[str, object]:
    options, blocks, distance = plan.options, plan.room.blocks, plan.grid.ground_sample_distance
    splits = landforms.columns["split"]
    return {
        "landforms": {split: int((splits == split).sum()) for split in SPLITS},
        "ground": _ground(plan),
        "block_width_m": float(np.diff(blocks.x).mean() * distance),
        "block_height_m": float(np.diff(blocks.y).mean() * distance),
        "ring_width_m": options.ring_width,
        "kind_weights": plan.weights,
        "sources": {name: source_name(source) for name, source in order.files.items() if source},
    }
