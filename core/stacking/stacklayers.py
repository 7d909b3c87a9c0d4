"""The layers of a feature stack, opened for reading on its grid."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..errors import InvalidRasterError
from ..progress import Progress
from ..rasters.grid import Grid, Window
from ..rasters.raster import Raster
from ..rasters.warping import CopiedBands, Placement, WarpedBands, placement
from ..terrain.dem import ELEVATION
from .stackbands import StackBand, method

# Metres. Trenches of the sea that are deeper do not matter here, and -9999 stands for a gap.
_LOWEST, _HIGHEST = -9000.0, 9000.0


class Layers:
    """The layers of a stack, opened for reading on its grid.

    Parameters
    ----------
    rasters : sequence of Raster
    bands : sequence of StackBand
        The stack's bands.
    grid : Grid
        The stack's grid.

    Attributes
    ----------
    places : list of Placement
        Of each raster.
    methods : list of str
        How each band is resampled.
    """

    def __init__(self, rasters: Sequence[Raster], bands: Sequence[StackBand], grid: Grid) -> None:
        self.rasters = rasters
        self.bands = bands
        self.grid = grid
        self.places: list[Placement] = [placement(raster, grid) for raster in rasters]
        self.methods = [method(band, rasters[band.layer], self.places[band.layer]) for band in bands]
        groups: dict[tuple[int, str], list[int]] = {}
        for number, (band, how) in enumerate(zip(bands, self.methods, strict=True)):
            groups.setdefault((band.layer, how), []).append(number)
        self._readers = [(numbers, self._reader(numbers, layer, how)) for (layer, how), numbers in groups.items()]

    @property
    def roles(self) -> list[str]:
        """The roles of the bands."""
        return [band.role for band in self.bands]

    @property
    def resampling(self) -> list[str]:
        """How each band comes to the grid, in words."""
        return [
            "copied" if self.places[band.layer].coincides else how
            for band, how in zip(self.bands, self.methods, strict=True)
        ]

    def read(self, window: Window, progress: Progress) -> NDArray[np.float32]:
        """Read all bands in a window, shape (bands, height, width), NaN where a band has no value.

        Raises
        ------
        InvalidRasterError
            If a file is damaged, or an elevation is none, as -9999 that was not declared as nodata.
        """
        values = np.empty((len(self.bands), window.height, window.width), np.float32)
        for numbers, reader in self._readers:
            progress.check()
            values[numbers] = reader.read(window, progress)
        for band, layer in zip(self.bands, values, strict=True):
            if band.role == ELEVATION:
                _require_elevations(layer, self.rasters[band.layer].path)
        return values

    def _reader(self, numbers: Sequence[int], layer: int, how: str) -> CopiedBands | WarpedBands:
        raster, place = self.rasters[layer], self.places[layer]
        indices = [self.bands[number].index for number in numbers]
        for index in indices:
            raster.require_real(index)
        if place.shift is not None:
            return CopiedBands(raster, indices, place.shift)
        return WarpedBands(raster, indices, self.grid, place, how)


def _require_elevations(values: NDArray[np.float32], path: str) -> None:
    lowest, highest = np.fmin.reduce(values, axis=None), np.fmax.reduce(values, axis=None)
    if lowest < _LOWEST or highest > _HIGHEST:
        raise InvalidRasterError(
            f"{path} has elevations from {lowest:g} to {highest:g} m. Declare the number that stands for gaps as "
            "nodata (gdal_edit.py -a_nodata -9999), or give elevations in metres."
        )
