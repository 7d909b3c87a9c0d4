"""Sentinel-2 products as the agencies give them: what their metadata say, read in place from folders and zips.

The metadata are described in the Sentinel-2 Products Specification Document. A product in the compact format (since
December 2016) holds one tile.
"""

from __future__ import annotations

import os
import re
import zipfile
import zlib
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path, PurePosixPath
from xml.etree.ElementTree import Element, ParseError, TreeBuilder, XMLParser

from ..errors import InvalidRasterError
from ..rasters.geodata import crs_from_text
from ..rasters.grid import Grid

METADATA_FILES = ("MTD_MSIL2A.xml", "MTD_MSIL1C.xml")
NODATA = 0.0
# Real ones have less than 1 MB; a file that unpacks to more is none.
_LARGEST_METADATA = 64 * 2**20
# From this processing baseline on, numbers are shifted so that negative reflectance can be stored.
_SHIFTED_SINCE = 4.0
_IMAGE = re.compile(r"_(B\d[0-9A]|SCL)(?:_(\d\d)m)?$")
_SUFFIXES = {"JPEG2000": ".jp2", "GeoTIFF": ".tif"}
_DOWNLOAD_AGAIN = "the download may be incomplete: download the product again"


@dataclass(frozen=True)
class Image:
    """One image file of a product: what GDAL opens, whether it is there, and the grid that the metadata give it."""

    path: str
    is_present: bool
    grid: Grid


@dataclass(frozen=True)
class Product:
    """What the metadata of a product say.

    Attributes
    ----------
    name : str
        The product's own name, without ``.SAFE``.
    mission, level, baseline, tile : str
        Such as ``Sentinel-2A``, ``L2A``, ``05.09`` and ``T19JCN``.
    sensed : datetime
        When the acquisition began, in UTC.
    overpass : str
        Identifier of the datatake; neighbouring tiles of one overpass share it.
    quantification : float
        Reflectance is (stored number + offset) / quantification.
    offsets : dict of str to float
        Offset of each band, 0 before baseline 04.00.
    images : dict of str to dict of int to Image
        For each band (``B02`` ... ``B8A``, and ``SCL``) its images by pixel size in metres.
    sun_zenith, sun_azimuth : float
        Mean angles over the tile, in degrees.
    """

    name: str
    mission: str
    level: str
    baseline: str
    tile: str
    sensed: datetime
    overpass: str
    quantification: float
    offsets: dict[str, float]
    images: dict[str, dict[int, Image]]
    sun_zenith: float
    sun_azimuth: float

    def finest(self, band: str) -> Image:
        """Return the image of a band with the smallest pixels.

        Raises
        ------
        InvalidRasterError
            If the product has no such band, or its file is missing.
        """
        if band not in self.images:
            known = ", ".join(sorted(name for name in self.images if name != "SCL"))
            raise InvalidRasterError(f"The {self.level} product {self.name} has no band {band}; its bands are {known}.")
        sizes = self.images[band]
        image = sizes[min(sizes)]
        if not image.is_present:
            raise InvalidRasterError(f"{self.name} lacks the image {image.path} of band {band}; {_DOWNLOAD_AGAIN}.")
        return image


def is_product(path: str) -> bool:
    """Whether a path must be a product, or an attempt at one, and no raster."""
    given = Path(path)
    return given.is_dir() or given.suffix.lower() in (".zip", ".safe") or given.name in METADATA_FILES


def read_product(path: str) -> Product:
    """Read a product's metadata.

    Parameters
    ----------
    path : str
        A SAFE folder, a zip of one, or the metadata file in the folder.

    Returns
    -------
    Product

    Raises
    ------
    InvalidRasterError
        If the path is no Sentinel-2 product of level 1C or 2A, or the product is damaged.
    """
    files = _files(path)
    metadata = _metadata_file(path, files.names)
    try:
        return _product(files, metadata)
    except (AttributeError, KeyError, ValueError) as error:
        raise InvalidRasterError(
            f"{path}: {metadata} lacks what the metadata of a Sentinel-2 product have, or holds something else "
            f"({error}); {_DOWNLOAD_AGAIN}."
        ) from error


