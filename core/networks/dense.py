"""Stage `densify`: turn a classifier of patches into a network that classifies every pixel of an image at once."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from onnxruntime.capi.onnxruntime_pybind11_state import (
    Fail,
    InvalidArgument,
    InvalidGraph,
    InvalidProtobuf,
    NotImplemented,
    RuntimeException,
)

from ..contracts.densify import DensifyOptions, DensifyResult
from ..errors import InvalidModelError, MissingPackageError, OutputError
from ..files import check_writable, replacing
from ..progress import Progress
from .cardmetadata import card_metadata, read_card
from .modelfile import attach_metadata, read_model, require_own_weights
from .models import SUFFIX, find_model

TOLERANCE = 1e-5
_POSITIONS = 64
# Patches of the test may start at so many rows and columns: all phases of five poolings of stride 2.
_OFFSETS = 32
_SEED = 0
_SILENT = 4
_RUNTIME_ERRORS = (Fail, InvalidArgument, InvalidGraph, InvalidProtobuf, NotImplemented, RuntimeException)


@dataclass(frozen=True)
class DenseNetwork:
    """The dense form of a patch classifier.

    Its input has the shape (batch, bands, height, width), its output (batch, classes, height - 2 halo,
    width - 2 halo), with free batch, height and width.

    Attributes
    ----------
    model : bytes
        The content of its ONNX file, with the classifier's metadata; a card among it states halo and stride.
    patch_size : int
        Side of the patch, in pixels.
    halo : int
        Half the patch's side, rounded down. The output at (row, column) is the classifier's for the patch whose
        pixel (halo, halo), counted from 0, is the image's pixel (row + halo, column + halo): the centre of a patch of
        odd size; of the four central pixels of an even one, the last.
    """

    model: bytes
    patch_size: int
    halo: int


def run(options: DensifyOptions, progress: Progress) -> DensifyResult:
    """Convert a patch classifier into a dense network, and compare the two on random patches.

    Parameters
    ----------
    options : DensifyOptions
    progress : Progress

    Returns
    -------
    DensifyResult

    Raises
    ------
    InvalidModelError
        If the model cannot be read or converted, or the two networks disagree.
    MissingPackageError
        If the package `onnx` is not installed.
    OutputError
        If the output cannot be written.
    """
    content = read_model(options.model)
    check_writable(options.output, SUFFIX, inputs=[str(find_model(options.model))])
    progress.report(0.0, "Converting the layers")
    dense = densified(content, options.model)
    progress.report(0.2, "Comparing the dense network with the patch classifier")
    difference = checked_difference(content, dense, options.model, progress.part(0.2, 1.0))
    with replacing(options.output) as temporary:
        _write(temporary, dense.model, options.output)
    progress.report(1.0, f"Patches of {dense.patch_size} pixels; the two networks differ by {difference:.1e} at most")
    return DensifyResult(options.output, dense.patch_size, dense.halo, difference)


def densified(content: bytes, name: str) -> DenseNetwork:
    """Return the dense form of a patch classifier, without comparing the two.

    What it saves depends on the patch: the larger it is, the more patches share what a layer computes. Of 8-band
    classifiers with three to five convolutions, `make bench-dense` measures about 80 times less processor time for
    patches of 32 pixels and more than 100 times less from 48 pixels on (docs/benchmarks-dense.md). Both networks are
    bound by the arithmetic of their convolutions.

    Parameters
    ----------
    content : bytes
        The content of an ONNX file: layers in a row that take a square patch of a fixed size and give a vector of
        classes. Convolutions and poolings may have strides and dilations, but no padding.
    name : str
        The model's name for messages.

    Returns
    -------
    DenseNetwork

    Raises
    ------
    InvalidModelError
        If it has no exact dense form; the message names the layer and the reason.
    MissingPackageError
        If the package `onnx` is not installed.
    """
    try:
        from .densegraph import DenseGraph
        from .patchgraph import PatchGraph
    except ModuleNotFoundError as error:
        raise MissingPackageError(
            f"Making a network dense needs the Python package {error.name!r}, which is not installed. "
            "Install it, for example with `make setup`."
        ) from error
    require_own_weights(content, name)
    patch = PatchGraph(content, name)
    graph = DenseGraph(patch)
    model = attach_metadata(graph.serialized(), _dense_metadata(patch.metadata, graph.halo))
    return DenseNetwork(model, patch.patch_size, graph.halo)


def checked_difference(content: bytes, dense: DenseNetwork, name: str, progress: Progress) -> float:
    """Compare a dense network with its patch classifier on patches at random places of an image of random numbers.

    Parameters
    ----------
    content : bytes
        The classifier's ONNX file.
    dense : DenseNetwork
        Its dense form.
    name : str
        The model's name for messages.
    progress : Progress

    Returns
    -------
    float
        Largest absolute difference.

    Raises
    ------
    InvalidModelError
        If it is more than 1e-5 of the largest output, or than 1e-5 where outputs are below 1 as probabilities are.
    """
    random = np.random.default_rng(_SEED)
    classifier, network = _session(content, name), _session(dense.model, name)
    bands, size = classifier.get_inputs()[0].shape[1], dense.patch_size
    side = _OFFSETS + 2 * dense.halo
    image = random.standard_normal((bands, side, side), np.float32)
    heatmap = _output(network, image[None], name)[0]
    rows, columns = np.unravel_index(random.choice(_OFFSETS**2, _POSITIONS, replace=False), (_OFFSETS, _OFFSETS))
    patches = [image[:, row : row + size, column : column + size] for row, column in zip(rows, columns, strict=True)]
    expected = _classified(classifier, np.stack(patches), name, progress)
    difference = float(np.abs(heatmap[:, rows, columns].T - expected).max())
    if not difference <= TOLERANCE * max(1.0, float(np.abs(expected).max())):
        raise InvalidModelError(
            f"The dense form of {name} differs from it by {difference:.2g} on random patches, "
            f"more than {TOLERANCE:g}. The model does at inference what its layers do not say; it was not converted."
        )
    return difference


def _write(path: str, model: bytes, name: str) -> None:
    try:
        Path(path).write_bytes(model)
    except OSError as error:
        raise OutputError(f"The output {name} cannot be written: {error.strerror}.") from error


def _dense_metadata(metadata: dict[str, str], halo: int) -> dict[str, str]:
    """Return a classifier's metadata for its dense form: a card states halo and stride."""
    card = read_card(metadata)
    return metadata if card is None else {**metadata, **card_metadata(replace(card, halo=halo, stride=1))}


