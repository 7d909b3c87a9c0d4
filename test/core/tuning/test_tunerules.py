"""Tuning rule sets on squares whose best threshold is known."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import numpy as np
import pytest
import shapely
from osgeo import osr
from rock_glacier_mapper.core.contracts.describerules import DescribeRulesOptions
from rock_glacier_mapper.core.contracts.tunerules import MEASURES, TuneRulesOptions
from rock_glacier_mapper.core.errors import (
    Cancelled,
    InvalidOptionError,
    InvalidRuleSetError,
    InvalidVectorError,
    OutputError,
)
from rock_glacier_mapper.core.progress import Progress
from rock_glacier_mapper.core.rules import describerules
from rock_glacier_mapper.core.rules.rules import RULES_FOLDER, load_rule_set
from rock_glacier_mapper.core.tuning import tunerules
from rock_glacier_mapper.core.tuning.tuningscene import read_scenes
from rock_glacier_mapper.core.vectors.vector import VectorLayer, write_layers

SIDE = 10
"""Objects across and down; each is a square of 100 m."""


def utm() -> str:
    reference = osr.SpatialReference()
    reference.ImportFromEPSG(32719)
    return reference.ExportToWkt()


RULES = {
    "name": "toy",
    "title": "Toy",
    "description": "",
    "target": "rock_glacier",
    "minimum_membership": 0.5,
    "layers": {"heatmap": {"unit": "probability", "range": [0, 1]}},
    "classes": [
        {"name": "rock_glacier", "title": "Rock glacier", "color": "#d95f02"},
        {"name": "cliff", "title": "Cliff", "color": "#7f7f7f"},
    ],
    "passes": [
        {
            "title": "Each by itself",
            "rules": [
                {
                    "class": "rock_glacier",
                    "combine": "and",
                    "conditions": [
                        {"feature": "heatmap_mean", "membership": "above", "ramp": [0.1, 0.3], "why": "Likely."},
                        {"feature": "slope_mean", "membership": "between", "ramp": [0, 2, 40, 50]},
                    ],
                },
                {
                    "class": "cliff",
                    "combine": "and",
                    "conditions": [{"feature": "slope_mean", "membership": "above", "ramp": [45, 50]}],
                },
            ],
        }
    ],
}


class Case:
    """Scenes of squares whose heatmap rises from 0 to 1, and references of those from a limit on."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.warnings: list[str] = []
        (folder / "rules.json").write_text(json.dumps(RULES), "utf-8")

    def path(self, name: str) -> str:
        return str(self.folder / name)

    def scene(self, name: str, limit: float, seed: int = 0, north: float = 0.0) -> tuple[str, str]:
        generator = np.random.default_rng(seed)
        down, across = (item.ravel() for item in np.mgrid[:SIDE, :SIDE])
        squares = shapely.box(across * 100, north + down * 100, across * 100 + 100, north + down * 100 + 100)
        heat = generator.permutation(np.linspace(0, 1, SIDE * SIDE))
        columns = {
            "object_id": np.arange(1, SIDE * SIDE + 1),
            "heatmap_mean": heat,
            "slope_mean": generator.uniform(5, 30, SIDE * SIDE),
        }
        objects, reference = self.path(f"{name}.gpkg"), self.path(f"{name}_reference.gpkg")
        write_layers(objects, {"objects": VectorLayer(squares, columns, utm())})
        write_layers(reference, {"reference": VectorLayer(squares[heat >= limit], {}, utm())})
        return objects, reference

    def run(self, *scenes: tuple[str, str], **options):
        given = {"rules": self.path("rules.json"), "output": self.path("tuned.json"), "json": self.path("figures.json")}
        objects, references = zip(*scenes, strict=True)
        return tunerules.run(
            TuneRulesOptions(objects=objects, reference=references, **given | options), self.progress()
        )

    def progress(self) -> Progress:
        listener = Progress()
        listener.warn = self.warnings.append  # type: ignore[method-assign]
        return listener

    @property
    def record(self) -> dict:
        return json.loads((self.folder / "figures.json").read_text("utf-8"), parse_constant=pytest.fail)


