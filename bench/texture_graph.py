"""A network without a learnt convolution: texture at several scales, boosted trees, and a smoothing, as one ONNX graph.

Smoothing is by the five taps of a cubic spline with holes of 1, 2, 4, ... pixels (`a trous`), so that everything
reaches a known number of pixels and tiles change nothing. Pixels without a value are those that are 0 in every band, as
the heatmap stage gives them to networks; they have no weight anywhere, so that the shape of a gap tells the trees
nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from onnx import ModelProto, NodeProto, TensorProto, helper, numpy_helper
from sklearn.ensemble import HistGradientBoostingClassifier

# No byte has this value, so that a pixel of 0 after normalisation always is one without a value.
CENTRE = 127.5
BANDS = 3
FEATURES_A_SCALE = 6
_TAPS = np.array([1, 4, 6, 4, 1], np.float32) / 16
_OPSETS = {"": 17, "ai.onnx.ml": 3}
_IR_VERSION = 8
_INPUT, _OUTPUT = "stack", "heatmap"
_SMALLEST_WEIGHT = 1e-3
_TINY = 1e-6

Trees = Mapping[str, Any]
"""Attributes of a TreeEnsembleRegressor."""


def texture_model(scales: int) -> ModelProto:
    """Return a graph that gives the texture features, shape (1, features, height, width)."""
    graph = _Graph()
    features, _ = _features(graph, scales)
    return graph.model(features, scales * FEATURES_A_SCALE)


def tree_model(scales: int, trees: Trees, smoothings: int) -> ModelProto:
    """Return a graph that gives the probability, shape (tiles, 1, height, width).

    Parameters
    ----------
    scales : int
        Number of scales of the features.
    trees : mapping
        Attributes of a TreeEnsembleRegressor that gives logits of the features.
    smoothings : int
        Number of smoothings of the probability, each twice as wide as the one before.
    """
    graph = _Graph()
    features, valid = _features(graph, scales)
    pixels = graph.node("Transpose", features, perm=[0, 2, 3, 1])
    rows = graph.node("Reshape", pixels, graph.constant(np.array([-1, scales * FEATURES_A_SCALE], np.int64)))
    logits = graph.node("TreeEnsembleRegressor", rows, domain="ai.onnx.ml", **trees)
    image = graph.node("Reshape", graph.node("Sigmoid", logits), graph.node("Shape", valid))
    weighted = graph.node("Concat", graph.node("Mul", image, valid), valid, axis=1)
    for level in range(smoothings):
        weighted = _smoothed(graph, weighted, 2, level)
    return graph.model(graph.node("Div", graph.slice(weighted, 0, 1), _weight(graph, weighted, 1)), 1)


def reach(scales: int, smoothings: int) -> int:
    """Return on how many pixels on every side an output pixel depends."""
    smoothed = [2 * (2**level - 1) for level in range(max(scales, smoothings) + 1)]
    # The gradient of the picture smoothed one level less, and with it the smoothing of the gradient.
    gradient = smoothed[scales - 1] + 1 + 2 * 2 ** (scales - 1)
    return max(smoothed[scales], gradient) + smoothed[smoothings]


def normalised(picture: NDArray[np.float32], valid: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Return a picture of bytes, shape (bands, height, width), as the network is given it: one tile."""
    return np.where(valid, (picture - CENTRE) / CENTRE, 0).astype(np.float32)[None]


