"""One round of the loop from review to training, on simulated landscapes: what reviewing one scene does for another.

    python bench/evaluate_loop.py --data ../shared/data --output build/evaluation_loop

A small network is trained on one landscape and maps a second one. A SIMULATED reviewer goes over that map with the
reference in hand: accepts outlines that match, redraws those that match roughly, rejects the others, and draws what was
missed. `corrections` makes samples of the review, and the network is trained again from the start, with both folders
and as many batches. Both networks are scored on a third landscape, which neither has seen. For comparison the first
network also trains with more of its own landscape only: twice the batches, no review.

Everything is SIMULATED, the networks are small and trained briefly so that this takes minutes, and a reviewer who is
never wrong is the best that there can be. It says nothing about real regions.
"""

from __future__ import annotations

import argparse
import json
import statistics
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from rock_glacier_mapper.core.assessment.heatmapscores import average_precision
from rock_glacier_mapper.core.contracts.corrections import CorrectionsOptions
from rock_glacier_mapper.core.contracts.heatmap import HeatmapOptions
from rock_glacier_mapper.core.contracts.maprockglaciers import MapRockGlaciersOptions
from rock_glacier_mapper.core.contracts.samples import SamplesOptions
from rock_glacier_mapper.core.contracts.traincnn import TrainCnnOptions, TrainCnnResult
from rock_glacier_mapper.core.progress import Progress
from rock_glacier_mapper.core.rasters.raster import Raster
from rock_glacier_mapper.core.stages import stage_named
from rock_glacier_mapper.core.vectors.vector import Geometries, VectorLayer, read_layer, write_layers
from scene_stack import Scene, read_scene, write_stack
from scoring import agreement_from, best_f1, counted_levels

TRAINED, REVIEWED, SCORED = "train/andes_a", "train/himalaya_a", "validation/himalaya_b"
WIDTHS = ("12", "24", "48", "64")
# An outline agrees with the reference as far as this share of intersection over union, or of its own area.
_AGREES = 0.5

Record = dict[str, Any]


