"""Single-look complex images: found in what the user gives, and read as numbers or as zero where there is none."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import InvalidRasterError
from ..rasters.geodata import gdal
from ..rasters.grid import Window
from ..rasters.raster import Raster

# How to open a container, by GDAL's driver. The netCDF driver knows where the pixels of a geocoded product lie; the
# HDF5 driver, which GDAL takes by itself, does not.
_CONTAINERS = {"netCDF": 'NETCDF:"{}"', "HDF5": "{}"}
_CONTAINER_SUFFIXES = (".h5", ".hdf5", ".he5", ".nc")


def open_complex(path: str) -> Raster:
    """Open a single-look complex image.

    Parameters
    ----------
    path : str
        A raster with one complex band; or a container (HDF5, netCDF) with one complex raster in it, or with several if
        the one is named as GDAL does: ``NETCDF:"file.h5":/data/VV``.

    Returns
    -------
    Raster
        To be read with `read_complex`.

    Raises
    ------
    InvalidRasterError
        If it cannot be read, or has no complex band, or more than one.
    """
    raster = Raster(complex_source(path))
    kinds = [np.dtype(band.dtype).kind for band in raster.bands]
    if kinds == ["c"]:
        return raster
    if "c" in kinds:
        raise InvalidRasterError(
            f"{path} has {len(kinds)} bands, but an image of one complex band is expected; write the one wanted into a "
            "file of its own, for example with `gdal_translate -b 1`."
        )
    types = ", ".join(sorted({band.dtype for band in raster.bands}))
    raise InvalidRasterError(
        f"{path} holds real numbers ({types}), but a single-look complex image is expected: amplitude and intensity "
        "have lost the phase. Where real and imaginary part are two bands, as SNAP writes them, let that program "
        "estimate the coherence."
    )


def complex_source(path: str) -> str:
    """Return what GDAL opens as the one complex raster in a file: the path itself, or the name of a subdataset.

    Raises
    ------
    InvalidRasterError
        If the file is a container without a complex raster, or with several.
    """
    names = _subdatasets(path)
    if not names:
        return path
    for form in _CONTAINERS.values():
        found = [name for name in _subdatasets(form.format(path)) if _is_complex(name)]
        if len(found) == 1:
            return found[0]
        if found:
            raise InvalidRasterError(
                f"{path} holds several complex rasters; give the name of one instead of the file: {', '.join(found)}."
            )
    raise InvalidRasterError(
        f"{path} holds {len(names)} rasters, none of complex numbers; give a single-look complex product."
    )


def read_complex(raster: Raster, window: Window) -> tuple[NDArray[Any], NDArray[Any]]:
    """Read an image opened with `open_complex`.

    Returns
    -------
    tuple of two arrays of float64, shape (height, width)
        Real and imaginary part; both are 0 where the pixel has no value: where it is 0 + 0j or not finite, or where its
        real part is the nodata value and its imaginary part that or 0.
    """
    stored, nodata = raster.read_raw(window), raster.bands[0].nodata
    missing = ~np.isfinite(stored)
    if nodata is not None:
        mark = stored.real.dtype.type(nodata)
        missing |= (stored.real == mark) & ((stored.imag == mark) | (stored.imag == 0))
    real, imaginary = stored.real.astype(np.float64), stored.imag.astype(np.float64)
    real[missing] = imaginary[missing] = 0
    return real, imaginary


def _subdatasets(path: str) -> list[str]:
    """Return the names of the rasters inside a container, none for a raster or a file that cannot be read."""
    try:
        dataset = gdal.OpenEx(path, gdal.OF_RASTER)
    except RuntimeError as error:
        if path.lower().endswith(_CONTAINER_SUFFIXES) and not _can_read_containers():
            raise InvalidRasterError(
                f"{path} cannot be read, because this GDAL has neither the netCDF nor the HDF5 driver. Install them, "
                "or convert the file to GeoTIFF on a computer that has them."
            ) from error
        return []
    # A container that is opened by the name of one of its rasters lists none.
    return [name for name, _ in dataset.GetSubDatasets()] if dataset.RasterCount == 0 else []


def _can_read_containers() -> bool:
    return any(gdal.GetDriverByName(name) is not None for name in _CONTAINERS)


def _is_complex(name: str) -> bool:
    try:
        dataset = gdal.OpenEx(name, gdal.OF_RASTER)
    except RuntimeError:
        return False
    return dataset.RasterCount == 1 and bool(gdal.DataTypeIsComplex(dataset.GetRasterBand(1).DataType))
