"""The rasters that are segmented together, read by windows as one image."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from .labels import open_labels
from .pixelgraph import Image
from .progress import Progress
from .raster import Raster, Window
from .roles import HEATMAP
from .stretch import stretch, stretch_limits

# Values of a heatmap are on one scale everywhere, hence stretched from the same range in every raster.
_HEATMAP_RANGE = (0.0, 1.0)


@dataclass(frozen=True)
class RasterSource:
    """Rasters on one grid as a source of `multiresolution`.

    Attributes
    ----------
    input, heatmap, parent, children : str
        Paths; all but the first may be empty.
    roles : tuple of str
        Roles of the bands of the input, and of the heatmap if there is one.
    used : tuple of bool
        Which of them have a weight above 0.
    width, height : int
        Size of the rasters.
    limits : tuple of (float, float)
        What becomes 0 and what becomes `WHITE`, for each band used.
    """

    input: str
    heatmap: str
    parent: str
    children: str
    roles: tuple[str, ...]
    used: tuple[bool, ...]
    width: int
    height: int
    limits: tuple[tuple[float, float], ...] = ()

    @property
    def has_children(self) -> bool:
        """Whether objects are merged instead of pixels."""
        return bool(self.children)

    @contextmanager
    def opened(self) -> Iterator[_Rasters]:
        """Open the rasters for reading."""
        with ExitStack() as stack:
            yield _Rasters(
                self,
                stack.enter_context(Raster(self.input)),
                stack.enter_context(Raster(self.heatmap)) if self.heatmap else None,
                stack.enter_context(open_labels(self.parent)) if self.parent else None,
                stack.enter_context(open_labels(self.children)) if self.children else None,
            )

    def stretched(self, windows: list[Window], progress: Progress) -> RasterSource:
        """Return the source with the limits of its stretch, found by reading everything.

        Parameters
        ----------
        windows : list of Window
            Parts to read at once, together the whole raster.
        progress : Progress
            Told how much has been read, and asked whether to stop.
        """
        passes = (progress.part(0, 0.5), progress.part(0.5, 1))
        turn = iter(passes)
        with self.opened() as rasters:

            def blocks() -> Iterator[NDArray[np.float32]]:
                for window in next(turn, progress).each(windows, len(windows), "Reading bands"):
                    bands, valid = rasters.values(window)
                    yield bands.reshape(len(bands), -1) if valid.all() else bands[:, valid]

            limits = stretch_limits(blocks, sum(self.used)).tolist()
        names = [role for role, used in zip(self.roles, self.used, strict=True) if used]
        return replace(
            self,
            limits=tuple(
                _HEATMAP_RANGE if name == HEATMAP else (low, high)
                for name, (low, high) in zip(names, limits, strict=True)
            ),
        )


@dataclass(frozen=True)
class _Rasters:
    source: RasterSource
    input: Raster
    heatmap: Raster | None
    parent: Raster | None
    children: Raster | None

    def read(self, window: Window) -> Image:
        """Return the image in a window."""
        bands, valid = self.values(window)
        for band, (low, high) in zip(bands, self.source.limits, strict=True):
            stretch(band, low, high)
            band[~valid] = 0
        parent, children = (
            None if raster is None else raster.read_raw(window) for raster in (self.parent, self.children)
        )
        return Image(bands, valid, parent, children)

    def values(self, window: Window) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Return the bands used as they are, and the pixels that have a value in each band and belong to objects."""
        values = self.input.read(window)
        if self.heatmap is not None:
            values = np.concatenate((values, self.heatmap.read(window, self.heatmap.roles[:1])))
        used = np.array(self.source.used)
        # Where shape alone counts, no band is used but all say where the data are.
        valid = np.isfinite(values[used] if used.any() else values).all(axis=0)
        for labels in (self.parent, self.children):
            if labels is not None:
                valid &= labels.read_raw(window) > 0
        return values if used.all() else values[used], valid
