"""Polygon layers: read as they are found, written whole or not at all."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import subprocess

import numpy as np
import pytest
import shapely
from rock_glacier_mapper.core.errors import Cancelled, InvalidVectorError, OutputError
from rock_glacier_mapper.core.progress import Progress
from rock_glacier_mapper.core.rasters.geodata import gdal, ogr
from rock_glacier_mapper.core.rasters.grid import Grid, Window
from rock_glacier_mapper.core.vectors.vector import VectorLayer, burn, read_layer, write_batches, write_layers

SQUARE = shapely.box(500000, 6999980, 500020, 7000000)


class StopsAt(Progress):
    """A progress that remembers what it was told and is cancelled once a share of the work is done."""

    def __init__(self, share: float) -> None:
        self.share = share
        self.told = [0.0]

    def report(self, fraction: float, message: str = "") -> None:
        self.told.append(fraction)

    def cancelled(self) -> bool:
        return self.told[-1] >= self.share


def query(path, statement):
    """Return the rows that SQLite finds in a file."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return connection.execute(statement).fetchall()


def row_of_squares(count):
    """Return unit squares from west to east."""
    west = np.arange(count, dtype=float)
    return shapely.box(west, 0, west + 1, 1)


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


@pytest.mark.parametrize("kilobytes", [64, 250, 700])
def test_full_disk(small_disk, utm, kilobytes):
    """A GeoPackage that does not fit is said so and leaves nothing, be it its tables, its rows or its index."""
    subprocess.run(["mount", "-o", f"remount,size={kilobytes}k", small_disk], check=True)  # noqa: S607
    path = str(small_disk / "o.gpkg")
    with pytest.raises(OutputError, match=r"o\.gpkg cannot be written"):
        write_layers(path, {"o": VectorLayer(row_of_squares(3000), {"number": np.arange(3000)}, utm)})
    assert os.listdir(small_disk) == []


def test_missing_system_stays_missing(write_polygons, degrees):
    """A GeoPackage calls no system an undefined one; taking it for degrees would put the polygons anywhere."""
    path = write_polygons("n.gpkg", [SQUARE], crs="")
    assert read_layer(path).crs == ""
    with pytest.raises(InvalidVectorError, match="no coordinate reference system"):
        read_layer(path, crs=degrees)


COLUMNS_WITH_NULLS = {
    "measure": (ogr.OFTReal, ogr.OFSTNone, [0.1, None, -0.0, 1e300]),
    "whole": (ogr.OFTInteger64, ogr.OFSTNone, [2**53 + 1, -(2**63), 2**63 - 1, 0]),
    "whole_with_null": (ogr.OFTInteger, ogr.OFSTNone, [None, 7, None, 0]),
    "flag": (ogr.OFTInteger, ogr.OFSTBoolean, [True, False, None, True]),
    "text": (ogr.OFTString, ogr.OFSTNone, ['it\'s "quoted"; --', "", None, "Söll\n冰川"]),
    "day": (ogr.OFTDate, ogr.OFSTNone, ["2020/01/31", None, "1999/12/01", None]),
}


@pytest.fixture(params=["GPKG", "GeoJSON"])
def foreign(request, tmp_path):
    """A layer of another program, with NULL in every kind of column."""
    path = str(tmp_path / f"foreign.{request.param.lower()}")
    dataset = gdal.GetDriverByName(request.param).Create(path, 0, 0, 0, gdal.GDT_Unknown)
    layer = dataset.CreateLayer("foreign", None, ogr.wkbPolygon)
    for name, (kind, subtype, _) in COLUMNS_WITH_NULLS.items():
        definition = ogr.FieldDefn(name, kind)
        definition.SetSubType(subtype)
        layer.CreateField(definition)
    for row in range(4):
        feature = ogr.Feature(layer.GetLayerDefn())
        feature.SetGeometry(ogr.CreateGeometryFromWkb(shapely.box(row, 0, row + 1, 1).wkb))
        for name, (_, _, values) in COLUMNS_WITH_NULLS.items():
            if values[row] is not None:
                feature.SetField(name, values[row])
        layer.CreateFeature(feature)
    del feature, layer, dataset
    return path


def test_nulls_and_numbers_of_every_kind(foreign):
    """Each kind of column has its own NULL, and whole numbers beyond 2**53 are no detour over doubles."""
    columns = read_layer(foreign).columns
    given = {name: values for name, (_, _, values) in COLUMNS_WITH_NULLS.items()}
    assert columns["whole"].dtype == np.int64 and columns["whole"].tolist() == given["whole"]
    for name in ("measure", "whole_with_null", "flag"):
        expected = [np.nan if value is None else float(value) for value in given[name]]
        assert columns[name].dtype == np.float64
        np.testing.assert_array_equal(columns[name], expected)
    assert columns["text"].tolist() == given["text"] and columns["day"].tolist() == given["day"]


