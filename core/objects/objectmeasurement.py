"""Measuring the objects of a raster on the way through its strips: who needs which rows, and which columns come out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..progress import Progress
from ..rasters.grid import Grid
from ..rasters.labels import Labels
from ..rasters.roles import HEATMAP
from .featurecatalogue import ASPECT, ELEVATION, names_of
from .features import CONTRAST, STATISTICS, layer_statistics, share_above
from .geometry_features import border_features, object_moments, shapes
from .neighbour_features import BorderContrast, BorderLengths, Borders
from .objectpixels import CompleteObjects, Indices, Numbers, OpenObjects, Values
from .terrain_features import aspect_features, position_features, terrain
from .texture_features import Texture

Columns = dict[str, NDArray[Any]]

# Groups that compare an object with what surrounds it.
_NEED_BORDERS = {"geometry", "neighbours", "terrain"}
# Layers whose step at the border is measured, by group.
_STEPS = {"terrain": ELEVATION, "heatmap": HEATMAP}
_LAYER_GROUPS = {"statistics", "quantiles", "neighbours", "terrain", "heatmap"}


@dataclass(frozen=True)
class Wanted:
    """What to measure.

    Attributes
    ----------
    groups : tuple of str
        Groups of features, with the layers that they need among `layers`.
    layers : tuple of str
        Names of the layers, in the order of their values.
    heatmap_threshold : float
        Value that a pixel of the heatmap counts as above from.
    texture_limits : mapping of (float, float)
        Ends of the stretch, by name of each layer whose texture is measured.
    """

    groups: tuple[str, ...]
    layers: tuple[str, ...]
    heatmap_threshold: float
    texture_limits: Mapping[str, tuple[float, float]]

    @property
    def reads_layers(self) -> bool:
        """Whether the values of any layer are needed."""
        return bool(_LAYER_GROUPS & {*self.groups} or self.texture_limits)


class ObjectMeasurement:
    """Measures objects on layers, from strips of rows that arrive from top to bottom.

    Parameters
    ----------
    last_rows : array of int, shape (n,)
        The last row of each object.
    grid : Grid
        The raster's grid.
    wanted : Wanted
        What to measure.
    """

    def __init__(self, last_rows: Indices, grid: Grid, wanted: Wanted) -> None:
        self._count = len(last_rows)
        self._grid = grid
        self._wanted = wanted
        self._index = {name: index for index, name in enumerate(wanted.layers)}
        self._open = OpenObjects(last_rows, len(wanted.layers) if wanted.reads_layers else 0)
        self._borders = BorderLengths(grid) if self._measures(*_NEED_BORDERS) else None
        steps = [layer for group, layer in _STEPS.items() if group in wanted.groups]
        self._steps = {layer: BorderContrast(self._count, grid) for layer in steps}
        self._textures = {
            layer: Texture(last_rows, limits, grid.is_mirrored) for layer, limits in wanted.texture_limits.items()
        }
        self._statistics: dict[tuple[str, ...], list[str]] = {}
        for layer in wanted.layers:
            if groups := self._statistics_of(layer):
                self._statistics.setdefault(groups, []).append(layer)
        self._measured: dict[str, Numbers] = {}

    def add(self, labels: Labels, values: Values, progress: Progress) -> None:
        """Take the next rows.

        Parameters
        ----------
        labels : array of uint32, shape (rows, w)
            Objects numbered from 1; 0 where no object is.
        values : array of float32, shape (layers, rows, w)
            NaN where a layer has no value; without layers where `Wanted.reads_layers` is false.
        progress : Progress
            Asked whether to stop.
        """
        if self._borders:
            self._borders.add(labels)
        for layer, contrast in self._steps.items():
            contrast.add(labels, values[self._index[layer]])
        for layer, texture in self._textures.items():
            texture.add(labels, values[self._index[layer]])
        objects = self._open.add(labels, values)
        for name, found in self._of_complete(objects, progress).items():
            self._measured.setdefault(name, np.full(self._count, np.nan))[objects.numbers] = found

    def columns(self) -> Columns:
        """Return all features, when every row has arrived; columns in the order of the groups."""
        borders = self._borders.finished() if self._borders else None
        columns = self._layer_columns()
        if borders and self._measures("geometry"):
            perimeters = borders.perimeters(self._count) * self._grid.metres_per_unit
            columns |= _in_order("geometry", self._measured | border_features(self._measured, perimeters))
        if borders and self._measures("neighbours"):
            columns["neighbour_count"] = borders.neighbour_counts(self._count)
            columns |= {f"{name}_{CONTRAST}": borders.contrasts(self._mean(name)) for name in self._wanted.layers}
        if borders and self._measures("terrain"):
            columns |= _in_order("terrain", self._measured | self._terrain_columns(borders))
        if self._measures("heatmap"):
            contrast = {f"{HEATMAP}_border_contrast": self._steps[HEATMAP].finished()}
            columns |= _in_order("heatmap", self._measured | contrast)
        return columns | self._texture_columns()

    def _measures(self, *groups: str) -> bool:
        return not {*self._wanted.groups}.isdisjoint(groups)

    def _of_complete(self, objects: CompleteObjects, progress: Progress) -> dict[str, Numbers]:
        """Return what can be measured of an object alone."""
        found: dict[str, Numbers] = {}
        for groups, layers in self._statistics.items():
            statistics = layer_statistics(objects, [self._index[layer] for layer in layers], groups, progress)
            found |= {
                f"{layer}_{name}": row
                for name, rows in statistics.items()
                for layer, row in zip(layers, rows, strict=True)
            }
        if self._measures("geometry"):
            found |= shapes(objects, self._grid)
        if self._measures("terrain"):
            moments = object_moments(objects, self._grid)
            found |= terrain(objects, self._index[ELEVATION], moments, self._grid)
        if self._measures("heatmap"):
            threshold = self._wanted.heatmap_threshold
            found[f"{HEATMAP}_share_above"] = share_above(objects, self._index[HEATMAP], threshold)
        return found

    def _statistics_of(self, layer: str) -> tuple[str, ...]:
        """Return the groups of statistics that are needed of a layer, to be shown or for its mean."""
        needs_mean = self._measures("neighbours") or (self._measures("terrain") and layer in (ELEVATION, *ASPECT))
        groups = {*self._wanted.groups, "statistics"} if needs_mean else {*self._wanted.groups}
        return tuple(group for group in STATISTICS if group in groups)

    def _mean(self, layer: str) -> Numbers:
        return self._measured[f"{layer}_mean"]

    def _layer_columns(self) -> Columns:
        names = [name for group in STATISTICS if group in self._wanted.groups for name in STATISTICS[group]]
        wanted = [f"{layer}_{name}" for layer in self._wanted.layers for name in names]
        return {name: self._measured[name] for name in wanted}

    def _terrain_columns(self, borders: Borders) -> dict[str, Numbers]:
        mean, lowest, highest = (self._measured[f"{ELEVATION}_{name}"] for name in ("mean", "min", "max"))
        columns = position_features(mean, lowest, highest, borders)
        columns[f"{ELEVATION}_border_contrast"] = self._steps[ELEVATION].finished()
        if all(layer in self._index for layer in ASPECT):
            columns |= aspect_features(*(self._mean(layer) for layer in ASPECT))
        return columns

    def _texture_columns(self) -> Columns:
        columns: Columns = {}
        for layer, texture in self._textures.items():
            measures: dict[str, Numbers] = texture.averaged() if self._measures("texture") else {}
            if self._measures("texture_directions"):
                measures = measures | texture.directional
            columns |= {f"{layer}_{name}": values for name, values in measures.items()}
        return columns


def _in_order(group: str, columns: Mapping[str, Numbers]) -> Columns:
    """Return the columns of a group that there are, in the catalogue's order."""
    return {name: columns[name] for name in names_of(group) if name in columns}


def layers_needed(groups: Sequence[str]) -> dict[str, str]:
    """Return, by group, the layer that the group cannot be measured without."""
    return {group: layer for group, layer in _STEPS.items() if group in groups}
