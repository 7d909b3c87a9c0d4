"""Train models by the stages that users have: `samples`, then `traincnn`.

    python bench/train_models.py --model full_10m --data ../shared/data --output models
    python bench/train_models.py --model vhr_2m --data ../shared/data --output models

A recipe is nothing but options of `traincnn`; `--set NAME=VALUE` changes one to try things out. Repeated on one machine
it gives the same model. An interrupted training goes on when it is started again with the same `--work`.
"""

from __future__ import annotations

import argparse
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any

from option_changes import changed_options
from rock_glacier_mapper.core.contracts.quantise import QuantiseOptions
from rock_glacier_mapper.core.contracts.traincnn import MIXED, PATCH_CNN, SYMMETRIC_UNET, TrainCnnOptions
from rock_glacier_mapper.core.progress import TextProgress
from rock_glacier_mapper.core.stages import stage_named
from sample_folders import landscape_samples
from scene_stack import FINE_LANDSCAPE, TRAINING_LANDSCAPES

LICENCE = "GPL-2.0-or-later"
FULL_BANDS = (
    *("B02", "B03", "B04", "B08", "B11", "B12", "coherence"),
    *("slope", "profile_curvature", "plan_curvature", "tpi_250"),
)
# A narrower first level sees texture only by chance; three of these networks would fit into a file of 8 MB.
FULL_WIDTHS = ("32", "48", "64", "128", "160")
FINE_BANDS = ("B02", "B03", "B04", "B08", "slope", "profile_curvature", "plan_curvature", "tpi_50")
# Blocks of 2 km keep landforms of each landscape for validation; the test is another scene.
LANDSCAPE_SAMPLES = {
    "patch_size": 160.0,
    "block_size": 2000.0,
    "chips_per_landform": 6,
    "validation_share": 0.15,
    "test_share": 0.0,
    "seed": 1,
}
# One scene of 3 km has ten landforms: some of them validate, some test.
FINE_SAMPLES = {
    "patch_size": 96.0,
    "block_size": 500.0,
    "chips_per_landform": 16,
    "validation_share": 0.2,
    "test_share": 0.2,
    "seed": 1,
}


@dataclass(frozen=True)
class Plan:
    """How one model is made.

    Attributes
    ----------
    samples : callable
        Makes the folders of samples from the data folder, in a folder of work.
    recipe : mapping
        Options of `traincnn`.
    quantised_on : str
        Name of the stack, among those that the samples are cut from, on which the model is also quantised; empty where
        it is not.
    """

    samples: Callable[[Path, Path], Sequence[str]]
    recipe: Mapping[str, Any] = field(default_factory=dict)
    quantised_on: str = ""


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", choices=PLANS, required=True)
    parser.add_argument("--data", type=Path, required=True, help="folder with landscapes")
    parser.add_argument("--output", type=Path, required=True, help="folder for the model and its card")
    parser.add_argument("--work", type=Path, default=Path("build/training"), help="folder for samples and reports")
    parser.add_argument("--set", nargs="*", default=[], metavar="NAME=VALUE", help="options of traincnn to change")
    arguments = parser.parse_args()
    changes = changed_options(TrainCnnOptions, arguments.set)
    make_model(arguments.model, PLANS[arguments.model], arguments.data, arguments.output, arguments.work, changes)


def make_model(
    name: str, plan: Plan, data: Path, output: Path, work: Path, changes: Mapping[str, Any] | None = None
) -> Path:
    """Cut the samples, unless they are there, and train; return the model's path."""
    folder = work / name
    if not (folder / "complete").exists():
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        folders = plan.samples(data, folder)
        (folder / "complete").write_text("\n".join(folders), "utf-8")
    folders = (folder / "complete").read_text("utf-8").splitlines()
    output.mkdir(parents=True, exist_ok=True)
    model = output / f"{name}.onnx"
    options = TrainCnnOptions(
        samples=tuple(folders),
        output=str(model),
        report=str(folder / "training.html"),
        **{**plan.recipe, **(changes or {})},
    )
    progress = TextProgress(lambda line: print(line, file=sys.stderr, flush=True))
    print(stage_named("traincnn").run(options, progress))
    if plan.quantised_on:
        small = model.with_name(f"{name}_int8.onnx")
        quantising = QuantiseOptions(model=str(model), stack=str(folder / plan.quantised_on), output=str(small))
        print(stage_named("quantise").run(quantising, progress))
    return model


def landscapes(
    names: Sequence[str], options: Mapping[str, Any] = MappingProxyType(LANDSCAPE_SAMPLES)
) -> Callable[[Path, Path], list[str]]:
    """Return what makes the samples of simulated training landscapes."""
    return lambda data, work: [
        landscape_samples(data / "landscapes" / "train" / name, work, **options) for name in names
    ]


def full_recipe(description: str, **options: Any) -> dict[str, Any]:
    """Return the recipe of models for all bands of 10 m."""
    recipe = {
        "bands": FULL_BANDS,
        "epochs": 14,
        "positive_share": 0.35,
        "dropout": 0.15,
        "patience": 0,
        "seed": 1,
        "threads": 1,  # so that sums do not depend on the machine's number of cores
        "precision": "bfloat16",
        "title": "Rock glaciers from Sentinel-2, coherence and terrain (simulated)",
        "description": description,
        "licence": LICENCE,
    }
    return {**recipe, **options}


PLANS = {
    "full_10m": Plan(
        landscapes(TRAINING_LANDSCAPES),
        full_recipe(
            "Shows the whole chain at work. Trained on four SIMULATED landscapes at 10 m (two arid, one high, one "
            "alpine): its figures say nothing about real regions; its heatmap of a real region is not to be trusted.",
            architecture=MIXED,
            members=2,
            epochs=12,
            widths=FULL_WIDTHS,
        ),
        "himalaya_a_stack.tif",
    ),
    # The seed study's kind of network, for comparison; it does not ship.
    "patch_cnn_10m": Plan(
        landscapes(TRAINING_LANDSCAPES),
        full_recipe("For comparison with full_10m; trained on the same SIMULATED samples.", architecture=PATCH_CNN),
    ),
    "vhr_2m": Plan(
        landscapes((FINE_LANDSCAPE,), FINE_SAMPLES),
        {
            "architecture": SYMMETRIC_UNET,
            "bands": FINE_BANDS,
            "epochs": 20,
            "patience": 0,
            "seed": 1,
            "threads": 1,
            "precision": "bfloat16",
            "title": "Rock glaciers from imagery and terrain of 2 m (simulated)",
            "description": (
                "Shows the chain at 2 m. Trained and tested on parts of ONE SIMULATED scene with ten rock glaciers: "
                "its figures say nothing about real regions; its heatmap of a real region is not to be trusted."
            ),
            "licence": LICENCE,
        },
        "vhr_stack.tif",
    ),
}

if __name__ == "__main__":
    main()
