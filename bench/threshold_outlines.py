"""Outlines that a single threshold on a heatmap gives, scored landform by landform: what the chain is measured against.

Of all thresholds the best is taken, with the reference in hand. A patch of touching pixels is a landform; without small
patches, the threshold borrows a step of the chain.
"""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rock_glacier_mapper.core.contracts.accuracy import AccuracyOptions, AccuracyResult
from rock_glacier_mapper.core.contracts.outlines import OutlinesOptions
from rock_glacier_mapper.core.contracts.reshape import ReshapeOptions
from rock_glacier_mapper.core.progress import Progress
from rock_glacier_mapper.core.rasters.labels import LABELS
from rock_glacier_mapper.core.rasters.raster import Grid, Raster, RasterWriter
from rock_glacier_mapper.core.stages import stage_named
from scoring import Mask

THRESHOLDS = (*np.arange(0.05, 0.96, 0.05).round(2).tolist(), 0.98)
# In square metres, as `Map rock glaciers` drops them.
SMALLEST = ReshapeOptions.min_area

Record = dict[str, Any]
Values = NDArray[np.float32]


def rows_by_landform(heatmap: Path, inventory: str, chain: Record, folder: Path) -> list[Record]:
    """Return the scores by landform of the best threshold, with and without small patches, and of the chain.

    Parameters
    ----------
    heatmap : Path
    inventory : str
        Outlines of the reference.
    chain : dict
        Figures of the accuracy stage of the chain's outlines.
    folder : Path
        For files on the way.
    """
    areas = {"best threshold": 0.0, f"the same, without patches below {SMALLEST / 1e6:g} km²": SMALLEST}
    with Raster(str(heatmap)) as raster:
        values, grid = raster.read()[0], raster.grid
    rows = [
        {"what": what, **_best_of_thresholds(values, grid, inventory, area, folder)} for what, area in areas.items()
    ]
    return [*rows, {"what": "object chain", **_figures(chain)}]


def landform_table(rows: list[Record]) -> list[str]:
    """Return the rows as lines of Markdown."""
    return [
        "| by landform | threshold | outlines | fitting | recall | precision | F1 |",
        "|---|---|---|---|---|---|---|",
        *(
            f"| {row['what']} | {row.get('threshold', '')} | {row['outlines']} | {row['fitting']} "
            f"| {row['recall']:.3f} | {row['precision']:.3f} | {row['f1']:.3f} |"
            for row in rows
        ),
    ]


def margin_by_landform(rows: list[Record]) -> float:
    """Return by how many points of F1 the chain is above the best threshold."""
    return 100 * float(rows[-1]["f1"] - rows[0]["f1"])


def _best_of_thresholds(values: Values, grid: Grid, inventory: str, min_area: float, folder: Path) -> Record:
    found: list[Record] = []
    for threshold in THRESHOLDS:
        outlines = _outlined(values >= threshold, grid, min_area, folder)
        output = str(folder / "threshold_accuracy.gpkg")
        options = AccuracyOptions(mapped=str(outlines), reference=inventory, output=output, repetitions=0)
        result: AccuracyResult = stage_named("accuracy").run(options, Progress())
        found.append({"threshold": threshold, **_figures(asdict(result))})
    return max(found, key=lambda row: row["f1"])


def _outlined(mask: Mask, grid: Grid, min_area: float, folder: Path) -> Path:
    """Return the outlines of a mask's patches, along the pixels' sides."""
    above, patches, outlines = (folder / f"threshold_{name}" for name in ("above.tif", "patches.tif", "outlines.gpkg"))
    with RasterWriter(str(above), grid, [LABELS]) as writer:
        writer.write_raw(grid.whole, mask.astype(np.uint32))
    sifting = ReshapeOptions(labels=str(above), output=str(patches), fill=0.0, smooth=0.0, split=0.0, min_area=min_area)
    stage_named("reshape").run(sifting, Progress())
    drawing = OutlinesOptions(input=str(patches), output=str(outlines), simplify=0.0, smooth_outline=0)
    stage_named("outlines").run(drawing, Progress())
    return outlines


def _figures(accuracy: Record) -> Record:
    """Return the figures of outlines that fit a landform of the reference one to one; 0 where nothing is mapped."""
    shares = {name: accuracy[f"landform_{name}"] for name in ("recall", "precision", "f1")}
    known = {name: 0.0 if value is None or np.isnan(value) else float(value) for name, value in shares.items()}
    return {"outlines": accuracy["mapped_count"], "fitting": accuracy["pair_count"], **known}
