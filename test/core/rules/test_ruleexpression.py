"""Rule sets as expressions of QGIS; whether QGIS agrees with the engine is tested where QGIS is."""

from __future__ import annotations

import pytest
from rock_glacier_mapper.core.rules.ruleexpression import class_expression
from rock_glacier_mapper.core.rules.rules import Condition, ObjectClass, Pass, Rule, RuleSet


def expression(*rules: Rule, **parents: str) -> str:
    classes = tuple(ObjectClass(rule.name, rule.name, "#000000", parents.get(rule.name, "")) for rule in rules)
    return class_expression(RuleSet("toy", "Toy", "", rules[0].name, 0.5, classes, (Pass("First", rules),)))


@pytest.mark.parametrize(
    ("membership", "ramp", "expected"),
    [
        ("above", (1.0, 2.5), 'coalesce(scale_linear("x", 1, 2.5, 0, 1), 0)'),
        ("below", (1.0, 2.5), 'coalesce(scale_linear("x", 1, 2.5, 1, 0), 0)'),
        ("above", (3.0, 3.0), 'if("x" >= 3, 1, 0)'),
        ("below", (3.0, 3.0), 'if("x" <= 3, 1, 0)'),
        ("between", (1.0, 1.0, 4.0, 4.0), 'min(if("x" >= 1, 1, 0), if("x" <= 4, 1, 0))'),
        ("outside", (1.0, 1.0, 4.0, 4.0), 'max(if("x" <= 1, 1, 0), if("x" >= 4, 1, 0))'),
    ],
)
def test_one_condition(membership: str, ramp: tuple[float, ...], expected: str) -> None:
    """Each membership function in QGIS's own functions; NULL fulfils nothing."""
    text = expression(Rule("one", "and", (Condition("x", membership, ramp),)))
    assert text == f"with_variable('one', {expected},\nCASE WHEN @one < 0.5 THEN '' WHEN @one = @one THEN 'one' END)"


@pytest.mark.parametrize(
    ("combine", "expected"),
    [
        ("and", 'min(if("a" >= 1, 1, 0), if("b" >= 1, 1, 0))'),
        ("or", 'max(if("a" >= 1, 1, 0), if("b" >= 1, 1, 0))'),
        ("mean", '(if("a" >= 1, 1, 0) + if("b" >= 1, 1, 0)) / 2'),
    ],
)
def test_combinations(combine: str, expected: str) -> None:
    """As the engine combines them."""
    conditions = tuple(Condition(name, "above", (1.0, 1.0)) for name in "ab")
    assert expected in expression(Rule("one", combine, conditions))


def test_children_come_behind_their_parents() -> None:
    """A child's membership uses the parent's, whatever the order in the file."""
    child, parent = (Rule(name, "and", (Condition(name, "above", (1.0, 1.0)),)) for name in ("child", "parent"))
    assert expression(child, parent, child="parent").splitlines() == [
        """with_variable('parent', if("parent" >= 1, 1, 0),""",
        """with_variable('child', min(if("child" >= 1, 1, 0), @parent),""",
        "CASE WHEN @parent < 0.5 THEN '' WHEN @parent = @parent THEN "
        "CASE WHEN @child < 0.5 THEN 'parent' WHEN @child = @child THEN 'child' END END))",
    ]


def test_quotes_in_names() -> None:
    """A layer may be called anything."""
    assert '"5"" dish_mean" >= 1' in expression(Rule("one", "and", (Condition('5" dish_mean', "above", (1.0, 1.0)),)))
