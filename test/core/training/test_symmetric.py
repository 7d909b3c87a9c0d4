"""The symmetric U-Net: its answer turns with the picture, in training form, written out, and as a model file."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from rock_glacier_mapper.core.contracts.traincnn import MIXED, SYMMETRIC_UNET, UNET
from rock_glacier_mapper.core.errors import InvalidModelError, InvalidOptionError
from rock_glacier_mapper.core.heatmaps.orientations import ALL, AS_IS, orientations
from rock_glacier_mapper.core.networks.cardmetadata import read_card
from rock_glacier_mapper.core.networks.onnxfile import read_onnx
from rock_glacier_mapper.core.progress import Progress
from rock_glacier_mapper.core.stages import stage_named
from rock_glacier_mapper.core.training.export import started_network
from rock_glacier_mapper.core.training.symmetric import SymmetricUNet, require_north_up
from rock_glacier_mapper.core.training.unet import UNet

ROLES = ("B04", "slope", "aspect_sin", "aspect_cos")
WIDTHS = (8, 16, 16)


def learnt_network(roles=ROLES):
    """Return a network whose normalisations have seen noise, in evaluation mode."""
    torch.manual_seed(0)
    network = SymmetricUNet(roles, WIDTHS, 0.1)
    for _ in range(2):
        network.train()(torch.randn(2, len(roles), 32, 32))
    return network.eval()


def answered(network, image):
    with torch.no_grad():
        return network(torch.from_numpy(np.ascontiguousarray(image))[None])[0, 0].numpy()


def turned(image, orientation):
    """Lay an image of `ROLES` down otherwise; its aspect, the last two bands, turns with it, north being up."""
    laid = orientation.apply(image).copy()
    east, north = laid[2].copy(), laid[3].copy()
    if orientation.mirrored:
        east = -east
    for _ in range(orientation.turns):
        east, north = -north, east
    laid[2], laid[3] = east, north
    return laid


@pytest.mark.parametrize("orientation", orientations(ALL), ids=str)
def test_the_answer_turns_with_the_picture(orientation):
    """In the form that learns and in the form that is applied; a plain U-Net's does not."""
    image = np.random.default_rng(1).standard_normal((4, 32, 48), np.float32)
    network = learnt_network()
    for form in (network, network.written_out()):
        np.testing.assert_allclose(
            answered(form, turned(image, orientation)), orientation.apply(answered(form, image)), atol=1e-5
        )
    if orientation != AS_IS:
        plain = UNet(ROLES, WIDTHS, 0.1).eval()
        assert not np.allclose(answered(plain, turned(image, orientation)), orientation.apply(answered(plain, image)))


def test_written_out_it_is_the_same_network():
    """A plain U-Net of the same channels, of which an eighth of the numbers was learnt."""
    network = learnt_network()
    plain = network.written_out()
    image = np.random.default_rng(2).standard_normal((4, 32, 32), np.float32)
    np.testing.assert_allclose(answered(plain, image), answered(network, image), atol=1e-5)
    assert [len(plain.first[0].weight), *(len(block[1][0].weight) for block in plain.encoder)] == list(WIDTHS)
    assert 6 < plain.decoder[0][0].weight.numel() / network.decoder[0].weight.numel() < 9
    again = SymmetricUNet(ROLES, WIDTHS, 0.1).eval()
    again.take(plain)
    np.testing.assert_array_equal(answered(again, image), answered(network, image))


@pytest.mark.parametrize("seed", range(4))
def test_some_features_speak_for_a_rock_glacier_to_begin_with(seed):
    """With two features, chance would make both speak against it for a seed in four, which then hardly learns."""
    torch.manual_seed(seed)
    signs = SymmetricUNet(ROLES, (16, 16), 0.1).last.weight.sign().flatten().tolist()
    assert signs == [1.0, -1.0]


def test_a_plain_network_is_not_taken_for_a_symmetric_one():
    """Its kernels are not one another turned, and most of them would be lost."""
    with pytest.raises(InvalidModelError, match="not a symmetric one"):
        learnt_network().take(UNet(ROLES, WIDTHS, 0.1))


