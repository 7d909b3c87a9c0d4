"""Feature stacks: grid, storage, coverage, report and refusals."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from rock_glacier_mapper.core.contracts.featurestack import FeatureStackOptions
from rock_glacier_mapper.core.errors import (
    Cancelled,
    InvalidCRSError,
    InvalidOptionError,
    InvalidRasterError,
    MapperError,
    OutputError,
)
from rock_glacier_mapper.core.progress import Progress
from rock_glacier_mapper.core.rasters.geodata import gdal
from rock_glacier_mapper.core.rasters.grid import Grid
from rock_glacier_mapper.core.rasters.raster import Raster
from rock_glacier_mapper.core.stacking import featurestack

NAN = np.nan


class Listener(Progress):
    """Remembers warnings."""

    def __init__(self):
        self.warnings = []

    def warn(self, message):
        self.warnings.append(message)


@pytest.fixture
def build(tmp_path):
    """A function that runs the stage and returns its result, the values by role, and the report."""

    def run(*layers, progress=None, **options):
        settings = {"output": str(tmp_path / "stack.tif"), "json": str(tmp_path / "stack.json"), **options}
        result = featurestack.run(FeatureStackOptions(layers=layers, **settings), progress or Progress())
        with Raster(result.output) as raster:
            values = dict(zip(raster.roles, raster.read(), strict=True))
        with open(settings["json"], encoding="utf8") as file:
            return result, values, json.load(file)

    return run


@pytest.fixture
def optical(write_raster):
    """Reflectance, 4 x 4 pixels of 10 m."""
    return write_raster("optical.tif", np.arange(16).reshape(1, 4, 4) / 100, ["B04"])


@pytest.fixture
def fine(write_raster, make_grid):
    """Coherence, 8 x 8 pixels of 5 m, on the same ground."""
    return write_raster("fine.tif", np.arange(64).reshape(1, 8, 8) / 64, ["coherence"], make_grid(8, 8, 5.0))


def test_layers_on_the_grid_of_the_reference(build, optical, fine):
    """Copied where pixels coincide, the mean of four where they become twice as large."""
    result, values, report = build(optical, fine, reference=optical)
    np.testing.assert_allclose(values["B04"], np.arange(16).reshape(4, 4) / 100, atol=1e-7)
    expected = (np.arange(64) / 64).reshape(4, 2, 4, 2).mean(axis=(1, 3))
    np.testing.assert_allclose(values["coherence"], expected, atol=5.1e-5)
    assert (result.bands, result.valid_share) == (2, 1.0)
    assert [band["resampling"] for band in report["bands"]] == ["copied", "average"]
    assert [layer["pixel_size_m"] for layer in report["layers"]] == [[10, 10], [5, 5]]
    assert [band["exact"] for band in report["bands"]] == [True, False]
    with Raster(result.output) as raster, Raster(optical) as reference:
        assert raster.grid == reference.grid


def test_a_grid_of_numbers(build, optical):
    """Edges lie on multiples of the pixel size, around all of the extent."""
    extent = "500001,500039,6999961,6999999"
    result, values, _ = build(optical, extent=extent, crs="EPSG:32719", resolution=20)
    with Raster(result.output) as raster:
        assert raster.grid.geotransform == (500000, 20, 0, 7000000, 0, -20)
    np.testing.assert_allclose(values["B04"], [[0.025, 0.045], [0.105, 0.125]], atol=1e-7)


def test_a_part_of_the_reference(build, optical):
    """Pixels stay where they are."""
    result, values, _ = build(optical, reference=optical, extent="500010,500030,6999980,6999990")
    np.testing.assert_allclose(values["B04"], [[0.05, 0.06]], atol=1e-7)
    with Raster(result.output) as raster:
        assert raster.grid.geotransform == (500010, 10, 0, 6999990, 0, -10)


def test_what_is_stored(build, optical):
    """One type for all bands, but a scale for each; nodata, statistics and overviews are in the file."""
    result, _, _ = build(optical, reference=optical)
    dataset = gdal.Open(result.output)
    band = dataset.GetRasterBand(1)
    assert (gdal.GetDataTypeName(band.DataType), band.GetNoDataValue(), band.GetScale()) == ("Int16", -32768, 1e-4)
    assert band.GetMetadataItem("STATISTICS_MAXIMUM") == "1500"
    assert float(band.GetMetadataItem("STATISTICS_MEAN")) == pytest.approx(750)
    assert float(band.GetMetadataItem("STATISTICS_STDDEV")) == pytest.approx(100 * np.arange(16).std())
    assert band.GetMetadataItem("STATISTICS_VALID_PERCENT") == "100"


def test_overviews(build, write_raster):
    """Until one block holds all, each pixel the mean of four that are valid."""
    values = np.indices((1, 300, 600))[2] / 600
    values[0, 0, 0] = NAN
    path = write_raster("large.tif", values, ["coherence"])
    result, _, _ = build(path, reference=path, output_type="float32")
    dataset = gdal.Open(result.output)
    band = dataset.GetRasterBand(1)
    assert [band.GetOverview(n).XSize for n in range(band.GetOverviewCount())] == [300, 150]
    assert band.GetOverview(0).ReadAsArray(0, 0, 1, 1)[0, 0] == pytest.approx(2 / 3 / 600)


def test_float32_is_exact(build, optical, fine):
    """On request, in twice the memory."""
    result, values, report = build(optical, fine, reference=fine, output_type="float32", resampling="nearest")
    np.testing.assert_array_equal(values["coherence"], np.arange(64, dtype=np.float32).reshape(8, 8) / 64)
    assert all(band["exact"] and band["type"] == "float32" and band["step"] is None for band in report["bands"])
    dataset = gdal.Open(result.output)
    assert dataset.GetRasterBand(2).GetNoDataValue() == -9999


@pytest.mark.parametrize("common", [False, True])
def test_common_validity(build, write_raster, optical, common):
    """A gap of one band is one of all, if that is wanted; the report says what each layer covers all the same."""
    gaps = np.full((1, 4, 4), 0.5)
    gaps[0, :2] = NAN
    gappy = write_raster("gappy.tif", gaps, ["coherence"])
    result, values, report = build(optical, gappy, reference=optical, common_valid=common)
    assert np.isfinite(values["B04"]).sum() == (8 if common else 16)
    assert result.valid_share == 0.5
    assert [band["covered_share"] for band in report["bands"]] == [1.0, 0.5]
    assert [band["valid_share"] for band in report["bands"]] == [0.5 if common else 1.0, 0.5]
    assert report["bands"][1]["extent"] == [500000, 500040, 6999960, 6999980]


def test_values_do_not_depend_on_tiles(build, write_raster, make_grid, monkeypatch):
    """Statistics and report agree too, but for rounding."""
    fine = write_raster("f.tif", np.random.default_rng(2).random((1, 90, 90)), ["coherence"], make_grid(90, 90, 4.0))
    grid = write_raster("g.tif", np.random.default_rng(3).random((1, 36, 36)), ["B04"])
    _, whole, report = build(fine, grid, reference=grid)
    monkeypatch.setattr(featurestack, "_TILE_SIZE", 16)
    _, tiled, again = build(fine, grid, reference=grid)
    for role in whole:
        np.testing.assert_array_equal(tiled[role], whole[role])
    assert again["bands"][0]["mean"] == pytest.approx(report["bands"][0]["mean"], rel=1e-12)
    assert again["bands"][0]["standard_deviation"] == pytest.approx(report["bands"][0]["standard_deviation"], rel=1e-9)


def test_layers_of_another_reference_system(build, optical, write_raster, degrees):
    """A raster in degrees on metres: a constant stays one, and the report says its pixels' size on the ground."""
    grid = Grid(20, 20, (-69.0005, 1e-4, 0.0, -27.1215, 0.0, -1e-4), degrees)
    path = write_raster("degrees.tif", np.full((1, 20, 20), 0.7), ["coherence"], grid)
    _, values, report = build(optical, path, reference=optical)
    np.testing.assert_allclose(values["coherence"], 0.7, atol=1e-6)
    assert report["layers"][1]["pixel_size_m"] == [pytest.approx(9.9, abs=0.1), pytest.approx(11.1, abs=0.1)]
    assert "WGS 84 (EPSG:4326)" in report["layers"][1]["crs"]


