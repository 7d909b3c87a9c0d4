"""The rasters that are segmented together: their bands with weights, stretched to one scale, by window."""

from __future__ import annotations

import difflib
import math
import os
import time
from collections.abc import Generator, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..background import read_ahead
from ..contracts.segment import SegmentOptions
from ..errors import InvalidOptionError, InvalidRasterError
from ..progress import Progress
from ..provenance import Step, joined
from ..rasters.grid import Grid, Window
from ..rasters.labels import open_labels
from ..rasters.raster import Raster
from ..rasters.roles import HEATMAP
from ..rasters.stretch import stretch, stretch_limits
from .image import Image

# Values of a heatmap are on one scale everywhere, hence stretched from the same range in every raster.
_HEATMAP_RANGE = (0.0, 1.0)
# The surplus is that of a rounded scale.
_LARGEST_HEATMAP = 1.001

_Labels = NDArray[np.uint32]
Limits = Mapping[int, tuple[float, float]]
# Side of the windows in which the raster is read from end to end: whole blocks of the usual files.
_WINDOW = 512


@contextmanager
def open_layers(options: SegmentOptions) -> Iterator[SegmentLayers]:
    """Open the rasters that the options of a segmentation name, for use in a ``with`` statement.

    Raises
    ------
    InvalidOptionError
        If a weight cannot be understood, names no band, or none is left.
    InvalidRasterError, InvalidGridError
        If a raster cannot be read, or lies on another grid than the input.
    """
    with ExitStack() as stack:
        source = stack.enter_context(Raster(options.input))
        heatmap = stack.enter_context(Raster(options.heatmap)) if options.heatmap else None
        parent = stack.enter_context(open_labels(options.parent)) if options.parent else None
        children = stack.enter_context(open_labels(options.children)) if options.children else None
        others = ((heatmap, "The heatmap"), (parent, "The parent raster"), (children, "The raster of smaller objects"))
        for raster, what in others:
            if raster is not None:
                source.grid.require_same(raster.grid, f"{what} {raster.path}")
        weights = layer_weights(options, source, heatmap is not None)
        yield SegmentLayers(source, heatmap, parent, children, weights)


@dataclass(frozen=True)
class SegmentLayers:
    """The rasters that are segmented together.

    Attributes
    ----------
    source : Raster
        The raster to segment.
    heatmap : Raster or None
        A heatmap on the same grid, whose first class is a band beside those of the source.
    parent : Raster or None
        Labels of larger objects on the same grid.
    children : Raster or None
        Labels of smaller objects on the same grid.
    weights : dict of float
        Weight of every role.
    """

    source: Raster
    heatmap: Raster | None
    parent: Raster | None
    children: Raster | None
    weights: Mapping[str, float]

    @property
    def grid(self) -> Grid:
        """The grid of all the rasters."""
        return self.source.grid

    @property
    def roles(self) -> tuple[str, ...]:
        """The roles of all bands, used or not; a band's position is its place among them."""
        return self.source.roles + ((HEATMAP,) if self.heatmap is not None else ())

    @property
    def used(self) -> tuple[int, ...]:
        """The positions of the bands used: those with a weight above 0."""
        return tuple(position for position, role in enumerate(self.roles) if self.weights[role] > 0)

    @property
    def normalised_weights(self) -> tuple[float, ...]:
        """Weights of the bands used, in order, divided by their sum."""
        used = [self.weights[self.roles[position]] for position in self.used]
        # Divided by the largest first, since a sum of very large ones would have no end.
        shares = [weight / max(used) for weight in used]
        return tuple(share / math.fsum(shares) for share in shares)

    @property
    def provenance(self) -> list[Step]:
        """The steps that made the rasters."""
        rasters = (self.source, self.heatmap, self.parent, self.children)
        return joined(*(raster.provenance for raster in rasters if raster is not None))

    def limits(self, positions: Iterable[int], progress: Progress) -> Limits:
        """Return the two values between which each of some bands is stretched, from the whole raster.

        They do not depend on parents and children, so that a scale means the same with them.

        Parameters
        ----------
        positions : iterable of int
            The bands; pixels without a value in any of them do not count.
        progress : Progress
            Warned of bands that are used beside others and hold one value only.

        Returns
        -------
        dict of pairs of float
            By position; those of `stretch_limits`, or a heatmap's fixed range.

        Raises
        ------
        InvalidRasterError
            If a raster cannot be read, or the heatmap is none.
        """
        chosen = tuple(sorted({*positions}))
        if not chosen:
            return {}
        windows = self.grid.tiles(_WINDOW)
        passes = iter((progress.part(0, 0.5), progress.part(0.5, 1)))

        def read() -> Generator[NDArray[np.float32], None, None]:
            for window in windows:
                values = self._values(window, chosen)
                valid = np.isfinite(values).all(axis=0)
                yield values.reshape(len(values), -1) if valid.all() else values[:, valid]

        def blocks() -> Iterator[NDArray[np.float32]]:
            part = next(passes)
            with read_ahead(read(), 2, part) as ready:
                yield from part.each(ready, len(windows), "Reading the range of the bands")

        found = dict(zip(chosen, stretch_limits(blocks, len(chosen)).tolist(), strict=True))
        even = [self.roles[at] for at, (low, high) in found.items() if low == high and at in self.used]
        if even and len(even) < len(self.used):
            progress.warn(
                f"Bands with one value everywhere: {', '.join(even)}. They tell no objects apart, but their weights "
                "let the other bands count less, as if the scale were larger; give them the weight 0."
            )
        return {at: _HEATMAP_RANGE if self.roles[at] == HEATMAP else (low, high) for at, (low, high) in found.items()}

    def image(self, window: Window, limits: Limits) -> Image:
        """Read the bands used in a window, stretched, 0 where the pixel is not valid.

        A pixel is valid that has a value in each band used and lies in a parent and a child. Where shape alone counts,
        no band is used but all say where the data are.
        """
        bands, valid, parent, children = self._read(window, self.used)
        for position, band in zip(self.used, bands, strict=True):
            stretch(band, *limits[position])
            band[~valid] = 0
        return Image(bands, valid, parent, children)

    def stretched(self, window: Window, position: int, limits: Limits) -> tuple[NDArray[np.float32], NDArray[np.bool_]]:
        """Read one band in a window, stretched; return it and where it has a value, parents or not."""
        band = self._values(window, (position,))[0]
        known = np.isfinite(band)
        stretch(band, *limits[position])
        band[~known] = 0
        return band, known

    def _values(self, window: Window, positions: tuple[int, ...]) -> NDArray[np.float32]:
        """Read some bands, their positions ascending, in a window."""
        count = len(self.source.bands)
        values = self.source.read_bands(window, [position for position in positions if position < count])
        if self.heatmap is None or count not in positions:
            return values
        return np.concatenate((values, _heatmap_values(self.heatmap, window)))

    def _read(
        self, window: Window, positions: tuple[int, ...]
    ) -> tuple[NDArray[np.float32], NDArray[np.bool_], _Labels | None, _Labels | None]:
        """Return some bands, the pixels with a value in each (of no bands: in all), the parents and the children."""
        bands = self._values(window, positions or tuple(range(len(self.roles))))
        valid = np.isfinite(bands).all(axis=0)
        parent, children = (
            None if raster is None else raster.read_raw(window).astype(np.uint32)
            for raster in (self.parent, self.children)
        )
        for labels in (parent, children):
            if labels is not None:
                valid &= labels > 0
        return bands[: len(positions)], valid, parent, children


