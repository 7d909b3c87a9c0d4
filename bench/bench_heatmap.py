"""Measure the heatmap stage against onnxruntime alone and against GeoDeep, and write the table of the documents.

python bench/bench_heatmap.py --output docs/benchmarks-heatmap.md

Compared is processor time (user + system) of whole processes, start and imports included, which other programs on the
machine disturb less than time on the clock; for onnxruntime alone it is that of the runs only. Each figure is the least
of some repetitions that take turns. Memory is the most that the process ever had resident.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import heatmap_networks
import onnxruntime
from heatmap_rasters import PIXEL_M, ROLES, SIDE, large_scene, scene
from processes import BENCH, Cost, least, measured
from rock_glacier_mapper.core.networks.card import ModelCard, ModelClass, Normalisation
from rock_glacier_mapper.core.networks.cardmetadata import card_metadata
from rock_glacier_mapper.core.rasters.raster import Raster
from rock_glacier_mapper.core.rasters.tiling import plan_tiles

TILE = 512
GEODEEP = "geodeep==0.9.13"
_COLOURS = ("B04", "B03", "B02")


@dataclass(frozen=True)
class Row:
    """A line of the table; the ratio is to what it is compared with."""

    what: str
    tiles: int
    seconds: float
    megabytes: float
    ratio: str = ""


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument(
        "--folder", type=Path, default=Path(tempfile.gettempdir()) / "bench_heatmap", help="for rasters"
    )
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--output", type=Path, help="Markdown file to write")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    bench = Bench(arguments.folder, arguments.repetitions)
    text = document(bench.against_bare(), bench.against_geodeep(), bench.memory(), arguments.repetitions)
    print(text)
    if arguments.output:
        arguments.output.write_text(text, "utf-8")


class Bench:
    """The measurements.

    Parameters
    ----------
    folder : Path
        Where rasters, models, outputs and GeoDeep's environment are kept.
    repetitions : int
        How often each process is run.
    """

    def __init__(self, folder: Path, repetitions: int) -> None:
        self._folder = folder
        self._repetitions = repetitions
        # A process inherits the peak memory of the one that starts it, hence the rasters are made in another.
        with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as maker:
            self._stack = maker.submit(scene, folder, len(ROLES), "uint16").result()
            self._picture = maker.submit(scene, folder, len(_COLOURS), "uint8").result()
            self._large_stack = maker.submit(large_scene, folder).result()

    def against_bare(self) -> list[Row]:
        """Compare two networks on eight bands with onnxruntime alone on as many tiles."""
        rows = []
        for name, write, halo in (
            ("U-Net", heatmap_networks.write_unet, heatmap_networks.UNET_HALO),
            ("mobile network", heatmap_networks.write_mobile, heatmap_networks.MOBILE_HALO),
        ):
            model = self._folder / f"{name.replace(' ', '_')}.onnx"
            title = f"{name}, {write(model, len(ROLES), card_metadata(card(ROLES, halo))) / 1e6:.2g} M parameters"
            tiles = tile_count(self._stack, halo)
            bare, ours = self._measured([self._bare(model, len(ROLES), tiles), self._ours(self._stack, model)])
            rows.append(Row(f"{title}: onnxruntime alone", tiles, float(bare.printed), bare.megabytes))
            ratio = f"{ours.seconds / float(bare.printed):.2f} x onnxruntime"
            rows.append(Row(f"{title}: heatmap stage", tiles, ours.seconds, ours.megabytes, ratio))
        return rows

    def against_geodeep(self) -> list[Row]:
        """Compare the U-Net on the three 8-bit bands that GeoDeep takes, in tiles of one size with one overlap."""
        halo = heatmap_networks.UNET_HALO
        metadata = card_metadata(card((), halo, 255.0, classes=2)) | {"tiles_overlap": str(100 * 2 * halo / TILE)}
        model = self._folder / "unet_rgb.onnx"
        heatmap_networks.write_unet(model, len(_COLOURS), metadata, TILE, classes=2)
        tiles = tile_count(self._picture, halo)
        theirs = [str(self._geodeep()), str(BENCH / "geodeep_run.py"), str(self._picture), str(model), self._output()]
        bare, ours, peer = self._measured(
            [self._bare(model, len(_COLOURS), tiles), self._ours(self._picture, model), theirs]
        )
        return [
            Row("U-Net, 3 bands: onnxruntime alone", tiles, float(bare.printed), bare.megabytes),
            Row("U-Net, 3 bands: heatmap stage", tiles, ours.seconds, ours.megabytes),
            Row(
                f"U-Net, 3 bands: {GEODEEP.replace('==', ' ')}",
                geodeep_tiles(SIDE, TILE, 2 * halo),
                peer.seconds,
                peer.megabytes,
                f"{peer.seconds / ours.seconds:.2f} x the heatmap stage",
            ),
        ]

    def memory(self) -> list[Row]:
        """Compare the memory for a raster and for one nine times as large, with a network that takes next to none."""
        model = self._folder / "one_convolution.onnx"
        heatmap_networks.write_one_convolution(model, len(ROLES), card_metadata(card(ROLES, 16)))
        rows: list[Row] = []
        for stack, side in ((self._stack, SIDE), (self._large_stack, 3 * SIDE)):
            (cost,) = self._measured([self._ours(stack, model)])
            ratio = f"{cost.megabytes / rows[0].megabytes:.2f} x the memory" if rows else ""
            tiles = json.loads(cost.printed)["tiles"]
            rows.append(Row(f"one convolution, {side} x {side} pixels", tiles, cost.seconds, cost.megabytes, ratio))
        return rows

    def _measured(self, commands: Sequence[Sequence[str]]) -> list[Cost]:
        return least([partial(measured, command) for command in commands], self._repetitions, _compared)

    def _bare(self, model: Path, bands: int, tiles: int) -> list[str]:
        return [sys.executable, str(BENCH / "bare_session.py"), str(model), str(bands), str(TILE), str(tiles)]

    def _ours(self, stack: Path, model: Path) -> list[str]:
        options = ["--stack", str(stack), "--model", str(model), "--output", self._output(), "--device", "cpu"]
        return [sys.executable, "-m", "rock_glacier_mapper", "heatmap", *options, "--tile-size", str(TILE)]

    def _output(self) -> str:
        return str(self._folder / "output.tif")

    def _geodeep(self) -> Path:
        """Return the Python of an environment with GeoDeep, made where it is missing."""
        python = self._folder / "geodeep" / "bin" / "python"
        if not python.exists():
            subprocess.run([sys.executable, "-m", "venv", str(python.parent.parent)], check=True)
            subprocess.run([str(python), "-m", "pip", "install", "--quiet", "--only-binary=:all:", GEODEEP], check=True)
        return python


def card(roles: tuple[str, ...], halo: int, scale: float = 0.0, classes: int = 1) -> ModelCard:
    """Return a card for the networks of random weights; a scale other than 0 is what GeoDeep divides by."""
    band = Normalisation(0.0, scale) if scale else Normalisation(3000.0, 1500.0)
    names = ["background", "rock_glacier"][-classes:]
    return ModelCard(
        name="benchmark",
        roles=roles,
        normalisation=(band,) * max(len(roles), 1),
        classes=tuple(ModelClass(name, target=name == "rock_glacier") for name in names),
        ground_sample_distance=PIXEL_M,
        halo=halo,
        stride=heatmap_networks.STRIDE,
    )


def tile_count(stack: Path, halo: int) -> int:
    """Return how many tiles the heatmap stage cuts a raster into."""
    with Raster(str(stack)) as raster:
        return len(plan_tiles(raster.grid, TILE, halo, heatmap_networks.STRIDE, fixed=False).cores())


def geodeep_tiles(side: int, tile: int, overlap: int) -> int:
    """Return how many tiles GeoDeep cuts a square raster into."""
    return (-(-(side - tile) // (tile - overlap)) + 1) ** 2


def document(bare: Sequence[Row], peer: Sequence[Row], memory: Sequence[Row], repetitions: int) -> str:
    """Return the Markdown text."""
    return "\n".join(
        [
            "# Benchmark of the heatmap",
            "",
            "Written by `make bench-heatmap`: `bench/bench_heatmap.py` makes the rasters and the networks (random "
            "weights), runs everything in turns, and writes this page.",
            "",
            f"{SIDE} x {SIDE} pixels, tiles of {TILE} pixels, on {os.cpu_count()} processor cores with onnxruntime "
            f"{onnxruntime.__version__}. CPU is user and system time of the whole process, the least of {repetitions} "
            "runs; for onnxruntime alone that of its runs only, with the same settings. Memory is the most that a "
            "process had resident in any run. Not measured on a GPU.",
            "",
            "| run | tiles | CPU (s) | memory (MB) | |",
            "|---|---|---|---|---|",
            *(_line(row) for row in (*bare, *peer, *memory)),
            "",
            "GeoDeep takes three bands and gives a mask of classes; it cuts fewer tiles, because it does not continue "
            "the raster beyond its edges.",
            "",
        ]
    )


def _line(row: Row) -> str:
    return f"| {row.what} | {row.tiles} | {row.seconds:.1f} | {row.megabytes:.0f} | {row.ratio} |"


def _compared(cost: Cost) -> float:
    """Return the seconds that are compared: those that a process printed, or else its own."""
    try:
        return float(cost.printed)
    except ValueError:
        return cost.seconds


if __name__ == "__main__":
    main()
