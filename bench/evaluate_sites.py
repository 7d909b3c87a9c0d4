"""Score networks for RGB on the real sites of Los Helados, each by a network that has not seen the site.

    python bench/evaluate_sites.py --data ../shared/data --output build/sites

A site's network is trained by the recipe of `rgb_10m` on the pictures of the other three, then applied to the mosaic.
Scores are by pixel of the site's part of the mosaic, and by landform of the outlines that the chain makes of it.
Four sites with five landforms say little: there is no interval worth its name.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from rock_glacier_mapper.core.assessment.heatmapscores import average_precision
from rock_glacier_mapper.core.contracts.accuracy import AccuracyOptions
from rock_glacier_mapper.core.contracts.maprockglaciers import MapRockGlaciersOptions
from rock_glacier_mapper.core.progress import Progress
from rock_glacier_mapper.core.rasters.raster import Raster
from rock_glacier_mapper.core.stages import stage_named
from rock_glacier_mapper.core.vectors.vector import VectorLayer, burn, read_layer, write_layers
from scoring import Counts, best_f1, counted_levels
from train_models import PLANS, Plan, make_model, pictures

SITES = (1, 2, 3, 5)
OUTSIDE = 255
# Gradient boosting on texture, the better of raw and per-site standardised features, from the data's PROVENANCE.md.
BASELINE = {1: 0.293, 2: 0.202, 3: 0.258, 5: 0.363}

Record = dict[str, Any]


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with los_helados")
    parser.add_argument("--output", type=Path, required=True, help="folder for sites.json and all that is made")
    parser.add_argument("--sites", type=int, nargs="+", choices=SITES, default=SITES)
    parser.add_argument("--set", nargs="*", default=[], metavar="NAME=VALUE", help="options of traincnn to change")
    arguments = parser.parse_args()
    changes = dict(item.split("=", 1) for item in arguments.set)
    arguments.output.mkdir(parents=True, exist_ok=True)
    records = [scored_site(site, arguments.data, arguments.output, changes) for site in arguments.sites]
    (arguments.output / "sites.json").write_text(json.dumps(records, indent=2) + "\n", "utf-8")
    print(document(records))


def scored_site(site: int, data: Path, output: Path, changes: dict[str, str]) -> Record:
    """Train on the other sites, map the mosaic, and score the site."""
    helados = data / "los_helados"
    plan = Plan(pictures(dict.fromkeys(set(SITES) - {site}, "train")), PLANS["rgb_10m"].recipe)
    model = make_model(f"without_site_{site}", plan, data, output, output, changes)
    area = output / f"site_{site}.gpkg"
    write_site(helados / "chips.gpkg", site, area)
    heatmap, outlines = output / f"heatmap_{site}.tif", output / f"outlines_{site}.gpkg"
    chain = MapRockGlaciersOptions(
        stack=str(helados / "sentinel2_rgb_10m.tif"),
        model=str(model),
        rules="rgb",
        area=str(area),
        output=str(outlines),
        heatmap=str(heatmap),
        sigma=0.0,
    )
    stage_named("maprockglaciers").run(chain, Progress())
    counts = site_counts(heatmap, helados / "rock_glacier_mask_10m.tif", area)
    return {
        "site": site,
        "prevalence": float(counts[0].sum() / sum(count.sum() for count in counts)),
        "average_precision": average_precision(*counts),
        "best_f1": best_f1(*counts),
        "outlines": outlines_record(outlines, helados / "rock_glaciers.gpkg", area, output / f"accuracy_{site}"),
    }


def write_site(chips: Path, site: int, output: Path) -> None:
    """Write the ground that the pictures of a site show."""
    layer = read_layer(str(chips))
    ground = shapely.union_all(layer.geometries[layer.columns["site"] == site])
    write_layers(str(output), {"site": VectorLayer(np.array([ground]), {}, layer.crs)})


def site_counts(heatmap: Path, mask: Path, area: Path) -> tuple[Counts, Counts]:
    """Count the site's pixels by their level in the heatmap, inside and outside of rock glaciers."""
    with Raster(str(heatmap)) as raster, Raster(str(mask)) as reference:
        values, classes = raster.read()[0], reference.read()[0]
        inside = burn(read_layer(str(area)).geometries, 1, raster.grid, "uint8").astype(bool)
    known = inside & np.isfinite(values) & np.isfinite(classes) & (classes != OUTSIDE)
    return counted_levels(np.clip(values[known], 0, 1), classes[known] == 1)


def outlines_record(outlines: Path, reference: Path, area: Path, output: Path) -> Record:
    """Return the figures of the accuracy stage within the site."""
    path = output.with_suffix(".json")
    options = AccuracyOptions(
        mapped=str(outlines),
        reference=f"{reference}|layername=rock_glaciers",
        area=str(area),
        output=str(output.with_suffix(".gpkg")),
        json=str(path),
    )
    stage_named("accuracy").run(options, Progress())
    figures: Record = json.loads(path.read_text("utf-8"))["figures"]
    return figures


def document(records: list[Record]) -> str:
    """Return the table as Markdown."""
    head = "| site | prevalence | AP | AP of the baseline | best F1 | landforms found | IoU of the outlines |"
    return "\n".join([head, "|---|---|---|---|---|---|---|", *map(_line, records)])


def _line(record: Record) -> str:
    figures = record["outlines"]
    return (
        f"| {record['site']} | {record['prevalence']:.3f} | {record['average_precision']:.3f} | "
        f"{BASELINE[record['site']]:.3f} | {record['best_f1']:.3f} | "
        f"{figures['matched_count']} of {figures['reference_count']} | {figures['iou']:.3f} |"
    )


if __name__ == "__main__":
    main()
