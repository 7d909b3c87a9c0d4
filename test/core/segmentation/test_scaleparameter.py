"""The stage `scaleparameter` on nested squares whose right scales are known, and its report."""

from __future__ import annotations

import json
import math
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import numpy as np
import pytest
import shapely
from rock_glacier_mapper.core.contracts.scaleparameter import ScaleParameterOptions
from rock_glacier_mapper.core.contracts.segment import SegmentOptions
from rock_glacier_mapper.core.errors import (
    Cancelled,
    InvalidOptionError,
    InvalidRasterError,
    InvalidVectorError,
    OutputError,
)
from rock_glacier_mapper.core.progress import Progress
from rock_glacier_mapper.core.segmentation.scaleparameter import run
from rock_glacier_mapper.core.segmentation.segment import run as segment


class Listener(Progress):
    """Remembers warnings."""

    def __init__(self) -> None:
        self.warnings: list[str] = []

    def warn(self, message: str) -> None:
        self.warnings.append(message)


def chequered(side, width=96):
    places = np.arange(width)
    return (places[:, np.newaxis] // side + places // side) % 2


def squares(side, count, width=96):
    """Return `count` outlines of squares of pixels, row by row, in the coordinates of the fixtures' grid."""
    starts = [(row, column) for row in range(0, width, side) for column in range(0, width, side)][:count]
    return [shapely.box(5e5 + 10 * x, 7e6 - 10 * (y + side), 5e5 + 10 * (x + side), 7e6 - 10 * y) for y, x in starts]


@pytest.fixture
def nested(write_raster):
    """144 squares of 8 pixels in 9 squares of 32 pixels: 16 and 100 grey levels apart, with noise of 2."""
    noise = np.random.default_rng(5).normal(0, 2, (96, 96))
    return write_raster("nested.tif", (chequered(8) * 16.0 + chequered(32) * 100.0 + noise)[np.newaxis], ["B04"])


@pytest.fixture
def choose(tmp_path):
    """Return a function that runs the stage and gives its result and the figures."""

    def do(input_path, progress=None, **options):
        report, figures = str(tmp_path / "report.html"), tmp_path / "figures.json"
        options = {"scale_to": 60.0, "report": report, "json": str(figures), **options}
        result = run(ScaleParameterOptions(input=input_path, **options), progress or Progress())
        return result, json.loads(figures.read_text("utf-8"))

    return do


def test_local_variance_finds_the_large_squares(nested, choose):
    """The curve is flat at the small squares (scales 10 to 35), jumps where the large ones are whole, and is flat."""
    result, figures = choose(nested)
    objects = {level["scale"]: level["objects"] for level in figures["levels"]}
    assert [objects[scale] for scale in (10, 35, 40, 60)] == [144, 144, 9, 9]
    assert result.best_scale == 40
    assert result.peaks == "40"
    assert math.isnan(result.best_d)
    rates = {level["scale"]: level["rate_of_change_percent"] for level in figures["levels"]}
    assert rates[5] is None and rates[15] == 0 and rates[40] > 100


def test_outlines_find_the_squares_that_they_show(nested, choose, write_polygons):
    """Outlines of small squares ask for the first scale that gives these, those of large ones for theirs: D is 0."""
    small = write_polygons("small.gpkg", squares(8, 20))
    result, figures = choose(nested, reference=small)
    assert (result.best_scale, result.best_d) == (10, 0)
    worst = figures["levels"][-1]
    assert worst["over_segmentation"] == 0
    assert worst["under_segmentation"] == pytest.approx(1 - 64 / 1024)
    assert worst["d"] == pytest.approx(math.sqrt((1 - 64 / 1024) ** 2 / 2))
    result, figures = choose(nested, reference=write_polygons("large.gpkg", squares(32, 9)))
    assert (result.best_scale, result.best_d) == (40, 0)
    assert figures["levels"][1]["over_segmentation"] == pytest.approx(1 - 64 / 1024)
    assert figures["levels"][1]["under_segmentation"] == 0


def test_levels_are_those_of_segment(nested, choose, tmp_path):
    """The number of objects is what the node makes at that scale, so that its scale can be taken from here."""
    _, figures = choose(nested, scale_from=7.0, scale_to=7.0, shape=0.3, compactness=0.8)
    options = SegmentOptions(input=nested, output=str(tmp_path / "labels.tif"), scale=7.0, shape=0.3, compactness=0.8)
    assert figures["levels"][0]["objects"] == segment(options, Progress()).objects


def test_outlines_that_are_none_of_the_pixels_do_not_count(nested, choose, write_polygons):
    """Slivers below a pixel, and outlines beneath others, are compared with nothing, and make nothing more certain."""
    large = squares(32, 3)
    slivers = [shapely.box(500011 + 40 * n, 6999011, 500012 + 40 * n, 6999012) for n in range(9)]
    _, figures = choose(nested, reference=write_polygons("both.gpkg", [*large, *large, *slivers]))
    assert figures["outlines"] == {"used": 3, "total": 15}
    assert any("rest on 3 outlines only" in note for note in figures["notes"])


def test_area_limits_the_outlines(nested, choose, write_polygons):
    """Only outlines that lie wholly in it count; the report says how many."""
    outlines = write_polygons("mixed.gpkg", [*squares(8, 3), squares(32, 9)[8]])
    area = write_polygons("area.gpkg", [shapely.box(500600, 6999000, 501000, 6999400)])
    result, figures = choose(nested, reference=outlines, area=area)
    assert result.best_scale == 40
    assert figures["outlines"] == {"used": 1, "total": 4}
    assert any("1 of the 4 reference outlines" in note for note in figures["notes"])
    assert any("rest on 1 outline only" in note for note in figures["notes"])


def test_part_lies_where_the_outlines_are(write_raster, choose, write_polygons, monkeypatch):
    """Of two groups, the larger one is taken; outlines that reach beyond the part do not count."""
    monkeypatch.setattr("rock_glacier_mapper.core.segmentation.referenceoutlines.LARGEST_SIDE", 40)
    path = write_raster("wide.tif", chequered(8, 200)[np.newaxis] * 100.0, ["B04"])
    boxes = [
        squares(8, 1)[0],
        *(shapely.box(5e5 + x, 7e6 - 1500, 5e5 + x + 80, 7e6 - 1420) for x in (1200, 1280, 1360)),
    ]
    _, figures = choose(path, reference=write_polygons("r.gpkg", boxes))
    x, y, width, height = figures["window"]
    assert (width, height) == (40, 40)
    assert x <= 120 and x + 40 >= 144 and y <= 142 and y + 40 >= 150
    assert figures["outlines"] == {"used": 3, "total": 4}


def test_part_is_stretched_as_the_whole(write_raster, choose):
    """A part that is even but for one grey level is even: the limits are those of the raster."""
    values = np.full((1, 32, 64), 200.0)
    values[0, :, :16], values[0, :, 16:32] = 0.0, 1.0
    path = write_raster("s.tif", values, ["B04"])
    _, figures = choose(path, extent="500000,500320,6999680,7000000", scale_from=30.0, scale_to=30.0)
    assert figures["levels"][0]["objects"] == 1


def test_no_peak_is_no_proposal(nested, choose):
    """A number that stands for nothing would go unseen into a model."""
    listener = Listener()
    result, figures = choose(nested, listener, scale_to=30.0)
    assert math.isnan(result.best_scale) and result.peaks == ""
    assert figures["best_scale"] is None
    assert any("no peak" in warning for warning in listener.warnings)
    assert "No scale is proposed" in Path(result.report).read_text("utf-8")


def test_best_at_the_end_of_the_range_is_told(nested, choose, write_polygons):
    """The best scale may lie beyond."""
    _, figures = choose(nested, reference=write_polygons("large.gpkg", squares(32, 9)), scale_to=40.0)
    assert any("widen the range" in note for note in figures["notes"])


def test_report_is_whole_and_well_formed(nested, choose, write_polygons):
    """XML without placeholders, with one row a scale, three charts, and every file name escaped."""
    result, figures = choose(nested, reference=write_polygons("a&b <i>.gpkg", squares(8, 20)))
    page = Path(result.report).read_text("utf-8")
    root = ElementTree.fromstring(page.removeprefix("<!DOCTYPE html>"))  # noqa: S314  (our own page)
    assert not any(f"${name}" in page for name in ("title", "content", "cards", "charts", "table", "footer"))
    assert len(root.findall(".//tbody/tr")) == len(figures["levels"]) == 12
    charts = root.findall(".//svg")
    assert len(charts) == 3
    assert [len(chart.findall("path[@class='line']")) for chart in charts] == [3, 1, 1]
    assert "a&b <i>.gpkg" in "".join(root.itertext())
    assert "Clinton" in page and "Tiede" in page


def test_report_without_outlines_says_nothing_of_them(nested, choose):
    """Two charts, and no over-segmentation."""
    page = Path(choose(nested)[0].report).read_text("utf-8")
    assert page.count("<svg") == 2
    assert "Clinton" not in page and "<th>OS</th>" not in page


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"scale_from": 50.0, "scale_to": 40.0}, InvalidOptionError, "make 0 scales"),
        ({"scale_step": 0.1}, InvalidOptionError, "make 551 scales; 1 to 100"),
        ({"weights": ("B04=0",), "shape": 0.0}, InvalidOptionError, "leaves out every band"),
        ({"extent": "0,1,0,1"}, InvalidOptionError, "beside the raster"),
        ({"report": "report.pdf"}, OutputError, "html"),
        ({"json": "figures.txt"}, OutputError, "json"),
        ({"reference": "absent.gpkg"}, InvalidVectorError, "absent"),
        ({"area": "area.gpkg"}, InvalidOptionError, "`area` limits reference outlines"),
    ],
)
def test_bad_input_leaves_no_output(nested, choose, tmp_path, options, error, message):
    """One sentence, and no file."""
    named = {
        key: str(tmp_path / value) if key in ("report", "json", "reference") else value
        for key, value in options.items()
    }
    with pytest.raises(error, match=message):
        choose(nested, **named)
    assert [item.name for item in tmp_path.iterdir()] == ["nested.tif"]


