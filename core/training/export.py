"""From a trained network to an ONNX file, with proof that the file gives the network's numbers; and back."""

from __future__ import annotations

import copy
import io
import re
import tempfile
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import helper, numpy_helper
from torch import Tensor, nn

from ..contracts.traincnn import PATCH_CNN, TrainCnnOptions
from ..errors import InvalidModelError
from ..networks import network as runtime
from ..networks.cardmetadata import read_card
from ..networks.dense import checked_difference, densified
from ..networks.modelfile import read_model
from ..networks.patchgraph import constants_of
from ..networks.receptivefield import measured_halo
from ..progress import Progress
from .architectures import Ensemble, Network, Trained, made_network, written_out
from .localcontrast import LocalContrast
from .patchcnn import PatchCnn
from .scores import Calibration
from .symmetric import SymmetricUNet
from .unet import UNet

PARITY = 1e-4
_OPSET = 17
_IR_VERSION = 8
_INPUT, _OUTPUT = "stack", "heatmap"
_PREFIX = "network."
_MEMBER = re.compile(r"network\.members\.(\d+)\.")
_KERNEL_DIMENSIONS = 4
_UNET_TILE = (9, 7)
_PATCHES = 3
_SMALLEST_MEASURED = 512


class Exported(NamedTuple):
    """A network as a file.

    Attributes
    ----------
    model : bytes
        Content of the ONNX file, without metadata.
    halo : int
        Pixels of context on every side that an output pixel depends on, a multiple of the stride.
    difference : float
        Largest difference of its output from the trained network's, on random numbers.
    """

    model: bytes
    halo: int
    difference: float


