"""Tune the corners of a rule set on the simulated training landscapes.

    python bench/leave_one_out.py --data ../shared/data --output build/leave_one_out
    python bench/tune_rules.py --data ../shared/data --networks build/leave_one_out --output build/tuned

The heatmap of each landscape is that of a network that did not see it. One condition after the other, in the order of
`KNOBS`, takes the corners that give the largest F1, the mean of the landscapes, until none changes. How much of that is
fitting is seen by doing the same with each landscape left out, and scoring on it. The validation landscape has no part.
"""

from __future__ import annotations

import argparse
import copy
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rock_glacier_mapper.core.contracts.heatmap import HeatmapOptions
from rock_glacier_mapper.core.contracts.objectfeatures import ObjectFeaturesOptions
from rock_glacier_mapper.core.contracts.segment import SegmentOptions
from rock_glacier_mapper.core.contracts.smoothheatmap import SmoothHeatmapOptions
from rock_glacier_mapper.core.objects.coverage import shared_borders
from rock_glacier_mapper.core.options import Options
from rock_glacier_mapper.core.progress import Progress
from rock_glacier_mapper.core.rasters.raster import Raster
from rock_glacier_mapper.core.rules.context import Neighbourhood
from rock_glacier_mapper.core.rules.ruleengine import evaluate
from rock_glacier_mapper.core.rules.rules import RULES_FOLDER, RuleSet, load_rule_set
from rock_glacier_mapper.core.stages import stage_named
from rock_glacier_mapper.core.vectors.vector import read_layer
from scene_stack import TRAINING_LANDSCAPES, read_scene, write_stack
from scoring import Counts, agreement_from, best_f1, best_threshold, counted_levels

_SMALLEST_GAIN = 0.0005

Document = dict[str, Any]


@dataclass(frozen=True)
class Knob:
    """Corners to choose from for the condition on a feature, in the first rule for the class that has one."""

    of_class: str
    feature: str
    ramps: tuple[tuple[float, ...], ...]

    def found_in(self, document: Document) -> bool:
        """Whether a document has the condition."""
        return bool(self._conditions(document))

    def condition(self, document: Document) -> Document:
        """Return the condition in a document."""
        return self._conditions(document)[0]

    def turned(self, document: Document, ramp: Sequence[float]) -> Document:
        """Return a copy of a document in which the condition has other corners."""
        turned = copy.deepcopy(document)
        self.condition(turned)["ramp"] = list(ramp)
        return turned

    def _conditions(self, document: Document) -> list[Document]:
        rules = [rule for step in document["passes"] for rule in step["rules"] if rule["class"] == self.of_class]
        return [item for rule in rules for item in rule["conditions"] if item["feature"] == self.feature]


KNOBS = (
    Knob("rock_glacier", "heatmap_mean", tuple((low / 100, (low + 30) / 100) for low in range(10, 45, 5))),
    Knob(
        "rock_glacier",
        "relative_elevation",
        ((-1, -1), (0.0, 0.1), (0.05, 0.1), (0.05, 0.15), (0.1, 0.2), (0.15, 0.25)),
    ),
    Knob("rock_glacier", "slope_mean", ((3, 5, 38, 45), (3, 5, 33, 40), (3, 5, 30, 35), (5, 8, 38, 45))),
    Knob("rock_glacier", "coherence_mean", ((0.9, 1.0), (0.8, 0.9), (0.7, 0.8))),
)
"""What is tuned; the ranges are those that inventories and what is known of the landforms allow."""


@dataclass(frozen=True)
class Objects:
    """The objects of a landscape.

    Attributes
    ----------
    name : str
    columns : mapping of array
        Their features.
    neighbourhood : Neighbourhood
    pixels, inside : array of int
        Pixels of each object, and those of them in the reference.
    reference : int
        Pixels of the reference.
    levels : pair of array of int
        Pixels inside and outside of the reference by their value in the heatmap.
    """

    name: str
    columns: dict[str, NDArray[Any]]
    neighbourhood: Neighbourhood
    pixels: NDArray[np.int64]
    inside: NDArray[np.int64]
    reference: int
    levels: tuple[Counts, Counts]

    def f1(self, rules: RuleSet) -> float:
        """Return the F1 score, by pixel, of the objects that get the target class."""
        found = evaluate(rules, self.columns, len(self.pixels), self.neighbourhood)
        target = found.classes == [item.name for item in rules.classes].index(rules.target)
        return float(2 * self.inside[target].sum() / max(self.pixels[target].sum() + self.reference, 1))