def _session(content: bytes, name: str) -> Any:
    settings = onnxruntime.SessionOptions()
    settings.log_severity_level = _SILENT
    try:
        return onnxruntime.InferenceSession(content, settings, providers=["CPUExecutionProvider"])
    except _RUNTIME_ERRORS as error:
        raise _runtime_error(name, error) from error


def _output(session: Any, values: NDArray[np.float32], name: str) -> NDArray[np.float32]:
    try:
        output: NDArray[np.float32] = session.run(None, {session.get_inputs()[0].name: values})[0]
    except _RUNTIME_ERRORS as error:
        raise _runtime_error(name, error) from error
    return output


def _runtime_error(name: str, error: Exception) -> InvalidModelError:
    reason = str(error).strip().splitlines()[0].rsplit("[ONNXRuntimeError] : ", 1)[-1]
    return InvalidModelError(f"The model {name} cannot be run: {reason.rstrip(' .')}.")


def _classified(session: Any, patches: NDArray[np.float32], name: str, progress: Progress) -> NDArray[np.float32]:
    """Return the classifier's outputs, shape (patches, classes), in batches of the size that it takes."""
    declared = session.get_inputs()[0].shape[0]
    batch = declared if isinstance(declared, int) and declared > 0 else len(patches)
    starts = range(0, len(patches), batch)
    parts = []
    for start in progress.each(starts, len(starts), "Classifying random patches"):
        # The last batch is filled up with the first patches.
        chosen = np.arange(start, start + batch) % len(patches)
        parts.append(_output(session, patches[chosen], name).reshape(batch, -1))
    classes: NDArray[np.float32] = np.concatenate(parts)[: len(patches)]
    return classes
