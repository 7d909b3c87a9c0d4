"""Stage `previewsegmentation`: segment a part of a raster and draw the borders of the objects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..contracts.previewsegmentation import PreviewSegmentationOptions, PreviewSegmentationResult
from ..contracts.segment import MULTIRESOLUTION, SegmentOptions
from ..errors import InvalidOptionError, OutputError
from ..files import check_writable, replacing
from ..options import field_types
from ..progress import Progress
from ..provenance import Step, step
from ..rasters.extent import window_of
from ..rasters.grid import Grid, Window
from ..rasters.labels import LABELS
from ..rasters.picture import with_borders
from ..rasters.raster import RasterWriter
from ..rasters.roles import HEATMAP
from ..rasters.stretch import WHITE
from ..vectors.polygons import polygonize
from ..vectors.vector import VectorLayer, write_layers
from .heterogeneity import Criterion
from .multiresolution import segmented
from .segmentlayers import Limits, SegmentLayers, nothing_to_cut, open_layers, remembered_limits
from .superpixels import superpixels
from .superpixeltiles import check_scale

TRUE_COLOUR = ("B04", "B03", "B02")


@dataclass(frozen=True)
class Preview:
    """A part of a raster with its objects.

    Attributes
    ----------
    window : Window
        The part.
    labels : uint32 array, shape (height, width)
        Labels from 1 in the order of the objects' first pixels, row by row; 0 = nodata.
    """

    window: Window
    labels: NDArray[np.uint32]

    @property
    def objects(self) -> int:
        """Number of objects."""
        return int(self.labels.max())

    @property
    def mean_pixels(self) -> float:
        """Mean size of the objects in pixels, NaN where there are none."""
        return np.count_nonzero(self.labels) / self.objects if self.objects else float("nan")


def run(options: PreviewSegmentationOptions, progress: Progress) -> PreviewSegmentationResult:
    """Segment a part of a raster and draw the borders of the objects.

    Bands are stretched between the limits of the whole raster, as `segment` does, so that the objects are of the size
    and kind that it makes. They are not the very same: objects end at the edges of the part, and those close to them
    may be cut otherwise.

    Parameters
    ----------
    options : PreviewSegmentationOptions
        Paths and parameters.
    progress : Progress

    Returns
    -------
    PreviewSegmentationResult

    Raises
    ------
    MapperError
        As `segment`; also if the extent or the picture's bands cannot be understood.
    """
    inputs = (options.input, options.heatmap, options.parent)
    check_writable(options.output, ".tif", ".tiff", inputs=inputs)
    if options.picture:
        check_writable(options.picture, ".png", inputs=inputs)
    if options.objects:
        check_writable(options.objects, ".gpkg", inputs=inputs)
    shared = {name: getattr(options, name) for name in field_types(SegmentOptions) if hasattr(options, name)}
    parameters = SegmentOptions(**shared)
    with open_layers(parameters) as layers:
        window = window_of(options.extent, layers.grid, progress)
        positions = _shown(layers, options.picture_bands)
        preview = previewed(layers, parameters, window, progress.part(0, 0.7))
        picture = _drawn(layers, preview, positions, progress.part(0.7, 0.9)) if options.picture else b""
        facts = {"window": list(window), "objects": preview.objects}
        chain = [*layers.provenance, step("previewsegmentation", options, **facts)]
        grid = _part(layers.grid, window)
    with RasterWriter(options.output, grid, [LABELS], chain) as out:
        out.write_raw(grid.whole, preview.labels)
        if options.picture:
            _write(options.picture, picture)
        if options.objects:
            write_layers(options.objects, {"objects": _polygons(preview.labels, grid, chain)}, progress.part(0.9, 1))
    _tell(preview, parameters, progress)
    return PreviewSegmentationResult(options.output, options.picture, preview.objects, preview.mean_pixels)


def previewed(layers: SegmentLayers, options: SegmentOptions, window: Window, progress: Progress) -> Preview:
    """Segment a window in memory.

    Parameters
    ----------
    layers : SegmentLayers
        The rasters, open.
    options : SegmentOptions
        Method and parameters.
    window : Window
        What to segment, small enough for the memory.
    progress : Progress

    Returns
    -------
    Preview
    """
    check_scale(options)
    limits = remembered_limits(layers, layers.used, progress.part(0, 0.4))
    return Preview(window, cut_window(layers, options, window, limits, progress.part(0.4, 1)))


def cut_window(
    layers: SegmentLayers, options: SegmentOptions, window: Window, limits: Limits, progress: Progress
) -> NDArray[np.uint32]:
    """Return the labels of a window, segmented by itself."""
    image = layers.image(window, limits)
    criterion = Criterion(layers.normalised_weights, options.shape, options.compactness)
    if options.method == MULTIRESOLUTION:
        return segmented(image, criterion, options.scale, progress)
    return superpixels(image, options.method, criterion, options.scale)


def _shown(layers: SegmentLayers, wanted: tuple[str, ...]) -> list[int]:
    """Return the positions of the three bands shown, the same one thrice for grey."""
    roles = layers.roles
    missing = [role for role in wanted if role not in roles]
    if missing or len(wanted) not in (0, 1, 3):
        raise InvalidOptionError(
            f"Option `picture_bands` is {', '.join(wanted)}, but one or three of the raster's bands are expected: "
            f"{', '.join(roles)}."
        )
    chosen = wanted or next((bands for bands in (TRUE_COLOUR, (HEATMAP,)) if set(bands) <= set(roles)), roles[:3])
    positions = [roles.index(role) for role in chosen]
    return positions if len(positions) == 3 else positions[:1] * 3


def _drawn(layers: SegmentLayers, preview: Preview, positions: list[int], progress: Progress) -> bytes:
    """Return a PNG file of the part with the objects' borders."""
    limits = dict(remembered_limits(layers, layers.used, progress))
    more = tuple(position for position in positions if position not in limits)
    limits |= layers.limits(more, progress.part(0, 0.8)) if more else {}
    progress.report(0.8, "Drawing")
    bands = {position: layers.stretched(preview.window, position, limits) for position in positions}
    # The root brings up dark ground, which one bright patch of snow would else leave black.
    channels = np.stack([np.rint(np.sqrt(bands[position][0] * WHITE)).astype(np.uint8) for position in positions])
    visible = np.logical_and.reduce([known for _, known in bands.values()])
    return with_borders(channels, visible, preview.labels)


def _polygons(labels: NDArray[np.uint32], grid: Grid, chain: Sequence[Step]) -> VectorLayer:
    geometries, numbers = polygonize(labels, grid)
    pixels = np.bincount(labels.ravel())[numbers]
    return VectorLayer(geometries, {"object_id": numbers.astype(np.int64), "pixels": pixels}, grid.crs, chain)


def _part(grid: Grid, window: Window) -> Grid:
    """Return the grid of a window."""
    _, across_x, down_x, _, across_y, down_y = grid.geotransform
    (left,), (top,) = grid.coordinates([window.x], [window.y])
    return Grid(window.width, window.height, (float(left), across_x, down_x, float(top), across_y, down_y), grid.crs)


def _write(path: str, content: bytes) -> None:
    try:
        with replacing(path) as temporary:
            Path(temporary).write_bytes(content)
    except OSError as error:
        raise OutputError(f"The output {path} cannot be written: {error.strerror}.") from error


def _tell(preview: Preview, options: SegmentOptions, progress: Progress) -> None:
    if not preview.objects:
        progress.warn(nothing_to_cut(options, " there"))
        progress.report(1, "No objects")
    else:
        progress.report(1, f"{preview.objects} objects of {preview.mean_pixels:.0f} pixels in the mean")
