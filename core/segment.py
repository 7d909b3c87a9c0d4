"""Stage `segment`: cut a raster into objects."""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .contracts.segment import SegmentOptions, SegmentResult
from .errors import InvalidOptionError, InvalidRasterError
from .files import check_writable
from .heterogeneity import Criterion
from .labels import open_labels
from .multiresolution import segmented
from .pixelgraph import Image
from .progress import Progress
from .provenance import joined, step
from .raster import Band, Raster, RasterWriter, Window
from .roles import HEATMAP
from .stretch import stretch, stretch_limits

# Values of a heatmap are on one scale everywhere, hence stretched from the same range in every raster.
_HEATMAP_RANGE = (0.0, 1.0)
_LABELS = Band("labels", "uint32", 0.0)


def run(options: SegmentOptions, progress: Progress) -> SegmentResult:
    """Segment a raster, and optionally a heatmap with it.

    Weights are divided by their sum, so that the scale parameter means the same however many bands there are. A pixel
    without a value in any of the bands used, or outside the parents, belongs to no object.

    Parameters
    ----------
    options : SegmentOptions
        Paths and parameters.
    progress : Progress
        Told how far the stage is.

    Returns
    -------
    SegmentResult
        Path of the labels and number of objects.

    Raises
    ------
    InvalidOptionError
        If a weight cannot be understood, names no band, or none is left.
    InvalidRasterError, InvalidGridError
        If a raster cannot be read, or lies on another grid than the input.
    OutputError
        If the labels cannot be written.
    """
    check_writable(options.output, ".tif", ".tiff", inputs=(options.input, options.heatmap, options.parent))
    with ExitStack() as stack:
        source = stack.enter_context(Raster(options.input))
        heatmap = stack.enter_context(Raster(options.heatmap)) if options.heatmap else None
        parent = stack.enter_context(open_labels(options.parent)) if options.parent else None
        for raster, what in ((heatmap, "The heatmap"), (parent, "The parent raster")):
            if raster is not None:
                source.grid.require_same(raster.grid, f"{what} {raster.path}")
        layers = _Layers(source, heatmap, parent, _weights(options, source, heatmap is not None))
        criterion = Criterion(layers.normalised_weights, options.shape, options.compactness)
        try:
            image = layers.image(progress.part(0, 0.15))
            labels = segmented(image, criterion, options.scale, progress.part(0.15, 0.95))
        except MemoryError as error:
            raise InvalidRasterError(
                f"{options.input} is too large to be segmented in the memory of this computer "
                f"({source.grid.width} x {source.grid.height} pixels); cut it into parts."
            ) from error
        chain = joined(*(raster.provenance for raster in (source, heatmap, parent) if raster is not None))
    objects = int(labels.max())
    if not objects:
        progress.warn(f"{options.input} has no pixel with a value in all bands used, so there are no objects.")
    chain.append(step("segment", options, objects=objects))
    with RasterWriter(options.output, source.grid, [_LABELS], chain) as out:
        strips = source.grid.strips(labels.itemsize)
        for window in progress.part(0.95, 1).each(strips, len(strips), "Writing labels"):
            out.write_raw(window, labels[window.y : window.y + window.height])
    return SegmentResult(options.output, objects)


