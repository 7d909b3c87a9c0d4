"""How much processor time 8-bit integers save, and what they change in the heatmap.

    python bench/bench_int8.py [--model NAME_OR_PATH --stack PATH] [--repeat 4] [--runs 3]

The stack is laid out several times side by side so that the network, not the start of Python, takes the time. Both
models run on it through the heatmap stage, each run in a process of its own, in turns; the least of the runs counts.
Processor seconds are those of the whole process, reading and writing included.
"""

from __future__ import annotations

import argparse
import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import onnxruntime
from rock_glacier_mapper.core.contracts.quantise import QuantiseOptions, QuantiseResult
from rock_glacier_mapper.core.networks.models import find_model
from rock_glacier_mapper.core.networks.quantise import run as quantise
from rock_glacier_mapper.core.progress import Progress
from rock_glacier_mapper.core.rasters.grid import Grid, Window
from rock_glacier_mapper.core.rasters.raster import Raster, RasterWriter

ROOT = Path(__file__).parents[1]
TARGET = 0.65
TILE = 512


def main() -> None:
    """Quantise, run both models, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", default="full_10m")
    parser.add_argument("--stack", default=str(ROOT / "resources" / "sample" / "simulated_stack.tif"))
    parser.add_argument("--repeat", type=int, default=4, help="how often the stack is repeated, along each side")
    parser.add_argument("--runs", type=int, default=3)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        small = os.path.join(folder, "int8.onnx")
        change = quantise(QuantiseOptions(arguments.model, arguments.stack, small, max_change_share=1.0), Progress())
        stack = os.path.join(folder, "stack.tif")
        repeat(arguments.stack, stack, arguments.repeat)
        models = {"float": str(find_model(arguments.model)), "int8": small}
        stage = {name: [] for name in models}
        network = {name: [] for name in models}
        for _ in range(arguments.runs):
            for name, model in models.items():
                stage[name].append(heatmap_seconds(stack, model, os.path.join(folder, "heatmap.tif")))
                network[name].append(network_seconds(model))
    report(
        {name: min(runs) for name, runs in stage.items()}, {name: min(runs) for name, runs in network.items()}, change
    )


def repeat(source: str, target: str, times: int) -> None:
    """Write a raster several times side by side, in both directions."""
    with Raster(source) as raster:
        values, grid = raster.read(), raster.grid
        whole = Grid(grid.width * times, grid.height * times, grid.geotransform, grid.crs)
        with RasterWriter(target, whole, raster.bands) as writer:
            for row in range(times):
                for column in range(times):
                    window = Window(column * grid.width, row * grid.height, grid.width, grid.height)
                    writer.write(window, values)


def heatmap_seconds(stack: str, model: str, output: str) -> float:
    """Return the processor seconds of a process that runs the heatmap stage."""
    command = [sys.executable, "-m", "rock_glacier_mapper", "heatmap", "--device", "cpu"]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run(
        [*command, "--stack", stack, "--model", model, "--output", output, "--tile-size", str(TILE)],
        check=True,
        capture_output=True,
    )
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def network_seconds(model: str, tiles: int = 8) -> float:
    """Return the processor seconds of this process for running a network alone on some tiles."""
    options = onnxruntime.SessionOptions()
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    source = session.get_inputs()[0]
    tile = np.random.default_rng(0).standard_normal((1, source.shape[1], TILE, TILE), np.float32)
    session.run(None, {source.name: tile})
    before = resource.getrusage(resource.RUSAGE_SELF)
    for _ in range(tiles):
        session.run(None, {source.name: tile})
    after = resource.getrusage(resource.RUSAGE_SELF)
    return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) / tiles


def report(stage: dict[str, float], network: dict[str, float], change: QuantiseResult) -> None:
    """Print processor seconds, their ratio, and the change in the heatmap."""
    print("| processor seconds | float | int8 | int8 / float |")
    print("|---|---|---|---|")
    for title, seconds in (
        ("heatmap stage, whole process", stage),
        (f"network alone, a tile of {TILE} pixels", network),
    ):
        ratio = seconds["int8"] / seconds["float"]
        print(f"| {title} | {seconds['float']:.2f} | {seconds['int8']:.2f} | {ratio:.2f} |")
    met = "met" if stage["int8"] / stage["float"] <= TARGET else "missed"
    print(
        f"\nTarget for the whole process: {TARGET:.2f}, {met}. File: {change.size_share:.2f} of the float one's size."
    )
    print(
        f"Change in the heatmap, {change.test_tiles} tiles that were not calibrated on: largest "
        f"{change.max_change:.3f}, mean {change.mean_change:.5f}; {change.crossing_share:.3%} of the pixels cross 0.5, "
        f"{change.change_share:.1%} of those that reach it in either."
    )


if __name__ == "__main__":
    main()
