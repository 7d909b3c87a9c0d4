"""Dense networks: the same numbers as the patch classifier slid over every pixel, or a refusal that names the layer."""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from rock_glacier_mapper.core.contracts.densify import DensifyOptions
from rock_glacier_mapper.core.contracts.heatmap import HeatmapOptions
from rock_glacier_mapper.core.errors import InvalidModelError, MissingPackageError, OutputError
from rock_glacier_mapper.core.heatmaps import heatmap
from rock_glacier_mapper.core.networks import dense
from rock_glacier_mapper.core.networks.card import ModelCard, ModelClass, Normalisation
from rock_glacier_mapper.core.networks.cardmetadata import card_metadata, read_card
from rock_glacier_mapper.core.networks.dense import densified
from rock_glacier_mapper.core.networks.modelfile import stac_item
from rock_glacier_mapper.core.networks.network import Network
from rock_glacier_mapper.core.networks.receptivefield import measured_halo
from rock_glacier_mapper.core.progress import Progress
from rock_glacier_mapper.core.stages import stage_named

BANDS = 2
HEIGHT, WIDTH = 41, 37
CARD = ModelCard(
    name="toy",
    roles=("a", "b"),
    normalisation=(Normalisation(0.5, 2.0), Normalisation(-1.0, 0.5)),
    classes=(ModelClass("background"), ModelClass("rock_glacier", target=True)),
    ground_sample_distance=10.0,
)


class Classifier:
    """Strings the layers of a patch classifier together, with random weights."""

    def __init__(self, onnx_models, patch: int, bands: int = BANDS) -> None:
        self.builder = onnx_models.NetworkBuilder(seed=7)
        self.random = np.random.default_rng(7)
        self.patch, self.bands, self.channels, self.tensor = patch, bands, bands, "input"

    def add(self, kind: str, *constants: np.ndarray, **attributes: object) -> Classifier:
        names = [self.builder.weight(np.asarray(values)) for values in constants]
        self.tensor = self.builder.node(kind, self.tensor, *names, **attributes)
        return self

    def join(self) -> Classifier:
        """Add the input, as a skip connection does."""
        self.tensor = self.builder.node("Add", self.tensor, "input")
        return self

    def floats(self, *shape: int, spread: float = 1.0) -> np.ndarray:
        return self.random.normal(0, spread, shape).astype(np.float32)

    def conv(self, outputs: int, *kernel: int, group: int = 1, **attributes: object) -> Classifier:
        inputs = self.channels // group
        sides = kernel * 2 if len(kernel) == 1 else kernel
        weights = self.floats(outputs, inputs, *sides, spread=np.sqrt(2 / (inputs * np.prod(sides))))
        self.channels = outputs
        return self.add("Conv", weights, self.floats(outputs, spread=0.1), group=group, **attributes)

    def pool(self, kind: str = "MaxPool", side: int = 2, stride: int = 2, **attributes: object) -> Classifier:
        return self.add(kind, kernel_shape=[side] * 2, strides=[stride] * 2, **attributes)

    def normalise(self) -> Classifier:
        n = self.channels
        return self.add("BatchNormalization", self.floats(n), self.floats(n), self.floats(n), abs(self.floats(n)) + 0.5)

    def gemm(self, inputs: int, outputs: int) -> Classifier:
        weights = self.floats(outputs, inputs, spread=np.sqrt(2 / inputs))
        self.channels = outputs
        return self.add("Gemm", weights, self.floats(outputs, spread=0.1), transB=1)

    def save(self, path: Path, batch: object = "batch", metadata: dict[str, str] | None = None) -> str:
        shape = (batch, self.bands, self.patch, self.patch)
        return self.builder.save(path, self.tensor, shape=shape, output_shape=("n", "c"), metadata=metadata)


def one_pool(net: Classifier) -> Classifier:
    """Patch 17: conv 15, pool 7, so that the last row of the 15 is not looked at."""
    return net.conv(6, 3).add("Relu").pool().add("Flatten").gemm(6 * 49, 8).add("Relu").gemm(8, 2).add("Softmax")


def two_pools(net: Classifier) -> Classifier:
    """Patch 16: conv 12, pool 6, conv 4, pool 2; normalised before and after, also as a vector."""
    net.conv(4, 5).normalise().add("Relu").pool().conv(6, 3).add("Relu").normalise().pool()
    return net.add("Flatten").gemm(24, 8).normalise().add("Tanh").add("Dropout").gemm(8, 1).add("Sigmoid")


