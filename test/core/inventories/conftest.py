"""Toy landforms whose measures are computed by hand: everything lies around 70 W, 27 S, in UTM zone 19 south."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import shapely
from rock_glacier_mapper.core.contracts.inventory import InventoryOptions
from rock_glacier_mapper.core.inventories import inventory
from rock_glacier_mapper.core.inventories.tables import read_table
from rock_glacier_mapper.core.progress import Progress

WEST, NORTH = 500_000.0, 7_000_000.0


class Listener(Progress):
    """Keeps what the stage warns of."""

    def __init__(self) -> None:
        self.warnings = []

    def warn(self, message):
        self.warnings.append(message)


def box(left, top, right, bottom):
    """Return a rectangle, in metres from the upper left corner of the toy rasters."""
    return shapely.box(WEST + left, NORTH - bottom, WEST + right, NORTH - top)


def rows(path, layer):
    """Return the rows of a layer as dictionaries, with the geometry."""
    table = read_table(f"{path}|layername={layer}")
    found = [dict(zip(table.columns, values, strict=True)) for values in zip(*table.columns.values(), strict=True)]
    return [row | {"geometry": shape} for row, shape in zip(found, table.geometries, strict=True)]


@pytest.fixture
def make(tmp_path):
    """Return a function that runs the stage and returns its result, the rows of the layers, and the warnings."""

    def run(outlines, **options):
        listener = Listener()
        given = {"output": str(tmp_path / "inventory.gpkg"), **options}
        result = inventory.run(InventoryOptions(outlines=outlines, **given), listener)
        layers = {name: rows(result.output, name) for name in ("GO", "PM", "MA", "AOI")}
        return SimpleNamespace(result=result, warnings=listener.warnings, **layers)

    return run


@pytest.fixture
def front_dem(write_raster):
    """A DEM of 10 m: from row 20 a surface falls south by 1 m a pixel (5.7 degrees), in rows 80 to 89 by 6 m (31)."""
    fall = np.full(120, 1.0)
    fall[80:90] = 6.0
    fall[90:] = 0.5
    elevation = 4500 - np.concatenate([[0], np.cumsum(fall)[:-1]])
    return write_raster("dem.tif", np.tile(elevation[:, np.newaxis], (1, 100))[np.newaxis], ["elevation"])
