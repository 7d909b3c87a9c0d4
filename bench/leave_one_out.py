"""Train a network for each simulated training landscape on the other three, so that rules can be tuned on heatmaps.

    python bench/leave_one_out.py --data ../shared/data --output FOLDER

The heatmap of a landscape that a network was trained on is better than any that it makes later, and rules tuned on it
trust it too much. These networks are made as `simulated_full_stack` is, each without one landscape, in fewer steps.
"""

from __future__ import annotations

import argparse
from dataclasses import replace
from pathlib import Path

import torch
from scene_stack import TRAINING_LANDSCAPES
from train_models import PLANS, Plan, make_model
from training_areas import scene_area


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with landscapes")
    parser.add_argument("--output", type=Path, required=True, help="folder for the networks, without_LANDSCAPE.onnx")
    parser.add_argument("--landscapes", nargs="+", choices=TRAINING_LANDSCAPES, default=TRAINING_LANDSCAPES)
    parser.add_argument("--steps", type=int, default=700)
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    arguments.output.mkdir(parents=True, exist_ok=True)
    for name in arguments.landscapes:
        make_model(plan_without(name, arguments.steps), arguments.data, arguments.output)


def plan_without(left_out: str, steps: int) -> Plan:
    """Return the plan of a network that does not see a landscape and is scored on it."""
    plan = PLANS["simulated_full_stack"]
    folder = Path("landscapes", "train")
    others = [name for name in TRAINING_LANDSCAPES if name != left_out]
    return replace(
        plan,
        card=replace(plan.card, name=f"without_{left_out}", training_data="SIMULATED landscapes " + ", ".join(others)),
        recipe=replace(plan.recipe, steps=steps),
        trained=lambda data: [scene_area(data / folder / name) for name in others],
        scored=lambda data: scene_area(data / folder / left_out),
        scored_data=f"SIMULATED landscape {left_out}",
        how="By pixel over the whole landscape, which was not trained on; best F1 takes its threshold there.",
    )


if __name__ == "__main__":
    main()
