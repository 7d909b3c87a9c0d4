"""Heatmaps of several orientations and models: mean and standard deviation by hand, exact whatever the tile size."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from rock_glacier_mapper.core.contracts.heatmap import HeatmapOptions
from rock_glacier_mapper.core.errors import Cancelled, InvalidModelError, InvalidOptionError
from rock_glacier_mapper.core.heatmaps import heatmap
from rock_glacier_mapper.core.networks.card import ModelCard, ModelClass, Normalisation
from rock_glacier_mapper.core.networks.cardmetadata import card_metadata
from rock_glacier_mapper.core.networks.network import Network
from rock_glacier_mapper.core.progress import Progress
from rock_glacier_mapper.core.rasters.raster import Raster

PLAIN = Normalisation(0.0, 1.0, 0.0, 1.0)
CARD = ModelCard(
    name="toy",
    roles=("a",),
    normalisation=(PLAIN,),
    classes=(ModelClass("rock_glacier", target=True),),
    ground_sample_distance=10.0,
    halo=0,
    stride=1,
)


@pytest.fixture
def mean_model(onnx_models, tmp_path):
    """Return a function that writes the mean of the bands that are named."""

    def write(name: str, roles: tuple[str, ...], **changes: object) -> str:
        card = replace(CARD, roles=roles, normalisation=(PLAIN,) * len(roles), **changes)
        return onnx_models.mean_of_bands(tmp_path / f"{name}.onnx", len(roles), card_metadata(card))

    return write


@pytest.fixture
def weighing(onnx_models, tmp_path):
    """Return a function that writes one convolution of given weights, shape (1, bands, 3, 3) or (1, bands, 1, 1)."""

    def write(kernel: np.ndarray, **changes: object) -> str:
        card = replace(CARD, halo=kernel.shape[-1] // 2, **changes)
        builder = onnx_models.NetworkBuilder()
        output = builder.convolution("input", kernel)
        bands = kernel.shape[1]
        shape = ("batch", bands, "height", "width")
        return builder.save(tmp_path / "weighing.onnx", output, shape=shape, metadata=card_metadata(card))

    return write


def noise(*shape: int) -> np.ndarray:
    return np.random.default_rng(0).uniform(0.05, 0.95, shape).astype(np.float32)


def left_neighbour() -> np.ndarray:
    kernel = np.zeros((1, 1, 3, 3))
    kernel[0, 0, 1, 0] = 1
    return kernel


def test_mean_and_deviation_over_models_with_other_bands_in_another_order(mean_model, apply, write_raster):
    """Means of a = 0.2, (b + a) / 2 = 0.5 and b = 0.8: mean 0.5, population deviation 0.3 * sqrt(2 / 3)."""
    models = mean_model("one", ("a",)), mean_model("two", ("b", "a")), mean_model("three", ("b",))
    values = np.stack([np.full((4, 5), value) for value in (0.2, 0.8)])
    stack = write_raster("s.tif", values, ["a", "b"])
    result, output = apply(stack, models[0], ensemble=models[1:], uncertainty=True)
    with Raster(result.output) as raster:
        assert raster.roles == ("heatmap", "heatmap_std")
        step = raster.provenance[-1]
    np.testing.assert_allclose(output[0], 0.5, atol=1e-6)
    np.testing.assert_allclose(output[1], 0.3 * np.sqrt(2 / 3), atol=1e-6)
    assert len({step["model_sha256"], *(item["model_sha256"] for item in step["ensemble"])}) == 3
    assert step["orientations"] == ["0"]
    assert apply(stack, models[0], ensemble=models[1:])[1].shape == (1, 4, 5)


def test_each_model_of_an_ensemble_has_its_own_normalisation(mean_model, onnx_models, apply, write_raster, tmp_path):
    """One takes 0.6 as it is, the other as (0.6 - 0.5) / 0.5 = 0.2; their mean is 0.4."""
    card = replace(CARD, normalisation=(Normalisation(0.5, 0.5, 0.0, 1.0),))
    other = onnx_models.mean_of_bands(tmp_path / "other.onnx", 1, card_metadata(card))
    stack = write_raster("s.tif", np.full((1, 3, 3), 0.6), ["a"])
    output = apply(stack, mean_model("one", ("a",)), ensemble=(other,), uncertainty=True)[1]
    np.testing.assert_allclose(output[:, 1, 1], [0.4, 0.2], atol=1e-6)


def test_flips_of_a_network_that_looks_left_by_hand(weighing, apply, write_raster):
    """It gives the left neighbour; flipped left to right, the right one: mean and half the difference of the two."""
    values = noise(1, 6, 7)
    output = apply(write_raster("s.tif", values, ["a"]), weighing(left_neighbour()), augment="flips", uncertainty=True)
    left, right = values[0, :, :-2], values[0, :, 2:]
    np.testing.assert_allclose(output[1][0][:, 1:-1], (left + right) / 2, atol=1e-6)
    np.testing.assert_allclose(output[1][1][:, 1:-1], abs(left - right) / 2, atol=1e-6)


def test_all_orientations_of_a_network_that_looks_left_give_the_mean_of_four_neighbours(weighing, apply, write_raster):
    """Turned, it looks down, right and up, each twice among eight; the edges are mirrored."""
    values = noise(6, 7)
    output = apply(write_raster("s.tif", values[None], ["a"]), weighing(left_neighbour()), augment="all")[1][0]
    wide = np.pad(values, 1, mode="reflect")
    expected = (wide[1:-1, :-2] + wide[1:-1, 2:] + wide[:-2, 1:-1] + wide[2:, 1:-1]) / 4
    np.testing.assert_allclose(output, expected, atol=1e-6)


def test_an_equivariant_network_has_no_deviation(mean_model, apply, write_raster):
    """A network of single pixels does not mind how a tile lies: no rounding may look like uncertainty."""
    values = noise(1, 40, 37)
    values[0, 3, 4] = np.nan
    stack, model = write_raster("s.tif", values, ["a"]), mean_model("m", ("a",))
    output = apply(stack, model, augment="all", uncertainty=True)[1]
    assert np.array_equal(output[0], apply(stack, model)[1][0], equal_nan=True)
    assert np.nanmax(output[1]) == 0
    assert np.argwhere(np.isnan(output[1])).tolist() == [[3, 4]]


@pytest.mark.parametrize("output_type", ["float32", "byte"])
@pytest.mark.parametrize(("height", "width"), [(101, 75), (33, 70), (5, 1)])
def test_all_tile_sizes_agree_in_eight_orientations(
    onnx_models, apply, write_raster, tmp_path, height, width, output_type
):
    """A U-Net of stride 4 pools other pixels together when its tile is flipped; they must be the same in every tile."""
    card = replace(CARD, roles=("a", "b"), normalisation=(PLAIN, PLAIN), halo=23, stride=4, activation="sigmoid")
    model = onnx_models.small_unet(tmp_path / "unet.onnx", 2, card_metadata(card), width=4)
    values = noise(2, height, width)
    values[0, height // 3 : height // 2, width // 3 : width // 2] = np.nan
    stack = write_raster("s.tif", values, ["a", "b"])
    outputs = [
        apply(stack, model, tile_size=size, augment="all", uncertainty=True, output_type=output_type)[1]
        for size in (72, 100, 256)
    ]
    for other in outputs[1:]:
        np.testing.assert_allclose(other, outputs[0], rtol=0, atol=1e-5)
    assert np.nanmax(outputs[0][1]) > 0.01


def test_all_tile_sizes_agree_for_models_of_other_halos_and_strides(
    onnx_models, weighing, mean_model, apply, write_raster, tmp_path
):
    """Strides 4, 1 and 6 and halos 23, 1 and 0: tiles of the largest halo on multiples of 12."""
    card = replace(CARD, halo=23, stride=4, activation="sigmoid")
    unet = onnx_models.small_unet(tmp_path / "unet.onnx", 1, card_metadata(card), width=4)
    others = weighing(left_neighbour()), mean_model("m", ("a",), stride=6)
    stack = write_raster("s.tif", noise(1, 75, 101), ["a"])
    results, outputs = zip(
        *(apply(stack, unet, ensemble=others, augment="flips", uncertainty=True, tile_size=size) for size in (72, 256)),
        strict=True,
    )
    with Raster(results[0].output) as raster:
        assert raster.provenance[-1]["halo"] == 24
        assert raster.provenance[-1]["tile_size"] % 12 == 0
    for other in outputs[1:]:
        np.testing.assert_allclose(other, outputs[0], rtol=0, atol=1e-5)


def test_an_output_without_margin_and_one_with_lie_on_each_other(
    onnx_models, mean_model, apply, write_raster, tmp_path
):
    """A convolution without padding gives less than its tile; its pixels must not be shifted against the other's."""
    builder = onnx_models.NetworkBuilder()
    kernel = np.zeros((1, 1, 3, 3))
    kernel[0, 0, 1, 1] = 1
    output = builder.convolution("input", kernel, pads=[0] * 4)
    cut = builder.save(tmp_path / "cut.onnx", output, metadata=card_metadata(replace(CARD, halo=0)))
    stack = write_raster("s.tif", noise(1, 41, 67), ["a"])
    values = apply(stack, mean_model("m", ("a",)), ensemble=(cut,), augment="all", uncertainty=True)[1]
    assert values[1].max() == 0


