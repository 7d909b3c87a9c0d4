"""Sentinel-2 products with simulated pixels, in the layout and naming of the real ones, for tests and benchmarks."""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np
from osgeo import gdal, osr

BANDS = ("B1", "B2", "B3", "B4", "B5", "B6", "B7", "B8", "B8A", "B9", "B10", "B11", "B12")
_SIDES = dict(zip(BANDS, (60, 10, 10, 10, 20, 20, 20, 10, 20, 60, 60, 20, 20), strict=True))
# How the agency stores images of each pixel size: sides of the codestream's tiles.
_BLOCKS = {10: 1024, 20: 640, 60: 192}


@dataclass(frozen=True)
class SafeProduct:
    """What a simulated product is like.

    Attributes
    ----------
    sensed : str
        When the acquisition began, as in ISO 8601.
    tile, epsg, corner : str, int, tuple of 2 float
        Name, reference system, and upper left corner of the tile.
    level, baseline : str
        ``L2A`` or ``L1C``; such as ``05.09``.
    offset : int or None
        What the metadata state for every band, None where they state nothing.
    mission : str
        Such as ``Sentinel-2A``.
    quantification : int
        Stored number of a reflectance of 1.
    sun : tuple of 2 float
        Mean zenith and azimuth, in degrees.
    """

    sensed: str
    tile: str = "T32TNS"
    epsg: int = 32632
    corner: tuple[float, float] = (600000.0, 5200020.0)
    level: str = "L2A"
    baseline: str = "05.09"
    offset: int | None = -1000
    mission: str = "Sentinel-2A"
    quantification: int = 10000
    sun: tuple[float, float] = (40.0, 150.0)

    @property
    def time(self) -> str:
        """The time of the acquisition as in names."""
        return f"{datetime.fromisoformat(self.sensed):%Y%m%dT%H%M%S}"

    @property
    def name(self) -> str:
        """The product's name."""
        mission = f"S2{self.mission[-1]}"
        baseline = self.baseline.replace(".", "")
        return f"{mission}_MSI{self.level}_{self.time}_N{baseline}_R022_{self.tile}_{self.time}.SAFE"

    @property
    def granule(self) -> str:
        """The granule's folder."""
        return f"GRANULE/{self.level}_{self.tile}_A042588_{self.time}"


def write_safe(
    folder: Path, product: SafeProduct, pixels: Mapping[str, np.ndarray], driver: str = "JP2OpenJPEG"
) -> Path:
    """Write a product.

    Parameters
    ----------
    folder : Path
        Where its folder is made.
    product : SafeProduct
    pixels : mapping of str to array of uint16
        Stored numbers of each band (``B02`` ... ``SCL``), at its own pixel size.
    driver : str
        GDAL's driver of the images.

    Returns
    -------
    Path
        The product's folder.
    """
    size = max(len(values) * _side(band) for band, values in pixels.items())
    safe = write_metadata(folder, product, pixels, size, driver)
    for band, values in pixels.items():
        path = image_path(safe, product, band, driver)
        path.parent.mkdir(parents=True, exist_ok=True)
        _write_image(path, product, values, _side(band), driver)
    return safe


def write_metadata(
    folder: Path, product: SafeProduct, bands: Iterable[str], size: int, driver: str = "JP2OpenJPEG"
) -> Path:
    """Write a product without images; `size` is the side of its tile in metres."""
    safe = folder / product.name
    (safe / product.granule).mkdir(parents=True)
    names = [image_name(product, band) for band in bands]
    image_format = "JPEG2000" if driver == "JP2OpenJPEG" else "GeoTIFF"
    (safe / f"MTD_MSI{product.level}.xml").write_text(_product_metadata(product, names, image_format))
    (safe / product.granule / "MTD_TL.xml").write_text(_tile_metadata(product, size))
    return safe


def image_path(safe: Path, product: SafeProduct, band: str, driver: str = "JP2OpenJPEG") -> Path:
    """Return the file of a band's image."""
    return safe / f"{image_name(product, band)}.{'jp2' if driver == 'JP2OpenJPEG' else 'tif'}"


def image_name(product: SafeProduct, band: str) -> str:
    """Return the name of a band's image in the product's folder, without suffix."""
    name = f"{product.tile}_{product.time}_{band}"
    if product.level == "L1C":
        return f"{product.granule}/IMG_DATA/{name}"
    return f"{product.granule}/IMG_DATA/R{_side(band)}m/{name}_{_side(band)}m"


def zipped(safe: Path) -> Path:
    """Pack a product as it is downloaded, beside it."""
    target = safe.with_suffix(".zip")
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(safe.rglob("*")):
            archive.write(path, path.relative_to(safe.parent))
    return target


def _side(band: str) -> int:
    return 20 if band == "SCL" else _SIDES[band.replace("B0", "B")]


