"""How a network does on the chips of a split: pixel by pixel, by size of the landforms, and without a source."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import shapely
import torch
from numpy.typing import NDArray

from ..assessment.accuracytables import SIZE_CLASSES_KM2
from ..progress import Progress
from ..rasters.raster import Raster
from ..samples.sampleset import INDEX, LANDFORMS
from ..vectors.vector import burn, read_layer
from .architectures import Network
from .inference import chip_logits
from .preparation import Preparation
from .scores import LogitCounts
from .trainingset import Image, Sample, TrainingSet


@dataclass(frozen=True)
class SplitScores:
    """Pixels of a split, counted by logit.

    Attributes
    ----------
    split : str
        Its name.
    chips, landforms : int
        How many chips it has, and how many landforms these were taken for.
    pixels : int
        Pixels that count; where chips overlap, more than once.
    counts : LogitCounts
        The same, weighted so that rock glacier has the share that it has in all ground of the split, if that is known.
    by_size : mapping of str to LogitCounts
        By size class of the landforms, in ascending order: pixels of such landforms, and those of none.
    """

    split: str
    chips: int
    landforms: int
    pixels: int
    counts: LogitCounts
    by_size: Mapping[str, LogitCounts]


class Judge:
    """Applies networks to chips and counts.

    Parameters
    ----------
    samples : TrainingSet
    preparation : Preparation
    device : torch.device
        Where the networks are.
    """

    def __init__(self, samples: TrainingSet, preparation: Preparation, device: torch.device) -> None:
        self._samples = samples
        self._preparation = preparation
        self._device = device
        self._sizes = [_Sizes(samples, number) for number in range(len(samples.sets))]

    def counts(self, network: Network, split: str, progress: Progress, absent: Sequence[str] = ()) -> LogitCounts:
        """Count the pixels of a split, with the bands of some roles left out; weighted as those of `SplitScores`."""
        counts = LogitCounts()
        for sample in self._samples.samples(split):
            progress.check()
            _, mask, valid = self._samples.read(sample)
            counts.add(self.logits(network, sample, absent)[valid], mask[valid])
        return counts.at_prevalence(self._samples.prevalence(split))

    def scores(self, network: Network, split: str, progress: Progress) -> SplitScores:
        """Count the pixels of a split, also by size of the landforms."""
        total = LogitCounts()
        by_size = [LogitCounts() for _ in size_classes()]
        chips = self._samples.samples(split)
        for sample in progress.each(chips, len(chips), f"Scoring the {split} chips"):
            _, mask, valid = self._samples.read(sample)
            logits = self.logits(network, sample)
            total.add(logits[valid], mask[valid])
            numbers = self._sizes[sample.folder].of(sample) if mask.any() else np.zeros(mask.shape, np.uint8)
            for number, counts in enumerate(by_size, start=1):
                chosen = valid & mask & (numbers == number)
                counts.add(logits[chosen], mask[chosen])
        weighted = total.at_prevalence(self._samples.prevalence(split))
        for counts in by_size:
            counts.negatives = weighted.negatives
        named = {name: counts for name, counts in zip(size_classes(), by_size, strict=True) if counts.positives.any()}
        landforms = {(sample.folder, sample.chip.landform) for sample in chips if sample.chip.landform}
        return SplitScores(split, len(chips), len(landforms), total.pixels, weighted, named)

    def logits(self, network: Network, sample: Sample, absent: Sequence[str] = ()) -> NDArray[np.float32]:
        """Return the logit of every pixel of a chip."""
        image: Image = self._samples.read(sample).image
        if absent:
            image = image.copy()
            image[[self._samples.roles.index(role) for role in absent]] = np.nan
        return chip_logits(network, self._preparation.apply(image), self._device)


class _Sizes:
    """The landforms of a folder, to tell the size class of each pixel."""

    def __init__(self, samples: TrainingSet, folder: int) -> None:
        item = samples.sets[folder]
        layer = read_layer(f"{Path(item.folder, INDEX)}|layername={LANDFORMS}", crs=item.crs, columns=())
        unit = samples.grids[folder].metres_per_unit
        self._geometries = layer.geometries
        self._numbers = 1 + np.digitize(shapely.area(layer.geometries) * unit**2 / 1e6, SIZE_CLASSES_KM2)

    def of(self, sample: Sample) -> NDArray[np.uint8]:
        """Return the number of the size class, from 1, of each pixel of a chip; 0 where there is no landform."""
        with Raster(sample.chip.path) as raster:
            grid = raster.grid
        numbers: NDArray[np.uint8] = burn(self._geometries, self._numbers, grid, np.uint8)
        return numbers


def size_classes() -> list[str]:
    """Return the names of the size classes, in km², in ascending order."""
    limits = [f"{limit:g}" for limit in SIZE_CLASSES_KM2]
    between = [f"{low} to {high}" for low, high in itertools.pairwise(limits)]
    return [f"below {limits[0]}", *between, f"{limits[-1]} and above"]