def test_filtered_source(foreign):
    """The filter may look at a column that is not asked for; the columns' rows stay together."""
    columns = read_layer(f"{foreign}|subset=text IS NOT NULL AND whole < 5", columns=["measure", "whole"]).columns
    assert columns["whole"].tolist() == [-(2**63), 0]
    assert np.isnan(columns["measure"][0]) and columns["measure"][1] == 1e300


def test_written_values_come_back_exactly(tmp_path, utm):
    """Names and texts with quotes, whole numbers beyond 2**53, and more columns than SQLite's functions take."""
    path = str(tmp_path / "o.gpkg")
    columns = {
        'it\'s "odd"': np.array([2**53 + 1, -(2**53) - 1]),
        "text": np.array(['\' OR "1" --', "ä\n"], object),
        "short": np.array(["a", "bc"]),
        "flag": np.array([True, False]),
        "infinite": np.array([np.inf, -np.inf]),
        "never": np.array([np.nan, np.nan]),
        **{f"measure_{number}": np.array([0.1 * number, np.nan]) for number in range(150)},
    }
    write_layers(path, {'l\'a "b"': VectorLayer(geometries(SQUARE, SQUARE), columns, utm)})
    layer = read_layer(path)
    assert list(layer.columns) == list(columns)
    for name, values in columns.items():
        np.testing.assert_array_equal(layer.columns[name], values)


def test_other_programs_find_extent_count_and_index(tmp_path, utm):
    """What GDAL would have noted, so that the file opens at once and a map draws only what it shows."""
    path = str(tmp_path / "o.gpkg")
    squares = row_of_squares(5000)
    layers = {"o": VectorLayer(squares, {"n": np.arange(5000)}, utm), "none": VectorLayer(squares[:0], {}, utm)}
    write_layers(path, layers)
    extents = query(path, "SELECT table_name, min_x, min_y, max_x, max_y FROM gpkg_contents ORDER BY rowid")
    assert extents == [("o", 0, 0, 5000, 1), ("none", None, None, None, None)]
    assert query(path, "SELECT * FROM gpkg_ogr_contents") == [("o", 5000), ("none", 0)]
    assert query(path, "SELECT count(*) FROM rtree_o_geom") == [(5000,)]
    dataset = gdal.OpenEx(path, gdal.OF_VECTOR)
    layer = dataset.GetLayerByName("o")
    layer.SetSpatialFilterRect(4000.2, 0.2, 4001.8, 0.8)
    assert [feature["n"] for feature in layer] == [4000, 4001]
    assert layer.TestCapability(ogr.OLCFastSpatialFilter)
    assert query(path, "PRAGMA integrity_check") == [("ok",)]


def test_geometries_as_other_programs_see_them(tmp_path, utm):
    """Polygons have one part, holes stay, heights go, and what is empty is so."""
    path = str(tmp_path / "o.gpkg")
    holed = shapely.Polygon([(0, 0), (9, 0), (9, 9), (0, 9)], [[(1, 1), (2, 1), (2, 2)]])
    parts = shapely.MultiPolygon([shapely.box(0, 0, 1, 1), shapely.box(2, 2, 3, 3)])
    given = geometries(shapely.force_3d(SQUARE, 8.0), holed, parts, shapely.Polygon())
    write_layers(path, {"o": VectorLayer(given, {}, utm)})
    dataset = gdal.OpenEx(path, gdal.OF_VECTOR)
    seen = [shapely.from_wkb(bytes(feature.GetGeometryRef().ExportToWkb())) for feature in dataset.GetLayer(0)]
    assert all(item.geom_type == "MultiPolygon" and not item.has_z for item in seen)
    assert [len(item.geoms) for item in seen[:3]] == [1, 1, 2] and seen[3].is_empty
    assert shapely.equals(seen[:3], [SQUARE, holed, parts]).all()
    assert len(read_layer(path)) == 3


def test_curves_become_polygons(tmp_path):
    """A circle of radius 1 that another program drew as arcs."""
    path = str(tmp_path / "c.gpkg")
    dataset = gdal.GetDriverByName("GPKG").Create(path, 0, 0, 0, gdal.GDT_Unknown)
    layer = dataset.CreateLayer("c", None, ogr.wkbCurvePolygon)
    feature = ogr.Feature(layer.GetLayerDefn())
    feature.SetGeometry(ogr.CreateGeometryFromWkt("CURVEPOLYGON (CIRCULARSTRING (1 0,0 1,-1 0,0 -1,1 0))"))
    layer.CreateFeature(feature)
    del feature, layer, dataset
    assert read_layer(path).geometries[0].area == pytest.approx(np.pi, rel=0.01)


@pytest.mark.parametrize("share", [0.0, 0.3, 0.7])
def test_reading_stops_when_cancelled(write_polygons, share):
    """At the beginning, between the polygons, and between the numbers; the share grows until then."""
    path = write_polygons("o.gpkg", row_of_squares(12000), n=np.arange(12000))
    progress = StopsAt(share)
    with pytest.raises(Cancelled):
        read_layer(path, progress=progress)
    assert progress.told == sorted(progress.told) and share <= progress.told[-1] < share + 0.35


