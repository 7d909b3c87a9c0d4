"""Networks of random weights for the benchmark of the heatmap stage, in ONNX form.

Their speed is that of trained ones; their heatmaps mean nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper

OPSET = 17
IR_VERSION = 8
# Reach of the networks below, in pixels, rounded up to their stride of 16; `measured_halo` gives the same.
UNET_HALO = 112
MOBILE_HALO = 96
STRIDE = 16


class _Builder:
    """Strings nodes together, each convolution with random weights that keep the variance."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.weights: list[onnx.TensorProto] = []
        self.parameters = 0
        self._random = np.random.default_rng(0)

    def node(self, kind: str, *inputs: str, **attributes: object) -> str:
        name = f"{kind.lower()}_{len(self.nodes)}"
        self.nodes.append(helper.make_node(kind, inputs, [name], **attributes))
        return name

    def weight(self, values: NDArray[np.float32]) -> str:
        name = f"weight_{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(values, name))
        self.parameters += values.size
        return name

    def convolution(
        self, source: str, inputs: int, outputs: int, side: int = 3, stride: int = 1, groups: int = 1
    ) -> str:
        deviation = np.sqrt(2 / (inputs // groups * side**2))
        kernel = self._random.normal(0, deviation, (outputs, inputs // groups, side, side)).astype(np.float32)
        bias = self._random.normal(0, 0.1, outputs).astype(np.float32)
        padding, strides = [side // 2] * 4, [stride] * 2
        names = self.weight(kernel), self.weight(bias)
        return self.node("Conv", source, *names, pads=padding, strides=strides, group=groups)

    def transposed_convolution(self, source: str, inputs: int, outputs: int) -> str:
        kernel = self._random.normal(0, np.sqrt(2 / inputs), (inputs, outputs, 2, 2)).astype(np.float32)
        return self.node("ConvTranspose", source, self.weight(kernel), kernel_shape=[2, 2], strides=[2, 2])

    def larger(self, source: str) -> str:
        scales = f"scales_{len(self.weights)}"
        self.weights.append(numpy_helper.from_array(np.array([1, 1, 2, 2], np.float32), scales))
        return self.node("Resize", source, "", scales, mode="nearest")

    def save(
        self, path: Path, output: str, bands: int, size: int | None, classes: int, metadata: Mapping[str, str]
    ) -> None:
        sides = (size, size) if size else ("height", "width")
        source = helper.make_tensor_value_info("stack", TensorProto.FLOAT, (1, bands, *sides))
        target = helper.make_tensor_value_info(output, TensorProto.FLOAT, (1, classes, *sides))
        graph = helper.make_graph(self.nodes, "network", [source], [target], self.weights)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", OPSET)], ir_version=IR_VERSION)
        helper.set_model_props(model, dict(metadata))
        path.write_bytes(model.SerializeToString())


def write_unet(path: Path, bands: int, metadata: Mapping[str, str], size: int | None = None, classes: int = 1) -> int:
    """Write a U-Net of depth 4 whose first level has 16 features; return its number of parameters.

    Parameters
    ----------
    path : Path
        File to write.
    bands : int
        Channels of the input.
    metadata : mapping of str to str
        What to write into the file's metadata.
    size : int, optional
        The only tile size that it takes; free by default.
    classes : int
        Channels of the output: probabilities by a sigmoid.
    """
    builder = _Builder()
    features, skips, width = _block(builder, "stack", bands, 16), [], 16
    for _ in range(4):
        skips.append(features)
        pooled = builder.node("MaxPool", features, kernel_shape=[2, 2], strides=[2, 2])
        features, width = _block(builder, pooled, width, 2 * width), 2 * width
    for skip in reversed(skips):
        joined = builder.node("Concat", builder.transposed_convolution(features, width, width // 2), skip, axis=1)
        features, width = _block(builder, joined, width, width // 2), width // 2
    _finish(builder, path, features, width, bands, size, classes, metadata)
    return builder.parameters


def write_mobile(path: Path, bands: int, metadata: Mapping[str, str]) -> int:
    """Write a light network of inverted residuals (Sandler et al. 2018, CVPR, 4510-4520), stride 16.

    Parameters and returns as for `write_unet`.
    """
    builder = _Builder()
    features = builder.node("Clip", builder.convolution("stack", bands, 16, stride=2), *_limits(builder))
    width, levels = 16, []
    for outputs, stride in ((24, 2), (24, 1), (40, 2), (40, 1), (120, 2), (120, 1), (120, 1)):
        if stride == 2:
            levels.append((features, width))
        features, width = _inverted_residual(builder, features, width, outputs, stride), outputs
    for skip, outputs in reversed(levels):
        reduced = builder.convolution(builder.larger(features), width, outputs, side=1)
        features, width = builder.node("Add", reduced, skip), outputs
        features = _inverted_residual(builder, features, width, width, 1, expansion=1)
    _finish(builder, path, builder.larger(features), width, bands, None, 1, metadata)
    return builder.parameters


def write_one_convolution(path: Path, bands: int, metadata: Mapping[str, str]) -> int:
    """Write a network of one 3 x 3 convolution, to see what everything around a network costs."""
    builder = _Builder()
    _finish(builder, path, builder.convolution("stack", bands, 4), 4, bands, None, 1, metadata)
    return builder.parameters


def _block(builder: _Builder, source: str, inputs: int, outputs: int) -> str:
    first = builder.node("Relu", builder.convolution(source, inputs, outputs))
    return builder.node("Relu", builder.convolution(first, outputs, outputs))


def _limits(builder: _Builder) -> tuple[str, str]:
    """Return the limits of ReLU6 as constants."""
    names = f"low_{len(builder.weights)}", f"high_{len(builder.weights)}"
    for name, value in zip(names, (0, 6), strict=True):
        builder.weights.append(numpy_helper.from_array(np.array(value, np.float32), name))
    return names


def _inverted_residual(
    builder: _Builder, source: str, inputs: int, outputs: int, stride: int, expansion: int = 4
) -> str:
    inside = expansion * inputs
    wide = builder.node("Clip", builder.convolution(source, inputs, inside, side=1), *_limits(builder))
    deep = builder.convolution(wide, inside, inside, stride=stride, groups=inside)
    deep = builder.node("Clip", deep, *_limits(builder))
    narrow = builder.convolution(deep, inside, outputs, side=1)
    return builder.node("Add", narrow, source) if stride == 1 and inputs == outputs else narrow


def _finish(
    builder: _Builder,
    path: Path,
    features: str,
    width: int,
    bands: int,
    size: int | None,
    classes: int,
    metadata: Mapping[str, str],
) -> None:
    output = builder.node("Sigmoid", builder.convolution(features, width, classes, side=1))
    builder.save(path, output, bands, size, classes, metadata)