@pytest.fixture
def case(tmp_path) -> Case:
    return Case(tmp_path)


def test_the_known_threshold_is_found(case):
    """Three scenes with rock glaciers from 0.6 on: rules that began at 0.2 find them where they were not tuned."""
    result = case.run(*(case.scene(f"s{seed}", 0.6, seed) for seed in range(3)), report=case.path("report.html"))
    # 40 squares are true; a membership of 0.5 from 0.2 on maps 80 of them: 2 * 40 / (40 + 80).
    assert result.score_before == pytest.approx(2 / 3, abs=0.01)
    assert result.score_after > 0.95
    assert result.gain == pytest.approx(result.score_after - result.score_before)
    rules = load_rule_set(case.path("tuned.json"))
    condition = rules.passes[0].rules[0].conditions[0]
    assert sum(condition.ramp) / 2 == pytest.approx(0.6, abs=0.03)
    assert (condition.tuned_from, condition.why) == ((0.1, 0.3), "Likely.")
    assert rules.passes[0].rules[1].conditions[0].ramp == (45, 50)
    assert result.changed_count == 1
    assert "<svg" in Path(result.report).read_text("utf-8")


def test_no_fold_is_scored_on_what_it_was_tuned_on(case):
    """Two scenes that want 0.3 and 0.7: each is scored with the other's threshold, 70 against 30 squares."""
    result = case.run(case.scene("low", 0.3), case.scene("high", 0.7, 1))
    scores = {fold["name"]: fold for fold in case.record["folds"]}
    assert scores["low"]["after"] == pytest.approx(2 * 30 / 100, abs=0.03)
    assert scores["high"]["after"] == pytest.approx(2 * 30 / 100, abs=0.03)
    assert result.score_after < result.score_before < case.record["figures"]["score_fitted"]
    assert any("keep the rules as they were" in note for note in case.warnings)


def test_what_was_tuned_says_so_and_stays_readable(case):
    """The document is valid by the schema and by the software, a ramp is one line, and its description tells it all."""
    scenes = [case.scene(f"s{seed}", 0.6, seed) for seed in range(2)]
    case.run(*scenes)
    text = (case.folder / "tuned.json").read_text("utf-8")
    document = json.loads(text)
    jsonschema.Draft202012Validator(json.loads((RULES_FOLDER / "ruleset.schema.json").read_text())).validate(document)
    assert '"tuned_from": [0.1, 0.3]' in text
    tuned = document["tuned"]
    assert (tuned["rules"], tuned["measure"], tuned["objects"]) == ("toy", "f1", ["s0.gpkg", "s1.gpkg"])
    assert [fold["name"] for fold in tuned["folds"]] == ["s0", "s1"]
    words = describerules.run(DescribeRulesOptions(rules=case.path("tuned.json")), Progress()).text
    assert "s0.gpkg, s1.gpkg against s0_reference.gpkg, s1_reference.gpkg" in words
    assert "tuned from 0.1, 0.3" in words
    # Tuned once more, it keeps its name, and the ramp that this tuning began with.
    case.run(*scenes, rules=case.path("tuned.json"), output=case.path("again.json"))
    assert load_rule_set(case.path("again.json")).name == document["name"] == "toy_tuned"


def test_landforms_without_objects_are_neither_found_nor_missed(case):
    """The reference of a whole range, of which the objects show a part: folds are made of what they show."""
    objects, _ = case.scene("one", 0.5)
    squares = [shapely.box(x, 0, x + 100, 100) for x in (0, 900, 5000, 6000, 7000)]
    reference = case.path("range.gpkg")
    write_layers(reference, {"a": VectorLayer(np.array(squares, dtype=object), {}, utm())})
    options = TuneRulesOptions(
        objects=(objects,), reference=(reference,), rules=case.path("rules.json"), output="o.json", folds=2
    )
    (scene,), _ = read_scenes(options, load_rule_set(options.rules), Progress())
    assert scene.landform_fold.tolist() == [0, 1]


