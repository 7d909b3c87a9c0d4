"""The shipped rule sets as QGIS itself evaluates them."""

from __future__ import annotations

import pytest
from qgis.core import NULL, QgsExpression, QgsExpressionContext, QgsFeature, QgsField, QgsFields
from qgis.PyQt.QtCore import QVariant

DEBRIS = {"heatmap_mean": 0.7, "heatmap_p90": 0.9, "slope_mean": 18.0, "coherence_mean": 0.5, "B02_mean": 0.12}
DEBRIS |= {"B04_mean": 0.16, "B08_mean": 0.2, "B11_mean": 0.24}


@pytest.mark.parametrize(
    ("rules", "values", "expected"),
    [
        ("full_stack", {}, "rock_glacier"),
        ("full_stack", {"heatmap_mean": 0.34}, ""),
        ("full_stack", {"heatmap_mean": NULL}, ""),
        ("full_stack", {"slope_mean": 42.0}, "steep_rock"),
        ("full_stack", {"slope_mean": 41.0}, "rock_glacier"),
        ("rgb_nir_2m", {}, "rock_glacier"),
        ("rgb_nir_2m", {"B08_mean": 0.02, "slope_mean": 1.0}, "water"),
        ("rgb_nir_2m", {"B08_mean": 0.02}, "shade"),
    ],
)
def test_the_expression_gives_the_class(provider, rules, values, expected):
    """What `describerules` prints can be pasted into the field calculator."""
    from rock_glacier_mapper.core.rules.ruleexpression import class_expression
    from rock_glacier_mapper.core.rules.rules import load_rule_set

    expression = QgsExpression(class_expression(load_rule_set(rules)))
    assert not expression.hasParserError(), expression.parserErrorString()
    fields = QgsFields()
    for name in DEBRIS:
        fields.append(QgsField(name, QVariant.Double))
    feature = QgsFeature(fields)
    feature.setAttributes(list((DEBRIS | values).values()))
    context = QgsExpressionContext()
    context.setFields(fields)
    context.setFeature(feature)
    assert expression.evaluate(context) == expected
    assert not expression.hasEvalError(), expression.evalErrorString()
