"""A rule set as text for a person."""

from __future__ import annotations

from collections.abc import Iterator

from ..networks.carddescription import Section
from .ruledocument import GROW_INTO
from .rules import Pass, RuleSet, corner_text

_RESHAPED = {
    "min_heatmap": "drop landforms whose mean heatmap is below",
    "grow": "grow into touching pixels whose heatmap is at least",
    "shrink": "drop pixels whose heatmap is below",
    GROW_INTO: "grow into objects of the classes",
}
_COMBINED = {"and": "all of", "or": "any of", "mean": "the mean of"}


def described_rules(rules: RuleSet) -> list[Section]:
    """Return what a rule set says, section by section: its layers, its classes, each pass, and the landforms."""
    return [_head(rules), _tuned(rules), _layers(rules), _classes(rules), *_passes(rules), _reshape(rules)]


def _head(rules: RuleSet) -> Section:
    section = Section("Rule set")
    section.add("name", rules.name)
    section.add("title", rules.title)
    section.add("description", rules.description)
    section.add("maps", rules.target)
    section.add("minimum membership", f"{rules.minimum_membership:g}")
    section.add("columns needed", ", ".join(rules.features))
    section.add("SHA-256", rules.sha256)
    return section


def _tuned(rules: RuleSet) -> Section:
    section = Section("Tuned")
    if tuned := rules.tuned:
        section.add("from", f"{tuned['rules']} (SHA-256 {tuned['rules_sha256']})")
        section.add("for", tuned["measure"])
        section.add("on", f"{', '.join(tuned['objects'])} against {', '.join(tuned['reference'])}")
        for fold in tuned["folds"]:
            section.add(fold["name"], f"{fold['before']:.3f} before, {fold['after']:.3f} by rules tuned without it")
    return section


def _layers(rules: RuleSet) -> Section:
    section = Section("Layers expected")
    for name, layer in rules.layers.items():
        section.add(name, f"{layer.unit}, {layer.range[0]:g} to {layer.range[1]:g}")
    return section


def _classes(rules: RuleSet) -> Section:
    section = Section("Classes")
    for item in rules.classes:
        kind = f", a kind of {item.parent}" if item.parent else ""
        section.add(item.name, f"{item.title}, {item.color}{kind}")
    return section


def _passes(rules: RuleSet) -> Iterator[Section]:
    for number, item in enumerate(rules.passes, start=1):
        section = Section(f"Pass {number}: {item.title}{_scope(item)}")
        for rule in item.rules:
            section.add(rule.name, _COMBINED[rule.combine] if len(rule.conditions) > 1 else "if")
            for condition in rule.conditions:
                corners = ", ".join(map(corner_text, condition.ramp))
                before = ", ".join(map(corner_text, condition.tuned_from))
                tuned = f"; tuned from {before}" if before else ""
                section.add("", f"{condition} (corners {corners}{tuned}). {condition.why}".strip())
        yield section


def _reshape(rules: RuleSet) -> Section:
    section = Section("Landforms")
    for name, value in rules.reshape.items():
        section.add(name, f"{_RESHAPED[name]} {', '.join(value) if name == GROW_INTO else f'{value:g}'}")
    return section


def _scope(item: Pass) -> str:
    objects = f", for {', '.join(item.domain)}" if item.domain else ""
    return objects + (f", up to {item.repeat} times" if item.repeat > 1 else "")
