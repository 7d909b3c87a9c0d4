"""What a person waits for while she edits: the count of 100,000 objects after a change of the rules, and a preview.

Called by ``make bench-editing``. Objects and features are random. The time of a processor is printed beside that on the
clock, since other programs take theirs. Without the way between QGIS and the engine's process, and without drawing.
"""

from __future__ import annotations

import argparse
import statistics
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

SAMPLE = Path(__file__).parents[1] / "resources" / "sample" / "simulated_stack.tif"
SIDE_PIXELS = 8
PIXEL = 10.0
VIEW = (1000, 800)
RANGES = {"slope": (0, 60), "B02": (0, 0.6), "B04": (0, 0.6), "B08": (0, 0.6), "B11": (0, 0.5), "area": (0, 20000)}


def write_objects(path: str, side: int) -> int:
    """Write some side x side objects with wavy borders and the features of the rule set; return their number."""
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
    write_layers(path, {"objects": VectorLayer(geometries, features, grid.crs)})
    return len(geometries)


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


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure what editing rules and previews cost.")
    parser.add_argument("--repetitions", type=int, default=5)
    parser.add_argument("--side", type=int, default=317, help="root of the number of objects")
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


if __name__ == "__main__":
    main()