def aspect_of_plane(azimuth: float, shape: tuple[int, int]) -> np.ndarray:
    angle = np.radians(azimuth)
    return np.stack([np.full(shape, np.sin(angle)), np.full(shape, np.cos(angle))])


def test_aspect_turns_with_the_tile_before_it_is_clipped_and_normalised(weighing, apply, write_raster):
    """A network that gives 0.5 + (clipped cosine) / 2 on a slope to the south-west, 225 degrees.

    Turned, the cosine is each of +-0.707 half of the time; clipped to -0.5..1 that is -0.5 and 0.707.
    """
    kernel = np.array([0.0, 1.0]).reshape(1, 2, 1, 1)
    normalisation = (Normalisation(0.3, 2.0, -1.0, 1.0), Normalisation(-1.0, 2.0, -0.5, 1.0))
    model = weighing(kernel, roles=("aspect_sin", "aspect_cos"), normalisation=normalisation)
    stack = write_raster("s.tif", aspect_of_plane(225.0, (6, 6)), ["aspect_sin", "aspect_cos"])
    low, high = 0.25, 0.5 + np.sqrt(0.5) / 2
    for augment in ("flips", "all"):
        output = apply(stack, model, augment=augment, uncertainty=True)[1]
        np.testing.assert_allclose(output[:, 2, 2], [(low + high) / 2, (high - low) / 2], atol=1e-6)
    np.testing.assert_allclose(apply(stack, model)[1][0], low, atol=1e-6)