def test_one_layer_is_cut_into_strips(case):
    """Parts lie side by side, and a landform is in one of them with all its objects."""
    objects, _ = case.scene("one", 0.5)
    bar = shapely.box(450, 250, 650, 350)
    others = [shapely.box(x, 750, x + 80, 830) for x in (10, 210, 710, 910)]
    reference = case.path("bars.gpkg")
    write_layers(reference, {"a": VectorLayer(np.array([bar, *others], dtype=object), {}, utm())})
    options = TuneRulesOptions(
        objects=(objects,), reference=(reference,), rules=case.path("rules.json"), output="o.json", folds=2
    )
    (scene,), folds = read_scenes(options, load_rule_set(options.rules), Progress())
    assert folds == ["part 1", "part 2"]
    assert len({int(fold) for fold in scene.folds[scene.part_object[scene.part_landform == 0]]}) == 1
    # The bar's middle, at 550 m, is the median of the five: it is in the second part, with the objects west of 500 m.
    west = scene.folds.reshape(SIDE, SIDE)
    assert west[2, 4] == west[3, 4] == 1 and west[7, 4] == 0


@pytest.mark.parametrize("measure", MEASURES)
def test_measures_by_hand(case, measure):
    """100 squares, 40 true, 80 mapped, all of the true: hits 40, so precision 1/2 and recall 1."""
    scene = case.scene("s", 0.6)
    options = TuneRulesOptions(objects=scene[:1], reference=scene[1:], rules=case.path("rules.json"), output="o.json")
    rules = load_rule_set(options.rules)
    (found,), _ = read_scenes(options, rules, Progress())
    whole = np.zeros(len(found.folds), int)
    everything = type(found)(**{**vars(found), "folds": whole, "landform_fold": np.zeros(40, int)})
    expected = {"f1": 2 / 3, "iou": 0.5, "f2": 5 / 6, "f05": 5 / 9, "landforms": 2 / 3}
    assert everything.scores(rules, measure, 1) == pytest.approx(expected[measure], abs=0.01)


def test_the_area_limits_what_counts(case):
    """With an area around the true squares alone, rules that map too much are perfect there."""
    objects, reference = case.scene("s", 0.6)
    limits = case.path("area.gpkg")
    write_layers(limits, {"a": VectorLayer(np.array([shapely.box(0, 0, 1000, 500)], dtype=object), {}, utm())})
    options = TuneRulesOptions(
        objects=(objects,), reference=(reference,), rules=case.path("rules.json"), output="o.json", area=limits
    )
    (scene,), _ = read_scenes(options, load_rule_set(options.rules), Progress())
    assert scene.area.sum() == pytest.approx(50 * 10_000)
    assert scene.inside.sum() <= scene.area.sum()


def test_a_landform_that_shares_an_object_is_in_the_same_part(case):
    """An object that straddles two landforms belongs to both; so do these to one part."""
    objects, _ = case.scene("one", 0.5)
    bars = [shapely.box(x, 250, x + 90, 350) for x in (5, 205, 410, 505, 705, 905)]
    # Two landforms on either side of the cut that share the squares from 400 to 500 m.
    bars[2], bars[3] = shapely.box(310, 250, 450, 350), shapely.box(455, 250, 590, 350)
    reference = case.path("bars.gpkg")
    write_layers(reference, {"a": VectorLayer(np.array(bars, dtype=object), {}, utm())})
    options = TuneRulesOptions(
        objects=(objects,), reference=(reference,), rules=case.path("rules.json"), output="o.json", folds=2
    )
    (scene,), _ = read_scenes(options, load_rule_set(options.rules), Progress())
    for landform, fold in enumerate(scene.landform_fold):
        assert set(scene.folds[scene.part_object[scene.part_landform == landform]]) == {fold}
    assert set(scene.landform_fold) == {0, 1}


