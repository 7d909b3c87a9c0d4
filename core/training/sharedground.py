"""Chips of several folders that lie on the same ground: what is learnt from in one must not be judged on in another.

Within a folder, splits share no pixel. Folders that were cut of stacks of the same ground, or of corrections without
the samples that came before, know nothing of each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import shapely

from ..samples.sampleset import CHIPS, INDEX, TRAIN, SampleSet
from ..vectors.vector import VectorLayer, read_layer

# Of a chip's area: borders of chips coincide, but for the rounding of another reference system.
_NOTHING = 1e-3


def chips_to_leave_out(sets: Sequence[SampleSet]) -> frozenset[str]:
    """Return the paths of training chips that share ground with chips of another folder that are not learnt from.

    Parameters
    ----------
    sets : sequence of SampleSet
    """
    if len(sets) < 2:
        return frozenset()
    layers = [_chips(item, sets[0].crs) for item in sets]
    found: set[str] = set()
    for number, (samples, layer) in enumerate(zip(sets, layers, strict=True)):
        learnt = np.flatnonzero(layer.columns["split"] == TRAIN)
        others = [
            other.geometries[other.columns["split"] != TRAIN] for place, other in enumerate(layers) if place != number
        ]
        held_out = np.concatenate(others)
        one, other = shapely.STRtree(held_out).query(layer.geometries[learnt], predicate="intersects")
        squares = layer.geometries[learnt][one]
        shared = shapely.area(shapely.intersection(squares, held_out[other])) > _NOTHING * shapely.area(squares)
        found.update(str(Path(samples.folder, layer.columns["chip"][row])) for row in learnt[one[shared]])
    return frozenset(found)


def _chips(samples: SampleSet, crs: str) -> VectorLayer:
    return read_layer(f"{Path(samples.folder, INDEX)}|layername={CHIPS}", crs=crs, columns=("chip", "split"))
