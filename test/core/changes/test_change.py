"""The change stage from files to files."""

from __future__ import annotations

import json
import xml.etree.ElementTree as ElementTree
from types import SimpleNamespace

import numpy as np
import pytest
import shapely
from rock_glacier_mapper.core.changes import change
from rock_glacier_mapper.core.contracts.change import ChangeOptions
from rock_glacier_mapper.core.errors import InvalidOptionError, InvalidVectorError, OutputError
from rock_glacier_mapper.core.progress import Progress
from rock_glacier_mapper.core.vectors.degrees import transformed
from rock_glacier_mapper.core.vectors.vector import read_layer

WEST, NORTH = 500_000.0, 7_000_000.0
# Of areas: UTM's scale on the central meridian.
GROUND = 1 / 0.9996**2


class Listener(Progress):
    def __init__(self):
        self.warnings = []

    def warn(self, message):
        self.warnings.append(message)


def box(left, top, right, bottom):
    return shapely.box(WEST + left, NORTH - bottom, WEST + right, NORTH - top)


@pytest.fixture
def compare(tmp_path):
    """Return a function that runs the stage and returns result, layers, record, report and warnings."""

    def run(before, after, **options):
        listener = Listener()
        paths = {
            name: str(tmp_path / f"change.{end}")
            for name, end in (("output", "gpkg"), ("report", "html"), ("json", "json"))
        }
        given = {"boundary_error": 1.0, **paths, **options}
        result = change.run(ChangeOptions(before=before, after=after, **given), listener)
        report = (tmp_path / "change.html").read_text("utf8")
        # The report is well-formed.
        ElementTree.fromstring(report.replace("<!DOCTYPE html>", ""))  # noqa: S314
        return SimpleNamespace(
            result=result,
            changes=read_layer(f"{result.output}|layername=change"),
            differences=read_layer(f"{result.output}|layername=differences"),
            record=json.loads((tmp_path / "change.json").read_text("utf8")),
            report=report,
            warnings=listener.warnings,
        )

    return run


@pytest.fixture
def slope(write_raster):
    """A DEM that falls south by 2 m a pixel."""
    return write_raster(
        "dem.tif", np.tile(5000 - 2.0 * np.arange(300)[:, np.newaxis], (1, 300))[np.newaxis], ["elevation"]
    )


def test_one_of_each_kind(compare, write_polygons, slope):
    """Grown, gone, split, merged, new and unchanged, with their areas, advances and errors."""
    before = [
        box(100, 100, 300, 600),
        box(500, 100, 600, 200),
        box(800, 100, 1100, 300),
        *(box(1300, 100, 1400, 300), box(1410, 100, 1500, 300)),
        box(2000, 100, 2200, 300),
    ]
    after = [
        box(100, 100, 300, 640),
        *(box(800, 100, 940, 300), box(960, 100, 1100, 300)),
        box(1300, 100, 1500, 300),
        box(2500, 100, 2600, 200),
        box(2000, 100, 2200, 301),
    ]
    found = compare(
        write_polygons("b.gpkg", before, id=np.arange(1, 7)),
        write_polygons("a.gpkg", after, id=np.arange(11, 17)),
        dem=slope,
        years=4.0,
    )
    columns = found.changes.columns
    assert columns["status"].tolist() == ["persistent", "gone", "split", "merged", "persistent", "new"]
    assert columns["trend"].tolist() == ["grown", "shrunk", "shrunk", "grown", "within error", "grown"]
    assert columns["ids_before"].tolist() == ["1", "2", "3", "4, 5", "6", None]
    assert columns["ids_after"].tolist() == ["11", None, "12, 13", "14", "16", "15"]
    expected = np.array([8000, -10_000, -4000, 2000, 200, 10_000]) * GROUND
    assert columns["area_change_m2"] == pytest.approx(expected, rel=1e-4, abs=1)
    assert columns["area_error_m2"][0] == pytest.approx(np.hypot(1400, 1480), rel=1e-3)
    assert columns["front_advance_m"][[0, 2, 4]] == pytest.approx([40, 0, 1], abs=0.1)
    assert np.isnan(columns["front_advance_m"][[1, 5]]).all()
    assert columns["front_advance_error_m"][0] == pytest.approx(np.sqrt(2))
    assert columns["flow_direction_deg"][0] == pytest.approx(180, abs=0.1)
    assert columns["front_advance_m_per_year"][0] == pytest.approx(10, rel=1e-3)
    assert columns["area_change_share"][0] == pytest.approx(0.08)
    result = found.result
    assert (result.landforms, result.new, result.gone, result.split, result.merged) == (6, 1, 1, 1, 1)
    # Of landforms that both dates have: the tongue grew and so did those that merged, the split one lost its middle.
    assert (result.grown, result.shrunk) == (2, 1)
    assert result.area_change_m2 == pytest.approx(expected.sum(), rel=1e-3)
    assert result.area_change_error_m2 == pytest.approx(np.sqrt((columns["area_error_m2"] ** 2).sum()))
    gained = found.differences.columns["kind"] == "gained"
    net = np.where(gained, 1, -1) * found.differences.columns["area_m2"]
    assert net.sum() == pytest.approx(result.area_change_m2, abs=1)
    assert found.record["figures"]["grown"] == 2
    assert "Moon and Joughin" in found.report
    assert found.changes.provenance[-1]["stage"] == "change"


