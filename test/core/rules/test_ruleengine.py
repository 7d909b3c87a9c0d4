"""Applying rules: competition, hierarchy, passes and context, on objects that can be followed by hand."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest
import shapely
from rock_glacier_mapper.core.objects.coverage import shared_borders
from rock_glacier_mapper.core.progress import Progress
from rock_glacier_mapper.core.rules.context import Neighbourhood
from rock_glacier_mapper.core.rules.explanation import explanations, limiting_features
from rock_glacier_mapper.core.rules.ruleengine import Classification, evaluate
from rock_glacier_mapper.core.rules.rules import Condition, ObjectClass, Pass, Rule, RuleSet


def value_of(feature: str) -> Condition:
    """Return a condition whose membership is the feature's own value."""
    return Condition(feature, "above", (0.0, 1.0))


def at_least(feature: str, value: float) -> Condition:
    return Condition(feature, "above", (value, value))


def rule(name: str, *conditions: Condition, combine: str = "and") -> Rule:
    return Rule(name, combine, conditions)


def rule_set(*passes: Pass, minimum: float = 0.5, **parents: str) -> RuleSet:
    """Return a rule set whose classes are those of its rules and parents, the first one the target."""
    given = [item.name for step in passes for item in step.rules if item.name != "unclassified"]
    names = dict.fromkeys([*given, *parents, *parents.values()])
    classes = tuple(ObjectClass(name, name.title(), "#000000", parents.get(name, "")) for name in names)
    return RuleSet("toy", "Toy", "", given[0], minimum, classes, passes)


def single(*rules: Rule, **settings: str) -> RuleSet:
    return rule_set(Pass("By itself", rules), **settings)


def row(count: int) -> Neighbourhood:
    """Return squares of side 10 in a row, 0 to count - 1 from west to east."""
    squares = np.array([shapely.box(x, 0, x + 10, 10) for x in range(0, 10 * count, 10)], object)
    return Neighbourhood(shared_borders(squares, Progress()), squares)


def classify(rules: RuleSet, around: Neighbourhood | None = None, **columns: list[float]) -> Classification:
    features = {name: np.array(values, np.float64) for name, values in columns.items()}
    return evaluate(rules, features, len(next(iter(features.values()))), around)


def names(result: Classification) -> list[str]:
    known = [*(item.name for item in result.rules.classes), ""]
    return [known[number] for number in result.classes]


def membership_of(result: Classification, name: str) -> list[float]:
    position = [item.name for item in result.rules.classes].index(name)
    return result.memberships[position].tolist()


class TestOnePass:
    @pytest.mark.parametrize(
        ("combine", "membership", "limiting"), [("and", 0.2, "b"), ("or", 0.9, "a"), ("mean", 0.6, "b")]
    )
    def test_combinations(self, combine: str, membership: float, limiting: str) -> None:
        """Minimum, maximum and mean of 0.9, 0.2 and 0.7, and the condition that each hangs on."""
        rules = single(rule("one", *map(value_of, "abc"), combine=combine), minimum=0.1)
        result = classify(rules, a=[0.9], b=[0.2], c=[0.7])
        assert result.membership == pytest.approx([membership])
        assert limiting_features(result).tolist() == [limiting]

    def test_highest_membership_wins(self) -> None:
        """A veto class takes an object away where it fits better, and the loser is what the object would be next."""
        rules = single(rule("rock_glacier", value_of("heatmap")), rule("snow", value_of("white")))
        result = classify(rules, heatmap=[0.9, 0.9, 0.3], white=[0.6, 1.0, 0.0])
        assert names(result) == ["rock_glacier", "snow", ""]
        assert result.membership.tolist() == [0.9, 1.0, 0.3]
        assert membership_of(result, "rock_glacier") == [0.9, 0.9, 0.3]
        second, membership = result.second()
        assert second.tolist() == [1, 0, 0] and membership.tolist() == [0.6, 0.9, 0.3]

    def test_ties(self) -> None:
        """Of equal classes the first wins, and of equal conditions the first is named."""
        rules = single(rule("first", value_of("a"), value_of("b")), rule("second", value_of("b"), value_of("a")))
        result = classify(rules, a=[0.7], b=[0.7])
        assert names(result) == ["first"] and limiting_features(result).tolist() == ["a"]

    def test_minimum_membership_is_enough(self) -> None:
        """The minimum itself gives the class."""
        result = classify(single(rule("one", value_of("a"))), a=[0.5, 0.49])
        assert names(result) == ["one", ""]
        assert result.decided_in.tolist() == [1, 0]

    def test_null(self) -> None:
        """An object without a value gets no class, and the value is shown as what it is."""
        result = classify(single(rule("one", value_of("a"))), a=[np.nan])
        assert names(result) == [""] and np.isnan(result.values[0, 0])
        assert explanations(result).tolist() == ["no class; one 0.00: a NULL, wanted above 1"]

    def test_no_objects(self) -> None:
        """An empty layer is classified too."""
        result = classify(single(rule("one", value_of("a"))), a=[])
        assert len(result.classes) == len(explanations(result)) == len(limiting_features(result)) == 0
        assert len(result.second()[0]) == len(result.membership) == 0


