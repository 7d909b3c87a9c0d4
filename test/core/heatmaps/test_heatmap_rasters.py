"""The heatmap of every kind of raster that GDAL reads, and what is skipped of it."""

from __future__ import annotations

import threading
import zipfile
from dataclasses import replace

import numpy as np
import pytest
import shapely
from rock_glacier_mapper.core.contracts.heatmap import HeatmapOptions
from rock_glacier_mapper.core.errors import Cancelled, InvalidOptionError, InvalidRasterError, OutputError
from rock_glacier_mapper.core.heatmaps import heatmap
from rock_glacier_mapper.core.networks import member
from rock_glacier_mapper.core.networks.card import ModelCard, ModelClass, Normalisation
from rock_glacier_mapper.core.networks.cardmetadata import card_metadata
from rock_glacier_mapper.core.progress import Progress
from rock_glacier_mapper.core.rasters.geodata import gdal
from rock_glacier_mapper.core.rasters.raster import Grid, Raster, RasterWriter

CARD = ModelCard(
    name="toy",
    roles=("a",),
    normalisation=(Normalisation(),),
    classes=(ModelClass("rock_glacier", target=True),),
    halo=0,
    stride=1,
)


@pytest.fixture
def mean_model(onnx_models, tmp_path):
    """Return a function that writes the mean of the named bands, each divided by a number."""

    def write(roles: tuple[str, ...] = ("a",), divisor: float = 1.0, **changes: object) -> str:
        card = replace(CARD, roles=roles, normalisation=(Normalisation(std=divisor),) * len(roles), **changes)
        return onnx_models.mean_of_bands(tmp_path / "m.onnx", len(roles), card_metadata(card))

    return write


def noise(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).uniform(0.1, 0.9, shape).astype(np.float32)


@pytest.mark.parametrize("bands", [1, 2, 7, 30])
def test_any_number_of_bands(mean_model, apply, write_raster, bands):
    """Thirty as well as one."""
    roles = tuple(f"r{number}" for number in range(bands))
    values = noise(bands, 41, 37)
    output = apply(write_raster("s.tif", values, roles), mean_model(roles))[1]
    assert output[0] == pytest.approx(values.mean(axis=0), abs=1e-6)


@pytest.mark.parametrize(
    ("dtype", "nodata", "scale"),
    [("uint8", 0, 1), ("uint16", 65535, 1), ("int16", -32768, 0.5), ("int16", -9999, 1), ("float32", -9999, 1)],
)
def test_any_type_of_numbers(mean_model, apply, write_raster, dtype, nodata, scale):
    """Whole numbers 1 to 200 in all types; two holes of nodata, one at a corner."""
    values = np.rint(1 + 198 * noise(1, 40, 43))
    values[0, 0, 0] = values[0, 20, 33] = np.nan
    stack = write_raster("s.tif", values, ["a"], dtype=dtype, nodata=float(nodata), scale=float(scale))
    output = apply(stack, mean_model(divisor=200.0))[1]
    assert np.argwhere(np.isnan(output)).tolist() == [[0, 0, 0], [0, 20, 33]]
    assert output == pytest.approx(values / 200, abs=1e-6, nan_ok=True)


def test_a_nodata_value_that_the_type_cannot_hold_marks_nothing(mean_model, apply, write_raster):
    """-9999 declared for bytes, as some programs do: 241, its remainder, is a value."""
    values = np.full((1, 5, 5), 241.0)
    stack = write_raster("s.tif", values, ["a"], dtype="uint8", nodata=None)
    translated = stack.replace("s.tif", "t.vrt")
    gdal.Translate(translated, stack, format="VRT", noData=-9999)
    assert apply(translated, mean_model(divisor=482.0))[1] == pytest.approx(np.full((1, 5, 5), 0.5))


def test_common_tile_sizes_agree(onnx_models, apply, write_raster, tmp_path, utm):
    """128 to 1024 pixels and one tile over all, on a rotated grid with holes, one of them at the very corner."""
    card = replace(CARD, roles=("a", "b"), normalisation=CARD.normalisation * 2, halo=23, stride=4)
    model = onnx_models.small_unet(
        tmp_path / "unet.onnx", 2, card_metadata(replace(card, activation="sigmoid")), width=4
    )
    values = noise(2, 301, 523)
    values[0, 100:160, 200:330] = values[1, :9, :7] = values[0, -1, -1] = np.nan
    grid = Grid(523, 301, (5e5, 8.0, 6.0, 7e6, 6.0, -8.0), utm)
    stack = write_raster("s.tif", values, ["a", "b"], grid=grid)
    floats, bytes_, tiles = [], [], []
    for size in (128, 256, 512, 1024):
        result, output = apply(stack, model, tile_size=size)
        tiles.append(result.tiles)
        floats.append(output)
        bytes_.append(apply(stack, model, tile_size=size, output_type="byte")[1])
    assert tiles == [28, 6, 2, 1]
    for other in floats[1:]:
        np.testing.assert_allclose(other, floats[0], rtol=0, atol=1e-5)
    for other in bytes_[1:]:
        np.testing.assert_array_equal(other, bytes_[0])
    assert np.array_equal(np.isnan(floats[0][0]), np.isnan(values).any(axis=0))


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_numbers_that_are_not_finite_are_nodata(mean_model, apply, write_raster, bad):
    """In a band without any declared nodata."""
    values = noise(1, 9, 9)
    values[0, 4, 5] = bad
    output = apply(write_raster("s.tif", values, ["a"], nodata=None), mean_model())[1]
    assert np.argwhere(np.isnan(output)).tolist() == [[0, 4, 5]]