def three_pools(net: Classifier) -> Classifier:
    """Patch 32: 30, 15, 13, 6, 4, 2."""
    for channels in (4, 6, 8):
        net.conv(channels, 3).add("Relu").pool()
    return net.add("Dropout").add("Flatten").gemm(32, 2).add("Softmax", axis=-1)


def odd_layers(net: Classifier) -> Classifier:
    """Patch 16: kernels that are not square, overlapping and mean poolings, MatMul and Add, a clip, no activation."""
    net.conv(4, 3, 2).add("LeakyRelu", alpha=0.2).pool(side=3).pool("AveragePool", side=3, stride=1)
    net.add("Clip", np.float32(-0.2), np.float32(0.7)).conv(4, 2, 3, group=2)
    net.add("Add", net.floats(1, 4, 1, 1)).add("Identity").add("Reshape", np.array([-1, 4 * 3 * 3]))
    return net.add("MatMul", net.floats(36, 5, spread=0.2)).add("Add", net.floats(5)).add("Relu").gemm(5, 3)


def strides_and_dilations(net: Classifier) -> Classifier:
    """Patch 17: conv of stride 2 to 8, dilated by 2 to 4, mean over all; the vector has a pixel's features."""
    net.conv(6, 3, strides=[2, 2]).add("Relu").conv(6, 3, dilations=[2, 2], auto_pad="VALID").add("Relu")
    return net.add("GlobalAveragePool").add("Flatten").gemm(6, 2).add("Softmax", axis=1)


def channels_last(net: Classifier) -> Classifier:
    """Patch 16, as exported from frameworks that keep the channels last."""
    net.conv(3, 5).add("Relu").pool(side=4, stride=4).add("Transpose", perm=[0, 2, 3, 1])
    return net.add("Relu").add("Reshape", np.array([-1, 27])).gemm(27, 2).add("Softmax")


def computed_shape(net: Classifier) -> Classifier:
    """Patch 17, flattened to a shape that the graph computes from the batch's size."""
    net.conv(4, 4).add("Relu").pool(side=4, stride=3)
    start, end, rest = (net.builder.weight(np.array([value])) for value in (0, 1, -1))
    batch = net.builder.node("Slice", net.builder.node("Shape", net.tensor), start, end)
    net.tensor = net.builder.node("Reshape", net.tensor, net.builder.node("Concat", batch, rest, axis=0))
    return net.gemm(64, 2).add("Softmax")


def convolutional_head(net: Classifier) -> Classifier:
    """Patch 16: the last layers are convolutions, and the vector is made at the very end."""
    return net.conv(4, 5).pool().add("Relu").conv(8, 6).add("Relu").conv(2, 1).add("Flatten").add("Softmax")


CLASSIFIERS = [
    (17, one_pool),
    (16, one_pool),
    (16, two_pools),
    (17, two_pools),
    (32, three_pools),
    (33, three_pools),
    (16, odd_layers),
    (17, strides_and_dilations),
    (16, channels_last),
    (17, computed_shape),
    (16, convolutional_head),
]


@pytest.fixture
def classifier(onnx_models, tmp_path):
    """Return a function that writes a classifier and gives its path."""

    def write(patch: int, layers, **options: object) -> str:
        net = Classifier(onnx_models, patch)
        if layers is one_pool and patch == 16:
            net.conv(BANDS, 1).add("Relu").conv(6, 3).add("Relu").pool().add("Flatten").gemm(6 * 49, 2)
        else:
            layers(net)
        return net.save(tmp_path / "classifier.onnx", **options)

    return write


def run_network(content: bytes, values: np.ndarray) -> np.ndarray:
    session = dense.onnxruntime.InferenceSession(content, providers=["CPUExecutionProvider"])
    return session.run(None, {session.get_inputs()[0].name: values})[0]


def slid(path: str, patch: int, image: np.ndarray) -> np.ndarray:
    """Return the classifier's output for every patch of an image, shape (classes, rows, columns)."""
    windows = np.lib.stride_tricks.sliding_window_view(image, (patch, patch), axis=(1, 2))
    rows, columns = windows.shape[1:3]
    patches = np.ascontiguousarray(windows.transpose(1, 2, 0, 3, 4)).reshape(-1, len(image), patch, patch)
    return run_network(Path(path).read_bytes(), patches).reshape(rows, columns, -1).transpose(2, 0, 1)