def test_layers_in_different_systems(compare, write_polygons, utm, degrees):
    """Degrees are never taken for metres, whichever date has them."""
    shapes = np.array([box(100, 100, 300, 600), box(1000, 0, 1500, 500)], object)
    before = write_polygons("b.gpkg", shapes)
    after = write_polygons("a.gpkg", transformed(shapes, utm, degrees, "They"), crs=degrees)
    found = compare(before, after)
    assert found.result.landforms == 2
    assert found.result.area_before_m2 == pytest.approx(350_000 * GROUND, rel=1e-4)
    assert found.result.area_change_m2 == pytest.approx(0, abs=1)
    assert found.changes.columns["trend"].tolist() == ["within error"] * 2


def test_the_area_mapped_at_both_dates(compare, write_polygons):
    """What only one date's map covers is neither new nor gone."""
    before = write_polygons("b.gpkg", [box(0, 0, 100, 100), box(5000, 0, 5100, 100)])
    after = write_polygons("a.gpkg", [box(0, 0, 100, 100), box(9000, 0, 9100, 100)])
    assert any("give the area" in sentence for sentence in compare(before, after).warnings)
    found = compare(before, after, area=write_polygons("area.gpkg", [box(-100, -100, 500, 500)]))
    assert (found.result.landforms, found.result.new, found.result.gone) == (1, 0, 0)


def test_restricted_outlines_do_not_count(compare, write_polygons):
    """An inventory holds some landforms twice; only the extended outlines are compared."""
    kinds = np.array(["Extended", "Restricted"], object)
    both = write_polygons("b.gpkg", [box(0, 0, 400, 400), box(50, 50, 350, 350)], OutType=kinds)
    found = compare(both, write_polygons("a.gpkg", [box(0, 0, 400, 400)]))
    assert found.changes.columns["status"].tolist() == ["persistent"]


def test_rejected_outlines_do_not_count(compare, write_polygons):
    """What a reviewer has rejected is gone, or was never there."""
    shapes = [box(0, 0, 400, 400), box(1000, 0, 1400, 400)]
    before = write_polygons("b.gpkg", shapes)
    after = write_polygons("a.gpkg", shapes, review_status=np.array(["accepted", "rejected"], object))
    found = compare(before, after)
    assert found.changes.columns["status"].tolist() == ["persistent", "gone"]
    assert any("rejected in the review" in warning for warning in found.warnings)