class TestHierarchy:
    RULES = single(
        rule("rock_glacier", value_of("heatmap")),
        rule("debris", value_of("loose")),
        rule("talus", value_of("steep")),
        rule("snow", value_of("white")),
        rock_glacier="debris",
        talus="debris",
    )

    def test_from_the_top_down(self) -> None:
        """Debris is the best at the top; of its children, the best that is good enough; without one, debris itself."""
        result = classify(
            self.RULES, loose=[1.0, 1.0, 1.0], heatmap=[0.7, 0.6, 0.2], steep=[0.1, 0.8, 0.3], white=[0.9, 0.9, 0.9]
        )
        assert names(result) == ["rock_glacier", "talus", "debris"]
        assert [self.RULES.path(name) for name in names(result)] == ["debris/rock_glacier", "debris/talus", "debris"]

    def test_a_child_is_held_to_its_parents_conditions(self) -> None:
        """The child's membership is at most the parent's, and then it is the parent's condition that limits it."""
        result = classify(self.RULES, loose=[0.6, 0.2], heatmap=[0.9, 0.9], steep=[0, 0], white=[0, 0.3])
        assert names(result) == ["rock_glacier", ""]
        assert membership_of(result, "rock_glacier") == [0.6, 0.2]
        assert limiting_features(result).tolist() == ["loose", "loose"]

    def test_kin_are_no_rivals(self) -> None:
        """An object's second class is none of its own ancestors, which fit it at least as well."""
        result = classify(self.RULES, loose=[1.0], heatmap=[0.9], steep=[0.0], white=[0.4])
        second, membership = result.second()
        assert result.rules.classes[second[0]].name == "snow" and membership.tolist() == [0.4]

    def test_a_parent_without_rules(self) -> None:
        """A class that only groups others holds its children to nothing."""
        rules = single(rule("active", value_of("a")), rule("relict", value_of("b")), active="any", relict="any")
        assert names(classify(rules, a=[0.7, 0.1], b=[0.2, 0.9])) == ["active", "relict"]

    def test_children_in_a_later_pass(self) -> None:
        """The parent's membership counts on, and its children are sought among its objects."""
        rules = rule_set(
            Pass("First", (rule("rock_glacier", value_of("heatmap")),)),
            Pass("Then", (rule("active", value_of("fast")),), domain=("rock_glacier",)),
            active="rock_glacier",
        )
        result = classify(rules, heatmap=[0.8, 0.8, 0.2], fast=[0.9, 0.1, 1.0])
        assert names(result) == ["active", "rock_glacier", ""]
        assert membership_of(result, "active") == [0.8, 0.1, 0]