@pytest.mark.parametrize("share", [0.0, 0.3, 0.6])
def test_writing_stops_when_cancelled(tmp_path, utm, share):
    """The file that was there stays, and nothing else is left."""
    (tmp_path / "o.gpkg").write_text("old")
    progress = StopsAt(share)
    with pytest.raises(Cancelled):
        write_layers(str(tmp_path / "o.gpkg"), {"o": VectorLayer(row_of_squares(12000), {}, utm)}, progress)
    assert progress.told == sorted(progress.told) and share <= progress.told[-1] < share + 0.35
    assert os.listdir(tmp_path) == ["o.gpkg"] and (tmp_path / "o.gpkg").read_text() == "old"


def batches_of(squares, *numbers):
    """Return rows of squares with their numbers, from 1."""
    ids = [np.array(some, np.int64) for some in numbers]
    return [VectorLayer(squares[some - 1], {"n": some}) for some in ids]


def test_batches_in_any_order_are_found_by_their_ids(tmp_path, utm):
    """Rows come as they are finished, beyond 31 bits too; whoever reads the layer finds them by ascending id."""
    path = str(tmp_path / "o.gpkg")
    squares = row_of_squares(5)
    schema = VectorLayer(squares[:0], {"n": np.empty(0, np.int64)}, utm, [{"stage": "segment"}])
    last = VectorLayer(squares[4:], {"n": np.array([2**32 - 1])})
    write_batches(path, "o", schema, [last, *batches_of(squares, [4, 2], [], [1, 3])], "n", Progress())
    layer = read_layer(path)
    assert layer.columns["n"].tolist() == [1, 2, 3, 4, 2**32 - 1]
    assert shapely.bounds(layer.geometries)[:, 0].tolist() == [0, 1, 2, 3, 4]
    assert layer.provenance == schema.provenance and "UTM zone 19S" in layer.crs
    dataset = gdal.OpenEx(path, gdal.OF_VECTOR)
    assert [feature.GetFID() for feature in dataset.GetLayer(0)] == layer.columns["n"].tolist()
    assert query(path, "SELECT min_x, min_y, max_x, max_y FROM gpkg_contents") == [(0, 0, 5, 1)]
    assert query(path, "SELECT feature_count FROM gpkg_ogr_contents") == [(5,)]


@pytest.mark.parametrize("error", [Cancelled, InvalidVectorError])
def test_batches_that_break_off_leave_nothing(tmp_path, utm, error):
    """A cancel or an error while the rows are made leaves the file that was there."""
    (tmp_path / "o.gpkg").write_text("old")
    squares = row_of_squares(3)

    def batches():
        yield from batches_of(squares, [1, 2])
        raise error

    schema = VectorLayer(squares[:0], {"n": np.empty(0, np.int64)}, utm)
    with pytest.raises(error):
        write_batches(str(tmp_path / "o.gpkg"), "o", schema, batches(), "n", Progress())
    with pytest.raises(Cancelled):
        write_batches(str(tmp_path / "o.gpkg"), "o", schema, batches_of(squares, [1]), "n", StopsAt(0.0))
    assert os.listdir(tmp_path) == ["o.gpkg"] and (tmp_path / "o.gpkg").read_text() == "old"


def test_columns_that_only_some_layers_have(write_polygons):
    """They are read where they are, and nothing is missed where they are not."""
    path = write_polygons("o.gpkg", [SQUARE], a=[1], b=["x"])
    assert list(read_layer(path, columns=["a"], if_present=["b", "c"]).columns) == ["a", "b"]


def test_numbers_without_polygons(write_polygons, monkeypatch):
    """A file that breaks off in the numbers would otherwise shift them to other polygons."""
    path = write_polygons("o.gpkg", row_of_squares(3), n=np.arange(3))
    monkeypatch.setattr(ogr.Layer, "GetArrowStreamAsNumPy", lambda _, options: iter([{"n": np.arange(2)}]))
    with pytest.raises(InvalidVectorError, match="gave 3 rows, then 2; it is damaged"):
        read_layer(path)


def test_bars_in_paths_and_filters(write_polygons, tmp_path):
    """QGIS separates layer and filter from the path by a bar, which both may hold themselves."""
    (tmp_path / "a|b").mkdir()
    path = write_polygons("a|b/p.gpkg", [SQUARE, SQUARE], layer="outlines", code=["x", "y"])
    assert len(read_layer(path)) == 2
    assert len(read_layer(f"{path}|layername=outlines|subset=code || 'z' = 'xz'")) == 1
    assert len(read_layer(f"{path}|layerid=0")) == 2
    with pytest.raises(InvalidVectorError, match="no layer at all; its layers are: outlines"):
        read_layer(f"{path}|layerid=7")


def test_table_without_geometries_is_refused(tmp_path):
    """A CSV file would otherwise count as an empty inventory."""
    (tmp_path / "t.csv").write_text("id,name\n1,a\n", "utf8")
    with pytest.raises(InvalidVectorError, match="has no geometries; polygons are expected"):
        read_layer(str(tmp_path / "t.csv"))
