"""Toy rasters of objects, and their features as the stage measures them."""

from __future__ import annotations

import numpy as np
from osgeo import osr
from rock_glacier_mapper.core.objects.objectmeasurement import ObjectMeasurement, Wanted
from rock_glacier_mapper.core.progress import Progress
from rock_glacier_mapper.core.rasters.grid import Grid

NORTH_UP = (500000.0, 10.0, 0.0, 6900000.0, 0.0, -10.0)


def wkt(epsg: int) -> str:
    reference = osr.SpatialReference()
    reference.ImportFromEPSG(epsg)
    return reference.ExportToWkt()


def grid_of(labels: np.ndarray, geotransform: tuple[float, ...] = NORTH_UP, epsg: int = 32719) -> Grid:
    return Grid(labels.shape[1], labels.shape[0], geotransform, wkt(epsg))


def objects(*rows: str) -> np.ndarray:
    """Return labels from rows of digits."""
    return np.array([[int(digit) for digit in row] for row in rows], np.uint32)


def last_rows(labels: np.ndarray) -> np.ndarray:
    return np.array([np.nonzero(labels == number)[0].max() for number in range(1, int(labels.max()) + 1)], np.intp)


def measured(
    labels: np.ndarray,
    groups: tuple[str, ...],
    layers: dict[str, np.ndarray] | None = None,
    grid: Grid | None = None,
    rows: int = 100,
    threshold: float = 0.5,
    texture: tuple[float, float] | None = None,
) -> dict[str, np.ndarray]:
    """Measure groups of features of layers that are given in strips of so many rows.

    `texture` gives the ends of the stretch of all layers.
    """
    layers = layers or {}
    grid = grid or grid_of(labels)
    values = np.array(list(layers.values()), np.float32).reshape(len(layers), *labels.shape)
    limits = dict.fromkeys(layers, texture) if texture else {}
    wanted = Wanted(groups, tuple(layers), threshold, limits)
    measurement = ObjectMeasurement(last_rows(labels), grid, wanted)
    for start in range(0, len(labels), rows):
        strip = slice(start, start + rows)
        measurement.add(labels[strip], values[:, strip] if wanted.reads_layers else values[:0, strip], Progress())
    return measurement.columns()


def random_objects(seed: int, size: int = 20, count: int = 15) -> np.ndarray:
    """Return irregular objects, some of several parts, with pixels of none between them."""
    random = np.random.default_rng(seed)
    coarse = random.integers(0, count + 1, (size // 2, size // 2))
    fine = np.kron(coarse, np.ones((2, 2), int))
    noise = random.random((size, size)) < 0.15
    fine[noise] = random.integers(0, count + 1, noise.sum())
    return np.unique(np.append(fine, 0), return_inverse=True)[1][:-1].reshape(fine.shape).astype(np.uint32)
