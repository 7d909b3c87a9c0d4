"""The description of a rule set."""

from __future__ import annotations

from pathlib import Path

import pytest
from rock_glacier_mapper.core.contracts.describerules import DescribeRulesOptions
from rock_glacier_mapper.core.errors import InvalidRuleSetError, OutputError
from rock_glacier_mapper.core.progress import Progress
from rock_glacier_mapper.core.rules.describerules import run


def test_everything_is_told(tmp_path: Path) -> None:
    """Its layers, its classes, and each pass with its reasons; and the first pass for QGIS."""
    text = run(DescribeRulesOptions("rgb_nir_2m", str(tmp_path / "rules.txt")), Progress()).text
    words = " ".join(text.split())
    for part in (
        "slope degrees, 0 to 90",
        "shade Shade, #4d4d4d, a kind of dark",
        "Pass 2: Shadows and snow in furrows, for shade, snow_ice, vegetation, up to 3 times",
        "relative_border_to:rock_glacier above 0.8 (corners 0.5, 0.8). A furrow",
        "water if slope_mean below 3",
    ):
        assert part in words
    description, expression = text.split("Pass 1 as an expression of QGIS\n")
    assert max(map(len, description.splitlines())) <= 100
    assert expression.startswith("with_variable(")
    assert (tmp_path / "rules.txt").read_text("utf-8") == text


def test_what_it_says_of_landforms_is_told() -> None:
    """Each value of reshaping that a rule set may give, in words."""
    words = " ".join(run(DescribeRulesOptions("full_stack"), Progress()).text.split())
    for part in (
        "min_heatmap drop landforms whose mean heatmap is below 0.72",
        "grow grow into touching pixels whose heatmap is at least 0.5",
        "shrink drop pixels whose heatmap is below 0.45",
        "grow_into grow into objects of the classes unclassified, vegetation, steep_rock",
    ):
        assert part in words


def test_bad_input(tmp_path: Path) -> None:
    """The same sentences as everywhere, and no file."""
    with pytest.raises(InvalidRuleSetError, match="no shipped rule set `nosuch`"):
        run(DescribeRulesOptions("nosuch", str(tmp_path / "rules.txt")), Progress())
    with pytest.raises(OutputError, match=r"ends in \.txt"):
        run(DescribeRulesOptions("rgb", str(tmp_path / "rules.json")), Progress())
    assert list(tmp_path.iterdir()) == []
