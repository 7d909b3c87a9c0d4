"""The inventory stage on toy layers: units, identifiers, values taken over, and hostile input."""

from __future__ import annotations

import shutil
import sqlite3
import stat
from pathlib import Path

import numpy as np
import pytest
import shapely
from rock_glacier_mapper.core.errors import InvalidOptionError, InvalidVectorError, MapperError, OutputError
from rock_glacier_mapper.core.inventories import inventory
from rock_glacier_mapper.core.inventories.primaryid import fits, primary_id
from rock_glacier_mapper.core.progress import Progress
from rock_glacier_mapper.core.rasters.geodata import gdal, ogr, spatial_reference
from rock_glacier_mapper.core.version import PACKAGE_FOLDER

from .conftest import box, rows

JUDGED = ("Morpho", "Complet", "UpslCur", "KinAtt", "RelKin", "KinPeriod", "ActiAss", "ActiCl", "Destabili")


@pytest.fixture
def write_points(tmp_path, utm):
    """Return a function that writes points with text columns and gives the path."""

    def write(name, points, crs=utm, **columns):
        path = str(tmp_path / name)
        dataset = ogr.GetDriverByName("GPKG").CreateDataSource(path)
        layer = dataset.CreateLayer("markers", spatial_reference(crs), ogr.wkbPoint)
        for column in columns:
            layer.CreateField(ogr.FieldDefn(column, ogr.OFTString))
        for number, point in enumerate(points):
            feature = ogr.Feature(layer.GetLayerDefn())
            for column, values in columns.items():
                feature[column] = values[number]
            feature.SetGeometry(ogr.CreateGeometryFromWkb(shapely.to_wkb(point)))
            layer.CreateFeature(feature)
        return path

    return write


def texts(*values):
    return np.array(values, object)


def test_each_outline_becomes_a_unit(make, write_polygons):
    """A marker inside each outline says its identifier; what only a person can judge stays NULL."""
    # The centroid of an L lies outside of it.
    bent = shapely.union(box(0, 0, 100, 1000), box(0, 900, 1000, 1000))
    made = make(write_polygons("o.gpkg", [bent, box(2000, 0, 2200, 300)], id=[7, 8]))
    assert (made.result.units, made.result.outlines, made.result.errors, made.result.conforms) == (2, 2, 0, 1)
    for marker, outline in zip(made.PM, made.GO, strict=True):
        place = marker["geometry"]
        assert outline["geometry"].contains(place)
        assert marker["PrimaryID"] == outline["PrimaryID"] == primary_id(place.x, place.y)
        assert (marker["Landform"], marker["UpslCon"]) == (0, "unknown")
        assert [marker[name] for name in JUDGED] == [None] * len(JUDGED)
        assert outline["OutType"] == "Extended"
        assert [outline[f"Rel{name}"] for name in ("Fr", "LeftLM", "RightLM", "UpsCon", "Index")] == [0] * 5
    assert [row["WorkingID"] for row in made.PM] == ["7", "8"]
    assert len({row["PolyUID"] for row in made.GO}) == 2
    assert made.result.area_m2 == pytest.approx(250_000 / 0.9996**2, rel=1e-5)


def test_an_inventory_is_read_back(make, write_polygons, front_dem, tmp_path):
    """Made of its own outlines and markers, an inventory is the same again, also in the other spelling."""
    outlines = write_polygons(
        "o.gpkg", [box(300, 200, 500, 950), box(600, 200, 700, 500)], activity=texts("relict", "?")
    )
    first = make(outlines, dem=front_dem, mapping=("ActiCl=activity",))
    assert [row["ActiCl"] for row in first.PM] == ["Relict", None]
    assert any("'?'" in sentence for sentence in first.warnings)
    path = first.result.output
    dotted = str(tmp_path / "dotted.gpkg")
    parts = {"markers": f"{path}|layername=PM", "dem": front_dem}
    second = make(path, output=dotted, spelling="template", **parts)
    assert [row["Acti.Cl."] for row in second.PM] == ["Relict", None]
    parts = {"markers": f"{dotted}|layername=PM", "dem": front_dem}
    third = make(f"{dotted}|layername=GO", output=str(tmp_path / "third.gpkg"), **parts)
    assert (third.PM, third.GO) == (first.PM, first.GO)
    assert second.result.conforms == third.result.conforms == 1
    assert third.warnings == []


