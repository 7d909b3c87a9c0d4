"""Optical scenes: Sentinel-2 products and plain rasters alike, as a composite takes them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import PurePath

import numpy as np

from ..errors import InvalidCRSError, InvalidOptionError, InvalidRasterError
from ..rasters.geodata import gdal
from ..rasters.raster import Raster
from ..rasters.regridding import SourceBand
from ..rasters.roles import role_of
from . import sentinel2
from .sentinel2 import Product

_CLASSIFICATION = "SCL"
_DATE = re.compile(r"(?<!\d)((?:19|20)\d\d)([-_]?)(0[1-9]|1[0-2])\2(0[1-9]|[12]\d|3[01])(?!\d)")
_FIRST_YEAR = 1972  # of the first Landsat


@dataclass(frozen=True)
class Scene:
    """One product or raster.

    Attributes
    ----------
    name : str
        What it is called in messages and metadata.
    sensed : date or None
        Day of the acquisition, where it is known.
    overpass : str
        What scenes have in common that are parts of one observation; they fill each other's gaps.
    bands : dict of str to SourceBand
        Where each band is that was asked for.
    mask : SourceBand or None
        Its scene classification or binary mask.
    is_binary : bool
        Whether the mask is a binary one, 0 where clear.
    facts : dict
        What else is known of it: level, baseline, tile and sun angles of a product.
    """

    name: str
    sensed: date | None
    overpass: str
    bands: dict[str, SourceBand]
    mask: SourceBand | None
    is_binary: bool
    facts: dict[str, str | float]

    @property
    def finest(self) -> SourceBand:
        """The band with the smallest pixels."""
        return min(self.bands.values(), key=lambda band: abs(band.grid.geotransform[1]))

    def require_date(self) -> date:
        """Return the day of the acquisition.

        Raises
        ------
        InvalidRasterError
            If it is not known.
        """
        if self.sensed is None:
            raise InvalidRasterError(
                f"The date of {self.name} is not known, which the best observation needs. Put it into the file's name "
                "as yyyymmdd or yyyy-mm-dd, or into its metadata (ACQUISITIONDATETIME in the domain IMAGERY)."
            )
        return self.sensed


# Scenes of one overpass.
Observation = Sequence[Scene]


@dataclass(frozen=True)
class Reading:
    """How inputs are to be understood.

    Attributes
    ----------
    bands : dict of str to int
        Roles wanted, and the number of the band in rasters without descriptions, 0 where it is not stated.
    scale, offset : float
        For whole numbers without a scale of their own; a scale of 0 is none.
    """

    bands: dict[str, int]
    scale: float
    offset: float


def requested_bands(texts: Sequence[str]) -> dict[str, int]:
    """Return the roles and band numbers in texts such as ``B04`` and ``B04=3``.

    Raises
    ------
    InvalidOptionError
        If there is none, one comes twice, or what follows the sign is no band number.
    """
    bands: dict[str, int] = {}
    for text in texts:
        name, sign, number = (part.strip() for part in text.partition("="))
        role = role_of(name, "", 1)
        if not name or (sign and not (number.isdecimal() and int(number) > 0)):
            raise InvalidOptionError(f"The band {text!r} must be a role such as B04, or role=number such as B04=3.")
        if role in bands:
            raise InvalidOptionError(f"The band {role} is asked for twice.")
        bands[role] = int(number or 0)
    if not bands:
        raise InvalidOptionError("Option `bands` is empty: name the bands of the composite, such as B04 B03 B02.")
    return bands


def read_scenes(inputs: Sequence[str], reading: Reading, masks: Sequence[str], *, is_binary: bool) -> list[Scene]:
    """Read what the files say of themselves; no pixels.

    Parameters
    ----------
    inputs : sequence of str
        Products and rasters.
    reading : Reading
    masks : sequence of str
        Mask rasters, one an input, ``none`` for an input without; or no text at all.
    is_binary : bool
        Whether the masks are binary ones.

    Returns
    -------
    list of Scene
        In the order of the inputs.

    Raises
    ------
    InvalidOptionError
        If there are not as many masks as inputs.
    InvalidRasterError, InvalidCRSError
        If an input is no product or raster, or lacks a band or a reference system.
    """
    if masks and len(masks) != len(inputs):
        raise InvalidOptionError(
            f"{len(masks)} masks were given for {len(inputs)} inputs; give one for each, or none for an input without."
        )
    scenes = []
    for path, mask in zip(inputs, masks or ["none"] * len(inputs), strict=True):
        scene = _of_product(path, reading) if sentinel2.is_product(path) else _of_raster(path, reading)
        if mask != "none":
            scene = replace(scene, mask=_mask_band(mask, is_binary=is_binary), is_binary=is_binary)
        scenes.append(scene)
    return scenes


def _of_product(path: str, reading: Reading) -> Scene:
    product = sentinel2.read_product(path)
    bands = {role: _product_band(product, role) for role in reading.bands}
    facts: dict[str, str | float] = {
        "mission": product.mission,
        "level": product.level,
        "baseline": product.baseline,
        "tile": product.tile,
        "sensed": product.sensed.isoformat(),
        "sun_zenith_deg": product.sun_zenith,
        "sun_azimuth_deg": product.sun_azimuth,
    }
    return Scene(product.name, product.sensed.date(), product.overpass, bands, _product_mask(product), False, facts)


def _product_band(product: Product, role: str) -> SourceBand:
    name = sentinel2.band_name(role.upper())
    image = product.finest(name)
    scale = 1 / product.quantification
    return SourceBand(image.path, 1, image.grid, sentinel2.NODATA, scale, product.offsets[name] * scale)


def _product_mask(product: Product) -> SourceBand | None:
    if _CLASSIFICATION not in product.images:
        return None
    image = product.finest(_CLASSIFICATION)
    return SourceBand(image.path, 1, image.grid)


def _of_raster(path: str, reading: Reading) -> Scene:
    with Raster(path) as raster:
        _require_crs(raster)
        numbers = _band_numbers(raster, reading.bands)
        bands = {role: _raster_band(raster, role, number, reading) for role, number in numbers.items()}
    sensed = _sensed(path)
    facts: dict[str, str | float] = {} if sensed is None else {"sensed": sensed.isoformat()}
    return Scene(PurePath(path).name, sensed, str(sensed or path), bands, None, False, facts)


def _require_crs(raster: Raster) -> None:
    if not raster.grid.crs:
        raise InvalidCRSError(
            f"{raster.path} has no coordinate reference system; assign the one it was made in "
            "(QGIS: Raster > Projections > Assign Projection)."
        )


def _band_numbers(raster: Raster, wanted: dict[str, int]) -> dict[str, int]:
    """Return which band (from 1) holds each role: the one described so, else the one that was stated."""
    numbers = {}
    for role, stated in wanted.items():
        if role in raster.roles:
            numbers[role] = raster.roles.index(role) + 1
        elif 0 < stated <= len(raster.bands):
            numbers[role] = stated
        else:
            raise InvalidRasterError(
                f"{raster.path} has no band described as {role}; its {len(raster.bands)} bands are "
                f"{', '.join(raster.roles)}. Say which one is meant by its number, as in {role}=1."
            )
    return numbers


def _raster_band(raster: Raster, role: str, number: int, reading: Reading) -> SourceBand:
    band = raster.bands[number - 1]
    kind = np.dtype(band.dtype).kind
    # In whole numbers all agencies keep 0 for what was not seen; many a file does not say so.
    if kind == "c":
        raise InvalidRasterError(f"Band {role} of {raster.path} holds complex numbers; reflectance is expected.")
    nodata = sentinel2.NODATA if band.nodata is None and kind != "f" else band.nodata
    source = SourceBand(raster.path, raster.number_in_file(number), raster.grid, nodata, band.scale, band.offset)
    if kind == "f" or (band.scale, band.offset) != (1.0, 0.0):
        return source
    if not reading.scale:
        raise InvalidRasterError(
            f"Band {role} of {raster.path} holds whole numbers without a scale, which are no reflectance of 0 to 1. "
            "State `scale` and `offset`: 0.0001 and 0 for Sentinel-2 before processing baseline 04.00, 0.0001 and -0.1 "
            "since."
        )
    return replace(source, scale=reading.scale, offset=reading.offset)


def _mask_band(path: str, *, is_binary: bool) -> SourceBand:
    with Raster(path) as raster:
        _require_crs(raster)
        # In a binary mask 0 is clear, even where the file calls it nodata.
        nodata = None if is_binary else raster.bands[0].nodata
        return SourceBand(path, raster.number_in_file(1), raster.grid, nodata)


def _sensed(path: str) -> date | None:
    """Return the day of the acquisition from a raster's metadata or name."""
    stated = gdal.OpenEx(path, gdal.OF_RASTER).GetMetadataItem("ACQUISITIONDATETIME", "IMAGERY") or ""
    for text in (stated, PurePath(path).name):
        match = _DATE.search(text)
        if match and int(match.group(1)) >= _FIRST_YEAR:
            return _day(match)
    return None


def _day(match: re.Match[str]) -> date | None:
    year, _, month, day = match.groups()
    try:
        return date(int(year), int(month), int(day))
    except ValueError:  # such as 31 February
        return None
