"""Stage `segment`: cut a raster into objects."""

from __future__ import annotations

from .contracts.segment import MULTIRESOLUTION, SegmentOptions, SegmentResult
from .errors import InvalidRasterError
from .files import check_writable
from .heterogeneity import Criterion
from .labels import LABELS
from .multiresolution import segmented
from .progress import Progress
from .provenance import step
from .raster import RasterWriter
from .segmentlayers import SegmentLayers, open_layers
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
    check_writable(options.output, ".tif", ".tiff", inputs=(options.input, options.heatmap, options.parent))
    check_scale(options)
    with open_layers(options) as layers:
        cut = _merge_pixels if options.method == MULTIRESOLUTION else cut_by_tiles
        objects = cut(layers, options, progress)
    if not objects:
        progress.warn(f"{options.input} has no pixel with a value in all bands used, so there are no objects.")
    return SegmentResult(options.output, objects)


def _merge_pixels(layers: SegmentLayers, options: SegmentOptions, progress: Progress) -> int:
    """Segment by multiresolution and write the labels; return the number of objects."""
    grid = layers.grid
    criterion = Criterion(layers.normalised_weights, options.shape, options.compactness)
    try:
        image = layers.image(grid.whole, layers.limits(layers.used, progress.part(0, 0.1)))
        labels = segmented(image, criterion, options.scale, progress.part(0.1, 0.95))
    except MemoryError as error:
        raise InvalidRasterError(
            f"{options.input} is too large to be segmented in the memory of this computer "
            f"({grid.width} x {grid.height} pixels); cut it into parts."
        ) from error
    objects = int(labels.max())
    chain = [*layers.provenance, step("segment", options, objects=objects)]
    strips = grid.strips(labels.itemsize)
    with RasterWriter(options.output, grid, [LABELS], chain) as out:
        for window in progress.part(0.95, 1).each(strips, len(strips), "Writing labels"):
            out.write_raw(window, labels[window.y : window.y + window.height])
    return objects
