"""Train a network for each simulated training landscape on the other three, so that rules can be tuned on heatmaps.

    python bench/leave_one_out.py --data ../shared/data --output FOLDER

The heatmap of a landscape that a network was trained on is better than any that it makes later, and rules tuned on it
trust it too much. Each is made as one of the networks of `full_10m` is, without one landscape; one that is there
already is not made again.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from rock_glacier_mapper.core.contracts.traincnn import SYMMETRIC_UNET
from scene_stack import TRAINING_LANDSCAPES
from train_models import FULL_WIDTHS, Plan, full_recipe, landscapes, make_model


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with landscapes")
    parser.add_argument("--output", type=Path, required=True, help="folder for the networks, without_LANDSCAPE.onnx")
    parser.add_argument("--landscapes", nargs="+", choices=TRAINING_LANDSCAPES, default=TRAINING_LANDSCAPES)
    parser.add_argument("--work", type=Path, default=Path("build/training"), help="folder for samples and reports")
    parser.add_argument("--epochs", type=int, default=12)
    arguments = parser.parse_args()
    for left_out in arguments.landscapes:
        if (arguments.output / f"without_{left_out}.onnx").exists():
            continue
        others = [name for name in TRAINING_LANDSCAPES if name != left_out]
        recipe = full_recipe(
            f"SIMULATED landscapes {', '.join(others)}",
            architecture=SYMMETRIC_UNET,
            widths=FULL_WIDTHS,
            epochs=arguments.epochs,
        )
        plan = Plan(landscapes(others), recipe)
        make_model(f"without_{left_out}", plan, arguments.data, arguments.output, arguments.work)


if __name__ == "__main__":
    main()
