"""The node that applies a network to a feature stack."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from .base import StageAlgorithm


class HeatmapAlgorithm(StageAlgorithm):
    """Apply a CNN."""

    STAGE = "heatmap"
    STACK = "STACK"
    MODEL = "MODEL"
    AREA = "AREA"
    TILE_SIZE = "TILE_SIZE"
    DEVICE = "DEVICE"
    OUTPUT_TYPE = "OUTPUT_TYPE"
    RESAMPLE = "RESAMPLE"
    MIN_ELEVATION = "MIN_ELEVATION"
    MAX_ELEVATION = "MAX_ELEVATION"
    MIN_SLOPE = "MIN_SLOPE"
    MAX_SLOPE = "MAX_SLOPE"
    TIME_LIMIT = "TIME_LIMIT"
    MEMORY_LIMIT = "MEMORY_LIMIT"
    AUGMENT = "AUGMENT"
    ENSEMBLE = "ENSEMBLE"
    UNCERTAINTY = "UNCERTAINTY"
    BANDS = "BANDS"
    MEAN = "MEAN"
    STD = "STD"
    ACTIVATION = "ACTIVATION"
    OUTPUT = "OUTPUT"
    PROVIDER = "PROVIDER"
    TILES = "TILES"
    SKIPPED_TILES = "SKIPPED_TILES"
    TILES_PER_SECOND = "TILES_PER_SECOND"

    FIGURES: ClassVar = {
        PROVIDER: "provider",
        TILES: "tiles",
        SKIPPED_TILES: "skipped_tiles",
        TILES_PER_SECOND: "tiles_per_second",
    }
    STYLES: ClassVar = {OUTPUT: "heatmap"}

    def displayName(self) -> str:
        """Return the node's title."""
        return self.tr("Heatmap")

    def tags(self) -> list[str]:
        """Return what else users may search for."""
        return self.tr("cnn,deep learning,neural network,onnx,inference,probability,rock glacier").split(",")

    def shortDescription(self) -> str:
        """Return what the node does, in one sentence."""
        return self.tr("Applies a convolutional network to a feature stack.")

    def shortHelpString(self) -> str:
        """Return the node's help."""
        return self.tr(
            "<p>Applies a convolutional network to a feature stack and writes how much each pixel looks like a rock "
            "glacier, from 0 to 1.</p>"
            "<p><b>Input</b>: a raster whose band descriptions are the roles that the model's card names (B02, "
            "coherence, elevation ...). A stack that does not fit the card is refused before the first tile. For a "
            "model without a card, state its bands and their normalisation in the advanced parameters.</p>"
            "<p><b>Output</b>: a heatmap on the grid of the stack; nodata where the stack has nodata.</p>"
            "<p><b>How to choose</b>: take a model trained on the bands and the ground resolution that you have. "
            "The tile size changes memory and speed, never the result. Restrict a large stack to an area, or to the "
            "elevations and slopes where rock glaciers can be, to save time: tiles without an eligible pixel are "
            "skipped. Where time allows, orientations and further models make the heatmap steadier, and their standard "
            "deviation shows where it is uncertain.</p>"
        )

    def initAlgorithm(self, _configuration: Mapping[str, Any] | None = None) -> None:
        """Declare the parameters and outputs."""
        self.add_raster(self.STACK, self.tr("Feature stack"))
        self.add_file(self.MODEL, self.tr("Model"), self.tr("ONNX models (*.onnx)"))
        self.add_polygons(self.AREA, self.tr("Area to map"))
        self.add_number(self.TILE_SIZE, self.tr("Tile size (pixels)"), advanced=True)
        self.add_choice(self.DEVICE, self.tr("Device"), advanced=True)
        self.add_choice(self.OUTPUT_TYPE, self.tr("Data type of the heatmap"), advanced=True)
        self.add_truth(self.RESAMPLE, self.tr("Resample to the model's pixel size"), advanced=True)
        self.add_number(self.MIN_ELEVATION, self.tr("Lowest elevation to map (metres)"), advanced=True)
        self.add_number(self.MAX_ELEVATION, self.tr("Highest elevation to map (metres)"), advanced=True)
        self.add_number(self.MIN_SLOPE, self.tr("Least slope to map (degrees)"), advanced=True)
        self.add_number(self.MAX_SLOPE, self.tr("Greatest slope to map (degrees)"), advanced=True)
        self.add_number(self.TIME_LIMIT, self.tr("Time limit a tile (seconds)"), advanced=True)
        self.add_number(self.MEMORY_LIMIT, self.tr("Memory limit (megabytes)"), advanced=True)
        self.add_choice(self.AUGMENT, self.tr("Orientations of the tiles"), advanced=True)
        self.add_text(self.ENSEMBLE, self.tr("Further models"), advanced=True)
        self.add_truth(self.UNCERTAINTY, self.tr("Write the standard deviation"), advanced=True)
        self.add_text(self.BANDS, self.tr("Bands of a model without a card"), advanced=True)
        self.add_text(self.MEAN, self.tr("Means of a model without a card"), advanced=True)
        self.add_text(self.STD, self.tr("Standard deviations of a model without a card"), advanced=True)
        self.add_choice(self.ACTIVATION, self.tr("Activation of a model that gives logits"), advanced=True)
        self.add_raster_output(self.OUTPUT, self.tr("Heatmap"))
        self.add_text_result(self.PROVIDER, self.tr("Where the network ran"))
        self.add_number_result(self.TILES, self.tr("Number of tiles run"))
        self.add_number_result(self.SKIPPED_TILES, self.tr("Number of tiles skipped"))
        self.add_number_result(self.TILES_PER_SECOND, self.tr("Tiles run per second"))
