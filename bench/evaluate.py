"""The whole protocol of evaluation: simulated landscape, ablation, real sites; one page of tables, and JSON.

    python bench/evaluate.py --data ../shared/data --output build/evaluation

What has to be trained for it (the classifier of patches, and a model for each real site that is left out) is trained
the first time, and taken from the output folder afterwards. Simulated and real figures stand in tables of their own:
they must not be compared.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path

import ablation
import evaluate_landscape
import evaluate_sites
from scene_stack import read_scene
from train_models import PLANS, make_model

PATCH_MODEL = "patch_cnn_10m"
PARTS = ("landscape", "ablation", "sites")


def main() -> None:
    """Run the evaluation."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with landscapes and los_helados")
    parser.add_argument("--output", type=Path, required=True, help="folder for evaluation.json and all that is made")
    parser.add_argument("--model", default="full_10m", help="name of a shipped model, or an .onnx file")
    parser.add_argument("--rules", default="full_stack", help="name of a shipped rule set, or a .json file")
    parser.add_argument("--parts", nargs="+", choices=PARTS, default=PARTS)
    arguments = parser.parse_args()
    arguments.output.mkdir(parents=True, exist_ok=True)
    makers = {"landscape": _landscape, "ablation": _ablation, "sites": _sites}
    record, lines = {}, []
    for part in arguments.parts:
        record[part], page = makers[part](arguments)
        lines += [*page, ""]
    (arguments.output / "evaluation.json").write_text(json.dumps(record, indent=2) + "\n", "utf-8")
    print("\n".join(lines))


def _landscape(arguments: argparse.Namespace) -> tuple[object, list[str]]:
    record = evaluate_landscape.evaluated(
        arguments.data / "landscapes", arguments.output, arguments.model, arguments.rules
    )
    return record, ["### Simulated: the chain on the validation landscape", "", *evaluate_landscape.tables(record)]


def _ablation(arguments: argparse.Namespace) -> tuple[object, list[str]]:
    patch_model = arguments.output / f"{PATCH_MODEL}.onnx"
    if not patch_model.exists():
        make_model(PATCH_MODEL, PLANS[PATCH_MODEL], arguments.data, arguments.output, arguments.output / "training")
    name = evaluate_landscape.VALIDATION_LANDSCAPE
    scene = read_scene(arguments.data / "landscapes" / "validation" / name)
    rows = ablation.ablations(scene, arguments.model, str(patch_model), arguments.output)
    return rows, [f"### Simulated: without some of the bands ({name})", "", *ablation.table(rows)]


def _sites(arguments: argparse.Namespace) -> tuple[object, list[str]]:
    records = evaluate_sites.evaluated(arguments.data, arguments.output / "sites")
    return records, ["### Real: Los Helados, each site left out in turn", "", evaluate_sites.document(records)]


if __name__ == "__main__":
    main()