def main() -> None:
    """Run the loop for some seeds."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with landscapes")
    parser.add_argument("--output", type=Path, required=True, help="folder for evaluation_loop.json and what is made")
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1])
    parser.add_argument("--epochs", type=int, default=12, help="epochs of each training")
    parser.add_argument("--steps", type=int, default=25, help="batches of 8 crops in each epoch")
    arguments = parser.parse_args()
    arguments.output.mkdir(parents=True, exist_ok=True)
    loop = Loop(arguments.data / "landscapes", arguments.output, arguments.epochs, arguments.steps)
    record: Record = {
        "simulated": True,
        "trained": TRAINED,
        "reviewed": REVIEWED,
        "scored": SCORED,
        "batches": arguments.epochs * arguments.steps,
        "rounds": [],
    }
    for seed in arguments.seeds:
        record["rounds"].append(loop.round(seed))
        (arguments.output / "evaluation_loop.json").write_text(json.dumps(record, indent=2) + "\n", "utf-8")
    print(document(record))


class Loop:
    """The stages of the loop on three landscapes.

    Parameters
    ----------
    landscapes : Path
        Folder with `train` and `validation`.
    output : Path
        Folder for all that is made.
    epochs, steps : int
        Length of each training.
    """

    def __init__(self, landscapes: Path, output: Path, epochs: int, steps: int) -> None:
        self.output, self.epochs, self.steps = output, epochs, steps
        self.scenes = {name: read_scene(landscapes / name) for name in (TRAINED, REVIEWED, SCORED)}
        self.stacks = {name: str(output / f"{Path(name).name}.tif") for name in self.scenes}
        for name, scene in self.scenes.items():
            write_stack(Path(self.stacks[name]), scene, scene.grid.whole)

    def round(self, seed: int) -> Record:
        """Train, map, review, correct, train again; return the scores before and after, and the counts."""
        first = self.first_samples(seed)
        before = self.trained(f"before_{seed}", (first,), seed)
        decisions, corrections = self.corrected(before.output, seed)
        after = self.trained(f"after_{seed}", (first, corrections), seed)
        longer = self.trained(f"longer_{seed}", (first,), seed, longer=2)
        models = {"before": before, "after": after, "twice the batches, no review": longer}
        scores = {name: self.score(model) for name, model in models.items()}
        print(json.dumps({"seed": seed, "review": decisions, **scores}), flush=True)
        return {"seed": seed, "review": decisions, "scores": scores}

    def first_samples(self, seed: int) -> str:
        """Cut samples of the first landscape; a fifth of its landforms is for validation."""
        folder, inventory = str(self.output / f"samples_{seed}"), str(self.output / "inventory.gpkg")
        scene = self.scenes[TRAINED]
        write_layers(inventory, {"rock_glaciers": VectorLayer(scene.outlines.geometries, {}, scene.grid.crs)})
        options = SamplesOptions(
            self.stacks[TRAINED], inventory, folder, validation_share=0.2, test_share=0.0, seed=seed
        )
        stage_named("samples").run(options, Progress())
        return folder

    def trained(self, name: str, folders: tuple[str, ...], seed: int, longer: int = 1) -> TrainCnnResult:
        """Train the small network."""
        path = str(self.output / f"{name}.onnx")
        options = TrainCnnOptions(
            samples=folders,
            output=path,
            epochs=self.epochs * longer,
            steps=self.steps,
            patience=0,
            seed=seed,
            widths=WIDTHS,
            averaging=0.97,
            drop_sources=(),
            device="cpu",
            threads=1,
            resume=False,
        )
        result: TrainCnnResult = stage_named("traincnn").run(options, Progress())
        return result

    def corrected(self, model: str, seed: int) -> tuple[Record, str]:
        """Map the second landscape, review the map, and make samples of the review."""
        scene = self.scenes[REVIEWED]
        mapped, reviewed, area = (str(self.output / f"{what}_{seed}.gpkg") for what in ("mapped", "reviewed", "area"))
        chain = MapRockGlaciersOptions(
            stack=self.stacks[REVIEWED], model=model, rules="full_stack", output=mapped, device="cpu"
        )
        stage_named("maprockglaciers").run(chain, Progress())
        review = simulated_review(read_layer(mapped).geometries, scene.outlines.geometries)
        write_layers(reviewed, {"rock_glaciers": VectorLayer(review.geometries, review.columns, scene.grid.crs)})
        write_layers(area, {"area": VectorLayer(np.array([extent(scene)], object), {}, scene.grid.crs)})
        folder = str(self.output / f"corrections_{seed}")
        options = CorrectionsOptions(reviewed, self.stacks[REVIEWED], folder, area=area, seed=seed)
        result = stage_named("corrections").run(options, Progress())
        counts = Counter(review.columns["review_status"].tolist())
        return {**counts, "chips": result.train_chips}, folder

    def score(self, model: TrainCnnResult) -> Record:
        """Return average precision and F1 by pixel on the third landscape."""
        heatmap = str(self.output / "heatmap.tif")
        options = HeatmapOptions(stack=self.stacks[SCORED], model=model.output, output=heatmap, device="cpu")
        stage_named("heatmap").run(options, Progress())
        with Raster(heatmap) as raster:
            values = raster.read()[0]
        known = np.isfinite(values)
        counts = counted_levels(np.clip(values[known], 0, 1), self.scenes[SCORED].reference[known])
        return {
            "average_precision": average_precision(*counts),
            "f1": agreement_from(model.threshold, *counts).figures["f1"],
            "best_f1": best_f1(*counts),
        }


def simulated_review(mapped: Geometries, reference: Geometries) -> VectorLayer:
    """Return what a reviewer who knows the reference makes of a map.

    Parameters
    ----------
    mapped, reference : ndarray of shapely polygons

    Returns
    -------
    VectorLayer
        An outline that agrees with the landforms that it meets is accepted as it is (intersection over union of half
        or more); of which half lies in them, accepted with their outline; any other rejected. A landform of which
        accepted ones cover less than half is drawn.
    """
    tree = shapely.STRtree(reference)
    outlines, statuses = [], []
    for outline in mapped:
        met = shapely.union_all(reference[tree.query(outline, predicate="intersects")])
        shared = shapely.area(shapely.intersection(outline, met))
        agrees = shared >= _AGREES * shapely.area(shapely.union(outline, met))
        is_landform = shared >= _AGREES * shapely.area(outline)
        outlines.append(outline if agrees or not is_landform else met)
        statuses.append("accepted" if agrees or is_landform else "rejected")
    accepted = [outline for outline, status in zip(outlines, statuses, strict=True) if status == "accepted"]
    covered = shapely.area(shapely.intersection(reference, shapely.union_all(accepted)))
    missed = reference[covered < _AGREES * shapely.area(reference)]
    statuses += ["drawn"] * len(missed)
    return VectorLayer(np.array([*outlines, *missed], object), {"review_status": np.array(statuses, object)})


def extent(scene: Scene) -> shapely.Polygon:
    """Return the ground of a scene, all of which the reviewer looks over."""
    width, height = scene.grid.width, scene.grid.height
    return shapely.Polygon(np.column_stack(scene.grid.coordinates([0, width, width, 0], [0, 0, height, height])))


def document(record: Record) -> str:
    """Return the scores as a Markdown table, with the mean over the seeds and the range."""
    rounds = record["rounds"]
    lines = [
        f"SIMULATED. Trained on {record['trained']}, reviewed {record['reviewed']}, scored on {record['scored']}; "
        f"{record['batches']} batches a training, {len(rounds)} seeds: mean (lowest to highest).",
        "",
        "| network | average precision | F1 at its own threshold | F1 at the best threshold |",
        "|---|---|---|---|",
    ]
    for name in rounds[0]["scores"]:
        cells = [
            _spread([item["scores"][name][figure] for item in rounds])
            for figure in ("average_precision", "f1", "best_f1")
        ]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    raised = sum(
        item["scores"]["after"]["average_precision"] > item["scores"]["before"]["average_precision"] for item in rounds
    )
    return "\n".join([*lines, "", f"The average precision rose for {raised} of {len(rounds)} seeds."])


def _spread(values: list[float]) -> str:
    return f"{statistics.mean(values):.3f} ({min(values):.3f} to {max(values):.3f})"


if __name__ == "__main__":
    main()
