"""How far a network sees, measured by disturbing one pixel of its input."""

from __future__ import annotations

import numpy as np

from ..progress import Progress
from .network import Network

# Of this way of measuring; results of another one are not comparable.
METHOD = 1
_SEED = 0
# NaN passes every layer but some poolings, which a large number passes.
_DISTURBANCES = (np.nan, 1e4)


def measured_halo(network: Network, channels: int, side: int, stride: int, progress: Progress) -> int | None:
    """Measure the largest distance at which one input pixel changes the output.

    Parameters
    ----------
    network : Network
        The network.
    channels : int
        Number of bands that it is given.
    side : int
        Side of the tile on which it is measured, in pixels.
    stride : int
        The disturbed pixel is placed at the beginning, the middle and the end of the network's stride, because
        strided layers see less far from some pixels than from others.
    progress : Progress

    Returns
    -------
    int or None
        Distance in pixels. None where the change reaches the tile's edge, so that the field is larger than the tile
        shows, or unlimited as after a global pooling.
    """
    tile = np.random.default_rng(_SEED).standard_normal((channels, side, side), np.float32)
    undisturbed = network.run(tile, progress)
    margin = (side - undisturbed.shape[-1]) // 2
    reach = 0
    for phase in sorted({0, stride // 2, stride - 1}):
        place = side // 2 // stride * stride + phase
        for disturbance in _DISTURBANCES:
            disturbed = tile.copy()
            disturbed[:, place, place] = disturbance
            # NaN equals nothing, so this finds what became NaN and what became another number.
            changed = ~(network.run(disturbed, progress) == undisturbed).all(axis=0)
            rows, columns = np.nonzero(changed)
            if changed[[0, -1]].any() or changed[:, [0, -1]].any():
                return None
            distances = np.abs(np.concatenate([rows, columns]) + margin - place)
            reach = max(reach, int(distances.max(initial=0)))
    return reach
