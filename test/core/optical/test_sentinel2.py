"""Metadata of Sentinel-2 products: the real one's, and those of simulated products with faults."""

from __future__ import annotations

import shutil
from datetime import datetime, timezone

import numpy as np
import pytest
from rock_glacier_mapper.core.errors import InvalidRasterError
from rock_glacier_mapper.core.optical.sentinel2 import is_product, read_product
from rock_glacier_mapper.core.rasters.geodata import spatial_reference
from simulated_safe import SafeProduct, write_safe, zipped

REAL = "s2_safe/S2A_MSIL2A_20190212T192651_N0212_R013_T07HFE_20201007T160857.SAFE"
PIXELS = {"B02": np.full((12, 12), 1500, np.uint16), "B11": np.full((6, 6), 1500, np.uint16)}
SCL = {"SCL": np.full((6, 6), 5, np.uint8)}


@pytest.fixture
def make(tmp_path):
    """A function that writes a product of a few pixels."""
    return lambda pixels=PIXELS, **what: write_safe(tmp_path, SafeProduct("2023-08-20T10:10:21", **what), pixels)


def test_the_real_metadata(shared_data):
    """Every field, read from the agency's own XML; that its images are missing counts once one is asked for."""
    product = read_product(str(shared_data / REAL))
    assert product.name == "S2A_MSIL2A_20190212T192651_N0212_R013_T07HFE_20201007T160857"
    assert (product.mission, product.level, product.baseline, product.tile) == ("Sentinel-2A", "L2A", "02.12", "T07HFE")
    assert product.sensed == datetime(2019, 2, 12, 19, 26, 51, 24000, tzinfo=timezone.utc)
    assert product.quantification == 10000
    assert set(product.offsets.values()) == {0.0}
    assert product.sun_zenith == pytest.approx(32.707, abs=1e-3)
    assert product.sun_azimuth == pytest.approx(62.329, abs=1e-3)
    assert sorted(product.images["B02"]) == [10, 20, 60]
    assert sorted(product.images["SCL"]) == [20, 60]
    grid = product.images["B11"][20].grid
    assert (grid.width, grid.height, grid.geotransform) == (5490, 5490, (600000, 20, 0, 6500020, 0, -20))
    assert spatial_reference(grid.crs).GetAuthorityCode(None) == "32707"
    with pytest.raises(InvalidRasterError, match=r"lacks the image .*B02_10m.tif of band B02; the download"):
        product.finest("B02")


@pytest.mark.parametrize("level", ["L2A", "L1C"])
def test_offsets_belong_to_their_bands(make, level):
    """Each level has its own tag; the numbers in it count bands from 0, with B8A as the ninth."""
    safe = make(level=level)
    metadata = safe / f"MTD_MSI{level}.xml"
    metadata.write_text(metadata.read_text().replace('band_id="8">-1000<', 'band_id="8">-1500<'))
    offsets = read_product(str(safe)).offsets
    assert offsets.pop("B8A") == -1500
    assert set(offsets.values()) == {-1000}


def test_before_baseline_4_there_is_no_offset(make):
    """What is not stated is 0."""
    product = read_product(str(make(baseline="02.14", offset=None)))
    assert product.offsets["B02"] == 0


def test_a_shifted_product_without_offsets_is_refused(make):
    """Silence there would shift all reflectance by 0.1."""
    with pytest.raises(InvalidRasterError, match=r"baseline 05.09, whose numbers are shifted, but states no BOA_ADD"):
        read_product(str(make(offset=None)))


def test_folder_zip_and_metadata_file_are_the_same_product(make, tmp_path):
    """The zip is read in place; nothing appears beside it."""
    safe = make(PIXELS | SCL)
    archive = zipped(safe)
    before = sorted(tmp_path.iterdir())
    products = [read_product(str(path)) for path in (safe, archive, safe / "MTD_MSIL2A.xml")]
    assert products[0] == products[2]
    assert products[0].name == products[1].name
    assert products[1].finest("B02").path.startswith("/vsizip/")
    assert products[1].finest("B02").grid == products[0].finest("B02").grid
    assert sorted(tmp_path.iterdir()) == before


def test_what_a_product_is(make, tmp_path):
    """A GeoTIFF is none, whatever its folder is called."""
    safe = make()
    assert is_product(str(safe))
    assert is_product(str(safe / "MTD_MSIL2A.xml"))
    assert is_product("somewhere/S2A.zip")
    assert not is_product(str(tmp_path / "a.SAFE" / "B02.tif"))


def test_a_band_that_no_level_has(make):
    """The message names those that there are."""
    with pytest.raises(InvalidRasterError, match=r"L2A product .* has no band B99; its bands are B02, B11"):
        read_product(str(make(PIXELS | SCL))).finest("B99")


