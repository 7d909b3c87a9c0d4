"""The node that cuts samples to train on out of a stack."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from .base import StageAlgorithm


class SamplesAlgorithm(StageAlgorithm):
    """Cut chips with their masks out of a stack, for training, validation and test."""

    STAGE = "samples"
    STACK = "STACK"
    INVENTORY = "INVENTORY"
    AREA = "AREA"
    PATCH_SIZE = "PATCH_SIZE"
    PATCH_UNIT = "PATCH_UNIT"
    BLOCK_SIZE = "BLOCK_SIZE"
    SEED = "SEED"
    LOOK_ALIKES = "LOOK_ALIKES"
    LOOK_ALIKE_COLUMN = "LOOK_ALIKE_COLUMN"
    HEATMAP = "HEATMAP"
    HEATMAP_THRESHOLD = "HEATMAP_THRESHOLD"
    UNSURE = "UNSURE"
    RING_WIDTH = "RING_WIDTH"
    CHIPS_PER_LANDFORM = "CHIPS_PER_LANDFORM"
    JITTER = "JITTER"
    NEGATIVES = "NEGATIVES"
    KIND_WEIGHTS = "KIND_WEIGHTS"
    VALIDATION_SHARE = "VALIDATION_SHARE"
    TEST_SHARE = "TEST_SHARE"
    OUTPUT = "OUTPUT"
    TRAIN_CHIPS = "TRAIN_CHIPS"
    VALIDATION_CHIPS = "VALIDATION_CHIPS"
    TEST_CHIPS = "TEST_CHIPS"
    LANDFORMS = "LANDFORMS"
    PATCH_PIXELS = "PATCH_PIXELS"

    FIGURES: ClassVar = {
        TRAIN_CHIPS: "train_chips",
        VALIDATION_CHIPS: "validation_chips",
        TEST_CHIPS: "test_chips",
        LANDFORMS: "landforms",
        PATCH_PIXELS: "patch_pixels",
    }

    def displayName(self) -> str:
        """Return the node's title."""
        return self.tr("Training samples")

    def group(self) -> str:
        """Return the title of the node's group."""
        return self.tr("Train")

    def groupId(self) -> str:
        """Return the id of the node's group."""
        return "train"

    def tags(self) -> list[str]:
        """Return what else users may search for."""
        return self.tr("chips,patches,tiles,labels,mask,split,validation,deep learning,cnn,rock glacier").split(",")

    def shortDescription(self) -> str:
        """Return what the node does, in one sentence."""
        return self.tr("Cuts chips of a stack with their masks, for training, validation and test.")

    def shortHelpString(self) -> str:
        """Return the node's help."""
        return self.tr(
            "<p>Cuts squares of one size (chips) out of a feature stack, with a mask of what the inventory says is "
            "rock glacier, and divides them into training, validation and test.</p>"
            "<p><b>Input</b>: a stack, and outlines in any coordinate system. <b>Output</b>: a folder with the chips "
            "(GeoTIFF), their index (GeoPackage, coloured by split in QGIS), a record and a report with a map.</p>"
            "<p>Blocks of ground go to one split as a whole: no two splits share a pixel or a landform, so that the "
            "test says something about ground that was never seen. Every landform gets chips, large ones several. "
            "Negatives are taken at the margins of landforms, on ground as high and as steep as theirs, on "
            "look-alikes, where an earlier model was wrong, and at random.</p>"
            "<p><b>How to choose</b>: give the area that was really searched, or outlines that nobody has drawn yet "
            "count as background. The patch should show a landform with its surroundings, 500 m or more. Blocks must "
            "be larger than patches; the larger they are, the harder and the more honest is the test. Train once, map "
            "the training area, and give the heatmap here for samples of what the model takes for rock glaciers.</p>"
        )

    def initAlgorithm(self, _configuration: Mapping[str, Any] | None = None) -> None:
        """Declare the parameters and outputs."""
        self.add_raster(self.STACK, self.tr("Feature stack"))
        self.add_polygons(self.INVENTORY, self.tr("Inventory of rock glaciers"))
        self.add_polygons(self.AREA, self.tr("Area that was searched"))
        self.add_number(self.PATCH_SIZE, self.tr("Patch size"))
        self.add_choice(self.PATCH_UNIT, self.tr("Unit of the patch size"))
        self.add_number(self.BLOCK_SIZE, self.tr("Block size (metres)"))
        self.add_number(self.SEED, self.tr("Seed"))
        self.add_polygons(self.LOOK_ALIKES, self.tr("Look-alikes"))
        self.add_raster(self.HEATMAP, self.tr("Heatmap of an earlier model"))
        self.add_text(self.LOOK_ALIKE_COLUMN, self.tr("Column of the look-alikes' class"), advanced=True)
        self.add_number(self.HEATMAP_THRESHOLD, self.tr("Heatmap value of a hard negative"), advanced=True)
        self.add_polygons(self.UNSURE, self.tr("Polygons that nobody is sure of"))
        self.add_number(self.RING_WIDTH, self.tr("Width of the ignored ring (metres)"), advanced=True)
        self.add_number(self.CHIPS_PER_LANDFORM, self.tr("Chips per landform"), advanced=True)
        self.add_number(self.JITTER, self.tr("Largest shift (share of the patch)"), advanced=True)
        self.add_number(self.NEGATIVES, self.tr("Negatives per positive"), advanced=True)
        self.add_text(self.KIND_WEIGHTS, self.tr("Weights of the kinds of negatives"), advanced=True)
        self.add_number(self.VALIDATION_SHARE, self.tr("Share of validation"), advanced=True)
        self.add_number(self.TEST_SHARE, self.tr("Share of test"), advanced=True)
        self.add_folder_output(self.OUTPUT, self.tr("Folder of samples"))
        self.add_number_result(self.TRAIN_CHIPS, self.tr("Number of training chips"))
        self.add_number_result(self.VALIDATION_CHIPS, self.tr("Number of validation chips"))
        self.add_number_result(self.TEST_CHIPS, self.tr("Number of test chips"))
        self.add_number_result(self.LANDFORMS, self.tr("Number of landforms in chips"))
        self.add_number_result(self.PATCH_PIXELS, self.tr("Side of the chips (pixels)"))
