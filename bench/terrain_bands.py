"""Terrain bands of a feature stack, derived from an elevation model in metres on a square grid.

Definitions after Minar, Evans and Jenco (2020), Earth-Science Reviews 211, 103414. With p, q the first and r, s, t the
second partial derivatives of the elevation (p, r towards east; q, t towards north; s mixed):

- profile curvature (normal slope-line curvature) -(p2 r + 2 p q s + q2 t) / ((p2 + q2) (1 + p2 + q2)^1.5);
- plan curvature (normal contour curvature) -(q2 r - 2 p q s + p2 t) / ((p2 + q2) (1 + p2 + q2)^0.5).

Both are positive where the surface is convex, and are given in 1/100 m. They are zero where the surface is level.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage, signal

Array = NDArray[np.floating]

SMOOTHING_M = 15.0
TPI_RADIUS_M = 250.0
_LEVEL = 1e-6


def terrain_bands(elevation: Array, pixel_size: float) -> dict[str, Array]:
    """Derive slope, curvatures and topographic position.

    Parameters
    ----------
    elevation : array (height, width)
        Elevation in metres, without gaps.
    pixel_size : float
        Pixel size in metres.

    Returns
    -------
    dict of str to array (height, width)
        `slope` in degrees, `profile_curvature` and `plan_curvature` in 1/100 m, `tpi_250` in metres.
    """
    smooth = ndimage.gaussian_filter(elevation.astype(np.float64), SMOOTHING_M / pixel_size, mode="nearest")
    profile, plan = curvatures(smooth, pixel_size)
    return {
        "slope": slope(smooth, pixel_size),
        "profile_curvature": profile * 100,
        "plan_curvature": plan * 100,
        "tpi_250": topographic_position(elevation, TPI_RADIUS_M / pixel_size),
    }


def slope(elevation: Array, pixel_size: float) -> Array:
    """Return the slope in degrees after Horn (1981), Proceedings of the IEEE 69(1), 14-47."""
    weights = np.array([1.0, 2.0, 1.0]) / 4
    difference = np.array([-1.0, 0.0, 1.0]) / (2 * pixel_size)
    east = _separable(elevation, weights, difference)
    north = _separable(elevation, difference, weights)
    return np.degrees(np.arctan(np.hypot(east, north)))


def curvatures(elevation: Array, pixel_size: float) -> tuple[Array, Array]:
    """Return profile and plan curvature in 1/m (definitions in the module's text)."""
    identity = np.array([0.0, 1.0, 0.0])
    first = np.array([-1.0, 0.0, 1.0]) / (2 * pixel_size)
    second = np.array([1.0, -2.0, 1.0]) / pixel_size**2
    p, q = _separable(elevation, identity, first), _separable(elevation, -first, identity)
    r, t = _separable(elevation, identity, second), _separable(elevation, second, identity)
    s = _separable(elevation, -first, first)
    steepness = p**2 + q**2
    divisor = np.maximum(steepness, _LEVEL)
    profile = -(p**2 * r + 2 * p * q * s + q**2 * t) / (divisor * (1 + steepness) ** 1.5)
    plan = -(q**2 * r - 2 * p * q * s + p**2 * t) / (divisor * (1 + steepness) ** 0.5)
    return profile, plan


def topographic_position(elevation: Array, radius: float) -> Array:
    """Return the elevation minus its mean in a circle; `radius` in pixels, the raster continued by reflection."""
    margin = int(np.ceil(radius))
    rows, columns = np.mgrid[-margin : margin + 1, -margin : margin + 1]
    circle = (rows**2 + columns**2 <= radius**2).astype(np.float64)
    padded = np.pad(elevation - elevation.mean(), margin, mode="symmetric")
    mean = signal.fftconvolve(padded, circle / circle.sum(), mode="valid")
    return elevation - elevation.mean() - mean


def _separable(values: Array, along_rows: Array, along_columns: Array) -> Array:
    """Correlate with the outer product of two three-point weights: across the rows, and along each row."""
    across = ndimage.correlate1d(values, along_rows, axis=0, mode="nearest")
    return ndimage.correlate1d(across, along_columns, axis=1, mode="nearest")
