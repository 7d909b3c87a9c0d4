"""Train the model `rgb_10m`: classifiers of texture and of photographs' features on the real pictures of Los Helados.

    python bench/rgb_network.py --data ../shared/data --output models --scores build/sites/sites.json

`bench/evaluate_sites.py` makes the scores, by models that have not seen the site.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import onnxruntime
import shapely
from numpy.typing import NDArray
from photograph_graph import STRIDE
from rgb_graph import CENTRE, VIEWS, Weights, features_model, reach, rgb_model, run_on
from rock_glacier_mapper.core.files import replacing
from rock_glacier_mapper.core.networks.card import Metric, ModelCard, ModelClass, Normalisation, Split
from rock_glacier_mapper.core.networks.cardmetadata import card_metadata
from rock_glacier_mapper.core.networks.modelfile import attach_metadata, stac_item
from rock_glacier_mapper.core.rasters.grid import Grid
from rock_glacier_mapper.core.rasters.raster import Raster
from rock_glacier_mapper.core.vectors.vector import burn, read_layer
from scipy.ndimage import distance_transform_edt
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from texture_graph import texture_count, tree_attributes
from threadpoolctl import threadpool_limits

NAME = "rgb_10m"
SITES = (1, 2, 3, 5)
ROLES = ("B04", "B03", "B02")
OUTSIDE = 255
_LARGEST_BYTE = 255.0
_PIXELS = 60_000
_TINY = 1e-6
_COLOUR = "#d7191c"
_DATA = (
    "Rock Glacier Dataset, Universidad de Chile, CMM (2022), MIT: mosaic of Sentinel-2 RGB pictures. Contains modified "
    "Copernicus Sentinel data. The first layers of EfficientNet-Lite0 (Apache-2.0) are as they were learnt from the "
    "photographs of ImageNet."
)
_DESCRIPTION = (
    "A demonstration on real data, trained on five rock glaciers of one district from 8-bit RGB pictures. It sees "
    "texture and colour only, and gives broad patches. No skill is claimed elsewhere, with other sensors, or with "
    "other stretches of the picture. It saw the surroundings of rock glaciers only: elsewhere its probabilities are "
    "too high."
)
_HOW = (
    "By pixel over the site's part of the mosaic, by models of the same recipe trained on the other three sites "
    "(average precision: mean of three seeds; best F1: the first seed, its threshold chosen there); this model is "
    "trained on all four. The classifiers, scales and smoothing were chosen among more than a hundred configurations "
    "by such figures, which is optimistic. Four sites with five landforms: no confidence interval is worth the name."
)

Image = NDArray[np.float32]
Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Recipe:
    """How the model is made.

    Attributes
    ----------
    scales : int
        Scales of the texture, from one pixel on, each twice as coarse. Coarse ones tell the sites apart, so that trees
        trust them too much.
    smoothings : int
        Smoothings of the probability, each twice as wide.
    trees, leaves : int
        Number of trees, and leaves of a tree.
    rate : float
        Share of a tree's answer that is added.
    copies : int
        Copies of every picture with another stretch. With few, the scores depend on their draw.
    draws : int
        Draws of pixels and stretches. To each the trees of both views are fitted, to all of them the linear classifier.
    strength : float
        Inverse of what the weights of the features of photographs cost (`C` of scikit-learn).
    from_gaps : float
        Pixels, at least, between those that these weights are fitted to and the next gap: half of what the features
        see. Nearer to gaps, features show where the mosaic ends, and the mosaic ends around landforms.
    """

    scales: int = 3
    smoothings: int = 5
    trees: int = 120
    leaves: int = 15
    rate: float = 0.08
    copies: int = 12
    draws: int = 3
    strength: float = 1e-3
    from_gaps: float = 16.0


@dataclass(frozen=True)
class Site:
    """A part of the mosaic: bytes, where they are valid, and where they are rock glacier."""

    picture: Image
    valid: Mask
    target: Mask


class _Pixels(NamedTuple):
    """Pixels to learn from: features, shape (pixels, features), whether they are rock glacier, distance to a gap."""

    features: Image
    targets: Mask
    from_gaps: NDArray[np.float64]


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder with los_helados")
    parser.add_argument("--output", type=Path, required=True, help="folder for the model and its card")
    parser.add_argument("--scores", type=Path, required=True, help="sites.json of bench/evaluate_sites.py")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    arguments.output.mkdir(parents=True, exist_ok=True)
    records = json.loads(arguments.scores.read_text("utf-8"))
    sites = read_sites(arguments.data / "los_helados")
    print(write_model(arguments.output / f"{NAME}.onnx", sites, arguments.seed, metrics=_metrics(records)))


def read_sites(data: Path) -> dict[int, Site]:
    """Return the parts of the mosaic in the folder los_helados by the site's number."""
    footprints = read_layer(str(data / "chips.gpkg"))
    with Raster(str(data / "sentinel2_rgb_10m.tif")) as mosaic:
        picture, grid = mosaic.read(roles=ROLES), mosaic.grid
    with Raster(str(data / "rock_glacier_mask_10m.tif")) as mask:
        classes = mask.read()[0]
    known = np.isfinite(picture).all(axis=0) & np.isfinite(classes) & (classes != OUTSIDE)
    return {
        site: _cut(
            picture, known & _ground(footprints.geometries[footprints.columns["site"] == site], grid), classes == 1
        )
        for site in SITES
    }


