"""Options and result of the stage that describes a model or a rule set."""

from __future__ import annotations

from dataclasses import dataclass

from ..options import Options, field_info, option
from .classify import ClassifyOptions
from .heatmap import HeatmapOptions


@dataclass(frozen=True)
class DescribeOptions(Options):
    """Describe a model or a rule set for people: what it needs, what it gives, where it comes from."""

    model: str = option("", help=field_info(HeatmapOptions, "model").help)
    rules: str = option("", help=field_info(ClassifyOptions, "rules").help)
    output: str = option("", help="Where to keep the description (.txt). Empty: it is only shown.")


@dataclass(frozen=True)
class DescribeResult:
    """The description, lines of at most 100 characters but for expressions."""

    text: str
