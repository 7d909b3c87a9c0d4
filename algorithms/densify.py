"""The node that makes a patch classifier dense."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from .base import StageAlgorithm


class DensifyAlgorithm(StageAlgorithm):
    """Make a patch classifier dense."""

    STAGE = "densify"
    MODEL = "MODEL"
    OUTPUT = "OUTPUT"
    PATCH_SIZE = "PATCH_SIZE"
    HALO = "HALO"
    DIFFERENCE = "DIFFERENCE"

    FIGURES: ClassVar = {PATCH_SIZE: "patch_size", HALO: "halo", DIFFERENCE: "difference"}

    def displayName(self) -> str:
        """Return the node's title."""
        return self.tr("Make patch classifier dense")

    def group(self) -> str:
        """Return the title of the node's group."""
        return self.tr("Train")

    def groupId(self) -> str:
        """Return the id of the node's group."""
        return "train"

    def tags(self) -> list[str]:
        """Return what else users may search for."""
        return self.tr("patch,sliding window,fully convolutional,dilated,onnx,speed,cnn,rock glacier").split(",")

    def shortDescription(self) -> str:
        """Return what the node does, in one sentence."""
        return self.tr("Turns a classifier of patches into a network that classifies every pixel of an image at once.")

    def shortHelpString(self) -> str:
        """Return the node's help."""
        return self.tr(
            "<p>Turns a network that classifies one patch into one that classifies every pixel, with the same answer "
            "as the patch moved from pixel to pixel, in a small part of the time.</p>"
            "<p><b>Input</b>: a patch classifier, a network of convolutions, poolings and fully connected layers in a "
            "row. <b>Output</b>: a dense network for the node Heatmap. Both are compared on random patches; a network "
            "that would differ is refused.</p>"
            "<p><b>How to choose</b>: use it for networks that were trained on sample patches, as in eCognition. They "
            "must have been trained without padding.</p>"
        )

    def initAlgorithm(self, _configuration: Mapping[str, Any] | None = None) -> None:
        """Declare the parameters and outputs."""
        self.add_file(self.MODEL, self.tr("Patch classifier"), self.tr("ONNX models (*.onnx)"))
        self.add_file_output(self.OUTPUT, self.tr("Dense network"), self.tr("ONNX models (*.onnx)"))
        self.add_number_result(self.PATCH_SIZE, self.tr("Side of the patch (pixels)"))
        self.add_number_result(self.HALO, self.tr("Context on every side (pixels)"))
        self.add_number_result(self.DIFFERENCE, self.tr("Largest difference from the patch classifier"))
