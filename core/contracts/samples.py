"""Options and result of the stage that cuts samples to train on out of a stack."""

from __future__ import annotations

from dataclasses import dataclass

from ..options import Options, option

PIXELS, METRES = "pixels", "metres"


@dataclass(frozen=True)
class SamplesOptions(Options):
    """Cut chips with their masks out of a feature stack, for training, validation and test."""

    stack: str = option(help="Feature stack: a raster whose band descriptions are roles, in a system of metres.")
    inventory: str = option(
        help="Outlines of rock glaciers: a polygon layer in any coordinate system. Invalid ones are repaired."
    )
    output: str = option(
        help="Folder to write: chips, their index, a record and a report. Earlier samples there are replaced as a "
        "whole; a folder with anything else in it is refused."
    )
    area: str = option(
        "",
        help="Polygons of the ground that was searched for rock glaciers; the rest does not count. Empty: all of the "
        "stack was searched.",
    )
    unsure: str = option(
        "", help="Polygons where nobody can tell whether there is a rock glacier; they do not count either."
    )
    look_alikes: str = option(
        "", help="Polygons of landforms that look like rock glaciers but are none; negatives are taken of each class."
    )
    look_alike_column: str = option(
        "class", help="Column of the look-alikes that says their class. A layer without it is one class."
    )
    heatmap: str = option(
        "",
        help="Heatmap of an earlier model on the stack's grid: negatives are taken where it is high outside the "
        "outlines.",
    )
    heatmap_threshold: float = option(
        0.5, help="Heatmap value from which on a place is a hard negative, 0..1.", minimum=0, maximum=1
    )
    patch_size: float = option(
        64.0, help="Side of a chip, in the unit of the patch size; metres are rounded to pixels.", minimum=1
    )
    patch_unit: str = option(PIXELS, help="Unit of the patch size.", choices=(PIXELS, METRES))
    block_size: float = option(
        0.0,
        help="Side of the blocks of ground that go to training, validation or test as a whole, in metres. 0: six "
        "patches, or less where the stack is small.",
        minimum=0,
    )
    ring_width: float = option(
        10.0,
        help="Width of the strip on either side of an outline that does not count, in metres: outlines are not exact.",
        minimum=0,
    )
    chips_per_landform: int = option(
        2,
        help="Chips of each landform; of a large one, of each part that fits into a chip. The first is centred, the "
        "others are shifted.",
        minimum=1,
        maximum=100,
    )
    jitter: float = option(
        0.25,
        help="Largest shift of the chips that are not centred, as a share of the patch size, 0..0.5.",
        minimum=0,
        maximum=0.5,
    )
    negatives: float = option(2.0, help="Negative chips for each positive one.", minimum=0, maximum=100)
    kind_weights: tuple[str, ...] = option(
        (),
        help="Shares of the kinds of negatives as kind=number: margin, similar_terrain, look_alike, hard_negative, "
        "random. A kind that is not named weighs 1, and 0 leaves it out.",
    )
    validation_share: float = option(
        0.15, help="Share of the landforms that goes to validation, 0..0.9; 0 for none.", minimum=0, maximum=0.9
    )
    test_share: float = option(
        0.15, help="Share of the landforms that goes to the test, 0..0.9; 0 for none.", minimum=0, maximum=0.9
    )
    seed: int = option(
        0, help="Start of all random choices: the same seed gives the same samples.", minimum=0, maximum=2**31 - 1
    )


@dataclass(frozen=True)
class SamplesResult:
    """The folder, the chips of each split, the landforms that are in chips, and the side of a chip in pixels."""

    output: str
    train_chips: int
    validation_chips: int
    test_chips: int
    landforms: int
    patch_pixels: int
