"""Size and shape of objects, from sums over their pixels.

Everything follows from the count of pixels, the first and second moments of their positions, their extent along the
main axes, and the length of their border. A pixel counts as a small parallelogram, not as a point: a single pixel has
an inertia, and a digital rectangle has exactly the moments of the drawn one. Positions are turned into map coordinates
by the geotransform, so rotated, sheared and south-up grids give directions and shapes on the ground.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..rasters.grid import Grid
from .objectpixels import CompleteObjects, Indices, Numbers, Runs

_ISOTROPIC = 1e-9
_PIXEL_INERTIA = 1 / 12


@dataclass(frozen=True)
class Moments:
    """Count and second central moments of objects, in map units.

    Attributes
    ----------
    pixels : array of int, shape (n,)
        Number of pixels.
    variance_x, variance_y, covariance : array of float64, shape (n,)
        Moments of the objects' area divided by that area.
    """

    pixels: NDArray[np.int64]
    variance_x: Numbers
    variance_y: Numbers
    covariance: Numbers

    @property
    def spread(self) -> Numbers:
        """Sum of the two eigenvalues of the covariance matrix."""
        return self.variance_x + self.variance_y

    @property
    def anisotropy(self) -> Numbers:
        """Difference of the two eigenvalues of the covariance matrix."""
        return np.hypot(self.variance_x - self.variance_y, 2 * self.covariance)

    @property
    def isotropic(self) -> NDArray[np.bool_]:
        """Whether no direction is preferred."""
        return self.anisotropy <= _ISOTROPIC * self.spread

    @property
    def main_angle(self) -> Numbers:
        """Direction of the longest extent, in radians from the x axis towards the y axis."""
        return np.arctan2(2 * self.covariance, self.variance_x - self.variance_y) / 2


def shapes(objects: CompleteObjects, grid: Grid) -> dict[str, Numbers]:
    """Measure size and shape of objects, as far as their border is not needed.

    With A the area and L1 >= L2 the eigenvalues of the covariance matrix of the object's area:

    - `area_m2`: pixels times the area of a pixel.
    - `length_m`, `width_m`: sides of the rectangle along the main direction that encloses the object.
    - `elongation`: sqrt(L1 / L2), 1 or more; length over width for a rectangle and for an ellipse.
    - `asymmetry`: (L1 - L2) / (L1 + L2), 0..1; the same as eCognition's, 0 where no direction is preferred.
    - `main_direction_deg`: direction of the eigenvector of L1, clockwise from grid north, 0 <= direction < 180. NaN
      where no direction is preferred.
    - `compactness`: A / (2 pi (L1 + L2)), 0..1; the moment of inertia of the disc of the same area over that of the
      object (Li, Goodchild and Church, 2013, Int. J. Geogr. Inf. Sci. 27, 1227-1250). 1 for a disc, 0.955 for a square.
      Unlike 4 pi A / P^2 it does not depend on the steps of the border.
    - `rectangularity`: A over the area of the rectangle above, 0..1 (Rosin, 1999, Mach. Vis. Appl. 11, 191-196, with
      the direction from the moments).
    - `density`: sqrt(n) / (1 + sqrt(Vx + Vy)) of n pixels, eCognition's, with the variances Vx and Vy of the pixels'
      centres in units of the square as large as a pixel.

    Parameters
    ----------
    objects : CompleteObjects
    grid : Grid
        The pixels' grid.

    Returns
    -------
    dict of array of float64, shape (k,)

    Raises
    ------
    InvalidCRSError
        If the grid counts in degrees or has no reference system.
    """
    unit = grid.metres_per_unit
    moments = object_moments(objects, grid)
    area = moments.pixels * grid.pixel_area_m2
    length, width = (unit * side for side in _enclosing_rectangle(objects, moments, grid))
    major, minor = moments.spread + moments.anisotropy, moments.spread - moments.anisotropy
    return {
        "area_m2": area,
        "length_m": length,
        "width_m": width,
        "elongation": np.sqrt(major / minor),
        "asymmetry": moments.anisotropy / moments.spread,
        "main_direction_deg": np.where(moments.isotropic, np.nan, undirected_azimuth(moments.main_angle)),
        "compactness": area / (2 * np.pi * moments.spread * unit**2),
        "rectangularity": np.minimum(area / (length * width), 1.0),
        "density": _density(moments, grid),
    }


def border_features(measured: dict[str, Numbers], perimeters: Numbers) -> dict[str, Numbers]:
    """Return the features of shape that need the border.

    With A the area, P the perimeter, l and w the sides of the enclosing rectangle:

    - `perimeter_m`: length of the pixels' edges between the object and anything else, its holes and the raster's edge
      included; a straight slanting border counts as the steps that the pixels make.
    - `shape_index`: P / (4 sqrt(A)), eCognition's; 1 for a square, larger the more intricate the border.
    - `border_index`: P / (2 (l + w)), eCognition's; 1 for a rectangle along the grid.

    Parameters
    ----------
    measured : dict of array of float64, shape (n,)
        `shapes` of the objects.
    perimeters : array of float64, shape (n,)
        Their perimeters, in metres.
    """
    return {
        "perimeter_m": perimeters,
        "shape_index": perimeters / (4 * np.sqrt(measured["area_m2"])),
        "border_index": perimeters / (2 * (measured["length_m"] + measured["width_m"])),
    }


def object_moments(objects: CompleteObjects, grid: Grid) -> Moments:
    """Return the moments of objects, in map units; of the grid, only the geotransform is used."""
    sums = [np.add.reduceat(power, objects.first_run) for power in _powers(objects)]
    pixels, column, row, column2, row2, product = sums
    # Products of whole numbers first: they are exact, so that a square has exactly equal variances.
    square = pixels * pixels
    variance_column = (pixels * column2 - column * column) / square + _PIXEL_INERTIA
    variance_row = (pixels * row2 - row * row) / square + _PIXEL_INERTIA
    covariance = (pixels * product - column * row) / square
    _, across_x, down_x, _, across_y, down_y = grid.geotransform
    return Moments(
        pixels.astype(np.int64),
        across_x**2 * variance_column + 2 * across_x * down_x * covariance + down_x**2 * variance_row,
        across_y**2 * variance_column + 2 * across_y * down_y * covariance + down_y**2 * variance_row,
        across_x * across_y * variance_column
        + (across_x * down_y + down_x * across_y) * covariance
        + down_x * down_y * variance_row,
    )


def _powers(objects: CompleteObjects) -> tuple[Numbers, ...]:
    """Return for each run the sums over its pixels of 1, column, row, column^2, row^2 and column x row.

    Columns and rows count from the object's first pixel, which keeps the numbers small.
    """
    runs, of_run = objects.runs, objects.of_run()
    row = (runs.row - runs.row[objects.first_run][of_run]).astype(np.float64)
    first = (runs.column - runs.column[objects.first_run][of_run]).astype(np.float64)
    length = runs.length.astype(np.float64)
    last = first + length - 1
    columns = length * (first + last) / 2
    squares = _sum_of_squares(last) - _sum_of_squares(first - 1)
    return length, columns, row * length, squares, row * row * length, row * columns


def _sum_of_squares(last: Numbers) -> Numbers:
    """Return 0 + 1 + 4 + ... + last^2; differences of it hold for negative numbers too."""
    total: Numbers = last * (last + 1) * (2 * last + 1) / 6
    return total


def undirected_azimuth(angle: Numbers) -> Numbers:
    """Return an undirected angle (radians from x towards y) as degrees clockwise from north, 0 to below 180."""
    degrees: Numbers = np.degrees(angle)
    return _wrapped(90 - degrees, 180)


def azimuth(x: Numbers, y: Numbers) -> Numbers:
    """Return the direction of vectors in degrees clockwise from north, 0 to below 360."""
    degrees: Numbers = np.degrees(np.arctan2(x, y))
    return _wrapped(degrees, 360)


def _wrapped(degrees: Numbers, turn: float) -> Numbers:
    degrees = np.mod(degrees, turn)
    # The remainder of a tiny negative number is rounded up to the whole turn.
    return np.where(degrees >= turn, 0.0, degrees)


def extent(objects: CompleteObjects, direction_x: Numbers, direction_y: Numbers, grid: Grid) -> Numbers:
    """Return the length of each object's projection on a unit vector of its own, in map units.

    Parameters
    ----------
    objects : CompleteObjects
    direction_x, direction_y : array of float64, shape (k,)
        The vectors, in map coordinates.
    grid : Grid
        Only its geotransform is used.
    """
    _, across_x, down_x, _, across_y, down_y = grid.geotransform
    per_column = across_x * direction_x + across_y * direction_y
    per_row = down_x * direction_x + down_y * direction_y
    first, last = _projected(objects.runs, objects.of_run(), per_column, per_row)
    lowest = np.minimum.reduceat(np.minimum(first, last), objects.first_run)
    highest = np.maximum.reduceat(np.maximum(first, last), objects.first_run)
    # From centre to centre; half a pixel is missing at both ends.
    length: Numbers = highest - lowest + np.abs(per_column) + np.abs(per_row)
    return length


def _projected(runs: Runs, of_run: Indices, per_column: Numbers, per_row: Numbers) -> tuple[Numbers, Numbers]:
    """Return the projections of the first and the last pixel of each run."""
    step = per_column[of_run]
    first: Numbers = step * runs.column + per_row[of_run] * runs.row
    last: Numbers = first + step * (runs.length - 1)
    return first, last


def _enclosing_rectangle(objects: CompleteObjects, moments: Moments, grid: Grid) -> tuple[Numbers, Numbers]:
    """Return the sides of the enclosing rectangle along the main axis, or along the rows where there is none."""
    _, across_x, _, _, across_y, _ = grid.geotransform
    angle = moments.main_angle
    angle[moments.isotropic] = math.atan2(across_y, across_x)
    cosine, sine = np.cos(angle), np.sin(angle)
    return extent(objects, cosine, sine, grid), extent(objects, -sine, cosine, grid)


def _density(moments: Moments, grid: Grid) -> Numbers:
    _, across_x, down_x, _, across_y, down_y = grid.geotransform
    pixel_area = abs(across_x * down_y - down_x * across_y)
    of_pixel = (across_x**2 + across_y**2 + down_x**2 + down_y**2) * _PIXEL_INERTIA
    spread: Numbers = np.maximum(moments.spread - of_pixel, 0) / pixel_area
    density: Numbers = np.sqrt(moments.pixels) / (1 + np.sqrt(spread))
    return density
