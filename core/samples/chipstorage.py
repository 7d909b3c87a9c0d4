"""Writing chips: the stack's numbers as they are stored, and behind them the mask and what counts."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from ..rasters.grid import Grid, Window
from ..rasters.raster import Band, Raster, RasterWriter
from .sampleset import MASK, VALIDITY

_FLOAT_NODATA = -9999.0


@dataclass(frozen=True)
class ChipStorage:
    """How the chips of a stack are stored.

    Attributes
    ----------
    bands : tuple of Band
        The stack's bands, mask and validity.
    as_stored : bool
        Whether the stack's numbers are copied as they are; otherwise they are physical values as Float32.
    """

    bands: tuple[Band, ...]
    as_stored: bool

    @classmethod
    def of(cls, stack: Raster) -> ChipStorage:
        """Return how the chips of a stack are stored.

        A GeoTIFF has one type and one nodata value for all bands; a stack whose bands differ, or that has a mask of
        its own, is stored in physical values.

        Raises
        ------
        InvalidRasterError
            If a band holds complex numbers.
        """
        for index in range(len(stack.bands)):
            stack.require_real(index)
        kinds = {(band.dtype, str(band.nodata)) for band in stack.bands}
        masked = any(stack.has_mask(index) for index in range(len(stack.bands)))
        as_stored = len(kinds) == 1 and not masked
        bands = stack.bands if as_stored else tuple(_as_float(band) for band in stack.bands)
        # Neither 0 nor 1 of these two bands may be stored as the number that means no value.
        taken = bands[0].nodata in (0, 1)
        flag = replace(bands[0], scale=1.0, offset=-2.0 if taken else 0.0, unit="")
        return cls((*bands, replace(flag, role=MASK), replace(flag, role=VALIDITY)), as_stored)

    def write(
        self, path: str, stack: Raster, window: Window, mask: NDArray[np.bool_], valid: NDArray[np.bool_]
    ) -> None:
        """Write a chip.

        Parameters
        ----------
        path : str
            Name of the file, ending in ``.tif``.
        stack : Raster
        window : Window
            The chip's pixels, inside the stack.
        mask, valid : bool array, shape (height, width)

        Raises
        ------
        OutputError
            If the file cannot be written.
        """
        whole = Window(0, 0, window.width, window.height)
        with RasterWriter(path, clipped(stack.grid, window), self.bands) as writer:
            if self.as_stored:
                for number in range(1, len(stack.bands) + 1):
                    writer.write_raw(whole, stack.read_raw(window, number), number)
            else:
                for number, values in enumerate(stack.read(window), start=1):
                    writer.write_raw(whole, np.where(np.isnan(values), np.float32(_FLOAT_NODATA), values), number)
            for number, flags in enumerate((mask, valid), start=len(stack.bands) + 1):
                band = self.bands[number - 1]
                writer.write_raw(whole, (flags - band.offset).astype(band.dtype), number)


def is_valid(stack: Raster, window: Window) -> NDArray[np.bool_]:
    """Return the pixels of a window that have a value in every band."""
    valid = np.ones((window.height, window.width), bool)
    for role in stack.roles:
        valid &= np.isfinite(stack.read(window, [role])[0])
    return valid


def clipped(grid: Grid, window: Window) -> Grid:
    """Return the grid of a window."""
    x, y = grid.coordinates(window.x, window.y)
    _, across_x, down_x, _, across_y, down_y = grid.geotransform
    return Grid(window.width, window.height, (float(x), across_x, down_x, float(y), across_y, down_y), grid.crs)


def _as_float(band: Band) -> Band:
    return Band(band.role, "float32", _FLOAT_NODATA, unit=band.unit)
