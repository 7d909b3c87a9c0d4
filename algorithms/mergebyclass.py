"""The node that merges objects of one class into landforms."""

from __future__ import annotations

from .reshapestep import ReshapeStepAlgorithm


class MergeByClassAlgorithm(ReshapeStepAlgorithm):
    """Merge by class."""

    NODE = "mergebyclass"

    def displayName(self) -> str:
        """Return the node's title."""
        return self.tr("Merge by class")

    def tags(self) -> list[str]:
        """Return what else users may search for."""
        return self.tr("merge,dissolve,class,objects,landforms,reshape,rock glacier").split(",")

    def shortDescription(self) -> str:
        """Return what the node does, in one sentence."""
        return self.tr("Turns the objects of one class into landforms; objects that share a border become one.")

    def shortHelpString(self) -> str:
        """Return the node's help."""
        return self.tr(
            "<p>Turns the objects of one class into landforms. Objects that share a border become one; those "
            "that touch at a corner do not.</p>"
            "<p><b>Input</b>: classified objects and the labels that they were made from. Without objects "
            "every label counts as a landform, and those that share a border merge. <b>Output</b>: labels of "
            "the landforms, 0 where there is none.</p>"
            "<p><b>How to choose</b>: the class is rock_glacier in the shipped rule sets. Without merging "
            "every object becomes a landform of its own.</p>"
        )

    def declare_step(self) -> None:
        """Declare the parameters of the step."""
        self.add_polygons(self.OBJECTS, self.tr("Classified objects"))
        self.add_text("TARGET_CLASS", self.tr("Class that becomes landforms"))
        self.declare_merging()