class _Probability(nn.Module):
    """A network that gives probabilities in place of logits; of patches, one a patch."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self.network = network

    def forward(self, image: Tensor) -> Tensor:
        if isinstance(self.network, PatchCnn):
            return torch.flatten(torch.sigmoid(self.network.classified(image)), 1)
        return torch.sigmoid(self.network(image))


def exported(network: Network, calibration: Calibration, channels: int, progress: Progress) -> Exported:
    """Return a network as an ONNX file that gives calibrated probabilities for images of free size.

    Parameters
    ----------
    network : Network
        Trained.
    calibration : Calibration
        Is made part of the last layer.
    channels : int
        Number of bands.
    progress : Progress

    Raises
    ------
    InvalidModelError
        If onnxruntime's numbers differ from the network's by more than 1e-4.
    """
    calibrated = _calibrated(network, calibration)
    if isinstance(calibrated, PatchCnn):
        context = 2 * calibrated.margin
        classifier = _written(calibrated, (1, channels, context, context))
        dense = densified(classifier, "to be written")
        checked_difference(classifier, dense, "to be written", progress)
        model, halo = dense.model, dense.halo
    else:
        side = 4 * calibrated.stride
        model, halo = _written(calibrated, (1, channels, side, side)), None
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "model.onnx")
        path.write_bytes(model)
        session = runtime.Network(str(path), "cpu", progress)
        difference = _difference(calibrated, session, channels, progress)
        if halo is None:
            halo = _measured_halo(calibrated, session, channels, progress)
    if not difference <= PARITY:
        raise InvalidModelError(
            f"The model file differs from the trained network by {difference:.2g}, more than {PARITY:g}; it was not "
            "written. Train with precision float32, or with another version of torch."
        )
    return Exported(model, halo, difference)


def round_kernels(network: Network) -> None:
    """Round the kernels of U-Nets to 16 bits, so that the file can be half as large; a heatmap hardly shows it."""
    if isinstance(network, PatchCnn):
        return
    with torch.no_grad():
        for parameter in network.parameters():
            if parameter.ndim == _KERNEL_DIMENSIONS:
                parameter.copy_(parameter.half())


def started_network(options: TrainCnnOptions, roles: Sequence[str], number: int = 0) -> Trained:
    """Return a network with random weights, or with those of the model that the options name.

    Parameters
    ----------
    options : TrainCnnOptions
    roles : sequence of str
        Of the samples' bands.
    number : int
        Which of several networks it is, from 0; where the model to start from has several, it begins as one of them.

    Raises
    ------
    InvalidModelError
        If that model cannot be read, or is of another architecture or width.
    InvalidOptionError
        If options do not fit the architecture.
    """
    torch.manual_seed(options.seed)
    if not options.initial:
        return made_network(options, roles)
    model = onnx.load_model_from_string(read_model(options.initial))
    constants = _constants_of(model, number)
    widths = options.widths or (() if options.architecture == PATCH_CNN else _unet_widths(constants))
    network = made_network(replace(options, widths=widths), roles)
    plain = written_out(network)
    card = read_card({entry.key: entry.value for entry in model.metadata_props})
    _take(plain, _weights_of(options.initial, constants, plain), card.roles if card else (), roles, options)
    if isinstance(network, SymmetricUNet):
        network.take(plain)
    return network


def _calibrated(network: Network, calibration: Calibration) -> Network:
    """Return a copy on the CPU, for inference, whose logits are calibrated."""
    copied = copy.deepcopy(network).cpu().eval().to(memory_format=torch.contiguous_format)
    with torch.no_grad():
        for member in copied.members if isinstance(copied, Ensemble) else [copied]:
            member.last.weight.mul_(calibration.slope)
            member.last.bias.mul_(calibration.slope).add_(calibration.offset)
    return copied


def _written(network: Network, shape: tuple[int, ...]) -> bytes:
    """Return the content of an ONNX file; batch normalisations stay apart, so that training can go on from it."""
    buffer = io.BytesIO()
    axes: dict[str, dict[int, str]] = {_INPUT: {0: "batch"}, _OUTPUT: {0: "batch"}}
    if not isinstance(network, PatchCnn):
        axes = {name: {0: "batch", 2: "height", 3: "width"} for name in (_INPUT, _OUTPUT)}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            _Probability(network).eval(),
            (torch.zeros(shape),),
            buffer,
            input_names=[_INPUT],
            output_names=[_OUTPUT],
            dynamic_axes=axes,
            opset_version=_OPSET,
            training=torch.onnx.TrainingMode.PRESERVE,
            do_constant_folding=False,
            dynamo=False,
        )
    model = onnx.load_model_from_string(buffer.getvalue())
    model.ir_version = _IR_VERSION
    if not isinstance(network, PatchCnn):
        _halve(model.graph)
    return bytes(model.SerializeToString())


def _halve(graph: onnx.GraphProto) -> None:
    """Store the kernels that lose nothing by it as floats of 16 bits; the runtime widens them as it loads the file."""
    widened = {}
    for tensor in graph.initializer:
        values = numpy_helper.to_array(tensor)
        half = values.astype(np.float16)
        if values.ndim == _KERNEL_DIMENSIONS and values.dtype == np.float32 and (half == values).all():
            tensor.CopyFrom(numpy_helper.from_array(half, tensor.name))
            widened[tensor.name] = f"{tensor.name}.wide"
    for node in graph.node:
        node.input[:] = [widened.get(name, name) for name in node.input]
    casts = [helper.make_node("Cast", [name], [wide], to=onnx.TensorProto.FLOAT) for name, wide in widened.items()]
    nodes = [*casts, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)


def _difference(network: Network, session: runtime.Network, channels: int, progress: Progress) -> float:
    """Return the largest difference between the two on random numbers."""
    random = np.random.default_rng(0)
    if not isinstance(network, PatchCnn):
        rows, columns = (factor * network.stride for factor in _UNET_TILE)
        image = random.standard_normal((channels, rows, columns), np.float32)
        with torch.no_grad():
            expected = torch.sigmoid(network(torch.from_numpy(image[None])))[0].numpy()
    else:
        # Patch by patch, as the classifier is defined.
        context = 2 * network.margin
        image = random.standard_normal((channels, context + _PATCHES, context + _PATCHES), np.float32)
        corners = np.stack(np.meshgrid(range(_PATCHES), range(_PATCHES), indexing="ij"), axis=-1).reshape(-1, 2)
        patches = np.stack([image[:, row : row + context, column : column + context] for row, column in corners])
        with torch.no_grad():
            expected = torch.sigmoid(network.classified(torch.from_numpy(patches))).numpy()
        expected = expected.reshape(1, _PATCHES, _PATCHES)
    return float(np.abs(session.run(image, progress) - expected).max())


def _measured_halo(network: Network, session: runtime.Network, channels: int, progress: Progress) -> int:
    """Return how far the network sees, rounded up to its stride."""
    side = -(-_SMALLEST_MEASURED // network.stride) * network.stride
    reach = measured_halo(session, channels, side, network.stride, progress)
    while reach is None and side < 8 * _SMALLEST_MEASURED:
        side *= 2
        reach = measured_halo(session, channels, side, network.stride, progress)
    if reach is None:
        raise InvalidModelError("The network sees farther than a tile can show. Choose fewer levels (`widths`).")
    return -(-reach // network.stride) * network.stride


def _constants_of(model: onnx.ModelProto, number: int) -> dict[str, NDArray[np.float32]]:
    """Return the constants of a model file: of several networks those of one, named as if it were alone."""
    constants = dict(constants_of(model.graph))
    members = {match[1] for match in map(_MEMBER.match, constants) if match}
    beginning = f"{_PREFIX}members.{number % len(members)}." if members else _PREFIX
    return {
        key.removeprefix(beginning): values
        for key, values in constants.items()
        if key.startswith(beginning) or not members
    }


def _unet_widths(constants: Mapping[str, NDArray[np.float32]]) -> tuple[str, ...]:
    """Return the channels of each level of a U-Net; empty where it is none."""
    levels = sum(bool(re.fullmatch(r"encoder\.\d+\.0\.0\.weight", key)) for key in constants)
    names = ("first.0.weight", *(f"encoder.{level}.0.0.weight" for level in range(levels)))
    return tuple(str(len(constants[name])) for name in names if name in constants)


def _weights_of(
    name: str, constants: Mapping[str, NDArray[np.float32]], network: UNet | PatchCnn
) -> dict[str, NDArray[np.float32]]:
    """Return the weights of a model file by the network's names for them."""
    learnt = [key for key in network.state_dict() if not key.endswith("num_batches_tracked")]
    if isinstance(network, UNet):
        weights = {key: constants[key] for key in learnt if key in constants}
    else:
        # A dense network's constants have no names, but the order of the layers.
        layers = zip(
            ("convolutions", "normalisations"), ("weight", "weight bias running_mean running_var"), strict=True
        )
        parts = dict(layers)
        order = [
            f"{kind}.{place}.{item}" for place in range(3) for kind, items in parts.items() for item in items.split()
        ]
        order += ["full.weight", "full.bias", "last.weight", "last.bias"]
        numbers = [values for values in constants.values() if values.dtype == np.float32 and values.ndim]
        weights = dict(zip(order, numbers, strict=False)) if len(numbers) == len(order) else {}
    if set(weights) != set(learnt) or any(
        values.ndim != network.state_dict()[key].ndim for key, values in weights.items()
    ):
        raise InvalidModelError(
            f"The model {name} is not one to go on from: it was not written by this node, or with another architecture."
        )
    return weights


