"""The optical composite of simulated products and rasters, whose values are worked out by hand."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from rock_glacier_mapper.core.contracts.opticalcomposite import OpticalCompositeOptions
from rock_glacier_mapper.core.errors import (
    Cancelled,
    InvalidCRSError,
    InvalidGridError,
    InvalidOptionError,
    InvalidRasterError,
    OutputError,
)
from rock_glacier_mapper.core.optical import opticalcomposite
from rock_glacier_mapper.core.progress import Progress
from rock_glacier_mapper.core.rasters.geodata import gdal
from rock_glacier_mapper.core.rasters.raster import Raster
from simulated_safe import SafeProduct, write_safe, zipped

SIDE = 60
CLOUD, SHADOW, SNOW, BARE = 9, 3, 11, 5
CROPS = "s2_safe/sen2r_barbellino"
# Of the ten bands that sen2r writes at 10 m of level 2A, without B10: B04 is the fourth, B11 the tenth.
SEN2R_BANDS = ("B02=2", "B04=4", "B11=10")


def pixels(value: int, scl: int = BARE, side: int = SIDE, **bands: np.ndarray) -> dict[str, np.ndarray]:
    """Stored numbers of a uniform product with B04 (10 m), B11 (20 m) and one class."""
    made = {"B04": np.full((side, side), value, np.uint16), "B11": np.full((side // 2,) * 2, value, np.uint16)}
    return made | {"SCL": np.full((side // 2,) * 2, scl, np.uint8)} | bands


@pytest.fixture
def product(tmp_path):
    """A function that writes a product of a day in 2023 and gives its path."""

    def make(value, day="2023-08-20", scl=BARE, bands=None, **what):
        stored = pixels(value, scl) if bands is None else bands
        return str(write_safe(tmp_path, SafeProduct(f"{day}T10:10:21", **what), stored))

    return make


class Listening(Progress):
    """Keeps the warnings."""

    def __init__(self) -> None:
        self.warnings = []

    def warn(self, message):
        self.warnings.append(message)


@pytest.fixture
def compose(tmp_path, read_all):
    """A function that runs the stage on inputs and returns the result and the values."""

    def run(*inputs, progress=None, **options):
        settings = {"bands": ("B04", "B11"), "mask_dilation": 0.0, "output": str(tmp_path / "composite.tif")} | options
        given = OpticalCompositeOptions(inputs=tuple(map(str, inputs)), **settings)
        result = opticalcomposite.run(given, progress or Progress())
        return result, read_all(result.output)

    return run


def test_two_baselines_give_one_reflectance(product, compose):
    """Of 0.1: 1000 before baseline 04.00, 2000 since, and in a product with another quantification value."""
    before = product(1000, "2021-08-20", baseline="03.01", offset=None)
    since = product(2000, "2023-08-20")
    other = product(4000, "2023-08-25", quantification=20000, offset=-2000)
    for single in (before, since, other):
        assert np.unique(compose(single)[1]) == pytest.approx([0.1])
    result, values = compose(before, since, other)
    assert np.unique(values) == pytest.approx([0.1])
    assert (result.scenes, result.observations, result.covered) == (3, 3, 1.0)
    assert (result.first_date, result.last_date) == ("2021-08-20", "2023-08-25")


def test_level_1c_has_its_own_names(product, compose):
    """Its offset has another tag, its images have no pixel size in their names, and it has no classification."""
    heard = Listening()
    bands = {name: values for name, values in pixels(2500).items() if name != "SCL"}
    _, values = compose(product(0, level="L1C", bands=bands), progress=heard)
    assert np.unique(values) == pytest.approx([0.15])
    assert "no scene classification and no mask" in heard.warnings[0]


@pytest.mark.parametrize(
    ("method", "expected"), [({"method": "median"}, 0.2), ({"method": "percentile", "percentile": 25.0}, 0.15)]
)
def test_median_and_percentile(product, compose, method, expected):
    """Of 0.1, 0.2 and 0.5; at 25 % half way between the first two."""
    inputs = [product(value, f"2023-08-{day}") for value, day in ((2000, 10), (3000, 15), (6000, 20))]
    assert np.unique(compose(*inputs, **method)[1]) == pytest.approx([expected])


def test_stored_as_the_shipped_stacks_are(product, compose):
    """Int16 in steps of 0.0001 with a nodata value; negative reflectance, which the offset is for, is kept."""
    result, values = compose(product(950))
    assert np.unique(values) == pytest.approx([-0.005])
    with Raster(result.output) as raster:
        assert raster.roles == ("B04", "B11")
        assert {(band.dtype, band.nodata, band.scale, band.offset) for band in raster.bands} == {
            ("int16", -32768, 0.0001, 0.0)
        }


def test_no_data_is_not_minus_a_tenth(product, compose):
    """The number 0 stays without a value although the offset would make it -0.1."""
    bands = pixels(2000)
    bands["B04"][:10] = 0
    result, values = compose(product(0, bands=bands))
    assert np.isnan(values[0, :10]).all()
    assert np.unique(values[0, 10:]) == pytest.approx([0.1])
    assert result.covered == pytest.approx(1 - 10 / SIDE)


def test_bands_of_20_m_are_interpolated(product, compose):
    """Between 0.1 and 0.3 at 20 m lie 0.15 and 0.25 at 10 m; nearest takes what is there."""
    bands = pixels(2000)
    bands["B11"][:, 15:] = 4000
    source = product(0, bands=bands)
    _, values = compose(source)
    np.testing.assert_allclose(values[1, 30, 28:32], [0.1, 0.15, 0.25, 0.3], atol=1e-4)
    _, values = compose(source, resampling="nearest")
    np.testing.assert_allclose(values[1, 30, 28:32], [0.1, 0.1, 0.3, 0.3], atol=1e-4)


def test_masked_classes_are_left_out_and_counted(product, compose):
    """A cloud of the first date shows the second; snow is left out only where it is asked for."""
    first, second = pixels(9000), pixels(3000)
    first["SCL"][:5, :5] = CLOUD
    second["SCL"][20:, 20:] = SNOW
    inputs = product(0, "2023-08-10", bands=first), product(0, "2023-08-20", bands=second)
    _, values = compose(*inputs, count=True)
    assert np.unique(values[0, :10, :10]) == pytest.approx([0.2])
    assert np.unique(values[0, 10:, 10:]) == pytest.approx([0.5])
    assert np.unique(values[2, :10, :10]) == [1]
    assert np.unique(values[2, 10:, 10:]) == [2]
    _, values = compose(*inputs, mask_classes=("cloud_high", "snow"))
    assert np.unique(values[0, 40:, 40:]) == pytest.approx([0.8])


def test_the_count_is_0_where_nothing_is_clear(product, compose):
    """There the composite has no value, and the count has one."""
    bands = pixels(2000)
    bands["SCL"][0, 0] = SHADOW
    result, values = compose(product(0, bands=bands), count=True)
    assert np.isnan(values[:2, :2, :2]).all()
    assert np.unique(values[2, :2, :2]) == [0]
    with Raster(result.output) as raster:
        assert raster.roles[-1] == opticalcomposite.COUNT


def test_clouds_are_dilated_but_gaps_are_not(product, compose):
    """20 m are two pixels; a gap of the swath, which is no_data, does not grow."""
    bands = pixels(2000)
    bands["SCL"][10, 10] = CLOUD
    bands["SCL"][:, 25:] = 0
    _, values = compose(product(0, bands=bands), mask_dilation=20.0)
    empty = np.isnan(values[0])
    rows, columns = np.nonzero(empty[:, :50])
    assert (rows.min(), rows.max(), columns.min(), columns.max()) == (18, 23, 18, 23)
    assert empty[:, :50].sum() == 4 + 4 * 2 * 2 + 4 * 1
    assert empty[:, 50:].all()


def test_the_best_observation_is_the_one_with_less_snow_around(product, compose):
    """The first date has snow in the west, so the west is of the second date, all bands of it."""
    snowy, clear = pixels(6000), pixels(2000)
    snowy["SCL"][:, :10] = SNOW
    inputs = product(0, "2023-08-25", bands=snowy), product(0, "2023-09-20", bands=clear)
    _, values = compose(*inputs, method="best_observation", neighbourhood=100.0)
    assert np.unique(values[:, :, :20]) == pytest.approx([0.1])
    assert np.unique(values[:, :, 35:]) == pytest.approx([0.5])


@pytest.mark.parametrize(
    ("options", "expected"),
    [({}, 0.2), ({"day_of_year": 1}, 0.3), ({"day_of_year": 170}, 0.1)],
)
def test_among_equals_the_nearest_day_of_the_year_is_best(product, compose, options, expected):
    """25 August by default in the north; 1 January is nearer to 20 November than to 10 June."""
    inputs = [product(v, d) for v, d in ((2000, "2021-06-10"), (3000, "2023-08-30"), (4000, "2022-11-20"))]
    _, values = compose(*inputs, method="best_observation", **options)
    assert np.unique(values) == pytest.approx([expected])


def test_late_summer_is_in_february_in_the_south(product, compose):
    """The default follows the hemisphere of the place."""
    south = {"epsg": 32719, "tile": "T19JCN", "corner": (399960.0, 6900040.0)}
    inputs = [product(2000, "2023-02-20", **south), product(3000, "2023-08-20", **south)]
    _, values = compose(*inputs, method="best_observation")
    assert np.unique(values) == pytest.approx([0.1])


@pytest.mark.parametrize("method", ["median", "best_observation"])
def test_neighbouring_tiles_of_one_overpass_are_one_observation(product, compose, method):
    """They overlap by half; the overlap counts once, and the later product fills what the first lacks."""
    first = product(2000)
    second = product(3000, tile="T32TPS", corner=(600300.0, 5200020.0))
    result, values = compose(first, second, method=method, count=True)
    assert (result.scenes, result.observations, result.covered) == (2, 1, 1.0)
    assert values.shape == (3, 60, 90)
    assert np.unique(values[2]) == [1]
    assert np.unique(values[0, :, :60]) == pytest.approx([0.1])
    assert np.unique(values[0, :, 60:]) == pytest.approx([0.2])


def test_a_tile_of_the_neighbouring_zone_is_warped(product, compose):
    """A place seen in zones 32 and 33: both fill the grid of the first, at the right place."""
    first = product(2000, corner=(700000.0, 5200020.0))
    second = product(4000, "2023-08-25", tile="T33TUN", epsg=32633, corner=(243220.0, 5202200.0))
    extent = "700000,700600,5199420,5200020"
    result, values = compose(first, second, extent=extent, count=True)
    assert values.shape == (3, 60, 60)
    both = values[2] == 2
    assert 0.5 < both.mean() < 1
    assert np.unique(values[0, both]) == pytest.approx([0.2])
    assert np.unique(values[0, ~both]) == pytest.approx([0.1])
    with Raster(result.output) as raster:
        assert "zone 32N" in raster.grid.crs


def test_extent_resolution_and_system_are_those_asked_for(product, compose):
    """A crop in the scene's own system has the scene's pixels; the extent grows to whole ones."""
    bands = pixels(2000)
    bands["B04"][20, 30] = 5000
    source = product(0, bands=bands)
    result, values = compose(source, extent="600295,600355,5199775,5199825")
    with Raster(result.output) as raster:
        assert raster.grid.geotransform == (600290, 10, 0, 5199830, 0, -10)
    assert values.shape == (2, 6, 7)
    assert values[0, 1, 1] == pytest.approx(0.4)
    _, values = compose(source, resolution=20.0)
    assert values.shape == (2, 30, 30)
    assert values[0, 10, 15] == pytest.approx((0.1 * 3 + 0.4) / 4, abs=1e-4)
    result, values = compose(source, crs="EPSG:32633", extent="10.3165,10.3195,46.942,46.944 [EPSG:4326]")
    with Raster(result.output) as raster:
        assert raster.grid.pixel_size_m == (10, 10)
        assert "33N" in raster.grid.crs
    assert np.isfinite(values).any()


def test_zips_give_what_folders_give(product, compose):
    """Read in place."""
    bands = pixels(2000)
    bands["B04"][:] = np.arange(SIDE) * 10 + 1500
    folder = product(0, bands=bands)
    _, expected = compose(folder)
    _, values = compose(zipped(Path(folder)))
    np.testing.assert_array_equal(values, expected)


def test_blocks_do_not_show(product, compose, monkeypatch):
    """With dilation, neighbourhood, resampling and another zone: one block or many, decoded once or again."""
    generator = np.random.default_rng(5)

    def noisy(corner, **what):
        bands = pixels(0, B04=generator.integers(1100, 5000, (SIDE, SIDE)).astype(np.uint16))
        bands["B11"] = generator.integers(1100, 5000, (30, 30)).astype(np.uint16)
        bands["SCL"] = generator.choice([4, 5, 6, 9, 11], (30, 30), p=[0.4, 0.4, 0.1, 0.05, 0.05]).astype(np.uint8)
        return product(0, bands=bands, corner=corner, **what)

    inputs = [
        noisy((600000.0, 5200020.0)),
        noisy((600200.0, 5200120.0), day="2023-08-25"),
        noisy((144300.0, 5212000.0), day="2023-09-25", tile="T33TUN", epsg=32633),
    ]
    for method in ("median", "best_observation"):
        settings = {"method": method, "mask_dilation": 25.0, "neighbourhood": 55.0, "count": True}
        settings["extent"] = "599900,600900,5199400,5200200"
        _, whole = compose(*inputs, **settings)
        with monkeypatch.context() as patched:
            patched.setattr(opticalcomposite, "_BUDGET", 1)
            _, parts = compose(*inputs, **settings)
            patched.setattr(opticalcomposite, "_CACHE", 0)
            _, decoded_again = compose(*inputs, **settings)
        np.testing.assert_array_equal(parts, whole)
        np.testing.assert_array_equal(decoded_again, whole)


def test_memory_is_bounded_whatever_the_number_of_scenes(product, compose, monkeypatch):
    """What one read returns becomes smaller when there are more scenes; 80 are told apart from 2."""
    largest = []
    original = opticalcomposite.blocks

    def watched(*given):
        windows = original(*given)
        largest.append((given[2], max(window.width * window.height for window in windows)))
        return windows

    monkeypatch.setattr(opticalcomposite, "blocks", watched)
    monkeypatch.setattr(opticalcomposite, "_BUDGET", 2**19)
    few = [product(2000, f"2023-08-{day}") for day in (10, 11)]
    compose(*few, bands=("B04",))
    compose(*few * 40, bands=("B04",))
    (bytes_few, pixels_few), (bytes_many, pixels_many) = largest
    assert bytes_many > bytes_few + 70
    assert pixels_many < pixels_few == SIDE**2
    assert bytes_many * pixels_many <= 2**19


def test_metadata_name_the_scenes_and_the_sun(product, compose):
    """The mean of the azimuths 350 and 20 is 5, not 185."""
    inputs = product(2000, "2023-08-10", sun=(40.0, 350.0)), product(2000, "2023-08-20", sun=(50.0, 20.0))
    result, _ = compose(*inputs)
    metadata = gdal.Open(result.output).GetMetadata()
    assert metadata["ROCK_GLACIER_MAPPER_DATES"] == "2023-08-10 2023-08-20"
    assert float(metadata["ROCK_GLACIER_MAPPER_SUN_ZENITH_DEG"]) == 45
    assert float(metadata["ROCK_GLACIER_MAPPER_SUN_AZIMUTH_DEG"]) == 5
    scenes = json.loads(metadata["ROCK_GLACIER_MAPPER_PROVENANCE"])[0]["scenes"]
    assert [scene["baseline"] for scene in scenes] == ["05.09", "05.09"]
    assert scenes[0]["name"].startswith("S2A_MSIL2A_20230810")


def test_plain_rasters_by_their_roles(write_raster, compose):
    """Reflectance in floats or scaled numbers; bands in any order, by any of their names."""
    values = np.full((2, 8, 8), 0.3, np.float32)
    values[1] = 0.1
    values[:, 0, 0] = np.nan
    first = write_raster("a_2023-08-20.tif", values, ["swir16", "red"])
    second = write_raster("b_20230825.tif", values + 0.1, ["B11", "B04"], dtype="uint16", nodata=0, scale=0.0001)
    result, composed = compose(first, second)
    np.testing.assert_allclose(composed[:, 4, 4], [0.15, 0.35], atol=1e-4)
    assert np.isnan(composed[:, 0, 0]).all()
    assert (result.first_date, result.last_date) == ("2023-08-20", "2023-08-25")


def test_a_mask_raster_of_each_kind(write_raster, make_grid, compose):
    """At its own pixel size; 0 is clear in a binary mask, even where the file calls it nodata."""
    image = write_raster("image.tif", np.full((2, 8, 8), 0.3, np.float32), ["B04", "B11"])
    clouds = np.zeros((1, 4, 4))
    clouds[0, 1, 1] = 1
    binary = write_raster("binary.tif", clouds, ["mask"], make_grid(4, 4, 20), dtype="uint8", nodata=0)
    classes = write_raster("scl.tif", clouds * 4 + 5, ["SCL"], make_grid(4, 4, 20), dtype="uint8", nodata=0)
    for mask, kind in ((binary, "binary"), (classes, "scene_classification")):
        _, composed = compose(image, masks=(mask,), mask_kind=kind)
        empty = np.isnan(composed[0])
        assert empty[2:4, 2:4].all()
        assert empty.sum() == 4


def test_float32_is_not_rounded(write_raster, compose):
    """Int16 would make 0.1235 of it."""
    image = write_raster("image.tif", np.full((2, 8, 8), 0.123456, np.float32), ["B04", "B11"])
    _, composed = compose(image, output_type="float32")
    assert np.unique(composed) == pytest.approx([0.123456], rel=1e-6)


@pytest.mark.parametrize("method", ["median", "best_observation"])
def test_the_real_crops(shared_data, compose, method):
    """Reflectance = number / 10000 where the classification is none of those masked; worked out with numpy alone."""
    folder = shared_data / CROPS
    days = ("20170703", "20190723")
    images = [str(folder / f"S2A2A_{day}_022_Barbellino_BOA_10.tif") for day in days]
    masks = tuple(str(folder / f"S2A2A_{day}_022_Barbellino_SCL_10.tif") for day in days)
    options = {"bands": SEN2R_BANDS, "masks": masks, "scale": 0.0001, "method": method, "count": True}
    _, composed = compose(*images, mask_classes=("cloud_medium", "cloud_high", "dark"), **options)

    stored = np.stack([gdal.Open(path).ReadAsArray()[[1, 3, 9]] for path in images]) / 10000
    classes = np.stack([gdal.Open(path).ReadAsArray().repeat(2, axis=0).repeat(2, axis=1) for path in masks])
    left_out = np.isin(classes, [2, 8, 9])
    assert 0 < left_out[0].sum() < left_out[0].size
    assert set(np.unique(composed[3])) == {0, 1, 2}
    np.testing.assert_array_equal(composed[3], 2 - left_out.sum(axis=0))
    if method == "median":
        visible = np.where(left_out[:, None], np.nan, stored)
        both = ~left_out.any(axis=0)
        one = left_out.sum(axis=0) == 1
        np.testing.assert_allclose(composed[:3, both], stored[:, :, both].mean(axis=0), atol=5.1e-5)
        np.testing.assert_allclose(composed[:3, one], np.nansum(visible, axis=0)[:, one], atol=1e-6)
    else:
        only_first = ~left_out[0] & left_out[1]
        np.testing.assert_allclose(composed[:3, only_first], stored[0][:, only_first], atol=1e-6)
    assert np.isnan(composed[:3, left_out.all(axis=0)]).all()


def test_whole_numbers_without_a_scale_are_refused(write_raster, compose):
    """3000 is no reflectance; the message says what to state."""
    image = write_raster("dn.tif", np.full((2, 8, 8), 3000), ["B04", "B11"], dtype="uint16", nodata=0)
    with pytest.raises(InvalidRasterError, match=r"whole numbers without a scale.*State `scale`"):
        compose(image)
    _, composed = compose(image, scale=0.0001, offset=-0.1)
    assert np.unique(composed) == pytest.approx([0.2])


def test_gaps_that_are_not_declared_are_refused(write_raster, compose):
    """-9999 beside reflectance would be averaged with it, or become nodata that counts as covered."""
    values = np.full((2, 8, 8), 0.25)
    values[:, 2, 2] = -9999.0
    image = write_raster("gaps.tif", values, ["B04", "B11"], nodata=None)
    with pytest.raises(InvalidRasterError, match=r"values down to -9999; .* as nodata"):
        compose(image)


def test_a_0_of_whole_numbers_is_a_gap(write_raster, compose):
    """The edge of a tile, whose nodata many a file does not declare, would draw every low percentile to 0."""
    stored = np.full((2, 8, 8), 3000)
    stored[:, :, :3] = 0
    image = write_raster("dn.tif", stored, ["B04", "B11"], dtype="uint16", nodata=None)
    _, composed = compose(image, scale=0.0001, offset=-0.1)
    assert np.isnan(composed[:, :, :3]).all()
    np.testing.assert_allclose(composed[:, :, 3:], 0.2, atol=1e-6)


def test_an_offset_beyond_whole_numbers_does_not_wrap(write_raster, compose):
    """An offset meant for stored numbers, stated for reflectance, is no reflectance any more."""
    image = write_raster("dn.tif", np.full((2, 8, 8), 3000), ["B04", "B11"], dtype="uint16", nodata=0)
    with pytest.raises(InvalidRasterError, match=r"values down to -4\.7"):
        compose(image, scale=0.0001, offset=-5.0)


def test_floats_of_thousands_are_refused(write_raster, compose):
    """They would all be cut at 3.2766."""
    image = write_raster("dn.tif", np.full((2, 8, 8), 3000.0), ["B04", "B11"])
    with pytest.raises(InvalidRasterError, match="values up to 3000; reflectance of 0 to 1"):
        compose(image)


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"bands": ("B04", "red")}, InvalidOptionError, "B04 is asked for twice"),
        ({"bands": ("B04=x",)}, InvalidOptionError, "must be a role such as B04"),
        ({"bands": ()}, InvalidOptionError, "`bands` is empty"),
        ({"bands": ("B12",)}, InvalidRasterError, "has no band B12; its bands are B04, B11"),
        ({"extent": "1,2,3"}, InvalidOptionError, "not xmin,xmax,ymin,ymax"),
        ({"extent": "5,1,0,1"}, InvalidOptionError, "not xmin,xmax,ymin,ymax"),
        ({"extent": "0,100,0,100"}, InvalidGridError, "None of the 1 inputs overlaps the extent"),
        ({"extent": "0,1,0,1 [EPSG:99999999]"}, InvalidCRSError, "no reference system"),
        ({"crs": "/etc/hostname"}, InvalidCRSError, "no reference system"),
        ({"crs": "EPSG:4326"}, InvalidCRSError, "in degrees"),
        ({"masks": ("a.tif", "b.tif")}, InvalidOptionError, "2 masks were given for 1 inputs"),
        ({"output": "composite.jp2"}, OutputError, "must have a name that ends in .tif"),
    ],
)
def test_options_that_cannot_be_followed(product, compose, options, error, message):
    """Each says what is wrong and what is expected."""
    with pytest.raises(error, match=message):
        compose(product(2000), **options)


def test_rasters_without_reference_system_or_date(write_raster, make_grid, compose):
    """Neither is guessed; the date is needed by one method only."""
    values = np.full((2, 8, 8), 0.2, np.float32)
    nowhere = write_raster("nowhere.tif", values, ["B04", "B11"], make_grid(8, 8, crs=""))
    with pytest.raises(InvalidCRSError, match="no coordinate reference system"):
        compose(nowhere)
    undated = write_raster("scene_20231399.tif", values, ["B04", "B11"])
    assert compose(undated)[0].first_date == ""
    with pytest.raises(InvalidRasterError, match=r"date of scene_20231399.tif is not known.*yyyymmdd"):
        compose(undated, method="best_observation")


def test_inputs_far_apart_need_an_extent(product, compose):
    """A typing error would ask for a raster of half a continent."""
    here, there = product(2000), product(2000, "2023-08-25", tile="T32TNT", corner=(690000.0, 5300040.0))
    with pytest.raises(InvalidGridError, match="lie far apart"):
        compose(here, there)
    heard = Listening()
    result, _ = compose(here, there, extent="600000,600600,5199420,5200020", progress=heard)
    assert result.scenes == 1
    assert "1 inputs lie outside" in heard.warnings[0]


def test_a_mask_of_another_place_or_kind(write_raster, make_grid, product, compose):
    """The order of masks is easily wrong, and a mask of 255 is no classification."""
    elsewhere = write_raster("mask.tif", np.full((1, 8, 8), 5.0), ["SCL"], make_grid(8, 8))
    with pytest.raises(InvalidGridError, match=r"mask.tif does not overlap .*order of the inputs"):
        compose(product(2000), masks=(elsewhere,))
    image = write_raster("image.tif", np.full((2, 8, 8), 0.2, np.float32), ["B04", "B11"])
    mask = write_raster("mask255.tif", np.full((1, 8, 8), 255.0), ["mask"], dtype="uint8", nodata=None)
    with pytest.raises(InvalidRasterError, match=r"values up to 255; .*choose mask_kind binary"):
        compose(image, masks=(mask,))


def test_an_image_cut_short_leaves_no_output(product, compose, tmp_path):
    """What GDAL reports in a thread is an error here, and the output is whole or absent."""
    source = product(0, bands=pixels(0, B04=np.random.default_rng(0).integers(1, 9999, (60, 60)).astype(np.uint16)))
    image = next(Path(source).rglob("*_B04_10m.jp2"))
    image.write_bytes(image.read_bytes()[:300])
    with pytest.raises(InvalidRasterError, match=r"B04_10m.jp2 cannot be read; it may be damaged or cut short"):
        compose(source)
    assert not list(tmp_path.glob("*composite*"))


def test_cancelling_leaves_no_output(product, compose, tmp_path):
    """Also while results of threads are waited for."""

    class Impatient(Progress):
        """Stops when the first block is under way."""

        def cancelled(self):
            return True

    with pytest.raises(Cancelled):
        compose(product(2000), progress=Impatient())
    assert not list(tmp_path.glob("*composite*"))


def test_the_output_must_not_be_an_input(write_raster, compose, tmp_path):
    """It would be read while it is replaced."""
    image = write_raster("composite.tif", np.full((2, 8, 8), 0.2, np.float32), ["B04", "B11"])
    with pytest.raises(OutputError, match="is also an input"):
        compose(image)
