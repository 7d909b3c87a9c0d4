"""Options and results of the stages that try a rule set out while it is edited.

A host that asks them of one worker, one after the other, pays for reading the objects once.
"""

from __future__ import annotations

from dataclasses import dataclass

from ..options import Options, option, same_option
from .classify import ClassifyOptions


@dataclass(frozen=True)
class ObjectColumnsOptions(Options):
    """Read objects and tell how the values of their columns are spread."""

    objects: str = same_option(ClassifyOptions, "objects")
    bins: int = option(80, help="Bars of each histogram.", minimum=1, maximum=1000)


@dataclass(frozen=True)
class Column:
    """A column of numbers.

    Attributes
    ----------
    name : str
    low, high : float
        Ends of the histogram: the smallest and largest value, NaN where there is none.
    nulls : int
        Objects without a value.
    histogram : tuple of int
        Objects in bars of equal width.
    """

    name: str
    low: float
    high: float
    nulls: int
    histogram: tuple[int, ...]


@dataclass(frozen=True)
class ObjectColumnsResult:
    """The number of objects, their columns of numbers, and the names of those of text."""

    objects: int
    columns: tuple[Column, ...]
    texts: tuple[str, ...]


@dataclass(frozen=True)
class TryRulesOptions(Options):
    """Apply a rule set to objects without writing anything: count what each condition lets pass, paint the classes."""

    objects: str = same_option(ClassifyOptions, "objects")
    document: str = option(help="Rule set: the text of its JSON document.")
    extent: str = option(
        "",
        help="Part of the map to paint, xmin,xmax,ymin,ymax, in the system behind it in square brackets, or "
        "that of the objects. Empty: nothing is painted.",
    )
    width: int = option(0, help="Width of the picture in pixels.", minimum=0, maximum=16384)
    height: int = option(0, help="Height of the picture in pixels.", minimum=0, maximum=16384)
    shown: str = option(
        "",
        help="What the picture shows: the place of a condition or rule, such as passes[0].rules[1], for its "
        "memberships. Empty: the classes.",
    )


@dataclass(frozen=True)
class RuleCount:
    """What became of a condition or a rule.

    Attributes
    ----------
    place : str
        Where it stands in the document, as in ``passes[0].rules[1].conditions[2]``.
    asked : int
        Objects that it was asked of.
    passed : int
        Of a condition: those whose membership reaches the minimum. Of a rule: those that have its class from it.
    """

    place: str
    asked: int
    passed: int


@dataclass(frozen=True)
class TryRulesResult:
    """What the rules make of the objects.

    Attributes
    ----------
    objects : int
    classes : tuple of int
        Objects of each class in the order of the rule set, at last those without one.
    counts : tuple of RuleCount
        All rules and conditions.
    picture : str
        Rows of one byte a pixel from top to bottom, compressed with zlib, in base64; empty if none was wanted. Of
        classes: 0 where no object is, else 1 + the class's position, their number + 1 for objects without a class. Of
        memberships: 0 where no object is, 1 for objects that were not asked, else 2 to 100 for 0 to 1. 128 is added
        on the borders of objects.
    warnings : tuple of str
        What is suspicious.
    """

    objects: int
    classes: tuple[int, ...]
    counts: tuple[RuleCount, ...]
    picture: str
    warnings: tuple[str, ...]


@dataclass(frozen=True)
class ExplainObjectOptions(Options):
    """Say what decided on the object at a place of the map."""

    objects: str = same_option(ClassifyOptions, "objects")
    document: str = same_option(TryRulesOptions, "document")
    x: float = option(help="Place on the map, to the east.")
    y: float = option(help="Place on the map, to the north.")
    crs: str = option("", help="System of the place. Empty: that of the objects.")


@dataclass(frozen=True)
class Answer:
    """What a condition found: its place in the document, the feature's value and the membership; NaN if not asked."""

    place: str
    value: float
    membership: float


@dataclass(frozen=True)
class ExplainObjectResult:
    """The object at the place; `outline` is empty where none is.

    Attributes
    ----------
    outline : str
        WKT of the object in the system of the place.
    object_class : str
        Its class, empty for none.
    membership : float
    explanation : str
        What decided on it, in one line.
    answers : tuple of Answer
        All conditions.
    """

    outline: str
    object_class: str
    membership: float
    explanation: str
    answers: tuple[Answer, ...]
