"""The accuracy report and its map: well-formed, self-contained, safe, and true to the figures."""

from __future__ import annotations

import base64
import re
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
import shapely
from osgeo import gdal, osr
from rock_glacier_mapper.core.assessment.report import report_page
from rock_glacier_mapper.core.assessment.report_map import MapLayers, draw_map
from rock_glacier_mapper.core.assessment.reporttexts import (
    metres,
    percent,
    range_text,
    signed_percent,
    square_kilometres,
)
from rock_glacier_mapper.core.errors import Cancelled
from rock_glacier_mapper.core.progress import Progress
from rock_glacier_mapper.core.rasters.raster import Band, Grid, RasterWriter
from rock_glacier_mapper.core.reports.svg import round_length

NASTY = '<script src="http://example.org/x.js">&"\'</script>'


def utm() -> str:
    reference = osr.SpatialReference()
    reference.ImportFromEPSG(32719)
    return reference.ExportToWkt()


def layers(reference=(), mapped=(), area=()) -> MapLayers:
    """Return layers of squares (west, south, side, matched); the area's have no fourth number."""

    def boxes(given):
        return np.array([shapely.box(x, y, x + side, y + side) for x, y, side, *_ in given], dtype=object)

    def status(given, missing):
        return np.array(["matched" if square[3] else missing for square in given], dtype=object)

    statuses = status(reference, "missed"), status(mapped, "false")
    return MapLayers(boxes(reference), statuses[0], boxes(mapped), statuses[1], boxes(area), utm())


def record(**changes) -> dict:
    """Return a record such as the stage makes, every text of the user nasty."""
    figures = {
        "producers_accuracy": 0.754,
        "users_accuracy": 0.689,
        "f1": 0.72,
        "iou": 0.5625,
        "area_bias": -0.0312,
        "mean_landform_area_bias": 0.28,
        "detected": 0.9,
        "reference_count": 120,
        "matched_count": 108,
        "missed_count": 12,
        "mapped_count": 130,
        "false_count": 20,
        "true_positive_m2": 6e6,
        "false_positive_m2": 3e6,
        "false_negative_m2": 1e6,
        "mapped_m2": 9e6,
        "reference_m2": 7e6,
    }
    figures |= {
        "split_count": 2,
        "merged_count": 3,
        "boundary_distance": 12.34,
        "boundary_distance_95": 123.4,
        "heatmap_average_precision": 0.6,
        "heatmap_best_f1": 0.5,
        "heatmap_best_threshold": 0.4,
        "heatmap_calibration_error": 0.01,
        "heatmap_brier_score": 0.02,
    }
    for prefix in ("", "overlap_"):
        names = ("pair_count", "landform_recall", "landform_precision", "landform_f1", "mean_pair_iou")
        figures |= dict(zip((f"{prefix}{name}" for name in names), (70, 0.6, 0.5, 0.55, 0.71), strict=True))
    for name in ("area", "mapped_area"):
        figures |= {f"adjusted_{name}_m2": 5e6, f"adjusted_{name}_error_m2": 1e6}
    for name in ("producers_accuracy", "users_accuracy", "overall_accuracy"):
        figures |= {f"adjusted_{name}": 0.98, f"adjusted_{name}_error": 0.02}
    row = {"group": NASTY, "count": 2, "matched": 1, "detected": 0.5, "area_m2": 1e5, "producers_accuracy": None}
    row |= {"detected_interval": [0.1, 0.9], "split": 1}
    mapped_row = {"group": NASTY, "count": 2, "matched": 1, "confirmed": 0.5, "area_m2": 1e5, "users_accuracy": None}
    mapped_row |= {"confirmed_interval": [0.1, 0.9], "merged": 1}
    return {
        "inputs": {
            "mapped": {"path": f"/data/{NASTY}.gpkg", "landforms": 130, "repaired": 0, "cut_by_area": 0},
            "reference": {"path": "/data/x.gpkg|layername=PM", "landforms": 120, "repaired": 0, "cut_by_area": 0},
            "area": NASTY,
            "heatmap": None,
            "points": None,
        },
        "options": {"min_overlap": 0.3, "min_iou": 0.5, "repetitions": 100, "seed": 0},
        "crs": {"name": NASTY, "wkt": "", "reprojected": True},
        "figures": figures | changes,
        "intervals": {"level": 0.95, "figures": {"f1": [0.61, 0.81], "area_bias": [-0.1, 0.1]}},
        "tables": [{"title": f"By {NASTY}", "column": NASTY, "rows": [row]}],
        "mapped_tables": [{"title": f"By {NASTY}", "column": NASTY, "rows": [mapped_row]}],
        "heatmap": None,
        "points": None,
        "notes": [NASTY],
        "provenance": {"mapped": [{"stage": NASTY}], "accuracy": {"software_version": NASTY}},
    }


