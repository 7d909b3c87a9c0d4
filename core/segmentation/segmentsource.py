"""The rasters of a segmentation as a source of `multiresolution`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from ..contracts.segment import SegmentOptions
from ..rasters.grid import Window
from .pixelgraph import Image
from .segmentlayers import Limits, SegmentLayers, open_layers


@dataclass(frozen=True)
class RasterSource:
    """Rasters on one grid as a source of `multiresolution`.

    Attributes
    ----------
    options : SegmentOptions
        Which rasters, and the weights of their bands.
    limits : dict of pairs of float
        Between which values each band used is stretched.
    width, height : int
        Size of the rasters.
    """

    options: SegmentOptions
    limits: Limits
    width: int
    height: int

    @property
    def has_children(self) -> bool:
        """Whether objects are merged instead of pixels."""
        return bool(self.options.children)

    @contextmanager
    def opened(self) -> Iterator[_Reader]:
        """Open the rasters for reading."""
        with open_layers(self.options) as layers:
            yield _Reader(layers, self.limits)


@dataclass(frozen=True)
class _Reader:
    layers: SegmentLayers
    limits: Limits

    def read(self, window: Window) -> Image:
        return self.layers.image(window, self.limits)
