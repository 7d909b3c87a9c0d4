"""Training of a U-Net on patches drawn at random from areas."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from augmentation import oriented
from numpy.random import Generator
from numpy.typing import NDArray
from rock_glacier_mapper.core.networks.card import Normalisation
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel, get_ema_multi_avg_fn
from training_areas import Area, Image
from unet import UNet


@dataclass(frozen=True)
class Recipe:
    """How a network is trained.

    `vary` changes a patch at random; patches are squares of `patch_size` pixels. Half of them are centred on a rock
    glacier where the area has one.
    """

    vary: Callable[[Image, Generator], Image]
    steps: int
    seed: int
    patch_size: int
    batch_size: int = 8
    learning_rate: float = 2e-3
    weight_decay: float = 0.02
    averaging: float = 0.99


class PatchSampler:
    """Draws batches of normalised patches with their targets and weights (1 where a pixel counts)."""

    def __init__(
        self, areas: Sequence[Area], normalisation: Sequence[Normalisation], recipe: Recipe, random: Generator
    ) -> None:
        self._areas = areas
        self._normalisation = normalisation
        self._recipe = recipe
        self._random = random
        shares = np.array([area.share for area in areas])
        self._shares = shares / shares.sum()
        self._landforms = [np.argwhere(area.target & np.isfinite(area.image).all(axis=0)) for area in areas]

    def batch(self) -> tuple[Tensor, Tensor, Tensor]:
        """Return images (batch, bands, size, size), targets and weights (batch, 1, size, size)."""
        patches = [self._patch() for _ in range(self._recipe.batch_size)]
        images, targets, weights = (np.stack(part) for part in zip(*patches, strict=True))
        return torch.from_numpy(images), torch.from_numpy(targets), torch.from_numpy(weights)

    def _patch(self) -> tuple[Image, Image, Image]:
        place = self._random.choice(len(self._areas), p=self._shares)
        area, size = self._areas[place], self._recipe.patch_size
        row, column = self._corner(area, self._landforms[place])
        inside = np.s_[row : row + size, column : column + size]
        turns, mirrored = int(self._random.integers(4)), bool(self._random.integers(2))
        image = oriented(area.image[(slice(None), *inside)], turns, mirrored)
        target = oriented(area.target[inside], turns, mirrored)[None].astype(np.float32)
        weight = np.isfinite(image).all(axis=0, keepdims=True).astype(np.float32)
        return normalised(self._recipe.vary(image, self._random), self._normalisation), target, weight

    def _corner(self, area: Area, landforms: NDArray[np.intp]) -> tuple[int, int]:
        last = np.array(area.target.shape) - self._recipe.patch_size
        if len(landforms) and self._random.random() < 0.5:
            shift = self._random.integers(self._recipe.patch_size, size=2)
            corner = np.clip(landforms[self._random.integers(len(landforms))] - shift, 0, last)
        else:
            corner = self._random.integers(last + 1)
        return int(corner[0]), int(corner[1])


def normalised(image: Image, normalisation: Sequence[Normalisation]) -> Image:
    """Return an image (bands, height, width) as the network takes it: clipped, standardised, gaps set to the mean."""
    bands = [
        (np.clip(band, scaling.minimum, scaling.maximum) - scaling.mean) / scaling.std
        for band, scaling in zip(image, normalisation, strict=True)
    ]
    return np.nan_to_num(np.stack(bands), nan=0.0).astype(np.float32)


def measured_normalisation(areas: Sequence[Area], limits: Sequence[tuple[float, float]]) -> tuple[Normalisation, ...]:
    """Return the mean and standard deviation of every band over all areas, after clipping to its limits."""
    normalisation = []
    for band, (minimum, maximum) in enumerate(limits):
        values = np.concatenate([area.image[band][np.isfinite(area.image[band])] for area in areas])
        clipped = np.clip(values.astype(np.float64), minimum, maximum)
        mean, std = float(f"{clipped.mean():.4g}"), float(f"{clipped.std():.4g}")
        normalisation.append(Normalisation(mean, std, minimum, maximum))
    return tuple(normalisation)


def train(
    areas: Sequence[Area], normalisation: Sequence[Normalisation], recipe: Recipe, watch: Callable[[int, UNet], None]
) -> UNet:
    """Train a network and return the exponential moving average of its weights.

    Parameters
    ----------
    areas, normalisation, recipe
        Data and settings.
    watch : callable
        Called with the step and the averaged network ten times; it must not change the network.
    """
    torch.manual_seed(recipe.seed)
    sampler = PatchSampler(areas, normalisation, recipe, np.random.default_rng(recipe.seed))
    network = UNet(len(normalisation)).to(memory_format=torch.channels_last)
    averaged = AveragedModel(network, multi_avg_fn=get_ema_multi_avg_fn(recipe.averaging), use_buffers=True)
    optimiser = torch.optim.AdamW(network.parameters(), lr=recipe.learning_rate, weight_decay=recipe.weight_decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, recipe.learning_rate, recipe.steps, pct_start=0.15)
    network.train()
    for step in range(1, recipe.steps + 1):
        image, target, weight = sampler.batch()
        with torch.autocast("cpu", torch.bfloat16):
            logits = network(image.contiguous(memory_format=torch.channels_last))
        loss = masked_loss(logits.float(), target, weight)
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimiser.step()
        schedule.step()
        averaged.update_parameters(network)
        if step % max(recipe.steps // 10, 1) == 0:
            watch(step, averaged.module.eval())
    return averaged.module.eval()


def masked_loss(logits: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """Return binary cross-entropy plus soft Dice loss (Milletari et al. 2016) over the pixels that count."""
    entropy = nn.functional.binary_cross_entropy_with_logits(logits, target, weight, reduction="sum") / weight.sum()
    probability = torch.sigmoid(logits) * weight
    overlap = (probability * target).sum()
    dice = (2 * overlap + 1) / (probability.sum() + (target * weight).sum() + 1)
    return entropy + 0.3 * (1 - dice)