def main() -> None:
    """Tune, cross-validate, write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with landscapes")
    parser.add_argument("--networks", type=Path, required=True, help="folder that leave_one_out.py wrote")
    parser.add_argument("--output", type=Path, required=True, help="folder for the tuned rules and all that is made")
    parser.add_argument("--rules", type=Path, default=RULES_FOLDER / "full_stack.json")
    parser.add_argument("--scale", type=float, default=SegmentOptions.__dataclass_fields__["scale"].default)
    arguments = parser.parse_args()
    arguments.output.mkdir(parents=True, exist_ok=True)
    landscapes = [prepared(arguments, name) for name in TRAINING_LANDSCAPES]
    tuner = Tuner(arguments.output / "candidate.json")
    document = json.loads(arguments.rules.read_text("utf-8"))
    tuned = tuner.tuned(document, landscapes)
    print("| F1 by pixel | " + " | ".join(item.name for item in landscapes) + " | mean |")
    print("|---|" + "---|" * (len(landscapes) + 1))
    _print_row("best single threshold of each", [best_f1(*item.levels) for item in landscapes])
    _print_row("single threshold of the other three", [_threshold_of_others(item, landscapes) for item in landscapes])
    _print_row("rules as they were", tuner.scores(document, landscapes))
    _print_row("rules tuned on all four", tuner.scores(tuned, landscapes))
    left_out = []
    for item in landscapes:
        others = [other for other in landscapes if other is not item]
        left_out += tuner.scores(tuner.tuned(document, others), [item])
    _print_row("rules tuned on the other three", left_out)
    print("\n| condition | corners: mean F1 with them, the others as tuned |\n|---|---|")
    for knob in tuner.knobs(tuned):
        chosen = knob.condition(tuned)["ramp"]
        found = [(ramp, np.mean(tuner.scores(knob.turned(tuned, ramp), landscapes))) for ramp in knob.ramps]
        texts = [f"{list(ramp)} {f1:.3f}{' (chosen)' if list(ramp) == chosen else ''}" for ramp, f1 in found]
        print(f"| {knob.of_class}: {knob.feature} | {'; '.join(texts)} |")
    (arguments.output / arguments.rules.name).write_text(json.dumps(tuned, indent=2) + "\n", "utf-8")


class Tuner:
    """Chooses corners.

    Parameters
    ----------
    scratch : Path
        File to write candidates to, so that they are read and checked as any rule set.
    """

    def __init__(self, scratch: Path) -> None:
        self._scratch = scratch

    def tuned(self, document: Document, landscapes: Sequence[Objects]) -> Document:
        """Return a copy of a rule set with the best corners for some landscapes."""
        best, score = copy.deepcopy(document), np.mean(self.scores(document, landscapes))
        changed = True
        while changed:
            changed = False
            for knob in self.knobs(document):
                for ramp in knob.ramps:
                    candidate = knob.turned(best, ramp)
                    found = np.mean(self.scores(candidate, landscapes))
                    if found > score + _SMALLEST_GAIN:
                        best, score, changed = candidate, found, True
        return best

    def scores(self, document: Document, landscapes: Sequence[Objects]) -> list[float]:
        """Return the F1 score of a rule set on each landscape."""
        self._scratch.write_text(json.dumps(document), "utf-8")
        rules = load_rule_set(str(self._scratch))
        return [item.f1(rules) for item in landscapes]

    @staticmethod
    def knobs(document: Document) -> list[Knob]:
        """Return the knobs whose condition a rule set has."""
        return [knob for knob in KNOBS if knob.found_in(document)]


def prepared(arguments: argparse.Namespace, name: str) -> Objects:
    """Return the objects of a landscape; files that an earlier run has made are taken as they are."""
    scene = read_scene(arguments.data / "landscapes" / "train" / name)
    stack, heatmap, smoothed = (arguments.output / f"{name}_{what}.tif" for what in ("stack", "heatmap", "smoothed"))
    labels = arguments.output / f"{name}_labels_{arguments.scale:g}.tif"
    objects = labels.with_name(f"{name}_objects_{arguments.scale:g}.gpkg")
    if not stack.exists():
        write_stack(stack, scene, scene.grid.whole)
    network = str(arguments.networks / f"without_{name}.onnx")
    _run("heatmap", HeatmapOptions(stack=str(stack), model=network, output=str(heatmap), device="cpu"))
    _run("smoothheatmap", SmoothHeatmapOptions(input=str(heatmap), output=str(smoothed)))
    _run(
        "segment",
        SegmentOptions(input=str(stack), heatmap=str(smoothed), output=str(labels), scale=arguments.scale),
    )
    layers = (str(stack), str(smoothed))
    _run("objectfeatures", ObjectFeaturesOptions(labels=str(labels), layers=layers, output=str(objects)))
    layer = read_layer(str(objects))
    with Raster(str(labels)) as raster:
        of_pixel = raster.read_raw().ravel()
    with Raster(str(heatmap)) as raster:
        values = raster.read()[0]
    reference, known = scene.reference, np.isfinite(values)
    return Objects(
        name,
        layer.columns,
        Neighbourhood(shared_borders(layer.geometries, Progress()), layer.geometries),
        np.bincount(of_pixel, minlength=len(layer) + 1)[layer.columns["object_id"]],
        np.bincount(of_pixel[reference.ravel()], minlength=len(layer) + 1)[layer.columns["object_id"]],
        int(reference.sum()),
        counted_levels(np.clip(values[known], 0, 1), reference[known]),
    )


def _run(stage: str, options: Options) -> None:
    if not Path(options.output).exists():
        stage_named(stage).run(options, Progress())


def _threshold_of_others(scored: Objects, landscapes: Sequence[Objects]) -> float:
    """Return the F1 score, on one landscape, of the threshold that is best on the others together."""
    others = [item.levels for item in landscapes if item is not scored]
    threshold = best_threshold(*(np.sum(counts, axis=0) for counts in zip(*others, strict=True)))
    return agreement_from(threshold, *scored.levels).figures["f1"]


def _print_row(what: str, scores: Sequence[float]) -> None:
    print(f"| {what} | " + " | ".join(f"{score:.3f}" for score in (*scores, np.mean(scores))) + " |")


if __name__ == "__main__":
    main()