def test_outlines_that_lie_in_others_are_linked_whatever_the_rounding(compare, write_polygons):
    """All of the smaller one is shared, to the last digits; and the same outline has not changed."""
    turns = [shapely.affinity.rotate(box(i * 900, 0, i * 900 + 333, 277), 7 * i + 0.1) for i in range(40)]
    wide = write_polygons("a.gpkg", [shape.buffer(30, join_style="mitre") for shape in turns])
    found = compare(write_polygons("b.gpkg", turns), wide, min_overlap=1.0)
    assert set(found.changes.columns["status"]) == {"persistent"}
    rings = [np.array(shape.exterior.coords)[:-1] for shape in turns]
    again = write_polygons("c.gpkg", [shapely.Polygon(np.roll(ring, 1, axis=0)) for ring in rings])
    same = compare(write_polygons("d.gpkg", turns), again, boundary_error=0.0)
    assert same.result.grown == same.result.shrunk == 0


def test_identifiers_that_are_used_twice(compare, write_polygons):
    """Landforms are told by where they lie, not by their identifiers."""
    shapes = [box(0, 0, 100, 100), box(1000, 0, 1100, 100)]
    path = write_polygons("b.gpkg", shapes, id=np.array([7, 7]))
    assert compare(path, path).result.landforms == 2


def test_nothing_at_one_date(compare, write_polygons):
    """An empty layer is a date without landforms, and the report says so."""
    some, none = write_polygons("b.gpkg", [box(0, 0, 300, 300)]), write_polygons("a.gpkg", [])
    assert compare(some, none).result.gone == 1
    assert compare(none, some).result.new == 1
    found = compare(none, write_polygons("c.gpkg", []))
    assert found.result.landforms == 0
    assert "no outlines" in found.report


def test_an_invalid_polygon_is_repaired(compare, write_polygons):
    """A bow tie of two triangles covers half of its square."""
    corners = [(0, 0), (100, 100), (100, 0), (0, 100)]
    tie = shapely.Polygon([(WEST + x, NORTH - y) for x, y in corners])
    found = compare(write_polygons("b.gpkg", [tie]), write_polygons("a.gpkg", [box(0, 0, 100, 100)]))
    assert found.result.area_before_m2 == pytest.approx(5000 * GROUND, rel=1e-3)
    assert any("repaired: 1" in sentence for sentence in found.warnings)


def test_a_dem_that_does_not_cover(compare, write_polygons, slope):
    """Areas are compared all the same; the advance is not known, and the reader is told why."""
    path = write_polygons("b.gpkg", [box(90_000, 0, 90_300, 300)])
    found = compare(path, path, dem=slope)
    assert np.isnan(found.changes.columns["front_advance_m"]).all()
    assert any("less than 90 %" in sentence for sentence in found.warnings)


@pytest.mark.parametrize(
    ("options", "error", "sentence"),
    [
        ({"boundary_error": -1.0}, InvalidOptionError, "at least 0"),
        ({"crs": ""}, InvalidVectorError, "no coordinate reference system"),
        ({"output": "change.shp"}, OutputError, "ends in .gpkg"),
        ({"area": "none.gpkg"}, InvalidVectorError, "cannot be read"),
    ],
)
def test_one_sentence_and_no_file(compare, write_polygons, tmp_path, utm, options, error, sentence):
    """Nothing half-written is left."""
    path = write_polygons("b.gpkg", [box(0, 0, 300, 300)], crs=options.pop("crs", utm))
    if "output" in options:
        options["output"] = str(tmp_path / options["output"])
    with pytest.raises(error, match=sentence):
        compare(path, path, **options)
    assert [item.name for item in tmp_path.iterdir()] == ["b.gpkg"]


def test_a_failing_report_leaves_nothing(compare, write_polygons, tmp_path, monkeypatch):
    """All outputs appear together or not at all, and older ones stay as they were."""
    path = write_polygons("b.gpkg", [box(0, 0, 300, 300)])
    (tmp_path / "change.gpkg").write_text("old")
    (tmp_path / "change.html").mkdir()
    with pytest.raises(OutputError, match="is a folder"):
        compare(path, path)
    assert (tmp_path / "change.gpkg").read_text() == "old"