class TestPasses:
    FIRST = Pass("Seeds", (rule("one", value_of("a")),))

    def beside(self, repeat: int = 1, **settings: object) -> Pass:
        return Pass("Beside", (rule("one", at_least("relative_border_to:one", 0.2)),), repeat=repeat, **settings)

    def test_a_pass_sees_the_one_before(self) -> None:
        """Squares in a row share a quarter of their border with either neighbour: one step outwards."""
        result = classify(rule_set(self.FIRST, self.beside()), row(6), a=[0, 0, 0.8, 0, 0, 0])
        assert names(result) == ["", "one", "one", "one", "", ""]
        assert result.decided_in.tolist() == [0, 2, 1, 2, 0, 0]
        assert result.membership.tolist() == [0, 1, 0.8, 1, 0, 0]

    def test_repetitions(self) -> None:
        """Each repetition sees the one before, as often as is said, or until nothing changes."""
        seeds = [0, 0, 0, 0, 0, 1.0]
        assert names(classify(rule_set(self.FIRST, self.beside(3)), row(6), a=seeds)) == ["", "", *["one"] * 4]
        assert names(classify(rule_set(self.FIRST, self.beside(100)), row(6), a=seeds)) == ["one"] * 6

    def test_order_of_objects_does_not_matter(self) -> None:
        """Two objects that want each other both get it, or none: neither goes first."""
        swap = Pass("Swap", (rule("two", at_least("relative_border_to:one", 0.2)),))
        rules = rule_set(self.FIRST, swap)
        assert names(classify(rules, row(2), a=[1.0, 1.0])) == ["two", "two"]

    def test_domain(self) -> None:
        """A pass looks only at the objects of its classes and their children; `unclassified` are those without."""
        first = Pass("First", (rule("one", value_of("a")), rule("child", value_of("c")), rule("other", value_of("b"))))
        everything = rule("last", at_least("a", 0))
        columns = {"a": [1.0, 1.0, 0, 0], "b": [0, 0, 1.0, 0], "c": [0, 1.0, 0, 0]}
        for domain, expected in [
            ((), ["last"] * 4),
            (("one",), ["last", "last", "other", ""]),
            (("child",), ["one", "last", "other", ""]),
            (("unclassified", "other"), ["one", "child", "last", "last"]),
        ]:
            rules = rule_set(first, Pass("Last", (everything,), domain), child="one")
            assert names(classify(rules, **columns)) == expected

    def test_what_no_rule_wins_keeps_its_class(self) -> None:
        """A later pass corrects; it need not say again what was right."""
        rules = rule_set(self.FIRST, Pass("Second", (rule("two", value_of("b")),)))
        result = classify(rules, a=[0.8, 0.8], b=[0.3, 0.6])
        assert names(result) == ["one", "two"]
        assert result.membership.tolist() == [0.8, 0.6], "the later pass wins, though its membership is lower"
        assert result.second()[1].tolist() == [0.3, 0.8]

    def test_a_class_can_be_taken_away(self) -> None:
        """Lone objects lose their class again, and it says in which pass."""
        lone = rule("unclassified", Condition("number_of_neighbours_of:one", "below", (0, 0)))
        rules = rule_set(self.FIRST, Pass("Lone", (lone,), ("one",)))
        result = classify(rules, row(5), a=[1.0, 0, 0.9, 0.8, 0])
        assert names(result) == ["", "", "one", "one", ""]
        assert explanations(result)[0] == "no class 1.00 in pass 2; one 1.00"
        assert result.membership.tolist() == [1, 0, 0.9, 0.8, 0]

    def test_context_counts_children(self) -> None:
        """A child is one of its parent's class for its neighbours."""
        first = Pass("First", (rule("child", value_of("a")), rule("other", value_of("b"))))
        rules = rule_set(first, Pass("Then", (rule("parent", at_least("enclosed_by:parent", 1)),)), child="parent")
        frame = shapely.box(0, 0, 3, 3).difference(shapely.box(1, 1, 2, 2))
        geometries = np.array([frame, shapely.box(1, 1, 2, 2)], object)
        around = Neighbourhood(shared_borders(geometries, Progress()), geometries)
        assert names(classify(rules, around, a=[1.0, 0], b=[0, 0])) == ["child", "parent"]


