"""Compiled functions where machine code can be kept, and where it cannot."""

from __future__ import annotations

import numpy as np
from rock_glacier_mapper.core.compiled import compiled


def test_without_a_place_for_machine_code():
    """A function that is in no file cannot be kept; it is compiled all the same."""
    namespace = {}
    exec(
        "def total(values):\n    result = 0.0\n    for value in values:\n        result += value\n    return result",
        namespace,
    )
    assert compiled(namespace["total"])(np.array([1.0, 2.5])) == 3.5
