"""The accuracy stage from files to files, on squares whose figures can be computed by hand."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
import shapely
from osgeo import ogr, osr
from rock_glacier_mapper.core.assessment import accuracy, samplepoints
from rock_glacier_mapper.core.assessment.comparison import metric_crs
from rock_glacier_mapper.core.contracts.accuracy import AccuracyOptions
from rock_glacier_mapper.core.contracts.samplepoints import SamplePointsOptions
from rock_glacier_mapper.core.errors import (
    Cancelled,
    InvalidCRSError,
    InvalidRasterError,
    InvalidVectorError,
    MapperError,
    OutputError,
)
from rock_glacier_mapper.core.progress import Progress
from rock_glacier_mapper.core.rasters.raster import Band, Grid, RasterWriter
from rock_glacier_mapper.core.vectors.vector import VectorLayer, read_layer, write_layers


def wkt(code: int) -> str:
    reference = osr.SpatialReference()
    reference.ImportFromEPSG(code)
    return reference.ExportToWkt()


UTM = wkt(32719)
WEST, SOUTH = 430_000.0, 6_850_000.0


def square(x: float, y: float, side: float = 100.0):
    """Return a square in UTM zone 19 S whose south-west corner is x, y metres from a fixed place."""
    return shapely.box(WEST + x, SOUTH + y, WEST + x + side, SOUTH + y + side)


class Listener(Progress):
    """A progress that remembers what it was told."""

    def __init__(self) -> None:
        self.warnings: list[str] = []
        self.fractions: list[float] = []

    def warn(self, message: str) -> None:
        self.warnings.append(message)

    def report(self, fraction: float, message: str = "") -> None:
        self.fractions.append(fraction)


class Case:
    """Inputs and outputs of one run in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.listener = Listener()

    def path(self, name: str) -> str:
        return str(self.folder / name)

    def layer(self, name: str, geometries, crs: str = UTM, **columns) -> str:
        values = {key: np.array(column, dtype=object) for key, column in columns.items()}
        write_layers(self.path(name), {"layer": VectorLayer(np.array(geometries, dtype=object), values, crs)})
        return self.path(name)

    def run(self, mapped, reference, **options):
        """Run the stage on two lists of polygons in UTM, or on paths."""
        sources = {
            name: given if isinstance(given, str) else self.layer(f"{name}.gpkg", given)
            for name, given in (("mapped", mapped), ("reference", reference))
        }
        outputs = {"output": "out.gpkg", "report": "out.html", "json": "out.json"}
        names = {name: self.path(default) for name, default in outputs.items()} | options
        return accuracy.run(AccuracyOptions(**sources, **names), self.listener)

    @property
    def record(self) -> dict:
        return json.loads((self.folder / "out.json").read_text(encoding="utf-8"), parse_constant=pytest.fail)

    def rows(self) -> list[tuple]:
        layer = read_layer(self.path("out.gpkg") + "|layername=accuracy").columns
        return list(zip(layer["status"], layer["source"], layer["source_id"], strict=True))


@pytest.fixture
def case(tmp_path) -> Case:
    return Case(tmp_path)


def test_figures_by_hand(case):
    """One landform half found, one missed, one false: TP 5000, FP 15 000, FN 15 000 m2."""
    result = case.run([square(50, 0), square(5000, 0)], [square(0, 0), square(1000, 0)])
    assert (result.producers_accuracy, result.users_accuracy) == pytest.approx((0.25, 0.25))
    assert (result.f1, result.iou, result.area_bias) == pytest.approx((0.25, 5 / 35, 0.0))
    assert result.detected == 0.5
    counts = (result.reference_count, result.matched_count, result.missed_count, result.false_count)
    assert counts == (2, 1, 1, 1)
    figures = case.record["figures"]
    areas = [figures[name] for name in ("true_positive_m2", "false_positive_m2", "false_negative_m2")]
    assert areas == pytest.approx([5000, 15_000, 15_000])
    assert figures["f1"] == result.f1