class TestExplanations:
    def test_target_and_others(self) -> None:
        """Why an object is what it is; and if that is not the target class, why not."""
        rules = single(
            rule("rock_glacier", value_of("heatmap"), Condition("slope", "between", (3, 5, 38, 45))),
            rule("snow", value_of("white")),
        )
        result = classify(rules, heatmap=[1, 1, 0.25, 0.8, 0.1], slope=[20, 41.25, 20, 20, 60], white=[0, 0, 0, 0.9, 1])
        assert explanations(result).tolist() == [
            "rock_glacier 1.00",
            "rock_glacier 0.54: slope 41.25, wanted between 5 and 38",
            "no class; rock_glacier 0.25: heatmap 0.25, wanted above 1",
            "snow 0.90: white 0.9, wanted above 1; rock_glacier 0.80: heatmap 0.8, wanted above 1",
            "snow 1.00; rock_glacier 0.00: slope 60, wanted between 5 and 38",
        ]
        assert limiting_features(result).tolist() == ["", "slope", "heatmap", "white", ""]

    def test_numbers_do_not_contradict_themselves(self) -> None:
        """A value just short of a corner shows it; a membership just below 1, or the minimum, is not rounded up."""
        crisp = single(rule("one", Condition("x", "above", (0.3, 0.3))))
        assert explanations(classify(crisp, x=[0.299999])).tolist() == [
            "no class; one 0.00: x 0.299999, wanted above 0.3"
        ]
        large = single(rule("one", Condition("x", "above", (1234567, 2345678))))
        assert explanations(classify(large, x=[2345677])).tolist() == ["one 0.99: x 2345677, wanted above 2345678"]
        half = single(rule("one", value_of("x")))
        assert explanations(classify(half, x=[0.4999])).tolist() == ["no class; one 0.49: x 0.4999, wanted above 1"]

    def test_not_asked(self) -> None:
        """An object outside the domain of the pass that gives the parent can be no child of it, and is told why."""
        rules = rule_set(
            Pass("First", (rule("glacier", at_least("g", 1)),)),
            Pass("Under debris", (rule("debris", at_least("d", 1)),), domain=("glacier",)),
            Pass("Child", (rule("rock_glacier", at_least("r", 1)),)),
            rock_glacier="debris",
        )
        rules = dataclasses.replace(rules, target="rock_glacier")
        result = classify(rules, g=[0, 1], d=[1, 1], r=[1, 1])
        assert names(result) == ["", "rock_glacier"]
        assert explanations(result).tolist() == [
            "no class; rock_glacier 0.00: not asked",
            "rock_glacier 1.00 in pass 3",
        ]

    def test_the_loser_of_a_later_pass_keeps_what_that_found(self) -> None:
        """A class that an object had before, and would be next, has the membership that the later pass found."""
        rules = rule_set(
            Pass("First", (rule("a", value_of("x")),)),
            Pass("Then", (rule("a", value_of("y")), rule("b", value_of("z")))),
        )
        result = classify(rules, x=[0.6], y=[0.9], z=[0.95])
        assert names(result) == ["b"]
        assert membership_of(result, "a") == [0.9]

    def test_later_pass(self) -> None:
        """The pass that decided is named, with the value that the context had then."""
        rules = rule_set(
            Pass("First", (rule("one", value_of("a")),)),
            Pass("Beside", (rule("one", Condition("relative_border_to:one", "above", (0, 0.4))),)),
        )
        result = classify(rules, row(3), a=[0, 1.0, 0.3])
        assert explanations(result).tolist() == [
            "one 0.62 in pass 2: relative_border_to:one 0.25, wanted above 0.4",
            "one 1.00",
            "one 0.62 in pass 2: relative_border_to:one 0.25, wanted above 0.4",
        ]

    def test_a_child_of_the_target_is_the_target(self) -> None:
        """There is nothing to explain away."""
        rules = single(rule("rock_glacier", value_of("a")), rule("active", value_of("b")), active="rock_glacier")
        assert explanations(classify(rules, a=[1.0], b=[1.0])).tolist() == ["active 1.00"]

    @pytest.mark.parametrize(
        ("value", "shown"),
        [(0.123456, "0.1235"), (9876.54, "9877"), (1234567.8, "1234568"), (-0.00012345, "-0.0001234")],
    )
    def test_numbers(self, value: float, shown: str) -> None:
        """Four digits, but an area of square metres is no power of ten."""
        rules = single(rule("one", Condition("x", "above", (1e9, 1e9))))
        assert f": x {shown}, wanted above 1000000000" in explanations(classify(rules, x=[value]))[0]
