"""Measure the segmentation against scikit-image, Orfeo ToolBox and GRASS, and write the table of the documents.

    python bench/bench_segment.py --output docs/benchmarks-segmentation.md
    python bench/bench_segment.py --sizes 1 --contestants ours slic --repetitions 1

Each contestant is a whole program, from reading the raster to writing the labels. They run in turns; each figure is the
least of some repetitions. Parameters are set for about as many objects as ours has.
"""

from __future__ import annotations

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from processes import BENCH, Cost, TooSlowError, least, measured
from rock_glacier_mapper.core.rasters.raster import Raster
from segmentation_raster import BANDS, segmentation_raster

SIZES = (1, 4, 16)
SCALE = 18.0
_LSMS_TILE = 1000
_MEAN_SHIFT = {"spatialr": "5", "ranger": "20"}
_SMALLEST_MEAN_SHIFT = {"segmentation": "38", "large scale": "48"}
_GRASS_THRESHOLD = 0.05
_GRASS_SMALLEST = 28
_SLIC_PER_MPX = 11500
_FELZENSZWALB_SCALE = 20

Command = Callable[[Path, Path, float], list[str]]


@dataclass(frozen=True)
class Contestant:
    """A program that segments.

    `command` makes its command line from the raster, the labels to write and the megapixels; `program` is what must be
    installed.
    """

    title: str
    command: Command
    program: str = sys.executable

    @property
    def installed(self) -> bool:
        """Whether it can be run here."""
        return shutil.which(self.program) is not None


@dataclass(frozen=True)
class Row:
    """A line of the table: what a contestant took for a raster of so many megapixels, or why that is not known."""

    megapixels: float
    title: str
    cost: Cost | None = None
    objects: int = 0
    explained: float = 0.0
    why_not: str = ""


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sizes", nargs="+", type=float, default=SIZES, help="megapixels")
    parser.add_argument("--contestants", nargs="+", choices=CONTESTANTS, default=list(CONTESTANTS))
    parser.add_argument("--repetitions", type=int, default=3)
    parser.add_argument("--time-limit", type=float, default=1800.0, help="seconds after which a program is stopped")
    parser.add_argument(
        "--folder", type=Path, default=Path(tempfile.gettempdir()) / "bench_segment", help="for rasters and labels"
    )
    parser.add_argument("--output", type=Path, help="Markdown file to write")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    rows: list[Row] = []
    for megapixels in arguments.sizes:
        raster = segmentation_raster(arguments.folder, megapixels)
        rows += rows_of(raster, megapixels, arguments)
    text = document(rows, arguments.repetitions)
    print(text)
    if arguments.output:
        arguments.output.write_text(text, "utf-8")


def rows_of(raster: Path, megapixels: float, arguments: argparse.Namespace) -> list[Row]:
    """Measure the chosen contestants on one raster."""
    chosen = [CONTESTANTS[name] for name in arguments.contestants]
    missing = [Row(megapixels, item.title, why_not="not installed") for item in chosen if not item.installed]
    able = [item for item in chosen if item.installed]
    outputs = [arguments.folder / f"labels_{number}.tif" for number in range(len(able))]
    runs = [
        partial(_run, item.command(raster, output, megapixels), output, arguments.time_limit)
        for item, output in zip(able, outputs, strict=True)
    ]
    rows = []
    for item, output, cost in zip(able, outputs, least(runs, arguments.repetitions), strict=True):
        if np.isinf(cost.seconds):
            rows.append(Row(megapixels, item.title, why_not=f"stopped after {arguments.time_limit:g} s"))
        else:
            rows.append(Row(megapixels, item.title, cost, *segmented(raster, output)))
    return rows + missing


def segmented(raster: Path, labels: Path) -> tuple[int, float]:
    """Return the number of objects and the share of the bands' variance that is between objects, the mean of bands."""
    with Raster(str(labels)) as source:
        _, objects = np.unique(source.read_raw(), return_inverse=True)
    sizes = np.bincount(objects)
    shares = []
    with Raster(str(raster)) as source:
        for role in source.roles:
            values = source.read(roles=[role])[0].ravel().astype(np.float64)
            means = np.bincount(objects, values) / sizes
            shares.append(1 - np.mean((values - means[objects]) ** 2) / np.var(values))
    return len(sizes), float(np.mean(shares))


def document(rows: Sequence[Row], repetitions: int) -> str:
    """Return the Markdown text."""
    ours = {row.megapixels: row.cost for row in rows if row.title == CONTESTANTS["ours"].title}
    versions = ", ".join(filter(None, (_otb_version(), _grass_version())))
    return "\n".join(
        [
            "# Benchmark of the segmentation",
            "",
            "Written by `make bench-segment`: `bench/bench_segment.py` makes the rasters, runs every program in turns, "
            "and writes this page.",
            "",
            f"Rasters: {len(BANDS)} bands ({', '.join(BANDS)}) of the sample scene, which is simulated, each stretched "
            "to 0..255 and with a little noise, mirrored to the size. Every figure is of a whole program, from reading "
            f"the GeoTIFF to writing the labels, the least of {repetitions} runs, on {os.cpu_count()} processor cores. "
            "CPU is user and system time of all its processes, memory the most that they had resident together. "
            "Parameters are set for about as many objects as ours has; the explained variance (1 - variance within "
            "objects / variance, mean of the bands) is a check of that, not a judgement of the objects.",
            "",
            f"{versions}." if versions else "Neither Orfeo ToolBox nor GRASS is installed.",
            "",
            "| Mpx | program | wall (s) | CPU (s) | memory (MB) | bytes a pixel | objects | explained variance "
            "| wall, x ours | CPU, x ours |",
            "|---|---|---|---|---|---|---|---|---|---|",
            *(_line(row, ours.get(row.megapixels)) for row in rows),
            "",
            *_growth(rows),
            "",
        ]
    )


