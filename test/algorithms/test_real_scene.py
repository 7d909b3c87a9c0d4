"""The toolbox on a real picture: Sentinel-2 RGB of the Atacama, scored on one site."""

from __future__ import annotations

import numpy as np
import shapely
from rock_glacier_mapper.core.rasters.geodata import spatial_reference
from rock_glacier_mapper.core.vectors.vector import read_layer


def test_the_real_mosaic_is_mapped_and_scored(qgis_process, shared_data, tmp_path):
    """Valid outlines that do not overlap, in the picture's system, with their accuracy, whatever it is."""
    scene = shared_data / "los_helados"
    outlines = tmp_path / "rock_glaciers.gpkg"
    inputs = {"STACK": scene / "sentinel2_rgb_10m.tif", "MODEL": "rgb_10m", "RULES": "rgb"}
    mapped = qgis_process.node("maprockglaciers", {**inputs, "OUTPUT": outlines})
    assert mapped.status == 0, mapped.text
    layer = read_layer(f"{outlines}|layername=rock_glaciers")
    assert spatial_reference(layer.crs).GetAuthorityCode(None) == "32719"
    assert len(layer) == mapped.results["LANDFORMS"] > 0
    assert shapely.is_valid(layer.geometries).all()
    assert np.isclose(shapely.union_all(layer.geometries).area, shapely.area(layer.geometries).sum())
    compared = {
        "MAPPED": outlines,
        "REFERENCE": scene / "rock_glaciers.gpkg",
        "AREA": f"{scene / 'chips.gpkg'}|subset=site = 5",
        "OUTPUT": tmp_path / "accuracy.gpkg",
    }
    scored = qgis_process.node("accuracy", compared)
    assert scored.status == 0, scored.text
    assert scored.results["REFERENCE_COUNT"] == 1
    assert 0 <= scored.results["F1"] <= 1