def test_layer_of_outlines(case):
    """Every landform is in the layer once, with its status, its own id and the share that the other layer covers."""
    mapped = case.layer("mapped.gpkg", [square(50, 0), square(5000, 0)])
    reference = case.layer("reference.gpkg", [square(0, 0), square(1000, 0)], PrimaryID=["RG-7", "RG-8"])
    case.run(mapped, reference)
    assert case.rows() == [
        ("matched", "reference", "RG-7"),
        ("missed", "reference", "RG-8"),
        ("matched", "mapped", "1"),
        ("false", "mapped", "2"),
    ]
    layer = read_layer(case.path("out.gpkg"))
    assert layer.columns["overlap"].tolist() == pytest.approx([0.5, 0, 0.5, 0])
    assert layer.columns["area_m2"].tolist() == pytest.approx([10_000] * 4)
    assert layer.provenance[-1]["stage"] == "accuracy"


def test_size_classes(case):
    """Landforms of 0.01 km2 exactly, 0.04 and 1 km2; only the second is mapped, to three quarters."""
    reference = [square(0, 0), square(1000, 0, 200), square(3000, 0, 1000)]
    case.run([shapely.box(WEST + 1000, SOUTH, WEST + 1150, SOUTH + 200)], reference)
    table = case.record["tables"][0]
    assert [row["group"] for row in table["rows"]] == [
        "below 0.01",
        "0.01 to 0.05",
        "0.05 to 0.1",
        "0.1 to 0.5",
        "0.5 and above",
    ]
    assert [row["count"] for row in table["rows"]] == [0, 2, 0, 0, 1]
    small = table["rows"][1]
    assert (small["matched"], small["detected"]) == (1, 0.5)
    assert small["producers_accuracy"] == pytest.approx(30_000 / 50_000)
    assert table["rows"][0]["detected"] is None


def test_table_of_a_text_column(case):
    """A column that groups landforms gets a table, with those that state nothing last; names and remarks get none."""
    squares = [square(1000 * number, 0) for number in range(4)]
    reference = case.layer(
        "reference.gpkg",
        squares,
        activity=["relict", "active", "relict", None],
        title=["a", "b", "c", "d"],
        note=["same"] * 4,
    )
    case.run(squares[:2], reference)
    assert [table["column"] for table in case.record["tables"]] == [None, "activity"]
    rows = {row["group"]: (row["count"], row["matched"]) for row in case.record["tables"][1]["rows"]}
    assert rows == {"active": (1, 1), "relict": (2, 1), "(not stated)": (1, 0)}


def test_area_cuts_both_layers(case):
    """Overlapping polygons of the area are one area; what lies outside neither helps nor harms."""
    area = case.layer("area.gpkg", [square(0, 0), square(0, 0), square(50, 0)])
    result = case.run([square(50, 0), square(700, 0)], [square(100, 0), square(900, 0)], area=area)
    assert (result.reference_count, result.false_count) == (1, 0)
    assert result.producers_accuracy == pytest.approx(1.0)
    assert result.users_accuracy == pytest.approx(0.5)
    assert any("reference layer" in note and "partly outside" in note for note in case.record["notes"])


def test_invalid_polygon_is_repaired(case):
    """A bow tie of two triangles covers 5000 m2 of its square, not 0 and not 10 000."""
    corners = [(0, 0), (100, 100), (100, 0), (0, 100)]
    bow_tie = shapely.Polygon([(WEST + x, SOUTH + y) for x, y in corners])
    result = case.run([bow_tie], [square(0, 0)])
    assert result.producers_accuracy == pytest.approx(0.5)
    assert result.users_accuracy == pytest.approx(1.0)
    assert any("repaired: 1" in warning for warning in case.listener.warnings)


