"""Heterogeneity of image objects after Baatz and Schaepe (2000)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Criterion:
    """The weights of colour, compactness and smoothness in the heterogeneity of an object.

    Colour is the sum over bands of w n s, compactness n l / sqrt(n), smoothness n l / b, for an object of n pixels with
    perimeter l, a bounding box of perimeter b, and standard deviation s in a band of weight w (Baatz and Schaepe 2000,
    Benz et al. 2004). What a merge costs is the heterogeneity of the merged object less that of its two parts.

    Attributes
    ----------
    weights : tuple of float
        Weight of each band, in order; they should sum to 1, so that the scale parameter means the same however many
        bands there are.
    shape : float
        Share of shape against colour, 0..1.
    compactness : float
        Share of compactness against smoothness within the shape, 0..1.
    """

    weights: tuple[float, ...]
    shape: float
    compactness: float

    @property
    def factors(self) -> NDArray[np.float64]:
        """What compactness, smoothness, and the colour of each band are multiplied by, in this order."""
        smoothness = self.shape * (1 - self.compactness)
        colours = [(1 - self.shape) * weight for weight in self.weights]
        return np.array([self.shape * self.compactness, smoothness, *colours])
