"""Measure the object features against scikit-image's regionprops_table, on the same objects in the same run.

python bench/bench_features.py

Objects are the cells of random points, about 40 pixels each; the 12 layers are smooth shapes with noise. Printed is
processor time (user + system): of the whole stage, of reading alone, and of what is measured beyond reading, by group
of features. scikit-image gets some of the objects, and its time is scaled to all of them. Each figure is the least of
some repetitions that take turns, so that other programs on the machine disturb all alike; the ratio holds on a busy
machine too.
"""

from __future__ import annotations

import argparse
import resource
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rock_glacier_mapper.core.contracts.objectfeatures import FEATURE_GROUPS, ObjectFeaturesOptions
from rock_glacier_mapper.core.objects import objectfeatures
from rock_glacier_mapper.core.objects.objectmeasurement import ObjectMeasurement, Wanted
from rock_glacier_mapper.core.progress import Progress
from rock_glacier_mapper.core.rasters.geodata import osr
from rock_glacier_mapper.core.rasters.grid import Grid
from rock_glacier_mapper.core.rasters.labels import LabelIndex, index_labels, read_strips
from rock_glacier_mapper.core.rasters.raster import Band, Raster, RasterWriter
from scipy import ndimage
from skimage.measure import regionprops_table

PIXELS_AN_OBJECT = 40
STANDARD = ("statistics", "quantiles", "geometry", "neighbours")
TARGET_SECONDS = 2.0
LAYERS = ("elevation", "heatmap", "slope", "coherence", "B02", "B03", "B04", "B08", "B11", "B12", "tpi", "roughness")
# What scikit-image has of the standard set.
SHAPES = (
    "area",
    "perimeter",
    "eccentricity",
    "orientation",
    "axis_major_length",
    "axis_minor_length",
    "extent",
    "bbox",
)
SEED = 0


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--objects", type=int, default=100_000)
    parser.add_argument("--subset", type=int, default=2_000, help="objects for scikit-image")
    parser.add_argument("--repetitions", type=int, default=3)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        bench = Bench(Path(folder), arguments.objects)
        bench.report(arguments.repetitions, arguments.subset)