def test_markers_bring_their_attributes(make, write_polygons, write_points):
    """The inner one of nested outlines takes its marker first; a marker without outline stays, the reverse gets one."""
    outlines = [box(0, 0, 1000, 1000), box(100, 100, 300, 300), box(3000, 0, 3300, 300)]
    points = [box(x - 1, y - 1, x + 1, y + 1).centroid for x, y in ((600, 600), (200, 200), (9000, 9000))]
    markers = write_points(
        "m.gpkg", points, **{"Acti.Cl.": ["Active", "Relict", "Transitional"], "WorkingID": list("abc")}
    )
    made = make(write_polygons("o.gpkg", outlines), markers=markers)
    assert [(row["WorkingID"], row["ActiCl"]) for row in made.PM[:3]] == [
        ("a", "Active"),
        ("b", "Relict"),
        ("c", "Transitional"),
    ]
    assert len(made.PM) == 4
    size = {row["PrimaryID"]: row["area_m2"] for row in made.GO}
    assert size[made.PM[0]["PrimaryID"]] == pytest.approx(1e6, rel=1e-3)
    assert size[made.PM[1]["PrimaryID"]] == pytest.approx(4e4, rel=1e-3)
    assert made.PM[2]["PrimaryID"] not in size
    assert made.result.conforms == 1


def test_restricted_outlines_and_moving_areas_belong_to_their_units(make, write_polygons, front_dem):
    """Each goes to the outline that holds most of it; a moving area far from all belongs to no unit.

    Its class is none that is known, but the known ones are not verified, so that it is kept.
    """
    outlines = write_polygons("o.gpkg", [box(0, 0, 400, 400), box(400, 0, 800, 400)])
    restricted = write_polygons("r.gpkg", [box(450, 50, 750, 350)])
    areas = [box(300, 100, 450, 200), box(5000, 0, 5100, 100)]
    moving = write_polygons("a.gpkg", areas, VelClass=texts("10-30 cm/yr", "fast"))
    made = make(outlines, restricted=restricted, moving_areas=moving, dem=front_dem)
    first, second = (row["PrimaryID"] for row in made.PM)
    assert [(row["PrimaryID"], row["OutType"]) for row in made.GO] == [
        (first, "Extended"),
        (second, "Extended"),
        (second, "Restricted"),
    ]
    # A restricted outline leaves the front out.
    assert [row["front_height_m"] is None for row in made.GO] == [False, False, True]
    assert [(row["PrimaryID"], row["VelClass"]) for row in made.MA] == [(first, "10-30 cm/yr"), (None, "fast")]
    assert any("touch no outline" in sentence for sentence in made.warnings)
    assert made.result.conforms == 1


def test_the_searched_area_becomes_the_area_of_interest(make, write_polygons):
    """Each part is a feature of its own, as the standard's layer holds polygons."""
    area = shapely.MultiPolygon([box(0, 0, 900, 900), box(2000, 0, 2500, 500)])
    made = make(write_polygons("o.gpkg", [box(0, 0, 300, 300)]), area=write_polygons("a.gpkg", [area], Name=texts("x")))
    assert [(row["Name"], row["geometry"].geom_type) for row in made.AOI] == [("x", "Polygon")] * 2


def test_the_file_holds_domains_and_styles(make, write_polygons):
    """Other programs see the standard's values, and QGIS the forms."""
    path = make(write_polygons("o.gpkg", [box(0, 0, 300, 300)])).result.output
    dataset = gdal.OpenEx(path)
    assert [dataset.GetLayer(number).GetName() for number in range(4)] == ["GO", "PM", "MA", "AOI"]
    definition = dataset.GetLayerByName("PM").GetLayerDefn()
    domain = definition.GetFieldDefn(definition.GetFieldIndex("Landform")).GetDomainName()
    assert dataset.GetFieldDomain(domain).GetEnumeration() == {
        "0": "uncertain (UN)",
        "1": "rock glacier (RG)",
        "2": "not a rock glacier (NO)",
    }
    assert dataset.GetLayerByName("GO").GetSpatialRef().GetAuthorityCode(None) == "4326"
    with sqlite3.connect(path) as connection:
        styles = dict(connection.execute("SELECT f_table_name, styleQML FROM layer_styles WHERE useAsDefault"))
    assert set(styles) == {"GO", "PM", "MA", "AOI"}
    assert all("attributeEditorForm" in style for style in styles.values())