class _Graph:
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

    def convolution(self, source: str, kernels: NDArray[np.float32], groups: int = 1, dilation: int = 1) -> str:
        """Return a convolution of the same size, shape of the kernels (outputs, inputs / groups, height, width)."""
        rows, columns = (size // 2 * dilation for size in kernels.shape[2:])
        return self.node(
            "Conv",
            source,
            self.constant(kernels),
            group=groups,
            pads=[rows, columns, rows, columns],
            dilations=[dilation, dilation],
        )

    def model(self, output: str, channels: int) -> ModelProto:
        """Return the finished model, for images of free size."""
        self._nodes.append(helper.make_node("Identity", [output], [_OUTPUT]))
        values = [
            helper.make_tensor_value_info(name, TensorProto.FLOAT, ["batch", count, "height", "width"])
            for name, count in ((_INPUT, BANDS), (_OUTPUT, channels))
        ]
        graph = helper.make_graph(self._nodes, "texture", values[:1], values[1:], self._constants)
        opsets = [helper.make_opsetid(*item) for item in _OPSETS.items()]
        return helper.make_model(graph, opset_imports=opsets, ir_version=_IR_VERSION)


def _features(graph: _Graph, scales: int) -> tuple[str, str]:
    """Add the features; return their name and that of the validity, 1 or 0."""
    valid = _validity(graph)
    half = graph.constant(0.5)
    picture = graph.node("Mul", graph.node("Add", graph.node("Mul", _INPUT, half), half), valid)
    grey = _mean(graph, picture)
    smoothed = graph.node("Concat", picture, graph.node("Mul", grey, grey), valid, axis=1)
    inner = _inner(graph, valid)
    features: list[str] = []
    for level in range(scales):
        gradient = _gradient_products(graph, smoothed, inner)
        smoothed = _smoothed(graph, smoothed, BANDS + 2, level)
        features += _contrast(graph, smoothed) + _gradient(graph, _smoothed(graph, gradient, 5, level))
    return graph.node("Concat", *features, axis=1), valid


def _validity(graph: _Graph) -> str:
    largest = graph.node("ReduceMax", graph.node("Abs", _INPUT), axes=[1], keepdims=1)
    return graph.node("Cast", graph.node("Greater", largest, graph.constant(0.0)), to=TensorProto.FLOAT)


def _inner(graph: _Graph, valid: str) -> str:
    """Return where a pixel and its four neighbours are valid, 1 or 0."""
    cross = np.array([[0, 1, 0], [1, 1, 1], [0, 1, 0]], np.float32)
    neighbours = graph.convolution(valid, cross[None, None])
    complete = graph.node("Greater", neighbours, graph.constant(4.5))
    return graph.node("Cast", complete, to=TensorProto.FLOAT)


def _smoothed(graph: _Graph, source: str, channels: int, level: int) -> str:
    """Return channels smoothed by the spline with holes."""
    rows = np.broadcast_to(_TAPS[:, None], (channels, 1, len(_TAPS), 1))
    for kernels in (rows, rows.swapaxes(2, 3)):
        source = graph.convolution(source, np.ascontiguousarray(kernels), channels, 2**level)
    return source


def _contrast(graph: _Graph, smoothed: str) -> list[str]:
    """Return the bands' local means and the logarithm of the brightness' local standard deviation."""
    weight = _weight(graph, smoothed, BANDS + 1)
    bands = graph.node("Div", graph.slice(smoothed, 0, BANDS), weight)
    grey = _mean(graph, bands)
    squares = graph.node("Div", graph.slice(smoothed, BANDS, BANDS + 1), weight)
    variance = graph.node("Sub", squares, graph.node("Mul", grey, grey))
    deviation = graph.node("Sqrt", graph.node("Max", variance, graph.constant(0.0)))
    return [bands, _logarithm(graph, deviation)]


def _gradient_products(graph: _Graph, smoothed: str, inner: str) -> str:
    """Return the brightness' gradient as length, three products for the structure tensor, and weight."""
    weight = _weight(graph, smoothed, BANDS + 1)
    grey = graph.node("Div", _mean(graph, graph.slice(smoothed, 0, BANDS)), weight)
    difference = np.array([[-0.5, 0, 0.5]], np.float32)
    east, south = (
        graph.node("Mul", graph.convolution(grey, kernel[None, None]), inner) for kernel in (difference, difference.T)
    )
    squares = [graph.node("Mul", *pair) for pair in ((east, east), (south, south), (east, south))]
    length = graph.node("Sqrt", graph.node("Add", *squares[:2]))
    return graph.node("Concat", length, *squares, inner, axis=1)


def _gradient(graph: _Graph, smoothed: str) -> list[str]:
    """Return the logarithm of the gradient's mean length, and the coherence of its direction."""
    length = graph.node("Div", graph.slice(smoothed, 0, 1), _weight(graph, smoothed, 4))
    east, south, both = (graph.slice(smoothed, place, place + 1) for place in (1, 2, 3))
    across = graph.node("Sub", east, south)
    twice = graph.node("Add", both, both)
    parts = [graph.node("Mul", part, part) for part in (across, twice)]
    energy = graph.node("Add", graph.node("Add", east, south), graph.constant(_TINY))
    coherence = graph.node("Div", graph.node("Sqrt", graph.node("Add", *parts)), energy)
    return [_logarithm(graph, length), coherence]


def _weight(graph: _Graph, smoothed: str, channel: int) -> str:
    """Return the smoothed validity, large enough to divide by."""
    return graph.node("Max", graph.slice(smoothed, channel, channel + 1), graph.constant(_SMALLEST_WEIGHT))


def _mean(graph: _Graph, bands: str) -> str:
    return graph.node("ReduceMean", bands, axes=[1], keepdims=1)


def _logarithm(graph: _Graph, values: str) -> str:
    return graph.node("Log", graph.node("Add", values, graph.constant(_SMALLEST_WEIGHT)))


def tree_attributes(classifiers: Sequence[HistGradientBoostingClassifier]) -> Trees:
    """Return classifiers of two classes as attributes of a TreeEnsembleRegressor that gives their mean logit."""
    trees = [stage[0].nodes for classifier in classifiers for stage in classifier._predictors]
    nodes = np.concatenate(trees)
    tree = np.repeat(np.arange(len(trees)), [len(each) for each in trees])
    place = np.concatenate([np.arange(len(each)) for each in trees])
    leaf = nodes["is_leaf"].astype(bool)
    columns = {
        "nodes_treeids": tree,
        "nodes_nodeids": place,
        "nodes_featureids": np.where(leaf, 0, nodes["feature_idx"]),
        "nodes_values": np.where(leaf, 0, _rounded_down(nodes["num_threshold"])),
        "nodes_modes": np.where(leaf, "LEAF", "BRANCH_LEQ"),
        "nodes_truenodeids": np.where(leaf, 0, nodes["left"]),
        "nodes_falsenodeids": np.where(leaf, 0, nodes["right"]),
        "target_treeids": tree[leaf],
        "target_nodeids": place[leaf],
        "target_ids": np.zeros(int(leaf.sum()), np.int64),
        "target_weights": nodes["value"][leaf] / len(classifiers),
    }
    lists = {name: values.tolist() for name, values in columns.items()}
    base = np.mean([float(classifier._baseline_prediction) for classifier in classifiers])
    return {**lists, "n_targets": 1, "base_values": [float(base)]}


def _rounded_down(thresholds: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return the largest number of single precision that is not larger, so that every pixel goes the same way."""
    # Leaves have no threshold worth a warning.
    single = np.nan_to_num(thresholds).astype(np.float32)
    return np.where(single > np.nan_to_num(thresholds), np.nextafter(single, np.float32(-np.inf)), single)
