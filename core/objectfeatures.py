"""Measuring objects: statistics of layers, shape, and contrast to the neighbours.

The labels are held in memory (4 bytes a pixel); layers are read strip by strip.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .contracts.objectfeatures import ObjectFeaturesOptions, ObjectFeaturesResult
from .errors import InvalidRasterError
from .features import CONTRAST, STATISTICS, Labels, LayerStatistics, Numbers, consecutive_labels
from .files import check_writable
from .geometry_features import shape_features
from .labels import index_labels
from .neighbour_features import object_borders
from .polygons import BYTES_PER_PIXEL, polygonize_strips
from .progress import Progress
from .provenance import joined, step
from .raster import Grid, Raster
from .vector import VectorLayer, write_batches

# A strip holds every layer's values twice (as read, in order by object), and the labels with their order.
_BYTES_PER_LAYER = 8
_BYTES_PER_PIXEL = 48

Columns = dict[str, NDArray[Any]]


def run(options: ObjectFeaturesOptions, progress: Progress) -> ObjectFeaturesResult:
    """Measure objects and write them as polygons, layer `objects`, with one column a feature.

    Columns are `object_id` (the label), `<layer>_<statistic>` for mean, std, min, max, p10, p50, p90 and contrast,
    the geometry's terms (see `geometry_features.shape_features`), and neighbour_count. A value is NULL where an object
    has no valid pixel in the layer.

    Parameters
    ----------
    options : ObjectFeaturesOptions
    progress : Progress

    Returns
    -------
    ObjectFeaturesResult

    Raises
    ------
    InvalidRasterError
        If a raster cannot be read, the labels are no whole numbers, or two layers have the same name.
    InvalidGridError
        If a layer is not on the labels' grid.
    InvalidCRSError
        If the shape is to be measured in a reference system without metres.
    OutputError
        If the output cannot be written.
    """
    check_writable(options.output, ".gpkg", inputs=[options.labels, *options.layers])
    with contextlib.ExitStack() as stack:
        source = stack.enter_context(Raster(options.labels))
        rasters = [stack.enter_context(Raster(path)) for path in options.layers]
        _check(options, source, rasters)
        object_ids, labels = _read_labels(source, progress.part(0.0, 0.1))
        columns: Columns = {"object_id": object_ids}
        columns |= _measured(options.features, labels, len(object_ids), source.grid, rasters, progress.part(0.1, 0.7))
        chain = joined(*(raster.provenance for raster in (*rasters, source)), [step("objectfeatures", options)])
    progress.check()
    schema = VectorLayer(np.empty(0, object), columns, source.grid.crs, chain)
    drawn = _drawn(labels, source.grid, columns, progress.part(0.7, 0.95))
    write_batches(options.output, "objects", schema, drawn, "object_id", progress.part(0.95, 1.0))
    return ObjectFeaturesResult(options.output, len(object_ids))


def _drawn(labels: Labels, grid: Grid, columns: Columns, progress: Progress) -> Iterator[VectorLayer]:
    """Yield the objects with their polygons as these are made."""
    windows = grid.strips(BYTES_PER_PIXEL)
    strips = [labels[window.y : window.y + window.height] for window in windows]
    index = index_labels(strips)
    reading = progress.each(strips, len(strips), "Drawing and writing objects")
    for geometries, numbers in polygonize_strips(reading, grid, index):
        places = index.places(numbers)
        yield VectorLayer(geometries, {name: values[places] for name, values in columns.items()})


def _check(options: ObjectFeaturesOptions, source: Raster, rasters: Sequence[Raster]) -> None:
    """Refuse what would fail or mislead later."""
    if np.dtype(source.bands[0].dtype).kind not in "iu":
        raise InvalidRasterError(
            f"{options.labels} holds {source.bands[0].dtype} numbers; labels must be whole numbers, one an object."
        )
    if "geometry" in options.features:
        _ = source.grid.metres_per_unit
    owners: dict[str, str] = {}
    for raster in rasters:
        source.grid.require_same(raster.grid, raster.path)
        for role in raster.roles:
            # A GeoPackage does not tell columns apart by upper and lower case.
            if role.lower() in owners:
                raise InvalidRasterError(
                    f"The layer {role} of {raster.path} has the name of a layer of {owners[role.lower()]}; "
                    "describe the bands by different names, or leave one of them out."
                )
            owners[role.lower()] = raster.path


def _read_labels(source: Raster, progress: Progress) -> tuple[NDArray[np.int64], Labels]:
    grid, nodata = source.grid, source.bands[0].nodata
    labels = np.empty((grid.height, grid.width), source.bands[0].dtype)
    strips = grid.strips(2 * labels.itemsize)
    for strip in progress.each(strips, len(strips), "Reading labels"):
        labels[strip.y : strip.y + strip.height] = source.read_raw(strip)
    if nodata:
        labels[labels == nodata] = 0
    return consecutive_labels(labels, progress)


def _measured(
    groups: Sequence[str], labels: Labels, count: int, grid: Grid, rasters: Sequence[Raster], progress: Progress
) -> Columns:
    """Return the features of the chosen groups."""
    neighbours = "neighbours" in groups
    needed = (*groups, "statistics") if neighbours else groups
    statistics = _layer_statistics(needed, labels, count, rasters, progress.part(0.0, 0.8))
    chosen = {name for group in groups for name in STATISTICS.get(group, ())}
    columns: Columns = {name: values for name, values in statistics.items() if name.rsplit("_", 1)[1] in chosen}
    if not neighbours and "geometry" not in groups:
        return columns
    progress.report(0.8, "Measuring borders")
    borders = object_borders(labels, grid, progress)
    if "geometry" in groups:
        progress.report(0.85, "Measuring shapes")
        columns |= shape_features(labels, count, borders, grid, progress)
    if neighbours:
        columns["neighbour_count"] = borders.neighbour_counts(count)
        for role in (role for raster in rasters for role in raster.roles):
            columns[f"{role}_{CONTRAST}"] = borders.contrasts(statistics[f"{role}_mean"])
    return columns


def _layer_statistics(
    groups: Sequence[str], labels: Labels, count: int, rasters: Sequence[Raster], progress: Progress
) -> dict[str, Numbers]:
    """Return the statistics of all layers that the groups ask for; without any, no layer is read."""
    layers = [role for raster in rasters for role in raster.roles]
    statistics = LayerStatistics(labels, count, layers, groups)
    if not statistics.columns:
        return {}
    strips = rasters[0].grid.strips(_BYTES_PER_PIXEL + _BYTES_PER_LAYER * len(layers))
    for strip in progress.each(strips, len(strips), "Measuring layers"):
        statistics.add(np.concatenate([raster.read(strip) for raster in rasters]))
    return statistics.columns
