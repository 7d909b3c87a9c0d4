"""Train a small network on the bundled scene, which is simulated, as a user trains one on her own region.

Cuts samples, trains a U-Net on them, and maps the scene with it. Called by ``make train-demo``; with the same seed it
gives the same model on the same machine.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from headless import SAMPLE, copied_reference
from rock_glacier_mapper.core.contracts.heatmap import HeatmapOptions
from rock_glacier_mapper.core.contracts.samples import SamplesOptions
from rock_glacier_mapper.core.contracts.traincnn import TrainCnnOptions
from rock_glacier_mapper.core.options import Options
from rock_glacier_mapper.core.progress import TextProgress
from rock_glacier_mapper.core.stages import stage_named


def main() -> None:
    """Run the three stages and say where the results are."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, default=Path("train-demo-output"), help="folder for the results")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--epochs", type=int, default=40)
    arguments = parser.parse_args()
    output: Path = arguments.output
    output.mkdir(parents=True, exist_ok=True)
    stack, inventory = str(SAMPLE / "simulated_stack.tif"), copied_reference(output)
    print("The bundled scene is SIMULATED, and small: the figures show how training works, nothing else.")
    samples = output / "samples"
    run(
        "samples",
        SamplesOptions(
            stack=stack, inventory=inventory, output=str(samples), chips_per_landform=4, seed=arguments.seed
        ),
    )
    model, report = str(output / "demo_unet.onnx"), str(output / "training.html")
    result = run(
        "traincnn",
        TrainCnnOptions(
            samples=(str(samples),),
            output=model,
            report=report,
            epochs=arguments.epochs,
            learning_rate=0.004,
            averaging=0.98,
            widths=("12", "24", "48", "64", "96"),
            seed=arguments.seed,
            title="Demonstration, trained on a simulated scene",
            description="Trained on one small SIMULATED scene; it says nothing about real regions.",
            licence="GPL-2.0-or-later",
        ),
    )
    heatmap = str(output / "heatmap.tif")
    run("heatmap", HeatmapOptions(stack=stack, model=model, output=heatmap, device="cpu"))
    print(f"Average precision: {result.validation_average_precision:.3f} (validation chips)")
    print(f"Average precision: {result.test_average_precision:.3f} (test chips)")
    for what, path in (("Samples", f"{samples}/report.html"), ("Training", report), ("Model", model), ("Map", heatmap)):
        print(f"{what}: {path}")


def run(stage: str, options: Options) -> Any:
    """Run a stage, with its progress on standard error."""
    return stage_named(stage).run(options, TextProgress(lambda line: sys.stderr.write(line + "\n")))


if __name__ == "__main__":
    main()
