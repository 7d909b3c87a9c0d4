"""Stage `explainobject`: what decided on the object at a place of the map."""

from __future__ import annotations

import numpy as np
import shapely

from ..contracts.ruletrial import Answer, ExplainObjectOptions, ExplainObjectResult
from ..progress import Progress
from .explanation import explanations
from .openobjects import Trial, open_objects
from .ruleengine import Classification

_NOTHING = ExplainObjectResult("", "", 0.0, "", ())


def run(options: ExplainObjectOptions, progress: Progress) -> ExplainObjectResult:
    """Find the object at a place and say what decided on it.

    Parameters
    ----------
    options : ExplainObjectOptions
    progress : Progress

    Returns
    -------
    ExplainObjectResult

    Raises
    ------
    InvalidVectorError
        If the objects cannot be read.
    InvalidRuleSetError
        If the document is no valid rule set, or needs a feature that the objects do not have.
    InvalidCRSError
        If the place's system is unknown.
    """
    objects = open_objects(options.objects, progress)
    trial = objects.tried(options.document, progress.part(0.5, 0.9))
    placed = objects.placed(options.crs, progress)
    number = placed.at(options.x, options.y)
    progress.report(1.0)
    if number is None:
        return _NOTHING
    found = trial.classification
    names = [*(item.name for item in trial.rules.classes), ""]
    return ExplainObjectResult(
        shapely.to_wkt(placed.geometries[number]),
        names[found.classes[number]],
        float(found.membership[number]),
        str(explanations(_only(found, number))[0]),
        _answers(trial, number),
    )


def _only(found: Classification, number: int) -> Classification:
    """Return what is known of one object."""
    one = np.array([number])
    return Classification(
        found.rules,
        found.classes[one],
        found.memberships[:, one],
        found.limiting[:, one],
        found.values[:, one],
        found.decided_in[one],
    )


def _answers(trial: Trial, number: int) -> tuple[Answer, ...]:
    places = [place for place, _ in trial.rules.placed_conditions()]
    values, degrees = trial.trace.values[:, number].tolist(), trial.trace.degrees[:, number].tolist()
    return tuple(map(Answer, places, values, degrees))
