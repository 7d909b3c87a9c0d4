"""What the tests of the review look at and change: rows of a layer, and a geometry's place."""

from __future__ import annotations

import shapely
from rock_glacier_mapper.ui.review.geopackage import blob_of, connected, wkb_of

LAYER = "rock_glaciers"


def content(path):
    """Return every row of the layer with the geometries' bytes."""
    with connected(path) as connection:
        return connection.execute(f"SELECT * FROM {LAYER} ORDER BY fid").fetchall()  # noqa: S608


def shifted(blob, by=10.0):
    """Return a geometry whose first point lies elsewhere."""
    shape = shapely.transform(shapely.from_wkb(wkb_of(blob)), lambda points: points + by)
    west, south, east, north = shapely.bounds(shape)
    return blob_of(shapely.to_wkb(shape), (west, south, east, north), 32719)
