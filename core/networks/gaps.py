"""Sources of bands that a stack may lack, as a whole or here and there: what a network is given in their place."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray


def places_of(sources: Iterable[Sequence[str]], roles: Sequence[str]) -> list[list[int]]:
    """Return the places among the roles of each source's bands."""
    return [[roles.index(role) for role in source] for source in sources]


def missing_bands(missing: NDArray[np.bool_], sources: Sequence[Sequence[int]]) -> NDArray[np.bool_]:
    """Return where bands count as missing.

    A pixel that lacks a band of a source that may be absent lacks all bands of that source; one that lacks another band
    lacks all.

    Parameters
    ----------
    missing : bool array, shape (bands, height, width)
        Where bands have no value.
    sources : sequence of sequences of int
        Places of the bands of each source that may be absent.

    Returns
    -------
    bool array, shape (bands, height, width)
    """
    required = np.setdiff1d(np.arange(len(missing)), [place for source in sources for place in source])
    spread = np.broadcast_to(missing[required].any(axis=0), missing.shape).copy()
    for source in sources:
        spread[source] |= missing[source].any(axis=0)
    return spread
