"""Rasters for the benchmark of the heatmap stage: noise on smooth shapes, so that they compress as scenes do."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from rock_glacier_mapper.core.rasters.geodata import gdal, osr

ROLES = ("B02", "B03", "B04", "B08", "B11", "B12", "coherence", "slope")
SIDE = 4096
PIXEL_M = 10.0
_BLOCK = 256
_OPTIONS = ["TILED=YES", f"BLOCKXSIZE={_BLOCK}", f"BLOCKYSIZE={_BLOCK}", "COMPRESS=DEFLATE", "BIGTIFF=YES"]


def scene(folder: Path, bands: int, dtype: str) -> Path:
    """Return a raster of 4096 x 4096 pixels with nodata 0 (declared, absent); made where it is missing.

    Parameters
    ----------
    folder : Path
        Where it is kept.
    bands : int
        Number of bands, at most eight.
    dtype : {"uint8", "uint16"}
        Type of the stored numbers.
    """
    path = folder / f"scene_{bands}_{dtype}.tif"
    if not path.exists():
        _write(path.with_suffix(".part"), bands, dtype)
        path.with_suffix(".part").rename(path)
    return path


def large_scene(folder: Path) -> Path:
    """Return the eight-band scene repeated three times along each side, 12288 x 12288 pixels."""
    path, source = folder / "large_scene.tif", scene(folder, len(ROLES), "uint16")
    if path.exists():
        return path
    mosaic = gdal.GetDriverByName("VRT").Create(
        str(folder / "mosaic.vrt"), 3 * SIDE, 3 * SIDE, len(ROLES), gdal.GDT_UInt16
    )
    mosaic.SetGeoTransform(_geotransform())
    mosaic.SetSpatialRef(_reference())
    for number, role in enumerate(ROLES, start=1):
        band = mosaic.GetRasterBand(number)
        band.SetDescription(role)
        band.SetNoDataValue(0)
        parts = {
            f"source_{place}": f'<SimpleSource><SourceFilename relativeToVRT="0">{source.resolve()}</SourceFilename>'
            f'<SourceBand>{number}</SourceBand><SrcRect xOff="0" yOff="0" xSize="{SIDE}" ySize="{SIDE}"/>'
            f'<DstRect xOff="{place % 3 * SIDE}" yOff="{place // 3 * SIDE}" xSize="{SIDE}" ySize="{SIDE}"/>'
            "</SimpleSource>"
            for place in range(9)
        }
        band.SetMetadata(parts, "new_vrt_sources")
    mosaic.FlushCache()
    options = [*_OPTIONS, "PREDICTOR=2", "ZLEVEL=1"]
    gdal.Translate(str(path.with_suffix(".part")), mosaic, format="GTiff", creationOptions=options)
    path.with_suffix(".part").rename(path)
    return path


def _write(path: Path, bands: int, dtype: str) -> None:
    """Write a scene strip by strip."""
    random = np.random.default_rng(0)
    kind = gdal.GDT_Byte if dtype == "uint8" else gdal.GDT_UInt16
    dataset = gdal.GetDriverByName("GTiff").Create(str(path), SIDE, SIDE, bands, kind, [*_OPTIONS, "PREDICTOR=2"])
    dataset.SetGeoTransform(_geotransform())
    dataset.SetSpatialRef(_reference())
    middle, spread, noise = (120, 60, 6) if dtype == "uint8" else (3000, 1500, 60)
    for number, role in enumerate(ROLES[:bands], start=1):
        dataset.GetRasterBand(number).SetDescription(role)
        dataset.GetRasterBand(number).SetNoDataValue(0)
    columns = np.arange(SIDE)
    for top in range(0, SIDE, _BLOCK):
        rows = np.arange(top, top + _BLOCK)[:, None]
        waves = [np.sin(columns / (40 + 7 * number)) * np.cos(rows / (60 - 5 * number)) for number in range(bands)]
        values = middle + spread * np.stack(waves) + random.normal(0, noise, (bands, _BLOCK, SIDE))
        dataset.WriteArray(np.clip(values, 1, np.iinfo(dtype).max).astype(dtype), 0, top)
    dataset.FlushCache()


def _geotransform() -> tuple[float, ...]:
    return (500000.0, PIXEL_M, 0.0, 5200000.0, 0.0, -PIXEL_M)


def _reference() -> osr.SpatialReference:
    reference = osr.SpatialReference()
    reference.ImportFromEPSG(32632)
    return reference
