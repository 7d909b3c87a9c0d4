"""Write ONNX graphs node by node, with the operations on pictures that several of them share.

Smoothing is by the five taps of a cubic spline with holes of 1, 2, 4, ... pixels (`a trous`), so that everything
reaches a known number of pixels and tiles change nothing. Pixels without a value have no weight anywhere.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper

INPUT, OUTPUT = "stack", "heatmap"
_TAPS = np.array([1, 4, 6, 4, 1], np.float32) / 16
_OPSETS = {"": 17, "ai.onnx.ml": 3}
_IR_VERSION = 8
_SMALLEST_WEIGHT = 1e-3


class Graph:
    """Strings nodes together."""

    def __init__(self) -> None:
        self._nodes: list[NodeProto] = []
        self._constants: list[TensorProto] = []

    def node(self, kind: str, *inputs: str, **attributes: Any) -> str:
        """Add a node; return the name of its output."""
        name = f"{kind.lower()}_{len(self._nodes)}"
        self._nodes.append(helper.make_node(kind, inputs, [name], **attributes))
        return name

    def constant(self, values: NDArray[Any] | float) -> str:
        """Add a constant; numbers are of single precision."""
        array = np.float32(values) if isinstance(values, float) else values
        name = f"constant_{len(self._constants)}"
        self._constants.append(numpy_helper.from_array(np.asarray(array), name))
        return name

    def slice(self, source: str, begin: int, end: int) -> str:
        """Return some channels."""
        begins, ends, axes = (self.constant(np.array([number], np.int64)) for number in (begin, end, 1))
        return self.node("Slice", source, begins, ends, axes)

    def convolution(
        self,
        source: str,
        kernels: NDArray[np.float32],
        bias: NDArray[np.float32] | None = None,
        *,
        groups: int = 1,
        dilation: int = 1,
        stride: int = 1,
    ) -> str:
        """Return a convolution, padded by zeros, of kernels of shape (outputs, inputs / groups, height, width).

        Output pixel i of a row has its centre at input pixel i * stride.
        """
        rows, columns = (size // 2 * dilation for size in kernels.shape[2:])
        constants = [self.constant(values) for values in (kernels, bias) if values is not None]
        return self.node(
            "Conv",
            source,
            *constants,
            group=groups,
            pads=[rows, columns, rows, columns],
            dilations=[dilation, dilation],
            strides=[stride, stride],
        )

    def enlarged(self, source: str, channels: int, factor: int) -> str:
        """Return channels enlarged by linear interpolation: input pixel i lies at output pixel i * factor.

        What lies beyond the last pixel counts as 0; divide by enlarged weights.
        """
        ramp = (1 - np.abs(np.arange(1 - factor, factor)) / factor).astype(np.float32)
        kernels = np.broadcast_to(np.outer(ramp, ramp), (channels, 1, len(ramp), len(ramp)))
        return self.node(
            "ConvTranspose",
            source,
            self.constant(np.ascontiguousarray(kernels)),
            group=channels,
            strides=[factor, factor],
            pads=[factor - 1] * 4,
            output_padding=[factor - 1] * 2,
        )

    def smoothed(self, source: str, channels: int, level: int) -> str:
        """Return channels smoothed by the spline with holes of 2 ** level pixels, not divided by weights."""
        rows = np.broadcast_to(_TAPS[:, None], (channels, 1, len(_TAPS), 1))
        for kernels in (rows, rows.swapaxes(2, 3)):
            source = self.convolution(source, np.ascontiguousarray(kernels), groups=channels, dilation=2**level)
        return source

    def validity(self) -> str:
        """Return where the input has a value, 1 or 0."""
        largest = self.node("ReduceMax", self.node("Abs", INPUT), axes=[1], keepdims=1)
        return self.node("Cast", self.node("Greater", largest, self.constant(0.0)), to=TensorProto.FLOAT)

    def weight(self, smoothed: str, channel: int) -> str:
        """Return the smoothed validity, large enough to divide by."""
        return self.node("Max", self.slice(smoothed, channel, channel + 1), self.constant(_SMALLEST_WEIGHT))

    def model(self, output: str, bands: int, channels: int) -> ModelProto:
        """Return the finished model, for images of free size."""
        nodes = [*self._nodes, helper.make_node("Identity", [output], [OUTPUT])]
        values = [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", count, "height", "width"])
            for name, count in ((INPUT, bands), (OUTPUT, channels))
        ]
        graph = helper.make_graph(nodes, "graph", values[:1], values[1:], self._constants)
        opsets = [helper.make_opsetid(*item) for item in _OPSETS.items()]
        return helper.make_model(graph, opset_imports=opsets, ir_version=_IR_VERSION)


def smoothing_reach(levels: int) -> int:
    """Return on how many pixels on every side smoothings of 1, 2, 4, ... holes depend together."""
    return int(2 * (2**levels - 1))
