"""From what a user downloads to outlines: the graphical model that prepares a stack, and the node that maps it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from simulated_safe import SafeProduct, write_safe, zipped

ROOT = Path(__file__).parents[2]
SAMPLE = str(ROOT / "resources" / "sample" / "simulated_stack.tif")
OPTICAL = ("B02", "B03", "B04", "B08", "B11", "B12")
EPSG = 32645
# The corner of the sample that the tests map, and what the DEM needs around it.
LEFT, TOP, SIDE, MARGIN = 472, 336, 128, 40
CLOUD = 9000
_VEGETATION, _CLOUD = 4, 9


@pytest.fixture(scope="module")
def scene():
    """The sample's reflectance, coherence and upper left corner."""
    from osgeo import gdal

    dataset = gdal.Open(SAMPLE)
    values = dataset.ReadAsArray(LEFT, TOP, SIDE, SIDE).astype(float)
    x, size, _, y, _, _ = dataset.GetGeoTransform()
    return values[:6], values[6] / 1000, (x + LEFT * size, y - TOP * size)


@pytest.fixture(scope="module")
def products(tmp_path_factory, scene):
    """Six dates as they are downloaded, each with a cloud of its own over a sixth of the scene."""
    reflectance, _, corner = scene
    folder = tmp_path_factory.mktemp("products")
    return [str(zipped(write_safe(folder, _product(day, corner), _date(reflectance, day)))) for day in range(6)]


def _product(day, corner):
    return SafeProduct(f"2024-09-{day + 1:02d}T04:37:01", tile="T45RVM", epsg=EPSG, corner=corner, sun=(45.0, 143.0))