def noise(*shape: int) -> np.ndarray:
    return np.random.default_rng(3).standard_normal(shape, np.float32)


@pytest.mark.parametrize(("patch", "layers"), CLASSIFIERS)
def test_dense_equals_the_patch_slid_over_every_pixel(classifier, patch, layers):
    """The promise: at (row, column) the class of the patch centred there, on every row and column that has one.

    The patch that starts at (0, 0) is centred at (halo, halo), which is where the output begins.
    """
    path = classifier(patch, layers)
    network = densified(Path(path).read_bytes(), path)
    image = noise(BANDS, HEIGHT, WIDTH)
    expected = slid(path, patch, image)
    output = run_network(network.model, image[None])[0]
    assert (network.patch_size, network.halo) == (patch, patch // 2)
    assert output.shape[1:] == (HEIGHT - 2 * network.halo, WIDTH - 2 * network.halo)
    np.testing.assert_allclose(output, expected[:, : output.shape[1], : output.shape[2]], rtol=0, atol=1e-5)
    assert np.ptp(output) > 1e-3


@pytest.mark.parametrize(("patch", "layers"), [item for item in CLASSIFIERS if item[1] is not odd_layers])
def test_the_halo_is_as_far_as_the_network_sees(classifier, tmp_path, patch, layers):
    """Too small a halo gives seams, too large a one costs time; a clip would hide what the measurement looks for."""
    network = densified(Path(classifier(patch, layers)).read_bytes(), "m")
    path = tmp_path / "dense.onnx"
    path.write_bytes(network.model)
    session = Network(str(path), "cpu", Progress())
    assert measured_halo(session, BANDS, 80, 1, Progress()) == network.halo


def test_batch_height_and_width_are_free(classifier):
    """Two images of another shape at once give what each gives alone; opset and IR are those that old runtimes read."""
    onnx = pytest.importorskip("onnx")
    network = densified(Path(classifier(16, two_pools)).read_bytes(), "m")
    images = noise(2, BANDS, 23, 50)
    both = run_network(network.model, images)
    assert both.shape == (2, 1, 7, 34)
    np.testing.assert_allclose(both[1], run_network(network.model, images[1:])[0], atol=1e-6)
    model = onnx.load_from_string(network.model)
    onnx.checker.check_model(model, full_check=True)
    assert (model.opset_import[0].version, model.ir_version) == (17, 8)


def test_softmax_of_an_old_opset_needs_no_axis(classifier):
    """Before opset 13 the default axis was 1, and a clip's limits were attributes before 11."""
    onnx = pytest.importorskip("onnx")
    path = Path(classifier(16, lambda net: convolutional_head(net.conv(BANDS, 1).add("Clip", min=-1.0, max=0.5))))
    model = onnx.load(path)
    model.opset_import[0].version = 9
    path.write_bytes(model.SerializeToString())
    image = noise(BANDS, 20, 20)
    output = run_network(densified(path.read_bytes(), "m").model, image[None])[0]
    np.testing.assert_allclose(output, slid(str(path), 16, image)[:, :4, :4], atol=1e-5)


def refusal(classifier, layers, patch: int = 16, **options: object) -> str:
    """Return what is said of a classifier."""
    path = classifier(patch, layers, **options)
    with pytest.raises(InvalidModelError) as caught:
        densified(Path(path).read_bytes(), "given.onnx")
    assert "given.onnx" in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize(
    ("layers", "words"),
    [
        (lambda net: net.conv(4, 3).conv(4, 3, pads=[1] * 4), ("`conv_1`", "pads the patch's edge", "`valid`")),
        (lambda net: net.conv(4, 3, auto_pad="SAME_UPPER"), ("`conv_0`", "pads")),
        (lambda net: net.pool(side=3, pads=[0, 0, 1, 1]), ("MaxPool", "pads")),
        (lambda net: net.conv(4, 2).pool(ceil_mode=1), ("`maxpool_1`", "ceil_mode")),
        (lambda net: net.add("Sin"), ("Sin layer `sin_0`", "cannot be converted; known are Conv")),
        (lambda net: net.add("RockGlacierDetector"), ("RockGlacierDetector", "no valid ONNX model")),
        (lambda net: net.join(), ("`add_0`", "joins two branches")),
        (lambda net: net.conv(4, 3), ("14 x 14 values a class",)),
        (lambda net: net.add("Identity"), ("16 x 16 values a class",)),
        (lambda net: net.conv(4, 17), ("`conv_0`", "kernel of 17 pixels, but gets 16")),
        (lambda net: net.add("Flatten").add("Softmax"), ("`softmax_1`", "classes of one patch")),
        (lambda net: net.conv(2, 16).add("Softmax", axis=2), ("`softmax_1`", "axis 1")),
        (lambda net: net.add("Flatten").gemm(100, 2), ("`gemm_1`", "takes 100 features, but gets 512")),
        (lambda net: net.add("Flatten", axis=2), ("`flatten_0`", "axis must be 1")),
        (lambda net: net.add("Reshape", np.array([-1, 256])), ("`reshape_0`", "512 features")),
        (lambda net: net.add("MatMul", np.ones((16, 2), np.float32)), ("`matmul_0`", "after a Flatten")),
        (lambda net: net.add("Flatten").conv(2, 3), ("`conv_1`", "needs an image")),
        (lambda net: net.add("Flatten").add("Add", np.ones(512, np.float32)), ("`add_1`", "between the flattening")),
        (lambda net: net.add("Add", np.ones((16, 16), np.float32)), ("`add_0`", "shape (16, 16)")),
        (lambda net: net.add("Transpose", perm=[0, 1, 3, 2]), ("`transpose_0`", "channels to the end")),
    ],
)
def test_what_has_no_dense_form_is_refused(classifier, layers, words):
    """The sentence names the layer, and says what is wrong with it."""
    message = refusal(classifier, layers)
    for word in words:
        assert word in message


@pytest.mark.parametrize(
    ("shape", "message"),
    [
        (("b", BANDS, "height", "width"), r"\(free, 2, free, free\)"),
        (("b", BANDS, 17, 18), "18 x 17 pixels; they must be square"),
        (("b", 17), r"\(free, 17\)"),
        (("b", BANDS, 10**6, 10**6), "2000000000000 numbers"),
    ],
)
def test_a_patch_of_unsuitable_shape_is_refused(onnx_models, tmp_path, shape, message):
    """A free size cannot be told from the layers, as a vector's length fits several; a huge one takes all memory."""
    net = one_pool(Classifier(onnx_models, 17))
    path = net.builder.save(tmp_path / "m.onnx", net.tensor, shape=shape, output_shape=("b", 2))
    with pytest.raises(InvalidModelError, match=message):
        densified(Path(path).read_bytes(), path)


def test_a_constant_of_an_unknown_type_is_refused(classifier):
    """A damaged byte ends as a sentence too."""
    onnx = pytest.importorskip("onnx")
    model = onnx.load(classifier(16, two_pools))
    model.graph.initializer.append(onnx.TensorProto(name="odd", data_type=99, raw_data=b"0000", dims=[1]))
    with pytest.raises(InvalidModelError, match=r"m\.onnx"):
        densified(model.SerializeToString(), "m.onnx")


def test_a_truncated_classifier_is_refused_wherever_it_was_cut(classifier):
    """Whatever the bytes are, one sentence."""
    content = Path(classifier(16, two_pools)).read_bytes()
    for length in range(0, len(content), len(content) // 40):
        with pytest.raises(InvalidModelError, match=r"m\.onnx"):
            densified(content[:length], "m.onnx")


def test_external_weights_are_refused(classifier, tmp_path):
    """A model must not make the software read files that its user never named."""
    onnx = pytest.importorskip("onnx")
    path = classifier(16, two_pools)
    model = onnx.load(path)
    onnx.external_data_helper.convert_model_to_external_data(model, location="weights.bin", size_threshold=0)
    onnx.save(model, path)
    with pytest.raises(InvalidModelError, match="weights in other files"):
        densified(Path(path).read_bytes(), path)


def test_a_damaged_classifier_is_found_by_the_item_beside_it(classifier, tmp_path):
    """A dense network of damaged weights would agree with the damaged classifier."""
    path = Path(classifier(16, one_pool))
    path.with_suffix(".json").write_text(json.dumps(stac_item(CARD, path.name, b"what was published")))
    with pytest.raises(InvalidModelError, match="SHA-256"):
        dense.run(DensifyOptions(model=str(path), output=str(tmp_path / "d.onnx")), Progress())


def test_the_card_goes_along_and_states_the_halo(classifier):
    """The heatmap stage must find the bands and need not measure the halo; foreign entries stay as they are."""
    path = classifier(16, channels_last, metadata={"note": "kept", **card_metadata(CARD)})
    onnx = pytest.importorskip("onnx")
    model = onnx.load_from_string(densified(Path(path).read_bytes(), path).model)
    metadata = {entry.key: entry.value for entry in model.metadata_props}
    assert len(metadata) == len(model.metadata_props)
    assert metadata["note"] == "kept"
    assert read_card(metadata) == replace(CARD, halo=8, stride=1)


@pytest.mark.parametrize("patch", [16, 17])
def test_the_heatmap_stage_runs_it(classifier, tmp_path, write_raster, read_all, patch):
    """Through the stage, normalised and mirrored at the edges, the target class is what the patches give."""
    layers = channels_last if patch == 16 else one_pool
    path = classifier(patch, layers, metadata=card_metadata(CARD))
    model, output = str(tmp_path / "dense.onnx"), str(tmp_path / "heatmap.tif")
    dense.run(DensifyOptions(model=path, output=model), Progress())
    values = noise(BANDS, 40, 30)
    stack = write_raster("s.tif", values, ["a", "b"])
    for size in (32, 128):
        heatmap.run(
            HeatmapOptions(stack=stack, model=model, output=output, output_type="float32", tile_size=size), Progress()
        )
        normal = [(band - item.mean) / item.std for band, item in zip(values, CARD.normalisation, strict=True)]
        mirrored = np.pad(np.stack(normal), [(0, 0), (8, 8), (8, 8)], mode="reflect").astype(np.float32)
        expected = slid(path, patch, mirrored)[1, :40, :30]
        np.testing.assert_allclose(read_all(output)[0], expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize("batch", ["batch", 1, 5])
def test_the_stage_reports_what_it_measured(classifier, tmp_path, batch):
    """The classifier may take one size of batch only."""
    options = DensifyOptions(model=classifier(17, one_pool, batch=batch), output=str(tmp_path / "dense.onnx"))
    result = dense.run(options, Progress())
    assert (result.output, result.patch_size, result.halo) == (options.output, 17, 8)
    assert 0 <= result.difference < 1e-6
    assert Network(result.output, "cpu", Progress()).channels == BANDS


def test_a_network_that_differs_is_not_written(classifier, tmp_path, monkeypatch):
    """Whatever the conversion overlooks, the comparison finds before a map is made of it."""
    other = densified(Path(classifier(16, convolutional_head)).read_bytes(), "m")
    monkeypatch.setattr(dense, "densified", lambda content, name: other)
    output = tmp_path / "dense.onnx"
    options = DensifyOptions(model=classifier(16, channels_last), output=str(output))
    with pytest.raises(InvalidModelError, match="differs from it by"):
        dense.run(options, Progress())
    assert not output.exists()


def test_the_output_is_checked_first(classifier, tmp_path):
    """The classifier must not be overwritten, and the suffix is what finds the model again."""
    path = classifier(16, channels_last)
    with pytest.raises(OutputError, match="also an input"):
        dense.run(DensifyOptions(model=path, output=path), Progress())
    with pytest.raises(OutputError, match=r"\.onnx"):
        dense.run(DensifyOptions(model=path, output=str(tmp_path / "dense.tif")), Progress())


@pytest.mark.parametrize("content", [b"", b"text " * 40, b"\x08\x08"])
def test_files_that_are_no_models_are_refused(tmp_path, content):
    """One sentence with the file's name."""
    path = tmp_path / "m.onnx"
    path.write_bytes(content)
    with pytest.raises(InvalidModelError, match=r"m\.onnx"):
        dense.run(DensifyOptions(model=str(path), output=str(tmp_path / "dense.onnx")), Progress())


def test_a_missing_package_is_named(monkeypatch):
    """The package serves the making of models only, so that users of the toolbox need not have it."""
    for module in ("densegraph", "patchgraph"):
        monkeypatch.delitem(sys.modules, f"rock_glacier_mapper.core.networks.{module}", raising=False)
    monkeypatch.setitem(sys.modules, "onnx", None)
    with pytest.raises(MissingPackageError, match="'onnx'"):
        densified(b"", "m.onnx")
    assert stage_named("densify").packages == ("onnx", "onnxruntime")
