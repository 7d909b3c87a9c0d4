"""What the bands of training chips are like, from which a network's normalisation comes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from ..progress import Progress
from ..rasters.stretch import stretch_limits
from .sampleset import BandStatistics, Chip

_PERCENTILES = (1.0, 99.0)
# The values are read once for the moments and twice for the percentiles.
_PASSES = 3


def chip_statistics(chips: Sequence[Chip], bands: int, progress: Progress) -> list[BandStatistics]:
    """Return the statistics of each band over the pixels of chips that count.

    Parameters
    ----------
    chips : sequence of Chip
    bands : int
        Number of the chips' bands, without mask and validity.
    progress : Progress

    Returns
    -------
    list of BandStatistics
        NaN where no pixel counts.
    """
    done = 0

    def blocks() -> Iterator[NDArray[np.float32]]:
        nonlocal done
        for chip in chips:
            progress.check()
            pixels = chip.read()
            yield pixels.image[:, pixels.valid]
            done += 1
            progress.report(done / (_PASSES * len(chips)), "Measuring the chips")

    count, mean, squares = 0, np.zeros(bands), np.zeros(bands)
    for values in blocks():
        if values.shape[1]:
            count, mean, squares = _joined(count, mean, squares, values.astype(np.float64))
    limits = stretch_limits(blocks, bands, _PERCENTILES)
    if not count:
        return [BandStatistics(*[np.nan] * 4)] * bands
    deviation = np.sqrt(squares / count)
    return [BandStatistics(*map(float, numbers)) for numbers in zip(mean, deviation, *limits.T, strict=True)]


def _joined(
    count: int, mean: NDArray[np.float64], squares: NDArray[np.float64], values: NDArray[np.float64]
) -> tuple[int, NDArray[np.float64], NDArray[np.float64]]:
    """Add values to a mean and a sum of squared deviations: Chan, Golub and LeVeque (1983), equation 1.5."""
    more = values.shape[1]
    own = values.mean(axis=1)
    total = count + more
    apart = own - mean
    squares = squares + ((values - own[:, np.newaxis]) ** 2).sum(axis=1) + apart**2 * count * more / total
    return total, mean + apart * more / total, squares