class _Folder:
    """The files of a product in a folder, by their names in it."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.names = [
            (Path(folder).relative_to(path) / name).as_posix() for folder, _, names in os.walk(path) for name in names
        ]

    def read(self, name: str) -> bytes:
        return (Path(self.path) / name).read_bytes()

    def opened_by_gdal(self, name: str) -> str:
        return str(Path(self.path) / name)


class _Zip:
    """The files of a product in a zip, which is not unpacked."""

    def __init__(self, path: str) -> None:
        self.path = path
        try:
            with zipfile.ZipFile(path) as archive:
                self.names = [item.filename for item in archive.infolist() if not item.is_dir()]
        except (zipfile.BadZipFile, OSError) as error:
            raise InvalidRasterError(f"{path} is no whole zip ({error}); {_DOWNLOAD_AGAIN}.") from error

    def read(self, name: str) -> bytes:
        try:
            with zipfile.ZipFile(self.path) as archive, archive.open(name) as file:
                return file.read(_LARGEST_METADATA + 1)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError) as error:
            raise InvalidRasterError(f"{self.path}: {name} cannot be read ({error}); {_DOWNLOAD_AGAIN}.") from error

    def opened_by_gdal(self, name: str) -> str:
        # Braces, because the zip's own name need not end in .zip for GDAL then.
        return f"/vsizip/{{{os.path.abspath(self.path)}}}/{name}"


_Files = _Folder | _Zip


def band_name(name: str) -> str:
    """Return the name of a band with two digits, as in file names: ``B1`` is ``B01``."""
    return re.sub(r"^B(\d)$", r"B0\1", name)


def _files(path: str) -> _Files:
    given = Path(path)
    if not given.exists():
        raise InvalidRasterError(f"There is no file or folder {path}; give a Sentinel-2 product.")
    if given.is_dir():
        return _Folder(path)
    return _Folder(str(given.parent)) if given.name in METADATA_FILES else _Zip(path)


def _metadata_file(path: str, names: list[str]) -> str:
    """Return the name of the product's metadata file."""
    found = [name for name in names if PurePosixPath(name).name in METADATA_FILES]
    if len(found) == 1:
        return found[0]
    if found:
        raise InvalidRasterError(f"{path} holds {len(found)} Sentinel-2 products; give each of them by its own name.")
    other = next((name for name in [Path(path).name, *names] if re.search(r"(^|/)S[1356][A-D]?_", name)), "")
    what = f" It looks like a product of Sentinel-{other.rpartition('/')[2][1]}." if other else ""
    old = next((name for name in names if "_MTD_SAFL" in name), "")
    what = " It is in the format of before December 2016, which is not read." if old else what
    raise InvalidRasterError(
        f"{path} has no {' or '.join(METADATA_FILES)}, which the Sentinel-2 products of level 2A and 1C have.{what}"
    )


def _product(files: _Files, metadata: str) -> Product:
    root = _parsed(files, metadata)
    level = "L2A" if PurePosixPath(metadata).name == METADATA_FILES[0] else "L1C"
    mission = _text(root, "SPACECRAFT_NAME")
    if not mission.startswith("Sentinel-2"):
        raise InvalidRasterError(f"{files.path} is a product of {mission}; one of Sentinel-2 is expected.")
    granule = _granule(root, files.path)
    tile = _parsed(files, str(PurePosixPath(metadata).parent / granule / "MTD_TL.xml"))
    baseline = _text(root, "PROCESSING_BASELINE")
    return Product(
        name=_text(root, "PRODUCT_URI").removesuffix(".SAFE"),
        mission=mission,
        level=level,
        baseline=baseline,
        tile=_tile_name(granule),
        sensed=_time(_text(root, "PRODUCT_START_TIME")),
        # The identifier ends in the baseline, which may differ between tiles.
        overpass=_found(root, "Datatake").attrib["datatakeIdentifier"].partition("_N")[0],
        quantification=float(_text(root, "BOA_QUANTIFICATION_VALUE" if level == "L2A" else "QUANTIFICATION_VALUE")),
        offsets=_offsets(root, level, baseline, files.path),
        images=_images(root, files, metadata, _grids(tile)),
        sun_zenith=float(_text(_found(tile, "Mean_Sun_Angle"), "ZENITH_ANGLE")),
        sun_azimuth=float(_text(_found(tile, "Mean_Sun_Angle"), "AZIMUTH_ANGLE")),
    )


class _PlainTreeBuilder(TreeBuilder):
    """Builds a tree, but of no file that declares a document type: entities could be declared in it."""

    def doctype(self, name: str, _public: str | None, _system: str | None) -> None:
        raise ValueError(f"it declares the document type {name}, which product metadata never do")


