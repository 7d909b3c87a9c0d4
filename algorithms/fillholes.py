"""The node that fills holes in landforms."""

from __future__ import annotations

from .reshapestep import ReshapeStepAlgorithm


class FillHolesAlgorithm(ReshapeStepAlgorithm):
    """Fill holes."""

    NODE = "fillholes"

    def displayName(self) -> str:
        """Return the node's title."""
        return self.tr("Fill holes")

    def tags(self) -> list[str]:
        """Return what else users may search for."""
        return self.tr("fill,holes,gaps,islands,landforms,reshape,rock glacier").split(",")

    def shortDescription(self) -> str:
        """Return what the node does, in one sentence."""
        return self.tr("Fills holes of a limited size in landforms.")

    def shortHelpString(self) -> str:
        """Return the node's help."""
        return self.tr(
            "<p>Fills holes in landforms, and between landforms that touch, whatever is in them. What is open"
            " to the outside, be it through a corner, is no hole.</p>"
            "<p><b>Input</b>: labels of landforms, such as the step before wrote. <b>Output</b>: labels of "
            "the landforms, 0 where there is none.</p>"
            "<p><b>How to choose</b>: the area of the largest patch of snow, shadow or rock that the landform"
            " goes on around.</p>"
        )

    def declare_step(self) -> None:
        """Declare the parameters of the step."""
        self.declare_filling()
        self.declare_joining()
