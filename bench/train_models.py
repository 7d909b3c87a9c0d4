"""Train, export and score the shipped models.

    python bench/train_models.py --model simulated_full_stack --data ../shared/data --output models
    python bench/train_models.py --model atacama_rgb --data ../shared/data --output models

Beside the packages of the engine this needs torch and onnx. Repeated on one machine it gives the same model. It takes
about half an hour (full stack) and a quarter of an hour (RGB) on one core that has bfloat16 arithmetic.
"""

from __future__ import annotations

import argparse
import datetime
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import numpy as np
import torch
from augmentation import varied_picture, varied_stack
from network_export import exported, predicted, probed_halo, session_of
from rock_glacier_mapper.core.assessment.heatmapscores import average_precision
from rock_glacier_mapper.core.networks.card import Metric, ModelCard, ModelClass, Normalisation
from rock_glacier_mapper.core.networks.cardmetadata import card_metadata
from rock_glacier_mapper.core.networks.modelfile import attach_metadata, stac_item
from scene_stack import OPTICAL, TRAINING_LANDSCAPES
from scoring import best_f1, counted_levels
from training import Recipe, measured_normalisation, train
from training_areas import RGB_ROLES, SCENE_ROLES, Area, chip_areas, negative_areas, scene_area, site_area
from unet import STRIDE, UNet

SITES_TRAINED = (1, 2, 3)
SITE_SCORED = 5
STACK_LIMITS = (*[(0.0, 1.0)] * len(OPTICAL), (0.0, 1.0), (0.0, 80.0), (-4.0, 4.0), (-4.0, 4.0), (-200.0, 200.0))
RGB_LIMITS = ((0.0, 255.0),) * len(RGB_ROLES)


@dataclass(frozen=True)
class Plan:
    """Everything that one model is made from.

    `how` says in the card how the scores were measured; `card` gets normalisation, halo, metrics and date later.
    """

    card: ModelCard
    limits: Sequence[tuple[float, float]]
    recipe: Recipe
    trained: Callable[[Path], list[Area]]
    scored: Callable[[Path], Area]
    scored_data: str
    how: str


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", choices=PLANS, required=True)
    parser.add_argument("--data", type=Path, required=True, help="folder with landscapes and los_helados")
    parser.add_argument("--output", type=Path, required=True, help="folder for the model and its card")
    parser.add_argument("--steps", type=int, help="training steps, to try things out")
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    plan = PLANS[arguments.model]
    if arguments.steps:
        plan = replace(plan, recipe=replace(plan.recipe, steps=arguments.steps))
    make_model(plan, arguments.data, arguments.output)


def make_model(plan: Plan, data: Path, output: Path) -> None:
    """Train, export, score and write one model."""
    areas, scored = plan.trained(data), plan.scored(data)
    normalisation = measured_normalisation(areas, plan.limits)
    started = time.monotonic()

    def watch(step: int, network: UNet) -> None:
        print(f"step {step}: {time.monotonic() - started:.0f} s", flush=True)

    network = train(areas, normalisation, plan.recipe, watch)
    model = exported(network, len(normalisation))
    halo = probed_halo(session_of(model), len(normalisation))
    metrics = measured(model, scored, normalisation, halo, plan)
    card = replace(
        plan.card,
        normalisation=normalisation,
        halo=halo,
        metrics=metrics,
        created=datetime.datetime.now(tz=datetime.timezone.utc).date().isoformat(),
    )
    write_model(output, attach_metadata(model, card_metadata(card)), card)


def measured(
    model: bytes, scored: Area, normalisation: Sequence[Normalisation], halo: int, plan: Plan
) -> tuple[Metric, ...]:
    """Score the exported model by pixel, where the scored area has values, and print the figures."""
    probability = predicted(session_of(model), scored.image, normalisation, halo)
    valid = np.isfinite(scored.image).all(axis=0)
    counts = counted_levels(probability[valid], scored.target[valid])
    figures = {
        "average precision": average_precision(*counts),
        "best F1": best_f1(*counts),
        "prevalence": float(scored.target[valid].mean()),
    }
    for name, value in figures.items():
        print(f"{plan.card.name}, {plan.scored_data}, {name}: {value:.3f}")
    return tuple(Metric(name, round(value, 4), plan.scored_data, plan.how) for name, value in figures.items())


