"""Labels of landforms become a layer of outlines with statistics, provenance and fields for the review."""

from __future__ import annotations

import json
import os

import numpy as np
import pytest
import shapely
from rock_glacier_mapper.core.contracts.outlines import OutlinesOptions
from rock_glacier_mapper.core.errors import (
    Cancelled,
    InvalidCRSError,
    InvalidGridError,
    InvalidRasterError,
    InvalidVectorError,
    OutputError,
)
from rock_glacier_mapper.core.landforms import outlines as stage
from rock_glacier_mapper.core.progress import Progress
from rock_glacier_mapper.core.rasters.geodata import ogr, osr
from rock_glacier_mapper.core.rasters.grid import Grid, Window
from rock_glacier_mapper.core.rasters.raster import Band, RasterWriter
from rock_glacier_mapper.core.vectors.polygons import polygonize
from rock_glacier_mapper.core.vectors.vector import VectorLayer, read_layer, write_layers

FIELDS = [
    "landform_id", "area_m2", "perimeter_m", "length_m", "width_m",
    "membership", "object_count", "limiting_feature", "explanation",
    "model_name", "model_sha256", "rule_set", "software_version", "parameters",
    "review_status", "certainty", "notes",
]  # fmt: skip
CHAIN = [
    {"stage": "heatmap", "options": {"tile_size": 512}, "model_name": "toy", "model_sha256": "ab12"},
    {"stage": "classify", "options": {"rules": "rgb"}, "rule_set": "rgb"},
    {"stage": "reshape", "options": {"objects": "classified.gpkg", "target_class": "rock_glacier", "smooth": 0.0}},
    # A single step that is given landforms, whose class it does not know.
    {"stage": "reshape", "options": {"target_class": "debris", "smooth": 20.0}},
]


class Listener(Progress):
    """Remembers warnings; cancels when told to."""

    def __init__(self, cancel=False):
        self.warnings = []
        self._cancel = cancel

    def warn(self, message):
        self.warnings.append(message)

    def cancelled(self):
        return self._cancel


@pytest.fixture
def write_labels(tmp_path, make_grid):
    """Return a function that writes labels of landforms and gives their path."""

    def write(labels, grid=None, chain=CHAIN):
        labels = np.array(labels, np.uint32)
        path = str(tmp_path / "landforms.tif")
        grid = grid or make_grid(labels.shape[1], labels.shape[0])
        with RasterWriter(path, grid, [Band("labels", "uint32", 0)], chain) as raster:
            raster.write_raw(grid.whole, labels)
        return path

    return write


@pytest.fixture
def outlines_of(tmp_path):
    """Return a function that runs the stage, by default without smoothing, and reads its layer."""

    def run(labels, progress=None, **options):
        output = str(tmp_path / "outlines.gpkg")
        chosen = {"smooth_outline": 0, **options}
        result = stage.run(OutlinesOptions(input=labels, output=output, **chosen), progress or Listener())
        layer = read_layer(f"{output}|layername=rock_glaciers")
        assert result.landforms == len(layer)
        assert result.area_m2 == pytest.approx(layer.columns["area_m2"].sum())
        return layer

    return run


def test_shapes_are_measured_in_metres(write_labels, outlines_of, utm):
    """A rectangle of 3 x 2 pixels of 10 m, and a pixel: geometry, area, perimeter, length and width by hand."""
    layer = outlines_of(write_labels([[7, 7, 7, 0, 0], [7, 7, 7, 0, 9]]), simplify=0.0)
    assert list(layer.columns) == FIELDS
    assert layer.columns["landform_id"].tolist() == [7, 9]
    assert layer.columns["area_m2"].tolist() == [600, 100]
    assert layer.columns["perimeter_m"].tolist() == [100, 40]
    assert layer.columns["length_m"] == pytest.approx([30, 10])
    assert layer.columns["width_m"] == pytest.approx([20, 10])
    assert layer.geometries[0].equals(shapely.box(500000, 6999980, 500030, 7000000))
    assert "UTM zone 19S" in layer.crs