class Bench:
    """The rasters and the measurements.

    Parameters
    ----------
    folder : Path
        Where the rasters are kept.
    objects : int
        Number of objects.
    """

    def __init__(self, folder: Path, objects: int) -> None:
        side = int(np.sqrt(objects * PIXELS_AN_OBJECT))
        reference = osr.SpatialReference()
        reference.ImportFromEPSG(32719)
        self._grid = Grid(side, side, (500000.0, 10.0, 0.0, 6900000.0, 0.0, -10.0), reference.ExportToWkt())
        self._folder, self._count = folder, objects
        self._labels, self._layers = str(folder / "labels.tif"), str(folder / "layers.tif")
        random = np.random.default_rng(SEED)
        self._pixels = cells(side, objects, random)
        with RasterWriter(self._labels, self._grid, [Band("labels", "uint32", 0)]) as writer:
            writer.write_raw(self._grid.whole, self._pixels)
        self._values = np.stack([layer(side, random) for _ in LAYERS])
        with RasterWriter(self._layers, self._grid, [Band(name, "float32", -9999) for name in LAYERS]) as writer:
            writer.write(self._grid.whole, self._values)

    def report(self, repetitions: int, subset: int) -> None:
        """Print the table."""
        runs: dict[str, Callable[[], object]] = {
            "standard set, beyond reading": lambda: self._measure(STANDARD),
            "reading labels and layers": self._read,
            **{
                f"{group} alone, beyond reading": lambda group=group: self._measure((group,))
                for group in FEATURE_GROUPS
            },
            "scikit-image": lambda: self._peer(subset),
            "whole stage, standard set": self._stage,
        }
        seconds = dict.fromkeys(runs, float("inf"))
        for _ in range(repetitions):
            for name, run in runs.items():
                seconds[name] = min(seconds[name], processor_seconds(run))
        print(f"{self._count} objects, {len(LAYERS)} layers, {self._pixels.size / 1e6:.1f} Mpx; processor seconds")
        ours, peer = seconds["standard set, beyond reading"], seconds.pop("scikit-image") * self._count / subset
        for name, value in seconds.items():
            print(f"{name:40} {value:6.2f}")
        print(f"{f'regionprops_table, scaled from {subset} objects':40} {peer:6.2f}")
        print(f"ratio to regionprops_table, which has no quantiles and no neighbours: {peer / ours:.0f}")
        print(f"yardstick, np.sort of 1e6 random int64: {yardstick():.3f}")
        print(f"standard set beyond reading: {ours:.2f} s, target {TARGET_SECONDS:g} s")

    def _measure(self, groups: Sequence[str]) -> None:
        """Measure from memory, strip by strip as the stage does."""
        strips = self._grid.strips(64 + 12 * len(LAYERS))
        texture = {"B04": (-2.0, 2.0)} if groups[0].startswith("texture") else {}
        wanted = Wanted(tuple(groups), LAYERS, 0.5, texture)
        measurement = ObjectMeasurement(self._index().last_rows, self._grid, wanted)
        for strip in strips:
            rows = slice(strip.y, strip.y + strip.height)
            values = self._values[:, rows] if wanted.reads_layers else self._values[:0, rows]
            measurement.add(self._pixels[rows], values, Progress())
        measurement.columns()

    def _index(self) -> LabelIndex:
        return index_labels([self._pixels])

    def _read(self) -> None:
        with Raster(self._labels) as labels, Raster(self._layers) as layers:
            for _ in read_strips(labels, Progress(), "", 64):
                pass
            for strip in self._grid.strips(12 * len(LAYERS)):
                layers.read(strip)

    def _stage(self) -> None:
        options = ObjectFeaturesOptions(self._labels, (self._layers,), str(self._folder / "objects.gpkg"), STANDARD)
        objectfeatures.run(options, Progress())

    def _peer(self, subset: int) -> None:
        """Measure some of the objects with scikit-image: rows of the raster that hold about so many."""
        rows = max(int(len(self._pixels) * subset / self._count), 1)
        labels = self._pixels[:rows].astype(np.int64)
        values = np.moveaxis(self._values[:, :rows], 0, -1)
        statistics = ("label", "intensity_mean", "intensity_min", "intensity_max")
        regionprops_table(labels, values, properties=(*statistics, *SHAPES), extra_properties=(std, skewness))


def std(mask: NDArray[np.bool_], values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the standard deviation of each layer in an object."""
    return values[mask].std(axis=0)


def skewness(mask: NDArray[np.bool_], values: NDArray[np.float32]) -> NDArray[np.float32]:
    """Return the skewness of each layer in an object."""
    deviations = values[mask] - values[mask].mean(axis=0)
    return (deviations**3).mean(axis=0) / np.maximum((deviations**2).mean(axis=0), 1e-12) ** 1.5


def cells(side: int, count: int, random: np.random.Generator) -> NDArray[np.uint32]:
    """Return the cells of random pixels, numbered by the order of these."""
    points = np.zeros((side, side), bool)
    points.ravel()[random.choice(points.size, count, replace=False)] = True
    nearest = ndimage.distance_transform_edt(~points, return_distances=False, return_indices=True)
    numbers = np.cumsum(points).reshape(points.shape).astype(np.uint32)
    return numbers[tuple(nearest)]


def layer(side: int, random: np.random.Generator) -> NDArray[np.float32]:
    """Return smooth shapes with noise."""
    smooth = ndimage.zoom(random.normal(size=(side // 50 + 2, side // 50 + 2)), 50, order=1)[:side, :side]
    return (smooth + 0.3 * random.normal(size=smooth.shape)).astype(np.float32)


def processor_seconds(run: Callable[[], object]) -> float:
    """Return the user and system time that a call takes."""
    before = resource.getrusage(resource.RUSAGE_SELF)
    run()
    after = resource.getrusage(resource.RUSAGE_SELF)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def yardstick() -> float:
    """Return the processor time of a known task, which tells how busy the machine is."""
    numbers = np.random.default_rng(SEED).integers(0, 2**62, 10**6)
    times = []
    for _ in range(3):
        start = time.process_time()
        np.sort(numbers)
        times.append(time.process_time() - start)
    return min(times)


if __name__ == "__main__":
    main()