def test_an_invalid_pixel_has_the_mean_of_the_aspect_in_every_orientation(weighing, apply, write_raster):
    """The left neighbour's sine at an invalid pixel is the mean, 0.4, not a turned one: its input is 0."""
    kernel = np.zeros((1, 2, 3, 3))
    kernel[0, 0] = 1 / 9
    normalisation = (Normalisation(0.4, 1.0, -1.0, 1.0), Normalisation(0.2, 1.0, -1.0, 1.0))
    model = weighing(kernel, roles=("aspect_sin", "aspect_cos"), normalisation=normalisation)
    values = np.full((2, 9, 9), np.nan)
    values[:, 4, 4] = 1.0, 0.0
    output = apply(write_raster("s.tif", values, ["aspect_sin", "aspect_cos"]), model, augment="all", uncertainty=True)[
        1
    ]
    # The only valid pixel: sines 1 and 0 and -1 become (sine - 0.4) / 9, clipped at 0 from below.
    sines = np.clip((np.array([1, 1, 0, 0, 0, 0, -1, -1]) - 0.4) / 9, 0, 1)
    np.testing.assert_allclose(output[:, 4, 4], [sines.mean(), sines.std()], atol=1e-6)


def test_bands_of_a_fixed_direction_are_refused_only_when_tiles_are_turned(mean_model, apply, write_raster):
    """The same model runs as it is."""
    model = mean_model("m", ("a", "hillshade"))
    stack = write_raster("s.tif", noise(2, 4, 4), ["a", "hillshade"])
    assert np.isfinite(apply(stack, model)[1]).all()
    with pytest.raises(InvalidOptionError, match="uses hillshade"):
        apply(stack, model, augment="flips")


def test_uncertainty_of_one_result_is_refused(mean_model, apply, write_raster):
    """A band of zeros would say that the network is certain."""
    with pytest.raises(InvalidOptionError, match=r"only one.*`augment`.*`ensemble`"):
        apply(write_raster("s.tif", noise(1, 4, 4), ["a"]), mean_model("m", ("a",)), uncertainty=True)


