"""Batches of crops to learn from; each is the same whenever it is made, so that training can be taken up anywhere."""

from __future__ import annotations

from collections.abc import Generator as Iteration
from typing import NamedTuple

import numpy as np
from numpy.random import Generator, default_rng
from numpy.typing import NDArray

from ..contracts.traincnn import PATCH_CNN, TrainCnnOptions
from ..errors import InvalidSamplesError
from ..samples.sampleset import TRAIN
from .architectures import Network
from .augmentation import Augmentation
from .preparation import Preparation
from .trainingset import Image, Sample, TrainingSet

_USUAL_CROP = 160
_TRIES = 8


class Batch(NamedTuple):
    """Crops with what is to be learnt.

    Attributes
    ----------
    images : float32 array, shape (crops, bands, size, size)
        As the network takes them.
    targets, weights : float32 array, shape (crops, 1, size - 2 margin, size - 2 margin)
        1 where there is rock glacier, and 1 where a pixel counts.
    """

    images: Image
    targets: Image
    weights: Image


class Batches:
    """Draws crops from the training chips.

    Parameters
    ----------
    samples : TrainingSet
    preparation : Preparation
    augmentation : Augmentation
    network : Network
        Which sizes it takes and how much of them it answers for.
    options : TrainCnnOptions

    Attributes
    ----------
    crop_size : int
        Side of the crops, in pixels.
    an_epoch : int
        Batches in an epoch.

    Raises
    ------
    InvalidSamplesError
        If the chips are too small for the network.
    """

    def __init__(
        self,
        samples: TrainingSet,
        preparation: Preparation,
        augmentation: Augmentation,
        network: Network,
        options: TrainCnnOptions,
    ) -> None:
        self._samples = samples
        self._preparation = preparation
        self._augmentation = augmentation
        self._options = options
        self._margin = network.margin
        self._all = samples.samples(TRAIN)
        self._positive = [sample for sample in self._all if sample.chip.mask_share > 0]
        self.crop_size = _crop_size(samples.patch_size, network, options)
        self.an_epoch = options.steps or max(-(-len(self._all) // options.batch_size), 1)

    def from_step(self, step: int) -> Iteration[Batch, None, None]:
        """Yield the batches from a step on, without end."""
        while True:
            yield self.batch(step)
            step += 1

    def batch(self, step: int) -> Batch:
        """Return the batch of a step, counted from 0."""
        random = default_rng([self._options.seed, step])
        crops = [self._crop(random) for _ in range(self._options.batch_size)]
        images, targets, weights = (np.stack(part) for part in zip(*crops, strict=True))
        return Batch(images, targets, weights)

    def _crop(self, random: Generator) -> tuple[Image, Image, Image]:
        over_landform = bool(self._positive) and random.random() < self._options.positive_share
        chips = self._positive if over_landform else self._all
        # A chip may hold nothing that counts where the crop falls.
        for _ in range(_TRIES):
            sample = chips[int(random.integers(len(chips)))]
            crop = self._cut(sample, over_landform, random)
            if crop[2].any():
                break
        return crop

    def _cut(self, sample: Sample, over_landform: bool, random: Generator) -> tuple[Image, Image, Image]:
        pixels = self._samples.read(sample)
        row, column = self._corner(pixels.mask & pixels.valid, over_landform, random)
        inside = np.s_[:, row : row + self.crop_size, column : column + self.crop_size]
        flags = np.stack([pixels.mask, pixels.valid])[inside]
        image, flags = self._augmentation.turned(pixels.image[inside], flags, sample.folder, random)
        prepared = self._preparation.apply(self._augmentation.varied(image, random))
        answered = slice(self._margin, self.crop_size - self._margin)
        target, weight = flags[:, answered, answered].astype(np.float32)
        return prepared, target[None], weight[None]

    def _corner(self, landform: NDArray[np.bool_], over_landform: bool, random: Generator) -> tuple[int, int]:
        """Return the first pixel of a crop, at random, and so that what it answers for holds a landform's pixel."""
        last = landform.shape[0] - self.crop_size
        if over_landform:
            places = np.flatnonzero(landform)
            if len(places):
                place = np.array(np.unravel_index(int(places[random.integers(len(places))]), landform.shape))
                shift = random.integers(self._margin, self.crop_size - self._margin, size=2)
                row, column = np.clip(place - shift, 0, last)
                return int(row), int(column)
        row, column = random.integers(last + 1, size=2)
        return int(row), int(column)


def _crop_size(patch_size: int, network: Network, options: TrainCnnOptions) -> int:
    """Return the side of the crops.

    Raises
    ------
    InvalidSamplesError
        If none fits into the chips.
    """
    is_patch_cnn = options.architecture == PATCH_CNN
    smallest = 2 * network.margin + 1 if is_patch_cnn else 2 * network.stride
    wanted = options.crop_size or (2 * options.context if is_patch_cnn else _USUAL_CROP)
    size = min(wanted, patch_size) // network.stride * network.stride
    if size < smallest:
        raise InvalidSamplesError(
            f"The network needs crops of {smallest} pixels or more, but the chips have {patch_size} pixels a side"
            + (f" and crops of {options.crop_size} are asked for" if options.crop_size else "")
            + ". Make samples with larger patches"
            + (", choose a smaller context" if is_patch_cnn else ", or fewer levels (`widths`)")
            + "."
        )
    return size
