"""Size and shape of objects, from sums over their pixels.

Everything follows from the count of pixels, the first and second moments of their positions, their extent along the
main axes, and the length of their border. A pixel counts as a small parallelogram, not as a point: a single pixel has
an inertia, and a digital rectangle has exactly the moments of the drawn one. Positions are turned into map coordinates
by the geotransform, so rotated, sheared and south-up grids give directions and shapes on the ground.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .features import Indices, Labels, Numbers, ordered_by_object, row_blocks
from .grid import Grid
from .neighbour_features import Borders
from .progress import Progress

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
    def main_angle(self) -> Numbers:
        """Direction of the longest extent, in radians from the x axis towards the y axis."""
        return np.arctan2(2 * self.covariance, self.variance_x - self.variance_y) / 2


def shape_features(labels: Labels, count: int, borders: Borders, grid: Grid, progress: Progress) -> dict[str, Numbers]:
    """Measure size and shape of objects.

    With A the area, P the perimeter, and L1 >= L2 the eigenvalues of the covariance matrix of the object's area:

    - `area_m2`: pixels times the area of a pixel.
    - `perimeter_m`: length of the pixels' edges between the object and anything else, its holes and the raster's edge
      included; a straight slanting border counts as the steps that the pixels make.
    - `elongation`: sqrt(L1 / L2), 1 or more; length over width for a rectangle and for an ellipse.
    - `asymmetry`: (L1 - L2) / (L1 + L2), 0..1; the same as eCognition's, 0 where no direction is preferred.
    - `main_direction_deg`: direction of the eigenvector of L1, clockwise from grid north, 0 <= direction < 180. NaN
      where no direction is preferred.
    - `compactness`: A / (2 pi (L1 + L2)), 0..1; the moment of inertia of the disc of the same area over that of the
      object (Li, Goodchild and Church, 2013, Int. J. Geogr. Inf. Sci. 27, 1227-1250). 1 for a disc, 0.955 for a square.
      Unlike 4 pi A / P^2 it does not depend on the steps of the border.
    - `shape_index`: P / (4 sqrt(A)), eCognition's; 1 for a square, larger the more intricate the border.
    - `rectangularity`: A over the area of the rectangle that encloses the object along its main direction, 0..1
      (Rosin, 1999, Mach. Vis. Appl. 11, 191-196, with the direction from the moments).

    Parameters
    ----------
    labels : array of uint32, shape (h, w)
        Objects numbered 1..count; 0 where no object is.
    count : int
        Number of objects.
    borders : Borders
        Borders of the same objects.
    grid : Grid
        The pixels' grid.
    progress : Progress

    Returns
    -------
    dict of array of float64, shape (count,)

    Raises
    ------
    InvalidCRSError
        If the grid counts in degrees or has no reference system.
    """
    pixel_area, unit = grid.pixel_area_m2, grid.metres_per_unit
    moments = object_moments(labels, count, grid, progress)
    area = moments.pixels * pixel_area
    perimeter = borders.perimeters(count) * unit
    major, minor = moments.spread + moments.anisotropy, moments.spread - moments.anisotropy
    isotropic = moments.anisotropy <= _ISOTROPIC * moments.spread
    rectangle = _enclosing_rectangle(labels, _axis_angle(moments, isotropic, grid), grid, progress) * unit**2
    return {
        "area_m2": area,
        "perimeter_m": perimeter,
        "elongation": np.sqrt(major / minor),
        "asymmetry": moments.anisotropy / moments.spread,
        "main_direction_deg": np.where(isotropic, np.nan, _azimuth(moments.main_angle)),
        "compactness": area / (2 * np.pi * moments.spread * unit**2),
        "shape_index": perimeter / (4 * np.sqrt(area)),
        "rectangularity": np.minimum(area / rectangle, 1.0),
    }


def object_moments(labels: Labels, count: int, grid: Grid, progress: Progress) -> Moments:
    """Return the moments of objects, in map units.

    Parameters
    ----------
    labels : array of uint32, shape (h, w)
        Objects numbered 1..count; 0 where no object is.
    count : int
        Number of objects.
    grid : Grid
        The pixels' grid; only its geotransform is used.
    progress : Progress

    Returns
    -------
    Moments
    """
    sums = np.zeros((6, count))
    for numbers, first, last, row in _row_runs(labels, progress):
        length = last - first + 1
        columns = length * (first + last) / 2
        squares = _sum_of_squares(last) - _sum_of_squares(first - 1)
        powers = (length, columns, row * length, squares, row * row * length, row * columns)
        for total, weights in zip(sums, powers, strict=True):
            total += np.bincount(numbers, weights, minlength=count)
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


def _row_runs(labels: Labels, progress: Progress) -> Iterator[tuple[Indices, Numbers, Numbers, Numbers]]:
    """Yield the runs of pixels of one object along a row: object (from 0), first and last column, row; by blocks."""
    for rows in row_blocks(labels, progress):
        # A column of zeros ends the runs of a row.
        line = np.pad(labels[rows], ((0, 0), (0, 1))).ravel()
        starts = np.flatnonzero(np.diff(line, prepend=np.uint32(0)))
        ends = np.append(starts[1:], len(line))
        inside = line[starts] > 0
        starts, ends = starts[inside], ends[inside]
        row, first = np.divmod(starts, labels.shape[1] + 1)
        last = first + (ends - starts) - 1
        numbers = line[starts].astype(np.intp) - 1
        yield numbers, first.astype(np.float64), last.astype(np.float64), (row + rows.start).astype(np.float64)


def _sum_of_squares(last: Numbers) -> Numbers:
    """Return 0 + 1 + 4 + ... + last^2."""
    total: Numbers = last * (last + 1) * (2 * last + 1) / 6
    return total


def _azimuth(angle: Numbers) -> Numbers:
    """Return an undirected angle (radians from x towards y) as degrees clockwise from north, 0..180."""
    degrees = np.mod(90 - np.degrees(angle), 180)
    # The remainder of a tiny negative number is rounded up to 180 itself.
    return np.where(degrees >= 180, 0.0, degrees)


def _axis_angle(moments: Moments, isotropic: NDArray[np.bool_], grid: Grid) -> Numbers:
    """Return the angle of the main axis; that of the grid's rows where no direction is preferred."""
    _, across_x, _, _, across_y, _ = grid.geotransform
    return np.where(isotropic, np.arctan2(across_y, across_x), moments.main_angle)