def test_the_container_does_not_matter(mean_model, apply, write_raster, tmp_path):
    """A BigTIFF, a VRT, a VRT of a VRT, and a file inside a zip give what the plain file gives."""
    stack = write_raster("s.tif", noise(1, 70, 45), ["a"])
    expected = apply(stack, mean_model())[1]
    big, vrt, nested, archive = (str(tmp_path / name) for name in ("big.tif", "one.vrt", "two.vrt", "s.zip"))
    gdal.Translate(big, stack, creationOptions=["BIGTIFF=YES", "TILED=NO", "COMPRESS=LZW"])
    gdal.Translate(vrt, stack, format="VRT")
    gdal.Translate(nested, vrt, format="VRT")
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as target:
        target.write(stack, "folder/s.tif")
    for path in (big, vrt, nested, f"/vsizip/{archive}/folder/s.tif"):
        assert np.array_equal(apply(path, mean_model())[1], expected)


def test_blocks_that_are_not_stored_are_skipped_unread(mean_model, apply, write_raster, make_grid, monkeypatch):
    """A sparse file of 2 x 2 blocks of which one is stored; reading a tile of another one would fail the test."""
    grid = make_grid(512, 512)
    stack = write_raster("s.tif", np.full((1, 1, 1), 0.5), ["a"])
    dataset = gdal.GetDriverByName("GTiff").Create(
        stack, 512, 512, 1, gdal.GDT_Float32, ["TILED=YES", "SPARSE_OK=TRUE"]
    )
    dataset.SetGeoTransform(grid.geotransform)
    dataset.SetProjection(grid.crs)
    dataset.GetRasterBand(1).SetDescription("a")
    dataset.GetRasterBand(1).SetNoDataValue(-1)
    dataset.GetRasterBand(1).WriteArray(np.full((256, 256), 0.5, np.float32), 256, 0)
    dataset = None
    read = Raster.read_band

    def watched(self, window, index):
        assert window.width < 256 or (window.x, window.y) == (256, 0)
        return read(self, window, index)

    monkeypatch.setattr(Raster, "read_band", watched)
    result, output = apply(stack, mean_model(), tile_size=256)
    assert (result.tiles, result.skipped_tiles) == (1, 3)
    assert (output[0, :256, 256:] == 0.5).all()
    assert np.isfinite(output).sum() == 256 * 256


def test_only_elevations_and_slopes_asked_for_are_mapped(mean_model, apply, write_raster):
    """Columns rise by 10 m, rows steepen by a degree; NaN elevation is at no elevation."""
    values = noise(3, 40, 50)
    values[1], values[2] = 10.0 * np.arange(50), np.arange(40)[:, None]
    values[1, 5, 25] = np.nan
    stack = write_raster("s.tif", values, ["a", "elevation", "slope"])
    limits = {"min_elevation": 200, "max_elevation": 290, "min_slope": 3, "max_slope": 7}
    result, output = apply(stack, mean_model(), **limits)
    expected = np.zeros((40, 50), bool)
    expected[3:8, 20:30] = True
    expected[5, 25] = False
    assert np.array_equal(np.isfinite(output[0]), expected)
    assert (result.tiles, result.skipped_tiles) == (1, 3)
    assert np.isfinite(apply(stack, mean_model())[1]).all()


def test_a_range_needs_its_band_and_must_not_be_empty(mean_model, apply, write_raster):
    """Ignoring a limit that cannot be read would map what the user left out."""
    stack = write_raster("s.tif", noise(1, 4, 4), ["a"])
    with pytest.raises(InvalidRasterError, match="no band described as slope"):
        apply(stack, mean_model(), max_slope=40)
    with pytest.raises(InvalidOptionError, match="smallest elevation, 500, is larger than the largest, 400"):
        apply(stack, mean_model(), min_elevation=500, max_elevation=400)


def test_a_batch_of_fixed_size_is_filled(onnx_models, apply, write_raster, tmp_path):
    """Nine tiles in batches of four: the last one holds a single tile."""
    builder = onnx_models.NetworkBuilder()
    output = builder.convolution("input", np.full((1, 1, 3, 3), 1 / 9))
    card = card_metadata(replace(CARD, halo=1))
    fixed = builder.save(tmp_path / "f.onnx", output, shape=(4, 1, 32, 32), output_shape=(4, 1, 32, 32), metadata=card)
    single = onnx_models.box_blur(tmp_path / "s.onnx", card)
    stack = write_raster("s.tif", noise(1, 80, 80), ["a"])
    result, values = apply(stack, fixed)
    assert result.tiles == 9
    assert values == pytest.approx(apply(stack, single)[1], abs=1e-6)


