"""Quantised models: nearly the same heatmap, proof of it in the card, and no file where it is not so."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from rock_glacier_mapper.core.contracts.heatmap import HeatmapOptions
from rock_glacier_mapper.core.contracts.quantise import QuantiseOptions
from rock_glacier_mapper.core.errors import (
    Cancelled,
    InvalidModelError,
    InvalidRasterError,
    ModelMismatchError,
    OutputError,
)
from rock_glacier_mapper.core.heatmaps import heatmap
from rock_glacier_mapper.core.networks import quantise
from rock_glacier_mapper.core.networks.card import ModelCard, ModelClass, Normalisation
from rock_glacier_mapper.core.networks.cardmetadata import card_metadata, read_card
from rock_glacier_mapper.core.networks.modelfile import stated_sha256
from rock_glacier_mapper.core.networks.network import Network
from rock_glacier_mapper.core.networks.onnxfile import read_onnx
from rock_glacier_mapper.core.progress import Progress

pytest.importorskip("onnx", reason="the package onnx, which quantises, is not installed")

CARD = ModelCard(
    name="toy",
    roles=("a", "b"),
    normalisation=(Normalisation(0.5, 0.3, 0.0, 1.0),) * 2,
    classes=(ModelClass("rock_glacier", target=True),),
    description="A toy.",
    ground_sample_distance=10.0,
    halo=24,
    stride=4,
    activation="sigmoid",
)


class Canceller(Progress):
    """Cancels at the first report of a message."""

    def __init__(self, message: str) -> None:
        self._message = message
        self._stop = False

    def report(self, fraction: float, message: str = "") -> None:
        self._stop = self._stop or message == self._message

    def cancelled(self) -> bool:
        return self._stop


@pytest.fixture(scope="module")
def model(onnx_models, tmp_path_factory) -> str:
    """A U-Net of two bands that gives logits."""
    path = tmp_path_factory.mktemp("model") / "unet.onnx"
    return onnx_models.small_unet(path, 2, card_metadata(CARD), width=4)


@pytest.fixture
def stack(write_raster) -> str:
    """Two smooth bands, the left part nodata."""
    columns, rows = np.meshgrid(np.arange(150), np.arange(130))
    values = np.stack([0.5 + 0.4 * np.sin(columns / 9) * np.cos(rows / 13), 0.5 + 0.4 * np.sin((rows + columns) / 17)])
    values[:, :, :50] = np.nan
    return write_raster("s.tif", values, ["a", "b"])


@pytest.fixture
def run(model, stack, tmp_path):
    """Return a function that quantises with tiles of 96 pixels, whose cores have 48."""

    def quantised(progress: Progress | None = None, **options: object):
        settings = {"model": model, "stack": stack, "output": str(tmp_path / "small.onnx"), "tile_size": 96, **options}
        return quantise.run(QuantiseOptions(**settings), progress or Progress())

    return quantised


def test_the_heatmap_hardly_changes(run, model, stack, tmp_path, read_all):
    """The change over the whole stack is of the size that was measured on the test tiles; exact for any tile size."""
    result = run(calibration_tiles=3, test_tiles=3)
    maps = []
    for path, size in ((model, 128), (result.output, 128), (result.output, 72)):
        output = str(tmp_path / "h.tif")
        options = HeatmapOptions(stack=stack, model=path, output=output, tile_size=size, output_type="float32")
        heatmap.run(options, Progress())
        maps.append(read_all(output)[0])
    change = np.abs(maps[1] - maps[0])
    assert 0 < np.nanmean(change) < 2 * result.mean_change < 0.05
    assert result.max_change <= np.nanmax(change) + 1e-6
    np.testing.assert_allclose(maps[2], maps[1], rtol=0, atol=1e-5)
    assert (result.calibration_tiles, result.test_tiles) == (3, 3)


def test_the_weights_are_integers(run, model):
    """Convolutions read 8-bit weights; the card's format rules hold."""
    result = run()
    file = read_onnx(Path(result.output).read_bytes())
    assert "DequantizeLinear" in file.operators
    assert file.ir_version <= 8
    assert file.opset <= 17
    assert result.size_share == Path(result.output).stat().st_size / Path(model).stat().st_size


def test_the_card_is_kept_and_tells_of_it(run):
    """Who gets the file sees what was done to it, and what it changed; the item beside it states its checksum."""
    result = run()
    network = Network(result.output, "cpu", Progress())
    card = read_card(network.metadata)
    assert card.name == "toy_int8"
    assert card.description.startswith("A toy. Quantised to 8-bit integers")
    assert replace(card, name="toy", description="A toy.", metrics=(), created="") == CARD
    figures = {metric.name: metric.value for metric in card.metrics}
    assert figures["largest change"] == pytest.approx(result.max_change, abs=1e-6)
    assert figures["crossing, of mapped"] == pytest.approx(result.change_share, abs=1e-6)
    assert stated_sha256(Path(result.output)) == network.sha256
    assert json.loads(network.metadata["model_type"]) == "Segmentor"


