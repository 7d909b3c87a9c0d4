"""The optical composite against reading its inputs once: time, processor time and memory.

The products are simulated, in the layout of the real ones: JPEG 2000, lossless, in codestream tiles of 1024 pixels at
10 m and 640 at 20 m. Dates after the first are links to the files of the first, since their content costs nothing but
time to make. Each contestant runs in a process of its own, with the same number of threads.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "scripts"))
from rock_glacier_mapper.core.contracts.opticalcomposite import OpticalCompositeOptions
from rock_glacier_mapper.core.optical import opticalcomposite
from rock_glacier_mapper.core.parallel import MOST_THREADS, threads
from rock_glacier_mapper.core.progress import Progress
from rock_glacier_mapper.core.rasters.geodata import gdal
from simulated_safe import SafeProduct, image_path, write_metadata, write_safe

BANDS_10M, BANDS_20M = ("B02", "B03", "B04", "B08"), ("B11", "B12")
BANDS = BANDS_10M + BANDS_20M
FIRST_DAY = date(2023, 7, 1)
CLASSIFICATION = "SCL"
CLEAR, CLOUD = 5, 9
# Of the landscape's waves, so that about a tenth is cloud.
CLOUD_LEVEL = 0.6
# Side of the pattern that the landscape repeats.
PATTERN = 1024
COMPOSITE, READING = "composite", "reading"
KIB_IN_MB = 1e6 / 1024
THREADS = min(os.cpu_count() or 1, MOST_THREADS)
PAGE = """# Benchmark of the optical composite

Written by `make bench-inputs`: the median of {dates} simulated Sentinel-2 products (JPEG 2000, {size} x {size} pixels,
six bands and the scene classification) against reading the same images once, in as many threads ({threads}).

| | wall time (s) | processor time (s) | peak memory (MB) |
|---|---|---|---|
| reading | {reading.wall:.1f} | {reading.cpu:.1f} | {reading.memory:.0f} |
| composite | {composite.wall:.1f} | {composite.cpu:.1f} | {composite.memory:.0f} |
| ratio | {wall:.2f} | {cpu:.2f} | |

Other programs that run meanwhile lengthen the wall times, of one contestant more than of the other; the ratio of the
processor times is the one to go by.
"""


@dataclass(frozen=True)
class Cost:
    """What a process took: wall and processor time in seconds, peak memory in MB."""

    wall: float
    cpu: float
    memory: float


def measure(size: int, dates: int, folder: Path) -> dict[str, Cost]:
    """Measure both contestants.

    Parameters
    ----------
    size : int
        Side of a tile in pixels of 10 m; a Sentinel-2 tile has 10980.
    dates : int
        Number of products.
    folder : Path
        Where there is room for one product, about 6 bytes a pixel, and the composite.

    Returns
    -------
    dict
        Cost of ``reading`` and ``composite``.
    """
    # A process inherits the peak memory of the one that starts it, hence the products are made in another.
    _run("make", str(size), str(dates), str(folder))
    products = sorted(map(str, folder.glob("*.SAFE")))
    return {what: _run(what, str(folder / "composite.tif"), *products) for what in (READING, COMPOSITE)}


def make_products(size: int, dates: int, folder: Path) -> None:
    """Write one product, and others of later dates whose images are links to those of the first."""
    days = [FIRST_DAY + timedelta(days=5 * number) for number in range(dates)]
    first, *others = [SafeProduct(f"{day}T10:10:21") for day in days]
    images = (*BANDS, CLASSIFICATION)
    source = write_safe(folder, first, _pixels(size))
    for product in others:
        safe = write_metadata(folder, product, images, size * 10)
        for band in images:
            target = image_path(safe, product, band)
            target.parent.mkdir(parents=True, exist_ok=True)
            os.link(image_path(source, first, band), target)


def _pixels(size: int) -> dict[str, np.ndarray]:
    """Return a landscape whose images take about one byte a pixel, as those of mountains do, and a few clouds."""
    generator = np.random.default_rng(0)
    rows, columns = np.mgrid[:PATTERN, :PATTERN]
    relief = 2000 + 800 * np.sin(columns / 30) * np.cos(rows / 20)
    pattern = (relief + generator.normal(0, 40, relief.shape)).astype(np.uint16)
    clouds = (np.sin(columns / 45) * np.cos(rows / 60) > CLOUD_LEVEL).astype(np.uint8)
    pixels = {band: _repeated(pattern, size if band in BANDS_10M else size // 2) for band in BANDS}
    return pixels | {CLASSIFICATION: np.where(_repeated(clouds, size // 2), CLOUD, CLEAR).astype(np.uint8)}


def _repeated(pattern: np.ndarray, size: int) -> np.ndarray:
    times = -(-size // PATTERN)
    return np.tile(pattern, (times, times))[:size, :size]


def read_images(products: list[str]) -> None:
    """Read every image once, in rows of its codestream's tiles."""
    paths = [str(path) for product in products for path in Path(product).rglob("*.jp2")]
    with threads(Progress()) as pool:
        list(pool.map(_read, paths))


def _read(path: str) -> None:
    dataset = gdal.Open(path)
    _, rows = dataset.GetRasterBand(1).GetBlockSize()
    for top in range(0, dataset.RasterYSize, rows):
        dataset.ReadAsArray(0, top, dataset.RasterXSize, min(rows, dataset.RasterYSize - top))


def compose(output: str, products: list[str]) -> None:
    """Make the composite."""
    opticalcomposite.run(OpticalCompositeOptions(inputs=tuple(products), output=output, bands=BANDS), Progress())


def _run(what: str, *arguments: str) -> Cost:
    """Run one step in a process of its own."""
    begin = time.perf_counter()
    process = subprocess.Popen([sys.executable, __file__, "--step", what, *arguments])
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"The step {what} failed.")
    return Cost(time.perf_counter() - begin, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / KIB_IN_MB)


def _step(what: str, *arguments: str) -> None:
    if what == "make":
        make_products(int(arguments[0]), int(arguments[1]), Path(arguments[2]))
    elif what == READING:
        read_images(list(arguments[1:]))
    else:
        compose(arguments[0], list(arguments[1:]))


def page(size: int, dates: int, costs: dict[str, Cost]) -> str:
    """Return the costs as a page of the documents."""
    reading, composite = costs[READING], costs[COMPOSITE]
    ratios = {"wall": composite.wall / reading.wall, "cpu": composite.cpu / reading.cpu}
    return PAGE.format(size=size, dates=dates, threads=THREADS, **costs, **ratios)


def main() -> None:
    """Measure as the command line says, and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=10980, help="side of the tile in pixels of 10 m")
    parser.add_argument("--dates", type=int, default=12, help="number of products")
    parser.add_argument("--output", type=Path, help="page to write (Markdown); by default it is printed")
    parser.add_argument("--step", nargs="+", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.step:
        _step(*options.step)
        return
    with tempfile.TemporaryDirectory() as folder:
        text = page(options.size, options.dates, measure(options.size, options.dates, Path(folder)))
    if options.output:
        options.output.write_text(text)
    else:
        print(text)


if __name__ == "__main__":
    main()
