"""Networks from bytes: what runs, what is refused with a sentence, and how a run is stopped."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
from rock_glacier_mapper.core.errors import Cancelled, InvalidModelError
from rock_glacier_mapper.core.networks import network as network_module
from rock_glacier_mapper.core.networks.card import ModelCard, Normalisation
from rock_glacier_mapper.core.networks.externaldata import has_external_data
from rock_glacier_mapper.core.networks.modelfile import stac_item
from rock_glacier_mapper.core.networks.models import find_model
from rock_glacier_mapper.core.networks.network import CPU, Network
from rock_glacier_mapper.core.networks.receptivefield import measured_halo
from rock_glacier_mapper.core.progress import Progress


class Listener(Progress):
    """Collects warnings; cancels after some questions."""

    def __init__(self, questions: float = float("inf")) -> None:
        self.warnings: list[str] = []
        self._questions = questions

    def warn(self, message: str) -> None:
        self.warnings.append(message)

    def cancelled(self) -> bool:
        self._questions -= 1
        return self._questions < 0


def load(path: object) -> Network:
    return Network(str(path), "cpu", Progress())


def run(path: object, tile: np.ndarray) -> np.ndarray:
    return load(path).run(tile.astype(np.float32), Progress())


def test_a_network_tells_what_it_is(onnx_models, tmp_path):
    """Checksum, metadata, channels, size and provider are what the heatmap checks and records."""
    path = onnx_models.mean_of_bands(tmp_path / "m.onnx", 3, {"key": '"value"'})
    net = load(path)
    assert net.sha256 == hashlib.sha256(Path(path).read_bytes()).hexdigest()
    assert (net.metadata, net.channels, net.size, net.provider) == ({"key": '"value"'}, 3, None, CPU)
    tile = np.stack([np.full((4, 5), value, np.float32) for value in (1, 2, 6)])
    assert net.run(tile, Progress()) == pytest.approx(np.full((1, 4, 5), 3.0))


def test_an_output_without_a_class_axis_is_one_class(onnx_models, tmp_path):
    """Some networks give (batch, height, width)."""
    builder = onnx_models.NetworkBuilder()
    output = builder.node("Squeeze", "input", builder.weight(np.array([1], np.int64)))
    path = builder.save(tmp_path / "m.onnx", output, output_shape=("batch", "h", "w"))
    tile = np.arange(6.0).reshape(1, 2, 3)
    assert run(path, tile).tolist() == tile.tolist()


def test_the_first_image_among_several_outputs_is_taken(onnx_models, tmp_path):
    """Networks with a second head run, and say that it is not used."""
    builder = onnx_models.NetworkBuilder()
    first = builder.node("Neg", "input")
    second = builder.node("Abs", "input")
    path = builder.save(tmp_path / "m.onnx", [first, second])
    listener = Listener()
    output = Network(path, "cpu", listener).run(np.ones((1, 2, 2), np.float32), listener)
    assert output.tolist() == (-np.ones((1, 2, 2))).tolist()
    assert "2 outputs" in listener.warnings[0]


def test_a_flipped_byte_is_found_by_the_item_beside_the_model(onnx_models, tmp_path):
    """Damaged weights load without complaint; the checksum tells, and names both sums."""
    path = Path(onnx_models.box_blur(tmp_path / "m.onnx", {}))
    content = path.read_bytes()
    card = ModelCard("toy", (), (Normalisation(),), ())
    path.with_suffix(".json").write_text(json.dumps(stac_item(card, path.name, content)))
    before = load(path).sha256
    weight = content.index(np.float32(1 / 9).tobytes())
    path.write_bytes(content[:weight] + b"\x00" + content[weight + 1 :])
    with pytest.raises(InvalidModelError, match=rf"m\.onnx has the SHA-256 \w+, but m\.json .* says {before}"):
        load(path)
    path.with_suffix(".json").unlink()
    assert load(path).sha256 != before


@pytest.mark.parametrize("text", ["no JSON", "[]", '{"assets": {"model": {"href": "./other.onnx"}}}'])
def test_a_file_beside_the_model_that_states_no_checksum_says_nothing(onnx_models, tmp_path, text):
    """A .json file of the same name may be anything."""
    path = Path(onnx_models.box_blur(tmp_path / "m.onnx", {}))
    path.with_suffix(".json").write_text(text)
    assert load(path).size is None


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is empty"),
        (b"This is a text file, not a network.\n" * 20, "no ONNX model"),
        (b"\x00" * 64, "m.onnx"),
        (b"\x08\x08", "m.onnx"),
    ],
    ids=["empty", "text", "zeros", "no graph"],
)
def test_files_that_are_no_models_are_refused(tmp_path, content, message):
    """Whatever the bytes are, one sentence with the file's name."""
    path = tmp_path / "m.onnx"
    path.write_bytes(content)
    with pytest.raises(InvalidModelError, match=message):
        load(path)