def test_the_seed_decides(run, tmp_path):
    """The same tiles, the same file; other tiles, another one."""
    contents = [Path(run(seed=seed, calibration_tiles=1, test_tiles=1).output).read_bytes() for seed in (0, 0, 3)]
    assert contents[0] == contents[1]
    assert contents[0] != contents[2]


def test_a_change_beyond_the_bound_is_refused(run, tmp_path):
    """With no change allowed, any is too large; nothing is written, and an existing file stays."""
    (tmp_path / "small.onnx").write_text("old")
    before = sorted(tmp_path.iterdir())
    with pytest.raises(InvalidModelError, match=r"changes too much: .* at most 0\.0% may"):
        run(max_change_share=0.0)
    assert sorted(tmp_path.iterdir()) == before
    assert (tmp_path / "small.onnx").read_text() == "old"


def test_a_halo_that_the_card_leaves_out_is_stated_afterwards(onnx_models, run, tmp_path):
    """Integers hide the small disturbances by which a halo is measured, so that the float network must be asked."""
    card = replace(CARD, halo=None)
    model = onnx_models.small_unet(tmp_path / "m.onnx", 2, card_metadata(card), width=4)
    network = Network(run(model=model, max_change_share=1.0).output, "cpu", Progress())
    assert read_card(network.metadata).halo == 23


@pytest.mark.parametrize("message", ["Calibrating", "Comparing"])
def test_cancelling_leaves_nothing(run, tmp_path, message):
    """Within the quantiser too, which knows nothing of it."""
    with pytest.raises(Cancelled):
        run(Canceller(message))
    assert [path.name for path in tmp_path.iterdir()] == ["s.tif"]


def test_what_cannot_be_quantised_is_refused(onnx_models, run, tmp_path):
    """Twice, or a model of unknown input."""
    small = run().output
    with pytest.raises(InvalidModelError, match="quantised already"):
        run(model=small, output=str(tmp_path / "again.onnx"))
    with pytest.raises(ModelMismatchError, match="has no card"):
        run(model=onnx_models.mean_of_bands(tmp_path / "m.onnx", 2, {}))


@pytest.mark.skipif(sys.platform != "linux", reason="Linux alone limits memory")
def test_a_model_that_asks_for_giant_memory_is_refused(onnx_models, run, tmp_path):
    """As it is for a heatmap: the model may come from anywhere."""
    card = replace(CARD, roles=("a",), normalisation=CARD.normalisation[:1], halo=1)
    model = onnx_models.giant_allocation(tmp_path / "m.onnx", card_metadata(card))
    with pytest.raises(InvalidModelError, match="memory"):
        run(model=model)


def test_a_stack_without_enough_tiles_is_refused(run, write_raster):
    """What it is calibrated on proves nothing."""
    with pytest.raises(InvalidRasterError, match=r"has 1 tiles .* at least two are needed"):
        run(stack=write_raster("small.tif", np.full((2, 40, 40), 0.5), ["a", "b"]))


def test_the_model_is_not_overwritten(run, model):
    """The float model is what a better quantisation starts from."""
    with pytest.raises(OutputError, match="also an input"):
        run(output=model)


def test_what_is_done_to_bands_before_the_first_layer_stays_in_floats():
    """Squares of a hundredth beside others of nine: in 256 steps of the largest the small ones are nothing."""
    from onnx import TensorProto, helper, numpy_helper
    from rock_glacier_mapper.core.networks.quantisation import quantised

    nodes = [
        helper.make_node("Mul", ["x", "x"], ["square"]),
        helper.make_node("Conv", ["square", "weight"], ["same"], name="layer"),
        helper.make_node("Mul", ["same", "same"], ["y"], name="after"),
    ]
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, 1, 8, 8]) for name in "xy"]
    weight = numpy_helper.from_array(np.ones((1, 1, 1, 1), np.float32), "weight")
    graph = helper.make_graph(nodes, "squares", ends[:1], ends[1:], [weight])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    tiles = [np.full((1, 8, 8), value, np.float32) for value in (0.1, 3.0)]
    small = onnx_nodes(quantised("squares", model.SerializeToString(), tiles))
    first, second = (node for node in small if node.op_type == "Mul")
    assert list(first.input) == ["x", "x"]
    assert all("DequantizeLinear" in name for name in second.input)


def onnx_nodes(content: bytes):
    """Return the nodes of a model."""
    import onnx

    return onnx.load_model_from_string(content).graph.node