def test_reference_in_another_system(case):
    """A reference in degrees is brought into the mapped layer's metres."""
    mapped = case.layer("mapped.gpkg", [square(50, 0)])
    degrees = read_layer(case.layer("utm.gpkg", [square(0, 0)]), crs=wkt(4326)).geometries
    result = case.run(mapped, case.layer("reference.gpkg", degrees, wkt(4326)))
    assert result.iou == pytest.approx(1 / 3, rel=1e-6)
    assert case.record["figures"]["reference_m2"] == pytest.approx(10_000, rel=1e-6)
    assert case.record["crs"]["reprojected"] is False


def test_mapped_in_degrees(case):
    """Degrees are never taken for metres: areas are those on the ground, in an equal-area system that is named."""
    half_degree = 0.001
    degrees = [shapely.box(-70, -29, -70 + half_degree, -29 + half_degree)]
    mapped = case.layer("mapped.gpkg", degrees, wkt(4326))
    case.run(mapped, mapped)
    # A thousandth of a degree at 28.9995 S: 111.32 km cos(latitude) by 110.84 km a degree (WGS 84).
    assert case.record["figures"]["mapped_m2"] == pytest.approx(97.44 * 110.85, rel=1e-3)
    assert case.record["crs"]["reprojected"] is True
    assert "Lambert azimuthal equal-area" in case.record["crs"]["name"]
    assert osr.SpatialReference(case.record["crs"]["wkt"]).IsProjected()


@pytest.mark.parametrize(("code", "kept"), [(32719, True), (3857, False), (4087, False), (4326, False), (2263, False)])
def test_metric_crs(code, kept):
    """UTM stays; web Mercator (stretched), degrees and feet do not."""
    assert (metric_crs(wkt(code), np.empty(0, dtype=object)) == wkt(code)) is kept


def test_web_mercator_areas_are_true(case):
    """At 60 N web Mercator shows four times the true area."""
    utm, mercator = wkt(32632), wkt(3857)
    source = case.layer("utm.gpkg", [shapely.box(500_000, 6_650_000, 501_000, 6_651_000)], utm)
    stretched = read_layer(source, crs=mercator).geometries
    assert shapely.area(stretched[0]) > 3.9e6
    mapped = case.layer("mapped.gpkg", stretched, mercator)
    case.run(mapped, source)
    assert case.record["figures"]["mapped_m2"] == pytest.approx(1e6, rel=2e-3)


def test_layer_without_reference_system(case):
    """Without a reference system there is no area; a GeoPackage then names an undefined one in degrees."""
    mapped = case.layer("mapped.gpkg", [square(0, 0)], "")
    with pytest.raises(InvalidCRSError, match="no coordinate reference system"):
        case.run(mapped, mapped)


def test_metres_said_to_be_degrees(case):
    """Coordinates that cannot be degrees are refused."""
    mapped = case.layer("mapped.gpkg", [square(0, 0)], wkt(4326))
    with pytest.raises(InvalidCRSError, match="WGS 84"):
        case.run(mapped, mapped)


def test_nothing_mapped(case):
    """An empty map gives valid outputs, null figures and a plain sentence."""
    result = case.run([], [square(0, 0)])
    assert math.isnan(result.users_accuracy)
    assert (result.producers_accuracy, result.f1, result.detected, result.missed_count) == (0, 0, 0, 1)
    assert case.record["figures"]["users_accuracy"] is None
    assert "Nothing was mapped" in (case.folder / "out.html").read_text(encoding="utf-8")
    assert case.rows() == [("missed", "reference", "1")]


@pytest.mark.parametrize("mapped", [[], [square(0, 0)]])
def test_empty_reference(case, mapped):
    """An empty reference gives valid outputs: everything mapped is false, what was found cannot be told."""
    result = case.run(mapped, [])
    assert math.isnan(result.detected)
    assert math.isnan(result.producers_accuracy)
    assert result.false_count == len(mapped)
    assert case.record["figures"]["detected"] is None
    assert "no reference landform" in (case.folder / "out.html").read_text(encoding="utf-8")
    assert len(case.rows()) == len(mapped)