def write_model(folder: Path, model: bytes, card: ModelCard) -> None:
    """Write the ONNX file and, beside it, its card with the file's checksum."""
    path = folder / f"{card.name}.onnx"
    path.write_bytes(model)
    item = stac_item(card, path.name, model)
    path.with_suffix(".json").write_text(json.dumps(item, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    print(f"{path}: {len(model) / 1e6:.1f} MB")


def blank_card(name: str, roles: tuple[str, ...], **texts: str) -> ModelCard:
    """Return the card of a model for 10 m pixels whose figures are not known yet."""
    return ModelCard(
        name=name,
        roles=roles,
        normalisation=(Normalisation(),) * len(roles),
        classes=(ModelClass("rock_glacier", "Rock glacier", "#d7191c", target=True),),
        ground_sample_distance=10.0,
        stride=STRIDE,
        architecture="U-Net",
        **texts,
    )


def simulated_areas(data: Path) -> list[Area]:
    """Return the four simulated training landscapes."""
    return [scene_area(data / "landscapes" / "train" / name) for name in TRAINING_LANDSCAPES]


def atacama_areas(data: Path) -> list[Area]:
    """Return mosaic, chips and negatives to train on; nothing of the site that is scored."""
    folder = data / "los_helados"
    mosaics = [site_area(folder, (site,), share=0.1) for site in SITES_TRAINED]
    return [*mosaics, *chip_areas(folder, SITES_TRAINED, share=0.45), *negative_areas(folder, share=0.25)]


PLANS = {
    "simulated_full_stack": Plan(
        card=blank_card(
            "simulated_full_stack",
            SCENE_ROLES,
            title="Rock glaciers from Sentinel-2, coherence and terrain (simulated)",
            description=(
                "Shows the whole chain at work. Trained on simulated landscapes only: its figures say nothing about "
                "real regions, and its heatmap of a real region is not to be trusted."
            ),
            training_data="Four SIMULATED landscapes at 10 m (two arid, one high, one alpine), 204 rock glaciers.",
            training_area="None: the landscapes are simulated and their coordinates carry no meaning.",
            licence="GPL-2.0-or-later",
        ),
        limits=STACK_LIMITS,
        recipe=Recipe(partial(varied_stack, optical=len(OPTICAL)), steps=1800, seed=1, patch_size=160),
        trained=simulated_areas,
        scored=lambda data: scene_area(data / "landscapes" / "validation" / "himalaya_b"),
        scored_data="SIMULATED landscape himalaya_b",
        how=(
            "By pixel over the whole landscape, which was not trained on but was looked at while the training recipe "
            "was made. Fixed number of steps, weights of the last step averaged; best F1 takes its threshold there."
        ),
    ),
    "atacama_rgb": Plan(
        card=blank_card(
            "atacama_rgb",
            RGB_ROLES,
            title="Demo: rock glaciers from Sentinel-2 RGB, Atacama",
            description=(
                "A demonstration on real data, trained on four rock glaciers of one district from 8-bit RGB pictures. "
                "No skill is claimed elsewhere, with other sensors, or with other stretches of the picture."
            ),
            training_data=(
                "Rock Glacier Dataset, Universidad de Chile, CMM (2022), MIT: Sentinel-2 RGB chips and mosaic of three "
                "sites, and chips without rock glaciers whose place is not known. Contains modified Copernicus "
                "Sentinel data."
            ),
            training_area="Los Helados, Atacama, Chile and Argentina, 28.28-28.46 S, sites 1, 2 and 3.",
            licence="GPL-2.0-or-later",
        ),
        limits=RGB_LIMITS,
        recipe=Recipe(varied_picture, steps=1500, seed=1, patch_size=128),
        trained=atacama_areas,
        scored=lambda data: site_area(data / "los_helados", (SITE_SCORED,)),
        scored_data="Los Helados, mosaic of site 5",
        how=(
            "By pixel over the mosaic of a site 2.7 km from the nearest trained one, not trained on; the place of the "
            "chips without rock glaciers is not known, though, and some may lie there. Steps and settings are not "
            "chosen by it, but a first model had been scored there (average precision 0.18) before the recipe was "
            "changed, once, because that model did not fit its own training sites: weaker variation of brightness, "
            "weaker weight decay, more steps. One site with one landform: no confidence interval is worth the name. "
            "Best F1 takes its threshold there."
        ),
    ),
}

if __name__ == "__main__":
    main()
