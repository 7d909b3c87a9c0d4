"""The parameters of the reshaping steps, declared once for the node of each step and for those that run them all."""

from __future__ import annotations

from .base import StageAlgorithm

RESHAPE_KEYS = (
    *("MERGE", "MIN_HEATMAP", "GROW", "GROW_INTO", "GROW_MIN_SLOPE", "GROW_MAX_SLOPE", "GROW_TENSION", "GROW_DISTANCE"),
    *("SHRINK", "SHRINK_MIN_SLOPE", "SHRINK_MAX_SLOPE", "SHRINK_TENSION", "SHRINK_DISTANCE", "TENSION_RADIUS"),
    *("FILL", "SMOOTH", "JOIN", "SPLIT", "SPLIT_ANGLE", "SPLIT_AREA", "FLOW_SCALE", "MIN_AREA"),
)


class ReshapeParameters(StageAlgorithm):
    """A node that declares parameters of reshaping steps; a pattern such as ``Reshape: {}`` goes around the labels."""

    def declare_steps(self, pattern: str) -> None:
        """Declare the parameters of all steps in their order, as advanced ones."""
        self.declare_merging(pattern, advanced=True)
        self.declare_doubt(pattern, advanced=True)
        self.declare_growing(pattern, advanced=True)
        self.declare_shrinking(pattern, advanced=True)
        self.declare_tension_radius(pattern)
        self.declare_filling(pattern, advanced=True)
        self.declare_smoothing(pattern, advanced=True)
        self.declare_joining(pattern)
        self.declare_splitting(pattern, advanced=True)
        self.declare_sifting(pattern, advanced=True)

    def declare_merging(self, pattern: str = "{}", *, advanced: bool = False) -> None:
        """Declare whether objects that touch are merged."""
        self.add_truth("MERGE", _label(pattern, self.tr("merge what shares a border")), advanced=advanced)

    def declare_doubt(self, pattern: str = "{}", *, advanced: bool = False) -> None:
        """Declare the smallest mean of the heatmap."""
        self.add_number("MIN_HEATMAP", _label(pattern, self.tr("minimum mean of the heatmap")), advanced=advanced)

    def declare_growing(self, pattern: str = "{}", *, advanced: bool = False) -> None:
        """Declare the conditions of growing."""
        self.add_number("GROW", _label(pattern, self.tr("grow to heatmap values of at least")), advanced=advanced)
        self.add_text("GROW_INTO", _label(pattern, self.tr("grow into the classes")), advanced=advanced)
        self.add_number("GROW_MIN_SLOPE", _label(pattern, self.tr("grow to slopes from (degrees)")), advanced=advanced)
        self.add_number("GROW_MAX_SLOPE", _label(pattern, self.tr("grow to slopes up to (degrees)")), advanced=advanced)
        self.add_number("GROW_TENSION", _label(pattern, self.tr("surface tension of growing")), advanced=advanced)
        self.add_number("GROW_DISTANCE", _label(pattern, self.tr("grow no further than (metres)")), advanced=advanced)

    def declare_shrinking(self, pattern: str = "{}", *, advanced: bool = False) -> None:
        """Declare the conditions of shrinking."""
        self.add_number("SHRINK", _label(pattern, self.tr("drop heatmap values below")), advanced=advanced)
        self.add_number("SHRINK_MIN_SLOPE", _label(pattern, self.tr("drop slopes below (degrees)")), advanced=advanced)
        self.add_number("SHRINK_MAX_SLOPE", _label(pattern, self.tr("drop slopes above (degrees)")), advanced=advanced)
        self.add_number("SHRINK_TENSION", _label(pattern, self.tr("surface tension of shrinking")), advanced=advanced)
        near = self.tr("drop only as near to the border as (metres)")
        self.add_number("SHRINK_DISTANCE", _label(pattern, near), advanced=advanced)

    def declare_tension_radius(self, pattern: str = "{}") -> None:
        """Declare how far surface tension looks."""
        self.add_number("TENSION_RADIUS", _label(pattern, self.tr("radius of surface tension (metres)")), advanced=True)

    def declare_filling(self, pattern: str = "{}", *, advanced: bool = False) -> None:
        """Declare the largest hole to fill."""
        self.add_number("FILL", _label(pattern, self.tr("fill holes up to (square metres)")), advanced=advanced)

    def declare_smoothing(self, pattern: str = "{}", *, advanced: bool = False) -> None:
        """Declare the radius of smoothing."""
        self.add_number("SMOOTH", _label(pattern, self.tr("smoothing radius (metres)")), advanced=advanced)

    def declare_joining(self, pattern: str = "{}") -> None:
        """Declare whether landforms are joined whose gap is closed."""
        self.add_truth("JOIN", _label(pattern, self.tr("join landforms whose gap is closed")), advanced=True)

    def declare_splitting(self, pattern: str = "{}", *, advanced: bool = False) -> None:
        """Declare where landforms are split."""
        self.add_number("SPLIT", _label(pattern, self.tr("split necks narrower than (metres)")), advanced=advanced)
        angle = self.tr("split directions that part by at least (degrees)")
        self.add_number("SPLIT_ANGLE", _label(pattern, angle), advanced=advanced)
        area = self.tr("smallest part of a split (square metres)")
        self.add_number("SPLIT_AREA", _label(pattern, area), advanced=True)
        scale = self.tr("scale of the downslope direction (metres)")
        self.add_number("FLOW_SCALE", _label(pattern, scale), advanced=True)

    def declare_sifting(self, pattern: str = "{}", *, advanced: bool = False) -> None:
        """Declare the smallest landform."""
        self.add_number("MIN_AREA", _label(pattern, self.tr("minimum area (square metres)")), advanced=advanced)


def _label(pattern: str, text: str) -> str:
    label = pattern.format(text)
    return label[:1].upper() + label[1:]