def _enclosing_rectangle(labels: Labels, angle: Numbers, grid: Grid, progress: Progress) -> Numbers:
    """Return the area of the rectangle along `angle` that encloses each object, in square map units."""
    cosine, sine = np.cos(angle), np.sin(angle)
    along = _extent(labels, cosine, sine, grid, progress)
    return along * _extent(labels, -sine, cosine, grid, progress)


def _extent(labels: Labels, direction_x: Numbers, direction_y: Numbers, grid: Grid, progress: Progress) -> Numbers:
    """Return the length of each object's projection on a unit vector of its own, in map units."""
    _, across_x, down_x, _, across_y, down_y = grid.geotransform
    per_column = across_x * direction_x + across_y * direction_y
    per_row = down_x * direction_x + down_y * direction_y
    lowest, highest = np.full(len(direction_x), np.inf), np.full(len(direction_x), -np.inf)
    for numbers, first, last, row in _row_runs(labels, progress):
        if len(numbers) == 0:
            continue
        order, starts, objects = ordered_by_object(np.concatenate([numbers, numbers]))
        ends = np.concatenate([side * per_column[numbers] + row * per_row[numbers] for side in (first, last)])
        projected = ends[order]
        lowest[objects] = np.minimum(lowest[objects], np.minimum.reduceat(projected, starts))
        highest[objects] = np.maximum(highest[objects], np.maximum.reduceat(projected, starts))
    # From centre to centre; half a pixel is missing at both ends.
    extent: Numbers = highest - lowest + np.abs(per_column) + np.abs(per_row)
    return extent
