"""Outlines that a single threshold on a heatmap gives, scored landform by landform: what the chain is measured against.

Of all thresholds the best is taken, with the reference in hand. A patch of touching pixels is a landform; without small
patches, the threshold borrows a step of the chain.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from rock_glacier_mapper.core.contracts.accuracy import AccuracyOptions, AccuracyResult
from rock_glacier_mapper.core.contracts.outlines import OutlinesOptions
from rock_glacier_mapper.core.contracts.reshape import ReshapeOptions
from rock_glacier_mapper.core.progress import Progress
from rock_glacier_mapper.core.rasters.labels import LABELS
from rock_glacier_mapper.core.rasters.raster import Raster, RasterWriter
from rock_glacier_mapper.core.stages import stage_named

THRESHOLDS = (*np.arange(0.05, 0.96, 0.05).round(2).tolist(), 0.98)
# In square metres, as `Map rock glaciers` drops them.
SMALLEST = ReshapeOptions.min_area

Record = dict[str, Any]


def rows_by_landform(heatmap: Path, inventory: str, chain: Path, folder: Path) -> list[Record]:
    """Return the scores by landform of the best threshold, with and without small patches, and of the chain.

    Parameters
    ----------
    heatmap : Path
    inventory : str
        Outlines of the reference.
    chain : Path
        Outlines of the chain.
    folder : Path
        For files on the way.
    """
    areas = {"best threshold": 0.0, f"the same, without patches below {SMALLEST / 1e6:g} km²": SMALLEST}
    rows = [{"what": what, **_best_of_thresholds(heatmap, inventory, area, folder)} for what, area in areas.items()]
    return [*rows, {"what": "object chain", **_figures(_scored(chain, inventory, folder))}]


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


def _best_of_thresholds(heatmap: Path, inventory: str, min_area: float, folder: Path) -> Record:
    found: list[Record] = []
    for threshold in THRESHOLDS:
        outlines = _outlined(heatmap, threshold, min_area, folder)
        found.append({"threshold": threshold, **_figures(_scored(outlines, inventory, folder))})
    return max(found, key=lambda row: row["f1"])


def _outlined(heatmap: Path, threshold: float, min_area: float, folder: Path) -> Path:
    """Return the outlines of the patches of pixels that are at least the threshold, along the pixels' sides."""
    above, patches, outlines = (folder / f"threshold_{name}" for name in ("above.tif", "patches.tif", "outlines.gpkg"))
    with Raster(str(heatmap)) as raster:
        values, grid = raster.read()[0], raster.grid
    with RasterWriter(str(above), grid, [LABELS]) as writer:
        writer.write_raw(grid.whole, (values >= threshold).astype(np.uint32))
    sifting = ReshapeOptions(labels=str(above), output=str(patches), fill=0.0, smooth=0.0, split=0.0, min_area=min_area)
    stage_named("reshape").run(sifting, Progress())
    drawing = OutlinesOptions(input=str(patches), output=str(outlines), simplify=0.0, smooth_outline=0)
    stage_named("outlines").run(drawing, Progress())
    return outlines


def _scored(outlines: Path, inventory: str, folder: Path) -> AccuracyResult:
    output = str(folder / "threshold_accuracy.gpkg")
    options = AccuracyOptions(mapped=str(outlines), reference=inventory, output=output, repetitions=0)
    result: AccuracyResult = stage_named("accuracy").run(options, Progress())
    return result


def _figures(result: AccuracyResult) -> Mapping[str, float]:
    """Return the figures of outlines that fit a landform of the reference one to one; 0 where nothing is mapped."""
    shares = {name: getattr(result, f"landform_{name}") for name in ("recall", "precision", "f1")}
    known = {name: float(np.nan_to_num(value)) for name, value in shares.items()}
    return {"outlines": result.mapped_count, "fitting": result.pair_count, **known}