def test_rejected_outlines_are_left_out(make, write_polygons):
    """What a reviewer refused must not be published."""
    shapes = [box(0, 0, 300, 300), box(1000, 0, 1300, 300)]
    made = make(write_polygons("o.gpkg", shapes, review_status=texts("rejected", "unreviewed")))
    assert made.result.units == 1
    assert any("rejected" in sentence for sentence in made.warnings)


def test_markers_with_a_filter(make, write_polygons, write_points):
    """Rows that the filter hides are not there; the filter alone names a layer, too."""
    outlines = write_polygons("o.gpkg", [box(0, 0, 400, 400), box(1000, 0, 1400, 400)])
    places = [box(200, 200, 200, 200).centroid, box(1200, 200, 1200, 200).centroid]
    markers = write_points("m.gpkg", places, keep=texts("yes", "no"), Comment=texts("a", "b"))
    made = make(outlines, markers=f"{markers}|subset=keep = 'yes'")
    assert [row["Comment"] for row in made.PM if row["Comment"]] == ["a"]


@pytest.mark.parametrize(("mapping", "message"), [("PolyUID=title", "is computed"), ("RelIndex=title", "is computed")])
def test_computed_fields_cannot_be_filled(make, write_polygons, mapping, message):
    """The polygon's identifier is made of the unit's."""
    outlines = write_polygons("o.gpkg", [box(0, 0, 400, 400)], title=texts("a"))
    with pytest.raises(InvalidOptionError, match=message):
        make(outlines, mapping=(mapping,))


def test_a_column_may_hold_the_identifiers(make, write_polygons):
    """A mapping of PrimaryID is taken as one of any other field is."""
    known = make(write_polygons("o.gpkg", [box(5, 5, 400, 400)])).GO[0]["PrimaryID"]
    outlines = write_polygons("p.gpkg", [box(0, 0, 400, 400)], my_id=texts(known))
    assert make(outlines, mapping=("PrimaryID=my_id",)).GO[0]["PrimaryID"] == known


def test_a_report_that_cannot_be_written_keeps_the_old_inventory(make, write_polygons, monkeypatch):
    """Judgements that were filled by hand are in the file; it is replaced when all is done."""
    outlines = write_polygons("o.gpkg", [box(0, 0, 400, 400)])
    made = make(outlines)
    content = Path(made.result.output).read_bytes()

    def failing(*_arguments):
        raise OutputError("full")

    monkeypatch.setattr(inventory, "write_text", failing)
    with pytest.raises(OutputError, match="full"):
        make(outlines, report=f"{made.result.output}.html")
    assert Path(made.result.output).read_bytes() == content


def test_decisions_of_the_review(make, write_polygons):
    """What a reviewer accepted or drew is a rock glacier, unless she was hardly certain; the rest is open."""
    status = ("accepted", "drawn", "accepted", "unsure", "unreviewed", None)
    shapes = [box(1000 * n, 0, 1000 * n + 300, 300) for n in range(len(status))]
    certainty = texts("high", None, "low", "high", None, None)
    path = write_polygons("o.gpkg", shapes, review_status=texts(*status), certainty=certainty, KinAtt=np.arange(6))
    made = make(path)
    assert [row["Landform"] for row in made.PM] == [1, 1, 0, 0, 0, 0]
    # Classes of motion that are written as their places.
    assert [row["KinAtt"] for row in made.PM][:3] == ["undefined", "< cm/yr", "cm/yr"]


