"""Heterogeneity of image objects after Baatz and Schaepe (2000)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.floating[Any]]
Integers = NDArray[np.integer[Any]]


@dataclass(frozen=True)
class Criterion:
    """The weights of colour, compactness and smoothness in the heterogeneity of an object.

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

    def heterogeneity(
        self, size: Integers, perimeter: Integers, box_perimeter: Integers, squares: Iterable[Floats]
    ) -> Floats:
        """Return the heterogeneity of objects, weighted by their size.

        Colour is the sum over bands of w n s, compactness n l / sqrt(n), smoothness n l / b, for an object of n
        pixels with perimeter l, a bounding box of perimeter b, and standard deviation s in a band of weight w
        (Baatz and Schaepe 2000, Benz et al. 2004). What a merge costs is the heterogeneity of the merged object less
        that of its two parts.

        Parameters
        ----------
        size : array, shape (n,)
            Pixels.
        perimeter, box_perimeter : int arrays, shape (n,)
            Length of the object's border and of its bounding box's, in pixel sides.
        squares : iterable of float arrays, each of shape (n,)
            For every band, the sum of squared deviations from the object's mean.

        Returns
        -------
        float array, shape (n,)
            In the type of the squares, if the sizes are in it too.
        """
        pixels = size.astype(np.result_type(size, np.float32))
        # n s = n sqrt(squares / n) = sqrt(n) sqrt(squares), and n l / sqrt(n) = sqrt(n) l.
        total = perimeter * (self.shape * self.compactness)
        for weight, squares_of_band in zip(self.weights, squares, strict=True):
            colour = np.sqrt(squares_of_band)
            colour *= (1 - self.shape) * weight
            total += colour
        total *= np.sqrt(pixels)
        if self.shape:
            pixels *= self.shape * (1 - self.compactness)
            pixels *= perimeter
            pixels /= box_perimeter
            total += pixels
        return total
