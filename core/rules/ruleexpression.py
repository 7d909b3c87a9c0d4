"""The first pass of a rule set as an expression of QGIS, for its field calculator, filters and styles."""

from __future__ import annotations

from collections.abc import Sequence

from .ruledocument import UNCLASSIFIED
from .rules import Condition, Pass, Rule, RuleSet


def class_expression(rules: RuleSet) -> str:
    """Return an expression of QGIS for the class that the first pass of a rule set gives.

    The passes after it ask for the classes of neighbours, for which expressions have no means.

    Parameters
    ----------
    rules : RuleSet

    Returns
    -------
    str
        Evaluated on the objects, it gives the name of the class, an empty text for none. Every feature is a column in
        double quotes; a NULL has the membership 0.
    """
    first = rules.passes[0]
    parents = _parents(rules, first)
    # A variable must be there before its children's use it.
    ordered = sorted(first.rules, key=lambda rule: len(rules.lineage(rule.name)))
    lines = []
    for rule in ordered:
        above = parents[rule.name]
        membership = _combined("min", [_rule(rule), f"@{above}"]) if above else _rule(rule)
        lines.append(f"with_variable('{rule.name}', {membership},")
    choice = _choice("", "''", first.rules, parents, rules.minimum_membership)
    return "\n".join([*lines, choice + ")" * len(lines)])


def _parents(rules: RuleSet, first: Pass) -> dict[str, str]:
    """Return the nearest ancestor of each class that has a rule in the pass, empty for none."""
    names = {rule.name for rule in first.rules}
    return {name: next((item for item in rules.lineage(name)[1:] if item in names), "") for name in names}


def _choice(parent: str, otherwise: str, rules: Sequence[Rule], parents: dict[str, str], minimum: float) -> str:
    """Return which of a class's children wins; `otherwise` where none reaches the minimum."""
    children = [rule.name for rule in rules if parents[rule.name] == parent]
    if not children:
        return otherwise
    best = _combined("max", [f"@{name}" for name in children])
    cases = [f"WHEN {best} < {minimum:.15g} THEN {otherwise}"]
    for name in children:
        text = "" if name == UNCLASSIFIED else name
        cases.append(f"WHEN @{name} = {best} THEN {_choice(name, repr(text), rules, parents, minimum)}")
    return f"CASE {' '.join(cases)} END"


def _rule(rule: Rule) -> str:
    memberships = [_condition(condition) for condition in rule.conditions]
    if rule.combine == "mean":
        return f"({' + '.join(memberships)}) / {len(memberships)}"
    return _combined({"and": "min", "or": "max"}[rule.combine], memberships)


def _condition(condition: Condition) -> str:
    column, ramp = '"' + condition.feature.replace('"', '""') + '"', condition.ramp
    if condition.membership == "above":
        return _rising(column, ramp[0], ramp[1])
    if condition.membership == "below":
        return _falling(column, ramp[0], ramp[1])
    if condition.membership == "between":
        return _combined("min", [_rising(column, ramp[0], ramp[1]), _falling(column, ramp[2], ramp[3])])
    return _combined("max", [_falling(column, ramp[0], ramp[1]), _rising(column, ramp[2], ramp[3])])


def _rising(column: str, zero: float, one: float) -> str:
    if zero == one:
        return f"if({column} >= {one:.15g}, 1, 0)"
    return f"coalesce(scale_linear({column}, {zero:.15g}, {one:.15g}, 0, 1), 0)"


def _falling(column: str, one: float, zero: float) -> str:
    if zero == one:
        return f"if({column} <= {one:.15g}, 1, 0)"
    return f"coalesce(scale_linear({column}, {one:.15g}, {zero:.15g}, 1, 0), 0)"


def _combined(function: str, values: Sequence[str]) -> str:
    return values[0] if len(values) == 1 else f"{function}({', '.join(values)})"