@pytest.mark.parametrize("geotransform", [(5e5, 8.0, 6.0, 7e6, 6.0, -8.0), (5e5, 10.0, 0.0, 7e6, 0.0, 10.0)])
def test_rotated_and_south_up_grids(write_labels, outlines_of, utm, geotransform):
    """Outlines lie where the grid puts the pixels; lengths do not depend on the direction."""
    grid = Grid(4, 3, geotransform, utm)
    layer = outlines_of(write_labels([[0, 0, 0, 0], [0, 1, 1, 1], [0, 0, 0, 0]], grid), simplify=0.0)
    expected = shapely.Polygon(np.column_stack(grid.coordinates([1, 4, 4, 1], [1, 1, 2, 2])))
    assert shapely.equals_exact(layer.geometries[0].geoms[0].normalize(), expected.normalize(), 1e-6)
    assert layer.columns["area_m2"] == pytest.approx([300])
    assert layer.columns["length_m"] == pytest.approx([30]) and layer.columns["width_m"] == pytest.approx([10])


def test_units_other_than_metres(write_labels, outlines_of):
    """Map units of US survey feet: areas, lengths and the tolerance are still in metres."""
    reference = osr.SpatialReference()
    reference.ImportFromEPSG(2227)
    foot = 1200 / 3937
    grid = Grid(30, 30, (6e6, 10 / foot, 0, 2e6, 0, -10 / foot), reference.ExportToWkt())
    labels = np.triu(np.ones((30, 30), int))
    stepped = outlines_of(write_labels(labels, grid), simplify=0.0)
    smooth = outlines_of(write_labels(labels, grid), simplify=15.0)
    assert stepped.columns["area_m2"] == pytest.approx([465 * 100])
    assert stepped.columns["perimeter_m"] == pytest.approx([1200])
    assert shapely.get_num_coordinates(smooth.geometries[0]) < 10


def test_touching_landforms_neither_overlap_nor_gap(write_labels, outlines_of):
    """The common border of two landforms is simplified once for both."""
    rows, columns = np.mgrid[:40, :60]
    labels = np.where(columns < 10 + rows, 1, 2)
    layer = outlines_of(write_labels(labels), simplify=20.0)
    one, other = layer.geometries
    assert shapely.is_valid(layer.geometries).all()
    assert shapely.get_num_coordinates(layer.geometries).max() < 12
    assert one.intersection(other).area == 0
    assert one.union(other).area == pytest.approx(40 * 60 * 100)


def test_smooth_outlines_fit_their_neighbours_and_keep_the_area(write_labels, outlines_of, tmp_path):
    """Two landforms with a common border: more corners, none of them sharp, no gap; the change of area is told."""
    rows, columns = np.mgrid[:40, :60]
    labels = np.where((columns - 30) ** 2 + (rows - 20) ** 2 < 320, np.where(columns < 15 + rows, 1, 2), 0)
    path = write_labels(labels)
    cornered, smooth = outlines_of(path), outlines_of(path, smooth_outline=2)
    assert shapely.get_num_coordinates(smooth.geometries).sum() > shapely.get_num_coordinates(cornered.geometries).sum()
    assert shapely.coverage_is_valid(smooth.geometries)
    one, other = smooth.geometries
    assert one.intersection(other).area == 0 and one.union(other).geom_type == "Polygon"
    assert smooth.columns["area_m2"] == pytest.approx(cornered.columns["area_m2"], rel=0.02)
    output = str(tmp_path / "again.gpkg")
    result = stage.run(OutlinesOptions(input=path, output=output), Progress())
    pixels = np.count_nonzero(labels) * 100
    assert result.area_m2 / pixels - 1 == pytest.approx(result.area_change) and 0 < abs(result.area_change) < 0.02


def test_statistics_are_taken_from_the_landforms_pixels(write_labels, outlines_of, write_raster):
    """Means of every band, extremes of elevation and heatmap; nodata is left out, and all nodata is NULL."""
    labels = write_labels([[1, 1, 2, 0], [1, 3, 2, 0]])
    nan = np.nan
    elevation = [[10.0, 20.0, 5.0, 99.0], [30.0, nan, 7.0, 99.0]]
    slope = [[1.0, nan, 4.0, 99.0], [3.0, 8.0, 6.0, 99.0]]
    stack = write_raster("stack.tif", np.array([elevation, slope]), ["elevation", "slope"])
    heatmap = write_raster(
        "heat.tif",
        np.array([[[0.4, 0.8, 1.0, 0], [0.6, 0.2, 0.0, 0]]]),
        ["heatmap"],
        dtype="uint8",
        nodata=255,
        scale=0.004,
    )
    columns = outlines_of(labels, layers=(stack, heatmap)).columns
    assert columns["elevation_mean"][:2].tolist() == [20, 6] and np.isnan(columns["elevation_mean"][2])
    assert columns["elevation_min"][:2].tolist() == [10, 5] and np.isnan(columns["elevation_min"][2])
    assert columns["elevation_max"][:2].tolist() == [30, 7] and np.isnan(columns["elevation_max"][2])
    assert columns["slope_mean"].tolist() == [2, 5, 8]
    assert "slope_max" not in columns
    assert columns["heatmap_mean"] == pytest.approx([0.6, 0.5, 0.2])
    assert columns["heatmap_max"] == pytest.approx([0.8, 1.0, 0.2])
    assert columns["heatmap_share_above"] == pytest.approx([2 / 3, 0.5, 0.0])
    assert "aspect_mean_deg" not in columns