def with_everything() -> dict:
    """Return a record with a heatmap and checked points."""
    full = record()
    full["inputs"] |= {"heatmap": "h.tif", "points": "p.gpkg"}
    full["heatmap"] = {
        "pixels": 100,
        "reference_pixels": 10,
        "precision_recall": [
            {"threshold": 0.9, "precision": 1.0, "recall": 0.5},
            {"threshold": 0.4, "precision": 0.5, "recall": 1.0},
        ],
        "reliability": [{"low": 0.9, "high": 1.0, "pixels": 5, "mean": 0.93, "observed": 0.8}],
    }
    kinds = ("mapped_and_true", "mapped_only", "true_only", "neither")
    full["points"] = {
        "checked": 44,
        "unchecked": 0,
        "inside": 43,
        "counts": dict(zip(kinds, (11, 12, 13, 14), strict=True)),
        "area_shares": dict(zip(kinds, (0.1, 0.2, 0.3, 0.4), strict=True)),
        "strata": [{"stratum": NASTY, "area_m2": 1e6, "checked": 44, "rock_glaciers": 24}],
    }
    return full


def element(xml: str) -> ElementTree.Element:
    return ElementTree.fromstring(xml)  # noqa: S314  (our own page)


def parsed(page: str) -> ElementTree.Element:
    assert page.startswith("<!DOCTYPE html>\n")
    return element(page.removeprefix("<!DOCTYPE html>"))


def test_page_is_well_formed_and_complete():
    """The page is XML, no placeholder is left, and it holds the main figures as a reader expects them."""
    svg = draw_map(layers([(0, 0, 100, True)], [(50, 0, 100, True)]), "", Progress())
    page = report_page(record(), svg)
    text = "".join(parsed(page).itertext())
    assert not re.search(r"\$[a-z]", page)
    for figure in (
        "108 of 120",
        "75.4\u00a0%",
        "68.9\u00a0%",
        "0.720",
        "0.562",
        "\u22123.1\u00a0%",
        "+28.0\u00a0%",
        "n/a",
    ):
        assert figure in text


def test_text_of_the_user_is_escaped():
    """Neither a file name, a class, a note, a reference system nor a provenance can put an element into the page."""
    root = parsed(report_page(record(), ""))
    assert root.find(".//script") is None
    assert "".join(root.itertext()).count("<script") >= 8


def test_page_loads_nothing():
    """No element refers to anything but the page itself and embedded pictures, and the page forbids the rest."""
    svg = draw_map(layers([(0, 0, 100, True)]), "", Progress())
    root = parsed(report_page(record(), svg))
    links = [
        value
        for part in root.iter()
        for name, value in part.attrib.items()
        if name.split("}")[-1] in ("src", "href", "data", "action", "poster", "srcset")
    ]
    assert [link for link in links if not link.startswith("data:")] == []
    assert {part.tag for part in root.iter()}.isdisjoint({"script", "link", "iframe", "object", "embed"})
    style = root.find("head/style").text
    assert "url(" not in style and "@import" not in style
    policy = root.find("head/meta[@http-equiv]").attrib["content"]
    assert "default-src 'none'" in policy


def test_sections_that_were_asked_for():
    """Heatmap and points have their figures, curves and matrix if they were given, and nothing otherwise."""
    plain = report_page(record(), "")
    assert "Heatmap average precision" not in plain and "Estimates from checked points" not in plain
    full = with_everything()
    root = parsed(report_page(full, ""))
    text = "".join(root.itertext())
    assert "3.0400 to 6.9600\u00a0km\u00b2" in text and "From 44 points" in text
    # A share of 0.98 with an error of 0.02 ends at 1.
    assert "94.1 to 100.0\u00a0%" in text
    assert len(root.findall(".//svg")) == 2 and root.find(".//script") is None
    full["figures"]["heatmap_average_precision"] = None
    assert "Heatmap average precision</b><strong>n/a" in report_page(full, "")
    full["heatmap"] |= {"reference_pixels": 0, "precision_recall": []}
    assert parsed(report_page(full, "")).find(".//svg") is None


def test_intervals_stand_with_their_figures():
    """A figure with an interval shows it; one without has no empty line."""
    page = report_page(record(), "")
    assert "<strong>0.720</strong><small>95 %: 0.610 to 0.810</small>" in page
    assert page.count("<small>") == 2
    assert range_text([-0.1, 0.1], signed_percent) == "\u221210.0 to +10.0\u00a0%"
    assert range_text(None, percent) == ""
    assert (metres(12.34), metres(123.4), metres(None)) == ("12.3\u00a0m", "123\u00a0m", "n/a")


def test_bar_of_areas():
    """Missed, agreed and false areas of 1, 6 and 3 km2 take 10, 60 and 30 % of the bar."""
    root = parsed(report_page(record(), ""))
    bar = root.find(".//div[@class='areas']")
    assert [(part.attrib["class"], part.attrib["style"]) for part in bar] == [
        ("fn", "width:10.000%"),
        ("tp", "width:60.000%"),
        ("fp", "width:30.000%"),
    ]


def test_numbers_as_text():
    """Shares, biases and areas are written with their units; a minus is a minus."""
    assert percent(None) == "n/a"
    assert signed_percent(-0.0001) == "+0.0\u00a0%"
    assert signed_percent(-0.05) == "\u22125.0\u00a0%"
    assert square_kilometres(12_345) == "0.0123\u00a0km\u00b2"


