"""How objects lie on the ground: relief, the plane that fits it best, and their shape along and across its slope.

Rock glaciers creep downhill, so most are long down the slope; the directions are those of map coordinates, and the
elevation is in metres like the lengths.
"""

from __future__ import annotations

import numpy as np

from ..rasters.grid import Grid
from .features import OrderedValues
from .geometry_features import Moments, azimuth, extent
from .neighbour_features import Borders
from .objectpixels import CompleteObjects, Numbers

_DROP = (5, 95)
# Share of the variances' product; below it, the pixels lie on one line but for rounding.
_ON_A_LINE = 1e-9
# Rise per metre; below it, the ground is flat but for rounding.
_FLAT = 1e-9


def terrain(objects: CompleteObjects, layer: int, moments: Moments, grid: Grid) -> dict[str, Numbers]:
    """Measure objects on a layer of elevations, as far as their neighbours are not needed.

    - `relief_m`, `hypsometric_integral`: highest minus lowest elevation, and (mean - min) / (max - min), the
      elevation-relief ratio of Pike and Wilson (1971, Geol. Soc. Am. Bull. 82, 1079-1084) that approximates the
      hypsometric integral.
    - `head_to_toe_drop_m`: percentile 95 minus percentile 5, which single pixels do not change.
    - `plane_slope_deg`, `downslope_direction_deg`: slope and direction of the plane that fits the elevation of the
      object's pixels best (least squares). NaN where the pixels lie on one line; no direction on flat ground.
    - `main_axis_slope_deg`: slope of that plane along the main direction of the object's shape.
    - `axis_to_downslope_deg`: angle between the two directions, 0..90.
    - `flow_length_m`, `flow_width_m`, `flow_elongation`: plan extent of the object along and across the downslope
      direction, and their ratio.

    Parameters
    ----------
    objects : CompleteObjects
    layer : int
        Index of the layer of elevations, in metres.
    moments : Moments
        Moments of the same objects.
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
    east, north = _gradient(objects, layer, grid)
    steepness = np.hypot(east, north)
    with np.errstate(invalid="ignore"):
        down_x, down_y = (np.where(steepness > _FLAT, -part / steepness, np.nan) for part in (east, north))
    angle = np.where(moments.isotropic, np.nan, moments.main_angle)
    along_axis = np.abs(east * np.cos(angle) + north * np.sin(angle))
    cosine = np.abs(down_x * np.cos(angle) + down_y * np.sin(angle))
    length = extent(objects, down_x, down_y, grid) * grid.metres_per_unit
    width = extent(objects, -down_y, down_x, grid) * grid.metres_per_unit
    return {
        **_relief(objects, layer),
        "plane_slope_deg": np.degrees(np.arctan(steepness)),
        "downslope_direction_deg": azimuth(down_x, down_y),
        "main_axis_slope_deg": np.degrees(np.arctan(along_axis)),
        "axis_to_downslope_deg": np.degrees(np.arccos(np.minimum(cosine, 1))),
        "flow_length_m": length,
        "flow_width_m": width,
        "flow_elongation": length / width,
    }


def position_features(means: Numbers, lowest: Numbers, highest: Numbers, borders: Borders) -> dict[str, Numbers]:
    """Return how high objects lie among their neighbours, and between the lowest and the highest ground of all.

    Parameters
    ----------
    means, lowest, highest : array of float64, shape (n,)
        Mean, lowest and highest elevation of the objects, in metres; NaN for objects without one.
    borders : Borders
        Their borders.
    """
    bottom, top = np.fmin.reduce(lowest, initial=np.inf), np.fmax.reduce(highest, initial=-np.inf)
    return {
        "relative_elevation": (means - bottom) / (top - bottom) if top > bottom else np.full(len(means), np.nan),
        "above_lower_neighbours_m": borders.above_lower(means),
        "above_lowest_neighbour_m": means - borders.lowest_neighbours(means),
    }


def aspect_features(sine: Numbers, cosine: Numbers) -> dict[str, Numbers]:
    """Return direction and length of the mean of unit vectors (Mardia and Jupp, 2000, Directional Statistics, 2.2).

    Parameters
    ----------
    sine, cosine : array of float64, shape (n,)
        Mean sine and cosine of the aspect in each object.
    """
    length = np.hypot(sine, cosine)
    direction = azimuth(sine, cosine)
    return {"aspect_mean_deg": np.where(length > _FLAT, direction, np.nan), "aspect_concentration": length}


def _relief(objects: CompleteObjects, layer: int) -> dict[str, Numbers]:
    relief, integral, drop = (np.full(len(objects.numbers), np.nan) for _ in range(3))
    for chosen, positions in objects.blocks(1):
        values = OrderedValues(objects.values([layer], positions))
        relief[chosen] = height = values.largest - values.smallest
        integral[chosen] = (values.moments["mean"] - values.smallest) / np.where(height > 0, height, np.nan)
        low, high = (values.percentile(percentile) for percentile in _DROP)
        drop[chosen] = high - low
    return {"relief_m": relief, "hypsometric_integral": integral, "head_to_toe_drop_m": drop}


def _gradient(objects: CompleteObjects, layer: int, grid: Grid) -> tuple[Numbers, Numbers]:
    """Return the gradient of the plane that fits best, per metre in the directions of x and y."""
    per_column, per_row = _gradient_by_pixel(objects, layer)
    _, across_x, down_x, _, across_y, down_y = grid.geotransform
    # A step of one column climbs `per_column` = across . gradient, and so for rows: two equations for the gradient.
    determinant = (across_x * down_y - down_x * across_y) * grid.metres_per_unit
    east = (per_column * down_y - per_row * across_y) / determinant
    north = (per_row * across_x - per_column * down_x) / determinant
    return east, north


def _gradient_by_pixel(objects: CompleteObjects, layer: int) -> tuple[Numbers, Numbers]:
    """Return the plane's rise per column and per row: the normal equations of least squares, about the means."""
    elevation = objects.layers[layer].take(objects.positions).astype(np.float64)
    known = ~np.isnan(elevation)
    row, column = (axis.astype(np.float64) for axis in objects.runs.coordinates())
    count = np.add.reduceat(known, objects.first_pixel, dtype=np.int64)
    divisor = np.where(count > 0, count, np.nan)
    for values in (elevation, row, column):
        values[~known] = 0
        mean = np.add.reduceat(values, objects.first_pixel) / divisor
        values -= np.repeat(mean, objects.sizes)
        values[~known] = 0

    def moment(one: Numbers, other: Numbers) -> Numbers:
        mean: Numbers = np.add.reduceat(one * other, objects.first_pixel) / divisor
        return mean

    columns, rows, both = moment(column, column), moment(row, row), moment(column, row)
    with_column, with_row = moment(column, elevation), moment(row, elevation)
    determinant = columns * rows - both * both
    usable = np.where(determinant > _ON_A_LINE * columns * rows, determinant, np.nan)
    per_column = (rows * with_column - both * with_row) / usable
    return per_column, (columns * with_row - both * with_column) / usable
