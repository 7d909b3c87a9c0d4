"""What the bands of training chips are like, from which a network's normalisation comes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from ..progress import Progress
from ..rasters.stretch import exact_percentiles
from .sampleset import BandStatistics, Chip

_PERCENTILES = (1.0, 99.0)
# The values are read twice for the percentiles.
_PASSES = 2


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
    moments = _Moments(bands)
    done = 0

    def blocks() -> Iterator[NDArray[np.float32]]:
        nonlocal done
        for chip in chips:
            progress.check()
            pixels = chip.read()
            values = pixels.image[:, pixels.valid]
            if done < len(chips):
                moments.add(values.astype(np.float64))
            yield values
            done += 1
            progress.report(done / (_PASSES * len(chips)), "Measuring the chips")

    limits = exact_percentiles(blocks, bands, _PERCENTILES)
    numbers = zip(moments.mean, moments.standard_deviation, *limits.T, strict=True)
    return [BandStatistics(*map(float, band)) for band in numbers]


class _Moments:
    """Mean and standard deviation of bands that are seen block by block.

    They are joined by equation 1.5 of Chan, Golub and LeVeque (1983), The American Statistician 37(3), 242-247.
    """

    def __init__(self, bands: int) -> None:
        self._count = 0
        self._mean = np.zeros(bands)
        self._squares = np.zeros(bands)

    def add(self, values: NDArray[np.float64]) -> None:
        """See values, shape (bands, pixels)."""
        more = values.shape[1]
        if not more:
            return
        own = values.mean(axis=1)
        total = self._count + more
        apart = own - self._mean
        self._squares += ((values - own[:, np.newaxis]) ** 2).sum(axis=1) + apart**2 * self._count * more / total
        self._mean += apart * more / total
        self._count = total

    @property
    def mean(self) -> NDArray[np.float64]:
        """The means; NaN where nothing was seen."""
        return self._mean if self._count else np.full(len(self._mean), np.nan)

    @property
    def standard_deviation(self) -> NDArray[np.float64]:
        """The standard deviations, divided by the number of values; NaN where nothing was seen."""
        return np.asarray(np.sqrt(self._squares / self._count)) if self._count else self.mean
