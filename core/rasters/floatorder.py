"""Floating-point numbers as whole numbers that sort the same way."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

_SIGN = np.int32(-(2**31))


def ordered_bits(values: NDArray[np.floating[Any]]) -> NDArray[np.uint32]:
    """Return the bits of float32 numbers, arranged so that they sort as the numbers do; -0 counts as 0."""
    bits = (values + values.dtype.type(0)).astype(np.float32, copy=False).view(np.int32)
    # A negative number sorts by its complement, a positive one by its bits above all negative ones.
    return (bits ^ ((bits >> 31) | _SIGN)).view(np.uint32)


def from_ordered_bits(ordered: NDArray[np.uint32]) -> NDArray[np.float32]:
    """Return the float32 numbers that `ordered_bits` gave these bits for."""
    bits = ordered.view(np.int32)
    return (bits ^ (~(bits >> 31) | _SIGN)).view(np.float32)
