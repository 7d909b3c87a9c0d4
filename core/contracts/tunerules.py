"""Options and result of the stage that tunes a rule set."""

from __future__ import annotations

from dataclasses import dataclass

from ..options import Options, option

F1, IOU, F2, F05, LANDFORMS = "f1", "iou", "f2", "f05", "landforms"
MEASURES = (F1, IOU, F2, F05, LANDFORMS)
"""What can be made as large as possible."""


@dataclass(frozen=True)
class TuneRulesOptions(Options):
    """Tune the thresholds and ramps of a rule set against a reference, on folds apart in space."""

    objects: tuple[str, ...] = option(
        help="Objects with the features that the rules ask for; of several layers each is a fold."
    )
    reference: tuple[str, ...] = option(
        help="Outlines of the reference inventory: one layer for all objects, or one for each layer of objects in the "
        "same order."
    )
    rules: str = option(
        help="Rule set to begin with: the name of a shipped one (full_stack, rgb, rgb_nir_2m), or the path of a .json "
        "file."
    )
    output: str = option(help="Tuned rule set to write (JSON).")
    report: str = option("", help="Report with the sensitivity of every threshold to write (HTML).")
    json: str = option("", help="Figures to write (JSON).")
    area: str = option("", help="Polygons of the area that the reference covers. Empty: no limit.")
    measure: str = option(
        F1,
        help="What to make as large as possible, by area. f1 and iou weigh what was missed and what is false alike; f2 "
        "weighs what was missed twice, f05 half; landforms: F1 of the share of landforms found and user's accuracy.",
        choices=MEASURES,
    )
    classes: tuple[str, ...] = option((), help="Classes whose rules are tuned. Empty: the class that is mapped.")
    folds: int = option(
        4,
        help="Parts that a single layer of objects is cut into, side by side; several layers are a fold each.",
        minimum=2,
        maximum=20,
    )


@dataclass(frozen=True)
class TuneRulesResult:
    """Outputs, and the measure, mean of the folds, before and after.

    `score_after` is that of rules tuned without the fold that they are scored on, which is what may be expected
    elsewhere; `gain` is the difference to `score_before`.
    """

    output: str
    report: str
    json: str
    score_before: float
    score_after: float
    gain: float
    changed_count: int
