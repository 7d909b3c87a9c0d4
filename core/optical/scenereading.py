"""The pixels of scenes on the grid of a composite: reflectance as it is stored there, and what is left out."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from ..errors import InvalidRasterError
from ..rasters.blockcache import BlockCache
from ..rasters.grid import Grid, Window
from ..rasters.regridding import SourceBand, read_onto
from .compositing import box_counts, dilated, missing
from .sceneclasses import CLASSES, HIDING, NO_DATA
from .scenes import Scene

# No ground, snow or cloud reflects so much; numbers beyond are counts, not reflectance.
_LARGEST_REFLECTANCE = 100.0
# Corrections for the atmosphere leave values a little below 0.
_SMALLEST_REFLECTANCE = -1.0
_HIDING = np.isin(np.arange(256), [CLASSES[name] for name in HIDING])
_CLOUD, _CLEAR = CLASSES["cloud_high"], CLASSES["bare"]
# The number above stands for no value.
_LARGEST_STORED = 32766
_ROUNDING = 1e-9

Mask = NDArray[np.bool_]
Scalar = TypeVar("Scalar", bound=np.generic)


class Hidden(NamedTuple):
    """What is known of a scene in a window.

    All arrays have the shape (height, width): the pixels to be left out; those that snow or cloud hides; and the share
    of such pixels among all that are known in the neighbourhood.
    """

    left_out: Mask
    here: Mask
    share: NDArray[np.float64]


@dataclass(frozen=True)
class SceneReader:
    """Reads scenes onto a grid; several threads may use it at a time.

    Attributes
    ----------
    grid : Grid
        That of the composite, with square pixels.
    dtype : numpy dtype
        Of the composite: int16 or float32.
    step : float
        Reflectance of one step of that type.
    resampling : str
        As `read_onto` takes it.
    masked : array of bool, shape (256,)
        Which classes are left out.
    dilation, neighbourhood : float
        In metres.
    cache : BlockCache
        Keeps what windows beside each other need of the bands with larger pixels.
    """

    grid: Grid
    dtype: np.dtype[Any]
    step: float
    resampling: str
    masked: Mask
    dilation: float
    neighbourhood: float
    cache: BlockCache

    def values(self, scene: Scene, role: str, window: Window) -> NDArray[Any] | None:
        """Return one band of a window in steps of the type, `missing` where it has no value; None if nowhere.

        Raises
        ------
        InvalidRasterError
            If the file cannot be read, or holds no reflectance.
        """
        source = scene.bands[role]
        pixels = read_onto(self.grid, source, window, self.resampling, self.cache)
        if pixels is None:
            return None
        stored, valid = pixels
        values = self._in_steps(stored, valid, source)
        if not valid.all():
            values[~valid] = missing(self.dtype)
        return values

    def left_out(self, scene: Scene, window: Window) -> Mask | None:
        """Return which pixels of a window are left out, None if the scene has no mask."""
        if scene.mask is None:
            return None
        reach = self._pixels(self.dilation)
        return self._spread(*self._classes(scene, scene.mask, window, reach))

    def hidden(self, scene: Scene, window: Window) -> Hidden | None:
        """Return where, and how much around, snow and cloud hide the ground; None if the scene has no mask."""
        if scene.mask is None:
            return None
        reach, near = self._pixels(max(self.dilation, self.neighbourhood)), self._pixels(self.neighbourhood)
        classes, masked = self._classes(scene, scene.mask, window, reach)
        outside = reach - self._pixels(self.dilation)
        left_out = self._spread(_trimmed(classes, outside), _trimmed(masked, outside))
        around, hidden = _trimmed(classes, reach - near), _trimmed(masked, reach - near)
        if not scene.is_binary:
            hidden = _HIDING[around]
        known = box_counts(around != NO_DATA, near)
        share = box_counts(hidden & (around != NO_DATA), near) / np.maximum(known, 1)
        return Hidden(left_out, _trimmed(hidden, near), share)

    def _pixels(self, metres: float) -> int:
        return int(metres / self.grid.pixel_size_m[0] + _ROUNDING)

    def _spread(self, classes: NDArray[np.uint8], masked: Mask) -> Mask:
        """Return what is left out, of an area that is larger by the dilation on every side; gaps do not spread."""
        spread = dilated(masked & (classes != NO_DATA), self.dilation / self.grid.pixel_size_m[0])
        return _trimmed(spread | masked, self._pixels(self.dilation))

    def _classes(self, scene: Scene, mask: SourceBand, window: Window, reach: int) -> tuple[NDArray[np.uint8], Mask]:
        """Return the classes of a window with some pixels around it, and which of them are to be left out."""
        area = window._replace(width=window.width + 2 * reach, height=window.height + 2 * reach)
        pixels = read_onto(_grown(self.grid, reach), mask, area, "nearest", self.cache)
        if pixels is None:
            classes = np.full((area.height, area.width), NO_DATA, np.uint8)
            return classes, self.masked[classes]
        stored, valid = pixels
        if scene.is_binary:
            classes = np.where(valid, np.where(stored != 0, _CLOUD, _CLEAR), NO_DATA).astype(np.uint8)
            return classes, self.masked[classes] | (classes == _CLOUD)
        if stored.max(where=valid, initial=0) > max(CLASSES.values()):
            raise InvalidRasterError(
                f"{mask.path} has values up to {stored.max(where=valid, initial=0)}; a scene classification has "
                f"{NO_DATA} to {max(CLASSES.values())}. If it is a mask of what is not clear, choose mask_kind binary."
            )
        classes = np.where(valid, stored, NO_DATA).astype(np.uint8)
        return classes, self.masked[classes]

    def _in_steps(self, stored: NDArray[Any], valid: Mask, source: SourceBand) -> NDArray[Any]:
        scale, offset = source.scale / self.step, source.offset / self.step
        is_same = abs(scale - 1) < _ROUNDING and abs(offset - round(offset)) < _ROUNDING * 1e4
        if is_same and -_LARGEST_STORED < offset <= 0 and stored.dtype == np.uint16 and self.dtype == np.int16:
            # Nearly all there is to read is of this kind; whole numbers are several times faster than floats.
            same: NDArray[Any] = np.minimum(stored, _LARGEST_STORED).astype(np.int16) + np.int16(round(offset))
            return same
        values = np.where(valid, stored, 0).astype(np.float32) * np.float32(scale) + np.float32(offset)
        largest = float(values.max(where=valid, initial=0)) * self.step
        if largest > _LARGEST_REFLECTANCE:
            raise InvalidRasterError(
                f"{source.path} has values up to {largest:g}; reflectance of 0 to 1 is expected. Set the right scale "
                "in the file (gdal_edit.py -scale 0.0001), or give the raster with whole numbers and state `scale`."
            )
        smallest = float(values.min(where=valid, initial=0)) * self.step
        if smallest < _SMALLEST_REFLECTANCE:
            raise InvalidRasterError(
                f"{source.path} has values down to {smallest:g}; reflectance of 0 to 1 is expected. Declare the number "
                "that stands for gaps as nodata (gdal_edit.py -a_nodata -9999), or state another `offset`."
            )
        if self.dtype.kind == "f":
            return values
        rounded: NDArray[Any] = np.clip(np.rint(values), -_LARGEST_STORED, _LARGEST_STORED).astype(self.dtype)
        return rounded


def _grown(grid: Grid, reach: int) -> Grid:
    """Return a grid with so many pixels more on every side."""
    x, y = grid.coordinates(-reach, -reach)
    _, across_x, down_x, _, across_y, down_y = grid.geotransform
    transform = (float(x), across_x, down_x, float(y), across_y, down_y)
    return Grid(grid.width + 2 * reach, grid.height + 2 * reach, transform, grid.crs)


def _trimmed(values: NDArray[Scalar], margin: int) -> NDArray[Scalar]:
    return values[margin : len(values) - margin, margin : values.shape[1] - margin]