def test_area_far_away(case):
    """An area without landforms is an empty comparison, no failure."""
    area = case.layer("area.gpkg", [square(50_000, 0)])
    result = case.run([square(0, 0)], [square(0, 0)], area=area)
    assert (result.reference_count, result.false_count) == (0, 0)
    assert math.isnan(result.f1)


def test_area_without_polygons(case):
    """An empty area is a mistake, not "nowhere" and not "everywhere"."""
    with pytest.raises(InvalidVectorError, match="no polygons"):
        case.run([square(0, 0)], [square(0, 0)], area=case.layer("area.gpkg", []))


def test_report_and_json_are_optional(case):
    """Only the layer must be named."""
    case.run([square(0, 0)], [square(0, 0)], report="", json="")
    assert sorted(path.name for path in case.folder.iterdir()) == ["mapped.gpkg", "out.gpkg", "reference.gpkg"]


def heatmap(case: Case, values, role: str = "heatmap") -> str:
    """Write a heatmap of 100 m pixels over the squares, and return its path."""
    values = np.asarray(values, dtype=np.float32)
    grid = Grid(values.shape[1], values.shape[0], (WEST, 100.0, 0.0, SOUTH + 100.0, 0.0, -100.0), UTM)
    path = case.path("heatmap.tif")
    with RasterWriter(path, grid, [Band(role, "uint8", 255, 0.004)]) as raster:
        raster.write(grid.whole, values[None])
    return path


def test_heatmap_is_scored_and_drawn(case, monkeypatch):
    """The heatmap's average precision is in the figures, its picture in the report; a relative path works."""
    heatmap(case, [[0.9, 0.8, 0.5, np.nan]])
    monkeypatch.chdir(case.folder)
    case.run([square(0, 0)], [square(0, 0), square(200, 0)], heatmap="heatmap.tif")
    assert case.record["figures"]["heatmap_average_precision"] == pytest.approx(5 / 6)
    assert "data:image/png;base64," in (case.folder / "out.html").read_text(encoding="utf-8")


def test_layers_and_heatmap_that_do_not_meet_are_told(case):
    """Figures of 0 from a wrong coordinate system look like a bad map."""
    far = heatmap(case, [[0.9]])
    case.run([square(0, 0)], [square(0, 9_000)], heatmap=far)
    warnings = " ".join(case.listener.warnings)
    assert "extents" in warnings and "no value within the reference" in warnings


def test_full_disk_is_told_with_the_name_that_was_given(case, small_disk):
    """The file is made under another name, which nobody knows."""
    output = str(small_disk / "out.gpkg")
    with pytest.raises(OutputError, match=f"The output {output} cannot be written"):
        case.run([square(0, 0)], [square(0, 0)], output=output)


def test_outputs_appear_together_or_not_at_all(case, monkeypatch):
    """When the report cannot be made, layer and JSON are not left behind and an old layer is not touched."""

    def fail(*_):
        raise InvalidRasterError("The picture cannot be drawn.")

    case.run([square(0, 0)], [square(0, 0)], report="", json="")
    before = (case.folder / "out.gpkg").read_bytes()
    monkeypatch.setattr(accuracy, "report_page", fail)
    with pytest.raises(InvalidRasterError):
        case.run([square(500, 0)], [square(0, 0)])
    assert (case.folder / "out.gpkg").read_bytes() == before
    assert sorted(path.name for path in case.folder.iterdir()) == ["mapped.gpkg", "out.gpkg", "reference.gpkg"]


def test_output_must_not_be_an_input(case):
    """Writing over the reference would destroy an inventory."""
    reference = case.layer("reference.gpkg", [square(0, 0)])
    with pytest.raises(OutputError, match="also an input"):
        case.run([square(0, 0)], reference, output=reference)
    assert len(read_layer(reference)) == 1


