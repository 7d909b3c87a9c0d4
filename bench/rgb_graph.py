"""The network of `rgb_10m` as one ONNX graph: three classifiers whose logits are averaged, and a smoothing.

Two are boosted trees on texture, one of them of the picture as it is, the other of the picture in units of its
surroundings; the third weighs features of a network that learnt from photographs. Pixels without a value are those that
are 0 in every band, as the heatmap stage gives them to networks; they have no weight anywhere, so that the shape of a
gap tells the classifiers little.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import onnxruntime
from graph import INPUT, Graph, smoothing_reach
from numpy.typing import NDArray
from onnx import ModelProto
from photograph_graph import REACH, STRIDE, add_enlarged, add_levels, add_logits
from texture_graph import BANDS, Trees, add_texture, add_trees, texture_count, texture_reach

# No byte has this value, so that a pixel of 0 after normalisation always is one without a value.
CENTRE = 127.5
VIEWS = 2
# Standard deviations of the surroundings that make the whole range of a picture, and a deviation that is noise.
_RANGE, _NOISE = 1 / 0.3, 0.01
_HALF = 0.5


@dataclass(frozen=True)
class Weights:
    """What a linear classifier gives a pixel: the sum of its features by `weights`, shape (features,), and `bias`."""

    weights: NDArray[np.float32]
    bias: float


@dataclass(frozen=True)
class _Picture:
    """Names of the parts of a graph that all classifiers need."""

    valid: str
    views: tuple[str, str]
    filled: str


def features_model(scales: int, smoothings: int) -> ModelProto:
    """Return a graph that gives all features, shape (1, features, height, width).

    The features are the texture of the picture as it is, that of the picture in units of its surroundings, and last
    those of photographs. Height and width must be multiples of `STRIDE`.
    """
    graph = Graph()
    picture = _picture(graph, smoothings)
    textures = [add_texture(graph, view, picture.valid, scales) for view in picture.views]
    levels = add_levels(graph, picture.filled)
    photographs = [add_enlarged(graph, level, picture.valid) for level in levels]
    channels = VIEWS * texture_count(scales) + sum(level.channels for level in levels)
    return graph.model(graph.node("Concat", *textures, *photographs, axis=1), BANDS, channels)


def rgb_model(scales: int, smoothings: int, trees: Sequence[Trees], linear: Weights) -> ModelProto:
    """Return a graph that gives the probability, shape (tiles, 1, height, width).

    Parameters
    ----------
    scales : int
        Number of scales of the texture.
    smoothings : int
        Number of smoothings of the probability, each twice as wide as the one before; the surroundings are as wide.
    trees : sequence of mapping
        Of every view attributes of a TreeEnsembleRegressor that gives logits of its texture.
    linear : Weights
        What gives logits of the features of photographs.
    """
    graph = Graph()
    picture = _picture(graph, smoothings)
    valid = picture.valid
    shape = graph.node("Shape", valid)
    logits = [add_logits(graph, add_levels(graph, picture.filled), valid, linear.weights, linear.bias)]
    for view, attributes in zip(picture.views, trees, strict=True):
        texture = add_texture(graph, view, valid, scales)
        logits.append(graph.node("Reshape", add_trees(graph, texture, texture_count(scales), attributes), shape))
    probability = graph.node("Sigmoid", graph.node("Mean", *logits))
    weighted = graph.node("Concat", graph.node("Mul", probability, valid), valid, axis=1)
    for level in range(smoothings):
        weighted = graph.smoothed(weighted, 2, level)
    return graph.model(graph.node("Div", graph.slice(weighted, 0, 1), graph.weight(weighted, 1)), BANDS, 1)


def reach(scales: int, smoothings: int) -> int:
    """Return on how many pixels on every side an output pixel depends, rounded up to whole strides."""
    # Both the surroundings of a pixel and the gaps that they fill are known before anything else is.
    pixels = 2 * smoothing_reach(smoothings) + max(texture_reach(scales), REACH)
    return -(-pixels // STRIDE) * STRIDE


def run_on(
    session: onnxruntime.InferenceSession, picture: NDArray[np.float32], valid: NDArray[np.bool_]
) -> NDArray[np.float32]:
    """Return what a graph gives for a picture of bytes, shape (bands, height, width), as a whole.

    Around it are gaps, as there are around a raster for the heatmap stage.
    """
    margin = -(-(REACH + 1) // STRIDE) * STRIDE
    height, width = valid.shape
    sides = [(margin, margin + -length % STRIDE) for length in (height, width)]
    tile = np.pad(normalised(picture, valid), [(0, 0), (0, 0), *sides])
    values: NDArray[np.float32] = session.run(None, {"stack": tile})[0][0]
    return values[:, margin : margin + height, margin : margin + width]


def normalised(picture: NDArray[np.float32], valid: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Return a picture of bytes, shape (bands, height, width), as the network is given it: one tile."""
    return np.where(valid, (picture - CENTRE) / CENTRE, 0).astype(np.float32)[None]


def _picture(graph: Graph, smoothings: int) -> _Picture:
    """Add what all classifiers need: validity, both views as values around 0 to 1, and the picture without gaps."""
    valid = graph.validity()
    sums = graph.node("Concat", INPUT, graph.node("Mul", INPUT, INPUT), valid, axis=1)
    for level in range(smoothings):
        sums = graph.smoothed(sums, 2 * BANDS + 1, level)
    weight = graph.weight(sums, 2 * BANDS)
    mean = graph.node("Div", graph.slice(sums, 0, BANDS), weight)
    squares = graph.node("Div", graph.slice(sums, BANDS, 2 * BANDS), weight)
    variance = graph.node("Sub", squares, graph.node("Mul", mean, mean))
    deviation = graph.node("Sqrt", graph.node("Max", variance, graph.constant(0.0)))
    unit = graph.node("Mul", graph.node("Add", deviation, graph.constant(_NOISE)), graph.constant(_RANGE))
    standardised = graph.node("Div", graph.node("Sub", INPUT, mean), unit)
    gaps = graph.node("Sub", graph.constant(1.0), valid)
    filled = graph.node("Add", INPUT, graph.node("Mul", mean, gaps))
    return _Picture(valid, (_positive(graph, INPUT, valid), _positive(graph, standardised, valid)), filled)


def _positive(graph: Graph, view: str, valid: str) -> str:
    """Return values of -1 to 1 as 0 to 1, and 0 in gaps."""
    half = graph.constant(_HALF)
    return graph.node("Mul", graph.node("Add", graph.node("Mul", view, half), half), valid)