def test_a_zip_cut_short(make):
    """As a broken download leaves it."""
    archive = zipped(make())
    archive.write_bytes(archive.read_bytes()[:-200])
    with pytest.raises(InvalidRasterError, match=r"no whole zip .*download the product again"):
        read_product(str(archive))


def test_a_zip_with_a_damaged_entry(make):
    """The directory at the end is whole, so that only the checksum of what is read tells."""
    archive = zipped(make())
    data = archive.read_bytes()
    begin = data.index(b"MTD_MSIL2A.xml") + 60
    archive.write_bytes(data[:begin] + bytes(40) + data[begin + 40 :])
    with pytest.raises(InvalidRasterError, match=r"MTD_MSIL2A.xml cannot be read"):
        read_product(str(archive))


def test_metadata_cut_short(make):
    """The same of an unpacked product."""
    safe = make()
    metadata = safe / "MTD_MSIL2A.xml"
    metadata.write_text(metadata.read_text()[:900])
    with pytest.raises(InvalidRasterError, match="no whole XML"):
        read_product(str(safe))


def test_metadata_that_lack_a_field(make):
    """The message names the field."""
    safe = make()
    metadata = safe / "MTD_MSIL2A.xml"
    metadata.write_text(metadata.read_text().replace("PRODUCT_START_TIME", "SOMETHING_ELSE"))
    with pytest.raises(InvalidRasterError, match="PRODUCT_START_TIME"):
        read_product(str(safe))


def test_a_date_that_is_none(make):
    """Dates are not guessed."""
    safe = make()
    metadata = safe / "MTD_MSIL2A.xml"
    metadata.write_text(metadata.read_text().replace("2023-08-20T", "2023-13-20T"))
    with pytest.raises(InvalidRasterError, match="month must be in"):
        read_product(str(safe))


def test_entities_are_refused(make):
    """A few lines of them unpack to gigabytes, or to files of the machine."""
    safe = make()
    metadata = safe / "MTD_MSIL2A.xml"
    entity = '<!DOCTYPE x [<!ENTITY y SYSTEM "file:///etc/hostname">]>\n<n1:'
    metadata.write_text(metadata.read_text().replace("<n1:", entity, 1))
    with pytest.raises(InvalidRasterError, match="document type x"):
        read_product(str(safe))


@pytest.mark.parametrize("name", ["../../../etc/passwd_B02_10m", "/etc/passwd_B02_10m"])
def test_images_outside_of_the_product_are_refused(make, name):
    """Metadata come from elsewhere and must not point at the machine's files."""
    safe = make()
    metadata = safe / "MTD_MSIL2A.xml"
    text = metadata.read_text()
    begin, end = text.index("<IMAGE_FILE>") + 12, text.index("</IMAGE_FILE>")
    metadata.write_text(text[:begin] + name + text[end:])
    with pytest.raises(InvalidRasterError, match="lies outside of the product"):
        read_product(str(safe))


def test_a_product_of_another_mission(shared_data, make, tmp_path):
    """By its metadata, or by what its files are called where it has none of Sentinel-2."""
    with pytest.raises(InvalidRasterError, match="product of Landsat-9; one of Sentinel-2"):
        read_product(str(make(mission="Landsat-9")))
    archive = next((shared_data / "s1_samples").glob("*.SAFE.zip"))
    with pytest.raises(InvalidRasterError, match="It looks like a product of Sentinel-1"):
        read_product(str(archive))


def test_a_folder_without_metadata(make, tmp_path):
    """As of products of before December 2016, which are laid out otherwise."""
    folder = tmp_path / "old.SAFE"
    folder.mkdir()
    with pytest.raises(InvalidRasterError, match=r"has no MTD_MSIL2A.xml or MTD_MSIL1C.xml"):
        read_product(str(folder))
    (folder / "S2A_OPER_MTD_SAFL1C_PDMC_20160101T000000.xml").touch()
    with pytest.raises(InvalidRasterError, match="before December 2016"):
        read_product(str(folder))


def test_a_folder_of_several_products(make, tmp_path):
    """Which one is meant is not guessed."""
    shutil.copytree(make(), tmp_path / "other.SAFE")
    with pytest.raises(InvalidRasterError, match="holds 2 Sentinel-2 products; give each"):
        read_product(str(tmp_path))


def test_a_path_that_does_not_exist(tmp_path):
    """A zip that was moved."""
    with pytest.raises(InvalidRasterError, match="There is no file or folder"):
        read_product(str(tmp_path / "gone.zip"))
