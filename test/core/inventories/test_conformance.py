"""The conformance check: an inventory that is right, broken in one place after the other."""

from __future__ import annotations

import json
import sqlite3
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from rock_glacier_mapper.core.contracts.checkinventory import CheckInventoryOptions
from rock_glacier_mapper.core.inventories import checkinventory
from rock_glacier_mapper.core.inventories.sheets import recognised
from rock_glacier_mapper.core.inventories.tables import Table
from rock_glacier_mapper.core.progress import Progress
from rock_glacier_mapper.core.rasters.geodata import gdal, ogr, osr

from .conftest import box


@pytest.fixture
def inventory(make, write_polygons):
    """The path of an inventory of two units with all layers."""
    outlines = write_polygons("o.gpkg", [box(0, 0, 400, 400), box(1000, 0, 1400, 400)])
    parts = {
        "restricted": [box(50, 50, 350, 350)],
        "moving_areas": [box(0, 0, 100, 100)],
        "area": [box(0, 0, 2000, 900)],
    }
    options = {name: write_polygons(f"{name}.gpkg", shapes) for name, shapes in parts.items()}
    return make(outlines, **options).result.output


@pytest.fixture
def check(tmp_path):
    """Return a function that checks files and returns the result and the findings as (level, layer, field, count)."""

    def run(*paths):
        report, record = tmp_path / "report.html", tmp_path / "findings.json"
        options = CheckInventoryOptions(inventory=paths, report=str(report), json=str(record))
        result = checkinventory.run(options, Progress())
        # The report is well-formed.
        ElementTree.fromstring(report.read_text("utf8").replace("<!DOCTYPE html>", ""))  # noqa: S314
        found = json.loads(record.read_text("utf8"))["findings"]
        return result, found

    return run


def keys(findings, level):
    return [(item["layer"], item["field"], item["count"]) for item in findings if item["level"] == level]


def change(path, layer, column, value, row=1):
    """Change one value."""
    dataset = ogr.Open(path, update=1)
    target = dataset.GetLayerByName(layer)
    feature = target.GetFeature(row)
    feature[column] = value
    target.SetFeature(feature)


def test_an_inventory_that_is_right(inventory, check):
    """No error; what a person has to judge is open, one question a field."""
    result, found = check(inventory)
    assert (result.errors, result.conforms) == (0, 1)
    judged = {field for layer, field, count in keys(found, "open") if layer == "PM" and count == 2}
    assert judged == {
        *("Landform", "Morpho", "Complet", "UpslCur", "KinAtt", "RelKin", "KinPeriod", "ActiAss", "ActiCl"),
        "Destabili",
    }
    assert result.open_questions == len(keys(found, "open"))


@pytest.mark.parametrize(
    ("layer", "column", "value", "expected"),
    [
        ("PM", "ActiCl", "intact", [("PM", "ActiCl", 1)]),
        ("PM", "Landform", 3, [("PM", "Landform", 1)]),
        ("PM", "PrimaryID", None, [("PM", "PrimaryID", 1), ("GO", "PrimaryID", 2), ("MA", "PrimaryID", 1)]),
        (
            *("PM", "PrimaryID", "RGU270000S0700000W"),
            [("PM", "PrimaryID", 1), ("GO", "PrimaryID", 2), ("MA", "PrimaryID", 1)],
        ),
        ("GO", "OutType", "extended", [("GO", "OutType", 1)]),
        ("GO", "OutType", None, [("GO", "OutType", 1)]),
        ("GO", "PrimaryID", "nonsense", [("GO", "PrimaryID", 1), ("GO", "PrimaryID", 1)]),
        ("GO", "PolyUID", None, [("GO", "PolyUID", 1)]),
        # What is not verified of the standard is a note.
        ("GO", "RelFr", 7, []),
        ("GO", "RelIndex", 8, []),
        ("MA", "VelClass", "fast", []),
        ("PM", "Morpho", "odd", []),
    ],
)
def test_one_wrong_value(inventory, check, layer, column, value, expected):
    """Every fault is found, and is an error only where the standard is known."""
    notes = check(inventory)[0].notes
    change(inventory, layer, column, value)
    result, found = check(inventory)
    assert keys(found, "error") == expected
    assert result.conforms == (not expected)
    if not expected:
        assert result.notes > notes or column == "VelClass"


def test_identifiers_that_are_used_twice(inventory, check):
    """Two markers with one identifier, of which one does not lie there; and two outlines of one unit."""
    with sqlite3.connect(inventory) as connection:
        (first,) = connection.execute("SELECT PrimaryID FROM PM WHERE fid = 1").fetchone()
    change(inventory, "PM", "PrimaryID", first, row=2)
    _, found = check(inventory)
    assert ("PM", "PrimaryID", 2) in keys(found, "error")
    messages = [item["message"] for item in found if item["level"] == "error"]
    assert any("do not lie where" in message for message in messages)
    assert any("have no primary marker" in message for message in messages)


def test_layers_and_fields_that_are_missing(inventory, check, tmp_path):
    """A verified field is an error, one whose name is not known for sure a note; so are layers."""
    with sqlite3.connect(inventory) as connection:
        for column in ("ActiCl", "Morpho"):
            connection.execute(f"ALTER TABLE PM DROP COLUMN {column}")
    _, found = check(inventory)
    assert ("PM", "ActiCl", 0) in keys(found, "error")
    assert ("PM", "Morpho", 0) in keys(found, "note")
    _, found = check(f"{inventory}|layername=GO")
    assert ("PM", "", 0) in keys(found, "error")
    assert ("AOI", "", 0) in keys(found, "open")


