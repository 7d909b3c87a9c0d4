"""The last step of a network that gives logits."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def activated(output: NDArray[np.float32], activation: str) -> NDArray[np.float32]:
    """Return probabilities from what a network gives, shape (classes, height, width).

    Parameters
    ----------
    output : array of float32, shape (classes, height, width)
        The network's numbers.
    activation : {"none", "sigmoid", "softmax"}
        What the network leaves out, as in `ModelCard`.
    """
    if activation == "sigmoid":
        halves: NDArray[np.float32] = np.tanh(output / 2) / 2
        return halves + np.float32(0.5)
    if activation == "softmax":
        # A network that gives no numbers is reported with the place, not by numpy.
        with np.errstate(invalid="ignore"):
            powers = np.exp(output - output.max(axis=0))
            probabilities: NDArray[np.float32] = powers / powers.sum(axis=0)
        return probabilities
    return output
