"""What the nodes of single reshaping steps share: they run the stage `reshape` with all other steps switched off."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from qgis.core import QgsProcessingContext, QgsProcessingFeedback

from .reshapeparameters import ReshapeParameters

# Growing, shrinking by values, and splitting by direction are off unless something is said of them.
OFF: dict[str, Any] = {"merge": False, "fill": 0.0, "smooth": 0.0, "split": 0.0, "min_area": 0.0}


class ReshapeStepAlgorithm(ReshapeParameters):
    """A node that runs one reshaping step.

    Attributes
    ----------
    NODE : str
        The node's id.
    """

    STAGE = "reshape"
    NODE = ""
    OBJECTS = "OBJECTS"
    LABELS = "LABELS"
    SEGMENTS = "SEGMENTS"
    OUTPUT = "OUTPUT"
    LANDFORMS = "LANDFORMS"

    FIGURES: ClassVar = {LANDFORMS: "landforms"}

    def name(self) -> str:
        """Return the id, which saved models depend on."""
        return self.NODE

    def initAlgorithm(self, _configuration: Mapping[str, Any] | None = None) -> None:
        """Declare the labels, the parameters of the step, and the outputs."""
        self.add_raster(self.LABELS, self.tr("Labels"))
        self.declare_step()
        self.add_raster_output(self.OUTPUT, self.tr("Labels of the landforms after the step"))
        self.add_number_result(self.LANDFORMS, self.tr("Number of landforms"))

    def declare_step(self) -> None:
        """Declare the parameters of the step."""
        raise NotImplementedError

    def declare_segments(self) -> None:
        """Declare where nodata is known from."""
        self.add_raster(self.SEGMENTS, self.tr("Labels of the objects, which tell where nodata is"))

    def prepareAlgorithm(
        self, parameters: Mapping[str, Any], context: QgsProcessingContext, feedback: QgsProcessingFeedback
    ) -> bool:
        """Read what is given here, and switch the other steps off."""
        prepared = super().prepareAlgorithm(parameters, context, feedback)
        self._options = OFF | self._options
        return prepared