def _write_image(path: Path, product: SafeProduct, values: np.ndarray, side: int, driver: str) -> None:
    reference = osr.SpatialReference()
    reference.ImportFromEPSG(product.epsg)
    kind = gdal.GDT_Byte if values.dtype == np.uint8 else gdal.GDT_UInt16
    image = gdal.GetDriverByName("MEM").Create("", values.shape[1], values.shape[0], 1, kind)
    image.SetGeoTransform((product.corner[0], side, 0, product.corner[1], 0, -side))
    image.SetSpatialRef(reference)
    image.GetRasterBand(1).WriteArray(values)
    block = _BLOCKS[side]
    options = [f"BLOCKXSIZE={block}", f"BLOCKYSIZE={block}", "QUALITY=100", "REVERSIBLE=YES"]
    gdal.GetDriverByName(driver).CreateCopy(str(path), image, options=options if driver == "JP2OpenJPEG" else [])


def _product_metadata(product: SafeProduct, images: list[str], image_format: str) -> str:
    level, number = product.level, product.level[1:]
    quantification = "BOA_QUANTIFICATION_VALUE" if level == "L2A" else "QUANTIFICATION_VALUE"
    value = f'<{quantification} unit="none">{product.quantification}</{quantification}>'
    if level == "L2A":
        value = f"<QUANTIFICATION_VALUES_LIST>{value}</QUANTIFICATION_VALUES_LIST>"
    files = "\n".join(f"            <IMAGE_FILE>{name}</IMAGE_FILE>" for name in images)
    spectral = "\n".join(
        f'        <Spectral_Information bandId="{index}" physicalBand="{band}"><RESOLUTION>{_SIDES[band]}</RESOLUTION>'
        "</Spectral_Information>"
        for index, band in enumerate(BANDS)
    )
    schema = f"https://psd-14.sentinel2.eo.esa.int/PSD/User_Product_Level-{number}.xsd"
    return f"""<?xml version="1.0" encoding="UTF-8" standalone="no"?>
<n1:Level-{number}_User_Product xmlns:n1="{schema}">
  <n1:General_Info>
    <Product_Info>
      <PRODUCT_START_TIME>{product.sensed}.024Z</PRODUCT_START_TIME>
      <PRODUCT_URI>{product.name}</PRODUCT_URI>
      <PROCESSING_LEVEL>Level-{number}</PROCESSING_LEVEL>
      <PROCESSING_BASELINE>{product.baseline}</PROCESSING_BASELINE>
      <Datatake datatakeIdentifier="GS2{product.mission[-1]}_{product.time}_042588_N{product.baseline}">
        <SPACECRAFT_NAME>{product.mission}</SPACECRAFT_NAME>
      </Datatake>
      <Product_Organisation>
        <Granule_List>
          <Granule granuleIdentifier="{product.tile}" imageFormat="{image_format}">
{files}
          </Granule>
        </Granule_List>
      </Product_Organisation>
    </Product_Info>
    <Product_Image_Characteristics>
      {value}
{_offsets(product)}
      <Spectral_Information_List>
{spectral}
      </Spectral_Information_List>
    </Product_Image_Characteristics>
  </n1:General_Info>
</n1:Level-{number}_User_Product>
"""


def _offsets(product: SafeProduct) -> str:
    if product.offset is None:
        return ""
    around, tag = (
        ("BOA_ADD_OFFSET_VALUES_LIST", "BOA_ADD_OFFSET")
        if product.level == "L2A"
        else ("Radiometric_Offset_List", "RADIO_ADD_OFFSET")
    )
    each = "".join(f'<{tag} band_id="{index}">{product.offset}</{tag}>' for index in range(len(BANDS)))
    return f"      <{around}>{each}</{around}>"


def _tile_metadata(product: SafeProduct, size: int) -> str:
    sizes = "".join(
        f'<Size resolution="{side}"><NROWS>{size // side}</NROWS><NCOLS>{size // side}</NCOLS></Size>'
        for side in _BLOCKS
    )
    left, top = product.corner
    places = "".join(
        f'<Geoposition resolution="{side}"><ULX>{left:.0f}</ULX><ULY>{top:.0f}</ULY><XDIM>{side}</XDIM>'
        f"<YDIM>-{side}</YDIM></Geoposition>"
        for side in _BLOCKS
    )
    number = product.level[1:]
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<n1:Level-{number}_Tile_ID xmlns:n1="https://psd-14.sentinel2.eo.esa.int/PSD/S2_PDI_Level-{number}_Tile_Metadata.xsd">
  <n1:Geometric_Info>
    <Tile_Geocoding metadataLevel="Brief">
      <HORIZONTAL_CS_CODE>EPSG:{product.epsg}</HORIZONTAL_CS_CODE>
      {sizes}
      {places}
    </Tile_Geocoding>
    <Tile_Angles metadataLevel="Standard">
      <Mean_Sun_Angle>
        <ZENITH_ANGLE unit="deg">{product.sun[0]}</ZENITH_ANGLE>
        <AZIMUTH_ANGLE unit="deg">{product.sun[1]}</AZIMUTH_ANGLE>
      </Mean_Sun_Angle>
    </Tile_Angles>
  </n1:Geometric_Info>
</n1:Level-{number}_Tile_ID>
"""