def test_values_that_the_roles_step_does_not_hold(build, write_raster, optical):
    """Raw numbers where reflectance is expected are kept, and told."""
    raw = write_raster("raw.tif", np.arange(16.0).reshape(1, 4, 4) * 1000, ["B08"])
    listener = Listener()
    _, values, _ = build(optical, raw, reference=optical, progress=listener)
    assert values["B08"][3, 3] == 15000
    assert any("Band B08 has values from 0 to 15000, which need steps of 1" in text for text in listener.warnings)


def test_a_layer_beside_most_of_the_grid(build, write_raster, optical, utm):
    """It covers what it covers; a layer that covers nothing but its own gaps is a warning."""
    corner = Grid(2, 2, (500030.0, 10.0, 0.0, 6999970.0, 0.0, -10.0), utm)
    listener = Listener()
    path = write_raster("corner.tif", np.full((1, 2, 2), 0.5), ["coherence"], corner)
    empty = write_raster("empty.tif", np.full((1, 4, 4), NAN), ["slope"])
    result, _, report = build(optical, path, empty, reference=optical, progress=listener)
    assert [band["covered_share"] for band in report["bands"]] == [1.0, 1 / 16, 0.0]
    assert result.valid_share == 0
    assert any("Band slope has no value anywhere" in text for text in listener.warnings)