def write_model(
    path: Path, sites: dict[int, Site], seed: int, recipe: Recipe | None = None, metrics: Sequence[Metric] = ()
) -> Path:
    """Train on sites and write the model with its card.

    Parameters
    ----------
    path : Path
        The .onnx file; its item with the suffix .json is written beside it.
    sites : dict of int to Site
        What to learn from.
    seed : int
        Of the pixels that are drawn, and of the variation of the pictures.
    recipe : Recipe, optional
        How the model is made.
    metrics : sequence of Metric
        What the card says of its accuracy.
    """
    recipe = recipe or Recipe()
    seeds = np.random.SeedSequence(seed).generate_state(recipe.draws).tolist()
    draws = [_drawn_pixels(list(sites.values()), recipe, draw) for draw in seeds]
    trees = [tree_attributes([_fitted_trees(draw, view, recipe) for draw in draws]) for view in range(VIEWS)]
    linear = _fitted_weights(draws, recipe)
    card = _card(path.stem, sites, recipe, seed, metrics)
    network = rgb_model(recipe.scales, recipe.smoothings, trees, linear)
    model = attach_metadata(network.SerializeToString(), card_metadata(card))
    item = json.dumps(stac_item(card, path.name, model), indent=2, ensure_ascii=False) + "\n"
    with replacing(str(path)) as temporary, replacing(str(path.with_suffix(".json"))) as beside:
        Path(temporary).write_bytes(model)
        Path(beside).write_text(item, "utf-8")
    return path


def _fitted_trees(pixels: _Pixels, view: int, recipe: Recipe) -> HistGradientBoostingClassifier:
    """Return trees fitted to the texture in one view."""
    count = texture_count(recipe.scales)
    trees = HistGradientBoostingClassifier(
        learning_rate=recipe.rate,
        max_iter=recipe.trees,
        max_leaf_nodes=recipe.leaves,
        early_stopping=False,
        random_state=0,
    )
    # Threads that wait for each other take many times longer where others use the cores.
    with threadpool_limits(1):
        return trees.fit(pixels.features[:, view * count : (view + 1) * count], pixels.targets)


def _fitted_weights(draws: Sequence[_Pixels], recipe: Recipe) -> Weights:
    """Return the weights of the features of photographs, fitted far from gaps."""
    pixels = _Pixels(*map(np.concatenate, zip(*draws, strict=True)))
    far = pixels.from_gaps > recipe.from_gaps
    features = pixels.features[far, VIEWS * texture_count(recipe.scales) :].astype(np.float64)
    mean, deviation = features.mean(axis=0), features.std(axis=0) + _TINY
    with threadpool_limits(1):
        classifier = LogisticRegression(C=recipe.strength, max_iter=1000)
        classifier.fit((features - mean) / deviation, pixels.targets[far])
    weights = classifier.coef_[0] / deviation
    return Weights(weights.astype(np.float32), float(classifier.intercept_[0] - weights @ mean))


