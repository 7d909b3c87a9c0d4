"""The heatmap stage: exact whatever the tile size, honest about what is invalid, strict about what does not fit."""

from __future__ import annotations

import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import shapely
from rock_glacier_mapper.core.contracts.heatmap import HeatmapOptions
from rock_glacier_mapper.core.errors import (
    Cancelled,
    InvalidCRSError,
    InvalidModelError,
    InvalidOptionError,
    InvalidRasterError,
    MapperError,
    ModelMismatchError,
    OutputError,
)
from rock_glacier_mapper.core.heatmaps import heatmap
from rock_glacier_mapper.core.networks.card import ModelCard, ModelClass, Normalisation
from rock_glacier_mapper.core.networks.cardmetadata import card_metadata
from rock_glacier_mapper.core.progress import Progress
from rock_glacier_mapper.core.rasters.raster import Grid, Raster
from scipy import ndimage

MEAN = 0.5
CARD = ModelCard(
    name="toy",
    roles=("a",),
    normalisation=(Normalisation(MEAN, 1.0, 0.0, 1.0),),
    classes=(ModelClass("rock_glacier", target=True),),
    ground_sample_distance=10.0,
    halo=1,
    stride=1,
)


class Listener(Progress):
    """Collects warnings."""

    def __init__(self) -> None:
        self.warnings: list[str] = []

    def warn(self, message: str) -> None:
        self.warnings.append(message)


class Canceller(Progress):
    """Cancels at the first report of a tile."""

    def __init__(self) -> None:
        self._stop = False

    def report(self, fraction: float, message: str = "") -> None:
        self._stop = fraction > 0

    def cancelled(self) -> bool:
        return self._stop


@pytest.fixture
def blur(onnx_models, tmp_path):
    """Return a function that writes a 3 x 3 mean filter whose normalised input is shifted back by the mean."""

    def write(**changes: object) -> str:
        card = replace(CARD, **changes)
        return onnx_models.box_blur(tmp_path / "blur.onnx", card_metadata(card))

    return write


def noise(*shape: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).uniform(0.55, 0.95, shape).astype(np.float32)


def blurred(values: np.ndarray) -> np.ndarray:
    """Return what the blur gives by definition: the mean filter of the mirrored raster, less the mean."""
    return ndimage.uniform_filter(values.astype(float) - MEAN, 3, mode="mirror")


