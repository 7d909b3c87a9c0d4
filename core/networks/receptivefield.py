"""How far a network sees, measured by disturbing one pixel of its input."""

from __future__ import annotations

import numpy as np

from ..progress import Progress
from .network import Network

# Of this way of measuring; results of another one are not comparable.
METHOD = 2
_SEED = 0
# NaN passes every layer but some poolings, which a large number passes, up or down.
_DISTURBANCES = (np.nan, 1e4, -1e4)
# Side of the patch whose values two tiles must agree about.
_PATCH = 8
# Mean difference, in standard deviations of the values; numbers of 16 or 8 bits are rounded.
_TOLERANCE = 5e-3


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


def tiles_agree(network: Network, channels: int, halo: int, stride: int, progress: Progress) -> bool:
    """Return whether tiles with a halo give a patch of ground the same values, wherever it lies in them.

    The patch lies in two tiles, one stride apart, with the same ground around it as far as the halo reaches, and beyond
    that with ground of another kind. They do not agree where the network sees farther than the halo, where its layers
    have another stride, or where it looks at the whole tile.

    Parameters
    ----------
    network : Network
    channels : int
        Number of bands that it is given.
    halo : int
        In pixels.
    stride : int
        What a tile's side and place are multiples of, in pixels.
    progress : Progress

    Returns
    -------
    bool
        True also where the network's only tile is too small to tell.
    """
    around = _PATCH + 2 * halo
    side = network.size or -(-(around + stride) // stride) * stride
    if side < around + stride:
        return True
    random = np.random.default_rng(_SEED)
    ground = random.standard_normal((channels, around, around), np.float32)
    found = []
    for place, spread, level in ((0, 1.0, 0.0), (stride, 3.0, 2.0)):
        tile = (random.standard_normal((channels, side, side)) * spread + level).astype(np.float32)
        tile[:, place : place + around, place : place + around] = ground
        values = network.run(tile, progress)
        first = place + halo - (side - values.shape[-1]) // 2
        found.append(values[:, first : first + _PATCH, first : first + _PATCH].astype(np.float64))
    deviation = float(found[0].std()) + float(np.finfo(np.float32).eps)
    return bool(np.abs(found[1] - found[0]).mean() <= _TOLERANCE * deviation)


def gives_each_pixel(network: Network, channels: int, side: int, stride: int, output: int, progress: Progress) -> bool:
    """Return whether an output that is smaller than the tile lacks a margin, and is not one of larger pixels.

    Parameters
    ----------
    network : Network
    channels : int
    side, output : int
        Side of a tile and of what the network gives for it, in pixels.
    stride : int
        By which a tile may be larger.
    progress : Progress
    """
    if output == side:
        return True
    if network.size is None:
        larger = network.run(np.zeros((channels, side + stride, side + stride), np.float32), progress)
        return int(larger.shape[-1]) - output == stride
    tile = np.random.default_rng(_SEED).standard_normal((channels, side, side), np.float32)
    undisturbed = network.run(tile, progress)
    places = side // 4, side - side // 4
    middles = []
    for place in places:
        disturbed = tile.copy()
        disturbed[:, place, place] = np.nan
        rows = np.nonzero(~(network.run(disturbed, progress) == undisturbed).all(axis=0))[0]
        middles.append(rows.mean() if len(rows) else np.nan)
    moved, expected = middles[1] - middles[0], places[1] - places[0]
    # Where all or nothing changes, as behind a global pooling, the sizes alone tell.
    return bool(abs(moved - expected) < expected / 4 if moved > 0 else side % output)