def _take(
    network: UNet | PatchCnn,
    weights: dict[str, NDArray[np.float32]],
    known: Sequence[str],
    roles: Sequence[str],
    options: TrainCnnOptions,
) -> None:
    """Put weights into a network. Bands that it does not know begin without effect."""
    state = network.state_dict()
    first = "first.0.weight" if isinstance(network, UNet) else "convolutions.0.weight"
    begins = _layers_read(network, roles)
    # U-Nets were made without contrasts once; they begin without effect, as a new band does.
    readings = (_layers_read(network, known), tuple(known))
    begun = next((reading for reading in readings if len(reading) == weights[first].shape[1]), ())
    shared = [role for role in begins if role in begun]
    if not shared:
        raise InvalidModelError(
            f"The model {options.initial} takes the bands {', '.join(known) or 'unknown'}, of which the samples have "
            f"none; theirs are {', '.join(roles)}. Start from another model."
        )
    kernel = np.zeros((weights[first].shape[0], len(begins), *weights[first].shape[2:]), np.float32)
    for role in shared:
        kernel[:, begins.index(role)] = weights[first][:, begun.index(role)]
    for name, values in {**weights, first: kernel}.items():
        if tuple(state[name].shape) != values.shape:
            raise InvalidModelError(
                f"The model {options.initial} has other widths: {name} is {values.shape} there and "
                f"{tuple(state[name].shape)} here. State its widths with the option `widths`."
            )
        state[name].copy_(torch.from_numpy(values.copy()))


def _layers_read(network: UNet | PatchCnn, roles: Sequence[str]) -> tuple[str, ...]:
    """Return the roles of what the first convolution reads where the bands have these."""
    return LocalContrast(roles).roles if isinstance(network, UNet) else tuple(roles)