@pytest.mark.parametrize(("height", "width"), [(75, 101), (30, 30), (31, 3), (1, 1), (1, 40)])
def test_a_filter_equals_its_definition_up_to_the_edges(blur, apply, write_raster, height, width):
    """Seams, edges and rasters smaller than a tile: all against a filter of the whole raster."""
    values = noise(height, width)
    result, output = apply(write_raster("s.tif", values[None], ["a"]), blur())
    assert output[0] == pytest.approx(blurred(values), abs=1e-6)
    assert result.tiles == -(-height // 30) * -(-width // 30)
    assert result.skipped_tiles == 0


@pytest.fixture(scope="module")
def unet(onnx_models, tmp_path_factory):
    """A U-Net of two bands with stride 4 and a reach of 23 pixels."""
    card = replace(CARD, roles=("a", "b"), normalisation=CARD.normalisation * 2, halo=23, stride=4)
    metadata = card_metadata(replace(card, activation="sigmoid"))
    return onnx_models.small_unet(tmp_path_factory.mktemp("unet") / "unet.onnx", 2, metadata, width=4)


@pytest.mark.parametrize(("height", "width"), [(151, 117), (33, 70), (5, 1)])
def test_all_tile_sizes_agree(unet, apply, write_raster, height, width):
    """The promise of the stage, with nodata holes and on sides that are no multiple of anything."""
    values = noise(2, height, width)
    values[0, height // 3 : height // 2, width // 3 : width // 2] = np.nan
    values[1, -1, -1] = np.nan
    stack = write_raster("s.tif", values, ["a", "b"])
    floats, bytes_ = [], []
    for size in (72, 100, 256):
        floats.append(apply(stack, unet, tile_size=size)[1])
        bytes_.append(apply(stack, unet, tile_size=size, output_type="byte")[1])
    for other in floats[1:]:
        np.testing.assert_allclose(other, floats[0], rtol=0, atol=1e-5)
    for other in bytes_[1:]:
        np.testing.assert_array_equal(other, bytes_[0])
    assert np.array_equal(np.isnan(floats[0][0]), np.isnan(values).any(axis=0))


def test_a_halo_that_the_card_leaves_out_is_measured(unet, apply, write_raster, onnx_models, tmp_path):
    """The same network with and without a stated halo gives the same heatmap."""
    card = replace(
        CARD, roles=("a", "b"), normalisation=CARD.normalisation * 2, halo=None, stride=4, activation="sigmoid"
    )
    model = onnx_models.small_unet(tmp_path / "m.onnx", 2, card_metadata(card), width=4)
    stack = write_raster("s.tif", noise(2, 50, 50), ["a", "b"])
    stated = apply(stack, unet, tile_size=72)[1]
    result, measured = apply(stack, model, tile_size=128)
    with Raster(result.output) as raster:
        assert raster.provenance[-1]["halo"] == 24
    np.testing.assert_allclose(measured, stated, rtol=0, atol=1e-5)


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_an_invalid_pixel_is_replaced_by_the_mean_and_masked(blur, apply, write_raster, bad):
    """One NaN must not blot out its surroundings."""
    values = noise(20, 20)
    values[7, 9] = bad
    output = apply(write_raster("s.tif", values[None], ["a"]), blur())[1][0]
    assert np.argwhere(np.isnan(output)).tolist() == [[7, 9]]
    values[7, 9] = MEAN
    expected = blurred(values)
    output[7, 9] = expected[7, 9]
    assert output == pytest.approx(expected, abs=1e-6)


def test_a_pixel_is_nodata_where_any_needed_band_is(onnx_models, apply, write_raster, tmp_path):
    """Nodata of a band that the network does not need must not matter."""
    card = replace(CARD, roles=("b", "a"), normalisation=CARD.normalisation * 2, halo=0)
    model = onnx_models.mean_of_bands(tmp_path / "m.onnx", 2, card_metadata(card))
    values = noise(3, 4, 4)
    values[0, 0, 0] = values[1, 1, 1] = values[2, 2, 2] = np.nan
    output = apply(write_raster("s.tif", values, ["a", "c", "b"]), model)[1][0]
    assert np.argwhere(np.isnan(output)).tolist() == [[0, 0], [2, 2]]


def test_bands_are_found_by_role_whatever_their_order(onnx_models, apply, write_raster, tmp_path):
    """Normalisation follows the role: a - 0.5 and (b - 100) / 100, here 0.2 and 0.4, mean 0.3."""
    normalisation = (Normalisation(100.0, 100.0, 0.0, 1000.0), Normalisation(0.5, 1.0, 0.0, 1.0))
    card = replace(CARD, roles=("b", "a"), normalisation=normalisation, halo=0)
    model = onnx_models.mean_of_bands(tmp_path / "m.onnx", 2, card_metadata(card))
    values = np.stack([np.full((3, 3), value) for value in (0.7, 5.0, 140.0)])
    output = apply(write_raster("s.tif", values, ["a", "x", "b"]), model)[1]
    assert output == pytest.approx(np.full((1, 3, 3), 0.3), abs=1e-6)


def test_values_are_clipped_to_the_card_before_normalisation(onnx_models, apply, write_raster, tmp_path):
    """1.7 is taken for 1, the top of the range that the network knows."""
    model = onnx_models.mean_of_bands(tmp_path / "m.onnx", 1, card_metadata(replace(CARD, halo=0)))
    output = apply(write_raster("s.tif", np.array([[[0.6, 1.7, 0.2]]]), ["a"]), model)[1]
    assert output[0, 0] == pytest.approx([0.1, 0.5, 0.0], abs=1e-6)


def test_whole_numbers_with_a_scale_are_physical_values(blur, apply, write_raster):
    """Reflectance as int16 x 10000 gives what float reflectance gives."""
    values = np.rint(noise(1, 25, 25) * 10000) / 10000
    as_float = apply(write_raster("f.tif", values, ["a"]), blur())[1]
    as_int = apply(write_raster("i.tif", values, ["a"], dtype="int16", nodata=-32768.0, scale=1e-4), blur())[1]
    assert as_int == pytest.approx(as_float, abs=1e-6)


def test_byte_output_has_steps_of_0004_and_nodata_255(blur, apply, write_raster):
    """The storage that later stages and QGIS expect."""
    values = noise(1, 9, 9)
    values[0, 4, 4] = np.nan
    stack = write_raster("s.tif", values, ["a"])
    exact = apply(stack, blur())[1]
    result, output = apply(stack, blur(), output_type="byte")
    with Raster(result.output) as raster:
        assert (raster.bands[0].dtype, raster.bands[0].nodata, raster.bands[0].scale) == ("uint8", 255.0, 0.004)
        assert raster.roles == ("heatmap",)
        assert raster.read_raw()[4, 4] == 255
    assert np.nanmax(np.abs(output - exact)) <= 0.002 + 1e-6


def test_rotated_south_up_and_anisotropic_grids_are_kept(blur, apply, write_raster, utm):
    """All six numbers of the geotransform, and the reference system."""
    for geotransform in [
        (5e5, 8.0, 6.0, 7e6, 6.0, -8.0),
        (5e5, 10.0, 0.0, 7e6, 0.0, 10.0),
        (5e5, 9.0, 0, 7e6, 0, -11.0),
    ]:
        grid = Grid(7, 5, geotransform, utm)
        result, _ = apply(write_raster("s.tif", noise(1, 5, 7), ["a"], grid=grid), blur())
        with Raster(result.output) as raster:
            assert raster.grid.geotransform == geotransform
            grid.require_same(raster.grid, "the heatmap")


def test_only_the_area_is_mapped(blur, apply, write_raster, write_polygons):
    """A polygon over columns 2-4 and rows 0-1; the context outside still counts."""
    values = noise(90, 90)
    area = write_polygons("area.gpkg", [shapely.box(500020, 6999980, 500050, 7000000)])
    result, output = apply(write_raster("s.tif", values[None], ["a"]), blur(), area=area)
    expected = np.full((90, 90), np.nan)
    expected[0:2, 2:5] = blurred(values)[0:2, 2:5]
    np.testing.assert_allclose(output[0], expected, atol=1e-6)
    assert (result.tiles, result.skipped_tiles) == (1, 8)


def test_an_area_in_degrees_is_reprojected(blur, apply, write_raster, write_polygons, degrees):
    """Areas are often drawn on a web map; 500000, 7000000 in UTM 19S is 69 W, 27.1165 S."""
    area = write_polygons("area.gpkg", [shapely.box(-69.01, -27.2, -68.99, -27.1)], crs=degrees)
    output = apply(write_raster("s.tif", noise(1, 5, 5), ["a"]), blur(), area=area)[1]
    assert np.isfinite(output).all()


@pytest.mark.parametrize("dtype", ["float32", "uint8"])
def test_a_stack_without_values_gives_a_valid_empty_heatmap(blur, apply, write_raster, dtype):
    """Chunks of a region may lie outside the scene; that is no error."""
    stack = write_raster("s.tif", np.full((1, 40, 40), np.nan), ["a"], dtype=dtype, nodata=0.0)
    listener = Listener()
    result, output = apply(stack, blur(), listener, output_type="byte")
    assert np.isnan(output).all()
    assert (result.tiles, result.skipped_tiles) == (0, 4)
    assert "No pixel was mapped" in listener.warnings[0]


def test_an_area_that_misses_the_stack_maps_nothing(blur, apply, write_raster, write_polygons):
    """Polygons elsewhere, and a layer without polygons, are no errors."""
    stack = write_raster("s.tif", noise(1, 40, 40), ["a"])
    for polygons in ([shapely.box(0, 0, 1, 1)], []):
        result, output = apply(stack, blur(), area=write_polygons("area.gpkg", polygons))
        assert np.isnan(output).all()
        assert result.skipped_tiles == 4


def test_a_stack_inside_a_zip_is_read(blur, apply, write_raster, tmp_path):
    """GDAL's virtual paths are paths too."""
    values = noise(1, 10, 10)
    stack = write_raster("s.tif", values, ["a"])
    with zipfile.ZipFile(tmp_path / "s.zip", "w") as archive:
        archive.write(stack, "inner.tif")
    plain = apply(stack, blur())[1]
    assert apply(f"/vsizip/{tmp_path}/s.zip/inner.tif", blur())[1].tolist() == plain.tolist()


def test_further_classes_follow_the_target(onnx_models, apply, write_raster, tmp_path):
    """Softmax over three classes of which the middle one is the target; logits are known, so are probabilities."""
    classes = (ModelClass("ice"), ModelClass("rock_glacier", target=True), ModelClass("snow"))
    card = replace(CARD, halo=0, activation="softmax", classes=classes)
    builder = onnx_models.NetworkBuilder()
    output = builder.convolution("input", np.zeros((3, 1, 1, 1)), [0.0, 1.0, 2.0])
    model = builder.save(tmp_path / "m.onnx", output, metadata=card_metadata(card))
    result, values = apply(write_raster("s.tif", noise(1, 2, 2), ["a"]), model)
    with Raster(result.output) as raster:
        assert raster.roles == ("heatmap", "heatmap_ice", "heatmap_snow")
    powers = np.exp([1.0, 0.0, 2.0])
    assert values[:, 0, 0] == pytest.approx(powers / powers.sum(), abs=1e-6)


def test_sigmoid_is_applied_without_overflow(onnx_models, apply, write_raster, tmp_path):
    """Logits of a thousand and more occur far from the training data."""
    builder = onnx_models.NetworkBuilder()
    output = builder.convolution("input", np.full((1, 1, 1, 1), 1e4))
    card = card_metadata(replace(CARD, halo=0, activation="sigmoid"))
    model = builder.save(tmp_path / "m.onnx", output, metadata=card)
    values = apply(write_raster("s.tif", np.array([[[0.0, 0.5, 1.0]]]), ["a"]), model)[1]
    assert values.ravel().tolist() == [0.0, 0.5, 1.0]


def test_logits_without_a_stated_activation_warn(onnx_models, apply, write_raster, tmp_path):
    """A heatmap of zeros and ones would otherwise pass for a confident one."""
    builder = onnx_models.NetworkBuilder()
    output = builder.convolution("input", np.full((1, 1, 1, 1), 10.0))
    model = builder.save(tmp_path / "m.onnx", output, metadata=card_metadata(replace(CARD, halo=0)))
    listener = Listener()
    values = apply(write_raster("s.tif", np.array([[[0.0, 1.0]]]), ["a"]), model, listener)[1]
    assert values.ravel().tolist() == [0.0, 1.0]
    assert "-5 to 5" in listener.warnings[0]


def test_an_output_smaller_than_its_tile_is_placed_rightly(onnx_models, apply, write_raster, tmp_path):
    """A convolution without padding gives 2 pixels less; the halo grows to hold them."""
    builder = onnx_models.NetworkBuilder()
    output = builder.convolution("input", np.full((1, 1, 3, 3), 1 / 9), pads=[0] * 4)
    model = builder.save(tmp_path / "m.onnx", output, metadata=card_metadata(replace(CARD, halo=0)))
    values = noise(41, 67)
    assert apply(write_raster("s.tif", values[None], ["a"]), model)[1][0] == pytest.approx(blurred(values), abs=1e-6)


def test_a_network_of_one_tile_size_says_so(onnx_models, apply, write_raster, tmp_path):
    """The tile size option cannot be honoured, and the user should know."""
    model = onnx_models.box_blur(tmp_path / "m.onnx", card_metadata(CARD), shape=(1, 1, 48, 48))
    listener = Listener()
    result, _ = apply(write_raster("s.tif", noise(1, 50, 50), ["a"]), model, listener)
    assert "48 pixels only" in listener.warnings[0]
    assert result.tiles == 4


@pytest.mark.parametrize("side", ["height", 64])
@pytest.mark.parametrize("factor", [2, 4])
def test_a_network_of_larger_pixels_is_refused(onnx_models, apply, write_raster, tmp_path, side, factor):
    """An output of half the size is no output without its margin: it lies elsewhere in every tile."""
    builder = onnx_models.NetworkBuilder()
    output = builder.node("AveragePool", "input", kernel_shape=[factor] * 2, strides=[factor] * 2)
    shape = (1, 1, side, "width" if side == "height" else side)
    card = card_metadata(replace(CARD, halo=None, stride=8))
    model = builder.save(tmp_path / "m.onnx", output, shape=shape, metadata=card)
    with pytest.raises(InvalidModelError, match=f"each for about {factor} x {factor} of them"):
        apply(write_raster("s.tif", noise(1, 70, 70), ["a"]), model)


def test_a_stride_that_is_none_is_noticed(onnx_models, apply, write_raster, tmp_path):
    """Steps of 12 pixels, where steps of 32 are taken for granted: tiles are blended, and the user is told why."""
    builder = onnx_models.NetworkBuilder()
    coarse = builder.node("AveragePool", "input", kernel_shape=[12, 12], strides=[12, 12])
    scales = builder.weight(np.array([1, 1, 12, 12], np.float32))
    output = builder.node("Resize", coarse, "", scales, mode="nearest")
    card = card_metadata(replace(CARD, halo=None, stride=None))
    model = builder.save(tmp_path / "m.onnx", output, shape=(1, 1, 96, 96), metadata=card)
    listener = Listener()
    apply(write_raster("s.tif", noise(1, 130, 130), ["a"]), model, listener)
    assert any("a stride of 32" in warning and "tiles do not agree" in warning for warning in listener.warnings)


def test_a_halo_that_is_too_small_is_noticed(onnx_models, apply, write_raster, tmp_path):
    """A card may be wrong; the heatmap would show the tiles, and nobody would know."""
    model = onnx_models.box_blur(tmp_path / "m.onnx", card_metadata(replace(CARD, halo=2)), side=15)
    listener = Listener()
    apply(write_raster("s.tif", noise(1, 130, 130), ["a"]), model, listener)
    assert any("With a halo of 2 pixels" in warning for warning in listener.warnings)


@pytest.mark.parametrize(("halo", "side"), [(1, 50), (12, 72), (40, 90)])
def test_tiles_are_large_beside_the_halo(onnx_models, apply, write_raster, tmp_path, monkeypatch, halo, side):
    """Unless the user asks for a size: the usual one, or six halos, up to a limit."""
    monkeypatch.setattr(heatmap, "_USUAL_SIDE", 50)
    monkeypatch.setattr(heatmap, "_LARGEST_USUAL_SIDE", 90)
    model = onnx_models.box_blur(tmp_path / "m.onnx", card_metadata(replace(CARD, halo=halo)))
    result, _ = apply(write_raster("s.tif", noise(1, 200, 200), ["a"]), model, tile_size=0)
    with Raster(result.output) as raster:
        assert raster.provenance[-1]["tile_size"] == side


def test_a_tile_that_is_too_small_is_refused(blur, apply, write_raster):
    """A typing mistake rather than a wish."""
    with pytest.raises(InvalidOptionError, match="must be 0 or at least 32 pixels, but 5 was given"):
        apply(write_raster("s.tif", noise(1, 8, 8), ["a"]), blur(), tile_size=5)


def test_a_network_that_sees_everything_warns(onnx_models, apply, write_raster, tmp_path):
    """Global pooling has no exact halo; it runs, and says that its tiles are blended."""
    builder = onnx_models.NetworkBuilder()
    output = builder.node("Sub", "input", builder.node("GlobalAveragePool", "input"))
    model = builder.save(tmp_path / "m.onnx", output, metadata=card_metadata(replace(CARD, halo=None)))
    listener = Listener()
    apply(write_raster("s.tif", noise(1, 8, 8), ["a"]), model, listener)
    assert "blended" in listener.warnings[0]


def test_the_heatmap_remembers_the_model(blur, apply, write_raster):
    """Who opens the file later can tell which model made it, how; 10 pixels show all of 8 with a halo of 1."""
    result, _ = apply(write_raster("s.tif", noise(1, 8, 8), ["a"]), blur())
    with Raster(result.output) as raster:
        step = raster.provenance[-1]
    assert (step["stage"], step["model_name"], step["halo"], step["tile_size"]) == ("heatmap", "toy", 1, 10)
    assert (len(step["model_sha256"]), step["provider"]) == (64, result.provider)


def test_missing_roles_are_named(onnx_models, apply, write_raster, tmp_path):
    """Both what is needed and what is there, so that the user can rename or add."""
    card = replace(CARD, roles=("B04", "slope"), normalisation=CARD.normalisation * 2)
    model = onnx_models.mean_of_bands(tmp_path / "m.onnx", 2, card_metadata(card))
    with pytest.raises(ModelMismatchError, match=r"has no slope\. Its bands are B04, band_2"):
        apply(write_raster("s.tif", noise(2, 3, 3), ["B04", ""]), model)


def test_another_pixel_size_is_refused_with_both_numbers(blur, apply, write_raster, make_grid):
    """A network for 10 m sees other shapes at 20 m; 12 m is within the tolerance of a quarter."""
    stack = write_raster("s.tif", noise(1, 4, 4), ["a"], grid=make_grid(4, 4, size=20.0))
    with pytest.raises(ModelMismatchError, match=r"pixels of 20 m.*trained for 10 m"):
        apply(stack, blur())
    close = write_raster("c.tif", noise(1, 4, 4), ["a"], grid=make_grid(4, 4, size=12.0))
    assert np.isfinite(apply(close, blur())[1]).all()


def test_degrees_and_a_missing_reference_system_are_refused(blur, apply, write_raster, make_grid, degrees):
    """Degrees are never taken for metres."""
    for crs in (degrees, ""):
        stack = write_raster("s.tif", noise(1, 4, 4), ["a"], grid=make_grid(4, 4, crs=crs))
        with pytest.raises(InvalidCRSError):
            apply(stack, blur())


def test_values_in_other_units_are_refused(blur, apply, write_raster):
    """Reflectance x 10000 where 0..1 is expected: the heatmap would look plausible and mean nothing."""
    stack = write_raster("s.tif", noise(1, 200, 200) * 10000, ["a"])
    with pytest.raises(ModelMismatchError, match=r"Band a of .* around 7\d\d\d, but the model .* expects 0 to 1"):
        apply(stack, blur())


def test_some_odd_values_are_no_other_units(blur, apply, write_raster):
    """Glint and clouds exceed the range in places."""
    values = noise(1, 64, 64)
    values[:, :, :40] = 50.0
    assert np.isfinite(apply(write_raster("s.tif", values, ["a"]), blur())[1]).all()


def test_a_model_without_a_card_is_refused(onnx_models, apply, write_raster, tmp_path):
    """Guessing the bands and their normalisation would give a wrong map without a sign of it."""
    model = onnx_models.box_blur(tmp_path / "m.onnx", {})
    with pytest.raises(ModelMismatchError, match=r"has no card.*metadata"):
        apply(write_raster("s.tif", noise(1, 4, 4), ["a"]), model)


def test_a_deepness_model_takes_the_bands_as_they_come(onnx_models, apply, write_raster, tmp_path):
    """Deepness divides by 255 and names no bands: (51 + 102 + 153) / 3 / 255 = 0.4; another count is refused."""
    model = onnx_models.mean_of_bands(tmp_path / "m.onnx", 3, {"model_type": '"Regressor"'})
    values = np.stack([np.full((3, 3), value) for value in (51, 102, 153)])
    output = apply(write_raster("s.tif", values, ["", "", ""], dtype="uint8", nodata=0.0), model)[1]
    assert output == pytest.approx(np.full((1, 3, 3), 0.4), abs=1e-6)
    with pytest.raises(ModelMismatchError, match=r"takes 3 bands without naming them.* has 2"):
        apply(write_raster("two.tif", values[:2], ["", ""]), model)


def test_a_card_that_contradicts_its_network_is_refused(blur, apply, write_raster):
    """Two roles for a network of one band."""
    model = blur(roles=("a", "b"), normalisation=CARD.normalisation * 2)
    with pytest.raises(InvalidModelError, match="names 2 bands, but its network takes 1"):
        apply(write_raster("s.tif", noise(2, 4, 4), ["a", "b"]), model)


def test_a_tile_too_small_for_the_halo_is_refused(blur, apply, write_raster):
    """The smallest size that works is in the message: 2 * 20 + 1."""
    with pytest.raises(InvalidOptionError, match="smallest tile size is 41"):
        apply(write_raster("s.tif", noise(1, 4, 4), ["a"]), blur(halo=20))


def test_a_network_that_gives_no_number_names_the_place(onnx_models, apply, write_raster, tmp_path):
    """The logarithm of a negative number, at column 33, row 2 alone."""
    builder = onnx_models.NetworkBuilder()
    output = builder.node("Log", builder.convolution("input", np.ones((1, 1, 1, 1))))
    model = builder.save(tmp_path / "m.onnx", output, metadata=card_metadata(replace(CARD, halo=0)))
    values = noise(1, 4, 40)
    values[0, 2, 33] = 0.1
    with pytest.raises(InvalidModelError, match=r"column 33, row 2 \(500335, 6999975\)"):
        apply(write_raster("s.tif", values, ["a"]), model)


@pytest.mark.parametrize(
    ("broken", "error"),
    [
        ({"stack": "missing.tif"}, InvalidRasterError),
        ({"stack": "text"}, InvalidRasterError),
        ({"model": "missing"}, InvalidModelError),
        ({"model": "text"}, InvalidModelError),
        ({"output": "/no/such/folder/h.tif"}, OutputError),
        ({"output": "heatmap.png"}, OutputError),
        ({"area": "missing.gpkg"}, MapperError),
    ],
)
def test_bad_files_are_refused_and_leave_nothing(blur, write_raster, tmp_path, broken, error):
    """One clear sentence, no output, and an existing output as it was."""
    text = tmp_path / "text"
    text.write_text("no raster, no network")
    output = tmp_path / "h.tif"
    output.write_text("old")
    options = {"stack": write_raster("s.tif", noise(1, 4, 4), ["a"]), "model": blur(), "output": str(output)}
    options.update({key: str(text) if value == "text" else value for key, value in broken.items()})
    before = sorted(tmp_path.iterdir())
    with pytest.raises(error):
        heatmap.run(HeatmapOptions(**options), Progress())
    assert sorted(tmp_path.iterdir()) == before
    assert output.read_text() == "old"


def test_cancelling_leaves_nothing(blur, write_raster, tmp_path):
    """Stopped after the first of many tiles: no output, no temporary file."""
    stack, model = write_raster("s.tif", noise(1, 200, 200), ["a"]), blur()
    before = sorted(tmp_path.iterdir())
    options = HeatmapOptions(stack=stack, model=model, output=str(tmp_path / "h.tif"), tile_size=32)
    with pytest.raises(Cancelled):
        heatmap.run(options, Canceller())
    assert sorted(tmp_path.iterdir()) == before


def test_a_model_of_another_plugin_maps_a_photograph(shared_data: Path, apply):
    """A foreign segmentation model on the picture that it is tested with, alpha band included."""
    folder = shared_data / "onnx_models"
    model = str(folder / "dummy_segmentation_models__one_output_sigmoid_bsx1x512x512.onnx")
    result, output = apply(str(folder / "dummy_fotomap_small.tif"), model, tile_size=512)
    assert result.tiles == 6
    assert np.nanmin(output) >= 0
    assert np.nanmax(output) <= 1