def test_a_shift_is_a_warning(build, write_raster):
    """Above half a pixel, with direction and metres."""
    from scipy import ndimage

    noise = np.random.default_rng(5).normal(size=(256, 256))
    elevation = sum(sigma**2 * 12 * ndimage.gaussian_filter(noise, sigma, mode="wrap") for sigma in (2, 4, 8))
    down, across = np.gradient(elevation, 10.0)
    # The sun that is taken in the south where none is known: azimuth 55, altitude 50.
    bright = (0.643 * (-across * 0.819 + down * 0.574) + 0.766) / np.sqrt(1 + down**2 + across**2)
    bands = np.stack([np.maximum(bright, 0), np.roll(elevation, 3, 0) + 3000])
    path = write_raster("both.tif", bands, ["B04", "elevation"])
    listener = Listener()
    _, _, report = build(path, reference=path, progress=listener)
    assert report["shift"]["pixels"] == pytest.approx(3, abs=0.1)
    assert any("The terrain lies 30" in text and "too far south of" in text for text in listener.warnings)
    _, _, unchecked = build(path, reference=path, check_shift=False)
    assert unchecked["shift"] is None


def test_provenance(build, optical, fine):
    """Which layers, and how each band was brought to the grid."""
    result, _, report = build(optical, fine, reference=optical)
    with Raster(result.output) as raster:
        step = raster.provenance[-1]
    assert step["stage"] == "featurestack"
    assert step["options"]["layers"] == ["optical.tif", "fine.tif"]
    assert step["resampling"] == {"B04": "copied", "coherence": "average"}
    assert report["provenance"][-1] == step


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({}, r"give `reference`.*missing: `extent`, `crs`, `resolution`"),
        ({"extent": "0,1,0,1", "crs": "EPSG:32719"}, r"missing: `resolution`"),
        ({"reference": "R", "resolution": 10}, "`resolution` is given beside a reference"),
        ({"extent": "0,1,1", "crs": "EPSG:32719", "resolution": 1}, "not xmin,xmax,ymin,ymax"),
    ],
)
def test_grids_that_are_not_clear(build, optical, options, expected):
    """Half a grid is none, and two are too many."""
    given = {key: optical if value == "R" else value for key, value in options.items()}
    with pytest.raises(InvalidOptionError, match=expected):
        build(optical, **given)


def test_systems_that_no_stack_can_have(build, optical, write_raster, make_grid, degrees):
    """Degrees are not metres; a text that is no system is named."""
    with pytest.raises(InvalidCRSError, match="in degrees"):
        build(optical, extent="-69,-68.9,-27.2,-27.1", crs="EPSG:4326", resolution=0.001)
    with pytest.raises(InvalidCRSError, match="is 'UTM', which is no reference system"):
        build(optical, extent="0,1,0,1", crs="UTM", resolution=1)


@pytest.mark.parametrize("shift", [0, 3])
def test_gaps_of_elevations_that_are_not_declared_are_refused(build, optical, write_raster, make_grid, shift):
    """Copied or interpolated, -9999 would be ground far below the sea."""
    elevation = np.full((1, 8, 8), 3000.0)
    elevation[:, 2:7, 2:7] = -9999
    grid = make_grid(8, 8, 10)
    x = grid.geotransform[0] + shift
    dem = write_raster(
        "dem.tif", elevation, ["elevation"], replace(grid, geotransform=(x, *grid.geotransform[1:])), nodata=None
    )
    with pytest.raises(InvalidRasterError, match=r"elevations from -.*gdal_edit"):
        build(dem, reference=optical, output_type="float32")


def test_failures_leave_no_file(build, optical, fine, tmp_path):
    """Neither raster nor report, also when cancelled on the way."""

    class Stopping(Progress):
        def __init__(self):
            self.share = 0.0

        def report(self, fraction, message=""):
            self.share = fraction

        def cancelled(self):
            return self.share > 0.3

    before = set(tmp_path.iterdir())
    with pytest.raises(Cancelled):
        build(optical, reference=optical, progress=Stopping())
    with pytest.raises(OutputError, match="also an input"):
        build(optical, reference=optical, output=optical)
    slc = str(tmp_path / "slc.tif")
    gdal.Translate(slc, optical, outputType=gdal.GDT_CFloat32)
    before.add(Path(slc))
    for reference in (optical, fine):
        with pytest.raises(MapperError, match="complex"):
            build(slc, reference=reference)
    with pytest.raises(MapperError, match="cannot be read as a raster"):
        build(optical, str(tmp_path / "none.tif"), reference=optical)
    assert set(tmp_path.iterdir()) == before
