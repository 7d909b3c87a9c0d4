"""Pictures of rasters: bands as colours, objects' borders over them, and PNG files."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from .geodata import gdal

Channels = NDArray[np.uint8]
Pixel = TypeVar("Pixel", bound=np.generic)

BORDER_COLOUR = (255, 0, 255)
"""Magenta: no ground has it, and it stands out on white, black and all natural colours."""

_LONGEST_SIDE = 1536
_MAGNIFICATIONS = (2, 16)
# From this magnification on, borders are two picture elements wide.
_THICK_FROM = 3


def png(channels: Channels, visible: NDArray[np.bool_]) -> bytes:
    """Return a picture as the bytes of a PNG file.

    Parameters
    ----------
    channels : uint8 array, shape (1, height, width) for grey or (3, height, width) for red, green and blue
    visible : bool array, shape (height, width)
        The picture is transparent elsewhere.
    """
    count, height, width = channels.shape
    picture = gdal.GetDriverByName("MEM").Create("", width, height, count + 1, gdal.GDT_Byte)
    alpha = np.where(visible, 255, 0).astype(np.uint8)
    for number, channel in enumerate((*channels, alpha), start=1):
        picture.GetRasterBand(number).WriteArray(channel)
    picture.GetRasterBand(count + 1).SetColorInterpretation(gdal.GCI_AlphaBand)
    name = f"/vsimem/picture_{id(picture)}.png"
    gdal.GetDriverByName("PNG").CreateCopy(name, picture, options=["ZLEVEL=9"])
    size = gdal.VSIStatL(name).size
    file = gdal.VSIFOpenL(name, "rb")
    try:
        return bytes(gdal.VSIFReadL(1, size, file))
    finally:
        gdal.VSIFCloseL(file)
        gdal.Unlink(name)


def with_borders(channels: Channels, visible: NDArray[np.bool_], labels: NDArray[np.uint32]) -> bytes:
    """Draw the borders of objects over a picture of the same ground.

    Every pixel becomes a square of several, so that borders run between pixels and hide little of them.

    Parameters
    ----------
    channels : uint8 array, shape (3, height, width)
    visible : bool array, shape (height, width)
    labels : uint32 array, shape (height, width)

    Returns
    -------
    bytes
        A PNG file.
    """
    smallest, largest = _MAGNIFICATIONS
    factor = min(max(_LONGEST_SIDE // max(labels.shape), smallest), largest)
    large, objects = _magnified(channels, factor), _magnified(labels, factor)
    border = np.zeros(objects.shape, bool)
    for one, other, changes in (
        (border[:, 1:], border[:, :-1], objects[:, 1:] != objects[:, :-1]),
        (border[1:], border[:-1], objects[1:] != objects[:-1]),
    ):
        one |= changes
        if factor >= _THICK_FROM:
            other |= changes
    large[:, border] = np.array(BORDER_COLOUR, np.uint8)[:, np.newaxis]
    return png(large, _magnified(visible, factor) | border)


def _magnified(layer: NDArray[Pixel], factor: int) -> NDArray[Pixel]:
    return layer.repeat(factor, axis=-2).repeat(factor, axis=-1)
