"""How bands are brought to the numbers that a network takes: limits, mean and standard deviation, and gaps."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..contracts.traincnn import TrainCnnOptions
from ..errors import InvalidSamplesError
from ..networks.card import Normalisation
from ..networks.gaps import missing_bands, places_of
from ..progress import Progress
from ..rasters.roles import OPTICAL, source_of
from ..samples.sampleset import TRAIN
from .trainingset import Image, TrainingSet

# Limits that follow from what a band is; the others follow from the samples.
_LIMITS = {
    "coherence": (0.0, 1.0),
    "slope": (0.0, 90.0),
    "aspect_sin": (-1.0, 1.0),
    "aspect_cos": (-1.0, 1.0),
}
# Standardised one by one, the components of a direction would no longer turn with the picture.
_DIRECTIONS = ("aspect_sin", "aspect_cos")
# Reflectance hardly exceeds 1; pictures of 8 bits go to 255.
_REFLECTANCE_BELOW = 3.0
_PICTURE = 255.0
_DIGITS = 4


@dataclass(frozen=True)
class Preparation:
    """How an image in physical units becomes what the network is given.

    Attributes
    ----------
    roles : tuple of str
        Roles of the bands.
    normalisation : tuple of Normalisation
        One a band.
    spans : tuple of float
        Difference between the 99th and the 1st percentile of each band, in physical units.
    optional : tuple of tuple of str
        Sources that may be absent: the roles of each.
    """

    roles: tuple[str, ...]
    normalisation: tuple[Normalisation, ...]
    spans: tuple[float, ...]
    optional: tuple[tuple[str, ...], ...]

    def apply(self, image: Image) -> Image:
        """Return an image, shape (bands, height, width), clipped and standardised, 0 where there is no value."""
        missing = missing_bands(np.isnan(image), places_of(self.optional, self.roles))
        prepared = np.empty_like(image)
        for place, (band, scaling) in enumerate(zip(image, self.normalisation, strict=True)):
            prepared[place] = (np.clip(band, scaling.minimum, scaling.maximum) - scaling.mean) / scaling.std
        prepared[missing] = 0
        return prepared


def optional_sources(roles: Sequence[str], options: TrainCnnOptions) -> tuple[tuple[str, ...], ...]:
    """Return the roles of each source that is left out at random; one source at least always stays."""
    if not options.drop_share:
        return ()
    groups = {source: tuple(role for role in roles if source_of(role) == source) for source in options.drop_sources}
    present = [group for group in groups.values() if group]
    if sum(map(len, present)) == len(roles):
        present.remove(max(present, key=len))
    return tuple(present)


def measured_preparation(samples: TrainingSet, options: TrainCnnOptions, progress: Progress) -> Preparation:
    """Measure how to prepare the bands, on the pixels of the training chips that count.

    Raises
    ------
    InvalidSamplesError
        If the training chips hold no rock glacier, nothing else, or a band without values.
    """
    limits, spans = zip(*(_limits(samples, role) for role in samples.roles), strict=True)
    low, high = (np.array(ends)[:, None] for ends in zip(*limits, strict=True))
    counts, sums, squares = (np.zeros(len(samples.roles)) for _ in range(3))
    pixels = np.zeros(2, np.int64)
    chips = samples.samples(TRAIN)
    for sample in progress.each(chips, len(chips), "Reading the training chips"):
        image, mask, valid = samples.read(sample)
        values = np.clip(image[:, valid].astype(np.float64), low, high)
        counts += np.isfinite(values).sum(axis=1)
        sums += np.nansum(values, axis=1)
        squares += np.nansum(values**2, axis=1)
        pixels += np.bincount(mask[valid], minlength=2)[:2]
    _require_both(samples, pixels)
    _require_values(samples, counts)
    means = sums / counts
    deviations = np.sqrt(np.maximum(squares / counts - means**2, 0))
    directed = [role in _DIRECTIONS for role in samples.roles]
    means[directed], deviations[directed] = 0.0, 1.0
    normalisation = tuple(
        Normalisation(_rounded(mean), _rounded(deviation) or 1.0, float(start), float(end))
        for mean, deviation, (start, end) in zip(means, deviations, limits, strict=True)
    )
    return Preparation(samples.roles, normalisation, spans, optional_sources(samples.roles, options))


def _limits(samples: TrainingSet, role: str) -> tuple[tuple[float, float], float]:
    """Return the limits that a band is clipped to, and the difference of its percentiles."""
    statistics = [item.statistics[role] for item in samples.sets]
    known = [item for item in statistics if math.isfinite(item.percentile_1) and math.isfinite(item.percentile_99)]
    low = min((item.percentile_1 for item in known), default=0.0)
    high = max((item.percentile_99 for item in known), default=0.0)
    span = max(high - low, 1e-6)
    if role in _LIMITS:
        return _LIMITS[role], span
    if source_of(role) == OPTICAL and low >= -_REFLECTANCE_BELOW and high <= _PICTURE:
        return ((0.0, 1.0) if high < _REFLECTANCE_BELOW else (0.0, _PICTURE)), span
    return (_rounded(low - span), _rounded(high + span)), span


def _require_both(samples: TrainingSet, pixels: np.ndarray[tuple[int], np.dtype[np.int64]]) -> None:
    folders = ", ".join(item.folder for item in samples.sets)
    background, landforms = pixels.tolist()
    if not landforms:
        raise InvalidSamplesError(
            f"The training chips in {folders} hold no rock glacier, so that there is nothing to learn. Give an "
            "inventory with landforms in the area, another seed or other blocks, so that some are in the split `train`."
        )
    if not background:
        raise InvalidSamplesError(
            f"The training chips in {folders} hold nothing but rock glacier; a network must also see what is none. "
            "Make samples with negatives, or with larger patches."
        )


def _require_values(samples: TrainingSet, counts: np.ndarray[tuple[int], np.dtype[np.float64]]) -> None:
    empty = [role for role, count in zip(samples.roles, counts, strict=True) if not count]
    if empty:
        raise InvalidSamplesError(
            f"The bands {', '.join(empty)} have no value in any training chip. Make the stack without them."
        )


def _rounded(value: float) -> float:
    return float(f"{value:.{_DIGITS}g}")