def test_a_truncated_model_is_refused_wherever_it_was_cut(onnx_models, tmp_path):
    """An interrupted download must never load as half a network."""
    path = Path(onnx_models.small_unet(tmp_path / "m.onnx", 2, {"a": "1"}))
    content = path.read_bytes()
    for length in range(1, len(content), len(content) // 40):
        path.write_bytes(content[:length])
        with pytest.raises(InvalidModelError, match=r"m\.onnx"):
            load(path)


def test_a_missing_model_lists_the_shipped_ones(tmp_path):
    """A typing error in a shipped model's name is the likeliest cause."""
    with pytest.raises(InvalidModelError, match=r"no model nowhere\.onnx.*shipped models"):
        find_model("nowhere.onnx")
    with pytest.raises(InvalidModelError, match="There is no model"):
        find_model(str(tmp_path))


def test_external_weights_are_refused(onnx_models, tmp_path):
    """A model must not make the software read files that its user never named."""
    onnx = pytest.importorskip("onnx")
    path = Path(onnx_models.box_blur(tmp_path / "m.onnx", {}))
    model = onnx.load(path)
    onnx.external_data_helper.convert_model_to_external_data(model, location="weights.bin", size_threshold=0)
    onnx.save(model, path)
    assert (tmp_path / "weights.bin").exists()
    with pytest.raises(InvalidModelError, match="weights in other files"):
        load(path)


def test_external_weights_are_found_in_attributes_and_subgraphs(onnx_models):
    """Tensors hide in constants inside the branches of an If too."""
    onnx = pytest.importorskip("onnx")
    tensor = onnx.TensorProto(name="w", dims=[1], data_type=onnx.TensorProto.FLOAT, data_location=1)
    constant = onnx.helper.make_node("Constant", [], ["c"], value=tensor)
    branch = onnx.GraphProto(name="branch", node=[constant])
    choice = onnx.helper.make_node("If", ["input"], ["out"], then_branch=branch, else_branch=onnx.GraphProto())
    model = onnx.ModelProto(graph=onnx.GraphProto(node=[choice]))
    assert has_external_data(model.SerializeToString())
    tensor.ClearField("data_location")
    constant.attribute[0].t.CopyFrom(tensor)
    choice.attribute[1 if choice.attribute[0].name == "else_branch" else 0].g.node[0].CopyFrom(constant)
    clean = onnx.ModelProto(graph=onnx.GraphProto(node=[choice]))
    assert not has_external_data(clean.SerializeToString())


def test_looking_for_external_weights_survives_any_bytes():
    """The look happens before the runtime's own checks, so it meets whatever a file holds."""
    random = np.random.default_rng(0)
    outcomes = set()
    for _ in range(500):
        try:
            outcomes.add(has_external_data(random.bytes(int(random.integers(1, 60)))))
        except ValueError:
            outcomes.add("refused")
    assert outcomes <= {True, False, "refused"}
    assert "refused" in outcomes


def test_unknown_operators_are_refused(onnx_models, tmp_path):
    """The operator's name is in the message, so that the author can be asked."""
    builder = onnx_models.NetworkBuilder()
    path = builder.save(tmp_path / "m.onnx", builder.node("RockGlacierDetector", "input"))
    with pytest.raises(InvalidModelError, match="RockGlacierDetector"):
        load(path)


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        (("batch", 4), "2 dimensions"),
        ((1, 1, 64, 32), "height 64 and width 32"),
        ((1, 1, 64, "width"), "height 64 and width free"),
    ],
)
def test_inputs_that_are_no_square_tiles_are_refused(onnx_models, tmp_path, shape, message):
    """The message says what the network takes."""
    builder = onnx_models.NetworkBuilder()
    path = builder.save(tmp_path / "m.onnx", builder.node("Neg", "input"), shape=shape, output_shape=None)
    with pytest.raises(InvalidModelError, match=message):
        load(path)


