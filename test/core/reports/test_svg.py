"""Line charts: places by hand, and the odd curves that a search for the scale can give."""

from __future__ import annotations

import math
import re
import xml.etree.ElementTree as ElementTree

import pytest
from rock_glacier_mapper.core.reports.svg import Line, Mark, line_chart


def paths(svg):
    root = ElementTree.fromstring(svg)  # noqa: S314  (our own drawing)
    return [path.attrib["d"] for path in root.iter("path") if path.attrib.get("class") == "line"]


def chart(x, *values, marks=()):
    lines = [Line(f"line {number}", 'stroke="#000000"', each) for number, each in enumerate(values)]
    return line_chart(x, lines, "title & more", "x", marks)


def test_a_line_rises_from_left_to_right():
    """The first place is on the left axis, 0 on the lower one; larger values are higher up."""
    (path,) = paths(chart([10, 20, 30], [0, 1, 2]))
    points = [tuple(map(float, point)) for point in re.findall(r"([\d.]+) ([\d.]+)", path)]
    assert [x for x, _ in points] == pytest.approx([70, 476, 882])
    assert points[0][1] == pytest.approx(260 - 48)
    assert points[0][1] > points[1][1] > points[2][1] > 34


def test_a_line_breaks_where_there_is_no_value():
    """The first level has no rate of change, and a level after 0 has none."""
    (path,) = paths(chart([1, 2, 3, 4, 5], [math.nan, 1, 2, math.nan, 1]))
    assert re.sub(r"[^ML]", "", path) == "MLM"


@pytest.mark.parametrize("values", [[0.0], [3.0], [math.nan], [-2.0]])
def test_a_single_level(values):
    """Nothing to draw a line between; the chart stands all the same."""
    assert len(paths(chart([20.0], values))) == 1


@pytest.mark.parametrize("values", [[0, 0, 0], [5, 5, 5], [-1, -5, -2], [1e-9, 2e-9, 0]])
def test_even_negative_and_tiny_curves(values):
    """Every point lies in the frame."""
    (path,) = paths(chart([1, 2, 3], values))
    assert all(34 <= float(y) <= 212.01 for _, y in re.findall(r"([\d.]+) ([\d.]+)", path))


def test_names_and_marks():
    """Several lines are named; a mark is a dot with its text."""
    svg = chart([1, 2], [1, 2], [2, 1], marks=[Mark(2, 2, "<40>")])
    assert "line 0" in svg and "line 1" in svg and "&lt;40&gt;" in svg and "title &amp; more" in svg
    assert svg.count("<circle") == 1
    assert "line 0" not in chart([1, 2], [1, 2])