@pytest.fixture
def centred(onnx_models, tmp_path):
    """A network that gives half of what a pixel exceeds its tile's mean by, plus one half."""
    builder = onnx_models.NetworkBuilder()
    above = builder.node("Sub", "input", builder.node("GlobalAveragePool", "input"))
    output = builder.convolution(above, np.full((1, 1, 1, 1), 0.5), [0.5])
    return builder.save(tmp_path / "global.onnx", output, metadata=card_metadata(replace(CARD, halo=None, stride=4)))


def test_a_network_that_sees_everything_is_blended_without_seams(centred, apply, write_raster):
    """Tiles see a ramp, so each one's mean is another; where they meet, nothing must jump.

    The ramp rises by 0.9 / 199 a column, and at most by as much again where one tile fades into the next.
    """
    ramp = np.linspace(0, 0.9, 200, dtype=np.float32)
    stack = write_raster("s.tif", np.tile(ramp, (1, 90, 1)), ["a"])
    result, output = apply(stack, centred, tile_size=64)
    assert result.tiles == 21
    assert np.isfinite(output).all()
    assert np.abs(np.diff(output[0], axis=1)).max() < 3 * 0.9 / 199
    assert np.abs(np.diff(output[0], axis=0)).max() < 1e-6
    with Raster(result.output) as raster:
        assert raster.provenance[-1]["blended"] is True


def test_blending_does_not_depend_on_the_area(centred, apply, write_raster, write_polygons):
    """Tiles that only touch the area count as well, as they do without one."""
    stack = write_raster("s.tif", noise(1, 150, 130), ["a"])
    whole = apply(stack, centred, tile_size=64)[1]
    area = write_polygons("area.gpkg", [shapely.box(500300, 6999000, 500500, 6999400)])
    result, part = apply(stack, centred, tile_size=64, area=area)
    inside = np.isfinite(part)
    assert inside.sum() == 20 * 40
    assert part[inside] == pytest.approx(whole[inside], abs=1e-6)
    assert result.skipped_tiles > 0


def test_the_measured_halo_is_remembered(onnx_models, apply, write_raster, tmp_path, monkeypatch):
    """Measuring takes seven runs of a large tile; a model that was measured is not measured again."""
    model = onnx_models.box_blur(tmp_path / "m.onnx", card_metadata(replace(CARD, halo=None)))
    stack = write_raster("s.tif", noise(1, 50, 50), ["a"])
    first = apply(stack, model)[1]
    monkeypatch.setattr(member, "measured_halo", lambda *_: pytest.fail("measured again"))
    assert np.array_equal(apply(stack, model)[1], first)


def test_speed_and_provider_are_in_the_file_and_in_the_log(mean_model, apply, write_raster):
    """The speed is no part of the provenance, which is the same for the same heatmap."""
    messages = []

    class Log(Progress):
        def report(self, fraction: float, message: str = "") -> None:
            messages.append(message)

    result, _ = apply(write_raster("s.tif", noise(1, 40, 40), ["a"]), mean_model(), Log())
    assert result.tiles_per_second > 0
    assert f"Ran 4 tiles on {result.provider}, {result.tiles_per_second:.3g} tiles per second" in messages
    assert float(gdal.Open(result.output).GetMetadataItem(heatmap.SPEED_KEY)) > 0
    with Raster(result.output) as raster:
        assert "speed" not in str(raster.provenance)


class Canceller(Progress):
    """Cancels after the first tile."""

    def __init__(self) -> None:
        self._stop = False

    def report(self, fraction: float, message: str = "") -> None:
        self._stop = fraction > 0

    def cancelled(self) -> bool:
        return self._stop


def failing_read(*_: object) -> np.ndarray:
    raise InvalidRasterError("the stack is damaged")


def failing_write(*_: object) -> None:
    raise OutputError("the disk is full")


@pytest.mark.parametrize(
    ("target", "name", "replacement", "error"),
    [
        (None, "", None, Cancelled),
        ("read", "read", failing_read, InvalidRasterError),
        ("write", "write", failing_write, OutputError),
    ],
)
def test_no_thread_and_no_file_is_left(
    mean_model, write_raster, tmp_path, monkeypatch, target, name, replacement, error
):
    """Whoever fails, the reader, the writer or the user: her error comes through as it is, and all threads end."""
    stack, model = write_raster("s.tif", noise(1, 200, 200), ["a"]), mean_model()
    if target == "read":
        monkeypatch.setattr("rock_glacier_mapper.core.networks.modelinput.ModelInput.read", replacement)
    if target == "write":
        monkeypatch.setattr(RasterWriter, name, replacement)
    files, threads = sorted(tmp_path.iterdir()), set(threading.enumerate())
    options = HeatmapOptions(stack=stack, model=model, output=str(tmp_path / "h.tif"), tile_size=32)
    with pytest.raises(error):
        heatmap.run(options, Canceller() if target is None else Progress())
    assert set(threading.enumerate()) <= threads
    assert sorted(tmp_path.iterdir()) == files