@pytest.mark.parametrize(
    ("option", "name"),
    [("output", "out.shp"), ("report", "out.txt"), ("json", "nowhere/out.json"), ("output", "nowhere/out.gpkg")],
)
def test_bad_outputs_are_refused_before_work(case, option, name):
    """A wrong suffix or a missing folder is told at once, with the name as given."""
    with pytest.raises(OutputError, match=name):
        case.run([square(0, 0)], [square(0, 0)], **{option: case.path(name)})
    assert case.listener.fractions == []


def test_bad_inputs(case):
    """A missing file, a text file and points are errors of the engine, and leave no output."""
    (case.folder / "text.gpkg").write_text("no layer")
    points = ogr.GetDriverByName("GPKG").CreateDataSource(case.path("points.gpkg"))
    layer = points.CreateLayer("points", osr.SpatialReference(UTM), ogr.wkbPoint)
    feature = ogr.Feature(layer.GetLayerDefn())
    feature.SetGeometry(ogr.CreateGeometryFromWkt("POINT (1 1)"))
    layer.CreateFeature(feature)
    del feature, layer, points
    for name in ("missing.gpkg", "text.gpkg", "points.gpkg"):
        with pytest.raises(MapperError, match=name):
            case.run(case.path(name), [square(0, 0)])
    assert not list(case.folder.glob("out.*"))


def test_cancel_leaves_nothing(case):
    """A cancelled comparison leaves no output."""
    case.listener.cancelled = lambda: True
    with pytest.raises(Cancelled):
        case.run([square(0, 0)], [square(0, 0)])
    assert not list(case.folder.glob("*out*"))


def test_progress_grows_to_one(case):
    """Progress never falls and ends at 1."""
    case.run([square(0, 0)], [square(0, 0)], heatmap=heatmap(case, [[0.5, 0.1]]))
    assert case.listener.fractions == sorted(case.listener.fractions)
    assert case.listener.fractions[-1] == 1.0


def test_same_input_gives_the_same_figures(case):
    """Two runs write the same JSON and the same report, byte for byte."""
    texts = []
    for _ in range(2):
        case.run([square(50, 0), square(500, 0)], [square(0, 0)])
        texts.append((case.folder / "out.json").read_bytes() + (case.folder / "out.html").read_bytes())
    assert texts[0] == texts[1]


def test_real_inventory_against_itself(case):
    """Real outlines in degrees, compared with themselves, agree wholly; their areas are those stated."""
    source = Path(__file__).parents[4] / "shared" / "data" / "andes_rock_glaciers" / "andes_rock_glaciers.gpkg"
    if not source.is_file():
        pytest.skip(f"The outlines {source} are not here.")
    inventory = f"{source}|layername=rock_glaciers"
    result = case.run(inventory, inventory)
    assert (result.f1, result.iou) == pytest.approx((1, 1))
    assert (result.reference_count, result.missed_count, result.false_count) == (79, 0, 0)
    stated = np.sum(read_layer(inventory).columns["area_km2"])
    assert np.sum(read_layer(case.path("out.gpkg")).columns["area_m2"]) / 2e6 == pytest.approx(stated, rel=0.01)


def test_split_and_merged_landforms(case):
    """A landform in two halves is split, an outline over two landforms merged; both count as matched."""
    reference = [square(0, 0), square(1000, 0), square(1100, 0)]
    halves = [shapely.box(WEST + x, SOUTH, WEST + x + 50, SOUTH + 100) for x in (0, 50)]
    result = case.run([*halves, shapely.box(WEST + 1000, SOUTH, WEST + 1200, SOUTH + 100)], reference)
    assert (result.matched_count, result.split_count, result.merged_count) == (3, 1, 1)
    assert [row[0] for row in case.rows()] == ["split", "matched", "matched", "matched", "matched", "merged"]
    # Each half has an IoU of 1/2 with the whole, as the two squares have with the outline over both: two pairs.
    assert (result.pair_count, result.mean_pair_iou) == (2, pytest.approx(0.5))
    assert (result.landform_recall, result.landform_precision) == pytest.approx((2 / 3, 2 / 3))
    layer = read_layer(case.path("out.gpkg")).columns
    assert layer["partner_id"].tolist()[0] in ("1", "2")
    assert np.isfinite(layer["iou"]).tolist().count(True) == 4
    assert np.nansum(layer["iou"]) == pytest.approx(4 * 0.5)


