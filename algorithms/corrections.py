"""The node that turns reviewed outlines into samples to train on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from .base import StageAlgorithm


class CorrectionsAlgorithm(StageAlgorithm):
    """Turn reviewed outlines into samples for the next training."""

    STAGE = "corrections"
    REVIEWED = "REVIEWED"
    STACK = "STACK"
    AREA = "AREA"
    SURROUNDINGS = "SURROUNDINGS"
    EARLIER = "EARLIER"
    PATCH_SIZE = "PATCH_SIZE"
    PATCH_UNIT = "PATCH_UNIT"
    BLOCK_SIZE = "BLOCK_SIZE"
    SEED = "SEED"
    RING_WIDTH = "RING_WIDTH"
    CHIPS_PER_LANDFORM = "CHIPS_PER_LANDFORM"
    JITTER = "JITTER"
    NEGATIVES = "NEGATIVES"
    VALIDATION_SHARE = "VALIDATION_SHARE"
    TEST_SHARE = "TEST_SHARE"
    OUTPUT = "OUTPUT"
    TRAIN_CHIPS = "TRAIN_CHIPS"
    VALIDATION_CHIPS = "VALIDATION_CHIPS"
    TEST_CHIPS = "TEST_CHIPS"
    ACCEPTED = "ACCEPTED"
    DRAWN = "DRAWN"
    REJECTED = "REJECTED"
    IGNORED = "IGNORED"
    PATCH_PIXELS = "PATCH_PIXELS"

    FIGURES: ClassVar = {
        TRAIN_CHIPS: "train_chips",
        VALIDATION_CHIPS: "validation_chips",
        TEST_CHIPS: "test_chips",
        ACCEPTED: "accepted",
        DRAWN: "drawn",
        REJECTED: "rejected",
        IGNORED: "ignored",
        PATCH_PIXELS: "patch_pixels",
    }

    def displayName(self) -> str:
        """Return the node's title."""
        return self.tr("Corrections to train on")

    def group(self) -> str:
        """Return the title of the node's group."""
        return self.tr("Review")

    def groupId(self) -> str:
        """Return the id of the node's group."""
        return "review"

    def tags(self) -> list[str]:
        """Return what else users may search for."""
        return self.tr("review,accepted,rejected,active learning,hard negatives,samples,rock glacier").split(",")

    def shortDescription(self) -> str:
        """Return what the node does, in one sentence."""
        return self.tr("Turns reviewed outlines into samples, so that the next training learns from the review.")

    def shortHelpString(self) -> str:
        """Return the node's help."""
        return self.tr(
            "<p>Cuts chips of a feature stack as <i>Training samples</i> does, with what a person decided: accepted "
            "and drawn outlines are rock glacier, every rejected outline has chips of its own in which it is none, "
            "unsure and unreviewed outlines do not count.</p>"
            "<p><b>Input</b>: outlines with the column <i>review_status</i>, and the stack that they were mapped on. "
            "<b>Output</b>: a folder of samples with a report. Give it to the training together with the folder that "
            "the network was trained on before.</p>"
            "<p>Ground that nobody looked at is never background. Give the area that you looked over as a whole, "
            "drawing what was missed; without one, only the surroundings of the outlines that were decided count.</p>"
            "<p><b>How to choose</b>: the patch size of the earlier samples suits. If those were cut from this same "
            "stack, give their folder, too: their test then stays unseen. All chips go to training unless you give "
            "shares; a network is better judged on outlines that were drawn without its help.</p>"
        )

    def initAlgorithm(self, _configuration: Mapping[str, Any] | None = None) -> None:
        """Declare the parameters and outputs."""
        self.add_polygons(self.REVIEWED, self.tr("Reviewed outlines"))
        self.add_raster(self.STACK, self.tr("Feature stack"))
        self.add_polygons(self.AREA, self.tr("Area that was looked over"))
        self.add_number(self.SURROUNDINGS, self.tr("Surroundings that were looked at (metres)"))
        self.add_folder(self.EARLIER, self.tr("Earlier samples of this stack"))
        self.add_number(self.PATCH_SIZE, self.tr("Patch size"))
        self.add_choice(self.PATCH_UNIT, self.tr("Unit of the patch size"))
        self.add_number(self.BLOCK_SIZE, self.tr("Block size (metres)"), advanced=True)
        self.add_number(self.SEED, self.tr("Seed"))
        self.add_number(self.RING_WIDTH, self.tr("Width of the ignored ring (metres)"), advanced=True)
        self.add_number(self.CHIPS_PER_LANDFORM, self.tr("Chips per outline"), advanced=True)
        self.add_number(self.JITTER, self.tr("Largest shift (share of the patch)"), advanced=True)
        self.add_number(self.NEGATIVES, self.tr("Further negatives per positive"), advanced=True)
        self.add_number(self.VALIDATION_SHARE, self.tr("Share of validation"), advanced=True)
        self.add_number(self.TEST_SHARE, self.tr("Share of test"), advanced=True)
        self.add_folder_output(self.OUTPUT, self.tr("Folder of samples"))
        self.add_number_result(self.TRAIN_CHIPS, self.tr("Number of training chips"))
        self.add_number_result(self.VALIDATION_CHIPS, self.tr("Number of validation chips"))
        self.add_number_result(self.TEST_CHIPS, self.tr("Number of test chips"))
        self.add_number_result(self.ACCEPTED, self.tr("Number of accepted outlines"))
        self.add_number_result(self.DRAWN, self.tr("Number of drawn outlines"))
        self.add_number_result(self.REJECTED, self.tr("Number of rejected outlines"))
        self.add_number_result(self.IGNORED, self.tr("Number of unsure and unreviewed outlines"))
        self.add_number_result(self.PATCH_PIXELS, self.tr("Side of the chips (pixels)"))
