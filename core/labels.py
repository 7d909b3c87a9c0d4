"""Rasters of labels: how they are stored, and opening them."""

from __future__ import annotations

import numpy as np

from .errors import InvalidRasterError
from .raster import Band, Raster

LABELS = Band("labels", "uint32", 0.0)
"""How labels are stored."""


def open_labels(path: str) -> Raster:
    """Open a raster of labels (one band of unsigned whole numbers, 0 = nodata), for use in a ``with`` statement.

    Raises
    ------
    InvalidRasterError
        If the raster cannot be read or holds something else.
    """
    raster = Raster(path)
    kind = np.dtype(raster.bands[0].dtype)
    if len(raster.bands) > 1 or kind.kind != "u" or kind.itemsize > 4:
        raise InvalidRasterError(
            f"{path} holds {len(raster.bands)} band(s) of {kind.name}; labels are one band of whole numbers "
            "(uint32), such as the segmentation or the reshaping writes."
        )
    if raster.bands[0].nodata:
        raise InvalidRasterError(
            f"{path} has the nodata value {raster.bands[0].nodata:g}; in labels 0 means that no object is there. "
            "Set those pixels to 0, for example with `gdalwarp -dstnodata 0`."
        )
    return raster