def test_distances_of_pairs(case):
    """Concentric squares 10 m apart: 10 m along the sides of both, more at the outer corners only."""
    result = case.run([square(-10, -10, 120)], [square(0, 0)])
    assert result.boundary_distance == pytest.approx(10.1, abs=0.2)
    assert 10 < result.boundary_distance_95 < 12
    assert read_layer(case.path("out.gpkg")).columns["distance_m"].tolist() == [result.boundary_distance] * 2


def test_rejected_and_restricted_outlines_are_no_landforms(case):
    """What a reviewer has rejected does not count, nor what an inventory holds twice; both are told."""
    mapped = case.layer("mapped.gpkg", [square(0, 0), square(1000, 0)])
    statuses = ["accepted", "rejected", "accepted"]
    kinds = ["Extended", "Extended", "restricted"]
    shapes = [square(0, 0), square(1000, 0), square(10, 10, 80)]
    reference = case.layer("reference.gpkg", shapes, review_status=statuses, OutType=kinds)
    result = case.run(mapped, reference)
    assert (result.reference_count, result.matched_count, result.false_count) == (1, 1, 1)
    assert result.users_accuracy == pytest.approx(0.5)
    notes = " ".join(case.record["notes"])
    assert "rejected in the review and are left out: 1" in notes
    assert "Restricted outlines, beside extended ones, that are left out: 1" in notes
    alone = case.layer("alone.gpkg", shapes[:1], OutType=["Restricted"])
    assert case.run(mapped, alone).reference_count == 1


def test_ids_with_gaps(case):
    """A whole number stays one where another row has none; such a row is told by its place."""
    squares = [square(0, 0), square(1000, 0), square(2000, 0)]
    layer = {"layer": VectorLayer(np.array(squares, dtype=object), {"id": np.array([1, np.nan, 3])}, UTM)}
    write_layers(case.path("gaps.gpkg"), layer)
    case.run(squares[:1], case.path("gaps.gpkg"))
    assert [row[2] for row in case.rows() if row[1] == "reference"] == ["1", "2", "3"]


def test_numbers_to_report_by_are_told_apart(case):
    """Dates as numbers differ behind the sixth digit; each is a group."""
    squares = [square(1000 * number, 0) for number in range(3)]
    columns = {"mapdate": np.array([20200815, 20200816, 20210101])}
    write_layers(case.path("dates.gpkg"), {"layer": VectorLayer(np.array(squares, dtype=object), columns, UTM)})
    case.run(squares, case.path("dates.gpkg"), group_by=("mapdate",))
    rows = next(table["rows"] for table in case.record["tables"] if table["column"] == "mapdate")
    assert [(row["group"], row["count"]) for row in rows] == [("20200815", 1), ("20200816", 1), ("20210101", 1)]


def test_a_system_that_does_not_fit_the_place_is_not_used(case):
    """Polar stereographic coordinates of the Andes are stretched; so are those of a UTM zone on the other side."""
    ground = square(0, 0)
    for code in (3995, 32701):
        transformation = osr.CoordinateTransformation(osr.SpatialReference(UTM), osr.SpatialReference(wkt(code)))
        points = [transformation.TransformPoint(*point)[:2] for point in ground.exterior.coords]
        layer = case.layer(f"{code}.gpkg", [shapely.Polygon(points)], crs=wkt(code))
        case.run(layer, layer)
        assert case.record["crs"]["reprojected"] is True
        assert case.record["figures"]["mapped_m2"] == pytest.approx(10_000, rel=1e-2)