def test_outlines_elsewhere(nested, choose, write_polygons):
    """Outlines beside the raster, or none in the area, are not taken for a perfect fit."""
    away = write_polygons("away.gpkg", [shapely.box(0, 0, 80, 80)])
    with pytest.raises(InvalidVectorError, match="None of the 1 outlines"):
        choose(nested, reference=away)
    with pytest.raises(InvalidVectorError, match="no outline that lies wholly in the area"):
        choose(nested, reference=write_polygons("r.gpkg", squares(8, 2)), area=away)


def test_part_without_data(write_raster, choose):
    """Nothing can be tried there."""
    values = np.ones((1, 8, 8))
    values[0, :, :4] = np.nan
    with pytest.raises(InvalidOptionError, match="has no data"):
        choose(write_raster("s.tif", values, ["B04"]), extent="500000,500040,6999920,7000000")


def test_missing_raster(choose, tmp_path):
    """The file is named."""
    with pytest.raises(InvalidRasterError, match=r"absent\.tif"):
        choose(str(tmp_path / "absent.tif"))


def test_cancelled_search_leaves_nothing(nested, choose, tmp_path):
    """Cancelling is asked for within every scale."""

    class StopAfter(Progress):
        left = 60

        def cancelled(self):
            self.left -= 1
            return self.left < 0

    with pytest.raises(Cancelled):
        choose(nested, StopAfter())
    assert [item.name for item in tmp_path.iterdir()] == ["nested.tif"]