def test_a_classifier_of_whole_tiles_is_refused(onnx_models, tmp_path):
    """A vector of scores is no heatmap."""
    builder = onnx_models.NetworkBuilder()
    output = builder.node("Flatten", "input")
    path = builder.save(tmp_path / "m.onnx", output, output_shape=("batch", "n"))
    with pytest.raises(InvalidModelError, match="gives no heatmap"):
        load(path)


def test_a_failing_run_names_the_tile(onnx_models, tmp_path):
    """A U-Net of stride 4 cannot join its halves on 30 pixels."""
    path = onnx_models.small_unet(tmp_path / "m.onnx", 1, {})
    with pytest.raises(InvalidModelError, match="1 bands and 30 x 30 pixels"):
        run(path, np.zeros((1, 30, 30)))


def test_an_endless_run_stops_when_cancelled(onnx_models, tmp_path):
    """Cancelling must work inside one run, not only between tiles; without that this test never ends."""
    path = onnx_models.endless_loop(tmp_path / "m.onnx")
    net = load(path)
    with pytest.raises(Cancelled):
        net.run(np.zeros((1, 4, 4), np.float32), Listener(questions=2))


def test_asking_for_an_absent_gpu_warns(onnx_models, tmp_path, monkeypatch):
    """Never silent; and no warning where the user left the choice open."""
    path = onnx_models.box_blur(tmp_path / "m.onnx", {})
    monkeypatch.setattr(network_module.onnxruntime, "get_available_providers", lambda: [CPU])
    asked, open_choice = Listener(), Listener()
    assert Network(path, "gpu", asked).provider == CPU
    assert Network(path, "automatic", open_choice).provider == CPU
    assert "CPU" in asked.warnings[0]
    assert open_choice.warnings == []


@pytest.mark.filterwarnings("ignore:Specified provider")
@pytest.mark.parametrize("device", ["automatic", "gpu"])
def test_a_gpu_that_does_not_load_warns(onnx_models, tmp_path, monkeypatch, device):
    """The list of providers does not prove that their libraries are there."""
    path = onnx_models.box_blur(tmp_path / "m.onnx", {})
    monkeypatch.setattr(network_module.onnxruntime, "get_available_providers", lambda: ["CUDAExecutionProvider", CPU])
    listener = Listener()
    assert Network(path, device, listener).provider == CPU
    assert len(listener.warnings) == 1
    assert "CPU" in listener.warnings[0]


@pytest.mark.parametrize("side", [1, 3, 7])
def test_the_reach_of_a_convolution_is_measured(onnx_models, tmp_path, side):
    """A kernel of 7 pixels sees 3 pixels far."""
    net = load(onnx_models.box_blur(tmp_path / "m.onnx", {}, side))
    assert measured_halo(net, 1, 32, 8, Progress()) == side // 2


def test_the_reach_of_a_strided_network_is_that_of_its_worst_pixel(onnx_models, tmp_path):
    """By hand: pairs of convolutions reach 2 + 4 + 8 + 4 + 2 pixels, and the poolings 1 + 2 more."""
    net = load(onnx_models.small_unet(tmp_path / "m.onnx", 1, {}))
    assert measured_halo(net, 1, 128, 4, Progress()) == 23


def test_a_global_pooling_has_no_reach(onnx_models, tmp_path):
    """No halo makes such a network exact, and None says so."""
    builder = onnx_models.NetworkBuilder()
    mean = builder.node("GlobalAveragePool", "input")
    path = builder.save(tmp_path / "m.onnx", builder.node("Sub", "input", mean))
    assert measured_halo(load(path), 1, 32, 1, Progress()) is None


def test_foreign_models_run_or_are_refused_with_a_sentence(shared_data):
    """None of the models of another plugin's tests may fail with anything else."""
    paths = sorted((shared_data / "onnx_models").glob("*.onnx"))
    assert len(paths) == 17
    for path in paths:
        try:
            net = load(path)
            assert net.run(np.zeros((3, net.size, net.size), np.float32), Progress()).ndim == 3
        except InvalidModelError as error:
            assert str(path) in str(error)