def _date(reflectance, day):
    """Return the stored numbers of a date: reflectance x 10000 + 1000, bands of 20 m as means of four."""
    numbers = reflectance + 1000
    cloudy = slice(day * 20, day * 20 + 20)
    numbers[:, cloudy] = CLOUD + 1000 * day
    coarse = numbers.reshape(6, SIDE // 2, 2, SIDE // 2, 2).mean(axis=(2, 4))
    classes = np.full((SIDE // 2, SIDE // 2), _VEGETATION)
    classes[cloudy.start // 2 : cloudy.stop // 2] = _CLOUD
    bands = [coarse[n] if name in ("B11", "B12") else numbers[n] for n, name in enumerate(OPTICAL)]
    return {name: band.astype(np.uint16) for name, band in zip((*OPTICAL, "SCL"), (*bands, classes), strict=True)}


@pytest.fixture(scope="module")
def images(tmp_path_factory, scene):
    """Two complex images in map geometry, 5 m x 10 m, of the sample's coherence; speckle is circular Gaussian."""
    from osgeo import gdal, osr

    _, coherence, (x, y) = scene
    coherence = coherence.repeat(2, axis=1)
    draws = np.random.default_rng(4).normal(size=(4, *coherence.shape))
    first = draws[0] + 1j * draws[1]
    second = coherence * first + np.sqrt(1 - coherence**2) * (draws[2] + 1j * draws[3])
    system = osr.SpatialReference()
    system.ImportFromEPSG(EPSG)
    folder = tmp_path_factory.mktemp("images")
    paths = []
    for name, image in (("20240802", first), ("20240814", second)):
        paths.append(str(folder / f"{name}.tif"))
        height, width = image.shape
        dataset = gdal.GetDriverByName("GTiff").Create(paths[-1], width, height, 1, gdal.GDT_CFloat32)
        dataset.SetGeoTransform((x, 5, 0, y, 0, -10))
        dataset.SetSpatialRef(system)
        dataset.GetRasterBand(1).WriteArray(image.astype(np.complex64))
        dataset = None
    return paths


@pytest.fixture(scope="module")
def dem(tmp_path_factory):
    """The sample's elevation in degrees, one arc second, with what lies around."""
    from osgeo import gdal

    path = str(tmp_path_factory.mktemp("dem") / "dem.tif")
    window = [LEFT - MARGIN, TOP - MARGIN, SIDE + MARGIN, SIDE + 2 * MARGIN]
    metres = gdal.Translate("", SAMPLE, format="VRT", bandList=[8], srcWin=window, unscale=True, outputType=6)
    options = {"xRes": 1 / 3600, "yRes": 1 / 3600, "resampleAlg": "bilinear", "dstNodata": -9999}
    gdal.Warp(path, metres, dstSRS="EPSG:4326", **options)
    return path


@pytest.fixture(scope="module")
def prepared(qgis_process, tmp_path_factory, products, images, dem):
    """What the model returns, by the name of its output."""
    folder = tmp_path_factory.mktemp("prepared stack")
    outputs = {
        "opticalcomposite:composite": str(folder / "composite.tif"),
        "coherence:coherence": str(folder / "coherence.tif"),
        "terrain:terrain": str(folder / "terrain.tif"),
        "featurestack:stack": str(folder / "stack.tif"),
    }
    inputs = {"PRODUCTS": products, "FIRST_IMAGE": images[0], "SECOND_IMAGE": images[1], "DEM": dem}
    windows = {"WINDOW_RANGE": 9, "WINDOW_AZIMUTH": 5}
    done = qgis_process.node("prepare_feature_stack", inputs | windows | outputs)
    assert done.status == 0, done.text
    return {name.partition(":")[2]: path for name, path in outputs.items()}


@pytest.fixture(scope="module")
def stack(prepared):
    """The bands of the stack by role, in physical units."""
    from osgeo import gdal

    dataset = gdal.Open(prepared["stack"])
    bands = [dataset.GetRasterBand(number) for number in range(1, dataset.RasterCount + 1)]
    return {
        band.GetDescription(): np.where((stored := band.ReadAsArray()) == -32768, np.nan, stored * band.GetScale())
        for band in bands
    }


def test_the_composite_is_the_scene_without_clouds(stack, scene):
    """Five of six dates see each pixel; the median of equal values is that value, and 10 m bands are copied."""
    reflectance, _, _ = scene
    for number, role in enumerate(OPTICAL[:4]):
        np.testing.assert_allclose(stack[role], reflectance[number] / 10000, atol=1e-6)


def test_the_coherence_is_that_of_the_scene(stack, scene):
    """The estimate is that of a window, so the truth is averaged likewise; what is left is speckle and bias."""
    from scipy import ndimage

    _, truth, _ = scene
    error = stack["coherence"] - ndimage.uniform_filter(truth, 5)
    assert abs(np.nanmean(error)) < 0.02
    assert np.nanstd(error) < 0.1


def test_the_terrain_is_that_of_the_scene(stack):
    """The sample's bands were computed on the 10 m grid; these went through degrees and one arc second."""
    from osgeo import gdal

    dataset = gdal.Open(SAMPLE)
    inner = np.s_[30:-30, 30:-30]
    for number, role, tolerance in ((8, "elevation", 3), (9, "slope", 3), (12, "tpi_250", 3)):
        band = dataset.GetRasterBand(number)
        truth = band.ReadAsArray(LEFT, TOP, SIDE, SIDE) * band.GetScale()
        assert np.median(np.abs(stack[role] - truth)[inner]) < tolerance, role


def test_the_stack_is_mapped(prepared, qgis_process, tmp_path):
    """The node takes it as it is, with the model that was trained on such stacks."""
    outlines = str(tmp_path / "outlines.gpkg")
    options = {"MODEL": "full_10m", "RULES": "full_stack", "SCALE": 20, "OUTPUT": outlines}
    done = qgis_process.node("maprockglaciers", {"STACK": prepared["stack"]} | options)
    assert done.status == 0, done.text
    assert Path(outlines).is_file()


def test_the_stack_knows_where_it_comes_from(prepared):
    """The steps of all four nodes, in the order of the work."""
    from osgeo import gdal

    dataset = gdal.Open(prepared["stack"])
    steps = json.loads(dataset.GetMetadataItem("ROCK_GLACIER_MAPPER_PROVENANCE"))
    assert [step["stage"] for step in steps] == ["opticalcomposite", "coherence", "terrain", "featurestack"]