def test_mean_aspect_is_a_mean_of_directions(write_labels, outlines_of, write_raster):
    """350 and 10 degrees are north, not south; east and west have no mean; the bands may be in two files."""
    degrees = np.radians([[350.0, 90, 180, 225], [10.0, 270, 270, 225]])
    sine = write_raster("sine.tif", np.sin(degrees)[np.newaxis], ["aspect_sin"])
    cosine = write_raster("cosine.tif", np.cos(degrees)[np.newaxis], ["aspect_cos"])
    labels = write_labels([[1, 2, 3, 4], [1, 2, 3, 4]])
    columns = outlines_of(labels, layers=(sine, cosine)).columns
    aspect = columns["aspect_mean_deg"]
    assert min(aspect[0], 360 - aspect[0]) < 1e-4 and np.isnan(aspect[1])
    assert aspect[2:] == pytest.approx([225, 225])
    assert "aspect_mean_deg" not in outlines_of(labels, layers=(sine,)).columns


def test_strips_add_up(write_labels, outlines_of, write_raster, monkeypatch):
    """Statistics of landforms that lie in several strips are those of the whole raster."""
    labels = np.repeat(np.arange(12).reshape(1, 12) % 3, 20, axis=0)
    labels[7:9] = 0
    values = np.random.default_rng(3).random((1, 20, 12)) * 100
    stack = write_raster("stack.tif", values, ["elevation"])
    path = write_labels(labels)
    at_once = outlines_of(path, layers=(stack,), smooth_outline=1)
    monkeypatch.setattr(Grid, "strips", lambda grid, _: [Window(0, row, grid.width, 1) for row in range(grid.height)])
    layer = outlines_of(path, layers=(stack,), smooth_outline=1)
    assert (shapely.to_wkb(layer.geometries) == shapely.to_wkb(at_once.geometries)).all()
    columns = layer.columns
    for row, label in enumerate((1, 2)):
        inside = values[0][labels == label].astype(np.float32)
        assert columns["elevation_mean"][row] == pytest.approx(inside.mean(), rel=1e-6)
        assert columns["elevation_max"][row] == inside.max()


@pytest.fixture
def objects(tmp_path, make_grid):
    """Classified objects of one column of pixels each: two target objects, one other, one without class."""
    grid = make_grid(4, 2)
    geometries, ids = polygonize(np.tile(np.arange(1, 5, dtype=np.uint32), (2, 1)), grid)
    columns = {
        "object_id": ids.astype(np.int64),
        "class": np.array(["rock_glacier", "rock_glacier", "debris", ""], object),
        "membership": np.array([1.0, 0.4, 0.9, 0.7]),
    }
    path = str(tmp_path / "objects.gpkg")
    write_layers(path, {"objects": VectorLayer(geometries, columns, grid.crs, CHAIN[:2])})
    return path


def test_membership_is_weighted_by_area(write_labels, outlines_of, objects):
    """Landform 1 has 2 pixels of 1.0, 1 of 0.4 and 2 that it grew into; landform 2 has none of the target class."""
    columns = outlines_of(write_labels([[1, 1, 1, 2], [1, 0, 1, 2]]), objects=objects).columns
    assert columns["membership"][0] == pytest.approx((1 + 1 + 0.4) / 3) and np.isnan(columns["membership"][1])


