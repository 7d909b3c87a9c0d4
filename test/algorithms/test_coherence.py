"""From two complex images to the coherence that a feature stack takes, by `qgis_process`."""

from __future__ import annotations

import numpy as np
import pytest
from rock_glacier_mapper.core.rasters.geodata import gdal, osr


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    """Two equal images of 12 days, as GeoTIFFs of complex numbers."""
    reference = osr.SpatialReference()
    reference.ImportFromEPSG(32719)
    folder = tmp_path_factory.mktemp("images")
    paths = [str(folder / f"t042_iw1_{date}_VV.tif") for date in (20220802, 20220814)]
    for path in paths:
        dataset = gdal.GetDriverByName("GTiff").Create(path, 20, 10, 1, gdal.GDT_CInt16)
        dataset.SetGeoTransform((5e5, 5, 0, 7e6, 0, -10))
        dataset.SetSpatialRef(reference)
        dataset.WriteArray(np.full((10, 20), 3 + 4j, np.complex64))
        dataset = None
    return paths


def test_coherence_and_its_statistics_in_a_chain(qgis_process, images, tmp_path):
    """The dates of the images' names select the pair two nodes later."""
    coherence, statistics = str(tmp_path / "coherence.tif"), str(tmp_path / "statistics.tif")
    given = {"REFERENCE": images[0], "SECONDARY": images[1], "LOOKS_RANGE": 2, "WINDOW_RANGE": 3, "OUTPUT": coherence}
    done = qgis_process.node("coherence", given)
    assert done.status == 0, done.text
    assert done.results["LOOKS"] == 18
    assert 0.2 < done.results["BIAS"] < 0.3
    assert "from 18 pixels" in done.text
    done = qgis_process.node("coherencestatistics", {"INPUTS": [coherence], "MAX_DAYS": 12, "OUTPUT": statistics})
    assert done.status == 0, done.text
    assert done.results["PAIRS"] == 1
    dataset = gdal.Open(statistics)
    assert dataset.GetRasterBand(1).GetDescription() == "coherence"
    assert dataset.GetGeoTransform() == (5e5, 10, 0, 7e6, 0, -10)
    assert dataset.ReadAsArray()[5, 5] == pytest.approx(1)


def test_a_real_raster_is_one_sentence_and_no_file(qgis_process, images, stack, tmp_path):
    """A user who gives the amplitude must read what to give instead."""
    output = tmp_path / "coherence.tif"
    done = qgis_process.node("coherence", {"REFERENCE": images[0], "SECONDARY": stack, "OUTPUT": str(output)})
    assert done.status == 1
    assert "a single-look complex image is expected" in done.text
    assert "Traceback" not in done.text
    assert not output.exists()