def test_identifiers_that_are_given(make, write_polygons, utm, degrees):
    """A good one is kept, also where the marker is not given; a second use, a wrong place and nonsense are replaced."""
    shapes = [box(1000 * n, 0, 1000 * n + 400, 400) for n in range(4)]
    first = make(write_polygons("o.gpkg", shapes))
    inside = first.PM[0]["geometry"]
    own = primary_id(inside.x + 0.0005, inside.y)
    given = write_polygons("g.gpkg", shapes, PrimaryID=texts(own, own, first.PM[3]["PrimaryID"], "RGU1"))
    made = make(given)
    assert made.PM[0]["PrimaryID"] == own
    assert fits(own, made.PM[0]["geometry"].x, made.PM[0]["geometry"].y)
    assert [row["PrimaryID"] for row in made.PM[1:]] == [row["PrimaryID"] for row in first.PM[1:]]
    assert any("3 outlines have an identifier" in sentence for sentence in made.warnings)
    assert made.result.conforms == 1


def test_outlines_that_are_there_twice(make, write_polygons):
    """Both get a marker of their own where there is room; within 11 m there is none, and the check says so."""
    made = make(write_polygons("o.gpkg", [box(0, 0, 400, 400)] * 2))
    assert len({row["PrimaryID"] for row in made.PM}) == 2
    tiny = make(write_polygons("t.gpkg", [box(0, 0, 4, 4)] * 2))
    assert tiny.result.conforms == 0
    assert any("within 11 m" in sentence for sentence in tiny.warnings)


def test_degrees_are_not_metres(make, write_polygons, degrees):
    """An outline of a thousandth of a degree at 27 S: 99.2 m by 110.8 m."""
    made = make(write_polygons("d.gpkg", [shapely.box(-70, -27, -69.999, -26.999)], crs=degrees))
    assert made.result.area_m2 == pytest.approx(99.26 * 110.79, rel=1e-3)


def test_invalid_polygons_are_repaired(make, write_polygons):
    """A bow tie becomes its two triangles; a row of no area is left out."""
    tie = shapely.Polygon(
        [box(x, y, x + 1, y + 1).exterior.coords[0] for x, y in ((0, 0), (200, 200), (200, 0), (0, 200))]
    )
    made = make(write_polygons("o.gpkg", [tie]))
    assert made.result.area_m2 == pytest.approx(20_000, rel=2e-3)
    assert any("repaired: 1" in sentence for sentence in made.warnings)
    assert made.result.conforms == 1


def test_curves_and_heights(make, tmp_path, utm):
    """A circle of 100 m with heights has its area, and is written as a plain polygon."""
    path = str(tmp_path / "curves.gpkg")
    dataset = ogr.GetDriverByName("GPKG").CreateDataSource(path)
    layer = dataset.CreateLayer("o", spatial_reference(utm), ogr.wkbCurvePolygonZ)
    feature = ogr.Feature(layer.GetLayerDefn())
    ring = "CIRCULARSTRING Z (500000 7000000 9, 500100 7000100 9, 500200 7000000 9, 500100 6999900 9, 500000 7000000 9)"
    feature.SetGeometry(ogr.CreateGeometryFromWkt(f"CURVEPOLYGON Z ({ring})"))
    layer.CreateFeature(feature)
    dataset = layer = None
    made = make(path)
    assert made.result.area_m2 == pytest.approx(np.pi * 1e4, rel=2e-3)
    assert made.GO[0]["geometry"].geom_type == "MultiPolygon"
    assert not made.GO[0]["geometry"].has_z


def test_no_outlines(make, write_polygons):
    """An empty layer makes an empty inventory, and says so."""
    made = make(write_polygons("o.gpkg", []))
    assert (made.result.units, made.result.conforms) == (0, 1)
    assert any("has no outlines" in sentence for sentence in made.warnings)


def test_two_layers_in_one_file(make, write_polygons, tmp_path):
    """The named layer is read, not the first one."""
    made = make(write_polygons("o.gpkg", [box(0, 0, 300, 300)]))
    area = f"{made.result.output}|layername=GO"
    again = make(f"{made.result.output}|layername=GO", area=area, output=str(tmp_path / "again.gpkg"))
    assert (again.result.units, len(again.AOI)) == (1, 1)