def test_reviewed_outlines_are_not_replaced(write_labels, outlines_of, tmp_path):
    """A second run under the same name would take the decisions of the first one's reviewer with it."""
    outlines_of(write_labels([[1]]))
    outlines_of(write_labels([[1]]))
    path = str(tmp_path / "outlines.gpkg")
    dataset = ogr.Open(path, 1)
    dataset.ExecuteSQL("UPDATE rock_glaciers SET review_status = 'accepted'")
    del dataset
    with pytest.raises(OutputError, match="1 rows in which a person has filled `review_status`"):
        outlines_of(write_labels([[1]]))
    assert read_layer(path).columns["review_status"].tolist() == ["accepted"]
    dataset = ogr.Open(path, 1)
    dataset.ExecuteSQL("UPDATE rock_glaciers SET review_status = 'unreviewed', notes = 'a doubt'")
    del dataset
    with pytest.raises(OutputError, match="filled `notes`"):
        outlines_of(write_labels([[1]]))


def test_membership_without_known_target_counts_every_class(write_labels, outlines_of, objects):
    """Labels that no reshaping made have no target class; objects without a class never count."""
    columns = outlines_of(write_labels([[1, 1, 1, 2], [1, 0, 1, 2]], chain=[]), objects=objects).columns
    assert columns["membership"][0] == pytest.approx((1 + 1 + 0.4 + 0.9 + 0.9) / 5) and np.isnan(
        columns["membership"][1]
    )


def test_what_the_objects_say(write_labels, outlines_of, make_grid, tmp_path):
    """Objects of one column of pixels each: their number, and the features that limit them, by their pixels."""
    grid = make_grid(5, 2)
    geometries, _ = polygonize(np.tile(np.arange(1, 6, dtype=np.uint32), (2, 1)), grid)
    columns = {
        "class": np.array(["rock_glacier"] * 4 + ["debris"], object),
        "membership": np.array([0.5, 0.7, 1.0, 0.9, 0.9]),
        "limiting_feature": np.array(["slope_mean", "heatmap_mean", None, "slope_mean", "elongation"], object),
    }
    path = str(tmp_path / "objects.gpkg")
    write_layers(path, {"objects": VectorLayer(geometries, columns, grid.crs)})
    found = outlines_of(write_labels([[1, 1, 1, 2, 3], [1, 1, 0, 2, 2]]), objects=path).columns
    assert found["object_count"].tolist() == [3, 1, 0]
    # Two pixels each are equally many: the alphabet decides.
    assert found["limiting_feature"].tolist() == ["heatmap_mean", "slope_mean", None]
    assert found["explanation"].tolist() == [
        "3 objects; membership limited by heatmap_mean on 40%, slope_mean on 40% of their area",
        "1 object; membership limited by slope_mean on 100% of its area; 33% of its pixels added by reshaping",
        None,
    ]
    columns["limiting_feature"][:] = ""
    write_layers(path, {"objects": VectorLayer(geometries, columns, grid.crs)})
    found = outlines_of(write_labels([[1, 1, 1, 2, 3], [1, 1, 0, 2, 2]]), objects=path).columns
    assert found["explanation"][0] == "3 objects; every condition fully met"
    assert found["limiting_feature"][0] == ""


def test_provenance_and_review_fields(write_labels, outlines_of, objects):
    """Each outline says what made it; what only a person can say is NULL."""
    layer = outlines_of(write_labels([[1, 1, 1, 1], [0, 0, 0, 0]]), objects=objects, simplify=5.0)
    row = {name: column[0] for name, column in layer.columns.items()}
    assert (row["model_name"], row["model_sha256"], row["rule_set"]) == ("toy", "ab12", "rgb")
    assert row["review_status"] == "unreviewed" and row["certainty"] is None and row["notes"] is None
    assert row["software_version"]
    parameters = json.loads(row["parameters"])
    assert [step["stage"] for step in parameters] == ["heatmap", "classify", "reshape", "reshape", "outlines"]
    assert parameters[3]["options"]["smooth"] == 20 and parameters[4]["options"]["simplify"] == 5
    assert [step["stage"] for step in layer.provenance] == ["heatmap", "classify", "reshape", "reshape", "outlines"]


def test_labels_without_provenance(write_labels, outlines_of):
    """Labels from elsewhere are accepted; what is not known is NULL."""
    columns = outlines_of(write_labels([[1]], chain=[])).columns
    assert columns["model_name"].tolist() == [None] and columns["rule_set"].tolist() == [None]


