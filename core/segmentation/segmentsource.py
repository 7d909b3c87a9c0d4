"""The rasters of a segmentation as a source of `multiresolution`."""

from __future__ import annotations

from dataclasses import dataclass

from ..rasters.grid import Window
from .image import Image
from .segmentlayers import Limits, SegmentLayers


@dataclass(frozen=True)
class RasterSource:
    """Rasters on one grid as a source of `multiresolution`.

    Attributes
    ----------
    layers : SegmentLayers
        The rasters, open.
    limits : dict of pairs of float
        Between which values each band used is stretched.
    """

    layers: SegmentLayers
    limits: Limits

    @property
    def width(self) -> int:
        """Pixels in a row."""
        return self.layers.grid.width

    @property
    def height(self) -> int:
        """Rows."""
        return self.layers.grid.height

    @property
    def has_children(self) -> bool:
        """Whether objects are merged instead of pixels."""
        return self.layers.children is not None

    def read(self, window: Window) -> Image:
        """Return the image in a window."""
        return self.layers.image(window, self.limits)
