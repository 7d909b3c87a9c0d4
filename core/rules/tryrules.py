"""Stage `tryrules`: what a rule set that is being edited makes of objects, in numbers and as a picture."""

from __future__ import annotations

import base64
import zlib
from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from ..contracts.ruletrial import RuleCount, TryRulesOptions, TryRulesResult
from ..errors import InvalidOptionError, InvalidRuleSetError
from ..progress import Progress
from ..rasters.extent import stated_extent
from .openobjects import OpenObjects, Trial, View, open_objects

Codes = NDArray[np.uint8]
Mask = NDArray[np.bool_]

BORDER = 128
"""Added to the code of a pixel at the border of an object."""

_MOST_CLASSES = BORDER - 2
_NOT_ASKED = 1
_LOWEST, _HIGHEST = 2, 100
# Where more of the picture than this would be borders, they would hide the objects.
_MOST_BORDERS = 0.5


def run(options: TryRulesOptions, progress: Progress) -> TryRulesResult:
    """Apply a rule set to objects, count, and paint.

    Parameters
    ----------
    options : TryRulesOptions
    progress : Progress

    Returns
    -------
    TryRulesResult

    Raises
    ------
    InvalidVectorError
        If the objects cannot be read.
    InvalidRuleSetError
        If the document is no valid rule set, needs a feature that the objects do not have, or has more classes than a
        picture can show.
    InvalidOptionError
        If the extent or the place of what is shown cannot be understood.
    InvalidCRSError
        If the extent's system is unknown, or the rules ask for distances where there are no metres.
    """
    objects = open_objects(options.objects, progress)
    progress.check()
    trial = objects.tried(options.document, progress.part(0.5, 0.8))
    progress.check()
    picture = _picture(options, objects, trial, progress.part(0.8, 1.0)) if options.extent else ""
    classes = np.bincount(trial.classification.classes, minlength=len(trial.rules.classes) + 1)
    progress.report(1.0)
    return TryRulesResult(
        len(objects.layer),
        tuple(classes.tolist()),
        tuple(_counts(trial)),
        picture,
        objects.warnings(trial.rules),
    )


def _counts(trial: Trial) -> Iterator[RuleCount]:
    """Yield what became of each rule, and of its conditions behind it."""
    rules, found, trace = trial.rules, trial.classification, trial.trace
    names = [*(item.name for item in rules.classes)]
    position = 0
    for number, item in enumerate(rules.passes):
        for place, rule in enumerate(item.rules):
            here = f"passes[{number}].rules[{place}]"
            row = names.index(rule.name) if rule.name in names else len(names)
            given = np.count_nonzero((found.decided_in == number + 1) & (found.classes == row))
            asked = np.count_nonzero(~np.isnan(trace.degrees[position]))
            yield RuleCount(here, asked, given)
            for step in range(len(rule.conditions)):
                passed = np.count_nonzero(trace.degrees[position + step] >= rules.minimum_membership)
                yield RuleCount(f"{here}.conditions[{step}]", asked, passed)
            position += len(rule.conditions)


def _picture(options: TryRulesOptions, objects: OpenObjects, trial: Trial, progress: Progress) -> str:
    sides, system = stated_extent(options.extent)
    if not options.width or not options.height:
        raise InvalidOptionError("Options `width` and `height` must be above 0 where an extent is painted.")
    codes = _memberships(trial, options.shown) if options.shown else _classes(trial)
    numbers = objects.placed(system or "", progress).painted(View(*sides, options.width, options.height))
    pixels = np.append(np.uint8(0), codes)[numbers]
    borders = _borders(numbers)
    if np.count_nonzero(borders) <= _MOST_BORDERS * np.count_nonzero(numbers):
        pixels[borders] += BORDER
    return base64.b64encode(zlib.compress(pixels.tobytes(), level=1)).decode("ascii")


def _borders(numbers: NDArray[np.uint32]) -> Mask:
    """Return the pixels of an object whose neighbour to the right or below is of another one or of none."""
    borders = np.zeros(numbers.shape, bool)
    borders[:, :-1] |= numbers[:, :-1] != numbers[:, 1:]
    borders[:-1] |= numbers[:-1] != numbers[1:]
    return borders & (numbers > 0)


def _classes(trial: Trial) -> Codes:
    if len(trial.rules.classes) > _MOST_CLASSES:
        raise InvalidRuleSetError(
            f"The rule set has {len(trial.rules.classes)} classes; a picture can show {_MOST_CLASSES}."
        )
    return (trial.classification.classes + 1).astype(np.uint8)


def _memberships(trial: Trial, place: str) -> Codes:
    """Return the code of each object for the memberships of a rule or of a condition."""
    degrees = np.full(trial.trace.degrees.shape[1], np.nan)
    known: set[str] = set()
    position = 0
    for number, item in enumerate(trial.rules.passes):
        for order, rule in enumerate(item.rules):
            here = f"passes[{number}].rules[{order}]"
            rows = slice(position, position + len(rule.conditions))
            places = [f"{here}.conditions[{step}]" for step in range(len(rule.conditions))]
            known |= {here, *places}
            if place == here:
                degrees = rule.combined(trial.trace.degrees[rows])[0]
            elif place in places:
                degrees = trial.trace.degrees[position + places.index(place)]
            position += len(rule.conditions)
    if place not in known:
        raise InvalidOptionError(f"Option `shown` is {place!r}, but the rule set has no such rule or condition.")
    scaled = _LOWEST + np.rint(np.nan_to_num(degrees) * (_HIGHEST - _LOWEST))
    return np.where(np.isnan(degrees), _NOT_ASKED, scaled).astype(np.uint8)
