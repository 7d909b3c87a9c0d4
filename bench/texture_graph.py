"""The texture of a picture at several scales, and boosted trees on it, as parts of an ONNX graph."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from graph import Graph, smoothing_reach
from numpy.typing import NDArray
from onnx import TensorProto
from sklearn.ensemble import HistGradientBoostingClassifier

BANDS = 3
_FEATURES_A_SCALE = 6
_SMALLEST_LOGARITHM = 1e-3
_TINY = 1e-6

Trees = Mapping[str, Any]
"""Attributes of a TreeEnsembleRegressor."""


def texture_count(scales: int) -> int:
    """Return the number of texture features."""
    return scales * _FEATURES_A_SCALE


def texture_reach(scales: int) -> int:
    """Return on how many pixels on every side the texture depends."""
    # The gradient of the picture smoothed one level less, and with it the smoothing of the gradient.
    gradient = smoothing_reach(scales - 1) + 1 + 2 * 2 ** (scales - 1)
    return max(smoothing_reach(scales), gradient)


def add_texture(graph: Graph, picture: str, valid: str, scales: int) -> str:
    """Add the texture of a picture of values around 0 to 1.

    Parameters
    ----------
    graph : Graph
    picture, valid : str
        Names of the bands, 0 where they have no value, and of the validity, 1 or 0.
    scales : int
        Number of scales, from one pixel on, each twice as coarse.

    Returns
    -------
    str
        Of every scale the local means of the bands, the local deviation of the brightness, the mean length of its
        gradient, and how far its gradients have one direction.
    """
    grey = _mean(graph, picture)
    smoothed = graph.node("Concat", picture, graph.node("Mul", grey, grey), valid, axis=1)
    inner = _inner(graph, valid)
    features: list[str] = []
    for level in range(scales):
        gradient = _gradient_products(graph, smoothed, inner)
        smoothed = graph.smoothed(smoothed, BANDS + 2, level)
        features += _contrast(graph, smoothed) + _gradient(graph, graph.smoothed(gradient, 5, level))
    return graph.node("Concat", *features, axis=1)


def add_trees(graph: Graph, features: str, count: int, trees: Trees) -> str:
    """Add trees; return their logits, a list of all pixels."""
    pixels = graph.node("Transpose", features, perm=[0, 2, 3, 1])
    rows = graph.node("Reshape", pixels, graph.constant(np.array([-1, count], np.int64)))
    return graph.node("TreeEnsembleRegressor", rows, domain="ai.onnx.ml", **trees)


def _inner(graph: Graph, valid: str) -> str:
    """Return where a pixel and its four neighbours are valid, 1 or 0."""
    cross = np.array([[0, 1, 0], [1, 1, 1], [0, 1, 0]], np.float32)
    neighbours = graph.convolution(valid, cross[None, None])
    complete = graph.node("Greater", neighbours, graph.constant(4.5))
    return graph.node("Cast", complete, to=TensorProto.FLOAT)


def _contrast(graph: Graph, smoothed: str) -> list[str]:
    """Return the bands' local means and the logarithm of the brightness' local standard deviation."""
    weight = graph.weight(smoothed, BANDS + 1)
    bands = graph.node("Div", graph.slice(smoothed, 0, BANDS), weight)
    grey = _mean(graph, bands)
    squares = graph.node("Div", graph.slice(smoothed, BANDS, BANDS + 1), weight)
    variance = graph.node("Sub", squares, graph.node("Mul", grey, grey))
    deviation = graph.node("Sqrt", graph.node("Max", variance, graph.constant(0.0)))
    return [bands, _logarithm(graph, deviation)]


def _gradient_products(graph: Graph, smoothed: str, inner: str) -> str:
    """Return the brightness' gradient as length, three products for the structure tensor, and weight."""
    weight = graph.weight(smoothed, BANDS + 1)
    grey = graph.node("Div", _mean(graph, graph.slice(smoothed, 0, BANDS)), weight)
    difference = np.array([[-0.5, 0, 0.5]], np.float32)
    east, south = (
        graph.node("Mul", graph.convolution(grey, kernel[None, None]), inner) for kernel in (difference, difference.T)
    )
    squares = [graph.node("Mul", *pair) for pair in ((east, east), (south, south), (east, south))]
    length = graph.node("Sqrt", graph.node("Add", *squares[:2]))
    return graph.node("Concat", length, *squares, inner, axis=1)


def _gradient(graph: Graph, smoothed: str) -> list[str]:
    """Return the logarithm of the gradient's mean length, and the coherence of its direction."""
    length = graph.node("Div", graph.slice(smoothed, 0, 1), graph.weight(smoothed, 4))
    east, south, both = (graph.slice(smoothed, place, place + 1) for place in (1, 2, 3))
    across = graph.node("Sub", east, south)
    twice = graph.node("Add", both, both)
    parts = [graph.node("Mul", part, part) for part in (across, twice)]
    energy = graph.node("Add", graph.node("Add", east, south), graph.constant(_TINY))
    coherence = graph.node("Div", graph.node("Sqrt", graph.node("Add", *parts)), energy)
    return [_logarithm(graph, length), coherence]


def _mean(graph: Graph, bands: str) -> str:
    return graph.node("ReduceMean", bands, axes=[1], keepdims=1)


def _logarithm(graph: Graph, values: str) -> str:
    return graph.node("Log", graph.node("Add", values, graph.constant(_SMALLEST_LOGARITHM)))


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