def test_a_layer_that_cannot_be_written_to_is_read(make, write_polygons, tmp_path):
    """A read-only GeoPackage in a folder is an input like any other."""
    path = write_polygons("o.gpkg", [box(0, 0, 300, 300)])
    (tmp_path / "o.gpkg").chmod(stat.S_IRUSR)
    assert make(path).result.units == 1


@pytest.mark.parametrize(
    ("given", "error", "sentence"),
    [
        ({"crs": ""}, InvalidVectorError, "has no coordinate reference system"),
        ({"mapping": ("ActiCl",)}, InvalidOptionError, "must be field=column"),
        ({"mapping": ("ActivCl=id",)}, InvalidOptionError, "Did you mean ActiCl"),
        ({"mapping": ("ActiCl=activity",)}, InvalidOptionError, "which no layer has"),
        ({"output": "none/i.gpkg"}, OutputError, "does not exist"),
        ({"output": "i.shp"}, OutputError, "must have a name that ends in .gpkg"),
        ({"markers": "outlines"}, InvalidVectorError, "primary markers must be points"),
    ],
)
def test_one_sentence_and_no_file(make, write_polygons, tmp_path, utm, given, error, sentence):
    """What was given and what is expected; nothing half-written is left."""
    outlines = write_polygons("o.gpkg", [box(0, 0, 300, 300)], crs=given.pop("crs", utm))
    options = {name: outlines if value == "outlines" else value for name, value in given.items()}
    if "output" in options:
        options["output"] = str(tmp_path / options["output"])
    with pytest.raises(error, match=sentence):
        make(outlines, **options)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["o.gpkg"]


def test_a_wrong_system_is_noticed(make, write_polygons, degrees):
    """Metres with WGS 84 assigned are the commonest mistake of all."""
    with pytest.raises(InvalidVectorError, match="not in the reference system that it states"):
        make(write_polygons("o.gpkg", [box(0, 0, 300, 300)], crs=degrees))


def test_an_input_is_never_overwritten(make, write_polygons):
    """The same name for input and output is refused before anything happens."""
    path = write_polygons("inventory.gpkg", [box(0, 0, 300, 300)])
    with pytest.raises(OutputError, match="also an input"):
        make(path, output=path)


def test_cancelling_keeps_the_old_file(write_polygons, tmp_path):
    """A user who stops keeps the inventory that she had."""
    from rock_glacier_mapper.core.contracts.inventory import InventoryOptions
    from rock_glacier_mapper.core.inventories import inventory

    class Stopped(Progress):
        def cancelled(self):
            return True

    old = tmp_path / "inventory.gpkg"
    old.write_text("old")
    options = InventoryOptions(outlines=write_polygons("o.gpkg", [box(0, 0, 300, 300)]), output=str(old))
    with pytest.raises(MapperError, match="Cancelled"):
        inventory.run(options, Stopped())
    assert old.read_text() == "old"


def test_the_inventory_of_the_sample_scene_conforms(make, tmp_path):
    """The bundled scene's outlines on its own elevations."""
    sample = PACKAGE_FOLDER / "resources" / "sample"
    outlines = shutil.copy(sample / "simulated_reference.gpkg", tmp_path)
    made = make(str(outlines), dem=str(sample / "simulated_stack.tif"), report=str(tmp_path / "report.html"))
    assert (made.result.units, made.result.errors, made.result.conforms) == (18, 0, 1)
    assert all(row["elevation_min_m"] < row["elevation_mean_m"] < row["elevation_max_m"] for row in made.GO)
    assert all(row["length_m"] > 0 and 0 <= row["orientation_deg"] < 360 for row in made.GO)


def test_the_inventory_of_others(make, shared_data, tmp_path):
    """79 outlines drawn by hand in the Andes, in degrees, not after the standard."""
    source = shutil.copy(shared_data / "andes_rock_glaciers" / "andes_rock_glaciers.gpkg", tmp_path)
    made = make(f"{source}|layername=rock_glaciers", area=f"{source}|layername=searched_areas")
    assert (made.result.units, made.result.conforms) == (79, 1)
    stated = [row["area_km2"] for row in rows(source, "rock_glaciers")]
    # Geodesic areas that came with the outlines.
    assert [row["area_m2"] / 1e6 for row in made.GO] == pytest.approx(stated, rel=2e-3)
