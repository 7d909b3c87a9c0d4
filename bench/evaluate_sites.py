"""Score the model for RGB on the real sites of Los Helados, each by a model that has not seen the site.

    python bench/evaluate_sites.py --data ../shared/data --output build/sites

A site's models are trained by the recipe of `rgb_10m` on the other three sites, with three seeds. Scores are by pixel
of the site's part of the mosaic, the average precision (AP) as the mean of the seeds, and by landform of the outlines
that the chain makes with the first seed. Four sites with five landforms say little: there is no interval worth its
name.

The mosaic consists of pictures that were cut around landforms, so that its shape gives them away. Two controls show how
much: the distance to the mosaic's edge taken as the heatmap, and models that were trained and scored on the same
mosaic with the pixels of each site shuffled, of which nothing but the shape is left.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import shapely
from numpy.typing import NDArray
from rgb_graph import run_on
from rgb_network import SITES, Site, read_sites, write_model
from rock_glacier_mapper.core.assessment.heatmapscores import average_precision
from rock_glacier_mapper.core.contracts.accuracy import AccuracyOptions
from rock_glacier_mapper.core.contracts.maprockglaciers import MapRockGlaciersOptions
from rock_glacier_mapper.core.progress import Progress
from rock_glacier_mapper.core.stages import stage_named
from rock_glacier_mapper.core.vectors.vector import VectorLayer, read_layer, write_layers
from scipy.ndimage import distance_transform_edt
from scoring import best_f1, best_threshold, counted_levels

SEEDS = (1, 2, 3)
# Gradient boosting on texture, the better of raw and per-site standardised features, from the data's PROVENANCE.md.
BASELINE = {1: 0.293, 2: 0.202, 3: 0.258, 5: 0.363}

Record = dict[str, Any]


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with los_helados")
    parser.add_argument("--output", type=Path, required=True, help="folder for sites.json and all that is made")
    parser.add_argument("--sites", type=int, nargs="+", choices=SITES, default=SITES)
    arguments = parser.parse_args()
    print(document(evaluated(arguments.data, arguments.output, arguments.sites)))


def evaluated(data: Path, output: Path, numbers: Sequence[int] = SITES) -> list[Record]:
    """Score the sites, and write the scores as sites.json.

    Parameters
    ----------
    data : Path
        Folder with los_helados.
    output : Path
        Folder for all that is made.
    numbers : sequence of int
        The sites.
    """
    output.mkdir(parents=True, exist_ok=True)
    helados = data / "los_helados"
    sites = read_sites(helados)
    records = [scored_site(number, sites, helados, output) for number in numbers]
    (output / "sites.json").write_text(json.dumps(records, indent=2) + "\n", "utf-8")
    return records


def scored_site(number: int, sites: dict[int, Site], data: Path, output: Path) -> Record:
    """Train on the other sites, score the site by pixel, and its outlines by the chain."""
    site = sites[number]
    models = trained(number, sites, output / f"without_{number}", SEEDS)
    empty = {place: shuffled(item, place) for place, item in sites.items()}
    without_texture = trained(number, empty, output / f"without_{number}_shuffled", SEEDS[:1])[0]
    heatmaps = [heatmap_of(model, site) for model in models]
    counts = counted_levels(heatmaps[0][site.valid], site.target[site.valid])
    distance = distance_transform_edt(np.pad(site.valid, 1))[1:-1, 1:-1]
    return {
        "site": number,
        "prevalence": float(site.target.sum() / site.valid.sum()),
        "average_precision": float(np.mean([_average_precision(heatmap, site) for heatmap in heatmaps])),
        "best_f1": best_f1(*counts),
        "best_threshold": best_threshold(*counts),
        "without_texture": _average_precision(heatmap_of(without_texture, empty[number]), site),
        "distance_to_edge": _average_precision(distance / distance.max(), site),
        "outlines": outlines_record(models[0], number, data, output),
    }


def trained(number: int, sites: dict[int, Site], path: Path, seeds: tuple[int, ...]) -> list[Path]:
    """Return models that have not seen a site, one a seed."""
    others = {place: site for place, site in sites.items() if place != number}
    return [write_model(path.with_name(f"{path.name}_seed_{seed}.onnx"), others, seed) for seed in seeds]


def shuffled(site: Site, seed: int) -> Site:
    """Return a site whose valid pixels have changed places: the same colours in the same shape, without texture."""
    picture = site.picture.copy()
    order = np.random.default_rng(seed).permutation(int(site.valid.sum()))
    picture[:, site.valid] = picture[:, site.valid][:, order]
    return replace(site, picture=picture)


def heatmap_of(model: Path, site: Site) -> NDArray[np.float32]:
    """Return the heatmap of a site as a whole."""
    return run_on(onnxruntime.InferenceSession(model), site.picture, site.valid)[0]


def _average_precision(heatmap: NDArray[np.floating], site: Site) -> float:
    return float(average_precision(*counted_levels(heatmap[site.valid], site.target[site.valid])))


def write_site(chips: Path, site: int, output: Path) -> None:
    """Write the ground that the pictures of a site show."""
    layer = read_layer(str(chips))
    ground = shapely.union_all(layer.geometries[layer.columns["site"] == site])
    write_layers(str(output), {"site": VectorLayer(np.array([ground]), {}, layer.crs)})


def outlines_record(model: Path, site: int, data: Path, output: Path) -> Record:
    """Map the site by the whole chain; return the figures of the accuracy stage within it."""
    area, outlines, path = output / f"site_{site}.gpkg", output / f"outlines_{site}.gpkg", output / f"site_{site}.json"
    write_site(data / "chips.gpkg", site, area)
    chain = MapRockGlaciersOptions(
        stack=str(data / "sentinel2_rgb_10m.tif"),
        model=str(model),
        rules="rgb",
        area=str(area),
        output=str(outlines),
        heatmap=str(output / f"heatmap_{site}.tif"),
    )
    stage_named("maprockglaciers").run(chain, Progress())
    options = AccuracyOptions(
        mapped=str(outlines),
        reference=f"{data / 'rock_glaciers.gpkg'}|layername=rock_glaciers",
        area=str(area),
        output=str(output / f"accuracy_{site}.gpkg"),
        json=str(path),
    )
    stage_named("accuracy").run(options, Progress())
    figures: Record = json.loads(path.read_text("utf-8"))["figures"]
    return figures


def document(records: list[Record]) -> str:
    """Return the table as Markdown."""
    head = (
        "| site | prevalence | AP | AP of the baseline | AP, pixels shuffled | AP, distance to the edge | best F1 "
        "| its threshold | landforms found | IoU of the outlines |"
    )
    return "\n".join([head, "|---" * 10 + "|", *map(_line, records)])


def _line(record: Record) -> str:
    figures = record["outlines"]
    names = ("without_texture", "distance_to_edge", "best_f1", "best_threshold")
    return (
        f"| {record['site']} | {record['prevalence']:.3f} | {record['average_precision']:.3f} | "
        f"{BASELINE[record['site']]:.3f} | {' | '.join(f'{record[name]:.3f}' for name in names)} | "
        f"{figures['matched_count']} of {figures['reference_count']} | {figures['iou']:.3f} |"
    )


if __name__ == "__main__":
    main()
