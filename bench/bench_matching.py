"""CPU of comparing two large layers of outlines, each step by itself and the whole stage.

    python bench/bench_matching.py --count 20000

The outlines are SIMULATED: wobbly ellipses of 0.01 to 0.5 km2 with some 60 vertices, shifted, stretched, cut in two,
joined or left out in the mapped layer, at random. The steps run on one core.
"""

from __future__ import annotations

import argparse
import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from rock_glacier_mapper.core.assessment.bootstrap import intervals, units_of
from rock_glacier_mapper.core.assessment.boundarydistance import boundary_distances
from rock_glacier_mapper.core.assessment.comparison import Landforms
from rock_glacier_mapper.core.assessment.matching import area_agreement, dissolve, match_landforms
from rock_glacier_mapper.core.assessment.pairing import one_to_one
from rock_glacier_mapper.core.contracts.accuracy import AccuracyOptions
from rock_glacier_mapper.core.progress import Progress
from rock_glacier_mapper.core.rasters.geodata import osr
from rock_glacier_mapper.core.stages import stage_named
from rock_glacier_mapper.core.vectors.vector import VectorLayer, write_layers

Geometries = NDArray[np.object_]
VERTICES = 60
SPACING = 900.0
SILENT = Progress()


def main() -> None:
    """Time the steps and print them."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=20_000, help="outlines in each layer")
    count = parser.parse_args().count
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})
    reference, mapped = layers(count, np.random.default_rng(7))
    print(f"{len(mapped)} mapped against {len(reference)} reference outlines, one core\n\n| step | CPU s |\n|---|---|")
    timed("areas", lambda: area_agreement(dissolve(mapped), dissolve(reference), SILENT))
    match = timed("matching by overlap, splits and merges", lambda: match_landforms(mapped, reference, 0.3, SILENT))
    iou = match.pairs.iou >= 0.5
    pairing = timed("one-to-one pairs", lambda: one_to_one(match.pairs, iou, len(mapped), len(reference)))
    pairs = pairing.pairs
    none = np.empty(0, dtype=object)
    timed(
        "boundary distances", lambda: boundary_distances(mapped[pairs.mapped], reference[pairs.reference], none, SILENT)
    )
    both = [Landforms("", item, shapely.area(item), {}, [], 0, ()) for item in (mapped, reference)]
    units = timed("groups of landforms", lambda: units_of(*both, match, pairing, SILENT))
    timed("intervals, 1000 repetitions", lambda: intervals(units, 1000, 0, SILENT))
    with tempfile.TemporaryDirectory() as folder:
        timed("the whole stage, with reading, layer and report", lambda: stage(Path(folder), mapped, reference))


def layers(count: int, generator: np.random.Generator) -> tuple[Geometries, Geometries]:
    """Return a reference of `count` outlines on a loose grid, and about as many mapped ones."""
    across = int(np.ceil(np.sqrt(count)))
    places = np.column_stack(np.divmod(np.arange(count), across)) * SPACING + generator.uniform(0, 400, (count, 2))
    reference = outlines(places, generator.uniform(60, 400, count), generator)
    shifted = places + generator.normal(0, 40, (count, 2))
    mapped = outlines(shifted, shapely.area(reference) ** 0.5 * generator.uniform(0.4, 0.7, count), generator)
    mapped = mapped[generator.random(count) > 0.1]
    halves = mapped[: count // 10]
    left = shapely.box(*(shapely.bounds(halves) * 1.0).T)
    middle = shapely.get_coordinates(shapely.centroid(halves))[:, 0]
    bounds = shapely.bounds(left)
    cut = [
        shapely.intersection(halves, shapely.box(start, bounds[:, 1], end, bounds[:, 3]))
        for start, end in ((bounds[:, 0], middle), (middle, bounds[:, 2]))
    ]
    return reference, np.concatenate([*cut, mapped[count // 10 :]])


def outlines(places: NDArray[Any], radii: NDArray[Any], generator: np.random.Generator) -> Geometries:
    """Return wobbly ellipses around places."""
    angles = np.linspace(0, 2 * np.pi, VERTICES, endpoint=False)
    wobble = 1 + 0.12 * np.cumsum(generator.normal(0, 0.2, (len(places), VERTICES)), axis=1).clip(-2, 2)
    stretch = generator.uniform(0.5, 1, len(places))[:, np.newaxis]
    x = places[:, :1] + radii[:, np.newaxis] * wobble * np.cos(angles)
    y = places[:, 1:] + radii[:, np.newaxis] * wobble * np.sin(angles) * stretch
    return np.asarray(shapely.make_valid(shapely.polygons(np.stack([x, y], axis=-1))))


def stage(folder: Path, mapped: Geometries, reference: Geometries) -> None:
    """Run the stage from files to files."""
    system = osr.SpatialReference()
    system.ImportFromEPSG(32719)
    names = {}
    for name, geometries in (("mapped", mapped), ("reference", reference)):
        names[name] = str(folder / f"{name}.gpkg")
        write_layers(names[name], {name: VectorLayer(geometries, {}, system.ExportToWkt())})
    report = str(folder / "report.html")
    options = AccuracyOptions(**names, output=str(folder / "accuracy.gpkg"), report=report)
    stage_named("accuracy").run(options, SILENT)


def timed(what: str, work: Callable[[], Any]) -> Any:
    """Do some work and print how much CPU it took."""
    start = time.process_time()
    result = work()
    print(f"| {what} | {time.process_time() - start:.1f} |", flush=True)
    return result


if __name__ == "__main__":
    main()
