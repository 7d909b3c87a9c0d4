"""Options and result of the stage that describes a rule set."""

from __future__ import annotations

from dataclasses import dataclass

from ..options import Options, option, same_option
from .classify import ClassifyOptions


@dataclass(frozen=True)
class DescribeRulesOptions(Options):
    """Describe a rule set for people: layers, classes, passes with their reasons, and an expression for QGIS."""

    rules: str = same_option(ClassifyOptions, "rules")
    output: str = option("", help="Where to keep the description (.txt). Empty: it is only shown.")


@dataclass(frozen=True)
class DescribeRulesResult:
    """The description, lines of at most 100 characters but for the expression."""

    text: str
