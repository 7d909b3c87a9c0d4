"""Stage `segment`: cut a raster into objects."""

from __future__ import annotations

import difflib
import math
from contextlib import ExitStack

from .contracts.segment import SegmentOptions, SegmentResult
from .errors import InvalidOptionError, InvalidRasterError
from .files import check_writable, scratch
from .heterogeneity import Criterion
from .labels import open_labels
from .multiresolution import Tiling, merged
from .progress import Progress
from .provenance import Step, joined, step
from .raster import Band, Grid, Raster, RasterWriter
from .references import ReferencesOnDisk
from .roles import HEATMAP
from .segmentsource import RasterSource

# Side of the windows in which the raster is read from end to end, whole blocks of the usual files.
_WINDOW = 512
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
    inputs = (options.input, options.heatmap, options.parent, options.children)
    check_writable(options.output, ".tif", ".tiff", inputs=inputs)
    source, weights, grid, chain = _opened(options)
    criterion = Criterion(weights, options.shape, options.compactness)
    try:
        with scratch(options.output) as path:
            references = ReferencesOnDisk(path, grid.width, grid.height)
            source = source.stretched(grid.tiles(_WINDOW), progress.part(0, 0.1))
            tiling = Tiling(options.tile_size, options.threads)
            number = merged(source, criterion, options.scale, tiling, references, progress.part(0.1, 0.95))
            objects = int(number.max(initial=0))
            if not objects:
                progress.warn(f"{options.input} has no pixel with a value in all bands used, so there are no objects.")
            chain.append(step("segment", options, objects=objects))
            with RasterWriter(options.output, grid, [_LABELS], chain) as out:
                strips = grid.strips(8)
                for window in progress.part(0.95, 1).each(strips, len(strips), "Writing labels"):
                    out.write_raw(window, number.take(references.read(window.y, window.height)))
    except MemoryError as error:
        raise InvalidRasterError(
            f"{options.input} is too large to be segmented in the memory of this computer "
            f"({grid.width} x {grid.height} pixels); cut it into parts, or choose smaller tiles or fewer threads."
        ) from error
    return SegmentResult(options.output, objects)


def _opened(options: SegmentOptions) -> tuple[RasterSource, tuple[float, ...], Grid, list[Step]]:
    """Check the rasters against each other; return them, the weights of the bands used, the grid and the provenance."""
    with ExitStack() as stack:
        source = stack.enter_context(Raster(options.input))
        heatmap = stack.enter_context(Raster(options.heatmap)) if options.heatmap else None
        parent = stack.enter_context(open_labels(options.parent)) if options.parent else None
        children = stack.enter_context(open_labels(options.children)) if options.children else None
        others = ((heatmap, "The heatmap"), (parent, "The parent raster"), (children, "The raster of smaller objects"))
        for raster, what in others:
            if raster is not None:
                source.grid.require_same(raster.grid, f"{what} {raster.path}")
        weights = _weights(options, source, heatmap is not None)
        chain = joined(*(raster.provenance for raster in (source, heatmap, parent, children) if raster is not None))
    used = [weight for weight in weights.values() if weight > 0]
    image = RasterSource(
        options.input,
        options.heatmap,
        options.parent,
        options.children,
        tuple(weights),
        tuple(weight > 0 for weight in weights.values()),
        source.grid.width,
        source.grid.height,
    )
    return image, tuple(weight / math.fsum(used) for weight in used), source.grid, chain


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