@pytest.mark.parametrize(("crs", "message"), [(None, "has no coordinate"), (4326, "not in the system that it states")])
def test_coordinates_that_lie_nowhere(check, tmp_path, crs, message):
    """Metres without a system, or said to be degrees, are what the check is for; it reports and goes on."""
    path = str(tmp_path / "GO.gpkg")
    dataset = ogr.GetDriverByName("GPKG").CreateDataSource(path)
    reference = None
    if crs:
        reference = osr.SpatialReference()
        reference.ImportFromEPSG(crs)
    layer = dataset.CreateLayer("GO", reference, ogr.wkbPolygon)
    layer.CreateField(ogr.FieldDefn("OutType"))
    feature = ogr.Feature(layer.GetLayerDefn())
    feature.SetGeometry(ogr.CreateGeometryFromWkb(box(0, 0, 400, 400).wkb))
    layer.CreateFeature(feature)
    del layer, dataset
    _, findings = check(path)
    assert any(message in item["message"] for item in findings if item["level"] == "error")


def test_another_reference_system(inventory, check, tmp_path):
    """An inventory in UTM is told to be published in degrees; its markers still lie where they say."""
    path = str(tmp_path / "utm.gpkg")
    gdal.VectorTranslate(path, inventory, layers=["GO", "PM"], dstSRS="EPSG:32719")
    _, found = check(path)
    assert {(layer, field) for layer, field, _ in keys(found, "error")} == {("GO", ""), ("PM", "")}
    assert all("EPSG:4326" in item["message"] for item in found if item["level"] == "error")


def test_geometries(inventory, check):
    """An invalid polygon, a missing one, and heights are found; the other rules still run."""
    dataset = ogr.Open(inventory, update=1)
    layer = dataset.GetLayerByName("GO")
    tie, none = layer.GetFeature(1), layer.GetFeature(3)
    tie.SetGeometry(ogr.CreateGeometryFromWkt("MULTIPOLYGON (((-70 -27, -69.9 -26.9, -69.9 -27, -70 -26.9, -70 -27)))"))
    none.SetGeometry(None)
    layer.SetFeature(tie)
    layer.SetFeature(none)
    dataset = layer = tie = none = None
    _, found = check(inventory)
    messages = " ".join(item["message"] for item in found if item["level"] == "error")
    assert "Invalid polygons" in messages
    assert "without a geometry" in messages


def test_published_names_of_layers_are_recognised(inventory, check, tmp_path):
    """The published file has long names; a file for each layer serves as well as one for all."""
    long = str(tmp_path / "published.gpkg")
    for number, name in enumerate(("AOI", "PM", "MA", "GO")):
        layer = f"ESACCI-PERMAFROST_ROGI_ALL-AREAS_{name}_2025-fv02.0"
        mode = "update" if number else None
        gdal.VectorTranslate(long, inventory, layers=[name], layerName=layer, accessMode=mode)
    result, _ = check(long)
    assert result.conforms == 1
    files = []
    for name in ("PM", "GO"):
        files.append(str(tmp_path / f"RGU_{name}.shp"))
        gdal.VectorTranslate(files[-1], inventory, layers=[name], layerName=f"RGU_{name}", format="ESRI Shapefile")
    result, found = check(*files)
    assert not [item for item in found if item["message"].startswith("There is no layer of primary markers")]


def test_landforms_that_are_none_need_no_judgement(inventory, check):
    """Nobody has to say how active a landslide is."""
    change(inventory, "PM", "Landform", 2)
    change(inventory, "PM", "Landform", 2, row=2)
    _, found = check(inventory)
    assert [layer for layer, _, _ in keys(found, "open")].count("PM") == 0


def test_overlaps_and_small_landforms_are_noted(make, write_polygons, check):
    """Neither is forbidden, and both are often mistakes."""
    made = make(write_polygons("o.gpkg", [box(0, 0, 400, 400), box(300, 0, 700, 400), box(2000, 0, 2050, 50)]))
    result, found = check(made.result.output)
    notes = [item["message"] for item in found if item["level"] == "note"]
    assert result.conforms == 1
    assert any("overlap" in message for message in notes)
    assert any("0.01 km²" in message for message in notes)


def test_layers_of_others(check, shared_data, tmp_path):
    """Outlines that were not made after the standard: what is missing is said, and what to do."""
    import shutil

    path = shutil.copy(shared_data / "andes_rock_glaciers" / "andes_rock_glaciers.gpkg", tmp_path)
    result, found = check(str(path))
    assert (result.errors, result.conforms) == (2, 0)
    assert all("Make an inventory" in item["message"] for item in found if item["level"] == "error")


@pytest.mark.parametrize(
    ("name", "geometry", "expected"),
    [
        ("ESACCI-PERMAFROST_ROGI_ALL-AREAS_GO_2025-fv02.0", "MultiPolygon", "GO"),
        ("RGU_PrimaryMarkers_Andes_AB", "Point", "PM"),
        ("TPRoGI_Extended_Footprint", "Polygon", "GO"),
        ("moving areas", "MultiPolygon", "MA"),
        # A word within another is none, and a marker is a point.
        ("gopher_map", "Polygon", ""),
        ("PM_buffers", "Polygon", ""),
    ],
)
def test_layers_are_told_by_their_names(name, geometry, expected):
    """Inventories call their layers by many names."""
    table = Table("x.gpkg", name, geometry, "", np.empty(0, object), {}, {}, False)
    assert recognised(table) == expected
