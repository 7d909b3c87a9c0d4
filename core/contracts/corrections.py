"""Options and result of the stage that turns reviewed outlines into samples to train on."""

from __future__ import annotations

from dataclasses import dataclass

from ..options import Options, option, same_option
from .samples import SamplesOptions


@dataclass(frozen=True)
class CorrectionsOptions(Options):
    """Turn reviewed outlines into samples, so that the next training learns from what was accepted and rejected."""

    reviewed: str = option(
        help="Outlines with a column `review_status`. Accepted and drawn ones are rock glaciers, rejected ones are "
        "counterexamples; unsure and unreviewed ones do not count."
    )
    stack: str = option(help="Feature stack that the outlines lie on: the bands of the training that is to follow.")
    output: str = option(
        help="Folder to write, as *Training samples* writes it. Earlier samples there are replaced as a whole; a "
        "folder with anything else in it is refused."
    )
    area: str = option(
        "",
        help="Polygons of the ground that was looked over as a whole, so that what nobody outlined there is "
        "background. Empty: only the surroundings of the outlines that were decided are.",
    )
    surroundings: float = option(
        200.0,
        help="Without an area: how far around an accepted, drawn or rejected outline the ground was looked at, and is "
        "background, in metres.",
        minimum=0,
    )
    earlier: str = option(
        "",
        help="Folder of samples that were cut from this stack before: its blocks stay in their splits, so that its "
        "validation and test are not trained on. Block size and shares are then its own. Landforms of it that the "
        "review says nothing about do not count.",
    )
    patch_size: float = same_option(SamplesOptions, "patch_size")
    patch_unit: str = same_option(SamplesOptions, "patch_unit")
    block_size: float = same_option(SamplesOptions, "block_size")
    ring_width: float = same_option(SamplesOptions, "ring_width")
    chips_per_landform: int = option(
        2,
        help="Chips of each accepted, drawn or rejected outline; of a large one, of each part that fits into a chip. "
        "The first is centred, the others are shifted.",
        minimum=1,
        maximum=100,
    )
    jitter: float = same_option(SamplesOptions, "jitter")
    negatives: float = option(
        1.0,
        help="Further negative chips for each positive one, at margins and on other ground that was looked at. All "
        "rejected outlines have chips anyway.",
        minimum=0,
        maximum=100,
    )
    validation_share: float = option(
        0.0, help="Share of the landforms that goes to validation, 0..0.9; 0 for none.", minimum=0, maximum=0.9
    )
    test_share: float = option(
        0.0, help="Share of the landforms that goes to the test, 0..0.9; 0 for none.", minimum=0, maximum=0.9
    )
    seed: int = same_option(SamplesOptions, "seed")


@dataclass(frozen=True)
class CorrectionsResult:
    """The folder, the chips of each split, and the outlines of each decision that were used.

    Attributes
    ----------
    output : str
    train_chips, validation_chips, test_chips : int
    accepted, drawn, rejected : int
        Outlines on the stack, and in the area if there is one.
    ignored : int
        Unsure and unreviewed outlines on the stack.
    patch_pixels : int
        Side of the chips.
    """

    output: str
    train_chips: int
    validation_chips: int
    test_chips: int
    accepted: int
    drawn: int
    rejected: int
    ignored: int
    patch_pixels: int