def test_columns_to_report_by(case):
    """Texts, few numbers and many numbers make groups; a column that is not there is named with those that are."""
    squares = [square(1000 * number, 0) for number in range(16)]
    write_layers(
        case.path("reference.gpkg"),
        {
            "layer": VectorLayer(
                np.array(squares, dtype=object),
                {"code": np.arange(16) % 2, "height": np.append(np.arange(15.0), np.nan)},
                UTM,
            )
        },
    )
    reference = case.path("reference.gpkg")
    case.run(squares[:4], reference, group_by=("code", "height"))
    tables = {table["column"]: table["rows"] for table in case.record["tables"]}
    assert [(row["group"], row["count"], row["matched"]) for row in tables["code"]] == [("0", 8, 2), ("1", 8, 2)]
    assert [(row["group"], row["count"]) for row in tables["height"]] == [
        ("0 to 3.5", 4),
        ("3.5 to 7", 3),
        ("7 to 10.5", 4),
        ("10.5 to 14", 4),
        ("(not stated)", 1),
    ]
    with pytest.raises(MapperError, match="names the column heigth"):
        case.run(squares, reference, group_by=("heigth",))


def test_checked_points_and_their_area(case):
    """All points of the map right and none elsewhere a rock glacier: the estimates are the map; the area restricts."""
    mapped = case.layer("mapped.gpkg", [square(0, 0)])
    area = case.layer("area.gpkg", [square(-500, -500, 1000)])
    points = case.path("points.gpkg")
    samplepoints.run(SamplePointsOptions(mapped=mapped, area=area, output=points, count=90), Listener())
    dataset = ogr.Open(points, 1)
    dataset.ExecuteSQL("UPDATE sample_points SET is_rock_glacier = (stratum = 'mapped')")
    dataset = None
    result = case.run(mapped, mapped, points=points, area=area)
    assert (result.adjusted_users_accuracy, result.adjusted_producers_accuracy) == (1, 1)
    assert (result.adjusted_area_m2, result.adjusted_area_error_m2) == (pytest.approx(10_000), 0)
    half = case.layer("half.gpkg", [shapely.box(WEST - 500, SOUTH - 500, WEST + 50, SOUTH + 500)])
    result = case.run(mapped, mapped, points=points, area=half)
    assert result.adjusted_area_m2 == pytest.approx(5000, abs=3 * result.adjusted_area_error_m2)
    assert case.record["points"]["inside"] < case.record["points"]["checked"] == 90
    assert any("outside of the compared area" in note for note in case.record["notes"])


def test_hostile_layers(case):
    """A curve, heights, a layer beside the first, equal ids, a file that cannot be written: read, and told."""
    source = ogr.GetDriverByName("GPKG").CreateDataSource(case.path("mapped.gpkg"))
    for name, shape in (("curves", "CURVEPOLYGON Z (CIRCULARSTRING Z ({}))"), ("other", "")):
        layer = source.CreateLayer(name, osr.SpatialReference(UTM), ogr.wkbCurvePolygon)
        layer.CreateField(ogr.FieldDefn("id", ogr.OFTString))
        for _ in range(2 * bool(shape)):
            feature = ogr.Feature(layer.GetLayerDefn())
            places = [(WEST + x, SOUTH + y) for x, y in ((0, 0), (100, 0), (0, 0))]
            text = ", ".join(f"{x} {y} 5" for x, y in places)
            feature.SetGeometry(ogr.CreateGeometryFromWkt(shape.format(text)))
            feature.SetField("id", "same")
            layer.CreateFeature(feature)
    del feature, layer, source
    path = case.folder / "mapped.gpkg"
    path.chmod(0o444)
    result = case.run(str(path), [square(0, -50)])
    # Two equal circles of 50 m around the middle of the square's side of 100 m; they count once.
    assert case.record["figures"]["mapped_m2"] == pytest.approx(math.pi * 2500, rel=1e-3)
    assert result.mapped_count == 2
    notes = " ".join(case.record["notes"])
    assert "holds other layers, which were not read: other" in notes and "have the same id" in notes
