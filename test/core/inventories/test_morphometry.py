"""Measures of landforms on surfaces whose answers are computed by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
import shapely
from rock_glacier_mapper.core.inventories.morphometry import measure
from rock_glacier_mapper.core.progress import Progress
from rock_glacier_mapper.core.rasters.geodata import gdal
from rock_glacier_mapper.core.rasters.raster import Raster
from rock_glacier_mapper.core.terrain.dem import Dem
from rock_glacier_mapper.core.vectors.degrees import transformed

from .conftest import box

# Lengths on UTM's central meridian are 0.04 % short, and the toy's elevations are stored as whole pixels.
TRUE = 1 / 0.9996


@pytest.fixture
def measured(utm, degrees):
    """Return a function that measures a polygon given in UTM on a DEM."""

    def run(polygon, path):
        outline = np.empty(1, object)
        outline[0] = polygon
        with Raster(path) as raster:
            dem = Dem(raster)
            in_dem = transformed(outline, utm, raster.grid.crs, "The outline")
            return measure(transformed(outline, utm, degrees, "The outline"), in_dem, dem, Progress())[0]

    return run


def test_a_tongue_that_flows_south(measured, front_dem):
    """Rows 20 to 94, columns 30 to 49: 750 m long, 200 m wide; the front falls 60 m between rows 80 and 90."""
    found = measured(box(300, 200, 500, 950), front_dem)
    assert found["area_m2"] == pytest.approx(150_000 * TRUE**2, rel=1e-5)
    assert found["length_m"] == pytest.approx(750 * TRUE, rel=1e-4)
    assert found["width_m"] == pytest.approx(200 * TRUE, rel=1e-3)
    assert found["orientation_deg"] == pytest.approx(180, abs=0.1)
    assert found["aspect_mean_deg"] == pytest.approx(180, abs=0.1)
    # Row 20 lies 20 m below the first row; row 94 lies 80 + 60 + 2 m below.
    assert found["elevation_max_m"] == pytest.approx(4480)
    assert found["elevation_min_m"] == pytest.approx(4358)
    assert found["front_height_m"] == pytest.approx(60)
    # Horn's slope of the 75 rows: 60 of 0.1, 9 of 0.6, 4 of 0.05, and two where the falls meet.
    rises = [0.1] * 60 + [0.35] + [0.6] * 9 + [0.325] + [0.05] * 4
    expected = np.mean(np.degrees(np.arctan(np.array(rises) / TRUE)))
    assert found["slope_mean_deg"] == pytest.approx(expected, rel=1e-4)


def test_a_plane_has_no_front(measured, write_raster):
    """A plane that falls 1 m a pixel east and 1 m a pixel south: flow to 135 degrees at a slope of 8.05 degrees."""
    row, column = np.mgrid[:100, :100]
    path = write_raster("plane.tif", (5000.0 - row - column)[np.newaxis], ["elevation"])
    found = measured(box(200, 200, 500, 500), path)
    assert found["orientation_deg"] == pytest.approx(135, abs=0.05)
    assert found["slope_mean_deg"] == pytest.approx(math.degrees(math.atan(math.sqrt(2) * 0.1)), rel=1e-3)
    # A square of 300 m along its diagonal.
    assert found["length_m"] == pytest.approx(300 * math.sqrt(2), rel=1e-3)
    assert found["front_height_m"] == 0


def test_level_ground_has_no_direction(measured, write_raster):
    """On level ground nothing flows, and a length along the flow would be invented."""
    found = measured(box(100, 100, 300, 300), write_raster("level.tif", np.full((1, 50, 50), 4000.0), ["elevation"]))
    assert found["elevation_mean_m"] == 4000
    assert found["slope_mean_deg"] == 0
    assert all(math.isnan(found[name]) for name in ("aspect_mean_deg", "orientation_deg", "length_m", "front_height_m"))


def test_a_dem_in_degrees(measured, front_dem, tmp_path):
    """Degrees are never taken for metres: slope, length and front are those of the DEM in metres."""
    path = str(tmp_path / "degrees.tif")
    gdal.Warp(path, front_dem, dstSRS="EPSG:4326", resampleAlg="bilinear", dstNodata=-9999)
    metres, degrees = (measured(box(300, 200, 500, 950), name) for name in (front_dem, path))
    for name in ("elevation_min_m", "elevation_max_m", "elevation_mean_m", "length_m", "width_m", "orientation_deg"):
        assert degrees[name] == pytest.approx(metres[name], rel=5e-3)
    assert degrees["slope_mean_deg"] == pytest.approx(metres["slope_mean_deg"], rel=0.02)
    assert degrees["front_height_m"] == pytest.approx(60, abs=6)


def test_a_dem_that_covers_too_little(measured, front_dem):
    """Of an outline that the DEM covers by half, the lowest point may lie in the other half."""
    found = measured(box(900, 200, 1100, 400), front_dem)
    assert found["area_m2"] == pytest.approx(40_000 * TRUE**2, rel=1e-4)
    assert math.isnan(found["elevation_mean_m"])
    assert math.isnan(measured(box(5000, 0, 5100, 100), front_dem)["elevation_mean_m"])


def test_areas_are_those_on_the_ground():
    """A quarter of a degree at 60 N, from the authalic latitudes of WGS 84 (Snyder, 1987, equation 3-12)."""
    outline = np.array([shapely.box(10, 60, 10.25, 60.25)], object)
    found = measure(outline.astype(object), outline, None, Progress())[0]["area_m2"]

    def zone(degrees):
        e, s = 0.0818191908426, math.sin(math.radians(degrees))
        q = s / (1 - (e * s) ** 2) - math.log((1 - e * s) / (1 + e * s)) / (2 * e)
        return (1 - e**2) * q

    expected = 6378137.0**2 / 2 * math.radians(0.25) * (zone(60.25) - zone(60))
    # The sides of the polygon are straight in the projection, and parallels are not.
    assert found == pytest.approx(expected, rel=1e-3)
