"""A network in training applied to whole chips."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from .architectures import Network
from .trainingset import Image


def chip_logits(network: Network, image: Image, device: torch.device) -> NDArray[np.float32]:
    """Return the logit of every pixel of a chip.

    Parameters
    ----------
    network : Network
        In evaluation mode.
    image : float32 array, shape (bands, height, width)
        As the network takes it. Beyond its edges it is mirrored, as the heatmap stage mirrors a raster.
    device : torch.device
        Where the network is.

    Returns
    -------
    float32 array, shape (height, width)
    """
    height, width = image.shape[1:]
    margin, stride = network.margin, network.stride
    pads = [(0, 0), *((margin, margin + -side % stride) for side in (height, width))]
    padded = np.pad(image, pads, mode="reflect")
    with torch.no_grad():
        logits = network(torch.from_numpy(padded[None]).to(device))
    answered: NDArray[np.float32] = logits[0, 0, :height, :width].float().cpu().numpy()
    return answered
