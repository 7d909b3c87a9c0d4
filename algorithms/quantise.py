"""The node that makes a model of 8-bit integers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from .base import StageAlgorithm


class QuantiseAlgorithm(StageAlgorithm):
    """Make a model of 8-bit integers."""

    STAGE = "quantise"
    MODEL = "MODEL"
    STACK = "STACK"
    MAX_CHANGE_SHARE = "MAX_CHANGE_SHARE"
    CALIBRATION_TILES = "CALIBRATION_TILES"
    TEST_TILES = "TEST_TILES"
    TILE_SIZE = "TILE_SIZE"
    SEED = "SEED"
    OUTPUT = "OUTPUT"
    MAX_CHANGE = "MAX_CHANGE"
    MEAN_CHANGE = "MEAN_CHANGE"
    CROSSING_SHARE = "CROSSING_SHARE"
    CHANGE_SHARE = "CHANGE_SHARE"
    SIZE_SHARE = "SIZE_SHARE"

    FIGURES: ClassVar = {
        MAX_CHANGE: "max_change",
        MEAN_CHANGE: "mean_change",
        CROSSING_SHARE: "crossing_share",
        CHANGE_SHARE: "change_share",
        SIZE_SHARE: "size_share",
    }

    def displayName(self) -> str:
        """Return the node's title."""
        return self.tr("Make 8-bit model")

    def group(self) -> str:
        """Return the title of the node's group."""
        return self.tr("Train")

    def groupId(self) -> str:
        """Return the id of the node's group."""
        return "train"

    def tags(self) -> list[str]:
        """Return what else users may search for."""
        return self.tr("quantisation,quantization,int8,qdq,onnx,speed,cpu,cnn,rock glacier").split(",")

    def shortDescription(self) -> str:
        """Return what the node does, in one sentence."""
        return self.tr("Makes a model faster on CPUs by 8-bit integers, if the heatmap hardly changes.")

    def shortHelpString(self) -> str:
        """Return the node's help."""
        return self.tr(
            "<p>Turns the floating-point numbers of a model into 8-bit integers, which many CPUs work with faster.</p>"
            "<p><b>Input</b>: a model, and a stack of the kind that it is to be used on; some of its tiles calibrate "
            "the integers, others test them. <b>Output</b>: the new model with its card, and how much the heatmap of "
            "the test tiles changes. It is refused, and nothing is written, if more than the given share of the mapped "
            "pixels crosses 0.5.</p>"
            "<p><b>How to choose</b>: give a stack with rock glaciers on it, and leave the bound alone unless you know "
            "what a change costs you. The gain needs a CPU with instructions for 8-bit products; do this on the kind "
            "of machine that will run the model.</p>"
        )

    def initAlgorithm(self, _configuration: Mapping[str, Any] | None = None) -> None:
        """Declare the parameters and outputs."""
        self.add_file(self.MODEL, self.tr("Model"), self.tr("ONNX models (*.onnx)"))
        self.add_raster(self.STACK, self.tr("Feature stack to calibrate and test on"))
        self.add_number(self.MAX_CHANGE_SHARE, self.tr("Largest change (share of the mapped pixels that cross 0.5)"))
        self.add_number(self.CALIBRATION_TILES, self.tr("Tiles to calibrate on"), advanced=True)
        self.add_number(self.TEST_TILES, self.tr("Tiles to test on"), advanced=True)
        self.add_number(self.TILE_SIZE, self.tr("Tile size (pixels)"), advanced=True)
        self.add_number(self.SEED, self.tr("Seed of the choice of the tiles"), advanced=True)
        self.add_file_output(self.OUTPUT, self.tr("8-bit model"), self.tr("ONNX models (*.onnx)"))
        self.add_number_result(self.MAX_CHANGE, self.tr("Largest change of the heatmap"))
        self.add_number_result(self.MEAN_CHANGE, self.tr("Mean change of the heatmap"))
        self.add_number_result(self.CROSSING_SHARE, self.tr("Share of all pixels that cross 0.5"))
        self.add_number_result(self.CHANGE_SHARE, self.tr("Share of the mapped pixels that cross 0.5"))
        self.add_number_result(self.SIZE_SHARE, self.tr("Size of the file (share of the given one's)"))