def _line(row: Row, ours: Cost | None) -> str:
    start = f"| {row.megapixels:g} | {row.title} |"
    if row.cost is None:
        return f"{start} {row.why_not} | | | | | | | |"
    cost = row.cost
    ratios = f"{cost.wall / ours.wall:.1f} | {cost.seconds / ours.seconds:.1f}" if ours else " | "
    per_pixel = cost.megabytes * 2**20 / (row.megapixels * 1e6)
    return (
        f"{start} {cost.wall:.1f} | {cost.seconds:.1f} | {cost.megabytes:.0f} | {per_pixel:.0f} | {row.objects} "
        f"| {row.explained:.3f} | {ratios} |"
    )


def _growth(rows: Sequence[Row]) -> list[str]:
    """Say how the time of each program grows from the smallest to the largest raster that it was measured on."""
    lines = []
    for title in dict.fromkeys(row.title for row in rows):
        of_title = [(row.megapixels, row.cost.wall) for row in rows if row.title == title and row.cost]
        if len(of_title) > 1:
            (small, first), (large, last) = of_title[0], of_title[-1]
            lines.append(f"- {title}: {last / first:.1f} x the time from {small:g} to {large:g} Mpx.")
    return lines


def _run(command: Sequence[str], output: Path, time_limit: float) -> Cost:
    """Run a program; endless cost where it is too slow."""
    output.unlink(missing_ok=True)
    try:
        return measured(command, time_limit)
    except TooSlowError:
        return Cost(np.inf, np.inf, 0.0)


def _ours(raster: Path, output: Path, megapixels: float) -> list[str]:
    options = ["--input", str(raster), "--output", str(output), "--scale", str(SCALE)]
    return [sys.executable, "-m", "rock_glacier_mapper", "segment", *options]


def _slic(raster: Path, output: Path, megapixels: float) -> list[str]:
    return _peer("slic", raster, output, _SLIC_PER_MPX * megapixels)


def _felzenszwalb(raster: Path, output: Path, megapixels: float) -> list[str]:
    return _peer("felzenszwalb", raster, output, _FELZENSZWALB_SCALE)


def _peer(method: str, raster: Path, output: Path, parameter: float) -> list[str]:
    return [sys.executable, str(BENCH / "segmentation_peers.py"), method, str(raster), str(output), f"{parameter:g}"]


def _otb_segmentation(raster: Path, output: Path, megapixels: float) -> list[str]:
    parameters = {**_MEAN_SHIFT, "minsize": _SMALLEST_MEAN_SHIFT["segmentation"]}
    options = [word for name, value in parameters.items() for word in (f"-filter.meanshift.{name}", value)]
    place = ["-in", str(raster), "-mode", "raster", "-mode.raster.out", str(output), "uint32"]
    return ["otbcli_Segmentation", *place, "-filter", "meanshift", *options]


def _otb_large_scale(raster: Path, output: Path, megapixels: float) -> list[str]:
    parameters = {**_MEAN_SHIFT, "minsize": _SMALLEST_MEAN_SHIFT["large scale"]}
    options = [word for name, value in parameters.items() for word in (f"-{name}", value)]
    tiles = ["-tilesizex", str(_LSMS_TILE), "-tilesizey", str(_LSMS_TILE)]
    place = ["-in", str(raster), "-mode", "raster", "-mode.raster.out", str(output), "uint32"]
    return ["otbcli_LargeScaleMeanShift", *place, *options, *tiles]


def _grass(raster: Path, output: Path, megapixels: float) -> list[str]:
    script = (
        f"r.external -o input={raster} output=band && g.region raster=band.1 && "
        f"i.group group=bands subgroup=bands input={','.join(f'band.{n + 1}' for n in range(len(BANDS)))} && "
        f"i.segment group=bands output=labels threshold={_GRASS_THRESHOLD} minsize={_GRASS_SMALLEST} memory=2000 && "
        f"r.out.gdal -c input=labels output={output} type=UInt32 createopt=COMPRESS=ZSTD"
    )
    return ["grass", "--tmp-location", "XY", "--exec", "sh", "-c", script]


def _otb_version() -> str:
    return _package_version("otb-bin", "Orfeo ToolBox")


def _grass_version() -> str:
    return _package_version("grass-core", "GRASS")


def _package_version(package: str, title: str) -> str:
    """Return the title with the version of a Debian package, an empty text where it is not installed."""
    query = shutil.which("dpkg-query")
    if query is None:
        return ""
    found = subprocess.run([query, "-W", "-f=${Version}", package], capture_output=True, text=True)
    return f"{title} {found.stdout}" if found.returncode == 0 and found.stdout else ""


CONTESTANTS = {
    "ours": Contestant("multiresolution segmentation (this plugin)", _ours),
    "slic": Contestant("scikit-image slic", _slic),
    "felzenszwalb": Contestant("scikit-image felzenszwalb", _felzenszwalb),
    "otb": Contestant("Orfeo ToolBox Segmentation (mean shift)", _otb_segmentation, "otbcli_Segmentation"),
    "lsms": Contestant("Orfeo ToolBox LargeScaleMeanShift", _otb_large_scale, "otbcli_LargeScaleMeanShift"),
    "grass": Contestant("GRASS i.segment", _grass, "grass"),
}

if __name__ == "__main__":
    main()