def test_no_landform_gives_an_empty_layer_with_all_fields(write_labels, outlines_of, write_raster, objects, tmp_path):
    """The layer has its type, reference system and fields, so that styles and models go on working."""
    stack = write_raster("stack.tif", np.ones((1, 2, 4)), ["elevation"])
    labels = write_labels(np.zeros((2, 4)))
    layer = outlines_of(labels, layers=(stack,), objects=objects)
    assert len(layer) == 0 and "UTM zone 19S" in layer.crs
    assert set(layer.columns) == {*FIELDS, "elevation_mean", "elevation_min", "elevation_max"}
    dataset = ogr.Open(str(tmp_path / "outlines.gpkg"))
    table = dataset.GetLayerByName("rock_glaciers")
    definition = table.GetLayerDefn()
    fields = [definition.GetFieldDefn(index) for index in range(definition.GetFieldCount())]
    kinds = {field.GetName(): field.GetType() for field in fields}
    assert table.GetGeomType() == ogr.wkbMultiPolygon
    assert kinds["landform_id"] == ogr.OFTInteger64 and kinds["area_m2"] == ogr.OFTReal
    assert kinds["certainty"] == kinds["notes"] == kinds["model_name"] == ogr.OFTString


def test_same_input_same_rows(write_labels, outlines_of):
    """Nothing depends on chance: geometries and rows are equal when the stage runs again."""
    labels = write_labels(np.random.default_rng(5).integers(0, 4, (20, 20)))
    first, second = outlines_of(labels), outlines_of(labels)
    assert (shapely.to_wkb(first.geometries) == shapely.to_wkb(second.geometries)).all()
    assert first.columns["landform_id"].tolist() == [1, 2, 3]


def test_failed_simplification_and_smoothing_are_told(write_labels, outlines_of, monkeypatch):
    """The outlines that keep their steps or corners are counted in a warning."""
    monkeypatch.setattr(stage, "simplify_coverage", lambda polygons, _: (polygons, np.array([True, False])))
    monkeypatch.setattr(stage, "smooth_coverage", lambda polygons, *_: (polygons, np.array([True, True])))
    listener = Listener()
    outlines_of(write_labels([[1, 2]]), listener)
    assert listener.warnings == [
        "1 outlines keep the pixels' steps, because they would not be valid when simplified.",
        "2 outlines keep their corners, because they would not be valid when smoothed.",
    ]


def test_bad_inputs_leave_no_output(write_labels, write_raster, make_grid, degrees, write_polygons, tmp_path):
    """Each gives its own error, and no file under the output's name."""
    labels = write_labels([[1, 2]])
    output = str(tmp_path / "out.gpkg")
    stack = write_raster("stack.tif", np.ones((1, 1, 2)), ["slope"])
    twin = write_raster("twin.tif", np.ones((1, 1, 2)), ["Slope"])
    floats = write_raster("floats.tif", np.ones((1, 1, 2)), ["labels"])
    wider = write_raster("wider.tif", np.ones((1, 1, 3)), ["slope"])
    world = write_raster(
        "world.tif", np.ones((1, 1, 2)), ["labels"], make_grid(2, 1, 0.1, degrees), dtype="uint32", nodata=0
    )
    unclassified = write_polygons("raw.gpkg", [shapely.box(0, 0, 1, 1)], object_id=[1])
    numbers = write_polygons("n.gpkg", [shapely.box(0, 0, 1, 1)], **{"class": [1], "membership": ["high"]})
    cases = [
        ({"input": str(tmp_path / "missing.tif")}, InvalidRasterError),
        ({"input": floats}, InvalidRasterError),
        ({"input": world}, InvalidCRSError),
        ({"layers": (wider,)}, InvalidGridError),
        ({"layers": (stack, twin)}, InvalidRasterError),
        ({"objects": unclassified}, InvalidVectorError),
        ({"objects": numbers}, InvalidVectorError),
        ({"output": str(tmp_path / "out.shp")}, OutputError),
    ]
    for change, error in cases:
        with pytest.raises(error):
            stage.run(OutlinesOptions(**{"input": labels, "output": output, **change}), Listener())
    with pytest.raises(Cancelled):
        stage.run(OutlinesOptions(input=labels, output=output), Listener(cancel=True))
    assert not [name for name in os.listdir(tmp_path) if name.startswith(("out.", ".out"))]
