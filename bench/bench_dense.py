"""Processor time of a patch classifier slid over an image, and of its dense form, on the same image in the same run.

Everything runs on one thread. Each figure is the best of several rounds, in which the contestants take turns, so that
other programs on the machine disturb all alike.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from onnx import NodeProto, TensorProto, helper, numpy_helper
from rock_glacier_mapper.core.networks.dense import DenseNetwork, densified

Array = NDArray[np.float32]

BANDS = 8
BATCHES = (1, 1024)
SEED = 0
# Channels and side of the kernel of each convolution by patch size; a pooling between one and the next.
CONVOLUTIONS = {
    32: ((32, 5), (64, 5), (64, 3)),
    48: ((32, 5), (64, 3), (64, 3), (64, 2)),
    64: ((32, 5), (64, 5), (64, 3), (64, 3)),
    100: ((32, 5), (64, 5), (64, 3), (64, 3), (64, 2)),
}
# What the convolutions above leave of a patch.
LAST_SIDE = 3
HIDDEN = 128
CLASSES = 2
DENSE = "dense"
PAGE = """# Benchmark of dense networks

Written by `make bench-dense`: `bench/bench_dense.py` slides patch classifiers (random weights, {bands} bands) over an
image {size} pixels wide, and runs their dense form (stage `densify`) on it. CPU is user and system time on one core,
the least of {rounds} rounds in which the contestants take turns, with onnxruntime {version}.

| patch (pixels) | network | million multiplications a pixel | CPU (us a pixel) | billion multiplications a second | \
times the dense one |
|---|---|---|---|---|---|
{table}

Largest difference between the two: {difference:.1e}.

The dense network computes once what neighbouring patches share, and how much that is depends on the patch: the larger
it is, the more patches a pixel lies in. Both networks do their multiplications about as fast, nearly all of them in
convolutions, so that the saving in time is about the saving in multiplications.
"""


class Classifier:
    """A patch classifier of random weights: convolutions with poolings between, two fully connected layers.

    Attributes
    ----------
    patch : int
        Side of the patch in pixels.
    parameters : int
        Number of weights.
    patch_products, dense_products : int
        Multiplications a pixel, patch by patch and in the dense form, where a layer computes each of its numbers once.
    """

    def __init__(self, patch: int) -> None:
        self.patch = patch
        self.parameters = self.patch_products = self.dense_products = 0
        self._side = patch
        self._random = np.random.default_rng(SEED)
        self._nodes: list[NodeProto] = []
        self._weights: list[TensorProto] = []
        self._tensor = "patch"
        channels = BANDS
        for place, (outputs, side) in enumerate(CONVOLUTIONS[patch]):
            if place:
                self._add("MaxPool", kernel_shape=[2, 2], strides=[2, 2])
                self._side //= 2
            self._side -= side - 1
            self._add_weighted("Conv", (outputs, channels, side, side))
            self._add("Relu")
            channels = outputs
        self._add("Flatten")
        self._side = 1
        self._add_weighted("Gemm", (HIDDEN, channels * LAST_SIDE**2), transB=1)
        self._add("Relu")
        self._add_weighted("Gemm", (CLASSES, HIDDEN), transB=1)
        self._add("Softmax")

    def serialized(self) -> bytes:
        """Return the network as the content of an ONNX file with a free batch."""
        source = helper.make_tensor_value_info("patch", TensorProto.FLOAT, ["batch", BANDS, self.patch, self.patch])
        target = helper.make_tensor_value_info(self._tensor, TensorProto.FLOAT, ["batch", CLASSES])
        graph = helper.make_graph(self._nodes, "classifier", [source], [target], self._weights)
        model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
        return bytes(model.SerializeToString())

    def _add(self, kind: str, *weights: str, **attributes: Any) -> None:
        name = f"{kind}_{len(self._nodes)}"
        self._nodes.append(helper.make_node(kind, [self._tensor, *weights], [name], **attributes))
        self._tensor = name

    def _add_weighted(self, kind: str, shape: tuple[int, ...], **attributes: Any) -> None:
        """Add a layer whose weights neither let the numbers grow nor vanish."""
        spread = np.sqrt(1 / np.prod(shape[1:]))
        arrays = self._random.normal(0, spread, shape), self._random.normal(0, 0.1, shape[0])
        names = [f"{kind}_{len(self._nodes)}_{part}" for part in ("weights", "bias")]
        for name, values in zip(names, arrays, strict=True):
            self._weights.append(numpy_helper.from_array(values.astype(np.float32), name))
            self.parameters += values.size
        self.dense_products += arrays[0].size
        self.patch_products += arrays[0].size * self._side**2
        self._add(kind, *names, **attributes)


def session_of(model: bytes) -> Any:
    """Return a session that runs on one core."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def patches_at(image: Array, places: NDArray[np.intp], side: int, batch: int) -> Iterator[Array]:
    """Yield the patches that start at some places (row, column), in batches."""
    for start in range(0, len(places), batch):
        chosen = places[start : start + batch]
        yield np.stack([image[:, row : row + side, column : column + side] for row, column in chosen])