@dataclass(frozen=True)
class _Layers:
    """The rasters that are segmented together."""

    source: Raster
    heatmap: Raster | None
    parent: Raster | None
    weights: Mapping[str, float]

    @property
    def normalised_weights(self) -> tuple[float, ...]:
        """Weights of the bands used, in order, divided by their sum."""
        used = [self.weights[role] for role in self._used]
        return tuple(weight / math.fsum(used) for weight in used)

    @property
    def _roles(self) -> tuple[str, ...]:
        return self.source.roles + ((HEATMAP,) if self.heatmap is not None else ())

    @property
    def _used(self) -> list[str]:
        return [role for role in self._roles if self.weights[role] > 0]

    def image(self, progress: Progress) -> Image:
        """Read the bands used, and stretch them."""
        grid = self.source.grid
        bands = np.empty((len(self._used), grid.height, grid.width), np.float32)
        valid = np.empty((grid.height, grid.width), bool)
        parent = None if self.parent is None else np.empty(valid.shape, np.uint32)
        strips = grid.strips(4 * (len(self._roles) + 2))
        for window in progress.part(0, 0.6).each(strips, len(strips), "Reading bands"):
            rows = _rows(window)
            bands[:, rows], valid[rows] = self._read(window)
            if self.parent is not None and parent is not None:
                parent[rows] = self.parent.read_raw(window)
                valid[rows] &= parent[rows] > 0
        self._stretch(bands, valid, strips, progress.part(0.6, 1))
        return Image(bands, valid, parent)

    def _read(self, window: Window) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Return the bands used, and the pixels that have a value in each of them."""
        values = self.source.read(window)
        if self.heatmap is not None:
            values = np.concatenate((values, self.heatmap.read(window, self.heatmap.roles[:1])))
        # Where shape alone counts, no band is used but all say where the data are.
        asked = [self.weights[role] > 0 or not self._used for role in self._roles]
        used = [self.weights[role] > 0 for role in self._roles]
        return values[used], np.isfinite(values[asked]).all(axis=0)

    def _stretch(
        self, bands: NDArray[np.float32], valid: NDArray[np.bool_], strips: list[Window], progress: Progress
    ) -> None:
        def blocks() -> Iterator[NDArray[np.float32]]:
            for window in strips:
                progress.check()
                rows = _rows(window)
                yield bands[:, rows][:, valid[rows]]

        limits = stretch_limits(blocks, len(bands))
        for role, band, (low, high) in progress.each(
            zip(self._used, bands, limits, strict=True), len(bands), "Stretching bands"
        ):
            stretch(band, *(_HEATMAP_RANGE if role == HEATMAP else (low, high)))
            band[~valid] = 0


def _rows(window: Window) -> slice:
    return slice(window.y, window.y + window.height)


def _weights(options: SegmentOptions, source: Raster, with_heatmap: bool) -> dict[str, float]:
    """Return the weight of every role."""
    roles = source.roles
    if with_heatmap and HEATMAP in roles:
        raise InvalidOptionError(
            f"{options.input} has a band `{HEATMAP}` already; leave option `heatmap` empty or give another input."
        )
    weights = dict.fromkeys(roles + ((HEATMAP,) if with_heatmap else ()), 1.0)
    named = set()
    for text in options.weights:
        role, number = _parsed(text)
        if role not in weights:
            raise InvalidOptionError(_unknown_role(role, options.input, list(weights)))
        if role in named:
            raise InvalidOptionError(f"Option `weights` names `{role}` twice; give each role one weight.")
        named.add(role)
        weights[role] = number
    if not any(weights.values()) and not options.shape:
        raise InvalidOptionError(
            "Option `weights` leaves out every band while `shape` is 0, so nothing tells objects apart; "
            "give a band a weight above 0."
        )
    return weights


def _parsed(text: str) -> tuple[str, float]:
    role, equals, number = (part.strip() for part in text.partition("="))
    try:
        weight = float(number)
    except ValueError:
        weight = math.nan
    if not (role and equals and 0 <= weight < math.inf):
        raise InvalidOptionError(
            f"Option `weights` has {text!r}, which is not role=number with a number of 0 or more, such as coherence=2."
        )
    return role, weight


def _unknown_role(role: str, path: str, roles: list[str]) -> str:
    near = difflib.get_close_matches(role, roles, n=1)
    hint = f" Did you mean `{near[0]}`?" if near else ""
    return f"Option `weights` names `{role}`, which {path} has no band for.{hint} Its roles are: {', '.join(roles)}."
