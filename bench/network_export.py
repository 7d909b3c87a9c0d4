"""Export of a trained network to ONNX, with proof that the file gives the network's numbers and with its halo."""

from __future__ import annotations

import io
import math
import warnings
from collections.abc import Sequence

import numpy as np
import onnxruntime
import torch
from numpy.typing import NDArray
from rock_glacier_mapper.core.networks.card import Normalisation
from torch import Tensor, nn
from training import normalised
from training_areas import Image
from unet import STRIDE, UNet

OPSET = 17
PARITY = 1e-4


class Heatmap(nn.Module):
    """A network that gives probabilities in place of logits."""

    def __init__(self, network: UNet) -> None:
        super().__init__()
        self.network = network

    def forward(self, image: Tensor) -> Tensor:
        """Return probabilities (batch, 1, height, width)."""
        return torch.sigmoid(self.network(image))


def exported(network: UNet, channels: int) -> bytes:
    """Return the network as an ONNX file whose batch, height and width are free.

    Raises
    ------
    RuntimeError
        If onnxruntime's numbers differ from the network's by more than `PARITY`.
    """
    heatmap = Heatmap(network).eval().to(memory_format=torch.contiguous_format)
    buffer = io.BytesIO()
    free = {0: "batch", 2: "height", 3: "width"}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        torch.onnx.export(
            heatmap,
            (torch.zeros(1, channels, 4 * STRIDE, 4 * STRIDE),),
            buffer,
            input_names=["stack"],
            output_names=["heatmap"],
            dynamic_axes={"stack": free, "heatmap": free},
            opset_version=OPSET,
            dynamo=False,
        )
    model = buffer.getvalue()
    _require_parity(heatmap, session_of(model), channels)
    return model


def session_of(model: bytes) -> onnxruntime.InferenceSession:
    """Return a session that runs on one core."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def probed_halo(session: onnxruntime.InferenceSession, channels: int) -> int:
    """Return how far an input pixel reaches in the output, rounded up to the stride.

    One pixel of an input of zeros is NaN, at several phases of the network's stride; the output is NaN wherever it
    depends on that pixel.
    """
    size, centre = 32 * STRIDE, 16 * STRIDE
    reach = 0
    for phase in range(0, STRIDE, 3):
        image = np.zeros((1, channels, size, size), np.float32)
        image[:, :, centre + phase, centre + phase] = np.nan
        rows, columns = np.nonzero(np.isnan(session.run(None, {"stack": image})[0][0, 0]))
        reach = max(reach, *(int(abs(axis - centre - phase).max()) for axis in (rows, columns)))
    return math.ceil(reach / STRIDE) * STRIDE


def predicted(
    session: onnxruntime.InferenceSession, image: Image, normalisation: Sequence[Normalisation], halo: int
) -> NDArray[np.float32]:
    """Return the probability of every pixel of an image (bands, height, width), continued by reflection."""
    height, width = image.shape[1:]
    margins = [(halo, halo + -size % STRIDE) for size in (height, width)]
    padded = np.pad(normalised(image, normalisation), [(0, 0), *margins], mode="reflect")
    heatmap = session.run(None, {"stack": padded[None]})[0]
    return heatmap[0, 0, halo : halo + height, halo : halo + width]


def _require_parity(heatmap: Heatmap, session: onnxruntime.InferenceSession, channels: int) -> None:
    image = np.random.default_rng(0).normal(size=(2, channels, 9 * STRIDE, 7 * STRIDE)).astype(np.float32)
    with torch.no_grad():
        expected = heatmap(torch.from_numpy(image)).numpy()
    difference = float(np.abs(session.run(None, {"stack": image})[0] - expected).max())
    if not difference <= PARITY:
        raise RuntimeError(f"onnxruntime differs from torch by {difference:.2g}, more than {PARITY:g}.")
    print(f"largest difference between torch and onnxruntime: {difference:.1e}")