def seconds(work: Callable[[], Array]) -> tuple[float, Array]:
    """Return the processor time of some work, user and system, and what it gives."""
    start = time.process_time()
    output = work()
    return time.process_time() - start, output


def measured(
    model: bytes, dense: DenseNetwork, image: Array, count: int, rounds: int
) -> tuple[dict[str, float], float]:
    """Return the processor time a pixel in seconds of every contestant, and their largest difference."""
    classifier, network = session_of(model), session_of(dense.model)
    side = image.shape[1] - 2 * dense.halo
    places = np.stack(np.unravel_index(np.linspace(0, side**2 - 1, count, dtype=int), (side, side)), axis=1)

    def slide(batch: int) -> Array:
        patches = patches_at(image, places, dense.patch_size, batch)
        return np.concatenate([classifier.run(None, {"patch": each})[0] for each in patches])

    def run_dense() -> Array:
        output: Array = network.run(None, {"stack": image[None]})[0][0]
        return output

    times: dict[str, list[float]] = {}
    difference = 0.0
    for _ in range(rounds):
        taken, heatmap = seconds(run_dense)
        times.setdefault(DENSE, []).append(taken / side**2)
        for batch in BATCHES:
            taken, classes = seconds(lambda batch=batch: slide(batch))
            times.setdefault(f"patch by patch, batches of {batch}", []).append(taken / count)
            difference = max(difference, float(np.abs(heatmap[:, places[:, 0], places[:, 1]].T - classes).max()))
    return {name: min(values) for name, values in times.items()}, difference


def rows(classifier: Classifier, times: dict[str, float]) -> list[str]:
    """Return the table's rows of one patch size."""
    lines = []
    for name, value in times.items():
        products = classifier.dense_products if name == DENSE else classifier.patch_products
        cells = (
            f"{classifier.patch}",
            name,
            f"{products / 1e6:.2f}",
            f"{value * 1e6:.2f}",
            f"{products / value / 1e9:.0f}",
            f"{value / times[DENSE]:.0f}",
        )
        lines.append(f"| {' | '.join(cells)} |")
    return lines


def main() -> None:
    """Measure every patch size, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=544, help="side of the image in pixels")
    parser.add_argument("--patches", type=int, default=1024, help="pixels that the classifier is applied to")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--output", type=Path, required=True, help="page to write (.md)")
    arguments = parser.parse_args()
    image = np.random.default_rng(SEED).standard_normal((BANDS, arguments.size, arguments.size), np.float32)
    table, differences = [], []
    for patch in CONVOLUTIONS:
        classifier = Classifier(patch)
        model = classifier.serialized()
        times, difference = measured(model, densified(model, "classifier"), image, arguments.patches, arguments.rounds)
        table += rows(classifier, times)
        differences.append(difference)
        print("\n".join(table[-len(times) :]), flush=True)
    page = PAGE.format(
        bands=BANDS,
        size=arguments.size,
        rounds=arguments.rounds,
        version=onnxruntime.__version__,
        table="\n".join(table),
        difference=max(differences),
    )
    arguments.output.write_text(page, "utf-8")


if __name__ == "__main__":
    main()
