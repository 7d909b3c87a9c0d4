"""Classifying objects by the fuzzy rules of a rule set."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from .contracts.classify import ClassifyOptions, ClassifyResult
from .files import check_writable
from .progress import Progress
from .provenance import joined, step
from .rules import Classification, evaluate, load_rule_set
from .vector import VectorLayer, read_layer, write_layers

_OWN_COLUMNS = ("class", "membership", "limited_by")
_PREFIX = "membership_"


def run(options: ClassifyOptions, progress: Progress) -> ClassifyResult:
    """Classify objects: write them with `class`, `membership`, one `membership_<class>` a class, and `limited_by`.

    Parameters
    ----------
    options : ClassifyOptions
    progress : Progress

    Returns
    -------
    ClassifyResult

    Raises
    ------
    InvalidRuleSetError
        If the rule set is not valid, or names a feature that the objects do not have.
    InvalidVectorError
        If the objects cannot be read.
    OutputError
        If the output cannot be written.
    """
    check_writable(options.output, ".gpkg")
    rules = load_rule_set(options.rules)
    progress.report(0.0, "Reading objects")
    objects = read_layer(options.objects, progress=progress.part(0.0, 0.5))
    progress.check()
    progress.report(0.5, "Classifying objects")
    features = _features(objects)
    result = evaluate(rules, features, len(objects))
    chain = joined(
        objects.provenance,
        [
            step(
                "classify",
                options,
                rule_set=rules.name,
                rule_set_title=rules.title,
                rule_set_sha256=rules.sha256,
            )
        ],
    )
    columns = {**features, **_columns(result)}
    progress.check()
    progress.report(0.6, "Writing objects")
    layer = VectorLayer(objects.geometries, columns, objects.crs, chain)
    write_layers(options.output, {"objects": layer}, progress.part(0.6, 1.0))
    progress.report(1.0)
    return ClassifyResult(options.output, len(objects), int(np.count_nonzero(result.classes != "")))


def _features(objects: VectorLayer) -> dict[str, NDArray[Any]]:
    """Return the objects' columns without those of an earlier classification."""
    return {
        name: values
        for name, values in objects.columns.items()
        # A GeoPackage does not tell columns apart by upper and lower case.
        if name.lower() not in _OWN_COLUMNS and not name.lower().startswith(_PREFIX)
    }


def _columns(result: Classification) -> dict[str, NDArray[Any]]:
    memberships = {f"{_PREFIX}{name}": values for name, values in result.memberships.items()}
    return {"class": result.classes, "membership": result.membership, **memberships, "limited_by": result.limited_by}
