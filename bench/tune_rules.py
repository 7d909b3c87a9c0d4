"""Tune the rule set on the simulated training landscapes, and state what that gives on the validation landscape.

    python bench/leave_one_out.py --data ../shared/data --output build/leave_one_out
    python bench/tune_rules.py --data ../shared/data --networks build/leave_one_out --output build/tuned

The heatmap of each training landscape is that of a network that did not see it. The stage `tunerules` takes each
landscape for a fold. Its rules and those that they were made of then map the validation landscape, with the shipped
network; it has no part in the tuning. Everything is SIMULATED.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from evaluate_landscape import VALIDATION_LANDSCAPE, accuracy_of, prepared
from rock_glacier_mapper.core.contracts.heatmap import HeatmapOptions
from rock_glacier_mapper.core.contracts.maprockglaciers import MapRockGlaciersOptions
from rock_glacier_mapper.core.contracts.objectfeatures import ObjectFeaturesOptions
from rock_glacier_mapper.core.contracts.segment import SegmentOptions
from rock_glacier_mapper.core.contracts.smoothheatmap import SmoothHeatmapOptions
from rock_glacier_mapper.core.contracts.tunerules import MEASURES, TuneRulesOptions
from rock_glacier_mapper.core.options import Options
from rock_glacier_mapper.core.progress import Progress
from rock_glacier_mapper.core.stages import stage_named
from scene_stack import TRAINING_LANDSCAPES, read_scene, write_stack

Record = dict[str, Any]


def main() -> None:
    """Tune, then map the validation landscape with the rules before and after."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with landscapes")
    parser.add_argument("--networks", type=Path, required=True, help="folder that leave_one_out.py wrote")
    parser.add_argument("--output", type=Path, required=True, help="folder for the tuned rules and all that is made")
    parser.add_argument("--model", default="full_10m", help="network for the validation landscape")
    parser.add_argument("--rules", default="full_stack", help="name of a shipped rule set, or a .json file")
    parser.add_argument("--measure", default=MEASURES[0], choices=MEASURES)
    parser.add_argument("--scale", type=float, default=SegmentOptions.__dataclass_fields__["scale"].default)
    arguments = parser.parse_args()
    arguments.output.mkdir(parents=True, exist_ok=True)
    landscapes = arguments.data / "landscapes"
    record = tuned(arguments, landscapes)
    print("\n".join(tuning_table(record)))
    scored = prepared(landscapes / "validation" / VALIDATION_LANDSCAPE, arguments.output, arguments.model)
    figures = {}
    for name, rules in (("as they were", arguments.rules), ("tuned", str(arguments.output / "rules.json"))):
        outlines = arguments.output / f"{VALIDATION_LANDSCAPE}_{name.replace(' ', '_')}.gpkg"
        chain = MapRockGlaciersOptions(
            stack=str(scored.stack), model=arguments.model, rules=rules, output=str(outlines), scale=arguments.scale
        )
        stage_named("maprockglaciers").run(chain, Progress())
        figures[name] = accuracy_of(outlines, scored, arguments.output)["figures"]
    print("\n".join(validation_table(figures)))


def tuned(arguments: argparse.Namespace, landscapes: Path) -> Record:
    """Tune the rules and return the stage's record."""
    folders = [landscapes / "train" / name for name in TRAINING_LANDSCAPES]
    path = arguments.output / "tuning.json"
    options = TuneRulesOptions(
        objects=tuple(objects_of(arguments, folder) for folder in folders),
        reference=tuple(f"{folder / 'reference.gpkg'}|layername=rock_glaciers" for folder in folders),
        rules=arguments.rules,
        output=str(arguments.output / "rules.json"),
        report=str(arguments.output / "tuning.html"),
        json=str(path),
        measure=arguments.measure,
    )
    stage_named("tunerules").run(options, Progress())
    record: Record = json.loads(path.read_text("utf-8"))
    return record


def objects_of(arguments: argparse.Namespace, folder: Path) -> str:
    """Return the objects of a landscape; files that an earlier run has made are taken as they are."""
    name, output = folder.name, arguments.output
    stack, heatmap, smoothed = (output / f"{name}_{what}.tif" for what in ("stack", "heatmap", "smoothed"))
    labels = output / f"{name}_labels_{arguments.scale:g}.tif"
    objects = output / f"{name}_objects_{arguments.scale:g}.gpkg"
    if not stack.exists():
        scene = read_scene(folder)
        write_stack(stack, scene, scene.grid.whole)
    network = str(arguments.networks / f"without_{name}.onnx")
    _run("heatmap", HeatmapOptions(stack=str(stack), model=network, output=str(heatmap), device="cpu"))
    _run("smoothheatmap", SmoothHeatmapOptions(input=str(heatmap), output=str(smoothed)))
    segmenting = SegmentOptions(input=str(stack), heatmap=str(smoothed), output=str(labels), scale=arguments.scale)
    _run("segment", segmenting)
    layers = (str(stack), str(smoothed))
    _run("objectfeatures", ObjectFeaturesOptions(labels=str(labels), layers=layers, output=str(objects)))
    return str(objects)


def _run(stage: str, options: Options) -> None:
    if not Path(options.output).exists():
        stage_named(stage).run(options, Progress())


def tuning_table(record: Record) -> list[str]:
    """Return what tuning gave on the training landscapes, as Markdown."""
    folds, figures = record["folds"], record["figures"]
    rows = (
        ("rules as they were", "before", "score_before"),
        ("rules tuned on the others", "after", "score_after"),
        ("rules tuned on all (fitted)", "fitted", "score_fitted"),
    )
    return [
        f"| {record['measure']} of objects, by area | " + " | ".join(fold["name"] for fold in folds) + " | mean |",
        "|---|" + "---|" * (len(folds) + 1),
        *(
            f"| {title} | " + " | ".join(f"{fold[key]:.3f}" for fold in folds) + f" | {figures[mean]:.3f} |"
            for title, key, mean in rows
        ),
        "",
        *(
            f"- {item['feature']} {item['membership']}: {item['before']} to {item['after']}"
            for item in record["changes"]
        ),
        *(f"- {note}" for note in record["notes"]),
    ]


def validation_table(figures: dict[str, Record]) -> list[str]:
    """Return what the rules give on the validation landscape, as Markdown."""
    names = ("f1", "iou", "producers_accuracy", "users_accuracy", "area_bias", "matched_count", "false_count")
    before, after = figures["as they were"]["f1"], figures["tuned"]["f1"]
    return [
        "",
        f"| {VALIDATION_LANDSCAPE}, outlines | " + " | ".join(names) + " |",
        "|---|" + "---|" * len(names),
        *(
            f"| {title} | " + " | ".join(f"{item[name]:.4g}" for name in names) + " |"
            for title, item in figures.items()
        ),
        "",
        f"Change in F1 on {VALIDATION_LANDSCAPE}: {after - before:+.4f}",
    ]


if __name__ == "__main__":
    main()
