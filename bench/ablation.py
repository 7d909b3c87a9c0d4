"""What each source of bands, and the kind of network, is worth on the simulated validation landscape.

The model was trained with sources left out of some crops, so that it maps stacks that lack one: here they do. Beside it
stands the seed study's kind of network, a classifier of patches, trained on the same samples.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from rock_glacier_mapper.core.assessment.heatmapscores import average_precision
from rock_glacier_mapper.core.contracts.heatmap import HeatmapOptions
from rock_glacier_mapper.core.progress import Progress
from rock_glacier_mapper.core.rasters.raster import Raster
from rock_glacier_mapper.core.rasters.roles import RADAR, TERRAIN, source_of
from rock_glacier_mapper.core.stages import stage_named
from scene_stack import Scene, write_stack
from scoring import best_f1, counted_levels

ABSENT = {
    "all bands": (),
    "without coherence": (RADAR,),
    "without terrain": (TERRAIN,),
    "optical bands only": (RADAR, TERRAIN),
}

Record = dict[str, Any]


def ablations(scene: Scene, model: str, patch_model: str, output: Path) -> list[Record]:
    """Score heatmaps of a scene without some of its bands, one of another kind of network, and the mean of both kinds.

    Parameters
    ----------
    scene : Scene
    model : str
        As the stage `heatmap` takes it; it must be able to do without coherence and terrain.
    patch_model : str
        A classifier of patches.
    output : Path
        Folder for rasters.

    Returns
    -------
    list of dict
        `what`, `average_precision` and `f1` (at the threshold that is best on the scene), by pixel.
    """
    heatmaps = {what: heatmap_of(scene, absent, model, output) for what, absent in ABSENT.items()}
    whole, patches = heatmaps["all bands"], heatmap_of(scene, (), patch_model, output)
    heatmaps |= {"all bands, classifier of patches": patches, "all bands, mean of both": (whole + patches) / 2}
    return [{"what": what, **scored(heatmap, scene)} for what, heatmap in heatmaps.items()]


def heatmap_of(scene: Scene, absent: tuple[str, ...], model: str, output: Path) -> NDArray[np.float32]:
    """Return the heatmap of a scene without the bands of some sources, shape (height, width)."""
    bands = {role: band for role, band in scene.bands.items() if source_of(role) not in absent}
    stack, heatmap = output / "ablation_stack.tif", output / "ablation_heatmap.tif"
    write_stack(stack, replace(scene, bands=bands), scene.grid.whole)
    options = HeatmapOptions(stack=str(stack), model=model, output=str(heatmap), device="cpu")
    stage_named("heatmap").run(options, Progress())
    with Raster(str(heatmap)) as raster:
        values: NDArray[np.float32] = raster.read()[0]
    return values


def scored(heatmap: NDArray[np.float32], scene: Scene) -> Record:
    """Return average precision and best F1 by pixel."""
    known = np.isfinite(heatmap)
    counts = counted_levels(np.clip(heatmap[known], 0, 1), scene.reference[known])
    return {"average_precision": average_precision(*counts), "f1": best_f1(*counts)}


def table(rows: list[Record]) -> list[str]:
    """Return the scores as lines of Markdown."""
    return [
        "| heatmap | average precision | best F1 |",
        "|---|---|---|",
        *(f"| {row['what']} | {row['average_precision']:.3f} | {row['f1']:.3f} |" for row in rows),
    ]
