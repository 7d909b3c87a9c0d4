"""Polygon layers: read as they are found, written whole or not at all."""

from __future__ import annotations

import os

import numpy as np
import pytest
import shapely
from rock_glacier_mapper.core.errors import InvalidVectorError, OutputError
from rock_glacier_mapper.core.geodata import ogr
from rock_glacier_mapper.core.grid import Grid, Window
from rock_glacier_mapper.core.vector import VectorLayer, burn, read_layer, write_layers

SQUARE = shapely.box(500000, 6999980, 500020, 7000000)


def geometries(*items):
    array = np.empty(len(items), object)
    array[:] = items
    return array


def test_round_trip_of_columns_nulls_and_provenance(tmp_path, utm):
    """NaN and None become NULL and come back as they were."""
    path = str(tmp_path / "o.gpkg")
    columns = {
        "number": np.array([1, 2], np.uint32),
        "measure": np.array([0.5, np.nan]),
        "text": np.array(["ä|b", None], object),
    }
    write_layers(path, {"objects": VectorLayer(geometries(SQUARE, SQUARE), columns, utm, [{"stage": "segment"}])})
    layer = read_layer(f"{path}|layername=objects")
    assert layer.columns["number"].tolist() == [1, 2] and layer.columns["number"].dtype == np.int64
    assert layer.columns["measure"][0] == 0.5 and np.isnan(layer.columns["measure"][1])
    assert layer.columns["text"].tolist() == ["ä|b", None]
    assert layer.provenance == [{"stage": "segment"}]
    assert layer.geometries[0].geom_type == "MultiPolygon" and layer.geometries[0].equals(SQUARE)
    assert os.listdir(tmp_path) == ["o.gpkg"]


def test_empty_layer_keeps_its_columns(tmp_path, utm):
    """A map without landforms is a valid result."""
    path = str(tmp_path / "empty.gpkg")
    write_layers(path, {"rock_glaciers": VectorLayer(geometries(), {"area_m2": np.empty(0)}, utm)})
    layer = read_layer(path)
    assert len(layer) == 0 and list(layer.columns) == ["area_m2"] and "UTM zone 19S" in layer.crs


def test_invalid_polygons_are_repaired_and_counted(write_polygons):
    """A bow tie has two triangles; what is left of it as a line is dropped."""
    bow_tie = shapely.Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
    layer = read_layer(write_polygons("b.gpkg", [bow_tie, SQUARE]))
    assert layer.repaired == 1
    assert shapely.is_valid(layer.geometries).all() and layer.geometries[0].area == pytest.approx(2)


def test_layers_are_transformed(write_polygons, degrees):
    """Longitude comes before latitude, whatever the authority says."""
    layer = read_layer(write_polygons("s.gpkg", [SQUARE]), crs=degrees)
    longitude, latitude = layer.geometries[0].centroid.coords[0]
    assert longitude == pytest.approx(-69, abs=0.01) and latitude == pytest.approx(-27.1, abs=0.1)


def test_messages_name_file_layer_and_column(write_polygons, tmp_path):
    """What was asked for and what there is."""
    path = write_polygons("p.gpkg", [SQUARE], layer="outlines", area_m2=[400.0])
    with pytest.raises(InvalidVectorError, match="no layer glaciers; its layers are: outlines"):
        read_layer(f"{path}|layername=glaciers")
    with pytest.raises(InvalidVectorError, match="no column class; it has area_m2"):
        read_layer(path, columns=["class"])
    with pytest.raises(InvalidVectorError, match="cannot be read as a vector layer"):
        read_layer(str(tmp_path / "missing.gpkg"))


def test_points_are_refused(tmp_path):
    """Outlines are polygons."""
    source = ogr.GetDriverByName("GeoJSON").CreateDataSource(str(tmp_path / "p.geojson"))
    layer = source.CreateLayer("p", None, ogr.wkbPoint)
    feature = ogr.Feature(layer.GetLayerDefn())
    feature.SetGeometry(ogr.CreateGeometryFromWkt("POINT (1 2)"))
    layer.CreateFeature(feature)
    del feature, layer, source
    with pytest.raises(InvalidVectorError, match="holds POINT geometries; polygons are expected"):
        read_layer(str(tmp_path / "p.geojson"))


def test_unwritable_output(utm):
    """Nothing is computed for an output that cannot be written."""
    with pytest.raises(OutputError, match="does not exist"):
        write_layers("/missing/o.gpkg", {"o": VectorLayer(geometries(SQUARE), {}, utm)})


def test_burn_covers_pixel_centres(make_grid):
    """The square covers the first two columns of the first two rows; windows cut the same picture."""
    grid = make_grid(3, 3)
    whole = burn(geometries(SQUARE), [7], grid, np.uint32)
    assert whole.tolist() == [[7, 7, 0], [7, 7, 0], [0, 0, 0]] and whole.dtype == np.uint32
    assert burn(geometries(SQUARE), [7], grid, np.uint32, Window(1, 1, 2, 2)).tolist() == [[7, 0], [0, 0]]
    assert burn(geometries(), [], grid, np.uint8).sum() == 0


def test_burn_in_south_up_and_rotated_grids(utm):
    """Pixel (1, 0) of each grid, drawn by its corners, burns exactly that pixel."""
    for geotransform in ((5e5, 10.0, 0.0, 7e6, 0.0, 10.0), (5e5, 3.0, 8.0, 7e6, 4.0, -6.0)):
        grid = Grid(3, 2, geotransform, utm)
        corners = np.column_stack(grid.coordinates([1, 2, 2, 1], [0, 0, 1, 1]))
        assert burn(geometries(shapely.Polygon(corners)), [1], grid, np.uint8).tolist() == [[0, 1, 0], [0, 0, 0]]


def test_large_labels_burn_exactly(make_grid):
    """Labels go beyond what a signed 32-bit number holds."""
    assert burn(geometries(SQUARE), [2**32 - 1], make_grid(1, 1), np.uint32)[0, 0] == 2**32 - 1


def test_full_disk(small_disk, utm):
    """A GeoPackage that does not fit is said so and leaves nothing."""
    path = str(small_disk / "o.gpkg")
    with pytest.raises(OutputError, match=r"o\.gpkg cannot be written"):
        write_layers(path, {"o": VectorLayer(geometries(SQUARE), {}, utm)})
    assert os.listdir(small_disk) == []


def test_missing_system_stays_missing(write_polygons, degrees):
    """A GeoPackage calls no system an undefined one; taking it for degrees would put the polygons anywhere."""
    path = write_polygons("n.gpkg", [SQUARE], crs="")
    assert read_layer(path).crs == ""
    with pytest.raises(InvalidVectorError, match="no coordinate reference system"):
        read_layer(path, crs=degrees)
