"""Tiny networks in ONNX form, made for tests."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

OPSET = 17
IR_VERSION = 8


class NetworkBuilder:
    """Strings ONNX nodes together."""

    def __init__(self, seed: int = 0) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []
        self._random = np.random.default_rng(seed)

    def node(self, kind: str, *inputs: str, **attributes: object) -> str:
        """Append a node and return the name of its output."""
        name = f"{kind.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [name], **attributes))
        return name

    def weight(self, values: np.ndarray) -> str:
        """Add a constant and return its name."""
        name = f"weight_{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(values, name))
        return name

    def convolution(self, source: str, kernel: np.ndarray, bias: Sequence[float] = (), **attributes: object) -> str:
        """Append a convolution with zero padding that keeps the size."""
        names = [self.weight(kernel.astype(np.float32))]
        if len(bias):
            names.append(self.weight(np.array(bias, np.float32)))
        padding = kernel.shape[-1] // 2
        attributes.setdefault("pads", [padding] * 4)
        return self.node("Conv", source, *names, **attributes)

    def random_convolution(self, source: str, inputs: int, outputs: int, side: int = 3) -> str:
        """Append a convolution of random weights that keeps the variance."""
        kernel = self._random.normal(0, np.sqrt(2 / (inputs * side**2)), (outputs, inputs, side, side))
        return self.convolution(source, kernel, self._random.normal(0, 0.1, outputs))

    def block(self, source: str, inputs: int, outputs: int) -> str:
        """Append two convolutions, each followed by a rectifier."""
        first = self.node("Relu", self.random_convolution(source, inputs, outputs))
        return self.node("Relu", self.random_convolution(first, outputs, outputs))

    def save(
        self,
        path: Path,
        output: str | Sequence[str],
        *,
        shape: Sequence[object] = ("batch", 1, "height", "width"),
        output_shape: Sequence[object] | None = ("batch", None, "oh", "ow"),
        metadata: Mapping[str, str] | None = None,
    ) -> str:
        """Write the network whose input is `input`, and return its path."""
        names = [output] if isinstance(output, str) else output
        source = helper.make_tensor_value_info("input", TensorProto.FLOAT, shape)
        targets = [helper.make_tensor_value_info(name, TensorProto.FLOAT, output_shape) for name in names]
        graph = helper.make_graph(self.nodes, "network", [source], targets, self.weights)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
        for key, value in (metadata or {}).items():
            entry = model.metadata_props.add()
            entry.key, entry.value = key, value
        path.write_bytes(model.SerializeToString())
        return str(path)


def mean_of_bands(path: Path, bands: int, metadata: Mapping[str, str], **options: object) -> str:
    """Write a 1 x 1 convolution that gives the mean of the bands."""
    builder = NetworkBuilder()
    output = builder.convolution("input", np.full((1, bands, 1, 1), 1 / bands))
    return builder.save(path, output, shape=("batch", bands, "height", "width"), metadata=metadata, **options)


def box_blur(path: Path, metadata: Mapping[str, str], side: int = 3, **options: object) -> str:
    """Write the mean over `side` x `side` pixels of one band."""
    builder = NetworkBuilder()
    output = builder.convolution("input", np.full((1, 1, side, side), 1 / side**2))
    return builder.save(path, output, metadata=metadata, **options)


def small_unet(
    path: Path,
    bands: int,
    metadata: Mapping[str, str],
    *,
    classes: int = 1,
    depth: int = 2,
    width: int = 8,
    size: object = None,
) -> str:
    """Write a U-Net of random weights: max-pooling down, nearest neighbour up, skip connections, no activation.

    Its stride is 2**depth.
    """
    builder = NetworkBuilder(seed=1)
    features = builder.block("input", bands, width)
    skips = []
    for level in range(depth):
        skips.append(features)
        pooled = builder.node("MaxPool", features, kernel_shape=[2, 2], strides=[2, 2])
        features = builder.block(pooled, width * 2**level, width * 2 ** (level + 1))
    scales = builder.weight(np.array([1, 1, 2, 2], np.float32))
    for level in reversed(range(depth)):
        wide = builder.node("Resize", features, "", scales, mode="nearest")
        joined = builder.node("Concat", wide, skips[level], axis=1)
        features = builder.block(joined, width * 2**level * 3, width * 2**level)
    output = builder.random_convolution(features, width, classes, side=1)
    sides = (size or "height", size or "width")
    return builder.save(path, output, shape=("batch", bands, *sides), metadata=metadata)


def endless_loop(path: Path, metadata: Mapping[str, str] | None = None) -> str:
    """Write a network that runs for ever."""
    builder = NetworkBuilder()
    value = helper.make_tensor_value_info
    body = helper.make_graph(
        [helper.make_node("Identity", ["more"], ["again"]), helper.make_node("Cos", ["before"], ["after"])],
        "body",
        [
            value("turn", TensorProto.INT64, []),
            value("more", TensorProto.BOOL, []),
            value("before", TensorProto.FLOAT, None),
        ],
        [value("again", TensorProto.BOOL, []), value("after", TensorProto.FLOAT, None)],
    )
    always = builder.weight(np.array(True))
    return builder.save(path, builder.node("Loop", "", always, "input", body=body), metadata=metadata)


def giant_allocation(path: Path, metadata: Mapping[str, str], *, at_load: bool = False) -> str:
    """Write a network of few bytes that asks for 16 GiB, when it runs or already when constants are folded."""
    builder = NetworkBuilder()
    shape = builder.weight(np.array([1, 1, 65536, 65536], np.int64))
    if at_load:
        zero = helper.make_tensor("zero", TensorProto.FLOAT, [1], [0.0])
        giant = builder.node("Neg", builder.node("ConstantOfShape", shape, value=zero))
    else:
        pixel = builder.node("ReduceMax", "input", keepdims=1)
        giant = builder.node("Expand", pixel, shape)
    output = builder.node("Add", "input", builder.node("ReduceMax", giant, keepdims=1))
    return builder.save(path, output, metadata=metadata)


def external_weights(path: Path, location: str, metadata: Mapping[str, str]) -> str:
    """Write a mean filter whose kernel is said to lie in another file."""
    box_blur(path, metadata)
    model = onnx.load(path)
    kernel = model.graph.initializer[0]
    kernel.ClearField("raw_data")
    kernel.data_location = TensorProto.EXTERNAL
    for key, value in (("location", location), ("offset", "0"), ("length", "36")):
        entry = kernel.external_data.add()
        entry.key, entry.value = key, value
    path.write_bytes(model.SerializeToString())
    return str(path)
