"""Measuring objects: statistics of layers, shape, terrain, texture, and contrast to the neighbours.

Labels and layers are read strip by strip.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from ..contracts.objectfeatures import FEATURE_GROUPS, ObjectFeaturesOptions, ObjectFeaturesResult
from ..errors import InvalidOptionError, InvalidRasterError
from ..files import check_writable
from ..progress import Progress
from ..provenance import joined, step
from ..rasters.grid import Window
from ..rasters.raster import Grid, Raster
from ..rasters.stretch import stretch_limits
from ..vectors.polygons import BYTES_PER_PIXEL, polygonize_strips
from ..vectors.vector import VectorLayer, write_batches
from .featurecatalogue import CATALOGUE
from .objectlabels import ObjectLabels
from .objectmeasurement import Columns, ObjectMeasurement, Wanted, layers_needed

# A strip holds every layer's values three times: as read, joined, and with those that wait; and labels with runs.
_BYTES_PER_LAYER = 12
_BYTES_PER_PIXEL = 64
_TEXTURE = {"texture", "texture_directions"}
_NEED_METRES = {"geometry", "neighbours", "terrain", "heatmap"}


def run(options: ObjectFeaturesOptions, progress: Progress) -> ObjectFeaturesResult:
    """Measure objects and write them as polygons, layer `objects`, with one column a feature.

    Columns are `object_id` (the label) and the features of the groups chosen, as `featurecatalogue` names and defines
    them. A value is NULL where a feature is not defined, such as where an object has no valid pixel in the layer.

    Parameters
    ----------
    options : ObjectFeaturesOptions
    progress : Progress

    Returns
    -------
    ObjectFeaturesResult

    Raises
    ------
    InvalidOptionError
        If no group is chosen, or texture is asked for without a layer, or on one that is not there.
    InvalidRasterError
        If a raster cannot be read, the labels are no whole numbers, two layers or features of them have the same name,
        or no group can be measured on the layers given.
    InvalidGridError
        If a layer is not on the labels' grid.
    InvalidCRSError
        If shapes or borders are to be measured in a reference system without metres.
    OutputError
        If the output cannot be written.
    """
    check_writable(options.output, ".gpkg", inputs=[options.labels, *options.layers])
    with contextlib.ExitStack() as stack:
        source = stack.enter_context(Raster(options.labels))
        layers = _Layers([stack.enter_context(Raster(path)) for path in options.layers], source.grid)
        groups = _groups(options, layers, progress)
        _check_columns(groups, layers.names, options.texture_layers)
        objects = ObjectLabels(source, progress.part(0.0, 0.05))
        limits = layers.texture_limits(options.texture_layers, progress.part(0.05, 0.1)) if _TEXTURE & {*groups} else {}
        wanted = Wanted(groups, layers.names, options.heatmap_threshold, limits)
        columns: Columns = {"object_id": objects.index.ids.astype(np.int64)}
        columns |= _measured(objects, layers, wanted, source.grid, progress.part(0.1, 0.7))
        chain = joined(layers.provenance, source.provenance, [step("objectfeatures", options)])
        schema = VectorLayer(np.empty(0, object), columns, source.grid.crs, chain)
        drawn = _drawn(objects, source.grid, columns, progress.part(0.7, 0.95))
        write_batches(options.output, "objects", schema, drawn, "object_id", progress.part(0.95, 1.0))
    return ObjectFeaturesResult(options.output, len(objects))


class _Layers:
    """The bands of all rasters as layers of one grid."""

    def __init__(self, rasters: Sequence[Raster], grid: Grid) -> None:
        self._rasters = rasters
        self.grid = grid
        self.names = tuple(role for raster in rasters for role in raster.roles)
        self.provenance = joined(*(raster.provenance for raster in rasters))
        self._check()

    def read(self, window: Window) -> NDArray[np.float32]:
        """Return all layers, shape (layers, h, w)."""
        return np.concatenate([raster.read(window) for raster in self._rasters])

    def texture_limits(self, names: Sequence[str], progress: Progress) -> dict[str, tuple[float, float]]:
        """Return the ends of the stretch of each layer named, over the whole raster."""
        limits = {}
        for name in progress.each(names, len(names), "Stretching layers"):
            low, high = stretch_limits(lambda name=name: self._values(name, progress), 1)[0]  # type: ignore[misc]
            limits[name] = (float(low), float(high))
        return limits

    def _values(self, name: str, progress: Progress) -> Iterator[NDArray[np.float32]]:
        """Yield the values of one layer, blocks of shape (1, pixels)."""
        raster = next(raster for raster in self._rasters if name in raster.roles)
        for strip in self.grid.strips(_BYTES_PER_PIXEL):
            progress.check()
            values = raster.read(strip, [name])[0]
            yield values[~np.isnan(values)][np.newaxis]

    def _check(self) -> None:
        owners: dict[str, Raster] = {}
        for raster in self._rasters:
            self.grid.require_same(raster.grid, raster.path)
            for role in raster.roles:
                # A GeoPackage does not tell columns apart by upper and lower case.
                owner = owners.setdefault(role.lower(), raster)
                if owner is not raster and owner.path == raster.path:
                    raise InvalidRasterError(f"{raster.path} is given twice among the layers; give it once.")
                if owner is not raster:
                    raise InvalidRasterError(
                        f"The layer {role} of {raster.path} has the name of a layer of {owner.path}; "
                        "describe the bands by different names, or leave one of them out."
                    )


def _groups(options: ObjectFeaturesOptions, layers: _Layers, progress: Progress) -> tuple[str, ...]:
    """Return the groups that the layers allow; say which are left out, and refuse what would fail later."""
    groups = tuple(dict.fromkeys(options.features))
    if not groups:
        raise InvalidOptionError(f"Option `features` is empty; choose groups from {', '.join(FEATURE_GROUPS)}.")
    missing = {group: layer for group, layer in layers_needed(groups).items() if layer not in layers.names}
    notes = [f"The group {group} needs a layer {layer}" for group, layer in missing.items()]
    there = f"the layers are {', '.join(layers.names)}"
    if missing.keys() == {*groups}:
        raise InvalidRasterError(f"{'; '.join(notes)}; {there}. Add the layer, or choose other groups of features.")
    for note in notes:
        progress.warn(f"{note}, and is left out; {there}.")
    groups = tuple(group for group in groups if group not in missing)
    if _NEED_METRES & {*groups}:
        _ = layers.grid.metres_per_unit
    if _TEXTURE & {*groups}:
        _check_texture_layers(options.texture_layers, layers)
    return groups


def _check_columns(groups: Sequence[str], layers: Sequence[str], texture_layers: Sequence[str]) -> None:
    """Refuse layers that share a column, as the border contrast of `heatmap` and a contrast of `heatmap_border`."""
    seen: set[str] = set()
    for feature in CATALOGUE:
        if feature.group in groups:
            of_texture = feature.group in _TEXTURE
            for column in feature.columns(texture_layers if of_texture else layers):
                if column.lower() in seen:
                    raise InvalidRasterError(
                        f"Two features are called {column}, of layers whose names begin alike; the layers are "
                        f"{', '.join(layers)}. Describe one of the bands by another name."
                    )
                seen.add(column.lower())


def _check_texture_layers(names: Sequence[str], layers: _Layers) -> None:
    unknown = [name for name in names if name not in layers.names]
    if unknown or not names:
        problem = f"names {', '.join(unknown)}, which is no layer" if unknown else "is empty"
        raise InvalidOptionError(
            f"Texture is asked for, but option `texture_layers` {problem}; choose from {', '.join(layers.names)}."
        )


def _measured(objects: ObjectLabels, layers: _Layers, wanted: Wanted, grid: Grid, progress: Progress) -> Columns:
    """Return the features, in one pass over the strips."""
    measurement = ObjectMeasurement(objects.index.last_rows, grid, wanted)
    strips = grid.strips(_BYTES_PER_PIXEL + _BYTES_PER_LAYER * len(layers.names))
    for strip in progress.each(strips, len(strips), "Measuring objects"):
        nothing = np.zeros((0, strip.height, strip.width), np.float32)
        measurement.add(objects.numbers(strip), layers.read(strip) if wanted.reads_layers else nothing, progress)
    return measurement.columns()


def _drawn(objects: ObjectLabels, grid: Grid, columns: Columns, progress: Progress) -> Iterator[VectorLayer]:
    """Yield the objects with their polygons as these are made."""
    windows = grid.strips(BYTES_PER_PIXEL)
    strips = (objects.read(window) for window in progress.each(windows, len(windows), "Drawing and writing objects"))
    for geometries, labels in polygonize_strips(strips, grid, objects.index):
        places = objects.index.places(labels)
        yield VectorLayer(geometries, {name: values[places] for name, values in columns.items()})
