"""Options and result of the classification stage."""

from __future__ import annotations

from dataclasses import dataclass

from ..options import Options, option


@dataclass(frozen=True)
class ClassifyOptions(Options):
    """Classify objects by the fuzzy rules of a rule set."""

    objects: str = option(help="Objects with features.")
    rules: str = option(
        help="Rule set: the name of a shipped one (full_stack, rgb, rgb_nir_2m), or the path of a .json file."
    )
    output: str = option(help="Classified objects to write (GeoPackage).")


@dataclass(frozen=True)
class ClassifyResult:
    """The classified objects, and how many got a class."""

    output: str
    objects: int
    classified: int
