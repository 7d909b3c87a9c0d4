"""Static quantisation of a network: 8-bit integers for its weights and for the values between its layers.

A tensor of floats becomes integers q = round(x / scale) + zero point. Weights are signed with one scale an output
channel, values are unsigned with one scale a tensor, from the smallest and largest value seen on calibration tiles. The
file is written with pairs of QuantizeLinear and DequantizeLinear, which every runtime understands and fuses.

Source: Jacob et al. (2018), Quantization and training of neural networks for efficient integer-arithmetic-only
inference, CVPR, 2704-2713.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnxruntime.quantization import CalibrationDataReader, CalibrationMethod, QuantFormat, QuantType, quantize_static
from onnxruntime.quantization.shape_inference import quant_pre_process

from ..errors import Cancelled, InvalidModelError
from .onnxfile import read_onnx

_IR_VERSION = 8
_WITH_WEIGHTS = ("Conv", "ConvTranspose", "Gemm", "MatMul")


def quantised(name: str, model: bytes, tiles: Iterable[NDArray[np.float32]]) -> bytes:
    """Return a network with 8-bit weights and values, without metadata.

    Parameters
    ----------
    name : str
        How to call the model in messages.
    model : bytes
        The content of its ONNX file.
    tiles : iterable of arrays of float32, shape (bands, height, width)
        What it is calibrated on, normalised.

    Raises
    ------
    InvalidModelError
        If it has layers that cannot be quantised.
    """
    reader = _Reader(model, tiles)
    with tempfile.TemporaryDirectory() as folder:
        given, prepared, written = (Path(folder) / f"{part}.onnx" for part in ("given", "prepared", "quantised"))
        given.write_bytes(model)
        try:
            # Batch normalisations are folded into the convolutions, or they would stay floats between integers.
            quant_pre_process(str(given), str(prepared), skip_symbolic_shape=True)
            before_weights = _before_weights(prepared)
            quantize_static(
                str(prepared),
                str(written),
                reader,
                quant_format=QuantFormat.QDQ,
                activation_type=QuantType.QUInt8,
                weight_type=QuantType.QInt8,
                per_channel=True,
                calibrate_method=CalibrationMethod.MinMax,
                nodes_to_exclude=before_weights,
            )
        except Cancelled:
            raise
        except Exception as error:  # the quantiser documents none, and raises whatever its parts do
            raise InvalidModelError(f"The model {name} cannot be quantised: {error}. Use it as it is.") from error
        return _tidied(onnx.load_model(written))


class _Reader(CalibrationDataReader):  # type: ignore[misc]
    """Hands the tiles to the quantiser."""

    def __init__(self, model: bytes, tiles: Iterable[NDArray[np.float32]]) -> None:
        source = read_onnx(model).inputs[0]
        self._name = source.name
        self._batch = int(source.shape[0]) if source.shape[0].isdigit() else 1
        self._tiles: Iterator[NDArray[np.float32]] = iter(tiles)

    def get_next(self) -> dict[str, NDArray[np.float32]] | None:
        """Return the next tile as the network's input, None at the end."""
        tile = next(self._tiles, None)
        return None if tile is None else {self._name: np.repeat(tile[None], self._batch, axis=0)}


def _before_weights(path: Path) -> list[str]:
    """Name the nodes of a model file; return the names of those that no layer with weights comes before.

    What is done to the bands before anything is learnt of them stays as it is: a variance of small differences, say, is
    nothing any more in 256 steps of the largest.
    """
    model = onnx.load_model(path)
    learnt: set[str] = set()
    names = []
    for number, node in enumerate(model.graph.node):
        node.name = node.name or f"{node.op_type}_{number}"
        if node.op_type in _WITH_WEIGHTS or learnt.intersection(node.input):
            learnt.update(node.output)
        else:
            names.append(node.name)
    onnx.save_model(model, path)
    return names


def _tidied(model: Any) -> bytes:
    """Return the file without metadata and without the sets of operators that no layer uses, in an old format."""
    used = {node.domain for node in model.graph.node} | {""}
    imports = [item for item in model.opset_import if item.domain in used]
    del model.opset_import[:], model.metadata_props[:]
    model.opset_import.extend(imports)
    model.ir_version = min(model.ir_version, _IR_VERSION)
    content: bytes = model.SerializeToString()
    return content