def test_models_that_do_not_go_together_are_refused(mean_model, onnx_models, apply, write_raster, tmp_path):
    """Another target, the same model again, other classes, and tiles that cannot be the same."""
    stack = write_raster("s.tif", noise(1, 4, 4), ["a"])
    first = mean_model("first", ("a",))
    ice = mean_model("ice", ("a",), classes=(ModelClass("ice", target=True),))
    with pytest.raises(InvalidOptionError, match=r"maps ice, but .* maps rock_glacier"):
        apply(stack, first, ensemble=(ice,))
    with pytest.raises(InvalidOptionError, match=r"is the same as .*count twice"):
        apply(stack, first, ensemble=(first,))
    builder = onnx_models.NetworkBuilder()
    output = builder.convolution("input", np.ones((1, 1, 1, 1)))
    sized = [
        builder.save(tmp_path / f"{side}.onnx", output, shape=(1, 1, side, side), metadata=card_metadata(CARD))
        for side in (32, 48)
    ]
    with pytest.raises(InvalidModelError, match="tiles of 32 and of 48 pixels only"):
        apply(stack, sized[0], ensemble=(sized[1],))
    coarse = mean_model("coarse", ("a",), stride=20)
    with pytest.raises(InvalidModelError, match="tiles of 32 and of multiples of 20 pixels only"):
        apply(stack, sized[0], ensemble=(coarse,))


def test_classes_are_matched_by_name(onnx_models, apply, write_raster, tmp_path):
    """Two models give ice, rock glacier and snow in other orders of their channels."""
    biases = {"ice": 0.1, "rock_glacier": 0.5, "snow": 0.9}
    models = []
    for order in (["ice", "rock_glacier", "snow"], ["snow", "ice", "rock_glacier"]):
        classes = tuple(ModelClass(name, target=name == "rock_glacier") for name in order)
        builder = onnx_models.NetworkBuilder()
        output = builder.convolution("input", np.zeros((3, 1, 1, 1)), [biases[name] for name in order])
        metadata = card_metadata(replace(CARD, classes=classes))
        models.append(builder.save(tmp_path / f"{order[0]}.onnx", output, metadata=metadata))
    result, output = apply(
        write_raster("s.tif", noise(1, 2, 2), ["a"]), models[0], ensemble=models[1:], uncertainty=True
    )
    with Raster(result.output) as raster:
        assert raster.roles == ("heatmap", "heatmap_ice", "heatmap_snow", "heatmap_std")
    np.testing.assert_allclose(output[:, 0, 0], [0.5, 0.1, 0.9, 0.0], atol=1e-6)


def test_a_pixel_is_mapped_where_every_model_has_its_bands(mean_model, apply, write_raster):
    """A mean over fewer models in places would show as edges in the heatmap."""
    values = noise(2, 4, 4)
    values[0, 0, 0] = values[1, 1, 1] = np.nan
    stack = write_raster("s.tif", values, ["a", "b"])
    output = apply(stack, mean_model("one", ("a",)), ensemble=(mean_model("two", ("b",)),), uncertainty=True)[1]
    for band in output:
        assert np.argwhere(np.isnan(band)).tolist() == [[0, 0], [1, 1]]


def test_blended_tiles_have_a_deviation_too(onnx_models, mean_model, apply, write_raster, tmp_path):
    """A member that sees everything makes all tiles blend; the bands stay aligned with each other."""
    builder = onnx_models.NetworkBuilder()
    mean = builder.node("GlobalAveragePool", "input")
    output = builder.node("Sub", builder.node("Add", "input", mean), mean)
    whole = builder.save(tmp_path / "whole.onnx", output, metadata=card_metadata(replace(CARD, halo=None)))
    values = noise(1, 50, 60)
    stack = write_raster("s.tif", values, ["a"])
    result, output = apply(stack, whole, ensemble=(mean_model("m", ("a",)),), augment="flips", uncertainty=True)
    with Raster(result.output) as raster:
        assert raster.provenance[-1]["blended"]
    np.testing.assert_allclose(output[0], values[0], atol=1e-5)
    assert np.abs(output[1]).max() < 1e-5


def test_cancelling_stops_between_two_orientations(mean_model, write_raster, tmp_path, monkeypatch):
    """Many short runs make a long tile: two trials, four for the halos, three of sixteen runs, and no output."""
    stack = write_raster("s.tif", noise(2, 8, 8), ["a", "b"])
    models = [mean_model(name, (name,)) for name in ("a", "b")]
    runs = []
    run_batch = Network.run_batch

    def counted(network: Network, *arguments: object) -> np.ndarray:
        runs.append(network.name)
        return run_batch(network, *arguments)

    monkeypatch.setattr(Network, "run_batch", counted)
    progress = Progress()
    monkeypatch.setattr(progress, "cancelled", lambda: len(runs) >= 9)
    before = sorted(tmp_path.iterdir())
    output = str(tmp_path / "h.tif")
    with pytest.raises(Cancelled):
        heatmap.run(
            HeatmapOptions(stack=stack, model=models[0], ensemble=(models[1],), augment="all", output=output), progress
        )
    assert len(runs) == 9
    assert sorted(tmp_path.iterdir()) == before