def _parsed(files: _Files, name: str) -> Element:
    if name not in files.names:
        raise InvalidRasterError(f"{files.path} has no file {name}; {_DOWNLOAD_AGAIN}.")
    text = files.read(name)
    if len(text) > _LARGEST_METADATA:
        raise InvalidRasterError(f"{files.path}: {name} is too large to be metadata ({len(text)} bytes and more).")
    parser = XMLParser(target=_PlainTreeBuilder())  # noqa: S314  (document types, and with them entities, are refused)
    try:
        parser.feed(text)
        root: Element = parser.close()
    except ParseError as error:
        raise InvalidRasterError(f"{files.path}: {name} is no whole XML ({error}); {_DOWNLOAD_AGAIN}.") from error
    return root


def _found(root: Element, tag: str) -> Element:
    found = root.find(f".//{tag}")
    if found is None:
        raise KeyError(tag)
    return found


def _text(root: Element, tag: str) -> str:
    return (_found(root, tag).text or "").strip()


def _time(text: str) -> datetime:
    return datetime.fromisoformat(text.removesuffix("Z")).replace(tzinfo=timezone.utc)


def _image_files(root: Element) -> list[str]:
    """Return the names of the image files without their suffixes, none of which may leave the product's folder."""
    names = [(element.text or "").strip() for element in root.iter("IMAGE_FILE")]
    for name in names:
        if name.startswith("/") or ".." in PurePosixPath(name).parts:
            raise ValueError(f"the image {name} lies outside of the product")
    return names


def _granule(root: Element, path: str) -> str:
    granules = {"/".join(PurePosixPath(name).parts[:2]) for name in _image_files(root)}
    if len(granules) != 1:
        raise InvalidRasterError(f"{path} has {len(granules)} tiles; a product in the compact format has one.")
    return granules.pop()


def _tile_name(granule: str) -> str:
    found = re.search(r"_(T\d\d[A-Z]{3})_", granule)
    return found.group(1) if found else ""


def _offsets(root: Element, level: str, baseline: str, path: str) -> dict[str, float]:
    tag = "BOA_ADD_OFFSET" if level == "L2A" else "RADIO_ADD_OFFSET"
    bands = {
        element.attrib["bandId"]: band_name(element.attrib["physicalBand"])
        for element in root.iter("Spectral_Information")
    }
    found = {bands[element.attrib["band_id"]]: float(element.text or "") for element in root.iter(tag)}
    if not found and float(baseline) >= _SHIFTED_SINCE:
        raise InvalidRasterError(
            f"{path} has the processing baseline {baseline}, whose numbers are shifted, but states no {tag}; it was "
            "changed after the agency made it. Give its bands as rasters with the right scale and offset."
        )
    return dict.fromkeys(bands.values(), 0.0) | found


def _grids(tile: Element) -> dict[int, Grid]:
    """Return the grid of each pixel size."""
    crs = crs_from_text(_text(tile, "HORIZONTAL_CS_CODE"))
    sizes = {int(item.attrib["resolution"]): item for item in tile.iter("Size")}
    grids = {}
    for place in tile.iter("Geoposition"):
        size = sizes[int(place.attrib["resolution"])]
        corner = (float(_text(place, "ULX")), float(_text(place, "ULY")))
        step = (float(_text(place, "XDIM")), float(_text(place, "YDIM")))
        transform = (corner[0], step[0], 0.0, corner[1], 0.0, step[1])
        grid = Grid(int(_text(size, "NCOLS")), int(_text(size, "NROWS")), transform, crs)
        grids[int(place.attrib["resolution"])] = grid
    return grids


def _images(root: Element, files: _Files, metadata: str, grids: dict[int, Grid]) -> dict[str, dict[int, Image]]:
    """Return the images of each band that the metadata name."""
    native = {
        band_name(element.attrib["physicalBand"]): int(_text(element, "RESOLUTION"))
        for element in root.iter("Spectral_Information")
    }
    suffix = _SUFFIXES[_found(root, "Granule").attrib["imageFormat"]]
    folder, present = PurePosixPath(metadata).parent, set(files.names)
    images: dict[str, dict[int, Image]] = {}
    for name in _image_files(root):
        match = _IMAGE.search(name)
        if match is None:
            continue
        file = str(folder / (name + suffix))
        band, size = match.group(1), int(match.group(2) or native[match.group(1)])
        images.setdefault(band, {})[size] = Image(files.opened_by_gdal(file), file in present, grids[size])
    return images
