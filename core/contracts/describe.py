"""Options and result of the stage that describes a model."""

from __future__ import annotations

from dataclasses import dataclass

from ..options import Options, option, same_option
from .heatmap import HeatmapOptions


@dataclass(frozen=True)
class DescribeOptions(Options):
    """Describe a model for people: what it needs, what it gives, how it was trained and how good it is."""

    model: str = same_option(HeatmapOptions, "model")
    output: str = option("", help="Where to keep the description (.txt). Empty: it is only shown.")


@dataclass(frozen=True)
class DescribeResult:
    """The description, lines of at most 100 characters."""

    text: str
