"""Score the whole chain on the simulated validation landscape, beside the best single threshold of its heatmap.

The threshold is the strongest that there can be, because it is chosen on the scored landscape itself; beside it stands
the one chosen on the training landscapes, which the network has seen. The rules know the training landscapes only.
Everything is SIMULATED, and says nothing about real regions.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rock_glacier_mapper.core.assessment.heatmapscores import average_precision
from rock_glacier_mapper.core.contracts.accuracy import AccuracyOptions
from rock_glacier_mapper.core.contracts.heatmap import HeatmapOptions
from rock_glacier_mapper.core.contracts.maprockglaciers import MapRockGlaciersOptions
from rock_glacier_mapper.core.progress import Progress
from rock_glacier_mapper.core.rasters.raster import Raster
from rock_glacier_mapper.core.stages import stage_named
from rock_glacier_mapper.core.vectors.vector import burn, read_layer
from scene_stack import TRAINING_LANDSCAPES, read_scene, write_stack
from scoring import Agreement, Counts, Mask, agreement_from, agreement_of, best_threshold, counted_levels
from threshold_outlines import landform_table, margin_by_landform, rows_by_landform

VALIDATION_LANDSCAPE = "himalaya_b"
# Classes of truth_class.tif, for analysis only; what it calls rock glacier beyond the outlines is their margin.
_GROUND = {
    "other": (0,),
    "debris flow": (1,),
    "avalanche cone": (2,),
    "alluvial fan": (3,),
    "moraine": (4,),
    "debris-covered glacier": (5,),
    "talus": (6,),
    "landslide": (7,),
    "ice, snow, water": (8, 9, 10),
    "bedrock": (11,),
    "margin of a rock glacier": (20, 21, 22),
}
_SHARES = {"producers_accuracy": "PA", "users_accuracy": "UA", "f1": "F1", "iou": "IoU"}

Record = dict[str, Any]


@dataclass(frozen=True)
class Landscape:
    """A simulated landscape with its stack, its heatmap, and the pixels of its reference inventory."""

    name: str
    inventory: str
    stack: Path
    heatmap: Path
    reference: Mask


@dataclass(frozen=True)
class Mapped:
    """What the chain makes of a landscape: outlines, the smoothed heatmap, and the pixels in the outlines."""

    outlines: Path
    smoothed: Path
    mapped: Mask


def evaluated(landscapes: Path, output: Path, model: str, rules: str) -> Record:
    """Map and score the validation landscape.

    Parameters
    ----------
    landscapes : Path
        Folder with `train` and `validation`.
    output : Path
        Folder for rasters and outlines.
    model, rules : str
        As the stage `maprockglaciers` takes them.

    Returns
    -------
    dict
        Values for JSON: average precision of the heatmap, scores by pixel and by landform of thresholds and of the
        chain, and the chain's record of the accuracy stage.
    """
    scored = prepared(landscapes / "validation" / VALIDATION_LANDSCAPE, output, model)
    trained = [prepared(landscapes / "train" / name, output, model) for name in TRAINING_LANDSCAPES]
    chain = mapped_by_chain(scored, output, model, rules)
    accuracy = accuracy_of(chain.outlines, scored, output)
    counts, smooth_counts = levels_of(scored, scored.heatmap), levels_of(scored, chain.smoothed)
    of_training = [levels_of(item, item.heatmap) for item in trained]
    seen = (sum(positives for positives, _ in of_training), sum(negatives for _, negatives in of_training))
    return {
        "landscape": f"{scored.name} (simulated)",
        "model": model,
        "rules": rules,
        "average_precision": average_precision(*counts),
        "by_pixel": [
            threshold_row("best threshold, chosen on the scored landscape", best_threshold(*counts), counts),
            threshold_row("the same, of the smoothed heatmap", best_threshold(*smooth_counts), smooth_counts),
            threshold_row("threshold chosen on the training landscapes", best_threshold(*seen), counts),
            row("object chain", agreement_of(chain.mapped, scored.reference)),
        ],
        "by_landform": rows_by_landform(scored.heatmap, scored.inventory, accuracy["figures"], output),
        "outlines": accuracy,
        "false_ground": false_ground(
            landscapes / "validation" / VALIDATION_LANDSCAPE / "truth_class.tif", chain.mapped & ~scored.reference
        ),
    }


def mapped_by_chain(landscape: Landscape, output: Path, model: str, rules: str, **changes: Any) -> Mapped:
    """Map a landscape by the whole chain; `changes` are options of `maprockglaciers`."""
    outlines, smoothed = (output / f"{landscape.name}_{what}" for what in ("outlines.gpkg", "smoothed.tif"))
    options = MapRockGlaciersOptions(
        stack=str(landscape.stack), model=model, rules=rules, output=str(outlines), heatmap=str(smoothed), **changes
    )
    stage_named("maprockglaciers").run(options, Progress())
    with Raster(str(landscape.stack)) as stack:
        mapped = burn(read_layer(str(outlines)).geometries, 1, stack.grid, "uint8").astype(bool)
    return Mapped(outlines, smoothed, mapped)


def prepared(folder: Path, output: Path, model: str) -> Landscape:
    """Write the stack and the heatmap of a landscape."""
    scene = read_scene(folder)
    stack, heatmap = (output / f"{folder.name}_{what}.tif" for what in ("stack", "heatmap"))
    write_stack(stack, scene, scene.grid.whole)
    options = HeatmapOptions(stack=str(stack), model=model, output=str(heatmap), device="cpu")
    stage_named("heatmap").run(options, Progress())
    inventory = f"{folder / 'reference.gpkg'}|layername=rock_glaciers"
    return Landscape(folder.name, inventory, stack, heatmap, scene.reference)


def false_ground(truth: Path, false: Mask) -> list[Record]:
    """Return what wrongly mapped pixels are: of each kind of ground, its share of them, and how much of it they are."""
    with Raster(str(truth)) as raster:
        classes = raster.read()[0]
    ground = {name: np.isin(classes, numbers) for name, numbers in _GROUND.items()}
    return [
        {
            "group": name,
            "share_of_false": float((pixels & false).sum() / max(false.sum(), 1)),
            "share_mapped": float((pixels & false).sum() / max(pixels.sum(), 1)),
        }
        for name, pixels in ground.items()
    ]


def levels_of(landscape: Landscape, heatmap: Path) -> tuple[Counts, Counts]:
    """Count the pixels of a heatmap of a landscape by their value, inside and outside of the reference."""
    with Raster(str(heatmap)) as raster:
        values = raster.read()[0]
    known = np.isfinite(values)
    return counted_levels(np.clip(values[known], 0, 1), landscape.reference[known])


def threshold_row(what: str, threshold: float, counts: tuple[Counts, Counts]) -> Record:
    """Return the scores of a threshold."""
    return {**row(what, agreement_from(threshold, *counts)), "threshold": round(threshold, 3)}


def row(what: str, agreement: Agreement) -> Record:
    """Return the scores of what was mapped."""
    return {"what": what, **agreement.figures}


def accuracy_of(outlines: Path, landscape: Landscape, output: Path) -> Record:
    """Return the record of the accuracy stage."""
    path = output / "accuracy.json"
    options = AccuracyOptions(
        mapped=str(outlines), reference=landscape.inventory, output=str(output / "accuracy.gpkg"), json=str(path)
    )
    stage_named("accuracy").run(options, Progress())
    record = json.loads(path.read_text("utf-8"))
    return {"figures": record["figures"], "tables": record["tables"]}


def tables(record: Record) -> list[str]:
    """Return the tables as lines of Markdown."""
    rows, landforms, figures = record["by_pixel"], record["by_landform"], record["outlines"]["figures"]
    best = max(item["f1"] for item in rows if "threshold" in item)
    margin = 100 * (rows[-1]["f1"] - best)
    return [
        f"Landscape {record['landscape']}, model {record['model']}, rules {record['rules']}.",
        f"Average precision of the heatmap: {record['average_precision']:.3f}",
        "",
        "| by pixel | threshold | PA | UA | F1 | IoU |",
        "|---|---|---|---|---|---|",
        *(_line(item) for item in rows),
        "",
        f"By pixel, the object chain is {margin:+.1f} points of F1 from the best threshold.",
        "",
        *landform_table(landforms),
        "",
        f"By landform, the object chain is {margin_by_landform(landforms):+.1f} points of F1 from the best threshold.",
        "",
        f"Outlines: {figures['matched_count']} of {figures['reference_count']} landforms found "
        f"({figures['false_count']} of {figures['mapped_count']} outlines false), "
        + ", ".join(f"{title} {figures[name]:.3f}" for name, title in _SHARES.items())
        + f", area bias {figures['area_bias']:+.0%}.",
        *(line for table in record["outlines"]["tables"] for line in _table(table)),
        "",
        "| what was mapped by mistake | share of it | share of such ground |",
        "|---|---|---|",
        *(
            f"| {item['group']} | {item['share_of_false']:.2f} | {item['share_mapped']:.3f} |"
            for item in sorted(record["false_ground"], key=lambda item: -item["share_of_false"])
        ),
    ]


def _line(item: Record) -> str:
    scores = " | ".join(f"{item[name]:.3f}" for name in _SHARES)
    return f"| {item['what']} | {item.get('threshold', '')} | {scores} |"


def _table(table: Record) -> list[str]:
    rows = [
        f"| {item['group']} | {item['matched']} of {item['count']} | {item['producers_accuracy']:.3f} |"
        for item in table["rows"]
        if item["count"]
    ]
    return ["", f"| {table['title']} | found | PA |", "|---|---|---|", *rows]
