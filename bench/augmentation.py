"""Random variation of training patches."""

from __future__ import annotations

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Patch = NDArray[np.float32]


def oriented(patch: NDArray, turns: int, mirrored: bool) -> NDArray:
    """Turn a patch (..., height, width) by quarter turns, then mirror it."""
    turned = np.rot90(patch, turns, axes=(-2, -1))
    return turned[..., ::-1] if mirrored else turned


def varied_stack(patch: Patch, random: Generator, optical: int) -> Patch:
    """Vary illumination, haze and noise of the first `optical` bands (reflectance) and the level of coherence.

    Coherence is the band after the optical ones. Sometimes one of the two kinds of data is blanked, so that the network
    does not lean on it alone.
    """
    varied = patch.copy()
    gain = random.lognormal(0.0, 0.15) * random.lognormal(0.0, 0.05, size=(optical, 1, 1))
    haze = random.normal(0.0, 0.01) + random.normal(0.0, 0.004, size=(optical, 1, 1))
    varied[:optical] = varied[:optical] * gain + haze
    varied[optical] += random.normal(0.0, 0.05)
    if random.random() < 0.08:
        varied[:optical] = np.nan
    elif random.random() < 0.08:
        varied[optical] = np.nan
    return varied


def varied_picture(patch: Patch, random: Generator) -> Patch:
    """Vary brightness, contrast, gamma, colour and noise of an 8-bit picture whose stretch is not known."""
    gamma, contrast, brightness = random.lognormal(0.0, 0.12, size=3)
    colour = random.lognormal(0.0, 0.03, size=(len(patch), 1, 1))
    mean = np.nanmean(patch) if np.isfinite(patch).any() else 0.0
    stretched = (patch - mean) * contrast * colour + mean * brightness
    curved = 255 * np.clip(stretched / 255, 0, 1) ** gamma
    noisy = curved + random.normal(0.0, random.uniform(0.0, 3.0), size=patch.shape)
    return np.clip(noisy, 0, 255).astype(np.float32)
