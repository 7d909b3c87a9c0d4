"""Stage `segment`: cut a raster into objects."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from concurrent.futures import wait

from ..background import started
from ..contracts.segment import MULTIRESOLUTION, SegmentOptions, SegmentResult
from ..errors import InvalidOptionError, InvalidRasterError
from ..files import check_writable, scratch
from ..progress import Progress
from ..provenance import step
from ..rasters.labels import LABELS
from ..rasters.raster import RasterWriter
from .heterogeneity import Criterion
from .references import ReferencesOnDisk
from .segmentlayers import SegmentLayers, nothing_to_cut, open_layers
from .segmentsource import RasterSource
from .superpixeltiles import check_scale, cut_by_tiles


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
        If a weight cannot be understood, names no band, or none is left, or the scale is too small for the method.
    InvalidRasterError, InvalidGridError
        If a raster cannot be read, or lies on another grid than the input.
    OutputError
        If the labels cannot be written.
    """
    check_writable(
        options.output, ".tif", ".tiff", inputs=(options.input, options.heatmap, options.parent, options.children)
    )
    check_scale(options)
    _check_children(options)
    with open_layers(options) as layers:
        cut = _merge_pixels if options.method == MULTIRESOLUTION else cut_by_tiles
        objects = cut(layers, options, progress)
    if not objects:
        progress.warn(nothing_to_cut(options))
    return SegmentResult(options.output, objects)


def _check_children(options: SegmentOptions) -> None:
    if options.children and options.method != MULTIRESOLUTION:
        raise InvalidOptionError(
            f"Option `children` is given, but method `{options.method}` starts from pixels; leave it empty, or "
            f"choose the method `{MULTIRESOLUTION}`."
        )


def _merge_pixels(layers: SegmentLayers, options: SegmentOptions, progress: Progress) -> int:
    """Segment by multiresolution and write the labels; return the number of objects."""
    grid = layers.grid
    criterion = Criterion(layers.normalised_weights, options.shape, options.compactness)
    try:
        with scratch(options.output) as path:
            references = ReferencesOnDisk(path, grid.width, grid.height)
            with _loading_multiresolution():
                limits = layers.limits(layers.used, progress.part(0, 0.1))
            from .multiresolution import Tiling, merged

            tiling = Tiling(options.tile_size, options.threads)
            source = RasterSource(layers, limits)
            number = merged(source, criterion, options.scale, tiling, references, progress.part(0.1, 0.95))
            objects = int(number.max(initial=0))
            chain = [*layers.provenance, step("segment", options, objects=objects)]
            strips = grid.strips(2 * number.itemsize)
            with RasterWriter(options.output, grid, [LABELS], chain) as out:
                for window in progress.part(0.95, 1).each(strips, len(strips), "Writing labels"):
                    out.write_raw(window, number.take(references.read(window.y, window.height)))
    except MemoryError as error:
        raise InvalidRasterError(
            f"{options.input} is too large to be segmented in the memory of this computer "
            f"({grid.width} x {grid.height} pixels); cut it into parts, or choose smaller tiles or fewer threads."
        ) from error
    return objects


@contextlib.contextmanager
def _loading_multiresolution() -> Iterator[None]:
    """Import the merging with its compiled loops beside what the ``with`` statement does, and wait for it.

    It takes as long as to read a raster of two million pixels.
    """

    def load() -> None:
        from .multiresolution import load_kernels

        load_kernels()

    loading = started(load)
    try:
        yield
    finally:
        wait([loading])
    loading.result()