@pytest.mark.parametrize(
    ("roles", "widths", "words"),
    [
        (("B04", "hillshade"), (8, 16), r"hillshade, which depends on a direction .* architecture unet"),
        (("B04", "aspect_sin"), (8, 16), r"aspect_sin alone.* Leave out"),
        (("B04",), (8, 12), r"multiples of 8 .* 8 12 was given"),
    ],
)
def test_what_cannot_be_symmetric_is_named(roles, widths, words):
    """The message says what to do in training, not in mapping."""
    with pytest.raises(InvalidOptionError, match=words):
        SymmetricUNet(roles, widths, 0.1)


def test_grids_on_which_turning_distorts_are_refused(make_grid):
    """Oblong pixels show other shapes; with an aspect, north must be up, and without one it need not."""
    require_north_up(ROLES, [make_grid(8, 8)])
    oblong = replace(make_grid(8, 8), geotransform=(0.0, 10.0, 0.0, 0.0, 0.0, -20.0))
    with pytest.raises(InvalidOptionError, match=r"no squares.* architecture unet"):
        require_north_up(ROLES[:2], [oblong])
    south_up = replace(make_grid(8, 8), geotransform=(0.0, 10.0, 0.0, 0.0, 0.0, 10.0))
    require_north_up(ROLES[:2], [south_up])
    with pytest.raises(InvalidOptionError, match="north up"):
        require_north_up(ROLES, [make_grid(8, 8), south_up])


def test_it_trains_and_the_file_turns_too(options, tmp_path):
    """The square is found; the file holds a U-Net, kernels in 16 bits, and its answer turns within rounding."""
    import onnxruntime

    chosen = options(architecture=SYMMETRIC_UNET, widths=("8", "16"), epochs=12, drop_share=0.0, members=2)
    result = stage_named("traincnn").run(chosen, Progress())
    assert result.test_average_precision > 0.9 and result.difference <= 1e-4
    card = read_card(read_onnx(Path(result.output).read_bytes()).metadata)
    assert card.architecture.startswith("2 of symmetric U-Net, ")
    session = onnxruntime.InferenceSession(result.output, providers=["CPUExecutionProvider"])
    # Without an aspect to turn: bands 3 and 4 are 0, and stay so.
    image = np.random.default_rng(3).standard_normal((1, 5, 32, 32), np.float32)
    image[:, 3:] = 0
    name = session.get_inputs()[0].name
    upright = session.run(None, {name: image})[0]
    laid = session.run(None, {name: np.ascontiguousarray(np.rot90(image, 1, axes=(-2, -1)))})[0]
    np.testing.assert_allclose(laid, np.rot90(upright, 1, axes=(-2, -1)), atol=1e-5)
    again = replace(chosen, initial=result.output, output=str(tmp_path / "again.onnx"), widths=(), epochs=1)
    start = started_network(again, card.roles, 1)
    assert isinstance(start, SymmetricUNet) and len(start.first.weight) == 1
    stage_named("traincnn").run(again, Progress())


def test_symmetric_and_plain_networks_take_turns(options, tmp_path):
    """Each member is what a training of its kind and seed gives; the model can be gone on from."""
    kind = {"widths": ("8", "16"), "epochs": 1, "drop_share": 0.0, "averaging": 0.0}
    mixed = stage_named("traincnn").run(options(**kind, architecture=MIXED, members=2), Progress())
    constants = {item.name: onnx.numpy_helper.to_array(item) for item in onnx.load(mixed.output).graph.initializer}
    for number, architecture in enumerate((SYMMETRIC_UNET, UNET)):
        path = str(tmp_path / f"{number}.onnx")
        stage_named("traincnn").run(options(**kind, architecture=architecture, seed=number, output=path), Progress())
        alone = {item.name: onnx.numpy_helper.to_array(item) for item in onnx.load(path).graph.initializer}
        name = "encoder.0.0.0.weight"
        np.testing.assert_array_equal(constants[f"network.members.{number}.{name}"], alone[f"network.{name}"])
    again = options(**kind, architecture=MIXED, members=2, initial=mixed.output, output=str(tmp_path / "again.onnx"))
    stage_named("traincnn").run(again, Progress())


def test_one_network_cannot_be_mixed(options):
    """Two kinds need two networks."""
    with pytest.raises(InvalidOptionError, match="two networks or more, but `members` is 1"):
        stage_named("traincnn").run(options(architecture=MIXED, widths=("8", "16")), Progress())
