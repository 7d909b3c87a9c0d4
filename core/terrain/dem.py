"""A DEM opened for reading: elevations in metres, with voids as NaN, and its grid on the ground."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..errors import InvalidRasterError
from ..rasters.geodata import spatial_reference
from ..rasters.grid import Window
from ..rasters.raster import Raster
from .demgrid import DemGrid

ELEVATION = "elevation"

_METRES = {"metre": 1.0, "foot": 0.3048, "us_survey_foot": 1200 / 3937}
# What files call these units, in lower case.
_NAMES = {
    **dict.fromkeys(("m", "metre", "metres", "meter", "meters"), "metre"),
    **dict.fromkeys(("ft", "foot", "feet", "international foot", "international feet"), "foot"),
    **dict.fromkeys(
        ("us survey foot", "us survey feet", "us_survey_foot", "foot_us", "us-ft", "ftus", "us-feet"), "us_survey_foot"
    ),
}
_AUTO = "auto"
# Beyond the depth of the oceans and the height of the mountains.
_LOWEST, _HIGHEST = -12000.0, 9000.0
# What programs write where there is no elevation, which nobody measures to the last digit.
_VOIDS = np.array([-9999, -32767, -32768], np.float32)
_SAME_UNIT = 1e-9


class Dem:
    """Elevations of a raster, in metres.

    Parameters
    ----------
    raster : Raster
        An open raster of one band, or with a band whose role is `elevation`.
    z_unit : str
        Unit of the stored elevations: `metre`, `foot`, `us_survey_foot`, or `auto`: that of the band, else that of the
        vertical part of the reference system, else metres.

    Attributes
    ----------
    grid : Grid
        Its pixels.
    ground : DemGrid
        Where they lie on the ground.

    Raises
    ------
    InvalidRasterError
        If it is not clear which band holds the elevation, or what its unit is.
    InvalidCRSError
        As `DemGrid` does.
    """

    def __init__(self, raster: Raster, z_unit: str = _AUTO) -> None:
        self.grid = raster.grid
        self.ground = DemGrid(raster.grid)
        self._raster = raster
        self._band = _elevation_band(raster)
        self._metres = _METRES[z_unit] if z_unit != _AUTO else stated_unit(raster, self._band)

    def read(self, window: Window) -> NDArray[np.float32]:
        """Return the elevations of a window inside the DEM, NaN in voids, shape (height, width).

        Raises
        ------
        InvalidRasterError
            If the file is damaged, or holds what can be no elevation in metres.
        """
        values = self._raster.read_band(window, self._band)
        undeclared = np.isin(values, _VOIDS)
        if undeclared.any():
            void = f"{values[undeclared][0]:g}"
            raise InvalidRasterError(
                f"{self._raster.path} has {void} for an elevation, which stands for voids elsewhere. Declare it as "
                f"nodata: `gdal_edit.py -a_nodata {void} FILE`."
            )
        if self._metres != 1:
            values *= np.float32(self._metres)
        lowest, highest = np.fmin.reduce(values, axis=None), np.fmax.reduce(values, axis=None)
        if lowest < _LOWEST or highest > _HIGHEST:
            raise InvalidRasterError(
                f"{self._raster.path} has elevations from {lowest:g} to {highest:g} m; at least {_LOWEST:g} and at "
                f"most {_HIGHEST:g} m are expected. Declare the number that stands for voids as nodata, for example "
                "with `gdal_translate -a_nodata -32768`, or state another unit of the elevations."
            )
        return values

    def around(self, window: Window, columns: int, rows: int) -> NDArray[np.float32]:
        """Return the elevations of a window and of so many columns and rows around it, NaN beyond the DEM's edges."""
        left, top = max(window.x - columns, 0), max(window.y - rows, 0)
        right = min(window.x + window.width + columns, self.grid.width)
        bottom = min(window.y + window.height + rows, self.grid.height)
        block = np.full((window.height + 2 * rows, window.width + 2 * columns), np.nan, np.float32)
        y, x = top - window.y + rows, left - window.x + columns
        block[y : y + bottom - top, x : x + right - left] = self.read(Window(left, top, right - left, bottom - top))
        return block


def _elevation_band(raster: Raster) -> int:
    if ELEVATION in raster.roles:
        return raster.roles.index(ELEVATION)
    if len(raster.bands) > 1:
        raise InvalidRasterError(
            f"{raster.path} has {len(raster.bands)} bands ({', '.join(raster.roles)}), none described as elevation; "
            "give a DEM with one band."
        )
    return 0


def stated_unit(raster: Raster, band: int) -> float:
    """Return how many metres the unit of the elevations has, as the file states it."""
    name = raster.bands[band].unit.strip().lower()
    if name and name not in _NAMES:
        raise InvalidRasterError(
            f"{raster.path} states its elevations in {name!r}; metres or feet are expected. State the unit (z_unit)."
        )
    if name:
        return _METRES[_NAMES[name]]
    reference = spatial_reference(raster.grid.crs)
    if reference.IsVertical():
        return float(reference.GetTargetLinearUnits("VERT_CS"))
    if not reference.IsGeographic() and abs(reference.GetLinearUnits() - 1) > _SAME_UNIT:
        raise InvalidRasterError(
            f"{raster.path} counts in the unit {reference.GetLinearUnitsName()} on the map and does not say in which "
            "unit its elevations are; state it (z_unit)."
        )
    return 1.0