def test_landforms_in_columns_are_cut_into_parts(case):
    """Landforms that lie equally far along are told apart by nothing else; each part has some of them."""
    objects, _ = case.scene("one", 0.5)
    squares = [shapely.box(x, y, x + 80, y + 80) for x in (110, 410, 710) for y in (110, 310, 510, 710)]
    reference = case.path("squares.gpkg")
    write_layers(reference, {"a": VectorLayer(np.array(squares, dtype=object), {}, utm())})
    options = TuneRulesOptions(
        objects=(objects,), reference=(reference,), rules=case.path("rules.json"), output="o.json", folds=4
    )
    (scene,), _ = read_scenes(options, load_rule_set(options.rules), Progress())
    assert np.bincount(scene.landform_fold).tolist() == [3, 3, 3, 3]


def test_layers_of_one_name_are_told_apart(case):
    """Every scene has its folder, and the same file name in it."""
    scenes = []
    for folder in ("north", "south"):
        (case.folder / folder).mkdir()
        scenes.append(case.scene(f"{folder}/objects", 0.6, len(scenes)))
    case.run(*scenes)
    assert [fold["name"] for fold in case.record["folds"]] == ["north/objects", "south/objects"]


def test_corners_stay_where_values_can_be(case):
    """No slope is below 0, whatever the width of a ramp at the end of the grid."""
    case.run(*(case.scene(f"s{seed}", 0.6, seed) for seed in range(2)), measure="f2")
    rules = json.loads((case.folder / "tuned.json").read_text("utf-8"))
    ramps = [item["ramp"] for rule in rules["passes"][0]["rules"] for item in rule["conditions"]]
    assert min(map(min, ramps)) >= 0
    for curve in case.record["thresholds"]:
        assert curve["values"] == sorted(set(curve["values"]))


def test_tuning_again_keeps_no_former_ramps(case):
    """`tuned_from` stands where this tuning has moved corners, from the rules that it began with."""
    scenes = [case.scene(f"s{seed}", 0.6, seed) for seed in range(2)]
    case.run(*scenes)
    again = case.path("again.json")
    case.run(*scenes, rules=case.path("tuned.json"), output=again)
    document = json.loads(Path(again).read_text("utf-8"))
    conditions = [item for rule in document["passes"][0]["rules"] for item in rule["conditions"]]
    changed = {change["feature"] for change in case.record["changes"]}
    assert {item["feature"] for item in conditions if "tuned_from" in item} == changed


def test_what_cannot_be_tuned_is_told(case):
    """Counts of layers, folds without reference, classes and features that are not there, rules without thresholds."""
    scenes = [case.scene(f"s{seed}", 0.6, seed) for seed in range(3)]
    given = {"rules": case.path("rules.json"), "output": case.path("tuned.json")}
    objects, references = zip(*scenes, strict=True)
    with pytest.raises(InvalidOptionError, match="3 layers of objects and 2 of references"):
        tunerules.run(TuneRulesOptions(objects=objects, reference=references[:2], **given), Progress())
    far = case.scene("far", 0.6, north=90_000.0)
    with pytest.raises(InvalidVectorError, match="No object of s1 overlaps"):
        tunerules.run(TuneRulesOptions(objects=objects[:2], reference=(references[0], far[1]), **given), Progress())
    with pytest.raises(InvalidOptionError, match="is given twice among the objects"):
        case.run(scenes[0], scenes[0])
    with pytest.raises(OutputError, match="name the same file"):
        case.run(*scenes, json=case.path("tuned.json"))
    with pytest.raises(InvalidOptionError, match="Did you mean `cliff`"):
        case.run(*scenes, classes=("clif",))
    with pytest.raises(InvalidRuleSetError, match="needs, at"):
        case.run(*scenes, rules="full_stack")
    assert not list(case.folder.glob("*tuned*"))


def test_cancel_leaves_nothing(case):
    """Who stops a tuning finds no rule set."""

    class Stopped(Progress):
        def cancelled(self) -> bool:
            return True

    objects, reference = case.scene("s", 0.6)
    options = TuneRulesOptions(
        objects=(objects,), reference=(reference,), rules=case.path("rules.json"), output=case.path("tuned.json")
    )
    with pytest.raises(Cancelled):
        tunerules.run(options, Stopped())
    assert not (case.folder / "tuned.json").exists()
