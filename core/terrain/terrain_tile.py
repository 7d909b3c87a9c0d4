"""The terrain attributes of one tile of a DEM, from one block that is read with all the pixels around it that count."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..contracts.terrain import TerrainOptions
from ..rasters.grid import Window
from . import neighbourhoods, terrain_attributes
from .dem import Dem
from .neighbourhoods import DiscMeans, Reach
from .terrain_attributes import Derivatives, Gradient, Neighbours

Values = NDArray[Any]


@dataclass(frozen=True)
class Layer:
    """One band of a terrain raster: the attribute, the band's role, and the radius in metres, 0 where there is none."""

    attribute: str
    role: str
    radius: float = 0.0


class TerrainTile:
    """Derives the layers of one window; what several of them need is computed once.

    Parameters
    ----------
    dem : Dem
        The elevations.
    window : Window
        One of the DEM's pieces.
    options : TerrainOptions
        Smoothing and directions.
    layers : sequence of Layer
        What to derive.
    check : callable
        Called several times a second; raises if the work is to stop.
    """

    def __init__(
        self, dem: Dem, window: Window, options: TerrainOptions, layers: Sequence[Layer], check: Callable[[], None]
    ) -> None:
        self._window, self._options, self._layers, self._check = window, options, layers, check
        self._steps = dem.ground.steps(window)
        self._size = dem.ground.neighbourhood_steps(window)
        self._sigmas = (
            options.smoothing / math.hypot(self._size.column_east, self._size.column_north),
            options.smoothing / math.hypot(self._size.row_east, self._size.row_north),
        )
        self._smoothing_reach = neighbourhoods.gaussian_reach(self._sigmas)
        self._disc_reach = self._largest("tpi", neighbourhoods.disc_reach)
        relief = self._largest("relief", neighbourhoods.square_reach)
        reaches = [_one_more(self._smoothing_reach), self._disc_reach, relief]
        self._reach = max(columns for columns, _ in reaches), max(rows for _, rows in reaches)
        self._block = dem.around(window, *self._reach)

    def bands(self) -> NDArray[np.float32]:
        """Return the values of the layers, shape (layers, height, width); NaN where the DEM has a void."""
        values = np.empty((len(self._layers), self._window.height, self._window.width), np.float32)
        for target, layer in zip(values, self._layers, strict=True):
            self._check()
            target[:] = getattr(self, f"_{layer.attribute}")(layer.radius)
        void = np.isnan(self._elevation(0))
        if void.any():
            values[:, void] = np.nan
        return values

    def _largest(self, attribute: str, reach_of: Callable[..., Reach]) -> Reach:
        radii = [layer.radius for layer in self._layers if layer.attribute == attribute]
        return reach_of(max(radii), self._size) if radii else (0, 0)

    def _within(self, reach: Reach) -> Values:
        """Return the elevations of the window and of so many columns and rows around it."""
        columns, rows = self._reach[0] - reach[0], self._reach[1] - reach[1]
        return self._block[rows : self._block.shape[0] - rows, columns : self._block.shape[1] - columns]

    @cached_property
    def _near(self) -> Neighbours:
        return terrain_attributes.neighbours(self._within((1, 1)))

    @cached_property
    def _smooth(self) -> Neighbours:
        if self._smoothing_reach == (0, 0):
            return self._near
        block = self._within(_one_more(self._smoothing_reach))
        return terrain_attributes.neighbours(neighbourhoods.smoothed(block, self._sigmas, self._check))

    @cached_property
    def _gradient(self) -> Gradient:
        return terrain_attributes.gradient(self._smooth, self._steps)

    @cached_property
    def _derivatives(self) -> Derivatives:
        return terrain_attributes.derivatives(self._smooth, self._steps)

    @cached_property
    def _aspect(self) -> tuple[Values, Values]:
        return terrain_attributes.aspect(self._gradient)

    @cached_property
    def _means(self) -> DiscMeans:
        return DiscMeans(self._within(self._disc_reach), self._disc_reach)

    def _elevation(self, _radius: float) -> Values:
        return self._within((0, 0))

    def _slope(self, _radius: float) -> Values:
        return terrain_attributes.slope(self._gradient)

    def _aspect_sin(self, _radius: float) -> Values:
        return self._aspect[0]

    def _aspect_cos(self, _radius: float) -> Values:
        return self._aspect[1]

    def _profile_curvature(self, _radius: float) -> Values:
        return terrain_attributes.profile_curvature(self._derivatives)

    def _plan_curvature(self, _radius: float) -> Values:
        return terrain_attributes.plan_curvature(self._derivatives)

    def _tpi(self, radius: float) -> Values:
        return self._elevation(radius) - self._means.mean(radius, self._size)

    def _relief(self, radius: float) -> Values:
        reach = neighbourhoods.square_reach(radius, self._size)
        return neighbourhoods.relief(self._within(reach), reach)

    def _ruggedness(self, _radius: float) -> Values:
        return terrain_attributes.ruggedness(self._near)

    def _roughness(self, _radius: float) -> Values:
        return terrain_attributes.roughness(self._near)

    def _hillshade(self, _radius: float) -> Values:
        return terrain_attributes.hillshade(self._gradient, self._options.sun_azimuth, self._options.sun_altitude)

    def _local_incidence(self, _radius: float) -> Values:
        return terrain_attributes.local_incidence(self._gradient, self._options.heading, self._options.incidence)


def _one_more(reach: Reach) -> Reach:
    return reach[0] + 1, reach[1] + 1
