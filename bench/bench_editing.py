"""What a person waits for while she edits: counts of 100,000 objects after a change of the rules, previews, a review.

Called by ``make bench-editing``. Objects and features are random. The time of a processor is printed beside that on the
clock, since other programs take theirs. Rules and preview are measured without the way between QGIS and the engine's
process, and without drawing; the opening of a review is measured in QGIS on a virtual display, from the click on.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
from osgeo import osr
from rock_glacier_mapper.core.contracts.previewsegmentation import PreviewSegmentationOptions
from rock_glacier_mapper.core.contracts.ruletrial import ExplainObjectOptions, ObjectColumnsOptions, TryRulesOptions
from rock_glacier_mapper.core.progress import Progress
from rock_glacier_mapper.core.rasters.grid import Grid
from rock_glacier_mapper.core.rules import explainobject, objectcolumns, tryrules
from rock_glacier_mapper.core.rules.rules import RULES_FOLDER, load_rule_set
from rock_glacier_mapper.core.segmentation import previewsegmentation
from rock_glacier_mapper.core.vectors.polygons import polygonize
from rock_glacier_mapper.core.vectors.vector import VectorLayer, write_layers
from scipy.ndimage import gaussian_filter

ROOT = Path(__file__).parents[1]
SAMPLE = ROOT / "resources" / "sample" / "simulated_stack.tif"
HARNESS = ROOT / "test" / "gui" / "harness.py"
SIDE_PIXELS = 8
PIXEL = 10.0
VIEW = (1000, 800)
RANGES = {"slope": (0, 60), "B02": (0, 0.6), "B04": (0, 0.6), "B08": (0, 0.6), "B11": (0, 0.5), "area": (0, 20000)}


def write_objects(path: str, side: int) -> int:
    """Write objects with the features of the rule set; return their number."""
    layer = objects(side)
    write_layers(path, {"objects": layer})
    return len(layer)


def write_candidates(path: str, side: int) -> None:
    """Write objects as outlines that nobody has reviewed, with the texts that a run of the chain leaves in each row."""
    layer = objects(side)
    count = len(layer)
    columns = {
        "landform_id": np.arange(1, count + 1),
        "area_m2": np.full(count, (SIDE_PIXELS * PIXEL) ** 2),
        "membership": np.random.default_rng(2).random(count),
        "explanation": np.full(count, "3 objects; membership limited by heatmap_mean on 47% of their area", object),
        "parameters": np.full(count, "parameter " * 190, object),
        "review_status": np.full(count, "unreviewed", object),
    }
    write_layers(path, {"rock_glaciers": VectorLayer(layer.geometries, {**columns, **layer.columns}, layer.crs)})


def objects(side: int) -> VectorLayer:
    """Return some side x side objects with wavy borders and the features of the rule set."""
    random = np.random.default_rng(1)
    size = side * SIDE_PIXELS
    rows, columns = np.mgrid[:size, :size]
    moved = [gaussian_filter(random.normal(size=(size, size)), 4) * 25 for _ in range(2)]
    row, column = (
        np.clip((place + shift) // SIDE_PIXELS, 0, side - 1)
        for place, shift in zip((rows, columns), moved, strict=True)
    )
    system = osr.SpatialReference()
    system.ImportFromEPSG(32645)
    grid = Grid(size, size, (500000.0, PIXEL, 0.0, 3100000.0, 0.0, -PIXEL), system.ExportToWkt())
    geometries, numbers = polygonize((row * side + column + 1).astype(np.uint32), grid)
    features = {}
    for name in load_rule_set("full_stack").features:
        values = gaussian_filter(random.normal(size=(side, side)), 5).ravel()[numbers.astype(int) - 1]
        low, high = RANGES.get(name.partition("_")[0], (0, 1))
        features[name] = low + (high - low) * (values - values.min()) / np.ptp(values)
    return VectorLayer(geometries, features, grid.crs)


def changed_documents() -> Iterator[str]:
    """Yield the rule set with ever other corners of the heatmap, as a drag gives them."""
    text = (RULES_FOLDER / "full_stack.json").read_text("utf-8")
    number = 0
    while True:
        number += 1
        yield text.replace('"ramp": [0.2, 0.5]', f'"ramp": [{0.2 + number / 1000}, 0.5]')


def measured(title: str, called: Callable[[], object], repetitions: int) -> None:
    """Print the median time of calls."""
    clock, processor = [], []
    for _ in range(repetitions):
        start, start_processor = time.perf_counter(), time.process_time()
        called()
        clock.append(time.perf_counter() - start)
        processor.append(time.process_time() - start_processor)
    print(f"| {title} | {statistics.median(clock):.2f} | {statistics.median(processor):.2f} |", flush=True)


def measure_review(side: int, repetitions: int) -> None:
    """Print what QGIS says of the opening of reviews, each of a fresh file."""
    # QGIS marks layers in the system's temporary folder as such.
    out = ROOT / "build" / "bench_editing"
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    write_candidates(str(out / "outlines_0.gpkg"), side)
    for number in range(1, repetitions):
        shutil.copy(out / "outlines_0.gpkg", out / f"outlines_{number}.gpkg")
    scenes = str(Path(__file__).with_name("review_opening.py").resolve())
    command = [sys.executable, str(HARNESS), "--out", str(out), "--scenes", scenes]
    failed = subprocess.run(command, check=False).returncode
    for path in out.glob("outlines_*"):
        path.unlink()
    if failed:
        print(f"\nThe opening of a review was not measured: see {out}.")
        return
    found = json.loads((out / "results.json").read_text("utf8"))["opening"]["found"]
    print(f"\nReview of {found[0]['candidates']} candidates, in QGIS, from the click to\n")
    print("| | clock, s |\n|---|---|")
    for title, name in (("the first candidate in the dock", "shown"), ("its map, drawn", "drawn")):
        print(f"| {title} | {statistics.median(run[name] for run in found):.2f} |")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure what editing rules and previews cost.")
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--side", type=int, default=317, help="root of the number of objects")
    parser.add_argument("--candidates-side", type=int, default=142, help="root of the number of candidates")
    arguments = parser.parse_args()
    silent, documents = Progress(), changed_documents()
    with tempfile.TemporaryDirectory() as folder:
        path = str(Path(folder) / "objects.gpkg")
        count = write_objects(path, arguments.side)
        metres = arguments.side * SIDE_PIXELS * PIXEL
        extent = f"500000,{500000 + metres},{3100000 - metres},3100000"
        view = {"extent": extent, "width": VIEW[0], "height": VIEW[1]}
        preview = PreviewSegmentationOptions(
            input=str(SAMPLE), output=str(Path(folder) / "labels.tif"), objects=str(Path(folder) / "preview.gpkg")
        )
        print(f"{count} objects, rule set full_stack, a picture of {VIEW[0]} x {VIEW[1]} pixels\n")
        print("| | clock, s | processor, s |\n|---|---|---|")
        measured("read the objects, once", lambda: objectcolumns.run(ObjectColumnsOptions(path), silent), 1)
        trial = lambda: tryrules.run(TryRulesOptions(path, next(documents), **view), silent)  # noqa: E731
        measured("first picture of a view, once", trial, 1)
        measured("count and picture after a change of the rules", trial, arguments.repetitions)
        text = next(documents)
        explainobject.run(ExplainObjectOptions(path, text, 510000.0, 3090000.0), silent)
        place = ExplainObjectOptions(path, text, 510000.0, 3090000.0)
        measured("object under the cursor", lambda: explainobject.run(place, silent), arguments.repetitions)
        run = lambda: previewsegmentation.run(preview, silent)  # noqa: E731
        measured("first preview of 512 x 512 pixels of 12 bands", run, 1)
        measured("next preview", run, arguments.repetitions)
    measure_review(arguments.candidates_side, arguments.repetitions)


if __name__ == "__main__":
    main()