def _heatmap_values(heatmap: Raster, window: Window) -> NDArray[np.float32]:
    """Read the first class of a heatmap in a window, and see that it is one."""
    values = heatmap.read_bands(window, [0])
    if (values < 0).any() or (values > _LARGEST_HEATMAP).any():
        raise InvalidRasterError(
            f"{heatmap.path} has values from {np.nanmin(values):g} to {np.nanmax(values):g}; a heatmap with "
            "probabilities of 0 to 1 is expected. State the scale of whole numbers in the file, or divide them."
        )
    return values


_FileStates = tuple[tuple[str, int, int], ...]
_remembered: dict[tuple[_FileStates, tuple[int, ...]], Limits] = {}


def remembered_limits(layers: SegmentLayers, positions: tuple[int, ...], progress: Progress) -> Limits:
    """Return `SegmentLayers.limits`, those of the last time where the files and the bands are the same.

    To try parameters out on a part of a large raster, it is read from end to end only once.
    """
    key = (_file_states(layers), positions)
    if key not in _remembered:
        found = layers.limits(positions, progress)
        _remembered.clear()
        _remembered[key] = found
    return _remembered[key]


def _file_states(layers: SegmentLayers) -> _FileStates:
    """Return the files behind the layers, when they were last changed and how large they are."""
    rasters = [raster for raster in (layers.source, layers.heatmap) if raster is not None]
    # What a virtual raster is made of, and nodata that is stated beside a file, lie in other files.
    paths = [path for raster in rasters for path in (raster.path, *raster.files)]
    known = [path for path in paths if os.path.exists(path)]
    states = [os.stat(path) for path in known]
    # What is no file of its own, as a part of a container, is never the same as before.
    strangers = tuple((path, time.monotonic_ns(), 0) for path in paths if path not in known)
    files = tuple((path, state.st_mtime_ns, state.st_size) for path, state in zip(known, states, strict=True))
    return files + strangers


def nothing_to_cut(options: SegmentOptions, where: str = "") -> str:
    """Return a sentence that says why there are no objects."""
    inside = "".join(f" inside the objects of {path}" for path in (options.parent, options.children) if path)
    return f"{options.input} has no pixel with a value in all bands used{inside}{where}, so there are no objects."


def layer_weights(options: SegmentOptions, source: Raster, with_heatmap: bool) -> dict[str, float]:
    """Return the weight of every role.

    Raises
    ------
    InvalidOptionError
        If a weight cannot be understood, names no band, or none is left.
    """
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
        if roles.count(role) > 1:
            raise InvalidOptionError(
                f"Option `weights` names `{role}`, and {options.input} has {roles.count(role)} bands of that role; "
                "describe them by different names."
            )
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
    role, equals, number = (part.strip() for part in text.rpartition("="))
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