def _drawn_pixels(sites: Sequence[Site], recipe: Recipe, seed: int) -> _Pixels:
    """Return pixels of the sites as they are, and with other stretches."""
    random = np.random.default_rng(seed)
    session = onnxruntime.InferenceSession(features_model(recipe.scales, recipe.smoothings).SerializeToString())
    copies = recipe.copies + 1
    share = _PIXELS / copies / sum(int(site.valid.sum()) for site in sites)
    features, targets, from_gaps = [], [], []
    for site in sites:
        rows, columns = np.nonzero(site.valid)
        distance = distance_transform_edt(np.pad(site.valid, 1))[1:-1, 1:-1]
        for copy in range(copies):
            picture = varied(site.picture, random) if copy else site.picture
            drawn = random.choice(len(rows), round(share * len(rows)), replace=False)
            place = rows[drawn], columns[drawn]
            features.append(run_on(session, picture, site.valid)[:, place[0], place[1]].T)
            targets.append(site.target[place])
            from_gaps.append(distance[place])
    return _Pixels(*map(np.concatenate, (features, targets, from_gaps)))


def varied(picture: Image, random: np.random.Generator) -> Image:
    """Return a picture of bytes with another gamma, brightness, colour and haze."""
    gamma, gain, haze = np.exp(random.normal(0, 0.15)), np.exp(random.normal(0, 0.2)), random.normal(0, 0.05)
    colour = np.exp(random.normal(0, 0.04, (len(ROLES), 1, 1)))
    stretched: Image = np.clip((picture / _LARGEST_BYTE) ** gamma * gain * colour + haze, 0, 1) * _LARGEST_BYTE
    return stretched.astype(np.float32)


def _ground(geometries: NDArray[Any], grid: Grid) -> Mask:
    """Return where the pictures of a site lie."""
    return burn(np.array([shapely.union_all(geometries)]), 1, grid, "uint8").astype(bool)


def _cut(picture: Image, valid: Mask, target: Mask) -> Site:
    """Return the smallest window with all valid pixels; the others hold 0."""
    rows, columns = (np.nonzero(valid.any(axis=axis))[0] for axis in (1, 0))
    window = np.s_[..., rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    inside = valid[window]
    return Site(np.where(inside, picture[window], 0).astype(np.float32), inside, target[window] & inside)


def _card(name: str, sites: dict[int, Site], recipe: Recipe, seed: int, metrics: Sequence[Metric]) -> ModelCard:
    pixels = sum(int(site.valid.sum()) for site in sites.values())
    share = sum(int(site.target.sum()) for site in sites.values()) / pixels
    return ModelCard(
        name=name,
        title="Demo: rock glaciers from Sentinel-2 RGB, Atacama",
        description=_DESCRIPTION,
        roles=ROLES,
        normalisation=(Normalisation(CENTRE, CENTRE, 0.0, _LARGEST_BYTE),) * len(ROLES),
        classes=(ModelClass("rock_glacier", "Rock glacier", _COLOUR, target=True),),
        ground_sample_distance=10.0,
        halo=reach(recipe.scales, recipe.smoothings),
        stride=STRIDE,
        architecture=(
            f"Mean of {VIEWS} x {recipe.draws} x {recipe.trees} boosted trees on texture at {recipe.scales} scales and "
            "of weighted features of EfficientNet-Lite0, smoothed"
        ),
        training_data=_DATA,
        training_area=f"Los Helados, Atacama, Chile and Argentina, 28.28-28.46 S, sites {', '.join(map(str, sites))}.",
        licence="Apache-2.0",
        metrics=tuple(metrics),
        created=datetime.now(timezone.utc).date().isoformat(),
        splits=(Split("train", len(sites), len(sites) + (3 in sites), pixels, round(share, 4)),),
        seed=seed,
    )


def _metrics(records: Sequence[dict[str, Any]]) -> list[Metric]:
    """Return the figures of models that have not seen the site."""
    names = {"average_precision": "average precision", "best_f1": "best F1", "prevalence": "prevalence"}
    return [
        Metric(title, round(record[name], 4), f"Los Helados, mosaic of site {record['site']}", _HOW)
        for record in records
        for name, title in names.items()
    ]


if __name__ == "__main__":
    main()