def groups(svg: str) -> dict[str, int]:
    """Return how many paths each kind of outline has."""
    root = element(svg)
    names = ("reference-matched", "reference-missed", "mapped-matched", "mapped-false", "area")
    found = {name: root.find(f".//g[@class='{name}']") for name in names}
    return {name: len(group) for name, group in found.items() if group is not None}


def test_map_draws_every_outline_once():
    """Each landform is one path in the group of its status."""
    drawing = layers(
        reference=[(0, 0, 100, True), (500, 0, 100, False), (900, 0, 100, False)],
        mapped=[(0, 0, 100, True), (0, 500, 100, False)],
        area=[(-100, -100, 2000)],
    )
    assert groups(draw_map(drawing, "", Progress())) == {
        "reference-matched": 1,
        "reference-missed": 2,
        "mapped-matched": 1,
        "mapped-false": 1,
        "area": 1,
    }


def test_map_puts_north_up():
    """A square in the north is drawn above one in the south; one in the east is right of one in the west."""
    svg = draw_map(layers([(0, 0, 100, True), (1000, 0, 100, True), (0, 1000, 100, True)]), "", Progress())
    paths = element(svg).findall(".//g[@class='reference-matched']/path")
    first = [np.array(re.findall(r"[-\d.]+", path.attrib["d"]), dtype=float).reshape(-1, 2).mean(0) for path in paths]
    south_west, south_east, north_west = first
    assert south_east[0] > south_west[0]
    assert north_west[1] < south_west[1]
    assert south_east[1] == pytest.approx(south_west[1], abs=0.2)


def test_map_scale_bar_is_true():
    """The bar's drawn length is that of the ground that it states."""
    svg = draw_map(layers([(0, 0, 1000, True)]), "", Progress())
    root = element(svg)
    bar = root.find(".//g[@class='scale-bar']")
    drawn = sum(float(part.attrib["width"]) for part in bar.findall("rect"))
    stated = bar.findall("text")[1].text
    path = root.find(".//g[@class='reference-matched']/path").attrib["d"]
    corners = np.array(re.findall(r"[-\d.]+", path), dtype=float).reshape(-1, 2)
    square = corners[:, 0].max() - corners[:, 0].min()
    assert stated == "200 m"
    assert drawn / square == pytest.approx(0.2, rel=0.01)


@pytest.mark.parametrize(("largest", "rounded"), [(1, 1), (1.99, 1), (2, 2), (4999, 2000), (5000, 5000), (0.03, 0.02)])
def test_round_lengths(largest, rounded):
    """Scale bar and coordinates step by 1, 2 or 5 times a power of ten."""
    assert round_length(largest) == pytest.approx(rounded)


def test_map_of_nothing():
    """Without outlines and without an area there is no map, and the page says so."""
    svg = draw_map(layers(), "", Progress())
    assert svg == ""
    assert "nothing to show" in report_page(record(), svg)


def test_map_of_a_landform_with_a_hole():
    """A hole is a second ring of the same path."""
    ring = shapely.box(0, 0, 100, 100).difference(shapely.box(40, 40, 60, 60))
    drawing = layers([(0, 0, 100, True)])
    drawing.reference[0] = ring
    svg = draw_map(drawing, "", Progress())
    path = element(svg).find(".//g[@class='reference-matched']/path").attrib["d"]
    assert path.count("M") == path.count("Z") == 2


@pytest.fixture
def heatmap(tmp_path) -> str:
    """Write a heatmap of 2 x 1 pixels of 100 m, the right one nodata, over the first square of the map."""
    path = str(tmp_path / "heatmap.tif")
    grid = Grid(2, 1, (0.0, 100.0, 0.0, 100.0, 0.0, -100.0), utm())
    with RasterWriter(path, grid, [Band("heatmap", "uint8", 255, 0.004)]) as raster:
        raster.write(grid.whole, np.array([[[1.0, np.nan]]]))
    return path


def test_heatmap_behind_the_outlines(heatmap):
    """The picture is a PNG of at most 1200 pixels: dark where the heatmap is 1, transparent where it is nodata."""
    svg = draw_map(layers([(0, 0, 100, True), (100, 0, 100, True)]), heatmap, Progress())
    image = element(svg).find(".//image")
    gdal.FileFromMemBuffer("/vsimem/picture.png", base64.b64decode(image.attrib["href"].split(",")[1]))
    picture = gdal.Open("/vsimem/picture.png").ReadAsArray()
    gdal.Unlink("/vsimem/picture.png")
    _, height, width = picture.shape
    assert width <= 1200
    left, right = picture[:, height // 2, width // 4], picture[:, height // 2, 3 * width // 4]
    assert (left.tolist(), right[1]) == ([112, 255], 0)


def test_drawing_the_heatmap_can_be_cancelled(heatmap):
    """A large heatmap does not keep the user waiting."""

    class Stopped(Progress):
        def cancelled(self) -> bool:
            return True

    with pytest.raises(Cancelled):
        draw_map(layers([(0, 0, 100, True)]), heatmap, Stopped())
