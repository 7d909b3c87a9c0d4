"""Classifying objects by the fuzzy rules of a rule set."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..contracts.classify import ClassifyOptions, ClassifyResult
from ..contracts.reshape import RESHAPE_FACT
from ..files import check_writable
from ..progress import Progress
from ..provenance import joined, step
from ..vectors.vector import VectorLayer, read_layer, write_layers
from .context import neighbourhood_of
from .expectedlayers import unexpected_layers
from .explanation import explanations, limiting_features
from .ruleengine import Classification, evaluate
from .rules import check_features, load_rule_set

_PREFIX = "membership_"
_OWN_COLUMNS = (
    "class",
    "class_path",
    "membership",
    "second_class",
    "second_membership",
    "limiting_feature",
    "explanation",
)


def run(options: ClassifyOptions, progress: Progress) -> ClassifyResult:
    """Classify objects: write them with their classes, memberships, and what decided on them.

    The columns are `class`, `class_path` (the class after its ancestors), `membership`, `second_class` and
    `second_membership` (what the object would be next), one `membership_<class>` a class, `limiting_feature` and
    `explanation`.

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
    InvalidCRSError
        If the rule set uses lengths and the objects' reference system has no metres.
    OutputError
        If the output cannot be written.
    """
    check_writable(options.output, ".gpkg", inputs=[options.objects, options.rules])
    rules = load_rule_set(options.rules)
    progress.report(0.0, "Reading objects")
    objects = read_layer(options.objects, progress=progress.part(0.0, 0.4))
    columns = object_features(objects)
    check_features(rules, columns)
    for warning in unexpected_layers(rules, columns):
        progress.warn(warning)
    neighbourhood = neighbourhood_of(rules.context_features, objects, options.objects, progress.part(0.4, 0.5))
    progress.check()
    progress.report(0.5, "Classifying objects")
    result = evaluate(rules, columns, len(objects), neighbourhood)
    progress.check()
    columns |= _columns(result)
    facts = {
        "rule_set": rules.name,
        "rule_set_title": rules.title,
        "rule_set_sha256": rules.sha256,
        RESHAPE_FACT: dict(rules.reshape),
    }
    chain = joined(objects.provenance, [step("classify", options, **facts)])
    progress.report(0.6, "Writing objects")
    layer = VectorLayer(objects.geometries, columns, objects.crs, chain)
    write_layers(options.output, {"objects": layer}, progress.part(0.6, 1.0))
    progress.report(1.0)
    classified = np.count_nonzero(result.classes < len(rules.classes))
    return ClassifyResult(options.output, len(objects), int(classified))


def object_features(objects: VectorLayer) -> dict[str, NDArray[Any]]:
    """Return the objects' columns without those of an earlier classification."""
    return {
        name: values
        for name, values in objects.columns.items()
        # A GeoPackage does not tell columns apart by upper and lower case.
        if name.lower() not in _OWN_COLUMNS and not name.lower().startswith(_PREFIX)
    }


def _columns(result: Classification) -> dict[str, NDArray[Any]]:
    classes = result.rules.classes
    names = np.array([*(item.name for item in classes), ""], dtype=object)
    paths = np.array([*(result.rules.path(item.name) for item in classes), ""], dtype=object)
    second, second_membership = result.second()
    return {
        "class": names[result.classes],
        "class_path": paths[result.classes],
        "membership": result.membership,
        "second_class": names[second],
        "second_membership": second_membership,
        **{f"{_PREFIX}{item.name}": result.memberships[row] for row, item in enumerate(classes)},
        "limiting_feature": limiting_features(result),
        "explanation": explanations(result),
    }
