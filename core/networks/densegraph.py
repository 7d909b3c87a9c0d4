"""The graph of a dense network, written layer by layer from that of a patch classifier.

A layer of stride s looks at every s-th position only. Applied at every position instead, it gives all s x s shifted
versions of the feature map, interleaved; the layers after it see one of them if they skip s - 1 pixels between the taps
of their kernels (dilation, or convolution "à trous"). A fully connected layer is a convolution whose kernel has the
feature map's size. So a whole image is classified at once, and what neighbouring patches share is computed once.

Sources: Sermanet et al. (2014), OverFeat, ICLR, for fully connected layers as convolutions; Giusti et al. (2013), Fast
image scanning with deep max-pooling convolutional neural networks, ICIP, for pooling at every position; Li, Zhao and
Wang (2014), arXiv:1412.4526, for kernels that skip pixels in place of strides.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

from .patchgraph import Layer, PatchGraph

INPUT = "stack"
OUTPUT = "heatmap"
_OPSET = 17
_IR_VERSION = 8
_IMAGE_RANK = 4
_IMAGE_AXES = (2, 3)
_TO_CHANNELS_LAST = [0, 2, 3, 1]
# From this opset on, Softmax works on the last axis unless told otherwise; before, on axis 1.
_SOFTMAX_OF_LAST_AXIS = 13
_TO_THE_END = np.iinfo(np.int64).max


@dataclass(frozen=True)
class _Axis:
    """Rows or columns of a feature map.

    Attributes
    ----------
    size : int
        How many the patch network has.
    dilation : int
        Distance in the dense network between what are neighbours in the patch network.
    field : int
        Rows or columns of the image that a pixel of the feature map depends on.
    """

    size: int
    dilation: int = 1
    field: int = 1


@dataclass(frozen=True)
class _FeatureMap:
    """What flows between two layers.

    Attributes
    ----------
    tensor : str
        Its name in the dense network.
    channels : int
        Number of channels.
    rows, columns : _Axis
        Its shape.
    flat : bool
        Whether the patch network has made a vector of it; in the dense network it stays an image.
    channels_last : bool
        Whether channels are the fastest axis of the vector.
    """

    tensor: str
    channels: int
    rows: _Axis
    columns: _Axis
    flat: bool = False
    channels_last: bool = False

    @property
    def size(self) -> tuple[int, int]:
        """Rows and columns in the patch network."""
        return self.rows.size, self.columns.size

    @property
    def features(self) -> int:
        """Length of the vector."""
        return self.channels * self.rows.size * self.columns.size


class DenseGraph:
    """The dense form of a patch classifier.

    Parameters
    ----------
    patch : PatchGraph
        The classifier.

    Attributes
    ----------
    halo : int
        Rows and columns by which the output is smaller than the image, on every side.

    Raises
    ------
    InvalidModelError
        If a layer has no dense equivalent; the message names it.
    """

    def __init__(self, patch: PatchGraph) -> None:
        self.halo = patch.patch_size // 2
        self._channels = patch.channels
        self._opset = patch.opset
        self._nodes: list[onnx.NodeProto] = []
        self._constants: list[onnx.TensorProto] = []
        self._map = _FeatureMap(INPUT, patch.channels, _Axis(patch.patch_size), _Axis(patch.patch_size))
        for layer in patch.layers():
            if layer.kind not in _CONVERSIONS:
                raise layer.refused(f"is of a kind that cannot be converted; known are {', '.join(_CONVERSIONS)}")
            _CONVERSIONS[layer.kind](self, layer)
        if self._map.size != (1, 1) or not self._nodes:
            raise patch.refused(f"it gives {self._map.size[0]} x {self._map.size[1]} values a class for one patch")
        self._crop()

    def serialized(self) -> bytes:
        """Return the network as the content of an ONNX file, without metadata."""
        value = helper.make_tensor_value_info
        source = value(INPUT, TensorProto.FLOAT, ["batch", self._channels, "height", "width"])
        target = value(OUTPUT, TensorProto.FLOAT, ["batch", self._map.channels, "output_height", "output_width"])
        self._nodes[-1].output[0] = OUTPUT
        graph = helper.make_graph(self._nodes, "dense", [source], [target], self._constants)
        opset = helper.make_opsetid("", _OPSET)
        model = helper.make_model(graph, opset_imports=[opset], producer_name="rock_glacier_mapper")
        model.ir_version = _IR_VERSION
        return bytes(model.SerializeToString())

    def convolve(self, layer: Layer) -> None:
        """Apply a convolution at every position."""
        self._require_image(layer)
        kernel, group = layer.weights(1), layer.attributes.get("group", 1)
        if kernel.ndim != _IMAGE_RANK or kernel.shape[1] * group != self._map.channels:
            raise layer.refused(f"has weights of shape {kernel.shape}, but gets {self._map.channels} channels")
        self._append_convolution(layer, kernel, layer.constant(2), group)

    def take_maximum(self, layer: Layer) -> None:
        """Apply a maximum pooling at every position."""
        self._require_image(layer)
        kernel = layer.pair("kernel_shape")
        dilations, moved = self._slid(layer, kernel)
        self._append("MaxPool", kernel_shape=kernel, dilations=dilations)
        self._map = replace(moved, tensor=self._map.tensor)

    def take_mean(self, layer: Layer) -> None:
        """Apply a mean pooling at every position, as a convolution: its own dilation came with opset 19."""
        self._require_image(layer)
        rows, columns = self._map.size if layer.kind == "GlobalAveragePool" else layer.pair("kernel_shape")
        weights = np.full((self._map.channels, 1, rows, columns), 1 / (rows * columns), np.float32)
        self._append_convolution(layer, weights, None, self._map.channels)

    def normalise(self, layer: Layer) -> None:
        """Keep a batch normalisation, which works channel by channel."""
        self._require_channels(layer)
        if layer.attributes.get("training_mode", 0):
            raise layer.refused("is in training mode; export the model for inference")
        parameters = [self._constant(layer.weights(place)) for place in range(1, 5)]
        self._append("BatchNormalization", *parameters, epsilon=layer.attributes.get("epsilon", 1e-5))

    def keep(self, layer: Layer) -> None:
        """Keep a function of single numbers."""
        self._append(layer.kind, **layer.attributes)

    def clip(self, layer: Layer) -> None:
        """Keep a clip, whose limits were attributes before opset 11."""
        names = []
        for place, name in enumerate(("min", "max"), start=1):
            limit = layer.attributes.get(name, layer.constant(place))
            names.append("" if limit is None else self._constant(np.asarray(limit, np.float32).reshape(())))
        self._append("Clip", *names)

    def omit(self, layer: Layer) -> None:
        """Leave out what does nothing at inference."""

    def move_channels_last(self, layer: Layer) -> None:
        """Note that the channels are the fastest axis of the vector to come."""
        self._require_image(layer)
        if list(layer.attributes.get("perm", [])) != _TO_CHANNELS_LAST:
            raise layer.refused(f"is no move of the channels to the end ({_TO_CHANNELS_LAST}) before a Flatten layer")
        self._map = replace(self._map, channels_last=True)

    def flatten(self, layer: Layer) -> None:
        """Note that the patch network has a vector from here on; the image stays."""
        if layer.attributes.get("axis", 1) not in (1, 1 - _IMAGE_RANK):
            raise layer.refused("joins the batch with other axes; its axis must be 1")
        self._map = replace(self._map, flat=True)

    def reshape(self, layer: Layer) -> None:
        """Take a reshape for a flattening, which it is if the vector has as many features as the image.

        A shape that the graph computes is not looked at; the next fully connected layer tells the features.
        """
        features = self._map.features
        if layer.is_constant(1) and layer.weights(1).tolist()[1:] not in ([-1], [features]):
            raise layer.refused(f"must make one vector of {features} features of a patch")
        self._map = replace(self._map, flat=True)

    def connect_fully(self, layer: Layer) -> None:
        """Convolve with a kernel of the feature map's size."""
        matrix = layer.weights(1)
        if matrix.ndim != 2 or layer.attributes.get("transA", 0):
            raise layer.refused("multiplies no vector by a matrix")
        matrix = matrix if layer.attributes.get("transB", 0) else matrix.T
        outputs, features = matrix.shape
        if not self._map.flat:
            raise layer.refused("must come after a Flatten layer")
        if features != self._map.features:
            raise layer.refused(f"takes {features} features, but gets {self._map.features}")
        bias = layer.constant(2)
        if bias is not None:
            bias = layer.attributes.get("beta", 1.0) * _per_channel(layer, bias, outputs, True).ravel()
        self._append_convolution(layer, self._as_kernel(layer.attributes.get("alpha", 1.0) * matrix), bias)

    def add(self, layer: Layer) -> None:
        """Keep the sum with one number a channel."""
        places = [place for place in range(2) if layer.is_constant(place)]
        if len(places) != 1:
            raise layer.refused("joins two branches; only layers in a row can be converted")
        self._require_channels(layer)
        values = _per_channel(layer, layer.weights(places[0]), self._map.channels, self._map.flat)
        self._append("Add", self._constant(values))

    def apply_softmax(self, layer: Layer) -> None:
        """Apply softmax over the channels."""
        default = -1 if self._opset >= _SOFTMAX_OF_LAST_AXIS else 1
        axis = layer.attributes.get("axis", default) % (2 if self._map.flat else _IMAGE_RANK)
        if axis != 1 or self._map.size != (1, 1):
            raise layer.refused("is not over the classes of one patch (axis 1 of a vector)")
        self._append("Softmax", axis=1)

    def _append_convolution(
        self, layer: Layer, kernel: NDArray[np.float32], bias: NDArray[Any] | None, group: int = 1
    ) -> None:
        """Append a convolution whose dilation and stride the layer says."""
        shape = kernel.shape[2], kernel.shape[3]
        dilations, moved = self._slid(layer, shape)
        names = [self._constant(values.astype(np.float32)) for values in (kernel, bias) if values is not None]
        self._append("Conv", *names, kernel_shape=shape, dilations=dilations, group=group)
        self._map = replace(moved, tensor=self._map.tensor, channels=kernel.shape[0], channels_last=False)

    def _slid(self, layer: Layer, kernel: tuple[int, int]) -> tuple[list[int], _FeatureMap]:
        """Return a kernel's dilations in the dense network, and the feature map's new shape."""
        old = self._map
        axes = [
            _slid_axis(layer, place, axis, taps)
            for place, (axis, taps) in enumerate(zip((old.rows, old.columns), kernel, strict=True))
        ]
        (row_dilation, rows), (column_dilation, columns) = axes
        return [row_dilation, column_dilation], replace(old, rows=rows, columns=columns)

    def _as_kernel(self, matrix: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return weights of shape (outputs, features) as (outputs, channels, rows, columns)."""
        if self._map.channels_last:
            return matrix.reshape(-1, *self._map.size, self._map.channels).transpose(0, 3, 1, 2)
        return matrix.reshape(-1, self._map.channels, *self._map.size)

    def _crop(self) -> None:
        """Cut the last rows and columns, so that the output is smaller by the halo on all sides.

        The first output is that of the patch that starts at the first pixel, so that its centre lies `halo` pixels
        further. At the other end there are more outputs than centres if the patch has an even size, or if its last
        pixels are not used because a stride does not reach them.
        """
        surplus = [2 * self.halo + 1 - axis.field for axis in (self._map.rows, self._map.columns)]
        if any(surplus):
            ends = [-count if count else _TO_THE_END for count in surplus]
            self._append("Slice", *(self._constant(np.array(item, np.int64)) for item in ([0, 0], ends, _IMAGE_AXES)))

    def _require_image(self, layer: Layer) -> None:
        if self._map.flat or self._map.channels_last:
            raise layer.refused("comes after the feature map was flattened, but needs an image")

    def _require_channels(self, layer: Layer) -> None:
        """Refuse to tell the features of a vector apart that are pixels of one channel."""
        if self._map.channels_last or (self._map.flat and self._map.size != (1, 1)):
            raise layer.refused("stands between the flattening and the first fully connected layer; put it elsewhere")

    def _constant(self, values: NDArray[Any]) -> str:
        name = f"constant_{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(np.ascontiguousarray(values).reshape(values.shape), name))
        return name

    def _append(self, kind: str, *constants: str, **attributes: Any) -> None:
        name = f"{kind.lower()}_{len(self._nodes)}"
        self._nodes.append(helper.make_node(kind, [self._map.tensor, *constants], [name], name, **attributes))
        self._map = replace(self._map, tensor=name)


def _slid_axis(layer: Layer, place: int, axis: _Axis, taps: int) -> tuple[int, _Axis]:
    """Return a kernel's dilation along one axis in the dense network, and what becomes of the axis."""
    step, stride = layer.pair("dilations")[place], layer.pair("strides")[place]
    span = (taps - 1) * step + 1
    if _is_padded(layer, place, axis.size, span, stride):
        raise layer.refused(
            "pads the patch's edge with zeros, where a dense network sees the next pixels; "
            "train the network without padding (`valid`)"
        )
    room = axis.size - span
    if room < 0:
        raise layer.refused(f"has a kernel of {span} pixels, but gets {axis.size}")
    if layer.attributes.get("ceil_mode", 0) and room % stride:
        raise layer.refused("hangs over the patch's edge (ceil_mode), where a dense network sees the next pixels")
    moved = _Axis(room // stride + 1, axis.dilation * stride, axis.field + (span - 1) * axis.dilation)
    # One tap has no distance to others, and a network that says so runs faster.
    return (step * axis.dilation if taps > 1 else 1), moved


def _is_padded(layer: Layer, place: int, size: int, span: int, stride: int) -> bool:
    """Whether a layer adds pixels at the edges of the patch network's feature map."""
    mode = layer.attributes.get("auto_pad", b"NOTSET")
    if mode in (b"SAME_UPPER", b"SAME_LOWER"):
        return (size - 1) // stride * stride + span > size
    pads = layer.attributes.get("pads", []) if mode == b"NOTSET" else []
    return any(pads[place::2])


def _per_channel(layer: Layer, values: NDArray[Any], channels: int, flat: bool) -> NDArray[np.float32]:
    """Return a constant that is added to a vector or an image, spread to the shape (1, channels, 1, 1)."""
    try:
        spread = np.broadcast_to(values, (1, channels) if flat else (1, channels, 1, 1))
    except ValueError as error:
        raise layer.refused(f"adds a constant of shape {values.shape} to {channels} channels") from error
    return spread.astype(np.float32).reshape(1, channels, 1, 1)


_CONVERSIONS: dict[str, Callable[[DenseGraph, Layer], None]] = {
    "Conv": DenseGraph.convolve,
    "MaxPool": DenseGraph.take_maximum,
    "AveragePool": DenseGraph.take_mean,
    "GlobalAveragePool": DenseGraph.take_mean,
    "BatchNormalization": DenseGraph.normalise,
    "Relu": DenseGraph.keep,
    "LeakyRelu": DenseGraph.keep,
    "Sigmoid": DenseGraph.keep,
    "Tanh": DenseGraph.keep,
    "Clip": DenseGraph.clip,
    "Dropout": DenseGraph.omit,
    "Identity": DenseGraph.omit,
    "Transpose": DenseGraph.move_channels_last,
    "Flatten": DenseGraph.flatten,
    "Reshape": DenseGraph.reshape,
    "Gemm": DenseGraph.connect_fully,
    "MatMul": DenseGraph.connect_fully,
    "Add": DenseGraph.add,
    "Softmax": DenseGraph.apply_softmax,
}
